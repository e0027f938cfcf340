"""The elimination of a system as a port promises it: where a tolerance or a zero pivot ends it.

It is done on enclosures, so that every legal order of operations is covered. Of several legal pivot
rows, the first is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.model.promises import Pivoting
from harness.numerics.pivoting_rules import RULES, Zero
from harness.numerics.unused_rows import UnusedRows, as_double

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.promises import Promises
    from harness.numerics.pivoting_rules import PivotingRule


@dataclass(frozen=True)
class PromisedElimination:
    """The result of an elimination as a port promises it.

    `rank` is the number of its pivots. `tolerated` is the magnitude of the largest candidate that
    the tolerance makes a zero, or may make one. `breakdown` is the column, from 0, in which the
    pivot may be 0 and rows are never interchanged.
    """

    rank: int
    tolerated: float | None = None
    breakdown: int | None = None


def eliminate_as_promised(
    system: fmpq_mat, unknowns: int, promises: Promises, exactly: bool
) -> PromisedElimination:
    """Return the result of the promised elimination of a system, m × (n + k)."""
    rows = UnusedRows.from_system(system, unknowns, exactly)
    zero = Zero.of_matrix(promises.zero_tolerance, rows)
    rule = RULES[promises.pivoting][0]
    rank, tolerated, breakdown = 0, None, None
    with np.errstate(all="ignore"):
        for column in choose_columns(rows, rule):
            if not rows.numbers:
                break
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
                    break
                rows = rows.remove(index, rule.swaps).eliminate(pivot_row, column)
    return PromisedElimination(rank, tolerated, breakdown)


def choose_columns(rows: UnusedRows, rule: PivotingRule) -> Iterator[int]:
    """Yield the columns in the order of elimination."""
    yield from range(rows.unknowns)
