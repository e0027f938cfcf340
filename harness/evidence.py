"""What there is to judge of a port's transcript, and why where there is nothing.

A result may be missing because the listing has no such procedure, because the port stopped with a
notice, because an earlier procedure failed, or because this one did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from harness.cases import Solutions
from harness.transcript import STAGES, Ending
from harness.verdict import Check, Judgement, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.oracle import Expected
    from harness.ports import Port
    from harness.transcript import Stage, Transcript

FIRST_CHECK = {
    "gaussian_elimination": Check.ECHELON_FORM,
    "gauss_jordan": Check.REDUCED_FORM,
    "back_substitution": Check.SOLUTION_VALUE,
}
ENDED_BADLY = {
    Ending.CRASHED: Outcome.CRASHED,
    Ending.HUNG: Outcome.HUNG,
    Ending.FLOODED: Outcome.UNREADABLE,
    Ending.OUT_OF_STEP: Outcome.UNREADABLE,
}


@dataclass(frozen=True)
class Evidence:
    """One port's transcript of one case, and what is true of that case."""

    port: Port
    expected: Expected
    transcript: Transcript

    def stage(self, procedure: str) -> Stage | None:
        """The result of a procedure, if it was printed and could be read."""
        stage = self.transcript.stages.get(STAGES[procedure])
        return stage if stage is not None and not stage.trouble else None

    def missing(self, procedure: str) -> Judgement | None:
        """Why a procedure's result cannot be judged, put to the first of its checks; or None."""
        check, transcript = FIRST_CHECK[procedure], self.transcript
        if procedure not in self.port.procedures:
            return Judgement(check, Outcome.ABSENT, "the listing has no such procedure")
        if transcript.ending is Ending.NOT_ASKED:
            return Judgement(check, Outcome.ABSENT, transcript.reason)
        if transcript.ending is Ending.GIVEN_UP:
            return Judgement(check, Outcome.GIVEN_UP, transcript.reason)
        stop = self.stop(procedure)
        if self.stage(procedure) is not None:
            last = procedure == self.port.procedures[-1]
            broken = last and stop is None and transcript.ending in ENDED_BADLY
            return self.broken_off(procedure) if broken else None
        if stop is not None and STAGES[procedure] not in transcript.stages:
            return stop
        if (message := transcript.failures.get(procedure)) is not None:
            return Judgement(check, Outcome.CRASHED, f"{procedure} failed: {message}")
        if (culprit := self.culprit_before(procedure)) is not None:
            detail = f"{culprit} did not get that far"
            return Judgement(check, Outcome.BLOCKED, detail, follows=FIRST_CHECK[culprit])
        return self.broken_off(procedure)

    def culprit_before(self, procedure: str) -> str | None:
        """An earlier procedure whose own failure left this one without its turn."""
        for earlier in self.port.procedures:
            if earlier == procedure:
                return None
            handed_on = earlier == "gaussian_elimination"
            stopped = self.transcript.ending is not Ending.COMPLETED
            if self.stage(earlier) is None and (handed_on or stopped):
                return earlier
        return None

    def broken_off(self, procedure: str) -> Judgement:
        """The judgement on the procedure that was at work when the answer went wrong."""
        check, stage = FIRST_CHECK[procedure], self.transcript.stages.get(STAGES[procedure])
        ending, reason = self.transcript.ending, self.transcript.reason
        if ending in ENDED_BADLY:
            when = "in" if self.stage(procedure) is None else "after"
            return Judgement(check, ENDED_BADLY[ending], f"{ending} {when} {procedure}: {reason}")
        trouble = stage.trouble if stage else f"no `{STAGES[procedure]}` was printed"
        return Judgement(check, Outcome.UNREADABLE, trouble)

    def stop(self, procedure: str) -> Judgement | None:
        """The judgement where the port said that there is no unique solution and stopped; or None.

        It stops where its manifest says so, or by an exception that holds the notice.
        """
        failures = self.transcript.failures
        raised = self.noticed(
            failures.get(name, "") for name in ("gaussian_elimination", procedure)
        )
        stops = raised or (self.notice and self.port.stops_at_notice)
        if not stops or self.transcript.ending not in (Ending.COMPLETED, Ending.CRASHED):
            return None
        if self.unique and not self.expected.rank_is_doubtful:
            return None
        outcome = Outcome.DEFENSIBLE if self.unique else Outcome.DECLINED
        return Judgement(FIRST_CHECK[procedure], outcome, f"stopped, and said: {self.notice}")

    def missing_for(self, check: Check, procedure: str) -> Judgement | None:
        """Like `missing`, put to a later check of a procedure's result."""
        first = self.missing(procedure)
        if first is None or not first.outcome.deviates:
            return first and replace(first, check=check)
        detail = "there is no matrix to judge"
        return Judgement(check, Outcome.BLOCKED, detail, follows=first.check)

    @cached_property
    def notice(self) -> str:
        """The line in which the port said that there is no unique solution, or nothing."""
        lines = (*self.transcript.remarks, *self.transcript.errors)
        return self.noticed((*lines, *self.transcript.failures.values()))

    def noticed(self, lines: Iterable[str]) -> str:
        """The first line that holds one of the port's notices, or nothing."""
        return next((line for line in lines if any(n in line for n in self.port.notices)), "")

    @property
    def unique(self) -> bool:
        """Whether the system has exactly one solution."""
        return self.expected.solutions is Solutions.UNIQUE
