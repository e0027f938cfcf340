"""The layout of an answer: its headings, and the number of rows after each.

Nearly every answer of a port has the same layout as the previous one, which makes a fast parser
possible. An `AnswerParser` returns the same results, but takes several times as long. It parses the
answers that the fast parser does not.
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
    """A heading and its rows.

    The rows are the lines of an answer from `first` to `last`, without `last`. Each has `width`
    numbers. `ratios` is the pattern of rows of ratios.
    """

    label: str
    shape: tuple[int, ...]
    heading: str
    first: int
    last: int
    width: int
    ratios: re.Pattern[str]

    def parse_rows(self, rows: Sequence[str]) -> Values:
        """Return the numbers of the rows, row after row; an empty tuple if they are not plain."""
        text = "\n".join(rows)
        if not DECIMALS.fullmatch(text):
            return parse_plain_ratios(text) if self.ratios.fullmatch(text) else ()
        blanks, tokens = self.width - 1, text.split()
        # With this number of blanks in each row, no row has too many numbers.
        if len(tokens) != self.width * len(rows) or any(row.count(" ") != blanks for row in rows):
            return ()
        if len(text) > MAXIMUM_NUMBER_LENGTH and max(map(len, tokens)) > MAXIMUM_NUMBER_LENGTH:
            return ()
        return parse_plain_decimals(tokens)


@dataclass(frozen=True)
class AnswerLayout:
    """The parts of an answer that holds results only.

    `lines` is the number of its lines, and `largest` the number of entries of its largest result.
    """

    parts: tuple[StageLayout, ...]
    lines: int
    largest: int

    def read(self, case: str, lines: Sequence[str], start: int) -> dict[str, Stage] | None:
        """Return the results of the answer to `case` at `start`; None if it has another layout."""
        end = start + self.lines - 1
        if len(lines) <= end or lines[start] != f"case {case}" or lines[end] != f"end {case}":
            return None
        stages = {}
        for part in self.parts:
            if lines[start + part.first - 1] != part.heading:
                return None
            values, width = (
                part.parse_rows(lines[start + part.first : start + part.last]),
                part.width,
            )
            if not values:
                return None
            rows = tuple([values[i : i + width] for i in range(0, len(values), width)])
            stages[part.label] = Stage(part.label, part.shape, rows)
        return stages


def build_layout(stages: Mapping[str, Stage]) -> AnswerLayout | None:
    """Return the layout of an answer with these results; None if one is empty or not readable."""
    if not stages or any(stage.trouble or not stage.rows for stage in stages.values()):
        return None
    return build_layout_of_shapes(tuple((stage.label, stage.shape) for stage in stages.values()))


@lru_cache(maxsize=256)
def build_layout_of_shapes(shapes: tuple[tuple[str, tuple[int, ...]], ...]) -> AnswerLayout | None:
    """Return the layout of an answer with results of these labels and shapes, in that order.

    It is None if a result has no columns.
    """
    parts, line = [], 1
    for label, shape in shapes:
        width = 1 if RESULTS[label].is_vector else shape[1]
        if not width:
            return None
        heading = f"{label} {' '.join(map(str, shape))}"
        ratios = compile_ratio_rows(shape[0], width)
        parts.append(
            StageLayout(label, shape, heading, line + 1, line + 1 + shape[0], width, ratios)
        )
        line += 1 + shape[0]
    return AnswerLayout(tuple(parts), line + 1, max(math.prod(shape) for _, shape in shapes))


def compile_ratio_rows(rows: int, width: int) -> re.Pattern[str]:
    """Return the pattern of this number of rows, each with `width` ratios."""
    row = rf"{PLAIN_RATIO}(?: {PLAIN_RATIO}){{{width - 1}}}"
    return re.compile(rf"{row}(?:\n{row}){{{rows - 1}}}")
