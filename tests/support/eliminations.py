"""Small eliminations to be judged: a correct one and its dialects, and what surrounds them.

Each class below `Program` does one thing in another way, as correctly. What it computes is made a
Transcript as if a driver had printed it. Faulty ones are in `faulty_eliminations`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic, Case, Kind
from harness.model.number import Number
from harness.model.port import Base, DebianBase, Port

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.model.number import Value

Matrix = list[list["Value"]]

PROCEDURES = ("gaussian_elimination", "gauss_jordan", "back_substitution")
NOTICE = "The matrix is singular."


def make_port(
    arithmetic: Arithmetic = Arithmetic.BINARY64,
    procedures: tuple[str, ...] = PROCEDURES,
    notices: tuple[str, ...] = (NOTICE,),
    stops_at_notice: bool = False,
) -> Port:
    """A port of which only what a judge looks at is filled in."""
    return Port(
        name="tested",
        folder=Path(),
        language="Python",
        listing="listing",
        digest="",
        document="",
        arithmetic=arithmetic,
        procedures=procedures,
        notices=notices,
        stops_at_notice=stops_at_notice,
        base=Base(None, DebianBase("trixie", ())),
        build=(),
        run=("run",),
        version=("version",),
        published=None,
        regions={},
    )


def make_case(rows: Sequence[Sequence[Value | int]], name: str = "a-case") -> Case:
    """A system, given as its augmented matrix, as a case that declares nothing."""
    system = tuple(tuple(Number.of(Fraction(value)) for value in row) for row in rows)
    # The oracle checks only the kinds of square systems, and this is none of them.
    return Case(name, Kind.UNDERDETERMINED, "", "", system, 1, {})


def quotient(p: Value, q: Value) -> Value:
    """p/q; of doubles as IEEE has it, where Python raises an exception at q = 0."""
    if q != 0 or isinstance(p, Fraction) or isinstance(q, Fraction):
        return p / q
    if p == 0 or math.isnan(p):
        return math.nan
    return math.copysign(math.inf, p) * math.copysign(1.0, q)


def size(value: Value) -> Value:
    """The magnitude of a number."""
    return -value if value < 0 else value


class Program:
    """Gaussian elimination with partial pivoting, Gauss–Jordan elimination, back substitution."""

    def __init__(self) -> None:
        self.remarks: list[str] = []

    # Gaussian elimination

    def gaussian_elimination(self, a: Matrix) -> None:
        row = 0
        for column in self.columns(a):
            if row >= len(a):
                break
            pivot = self.pivot_row(a, row, column)
            if self.is_zero(a[pivot][column]):
                self.zero_column(a, column)
                row = self.row_after_zero_column(row)
                continue
            self.swap(a, row, pivot, column)
            self.eliminate(a, row, column)
            row += 1

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]) - 1)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        candidates = range(row, len(a))
        return max(candidates, key=lambda i: size(a[i][column]))

    def is_zero(self, value: Value) -> bool:
        return value == 0

    def zero_column(self, a: Matrix, column: int) -> None:
        if column < len(a[0]) - 1:
            self.remarks.append(NOTICE)

    def row_after_zero_column(self, row: int) -> int:
        return row

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row], a[pivot] = a[pivot], a[row]

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a))

    def along(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]))

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(a[i][column], a[row][column])

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = self.multiplier(a, i, row, column)
            for j in self.along(a, column):
                a[i][j] -= a[row][j] * scale
            self.store_zero(a, i, row, column)

    def store_zero(self, a: Matrix, i: int, row: int, column: int) -> None:
        a[i][column] = 0

    # Gauss–Jordan elimination

    def gauss_jordan(self, a: Matrix) -> None:
        for row, column in self.pivots(a):
            self.divide(a, row, column)
            self.clear_above(a, row, column)

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        leading = [next((j for j, v in enumerate(row[:-1]) if v != 0), None) for row in a]
        return [(row, column) for row, column in enumerate(leading) if column is not None]

    def divide(self, a: Matrix, row: int, column: int) -> None:
        pivot = a[row][column]
        for j in self.divided(a, column):
            a[row][j] = quotient(a[row][j], pivot)

    def divided(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]))

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row)

    def cleared(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]))

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(a, row):
            scale = a[i][column]
            for j in self.cleared(a, column):
                a[i][j] -= scale * a[row][j]

    # Back substitution

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.unset(a)
        if self.refuses(a):
            return x
        for i in self.rows_upwards(a):
            x[i] = quotient(a[i][-1] - self.inner(a[i], x, i), a[i][i])
        return x

    def refuses(self, a: Matrix) -> bool:
        return any(row[-1] != 0 for row in a[len(a[0]) - 1 :])

    def unset(self, a: Matrix) -> list[Value]:
        return [math.nan] * (len(a[0]) - 1)

    def rows_upwards(self, a: Matrix) -> Iterable[int]:
        return reversed(range(min(len(a[0]) - 1, len(a))))

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        total: Value = 0
        for j in range(i + 1, len(x)):
            total += row[j] * x[j]
        return total

    # As a driver has it

    def transcript(self, case: Case, arithmetic: Arithmetic = Arithmetic.BINARY64) -> Transcript:
        """What a driver of this program prints for a case."""
        self.remarks = []
        handed = case.handed(arithmetic)
        number = float if arithmetic is Arithmetic.BINARY64 else Fraction
        echelon = [[number(value) for value in row] for row in handed]
        stages, failures = {}, {}
        try:
            self.gaussian_elimination(echelon)
            stages["echelon"] = matrix_stage("echelon", echelon)
        except (ZeroDivisionError, IndexError) as problem:
            failures["gaussian_elimination"] = repr(problem)
            return Transcript(case.name, Ending.COMPLETED, {}, failures)
        try:
            reduced = [list(row) for row in echelon]
            self.gauss_jordan(reduced)
            stages["reduced"] = matrix_stage("reduced", reduced)
        except (ZeroDivisionError, IndexError) as problem:
            failures["gauss_jordan"] = repr(problem)
        try:
            x = self.back_substitution([list(row) for row in echelon])
            stages["solution"] = solution_stage(x)
        except (ZeroDivisionError, IndexError) as problem:
            failures["back_substitution"] = repr(problem)
        return Transcript(
            case.name, Ending.COMPLETED, stages, failures, remarks=tuple(self.remarks)
        )


def matrix_stage(label: str, rows: Sequence[Sequence[Value]]) -> Stage:
    """A printed matrix."""
    return Stage(label, (len(rows), len(rows[0])), tuple(tuple(row) for row in rows))


def solution_stage(x: Sequence[Value]) -> Stage:
    """A printed solution."""
    return Stage("solution", (len(x),), tuple((value,) for value in x))


# Dialects: as correct as `Program`.


class LastMaximum(Program):
    """Of candidates that tie the last is taken, as Haskell's maximumBy does."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        candidates = range(len(a) - 1, row - 1, -1)
        return max(candidates, key=lambda i: size(a[i][column]))


