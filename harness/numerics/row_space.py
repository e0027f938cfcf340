"""How nearly two matrices have the same row space: what elimination must keep, whatever its order.

Which rows were swapped, and how rows were scaled, does not show here.
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
    """Whether a number is 1, or what rounding makes of p·(1/p)."""
    return abs(value - 1) <= 2 * U


@dataclass(frozen=True)
class RowEquivalence:
    """How nearly a printed matrix U has the row space of a system M, both m × (n + 1), exact.

    With p the pivot columns of U, every other column j of U is a combination R_j of them. How badly
    M_j = M_p R_j fails is scaled like a backward error: U is, exactly, row-equivalent to a matrix
    that differs from M by so much. `half_units` (m × (n + 1)) is what rounding in print may have
    taken from or added to U.
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
        """The pivot columns that U has and M has not."""
        return [j for j in self.printed_form.pivots if j not in self.system_form.pivots]

    @property
    def lost_pivots(self) -> list[int]:
        """The pivot columns that M has and U has not."""
        return [j for j in self.system_form.pivots if j not in self.printed_form.pivots]

    @property
    def has_contradiction(self) -> bool:
        """Whether U has a row 0 = c."""
        return bool(self.printed_form.augmented_pivots)

    @property
    def should_have_contradiction(self) -> bool:
        """Whether M contradicts itself."""
        return bool(self.system_form.augmented_pivots)

    @property
    def has_unit_pivots(self) -> bool:
        """Whether every row of U was divided by its pivot, which hides how small that was."""
        return bool(self.printed_form.pivots) and all(
            is_one_within_rounding(
                next((value for value in row[: self.unknowns] if value != 0), ONE)
            )
            for row in self.printed.tolist()
        )

    @property
    def has_unit_contradiction(self) -> bool:
        """Whether a row 0 = c was divided by c likewise."""
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
        """The columns to compare.

        Without the right-hand side where it may hold anything: where both contradict themselves,
        or U does because it lost a pivot.
        """
        columns = [j for j in range(self.unknowns) if j not in self.printed_form.pivots]
        anything = self.has_contradiction and (self.should_have_contradiction or self.lost_pivots)
        return columns if anything else [*columns, self.unknowns]

    @cached_property
    def combinations(self) -> fmpq_mat:
        """R, rank × targets. Where U contradicts itself its pivot rows say so, and no others."""
        pivots, targets = self.printed_form.pivots, self.compared_columns
        if not pivots or not self.has_contradiction or self.unknowns not in targets:
            return rational.columns(
                rational.rows(self.printed_form.matrix, range(len(pivots))), targets
            )
        return rational.columns(self.independent_rows, pivots).solve(
            rational.columns(self.independent_rows, targets)
        )

    @property
    def independent_rows(self) -> fmpq_mat:
        """The first rows of U with independent coefficients: its pivot rows, if it is echelon."""
        turned = rational.columns(self.printed, range(self.unknowns)).transpose()
        return rational.rows(self.printed, rational.reduced_form(turned, turned.ncols()).pivots)

    @cached_property
    def ratio(self) -> float:
        """The worst over the targets j of ‖M_j − M_p R_j‖∞ over what rounding explains."""
        chosen = rational.columns(self.system, self.printed_form.pivots)
        residual = rational.columns(self.system, self.compared_columns) - chosen * self.combinations
        return self.largest_ratio(
            residual, self.combinations, self.compared_columns, self.print_slack
        )

    @property
    def extra_pivots_ratio(self) -> float:
        """How badly U's extra pivot columns fail to be the combinations that M has there.

        ‖U_j − U_q R*_j‖∞, q the pivot columns of M and R* its own combinations, scaled as `ratio`.
        """
        combined = rational.columns(
            rational.rows(self.system_form.matrix, range(self.system_form.rank)), self.extra_pivots
        )
        chosen = rational.columns(self.printed, self.system_form.pivots)
        residual = rational.columns(self.printed, self.extra_pivots) - chosen * combined
        return self.largest_ratio(residual, combined, self.extra_pivots)

    @property
    def contradiction_ratio(self) -> float:
        """The largest c of the rows 0 = c of U, over what rounding may leave there."""
        residual = fmpq_mat([[self.largest_contradiction]])
        last = rational.columns(self.combinations, [self.combinations.ncols() - 1])
        return self.largest_ratio(residual, last, [self.unknowns])

    def largest_ratio(
        self,
        residual: fmpq_mat,
        combined: fmpq_mat,
        targets: Sequence[int],
        slack: Sequence[Sequence[fmpq]] | None = None,
    ) -> float:
        """The worst column of a residual, over `allowance`, less `slack`."""
        norm = rational.row_norm(rational.columns(self.system, range(self.unknowns)))
        b_norm = rational.largest_magnitude(row[-1] for row in self.system.tolist())
        size = max(self.system.nrows(), self.unknowns)
        rows, weights = residual.tolist(), combined.tolist()
        worst = 0.0
        for j, target in enumerate(targets):
            left = [abs(row[j]) - (slack[i][j] if slack else 0) for i, row in enumerate(rows)]
            weight = rational.largest_magnitude(row[j] for row in weights)
            scale = allowed_residual(
                size, norm, weight, b_norm if target == self.unknowns else norm
            )
            worst = max(worst, rational.to_float(max(*left, rational.ZERO) / scale))
        return worst

    @property
    def print_slack(self) -> list[list[fmpq]] | None:
        """What rounding in print can account for, m × targets; None where nothing was rounded.

        M = T·U with T = M_p U_p⁻¹, so a change dU of U moves M_j − M_p R_j, to first order, by at
        most |T| (|dU_j| + |dU_p| |R_j|).
        """
        pivots = self.printed_form.pivots
        if self.half_units is None or not pivots:
            return None
        inverse = rational.columns(self.independent_rows, pivots).inv()
        transform = magnitudes(rational.columns(self.system, pivots) * inverse)
        doubt = rational.rows(self.half_units, range(len(pivots)))
        by_pivots = rational.columns(doubt, pivots) * magnitudes(self.combinations)
        moved = transform * (rational.columns(doubt, self.compared_columns) + by_pivots)
        return moved.tolist()
