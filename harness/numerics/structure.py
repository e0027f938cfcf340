"""The structures that a matrix of coefficients has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.structure import Structure
from harness.numerics import rational

if TYPE_CHECKING:
    from flint import fmpq_mat


def find_structures(coefficients: fmpq_mat) -> frozenset[Structure]:
    """Return the structures that coefficients, m × n, have."""
    size = coefficients.nrows()
    if coefficients.ncols() != size:
        return frozenset({Structure.ANY})
    structures = {Structure.ANY, Structure.SQUARE}
    if coefficients == coefficients.transpose():
        structures.add(Structure.SYMMETRIC)
    table = coefficients.tolist()
    outside = (table[i][j] for i in range(size) for j in range(size) if abs(i - j) > 1)
    if not any(outside):
        structures.add(Structure.TRIDIAGONAL)
    return frozenset(structures)


def is_diagonally_dominant(coefficients: fmpq_mat) -> bool:
    """Return whether coefficients, n × n, are diagonally dominant, by rows or by columns."""
    return any(
        all(2 * abs(row[i]) >= sum(map(abs, row), rational.ZERO) for i, row in enumerate(table))
        for table in (coefficients.tolist(), coefficients.transpose().tolist())
    )


def has_regular_minors(tridiagonal: fmpq_mat) -> bool:
    """Return whether all leading principal minors of a tridiagonal matrix, n × n, are not 0.

    The minors are fₖ = aₖₖ fₖ₋₁ − aₖ₋₁ₖ aₖₖ₋₁ fₖ₋₂ (the continuant).
    """
    table = tridiagonal.tolist()
    before, minor = rational.ZERO, rational.ONE
    for k, row in enumerate(table):
        product = table[k - 1][k] * row[k - 1] if k else rational.ZERO
        before, minor = minor, row[k] * minor - product * before
        if minor == 0:
            return False
    return True