class IntoAugmented(Program):
    """The search for pivots goes on into the right-hand side."""

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]))


class UnitPivots(Program):
    """Each pivot row is divided by its pivot before it is subtracted."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        self.divide(a, row, column)
        super().eliminate(a, row, column)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return a[i][column]


class UnitPivotsIntoAugmented(UnitPivots, IntoAugmented):
    """Both."""


class Reciprocals(UnitPivots):
    """Multiplies by the reciprocal of the pivot, where that is finite; 1 may become 1 − 2⁻⁵³."""

    def divide(self, a: Matrix, row: int, column: int) -> None:
        reciprocal = quotient(a[row][column] * 0 + 1, a[row][column])
        if math.isinf(reciprocal):
            super().divide(a, row, column)
        else:
            a[row][column:] = [value * reciprocal for value in a[row][column:]]


class ColumnByColumn(Program):
    """Columns outside and rows inside, in elimination and in back substitution."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        below = self.rows_below(a, row)
        scales = {i: quotient(a[i][column], a[row][column]) for i in below}
        for j in reversed(range(column + 1, len(a[0]))):
            for i in below:
                a[i][j] -= scales[i] * a[row][j]
        for i in below:
            a[i][column] = 0

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.unset(a)
        if len(a) < len(x) or self.refuses(a):
            return x
        for i in self.rows_upwards(a):
            x[i] = quotient(a[i][-1], a[i][i])
            for k in range(i):
                a[k][-1] -= a[k][i] * x[i]
        return x


