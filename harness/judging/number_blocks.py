"""The matrices in the output of a listing's own main, which has no fixed format.

A line that holds only numbers and separators belongs to a matrix. Every other line ends a matrix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.protocol.parser import parse_value
from harness.protocol.printed_rows import is_border, is_inside_table, split_numbers, split_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEADING = re.compile(r"^[^\d\[({|│┃║]*:\s*")
"""A heading before the numbers of the same line, such as `Solution: `."""

UNKNOWN = re.compile(r"^\s*[^\W\d_]+_?(?:\d+|\[\d+\]|\(\d+\)|[₀-₉]+)\s*[=:]\s*")
"""The name of an unknown before its value: `x1 = `, `x[0] = `, `x_2: `."""

NAME = re.compile(r"^\s*(?:[^\W\d]\w*\s*=\s*)?(?:[^\W\d][\w.]*)?(?=[\[({])")
"""The name of a matrix, or of its type, before its first bracket: `A = [`, `Matrix([`."""

SCALE = re.compile(r"\s*[\d.]+(?:[eE][+-]?\d+)?\s*\*\s*")
"""A common factor of the numbers below, which MATLAB and Octave print: `1.0e+03 *`."""

INDEX = re.compile(r"^\s*\[([0-9]+)\](?=\s+\S)")
"""The number of the first entry of the line of a vector, as R prints it: ` [1] 2 3`."""

TokenRows = list[list[str]]
"""The rows of a matrix, as tokens."""


class _Blocks:
    """The matrices that were found so far, and whether the next line may continue the last one."""

    def __init__(self) -> None:
        self.blocks: list[TokenRows] = []
        self.is_open = False
        self.is_bordered = False

    def add(self, rows: TokenRows, is_whole: bool) -> None:
        """Add rows to the last matrix, or as a matrix by itself that is whole."""
        if self.is_open and not is_whole:
            self.blocks[-1] += rows
        else:
            self.blocks.append(rows)
        self.is_open, self.is_bordered = not is_whole, False

    def add_border(self, border: str) -> None:
        """End the last matrix, except at the first border that may be one between its rows."""
        self.is_open = self.is_open and is_inside_table(border) and not self.is_bordered
        self.is_bordered = True

    def close(self) -> None:
        """End the last matrix."""
        self.is_open = False


def find_number_blocks(text: str, with_names: bool = False) -> list[TokenRows]:
    """Return the matrices in a text, in order.

    A line such as Julia's `[1.0 2.0; 3.0 4.0]` is a matrix by itself. `with_names`, numbers after
    the name of an unknown, of a matrix or of its type belong to a matrix too. Raises ValueError
    where a common factor is printed apart from the numbers.
    """
    blocks = _Blocks()
    for line in join_wrapped_rows(text):
        if SCALE.fullmatch(line):
            raise ValueError(f"`{line.strip()}` scales the numbers below it: print them in full")
        if is_border(line):
            blocks.add_border(line)
            continue
        if is_indexed(line, 1):
            blocks.close()
        if rows := read_line(line, with_names):
            is_row = len(rows) > 1 and not has_brackets(line) and all(len(r) == 1 for r in rows)
            merged = [[token for row in rows for token in row]] if is_row else rows
            blocks.add(merged, is_whole=len(merged) > 1)
        else:
            blocks.close()
    return blocks.blocks


def has_brackets(line: str) -> bool:
    """Return whether a line has a square or curly bracket."""
    return not {"[", "]", "{", "}"}.isdisjoint(line)


def read_line(line: str, with_names: bool) -> TokenRows:
    """Return the rows of numbers in a line, none where it holds anything else."""
    text = INDEX.sub("", line, count=1) if is_indexed(line) else HEADING.sub("", line)
    if with_names:
        text = NAME.sub("", UNKNOWN.sub("", text))
    parts = [part for part in text.split(";") if not is_border(part) and part.strip()]
    rows = [row for part in parts for row in split_rows(part)]
    return rows if rows and all(row and are_numbers(row) for row in rows) else []


def is_indexed(line: str, index: int | None = None) -> bool:
    """Return whether a line begins with the index of R, or with this one, before its numbers."""
    match = INDEX.match(line)
    if match is None or has_brackets(line[match.end() :]):
        return False
    return index is None or int(match[1]) == index


def join_wrapped_rows(text: str) -> Iterator[str]:
    """Yield the lines of a text, with the lines of each row that NumPy wrapped as one.

    Each line is examined once: a text of many lines takes a time in proportion to its length.
    """
    row: list[str] = []
    is_open = has_numbers = False
    for line in text.splitlines():
        row.append(line)
        if "[" in line or "]" in line:
            is_open = line.rfind("[") > line.rfind("]")
        tokens = split_numbers(line)
        has_numbers = has_numbers or bool(tokens)
        if is_open and has_numbers and are_numbers(tokens):
            continue
        yield " ".join(row)
        row, is_open, has_numbers = [], False, False
    if row:
        yield " ".join(row)


def are_numbers(tokens: Iterable[str]) -> bool:
    """Return whether all tokens are numbers."""
    try:
        for token in tokens:
            parse_value(token)
    except ValueError:
        return False
    return True
