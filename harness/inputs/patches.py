"""Read patches: corrections of a port's files, each made against the files as published.

A patch is compared with the files, context included, when it is read. It is applied by line numbers
alone, so that several patches can be applied to one copy, in any order, as long as no two change
the same lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchSet

from harness.model.patch import Edit, Patch, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class PatchError(ValueError):
    """A patch that cannot be read or does not fit its files. The message is for people."""


def parse_patch(data: bytes, files: Mapping[str, bytes]) -> Patch:
    """Return the patch that a unified diff describes.

    `files` holds the port's files by their paths, with `/`. Raises PatchError where `data` is not a
    unified diff, and where the diff names a file that is not in `files` or lines that differ from
    that file.
    """
    try:
        patch_set = PatchSet(data.decode(errors="surrogateescape"))
    except (UnidiffParseError, ValueError) as problem:
        raise PatchError(f"it is not a unified diff: {problem!s:.100}") from None
    edits: list[Edit] = []
    for file in patch_set:
        if file.path not in files:
            raise PatchError(f"it changes `{file.path:.100}`, which is not a file of the port")
        lines = split_lines(files[file.path])
        for hunk in file:
            check_hunk(hunk, file.path, lines)
            edits += extract_edits(hunk, file.path)
    if not edits:
        raise PatchError("it changes nothing; a unified diff, as of `diff -u`, is due")
    return Patch(data.decode(errors="replace"), tuple(edits))


def check_hunk(hunk: Hunk, path: str, lines: Sequence[str]) -> None:
    """Raise PatchError where the lines that a hunk keeps or removes differ from the file."""
    if not 0 <= find_hunk_start(hunk) <= len(lines):
        raise PatchError(f"it does not fit: {path} has {len(lines)} lines")
    for line in hunk:
        if line.source_line_no is None or line.line_type not in (" ", "-"):
            continue
        number = line.source_line_no
        if number > len(lines) or lines[number - 1] != line.value.rstrip("\n"):
            raise PatchError(f"it does not fit: line {number} of {path} reads otherwise")


def find_hunk_start(hunk: Hunk) -> int:
    """Return the index, from 0, of the line at which a hunk begins."""
    # A hunk without source lines gives the number of the line before it.
    return int(hunk.source_start - 1 if hunk.source_length else hunk.source_start)


def extract_edits(hunk: Hunk, path: str) -> Iterator[Edit]:
    """Yield an edit for each run of changed lines in a hunk."""
    index = find_hunk_start(hunk)
    start, added = index, list[str]()
    for line in hunk:
        if line.line_type == "-":
            index += 1
        elif line.line_type == "+":
            added.append(line.value.rstrip("\n"))
        elif line.line_type == " ":
            if added or index > start:
                yield Edit(path, start, index, tuple(added))
            index += 1
            start, added = index, []
    if added or index > start:
        yield Edit(path, start, index, tuple(added))
