"""A printed reduced matrix as a port's promises have it.

Complete pivoting interchanges columns, and a tolerance makes small entries count as 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from harness.numerics.echelon_form import (
    complete_order,
    find_zero,
    list_cleared_sizes,
)
from harness.numerics.rational import nearest_double
from harness.procedures import gaussian_elimination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.answer import Stage
    from harness.model.number import Value
    from harness.numerics.echelon_form import Matrix
    from harness.numerics.error_measures import Place
    from harness.procedures.evidence import Evidence

UNIT_SLACK = 1e-6
"""How far the entries of a column may be from 0 and 1 to be that of a pivot."""


@dataclass(frozen=True)
class Reading:
    """A printed matrix with its columns in the order of elimination.

    `order` are the numbers of all columns in the system, from 0, or empty if this is the given
    order. `tolerated` is the largest entry that was printed and counts as 0.
    """

    stage: Stage
    order: tuple[int, ...] = ()
    tolerated: Value = 0

    def find_places(self, places: Sequence[Place]) -> tuple[Place, ...]:
        """Return places of the matrix with the numbers of their columns in the system."""
        return tuple((i, self.order[j] if self.order else j) for i, j in places)


def clear_before_pivots(rows: Matrix, pivots: Sequence[int], tolerance: Value) -> Matrix:
    """Return rows with zeros in place of entries up to a tolerance that are left of a pivot."""
    return tuple(
        tuple(
            value * 0 if j < pivot and abs(nearest_double(value)) <= tolerance else value
            for j, value in enumerate(row)
        )
        for row, pivot in zip(rows, pivots, strict=True)
    )


def find_unit_columns(printed: Stage, order: Sequence[int], evidence: Evidence) -> tuple[int, ...]:
    """Return the order of the columns in which a printed matrix is reduced.

    `order` is that of the echelon matrix. Of entries that are equally large, the program may have
    taken another one for the pivot: one whose column has a 1, and zeros elsewhere.
    """
    echelon = gaussian_elimination.echelon_form(evidence)
    rank, tolerance = len(echelon.pivots) if echelon else 0, UNIT_SLACK
    pivots: list[int] = []
    for i in range(rank):
        units = [
            j
            for j in order
            if j not in pivots
            and all(
                abs(nearest_double(row[j]) - (k == i)) <= tolerance
                for k, row in enumerate(printed.rows)
            )
        ]
        pivots.append(order[i] if order[i] in units or not units else units[0])
    return complete_order(pivots, len(order)) if len({*pivots}) == rank else tuple(order)


def list_readings(printed: Stage, evidence: Evidence) -> list[Reading]:
    """Return a printed matrix as it is, and as a port's promises allow to read it."""
    expected, promises = evidence.expected, evidence.contract.promises
    interchanged = gaussian_elimination.column_order(evidence)
    orders: list[tuple[int, ...]] = [()]
    if interchanged is not None:
        order = find_unit_columns(printed, interchanged, evidence)
        orders.insert(0, (*order, *range(expected.unknowns, printed.shape[1])))
    zero = find_zero(promises, expected.system, expected.unknowns, expected.precision)
    echelon = gaussian_elimination.echelon_form(evidence)
    leading = () if echelon is None else echelon.pivots
    readings = []
    for tolerance, order in product(dict.fromkeys((0, *zero.bounds)), orders):
        rows = printed.rows
        pivots = [*(range(len(leading)) if order else leading)]
        pivots += [expected.unknowns] * (len(rows) - len(pivots))
        if order:
            rows = tuple(tuple(row[j] for j in order) for row in rows)
        cleared = clear_before_pivots(rows, pivots, tolerance)
        sizes = list_cleared_sizes(rows, cleared)
        readings.append(Reading(replace(printed, rows=cleared), order, max(sizes, default=0)))
    return readings
