"""The trouble with a driver, and the lines of a driver in sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.procedures.registry import PROCEDURES, RESULTS
from harness.protocol.parser import parse_value
from harness.protocol.printed_rows import split_numbers

MAXIMUM_QUOTE_LENGTH = 60

NUMBER_ADVICE = (
    (r"[+-]?\d+,\d+", "Print a decimal point: set the locale of numbers to C."),
    (r".*\d[fF][+-]?\d+", "That is single precision: compute in double precision, and print that."),
    (r".*\d[dDqQ][+-]?\d+", "Print the exponent with an e: 1.5e-3, not 1.5d-3."),
    (
        r"[+-]?[\d.]+[+-]\d{3}",
        "The e before the exponent is missing: leave it more room, as ES26.16E3 does.",
    ),
    (r"\*+", "The number did not fit its field: print it in a wider one."),
    (r".*#(INF|IND|QNAN).*", "Print nan, inf and -inf for what is not finite."),
    (
        r".*[][(){},;].*",
        "Print each number without brackets or commas of its own, with blanks between.",
    ),
    (r"[A-Za-z].*", "A remark may come before a label or after the rows, not between them."),
)
"""Advice on a token that is not a number, by a pattern for the token."""


@dataclass(frozen=True)
class Trouble:
    """The reason why a conversation cannot go on. `line` is an index into the exchange's output."""

    happened: str
    expected: str
    advice: str
    line: int | None = None


def quote_line(line: str) -> str:
    """Return a line of a driver between backticks, shortened where it is long."""
    line = line.rstrip("\r")
    return f"`{line if len(line) <= MAXIMUM_QUOTE_LENGTH else line[:MAXIMUM_QUOTE_LENGTH] + '…'}`"


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 row`, `2 rows`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def is_protocol_line(line: str) -> bool:
    """Return whether a line is part of an answer: a label with sizes, a failure or an end."""
    words = line.split()
    if words[:1] == ["end"]:
        return len(words) <= 2
    if words[:1] in (["failed"], ["refused"]):
        return words[1:2] != [] and words[1] in PROCEDURES
    label = read_label(line)
    sizes = words[len(label.split()) :]
    return label in RESULTS and bool(sizes) and sizes[0].isdigit()


def read_label(line: str) -> str:
    """Return the first word of a line, and the second too in `input PROCEDURE`."""
    words = line.split()
    return " ".join(words[: 2 if words[:1] == ["input"] else 1])


def explain_broken_row(row: str, expected: str, width: int, line: str, index: int) -> Trouble:
    """Return the trouble with a row that should hold `width` numbers."""
    tokens = split_numbers(line)
    for token in tokens:
        try:
            parse_value(token)
        except ValueError:
            advice = next(
                (text for pattern, text in NUMBER_ADVICE if re.fullmatch(pattern, token)),
                "docs/protocol.md lists how numbers may look.",
            )
            return Trouble(
                f"{row} has {quote_line(token)}, which is not a number", expected, advice, index
            )
    if not tokens:
        advice = "Print no blank lines between the rows."
        return Trouble(f"{row} is a blank line", expected, advice, index)
    advice = "Print a whole row on one line, with every column, also the right-hand sides."
    if width == 1:
        advice = "Print one number per line."
    return Trouble(f"{row} has {format_count(len(tokens), 'number')}", expected, advice, index)
