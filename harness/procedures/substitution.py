"""The judgement on a substitution: shared by the forward and the backward one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.elimination_errors import residual_ratio
from harness.procedures.grading import BEYOND_RANGE, grade, misshapen, places_not_finite

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.model.check import Check
    from harness.numerics.oracle import Expected


def judge_triangular(
    check: Check, triangle: fmpq_mat, right: fmpq_mat, stage: Stage, expected: Expected
) -> Judgement:
    """Judge whether a printed X, n × k, solves T X = R with a regular triangle T, n × n.

    Substitution has |R − TX| ≤ γₙ|T||X|, whatever pivots T has (Higham, Accuracy and Stability of
    Numerical Algorithms, Theorem 8.5).
    """
    size, sides = right.nrows(), right.ncols()
    if complaint := misshapen(stage, size, sides):
        if stage.shape == (size, sides) and not rational.is_in_range(triangle.solve(right)):
            return Judgement(check, Outcome.DEFENSIBLE, BEYOND_RANGE)
        return Judgement(check, Outcome.WRONG, complaint, places_not_finite(stage))
    x = rational.from_rows(stage.rows)
    ratio = residual_ratio(right - triangle * x, rational.magnitudes(triangle), x, right)
    outcome = grade(ratio, expected.threshold)
    detail = "" if outcome is Outcome.RIGHT else "it does not solve the triangle that it was handed"
    return Judgement(check, outcome, detail, measures={"ratio": ratio})
