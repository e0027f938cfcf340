"""Exact rational matrices: matrices of doubles or fractions without any rounding.

A thin layer over python-flint's `fmpq_mat`. Matrices are augmented unless stated otherwise,
ROWS × (UNKNOWNS + RIGHT-HAND SIDES). A matrix is never changed after it is built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat, fmpz

from harness.model.number import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ZERO = fmpq(0)
ONE = fmpq(1)
INTEGER_ZERO = fmpz(0)
SMALLEST = math.ulp(0.0)
"""The smallest double that is not 0."""


def from_number(value: Value | int) -> fmpq:
    """Return the exact value of a finite number."""
    numerator, denominator = value.as_integer_ratio()
    return fmpq(numerator, denominator)


def to_fraction(value: fmpq) -> Fraction:
    """Return an `fmpq` as a Python fraction."""
    return Fraction(int(value.p), int(value.q))


def from_rows(rows: Sequence[Sequence[Value | int]]) -> fmpq_mat:
    """Return the exact matrix with these rows of finite numbers. A row has at least one entry."""
    return fmpq_mat([[fmpq(*value.as_integer_ratio()) for value in row] for row in rows])


def is_finite(value: Value) -> bool:
    """Return whether a number is neither infinite nor NaN. Every fraction is finite."""
    return isinstance(value, Fraction) or math.isfinite(value)


def all_finite(rows: Iterable[Iterable[Value]]) -> bool:
    """Return whether no entry is infinite or NaN."""
    try:
        return all(all(map(math.isfinite, row)) for row in rows)
    except OverflowError:  # a fraction beyond the range of doubles is finite
        return all(is_finite(value) for row in rows for value in row)


def columns(source: fmpq_mat, chosen: Sequence[int]) -> fmpq_mat:
    """Return the chosen columns of a matrix as a matrix, without columns if none is chosen."""
    if not chosen or source.nrows() == 0:
        return fmpq_mat(source.nrows(), len(chosen))
    return fmpq_mat([[row[column] for column in chosen] for row in source.tolist()])


def rows(source: fmpq_mat, chosen: Sequence[int]) -> fmpq_mat:
    """Return the chosen rows of a matrix as a matrix, without rows if none is chosen."""
    if not chosen or source.ncols() == 0:
        return fmpq_mat(len(chosen), source.ncols())
    table = source.tolist()
    return fmpq_mat([table[row] for row in chosen])


def identity(size: int) -> fmpq_mat:
    """Return the identity matrix, size × size."""
    return fmpq_mat([[fmpq(int(i == j)) for j in range(size)] for i in range(size)])


def zeros(rows: int, columns: int) -> fmpq_mat:
    """Return a matrix of zeros."""
    return fmpq_mat(rows, columns)


def augment(left: fmpq_mat, right: fmpq_mat) -> fmpq_mat:
    """Return [left | right] of two matrices with equally many rows."""
    return fmpq_mat([a + b for a, b in zip(left.tolist(), right.tolist(), strict=True)])


def upper_triangle(source: fmpq_mat, unknowns: int) -> fmpq_mat | None:
    """Return the first n rows with zeros below the diagonal; None if their triangle is singular."""
    table = source.tolist()[:unknowns]
    if len(table) < unknowns or any(row[i] == 0 for i, row in enumerate(table)):
        return None
    return fmpq_mat([[ZERO] * i + row[i:] for i, row in enumerate(table)])


def to_float(value: fmpq) -> float:
    """Return the double nearest to an `fmpq`, or an infinity if it is out of range.

    Of numbers that are not 0, it is the nearest double that is not 0 either: no error vanishes.
    """
    numerator, denominator = int(value.p), int(value.q)
    try:
        nearest = numerator / denominator  # Python rounds the quotient of integers correctly
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf
    if nearest or not numerator:
        return nearest
    return SMALLEST if numerator > 0 else -SMALLEST


def nearest_double(value: Value) -> float:
    """Return the double nearest to a number, or an infinity if it is out of range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_floats(source: fmpq_mat) -> list[list[float]]:
    """Return the rows of a matrix, each entry as the nearest double."""
    return [[to_float(value) for value in row] for row in source.tolist()]


def magnitudes(source: fmpq_mat) -> fmpq_mat:
    """Return |M|, the matrix of the magnitudes of entries."""
    return fmpq_mat(source.nrows(), source.ncols(), [abs(value) for value in source.entries()])


def rounded_magnitudes(source: fmpq_mat) -> fmpq_mat:
    """Return |M| with each entry rounded to 50 or more significant bits."""
    rounded = [round_number(abs(value)) for value in source.entries()]
    return fmpq_mat(source.nrows(), source.ncols(), rounded)


