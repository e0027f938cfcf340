"""Feeds cases to a running port and collects its answers: one process for many cases.

Cases are sent ahead, so that a process need not wait for the harness. One that dies, hangs, floods
its output or answers out of step loses the case it is at and no other; a fresh one takes the next,
and is sent again what was sent ahead. A process that goes wrong before it has acknowledged a case,
having answered others before, may have gone wrong on one of those: the case is asked once more, of
a fresh process.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from harness.engines.base import Stream
from harness.model.answer import Ending, ProgramOutput, Transcript
from harness.protocol.fast_parser import layout_of
from harness.protocol.parser import AnswerParser

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from harness.engines.base import Process, Program
    from harness.model.answer import Stage
    from harness.protocol.fast_parser import AnswerLayout

BYTES_PER_ENTRY = 400
ERROR_LINES_KEPT = 60
LONGEST_ERROR_LINE = 2_000
LONGEST_LAST_WORDS = 300
MARKER = "case "
MOST_AHEAD = 1_000
BYTES_AHEAD = 1 << 18
"""So many cases, and bytes of them, are sent before they are answered; one case always is."""

ENDED_BY_STOP = ("SIGTERM", "SIGKILL")


@dataclass(frozen=True)
class CaseLimits:
    """What a port may take. Times in seconds of wall clock, sizes in bytes."""

    seconds_per_case: float = 10.0
    seconds_to_start: float = 60.0
    bytes_per_case: int = 1 << 20
    hangs: int = 3
    false_starts: int = 3


@dataclass(frozen=True)
class Request:
    """A case as a port is asked it: its name, its lines, and how many entries it has."""

    name: str
    lines: bytes
    entries: int


class ErrorLog:
    """What came on standard error, by the case whose marker (`case NAME`) stands before it.

    What comes before any marker is about the first case that was asked.
    """

    def __init__(self) -> None:
        self._current = ""
        self._lines: dict[str, deque[str]] = {}
        self._partial = b""

    def expect(self, case: str) -> None:
        """Know the marker of `case` from now on; those of others are lines like any other."""
        self._current = self._current or case
        self._lines[case] = deque(maxlen=ERROR_LINES_KEPT)

    def feed(self, data: bytes) -> None:
        """Take bytes as they came."""
        *whole, self._partial = (self._partial + data).split(b"\n")
        self._partial = self._partial[-LONGEST_ERROR_LINE:]
        for raw in whole:
            self._take(raw.decode(errors="replace").rstrip("\r"))

    def finish(self) -> None:
        """No more will come: an unfinished line counts too."""
        self.feed(b"\n") if self._partial else None

    def passed(self, case: str) -> bool:
        """Whether the marker of one after `case`, the first that is kept still, has come."""
        return self._current != case and self._current in self._lines

    def take(self, case: str) -> tuple[str, ...]:
        """The last lines printed about `case`, which is then forgotten."""
        return tuple(self._lines.pop(case, ()))

    def _take(self, line: str) -> None:
        name = line.removeprefix(MARKER).strip() if line.startswith(MARKER) else ""
        if name in self._lines:
            self._current = name
        else:
            kept = self._lines.setdefault(self._current, deque(maxlen=ERROR_LINES_KEPT))
            kept.append(line[:LONGEST_ERROR_LINE])


class Session:
    """One process, and the cases that it has been asked so far."""

    def __init__(self, process: Process, limits: CaseLimits) -> None:
        self.process = process
        self.limits = limits
        self.answered = 0
        self.errors = ErrorLog()
        self.answers: deque[Transcript] = deque()
        self.ended = False
        self._lines: list[str] = []
        self._read = 0
        self._form: AnswerLayout | None = None
        self._partial = bytearray()
        self._flood = 0
        self._ahead: deque[int] = deque()

    def send(self, waiting: Sequence[Request]) -> None:
        """Send the first of the cases that wait, as far as they were not and there is room."""
        if len(self._ahead) > MOST_AHEAD // 2:
            return
        size = sum(self._ahead)
        for question in islice(waiting, len(self._ahead), MOST_AHEAD):
            size += len(question.lines)
            if self._ahead and size > BYTES_AHEAD:
                return
            self.errors.expect(question.name)
            self.process.send(question.lines)
            self._ahead.append(len(question.lines))

    def read_answer(
        self, question: Request
    ) -> Generator[Transcript, None, tuple[Transcript, bool]]:
        """Hear the answer to the first case that was sent, and whether it was acknowledged.

        The lines on standard error are added when the answer is settled. Yields the answers to
        earlier cases that are settled meanwhile.
        """
        started = time.monotonic()
        self._ahead.popleft()
        largest = 4 * question.entries + 64
        if stages := self._at_once(question.name, largest):
            self.answered += 1
            return Transcript(question.name, Ending.COMPLETED, stages), True
        reader = AnswerParser(question.name, largest)
        self._flood = self.limits.bytes_per_case + BYTES_PER_ENTRY * question.entries
        trouble = yield from self._listen(reader)
        if trouble is None and reader.mismatch:
            trouble = (Ending.OUT_OF_STEP, reader.mismatch)
        if trouble is not None:
            reader.cut_short(self._partial.decode(errors="replace"))
            trouble = self._end(*trouble)
        ending, reason = trouble or (Ending.COMPLETED, "")
        self.answered += ending is Ending.COMPLETED
        if ending is Ending.COMPLETED and not reader.remarks and not reader.failures:
            self._form = layout_of(reader.stages)
        transcript = Transcript(
            case=question.name,
            ending=ending,
            stages=reader.stages,
            failures=reader.failures,
            remarks=tuple(reader.remarks),
            reason=reason,
            seconds=time.monotonic() - started,
        )
        return transcript, reader.acknowledged

    def settle(self) -> Iterator[Transcript]:
        """The answers about which nothing more can come on standard error, in order."""
        while self.answers:
            first = self.answers[0]
            if not (self.ended or self.errors.passed(first.case)):
                return
            errors = self.errors.take(first.case)
            last_words = last_error_line(errors) if first.ending is Ending.CRASHED else ""
            if errors:
                reason = f"{first.reason}: {last_words}" if last_words else first.reason
                first = replace(first, errors=errors, reason=reason)
            self.answers.popleft()
            yield first

    def finish(self) -> None:
        """Close the process's input and let it end."""
        if not self.ended:
            self.process.close_input()
            self._drain(time.monotonic() + self.limits.seconds_per_case)
            self.process.stop()
            self.ended = True

    def _at_once(self, case: str, largest: int) -> dict[str, Stage] | None:
        """The results of a case whose answer is there already, in the form of an earlier one."""
        if self._form is None or self._form.largest > largest:
            return None
        stages = self._form.read(case, self._lines, self._read)
        if stages is not None:
            self._read += self._form.lines
        return stages

    def _listen(
        self, reader: AnswerParser
    ) -> Generator[Transcript, None, tuple[Ending, str] | None]:
        """Read lines until the answer is complete; else what went wrong, and how, for people."""
        since, patience = time.monotonic(), self.limits.seconds_per_case
        if not self.answered:
            patience += self.limits.seconds_to_start
        while True:
            while self._read < len(self._lines):
                reader.feed(self._lines[self._read])
                self._read += 1
                if reader.complete or reader.mismatch:
                    return None
            if self._flood < 0:
                return Ending.FLOODED, "printed more than any answer to this case can need"
            if self.process.output_closed:
                return Ending.CRASHED, ""
            if reader.acknowledged and patience > self.limits.seconds_per_case:
                # It has started: from now on it has a case's time.
                since, patience = time.monotonic(), self.limits.seconds_per_case
            left = since + patience - time.monotonic()
            if left <= 0:
                return Ending.HUNG, f"no answer within {patience:g} s"
            self._receive(left)
            yield from self.settle()

    def _receive(self, timeout: float) -> None:
        for chunk in self.process.receive(timeout):
            self._flood -= len(chunk.data)
            if chunk.stream is Stream.ERRORS:
                self.errors.feed(chunk.data)
                continue
            self._partial += chunk.data
            if b"\n" in chunk.data:
                whole, _, self._partial = self._partial.rpartition(b"\n")
                unread = self._lines[self._read :]
                self._lines = [*unread, *whole.decode(errors="replace").split("\n")]
                self._read = 0

    def _end(self, ending: Ending, reason: str) -> tuple[Ending, str]:
        """Stop the process, read what it still has to say, and complete the reason."""
        if ending is Ending.CRASHED:
            self._drain(time.monotonic() + 1.0)
        lives_on = not self.process.closed
        exit_ = self.process.stop(grace=0.5 if ending is Ending.CRASHED else 0.0)
        if lives_on and exit_.signal in ENDED_BY_STOP:
            reason = reason or "closed its standard output and lived on"
        self._drain(time.monotonic() + 0.5)
        self.ended = True
        return ending, reason or str(exit_)

    def _drain(self, deadline: float) -> None:
        """Read until both streams are closed, keeping only what is on standard error."""
        while not self.process.closed and (left := deadline - time.monotonic()) > 0:
            self._receive(left)
            self._lines, self._read = [], 0
            self._partial.clear()
        self.errors.finish()


