"""Backward substitution: U and Y in, X with U X = Y out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.procedures import forward_substitution, inputs, lu, printed_factors
from harness.procedures.declaration import Result
from harness.procedures.grading import misshapen
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.substitution import judge_refusal, judge_triangular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.procedures.evidence import Evidence

VALUE = Check("backward.value", "Does X solve U X = Y, with its own U and Y?", "backward")


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on X, with the U and Y that it was handed."""
    missing = evidence.missing(PROCEDURE)
    yield judge_missing(evidence, missing) if missing is not None else judge_printed(evidence)


def judge_missing(evidence: Evidence, missing: Judgement) -> Judgement:
    """Judge a missing X: a refusal of a singular U is right."""
    message = evidence.transcript.messages.get(PROCEDURE.name, "")
    if not message and evidence.contract.stops_at_notice and not evidence.has(lu.PROCEDURE):
        message = evidence.notice
    if not message or PROCEDURE not in evidence.asked:
        return missing
    if not printed_factors.has_singular_upper(evidence):
        return judge_refusal(evidence, PROCEDURE, missing)
    if not missing.outcome.deviates:
        return missing
    return Judgement(VALUE, Outcome.REFUSED, f"refused: {message}; U is singular")


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed X."""
    stages = evidence.transcript.stages
    factors, sides = printed_factors.handed_factors(evidence), list_sides(evidence)
    if factors is None or not sides:
        follows = (
            forward_substitution.VALUE if evidence.has(forward_substitution.PROCEDURE) else None
        )
        return Judgement(VALUE, Outcome.BLOCKED, printed_factors.NO_TRIANGLE, follows=follows)
    if not printed_factors.has_singular_upper(evidence):
        judged = [
            judge_triangular(VALUE, factors[2], right, stages["backward"], evidence.expected)
            for right in sides
        ]
        return next((each for each in judged if not each.outcome.deviates), judged[0])
    if not rational.all_finite(stages["backward"].rows):
        return Judgement(VALUE, Outcome.DECLINED, "X is not finite; U is singular")
    if not evidence.has(lu.PROCEDURE) and evidence.notice:
        return Judgement(VALUE, Outcome.DECLINED, f"said: {evidence.notice}; U is singular")
    return Judgement(VALUE, Outcome.SILENT, "finite numbers without a word; U is singular")


def list_sides(evidence: Evidence) -> list[fmpq_mat]:
    """Return the right-hand sides, n × k, by which X is judged; none if Y is not finite.

    It is the printed Y. A port without forward substitution gives B in its place, or an L⁻¹ P B of
    its own.
    """
    factors, given = (
        printed_factors.handed_factors(evidence),
        evidence.transcript.stages.get("forward"),
    )
    expected = evidence.expected
    if given is not None:
        complaint = misshapen(given, expected.unknowns, expected.right_hand_sides)
        return [] if complaint else [rational.from_rows(given.rows)]
    is_solvable = factors is not None and factors[1].det() != 0
    if evidence.has(forward_substitution.PROCEDURE):
        return [factors[1].solve(factors[0] * expected.sides)] if factors and is_solvable else []
    sides = [expected.sides]
    if evidence.has(lu.PROCEDURE) and factors and is_solvable:
        sides.append(factors[1].solve(factors[0] * expected.sides))
    return sides


def is_wrong(evidence: Evidence, own: Judgement) -> bool:
    """Return whether X was judged by a U that is regular and no upper triangle."""
    judged = own.outcome.deviates and evidence.missing(PROCEDURE) is None
    return judged and not printed_factors.has_singular_upper(evidence)


IS_WRONG = Condition("it is not right, and U is regular", is_wrong)

PROCEDURE = Procedure(
    name="backward_substitution",
    results=(Result("backward", lambda m, n, k: (n, k)),),
    checks=(VALUE,),
    judge=judge,
    input=inputs.UPPER_AND_FORWARD,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, lu.has_no_triangle("backward_substitution")),
        Rule(VALUE, (printed_factors.UPPER,), IS_WRONG),
    ),
    handed_by=forward_substitution.PROCEDURE,
    needs_triangle=True,
    structure=Structure.SQUARE,
)
