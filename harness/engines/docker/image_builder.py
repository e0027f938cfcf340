"""Makes images by running commands in containers and keeping the files that they leave.

A command of a build has no more rights than a program under test: no network, no capabilities, a
user without privileges. Only its root can be written to, and its limits are wider. The builder of
the engine is not used: it reads a language of its own, in which files can be fetched and the files
of other images be copied.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

import docker.errors

from harness.engines.base import Exit
from harness.engines.docker.client import (
    CONNECTION_ERRORS,
    DockerClient,
    translate_engine_errors,
)
from harness.engines.docker.containers import ContainerLimits, ContainerRequest, Containers
from harness.engines.docker.processes import (
    SECONDS_TO_REPORT_EXIT,
    FrameDecoder,
    exit_from_state,
)
from harness.text import clip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.model.port import Command

BUILD_LIMITS = ContainerLimits(memory=4 << 30, tmp_size=None, processes=1024, processors=None)
"""The limits of each build command: 4 GiB of memory, 1,024 processes."""

MAXIMUM_LOG_BYTES = 64 * 1024
MAXIMUM_COMMAND_LENGTH = 200
BYTES_PER_READ = 32 * 1024


class BuildStoppedError(Exception):
    """A command of a build failed, took too long, or was interrupted. The text says which."""


class ImageBuilder:
    """Makes an image, layer by layer: each step starts from the image of the step before."""

    def __init__(
        self,
        docker_client: DockerClient,
        containers: Containers,
        base: str,
        user: str,
        seconds: float,
    ) -> None:
        """`base` is the image to start from. `user` runs all commands, which have `seconds` in all.

        `image` is the image so far.
        """
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self.image = base
        self.is_named = False
        self._docker_client = docker_client
        self._containers = containers
        self._user = user
        self._layers: list[str] = []
        self._log = b""

    @property
    def log(self) -> str:
        """The end of what all commands printed."""
        return self._log.decode(errors="replace")

    def add(self, archive: bytes, labels: Mapping[str, str]) -> None:
        """Add the files of a tar archive of the root, and labels. Raises EngineError."""
        container = self._containers.create(self._request((), labels))
        try:
            with translate_engine_errors("copy files"), self._docker_client.connect() as client:
                client.put_archive(container, "/", archive)
            self._keep(container)
        finally:
            self._containers.remove(container)

    def run(self, command: Command) -> None:
        """Run a command, and keep its files.

        Raises BuildStoppedError if it does not succeed in the time that is left, and EngineError if
        the engine fails.
        """
        line = shlex.join(command)
        self._append_to_log(f"$ {line}\n".encode())
        container, connection = self._containers.start(self._request(command))
        try:
            with connection:
                # A command gets no input.
                connection.shutdown(socket.SHUT_WR)
                self._read(connection)
            if (end := self._wait(container)) != Exit(status=0):
                raise BuildStoppedError(f"`{clip(line, MAXIMUM_COMMAND_LENGTH)}` failed: {end}")
            self._keep(container)
        finally:
            self._containers.remove(container)

    def name(self, reference: str) -> None:
        """Give the image a name. Raises EngineError."""
        with translate_engine_errors("name an image"), self._docker_client.connect() as client:
            repository, tag = reference.split(":")
            client.tag(self.image, repository, tag)
        self.is_named = True

    def discard(self) -> None:
        """Remove all layers of an image that has no name."""
        with contextlib.suppress(*CONNECTION_ERRORS), self._docker_client.connect() as client:
            for layer in reversed(self._layers):
                client.remove_image(layer, noprune=True)

    def _request(
        self, command: Command, labels: Mapping[str, str] = MappingProxyType({})
    ) -> ContainerRequest:
        # A container needs a command, even one that never runs.
        return ContainerRequest(self.image, command or ("true",), BUILD_LIMITS, self._user, labels)

    def _read(self, connection: socket.socket) -> None:
        """Read what a command prints until it ends."""
        decoder = FrameDecoder()
        while True:
            connection.settimeout(max(0.001, self._deadline - time.monotonic()))
            try:
                data = connection.recv(BYTES_PER_READ)
            except TimeoutError:
                message = f"the build took longer than {self._seconds:g} seconds"
                raise BuildStoppedError(message) from None
            except OSError:
                # The engine closed the connection with an error.
                data = b""
            if not data:
                return
            for chunk in decoder.decode(data):
                self._append_to_log(chunk.data)

    def _wait(self, container: str) -> Exit:
        with (
            translate_engine_errors("run a build command"),
            self._docker_client.connect() as client,
        ):
            try:
                client.wait(container, timeout=SECONDS_TO_REPORT_EXIT)
                state = client.inspect_container(container)["State"]
            except docker.errors.NotFound:
                raise BuildStoppedError("the build was interrupted") from None
        return exit_from_state(state, BUILD_LIMITS.memory)

    def _keep(self, container: str) -> None:
        """Make an image of a container, and continue from it."""
        with translate_engine_errors("make an image"), self._docker_client.connect() as client:
            self.image = str(client.commit(container)["Id"])
        self._layers.append(self.image)

    def _append_to_log(self, data: bytes) -> None:
        self._log = (self._log + data)[-MAXIMUM_LOG_BYTES:]