def last_error_line(errors: Sequence[str]) -> str:
    """The line of standard error that best says why a process died, shortened.

    A sanitizer's own summary, else the last line that is not indented (a traceback ends in it).
    """
    lines = [line for line in errors if line.strip() and not line[0].isspace()]
    summary = next((line for line in lines if line.startswith("SUMMARY:")), "")
    return (summary or (lines[-1] if lines else ""))[:LONGEST_LAST_WORDS]


def run_cases(
    program: Program, command: Sequence[str], questions: Iterable[Request], limits: CaseLimits
) -> Generator[Transcript, None, None]:
    """Put every question to `command`, in order; exactly one transcript for each, in order.

    Takes no more of the questions at a time than are sent ahead: there may be any number of them.
    After `limits.hangs` hangs, or `limits.false_starts` processes in a row that died before they
    acknowledged anything, the rest are given up. Raises EngineError where the engine itself fails.
    """
    session: Session | None = None
    hangs = false_starts = 0
    rest = iter(questions)
    waiting = deque(islice(rest, MOST_AHEAD))
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
    why = f"{hangs} hangs" if hangs >= limits.hangs else f"{false_starts} false starts in a row"
    yield from (
        Transcript(question.name, Ending.GIVEN_UP, reason=f"not asked after {why}")
        for question in chain(waiting, rest)
    )


