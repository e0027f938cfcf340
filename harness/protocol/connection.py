"""One process of a driver: bytes to it and lines from it, with bounds on time and size.

Two clients use it: `session`, which collects answers whatever happens, and the probe, which reports
what happens. The clock and the limits of an answer are here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.engines.base import Stream
from harness.protocol.countdown import Countdown

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from harness.engines.base import Process

BYTES_PER_ENTRY = 400
BYTES_PER_LONG_ENTRY = 2_000
"""Bytes that an answer may have for each entry of its case, besides those for each case. Integers
of any size need more of them than doubles."""


LONGER_STARTS = 10.0
MINIMUM_START = 20.0
"""A process of a port that has started before gets this many times as long as the longest start so
far, and at least so many seconds."""


class StartTimes:
    """The starts of a port's processes: the longest so far, in seconds; None before the first."""

    def __init__(self) -> None:
        self.longest: float | None = None

    def add(self, seconds: float) -> None:
        """Take the time that a process needed until it began with its first case."""
        self.longest = max(seconds, self.longest or 0.0)


@dataclass(frozen=True)
class CaseLimits:
    """The limits of a port. Times are in seconds of wall clock, sizes in bytes.

    `hangs` may occur, one more for each `answers_per_hang` answers, and `hangs_in_all` in any case;
    `false_starts` processes in a row may die before they begin with a case. After
    `short_processes` in a row that answer one case each, a process gets no second one.
    """

    seconds_per_case: float = 10.0
    seconds_to_start: float = 60.0
    bytes_per_case: int = 1 << 20
    bytes_per_entry: int = BYTES_PER_ENTRY
    hangs: int = 3
    answers_per_hang: int = 50
    hangs_in_all: int = 12
    false_starts: int = 3
    short_processes: int = 2
    starts: StartTimes = field(default_factory=StartTimes, compare=False)

    @property
    def patience_at_start(self) -> float:
        """The seconds for the start of a process, and its first case.

        All of `seconds_to_start` are granted until the port has started once.
        """
        seconds = self.seconds_to_start
        if self.starts.longest is not None:
            seconds = min(seconds, max(MINIMUM_START, LONGER_STARTS * self.starts.longest))
        return seconds + self.seconds_per_case


@dataclass(frozen=True)
class Request:
    """A case as a driver gets it: its name, its lines, the number of its entries, and its kind.

    `longest` is the larger of the numbers of its rows and its columns.
    """

    name: str
    lines: bytes
    entries: int
    kind: str = ""
    longest: int = 0

    @property
    def largest_result(self) -> int:
        """The most entries of a result: P of a tall matrix has as many columns as rows."""
        return max(4 * self.entries, self.longest**2) + 64


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
        self._bytes_left = self.limits.bytes_per_case + self.limits.bytes_per_entry * entries

    def listen(
        self, take: Callable[[str], bool], has_begun: Callable[[], bool]
    ) -> Generator[None, None, End]:
        """Give lines to `take` until it returns True, or no more come; return the reason.

        Until `has_begun` holds, a process that has not answered before gets the time to start as
        well. Yields after each wait.
        """
        limits = self.limits
        self.patience = limits.seconds_per_case if self.has_started else limits.patience_at_start
        countdown = Countdown(self.patience)
        while True:
            while self.position < len(self.lines):
                self.position += 1
                if take(self.lines[self.position - 1]):
                    self._begin_work(countdown)
                    return End.ANSWERED
            if self.is_flooded:
                return End.FLOODED
            if self.process.output_closed:
                return End.CLOSED
            if not self.has_started and has_begun():
                self._begin_work(countdown)
                self.patience = self.limits.seconds_per_case
                countdown = Countdown(self.patience)
            if countdown.is_over:
                return End.SILENT
            countdown.wait(self.receive)
            yield

    def _begin_work(self, countdown: Countdown) -> None:
        """Note that the process has started, after the time that the countdown has spent."""
        if not self.has_started:
            self.has_started = True
            self.limits.starts.add(countdown.spent)

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
