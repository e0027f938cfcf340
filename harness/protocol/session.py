"""Sends cases to a running port and collects its answers: one process for many cases.

Cases are sent ahead, so that a process need not wait for the harness. A process that dies, hangs,
floods its output or answers out of step loses its present case and no other. A fresh process takes
the next case, and gets again what was sent ahead. A process that fails before it begins with a
case, after it has answered others, may have failed because of one of those: the case is asked once
more, of a fresh process; see `continuity`.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from harness.engines.base import Stream
from harness.model.answer import Ending, ProgramOutput, Transcript
from harness.protocol.connection import Connection, End
from harness.protocol.continuity import Continuity
from harness.protocol.countdown import Countdown
from harness.protocol.error_log import ErrorLog, last_error_line
from harness.protocol.fast_parser import build_layout
from harness.protocol.hang_limit import HangLimit
from harness.protocol.parser import AnswerParser

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from harness.engines.base import Process, Program
    from harness.model.answer import Stage
    from harness.protocol.connection import CaseLimits, Request
    from harness.protocol.fast_parser import AnswerLayout

MAXIMUM_CASES_AHEAD = 1_000
MAXIMUM_BYTES_AHEAD = 1 << 18
"""The cases, and their bytes, that are sent before they are answered; one case always is."""

SECONDS_TO_END = 1.0
"""Time for a process that gets no second case to end by itself."""

SIGNALS_OF_STOP = ("SIGTERM", "SIGKILL")


class Session:
    """One process, and the cases that were sent to it.

    `answered` counts its complete answers, the last of them to `last_case`. `answers` holds those
    that are not settled yet; `ended` says that the process is gone.
    """

    def __init__(self, process: Process, limits: CaseLimits) -> None:
        self.process = process
        self.limits = limits
        self.answered = 0
        self.last_case = ""
        self.errors = ErrorLog()
        self.answers: deque[Transcript] = deque()
        self.ended = False
        self._connection = Connection(process, limits, self._take_errors)
        self._case = ""
        self._layout: AnswerLayout | None = None
        self._sizes_ahead: deque[int] = deque()

    def send(
        self, waiting: Sequence[Request], is_asked: Callable[[Request], bool], maximum: int
    ) -> None:
        """Send the first of the waiting cases that were not sent yet, as far as there is room.

        At most `maximum` are sent ahead, and none that is not asked.
        """
        if len(self._sizes_ahead) > maximum // 2:
            return
        size = sum(self._sizes_ahead)
        for request in islice(waiting, len(self._sizes_ahead), maximum):
            if not is_asked(request):
                self._sizes_ahead.append(0)
                continue
            size += len(request.lines)
            if self._sizes_ahead and size > MAXIMUM_BYTES_AHEAD:
                return
            self.errors.expect(request.name)
            self.process.send(request.lines)
            self._sizes_ahead.append(len(request.lines))

    def skip(self, given_up: Transcript) -> None:
        """Take the transcript of the first waiting case, which is not asked."""
        self.answers.append(given_up)
        if self._sizes_ahead:
            self._sizes_ahead.popleft()

    def read_answer(self, request: Request) -> Generator[Transcript, None, tuple[Transcript, bool]]:
        """Read the answer to the first case that was sent; return it, and whether it was begun.

        The lines on standard error are added when the answer is settled. Yields the answers to
        earlier cases that are settled meanwhile.
        """
        started = time.monotonic()
        self._sizes_ahead.popleft()
        largest = request.largest_result
        if stages := self._read_at_once(request.name, largest):
            self._count_answer(request.name)
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
        if ending is Ending.COMPLETED:
            self._count_answer(request.name)
        if ending is Ending.COMPLETED and not (parser.remarks or parser.messages):
            self._layout = build_layout(parser.stages)
        transcript = Transcript(
            case=request.name,
            ending=ending,
            stages=parser.stages,
            failures=parser.failures,
            refusals=parser.refusals,
            remarks=tuple(parser.remarks),
            reason=reason,
            seconds=time.monotonic() - started,
            acknowledged=parser.acknowledged or self._has_died_at_work(ending),
        )
        return transcript, parser.acknowledged or self._has_begun(ending)

    def settle(self) -> Iterator[Transcript]:
        """Yield the answers about which nothing more can come on standard error, in order."""
        while self.answers:
            first = self.answers[0]
            was_asked = first.ending is not Ending.GIVEN_UP
            if was_asked and not (self.ended or self.errors.has_passed(first.case)):
                return
            errors = self.errors.take(first.case)
            last_line = last_error_line(errors) if first.ending is Ending.CRASHED else ""
            if errors:
                reason = f"{first.reason}: {last_line}" if last_line else first.reason
                first = replace(first, errors=errors, reason=reason)
            self.answers.popleft()
            yield first

    def finish(self, seconds: float) -> None:
        """Close the process's input and give it so many seconds to end."""
        if not self.ended:
            self.process.close_input()
            self._drain(seconds)
            self.process.stop()
            self.ended = True

    def _count_answer(self, case: str) -> None:
        self.answered += 1
        self.last_case = case

    def _has_begun(self, ending: Ending) -> bool:
        """Return whether the process failed after it had marked the present case.

        After an answer out of step it may have gone on, and marked the case then.
        """
        return ending is not Ending.OUT_OF_STEP and self.errors.has_marker(self._case)

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


