"""Exact rational matrices: what a matrix of doubles or fractions is, with no rounding at all.

A thin layer over python-flint's `fmpq_mat`. Matrices here are augmented, ROWS × (UNKNOWNS +
RIGHT-HAND SIDES), and are never changed after they are made.
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
INTEGER_ZERO = fmpz(0)


def from_number(value: Value | int) -> fmpq:
    """The exact value of a finite number as an `fmpq`."""
    numerator, denominator = value.as_integer_ratio()
    return fmpq(numerator, denominator)


def to_fraction(value: fmpq) -> Fraction:
    """An `fmpq` as a Python fraction."""
    return Fraction(int(value.p), int(value.q))


def from_rows(rows: Sequence[Sequence[Value | int]]) -> fmpq_mat:
    """The exact `fmpq_mat` of finite numbers given row by row; a row has at least one entry."""
    return fmpq_mat([[fmpq(*value.as_integer_ratio()) for value in row] for row in rows])


def is_finite(value: Value) -> bool:
    """Whether a number is neither infinite nor NaN; true of any fraction, however large."""
    return isinstance(value, Fraction) or math.isfinite(value)


def all_finite(rows: Iterable[Iterable[Value]]) -> bool:
    """Whether no entry is infinite or NaN."""
    try:
        return all(all(map(math.isfinite, row)) for row in rows)
    except OverflowError:  # a fraction beyond the doubles, which is finite all the same
        return all(is_finite(value) for row in rows for value in row)


def columns(source: fmpq_mat, chosen: Sequence[int]) -> fmpq_mat:
    """The chosen columns of a matrix, as a matrix (with no columns where none is chosen)."""
    if not chosen or source.nrows() == 0:
        return fmpq_mat(source.nrows(), len(chosen))
    return fmpq_mat([[row[column] for column in chosen] for row in source.tolist()])


def rows(source: fmpq_mat, chosen: Sequence[int]) -> fmpq_mat:
    """The chosen rows of a matrix, as a matrix (with no rows where none is chosen)."""
    if not chosen or source.ncols() == 0:
        return fmpq_mat(len(chosen), source.ncols())
    table = source.tolist()
    return fmpq_mat([table[row] for row in chosen])


def identity(size: int) -> fmpq_mat:
    """The identity matrix, size × size."""
    return fmpq_mat([[fmpq(int(i == j)) for j in range(size)] for i in range(size)])


def augment(left: fmpq_mat, right: fmpq_mat) -> fmpq_mat:
    """[left | right]: two matrices of as many rows as one."""
    return fmpq_mat([a + b for a, b in zip(left.tolist(), right.tolist(), strict=True)])


def upper_triangle(source: fmpq_mat, unknowns: int) -> fmpq_mat | None:
    """The upper triangle and right-hand sides of the first n rows; None where it is singular."""
    table = source.tolist()[:unknowns]
    if len(table) < unknowns or any(row[i] == 0 for i, row in enumerate(table)):
        return None
    return fmpq_mat([[ZERO] * i + row[i:] for i, row in enumerate(table)])


def to_float(value: fmpq) -> float:
    """The double nearest to an `fmpq`; infinite where it is out of range."""
    numerator, denominator = int(value.p), int(value.q)
    try:
        return numerator / denominator  # Python rounds the quotient of integers correctly
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def nearest_double(value: Value) -> float:
    """The double nearest to a number; infinite where it is out of range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_floats(source: fmpq_mat) -> list[list[float]]:
    """A matrix as rows of nearest doubles."""
    return [[to_float(value) for value in row] for row in source.tolist()]


def is_in_range(source: fmpq_mat) -> bool:
    """Whether every entry of a matrix has a nearest double that is finite."""
    return all_finite(to_floats(source))


def approximate_inverse(source: fmpq_mat) -> fmpq_mat:
    """The inverse of a regular matrix, each entry within 2⁻¹²⁸ times the largest.

    By ball arithmetic, with as many digits as that takes; exact fractions can be thousands long.
    """
    precision = 256
    found: fmpq_mat | None = None
    while found is None:
        # Another thread may change the precision meanwhile: the balls tell how good they are.
        with ctx.workprec(precision):
            found = invert_in_balls(source)
        precision *= 2
    return found


def invert_in_balls(source: fmpq_mat) -> fmpq_mat | None:
    """The inverse in balls of the precision that is set; None where they are too large."""
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
    """The centre of a ball, exactly."""
    mantissa, exponent = map(int, ball.mid().man_exp())
    return fmpq(mantissa * 2**exponent) if exponent >= 0 else fmpq(mantissa, 2**-exponent)


def row_norm(source: fmpq_mat) -> fmpq:
    """‖·‖∞ of a matrix, the largest sum of magnitudes along a row (0 for an empty one).

    Over a common denominator: sums of long fractions cost many times as much.
    """
    numerators, denominator = source.numer_denom()
    sums = (sum(map(abs, row), INTEGER_ZERO) for row in numerators.tolist())
    return fmpq(max(sums, default=INTEGER_ZERO), denominator)


def largest_entry(source: fmpq_mat) -> fmpq:
    """The largest magnitude among the entries of a matrix (0 for an empty one)."""
    numerators, denominator = source.numer_denom()
    sizes = (abs(value) for row in numerators.tolist() for value in row)
    return fmpq(max(sizes, default=INTEGER_ZERO), denominator)


def largest_magnitude(values: Iterable[fmpq]) -> fmpq:
    """The largest magnitude among `fmpq` values (0 for none): ‖·‖∞ of a vector."""
    return max(map(abs, values), default=ZERO)


@dataclass(frozen=True)
class ReducedForm:
    """The reduced row echelon form of an augmented matrix, and where its pivots are.

    `pivots` are the pivot columns among the coefficients, `augmented_pivots` those among the
    right-hand sides (there is one only if the system contradicts itself).
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
    """The exact reduced row echelon form of an augmented matrix with that many unknowns."""
    reduced, rank = source.rref()
    table = reduced.tolist()
    leading = [next(j for j, v in enumerate(table[i]) if v != 0) for i in range(rank)]
    return ReducedForm(
        reduced,
        tuple(column for column in leading if column < unknowns),
        tuple(column for column in leading if column >= unknowns),
    )
