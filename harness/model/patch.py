"""Patches as edits of lines, and their application to a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Edit:
    """Lines of a file put in the place of others: of those from `start` (from 0) to `end`.

    Nothing is taken away where both are the same; `added` then stands before that line.
    """

    path: str
    start: int
    end: int
    added: tuple[str, ...]

    def overlaps(self, other: Edit) -> bool:
        """Whether both change the same lines, or insert something at the same place."""
        if self.path != other.path:
            return False
        return self.start == other.start or (self.start < other.end and other.start < self.end)


@dataclass(frozen=True)
class Patch:
    """A patch: its text (a unified diff), and the edits that it asks for."""

    text: str
    edits: tuple[Edit, ...]

    def overlaps(self, other: Patch) -> bool:
        """Whether both change the same place of some file."""
        return any(edit.overlaps(other_edit) for edit in self.edits for other_edit in other.edits)


def apply_patches(path: str, data: bytes, patches: Iterable[Patch]) -> bytes:
    """A file as it is with all of the patches; no two of them may touch the same place."""
    edits = [edit for patch in patches for edit in patch.edits if edit.path == path]
    if not edits:
        return data
    lines = split_lines(data)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        lines[edit.start : edit.end] = edit.added
    return "\n".join(lines).encode(errors="surrogateescape")


def split_lines(data: bytes) -> list[str]:
    """A file's lines, the empty one after the last newline included; any bytes survive this."""
    return data.decode(errors="surrogateescape").split("\n")
