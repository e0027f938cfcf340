"""What a port printed for one case, and how that ended: the protocol's words and numbers."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.answer import Stage, Values
from harness.procedures.registry import PROCEDURES, RESULTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value

MAXIMUM_NUMBER_LENGTH = 400
"""Longer than any double in positional notation; a longer token is no number."""

MAXIMUM_KEPT_REMARKS = 100
"""How many remarks of one case are kept."""

MAXIMUM_REMARK_LENGTH = 2_000
"""How many characters are kept of a remark, or of the message of a failure."""

PLAIN_DECIMALS = re.compile(r"[0-9+\-.eE ]{1,400}")
PLAIN_RATIO = r"(?:[0-9]{1,130}|\(-[0-9]{1,130}\)) % [0-9]{1,130}"
PLAIN_RATIOS = re.compile(rf"{PLAIN_RATIO}(?: {PLAIN_RATIO})*")
REMOVE_RATIO_SIGNS = str.maketrans("%", " ", "()")
EXACT_INTEGER_LIMIT = 2.0**53
"""Below it every integer is a double."""

DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
RATIO = re.compile(r"([+-]?[0-9]+)(?:%|//?)([+-]?[0-9]+)")
SPACED_RATIO = re.compile(r" ?(%|//) ?")
ENCLOSED = re.compile(r"\(([+-]?[0-9]+)\)")
NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)


def parse_value(token: str) -> Value:
    """The number that `token` stands for, as any of the languages prints it.

    A ratio gives a Fraction; a decimal gives the nearest double, or a Fraction where it is an
    integer that no double equals. Raises ValueError with a reason for people.
    """
    if len(token) > MAXIMUM_NUMBER_LENGTH:
        raise ValueError(f"{token[:20]}… ({len(token)} characters) is too long for a number")
    if ratio := RATIO.fullmatch(token):
        if int(ratio[2]) == 0:
            raise ValueError(f"{token} has the denominator 0")
        return Fraction(int(ratio[1]), int(ratio[2]))
    if DECIMAL.fullmatch(token):
        return parse_decimal(token)
    if NOT_FINITE.fullmatch(token):
        return float(token)
    raise ValueError(f"{token!r} is not a number")


def parse_decimal(token: str) -> Value:
    """The value of a decimal token; raises ValueError where it is beyond the doubles."""
    value = float(token)
    if math.isinf(value):
        raise ValueError(f"{token} is beyond the range of doubles")
    if token.lstrip("+-").isdigit() and int(token) != value:
        return Fraction(int(token))
    return value


def parse_plain_numbers(line: str) -> Values:
    """The numbers of a line that holds short decimals alone, or ratios, as most do; else nothing.

    What it reads, `parse_value` reads likewise, at several times the cost.
    """
    if PLAIN_DECIMALS.fullmatch(line):
        return parse_plain_decimals(line.split())
    return parse_plain_ratios(line) if PLAIN_RATIOS.fullmatch(line) else ()


def parse_plain_decimals(words: Sequence[str]) -> Values:
    """The numbers that words of digits, signs and points name; nothing where one is no double."""
    try:
        values = tuple(map(float, words))
    except ValueError:
        return ()
    return (
        values
        if values and min(values) > -EXACT_INTEGER_LIMIT and max(values) < EXACT_INTEGER_LIMIT
        else ()
    )


def parse_plain_ratios(text: str) -> Values:
    """The numbers of a text of ratios as Haskell has them; nothing where a denominator is 0."""
    integers = list(map(int, text.translate(REMOVE_RATIO_SIGNS).split()))
    over, under = integers[::2], integers[1::2]
    return () if 0 in under else tuple(map(Fraction, over, under))


def split_numbers(line: str) -> list[str]:
    """The tokens of a line of numbers, with ratios (`(-3) % 4`) drawn together (`-3%4`)."""
    # With single spaces no pattern has to look far: a line of a million blanks takes no time.
    spaced = " ".join(line.split())
    return ENCLOSED.sub(r"\1", SPACED_RATIO.sub(r"\1", spaced)).split()


class AnswerParser:
    """Reads the lines of one answer, from `case NAME` to `end NAME`.

    Feed it lines; ask `acknowledged` (the first has come), `complete` (the last has come) and
    `mismatch` (it answers something else, and what).
    """

    def __init__(self, case: str, largest: int) -> None:
        """Expect an answer about `case` whose stages have at most `largest` entries."""
        self.case = case
        self.largest = largest
        self.acknowledged = False
        self.complete = False
        self.mismatch = ""
        self.stages: dict[str, Stage] = {}
        self.failures: dict[str, str] = {}
        self.remarks: list[str] = []
        self._open: tuple[str, tuple[int, ...], list[Values]] | None = None

    def feed(self, line: str) -> None:
        """Take one line, without its newline."""
        if self._open is not None and (values := parse_plain_numbers(line)):
            self._take_row(*self._open, values)
            return
        words = line.split()
        match words:
            case ["case", name]:
                self._begin(name)
            case ["end", name] if self.acknowledged:
                self._end(name)
            case ["failed", procedure, *_] if self.acknowledged and procedure in PROCEDURES:
                self._close()
                message = line.split(procedure, 1)[1].strip()
                self.failures[procedure] = message[:MAXIMUM_REMARK_LENGTH]
            case [label, *shape] if self.acknowledged and label in RESULTS and shape:
                self._label(label, shape, line)
            case _:
                self._other(line)

    def finish_incomplete(self, beginning: str = "") -> None:
        """No more lines will come, but the beginning of one: a remark perhaps, but no row."""
        self._close()
        self._other(beginning)

    def _begin(self, name: str) -> None:
        if self.acknowledged or name != self.case:
            self.mismatch = f"printed `case {name[:80]}` where an answer to {self.case} was due"
            return
        self.acknowledged = True
        # What came before is of no case, or of the one before, and must not speak for this one.
        self.remarks.clear()

    def _end(self, name: str) -> None:
        self._close()
        if name != self.case:
            self.mismatch = f"printed `end {name[:80]}` where `end {self.case}` was due"
        self.complete = True

    def _label(self, label: str, words: list[str], line: str) -> None:
        """Begin a stage, unless its line only looks like one (`solution is not unique`)."""
        if not all(word.isascii() and word.isdigit() and len(word) <= 9 for word in words):
            self._other(line)
            return
        self._close()
        shape = tuple(int(word) for word in words)
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
                self._close()

    def _other(self, line: str) -> None:
        if self._open is None:
            if line.strip() and len(self.remarks) < MAXIMUM_KEPT_REMARKS:
                self.remarks.append(line.rstrip()[:MAXIMUM_REMARK_LENGTH])
            return
        try:
            values = tuple(map(parse_value, split_numbers(line)))
        except ValueError as error:
            self._break_off(str(error))
        else:
            self._take_row(*self._open, values)

    def _take_row(
        self, label: str, shape: tuple[int, ...], rows: list[Values], values: Values
    ) -> None:
        width = shape[1] if len(shape) == 2 else 1
        if len(values) != width:
            self._break_off(f"{len(values)} numbers where {width} were due")
            return
        rows.append(values)
        if len(rows) == shape[0]:
            self._close()

    def _break_off(self, why: str) -> None:
        """Close the open stage: its next row is none."""
        if self._open is not None:
            label, shape, rows = self._open
            trouble = f"row {len(rows) + 1} of {label}: {why}"
            self.stages[label] = Stage(label, shape, tuple(rows), trouble)
            self._open = None

    def _close(self) -> None:
        """Keep the open stage, with a complaint if rows are missing."""
        if self._open is None:
            return
        label, shape, rows = self._open
        self._open = None
        trouble = ""
        if len(rows) < shape[0]:
            declared = " ".join(str(size) for size in shape)
            trouble = f"printed `{label} {declared}` and then {len(rows)} rows"
        self.stages[label] = Stage(label, shape, tuple(rows), trouble)
