"""Where a port runs. An engine builds a port into a program, and starts processes of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.port import Port


class Stream(Enum):
    """The two streams that a process prints on."""

    OUTPUT = "standard output"
    ERRORS = "standard error"


@dataclass(frozen=True)
class Chunk:
    """Some bytes that a process printed, as they came, on one of its streams."""

    stream: Stream
    data: bytes


@dataclass(frozen=True)
class Exit:
    """How a process ended.

    Exactly one of `status` (it exited by itself) and `signal` (by name, `SIGKILL`) is set, or
    neither where the engine cannot tell. `reason` is the engine's own word: `out of memory`.
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
    """A running program. Knows bytes and time; knows nothing of cases."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Queue `data` for standard input. Never blocks: `receive` writes it as room appears."""

    @abstractmethod
    def close_input(self) -> None:
        """Close standard input once everything queued has been written."""

    @abstractmethod
    def receive(self, timeout: float) -> list[Chunk]:
        """Wait up to `timeout` seconds for output; an empty list if there was none in that time.

        Writes queued input meanwhile. At most about 64 KiB per call, so that a flood can be
        stopped. Returns early, with what there is, when a stream ends; after both have ended it
        returns an empty list at once.
        """

    @property
    @abstractmethod
    def output_closed(self) -> bool:
        """Whether standard output has ended (the process may live on)."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether standard output and standard error have both ended."""

    @abstractmethod
    def stop(self, grace: float = 0.5) -> Exit:
        """End the process in steps and say how it ended; safe to call again.

        Waits up to `grace` seconds for it to end by itself, then asks (SIGTERM), waits as long
        again, then kills it and everything it started, and removes what it ran in. The end of
        what it printed meanwhile is kept: `receive` hands it out until `closed`.
        """


class Program(ABC):
    """A port that has been built and can be started. `base` says, for people, on what."""

    base: str = ""

    @abstractmethod
    def start(self, command: Sequence[str]) -> Process:
        """Start `command` in the port's folder. Raises EngineError if the engine refuses."""


class Engine(ABC):
    """Builds ports. To be used as a context: leaving it removes whatever still runs."""

    name: str

    @abstractmethod
    def build(self, port: Port) -> Program:
        """Build `port`, or reuse what was built from the same content.

        Raises BuildError, with the log, where its build fails, never ends, or lacks a toolchain.
        """

    @abstractmethod
    def close(self) -> None:
        """Remove every process and temporary folder that this engine still has."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
