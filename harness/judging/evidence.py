"""What there is to judge of a port's transcript, and why where there is nothing.

A result may be missing because the listing has no such procedure, because the port stopped with a
notice, because an earlier procedure failed, or because this one did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from harness.model.answer import Ending
from harness.model.case import Solutions
from harness.model.check import Check
from harness.model.procedure import ALL_PROCEDURES, PROCEDURES
from harness.model.verdict import Judgement, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.model.answer import Stage, Transcript
    from harness.model.port import Port
    from harness.numerics.oracle import Expected

NO_SUCH_PROCEDURE = "the listing has no such procedure"
NO_NOTICE = "the listing says nothing of singular matrices"
REASONS_OF_THE_PORT = frozenset({NO_SUCH_PROCEDURE, NO_NOTICE})
"""Why a check is absent from a port whatever the case."""

ENDED_BADLY = {
    Ending.CRASHED: Outcome.CRASHED,
    Ending.HUNG: Outcome.HUNG,
    Ending.FLOODED: Outcome.UNREADABLE,
    Ending.OUT_OF_STEP: Outcome.UNREADABLE,
}


def sources(procedure: str) -> tuple[str, ...]:
    """The procedures on whose results one works, directly or not, the nearest first."""
    source = PROCEDURES[procedure].handed_by
    return (source, *sources(source)) if source else ()


@dataclass(frozen=True)
class Evidence:
    """One port's transcript of one case, and what is true of that case."""

    port: Port
    expected: Expected
    transcript: Transcript

    def stage(self, procedure: str) -> Stage | None:
        """The result of a procedure, the last of several, if all could be read."""
        printed = [self.transcript.stages.get(label) for label in PROCEDURES[procedure].labels]
        return printed[-1] if all(stage and not stage.trouble for stage in printed) else None

    def missing(self, procedure: str) -> Judgement | None:
        """Why a procedure's result cannot be judged, put to the first of its checks; or None."""
        asked, transcript = PROCEDURES[procedure], self.transcript
        check = asked.check
        if procedure not in self.port.procedures:
            return Judgement(check, Outcome.ABSENT, NO_SUCH_PROCEDURE)
        if transcript.ending is Ending.NOT_ASKED:
            return Judgement(check, Outcome.ABSENT, transcript.reason)
        if transcript.ending is Ending.GIVEN_UP:
            return Judgement(check, Outcome.GIVEN_UP, transcript.reason)
        if asked.square and self.expected.rows != self.expected.unknowns:
            return Judgement(check, Outcome.ABSENT, "asked of square matrices only")
        if asked.single and self.expected.right_hand_sides > 1:
            return Judgement(check, Outcome.ABSENT, "asked with one right-hand side only")
        stop = self.stop(procedure)
        if self.stage(procedure) is not None:
            last = procedure == self.asked_for[-1]
            broken = last and stop is None and transcript.ending in ENDED_BADLY
            return self.broken_off(procedure) if broken else None
        if stop is not None and not any(label in transcript.stages for label in asked.labels):
            return stop
        if (message := transcript.failures.get(procedure)) is not None:
            return Judgement(check, Outcome.CRASHED, f"{procedure} failed: {message}")
        if (culprit := self.culprit_before(procedure)) is not None:
            detail = f"{culprit} did not get that far"
            return Judgement(check, Outcome.BLOCKED, detail, follows=PROCEDURES[culprit].check)
        return self.broken_off(procedure)

    def culprit_before(self, procedure: str) -> str | None:
        """An earlier procedure whose own failure left this one without its turn."""
        stopped = self.transcript.ending is not Ending.COMPLETED
        for earlier in self.asked_for:
            if earlier == procedure:
                return None
            handed_on = earlier in sources(procedure)
            unsaid = stopped and earlier not in self.transcript.failures
            if self.stage(earlier) is None and (handed_on or unsaid):
                return earlier
        return None

    @cached_property
    def asked_for(self) -> tuple[str, ...]:
        """The procedures whose results are due for this case, in the order of printing."""
        square = self.expected.rows == self.expected.unknowns
        several = self.expected.right_hand_sides > 1
        return tuple(
            p.name
            for p in ALL_PROCEDURES
            if p.name in self.port.procedures
            and (square or not p.square)
            and not (several and p.single)
        )

    def broken_off(self, procedure: str) -> Judgement:
        """The judgement on the procedure that was at work when the answer went wrong."""
        asked, stages = PROCEDURES[procedure], self.transcript.stages
        check = asked.check
        ending, reason = self.transcript.ending, self.transcript.reason
        if ending in ENDED_BADLY:
            when = "in" if self.stage(procedure) is None else "after"
            return Judgement(check, ENDED_BADLY[ending], f"{ending} {when} {procedure}: {reason}")
        troubles = [
            stages[label].trouble if label in stages else f"no `{label}` was printed"
            for label in asked.labels
        ]
        trouble = next((trouble for trouble in troubles if trouble), "")
        return Judgement(check, Outcome.UNREADABLE, trouble)

    def stop(self, procedure: str) -> Judgement | None:
        """The judgement where the port said that there is no unique solution and stopped; or None.

        It stops where its manifest says so, or by an exception that holds the notice.
        """
        failures = self.transcript.failures
        raised = self.noticed(failures.get(name, "") for name in (*sources(procedure), procedure))
        stops = raised or (self.notice and self.port.stops_at_notice)
        if not stops or self.transcript.ending not in (Ending.COMPLETED, Ending.CRASHED):
            return None
        if self.unique and not self.expected.rank_is_doubtful:
            return None
        outcome = Outcome.DEFENSIBLE if self.unique else Outcome.DECLINED
        return Judgement(PROCEDURES[procedure].check, outcome, f"stopped, and said: {self.notice}")

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
