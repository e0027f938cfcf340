"""The echelon form of a printed matrix, as a port's promises have it.

Complete pivoting interchanges columns, and a tolerance makes small entries count as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.promises import Pivoting
from harness.numerics.error_measures import find_echelon_fault
from harness.numerics.pivoting_rules import NO_TOLERANCE, Zero
from harness.numerics.unused_rows import UnusedRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flint import fmpq_mat

    from harness.model.number import Value
    from harness.model.promises import Promises
    from harness.numerics.precision import Precision

    Matrix = tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class EchelonForm:
    """A matrix in echelon form, m × (n + k): its rows, and its pivot columns in their order.

    `tolerated` is the largest entry that was printed and counts as 0, or 0 if there is none.
    """

    rows: Matrix
    pivots: tuple[int, ...]
    tolerated: Value = 0.0

    def order_columns(self, columns: int) -> tuple[int, ...]:
        """Return an order of so many columns that begins with the pivot columns."""
        return complete_order(self.pivots, columns)


def complete_order(pivots: Sequence[int], columns: int) -> tuple[int, ...]:
    """Return an order of so many columns that begins with the pivot columns."""
    return (*pivots, *(j for j in range(columns) if j not in pivots))


def read_echelon_forms(
    rows: Matrix, unknowns: int, promises: Promises, zero: Zero
) -> Iterator[EchelonForm]:
    """Yield the echelon forms that printed rows, m × (n + k), may stand for; none if they are none.

    The first one is that of the numbers as printed. In the others, small entries count as 0.
    """
    is_ordered = promises.pivoting is not Pivoting.COMPLETE
    for tolerance in dict.fromkeys((0, *zero.bounds)):
        cleared = clear_small_entries(rows, unknowns, tolerance, is_ordered) if tolerance else rows
        sizes = list(list_cleared_sizes(rows, cleared))
        pivots = find_pivots(cleared, unknowns, promises)
        if pivots is not None and (sizes or not tolerance):
            yield EchelonForm(cleared, pivots, max(sizes, default=0.0))


def find_pivots(rows: Matrix, unknowns: int, promises: Promises) -> tuple[int, ...] | None:
    """Return the pivot columns of an echelon form; None if the rows are in no such form."""
    if promises.pivoting is Pivoting.COMPLETE:
        return find_interchanged_pivots(rows, unknowns)
    if find_echelon_fault(rows, unknowns, 0.0) is not None:
        return None
    leading = (next((j for j in range(unknowns) if row[j] != 0), None) for row in rows)
    return tuple(column for column in leading if column is not None)


def find_interchanged_pivots(
    rows: Sequence[Sequence[Value]], unknowns: int
) -> tuple[int, ...] | None:
    """Return the pivot columns of an echelon form whose columns were interchanged, or None.

    Each row with coefficients has a pivot: an entry that is not 0, in a column that has only zeros
    below. Of several such entries, the largest is the pivot: after complete pivoting no entry of a
    row is larger. Rows without coefficients are last.
    """
    columns_by_last_row: dict[int, list[int]] = {}
    for column in range(unknowns):
        filled = [i for i, row in enumerate(rows) if row[column] != 0]
        if filled:
            columns_by_last_row.setdefault(filled[-1], []).append(column)
    rank = max(columns_by_last_row, default=-1) + 1
    if len(columns_by_last_row) < rank:
        return None
    pivots = []
    for row, columns in sorted(columns_by_last_row.items()):
        sizes = [size(rows[row][column]) for column in columns]
        pivots.append(columns[sizes.index(max(sizes))])
    return tuple(pivots)


def clear_small_entries(rows: Matrix, unknowns: int, tolerance: Value, is_ordered: bool) -> Matrix:
    """Return printed rows with zeros in place of coefficients up to a tolerance.

    If the columns are in the order of elimination, these are the leading coefficients of each row.
    Otherwise they are the coefficients of rows without a larger one.
    """
    cleared = []
    for row in rows:
        first = next((j for j in range(unknowns) if not size(row[j]) <= tolerance), unknowns)
        count = first if is_ordered or first == unknowns else 0
        cleared.append((*(value * 0 for value in row[:count]), *row[count:]))
    return tuple(cleared)


def list_cleared_sizes(rows: Matrix, cleared: Matrix) -> Iterator[Value]:
    """Yield the magnitudes of the entries that were replaced by 0."""
    for row, cleared_row in zip(rows, cleared, strict=True):
        for value, kept in zip(row, cleared_row, strict=True):
            if value != kept:
                yield size(value)


def size(value: Value) -> Value:
    """Return the magnitude of a number."""
    return -value if value < 0 else value


def find_zero(
    promises: Promises, system: fmpq_mat, unknowns: int, precision: Precision | None
) -> Zero:
    """Return what counts as 0 in a system, m × (n + k)."""
    if promises.zero_tolerance is None:
        return NO_TOLERANCE
    rows = UnusedRows.from_system(system, unknowns, precision)
    return Zero.of_matrix(promises.zero_tolerance, rows)
