"""The error of a Cholesky factor, as a ratio to the rounding errors of the factorisation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from harness.numerics import rational

if TYPE_CHECKING:
    from flint import fmpq, fmpq_mat

    from harness.numerics.error_measures import Place
    from harness.numerics.precision import Precision


def cholesky_errors(a: fmpq_mat, lower: fmpq_mat, precision: Precision) -> dict[Place, float]:
    """Return the ratio of the error of each entry of L Lᵀ, by its place on or below the diagonal.

    The ratio is |A − L Lᵀ|ᵢⱼ / ((n + 1)·u·√(aᵢᵢaⱼⱼ)). A computed factor has an error of at most
    γₙ₊₁|L||Lᵀ|, and |L||Lᵀ| is at most √(aᵢᵢaⱼⱼ) / (1 − γₙ₊₁) (Higham, Accuracy and Stability of
    Numerical Algorithms, Theorems 10.3 and 10.5). A and L are n × n, and the diagonal of A is not
    negative. An underflow changes an entry by up to the smallest subnormal number.
    """
    size, table = a.nrows(), a.tolist()
    errors = (a - lower * lower.transpose()).tolist()
    ratios = {}
    for i in range(size):
        for j in range(i + 1):
            error, underflow = abs(errors[i][j]), (size + 1) * precision.underflow
            ratios[i, j] = 0.0
            if error > underflow:
                ratios[i, j] = relative_error(error, table[i][i] * table[j][j])
                ratios[i, j] /= (size + 1) * precision.unit_roundoff
    return ratios


def relative_error(error: fmpq, product: fmpq) -> float:
    """Return error / √product of positive `fmpq`; infinite for a product of 0."""
    return math.sqrt(rational.to_float(error * error / product)) if product else math.inf


def factor(a: fmpq_mat) -> tuple[tuple[float, ...], ...] | None:
    """Return L, n × n, as NumPy computes it; None where it refuses A."""
    try:
        lower = np.linalg.cholesky(np.array(rational.to_floats(a)))
    except np.linalg.LinAlgError:
        return None
    return tuple(map(tuple, lower.tolist()))
