"""Correct elimination programs, and ports, cases and transcripts for tests.

Each subclass of `Program` does one step in another correct way. `make_transcript` returns what a
program computes as if a driver had printed it. Faulty programs are in `faulty_eliminations`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic, Case, Kind
from harness.model.number import Number
from harness.model.port import Base, DebianBase, Port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from harness.model.number import Value

Matrix = list[list["Value"]]

NUMBERS: dict[Arithmetic, Callable[[Fraction], Any]] = {
    Arithmetic.BINARY64: float,
    Arithmetic.BINARY32: lambda value: np.float32(float(value)),
    Arithmetic.RATIONAL64: Fraction,
    Arithmetic.RATIONAL: Fraction,
}
"""The type of numbers in which a program computes."""

PROCEDURES = ("gaussian_elimination", "gauss_jordan", "back_substitution")
NOTICE = "The matrix is singular."


def make_elimination_port(
    arithmetic: Arithmetic = Arithmetic.BINARY64,
    procedures: tuple[str, ...] = PROCEDURES,
    notices: tuple[str, ...] = (NOTICE,),
    stops_at_notice: bool = False,
) -> Port:
    """Return a port in which only the fields that the judge reads are set."""
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
    """Return a case that declares nothing, for a system given as its augmented matrix."""
    system = tuple(tuple(Number.from_fraction(Fraction(value)) for value in row) for row in rows)
    # The oracle checks the kind of square systems only, and accepts this one for any shape.
    return Case(name, Kind.UNDERDETERMINED, "", "", system, 1, {})


def print_number(value: Value) -> Value:
    """Return what a driver prints: of a binary32 number, the fewest digits that read back."""
    return float(str(value)) if isinstance(value, np.float32) else value


def quotient(p: Value, q: Value) -> Value:
    """Return p/q; for doubles as in IEEE 754, where Python raises an exception at q = 0."""
    if q != 0 or isinstance(p, Fraction) or isinstance(q, Fraction):
        return p / q
    if p == 0 or math.isnan(p):
        return math.nan
    return math.copysign(math.inf, p) * math.copysign(1.0, q)


def magnitude(value: Value) -> Value:
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
                self.handle_zero_column(a, column)
                row = self.row_after_zero_column(row)
                continue
            self.swap(a, row, pivot, column)
            self.eliminate(a, row, column)
            row += 1

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]) - 1)

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        candidates = range(row, len(a))
        return max(candidates, key=lambda i: magnitude(a[i][column]))

    def is_zero(self, value: Value) -> bool:
        return value == 0

    def handle_zero_column(self, a: Matrix, column: int) -> None:
        if column < len(a[0]) - 1:
            self.remarks.append(NOTICE)

    def row_after_zero_column(self, row: int) -> int:
        return row

    def swap(self, a: Matrix, row: int, pivot: int, column: int) -> None:
        a[row], a[pivot] = a[pivot], a[row]

    def rows_below(self, a: Matrix, row: int) -> range:
        return range(row + 1, len(a))

    def updated_columns(self, a: Matrix, column: int) -> range:
        return range(column + 1, len(a[0]))

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return quotient(a[i][column], a[row][column])

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = self.multiplier(a, i, row, column)
            for j in self.updated_columns(a, column):
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
        for j in self.divided_columns(a, column):
            a[row][j] = quotient(a[row][j], pivot)

    def divided_columns(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]))

    def rows_above(self, a: Matrix, row: int) -> range:
        return range(row)

    def cleared_columns(self, a: Matrix, column: int) -> range:
        return range(column, len(a[0]))

    def clear_above(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_above(a, row):
            scale = a[i][column]
            for j in self.cleared_columns(a, column):
                a[i][j] -= scale * a[row][j]

    # Back substitution

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.initial_unknowns(a)
        if self.refuses(a):
            return x
        for i in self.rows_bottom_up(a):
            x[i] = quotient(a[i][-1] - self.inner_product(a[i], x, i), a[i][i])
        return x

    def refuses(self, a: Matrix) -> bool:
        return any(row[-1] != 0 for row in a[len(a[0]) - 1 :])

    def initial_unknowns(self, a: Matrix) -> list[Value]:
        return [math.nan] * (len(a[0]) - 1)

    def rows_bottom_up(self, a: Matrix) -> Iterable[int]:
        return reversed(range(min(len(a[0]) - 1, len(a))))

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        total: Value = 0
        for j in range(i + 1, len(x)):
            total += row[j] * x[j]
        return total

    # As a driver prints it

    def make_transcript(
        self, case: Case, arithmetic: Arithmetic = Arithmetic.BINARY64
    ) -> Transcript:
        """Return what a driver of this program prints for a case."""
        self.remarks = []
        system = case.build_input_matrix(arithmetic)
        number = NUMBERS[arithmetic]
        echelon: Matrix = [[number(value) for value in row] for row in system]
        with np.errstate(all="ignore"):
            return self.run_procedures(case, echelon)

    def run_procedures(self, case: Case, echelon: Matrix) -> Transcript:
        """Return what a driver prints for a system, which is overwritten."""
        stages, failures = {}, {}
        try:
            self.gaussian_elimination(echelon)
            stages["echelon"] = make_matrix_stage("echelon", echelon)
        except (ZeroDivisionError, IndexError) as problem:
            failures["gaussian_elimination"] = repr(problem)
            return Transcript(case.name, Ending.COMPLETED, {}, failures)
        try:
            reduced = [list(row) for row in echelon]
            self.gauss_jordan(reduced)
            stages["reduced"] = make_matrix_stage("reduced", reduced)
        except (ZeroDivisionError, IndexError) as problem:
            failures["gauss_jordan"] = repr(problem)
        try:
            x = self.back_substitution([list(row) for row in echelon])
            stages["solution"] = make_solution_stage(x)
        except (ZeroDivisionError, IndexError) as problem:
            failures["back_substitution"] = repr(problem)
        return Transcript(
            case.name, Ending.COMPLETED, stages, failures, remarks=tuple(self.remarks)
        )


def make_matrix_stage(label: str, rows: Sequence[Sequence[Value]]) -> Stage:
    """Return a printed matrix."""
    return Stage(
        label, (len(rows), len(rows[0])), tuple(tuple(map(print_number, row)) for row in rows)
    )


def make_solution_stage(x: Sequence[Value]) -> Stage:
    """Return a printed solution."""
    return Stage("solution", (len(x),), tuple((print_number(value),) for value in x))


# Other correct programs


class LastMaximum(Program):
    """Takes the last of several largest candidates, as Haskell's maximumBy does."""

    def pivot_row(self, a: Matrix, row: int, column: int) -> int:
        candidates = range(len(a) - 1, row - 1, -1)
        return max(candidates, key=lambda i: magnitude(a[i][column]))


