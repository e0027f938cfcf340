"""Correct eliminations whose ports promise something other than the defaults.

Each class names its `promises`. Several are dialects of one promise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.promises import Pivoting, Promises, ZeroTolerance
from support.eliminations import Program, magnitude, quotient

if TYPE_CHECKING:
    from harness.model.number import Value
    from support.eliminations import Matrix


def largest_of(values: list[Value]) -> Value:
    return max(map(magnitude, values), default=0)


class Promising(Program):
    """A program with promises of its own."""

    promises = Promises()


# Scaled partial pivoting


class Scaled(Promising):
    """Compares entries relative to the largest coefficient that their row has in the system."""

    promises = Promises(Pivoting.SCALED)

    def gaussian_elimination(self, a: Matrix) -> None:
        self.scales = [self.scale(row) for row in a]
        super().gaussian_elimination(a)

    def scale(self, row: list[Value]) -> Value:
        return largest_of(row[:-1])

    def weight(self, a: Matrix, i: int, column: int) -> Value:
        size = magnitude(a[i][column])
        return size / self.scales[i] if size != 0 else size

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return max(range(row, len(a)), key=lambda i: self.weight(a, i, column))

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        super().swap(a, row, pivot, column)
        self.scales[row], self.scales[pivot] = self.scales[pivot], self.scales[row]


class ScaledWithSides(Scaled):
    """Counts the right-hand side among the entries of a row."""

    def scale(self, row: list[Value]) -> Value:
        return largest_of(row)


class ScaledAgain(Scaled):
    """Computes the scales again for each step."""

    def weight(self, a: Matrix, i: int, column: int) -> Value:
        size = magnitude(a[i][column])
        return size / self.scale(a[i]) if size != 0 else size


class ScaledByReciprocals(Scaled):
    """Multiplies by the reciprocal of the scale, as Numerical Recipes does."""

    def weight(self, a: Matrix, i: int, column: int) -> Value:
        size = magnitude(a[i][column])
        reciprocal = quotient(size * 0 + 1, self.scales[i]) if size != 0 else size
        # The reciprocal of a subnormal scale is infinite.
        return size * reciprocal if reciprocal * 0 == 0 else size / self.scales[i]


# The first entry that is not 0


class FirstNonzero(Promising):
    """Takes the first row whose entry is not 0, and swaps it with the current one."""

    promises = Promises(Pivoting.FIRST_NONZERO)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return next((i for i in range(row, len(a)) if not self.is_zero(a[i][column])), row)


class FirstNonzeroMoved(FirstNonzero):
    """Moves the pivot row up, and the rows before it down."""

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a.insert(row, a.pop(pivot))


# No interchanges


class NeverInterchanged(Promising):
    """Divides by whatever is on the diagonal, and passes over columns of zeros."""

    promises = Promises(Pivoting.NONE)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        return row

    def is_zero(self, value: Value) -> bool:
        return False

    def gaussian_elimination(self, a: Matrix) -> None:
        row = 0
        for column in self.columns(a):
            if row >= len(a):
                break
            if all(a[i][column] == 0 for i in range(row, len(a))):
                self.handle_zero_column(a, column)
                continue
            self.eliminate(a, row, column)
            row += 1


class NeverInterchangedRaises(NeverInterchanged):
    """Raises an exception at a pivot that is 0, as Python's division does."""

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return a[i][column] / a[row][column]


# Complete pivoting


class Complete(Promising):
    """Interchanges columns too, and prints the columns in the order of the unknowns."""

    promises = Promises(Pivoting.COMPLETE)

    def gaussian_elimination(self, a: Matrix) -> None:
        n = len(a[0]) - 1
        self.order = list(range(n))
        for k in range(min(len(a), n)):
            block = [(i, j) for i in range(k, len(a)) for j in range(k, n)]
            i, j = self.choose(a, block)
            if self.is_zero(a[i][j]):
                self.handle_zero_column(a, k)
                break
            a[k], a[i] = a[i], a[k]
            for row in a:
                row[k], row[j] = row[j], row[k]
            self.order[k], self.order[j] = self.order[j], self.order[k]
            self.eliminate(a, k, k)
        inverse = [self.order.index(j) for j in range(n)]
        for row in a:
            row[:n] = [row[inverse[j]] for j in range(n)]

    def choose(self, a: Matrix, block: list[tuple[int, int]]) -> tuple[int, int]:
        return max(block, key=lambda place: magnitude(a[place[0]][place[1]]))

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        n = len(self.order)
        return [
            (k, self.order[k])
            for k in range(min(len(a), n))
            if not self.is_zero(a[k][self.order[k]])
        ]

    def divided_columns(self, a: Matrix, column: int) -> range:
        return range(len(a[0]))

    def cleared_columns(self, a: Matrix, column: int) -> range:
        return range(len(a[0]))

    def back_substitution(self, a: Matrix) -> list[Value]:
        n = len(self.order)
        permuted = [[row[j] for j in self.order] + row[n:] for row in a]
        y = super().back_substitution(permuted)
        x = list(y)
        for k, column in enumerate(self.order):
            x[column] = y[k]
        return x


class CompleteLastOfTies(Complete):
    """Takes the last of several largest entries."""

    def choose(self, a: Matrix, block: list[tuple[int, int]]) -> tuple[int, int]:
        return super().choose(a, block[::-1])


