"""One process of a driver: bytes to it and lines from it, with bounds on time and size.

Two clients use it: `session`, which collects answers whatever happens, and the probe, which reports
what happens. The clock and the limits of an answer are here, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.engines.base import Stream
from harness.protocol.countdown import Countdown

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from harness.engines.base import Process

BYTES_PER_ENTRY = 400
"""Bytes that an answer may have for each entry of its case, besides those for each case."""


@dataclass(frozen=True)
class CaseLimits:
    """The limits of a port. Times are in seconds of wall clock, sizes in bytes."""

    seconds_per_case: float = 10.0
    seconds_to_start: float = 60.0
    bytes_per_case: int = 1 << 20
    hangs: int = 3
    false_starts: int = 3


@dataclass(frozen=True)
class Request:
    """A case as a driver gets it: its name, its lines, and the number of its entries."""

    name: str
    lines: bytes
    entries: int


class End(StrEnum):
    """The reason for which no more lines are awaited."""

    ANSWERED = "answered"
    SILENT = "silent"
    CLOSED = "closed"
    FLOODED = "flooded"


class Connection:
    """The lines of a process that are not read yet, and what it may still print and take.

    `lines` from `position` on are those of standard output that are not read; `partial` is what
    came after the last of them. `has_started` says that the process has answered, or begun to.
    `patience` is the time, in seconds, that the last answer was given.
    """

    def __init__(
        self, process: Process, limits: CaseLimits, take_errors: Callable[[bytes], int]
    ) -> None:
        """Take a process; `take_errors` gets the bytes on standard error, and returns how many of
        them count against the present answer."""
        self.process = process
        self.limits = limits
        self.lines: list[str] = []
        self.position = 0
        self.partial = bytearray()
        self.has_started = False
        self.patience = 0.0
        self._take_errors = take_errors
        self._bytes_left = 0

    @property
    def is_flooded(self) -> bool:
        """True if more came than the present answer can need."""
        return self._bytes_left < 0

    def begin(self, entries: int = 0) -> None:
        """Count bytes anew, for an answer about a case with that many entries."""
        self._bytes_left = self.limits.bytes_per_case + BYTES_PER_ENTRY * entries

    def listen(
        self, take: Callable[[str], bool], has_begun: Callable[[], bool]
    ) -> Generator[None, None, End]:
        """Give lines to `take` until it returns True, or no more come; return the reason.

        Until `has_begun` holds, a process that has not answered before gets the time to start as
        well. Yields after each wait.
        """
        self.patience = self.limits.seconds_per_case
        if not self.has_started:
            self.patience += self.limits.seconds_to_start
        countdown = Countdown(self.patience)
        while True:
            while self.position < len(self.lines):
                self.position += 1
                if take(self.lines[self.position - 1]):
                    self.has_started = True
                    return End.ANSWERED
            if self.is_flooded:
                return End.FLOODED
            if self.process.output_closed:
                return End.CLOSED
            if not self.has_started and has_begun():
                self.has_started = True
                self.patience = self.limits.seconds_per_case
                countdown = Countdown(self.patience)
            if countdown.is_over:
                return End.SILENT
            countdown.wait(self.receive)
            yield

    def receive(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for bytes, and keep their lines; return whether any came."""
        chunks = self.process.receive(timeout)
        for chunk in chunks:
            if chunk.stream is Stream.ERRORS:
                self._bytes_left -= self._take_errors(chunk.data)
                continue
            self._bytes_left -= len(chunk.data)
            self.partial += chunk.data
            if b"\n" in chunk.data:
                complete, _, self.partial = self.partial.rpartition(b"\n")
                unread = self.lines[self.position :]
                self.lines = [*unread, *complete.decode(errors="replace").split("\n")]
                self.position = 0
        return bool(chunks)

    def discard_output(self) -> None:
        """Forget what came on standard output and was not read."""
        self.lines, self.position = [], 0
        self.partial.clear()
