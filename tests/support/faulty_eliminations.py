"""Eliminations with one fault each: in a loop, in what is subtracted, or in the notice.

`faulty_pivoting` has faults in pivoting; `faulty_reductions` and `faulty_substitutions` have faults
in the later procedures.
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
    """A program with one fault, in `faulty_procedure`."""

    faulty_procedure = "gaussian_elimination"
    killed_by: tuple[str, Check]
    """The smallest case of the corpus that detects the fault, and the check that does."""


# Ranges of columns and rows


class ForgetsFirstColumn(Faulty):
    """Its loop over columns begins one too late."""

    killed_by = ("one-by-one-contradiction", "singular.notice")

    def columns(self, a: Matrix) -> range:
        return range(1, len(a[0]) - 1)


class ForgetsLastColumn(Faulty):
    """Its loop over columns ends one too soon."""

    killed_by = ("one-by-one-contradiction", "singular.notice")

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]) - 2)


class StopsAtSquare(Faulty):
    """Its loop over columns ends after as many as there are rows."""

    killed_by = ("wide-late-pivots", "echelon.form")

    def columns(self, a: Matrix) -> range:
        return range(min(len(a), len(a[0]) - 1))


class ReportsZeroRightHandSide(Faulty):
    """Searches for a pivot in the right-hand side, and reports singularity where there is none."""

    killed_by = ("single-column", "singular.notice")

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]))

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        self.remarks.append(NOTICE)


class ForgetsNextRow(Faulty):
    """Its loop over the rows below begins one too late."""

    killed_by = ("single-column", "echelon.form")

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 2, len(a))


class ForgetsLastRow(Faulty):
    """Its loop over the rows below ends one too soon."""

    killed_by = ("single-column", "echelon.form")

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a) - 1)


class ForgetsSpareRows(Faulty):
    """Its loop over the rows below ends after as many as there are unknowns."""

    killed_by = ("single-column", "echelon.form")

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, min(len(a), len(a[0]) - 1))


class IncludesPivotRow(Faulty):
    """Its loop over the rows below begins one too soon."""

    killed_by = ("one-by-one", "echelon.rows")

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row, len(a))


# The subtraction


class SkipsNextColumn(Faulty):
    """Its loop along a row begins one too late."""

    killed_by = ("single-column", "echelon.rows")

    def updated_columns(self, a: Matrix, column: int) -> range:
        return range(column + 2, len(a[0]))


class ForgetsRightHandSide(Faulty):
    """Its loop along a row ends one too soon."""

    killed_by = ("single-column", "echelon.rows")

    def updated_columns(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]) - 1)


class AddsMultiple(Faulty):
    """Adds the multiple of the pivot row."""

    killed_by = ("single-column", "echelon.rows")

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return -super().multiplier(a, i, row, column)


class InvertsMultiplier(Faulty):
    """Divides the pivot by the entry."""

    killed_by = ("single-column", "echelon.rows")

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(a[row][column], a[i][column])


class DividesByDiagonal(Faulty):
    """Divides by the entry of the pivot row that is on the diagonal."""

    killed_by = ("zero-row-first", "echelon.form")

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(a[i][column], a[row][min(row, len(a[0]) - 1)])


class UpdatesMultiplierOnTheWay(Faulty):
    """Computes the multiplier again after the entry that it depends on has changed."""

    killed_by = ("single-column", "echelon.rows")

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            for j in range(column, len(a[0])):
                a[i][j] -= a[row][j] * self.multiplier(a, i, row, column)


class MultipliesBeforeSwap(Faulty):
    """Computes its multipliers before the swap, which does not move them."""

    killed_by = ("single-column", "echelon.rows")

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        self.entries = [line[column] for line in a]
        super().swap(a, row, pivot, column)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(self.entries[i], a[row][column])


class DividesPivotRowLeftToRight(Faulty):
    """Divides the pivot row by its pivot, and reads the pivot again after it has become 1."""

    killed_by = ("one-by-one", "echelon.rows")

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for j in range(column, len(a[0])):
            a[row][j] = quotient(a[row][j], a[row][column])
        super().eliminate(a, row, column)


class LeavesResidue(Faulty):
    """Computes the entries below a pivot instead of storing 0."""

    killed_by = ("residue-below-pivot", "echelon.form")
    needs_rounding = True

    def updated_columns(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]))

    def store_zero(self, a: Matrix, i: int, row: int, column: int) -> None:
        pass


class StoresZeroByRow(Faulty):
    """Stores the 0 in the column that has the row's number."""

    killed_by = ("zero-first-column", "echelon.form")

    def store_zero(self, a: Matrix, i: int, row: int, column: int) -> None:
        a[i][row] = 0


class RoundsToSingle(Faulty):
    """Rounds multipliers to single precision."""

    killed_by = ("negative-pivot-largest", "echelon.rows")
    needs_rounding = True

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        value = super().multiplier(a, i, row, column)
        return type(value)(struct.unpack("f", struct.pack("f", value))[0])


class LosesContradiction(Faulty):
    """Clears the right-hand side of the rows that have no pivot."""

    killed_by = ("one-by-one-contradiction", "echelon.rows")

    def gaussian_elimination(self, a: Matrix) -> None:
        super().gaussian_elimination(a)
        for row in a:
            if all(value == 0 for value in row[:-1]):
                row[-1] = 0


# The notice


class NeverReportsSingularity(Faulty):
    """Never prints the notice."""

    killed_by = ("one-by-one-contradiction", "singular.notice")

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        pass


class AlwaysReportsSingularity(Faulty):
    """Prints the notice for every matrix."""

    killed_by = ("one-by-one", "singular.notice")

    def gaussian_elimination(self, a: Matrix) -> None:
        self.remarks.append(NOTICE)
        super().gaussian_elimination(a)


class ReportsZeroEntry(Faulty):
    """Prints the notice where a swap is needed."""

    killed_by = ("zero-leading-pivot", "singular.notice")

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        if a[row][column] == 0:
            self.remarks.append(NOTICE)
        return super().pivot_row(a, row, column)


class ReportsLastColumnOnly(Faulty):
    """Prints the notice for the last column only."""

    killed_by = ("zero-row-first", "singular.notice")

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        if column == len(a[0]) - 2:
            super().handle_zero_column(a, column)


class NeverReportsLastColumn(Faulty):
    """Prints no notice for the last column."""

    killed_by = ("one-by-one-contradiction", "singular.notice")

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        if column < len(a[0]) - 2:
            super().handle_zero_column(a, column)


ELIMINATION_FAULTS: tuple[type[Faulty], ...] = (
    ForgetsFirstColumn,
    ForgetsLastColumn,
    StopsAtSquare,
    ReportsZeroRightHandSide,
    ForgetsNextRow,
    ForgetsLastRow,
    ForgetsSpareRows,
    IncludesPivotRow,
    SkipsNextColumn,
    ForgetsRightHandSide,
    AddsMultiple,
    InvertsMultiplier,
    DividesByDiagonal,
    UpdatesMultiplierOnTheWay,
    MultipliesBeforeSwap,
    DividesPivotRowLeftToRight,
    LeavesResidue,
    StoresZeroByRow,
    RoundsToSingle,
    LosesContradiction,
    NeverReportsSingularity,
    AlwaysReportsSingularity,
    ReportsZeroEntry,
    ReportsLastColumnOnly,
    NeverReportsLastColumn,
)
