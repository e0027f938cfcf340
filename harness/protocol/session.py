"""Sends cases to a running port and collects its answers: one process for many cases.

Cases are sent ahead, so that a process need not wait for the harness. A process that dies, hangs,
floods its output or answers out of step loses its present case and no other. A fresh process takes
the next case, and gets again what was sent ahead. A process that fails before it acknowledges a
case, after it has answered others, may have failed because of one of those: the case is asked once
more, of a fresh process.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from harness.engines.base import Stream
from harness.model.answer import Ending, ProgramOutput, Transcript
from harness.protocol.connection import Connection, End
from harness.protocol.countdown import Countdown
from harness.protocol.error_log import ErrorLog, last_error_line
from harness.protocol.fast_parser import build_layout
from harness.protocol.parser import AnswerParser

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from harness.engines.base import Process, Program
    from harness.model.answer import Stage
    from harness.protocol.connection import CaseLimits, Request
    from harness.protocol.fast_parser import AnswerLayout

MAXIMUM_CASES_AHEAD = 1_000
MAXIMUM_BYTES_AHEAD = 1 << 18
"""The cases, and their bytes, that are sent before they are answered; one case always is."""

SIGNALS_OF_STOP = ("SIGTERM", "SIGKILL")


class Session:
    """One process, and the cases that were sent to it.

    `answered` counts its complete answers, `answers` holds those that are not settled yet; `ended`
    says that the process is gone.
    """

    def __init__(self, process: Process, limits: CaseLimits) -> None:
        self.process = process
        self.limits = limits
        self.answered = 0
        self.errors = ErrorLog()
        self.answers: deque[Transcript] = deque()
        self.ended = False
        self._connection = Connection(process, limits, self._take_errors)
        self._case = ""
        self._layout: AnswerLayout | None = None
        self._sizes_ahead: deque[int] = deque()

    def send(self, waiting: Sequence[Request]) -> None:
        """Send the first of the waiting cases that were not sent yet, as far as there is room."""
        if len(self._sizes_ahead) > MAXIMUM_CASES_AHEAD // 2:
            return
        size = sum(self._sizes_ahead)
        for request in islice(waiting, len(self._sizes_ahead), MAXIMUM_CASES_AHEAD):
            size += len(request.lines)
            if self._sizes_ahead and size > MAXIMUM_BYTES_AHEAD:
                return
            self.errors.expect(request.name)
            self.process.send(request.lines)
            self._sizes_ahead.append(len(request.lines))

    def read_answer(self, request: Request) -> Generator[Transcript, None, tuple[Transcript, bool]]:
        """Read the answer to the first case that was sent; return it, and if it was acknowledged.

        The lines on standard error are added when the answer is settled. Yields the answers to
        earlier cases that are settled meanwhile.
        """
        started = time.monotonic()
        self._sizes_ahead.popleft()
        largest = 4 * request.entries + 64
        if stages := self._read_at_once(request.name, largest):
            self.answered += 1
            return Transcript(request.name, Ending.COMPLETED, stages, acknowledged=True), True
        parser = AnswerParser(request.name, largest)
        self._case = request.name
        self._connection.begin(request.entries)
        failure = yield from self._listen(parser)
        if failure is None and parser.mismatch:
            failure = (Ending.OUT_OF_STEP, parser.mismatch)
        if failure is not None:
            parser.finish_incomplete(self._connection.partial.decode(errors="replace"))
            failure = self._end(*failure)
        ending, reason = failure or (Ending.COMPLETED, "")
        self.answered += ending is Ending.COMPLETED
        if ending is Ending.COMPLETED and not parser.remarks and not parser.failures:
            self._layout = build_layout(parser.stages)
        transcript = Transcript(
            case=request.name,
            ending=ending,
            stages=parser.stages,
            failures=parser.failures,
            remarks=tuple(parser.remarks),
            reason=reason,
            seconds=time.monotonic() - started,
            acknowledged=parser.acknowledged or self._has_died_at_work(ending),
        )
        return transcript, parser.acknowledged

    def settle(self) -> Iterator[Transcript]:
        """Yield the answers about which nothing more can come on standard error, in order."""
        while self.answers:
            first = self.answers[0]
            if not (self.ended or self.errors.has_passed(first.case)):
                return
            errors = self.errors.take(first.case)
            last_line = last_error_line(errors) if first.ending is Ending.CRASHED else ""
            if errors:
                reason = f"{first.reason}: {last_line}" if last_line else first.reason
                first = replace(first, errors=errors, reason=reason)
            self.answers.popleft()
            yield first

    def finish(self) -> None:
        """Close the process's input and let it end."""
        if not self.ended:
            self.process.close_input()
            self._drain(self.limits.seconds_per_case)
            self.process.stop()
            self.ended = True

    def _has_died_at_work(self, ending: Ending) -> bool:
        """Return whether the process died after it had marked the present case."""
        return ending is Ending.CRASHED and self.errors.has_marker(self._case)

    def _take_errors(self, data: bytes) -> int:
        """Log bytes of standard error; return how many of them are about the present case."""
        # The process may be at a case that was sent ahead: what it prints then is about that one.
        passed = self.errors.has_passed(self._case)
        self.errors.feed(data)
        return 0 if passed else len(data)

    def _read_at_once(self, case: str, largest: int) -> dict[str, Stage] | None:
        """Return the results of an answer that is complete already, in the earlier layout."""
        layout, connection = self._layout, self._connection
        if layout is None or layout.largest > largest:
            return None
        stages = layout.read(case, connection.lines, connection.position)
        if stages is not None:
            connection.position += layout.lines
        return stages

    def _listen(
        self, parser: AnswerParser
    ) -> Generator[Transcript, None, tuple[Ending, str] | None]:
        """Read lines until the answer is complete; return how it failed, and why, if it did."""

        def take(line: str) -> bool:
            parser.feed(line)
            return parser.complete or bool(parser.mismatch)

        def has_begun() -> bool:
            return parser.acknowledged or self.errors.has_marker(parser.case)

        listening = self._connection.listen(take, has_begun)
        while True:
            try:
                next(listening)
            except StopIteration as stop:
                return self._failure(stop.value)
            yield from self.settle()

    def _failure(self, end: End) -> tuple[Ending, str] | None:
        """Return how an answer failed whose lines ended so, and why; None where it did not."""
        if end is End.FLOODED:
            return Ending.FLOODED, "printed more than any answer to this case can need"
        if end is End.SILENT:
            return Ending.HUNG, f"no answer within {self._connection.patience:g} s"
        return (Ending.CRASHED, "") if end is End.CLOSED else None

    def _end(self, ending: Ending, reason: str) -> tuple[Ending, str]:
        """Stop the process, read the end of its standard error, and complete the reason."""
        if ending is Ending.CRASHED:
            self._drain(1.0)
        was_running = not self.process.closed
        exit_ = self.process.stop(grace=0.5 if ending is Ending.CRASHED else 0.0)
        if was_running and exit_.signal in SIGNALS_OF_STOP:
            reason = reason or "closed its standard output and lived on"
        self._drain(0.5)
        self.ended = True
        return ending, reason or str(exit_)

    def _drain(self, seconds: float) -> None:
        """Read for so long, or until both streams are closed, and keep standard error only."""
        countdown = Countdown(seconds)
        # A process that prints without end is never silent, so the countdown is never over.
        while not self.process.closed and countdown.left > 0:
            countdown.wait(self._connection.receive)
            self._connection.discard_output()
        self.errors.finish()


