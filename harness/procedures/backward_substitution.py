"""Backward substitution: U and Y in, X with U X = Y out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.procedures import forward_substitution, inputs, lu
from harness.procedures.declaration import Result
from harness.procedures.grading import misshapen
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.substitution import judge_triangular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.procedures.evidence import Evidence

VALUE = Check("backward.value", "Does X solve U X = Y, with its own U and Y?", "backward")


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on X, with the port's own U and Y."""
    missing = evidence.missing(PROCEDURE)
    yield judge_missing(evidence, missing) if missing is not None else judge_printed(evidence)


def judge_missing(evidence: Evidence, missing: Judgement) -> Judgement:
    """Judge a missing X: a refusal of a singular U is right."""
    message = evidence.transcript.failures.get(PROCEDURE.name, "")
    if message and lu.has_zero_on_diagonal(evidence) and missing.outcome.deviates:
        return Judgement(VALUE, Outcome.DECLINED, f"refused: {message}; U is singular")
    return missing


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed X."""
    stages, expected = evidence.transcript.stages, evidence.expected
    factors, right = lu.printed_factors(evidence), given_side(evidence)
    if factors is None or right is None:
        follows = forward_substitution.VALUE
        return Judgement(VALUE, Outcome.BLOCKED, lu.NO_TRIANGLE, follows=follows)
    if not lu.has_zero_on_diagonal(evidence):
        return judge_triangular(VALUE, factors[2], right, stages["backward"], expected)
    if not rational.all_finite(stages["backward"].rows):
        return Judgement(VALUE, Outcome.DECLINED, "X is not finite; U is singular")
    return Judgement(VALUE, Outcome.SILENT, "finite numbers without a word; U is singular")


def given_side(evidence: Evidence) -> fmpq_mat | None:
    """Return the printed Y, n × k, or L⁻¹ P B where there is none; None if neither is finite."""
    factors, given = lu.printed_factors(evidence), evidence.transcript.stages.get("forward")
    expected = evidence.expected
    if given is not None:
        complaint = misshapen(given, expected.unknowns, expected.right_hand_sides)
        return None if complaint else rational.from_rows(given.rows)
    if factors is None or factors[1].det() == 0:
        return None
    return factors[1].solve(factors[0] * expected.sides)


def is_wrong(evidence: Evidence, own: Judgement) -> bool:
    """Return whether X was judged by a U that is regular and no upper triangle."""
    judged = own.outcome.deviates and evidence.missing(PROCEDURE) is None
    return judged and not lu.has_zero_on_diagonal(evidence)


IS_WRONG = Condition("it is not right, and U is regular", is_wrong)

PROCEDURE = Procedure(
    name="backward_substitution",
    results=(Result("backward", lambda m, n, k: (n, k)),),
    checks=(VALUE,),
    judge=judge,
    input=inputs.UPPER_AND_FORWARD,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, lu.has_no_triangle("backward_substitution")),
        Rule(VALUE, (lu.UPPER,), IS_WRONG),
    ),
    handed_by=forward_substitution.PROCEDURE,
    structure=Structure.SQUARE,
)
