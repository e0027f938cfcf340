"""The cost of the exact results of a system, estimated before they are computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

MAXIMUM_COST = 7e12
"""The largest n·b² of a system. FLINT takes at most about 2 s for 10¹², and much less where the
results are short, as those of named matrices are."""

SHORTER = "Use fewer rows, or numbers with fewer digits and nearer exponents."
"""The hint where a system has too long results."""


def count_bits(rows: Sequence[Sequence[Fraction]]) -> int:
    """Return b, a bound for the bits of the numerators and denominators of the reduced form.

    They are minors of the matrix of integers that the rows become when each is multiplied by its
    common denominator. A minor of n rows has at most the bits of the largest entry of each of them,
    and n·log₂ n more, which are left out here (Hadamard's inequality).
    """
    bits = sorted((count_row_bits(row) for row in rows), reverse=True)
    return sum(bits[: len(rows[0])])


def count_row_bits(row: Sequence[Fraction]) -> int:
    """Return the bits of the largest entry of a row once it is multiplied by its denominator."""
    denominator = math.lcm(*(value.denominator for value in row))
    return max((value * denominator).numerator.bit_length() for value in row)


def is_affordable(rows: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether the exact results of a system are computed within seconds.

    The time of elimination in fractions grows with n·b², where n is the order of the system.
    """
    return min(len(rows), len(rows[0])) * count_bits(rows) ** 2 <= MAXIMUM_COST


def count_digits(rows: Sequence[Sequence[Fraction]]) -> int:
    """Return the number of decimal digits that `count_bits` bits are."""
    return round(count_bits(rows) * math.log10(2))