def run_cases(
    program: Program, command: Sequence[str], requests: Iterable[Request], limits: CaseLimits
) -> Generator[Transcript, None, None]:
    """Send every request to `command`, in order; yield exactly one transcript for each, in order.

    Takes no more of the requests at a time than are sent ahead: there may be any number of them.
    After `limits.hangs` hangs, or `limits.false_starts` processes in a row that died before they
    acknowledged anything, the rest are given up. Raises EngineError where the engine itself fails.
    """
    session: Session | None = None
    hangs = false_starts = 0
    rest = iter(requests)
    waiting = deque(islice(rest, MAXIMUM_CASES_AHEAD))
    try:
        while waiting and hangs < limits.hangs and false_starts < limits.false_starts:
            session = session or Session(program.start(command), limits)
            session.send(waiting)
            transcript, acknowledged = yield from session.read_answer(waiting[0])
            again = session.ended and not acknowledged and session.answered > 0
            if not again:
                waiting.popleft()
                waiting.extend(islice(rest, 1))
                session.answers.append(transcript)
                hangs += transcript.ending is Ending.HUNG
                false_starts = 0 if acknowledged else false_starts + 1
            yield from session.settle()
            if session.ended:
                session = None
        if session is not None:
            session.finish()
            yield from session.settle()
            session = None
    finally:
        if session is not None:
            session.process.stop(grace=0.0)
    cause = f"{hangs} hangs" if hangs >= limits.hangs else f"{false_starts} false starts in a row"
    yield from (
        Transcript(request.name, Ending.GIVEN_UP, reason=f"not asked after {cause}")
        for request in chain(waiting, rest)
    )


def run_to_end(program: Program, command: Sequence[str], limits: CaseLimits) -> ProgramOutput:
    """Start `command`, give it nothing to read, and return what it prints until it ends.

    Raises EngineError where the engine itself fails.
    """
    process = program.start(command)
    patience = limits.seconds_to_start + limits.seconds_per_case
    countdown = Countdown(patience)
    output, errors, size = b"", ErrorLog(), 0

    def receive(seconds: float) -> bool:
        nonlocal output, size
        chunks = process.receive(seconds)
        for chunk in chunks:
            size += len(chunk.data)
            if chunk.stream is Stream.OUTPUT:
                output += chunk.data
            else:
                errors.feed(chunk.data)
        return bool(chunks)

    try:
        process.close_input()
        while not (process.closed or countdown.is_over) and size <= limits.bytes_per_case:
            countdown.wait(receive)
        ended = process.closed
    finally:
        exit_ = process.stop(grace=1.0 if process.closed else 0.0)
    errors.finish()
    if size > limits.bytes_per_case:
        ending, reason = Ending.FLOODED, "printed without end"
    elif not ended:
        ending, reason = Ending.HUNG, f"did not end within {patience:g} s"
    elif exit_.status != 0:
        ending, reason = Ending.CRASHED, str(exit_)
    else:
        ending, reason = Ending.COMPLETED, ""
    return ProgramOutput(output.decode(errors="replace"), errors.take(""), ending, reason)
