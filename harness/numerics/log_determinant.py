"""The sign and the logarithm of a determinant, however large or small it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, ctx

from harness.model.contract import Method
from harness.numerics import rational
from harness.numerics.elimination_errors import determinant_ratio, log_of
from harness.numerics.growth import growth_and_pivots

if TYPE_CHECKING:
    from flint import fmpq

    from harness.numerics.oracle import Expected

PRECISION = 256
"""The precision in bits of the exponential function."""

LARGEST_LOGARITHM = 1e6
"""A logarithm of more than this is not that of a determinant here: 150 · ln(10³⁰⁰ · 150) is 1e5."""


def sign_of(value: fmpq) -> int:
    """Return the sign of a number: 1, 0 or −1."""
    return (value > 0) - (value < 0)


def true_logarithm(expected: Expected) -> float:
    """Return ln|det A|; −∞ for a singular A."""
    return log_of(abs(expected.determinant)) if expected.determinant != 0 else -math.inf


def log_determinant_ratio(
    expected: Expected, sign: int, logarithm: float, method: Method = Method.ELIMINATION
) -> float:
    """Return the ratio of the error of s·exp(l), for a sign s and a finite logarithm l.

    The logarithms of n pivots, and their sum, have a rounding error of at most n·u·Σ|ln|pᵢ||
    (Higham, Accuracy and Stability of Numerical Algorithms, §4.2). Of the determinants within it,
    the one nearest to the true one counts, and its ratio is that of a determinant. It is infinite
    for a logarithm that no determinant has.
    """
    if abs(logarithm) > LARGEST_LOGARITHM:
        return math.inf
    slack = rounding_of_sum(expected)
    true = expected.determinant
    if sign == sign_of(true) and abs(logarithm - true_logarithm(expected)) <= slack:
        return 0.0
    is_above = sign == sign_of(true) and logarithm > true_logarithm(expected)
    towards = logarithm - slack if is_above else logarithm + slack
    value = exponential(towards if sign == sign_of(true) else logarithm - slack)
    return determinant_ratio(expected, sign * value, method)


def rounding_of_sum(expected: Expected) -> float:
    """Return n·u·T·Σ|ln|pᵢ|| with the pivots of elimination with partial pivoting."""
    _, pivots = growth_and_pivots(np.array(rational.to_floats(expected.coefficients)))
    return expected.rounding * sum(abs(math.log(pivot)) for pivot in pivots if pivot > 0)


def exponential(logarithm: float) -> fmpq:
    """Return exp(l), with more digits than a double has."""
    with ctx.workprec(PRECISION):
        return rational.midpoint(arb(logarithm).exp())
