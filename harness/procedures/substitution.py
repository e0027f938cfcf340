"""The judgement on a substitution: shared by the forward and the backward one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.elimination_errors import residual_ratio
from harness.procedures.grading import beyond_range, grade, misshapen, places_not_finite

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.model.check import Check
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import Declaration
    from harness.procedures.evidence import Evidence


def judge_triangular(
    check: Check, triangle: fmpq_mat, right: fmpq_mat, stage: Stage, expected: Expected
) -> Judgement:
    """Judge whether a printed X, n × k, solves T X = R with a regular triangle T, n × n.

    Substitution has |R − TX| ≤ γₙ|T||X|, whatever pivots T has (Higham, Accuracy and Stability of
    Numerical Algorithms, Theorem 8.5).
    """
    size, sides = right.nrows(), right.ncols()
    if complaint := misshapen(stage, size, sides):
        if stage.shape == (size, sides) and leaves_range_of(expected, triangle, right):
            return Judgement(check, Outcome.DEFENSIBLE, beyond_range(expected))
        return Judgement(check, Outcome.WRONG, complaint, places_not_finite(stage))
    x = rational.from_rows(stage.rows)
    ratio = residual_ratio(
        right - triangle * x, rational.magnitudes(triangle), x, right, precision=expected.units
    )
    outcome = grade(ratio, expected.threshold)
    detail = "" if outcome is Outcome.RIGHT else "it does not solve the triangle that it was handed"
    return Judgement(check, outcome, detail, measures={"ratio": ratio})


def judge_refusal(evidence: Evidence, procedure: Declaration, missing: Judgement) -> Judgement:
    """Judge a missing result of a port without `lu`, whose triangle is regular.

    That the triangle, or A, is singular is no reason then.
    """
    message = evidence.transcript.messages.get(procedure.name, "")
    if "lu" in evidence.contract.procedures or not message:
        return missing
    if missing.outcome not in (Outcome.REFUSED, Outcome.DEFENSIBLE):
        return missing
    detail = f"refused: {message}; the triangle is regular"
    return Judgement(procedure.check, Outcome.WRONG, detail)


def leaves_range_of(expected: Expected, triangle: fmpq_mat, right: fmpq_mat) -> bool:
    """Return whether the X of T X = R, n × k, or a product |T||X|, exceeds the largest number.

    A singular T has no X: then T itself is at fault.
    """
    try:
        x = triangle.solve(right)
    except ZeroDivisionError:
        return False
    products = rational.magnitudes(triangle) * rational.magnitudes(x)
    return not (expected.units.holds(x) and expected.units.holds(products))
