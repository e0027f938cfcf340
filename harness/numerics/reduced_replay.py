"""The replay of an elimination that clears the rows above its pivots too (Gauss–Jordan).

Such a matrix shows no pivot row as it was when it was chosen. It shows the pivots, unless every row
was divided by its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.numerics.unused_rows import U

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.numerics.pivoting_rules import PivotingRule, Zero
    from harness.numerics.printed_matrix import PrintedMatrix
    from harness.numerics.unused_rows import Scalar, UnusedRows

MAXIMUM_CHOICES = 1_000
"""After so many choices a matrix counts as legal."""

SLACK = 8
"""How much larger than in a full replay the radii are, because no pivot row is known exactly."""


def may_be_legal(
    target: PrintedMatrix, rows: UnusedRows, rules: Sequence[PivotingRule], zero: Zero
) -> bool:
    """Return whether a matrix that has zeros above its pivots may come from legal choices."""
    if not target.is_reduced(rows.given):
        return False
    if target.has_unit_pivots:
        return True
    return any(has_legal_pivots(target, rows, rule, zero) for rule in rules)


def has_legal_pivots(
    target: PrintedMatrix, rows: UnusedRows, rule: PivotingRule, zero: Zero
) -> bool:
    """Return whether the printed pivots are, in their order, those of a legal elimination.

    Every choice among tied rows is tried, up to MAXIMUM_CHOICES.
    """
    unfinished = [rows]
    for _ in range(MAXIMUM_CHOICES):
        if not unfinished:
            return False
        rows = unfinished.pop()
        at = len(rows.given) - len(rows.numbers)
        if at == len(target.pivots):
            return True
        column = target.pivots[at]
        for index in find_legal_pivots(target.rows[at, column], rows, column, rule, zero):
            pivot_row = rows.centre[index]
            unfinished.append(rows.remove(index, rule.swaps).eliminate(pivot_row, column))
    return True


def find_legal_pivots(
    pivot: Scalar, rows: UnusedRows, column: int, rule: PivotingRule, zero: Zero
) -> list[int]:
    """Return the indices of the rows that a rule allows and whose entry is a printed pivot."""
    allowed = SLACK * rows.radii[:, column]
    if rows.radius is not None:
        allowed = allowed + SLACK * U * abs(pivot)
    agrees = (np.abs(rows.centre[:, column] - pivot) <= allowed).astype(np.bool_)
    indices: list[int] = np.flatnonzero(agrees & rule.find_legal_rows(rows, column, zero)).tolist()
    return indices
