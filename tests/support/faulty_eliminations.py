"""Eliminations with one fault each: in their loops, in what they subtract, in what they say.

Those that choose or move the wrong row are in `faulty_pivoting`, those with a fault in a later
procedure in `faulty_reductions` and `faulty_substitutions`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from harness.model.check import Check
from support.eliminations import NOTICE, Program, quotient

if TYPE_CHECKING:
    from harness.model.number import Value
    from support.eliminations import Matrix


class Faulty(Program):
    """A program with one fault, in the procedure named."""

    guilty = "gaussian_elimination"
    killed_by: tuple[str, Check]
    """The smallest case of the corpus that catches it, and the check that does."""


# Which columns and rows are worked on


class ForgetsFirstColumn(Faulty):
    """Its loop over columns begins one too late."""

    killed_by = ("one-by-one-contradiction", Check.SINGULAR_NOTICE)

    def columns(self, a: Matrix) -> range:
        return range(1, len(a[0]) - 1)


class ForgetsLastColumn(Faulty):
    """Its loop over columns ends one too soon."""

    killed_by = ("one-by-one-contradiction", Check.SINGULAR_NOTICE)

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]) - 2)


class StopsAtSquare(Faulty):
    """Its loop over columns ends after as many as there are rows."""

    killed_by = ("wide-late-pivots", Check.ECHELON_FORM)

    def columns(self, a: Matrix) -> range:
        return range(min(len(a), len(a[0]) - 1))


class SpeaksOfRightHandSide(Faulty):
    """Looks for a pivot in the right-hand side, and calls the matrix singular without one."""

    killed_by = ("single-column", Check.SINGULAR_NOTICE)

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]))

    def zero_column(self, a: Matrix, column: int) -> None:
        self.remarks.append(NOTICE)


class ForgetsNextRow(Faulty):
    """Its loop over the rows below begins one too late."""

    killed_by = ("single-column", Check.ECHELON_FORM)

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 2, len(a))


class ForgetsLastRow(Faulty):
    """Its loop over the rows below ends one too soon."""

    killed_by = ("single-column", Check.ECHELON_FORM)

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a) - 1)


class ForgetsSpareRows(Faulty):
    """Its loop over the rows below ends after as many as there are unknowns."""

    killed_by = ("single-column", Check.ECHELON_FORM)

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, min(len(a), len(a[0]) - 1))


class IncludesPivotRow(Faulty):
    """Its loop over the rows below begins one too soon."""

    killed_by = ("one-by-one", Check.ECHELON_ROWS)

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row, len(a))


# What is subtracted


class SkipsNextColumn(Faulty):
    """Its loop along a row begins one too late."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def along(self, a: Matrix, column: int) -> range:
        return range(column + 2, len(a[0]))


class ForgetsRightHandSide(Faulty):
    """Its loop along a row ends one too soon."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def along(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]) - 1)


class Adds(Faulty):
    """Adds the multiple of the pivot row."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return -super().multiplier(a, i, row, column)


class InvertsMultiplier(Faulty):
    """Divides the pivot by the entry."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(a[row][column], a[i][column])


class DividesByDiagonal(Faulty):
    """Divides by the entry of the pivot row that is on the diagonal."""

    killed_by = ("zero-row-first", Check.ECHELON_FORM)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(a[i][column], a[row][min(row, len(a[0]) - 1)])


class UpdatesMultiplierOnTheWay(Faulty):
    """Reads the multiplier again after it has changed the entry that it is made of."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            for j in range(column, len(a[0])):
                a[i][j] -= a[row][j] * self.multiplier(a, i, row, column)


class MultipliesBeforeSwap(Faulty):
    """Computes its multipliers before the swap, which does not move them."""

    killed_by = ("single-column", Check.ECHELON_ROWS)

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        self.entries = [line[column] for line in a]
        super().swap(a, row, pivot, column)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(self.entries[i], a[row][column])


