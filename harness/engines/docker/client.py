"""The connection to the container engine, its time limits, and its errors.

This module does not depend on ports. An SDK client cannot be shared by threads and is cheap to
create, so each use of the engine creates its own.
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
"""Seconds that one request may wait for an answer."""

ENGINE_HINT = (
    "Check that the engine runs and that you may use it (`docker info`). `harness doctor` shows "
    "what is missing. DOCKER_HOST selects another socket. `--engine local` needs no engine."
)

CONNECTION_ERRORS = (
    docker.errors.DockerException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)
"""The exceptions that the SDK and its libraries raise when the engine stops answering."""


class DockerClient:
    """The container engine at DOCKER_HOST, or at the default socket if that is not set."""

    def __init__(self, seconds_to_answer: float = SECONDS_TO_ANSWER) -> None:
        """Ask the engine for its version.

        Raises EngineError if no engine answers, or if it is reached through TLS or ssh.
        """
        self._seconds_to_answer = seconds_to_answer
        try:
            with docker.APIClient(**self._client_options("auto")) as client:
                self._version = client.api_version
        except (*CONNECTION_ERRORS, TypeError, ValueError) as error:
            reason = _describe_root_cause(error)
            raise EngineError(f"No container engine answers: {reason}", ENGINE_HINT) from None

    def connect(self, seconds_to_answer: float | None = None) -> Any:
        """Return a new client for one thread: a docker.APIClient, whose type stubs have gaps.

        The client is a context manager that closes its connections. `seconds_to_answer` replaces
        the time limit of this object.
        """
        options = self._client_options(self._version)
        options["timeout"] = seconds_to_answer or self._seconds_to_answer
        return docker.APIClient(**options)

    def find_image_id(self, reference: str) -> str | None:
        """Return the id of an image by its name, or None if the engine does not have it."""
        with translate_engine_errors("look for an image"), self.connect() as client:
            try:
                return str(client.inspect_image(reference)["Id"])
            except docker.errors.ImageNotFound:
                return None

    def _client_options(self, version: str) -> dict[str, Any]:
        address = docker.utils.kwargs_from_env()
        if "tls" in address or str(address.get("base_url", "")).startswith("ssh:"):
            # Processes are attached through the connection itself, which must be a plain socket.
            raise EngineError("An engine behind TLS or ssh cannot be used", ENGINE_HINT)
        return {"version": version, "timeout": self._seconds_to_answer, **address}


@contextlib.contextmanager
def translate_engine_errors(action: str) -> Iterator[None]:
    """Raise EngineError in place of an SDK error; `action` completes "asked to …"."""
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
    """The connection that carries the streamed answer to a request. Any thread can abort it.

    The engine abandons the request of a client that closes its connection.
    """

    def __init__(self, client: Any) -> None:
        self._response: requests.Response | None = None
        self.was_aborted = False
        client.hooks["response"].append(self._store_response)

    def abort(self) -> None:
        """End the connection now, or as soon as an answer begins if none has begun."""
        self.was_aborted = True
        if self._response is not None:
            # The reading thread closes the connection. The shutdown lets it see the end.
            with contextlib.suppress(OSError, ValueError):
                duplicate = socket.socket(fileno=os.dup(self._response.raw.fileno()))
                with duplicate:
                    duplicate.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this end of the connection, even if data is unread."""
        if self._response is not None:
            self._response.close()

    def _store_response(self, response: requests.Response, **_: object) -> None:
        self._response = response
        if self.was_aborted:
            self.abort()


@contextlib.contextmanager
def limit_time(seconds: float, on_timeout: Callable[[], object]) -> Iterator[None]:
    """Call `on_timeout` in a separate thread if the block takes longer than `seconds`."""
    timer = threading.Timer(seconds, on_timeout)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _describe_root_cause(error: BaseException) -> str:
    """Describe the first exception of a chain, in the operating system's words if it has any."""
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
