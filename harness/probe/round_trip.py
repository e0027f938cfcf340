"""Check that numbers pass through a driver unchanged.

The system is in reduced form from the start: its coefficients are those of the identity, and
elimination multiplies its right-hand sides only by 0 and 1. A number that does not come back as
sent was read or printed wrongly, unless the program changes the system without need.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from harness.model.case import Arithmetic, round_number
from harness.model.number import format_binary64, format_rational
from harness.numerics.precision import BINARY32 as SINGLE
from harness.numerics.precision import PRECISIONS, Precision
from harness.probe.diagnosis import find_label_line
from harness.probe.trouble import Trouble, quote_line
from harness.protocol.printed_rows import split_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.model.answer import Stage
    from harness.model.case import Case
    from harness.model.number import Number, Value
    from harness.probe.client import Exchange

MINIMUM_FULL_DIGITS = 15
"""A driver that prints at least this many significant digits does not shorten on purpose."""

MINIMUM_FULL_DIGITS_OF_SINGLES = 7

NOUNS = {
    Arithmetic.BINARY64: "double",
    Arithmetic.BINARY32: "binary32 number",
    Arithmetic.RATIONAL64: "fraction",
    Arithmetic.RATIONAL: "fraction",
}

FIXED_ZERO_PATTERN = r"[+-]?0*\.000+"
"""The form of a small number in fixed notation."""

BINARY64 = """
-0.0 1e-300 1e300 -2.5 5e-324 2.2250738585072014e-308 1.7976931348623157e308
0.3333333333333333 0.1 9007199254740991
"""
BINARY32 = """
-0.0 1e-30 1e30 -2.5 1e-45 1.1754943508222875e-38 3.4028234663852886e38
0.3333333333333333 0.1 16777215
"""
RATIONAL64 = """
0 -5/2 1/3 -7 9223372036854775807 -9223372036854775807 1/9223372036854775807
"""
RATIONAL = f"{RATIONAL64} {2**64 + 1}/{2**65 + 1} {10**40}"
NUMBERS_SENT = {
    Arithmetic.BINARY64: BINARY64.split(),
    Arithmetic.BINARY32: BINARY32.split(),
    Arithmetic.RATIONAL64: RATIONAL64.split(),
    Arithmetic.RATIONAL: RATIONAL.split(),
}
"""The right-hand sides sent. -0.0 is in the first row, from which nothing is subtracted."""


RETURNED_STAGES = ("echelon", "reduced", "solution", "solve")
"""The stages whose last column is the right-hand side that was sent."""

SYSTEM_CHANGED_NOTE = (
    "The program changed a system in which there is nothing to eliminate, so the probe "
    "cannot tell whether numbers come back as they were sent."
)
SIGN_LOST_NOTE = (
    "-0.0 was sent and 0.0 came back. The harness accepts both, but a driver can preserve the sign."
)


def format_rows(arithmetic: Arithmetic) -> str:
    """Return the rows of the system, written as in case files."""
    numbers = NUMBERS_SENT[arithmetic]
    indices = range(len(numbers))
    rows = (" ".join(str(int(i == j)) for j in indices) for i in indices)
    return "\n".join(f"{row} | {number}" for row, number in zip(rows, numbers, strict=True))


def find_mismatch(
    case: Case, stages: Mapping[str, Stage], exchange: Exchange, arithmetic: Arithmetic
) -> tuple[Trouble | None, str]:
    """Return the trouble with the first number that differs from what was sent, and a note.

    The trouble is None, and the note empty, where there is none.
    """
    note = ""
    for stage in (stages[label] for label in RETURNED_STAGES if label in stages):
        first_row = find_label_line(stage.label, exchange) + 1
        for index, (sent, row) in enumerate(zip(case.system, stage.rows, strict=True)):
            if any(value != (index == column) for column, value in enumerate(row[:-1])):
                return None, SYSTEM_CHANGED_NOTE
            if not is_same_number(sent[-1], row[-1], arithmetic):
                token = split_numbers(exchange.output[first_row + index])[-1]
                return explain_changed_number(
                    sent[-1], row[-1], token, first_row + index, arithmetic
                ), ""
            if stage.label == "echelon" and has_lost_sign(sent[-1], row[-1], arithmetic):
                note = SIGN_LOST_NOTE
    return None, note


def is_same_number(sent: Number, received: Value, arithmetic: Arithmetic) -> bool:
    """Return whether the number received is the one sent. The signs of zeros do not count."""
    precision = PRECISIONS.get(arithmetic)
    if precision is None:
        return bool(received == sent.exact)
    # The fewest digits of a binary32 number read back as another double.
    return precision.round(received) == round_number(sent, arithmetic)


def has_lost_sign(sent: Number, received: Value, arithmetic: Arithmetic) -> bool:
    """Return whether a zero came back with the other sign. Fractions have no signed zeros."""
    if sent.exact != 0 or arithmetic.is_exact:
        return False
    return math.copysign(1, sent.binary64) != math.copysign(1, float(received))


def explain_changed_number(
    sent: Number, received: Value, token: str, line: int, arithmetic: Arithmetic
) -> Trouble:
    """Return the trouble with a number that came back as another."""
    text, advice = format_rational(sent.exact), ""
    if precision := PRECISIONS.get(arithmetic):
        number = round_number(sent, arithmetic)
        text = format_binary64(number)
        advice = advise_on_number(number, float(received), token, precision)
    return Trouble(
        f"{quote_line(text)} was sent and {quote_line(token)} came back",
        f"the same {NOUNS[arithmetic]}: there is nothing to eliminate here",
        advice
        or "Check how the driver reads and prints numbers, and whether the program changes them.",
        line,
    )


def advise_on_number(sent: float, received: float, token: str, precision: Precision) -> str:
    """Return advice on the likely reason why a number changed, or "" where none is known."""
    mantissa = re.split("[eE]", token)[0]
    digits = len(re.sub("[^0-9]", "", mantissa).strip("0"))
    with np.errstate(over="ignore", under="ignore"):
        single = float(np.float32(sent))
    if received == 0 and re.fullmatch(FIXED_ZERO_PATTERN, token):
        return "Print with an exponent (in C: %.17g); fixed notation cannot show this number."
    is_single = precision is SINGLE
    if not is_single and received == single and abs(sent) >= precision.smallest_normal:
        return "That is single precision: read, compute and print in double precision."
    if received == 0 and abs(sent) < precision.smallest_normal:
        return (
            "This number is subnormal: the driver may read it as 0, or the program is built with "
            "options that replace such numbers by 0, as fast-math options do."
        )
    full = MINIMUM_FULL_DIGITS_OF_SINGLES if is_single else MINIMUM_FULL_DIGITS
    if digits < full and math.isclose(received, sent, rel_tol=1e-2):
        enough, noun = (9, "binary32 number") if is_single else (17, "double")
        return (
            f"Print all digits: {enough} significant ones (in C: %.{enough}g), or the fewest that "
            f"read back as the same {noun}."
        )
    return ""
