"""The answer of a port to one case, beside the expected result; and reasons for missing results.

A result is missing because the listing has no such procedure, because the port stopped with a
notice, because an earlier procedure failed, or because this one failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from harness.model.answer import Ending
from harness.model.case import Solutions
from harness.model.check import NO_SUCH_PROCEDURE
from harness.model.verdict import Judgement, Outcome
from harness.procedures.singularity import says_singular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.model.answer import Stage, Transcript
    from harness.model.check import Check
    from harness.model.contract import Contract
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import Declaration, Exclusion

NO_MESSAGE = "no message"
"""What a refusal or an exception says that has no text."""

OUTCOMES_OF_ENDINGS = {
    Ending.CRASHED: Outcome.CRASHED,
    Ending.HUNG: Outcome.HUNG,
    Ending.FLOODED: Outcome.UNREADABLE,
    Ending.OUT_OF_STEP: Outcome.UNREADABLE,
}


@dataclass(frozen=True)
class Evidence:
    """One port's transcript of one case, and the expected result of that case.

    `procedures` are those of the port, in the order in which their results are printed. `facts`
    holds the values of functions that are marked with `fact`.
    """

    contract: Contract
    procedures: tuple[Declaration, ...]
    expected: Expected
    transcript: Transcript
    facts: dict[Callable[[Evidence], object], object] = field(default_factory=dict)

    def stage(self, procedure: Declaration) -> Stage | None:
        """The result of a procedure, the last of several; None unless all could be read."""
        printed = [self.transcript.stages.get(label) for label in procedure.labels]
        return printed[-1] if all(stage and not stage.trouble for stage in printed) else None

    def has(self, procedure: Declaration) -> bool:
        """Return whether the port has that procedure."""
        return self.has_procedure(procedure.name)

    def has_procedure(self, name: str) -> bool:
        """Return whether the port has the procedure with that name."""
        return name in self.contract.procedures

    def sources(self, procedure: Declaration) -> tuple[Declaration, ...]:
        """Return the procedures on whose results a procedure of this port works."""
        return procedure.sources(self.contract.procedures)

    def missing(self, procedure: Declaration) -> Judgement | None:
        """The judgement on a missing result, for the first check of a procedure; None where the
        result is there."""
        check, transcript = procedure.check, self.transcript
        if not self.has(procedure):
            return Judgement(check, Outcome.ABSENT, NO_SUCH_PROCEDURE)
        exclusion = self.exclusions.get(procedure.name)
        if exclusion is not None and exclusion.claim is not None:
            return Judgement(check, Outcome.ABSENT, exclusion.reason, claims=(exclusion.claim,))
        if transcript.ending is Ending.NOT_ASKED:
            return Judgement(check, Outcome.ABSENT, transcript.reason)
        if transcript.ending is Ending.GIVEN_UP:
            return Judgement(check, Outcome.GIVEN_UP, transcript.reason)
        if exclusion is not None:
            return Judgement(check, Outcome.ABSENT, exclusion.reason)
        stop = self.stop(procedure)
        if self.stage(procedure) is not None:
            is_last = procedure is self.asked[-1]
            broken = is_last and stop is None and transcript.ending in OUTCOMES_OF_ENDINGS
            return self.broken_off(procedure) if broken else None
        if self.refuses(procedure):
            return self.failed(procedure)
        if stop is not None and not any(label in transcript.stages for label in procedure.labels):
            return stop
        if procedure.name in transcript.messages:
            return self.failed(procedure)
        if (earlier := self.failed_before(procedure)) is not None:
            detail = f"{earlier.name} did not get that far"
            return Judgement(check, Outcome.BLOCKED, detail, follows=earlier.check)
        return self.failed(procedure) if self.refusal(procedure) else self.broken_off(procedure)

    def failed(self, procedure: Declaration) -> Judgement:
        """The judgement on a procedure that raised an exception, refused, or gave a notice alone.

        An exception whose message says that the matrix is singular is no crash.
        """
        transcript, message = self.transcript, self.refusal(procedure)
        if procedure.name in transcript.refusals:
            detail = f"refused: {message}"
        elif procedure.name in transcript.failures:
            detail = f"{procedure.name} failed: {message}"
            if not self.says_singular(message):
                return Judgement(procedure.check, Outcome.CRASHED, detail)
        else:
            detail = f"no result; said: {message}"
        if not self.unique:
            detail += "; A is singular" if procedure.is_square else "; there is no unique solution"
            return Judgement(procedure.check, Outcome.REFUSED, detail)
        if self.expected.rank_is_doubtful:
            detail += "; a singular matrix lies within rounding"
            return Judgement(procedure.check, Outcome.DEFENSIBLE, detail)
        detail += "; A is regular" if procedure.is_square else "; there is a unique solution"
        return Judgement(procedure.check, Outcome.WRONG, detail)

    def refusal(self, procedure: Declaration) -> str:
        """The message of a procedure's exception or refusal, or the notice in place of its result.

        It is not empty where there is one.
        """
        transcript = self.transcript
        if procedure.name in transcript.messages:
            return transcript.messages[procedure.name] or NO_MESSAGE
        printed = any(label in transcript.stages for label in procedure.labels)
        if printed or not procedure.may_refuse or transcript.ending is not Ending.COMPLETED:
            return ""
        return self.notice_in((*transcript.remarks, *transcript.errors))

    def missing_for(self, check: Check, procedure: Declaration) -> Judgement | None:
        """The judgement on a missing result, for a later check of a procedure."""
        first = self.missing(procedure)
        if first is None or not first.outcome.deviates:
            return first and replace(first, check=check)
        detail = "there is no matrix to judge"
        return Judgement(check, Outcome.BLOCKED, detail, follows=first.check)

    def failed_before(self, procedure: Declaration) -> Declaration | None:
        """The earlier procedure whose own failure kept this one from being run."""
        stopped = self.transcript.ending is not Ending.COMPLETED
        for earlier in self.asked:
            if earlier is procedure:
                return None
            handed_on = earlier in self.sources(procedure)
            unreported = stopped and earlier.name not in self.transcript.messages
            if self.stage(earlier) is None and (handed_on or unreported):
                return earlier
        return None

    @cached_property
    def asked(self) -> tuple[Declaration, ...]:
        """The procedures whose results are due for this case, in the order of printing."""
        return tuple(
            procedure
            for procedure in self.procedures
            if self.has(procedure) and procedure.name not in self.exclusions
        )

    @cached_property
    def exclusions(self) -> dict[str, Exclusion]:
        """The procedures that are not asked of this case, by name, with the reasons."""
        form, promises = self.expected.form, self.contract.promises
        return {
            procedure.name: exclusion
            for procedure in self.procedures
            if (exclusion := procedure.find_exclusion(form, promises)) is not None
        }

    def broken_off(self, procedure: Declaration) -> Judgement:
        """The judgement on the procedure that was running when the answer broke off."""
        check, stages = procedure.check, self.transcript.stages
        ending, reason = self.transcript.ending, self.transcript.reason
        if ending in OUTCOMES_OF_ENDINGS:
            when = "in" if self.stage(procedure) is None else "after"
            detail = f"{ending} {when} {procedure.name}: {reason}"
            return Judgement(check, OUTCOMES_OF_ENDINGS[ending], detail)
        troubles = [
            stages[label].trouble if label in stages else f"no `{label}` was printed"
            for label in procedure.labels
        ]
        trouble = next((trouble for trouble in troubles if trouble), "")
        return Judgement(check, Outcome.UNREADABLE, trouble)

    def stop(self, procedure: Declaration) -> Judgement | None:
        """The judgement on a port that stopped at its notice; None where it did not.

        It stops where its manifest says so, or by an exception that says so.
        """
        involved = (*self.sources(procedure), procedure)
        stated = (self.refusal(each) for each in involved if self.refuses(each))
        raised = next(stated, "")
        stops = raised or (self.notice and self.contract.stops_at_notice)
        if not stops or self.transcript.ending not in (Ending.COMPLETED, Ending.CRASHED):
            return None
        if self.unique and not self.expected.rank_is_doubtful:
            return None
        is_printed = any(label in self.transcript.stages for label in procedure.labels)
        outcome = Outcome.DECLINED if is_printed else Outcome.REFUSED
        outcome = Outcome.DEFENSIBLE if self.unique else outcome
        return Judgement(procedure.check, outcome, f"stopped, and said: {raised or self.notice}")

    @cached_property
    def notice(self) -> str:
        """The line in which the port said that there is no unique solution, or nothing."""
        lines = (*self.transcript.remarks, *self.transcript.errors)
        given, names = self.transcript.messages, self.contract.procedures
        messages = (
            given[procedure.name]
            for procedure in self.procedures
            if procedure.name in given and not procedure.has_other_refusals(names)
        )
        return self.notice_in((*lines, *messages))

    def refuses(self, procedure: Declaration) -> bool:
        """Return whether a procedure said that there is no unique solution, and gave no result."""
        transcript, name = self.transcript, procedure.name
        raised = transcript.failures.get(name, "")
        return name in transcript.refusals or bool(raised and self.says_singular(raised))

    def says_singular(self, message: str) -> bool:
        """Return whether an exception's message says that there is no unique solution."""
        return bool(self.notice_in([message])) or says_singular(message)

    def notice_in(self, lines: Iterable[str]) -> str:
        """The first line that holds one of the port's notices, or nothing."""
        notices = self.contract.notices
        return next((line for line in lines if any(notice in line for notice in notices)), "")

    @property
    def unique(self) -> bool:
        """True if the system has exactly one solution."""
        return self.expected.solutions is Solutions.UNIQUE

    @property
    def regular(self) -> bool:
        """True if the coefficients, n × n, are regular."""
        return self.expected.reduced.rank == self.expected.unknowns


Value = TypeVar("Value")


def fact(function: Callable[[Evidence], Value]) -> Callable[[Evidence], Value]:
    """`function`, worked out once for each piece of evidence."""

    def value(evidence: Evidence) -> Value:
        if function not in evidence.facts:
            evidence.facts[function] = function(evidence)
        return cast("Value", evidence.facts[function])

    return value


def missing_judgements(evidence: Evidence, procedure: Declaration) -> Iterator[Judgement]:
    """The judgements on all checks of a procedure whose result is missing; none otherwise."""
    if (missing := evidence.missing(procedure)) is not None:
        yield missing
        for check in procedure.checks[1:]:
            yield cast("Judgement", evidence.missing_for(check, procedure))
