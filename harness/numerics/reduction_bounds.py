"""Bounds for the rounding errors of a reduced form that was computed from the system itself.

Elimination with the factors L and U is exact for A + E with |E| ≤ γₙ|L||U| (Higham, Accuracy and
Stability of Numerical Algorithms, Theorem 9.3), and Gauss–Jordan elimination makes a further error
of at most a multiple of |U⁻¹||U||x| (Theorem 14.5). With W = |L||U| for all columns, B the pivot
rows and pivot columns of the system, and R_j the computed column of the reduced form, both are
within a small multiple of

    n u |B⁻¹| (W_B |R_j| + W_j)

in every entry. Unlike a bound by norms it does not depend on the scaling of rows. It holds however
ill-conditioned the system is, because R_j is the computed column and not the exact one.

In |U⁻¹| exact numbers may cancel, where rounded ones leave a little. So n u M⁻¹ (|U| + |U||R_j|) is
added, with the comparison matrix M = 2 diag |U| − |U| (Higham, §8.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.numerics import rational
from harness.numerics.magnitudes import STRATEGIES, compute_magnitudes
from harness.numerics.oracle import LARGE_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from flint import fmpq, fmpq_mat

    from harness.numerics.oracle import Expected

Extended = NDArray[np.longdouble]
"""Numbers with a larger range than doubles, so that magnitudes neither overflow nor underflow."""

PARTIAL_PIVOTING, SCALED_PIVOTING = STRATEGIES[:2]

LARGEST_COMPARISON = 20
"""Up to this rank the comparison matrix is inverted."""


def bound_reduction(expected: Expected, printed: fmpq_mat) -> Extended:
    """Return the error with the ratio 1 of each entry of a printed reduced form, m × (n + k).

    It is the larger of the bounds of two orders of pivots, and infinite below the last pivot.
    """
    sums = magnitudes_with_ties(expected)
    bounds = [bound_by_order(expected, printed, sums, scale) for scale in (unscaled, by_rows)]
    with np.errstate(all="ignore"):
        largest: Extended = np.max(np.array(bounds), axis=0)
    return largest


def magnitudes_with_ties(expected: Expected) -> Extended:
    """Return |L||U| of [A | B] whichever of equal candidates is the pivot, m × (n + k)."""
    strategies = (PARTIAL_PIVOTING, SCALED_PIVOTING)
    sums = [
        to_extended(compute_magnitudes(expected.system, strategy, expected.units).sums)
        for strategy in strategies
    ]
    return np.maximum(*sums)


def bound_by_order(
    expected: Expected, printed: fmpq_mat, sums: Extended, scale: Callable[[Extended], Extended]
) -> Extended:
    """Return the bounds by elimination that takes the pivot with the largest scaled magnitude.

    `sums` are the magnitudes |L||U| of other choices.
    """
    system, pivots = to_extended(expected.system), expected.reduced.pivots
    rank, size = len(pivots), max(expected.rows, expected.unknowns)
    tiny = np.longdouble(expected.units.smallest_subnormal)
    bounds = np.full(system.shape, np.inf, dtype=np.longdouble)
    if not rank:
        return bounds
    factors = scale(system[:, : expected.unknowns])
    with np.errstate(all="ignore"):
        weights, order, upper = product_of_magnitudes(system, pivots, factors)
        chosen = independent_rows(expected, order)
        inverse = abs(to_extended(invert(expected, chosen)))
        matrices = (printed, expected.reduced.matrix)
        columns = (abs(to_extended(rational.rows(matrix, range(rank)))) for matrix in matrices)
        reduced = np.maximum(*columns)
        reduced[:, pivots] = np.eye(rank)
        weights = np.maximum(weights, sums)[chosen]
        errors = inverse @ (weights[:, pivots] @ reduced + weights)
        errors += compare_reduction(upper, list(pivots), reduced)
        underflow = inverse.sum(axis=1, keepdims=True) * (1 + reduced.max(axis=0)) * tiny
        bounds[:rank] = size * (expected.units.unit_roundoff * errors + underflow + tiny)
    return bounds


def independent_rows(expected: Expected, order: list[int]) -> list[int]:
    """Return the first rows that are independent in the pivot columns, in this order of all rows.

    Where all rows are independent, they are in the order of the system.
    """
    pivots = expected.reduced.pivots
    if len(pivots) == expected.rows:
        return list(range(expected.rows))
    tall = rational.columns(rational.rows(expected.system, order), pivots)
    return [order[row] for row in rational.reduced_form(tall.transpose(), len(order)).pivots]


def invert(expected: Expected, chosen: list[int]) -> fmpq_mat:
    """Return the inverse of a regular block, exact except for large matrices of doubles."""
    pivots = expected.reduced.pivots
    if len(chosen) == expected.rows == expected.unknowns:
        return expected.inverse
    block = rational.columns(rational.rows(expected.system, chosen), pivots)
    if expected.precision and len(chosen) > LARGE_ORDER:
        return rational.approximate_inverse(block)
    return block.inv()


def product_of_magnitudes(
    system: Extended, pivots: tuple[int, ...], factors: Extended
) -> tuple[Extended, list[int], Extended]:
    """Return |L||U|, m × (n + k) with its rows in the system's order; all rows in pivot order; U.

    The elimination has its pivots in these columns. In each it takes the row with the largest
    magnitude times the factor of the row.
    """
    work, weights = system.copy(), np.zeros_like(system)
    rest, chosen = list(range(len(system))), list[int]()
    for column in pivots:
        sizes = abs(work[rest, column]) * factors[rest]
        pivot = rest[int(np.argmax(sizes))]
        multipliers = work[rest, column] / work[pivot, column]
        weights[rest] += np.outer(abs(multipliers), abs(work[pivot]))
        work[rest] -= np.outer(multipliers, work[pivot]) * (np.array(rest) != pivot)[:, None]
        rest.remove(pivot)
        work[rest, column] = 0
        chosen.append(pivot)
    return weights, chosen + rest, work[chosen]


def compare_reduction(upper: Extended, pivots: list[int], reduced: Extended) -> Extended:
    """Return M⁻¹ (|U| + |U||R|) of U, rank × (n + k), and R, its reduced form.

    For many rows M⁻¹ may grow like 2ⁿ, without any such error: then its diagonal stands for M.
    """
    sizes = abs(upper)
    above = np.triu(sizes[:, pivots], 1)
    sums: Extended = sizes + above @ reduced
    for row in reversed(range(len(pivots))):
        if len(pivots) <= LARGEST_COMPARISON:
            sums[row] += above[row] @ sums
        sums[row] /= sizes[row, pivots[row]]
    return sums


def unscaled(system: Extended) -> Extended:
    """Return 1 for each row: partial pivoting."""
    return np.ones(len(system), dtype=np.longdouble)


def by_rows(system: Extended) -> Extended:
    """Return the reciprocal of each row's largest magnitude: scaled partial pivoting."""
    sizes = np.max(abs(system), axis=1)
    sizes[sizes == 0] = 1
    reciprocals: Extended = 1 / sizes
    return reciprocals


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
