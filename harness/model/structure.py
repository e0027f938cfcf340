"""The structure of a matrix of coefficients, which some procedures need."""

from __future__ import annotations

from enum import StrEnum


class Structure(StrEnum):
    """The structure of coefficients A, m × n.

    `any`: none. `square`: m = n. `symmetric`: A = Aᵀ. `tridiagonal`: square, and 0 where row and
    column differ by more than 1.
    """

    ANY = "any"
    SQUARE = "square"
    SYMMETRIC = "symmetric"
    TRIDIAGONAL = "tridiagonal"
