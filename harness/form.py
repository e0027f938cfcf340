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
from harness.transcript import EXACT, LONGEST_NUMBER, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NUMBER = r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"


@dataclass(frozen=True)
class Part:
    """A heading and its rows, as lines `first` to `last` of an answer, the latter not included."""

    label: str
    shape: tuple[int, ...]
    heading: str
    first: int
    last: int
    rows: re.Pattern[str]


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
            text = "\n".join(lines[at + part.first : at + part.last])
            if lines[at + part.first - 1] != part.heading or not part.rows.fullmatch(text):
                return None
            values = tuple(map(float, text.split()))
            if not (min(values) > -EXACT and max(values) < EXACT):
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
        if shape[0] * width * LONGEST_NUMBER > 1 << 20 or not width:
            return None
        heading = f"{label} {' '.join(map(str, shape))}"
        row = NUMBER + rf"(?: {NUMBER}){{{width - 1}}}"
        rows = re.compile(row + rf"(?:\n{row}){{{shape[0] - 1}}}")
        parts.append(Part(label, shape, heading, at + 1, at + 1 + shape[0], rows))
        at += 1 + shape[0]
    return Form(tuple(parts), at + 1, max(math.prod(shape) for _, shape in shapes))
