"""The notation of numbers in case files, and in requests to ports."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

MAXIMUM_CHARACTERS = 4_000
MAXIMUM_EXPONENT = 400
LARGEST_64_BIT = 2**63 - 1

BINARY32_DIGITS = 24
BINARY32_LIMIT_EXPONENT = 128
BINARY32_LEAST_EXPONENT = -149
"""The smallest positive number of binary32 is 2 to this power."""

RATIO_PATTERN = re.compile(r"([+-]?[0-9]+)/([0-9]+)", re.ASCII)
DECIMAL_PATTERN = re.compile(
    r"(?P<sign>[+-]?)(?=\.?[0-9])(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?:[eE](?P<exponent>[+-]?[0-9]+))?"
)


@dataclass(frozen=True)
class Number:
    """A number as it was written, and its exact value."""

    written: str
    exact: Fraction

    @classmethod
    def from_fraction(cls, exact: Fraction) -> Number:
        """Return the number of a value that was computed and not written."""
        return cls(format_rational(exact), exact)

    @property
    def binary64(self) -> float:
        """The nearest double, with ties to even; -0.0 for `-0`, `-0.0` and `-0/1`.

        Raises ValueError where it is infinite.
        """
        if self.exact == 0:
            return -0.0 if self.written.startswith("-") else 0.0
        try:
            return self.exact.numerator / self.exact.denominator
        except OverflowError:
            message = f"`{abridge(self.written)}` is beyond the largest double, 1.797…e308"
            raise ValueError(message) from None

    @property
    def binary32(self) -> float:
        """The nearest binary32 number, with ties to even, as a double; infinite beyond them."""
        nearest = self.binary64
        return round_to_binary32(self.exact) if nearest else nearest

    @property
    def fits_binary32(self) -> bool:
        """True if the nearest binary32 number is finite, and is 0 only for 0."""
        nearest = self.binary32
        return math.isfinite(nearest) and (nearest != 0) == (self.exact != 0)


def parse_number(text: str) -> Number:
    """Return the number of a text such as `3`, `+3`, `-0.25`, `.5`, `5.`, `1e-20` or `2/3`.

    Raises ValueError, with a message for people, for any other text, more than MAXIMUM_CHARACTERS,
    an exponent beyond ±MAXIMUM_EXPONENT, a denominator of 0, and a number whose nearest double is
    infinite.
    """
    if len(text) > MAXIMUM_CHARACTERS:
        message = f"`{abridge(text)}` has {len(text)} characters; {MAXIMUM_CHARACTERS} are allowed"
        raise ValueError(message)
    number = Number(text, _parse_exactly(text))
    number.binary64  # noqa: B018 (raises where there is no such double)
    return number


def _parse_exactly(text: str) -> Fraction:
    if ratio := RATIO_PATTERN.fullmatch(text):
        numerator, denominator = int(ratio[1]), int(ratio[2])
        if denominator == 0:
            raise ValueError(f"`{abridge(text)}` has the denominator 0")
        return Fraction(numerator, denominator)
    decimal = DECIMAL_PATTERN.fullmatch(text)
    if decimal is None:
        raise ValueError(f"`{abridge(text)}` is not a number")
    part = decimal["part"] or ""
    exponent = int(decimal["exponent"] or 0)
    if abs(exponent) > MAXIMUM_EXPONENT:
        limit = f"{MAXIMUM_EXPONENT} either way is allowed"
        raise ValueError(f"`{abridge(text)}` has the exponent {exponent}; {limit}")
    digits = int(decimal["sign"] + decimal["whole"] + part)
    shift = exponent - len(part)
    return Fraction(digits * 10**shift) if shift >= 0 else Fraction(digits, 10**-shift)


def abridge(text: str) -> str:
    """Return `text`, cut off after 40 characters."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def format_binary64(x: float) -> str:
    """Return the shortest decimal that reads back as `x`: `3`, `-0.0`, `0.1`, `1e-20`.

    Raises ValueError for an infinity or NaN. No case contains them.
    """
    if not math.isfinite(x):
        raise ValueError(f"{x} has no decimal")
    if x == 0:
        return "-0.0" if math.copysign(1.0, x) < 0 else "0"
    mantissa, _, exponent = repr(x).partition("e")
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def round_to_binary32(value: Fraction | float) -> float:
    """Return the nearest binary32 number of a finite one, with ties to even, as a double.

    It is infinite beyond ±3.4028234663852886e38. An exact number is rounded once.
    """
    exact = Fraction(value)
    if exact == 0:
        return float(value)
    exponent = math.frexp(float(exact))[1] - BINARY32_DIGITS
    exponent = max(exponent, BINARY32_LEAST_EXPONENT) if float(exact) else BINARY32_LEAST_EXPONENT
    steps = round(exact / Fraction(2) ** exponent)
    if abs(steps) >= Fraction(2) ** (BINARY32_LIMIT_EXPONENT - exponent):
        return math.copysign(math.inf, steps)
    return math.ldexp(steps, exponent) if steps else math.copysign(0.0, exact)


def format_rational(f: Fraction) -> str:
    """Return `f` in lowest terms: `3`, `-3/4`."""
    return str(f)


def is_rational64(f: Fraction) -> bool:
    """Return whether numerator and denominator of `f` are both within ±(2^63 - 1)."""
    return abs(f.numerator) <= LARGEST_64_BIT and f.denominator <= LARGEST_64_BIT


Value = Fraction | float
"""A number that a port receives or prints. Only a float can be infinite or NaN."""
