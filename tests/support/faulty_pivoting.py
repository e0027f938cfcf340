"""Eliminations with one fault each: in the search for pivots, at a zero, or in the swap."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.model.check import Check
from support.eliminations import size
from support.faulty_eliminations import Faulty

if TYPE_CHECKING:
    from harness.model.number import Value
    from support.eliminations import Matrix


# Which row becomes the pivot row


class NeverSearches(Faulty):
    """Takes the row that stands there for the pivot row, and a 0 in it for singularity."""

    killed_by = ("zero-leading-pivot", Check.ECHELON_FORM)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return row


class ForgetsAbs(Faulty):
    """Looks for the largest candidate, not the largest magnitude."""

    killed_by = ("negative-pivot-largest", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, len(a)), key=lambda i: a[i][column])


class ForgetsAbsOfBest(Faulty):
    """Compares a candidate's magnitude with the best as it stands, sign and all."""

    killed_by = ("tall-negative-pivots", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        best = row
        for i in range(row + 1, len(a)):
            if size(a[i][column]) > a[best][column]:
                best = i
        return best


class ComparesWithFirst(Faulty):
    """Never remembers the best so far, and ends with the last that exceeds the first."""

    killed_by = ("tall-negative-pivots", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        larger = [i for i in range(row, len(a)) if size(a[i][column]) > size(a[row][column])]
        return larger[-1] if larger else row


class TakesFirstLarger(Faulty):
    """Stops searching at the first candidate that exceeds the one that stands there."""

    killed_by = ("single-column", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        larger = [i for i in range(row, len(a)) if size(a[i][column]) > size(a[row][column])]
        return larger[0] if larger else row


class TakesFirstNonZero(Faulty):
    """Takes the first candidate that is not 0."""

    killed_by = ("negative-pivot-largest", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return next((i for i in range(row, len(a)) if a[i][column] != 0), row)


class SearchEndsTooSoon(Faulty):
    """Its search ends before the last row."""

    killed_by = ("single-column", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, max(row + 1, len(a) - 1)), key=lambda i: size(a[i][column]))


class SearchBeginsTooLate(Faulty):
    """Its search begins below the row that stands there."""

    killed_by = ("two-by-two", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        below = range(min(row + 1, len(a) - 1), len(a))
        return max(below, key=lambda i: size(a[i][column]))


class SearchesNextRowOnly(Faulty):
    """Its search ends after one row."""

    killed_by = ("single-column", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, min(row + 2, len(a))), key=lambda i: size(a[i][column]))


class SearchesSquareOnly(Faulty):
    """Its search ends after as many rows as there are unknowns."""

    killed_by = ("tall-unique", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        end = max(row + 1, min(len(a), len(a[0]) - 1))
        return max(range(row, end), key=lambda i: size(a[i][column]))


class SearchesFinishedRows(Faulty):
    """Its search begins at the first row."""

    killed_by = ("right-hand-side-swapped", Check.ECHELON_FORM)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(len(a)), key=lambda i: size(a[i][column]))


class SearchesPreviousRow(Faulty):
    """Its search begins one row too soon."""

    killed_by = ("right-hand-side-swapped", Check.ECHELON_FORM)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(max(0, row - 1), len(a)), key=lambda i: size(a[i][column]))


class SearchesFromColumn(Faulty):
    """Its search begins at the row that has the column's number."""

    killed_by = ("wide-contradiction-after-late-pivots", Check.ECHELON_PIVOTING)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        begin = min(max(row, column), len(a) - 1)
        return max(range(begin, len(a)), key=lambda i: size(a[i][column]))


# What happens at a zero


class StopsAtZeroColumn(Faulty):
    """Ends at the first column without a pivot, and does not say so."""

    killed_by = ("one-by-one-contradiction", Check.SINGULAR_NOTICE)

    def zero_column(self, a: Matrix, column: int) -> None:
        pass

    def row_after_zero_column(self, row: int) -> int:
        return sys.maxsize


class SaysSoAndStops(Faulty):
    """Says that the matrix is singular, and leaves the rest as it stands."""

    killed_by = ("zero-first-column", Check.ECHELON_FORM)

    def row_after_zero_column(self, row: int) -> int:
        return sys.maxsize


class RowFollowsColumn(Faulty):
    """Goes on to the next row where a column has no pivot."""

    killed_by = ("zero-first-column", Check.ECHELON_FORM)

    def row_after_zero_column(self, row: int) -> int:
        return row + 1


class TestsBeforeSearch(Faulty):
    """Passes a column over if its entry is 0 before any swap."""

    killed_by = ("zero-leading-pivot", Check.ECHELON_FORM)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return row if a[row][column] == 0 else super().pivot_row(a, row, column)


class NeverTestsForZero(Faulty):
    """Divides by whatever the pivot is."""

    killed_by = ("one-by-one-contradiction", Check.SINGULAR_NOTICE)

    def is_zero(self, value: Value) -> bool:
        return False


class TakesNegativeForZero(Faulty):
    """Tests for a pivot of at most 0."""

    killed_by = ("negative-pivot-largest", Check.ECHELON_FORM)

    def is_zero(self, value: Value) -> bool:
        return value <= 0


class TakesSmallForZero(Faulty):
    """Tests for 0 with an absolute tolerance, and stores zeros."""

    killed_by = ("tiny-but-regular", Check.ECHELON_PIVOTING)

    def is_zero(self, value: Value) -> bool:
        return size(value) < 1e-10

    def zero_column(self, a: Matrix, column: int) -> None:
        super().zero_column(a, column)
        for row in a:
            row[column] = 0 if size(row[column]) < 1e-10 else row[column]


# How rows are swapped


class NeverSwaps(Faulty):
    """Finds the pivot row and leaves it where it is."""

    killed_by = ("zero-leading-pivot", Check.ECHELON_FORM)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        pass


class SwapsByColumn(Faulty):
    """Swaps with the row that has the column's number."""

    killed_by = ("single-row-late-pivot", Check.ECHELON_FORM)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[column], a[pivot] = a[pivot], a[column]


class SwapsWithNext(Faulty):
    """Swaps with the next row, wherever the pivot was found."""

    killed_by = ("single-column", Check.ECHELON_PIVOTING)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        below = min(row + 1, pivot)
        a[row], a[below] = a[below], a[row]


class CopiesPivotRow(Faulty):
    """Brings the pivot row up, and nothing down in its place."""

    killed_by = ("zero-leading-pivot", Check.ECHELON_ROWS)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row] = list(a[pivot])


class SwapsCoefficientsOnly(Faulty):
    """Leaves the right-hand side where it is."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row][:-1], a[pivot][:-1] = a[pivot][:-1], a[row][:-1]


class SwapsFromNextColumn(Faulty):
    """Leaves the column of the pivot where it is."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        end = column + 1
        a[row][end:], a[pivot][end:] = a[pivot][end:], a[row][end:]


PIVOTING_FAULTS: tuple[type[Faulty], ...] = (
    NeverSearches,
    ForgetsAbs,
    ForgetsAbsOfBest,
    ComparesWithFirst,
    TakesFirstLarger,
    TakesFirstNonZero,
    SearchEndsTooSoon,
    SearchBeginsTooLate,
    SearchesNextRowOnly,
    SearchesSquareOnly,
    SearchesFinishedRows,
    SearchesPreviousRow,
    SearchesFromColumn,
    StopsAtZeroColumn,
    SaysSoAndStops,
    RowFollowsColumn,
    TestsBeforeSearch,
    NeverTestsForZero,
    TakesNegativeForZero,
    TakesSmallForZero,
    NeverSwaps,
    SwapsByColumn,
    SwapsWithNext,
    CopiesPivotRow,
    SwapsCoefficientsOnly,
    SwapsFromNextColumn,
)
