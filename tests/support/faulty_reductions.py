"""Gauss–Jordan eliminations with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from support.eliminations import quotient
from support.faulty_eliminations import Faulty

if TYPE_CHECKING:
    from support.eliminations import Matrix


class FaultyReduction(Faulty):
    """A fault in Gauss–Jordan elimination."""

    guilty = "gauss_jordan"


class ForgetsFirstPivotOfReduced(FaultyReduction):
    """Its loop over pivots begins one too late."""

    killed_by = ("one-by-one", Check.REDUCED_FORM)

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return super().pivots(a)[1:]


class ForgetsLastPivotOfReduced(FaultyReduction):
    """Its loop over pivots ends one too soon."""

    killed_by = ("one-by-one", Check.REDUCED_FORM)

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return super().pivots(a)[:-1]


class StaysOnDiagonal(FaultyReduction):
    """Looks for pivots on the diagonal only."""

    killed_by = ("single-row-late-pivot", Check.REDUCED_FORM)

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return [(i, i) for i in range(min(len(a), len(a[0]) - 1)) if a[i][i] != 0]


class StaysAtZeroColumn(FaultyReduction):
    """Goes on to the next column only where it found a pivot."""

    killed_by = ("single-row-late-pivot", Check.REDUCED_FORM)

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for row in range(len(a)):
            if len(found) < len(a[0]) - 1 and a[row][len(found)] != 0:
                found.append((row, len(found)))
        return found


class DividesLeftToRight(FaultyReduction):
    """Divides by a pivot that has become 1 already."""

    killed_by = ("one-by-one", Check.REDUCED_ROWS)

    def divide(self, a: Matrix, row: int, column: int) -> None:
        for j in self.divided(a, column):
            a[row][j] = quotient(a[row][j], a[row][column])


class NeverDivides(FaultyReduction):
    """Leaves pivots as they are."""

    killed_by = ("one-by-one", Check.REDUCED_FORM)

    def divide(self, a: Matrix, row: int, column: int) -> None:
        pass


class DividesByDiagonalOfReduced(FaultyReduction):
    """Divides by the entry of the row that is on the diagonal."""

    killed_by = ("single-row-late-pivot", Check.REDUCED_FORM)

    def divide(self, a: Matrix, row: int, column: int) -> None:
        pivot = a[row][row]
        for j in self.divided(a, column):
            a[row][j] = quotient(a[row][j], pivot)


class DivisionBeginsTooLate(FaultyReduction):
    """Divides what stands right of the pivot."""

    killed_by = ("one-by-one", Check.REDUCED_FORM)

    def divided(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]))


class DivisionEndsTooSoon(FaultyReduction):
    """Leaves the right-hand side undivided."""

    killed_by = ("one-by-one", Check.REDUCED_ROWS)

    def divided(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]) - 1)


class ForgetsFirstRow(FaultyReduction):
    """Its loop over the rows above begins one too late."""

    killed_by = ("two-by-two", Check.REDUCED_FORM)

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(1, row)


class ForgetsRowAbove(FaultyReduction):
    """Its loop over the rows above ends one too soon."""

    killed_by = ("two-by-two", Check.REDUCED_FORM)

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row - 1)


class IncludesPivotRowOfReduced(FaultyReduction):
    """Its loop over the rows above ends one too late."""

    killed_by = ("one-by-one", Check.REDUCED_ROWS)

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row + 1)


class ClearsBelow(FaultyReduction):
    """Clears below its pivots, where zeros are already."""

    killed_by = ("two-by-two", Check.REDUCED_FORM)

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a))


class ClearingBeginsTooLate(FaultyReduction):
    """Clears what stands right of the pivot's column."""

    killed_by = ("two-by-two", Check.REDUCED_FORM)

    def cleared(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]))


class ForgetsRightHandSideOfReduced(FaultyReduction):
    """Its loop along a row ends one too soon."""

    killed_by = ("two-by-two", Check.REDUCED_ROWS)

    def cleared(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]) - 1)


class ForgetsFreeColumns(FaultyReduction):
    """Changes the columns with pivots and the right-hand side, but not the others."""

    killed_by = ("wide-consistent", Check.REDUCED_ROWS)

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        changed = [column, len(a[0]) - 1, *(j for i, j in self.pivots(a) if i > row)]
        for i in self.rows_above(a, row):
            scale = a[i][column]
            for j in changed:
                a[i][j] -= scale * a[row][j]


class AddsAbove(FaultyReduction):
    """Adds the multiple of the pivot row."""

    killed_by = ("two-by-two", Check.REDUCED_FORM)

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(a, row):
            scale = a[i][column]
            for j in self.cleared(a, column):
                a[i][j] += scale * a[row][j]


class ReadsScaleAgain(FaultyReduction):
    """Reads the multiplier again after it has become 0."""

    killed_by = ("two-by-two", Check.REDUCED_ROWS)

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(a, row):
            for j in self.cleared(a, column):
                a[i][j] -= a[i][column] * a[row][j]


class ClearsBeforeDividing(FaultyReduction):
    """Clears with a row whose pivot is not 1 yet."""

    killed_by = ("two-by-two", Check.REDUCED_FORM)

    def gauss_jordan(self, a: Matrix) -> None:
        for row, column in self.pivots(a):
            self.clear_above(a, row, column)
            self.divide(a, row, column)


class LosesContradictionOfReduced(FaultyReduction):
    """Clears the right-hand side of the rows that have no pivot."""

    killed_by = ("one-by-one-contradiction", Check.REDUCED_ROWS)

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
