"""Numbers and matrices as text, as the results hold them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.number import format_binary64
from harness.numerics import rational

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value
    from harness.results.record import Rows

MAXIMUM_PRINTED_LENGTH = 42
"""The length of the longest ratio of two 64-bit integers. A printed number of at most this
length is stored exactly."""

MAXIMUM_STORED_ENTRIES = 400
"""A result with more entries is stored only if something deviates, as few would read it
otherwise."""


def format_value(value: Value, longest: int = MAXIMUM_PRINTED_LENGTH) -> str:
    """Return a number as text: a ratio of at most `longest` characters exactly, any other number
    as the nearest binary64 number."""
    if isinstance(value, Fraction):
        # Python refuses to convert more than 4,300 digits to text.
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        if bits <= 4 * longest and len(text := str(value)) <= longest:
            return text
        nearest = rational.nearest_double(value)
        if value != 0 and (nearest == 0 or math.isinf(nearest)):
            return format_beyond_doubles(value)
        value = nearest
    return format_binary64(value) if math.isfinite(value) else repr(value)


def format_beyond_doubles(value: Fraction) -> str:
    """Return a number that is not 0, and no double is near, to 15 significant digits."""
    sign, size = "-" if value < 0 else "", abs(value)
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    exponent = math.floor(bits * math.log10(2))
    digits = float(size / Fraction(10) ** exponent)
    while digits >= 10:
        digits, exponent = digits / 10, exponent + 1
    while digits < 1:
        digits, exponent = digits * 10, exponent - 1
    return f"{sign}{digits:.15g}e{exponent}"


def format_rows(rows: Sequence[Sequence[Value]], longest: int = MAXIMUM_PRINTED_LENGTH) -> Rows:
    """Return a matrix with its numbers as text."""
    return tuple(tuple(format_value(value, longest) for value in row) for row in rows)
