"""The replay of an elimination that clears the rows above its pivots too (Gauss–Jordan).

Such a matrix shows no pivot row as it was when it was chosen. It shows the pivots, unless every row
was divided by its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.numerics.pivoting_rules import PivotingRule, Zero
    from harness.numerics.printed_matrix import PrintedMatrix
    from harness.numerics.unused_rows import Scalar, UnusedRows

MAXIMUM_CHOICES = 1_000
"""After so many choices a matrix counts as legal."""

SLACK = 2
"""How much larger the radii are, for the terms of second order in the errors of a pivot row."""


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
            unfinished.append(eliminate_by_unknown(rows, index, column, rule))
    return True


def eliminate_by_unknown(
    rows: UnusedRows, index: int, column: int, rule: PivotingRule
) -> UnusedRows:
    """Return the rows after the elimination by a pivot row that lies within its radii."""
    pivot_row, others = rows.centre[index], rows.remove(index, rule.swaps)
    remaining = others.eliminate(pivot_row, column)
    if rows.radius is None or remaining.radius is None:
        return remaining
    sizes = np.abs(others.centre[:, column, None] / pivot_row[column])
    pivot_error = rows.radius[index, column] / abs(pivot_row[column])
    changes = sizes * (rows.radius[index] + pivot_error * np.abs(pivot_row))
    changes[:, column] = 0
    return remaining.enclose(remaining.centre, remaining.radius + changes)


def find_legal_pivots(
    pivot: Scalar, rows: UnusedRows, column: int, rule: PivotingRule, zero: Zero
) -> list[int]:
    """Return the indices of the rows that a rule allows and whose entry is a printed pivot."""
    allowed = SLACK * rows.radii[:, column]
    if rows.radius is not None:
        allowed = allowed + SLACK * rows.precision.unit_roundoff * abs(pivot)
    agrees = (np.abs(rows.centre[:, column] - pivot) <= allowed).astype(np.bool_)
    indices: list[int] = np.flatnonzero(agrees & rule.find_legal_rows(rows, column, zero)).tolist()
    return indices
