"""Whether a symmetric matrix is positive definite, as far as rounding permits to say so."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from harness.numerics import rational

if TYPE_CHECKING:
    from flint import fmpq, fmpq_mat

    from harness.numerics.precision import Precision


class Definiteness(StrEnum):
    """Whether a symmetric matrix is positive definite; `doubtful` where rounding decides."""

    POSITIVE = "positive definite"
    DOUBTFUL = "doubtful"
    NOT_POSITIVE = "not positive definite"


def classify(matrix: fmpq_mat, precision: Precision | None, limit: float) -> Definiteness:
    """Return whether a symmetric matrix A, n × n, is positive definite.

    With D² the diagonal of A and H = D⁻¹AD⁻¹, Cholesky factorisation succeeds if the smallest
    eigenvalue of H exceeds n·γₙ₊₁, and fails if it is below −n·γₙ₊₁ (Higham, Accuracy and Stability
    of Numerical Algorithms, Theorem 10.7). Between these, times the `limit`, it is doubtful. In
    exact arithmetic, without a precision, the leading principal minors decide it (Theorem of
    Sylvester).
    """
    if precision is None:
        return classify_exactly(matrix)
    table = matrix.tolist()
    diagonal = [row[i] for i, row in enumerate(table)]
    if any(value < 0 for value in diagonal):
        return Definiteness.NOT_POSITIVE
    scaled = np.array(
        [
            [scale_entry(value, diagonal[i], diagonal[j]) for j, value in enumerate(row)]
            for i, row in enumerate(table)
        ]
    )
    if not np.isfinite(scaled).all():
        return Definiteness.NOT_POSITIVE
    smallest, size = float(np.linalg.eigvalsh(scaled)[0]), len(table)
    doubt = limit * size * (size + 1) * precision.unit_roundoff
    if smallest > doubt:
        return Definiteness.POSITIVE
    return Definiteness.DOUBTFUL if smallest >= -doubt else Definiteness.NOT_POSITIVE


def scale_entry(value: fmpq, row_diagonal: fmpq, column_diagonal: fmpq) -> float:
    """Return a / √(aᵢᵢ aⱼⱼ); infinite for a non-zero entry beside a 0 on the diagonal."""
    if not value:
        return 0.0
    product = row_diagonal * column_diagonal
    if product == 0:
        return math.inf
    size = math.sqrt(rational.to_float(value * value / product))
    return size if value > 0 else -size


def classify_exactly(matrix: fmpq_mat) -> Definiteness:
    """Return whether an exact symmetric matrix is positive definite, by its leading minors."""
    sizes = range(1, matrix.nrows() + 1)
    minors = (rational.columns(rational.rows(matrix, range(k)), range(k)).det() for k in sizes)
    positive = all(minor > 0 for minor in minors)
    return Definiteness.POSITIVE if positive else Definiteness.NOT_POSITIVE
