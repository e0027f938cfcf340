"""The container engine as a partner in conversation: how to reach it, and when it does not answer.

Knows nothing of ports. A client of the SDK is a session that threads cannot share, and costs next
to nothing: whoever talks to the engine takes one of its own.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import docker.utils
import requests
import urllib3.exceptions

from harness.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS_TO_ANSWER = 60.0
"""How long one request may go without an answer."""

ENGINE_HINT = (
    "See whether it runs (`docker info`) and whether you may use it; `harness doctor` says what is "
    "missing. DOCKER_HOST chooses another socket; `--engine local` does without."
)

CONNECTION_ERRORS = (
    docker.errors.DockerException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)
"""What the SDK and the libraries under it raise when the engine goes away in the middle."""


class DockerClient:
    """The container engine that the environment names, DOCKER_HOST or else the usual socket."""

    def __init__(self, seconds_to_answer: float = SECONDS_TO_ANSWER) -> None:
        """Raises EngineError where no engine answers, or only through TLS or ssh."""
        self._seconds_to_answer = seconds_to_answer
        try:
            with docker.APIClient(**self._client_options("auto")) as client:
                self._version = client.api_version
        except (*CONNECTION_ERRORS, TypeError, ValueError) as error:
            reason = _describe_root_cause(error)
            raise EngineError(f"No container engine answers: {reason}", ENGINE_HINT) from None

    def connect(self, seconds_to_answer: float | None = None) -> Any:
        """A client (docker.APIClient, whose type stubs have gaps) for one thread.

        To be used as a context, which closes its connections. `seconds_to_answer` stands in place
        of the usual limit.
        """
        options = self._client_options(self._version)
        options["timeout"] = seconds_to_answer or self._seconds_to_answer
        return docker.APIClient(**options)

    def find_image_id(self, reference: str) -> str | None:
        """The id of the image of that name, None where the engine has none."""
        with translate_engine_errors("look for an image"), self.connect() as client:
            try:
                return str(client.inspect_image(reference)["Id"])
            except docker.errors.ImageNotFound:
                return None

    def _client_options(self, version: str) -> dict[str, Any]:
        address = docker.utils.kwargs_from_env()
        if "tls" in address or str(address.get("base_url", "")).startswith("ssh:"):
            # A process is talked to over the bare connection, which has to be a plain socket.
            raise EngineError("An engine behind TLS or ssh cannot be used", ENGINE_HINT)
        return {"version": version, "timeout": self._seconds_to_answer, **address}


@contextlib.contextmanager
def translate_engine_errors(action: str) -> Iterator[None]:
    """Turn what goes wrong while the engine is asked to do something into EngineError."""
    try:
        yield
    except docker.errors.APIError as refusal:
        explanation = refusal.explanation or str(refusal)
        raise EngineError(
            f"The container engine refused to {action}: {explanation}", ENGINE_HINT
        ) from None
    except CONNECTION_ERRORS as error:
        message = f"The container engine stopped answering when asked to {action}"
        raise EngineError(f"{message}: {_describe_root_cause(error)}", ENGINE_HINT) from None


class StreamConnection:
    """The connection on which the answer to a request streams in; it can be cut from any thread.

    The engine gives up what it was doing for a client that goes away.
    """

    def __init__(self, client: Any) -> None:
        self._response: requests.Response | None = None
        self.was_aborted = False
        client.hooks["response"].append(self._store_response)

    def abort(self) -> None:
        """End the connection, now or (where no answer has begun yet) as soon as there is one."""
        self.was_aborted = True
        if self._response is not None:
            # Closing is for the thread that reads; shutting down makes it see the end.
            with contextlib.suppress(OSError, ValueError):
                duplicate = socket.socket(fileno=os.dup(self._response.raw.fileno()))
                with duplicate:
                    duplicate.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this end, whether or not everything has been read."""
        if self._response is not None:
            self._response.close()

    def _store_response(self, response: requests.Response, **_: object) -> None:
        self._response = response
        if self.was_aborted:
            self.abort()


@contextlib.contextmanager
def limit_time(seconds: float, on_timeout: Callable[[], object]) -> Iterator[None]:
    """Call `on_timeout`, in a thread of its own, if the block takes longer than `seconds`."""
    timer = threading.Timer(seconds, on_timeout)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _describe_root_cause(error: BaseException) -> str:
    """What went wrong at the bottom, in the operating system's words where it has any."""
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
