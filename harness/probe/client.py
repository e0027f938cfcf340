"""Lines to and from a running driver, kept as they came.

Where `conversation` wants answers and goes on whatever happens, this wants to know what happened:
it keeps every line, and ends with the first process that goes wrong.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.engines.base import Stream
from harness.protocol.session import BYTES_PER_ENTRY, ERROR_LINES_KEPT, MARKER

if TYPE_CHECKING:
    from harness.engines.base import Exit, Process
    from harness.protocol.session import CaseLimits, Request


class End(StrEnum):
    """Why no more lines were awaited."""

    ANSWERED = "answered"
    SILENT = "silent"
    CLOSED = "closed"
    FLOODED = "flooded"


@dataclass(frozen=True)
class Exchange:
    """What went to and fro about one case, or, where `name` is empty, after the end of input.

    `output` are the lines on standard output, without their newlines but with carriage returns;
    where `torn`, the last has no newline. `errors` are the last lines on standard error. `exit`
    is how the process ended, where it did; `seconds` how long it was waited for.
    """

    name: str
    sent: tuple[str, ...]
    output: tuple[str, ...]
    torn: bool
    errors: tuple[str, ...]
    end: End
    seconds: float
    exit: Exit | None = None


class ProbeClient:
    """One process of a driver, which is asked one case after the other.

    `marked` holds the cases whose marker has come on standard error.
    """

    def __init__(self, process: Process, limits: CaseLimits) -> None:
        self.process = process
        self.marked: set[str] = set()
        self._limits = limits
        self._started = False
        self._waiting: deque[str] = deque()
        self._output: list[str] = []
        self._errors: deque[str] = deque(maxlen=ERROR_LINES_KEPT)
        self._partial = {Stream.OUTPUT: b"", Stream.ERRORS: b""}
        self._left = 0

    def ask(self, question: Request) -> Exchange:
        """Send a case, and wait until its answer has come or none will."""
        began = self._begin(self._limits.bytes_per_case + BYTES_PER_ENTRY * question.entries)
        self.process.send(question.lines)
        end = self._listen(question.name)
        exit_ = self._stop() if end is End.CLOSED else None
        sent = tuple(question.lines.decode().splitlines())
        return self._exchange(question.name, sent, end, began, exit_)

    def finish(self) -> Exchange:
        """End the input, wait for the process to end, and stop it where it does not."""
        began = self._begin(self._limits.bytes_per_case)
        self.process.close_input()
        deadline = began + self._limits.seconds_per_case
        while not self.process.closed and self._left > 0 and time.monotonic() < deadline:
            self._receive(deadline - time.monotonic())
        end = End.FLOODED if self._left <= 0 else End.SILENT
        end = End.CLOSED if self.process.closed else end
        exit_ = self._stop() if end is End.CLOSED else None
        self.close()
        self._output += self._waiting
        return self._exchange("", (), end, began, exit_)

    def answers_to(self, data: bytes) -> bool:
        """Whether anything comes on standard output within a case's time after sending `data`."""
        deadline = time.monotonic() + self._limits.seconds_per_case
        self._left = self._limits.bytes_per_case
        self.process.send(data)
        while not (self._waiting or self._partial[Stream.OUTPUT]):
            left = deadline - time.monotonic()
            if left <= 0 or self.process.output_closed:
                return False
            self._receive(left)
        return True

    def close(self) -> None:
        """End the process at once; safe to call again."""
        self.process.stop(grace=0.0)

    def _begin(self, bytes_allowed: int) -> float:
        self._output, self._left = [], bytes_allowed
        self._errors.clear()
        return time.monotonic()

    def _listen(self, name: str) -> End:
        since, patience = time.monotonic(), self._limits.seconds_per_case
        if not self._started:
            patience += self._limits.seconds_to_start
        while True:
            while self._waiting:
                self._output.append(self._waiting.popleft())
                if is_end(self._output[-1]):
                    self._started = True
                    return End.ANSWERED
            if self._left <= 0:
                return End.FLOODED
            if self.process.output_closed:
                return End.CLOSED
            if not self._started and self._has_begun(name):
                # It has started: from now on it has a case's time.
                self._started = True
                since, patience = time.monotonic(), self._limits.seconds_per_case
            if (left := since + patience - time.monotonic()) <= 0:
                return End.SILENT
            self._receive(left)

    def _has_begun(self, name: str) -> bool:
        """Whether the driver has shown that it has read the case of that name."""
        return name in self.marked or any(line.split() == ["case", name] for line in self._output)

    def _receive(self, timeout: float) -> None:
        for chunk in self.process.receive(timeout):
            self._left -= len(chunk.data)
            *whole, partial = (self._partial[chunk.stream] + chunk.data).split(b"\n")
            self._partial[chunk.stream] = partial
            lines = [raw.decode(errors="replace") for raw in whole]
            if chunk.stream is Stream.OUTPUT:
                self._waiting.extend(lines)
            else:
                self._take_errors(lines)

    def _take_errors(self, lines: list[str]) -> None:
        self._errors.extend(lines)
        self.marked.update(
            line.removeprefix(MARKER).strip() for line in lines if line.startswith(MARKER)
        )

    def _stop(self) -> Exit:
        """Stop a process that has closed its output, and read what it still has to say."""
        exit_ = self.process.stop(grace=0.5)
        while not self.process.closed:
            self._receive(0.0)
        return exit_

    def _exchange(
        self, name: str, sent: tuple[str, ...], end: End, began: float, exit_: Exit | None
    ) -> Exchange:
        tail = self._partial[Stream.OUTPUT].decode(errors="replace")
        torn = bool(tail) and end is not End.ANSWERED
        output = (*self._output, tail) if torn else tuple(self._output)
        unfinished = self._partial[Stream.ERRORS].decode(errors="replace")
        errors = (*self._errors, unfinished) if unfinished else tuple(self._errors)
        seconds = time.monotonic() - began
        return Exchange(name, sent, output, torn, errors, end, seconds, exit_)


def is_end(line: str) -> bool:
    """Whether a driver that prints this takes its answer for complete, be it rightly or not."""
    words = line.lower().split()
    return len(words) in (1, 2) and words[0] == "end"
