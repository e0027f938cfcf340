"""The pivot choices of a factorisation P A = L U: P, L and U show what was left at each step.

After k steps the rows that are left are those of L[:, k:] U[k:, :].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.numerics import rational
from harness.numerics.pivoting_rules import NO_TOLERANCE, RULES, Zero
from harness.numerics.unused_rows import UnusedRows, as_double

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flint import fmpq_mat

    from harness.model.promises import Pivoting, Promises
    from harness.numerics.pivoting_rules import PivotingRule
    from harness.numerics.precision import Precision
    from harness.numerics.unused_rows import Numbers


@dataclass(frozen=True)
class Factorisation:
    """P, L and U of a matrix A, m × n: `order` are the rows of A, from 0, in the order of P A.

    `pivots` are the columns of the pivots in their order. The columns of U are in the order of A.
    """

    order: Sequence[int]
    pivots: Sequence[int]
    lower: fmpq_mat
    upper: fmpq_mat

    def find_broken_step(
        self, coefficients: fmpq_mat, promises: Promises, precision: Precision | None
    ) -> int | None:
        """Return the first step, from 0, whose pivot is not chosen as promised, or None.

        Of the dialects of the promise, it is the one that breaks last.
        """
        rows = UnusedRows.from_system(coefficients, coefficients.ncols(), precision)
        zero = Zero.of_matrix(promises.zero_tolerance, rows)
        left = [self.compute_rows_left(step, precision) for step in range(len(self.pivots))]
        broken = []
        for rule in RULES[promises.pivoting]:
            step = self.find_broken_step_of(rule, rows, zero, left)
            if step is None:
                return None
            broken.append(step)
        return max(broken)

    def list_broken_steps(
        self, coefficients: fmpq_mat, pivoting: Pivoting, precision: Precision | None
    ) -> list[int]:
        """Return the steps, from 0, at which the pivot row cannot be one that pivoting chooses.

        A is eliminated with the rows of U, as an echelon matrix is replayed: the radius of an entry
        covers every order of operations.
        """
        rule, steps = RULES[pivoting][0], []
        rows = UnusedRows.from_system(coefficients, coefficients.ncols(), precision)
        printed = rational.to_floats(self.upper) if precision else self.upper.tolist()
        for step, column in enumerate(self.pivots):
            index = rows.numbers.index(self.order[step])
            if not rule.find_legal_rows(rows, column, NO_TOLERANCE)[index]:
                steps.append(step)
            rows = rows.remove(index).eliminate(np.array(printed[step]), column)
        return steps

    def find_broken_step_of(
        self,
        rule: PivotingRule,
        rows: UnusedRows,
        zero: Zero,
        left: Sequence[tuple[Numbers, Numbers | None]],
    ) -> int | None:
        """Return the first step, from 0, that a rule does not allow, or None."""
        numbers = list(range(len(self.order)))
        places = {number: place for place, number in enumerate(self.order)}
        for step, column in enumerate(self.pivots):
            centre, radius = left[step]
            current = [places[number] for number in numbers]
            unused = UnusedRows(
                tuple(numbers),
                centre[current],
                None if radius is None else radius[current],
                rows.given,
                rows.unknowns,
                rows.precision,
            )
            index = numbers.index(self.order[step])
            if not rule.find_legal_rows(unused, column, zero)[index]:
                return step
            numbers = list(unused.remove(index, rule.swaps).numbers)
        return None

    def compute_rows_left(
        self, step: int, precision: Precision | None
    ) -> tuple[Numbers, Numbers | None]:
        """Return the rows that are left after so many steps, m × n, and their radii.

        The rows are in the order of P A.
        """
        count, width = self.lower.nrows(), self.upper.ncols()
        columns = range(step, self.lower.ncols())
        lower, upper = rational.columns(self.lower, columns), rational.rows(self.upper, columns)
        product = (lower * upper).tolist()
        if precision is None:
            rows = np.empty((count, width), dtype=object)
            rows[:] = product
            return rows, None
        sizes = np.abs(np.array(rational.to_floats(lower))) @ np.abs(
            np.array(rational.to_floats(upper))
        )
        # Each multiplier, and each product with it, may underflow.
        below = 1 + np.abs(np.array(rational.to_floats(upper))).sum(axis=0)
        errors = precision.unit_roundoff * sizes + precision.smallest_subnormal * below
        rows = np.array([[as_double(value) for value in row] for row in product])
        return rows, 4 * max(count, width) * errors
