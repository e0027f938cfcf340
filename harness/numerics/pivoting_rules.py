"""The rules by which programs choose pivot rows, as published.

A rule says which of the unused rows may be the pivot row of a step. Several dialects of a rule are
published, and a program keeps to one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.model.promises import Pivoting
from harness.numerics import rational

if TYPE_CHECKING:
    from flint import fmpq

    from harness.model.number import Value
    from harness.model.promises import ZeroTolerance
    from harness.numerics.unused_rows import Flags, Numbers, UnusedRows


@dataclass(frozen=True)
class Zero:
    """The magnitude up to which a candidate counts as 0: at least `least`, at most `most`."""

    least: fmpq | float = 0
    most: fmpq | float = 0

    def may_be(self, lower: Numbers) -> Flags:
        """Return which candidates may count as 0; `lower` are their least magnitudes."""
        flags: Flags = (lower <= self.most).astype(np.bool_)
        return flags

    def must_be(self, upper: Numbers) -> Flags:
        """Return which candidates must count as 0; `upper` are their largest magnitudes."""
        flags: Flags = ((upper == 0) | (upper < self.least)).astype(np.bool_)
        return flags

    @property
    def bounds(self) -> tuple[Value, Value]:
        """The two magnitudes as numbers of the kind that ports print."""
        least, most = (
            value if isinstance(value, (int, float)) else rational.to_fraction(value)
            for value in (self.least, self.most)
        )
        return least, most

    @classmethod
    def of_matrix(cls, tolerance: ZeroTolerance | None, rows: UnusedRows) -> Zero:
        """Return the tolerance of a program for a system, of which `rows` are all rows.

        The size of a matrix is the magnitude of its largest coefficient.
        """
        if tolerance is None:
            return cls()
        exact, sizes = rows.radius is None, np.abs(rows.given)
        size = tolerance.size
        unit = sizes[0, 0] * 0 + size.numerator
        unit = unit / size.denominator if exact else float(size)
        if not tolerance.is_relative:
            return cls(unit, unit)
        unit = unit * sizes[:, : rows.unknowns].max()
        return cls(unit, unit)


NO_TOLERANCE = Zero()
"""Only 0 counts as 0."""


@dataclass(frozen=True)
class PivotingRule:
    """One dialect of a pivoting rule.

    `select` returns which of the unused rows may be the pivot row in a column, r flags. If the
    program `swaps`, the first unused row takes the place of the pivot row, otherwise the rows
    before it move down.
    """

    pivoting: Pivoting
    select: Callable[[UnusedRows, int, Zero], Flags]
    swaps: bool = False

    def find_legal_rows(self, rows: UnusedRows, column: int, zero: Zero) -> Flags:
        """Return which rows may be the pivot row in a column, r flags."""
        _, upper = rows.bounds(column)
        flags: Flags = self.select(rows, column, zero) & ~zero.must_be(upper)
        return flags


def select_largest(rows: UnusedRows, column: int, _: Zero) -> Flags:
    """Return the rows whose entry in a column may be the largest."""
    lower, upper = rows.bounds(column)
    return largest_flags(lower, upper)


def largest_flags(lower: Numbers, upper: Numbers) -> Flags:
    """Return which of several numbers may be the largest, by their bounds."""
    flags: Flags = (upper >= lower.max()).astype(np.bool_)
    return flags


def select_largest_of_block(rows: UnusedRows, column: int, _: Zero) -> Flags:
    """Return the rows whose entry in a column may be the largest of all coefficients that are left.

    The coefficients of columns that are already used are 0.
    """
    block = slice(0, rows.unknowns)
    lower = np.abs(rows.centre[:, block]) - rows.radii[:, block]
    flags: Flags = (rows.bounds(column)[1] >= lower.max()).astype(np.bool_)
    return flags


def select_largest_of_scaled(
    is_updated: bool, has_sides: bool
) -> Callable[[UnusedRows, int, Zero], Flags]:
    """Return the choice of the rows whose entry may be the largest relative to its row's scale.

    The scale of a row is its largest entry in the system, or if it `is_updated` in what elimination
    has left of it. It may count the right-hand sides too.
    """

    def select(rows: UnusedRows, column: int, _: Zero) -> Flags:
        width = rows.centre.shape[1] if has_sides else rows.unknowns
        entries = rows.centre if is_updated else rows.given[list(rows.numbers)]
        radii = rows.radii if is_updated else rows.radii * 0
        sizes = np.abs(entries[:, :width])
        largest = (sizes + radii[:, :width]).max(axis=1)
        smallest = (sizes - radii[:, :width]).max(axis=1)
        lower, upper = rows.bounds(column)
        slack = 0 if rows.radius is None else 4 * rows.precision.unit_roundoff
        unknown = upper if rows.radius is None else np.where(upper > 0, np.inf, 0.0)
        least = np.where(largest > 0, lower / np.where(largest > 0, largest, 1), lower * 0)
        most = np.where(smallest > 0, upper / np.where(smallest > 0, smallest, 1), unknown)
        return largest_flags(least * (1 - slack), most * (1 + slack))

    return select


def select_first(rows: UnusedRows, column: int, zero: Zero) -> Flags:
    """Return the rows whose entry may be the first in a column that is not 0."""
    lower, _ = rows.bounds(column)
    may_be_zero = zero.may_be(lower)
    flags: Flags = np.concatenate([[True], np.logical_and.accumulate(may_be_zero)[:-1]])
    return flags


def select_any(rows: UnusedRows, _: int, __: Zero) -> Flags:
    """Return all rows."""
    flags: Flags = np.ones(len(rows.numbers), np.bool_)
    return flags


def select_next(rows: UnusedRows, _: int, __: Zero) -> Flags:
    """Return the first row, which is the pivot row where rows are never interchanged."""
    flags: Flags = np.arange(len(rows.numbers)) == 0
    return flags


RULES: dict[Pivoting, tuple[PivotingRule, ...]] = {
    Pivoting.PARTIAL: (PivotingRule(Pivoting.PARTIAL, select_largest),),
    Pivoting.SCALED: tuple(
        PivotingRule(Pivoting.SCALED, select_largest_of_scaled(is_updated, has_sides))
        for is_updated in (False, True)
        for has_sides in (False, True)
    ),
    Pivoting.COMPLETE: (PivotingRule(Pivoting.COMPLETE, select_largest_of_block),),
    Pivoting.FIRST_NONZERO: (
        PivotingRule(Pivoting.FIRST_NONZERO, select_first, swaps=True),
        PivotingRule(Pivoting.FIRST_NONZERO, select_first),
    ),
    Pivoting.NONE: (PivotingRule(Pivoting.NONE, select_next),),
    Pivoting.ANY: (PivotingRule(Pivoting.ANY, select_any),),
}
"""The dialects of each promise. The first one is that of reports."""
