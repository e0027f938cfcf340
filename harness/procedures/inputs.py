"""The inputs of procedures: what a driver hands back after a procedure that leaves it unchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.numerics import rational
from harness.procedures.evidence import fact

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.model.answer import Values
    from harness.procedures.evidence import Evidence

Rows = tuple["Values", ...]


@dataclass(frozen=True)
class Input:
    """The matrix that a procedure is given.

    `shape` gives its rows and columns for a system of m equations in n unknowns with k right-hand
    sides. `rows` gives its numbers; None if the answer does not contain them.
    """

    shape: Callable[[int, int, int], tuple[int, int]]
    rows: Callable[[Evidence], Rows | None]


def to_values(evidence: Evidence, matrix: fmpq_mat) -> Rows:
    """Return the numbers of an exact matrix as a port receives them: doubles or fractions."""
    if evidence.expected.precision:
        return tuple(map(tuple, rational.to_floats(matrix)))
    return tuple(tuple(map(rational.to_fraction, row)) for row in matrix.tolist())


@fact
def give_system(evidence: Evidence) -> Rows | None:
    """Return [A | B]."""
    return to_values(evidence, evidence.expected.system)


@fact
def give_coefficients(evidence: Evidence) -> Rows | None:
    """Return A."""
    return to_values(evidence, evidence.expected.coefficients)


def find_printed(evidence: Evidence, label: str) -> Rows | None:
    """Return a printed result; None unless it could be read."""
    stage = evidence.transcript.stages.get(label)
    return stage.rows if stage and not stage.trouble else None


def join_columns(left: Rows | None, right: Rows | None) -> Rows | None:
    """Return [left | right]; None if one is missing, or they have not equally many rows."""
    if left is None or right is None or len(left) != len(right):
        return None
    return tuple(a + b for a, b in zip(left, right, strict=True))


def give_echelon(evidence: Evidence) -> Rows | None:
    """Return the printed echelon matrix, or [A | B] in a port without Gaussian elimination."""
    if "gaussian_elimination" not in evidence.contract.procedures:
        return give_system(evidence)
    return find_printed(evidence, "echelon")


def give_lower(evidence: Evidence) -> Rows | None:
    """Return [L | P B] with the printed L and P; without `lu`, L is a triangle of A and P is I."""
    sides = to_values(evidence, evidence.expected.sides)
    if "lu" not in evidence.contract.procedures:
        return join_columns(take_triangle(evidence, is_lower=True), sides)
    permutation, lower = (find_printed(evidence, label) for label in ("permutation", "lower"))
    if not permutation or any(sorted(row) != [0] * (len(row) - 1) + [1] for row in permutation):
        return None
    if len(permutation[0]) != len(sides):
        return None
    return join_columns(lower, tuple(sides[row.index(1)] for row in permutation))


def give_upper(evidence: Evidence) -> Rows | None:
    """Return [U | Y] with the printed U and Y; without `lu`, U is a triangle of A.

    Without forward substitution, B is in place of Y, except in a port that has `lu`: there, the
    driver may have an L⁻¹ P B of its own.
    """
    has_lu = "lu" in evidence.contract.procedures
    upper = find_printed(evidence, "upper") if has_lu else take_triangle(evidence, is_lower=False)
    if has_lu or "forward_substitution" in evidence.contract.procedures:
        return join_columns(upper, find_printed(evidence, "forward"))
    return join_columns(upper, to_values(evidence, evidence.expected.sides))


def take_triangle(evidence: Evidence, is_lower: bool) -> Rows:
    """Return the entries of A below its diagonal, with ones on it, or those from it on."""
    rows = to_values(evidence, evidence.expected.coefficients)
    if is_lower:
        return tuple(
            tuple(v if j < i else int(i == j) for j, v in enumerate(row))
            for i, row in enumerate(rows)
        )
    return tuple(tuple(v if j >= i else 0 for j, v in enumerate(row)) for i, row in enumerate(rows))


COEFFICIENTS = Input(lambda m, n, k: (m, n), give_coefficients)
SYSTEM = Input(lambda m, n, k: (m, n + k), give_system)
ECHELON = Input(lambda m, n, k: (m, n + k), lambda evidence: find_printed(evidence, "echelon"))
ECHELON_OR_SYSTEM = Input(lambda m, n, k: (m, n + k), give_echelon)
LOWER_AND_SIDES = Input(lambda m, n, k: (m, n + k), give_lower)
UPPER_AND_FORWARD = Input(lambda m, n, k: (m, n + k), give_upper)
