"""Matrices as a page shows them: aligned, abbreviated where they are large, and marked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.model.number import parse_number
from harness.numerics import error_measures
from harness.text import MINUS, clip, format_figure, join_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from harness.results.schema import Rows


FEW_COLUMNS = 6
"""A matrix of no more columns has room for marked numbers in full."""

WIDTH = 12
"""A number of more characters is shortened."""

NARROW = 8
"""So many characters are enough of a number that is right."""

LONGEST_NUMBER = 60
"""A number is never shown, or hinted at, with more characters."""

DECIMAL = re.compile(r"(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
RATIO = re.compile(r"(-?\d+)\s*/\s*(\d+)")
EXPONENT = re.compile(r"e\+?(-?)0*(?=\d)")
WHOLE = re.compile(rf"{MINUS}?\d+(?=[.e…]|$)")
WORDS = {"nan": "NaN", "inf": "∞", "-inf": f"{MINUS}∞"}

Place = tuple[int, int]
"""A row and a column, from 0."""


@dataclass(frozen=True)
class Entry:
    """A number: as shown, the spaces that align its point, in full where that is longer.

    `digits` of it are correct, from 0 to 15, where it is marked and one value is due.
    """

    text: str
    padding: str = ""
    full: str = ""
    marked: bool = False
    after_bar: bool = False
    digits: str = ""


@dataclass(frozen=True)
class MatrixLine:
    """A row of a matrix. `number` counts from 1, and is 0 where rows are left out."""

    number: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix to be shown. `columns` holds column numbers from 1, and 0 where some are left out.

    `note` says what is shown where that is not all, and what small figures mean. `due` tells what
    is expected from what was printed.
    """

    name: str
    lines: tuple[MatrixLine, ...]
    columns: tuple[int, ...]
    abbreviated: bool = False
    note: str = ""
    due: bool = False


@dataclass(frozen=True)
class Room:
    """How many rows and columns a matrix may have to be shown in full; of a larger one so many of
    the first, the corner, are shown before the gap."""

    rows: int
    columns: int
    corner: int


MOST = Room(rows=12, columns=14, corner=6)
FEW = Room(rows=6, columns=7, corner=3)
"""For what is right, and nobody has to search."""


