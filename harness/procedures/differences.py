"""Two vectors as text: the digits that differ, and the rounding that one looks like."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from harness.numerics import error_measures, rational
from harness.numerics.precision import BINARY64, Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value

MAXIMUM_COMPONENTS = 6
"""The number of components of x that a sentence shows."""

DIGITS_SHOWN = (4, 6, 8, 10, 12, 15, 17)
"""The significant digits that are tried until two numbers look different."""

DIGITS_OF_A_FORMAT = range(4, 13)
"""The significant digits to which drivers and programs round on purpose: C's %g has 6."""


def format_vector(values: Sequence[Value], digits: int = 4) -> str:
    """Return a vector as it stands in a sentence, with its first few components."""
    shown = (error_measures.format_number(value, digits) for value in values[:MAXIMUM_COMPONENTS])
    inside = ", ".join(shown)
    return f"({inside}, …)" if len(values) > MAXIMUM_COMPONENTS else f"({inside})"


def format_difference(computed: Sequence[Value], true: Sequence[Value]) -> tuple[str, str]:
    """Return two vectors with so many digits that they differ.

    Where they differ only after the components that are shown, return the component that differs
    most.
    """
    for digits in DIGITS_SHOWN:
        printed, due = format_vector(computed, digits), format_vector(true, digits)
        if printed != due:
            return printed, due
    errors = [abs(Fraction(a) - Fraction(b)) for a, b in zip(computed, true, strict=True)]
    worst = errors.index(max(errors))
    printed, due = (error_measures.format_number(x[worst], 17) for x in (computed, true))
    return f"component {worst + 1} is {printed}", due


def resemblance(
    computed: Sequence[Value], true: Sequence[Value], precision: Precision = BINARY64
) -> str:
    """Return a clause that names the rounding of which x looks like the result, or nothing.

    A port whose `precision` is single is right to round to it.
    """
    pairs = [
        (rational.nearest_double(a), rational.nearest_double(b))
        for a, b in zip(computed, true, strict=True)
    ]
    with np.errstate(over="ignore", under="ignore"):
        # Below the range of single precision, 0 resembles any number.
        is_double = precision is BINARY64 and any(a for a, _ in pairs)
        if is_double and all(a == float(np.float32(b)) for a, b in pairs):
            return "; it looks like single precision"
    for digits in DIGITS_OF_A_FORMAT:
        if all(a == float(f"{b:.{digits - 1}e}") for a, b in pairs):
            return f"; it looks rounded to {digits} significant digits"
    return ""