class Conversation:
    """The cases that a port is still to be asked, and the process that is being asked."""

    def __init__(
        self,
        program: Program,
        command: Sequence[str],
        requests: Iterable[Request],
        limits: CaseLimits,
    ) -> None:
        self._start = partial(program.start, command)
        self._limits = limits
        self._rest = iter(requests)
        self._waiting = deque(islice(self._rest, MAXIMUM_CASES_AHEAD))
        self._hang_limit = HangLimit(limits)
        self._continuity = Continuity(limits)
        self._false_starts = 0
        self._session: Session | None = None

    def run(self) -> Generator[Transcript, None, None]:
        """Yield the transcripts of all cases, in order."""
        try:
            while self._waiting and self._false_starts < self._limits.false_starts:
                if reason := self._hang_limit.explain(self._waiting[0].kind):
                    yield from self._give_up(reason)
                else:
                    yield from self._ask()
            if self._session is not None:
                self._session.finish(self._limits.seconds_per_case)
                yield from self._settle(self._session)
        finally:
            if self._session is not None:
                self._session.process.stop(grace=0.0)
        reason = f"not asked after {self._false_starts} false starts in a row"
        for request in chain(self._waiting, self._rest):
            yield Transcript(request.name, Ending.GIVEN_UP, reason=reason)

    def _ask(self) -> Generator[Transcript, None, None]:
        """Ask the first of the waiting cases, of a fresh process if there is none."""
        continuity, request = self._continuity, self._waiting[0]
        session = self._session = self._session or Session(self._start(), self._limits)
        session.send(
            self._waiting, self._is_asked, 1 if continuity.is_lost else MAXIMUM_CASES_AHEAD
        )
        transcript, has_begun = yield from session.read_answer(request)
        again = session.ended and not has_begun and session.answered > 0
        if again:
            continuity.fail(transcript, session.last_case, session.answered)
        else:
            self._take_first()
            transcript, hung = continuity.add(transcript, session.answered)
            self._hang_limit.add(request.kind, hung)
            session.answers.append(transcript)
            self._false_starts = 0 if has_begun else self._false_starts + 1
            if continuity.is_lost:
                session.finish(SECONDS_TO_END)
        yield from self._settle(session)

    def _give_up(self, reason: str) -> Iterator[Transcript]:
        """Give up the first of the waiting cases, and keep the order of the transcripts."""
        transcript = Transcript(self._take_first().name, Ending.GIVEN_UP, reason=reason)
        if self._session is None:
            yield transcript
        else:
            self._session.skip(transcript)
            yield from self._settle(self._session)

    def _settle(self, session: Session) -> Iterator[Transcript]:
        """Yield the answers that are settled, and forget a process that has ended."""
        yield from session.settle()
        if session.ended:
            self._session = None

    def _is_asked(self, request: Request) -> bool:
        return not self._hang_limit.explain(request.kind)

    def _take_first(self) -> Request:
        """Return the first of the waiting cases, and let the next of the rest wait."""
        self._waiting.extend(islice(self._rest, 1))
        return self._waiting.popleft()


def run_cases(
    program: Program, command: Sequence[str], requests: Iterable[Request], limits: CaseLimits
) -> Generator[Transcript, None, None]:
    """Send every request to `command`, in order; yield exactly one transcript for each, in order.

    Takes no more of the requests at a time than are sent ahead: there may be any number of them.
    After too many hangs (see `HangLimit`), or `limits.false_starts` processes in a row that died
    before they began with a case, the rest are given up. Raises EngineError where the engine itself
    fails.
    """
    return Conversation(program, command, requests, limits).run()


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
