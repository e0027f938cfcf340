"""Matrices for display: aligned, abbreviated if they are large, with marked entries."""

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

    from harness.results.record import Rows


NARROW_MATRIX_COLUMNS = 6
"""A matrix of at most so many columns shows marked numbers in full."""

MAXIMUM_ENTRY_CHARACTERS = 12
"""Longer numbers are shortened."""

MAXIMUM_BRIEF_CHARACTERS = 8
"""The length to which numbers are shortened in a brief matrix."""

MAXIMUM_NUMBER_CHARACTERS = 60
"""The length to which numbers are cut where they are shown in full."""

DECIMAL = re.compile(r"(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
RATIO = re.compile(r"(-?\d+)\s*/\s*(\d+)")
EXPONENT = re.compile(r"e\+?(-?)0*(?=\d)")
INTEGER_PART = re.compile(rf"{MINUS}?\d+(?=[.e…]|$)")
SPECIAL_VALUES = {"nan": "NaN", "inf": "∞", "-inf": f"{MINUS}∞"}

EntryPosition = tuple[int, int]
"""A row and a column, from 0."""


@dataclass(frozen=True)
class MatrixEntry:
    """An entry: the text shown, the spaces that align its point, the full text if it is longer.

    `digits` is the number of correct digits, from 0 to 15, of a marked entry with one expected
    value.
    """

    text: str
    padding: str = ""
    full_text: str = ""
    is_marked: bool = False
    is_after_bar: bool = False
    digits: str = ""


@dataclass(frozen=True)
class MatrixLine:
    """A row of a matrix. `number` counts from 1, and is 0 in place of omitted rows."""

    number: int
    entries: tuple[MatrixEntry, ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix for display. `columns` holds column numbers from 1, and 0 for omitted columns.

    `note` names the part that is shown, and explains the small figures. `is_expected` distinguishes
    an expected matrix from a printed one.
    """

    name: str
    lines: tuple[MatrixLine, ...]
    columns: tuple[int, ...]
    is_abbreviated: bool = False
    note: str = ""
    is_expected: bool = False


@dataclass(frozen=True)
class SizeLimit:
    """The largest number of rows and columns of a matrix that is shown in full.

    Of a larger matrix, the first `corner` rows and columns are shown before the gap.
    """

    rows: int
    columns: int
    corner: int


NORMAL_LIMIT = SizeLimit(rows=12, columns=14, corner=6)
REDUCED_LIMIT = SizeLimit(rows=6, columns=7, corner=3)
"""The limit for matrices that are right."""


@dataclass(frozen=True)
class ShownPart:
    """The rows and columns of a matrix that are shown, from 0, in order."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    is_abbreviated: bool


def choose_shown_part(
    rows: int, columns: int, marked: Collection[EntryPosition], limit: SizeLimit = NORMAL_LIMIT
) -> ShownPart:
    """Return all of a small matrix, and part of a larger one.

    The part has the first rows and columns, the last row and column, and as many rows and columns
    with marked entries as the limit allows.
    """
    if rows <= limit.rows and columns <= limit.columns:
        return ShownPart(tuple(range(rows)), tuple(range(columns)), False)
    marked_rows = sorted({i for i, _ in marked if i < rows - 1})
    marked_columns = sorted({j for _, j in marked if j < columns - 1})
    first_rows = set(range(min(limit.corner, rows)))
    first_columns = set(range(min(limit.corner, columns)))
    more_rows = [i for i in marked_rows if i not in first_rows]
    more_rows = more_rows[: limit.rows - limit.corner - 1]
    more_columns = [j for j in marked_columns if j not in first_columns]
    more_columns = more_columns[: limit.columns - limit.corner - 1]
    shown_rows: Iterable[int] = range(rows)
    shown_columns: Iterable[int] = range(columns)
    if rows > limit.rows:
        shown_rows = {*first_rows, *more_rows, rows - 1}
    if columns > limit.columns:
        shown_columns = {*first_columns, *more_columns, columns - 1}
    return ShownPart(tuple(sorted(shown_rows)), tuple(sorted(shown_columns)), True)


def typeset_matrix(
    name: str,
    rows: Rows,
    right_hand_sides: int = 0,
    marked: Collection[EntryPosition] = (),
    part: ShownPart | None = None,
    is_expected: bool = False,
    digits: Mapping[EntryPosition, str] | None = None,
    is_brief: bool = False,
) -> Matrix:
    """Return a matrix for display, with a bar before its last `right_hand_sides` columns.

    `part` is the part to show, so that two matrices side by side show the same. `digits` are the
    numbers of correct digits of entries. A brief matrix has short numbers, without their full
    texts. Rows of unequal length, as a faulty port may print them, are shown as they are.
    """
    width = max(map(len, rows), default=0)
    part = part or choose_shown_part(len(rows), width, marked)
    shown_rows = [i for i in part.rows if i < len(rows)]
    shown_columns = [j for j in part.columns if j < width]
    bar = width - right_hand_sides if 0 < right_hand_sides < width else -1
    columns = insert_gaps(shown_columns)
    style = EntryStyle(marked, bar, len(shown_columns), digits or {}, is_brief)
    entries_by_column = [
        typeset_column(rows, j, shown_rows, style)
        if j >= 0
        else [MatrixEntry("⋯")] * len(shown_rows)
        for j in columns
    ]
    entries_by_row = {
        i: tuple(column[n] for column in entries_by_column) for n, i in enumerate(shown_rows)
    }
    dots = tuple(MatrixEntry("⋮" if j >= 0 else "⋱", is_after_bar=j == bar) for j in columns)
    lines = [
        MatrixLine(i + 1, entries_by_row[i] if i >= 0 else dots) for i in insert_gaps(shown_rows)
    ]
    notes = []
    if part.is_abbreviated:
        notes.append(describe_shown_part(shown_rows, len(rows), shown_columns, width))
        hidden = sum(i not in part.rows or j not in part.columns for i, j in marked)
        notes += [f"marked and not shown: {hidden}"] if hidden else []
    if digits:
        notes.append("small figures: number of correct digits, at most 15")
    return Matrix(
        name=name,
        lines=tuple(lines),
        columns=tuple(j + 1 for j in columns),
        is_abbreviated=part.is_abbreviated,
        note="; ".join(notes),
        is_expected=is_expected,
    )


@dataclass(frozen=True)
class EntryStyle:
    """The style of the entries of a matrix.

    `marked` are the positions of marked entries. `bar` is the column after the bar, from 0, or −1
    without a bar. `columns` is the number of columns shown.
    """

    marked: Collection[EntryPosition]
    bar: int
    columns: int
    digits: Mapping[EntryPosition, str]
    is_brief: bool

    def choose_width(self, position: EntryPosition) -> int:
        """Return the maximum number of characters of an entry.

        Vectors are shown in full, and so are the marked entries of narrow matrices, because an
        error may be in the last digits.
        """
        if self.is_brief:
            return MAXIMUM_BRIEF_CHARACTERS
        narrow = self.columns <= NARROW_MATRIX_COLUMNS
        in_full = self.columns == 1 or (narrow and position in self.marked)
        return MAXIMUM_NUMBER_CHARACTERS if in_full else MAXIMUM_ENTRY_CHARACTERS


def typeset_column(
    rows: Rows, j: int, shown_rows: Sequence[int], style: EntryStyle
) -> list[MatrixEntry]:
    """Return the shown entries of a column, aligned at their points unless there are ratios."""
    numbers = [rows[i][j] if j < len(rows[i]) else "" for i in shown_rows]
    texts = [
        format_number(number, style.choose_width((i, j)))
        for i, number in zip(shown_rows, numbers, strict=True)
    ]
    lengths = [0] * len(texts)
    if not any(map(is_ratio, texts)):
        lengths = [count_fraction_characters(text) for text in texts]
    maximum_length = max(lengths, default=0)
    return [
        MatrixEntry(
            text,
            padding=" " * (maximum_length - length),
            full_text=find_full_text(number, text, style),
            is_marked=(i, j) in style.marked,
            is_after_bar=j == style.bar,
            digits=style.digits.get((i, j), ""),
        )
        for i, text, length, number in zip(shown_rows, texts, lengths, numbers, strict=True)
    ]


def find_full_text(number: str, text: str, style: EntryStyle) -> str:
    """Return a number in full, if it was shortened and the matrix is narrow and not brief."""
    shortened = "…" in text or "≈" in text
    narrow = style.columns <= NARROW_MATRIX_COLUMNS
    return (
        clip(number, MAXIMUM_NUMBER_CHARACTERS)
        if shortened and narrow and not style.is_brief
        else ""
    )


def count_correct_digits(
    printed: Rows,
    expected: Rows,
    positions: Iterable[EntryPosition],
    zeros_are_exact: bool = False,
) -> dict[EntryPosition, str]:
    """Return the number of correct digits of some entries: LRE of NIST StRD, 0 to 15.

    An entry that should be 0 is compared with the largest expected entry of its row, or if there is
    none of the whole matrix. It is left out if zeros must be exact, because its size is no error.
    """
    digits = {}
    sizes = [largest_size(row) for row in expected]
    for i, j in positions:
        if i < len(printed) and i < len(expected) and j < min(len(printed[i]), len(expected[i])):
            true = parse_finite(expected[i][j])
            if math.isfinite(true) and not (true == 0 and zeros_are_exact):
                scale = sizes[i] or max(sizes)
                count = error_measures.count_digits(parse_finite(printed[i][j]), true, scale)
                digits[i, j] = f"{count:.1f}"
    return digits


def largest_size(row: Sequence[str]) -> Fraction:
    """Return the largest magnitude of the finite numbers of a row, or 0."""
    sizes = (abs(Fraction(value)) for value in map(parse_finite, row) if math.isfinite(value))
    return max(sizes, default=Fraction(0))


@lru_cache(maxsize=1 << 16)
def parse_finite(text: str) -> Fraction | float:
    """Return a printed number exactly; NaN for what is not a finite number."""
    try:
        return parse_number(text).exact
    except ValueError:
        return math.nan


def is_ratio(text: str) -> bool:
    """Return whether a text of `format_number` stands for a ratio that is not an integer."""
    return "/" in text or "≈" in text


def count_fraction_characters(text: str) -> int:
    """Return the number of characters after the integer part of a number."""
    integer_part = INTEGER_PART.match(text)
    return len(text) - integer_part.end() if integer_part else 0


def insert_gaps(indices: Iterable[int]) -> list[int]:
    """Return indices with −1 in place of those omitted between two."""
    indices_and_gaps: list[int] = []
    for index in indices:
        if indices_and_gaps and index != indices_and_gaps[-1] + 1:
            indices_and_gaps.append(-1)
        indices_and_gaps.append(index)
    return indices_and_gaps


def describe_shown_part(
    shown_rows: Sequence[int], rows: int, shown_columns: Sequence[int], columns: int
) -> str:
    """Return the shown rows and columns, for people: `rows 1–6 and 60 of 60`."""
    parts = []
    if len(shown_rows) < rows:
        parts.append(f"rows {format_index_ranges(shown_rows)} of {rows}")
    if len(shown_columns) < columns:
        parts.append(f"columns {format_index_ranges(shown_columns)} of {columns}")
    return ", ".join(parts)


def format_index_ranges(indices: Sequence[int]) -> str:
    """Return indices from 0 as ranges that count from 1: `1–6, 9 and 60`."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return join_words(
        f"{run[0] + 1}–{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}" for run in runs
    )


def format_number(number: str, width: int = MAXIMUM_ENTRY_CHARACTERS) -> str:
    """Return a number in at most `width` characters: `…` for cut digits, `≈` for a ratio."""
    special_value = SPECIAL_VALUES.get(number)
    if special_value is not None:
        return special_value
    if decimal := DECIMAL.fullmatch(number):
        return replace_minus(shorten_decimal(decimal, number, width))
    ratio = RATIO.fullmatch(number)
    is_long = len(number) > max(width, MAXIMUM_ENTRY_CHARACTERS)
    if ratio and is_long and len(number) <= MAXIMUM_NUMBER_CHARACTERS:
        return approximate_ratio(ratio)
    text = replace_minus(number)
    return text if len(number) <= width else f"{text[: width - 1]}…"


def shorten_decimal(decimal: re.Match[str], number: str, width: int) -> str:
    """Return a decimal cut to `width` characters; an exponent keeps its size if necessary."""
    plain = number.removesuffix(".0")
    if len(plain) <= width:
        return plain
    sign, integer_digits, decimal_places, exponent = decimal.groups()
    if exponent is None and len(integer_digits) > width - 4:
        exponent = str(len(integer_digits) - 1)
        decimal_places = integer_digits[1:] + (decimal_places or "")
        integer_digits = integer_digits[0]
    suffix = f"e{exponent}" if exponent is not None else ""
    places = width - len(sign) - len(integer_digits) - len(suffix) - 2
    return f"{sign}{integer_digits}.{(decimal_places or '')[: max(places, 1)]}…{suffix}"


def approximate_ratio(ratio: re.Match[str]) -> str:
    """Return a long ratio as a decimal to three significant figures."""
    try:
        return f"≈{format_figure(int(ratio[1]) / int(ratio[2]))}"
    except (ArithmeticError, ValueError):
        return f"{replace_minus(ratio[0])[: MAXIMUM_ENTRY_CHARACTERS - 1]}…"


def replace_minus(number: str) -> str:
    """Return a number with a true minus sign, its exponent without plus sign or leading zeros."""
    return EXPONENT.sub(r"e\1", number).replace("-", MINUS)
