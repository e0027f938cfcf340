"""The distance between the row spaces of two matrices.

Elimination keeps the row space, whatever its choice of pivots. The distance does not depend on row
interchanges, or on the scaling of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flint import fmpq, fmpq_mat

from harness.numerics import rational
from harness.numerics.error_measures import U, allowed_residual, magnitudes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.numerics.rational import ReducedForm

ONE = fmpq(1)


def is_one_within_rounding(value: fmpq) -> bool:
    """Return whether a number is 1, or a rounded product p·(1/p)."""
    return abs(value - 1) <= 2 * U


@dataclass(frozen=True)
class RowEquivalence:
    """A comparison of the row spaces of a printed matrix U and a system M, both m × (n + 1), exact.

    Let p be the pivot columns of U. Every other column j of U is a combination R_j of them. The
    residual of M_j = M_p R_j is scaled like a backward error: U is exactly row-equivalent to a
    matrix that differs from M by that error. `system_form` is the reduced form of M. `half_units`,
    m × (n + 1), are the largest changes of U by rounding in print.
    """

    printed: fmpq_mat
    system: fmpq_mat
    system_form: ReducedForm
    unknowns: int
    half_units: fmpq_mat | None = None

    @cached_property
    def printed_form(self) -> ReducedForm:
        """The reduced form of U."""
        return rational.reduced_form(self.printed, self.unknowns)

    @property
    def extra_pivots(self) -> list[int]:
        """The pivot columns of U that are not pivot columns of M."""
        return [j for j in self.printed_form.pivots if j not in self.system_form.pivots]

    @property
    def lost_pivots(self) -> list[int]:
        """The pivot columns of M that are not pivot columns of U."""
        return [j for j in self.system_form.pivots if j not in self.printed_form.pivots]

    @property
    def has_contradiction(self) -> bool:
        """True if U, as a system, is inconsistent: elimination gives a row 0 = c with c ≠ 0."""
        return bool(self.printed_form.augmented_pivots)

    @property
    def should_have_contradiction(self) -> bool:
        """True if M is inconsistent."""
        return bool(self.system_form.augmented_pivots)

    @property
    def has_unit_pivots(self) -> bool:
        """True if every row of U was divided by its pivot, so that its pivots' sizes are lost."""
        return bool(self.printed_form.pivots) and all(
            is_one_within_rounding(
                next((value for value in row[: self.unknowns] if value != 0), ONE)
            )
            for row in self.printed.tolist()
        )

    @property
    def has_unit_contradiction(self) -> bool:
        """True if a row 0 = c of U was divided by c too, so that its size is lost."""
        return self.has_unit_pivots and is_one_within_rounding(self.largest_contradiction)

    @property
    def largest_contradiction(self) -> fmpq:
        """The largest c of the rows 0 = c of U."""
        rows = self.printed.tolist()
        return rational.largest_magnitude(
            row[-1] for row in rows if all(v == 0 for v in row[: self.unknowns])
        )

    @cached_property
    def compared_columns(self) -> list[int]:
        """The columns without a pivot of U that are compared.

        The right-hand side is left out if it may hold any numbers: if U and M are both
        inconsistent, or if U is inconsistent because it lost a pivot.
        """
        columns = [j for j in range(self.unknowns) if j not in self.printed_form.pivots]
        is_arbitrary = self.has_contradiction and bool(
            self.should_have_contradiction or self.lost_pivots
        )
        return columns if is_arbitrary else [*columns, self.unknowns]

    @cached_property
    def combinations(self) -> fmpq_mat:
        """R, rank × compared columns.

        The reduced form of an inconsistent U has zeros in the last column of its pivot rows. The
        combination for that column is then that of the pivot rows of U.
        """
        pivots, columns = self.printed_form.pivots, self.compared_columns
        if not pivots or not self.has_contradiction or self.unknowns not in columns:
            pivot_rows = rational.rows(self.printed_form.matrix, range(len(pivots)))
            return rational.columns(pivot_rows, columns)
        rows = self.independent_rows
        return rational.columns(rows, pivots).solve(rational.columns(rows, columns))

    @property
    def independent_rows(self) -> fmpq_mat:
        """The first rows of U with independent coefficients: the pivot rows of an echelon form."""
        transposed = rational.columns(self.printed, range(self.unknowns)).transpose()
        independent = rational.reduced_form(transposed, transposed.ncols()).pivots
        return rational.rows(self.printed, independent)

    @cached_property
    def ratio(self) -> float:
        """The largest ratio of ‖M_j − M_p R_j‖∞ to the allowed residual (compared columns j)."""
        columns = self.compared_columns
        pivot_columns = rational.columns(self.system, self.printed_form.pivots)
        residual = rational.columns(self.system, columns) - pivot_columns * self.combinations
        return self.largest_ratio(residual, self.combinations, columns, self.print_slack)

    @property
    def extra_pivots_ratio(self) -> float:
        """The distance of U's extra pivot columns from the combinations that they are in M.

        It is ‖U_j − U_q R*_j‖∞ with q the pivot columns of M and R* the combinations of M, scaled
        as `ratio` is.
        """
        pivot_rows = rational.rows(self.system_form.matrix, range(self.system_form.rank))
        combinations = rational.columns(pivot_rows, self.extra_pivots)
        pivot_columns = rational.columns(self.printed, self.system_form.pivots)
        residual = rational.columns(self.printed, self.extra_pivots) - pivot_columns * combinations
        return self.largest_ratio(residual, combinations, self.extra_pivots)

    @property
    def contradiction_ratio(self) -> float:
        """The ratio of the largest c of the rows 0 = c of U to the allowed residual."""
        residual = fmpq_mat([[self.largest_contradiction]])
        last = rational.columns(self.combinations, [self.combinations.ncols() - 1])
        return self.largest_ratio(residual, last, [self.unknowns])

    def largest_ratio(
        self,
        residual: fmpq_mat,
        combinations: fmpq_mat,
        columns: Sequence[int],
        slack: Sequence[Sequence[fmpq]] | None = None,
    ) -> float:
        """Return the largest ratio of a residual's column, less `slack`, to the allowed residual.

        `residual` and `slack` are m × columns, and `combinations` are rank × columns. `columns` are
        their columns of M, from 0.
        """
        norm = rational.row_norm(rational.columns(self.system, range(self.unknowns)))
        b_norm = rational.largest_magnitude(row[-1] for row in self.system.tolist())
        size = max(self.system.nrows(), self.unknowns)
        rows, weights = residual.tolist(), combinations.tolist()
        largest = 0.0
        for j, column in enumerate(columns):
            errors = [abs(row[j]) - (slack[i][j] if slack else 0) for i, row in enumerate(rows)]
            weight = rational.largest_magnitude(row[j] for row in weights)
            column_norm = b_norm if column == self.unknowns else norm
            allowed = allowed_residual(size, norm, weight, column_norm)
            largest = max(largest, rational.to_float(max(*errors, rational.ZERO) / allowed))
        return largest

    @property
    def print_slack(self) -> list[list[fmpq]] | None:
        """The residual that rounding in print may explain, m × compared columns.

        It is None if no number was rounded in print. M = T·U with T = M_p U_p⁻¹, so a change dU of
        U changes M_j − M_p R_j, to first order, by at most |T| (|dU_j| + |dU_p| |R_j|).
        """
        pivots = self.printed_form.pivots
        if self.half_units is None or not pivots:
            return None
        inverse = rational.columns(self.independent_rows, pivots).inv()
        transform = magnitudes(rational.columns(self.system, pivots) * inverse)
        changes = rational.rows(self.half_units, range(len(pivots)))
        by_pivots = rational.columns(changes, pivots) * magnitudes(self.combinations)
        slack = transform * (rational.columns(changes, self.compared_columns) + by_pivots)
        return slack.tolist()
