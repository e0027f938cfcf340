"""A process in a container: its streams, its end, and its exit."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING, Any

import docker.errors

from harness.engines.base import Chunk, Exit, Stream
from harness.engines.docker.client import DockerClient, translate_engine_errors
from harness.engines.docker.containers import Containers, shut_down_connection
from harness.engines.stdio import StdioProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS_TO_REPORT_EXIT = 10.0
"""Seconds that the engine may take to report that a container has ended."""


class DockerProcess(StdioProcess):
    """A container with one program in it, and the connection to its three streams."""

    def __init__(
        self,
        container: str,
        connection: socket.socket,
        docker_client: DockerClient,
        containers: Containers,
        memory: int,
    ) -> None:
        """`memory` is the memory limit of the container in bytes."""
        self._memory = memory
        self._container = container
        self._connection = connection
        self._docker_client = docker_client
        self._containers = containers
        # The selector watches reading and writing separately, so each needs a descriptor.
        self._write_socket = connection.dup()
        super().__init__(self._write_socket.fileno(), {connection.fileno(): FrameDecoder().decode})

    def _close_sink(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def _signal(self, signal_number: signal.Signals) -> None:
        # The engine refuses if the container has ended.
        refusal_ignored = contextlib.suppress(docker.errors.APIError)
        with (
            translate_engine_errors("end a container"),
            self._docker_client.connect() as client,
            refusal_ignored,
        ):
            client.kill(self._container, signal_number.name)

    def _wait_for_end(self, seconds: float) -> bool:
        # The container's first process keeps both streams open until it ends.
        return not self._sources

    def _kill(self) -> Exit:
        if self._sources:
            self._read_pending()
            shut_down_connection(self._connection)
            self._signal(signal.SIGKILL)
        with translate_engine_errors("end a container"), self._docker_client.connect() as client:
            try:
                client.wait(self._container, timeout=SECONDS_TO_REPORT_EXIT)
                state = client.inspect_container(self._container)["State"]
            except docker.errors.NotFound:
                # Another thread has closed the engine.
                return Exit()
        return exit_from_state(state, self._memory)

    def _release(self) -> None:
        self._write_socket.close()
        self._connection.close()
        self._containers.remove(self._container)


class FrameDecoder:
    """Splits the stream in which the engine sends both streams of a container.

    Each frame begins with a header of eight bytes: the stream, three zeros, and the length in
    four bytes, most significant first. A frame may arrive in any number of pieces.
    """

    HEADER_BYTES = 8

    def __init__(self) -> None:
        self._header = b""
        self._stream = Stream.OUTPUT
        self._remaining = 0

    def decode(self, data: bytes) -> list[Chunk]:
        """Return the chunks in the next bytes. Adjacent data of one stream is one chunk."""
        pieces: list[tuple[Stream, list[memoryview]]] = []
        unread = memoryview(data)
        while unread:
            if not self._remaining:
                unread = self._read_header(unread)
                continue
            piece, unread = unread[: self._remaining], unread[self._remaining :]
            self._remaining -= len(piece)
            if not pieces or pieces[-1][0] is not self._stream:
                pieces.append((self._stream, []))
            pieces[-1][1].append(piece)
        return [Chunk(stream, b"".join(parts)) for stream, parts in pieces]

    def _read_header(self, data: memoryview) -> memoryview:
        """Read the header as far as it has arrived, and return the bytes after it."""
        missing = self.HEADER_BYTES - len(self._header)
        self._header, unread = self._header + data[:missing].tobytes(), data[missing:]
        if len(self._header) == self.HEADER_BYTES:
            self._stream = Stream.OUTPUT if self._header[0] == 1 else Stream.ERRORS
            self._remaining = int.from_bytes(self._header[4:])
            self._header = b""
        return unread


def exit_from_state(state: Mapping[str, Any], memory: int) -> Exit:
    """Return the end of a container from its state; `memory` is its memory limit in bytes.

    The first process of a container returns the program's exit status, or 128 + n if signal n
    ended the program, as a shell does.
    """
    status = int(state["ExitCode"])
    if status == 128 + signal.SIGKILL and state["OOMKilled"]:
        return Exit(signal="SIGKILL", reason=f"out of memory (limit {_format_size(memory)})")
    try:
        return Exit(signal=signal.Signals(status - 128).name)
    except ValueError:
        return Exit(status=status)


def _format_size(size: int) -> str:
    return f"{size / 2**30:g} GiB" if size >= 2**30 else f"{size / 2**20:g} MiB"
