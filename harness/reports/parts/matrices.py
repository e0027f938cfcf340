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


NARROW_MATRIX_COLUMNS = 6
"""A matrix of no more columns has room for marked numbers in full."""

MAXIMUM_ENTRY_CHARACTERS = 12
"""A number of more characters is shortened."""

MAXIMUM_BRIEF_CHARACTERS = 8
"""So many characters are enough of a number that is right."""

MAXIMUM_NUMBER_CHARACTERS = 60
"""A number is never shown, or hinted at, with more characters."""

DECIMAL = re.compile(r"(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
RATIO = re.compile(r"(-?\d+)\s*/\s*(\d+)")
EXPONENT = re.compile(r"e\+?(-?)0*(?=\d)")
INTEGER_PART = re.compile(rf"{MINUS}?\d+(?=[.e…]|$)")
SPECIAL_VALUES = {"nan": "NaN", "inf": "∞", "-inf": f"{MINUS}∞"}

EntryPosition = tuple[int, int]
"""A row and a column, from 0."""


@dataclass(frozen=True)
class MatrixEntry:
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
    """A row of a matrix. `parse_finite` counts from 1, and is 0 where rows are left out."""

    number: int
    entries: tuple[MatrixEntry, ...]


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
class SizeLimit:
    """How many rows and columns a matrix may have to be shown in full; of a larger one so many of
    the first, the corner, are shown before the gap."""

    rows: int
    columns: int
    corner: int


NORMAL_LIMIT = SizeLimit(rows=12, columns=14, corner=6)
REDUCED_LIMIT = SizeLimit(rows=6, columns=7, corner=3)
"""For what is right, and nobody has to search."""


@dataclass(frozen=True)
class ShownPart:
    """Which rows and columns of a matrix are shown, from 0, in order."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    abbreviated: bool


def choose_shown_part(
    rows: int, columns: int, marked: Collection[EntryPosition], room: SizeLimit = NORMAL_LIMIT
) -> ShownPart:
    """All of a small matrix; of a larger one its corner, its last column, and every marked row."""
    if rows <= room.rows and columns <= room.columns:
        return ShownPart(tuple(range(rows)), tuple(range(columns)), False)
    marked_rows = {i for i, _ in marked if i < rows}
    marked_columns = sorted({j for _, j in marked if j < columns - 1})
    first = set(range(min(room.corner, columns)))
    width = room.columns - room.corner - 1
    also = [j for j in marked_columns if j not in first][:width]
    shown_rows = range(rows) if rows <= room.rows else {*range(room.corner), *marked_rows, rows - 1}
    shown_columns = range(columns) if columns <= room.columns else {*first, *also, columns - 1}
    return ShownPart(tuple(sorted(shown_rows)), tuple(sorted(shown_columns)), True)


def typeset_matrix(
    name: str,
    rows: Rows,
    right_hand_sides: int = 0,
    marked: Collection[EntryPosition] = (),
    choice: ShownPart | None = None,
    due: bool = False,
    digits: Mapping[EntryPosition, str] | None = None,
    brief: bool = False,
) -> Matrix:
    """A matrix to be shown, with a bar before its last columns where those are right-hand sides.

    `choice` shows the same part of two matrices that stand side by side, `digits` how many digits
    of an entry are correct. `brief` numbers have few digits, and no hint at the others. Rows that
    are not equally long, as a faulty port may print them, are shown as they are.
    """
    width = max(map(len, rows), default=0)
    choice = choice or choose_shown_part(len(rows), width, marked)
    columns = [j for j in choice.columns if j < width]
    chosen = [i for i in choice.rows if i < len(rows)]
    bar = width - right_hand_sides if 0 < right_hand_sides < width else -1
    gaps = insert_gaps(columns)
    style = EntryStyle(marked, bar, len(columns), digits or {}, brief)
    aligned = [
        typeset_column(rows, j, chosen, style) if j >= 0 else [MatrixEntry("⋯")] * len(chosen)
        for j in gaps
    ]
    shown = {i: tuple(column[n] for column in aligned) for n, i in enumerate(chosen)}
    dots = tuple(MatrixEntry("⋮" if j >= 0 else "⋱", after_bar=j == bar) for j in gaps)
    lines = tuple(MatrixLine(i + 1, shown[i] if i >= 0 else dots) for i in insert_gaps(chosen))
    notes = [describe_shown_part(chosen, len(rows), columns, width)] if choice.abbreviated else []
    if digits:
        notes.append("small figures: correct digits, of 15")
    return Matrix(
        name, lines, tuple(j + 1 for j in gaps), choice.abbreviated, "; ".join(notes), due
    )


@dataclass(frozen=True)
class EntryStyle:
    """How the entries of a matrix are shown: which are marked, where the bar stands, how wide."""

    marked: Collection[EntryPosition]
    bar: int
    columns: int
    digits: Mapping[EntryPosition, str]
    brief: bool

    def width(self, place: EntryPosition) -> int:
        """In how many characters an entry is shown.

        There is room for all of a vector, and in a narrow matrix for all of what is marked: what
        is off there may be the last digits.
        """
        if self.brief:
            return MAXIMUM_BRIEF_CHARACTERS
        room = self.columns == 1 or (self.columns <= NARROW_MATRIX_COLUMNS and place in self.marked)
        return MAXIMUM_NUMBER_CHARACTERS if room else MAXIMUM_ENTRY_CHARACTERS


def typeset_column(
    rows: Rows, j: int, chosen: Sequence[int], style: EntryStyle
) -> list[MatrixEntry]:
    """The chosen entries of a column, aligned on their points if they are no ratios."""
    fulls = [rows[i][j] if j < len(rows[i]) else "" for i in chosen]
    texts = [
        format_number(full, style.width((i, j))) for i, full in zip(chosen, fulls, strict=True)
    ]
    tails = (
        [0] * len(texts)
        if any(map(is_ratio, texts))
        else [count_fraction_characters(text) for text in texts]
    )
    longest = max(tails, default=0)
    return [
        MatrixEntry(
            text,
            padding=" " * (longest - behind),
            full=find_full_text(full, text, style),
            marked=(i, j) in style.marked,
            after_bar=j == style.bar,
            digits=style.digits.get((i, j), ""),
        )
        for i, text, behind, full in zip(chosen, texts, tails, fulls, strict=True)
    ]


def find_full_text(full: str, text: str, style: EntryStyle) -> str:
    """A number in full, where it was shortened and somebody may ask."""
    shortened = "…" in text or "≈" in text
    narrow = style.columns <= NARROW_MATRIX_COLUMNS
    return clip(full, MAXIMUM_NUMBER_CHARACTERS) if shortened and narrow and not style.brief else ""


def count_correct_digits(
    printed: Rows, due: Rows, places: Iterable[EntryPosition]
) -> dict[EntryPosition, str]:
    """How many digits of the entries in some places are correct: LRE of NIST StRD, 0 to 15."""
    found = {}
    for i, j in places:
        if i < len(printed) and i < len(due) and j < min(len(printed[i]), len(due[i])):
            try:
                true = parse_number(due[i][j]).exact
            except ValueError:
                continue
            found[i, j] = (
                f"{error_measures.correct_digits([parse_finite(printed[i][j])], [true]):.1f}"
            )
    return found


@lru_cache(maxsize=1 << 16)
def parse_finite(text: str) -> Fraction | float:
    """A number that a port printed; NaN where it is not finite."""
    try:
        return parse_number(text).exact
    except ValueError:
        return math.nan


def is_ratio(text: str) -> bool:
    """Whether a shown number stands for a ratio that is not an integer."""
    return "/" in text or "≈" in text


def count_fraction_characters(text: str) -> int:
    """How many characters of a number stand behind its whole part."""
    whole = INTEGER_PART.match(text)
    return len(text) - whole.end() if whole else 0


def insert_gaps(indices: Iterable[int]) -> list[int]:
    """Indices with a −1 wherever some are left out between two."""
    found: list[int] = []
    for index in indices:
        if found and index != found[-1] + 1:
            found.append(-1)
        found.append(index)
    return found


def describe_shown_part(
    rows: Sequence[int], all_rows: int, columns: Sequence[int], all_columns: int
) -> str:
    """Which rows and columns of a matrix are shown, where not all are."""
    parts = []
    if len(rows) < all_rows:
        parts.append(f"rows {format_index_ranges(rows)} of {all_rows}")
    if len(columns) < all_columns:
        parts.append(f"columns {format_index_ranges(columns)} of {all_columns}")
    return ", ".join(parts)


def format_index_ranges(indices: Sequence[int]) -> str:
    """`1–6, 9 and 60`: indices from 0 as people count them."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    words = [f"{run[0] + 1}–{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}" for run in runs]
    return join_words(words)


def format_number(number: str, width: int = MAXIMUM_ENTRY_CHARACTERS) -> str:
    """A number in at most `width` characters, `…` where digits were cut, `≈` for a ratio."""
    word = SPECIAL_VALUES.get(number)
    if word is not None:
        return word
    if decimal := DECIMAL.fullmatch(number):
        return replace_minus(shorten_decimal(decimal, number, width))
    ratio = RATIO.fullmatch(number)
    if (
        ratio
        and len(number) > max(width, MAXIMUM_ENTRY_CHARACTERS)
        and len(number) <= MAXIMUM_NUMBER_CHARACTERS
    ):
        return approximate_ratio(ratio)
    return (
        replace_minus(number) if len(number) <= width else f"{replace_minus(number)[: width - 1]}…"
    )


def shorten_decimal(decimal: re.Match[str], number: str, width: int) -> str:
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


def approximate_ratio(ratio: re.Match[str]) -> str:
    """A long ratio as a decimal to a few digits."""
    try:
        return f"≈{format_figure(int(ratio[1]) / int(ratio[2]))}"
    except (ArithmeticError, ValueError):
        return f"{replace_minus(ratio[0])[: MAXIMUM_ENTRY_CHARACTERS - 1]}…"


def replace_minus(number: str) -> str:
    """A number with a true minus sign, and its exponent without a plus sign or leading zeros."""
    return EXPONENT.sub(r"e\1", number).replace("-", MINUS)