class IntoAugmented(Program):
    """Searches for pivots in the right-hand side too."""

    def columns(self, a: Matrix) -> range:
        return range(len(a[0]))


class UnitPivots(Program):
    """Divides each pivot row by its pivot before subtracting it."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        self.divide(a, row, column)
        super().eliminate(a, row, column)

    def multiplier(self, a: Matrix, i: int, row: int, column: int) -> Value:
        return a[i][column]


class UnitPivotsIntoAugmented(UnitPivots, IntoAugmented):
    """Unit pivots, and pivots in the right-hand side."""


class Reciprocals(UnitPivots):
    """Multiplies by the reciprocal of the pivot, where that is finite; 1 may become 1 − 2⁻⁵³."""

    def divide(self, a: Matrix, row: int, column: int) -> None:
        reciprocal = quotient(a[row][column] * 0 + 1, a[row][column])
        if math.isinf(reciprocal):
            super().divide(a, row, column)
        else:
            a[row][column:] = [value * reciprocal for value in a[row][column:]]


class ColumnByColumn(Program):
    """Loops over columns outside and rows inside, in elimination and in back substitution."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        below = self.rows_below(a, row)
        scales = {i: quotient(a[i][column], a[row][column]) for i in below}
        for j in reversed(range(column + 1, len(a[0]))):
            for i in below:
                a[i][j] -= scales[i] * a[row][j]
        for i in below:
            a[i][column] = 0

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.initial_unknowns(a)
        if len(a) < len(x) or self.refuses(a):
            return x
        for i in self.rows_bottom_up(a):
            x[i] = quotient(a[i][-1], a[i][i])
            for k in range(i):
                a[k][-1] -= a[k][i] * x[i]
        return x


