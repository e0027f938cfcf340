"""Equivalent mutants: changes that look like faults and change no result.

Each docstring gives the reason. No check can distinguish such a program from a correct one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.eliminations import Program, magnitude, quotient

if TYPE_CHECKING:
    from harness.model.number import Value
    from support.eliminations import Matrix


class Equivalent(Program):
    """A change that looks like a fault and changes no result; its docstring gives the reason."""


class SwapsRestOfRows(Equivalent):
    """Swaps from the pivot's column on: left of it both rows have zeros."""

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row][column:], a[pivot][column:] = a[pivot][column:], a[row][column:]


class SearchBeginsBelow(Equivalent):
    """Searches from the next row on, with the current row as the first best candidate."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        best = row
        for i in range(row + 1, len(a)):
            if magnitude(a[i][column]) > magnitude(a[best][column]):
                best = i
        return best


class EliminatesWholeRows(Equivalent):
    """Subtracts along the whole row: left of the pivot it subtracts multiples of 0 from 0."""

    def updated_columns(self, a: Matrix, column: int) -> range:
        return range(len(a[0]))


class SkipsZeroMultipliers(Equivalent):
    """Skips rows that have a 0 already: their multiplier is 0."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            if a[i][column] != 0:
                scale = self.multiplier(a, i, row, column)
                for j in self.updated_columns(a, column):
                    a[i][j] -= a[row][j] * scale
                self.store_zero(a, i, row, column)


class DividesWholeRows(Equivalent):
    """Divides along the whole row: left of the pivot there are zeros."""

    def divided_columns(self, a: Matrix, column: int) -> range:
        return range(len(a[0]))


class ClearsWholeRows(Equivalent):
    """Clears along the whole row: left of the pivot the pivot row has zeros."""

    def cleared_columns(self, a: Matrix, column: int) -> range:
        return range(len(a[0]))


class ClearsBothSides(Equivalent):
    """Clears below its pivots too, where an echelon form has zeros."""

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        super().clear_above(a, row, column)
        for i in range(row + 1, len(a)):
            scale = a[i][column]
            for j in self.cleared_columns(a, column):
                a[i][j] -= scale * a[row][j]


class SumsWholeRows(Equivalent):
    """Sums over the whole row: the unknowns that are not yet computed are 0."""

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.initial_unknowns(a)
        if len(a) < len(x) or self.refuses(a):
            return x
        x = [0] * len(x)
        for i in self.rows_bottom_up(a):
            total = sum(value * unknown for value, unknown in zip(a[i], x, strict=False))
            x[i] = quotient(a[i][-1] - total, a[i][i])
        return x


EQUIVALENT_PROGRAMS: tuple[type[Equivalent], ...] = (
    SwapsRestOfRows,
    SearchBeginsBelow,
    EliminatesWholeRows,
    SkipsZeroMultipliers,
    DividesWholeRows,
    ClearsWholeRows,
    ClearsBothSides,
    SumsWholeRows,
)
