"""The interface of an engine, which builds a port into a program and starts processes of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Self

from harness.model.toolchain import InstalledBase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.port import Port


class Stream(Enum):
    """The two streams that a process writes to."""

    OUTPUT = "standard output"
    ERRORS = "standard error"


@dataclass(frozen=True)
class Chunk:
    """Some bytes that a process wrote to one of its streams, as they were read."""

    stream: Stream
    data: bytes


@dataclass(frozen=True)
class Exit:
    """The end of a process.

    Exactly one of `status` (it exited by itself) and `signal` (a name like `SIGKILL`) is set, or
    neither if the engine does not know. `reason` is the engine's explanation: `out of memory`.
    """

    status: int | None = None
    signal: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        if self.reason:
            return self.reason
        if self.signal:
            return f"killed by {self.signal}"
        if self.status is not None:
            return f"exit status {self.status}"
        return "ended, nobody knows how"


class Process(ABC):
    """A running program. Handles bytes and time limits, and does not depend on cases."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Queue `data` for standard input. Never blocks: `receive` writes it when there is room."""

    @abstractmethod
    def close_input(self) -> None:
        """Close standard input as soon as everything that is queued has been written."""

    @abstractmethod
    def receive(self, timeout: float) -> list[Chunk]:
        """Wait up to `timeout` seconds for output and return it; return [] if there was none.

        Writes queued input while it waits. Returns about 64 KiB at most, so that the caller
        can stop a process that prints without end. Returns early, with the output read so far,
        when a stream ends. After both streams have ended it returns [] at once.
        """

    @property
    @abstractmethod
    def output_closed(self) -> bool:
        """True if standard output has ended. The process may still run."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """True if standard output and standard error have both ended."""

    @abstractmethod
    def stop(self, grace: float = 0.5) -> Exit:
        """End the process in steps and return its end. Can be called again.

        Waits up to `grace` seconds for the process to end by itself, then sends SIGTERM, waits up
        to `grace` seconds again, then kills the process and everything it started, and removes
        its folder or container. The last bytes that it writes in this time are kept: `receive`
        returns them until `closed` is true.
        """


class Program(ABC):
    """A port that has been built and can be started. `base` is what it was built on."""

    base: InstalledBase = InstalledBase()

    @abstractmethod
    def start(self, command: Sequence[str]) -> Process:
        """Start `command` in the port's folder. Raises EngineError if the engine cannot."""


class Engine(ABC):
    """Builds ports. It is a context manager: its exit removes every process that still runs."""

    name: str

    @abstractmethod
    def build(self, port: Port) -> Program:
        """Build `port`, or reuse a program that was built from the same content.

        Raises BuildError, with the log, if the build fails, exceeds its time limit, or lacks a
        toolchain.
        """

    @abstractmethod
    def close(self) -> None:
        """Remove every process and temporary folder that this engine still has."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
