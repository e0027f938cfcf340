"""The distance between the row spaces of two matrices.

Elimination keeps the row space, whatever its choice of pivots. The distance does not depend on row
interchanges, or on the scaling of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from flint import fmpq, fmpq_mat

from harness.numerics import rational
from harness.numerics.elimination_errors import residual_ratio, smallest_ratio
from harness.numerics.error_measures import allowed_residual
from harness.numerics.precision import BINARY64, Precision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from harness.numerics.rational import ReducedForm

ONE = fmpq(1)


def is_one_within_rounding(value: fmpq, precision: Precision) -> bool:
    """Return whether a number is 1, or a rounded product p·(1/p)."""
    return abs(value - 1) <= 2 * precision.u


@dataclass(frozen=True)
class RowEquivalence:
    """A comparison of the row spaces of a printed matrix U and a system M, both m × (n + 1), exact.

    Let p be the pivot columns of U. Every other column j of U is a combination R_j of them. The
    residual of M_j = M_p R_j is scaled like a backward error: U is exactly row-equivalent to a
    matrix that differs from M by that error. `system_form` is the reduced form of M. `half_units`,
    m × (n + 1), are the largest changes of U by rounding in print. `magnitudes` yields the |L||U|
    of the coefficients of M that bound rounding errors; |A| takes their place if they are not
    given. The `ratio` of an equivalent U is below `limit`.
    """

    printed: fmpq_mat
    system: fmpq_mat
    system_form: ReducedForm
    unknowns: int
    half_units: fmpq_mat | None = None
    magnitudes: Callable[[], Iterable[fmpq_mat]] | None = None
    limit: float = 0.0
    precision: Precision = BINARY64

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
                next((value for value in row[: self.unknowns] if value != 0), ONE),
                self.precision,
            )
            for row in self.printed.tolist()
        )

    @property
    def has_unit_contradiction(self) -> bool:
        """True if a row 0 = c of U was divided by c too, so that its size is lost."""
        return self.has_unit_pivots and is_one_within_rounding(
            self.largest_contradiction, self.precision
        )

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
        """The largest |M_j − M_p R_j| / (n·u·(|L||U|_p |R_j| + |M_j|)) of a compared column j.

        Every entry counts by itself. Of several strategies of pivoting, the one with the smallest
        ratio counts. The bound is that of |E| ≤ γₙ|L||U| in PA + E = LU (Higham, Accuracy and
        Stability, Theorem 9.3).
        """
        bounds = self.magnitudes() if self.magnitudes else [rational.magnitudes(self.coefficients)]
        return smallest_ratio(map(self.ratio_by, bounds), self.limit)

    @cached_property
    def coefficients(self) -> fmpq_mat:
        """The coefficients of M, m × n."""
        return rational.columns(self.system, range(self.unknowns))

    @cached_property
    def residual(self) -> fmpq_mat:
        """M_j − M_p R_j, m × compared columns."""
        pivot_columns = rational.columns(self.system, self.printed_form.pivots)
        compared = rational.columns(self.system, self.compared_columns)
        return compared - pivot_columns * self.combinations

    def ratio_by(self, sums: fmpq_mat) -> float:
        """Return the ratio by the sums |L||U|, m × n, of one strategy of pivoting."""
        compared = rational.columns(self.system, self.compared_columns)
        pivot_sums = rational.columns(sums, self.printed_form.pivots)
        return residual_ratio(
            self.residual,
            pivot_sums,
            self.combinations,
            compared,
            self.slack,
            self.order,
            self.precision,
        )

    @cached_property
    def slack(self) -> fmpq_mat | None:
        """The residual that has other causes than rounding, m × compared columns; None if none has.

        They are rounding in print, and a row 0 = c of U: with multipliers of at most 1, it changes
        the right-hand side of M by at most c. `contradiction_ratio` then measures c.
        """
        contradiction = self.largest_contradiction
        if contradiction == 0 or self.unknowns not in self.compared_columns:
            return self.print_slack
        row = [contradiction if j == self.unknowns else 0 for j in self.compared_columns]
        by_contradiction = fmpq_mat([row] * self.system.nrows())
        return by_contradiction + self.print_slack if self.print_slack else by_contradiction

    @property
    def order(self) -> int:
        """The larger dimension of the coefficients."""
        return max(self.system.nrows(), self.unknowns)

    @cached_property
    def norm(self) -> fmpq:
        """The largest row sum of the coefficients, or of |L||U| if that is known."""
        sizes = islice(self.magnitudes(), 1) if self.magnitudes else ()
        return max(map(rational.row_norm, (self.coefficients, *sizes)))

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
    ) -> float:
        """Return the largest ratio of a residual's column to the allowed residual, by norms.

        `residual` is m × columns, and `combinations` are rank × columns. `columns` are their
        columns of M, from 0.
        """
        norm = self.norm
        b_norm = rational.largest_magnitude(row[-1] for row in self.system.tolist())
        rows, weights = residual.tolist(), combinations.tolist()
        largest = 0.0
        for j, column in enumerate(columns):
            error = rational.largest_magnitude(row[j] for row in rows)
            weight = rational.largest_magnitude(row[j] for row in weights)
            column_norm = b_norm if column == self.unknowns else norm
            allowed = allowed_residual(self.order, norm, weight, column_norm, self.precision)
            largest = max(largest, rational.to_float(error / allowed))
        return largest

    @property
    def print_slack(self) -> fmpq_mat | None:
        """The residual that rounding in print may explain, m × compared columns.

        It is None if no number was rounded in print. M = T·U with T = M_p U_p⁻¹, so a change dU of
        U changes M_j − M_p R_j, to first order, by at most |T| (|dU_j| + |dU_p| |R_j|).
        """
        pivots = self.printed_form.pivots
        if self.half_units is None or not pivots:
            return None
        inverse = rational.columns(self.independent_rows, pivots).inv()
        transform = rational.magnitudes(rational.columns(self.system, pivots) * inverse)
        changes = rational.rows(self.half_units, range(len(pivots)))
        by_pivots = rational.columns(changes, pivots) * rational.magnitudes(self.combinations)
        return transform * (rational.columns(changes, self.compared_columns) + by_pivots)
