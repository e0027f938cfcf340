"""Makes images by running commands in containers and keeping the files that they leave.

A command of a build has no more rights than a program under test: no network, no capabilities, a
user without privileges. It can also write to the port's folder, and its limits are wider. The
builder of the engine is not used: it reads a language of its own, in which files can be fetched and
the files of other images be copied.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import docker.errors

from harness.engines.base import Exit
from harness.engines.docker.client import DockerClient, StreamConnection, translate_engine_errors
from harness.engines.docker.containers import (
    PORT_FOLDER,
    ContainerLimits,
    ContainerRequest,
    Containers,
    MemoryFolder,
)
from harness.engines.docker.processes import (
    SECONDS_TO_REPORT_EXIT,
    FrameDecoder,
    exit_from_state,
)
from harness.text import clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.model.port import Command

BUILD_LIMITS = ContainerLimits(memory=4 << 30, tmp_size=None, processes=1024, processors=None)
"""The limits of each build command: 4 GiB of memory, 1,024 processes."""

MAXIMUM_LOG_BYTES = 64 * 1024
MAXIMUM_COMMAND_LENGTH = 200
BYTES_PER_READ = 32 * 1024


FOLDER_BYTES = 1 << 30
TMP_BYTES = 2 << 30
MAXIMUM_FILES = 100_000
"""The limits of the port's folder and of /tmp, which are in memory during a build: 1 GiB and 2 GiB,
and 100,000 files each."""

MAXIMUM_ARCHIVE_BYTES = FOLDER_BYTES + MAXIMUM_FILES * 2048
"""The limit of an archive of the port's folder, where a file with holes takes its whole size."""

HOLD_COMMAND = ("cat",)
"""A command that ends when its input does. The folders are there as long as it runs."""

COPY_LIMITS = replace(BUILD_LIMITS, read_only=False)


class BuildStoppedError(Exception):
    """A command of a build failed, took too long, left too much, or was interrupted. The text says
    which."""


class ImageBuilder:
    """Runs the commands of a build, and makes an image of its base and of the files that they leave
    in the port's folder.

    During a build this folder and /tmp are in memory, with limits: what a command writes does not
    reach the engine's disk. They belong to a container that only waits. Each command runs in a
    container of its own, which shares them.
    """

    def __init__(
        self,
        docker_client: DockerClient,
        containers: Containers,
        base: str,
        user: str,
        seconds: float,
    ) -> None:
        """`base` is the image to start from. `user` runs all commands, which have `seconds` in all.

        Starts the container that holds the folders. Raises EngineError.
        """
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._docker_client = docker_client
        self._containers = containers
        self._base = base
        self._user = user
        self._log = b""
        folders = (
            MemoryFolder(PORT_FOLDER, FOLDER_BYTES, MAXIMUM_FILES, user),
            MemoryFolder("/tmp", TMP_BYTES, MAXIMUM_FILES, user),
        )
        request = ContainerRequest(base, HOLD_COMMAND, BUILD_LIMITS, user, folders=folders)
        self._holder, self._holder_connection = containers.start(request)

    @property
    def log(self) -> str:
        """The end of what all commands printed."""
        return self._log.decode(errors="replace")

    def add(self, archive: bytes) -> None:
        """Add the files of a tar archive to the port's folder. Raises EngineError."""
        with translate_engine_errors("copy files"), self._docker_client.connect() as client:
            client.put_archive(self._holder, PORT_FOLDER, archive)

    def run(self, command: Command) -> None:
        """Run a command.

        Raises BuildStoppedError if it does not succeed in the time that is left, and EngineError if
        the engine fails.
        """
        line = shlex.join(command)
        self._append_to_log(f"$ {line}\n".encode())
        request = ContainerRequest(
            self._base, command, BUILD_LIMITS, self._user, folders_of=self._holder
        )
        container, connection = self._containers.start(request)
        try:
            with connection:
                # A command gets no input.
                connection.shutdown(socket.SHUT_WR)
                self._read(connection)
            if (end := self._wait(container)) != Exit(status=0):
                raise BuildStoppedError(f"`{clip(line, MAXIMUM_COMMAND_LENGTH)}` failed: {end}")
        finally:
            self._containers.remove(container)

    def make_image(self, reference: str, labels: Mapping[str, str]) -> None:
        """Make an image of that name, with labels, of the base and the port's folder.

        Raises BuildStoppedError if the folder is too large, and EngineError if the engine fails.
        """
        # A container needs a command, even one that never runs.
        request = ContainerRequest(self._base, ("true",), COPY_LIMITS, self._user, labels)
        container = self._containers.create(request)
        try:
            with (
                translate_engine_errors("make an image"),
                self._docker_client.connect() as source,
                self._docker_client.connect() as target,
            ):
                # The engine waits for the reader of an archive before it removes the container.
                with contextlib.closing(StreamConnection(source)):
                    chunks, _ = source.get_archive(self._holder, PORT_FOLDER, BYTES_PER_READ)
                    target.put_archive(container, "/", limit_bytes(chunks))
                repository, tag = reference.split(":")
                target.commit(container, repository, tag)
        finally:
            self._containers.remove(container)

    def close(self) -> None:
        """Remove the folders."""
        self._containers.remove(self._holder)
        self._holder_connection.close()

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

    def _append_to_log(self, data: bytes) -> None:
        self._log = (self._log + data)[-MAXIMUM_LOG_BYTES:]


def limit_bytes(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks of an archive. Raises BuildStoppedError if it is too long."""
    length = 0
    for chunk in chunks:
        length += len(chunk)
        if length > MAXIMUM_ARCHIVE_BYTES:
            raise BuildStoppedError(f"the build leaves more than {FOLDER_BYTES >> 20:,} MiB")
        yield chunk
