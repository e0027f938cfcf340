"""Eliminations with one fault each; `guilty` names the procedure that has it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from eliminations import NOTICE, Program, quotient, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eliminations import Matrix

    from harness.exact import Value


class Faulty(Program):
    """A program with one fault, in the procedure named."""

    guilty = "gaussian_elimination"


class NeverSwaps(Faulty):
    """Takes the row that stands there for the pivot row, and a 0 in it for singularity."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return row


class ForgetsAbs(Faulty):
    """Looks for the largest candidate, not the largest magnitude."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, len(a)), key=lambda i: a[i][column])


class SwapsByColumn(Faulty):
    """Swaps with the row that has the column's number."""

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[column], a[pivot] = a[pivot], a[column]


class LeavesResidue(Faulty):
    """Computes the entries below a pivot, where 0 should be stored."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = quotient(a[i][column], a[row][column])
            for j in range(column, len(a[0])):
                a[i][j] -= a[row][j] * scale


class SwapsCoefficientsOnly(Faulty):
    """Leaves the right-hand side where it is."""

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row][:-1], a[pivot][:-1] = a[pivot][:-1], a[row][:-1]


class StopsAtZeroColumn(Faulty):
    """Ends at the first column without a pivot, and does not say so."""

    def zero_column(self, a: Matrix, column: int) -> None:
        pass

    def row_after_zero_column(self, row: int) -> int:
        return sys.maxsize


class RowFollowsColumn(Faulty):
    """Goes on to the next row where a column has no pivot."""

    def row_after_zero_column(self, row: int) -> int:
        return row + 1


class ForgetsLastColumn(Faulty):
    """Its loop over columns ends one too soon."""

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]) - 2)


class ForgetsLastRow(Faulty):
    """Its loop over the rows below ends one too soon."""

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a) - 1)


class ForgetsNextRow(Faulty):
    """Its loop over the rows below begins one too late."""

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 2, len(a))


class ForgetsRightHandSide(Faulty):
    """Its loop along a row ends one too soon."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = quotient(a[i][column], a[row][column])
            for j in range(column + 1, len(a[0]) - 1):
                a[i][j] -= a[row][j] * scale
            a[i][column] = 0


