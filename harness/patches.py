"""Patches: corrections of a port's files, each made against the files as they were published.

They are read with their context, but put to use without it: several of them go into one copy, in
any order, as long as no two touch the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class PatchError(ValueError):
    """A patch cannot be read, or does not fit the files that it is for; says why, for people."""


@dataclass(frozen=True)
class Edit:
    """Lines of a file put in the place of others: of those from `start` (from 0) to `end`.

    Nothing is taken away where both are the same; `added` then stands before that line.
    """

    path: str
    start: int
    end: int
    added: tuple[str, ...]

    def touches(self, other: Edit) -> bool:
        """Whether both change the same lines, or insert something at the same place."""
        if self.path != other.path:
            return False
        return self.start == other.start or (self.start < other.end and other.start < self.end)


@dataclass(frozen=True)
class Patch:
    """A patch: its text (a unified diff), and the edits that it asks for."""

    text: str
    edits: tuple[Edit, ...]

    def touches(self, other: Patch) -> bool:
        """Whether both change the same place of some file."""
        return any(mine.touches(yours) for mine in self.edits for yours in other.edits)


def parse_patch(data: bytes, files: Mapping[str, bytes]) -> Patch:
    """The patch that a unified diff describes, for `files` by their paths (with `/`).

    Raises PatchError where it is no diff, and where it does not fit the files: a file that is not
    among them, or lines that read otherwise there.
    """
    try:
        changed = PatchSet(data.decode(errors="surrogateescape"))
    except (UnidiffParseError, ValueError) as problem:
        raise PatchError(f"it is not a unified diff: {problem!s:.100}") from None
    edits: list[Edit] = []
    for file in changed:
        if file.path not in files:
            raise PatchError(f"it changes `{file.path:.100}`, which is not a file of the port")
        lines = lines_of(files[file.path])
        for hunk in file:
            compare(hunk, file.path, lines)
            edits += edits_of(hunk, file.path)
    if not edits:
        raise PatchError("it changes nothing; a unified diff, as of `diff -u`, is due")
    return Patch(data.decode(errors="replace"), tuple(edits))


def compare(hunk: Hunk, path: str, lines: Sequence[str]) -> None:
    """Raise PatchError where the lines that a hunk keeps or takes away read otherwise."""
    if not 0 <= start_of(hunk) <= len(lines):
        raise PatchError(f"it does not fit: {path} has {len(lines)} lines")
    for line in hunk:
        if line.source_line_no is None or line.line_type not in (" ", "-"):
            continue
        number = line.source_line_no
        if number > len(lines) or lines[number - 1] != line.value.rstrip("\n"):
            raise PatchError(f"it does not fit: line {number} of {path} reads otherwise")


def start_of(hunk: Hunk) -> int:
    """The line, from 0, before or with which a hunk begins."""
    # A hunk that takes no line, kept or not, says behind which line it stands.
    return int(hunk.source_start - 1 if hunk.source_length else hunk.source_start)


def edits_of(hunk: Hunk, path: str) -> Iterator[Edit]:
    """Each run of changed lines in a hunk, as an edit."""
    at = start_of(hunk)
    start, added = at, list[str]()
    for line in hunk:
        if line.line_type == "-":
            at += 1
        elif line.line_type == "+":
            added.append(line.value.rstrip("\n"))
        elif line.line_type == " ":
            if added or at > start:
                yield Edit(path, start, at, tuple(added))
            at += 1
            start, added = at, []
    if added or at > start:
        yield Edit(path, start, at, tuple(added))


def patched(path: str, data: bytes, patches: Iterable[Patch]) -> bytes:
    """A file as it is with all of the patches; no two of them may touch the same place."""
    edits = [edit for patch in patches for edit in patch.edits if edit.path == path]
    if not edits:
        return data
    lines = lines_of(data)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        lines[edit.start : edit.end] = edit.added
    return "\n".join(lines).encode(errors="surrogateescape")


def lines_of(data: bytes) -> list[str]:
    """A file's lines, the empty one after the last newline included; any bytes survive this."""
    return data.decode(errors="surrogateescape").split("\n")
