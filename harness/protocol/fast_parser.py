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

from harness.model.answer import Stage
from harness.procedures.registry import RESULTS
from harness.protocol.parser import (
    MAXIMUM_NUMBER_LENGTH,
    PLAIN_RATIO,
    parse_plain_decimals,
    parse_plain_ratios,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.model.answer import Values

DECIMALS = re.compile(r"[0-9+\-.eE \n]+")


@dataclass(frozen=True)
class StageLayout:
    """A heading and its rows, as lines `first` to `last` of an answer, the latter not included."""

    label: str
    shape: tuple[int, ...]
    heading: str
    first: int
    last: int
    width: int
    ratios: re.Pattern[str]

    def numbers(self, rows: Sequence[str]) -> Values:
        """The numbers of its rows, one row after the other; none where they are not plain."""
        text = "\n".join(rows)
        if not DECIMALS.fullmatch(text):
            return parse_plain_ratios(text) if self.ratios.fullmatch(text) else ()
        blanks, words = self.width - 1, text.split()
        # With so many blanks in each row, no row has more numbers than it should.
        if len(words) != self.width * len(rows) or any(row.count(" ") != blanks for row in rows):
            return ()
        if len(text) > MAXIMUM_NUMBER_LENGTH and max(map(len, words)) > MAXIMUM_NUMBER_LENGTH:
            return ()
        return parse_plain_decimals(words)


@dataclass(frozen=True)
class AnswerLayout:
    """The parts of an answer that holds results alone, its `lines`, and its largest result."""

    parts: tuple[StageLayout, ...]
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
            values, width = part.numbers(lines[at + part.first : at + part.last]), part.width
            if not values:
                return None
            rows = tuple([values[i : i + width] for i in range(0, len(values), width)])
            stages[part.label] = Stage(part.label, part.shape, rows)
        return stages


def build_layout(stages: Mapping[str, Stage]) -> AnswerLayout | None:
    """The form of an answer with these results; None where something is amiss with one."""
    if not stages or any(stage.trouble or not stage.rows for stage in stages.values()):
        return None
    return build_layout_of_shapes(tuple((stage.label, stage.shape) for stage in stages.values()))


@lru_cache(maxsize=256)
def build_layout_of_shapes(shapes: tuple[tuple[str, tuple[int, ...]], ...]) -> AnswerLayout | None:
    """The form of an answer with results of these labels and shapes, in that order."""
    parts, at = [], 1
    for label, shape in shapes:
        width = 1 if RESULTS[label].is_vector else shape[1]
        if not width:
            return None
        heading = f"{label} {' '.join(map(str, shape))}"
        ratios = compile_ratio_rows(shape[0], width)
        parts.append(StageLayout(label, shape, heading, at + 1, at + 1 + shape[0], width, ratios))
        at += 1 + shape[0]
    return AnswerLayout(tuple(parts), at + 1, max(math.prod(shape) for _, shape in shapes))


def compile_ratio_rows(rows: int, width: int) -> re.Pattern[str]:
    """What so many rows of so many ratios look like."""
    row = rf"{PLAIN_RATIO}(?: {PLAIN_RATIO}){{{width - 1}}}"
    return re.compile(rf"{row}(?:\n{row}){{{rows - 1}}}")
