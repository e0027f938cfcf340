"""Correct eliminations in exact arithmetic: with any pivots, without fractions, with any multiples.

Without rounding, no pivot is better than another, and a row may be multiplied by any number.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from support.eliminations import Program, magnitude

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value
    from support.eliminations import Matrix


class Exact(Program):
    """An elimination in exact arithmetic; its docstring says what it does in another way."""

    def nonzero(self, a: Matrix, row: int, column: int) -> list[int]:
        """Return the rows that may be the pivot row, or the first one."""
        return [i for i in range(row, len(a)) if a[i][column] != 0] or [row]

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        """A NaN times a fraction beyond the doubles raises an exception in Python."""
        is_known = all(value == value for value in x[i + 1 :])
        return super().inner_product(row, x, i) if is_known else math.nan


class FirstEntry(Exact):
    """Takes the first entry that is not 0."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return self.nonzero(a, row, column)[0]


class LastEntry(Exact):
    """Takes the last entry that is not 0."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return self.nonzero(a, row, column)[-1]


class SmallestEntry(Exact):
    """Takes the smallest entry that is not 0, so that numbers stay short."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return min(self.nonzero(a, row, column), key=lambda i: magnitude(a[i][column]))


class ShortestEntry(Exact):
    """Takes the entry with the fewest digits, as sympy and others do."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        def count(i: int) -> int:
            numerator, denominator = a[i][column].as_integer_ratio()
            return numerator.bit_length() + denominator.bit_length()

        return min(self.nonzero(a, row, column), key=count)


class SparsestRow(Exact):
    """Takes the row with the fewest entries, as Markowitz's rule does."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return min(self.nonzero(a, row, column), key=lambda i: sum(v != 0 for v in a[i]))


class UnitRows(SmallestEntry):
    """Divides each pivot row by its pivot."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot = a[row][column]
        a[row] = [value / Fraction(pivot) for value in a[row]]
        super().eliminate(a, row, column)


class CrossMultiplied(FirstEntry):
    """Multiplies crosswise, without a division: the numbers have twice as many digits each time."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot_row = a[row]
        for i in self.rows_below(a, row):
            pivot, own = pivot_row[column], a[i][column]
            a[i] = [pivot * v - own * w for v, w in zip(a[i], pivot_row, strict=True)]


class CrossMultipliedLargest(CrossMultiplied):
    """Multiplies crosswise, and takes the largest of the multiplied entries."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return Program.pivot_row(self, a, row, column)


class SignsTurned(CrossMultiplied):
    """Multiplies crosswise with the other sign, and skips rows with a 0."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot_row = a[row]
        for i in self.rows_below(a, row):
            pivot, own = pivot_row[column], a[i][column]
            if own != 0:
                a[i] = [own * w - pivot * v for v, w in zip(a[i], pivot_row, strict=True)]


class Bareiss(FirstEntry):
    """Bareiss's elimination of integers; fractions are cleared row by row before."""

    def gaussian_elimination(self, a: Matrix) -> None:
        a[:] = [clear_denominators(row) for row in a]
        self.previous: Value = 1
        super().gaussian_elimination(a)

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot_row = a[row]
        for i in self.rows_below(a, row):
            pivot, own = pivot_row[column], a[i][column]
            a[i] = [
                (pivot * v - own * w) / Fraction(self.previous)
                for v, w in zip(a[i], pivot_row, strict=True)
            ]
        self.previous = pivot_row[column]


class BareissLargest(Bareiss):
    """Bareiss's elimination with the largest entry."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return Program.pivot_row(self, a, row, column)


class PrimitiveRows(CrossMultiplied):
    """Divides each row by the greatest common divisor of its entries, after each step."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        super().eliminate(a, row, column)
        a[:] = [make_primitive(each) for each in a]


class LeastMultiples(FirstEntry):
    """Multiplies two rows so that both have the least common multiple of their entries."""

    def gaussian_elimination(self, a: Matrix) -> None:
        a[:] = [clear_denominators(row) for row in a]
        super().gaussian_elimination(a)

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot_row = a[row]
        for i in self.rows_below(a, row):
            if a[i][column] != 0:
                multiple = math.lcm(int(pivot_row[column]), int(a[i][column]))
                first, second = multiple / pivot_row[column], multiple / a[i][column]
                a[i] = [second * v - first * w for v, w in zip(a[i], pivot_row, strict=True)]


class Euclidean(Exact):
    """Subtracts whole multiples of rows from each other (Euclid's algorithm), as for Hermite's
    normal form: a pivot row is a sum of rows."""

    def gaussian_elimination(self, a: Matrix) -> None:
        a[:] = [clear_denominators(row) for row in a]
        super().gaussian_elimination(a)

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            while a[i][column] != 0:
                quotient = a[row][column] // a[i][column]
                rest = [v - quotient * w for v, w in zip(a[row], a[i], strict=True)]
                a[row], a[i] = a[i], rest


class AddsRowsUp(FirstEntry):
    """Adds a lower row to the pivot row in place of an interchange."""

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        if pivot != row:
            a[row] = [v + w for v, w in zip(a[row], a[pivot], strict=True)]


def clear_denominators(row: Sequence[Value]) -> list[Value]:
    """Return a row multiplied by the least common denominator of its entries."""
    common = math.lcm(*(value.as_integer_ratio()[1] for value in row))
    return [Fraction(value) * common for value in row]


def make_primitive(row: Sequence[Value]) -> list[Value]:
    """Return a row of integers without a common divisor, a multiple of the given row."""
    integers = clear_denominators(row)
    divisor = math.gcd(*map(int, integers))
    return [value / divisor for value in integers] if divisor else integers


EXACT_PROGRAMS: tuple[type[Program], ...] = (
    Program,
    FirstEntry,
    LastEntry,
    SmallestEntry,
    ShortestEntry,
    SparsestRow,
    UnitRows,
    CrossMultiplied,
    CrossMultipliedLargest,
    SignsTurned,
    Bareiss,
    BareissLargest,
    PrimitiveRows,
    LeastMultiples,
    Euclidean,
    AddsRowsUp,
)