class DividesPivotRowLeftToRight(Faulty):
    """Makes its pivots 1 by a division after which the pivot is read again."""

    killed_by = ("one-by-one", Check.ECHELON_ROWS)

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for j in range(column, len(a[0])):
            a[row][j] = quotient(a[row][j], a[row][column])
        super().eliminate(a, row, column)


class LeavesResidue(Faulty):
    """Computes the entries below a pivot, where 0 should be stored."""

    killed_by = ("residue-below-pivot", Check.ECHELON_FORM)
    needs_rounding = True

    def along(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]))

    def store_zero(self, a: Matrix, i: int, row: int, column: int) -> None:
        pass


class StoresZeroByRow(Faulty):
    """Stores the 0 in the column that has the row's number."""

    killed_by = ("zero-first-column", Check.ECHELON_FORM)

    def store_zero(self, a: Matrix, i: int, row: int, column: int) -> None:
        a[i][row] = 0


class RoundsToSingle(Faulty):
    """Rounds multipliers to single precision."""

    killed_by = ("negative-pivot-largest", Check.ECHELON_ROWS)
    needs_rounding = True

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        value = super().multiplier(a, i, row, column)
        return type(value)(struct.unpack("f", struct.pack("f", value))[0])


class LosesContradiction(Faulty):
    """Clears the right-hand side of the rows that have no pivot."""

    killed_by = ("one-by-one-contradiction", Check.ECHELON_ROWS)

    def gaussian_elimination(self, a: Matrix) -> None:
        super().gaussian_elimination(a)
        for row in a:
            if all(value == 0 for value in row[:-1]):
                row[-1] = 0


# What is said


class NeverSpeaks(Faulty):
    """Keeps singularity to itself."""

    killed_by = ("one-by-one-contradiction", Check.SINGULAR_NOTICE)

    def zero_column(self, a: Matrix, column: int) -> None:
        pass


class AlwaysSpeaks(Faulty):
    """Calls every matrix singular."""

    killed_by = ("one-by-one", Check.SINGULAR_NOTICE)

    def gaussian_elimination(self, a: Matrix) -> None:
        self.remarks.append(NOTICE)
        super().gaussian_elimination(a)


class SpeaksAtZeroEntry(Faulty):
    """Calls a matrix singular where it needs a swap."""

    killed_by = ("zero-leading-pivot", Check.SINGULAR_NOTICE)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        if a[row][column] == 0:
            self.remarks.append(NOTICE)
        return super().pivot_row(a, row, column)


class SpeaksOfLastColumnOnly(Faulty):
    """Looks for singularity in the last column alone."""

    killed_by = ("zero-row-first", Check.SINGULAR_NOTICE)

    def zero_column(self, a: Matrix, column: int) -> None:
        if column == len(a[0]) - 2:
            super().zero_column(a, column)


class ForgetsToTestLastPivot(Faulty):
    """Says nothing of the last column."""

    killed_by = ("one-by-one-contradiction", Check.SINGULAR_NOTICE)

    def zero_column(self, a: Matrix, column: int) -> None:
        if column < len(a[0]) - 2:
            super().zero_column(a, column)


ELIMINATION_FAULTS: tuple[type[Faulty], ...] = (
    ForgetsFirstColumn,
    ForgetsLastColumn,
    StopsAtSquare,
    SpeaksOfRightHandSide,
    ForgetsNextRow,
    ForgetsLastRow,
    ForgetsSpareRows,
    IncludesPivotRow,
    SkipsNextColumn,
    ForgetsRightHandSide,
    Adds,
    InvertsMultiplier,
    DividesByDiagonal,
    UpdatesMultiplierOnTheWay,
    MultipliesBeforeSwap,
    DividesPivotRowLeftToRight,
    LeavesResidue,
    StoresZeroByRow,
    RoundsToSingle,
    LosesContradiction,
    NeverSpeaks,
    AlwaysSpeaks,
    SpeaksAtZeroEntry,
    SpeaksOfLastColumnOnly,
    ForgetsToTestLastPivot,
)
