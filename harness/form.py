"""The form of an answer: its headings, and how many rows stand under each.

Nearly every answer of a port has the form of the one before, so it can be read at one go. What it
reads, a `Reader` reads likewise, at several times the cost; what it cannot, is for a `Reader`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.procedures import VECTORS
from harness.transcript import EXACT, PLAIN_RATIO, Stage, plain_ratios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.transcript import Values

DECIMAL = r"[+-]?[0-9]{1,130}(?:\.[0-9]{0,130})?(?:[eE][+-]?[0-9]{1,9})?"
"""No longer than a `Reader` takes it."""


@dataclass(frozen=True)
class Part:
    """A heading and its rows, as lines `first` to `last` of an answer, the latter not included."""

    label: str
    shape: tuple[int, ...]
    heading: str
    first: int
    last: int
    decimals: re.Pattern[str]
    ratios: re.Pattern[str]

    def numbers(self, text: str) -> Values:
        """The numbers of its rows, one row after the other; none where they are not plain."""
        if self.decimals.fullmatch(text):
            values = tuple(map(float, text.split()))
            return values if min(values) > -EXACT and max(values) < EXACT else ()
        return plain_ratios(text) if self.ratios.fullmatch(text) else ()


@dataclass(frozen=True)
class Form:
    """The parts of an answer that holds results alone, its `lines`, and its largest result."""

    parts: tuple[Part, ...]
    lines: int
    largest: int

    def read(self, case: str, lines: Sequence[str], at: int) -> dict[str, Stage] | None:
        """The results in the answer to `case` that begins at `at`; None unless it has this form."""
        end = at + self.lines - 1
        if len(lines) <= end or lines[at] != f"case {case}" or lines[end] != f"end {case}":
            return None
        stages = {}
        for part in self.parts:
            if lines[at + part.first - 1] != part.heading:
                return None
            values = part.numbers("\n".join(lines[at + part.first : at + part.last]))
            if not values:
                return None
            width = len(values) // part.shape[0]
            rows = tuple([values[i : i + width] for i in range(0, len(values), width)])
            stages[part.label] = Stage(part.label, part.shape, rows)
        return stages


def form_of(stages: Mapping[str, Stage]) -> Form | None:
    """The form of an answer with these results; None where something is amiss with one."""
    if not stages or any(stage.trouble or not stage.rows for stage in stages.values()):
        return None
    return form(tuple((stage.label, stage.shape) for stage in stages.values()))


@lru_cache(maxsize=256)
def form(shapes: tuple[tuple[str, tuple[int, ...]], ...]) -> Form | None:
    """The form of an answer with results of these labels and shapes, in that order."""
    parts, at = [], 1
    for label, shape in shapes:
        width = 1 if label in VECTORS else shape[1]
        if not width:
            return None
        heading = f"{label} {' '.join(map(str, shape))}"
        patterns = (rows_of(number, shape[0], width) for number in (DECIMAL, PLAIN_RATIO))
        parts.append(Part(label, shape, heading, at + 1, at + 1 + shape[0], *patterns))
        at += 1 + shape[0]
    return Form(tuple(parts), at + 1, max(math.prod(shape) for _, shape in shapes))


def rows_of(number: str, rows: int, width: int) -> re.Pattern[str]:
    """What so many rows of so many numbers look like."""
    row = rf"{number}(?: {number}){{{width - 1}}}"
    return re.compile(rf"{row}(?:\n{row}){{{rows - 1}}}")
