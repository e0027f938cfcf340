"""Eliminations with one fault each: in the search for pivots, at a zero, or in the swap."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from support.eliminations import magnitude
from support.faulty_eliminations import Faulty

if TYPE_CHECKING:
    from harness.model.number import Value
    from support.eliminations import Matrix


# The choice of the pivot row


class NeverSearches(Faulty):
    """Takes the current row as the pivot row, and a 0 in it for singularity."""

    killed_by = ("zero-leading-pivot", "echelon.form")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return row


class ForgetsAbs(Faulty):
    """Searches for the largest value, not the largest magnitude."""

    killed_by = ("negative-pivot-largest", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, len(a)), key=lambda i: a[i][column])


class ForgetsAbsOfBest(Faulty):
    """Compares a candidate's magnitude with the signed value of the best."""

    killed_by = ("tall-negative-pivots", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        best = row
        for i in range(row + 1, len(a)):
            if magnitude(a[i][column]) > a[best][column]:
                best = i
        return best


class ComparesWithFirst(Faulty):
    """Compares with the first candidate only, and takes the last that exceeds it."""

    killed_by = ("tall-negative-pivots", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        larger = [
            i for i in range(row, len(a)) if magnitude(a[i][column]) > magnitude(a[row][column])
        ]
        return larger[-1] if larger else row


class TakesFirstLarger(Faulty):
    """Takes the first candidate that exceeds the current row's."""

    killed_by = ("single-column", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        larger = [
            i for i in range(row, len(a)) if magnitude(a[i][column]) > magnitude(a[row][column])
        ]
        return larger[0] if larger else row


class TakesFirstNonZero(Faulty):
    """Takes the first candidate that is not 0."""

    killed_by = ("negative-pivot-largest", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return next((i for i in range(row, len(a)) if a[i][column] != 0), row)


class SearchEndsTooSoon(Faulty):
    """Its search ends before the last row."""

    killed_by = ("single-column", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, max(row + 1, len(a) - 1)), key=lambda i: magnitude(a[i][column]))


class SearchBeginsTooLate(Faulty):
    """Its search begins below the current row."""

    killed_by = ("two-by-two", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        below = range(min(row + 1, len(a) - 1), len(a))
        return max(below, key=lambda i: magnitude(a[i][column]))


class SearchesNextRowOnly(Faulty):
    """Its search ends after one row."""

    killed_by = ("single-column", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, min(row + 2, len(a))), key=lambda i: magnitude(a[i][column]))


class SearchesSquareOnly(Faulty):
    """Its search ends after as many rows as there are unknowns."""

    killed_by = ("tall-unique", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        end = max(row + 1, min(len(a), len(a[0]) - 1))
        return max(range(row, end), key=lambda i: magnitude(a[i][column]))


class SearchesFinishedRows(Faulty):
    """Its search begins at the first row."""

    killed_by = ("right-hand-side-swapped", "echelon.form")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(len(a)), key=lambda i: magnitude(a[i][column]))


class SearchesPreviousRow(Faulty):
    """Its search begins one row too soon."""

    killed_by = ("right-hand-side-swapped", "echelon.form")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(max(0, row - 1), len(a)), key=lambda i: magnitude(a[i][column]))


class SearchesFromColumn(Faulty):
    """Its search begins at the row that has the column's number."""

    killed_by = ("wide-contradiction-after-late-pivots", "echelon.pivoting")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        begin = min(max(row, column), len(a) - 1)
        return max(range(begin, len(a)), key=lambda i: magnitude(a[i][column]))


# A zero pivot


class StopsAtZeroColumn(Faulty):
    """Stops at the first column without a pivot, and prints no notice."""

    killed_by = ("one-by-one-contradiction", "singular.notice")

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        pass

    def row_after_zero_column(self, row: int) -> int:
        return sys.maxsize


class ReportsAndStops(Faulty):
    """Prints the notice, and leaves the remaining columns unchanged."""

    killed_by = ("zero-first-column", "echelon.form")

    def row_after_zero_column(self, row: int) -> int:
        return sys.maxsize


class RowFollowsColumn(Faulty):
    """Advances to the next row where a column has no pivot."""

    killed_by = ("zero-first-column", "echelon.form")

    def row_after_zero_column(self, row: int) -> int:
        return row + 1


class TestsBeforeSearch(Faulty):
    """Skips a column whose entry is 0 before any swap."""

    killed_by = ("zero-leading-pivot", "echelon.form")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return row if a[row][column] == 0 else super().pivot_row(a, row, column)


class NeverTestsForZero(Faulty):
    """Divides by the pivot even if it is 0."""

    killed_by = ("one-by-one-contradiction", "singular.notice")

    def is_zero(self, value: Value) -> bool:
        return False


class TakesNegativeForZero(Faulty):
    """Takes every pivot of at most 0 for 0."""

    killed_by = ("negative-pivot-largest", "echelon.form")

    def is_zero(self, value: Value) -> bool:
        return value <= 0


class TakesSmallForZero(Faulty):
    """Tests for 0 with an absolute tolerance, and stores 0 in its place."""

    killed_by = ("tiny-but-regular", "echelon.pivoting")

    def is_zero(self, value: Value) -> bool:
        return magnitude(value) < 1e-10

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        super().handle_zero_column(a, column)
        for row in a:
            row[column] = 0 if magnitude(row[column]) < 1e-10 else row[column]


# The swap


class NeverSwaps(Faulty):
    """Finds the pivot row and does not swap."""

    killed_by = ("zero-leading-pivot", "echelon.form")

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        pass


class SwapsByColumn(Faulty):
    """Swaps with the row that has the column's number."""

    killed_by = ("single-row-late-pivot", "echelon.form")

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[column], a[pivot] = a[pivot], a[column]


class SwapsWithNext(Faulty):
    """Swaps with the next row instead of the pivot row."""

    killed_by = ("single-column", "echelon.pivoting")

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        below = min(row + 1, pivot)
        a[row], a[below] = a[below], a[row]


class CopiesPivotRow(Faulty):
    """Copies the pivot row up, and does not store the other row in its place."""

    killed_by = ("zero-leading-pivot", "echelon.rows")

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row] = list(a[pivot])


class SwapsCoefficientsOnly(Faulty):
    """Does not swap the right-hand side."""

    killed_by = ("single-column", "echelon.rows")

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row][:-1], a[pivot][:-1] = a[pivot][:-1], a[row][:-1]


class SwapsFromNextColumn(Faulty):
    """Does not swap the column of the pivot."""

    killed_by = ("single-column", "echelon.rows")

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
    ReportsAndStops,
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
