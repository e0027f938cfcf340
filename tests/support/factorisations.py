"""Correct programs that compute an LU factorisation and what is derived from it.

Each subclass of `Factorisation` does one step in another correct way. Faulty programs are in
`faulty_factorisations`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from support.eliminations import (
    NOTICE,
    NUMBERS,
    fused,
    magnitude,
    make_elimination_port,
    print_number,
    quotient,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.model.case import Case
    from harness.model.number import Value
    from harness.model.port import Port

Matrix = list[list["Value"]]

PROCEDURES = (
    "lu",
    "forward_substitution",
    "backward_substitution",
    "solve",
    "inverse",
    "determinant",
    "rank",
)


def make_factorisation_port(arithmetic: Arithmetic = Arithmetic.BINARY64) -> Port:
    """Return a port that has exactly these procedures."""
    return make_elimination_port(arithmetic, procedures=PROCEDURES)


class SingularError(ArithmeticError):
    """The exception of a program that refuses a singular matrix."""


def copy_matrix(a: Sequence[Sequence[Value]]) -> Matrix:
    return [list(row) for row in a]


def identity(order: int) -> Matrix:
    return [[1 if i == j else 0 for j in range(order)] for i in range(order)]


class Factorisation:
    """Partial pivoting, Doolittle's L and U in place of A, row by row."""

    # P A = L U

    def lu(self, a: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        n = len(a)
        p, work = identity(n), copy_matrix(a)
        for k in self.columns(n):
            pivot = self.pivot_row(work, k)
            if work[pivot][k] == 0:
                continue
            self.swap(p, work, k, pivot)
            for i in self.rows_below(k, n):
                work[i][k] = self.multiplier(work[i][k], work[k][k])
                for j in self.updated_columns(k, n):
                    work[i][j] = self.subtract_product(work[i][j], work[i][k], work[k][j])
        return p, self.lower(work), self.upper(work)

    def columns(self, n: int) -> range:
        return range(n)

    def pivot_row(self, work: Matrix, k: int) -> int:
        return max(range(k, len(work)), key=lambda i: magnitude(work[i][k]))

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        p[k], p[pivot] = p[pivot], p[k]
        work[k], work[pivot] = work[pivot], work[k]

    def rows_below(self, k: int, n: int) -> range:
        return range(k + 1, n)

    def updated_columns(self, k: int, n: int) -> range:
        return range(k + 1, n)

    def multiplier(self, value: Value, pivot: Value) -> Value:
        return quotient(value, pivot)

    def subtract_product(self, value: Value, factor: Value, other: Value) -> Value:
        return value - factor * other

    def lower(self, work: Matrix) -> Matrix:
        n = len(work)
        return [[work[i][j] if j < i else int(i == j) for j in range(n)] for i in range(n)]

    def upper(self, work: Matrix) -> Matrix:
        n = len(work)
        return [[work[i][j] if j >= i else 0 for j in range(n)] for i in range(n)]

    # Substitution

    def permute(self, p: Matrix, b: Matrix) -> Matrix:
        return [b[row.index(1)] for row in p]

    def forward_substitution(self, lower: Matrix, b: Matrix) -> Matrix:
        y = copy_matrix(b)
        for i in range(len(lower)):
            for j in self.columns_before(i):
                for k in self.forward_sides(y):
                    y[i][k] = y[i][k] - lower[i][j] * y[j][k]
        return y

    def columns_before(self, i: int) -> range:
        return range(i)

    def forward_sides(self, b: Matrix) -> range:
        return range(len(b[0]))

    def backward_sides(self, b: Matrix) -> range:
        return range(len(b[0]))

    def backward_substitution(self, upper: Matrix, y: Matrix) -> Matrix:
        n, x = len(upper), copy_matrix(y)
        for i in self.rows_bottom_up(n):
            self.refuse_zero_pivot(upper[i][i])
            for j in self.columns_after(i, n):
                for k in self.backward_sides(x):
                    x[i][k] = x[i][k] - upper[i][j] * x[j][k]
            for k in self.backward_sides(x):
                x[i][k] = quotient(x[i][k], upper[i][i])
        return x

    def refuse_zero_pivot(self, pivot: Value) -> None:
        if pivot == 0:
            raise SingularError(NOTICE)

    def rows_bottom_up(self, n: int) -> Sequence[int]:
        return range(n)[::-1]

    def columns_after(self, i: int, n: int) -> range:
        return range(i + 1, n)

    def solve(self, a: Matrix, b: Matrix) -> Matrix:
        p, lower, upper = self.lu(a)
        y = self.forward_substitution(lower, self.permute(p, b))
        return self.backward_substitution(upper, y)

    # Inverse, determinant and rank

    def inverse(self, a: Matrix) -> Matrix:
        n = len(a)
        work = [
            row + right
            for row, right in zip(copy_matrix(a), self.inverse_right_side(n), strict=True)
        ]
        for k in range(n):
            pivot = max(range(k, n), key=lambda i: magnitude(work[i][k]))
            if work[pivot][k] == 0:
                raise SingularError(NOTICE)
            work[k], work[pivot] = work[pivot], work[k]
            work[k] = [quotient(value, work[k][k]) for value in work[k]]
            for i in self.cleared_rows(k, n):
                factor = work[i][k]
                work[i] = [v - factor * w for v, w in zip(work[i], work[k], strict=True)]
        return [row[n:] for row in work]

    def inverse_right_side(self, n: int) -> Matrix:
        return identity(n)

    def cleared_rows(self, k: int, n: int) -> list[int]:
        return [i for i in range(n) if i != k]

    def determinant(self, a: Matrix) -> Value:
        p, _, upper = self.lu(a)
        result: Value = self.sign(p)
        for value in self.diagonal(upper):
            result = result * value
        return result

    def diagonal(self, upper: Matrix) -> list[Value]:
        return [row[i] for i, row in enumerate(upper)]

    def sign(self, p: Matrix) -> int:
        order = [row.index(1) for row in p]
        inversions = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
        return -1 if inversions % 2 else 1

    def rank(self, a: Matrix) -> int:
        work, row = copy_matrix(a), 0
        for column in range(len(a[0])):
            if row == len(work):
                break
            pivot = max(range(row, len(work)), key=lambda i: magnitude(work[i][column]))
            if self.is_zero(work[pivot][column]):
                row = self.row_after_zero_column(row)
                continue
            work[row], work[pivot] = work[pivot], work[row]
            for i in range(row + 1, len(work)):
                factor = quotient(work[i][column], work[row][column])
                for j in range(column + 1, len(a[0])):
                    work[i][j] = work[i][j] - factor * work[row][j]
                work[i][column] = 0
            row += 1
        return row

    def is_zero(self, value: Value) -> bool:
        return value == 0

    def row_after_zero_column(self, row: int) -> int:
        return row

    # As a driver prints it

    def make_transcript(
        self, case: Case, arithmetic: Arithmetic = Arithmetic.BINARY64
    ) -> Transcript:
        """Return what a driver of this program prints for a case."""
        number = NUMBERS[arithmetic]
        system: Matrix = [
            [number(value) for value in row] for row in case.build_input_matrix(arithmetic)
        ]
        a = [row[: case.unknowns] for row in system]
        b = [row[case.unknowns :] for row in system]
        stages: dict[str, Stage] = {}
        failures: dict[str, str] = {}

        def attempt(procedure: str, work: Callable[[], dict[str, Matrix]]) -> None:
            try:
                stages.update({label: make_stage(label, rows) for label, rows in work().items()})
            except (ArithmeticError, IndexError) as problem:
                failures[procedure] = str(problem) or type(problem).__name__

        with np.errstate(all="ignore"):
            if case.rows == case.unknowns:
                self.run_square_procedures(a, b, attempt)
            attempt("rank", lambda: {"rank": [[self.rank(copy_matrix(a))]]})
        return Transcript(case.name, Ending.COMPLETED, stages, failures)

    def run_square_procedures(
        self, a: Matrix, b: Matrix, attempt: Callable[[str, Callable[[], dict[str, Matrix]]], None]
    ) -> None:
        """Run every procedure that needs a square matrix, in order."""
        results: dict[str, Matrix] = {}

        def store(**new: Matrix) -> dict[str, Matrix]:
            results.update(new)
            return new

        def factorise() -> dict[str, Matrix]:
            p, lower, upper = self.lu(copy_matrix(a))
            return store(permutation=p, lower=lower, upper=upper)

        def substitute_forward() -> dict[str, Matrix]:
            return store(
                forward=self.forward_substitution(
                    results["lower"], self.permute(results["permutation"], b)
                )
            )

        def substitute_backward() -> dict[str, Matrix]:
            return store(backward=self.backward_substitution(results["upper"], results["forward"]))

        attempt("lu", factorise)
        if "lower" in results:
            attempt("forward_substitution", substitute_forward)
        if "forward" in results:
            attempt("backward_substitution", substitute_backward)
        attempt("solve", lambda: store(solve=self.solve(copy_matrix(a), copy_matrix(b))))
        attempt("inverse", lambda: store(inverse=self.inverse(copy_matrix(a))))
        attempt("determinant", lambda: store(determinant=[[self.determinant(copy_matrix(a))]]))


def make_stage(label: str, rows: Matrix) -> Stage:
    """Return a printed result."""
    shape = (len(rows),) if label in ("determinant", "rank") else (len(rows), len(rows[0]))
    return Stage(label, shape, tuple(tuple(map(print_number, row)) for row in rows))


# Other correct ways


class LastOfTies(Factorisation):
    """Takes the last of several rows with the largest entry, as `maximumBy` does."""

    def pivot_row(self, work: Matrix, k: int) -> int:
        return max(reversed(range(k, len(work))), key=lambda i: magnitude(work[i][k]))


class ByReciprocals(Factorisation):
    """Multiplies by the reciprocal of the pivot."""

    def multiplier(self, value: Value, pivot: Value) -> Value:
        reciprocal = quotient(1.0 if isinstance(pivot, float) else Fraction(1), pivot)
        finite = isinstance(reciprocal, Fraction) or math.isfinite(reciprocal)
        return value * reciprocal if finite else quotient(value, pivot)


class FirstOfNearTies(Factorisation):
    """Takes the first of rows whose entries differ by less than 1e-12 of the largest."""

    def pivot_row(self, work: Matrix, k: int) -> int:
        sizes = [magnitude(row[k]) for row in work[k:]]
        return k + next(i for i, size in enumerate(sizes) if size >= max(sizes) * (1 - 1e-12))


class Fused(Factorisation):
    """Multiplies and subtracts with one rounding."""

    def subtract_product(self, value: Value, factor: Value, other: Value) -> Value:
        return fused(value, factor, other)


class InverseByLu(Factorisation):
    """Solves for the columns of the identity."""

    def inverse(self, a: Matrix) -> Matrix:
        return self.solve(a, identity(len(a)))


class NeverRefuses(Factorisation):
    """Divides by a zero pivot, and returns the infinities and NaN that result."""

    def refuse_zero_pivot(self, pivot: Value) -> None:
        pass


class Lapack(Factorisation):
    """NumPy's functions, as a control."""

    def solve(self, a: Matrix, b: Matrix) -> Matrix:
        return self.call_numpy(np.linalg.solve, a, b)

    def inverse(self, a: Matrix) -> Matrix:
        return self.call_numpy(np.linalg.inv, a)

    def determinant(self, a: Matrix) -> Value:
        with np.errstate(all="ignore"):
            return float(np.linalg.det(np.array(a, dtype=float)))

    def rank(self, a: Matrix) -> int:
        return int(np.linalg.matrix_rank(np.array(a, dtype=float)))

    def call_numpy(self, function: Callable[..., object], *matrices: Matrix) -> Matrix:
        try:
            result = function(*(np.array(matrix, dtype=float) for matrix in matrices))
        except np.linalg.LinAlgError as problem:
            raise SingularError(NOTICE) from problem
        return np.asarray(result).tolist()  # type: ignore[no-any-return]


CORRECT_FACTORISATIONS = (
    Factorisation,
    LastOfTies,
    ByReciprocals,
    Fused,
    InverseByLu,
    NeverRefuses,
)
"""Those that work in fractions too; LAPACK does not."""
