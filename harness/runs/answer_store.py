"""The answers of one port, most of them in a temporary file.

A port may answer many thousands of cases. Memory holds their outcomes; the printed numbers and the
judgements are read again where they are needed.
"""

from __future__ import annotations

import pickle
import weakref
import zlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.files import close_quietly, describe_full_disk, open_temporary_file
from harness.judging.process import StoppedError
from harness.model import finding as findings
from harness.model.answer import Ending
from harness.model.verdict import Outcome
from harness.runs.outcome_pool import OutcomePool

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from harness.model.check import Check
    from harness.model.port import Port
    from harness.runs.answers import Answer, PendingAnswer

MAXIMUM_PENDING = 500
"""The number of answers of a port that may wait to be judged. Then the port waits too."""

COMPRESSION_LEVEL = 1


class AnswerFile:
    """A temporary file of whole answers. It is removed with the last answer that refers to it."""

    def __init__(self) -> None:
        self._file = open_temporary_file()
        weakref.finalize(self, close_quietly, self._file)

    def append(self, answer: Answer) -> tuple[int, int]:
        """Write an answer at the end, and return its position and its length in bytes.

        Raises HarnessError if it cannot be written.
        """
        data = zlib.compress(pickle.dumps(answer), COMPRESSION_LEVEL)
        with describe_full_disk():
            self._file.seek(0, 2)
            position = self._file.tell()
            self._file.write(data)
        return position, len(data)

    def read(self, position: int, length: int) -> Answer:
        """Return the answer at a position."""
        self._file.seek(position)
        answer: Answer = pickle.loads(zlib.decompress(self._file.read(length)))
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class StoredAnswer:
    """An answer of which memory holds the outcomes only, by check.

    `place` is the position and the length of the rest in its file. `has_discontinuity` says that
    the process before it failed between two cases.
    """

    case: str
    ending: Ending
    outcomes: Mapping[Check, Outcome]
    file: AnswerFile
    place: tuple[int, int]
    has_discontinuity: bool

    @property
    def was_given(self) -> bool:
        """True if the port was asked."""
        return self.ending not in (Ending.GIVEN_UP, Ending.NOT_ASKED)

    @property
    def ended_process(self) -> bool:
        """True if the process did not live to answer another case."""
        return self.was_given and self.ending is not Ending.COMPLETED

    @property
    def deviating(self) -> tuple[Check, ...]:
        """The checks that deviate."""
        return tuple(check for check, outcome in self.outcomes.items() if outcome.deviates)

    def outcome(self, check: Check) -> Outcome:
        """Return the outcome of a check; right where it has one only if a process fails."""
        return self.outcomes.get(check, Outcome.RIGHT)

    def agrees(self, other: StoredAnswer, checks: Collection[Check]) -> bool:
        """Return whether these checks have the same outcomes in another answer."""
        return all(self.outcome(check) is other.outcome(check) for check in checks)

    def load(self) -> Answer:
        """Return the whole answer."""
        return self.file.read(*self.place)


def is_explained(port: Port, answer: StoredAnswer) -> bool:
    """Return whether findings of a port explain all deviations of an answer."""
    deviations = (
        findings.Deviation(check, answer.case, answer.outcomes[check]) for check in answer.deviating
    )
    return all(findings.find_explanation(port.findings, deviation) for deviation in deviations)


class AnswerStore:
    """The answers of one port so far, in the order in which it was asked.

    Some may still wait to be judged. One thread uses it.
    """

    def __init__(self) -> None:
        self.number = 0
        self._file = AnswerFile()
        self._pending: deque[PendingAnswer] = deque()
        self._answers: list[StoredAnswer] = []
        self._pool = OutcomePool()

    def add(self, answer: PendingAnswer) -> None:
        """Add an answer. Waits for the oldest one if too many are not judged yet."""
        self.number += 1
        self._pending.append(answer)
        if len(self._pending) > MAXIMUM_PENDING:
            self._store_oldest()

    def collect(self) -> list[StoredAnswer]:
        """Wait until all answers are judged, and return them.

        Once the run is stopped, there are none for answers that were not judged in time.
        """
        while self._pending:
            self._store_oldest()
        return self._answers

    def _store_oldest(self) -> None:
        try:
            answer = self._pending.popleft().get()
        except StoppedError:
            return
        outcomes = ((check, j.outcome) for check, j in answer.judgements.items())
        self._answers.append(
            StoredAnswer(
                case=answer.transcript.case,
                ending=answer.transcript.ending,
                outcomes=self._pool.share(outcomes),
                file=self._file,
                place=self._file.append(answer),
                has_discontinuity=bool(answer.transcript.discontinuity),
            )
        )