class CompleteUnitPivots(Complete):
    """Divides each pivot row by its pivot before subtracting it."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot = a[row][column]
        a[row] = [quotient(value, pivot) for value in a[row]]
        for i in self.rows_below(a, row):
            scale = a[i][column]
            for j in self.updated_columns(a, column):
                a[i][j] -= a[row][j] * scale
            a[i][column] = 0


# Fraction-free


class FractionFree(Promising):
    """Bareiss's elimination with the largest pivot: p W − w P, divided by the pivot before."""

    def gaussian_elimination(self, a: Matrix) -> None:
        self.previous: Value = a[0][0] * 0 + 1
        super().gaussian_elimination(a)

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        pivot = a[row][column]
        for i in self.rows_below(a, row):
            w = a[i][column]
            for j in range(column + 1, len(a[0])):
                a[i][j] = quotient(pivot * a[i][j] - w * a[row][j], self.previous)
            a[i][column] = 0
        self.previous = pivot


class FractionFreeFirstNonzero(FractionFree, FirstNonzero):
    """Bareiss's elimination with the first pivot that is not 0."""


class CrossMultiplied(FractionFree):
    """p W − w P without a division."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        super().eliminate(a, row, column)
        self.previous = a[row][column] * 0 + 1


class SignsTurned(CrossMultiplied):
    """w P − p W, so that the signs of rows turn."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        super().eliminate(a, row, column)
        for i in self.rows_below(a, row):
            a[i] = [-value for value in a[i]]


class PositivePivots(Promising):
    """Multiplies each row by −1 where its pivot is negative."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        if a[row][column] < 0:
            a[row] = [-value for value in a[row]]
        super().eliminate(a, row, column)


# Gauss–Jordan elimination as elimination


class ClearsAbove(Promising):
    """Clears the rows above each pivot too, and divides each pivot row."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        self.divide(a, row, column)
        for i in (i for i in range(len(a)) if i != row):
            scale = a[i][column]
            for j in range(column, len(a[0])):
                a[i][j] -= scale * a[row][j]
            a[i][column] = 0


class ClearsAboveUndivided(Promising):
    """Clears the rows above each pivot too, and leaves the pivots."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in (i for i in range(len(a)) if i != row):
            scale = quotient(a[i][column], a[row][column])
            for j in range(column, len(a[0])):
                a[i][j] -= scale * a[row][j]
            a[i][column] = 0


# A tolerance for zero

TOLERANCE = 1e-9


class Tolerant(Promising):
    """Passes over a column whose largest entry is at most the tolerance."""

    promises = Promises(zero_tolerance=ZeroTolerance(Fraction(1, 10**9)))
    limit = TOLERANCE

    def is_zero(self, value: Value) -> bool:
        return magnitude(value) <= self.limit

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        leading = [
            next((j for j, v in enumerate(row[:-1]) if not self.is_zero(v)), None) for row in a
        ]
        return [(row, column) for row, column in enumerate(leading) if column is not None]

    def refuses(self, a: Matrix) -> bool:
        n = len(a[0]) - 1
        return (
            len(a) < n
            or any(self.is_zero(a[i][i]) for i in range(n))
            or any(not self.is_zero(row[-1]) for row in a[n:])
        )


class TolerantBelow(Tolerant):
    """Compares with < in place of ≤."""

    def is_zero(self, value: Value) -> bool:
        return magnitude(value) < TOLERANCE


class TolerantStoresZeros(Tolerant):
    """Stores 0 in place of the entries of a column that it passes over."""

    def gaussian_elimination(self, a: Matrix) -> None:
        super().gaussian_elimination(a)
        for i, row in enumerate(a):
            first = next((j for j, v in enumerate(row[:-1]) if not self.is_zero(v)), len(row) - 1)
            a[i] = [value * 0 for value in row[:first]] + row[first:]


class TolerantFlushes(Tolerant):
    """Stores 0 in place of every small entry that it computes."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        super().eliminate(a, row, column)
        for i in self.rows_below(a, row):
            a[i] = [value * 0 if self.is_zero(value) else value for value in a[i]]


class TolerantComplete(Complete):
    """Stops complete pivoting at a block of small entries."""

    promises = Promises(Pivoting.COMPLETE, ZeroTolerance(Fraction(1, 10**9)))

    def is_zero(self, value: Value) -> bool:
        return magnitude(value) <= TOLERANCE

    def refuses(self, a: Matrix) -> bool:
        return Tolerant.refuses(self, a)  # type: ignore[arg-type]


class TolerantFirst(Tolerant, FirstNonzero):
    """Takes the first row whose entry is larger than the tolerance."""

    promises = Promises(Pivoting.FIRST_NONZERO, ZeroTolerance(Fraction(1, 10**9)))


class TolerantRelative(Tolerant):
    """Multiplies the tolerance by the largest coefficient of the system."""

    promises = Promises(zero_tolerance=ZeroTolerance(Fraction(1, 10**12), is_relative=True))

    def gaussian_elimination(self, a: Matrix) -> None:
        self.limit = 1e-12 * float(max((largest_of(row[:-1]) for row in a), default=0))
        super().gaussian_elimination(a)


PIVOTING_DIALECTS = (
    Scaled,
    ScaledWithSides,
    ScaledAgain,
    ScaledByReciprocals,
    FirstNonzero,
    FirstNonzeroMoved,
    NeverInterchanged,
    NeverInterchangedRaises,
    Complete,
    CompleteLastOfTies,
    CompleteUnitPivots,
    FractionFree,
    FractionFreeFirstNonzero,
    CrossMultiplied,
    SignsTurned,
    PositivePivots,
    ClearsAbove,
    ClearsAboveUndivided,
)

TOLERANCE_DIALECTS = (
    Tolerant,
    TolerantBelow,
    TolerantStoresZeros,
    TolerantFlushes,
    TolerantComplete,
    TolerantFirst,
    TolerantRelative,
)
