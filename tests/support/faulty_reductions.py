"""Gauss–Jordan eliminations with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.eliminations import quotient
from support.faulty_eliminations import Faulty

if TYPE_CHECKING:
    from support.eliminations import Matrix


class FaultyReduction(Faulty):
    """A fault in Gauss–Jordan elimination."""

    faulty_procedure = "gauss_jordan"


class ForgetsFirstPivotOfReduced(FaultyReduction):
    """Its loop over pivots begins one too late."""

    killed_by = ("one-by-one", "reduced.form")

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return super().pivots(a)[1:]


class ForgetsLastPivotOfReduced(FaultyReduction):
    """Its loop over pivots ends one too soon."""

    killed_by = ("one-by-one", "reduced.form")

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return super().pivots(a)[:-1]


class StaysOnDiagonal(FaultyReduction):
    """Searches for pivots on the diagonal only."""

    killed_by = ("single-row-late-pivot", "reduced.form")

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return [(i, i) for i in range(min(len(a), len(a[0]) - 1)) if a[i][i] != 0]


class StaysAtZeroColumn(FaultyReduction):
    """Advances to the next column only where it found a pivot."""

    killed_by = ("single-row-late-pivot", "reduced.form")

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        pivots: list[tuple[int, int]] = []
        for row in range(len(a)):
            if len(pivots) < len(a[0]) - 1 and a[row][len(pivots)] != 0:
                pivots.append((row, len(pivots)))
        return pivots


class DividesLeftToRight(FaultyReduction):
    """Divides by a pivot that has become 1 already."""

    killed_by = ("one-by-one", "reduced.rows")

    def divide(self, a: Matrix, row: int, column: int) -> None:
        for j in self.divided_columns(a, column):
            a[row][j] = quotient(a[row][j], a[row][column])


class NeverDivides(FaultyReduction):
    """Leaves pivots as they are."""

    killed_by = ("one-by-one", "reduced.form")

    def divide(self, a: Matrix, row: int, column: int) -> None:
        pass


class DividesByDiagonalOfReduced(FaultyReduction):
    """Divides by the entry of the row that is on the diagonal."""

    killed_by = ("single-row-late-pivot", "reduced.form")

    def divide(self, a: Matrix, row: int, column: int) -> None:
        pivot = a[row][row]
        for j in self.divided_columns(a, column):
            a[row][j] = quotient(a[row][j], pivot)


class DivisionBeginsTooLate(FaultyReduction):
    """Divides only what is to the right of the pivot."""

    killed_by = ("one-by-one", "reduced.form")

    def divided_columns(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]))


class DivisionEndsTooSoon(FaultyReduction):
    """Leaves the right-hand side undivided."""

    killed_by = ("one-by-one", "reduced.rows")

    def divided_columns(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]) - 1)


class ForgetsFirstRow(FaultyReduction):
    """Its loop over the rows above begins one too late."""

    killed_by = ("two-by-two", "reduced.form")

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(1, row)


class ForgetsRowAbove(FaultyReduction):
    """Its loop over the rows above ends one too soon."""

    killed_by = ("two-by-two", "reduced.form")

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row - 1)


class IncludesPivotRowOfReduced(FaultyReduction):
    """Its loop over the rows above ends one too late."""

    killed_by = ("one-by-one", "reduced.rows")

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row + 1)


class ClearsBelow(FaultyReduction):
    """Clears below its pivots, where there are zeros already."""

    killed_by = ("two-by-two", "reduced.form")

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a))


class ClearingBeginsTooLate(FaultyReduction):
    """Clears only what is to the right of the pivot's column."""

    killed_by = ("two-by-two", "reduced.form")

    def cleared_columns(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]))


class ForgetsRightHandSideOfReduced(FaultyReduction):
    """Its loop along a row ends one too soon."""

    killed_by = ("two-by-two", "reduced.rows")

    def cleared_columns(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]) - 1)


class ForgetsFreeColumns(FaultyReduction):
    """Changes the columns with pivots and the right-hand side, but not the others."""

    killed_by = ("wide-consistent", "reduced.rows")

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        changed = [column, len(a[0]) - 1, *(j for i, j in self.pivots(a) if i > row)]
        for i in self.rows_above(a, row):
            scale = a[i][column]
            for j in changed:
                a[i][j] -= scale * a[row][j]


class AddsAbove(FaultyReduction):
    """Adds the multiple of the pivot row."""

    killed_by = ("two-by-two", "reduced.form")

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(a, row):
            scale = a[i][column]
            for j in self.cleared_columns(a, column):
                a[i][j] += scale * a[row][j]


class ReadsScaleAgain(FaultyReduction):
    """Reads the multiplier again after it has become 0."""

    killed_by = ("two-by-two", "reduced.rows")

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(a, row):
            for j in self.cleared_columns(a, column):
                a[i][j] -= a[i][column] * a[row][j]


class ClearsBeforeDividing(FaultyReduction):
    """Clears with a row whose pivot is not 1 yet."""

    killed_by = ("two-by-two", "reduced.form")

    def gauss_jordan(self, a: Matrix) -> None:
        for row, column in self.pivots(a):
            self.clear_above(a, row, column)
            self.divide(a, row, column)


class LosesContradictionOfReduced(FaultyReduction):
    """Clears the right-hand side of the rows that have no pivot."""

    killed_by = ("one-by-one-contradiction", "reduced.rows")

    def gauss_jordan(self, a: Matrix) -> None:
        super().gauss_jordan(a)
        for row in a:
            if all(value == 0 for value in row[:-1]):
                row[-1] = 0


REDUCTION_FAULTS: tuple[type[Faulty], ...] = (
    ForgetsFirstPivotOfReduced,
    ForgetsLastPivotOfReduced,
    StaysOnDiagonal,
    StaysAtZeroColumn,
    DividesLeftToRight,
    NeverDivides,
    DividesByDiagonalOfReduced,
    DivisionBeginsTooLate,
    DivisionEndsTooSoon,
    ForgetsFirstRow,
    ForgetsRowAbove,
    IncludesPivotRowOfReduced,
    ClearsBelow,
    ClearingBeginsTooLate,
    ForgetsRightHandSideOfReduced,
    ForgetsFreeColumns,
    AddsAbove,
    ReadsScaleAgain,
    ClearsBeforeDividing,
    LosesContradictionOfReduced,
)