@dataclass(frozen=True)
class Choice:
    """Which rows and columns of a matrix are shown, from 0, in order."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    abbreviated: bool


def choose(rows: int, columns: int, marked: Collection[Place], room: Room = MOST) -> Choice:
    """All of a small matrix; of a larger one its corner, its last column, and every marked row."""
    if rows <= room.rows and columns <= room.columns:
        return Choice(tuple(range(rows)), tuple(range(columns)), False)
    marked_rows = {i for i, _ in marked if i < rows}
    marked_columns = sorted({j for _, j in marked if j < columns - 1})
    first = set(range(min(room.corner, columns)))
    width = room.columns - room.corner - 1
    also = [j for j in marked_columns if j not in first][:width]
    shown_rows = range(rows) if rows <= room.rows else {*range(room.corner), *marked_rows, rows - 1}
    shown_columns = range(columns) if columns <= room.columns else {*first, *also, columns - 1}
    return Choice(tuple(sorted(shown_rows)), tuple(sorted(shown_columns)), True)


def typeset(
    name: str,
    rows: Rows,
    right_hand_sides: int = 0,
    marked: Collection[Place] = (),
    choice: Choice | None = None,
    due: bool = False,
    digits: Mapping[Place, str] | None = None,
    brief: bool = False,
) -> Matrix:
    """A matrix to be shown, with a bar before its last columns where those are right-hand sides.

    `choice` shows the same part of two matrices that stand side by side, `digits` how many digits
    of an entry are correct. `brief` numbers have few digits, and no hint at the others. Rows that
    are not equally long, as a faulty port may print them, are shown as they are.
    """
    width = max(map(len, rows), default=0)
    choice = choice or choose(len(rows), width, marked)
    columns = [j for j in choice.columns if j < width]
    chosen = [i for i in choice.rows if i < len(rows)]
    bar = width - right_hand_sides if 0 < right_hand_sides < width else -1
    gaps = with_gaps(columns)
    style = Style(marked, bar, len(columns), digits or {}, brief)
    aligned = [
        column_of(rows, j, chosen, style) if j >= 0 else [Entry("⋯")] * len(chosen) for j in gaps
    ]
    shown = {i: tuple(column[n] for column in aligned) for n, i in enumerate(chosen)}
    dots = tuple(Entry("⋮" if j >= 0 else "⋱", after_bar=j == bar) for j in gaps)
    lines = tuple(MatrixLine(i + 1, shown[i] if i >= 0 else dots) for i in with_gaps(chosen))
    notes = [extent(chosen, len(rows), columns, width)] if choice.abbreviated else []
    if digits:
        notes.append("small figures: correct digits, of 15")
    return Matrix(
        name, lines, tuple(j + 1 for j in gaps), choice.abbreviated, "; ".join(notes), due
    )


@dataclass(frozen=True)
class Style:
    """How the entries of a matrix are shown: which are marked, where the bar stands, how wide."""

    marked: Collection[Place]
    bar: int
    columns: int
    digits: Mapping[Place, str]
    brief: bool

    def width(self, place: Place) -> int:
        """In how many characters an entry is shown.

        There is room for all of a vector, and in a narrow matrix for all of what is marked: what
        is off there may be the last digits.
        """
        if self.brief:
            return NARROW
        room = self.columns == 1 or (self.columns <= FEW_COLUMNS and place in self.marked)
        return LONGEST_NUMBER if room else WIDTH


def column_of(rows: Rows, j: int, chosen: Sequence[int], style: Style) -> list[Entry]:
    """The chosen entries of a column, aligned on their points if they are no ratios."""
    fulls = [rows[i][j] if j < len(rows[i]) else "" for i in chosen]
    texts = [displayed(full, style.width((i, j))) for i, full in zip(chosen, fulls, strict=True)]
    tails = [0] * len(texts) if any(map(is_ratio, texts)) else [tail(text) for text in texts]
    longest = max(tails, default=0)
    return [
        Entry(
            text,
            padding=" " * (longest - behind),
            full=hint(full, text, style),
            marked=(i, j) in style.marked,
            after_bar=j == style.bar,
            digits=style.digits.get((i, j), ""),
        )
        for i, text, behind, full in zip(chosen, texts, tails, fulls, strict=True)
    ]


def hint(full: str, text: str, style: Style) -> str:
    """A number in full, where it was shortened and somebody may ask."""
    shortened = "…" in text or "≈" in text
    narrow = style.columns <= FEW_COLUMNS
    return clip(full, LONGEST_NUMBER) if shortened and narrow and not style.brief else ""


def correct_digits(printed: Rows, due: Rows, places: Iterable[Place]) -> dict[Place, str]:
    """How many digits of the entries in some places are correct: LRE of NIST StRD, 0 to 15."""
    found = {}
    for i, j in places:
        if i < len(printed) and i < len(due) and j < min(len(printed[i]), len(due[i])):
            try:
                true = parse_number(due[i][j]).exact
            except ValueError:
                continue
            found[i, j] = f"{error_measures.correct_digits([number(printed[i][j])], [true]):.1f}"
    return found


@lru_cache(maxsize=1 << 16)
def number(text: str) -> Fraction | float:
    """A number that a port printed; NaN where it is not finite."""
    try:
        return parse_number(text).exact
    except ValueError:
        return math.nan


def is_ratio(text: str) -> bool:
    """Whether a shown number stands for a ratio that is not an integer."""
    return "/" in text or "≈" in text


def tail(text: str) -> int:
    """How many characters of a number stand behind its whole part."""
    whole = WHOLE.match(text)
    return len(text) - whole.end() if whole else 0


def with_gaps(indices: Iterable[int]) -> list[int]:
    """Indices with a −1 wherever some are left out between two."""
    found: list[int] = []
    for index in indices:
        if found and index != found[-1] + 1:
            found.append(-1)
        found.append(index)
    return found


def extent(rows: Sequence[int], all_rows: int, columns: Sequence[int], all_columns: int) -> str:
    """Which rows and columns of a matrix are shown, where not all are."""
    parts = []
    if len(rows) < all_rows:
        parts.append(f"rows {spans(rows)} of {all_rows}")
    if len(columns) < all_columns:
        parts.append(f"columns {spans(columns)} of {all_columns}")
    return ", ".join(parts)


def spans(indices: Sequence[int]) -> str:
    """`1–6, 9 and 60`: indices from 0 as people count them."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    words = [f"{run[0] + 1}–{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}" for run in runs]
    return join_words(words)


def displayed(number: str, width: int = WIDTH) -> str:
    """A number in at most `width` characters, `…` where digits were cut, `≈` for a ratio."""
    word = WORDS.get(number)
    if word is not None:
        return word
    if decimal := DECIMAL.fullmatch(number):
        return minus(shortened(decimal, number, width))
    ratio = RATIO.fullmatch(number)
    if ratio and len(number) > max(width, WIDTH) and len(number) <= LONGEST_NUMBER:
        return about(ratio)
    return minus(number) if len(number) <= width else f"{minus(number)[: width - 1]}…"


def shortened(decimal: re.Match[str], number: str, width: int) -> str:
    """A decimal cut to `width` characters; its size is kept, in an exponent if need be."""
    plain = number.removesuffix(".0")
    if len(plain) <= width:
        return plain
    sign, whole, places, exponent = decimal.groups()
    if exponent is None and len(whole) > width - 4:
        places, exponent = whole[1:] + (places or ""), str(len(whole) - 1)
        whole = whole[0]
    end = f"e{exponent}" if exponent is not None else ""
    room = width - len(sign) - len(whole) - len(end) - 2
    return f"{sign}{whole}.{(places or '')[: max(room, 1)]}…{end}"


def about(ratio: re.Match[str]) -> str:
    """A long ratio as a decimal to a few digits."""
    try:
        return f"≈{format_figure(int(ratio[1]) / int(ratio[2]))}"
    except (ArithmeticError, ValueError):
        return f"{minus(ratio[0])[: WIDTH - 1]}…"


def minus(number: str) -> str:
    """A number with a true minus sign, and its exponent without a plus sign or leading zeros."""
    return EXPONENT.sub(r"e\1", number).replace("-", MINUS)
