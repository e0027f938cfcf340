"""The plan of a run: its cases, and the judges of the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.model.answer import Transcript
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.runs.answers import Answer
    from harness.runs.judges import Judges


@dataclass(frozen=True)
class RunPlan:
    """The cases of a run, and the judges of the answers to them.

    The cases in `before` are asked first; they are not reported.
    """

    cases: tuple[Case, ...]
    before: tuple[Case, ...]
    judges: Judges

    @property
    def all_cases(self) -> tuple[Case, ...]:
        """The cases in the order in which they are asked."""
        return (*self.before, *self.cases)

    def judge(self, port: Port, transcript: Transcript) -> Answer:
        """Return an answer of a port with its judgements. Raises StoppedError if the run is stopped
        before it is judged."""
        return self.judges.submit(port, transcript).get()
