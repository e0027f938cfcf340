"""Bounds for the rounding errors of a reduced form that was computed from the system itself.

Elimination with the factors L and U is exact for A + E with |E| ≤ γₙ|L||U| (Higham, Accuracy and
Stability of Numerical Algorithms, Theorem 9.3), and Gauss–Jordan elimination makes a further error
of at most a multiple of |U⁻¹||U||x| (Theorem 14.5). With W = |L||U| for all columns, B the pivot
rows and pivot columns of the system, and R_j the column of the reduced form, both are within a
small multiple of

    n u |B⁻¹| (W_B |R_j| + W_j)

in every entry. Unlike a bound by norms it does not depend on the scaling of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.model.case import Arithmetic
from harness.numerics import rational
from harness.numerics.oracle import LARGE_ORDER, UNIT_ROUNDOFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from flint import fmpq, fmpq_mat

    from harness.numerics.oracle import Expected

Extended = NDArray[np.longdouble]
"""Numbers with a larger range than doubles, so that magnitudes neither overflow nor underflow."""

UNDERFLOW = np.longdouble(2) ** -1074
"""The smallest subnormal double, an upper bound for the error of an operation by underflow."""


def bound_reduction(expected: Expected) -> Extended:
    """Return the error with the ratio 1 of each entry of the reduced form, m × (n + k).

    It is the largest of the bounds of several orders of pivots, and infinite below the last pivot.
    """
    bounds = [bound_by_order(expected, scale) for scale in (unscaled, by_rows)]
    with np.errstate(all="ignore"):
        return np.max(np.array(bounds), axis=0)  # type: ignore[no-any-return]


def bound_by_order(expected: Expected, scale: Callable[[Extended], Extended]) -> Extended:
    """Return the bounds by elimination that takes the pivot with the largest scaled magnitude."""
    system, pivots = to_extended(expected.system), expected.reduced.pivots
    rank, size = len(pivots), max(expected.rows, expected.unknowns)
    bounds = np.full(system.shape, np.inf, dtype=np.longdouble)
    if not rank:
        return bounds
    with np.errstate(all="ignore"):
        weights, chosen = product_of_magnitudes(system, pivots, scale)
        block = rational.columns(rational.rows(expected.system, chosen), pivots)
        inverse = abs(to_extended(invert(block, expected.arithmetic)))
        reduced = abs(to_extended(rational.rows(expected.reduced.matrix, range(rank))))
        weights = weights[chosen]
        errors = inverse @ (weights[:, pivots] @ reduced + weights)
        underflow = inverse.sum(axis=1, keepdims=True) * (1 + reduced.max(axis=0)) * UNDERFLOW
        bounds[:rank] = size * (UNIT_ROUNDOFF * errors + underflow + UNDERFLOW)
    return bounds


def product_of_magnitudes(
    system: Extended, pivots: tuple[int, ...], scale: Callable[[Extended], Extended]
) -> tuple[Extended, list[int]]:
    """Return |L||U|, m × (n + k) with its rows in the system's order, and the pivot rows.

    The elimination has its pivots in these columns. In each it takes the row with the largest
    magnitude after `scale`.
    """
    work, weights = system.copy(), np.zeros_like(system)
    rest, chosen = list(range(len(system))), list[int]()
    factors = scale(system)
    for column in pivots:
        sizes = abs(work[rest, column]) * factors[rest]
        pivot = rest[int(np.argmax(sizes))]
        multipliers = work[rest, column] / work[pivot, column]
        weights[rest] += np.outer(abs(multipliers), abs(work[pivot]))
        rest_after = [row for row in rest if row != pivot]
        kept = [
            multiplier for row, multiplier in zip(rest, multipliers, strict=True) if row != pivot
        ]
        work[rest_after] -= np.outer(kept, work[pivot])
        work[rest_after, column] = 0
        rest = rest_after
        chosen.append(pivot)
    return weights, chosen


def unscaled(system: Extended) -> Extended:
    """Return 1 for each row: partial pivoting."""
    return np.ones(len(system), dtype=np.longdouble)


def by_rows(system: Extended) -> Extended:
    """Return the reciprocal of each row's largest magnitude: scaled partial pivoting."""
    sizes = np.max(abs(system), axis=1)
    sizes[sizes == 0] = 1
    reciprocals: Extended = 1 / sizes
    return reciprocals


def invert(block: fmpq_mat, arithmetic: Arithmetic) -> fmpq_mat:
    """Return the inverse of a regular matrix, exact except for large matrices of doubles."""
    if arithmetic is Arithmetic.BINARY64 and block.nrows() > LARGE_ORDER:
        return rational.approximate_inverse(block)
    return block.inv()


def to_extended(source: fmpq_mat) -> Extended:
    """Return a matrix in the extended range."""
    rows = [[extend(value) for value in row] for row in source.tolist()]
    return np.array(rows, dtype=np.longdouble).reshape(source.nrows(), source.ncols())


def extend(value: fmpq) -> np.longdouble:
    """Return a number in the extended range, with the precision of a double."""
    numerator, denominator = int(value.p), int(value.q)
    shift = numerator.bit_length() - denominator.bit_length()
    scaled = (
        numerator / (denominator << shift) if shift > 0 else (numerator << -shift) / denominator
    )
    return np.longdouble(np.ldexp(np.longdouble(scaled), shift))