class SkipsNextColumn(Faulty):
    """Its loop along a row begins one too late."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = quotient(a[i][column], a[row][column])
            for j in range(column + 2, len(a[0])):
                a[i][j] -= a[row][j] * scale
            a[i][column] = 0


class TakesSmallForZero(Faulty):
    """Tests for 0 with an absolute tolerance, and stores zeros."""

    def is_zero(self, value: Value) -> bool:
        return size(value) < 1e-10

    def zero_column(self, a: Matrix, column: int) -> None:
        super().zero_column(a, column)
        for row in a:
            row[column] = 0 if size(row[column]) < 1e-10 else row[column]


class LosesContradiction(Faulty):
    """Clears the right-hand side of the rows that have no pivot."""

    def gaussian_elimination(self, a: Matrix) -> None:
        super().gaussian_elimination(a)
        for row in a:
            if all(value == 0 for value in row[:-1]):
                row[-1] = 0


class NeverSpeaks(Faulty):
    """Keeps singularity to itself."""

    def zero_column(self, a: Matrix, column: int) -> None:
        pass


class AlwaysSpeaks(Faulty):
    """Calls every matrix singular."""

    def gaussian_elimination(self, a: Matrix) -> None:
        self.remarks.append(NOTICE)
        super().gaussian_elimination(a)


class FaultyReduction(Faulty):
    """A fault in Gauss–Jordan elimination."""

    guilty = "gauss_jordan"


class DividesLeftToRight(FaultyReduction):
    """Divides by a pivot that has become 1 already."""

    def divide(self, a: Matrix, row: int, column: int) -> None:
        for j in range(column, len(a[0])):
            a[row][j] = quotient(a[row][j], a[row][column])


class ForgetsRightHandSideOfReduced(FaultyReduction):
    """Its loop along a row ends one too soon."""

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(row):
            scale = a[i][column]
            for j in range(column, len(a[0]) - 1):
                a[i][j] -= scale * a[row][j]


class ForgetsFreeColumns(FaultyReduction):
    """Changes the columns with pivots and the right-hand side, but not the others."""

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        changed = [column, len(a[0]) - 1, *(j for i, j in self.pivots(a) if i > row)]
        for i in self.rows_above(row):
            scale = a[i][column]
            for j in changed:
                a[i][j] -= scale * a[row][j]


class ForgetsFirstRow(FaultyReduction):
    """Its loop over the rows above begins one too late."""

    def rows_above(self, row: int) -> range:
        return range(1, row)


class ForgetsRowAbove(FaultyReduction):
    """Its loop over the rows above ends one too soon."""

    def rows_above(self, row: int) -> range:
        return range(row - 1)


class NeverDivides(FaultyReduction):
    """Leaves pivots as they are."""

    def divide(self, a: Matrix, row: int, column: int) -> None:
        pass


class StaysOnDiagonal(FaultyReduction):
    """Looks for pivots on the diagonal only."""

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        return [(i, i) for i in range(min(len(a), len(a[0]) - 1)) if a[i][i] != 0]


class LosesContradictionOfReduced(FaultyReduction):
    """Clears the right-hand side of the rows that have no pivot."""

    def gauss_jordan(self, a: Matrix) -> None:
        super().gauss_jordan(a)
        for row in a:
            if all(value == 0 for value in row[:-1]):
                row[-1] = 0


class FaultySubstitution(Faulty):
    """A fault in back substitution."""

    guilty = "back_substitution"


class IncludesDiagonal(FaultySubstitution):
    """Its sum takes in the unknown that is being computed, which held 1 before."""

    def unset(self, a: Matrix) -> list[Value]:
        return [1.0] * (len(a[0]) - 1)

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return row[i] * x[i] + super().inner(row, x, i)


class ForgetsLastUnknown(FaultySubstitution):
    """Its sum ends one too soon."""

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return super().inner(row[:-2], x[:-1], i)


class ForgetsNextUnknown(FaultySubstitution):
    """Its sum begins one too late."""

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return super().inner(row, x, i + 1)


class ForgetsFirstUnknown(FaultySubstitution):
    """Its loop upwards ends one too soon, and returns what was in memory."""

    def unset(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)

    def rows_upwards(self, a: Matrix) -> Iterable[int]:
        return reversed(range(1, min(len(a[0]) - 1, len(a))))


class ReturnsGarbage(FaultySubstitution):
    """Returns what was in memory."""

    def back_substitution(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)


class TakesZeroForFree(FaultySubstitution):
    """Sets an unknown to 0 where its pivot is 0, without a word, whatever the equation says."""

    def back_substitution(self, a: Matrix) -> list[Value]:
        x: list[Value] = [0.0] * (len(a[0]) - 1)
        for i in self.rows_upwards(a):
            x[i] = 0.0 if a[i][i] == 0 else (a[i][-1] - self.inner(a[i], x, i)) / a[i][i]
        return x


class IgnoresSpareRows(FaultySubstitution):
    """Does not look at the rows below as many as there are unknowns."""

    def refuses(self, a: Matrix) -> bool:
        return False


FAULTS: tuple[type[Faulty], ...] = (
    NeverSwaps,
    ForgetsAbs,
    SwapsByColumn,
    LeavesResidue,
    SwapsCoefficientsOnly,
    StopsAtZeroColumn,
    RowFollowsColumn,
    ForgetsLastColumn,
    ForgetsLastRow,
    ForgetsNextRow,
    ForgetsRightHandSide,
    SkipsNextColumn,
    TakesSmallForZero,
    LosesContradiction,
    NeverSpeaks,
    AlwaysSpeaks,
    DividesLeftToRight,
    ForgetsRightHandSideOfReduced,
    ForgetsFreeColumns,
    ForgetsFirstRow,
    ForgetsRowAbove,
    NeverDivides,
    StaysOnDiagonal,
    LosesContradictionOfReduced,
    IncludesDiagonal,
    ForgetsLastUnknown,
    ForgetsNextUnknown,
    ForgetsFirstUnknown,
    ReturnsGarbage,
    TakesZeroForFree,
    IgnoresSpareRows,
)
