"""The elimination of a system as a port promises it: where a tolerance or a zero pivot ends it.

It is done on enclosures, so that every legal order of operations is covered. Of several legal pivot
rows, the first is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.model.promises import Pivoting
from harness.numerics import rational
from harness.numerics.pivoting_rules import RULES, Zero
from harness.numerics.unused_rows import UnusedRows, as_double

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.model.promises import Promises
    from harness.numerics.precision import Precision
    from harness.numerics.unused_rows import Doubles, Numbers


@dataclass(frozen=True)
class PromisedElimination:
    """The result of an elimination as a port promises it.

    `rank` is the number of its pivots. `tolerated` is the magnitude of the largest candidate that
    the tolerance makes a zero, or may make one. `breakdown` is the first column, from 0, in which
    the pivot is lost: rounding makes it 0, or it may be 0 and rows are never interchanged.
    `magnitudes` are the sums |L||U|, m × n, in the order of the rows of A, which bound the rounding
    errors (Higham, Accuracy and Stability of Numerical Algorithms, Theorem 9.3). `growth` is
    ‖|L||U|‖∞ / ‖A‖∞.
    """

    rank: int
    tolerated: float | None
    breakdown: int | None
    magnitudes: Doubles
    growth: float


def eliminate_as_promised(
    system: fmpq_mat, unknowns: int, promises: Promises, precision: Precision | None
) -> PromisedElimination:
    """Return the result of the promised elimination of a system, m × (n + k)."""
    rows = UnusedRows.from_system(system, unknowns, precision)
    zero = Zero.of_matrix(promises.zero_tolerance, rows)
    rule = RULES[promises.pivoting][0]
    rank, tolerated, breakdown = 0, None, None
    products = np.abs(np.array(rational.to_floats(system))[:, :unknowns])
    norm = products.sum(axis=1).max()
    with np.errstate(all="ignore"):
        for step in range(unknowns):
            if not rows.numbers:
                break
            column = step
            if rule.pivoting is Pivoting.COMPLETE:
                sizes = np.abs(rows.centre[:, :unknowns]).max(axis=0)
                column = max(range(unknowns), key=sizes.__getitem__)
            lower, upper = rows.bounds(column)
            if zero.most > 0 and zero.may_be(lower).all() and (upper > 0).any():
                size = as_double(np.abs(rows.centre[:, column]).max())
                tolerated = max(size, tolerated or 0.0)
            is_stuck = rule.pivoting is Pivoting.NONE and bool(zero.may_be(lower)[0])
            if is_stuck and breakdown is None and (upper[1:] > 0).any():
                breakdown = column
            legal = np.flatnonzero(rule.find_legal_rows(rows, column, zero))
            if len(legal):
                index, rank = int(legal[0]), rank + 1
                pivot_row = rows.centre[index]
                if pivot_row[column] == 0:
                    breakdown = column if breakdown is None else breakdown
                    break
                rows = rows.remove(index, rule.swaps)
                add_products(products, rows, pivot_row, column)
                rows = rows.eliminate(pivot_row, column)
    growth = float(products.sum(axis=1).max() / norm) if norm > 0 else 1.0
    return PromisedElimination(rank, tolerated, breakdown, products, growth)


def add_products(products: Doubles, rows: UnusedRows, pivot_row: Numbers, column: int) -> None:
    """Add |l||P| to the rows from which l times the pivot row P is subtracted."""
    for number, row in zip(rows.numbers, rows.centre, strict=True):
        multiplier = abs(as_double(row[column] / pivot_row[column]))
        sizes = [abs(as_double(value)) for value in pivot_row[: rows.unknowns]]
        products[number] += multiplier * np.array(sizes)
