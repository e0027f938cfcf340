"""Results without a correct digit that a bound for rounding errors accepts all the same.

Where a matrix is so ill-conditioned that the bound exceeds the result itself, it permits any
numbers, and shows of none that they are right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.numerics import rational
from harness.numerics.error_measures import backward_ratio

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.numerics.precision import Precision

LARGEST_SHARE = 10
"""A result has no correct digit if its error is at least its size divided by this number."""


def has_no_digit(printed: fmpq_mat, true: fmpq_mat) -> bool:
    """Return whether ‖X − X*‖ ≥ ‖X*‖/10 for a printed X and the true X*, n × k, and X ≠ X*.

    −log₁₀ of the relative error, the number of correct digits, is then at most 1. The norm is the
    largest row sum.
    """
    error = rational.row_norm(printed - true)
    return bool(error > 0 and LARGEST_SHARE * error >= rational.row_norm(true))


def find_lost_columns(
    printed: fmpq_mat,
    true: fmpq_mat,
    system: fmpq_mat,
    limit: float,
    precision: Precision,
    slack: fmpq_mat | None = None,
) -> list[int]:
    """Return the columns, from 0, of a printed X, n × k, that no criterion shows to be right.

    They have no correct digit, and no residual below the `limit` in `system`, [A | B], m × (n + k):
    an x with a small residual by norms solves a system within rounding of this one, however few
    digits of it are correct (Higham, Accuracy and Stability of Numerical Algorithms, Theorem 7.1).
    `slack`, m × k, is the part of the residual that rounding in print may explain.
    """
    unknowns, lost = printed.nrows(), []
    for j in range(printed.ncols()):
        x = rational.columns(printed, [j])
        if has_no_digit(x, rational.columns(true, [j])):
            chosen = rational.columns(system, [*range(unknowns), unknowns + j])
            hidden = rational.columns(slack, [j]) if slack else None
            if backward_ratio(chosen, unknowns, x, hidden, precision) >= limit:
                lost.append(j)
    return lost