def round_number(value: fmpq) -> fmpq:
    """Return a number that is not negative, rounded down to 50 or more significant bits."""
    numerator, denominator = int(value.p), int(value.q)
    shift = 50 - numerator.bit_length() + denominator.bit_length()
    if shift >= 0:
        return fmpq((numerator << shift) // denominator, 1 << shift)
    return fmpq(numerator // (denominator << -shift) << -shift)


def approximate_inverse(source: fmpq_mat) -> fmpq_mat:
    """Return the inverse of a regular matrix with errors of at most 2⁻¹²⁸ times its largest entry.

    The inverse is computed in ball arithmetic, with increasing precision until the error is small
    enough. Exact fractions can have thousands of digits.
    """
    precision = 256
    inverse: fmpq_mat | None = None
    while inverse is None:
        # Another thread may change the precision at the same time. The radii of the balls show
        # the actual error.
        with ctx.workprec(precision):
            inverse = invert_in_balls(source)
        precision *= 2
    return inverse


def invert_in_balls(source: fmpq_mat) -> fmpq_mat | None:
    """Return the inverse in balls of the current precision; None if the balls are too large."""
    try:
        balls = [ball for row in arb_mat(source).inv().tolist() for ball in row]
    except ZeroDivisionError:
        return None
    largest_radius = max(ball.rad() for ball in balls)
    if not largest_radius < max(abs(ball.mid()) for ball in balls) * arb(2) ** -128:
        return None
    size = source.nrows()
    values = [midpoint(ball) for ball in balls]
    return fmpq_mat(size, size, values)


def midpoint(ball: arb) -> fmpq:
    """Return the exact centre of a ball."""
    mantissa, exponent = map(int, ball.mid().man_exp())
    return fmpq(mantissa * 2**exponent) if exponent >= 0 else fmpq(mantissa, 2**-exponent)


def row_norm(source: fmpq_mat) -> fmpq:
    """Return ‖·‖∞ of a matrix, the largest sum of magnitudes along a row (0 for an empty matrix).

    The sums are computed over a common denominator, because sums of long fractions take many
    times as long.
    """
    numerators, denominator = source.numer_denom()
    sums = (sum(map(abs, row), INTEGER_ZERO) for row in numerators.tolist())
    return fmpq(max(sums, default=INTEGER_ZERO), denominator)


def largest_entry(source: fmpq_mat) -> fmpq:
    """Return the largest magnitude among the entries of a matrix (0 for an empty matrix)."""
    numerators, denominator = source.numer_denom()
    sizes = (abs(value) for row in numerators.tolist() for value in row)
    return fmpq(max(sizes, default=INTEGER_ZERO), denominator)


def largest_magnitude(values: Iterable[fmpq]) -> fmpq:
    """Return the largest magnitude among some values (0 for none): ‖·‖∞ of a vector."""
    return max(map(abs, values), default=ZERO)


@dataclass(frozen=True)
class ReducedForm:
    """The reduced row echelon form of an augmented matrix, with its pivot columns.

    `pivots` are the pivot columns among the coefficients, from 0. `augmented_pivots` are those
    among the right-hand sides. There is one only if the system is inconsistent.
    """

    matrix: fmpq_mat
    pivots: tuple[int, ...]
    augmented_pivots: tuple[int, ...]

    @property
    def rank(self) -> int:
        """The rank of the coefficient matrix."""
        return len(self.pivots)

    @property
    def augmented_rank(self) -> int:
        """The rank of the augmented matrix."""
        return len(self.pivots) + len(self.augmented_pivots)


def reduced_form(source: fmpq_mat, unknowns: int) -> ReducedForm:
    """Return the exact reduced row echelon form of an augmented matrix with that many unknowns."""
    reduced, rank = source.rref()
    table = reduced.tolist()
    leading = [next(j for j, v in enumerate(table[i]) if v != 0) for i in range(rank)]
    return ReducedForm(
        reduced,
        tuple(column for column in leading if column < unknowns),
        tuple(column for column in leading if column >= unknowns),
    )


def consistent_sides(reduced: ReducedForm, unknowns: int) -> tuple[int, ...]:
    """Return the right-hand sides, from 0, with which a system in reduced form has solutions."""
    contradicting = rows(reduced.matrix, range(reduced.rank, reduced.matrix.nrows())).tolist()
    sides = range(reduced.matrix.ncols() - unknowns)
    return tuple(j for j in sides if all(row[unknowns + j] == 0 for row in contradicting))
