"""The judgement on a procedure for positive definite A where A is not, or hardly is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.verdict import Judgement, Outcome
from harness.numerics.definiteness import Definiteness

if TYPE_CHECKING:
    from harness.model.check import Check
    from harness.procedures.declaration import Declaration
    from harness.procedures.evidence import Evidence

OUTCOMES = {
    Definiteness.POSITIVE: Outcome.WRONG,
    Definiteness.DOUBTFUL: Outcome.DEFENSIBLE,
    Definiteness.NOT_POSITIVE: Outcome.DECLINED,
}
"""The outcomes of numbers that are not finite."""

REASONS = {
    Definiteness.POSITIVE: "A is positive definite",
    Definiteness.DOUBTFUL: "a matrix that is not positive definite lies within rounding",
    Definiteness.NOT_POSITIVE: "A is not positive definite",
}

SILENT = "finite numbers without a word; A is not positive definite"


def judge_missing(evidence: Evidence, procedure: Declaration) -> Judgement | None:
    """Judge a missing result, None where it is there: A that is not positive definite is refused.

    The message of a refusal does not matter. What the procedure computes, such as the root of a
    negative number, raises exceptions of all kinds.
    """
    missing, message = evidence.missing(procedure), evidence.refusal(procedure)
    if missing is None or not message or not missing.outcome.deviates:
        return missing
    kind = evidence.expected.definiteness
    is_right = kind is Definiteness.NOT_POSITIVE
    outcome = Outcome.REFUSED if is_right else OUTCOMES[kind]
    detail = f"refused: {message.rstrip('.')}; {REASONS[kind]}"
    return Judgement(procedure.check, outcome, detail)


def judge_not_finite(evidence: Evidence, check: Check, subject: str) -> Judgement:
    """Judge infinities and NaN: they are right where A is not positive definite."""
    kind = evidence.expected.definiteness
    return Judgement(check, OUTCOMES[kind], f"{subject} is not finite; {REASONS[kind]}")


def reason(evidence: Evidence) -> str:
    """Return a clause that says whether A is positive definite."""
    return REASONS[evidence.expected.definiteness]
