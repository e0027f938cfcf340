"""Lines of a listing as an editor shows them, and of a patch, by what becomes of them."""

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
"""So many lines are shown around those that are marked."""

MAXIMUM_CODE_LINES = 60
MAXIMUM_CODE_CHARACTERS = 200

KINDS_WITHOUT_CODE = frozenset({"gap", "file"})
"""The kinds of lines that stand between those of a program."""


@dataclass(frozen=True)
class CodeLine:
    """A line: its number in the published text, from 1, or 0 where it has none.

    `sign` says without colour what is the matter with it: `▸` faulty, `−` removed, `+` added.
    `kind` is that as a word, or `gap` where lines are left out, or `file` for a file's name.
    """

    number: int
    text: str
    sign: str = ""
    kind: str = ""


def build_listing_lines(source: str, regions: Sequence[tuple[int, int]]) -> tuple[CodeLine, ...]:
    """The marked lines of a listing with some around them; regions are first and last, from 1."""
    lines = source.split("\n")
    marked = {
        number
        for first, last in regions
        for number in range(max(first, 1), min(last, len(lines)) + 1)
    }
    shown = sorted(
        number
        for number in range(1, len(lines) + 1)
        if any(near in marked for near in range(number - CONTEXT_LINES, number + CONTEXT_LINES + 1))
    )
    found: list[CodeLine] = []
    for number in shown:
        if found and found[-1].number != number - 1:
            found.append(CodeLine(0, "⋯", kind="gap"))
        faulty = ("▸", "faulty") if number in marked else ("", "")
        found.append(
            CodeLine(number, clip(lines[number - 1].rstrip("\r"), MAXIMUM_CODE_CHARACTERS), *faulty)
        )
    return limit_lines(found)


def build_patch_lines(text: str) -> tuple[CodeLine, ...]:
    """The lines of a unified diff; as they are where it is none."""
    try:
        files = list(PatchSet(text))
    except (UnidiffParseError, ValueError):
        files = []
    if not files:
        return limit_lines(
            [CodeLine(0, clip(line, MAXIMUM_CODE_CHARACTERS)) for line in text.splitlines()]
        )
    found: list[CodeLine] = []
    for file in files:
        if len(files) > 1:
            found.append(CodeLine(0, clip(file.path, MAXIMUM_CODE_CHARACTERS), kind="file"))
        found += build_file_lines(file)
    return limit_lines(found)


def build_file_lines(file: PatchedFile) -> Iterator[CodeLine]:
    """What a patch makes of one file."""
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
    """Lines without the indentation that they have in common."""
    code = [line.text for line in lines if line.kind not in KINDS_WITHOUT_CODE]
    texts = iter(dedent("\n".join(code)).split("\n"))
    return [
        line if line.kind in KINDS_WITHOUT_CODE else replace(line, text=next(texts))
        for line in lines
    ]


def limit_lines(lines: Sequence[CodeLine]) -> tuple[CodeLine, ...]:
    """At most so many lines; the last then says how many are left out."""
    if len(lines) <= MAXIMUM_CODE_LINES:
        return tuple(dedent_lines(lines))
    left_out = f"… {len(lines) - MAXIMUM_CODE_LINES} more lines"
    return (*dedent_lines(lines[:MAXIMUM_CODE_LINES]), CodeLine(0, left_out, kind="gap"))
