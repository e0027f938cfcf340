"""The engine `docker`: an image for each port, a container for each process.

A container is all that a program under test gets to see: no network, nothing to write but a small
/tmp, no privileges, and limits on memory, processes and processor time.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING, Any

import docker.errors

from harness.engines.base import Chunk, Engine, Exit, Process, Program, Stream
from harness.engines.docker.base_images import CLEANING_SECONDS, BaseImages
from harness.engines.docker.client import DockerClient, engine_errors
from harness.engines.docker.containers import ContainerLimits, Containers, close_connection
from harness.engines.docker.images import BUILD_SECONDS, Images
from harness.engines.process_group import ChildProcesses
from harness.engines.stdio import StdioProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.model.port import Port

SECONDS_TO_END = 10.0
"""How long the engine may take to notice that a container has ended."""


class DockerEngine(Engine):
    """Builds ports into images, and runs them in containers that it removes, whatever happens."""

    name = "docker"

    def __init__(
        self,
        limits: ContainerLimits | None = None,
        say: Callable[[str], None] = lambda _: None,
        daemon: DockerClient | None = None,
        build_seconds: float = BUILD_SECONDS,
    ) -> None:
        """`say` is told what takes long, before it begins.

        Raises EngineError where no engine answers.
        """
        self._daemon = daemon or DockerClient()
        self._children = ChildProcesses()
        bases = BaseImages(self._daemon, self._children, say)
        self._images = Images(self._daemon, bases, say, build_seconds)
        self._containers = Containers(self._daemon, limits or ContainerLimits())
        self._containers.remove_leftovers()

    def build(self, port: Port) -> DockerProgram:
        """See `Engine.build`."""
        image, base = self._images.provide(port)
        return DockerProgram(image, base.description, self._daemon, self._containers)

    def close(self) -> None:
        self._images.close()
        self._containers.close()
        self._children.close(CLEANING_SECONDS)


class DockerProgram(Program):
    """A port built into an image."""

    def __init__(self, image: str, base: str, daemon: DockerClient, containers: Containers) -> None:
        self.image = image
        self.base = base
        self._daemon = daemon
        self._containers = containers

    def start(self, command: Sequence[str]) -> Process:
        """See `Program.start`."""
        container, connection = self._containers.start(self.image, command)
        return DockerProcess(container, connection, self._daemon, self._containers)


class DockerProcess(StdioProcess):
    """A container with one program in it, and the connection to its three streams."""

    def __init__(
        self,
        container: str,
        connection: socket.socket,
        daemon: DockerClient,
        containers: Containers,
    ) -> None:
        self._container = container
        self._connection = connection
        self._daemon = daemon
        self._containers = containers
        # Reading and writing are watched apart, so each gets a descriptor.
        self._writing = connection.dup()
        super().__init__(self._writing.fileno(), {connection.fileno(): Frames().feed})

    def _end_input(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def _signal(self, step: signal.Signals) -> None:
        # A refusal says that there is nobody left to get it.
        nobody = contextlib.suppress(docker.errors.APIError)
        with engine_errors("end a container"), self._daemon.client() as client, nobody:
            client.kill(self._container, step.name)

    def _has_ended(self, within: float) -> bool:
        # The container's first process holds both streams open for as long as it lasts.
        return not self._sources

    def _kill(self) -> Exit:
        if self._sources:
            self._hear()
            close_connection(self._connection)
            self._signal(signal.SIGKILL)
        with engine_errors("end a container"), self._daemon.client() as client:
            try:
                client.wait(self._container, timeout=SECONDS_TO_END)
                state = client.inspect_container(self._container)["State"]
            except docker.errors.NotFound:
                # The engine was closed meanwhile.
                return Exit()
        return exit_of(state, self._containers.limits.memory)

    def _release(self) -> None:
        self._writing.close()
        self._connection.close()
        self._containers.remove(self._container)


class Frames:
    """Takes apart the stream in which the engine sends both streams of a container.

    Each frame has a head of eight bytes (the stream, three zeros, the length in four bytes, most
    significant first) and may come in any number of pieces.
    """

    HEAD = 8

    def __init__(self) -> None:
        self._head = b""
        self._stream = Stream.OUTPUT
        self._missing = 0

    def feed(self, data: bytes) -> list[Chunk]:
        """The chunks in the next bytes; what belongs together in them comes as one."""
        pieces: list[tuple[Stream, list[memoryview]]] = []
        rest = memoryview(data)
        while rest:
            if not self._missing:
                rest = self._begin(rest)
                continue
            piece, rest = rest[: self._missing], rest[self._missing :]
            self._missing -= len(piece)
            if not pieces or pieces[-1][0] is not self._stream:
                pieces.append((self._stream, []))
            pieces[-1][1].append(piece)
        return [Chunk(stream, b"".join(parts)) for stream, parts in pieces]

    def _begin(self, data: memoryview) -> memoryview:
        """Read as much of a head as there is; the bytes behind it."""
        wanted = self.HEAD - len(self._head)
        self._head, rest = self._head + data[:wanted].tobytes(), data[wanted:]
        if len(self._head) == self.HEAD:
            self._stream = Stream.OUTPUT if self._head[0] == 1 else Stream.ERRORS
            self._missing = int.from_bytes(self._head[4:])
            self._head = b""
        return rest


def exit_of(state: Mapping[str, Any], memory: int) -> Exit:
    """How a container ended, by its state; `memory` is what it might take, in bytes.

    The first process in a container passes on the program's status, and 128 + n where signal n
    ended it, as a shell does.
    """
    status = int(state["ExitCode"])
    if status == 128 + signal.SIGKILL and state["OOMKilled"]:
        return Exit(signal="SIGKILL", reason=f"out of memory (limit {_size(memory)})")
    try:
        return Exit(signal=signal.Signals(status - 128).name)
    except ValueError:
        return Exit(status=status)


def _size(count: int) -> str:
    return f"{count / 2**30:g} GiB" if count >= 2**30 else f"{count / 2**20:g} MiB"
