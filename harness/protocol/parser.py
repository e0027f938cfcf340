"""The parser of a port's answer to one case: the keywords and numbers of the protocol."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.answer import Stage, Values
from harness.procedures.registry import PROCEDURES, RESULTS
from harness.procedures.unchanged_input import label_input
from harness.protocol.printed_rows import is_border, split_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value

MAXIMUM_NUMBER_LENGTH = 4_000
"""The characters of a number, or of each part of a ratio. A longer token is not a number: Python
converts no integer of more than 4,300 digits."""

MAXIMUM_KEPT_REMARKS = 100
"""The number of remarks that are kept for one case."""

MAXIMUM_REMARK_LENGTH = 2_000
"""The number of characters that are kept of a remark, or of the message of a failure."""

PLAIN_DECIMALS = re.compile(r"[0-9+\-.eE ]+")
PLAIN_RATIO = r"(?:[0-9]{1,130}|\(-[0-9]{1,130}\)) % [0-9]{1,130}"
PLAIN_RATIOS = re.compile(rf"{PLAIN_RATIO}(?: {PLAIN_RATIO})*")
REMOVE_RATIO_SIGNS = str.maketrans("%", " ", "()")
EXACT_INTEGER_LIMIT = 2.0**53
"""Every integer of a smaller magnitude is a double."""

DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
RATIO = re.compile(r"([+-]?[0-9]+)(?:%|//?)([+-]?[0-9]+)")
NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)


def parse_value(token: str) -> Value:
    """Return the number of a token in the notation of any of the languages.

    A ratio becomes a Fraction. A decimal becomes the nearest double, but an integer that no double
    equals becomes a Fraction. Raises ValueError with a reason for people.
    """
    ratio = RATIO.fullmatch(token)
    if max(map(len, ratio.groups() if ratio else (token,))) > MAXIMUM_NUMBER_LENGTH:
        raise ValueError(f"{token[:20]}… ({len(token)} characters) is too long for a number")
    if ratio:
        if int(ratio[2]) == 0:
            raise ValueError(f"{token} has the denominator 0")
        return Fraction(int(ratio[1]), int(ratio[2]))
    if DECIMAL.fullmatch(token):
        return parse_decimal(token)
    if NOT_FINITE.fullmatch(token):
        return float(token)
    raise ValueError(f"{token!r} is not a number")


def parse_decimal(token: str) -> Value:
    """Return the value of a decimal token.

    Raises ValueError if it exceeds the doubles, and is no integer.
    """
    value = float(token)
    if token.lstrip("+-").isdigit() and (math.isinf(value) or int(token) != value):
        return Fraction(int(token))
    if math.isinf(value):
        raise ValueError(f"{token[:400]} is beyond the range of doubles")
    return value


def parse_plain_numbers(line: str) -> Values:
    """Return the numbers of a line of decimals only, or of ratios only, else an empty tuple.

    Most lines are such lines. `parse_value` returns the same numbers, but takes several times as
    long. It refuses tokens that are too long for a number, so none of these is parsed here.
    """
    if PLAIN_DECIMALS.fullmatch(line):
        tokens = line.split()
        is_short = len(line) <= MAXIMUM_NUMBER_LENGTH
        if is_short or max(map(len, tokens), default=0) <= MAXIMUM_NUMBER_LENGTH:
            return parse_plain_decimals(tokens)
        return ()
    return parse_plain_ratios(line) if PLAIN_RATIOS.fullmatch(line) else ()


def parse_plain_decimals(tokens: Sequence[str]) -> Values:
    """Return the numbers of decimal tokens.

    The result is empty if a token is not a number, or may be an integer that no double equals.
    """
    try:
        values = tuple(map(float, tokens))
    except ValueError:
        return ()
    return (
        values
        if values and min(values) > -EXACT_INTEGER_LIMIT and max(values) < EXACT_INTEGER_LIMIT
        else ()
    )


def parse_plain_ratios(text: str) -> Values:
    """Return the numbers of a text of ratios as Haskell prints them; none if a denominator is 0."""
    integers = list(map(int, text.translate(REMOVE_RATIO_SIGNS).split()))
    numerators, denominators = integers[::2], integers[1::2]
    return () if 0 in denominators else tuple(map(Fraction, numerators, denominators))


def find_width(shape: tuple[int, ...]) -> int:
    """Return the number of columns of a result: a vector has one."""
    return shape[1] if len(shape) == 2 else 1


class AnswerParser:
    """A parser of the lines of one answer, from `case NAME` to `end NAME`.

    `feed` takes the lines. `acknowledged` is true after the first line of the answer, and
    `complete` after its last line. If the lines are not the answer to this case, `mismatch` is the
    reason.
    """

    def __init__(self, case: str, largest: int) -> None:
        """Expect an answer to `case` whose stages have at most `largest` entries."""
        self.case = case
        self.largest = largest
        self.acknowledged = False
        self.complete = False
        self.mismatch = ""
        self.stages: dict[str, Stage] = {}
        self.failures: dict[str, str] = {}
        self.refusals: dict[str, str] = {}
        self.remarks: list[str] = []
        self._open: tuple[str, tuple[int, ...], list[Values]] | None = None

    @property
    def messages(self) -> dict[str, str]:
        """The failures and the refusals so far, by the name of the procedure."""
        return {**self.failures, **self.refusals}

    def feed(self, line: str) -> None:
        """Take one line, without its newline."""
        if self._open is not None and (values := parse_plain_numbers(line)):
            self._add_row(*self._open, values)
            return
        match line.split():
            case ["case", name]:
                self._begin(name)
            case ["end", name] if self.acknowledged:
                self._end(name)
            case ["failed", procedure, *_] if self.acknowledged and procedure in PROCEDURES:
                self._add_message(self.failures, procedure, line)
            case ["refused", procedure, *_] if self.acknowledged and procedure in PROCEDURES:
                self._add_message(self.refusals, procedure, line)
            case ["input", procedure, *shape] if self.acknowledged and procedure in PROCEDURES:
                self._begin_stage(label_input(procedure), shape, line)
            case [label, *shape] if self.acknowledged and label in RESULTS and shape:
                self._begin_stage(label, shape, line)
            case _:
                self._read_other(line)

    def finish_incomplete(self, beginning: str = "") -> None:
        """End an incomplete answer. `beginning` is the start of a line that is not a whole row."""
        self._close_stage()
        self._read_other(beginning)

    def _begin(self, name: str) -> None:
        if self.acknowledged or name != self.case:
            self.mismatch = f"printed `case {name[:80]}` where an answer to {self.case} was due"
            return
        self.acknowledged = True
        # Earlier lines belong to no case, or to the previous one, and not to this one.
        self.remarks.clear()

    def _add_message(self, messages: dict[str, str], procedure: str, line: str) -> None:
        self._close_stage()
        message = line.split(procedure, 1)[1].strip()
        messages[procedure] = message[:MAXIMUM_REMARK_LENGTH]

    def _end(self, name: str) -> None:
        self._close_stage()
        if name != self.case:
            self.mismatch = f"printed `end {name[:80]}` where `end {self.case}` was due"
        self.complete = True

    def _begin_stage(self, label: str, sizes: list[str], line: str) -> None:
        """Begin a stage, unless the line is a remark such as `solution is not unique`."""
        if not all(size.isascii() and size.isdigit() and len(size) <= 9 for size in sizes):
            self._read_other(line)
            return
        self._close_stage()
        shape = tuple(map(int, sizes))
        if label in self.stages:
            self.stages[label] = Stage(label, shape, trouble=f"printed `{label}` twice")
        elif (
            len(shape) != (1 if RESULTS[label].is_vector else 2) or math.prod(shape) > self.largest
        ):
            trouble = f"printed the shape `{line.strip()}`, which no result of this case has"
            self.stages[label] = Stage(label, shape, trouble=trouble)
        else:
            self._open = (label, shape, [])
            if shape[0] == 0:
                self._close_stage()

    def _read_other(self, line: str) -> None:
        if self._open is None:
            if line.strip() and len(self.remarks) < MAXIMUM_KEPT_REMARKS:
                self.remarks.append(line.rstrip()[:MAXIMUM_REMARK_LENGTH])
            return
        if is_border(line):
            return
        label, shape, rows = self._open
        width = find_width(shape)
        try:
            values = [tuple(map(parse_value, row)) for row in split_rows(line, width)]
        except ValueError as error:
            self._close_unreadable(str(error))
            return
        if len(values) > shape[0] - len(rows):
            self._close_unreadable(f"{len(values)} rows on one line")
        for row in values:
            if self._open is not None:
                self._add_row(label, shape, rows, row)

    def _add_row(
        self, label: str, shape: tuple[int, ...], rows: list[Values], values: Values
    ) -> None:
        width = find_width(shape)
        if len(values) != width:
            self._close_unreadable(f"{len(values)} numbers where {width} were due")
            return
        rows.append(values)
        if len(rows) == shape[0]:
            self._close_stage()

    def _close_unreadable(self, reason: str) -> None:
        """Close the open stage, if there is one, at a row that is not readable."""
        if self._open is not None:
            label, shape, rows = self._open
            trouble = f"row {len(rows) + 1} of {label}: {reason}"
            self.stages[label] = Stage(label, shape, tuple(rows), trouble)
            self._open = None

    def _close_stage(self) -> None:
        """Close the open stage, if there is one, with its trouble if rows are missing."""
        if self._open is None:
            return
        label, shape, rows = self._open
        self._open = None
        trouble = ""
        if len(rows) < shape[0]:
            declared = " ".join(map(str, shape))
            trouble = f"printed `{label} {declared}` and then {len(rows)} rows"
        self.stages[label] = Stage(label, shape, tuple(rows), trouble)