def run_to_end(program: Program, command: Sequence[str], limits: CaseLimits) -> ProgramOutput:
    """Start `command`, give it nothing to read, and keep what it prints until it ends.

    Raises EngineError where the engine itself fails.
    """
    process = program.start(command)
    patience = limits.seconds_to_start + limits.seconds_per_case
    deadline = time.monotonic() + patience
    output, errors, heard = b"", ErrorLog(), 0
    try:
        process.close_input()
        while not process.closed and heard <= limits.bytes_per_case:
            if (left := deadline - time.monotonic()) <= 0:
                break
            for chunk in process.receive(left):
                heard += len(chunk.data)
                if chunk.stream is Stream.OUTPUT:
                    output += chunk.data
                else:
                    errors.feed(chunk.data)
        ended = process.closed
    finally:
        exit_ = process.stop(grace=1.0 if process.closed else 0.0)
    errors.finish()
    if heard > limits.bytes_per_case:
        ending, reason = Ending.FLOODED, "printed without end"
    elif not ended:
        ending, reason = Ending.HUNG, f"did not end within {patience:g} s"
    elif exit_.status != 0:
        ending, reason = Ending.CRASHED, str(exit_)
    else:
        ending, reason = Ending.COMPLETED, ""
    return ProgramOutput(output.decode(errors="replace"), errors.take(""), ending, reason)