class FromTheBottom(Program):
    """Begins Gauss–Jordan elimination with the last pivot, and divides at the end."""

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
    """Treats 0 = c as a row with a pivot in Gauss–Jordan elimination, and reduces it to 0 = 1."""

    def pivots(self, a: Matrix) -> list[tuple[int, int]]:
        leading = [next((j for j, v in enumerate(row) if v != 0), None) for row in a]
        return [(row, column) for row, column in enumerate(leading) if column is not None]


class RoundedOnce(Program):
    """Fuses multiplication and subtraction: one rounding for both."""

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        for i in self.rows_below(a, row):
            scale = quotient(a[i][column], a[row][column])
            for j in range(column + 1, len(a[0])):
                a[i][j] = fused(a[i][j], scale, a[row][j])
            a[i][column] = 0


class LeftLooking(Program):
    """Applies all earlier steps to a column only when the column is reached (jki order)."""

    def gaussian_elimination(self, a: Matrix) -> None:
        scales: list[list[Value]] = [[] for _ in a]
        rank = 0
        for column in self.columns(a):
            self.apply_steps(a, scales, column)
            if rank == len(a):
                continue
            pivot = self.pivot_row(a, rank, column)
            if a[pivot][column] == 0:
                self.handle_zero_column(a, column)
                continue
            for table in (a, scales):
                table[rank], table[pivot] = table[pivot], table[rank]
            for i in range(rank + 1, len(a)):
                scales[i].append(quotient(a[i][column], a[rank][column]))
                a[i][column] = 0
            rank += 1
        self.apply_steps(a, scales, len(a[0]) - 1)

    def apply_steps(self, a: Matrix, scales: list[list[Value]], column: int) -> None:
        """Apply the steps so far to a column; row i has one multiplier for each step."""
        for i, row in enumerate(a):
            entries_above = [a[k][column] for k in range(len(scales[i]))]
            row[column] = self.subtract_products(row[column], scales[i], entries_above)

    def subtract_products(
        self, a: Value, scales: Sequence[Value], values: Sequence[Value]
    ) -> Value:
        """Return a − Σ scaleₖ valueₖ."""
        for scale, value in zip(scales, values, strict=True):
            a -= scale * value
        return a


class InnerProducts(LeftLooking):
    """Changes every entry once, by an inner product (Crout's order)."""

    def subtract_products(
        self, a: Value, scales: Sequence[Value], values: Sequence[Value]
    ) -> Value:
        total: Value = 0
        for scale, value in zip(scales, values, strict=True):
            total += scale * value
        return a - total


class ExactInnerProducts(LeftLooking):
    """Changes every entry once, by an inner product that is rounded only once."""

    def subtract_products(
        self, a: Value, scales: Sequence[Value], values: Sequence[Value]
    ) -> Value:
        return subtract_products(a, scales, values)

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        if not all(map(math.isfinite, x[i + 1 :])):
            return math.nan
        return -subtract_products(row[i] * 0, row[i + 1 : len(x)], x[i + 1 :])


def fused(a: Value, scale: Value, b: Value) -> Value:
    """Return a − scale·b, rounded once."""
    return subtract_products(a, [scale], [b])


def subtract_products(a: Value, scales: Sequence[Value], values: Sequence[Value]) -> Value:
    """Return a − Σ scaleₖ valueₖ, rounded once."""
    if not all(map(math.isfinite, (a, *scales, *values))):
        return math.nan
    products = (Fraction(s) * Fraction(v) for s, v in zip(scales, values, strict=True))
    exact = Fraction(a) - sum(products, Fraction(0))
    return exact if isinstance(a, Fraction) else float(exact)


CORRECT_PROGRAMS = (
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
