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

HINT = (
    "See whether it runs (`docker info`) and whether you may use it; `harness doctor` says what is "
    "missing. DOCKER_HOST chooses another socket; `--engine local` does without."
)

SILENCE = (
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
        self._seconds = seconds_to_answer
        try:
            with docker.APIClient(**self._options("auto")) as client:
                self._version = client.api_version
        except (*SILENCE, TypeError, ValueError) as problem:
            reason = _innermost(problem)
            raise EngineError(f"No container engine answers: {reason}", HINT) from None

    def client(self, seconds_to_answer: float | None = None) -> Any:
        """A client (docker.APIClient, whose type stubs have gaps) for one thread.

        To be used as a context, which closes its connections. `seconds_to_answer` stands in place
        of the usual limit.
        """
        options = self._options(self._version)
        options["timeout"] = seconds_to_answer or self._seconds
        return docker.APIClient(**options)

    def image(self, reference: str) -> str | None:
        """The id of the image of that name, None where the engine has none."""
        with engine_errors("look for an image"), self.client() as client:
            try:
                return str(client.inspect_image(reference)["Id"])
            except docker.errors.ImageNotFound:
                return None

    def _options(self, version: str) -> dict[str, Any]:
        where = docker.utils.kwargs_from_env()
        if "tls" in where or str(where.get("base_url", "")).startswith("ssh:"):
            # A process is talked to over the bare connection, which has to be a plain socket.
            raise EngineError("An engine behind TLS or ssh cannot be used", HINT)
        return {"version": version, "timeout": self._seconds, **where}


@contextlib.contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Turn what goes wrong while the engine is asked to do something into EngineError."""
    try:
        yield
    except docker.errors.APIError as refusal:
        said = refusal.explanation or str(refusal)
        raise EngineError(f"The container engine refused to {doing}: {said}", HINT) from None
    except SILENCE as problem:
        message = f"The container engine stopped answering when asked to {doing}"
        raise EngineError(f"{message}: {_innermost(problem)}", HINT) from None


class StreamConnection:
    """The connection on which the answer to a request streams in; it can be cut from any thread.

    The engine gives up what it was doing for a client that goes away.
    """

    def __init__(self, client: Any) -> None:
        self._response: requests.Response | None = None
        self.was_cut = False
        client.hooks["response"].append(self._remember)

    def cut(self) -> None:
        """End the connection, now or (where no answer has begun yet) as soon as there is one."""
        self.was_cut = True
        if self._response is not None:
            # Closing is for the thread that reads; shutting down makes it see the end.
            with contextlib.suppress(OSError, ValueError):
                connection = socket.socket(fileno=os.dup(self._response.raw.fileno()))
                with connection:
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this end, whether or not everything has been read."""
        if self._response is not None:
            self._response.close()

    def _remember(self, response: requests.Response, **_: object) -> None:
        self._response = response
        if self.was_cut:
            self.cut()


@contextlib.contextmanager
def time_limit(seconds: float, end: Callable[[], object]) -> Iterator[None]:
    """Call `end`, in a thread of its own, if the block takes longer than `seconds`."""
    late = threading.Timer(seconds, end)
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _innermost(problem: BaseException) -> str:
    """What went wrong at the bottom, in the operating system's words where it has any."""
    while problem.__context__ is not None:
        problem = problem.__context__
    return getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
