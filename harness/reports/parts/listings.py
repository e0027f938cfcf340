"""Excerpts of listings, and patches, as numbered lines with marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import dedent
from typing import TYPE_CHECKING

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from harness.text import clip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unidiff.patch import PatchedFile

CONTEXT_LINES = 3
"""The number of lines shown before and after a marked line."""

MAXIMUM_CODE_LINES = 60
MAXIMUM_CODE_CHARACTERS = 200

KINDS_WITHOUT_CODE = frozenset({"gap", "file"})
"""The kinds of lines that are not lines of a program."""


@dataclass(frozen=True)
class CodeLine:
    """A line of code: its number in the published text, from 1, or 0 if it has none.

    `sign` marks the line without colour: `▸` faulty, `−` removed, `+` added. `kind` is the same as
    a word, or `gap` in place of omitted lines, or `file` for the name of a file.
    """

    number: int
    text: str
    sign: str = ""
    kind: str = ""


def build_listing_lines(source: str, regions: Sequence[tuple[int, int]]) -> tuple[CodeLine, ...]:
    """Return the marked lines of a listing with their context.

    A region is the first and the last number of some marked lines, from 1.
    """
    source_lines = source.split("\n")
    marked_numbers = {
        number
        for first, last in regions
        for number in range(max(first, 1), min(last, len(source_lines)) + 1)
    }
    shown_numbers = sorted(
        number
        for number in range(1, len(source_lines) + 1)
        if any(
            neighbour in marked_numbers
            for neighbour in range(number - CONTEXT_LINES, number + CONTEXT_LINES + 1)
        )
    )
    lines: list[CodeLine] = []
    for number in shown_numbers:
        if lines and lines[-1].number != number - 1:
            lines.append(CodeLine(0, "⋯", kind="gap"))
        text = clip(source_lines[number - 1].rstrip("\r"), MAXIMUM_CODE_CHARACTERS)
        sign, kind = ("▸", "faulty") if number in marked_numbers else ("", "")
        lines.append(CodeLine(number, text, sign, kind))
    return limit_lines(lines)


def build_patch_lines(text: str) -> tuple[CodeLine, ...]:
    """Return the lines of a unified diff; a text that is not one is returned line by line."""
    files = parse_files(text)
    if not files:
        plain_lines = [clip(line, MAXIMUM_CODE_CHARACTERS) for line in text.splitlines()]
        return limit_lines([CodeLine(0, line) for line in plain_lines])
    lines: list[CodeLine] = []
    for file in files:
        if len(files) > 1:
            lines.append(CodeLine(0, clip(file.path, MAXIMUM_CODE_CHARACTERS), kind="file"))
        lines += build_file_lines(file)
    return limit_lines(lines)


def list_patched_files(text: str) -> tuple[str, ...]:
    """Return the paths of the files that a unified diff changes; none if it is not one."""
    return tuple(clip(file.path, MAXIMUM_CODE_CHARACTERS) for file in parse_files(text))


def parse_files(text: str) -> list[PatchedFile]:
    """Return the files of a unified diff; none if the text is not one."""
    try:
        return list(PatchSet(text))
    except (UnidiffParseError, ValueError):
        return []


def build_file_lines(file: PatchedFile) -> Iterator[CodeLine]:
    """Yield the lines of a patch to one file, with a gap between hunks."""
    for hunk_number, hunk in enumerate(file):
        if hunk_number:
            yield CodeLine(0, "⋯", kind="gap")
        for line in hunk:
            text = clip(line.value.rstrip("\r\n"), MAXIMUM_CODE_CHARACTERS)
            if line.is_removed:
                yield CodeLine(line.source_line_no or 0, text, "−", "removed")
            elif line.is_added:
                yield CodeLine(0, text, "+", "added")
            elif line.is_context:
                yield CodeLine(line.source_line_no or 0, text)


def dedent_lines(lines: Sequence[CodeLine]) -> list[CodeLine]:
    """Return some lines without their common indentation."""
    code = [line.text for line in lines if line.kind not in KINDS_WITHOUT_CODE]
    texts = iter(dedent("\n".join(code)).split("\n"))
    return [
        line if line.kind in KINDS_WITHOUT_CODE else replace(line, text=next(texts))
        for line in lines
    ]


def limit_lines(lines: Sequence[CodeLine]) -> tuple[CodeLine, ...]:
    """Return at most MAXIMUM_CODE_LINES lines, and a line with the number of omitted ones."""
    if len(lines) <= MAXIMUM_CODE_LINES:
        return tuple(dedent_lines(lines))
    omitted = f"… {len(lines) - MAXIMUM_CODE_LINES} more lines"
    return (*dedent_lines(lines[:MAXIMUM_CODE_LINES]), CodeLine(0, omitted, kind="gap"))
