"""Lines to and from a running driver, kept as they came.

Where `session` wants answers and goes on whatever happens, the probe wants to know what happened:
it keeps every line, and ends with the first process that fails.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.protocol.connection import Connection, End
from harness.protocol.countdown import Countdown
from harness.protocol.error_log import MARKER, MAXIMUM_ERROR_LINES

if TYPE_CHECKING:
    from harness.engines.base import Exit, Process
    from harness.protocol.connection import CaseLimits, Request


@dataclass(frozen=True)
class Exchange:
    """The lines to and from a driver about one case, or after the end of its input (no `name`).

    `output` are the lines on standard output, without their newlines but with carriage returns;
    where `torn`, the last has no newline. `errors` are the last lines on standard error. `exit`
    is how the process ended, where it did; `seconds` is how long the answer was awaited.
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
    """One process of a driver, which gets one case after the other.

    `marked` holds the cases whose marker has come on standard error.
    """

    def __init__(self, process: Process, limits: CaseLimits) -> None:
        self.process = process
        self.marked: set[str] = set()
        self._limits = limits
        self._connection = Connection(process, limits, self._take_errors)
        self._output: list[str] = []
        self._errors: deque[str] = deque(maxlen=MAXIMUM_ERROR_LINES)
        self._unfinished_error = b""

    def ask(self, request: Request) -> Exchange:
        """Send a case, and wait until its answer has come or none will come."""
        began = self._begin(request.entries)
        self.process.send(request.lines)
        end = self._listen(request.name)
        exit_ = self._stop() if end is End.CLOSED else None
        sent = tuple(request.lines.decode().splitlines())
        return self._exchange(request.name, sent, end, began, exit_)

    def finish(self) -> Exchange:
        """End the input, wait for the process to end, and stop it where it does not."""
        began = self._begin()
        self.process.close_input()
        connection, countdown = self._connection, Countdown(self._limits.seconds_per_case)
        while not (self.process.closed or connection.is_flooded or countdown.is_over):
            countdown.wait(connection.receive)
        end = End.FLOODED if connection.is_flooded else End.SILENT
        end = End.CLOSED if self.process.closed else end
        exit_ = self._stop() if end is End.CLOSED else None
        self.close()
        self._output += connection.lines[connection.position :]
        return self._exchange("", (), end, began, exit_)

    def answers_to(self, data: bytes) -> bool:
        """Return whether bytes come on standard output within a case's time after `data`."""
        connection = self._connection
        countdown = Countdown(self._limits.seconds_per_case)
        connection.begin()
        self.process.send(data)
        while not (connection.lines[connection.position :] or connection.partial):
            if countdown.is_over or self.process.output_closed:
                return False
            countdown.wait(connection.receive)
        return True

    def close(self) -> None:
        """End the process at once; safe to call again."""
        self.process.stop(grace=0.0)

    def _begin(self, entries: int = 0) -> float:
        self._output = []
        self._errors.clear()
        self._connection.begin(entries)
        return time.monotonic()

    def _listen(self, name: str) -> End:
        """Keep lines until one ends the answer; return the reason for which no more are awaited."""

        def take(line: str) -> bool:
            self._output.append(line)
            return is_end(line)

        def has_begun() -> bool:
            acknowledged = any(line.split() == ["case", name] for line in self._output)
            return acknowledged or name in self.marked

        listening = self._connection.listen(take, has_begun)
        while True:
            try:
                next(listening)
            except StopIteration as stop:
                return End(stop.value)

    def _take_errors(self, data: bytes) -> int:
        *complete, self._unfinished_error = (self._unfinished_error + data).split(b"\n")
        lines = [line.decode(errors="replace") for line in complete]
        self._errors.extend(lines)
        self.marked.update(
            line.removeprefix(MARKER).strip() for line in lines if line.startswith(MARKER)
        )
        return len(data)

    def _stop(self) -> Exit:
        """Stop a process that has closed its output, and read the end of its output."""
        exit_ = self.process.stop(grace=0.5)
        while not self.process.closed:
            self._connection.receive(0.0)
        return exit_

    def _exchange(
        self, name: str, sent: tuple[str, ...], end: End, began: float, exit_: Exit | None
    ) -> Exchange:
        last_line = self._connection.partial.decode(errors="replace")
        torn = bool(last_line) and end is not End.ANSWERED
        output = (*self._output, last_line) if torn else tuple(self._output)
        unfinished = self._unfinished_error.decode(errors="replace")
        errors = (*self._errors, unfinished) if unfinished else tuple(self._errors)
        seconds = time.monotonic() - began
        return Exchange(name, sent, output, torn, errors, end, seconds, exit_)


def is_end(line: str) -> bool:
    """Return whether a driver that prints this line means its answer to be complete."""
    parts = line.lower().split()
    return len(parts) in (1, 2) and parts[0] == "end"