class FromTheBottom(Program):
    """Gauss–Jordan elimination begins with the last pivot, and divides in the end."""

    def gauss_jordan(self, a: Matrix) -> None:
        for row, column in reversed(self.pivots(a)):
            for i in range(row):
                scale = quotient(a[i][column], a[row][column])
                for j in range(column + 1, len(a[0])):
                    a[i][j] -= scale * a[row][j]
                a[i][column] = 0
        for row, column in self.pivots(a):
            self.divide(a, row, column)


class ReducesContradiction(Program):
    """Gauss–Jordan elimination takes 0 = c for a row with a pivot, and makes 0 = 1 of it."""

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        leading = [next((j for j, v in enumerate(row) if v != 0), None) for row in a]
        return [(row, column) for row, column in enumerate(leading) if column is not None]


class RoundedOnce(Program):
    """Multiplications and subtractions are fused: one rounding for both."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = quotient(a[i][column], a[row][column])
            for j in range(column + 1, len(a[0])):
                a[i][j] = fused(a[i][j], scale, a[row][j])
            a[i][column] = 0


class LeftLooking(Program):
    """A column takes all the steps so far when its turn comes (jki), and not before."""

    def gaussian_elimination(self, a: Matrix) -> None:
        scales: list[list[Value]] = [[] for _ in a]
        rank = 0
        for column in self.columns(a):
            self.catch_up(a, scales, column)
            if rank == len(a):
                continue
            pivot = self.pivot_row(a, rank, column)
            if a[pivot][column] == 0:
                self.zero_column(a, column)
                continue
            for table in (a, scales):
                table[rank], table[pivot] = table[pivot], table[rank]
            for i in range(rank + 1, len(a)):
                scales[i].append(quotient(a[i][column], a[rank][column]))
                a[i][column] = 0
            rank += 1
        self.catch_up(a, scales, len(a[0]) - 1)

    def catch_up(self, a: Matrix, scales: list[list[Value]], column: int) -> None:
        """Let a column take the steps so far: row i has one multiplier for each."""
        for i, row in enumerate(a):
            above = [a[k][column] for k in range(len(scales[i]))]
            row[column] = self.left_over(row[column], scales[i], above)

    def left_over(self, a: Value, scales: Sequence[Value], values: Sequence[Value]) -> Value:
        """a − Σ scaleₖ valueₖ."""
        for scale, value in zip(scales, values, strict=True):
            a -= scale * value
        return a


class InnerProducts(LeftLooking):
    """Every entry is changed once, by an inner product (Crout's order)."""

    def left_over(self, a: Value, scales: Sequence[Value], values: Sequence[Value]) -> Value:
        total: Value = 0
        for scale, value in zip(scales, values, strict=True):
            total += scale * value
        return a - total


class ExactInnerProducts(LeftLooking):
    """Every entry is changed once, by an inner product that is rounded only once."""

    def left_over(self, a: Value, scales: Sequence[Value], values: Sequence[Value]) -> Value:
        return left_over(a, scales, values)

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        if not all(map(math.isfinite, x[i + 1 :])):
            return math.nan
        return -left_over(row[i] * 0, row[i + 1 : len(x)], x[i + 1 :])


def fused(a: Value, scale: Value, b: Value) -> Value:
    """a − scale·b, rounded once."""
    return left_over(a, [scale], [b])


def left_over(a: Value, scales: Sequence[Value], values: Sequence[Value]) -> Value:
    """a − Σ scaleₖ valueₖ, rounded once."""
    if not all(map(math.isfinite, (a, *scales, *values))):
        return math.nan
    products = (Fraction(s) * Fraction(v) for s, v in zip(scales, values, strict=True))
    exact = Fraction(a) - sum(products, Fraction(0))
    return exact if isinstance(a, Fraction) else float(exact)


DIALECTS = (
    Program,
    LastMaximum,
    IntoAugmented,
    UnitPivots,
    UnitPivotsIntoAugmented,
    Reciprocals,
    ColumnByColumn,
    LeftLooking,
    InnerProducts,
    FromTheBottom,
    ReducesContradiction,
    RoundedOnce,
    ExactInnerProducts,
)
