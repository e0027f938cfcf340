"""Patches as edits of lines, and the application of patches to a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Edit:
    """The replacement of the lines from index `start` up to, not including, `end` by `added`.

    Where `start` equals `end`, nothing is removed, and `added` is inserted before line `start`.
    """

    path: str
    start: int
    end: int
    added: tuple[str, ...]

    def overlaps(self, other: Edit) -> bool:
        """Return whether both edits change the same lines, or begin at the same line."""
        if self.path != other.path:
            return False
        return self.start == other.start or (self.start < other.end and other.start < self.end)


@dataclass(frozen=True)
class Patch:
    """A patch: its text, which is a unified diff, and the edits that it describes."""

    text: str
    edits: tuple[Edit, ...]

    def overlaps(self, other: Patch) -> bool:
        """Return whether both patches have an edit of the same lines of a file."""
        return any(edit.overlaps(other_edit) for edit in self.edits for other_edit in other.edits)


def apply_patches(path: str, data: bytes, patches: Iterable[Patch]) -> bytes:
    """Return the content of a file with all patches applied. No two patches may overlap."""
    edits = [edit for patch in patches for edit in patch.edits if edit.path == path]
    if not edits:
        return data
    lines = split_lines(data)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        lines[edit.start : edit.end] = edit.added
    return "\n".join(lines).encode(errors="surrogateescape")


def split_lines(data: bytes) -> list[str]:
    """Return the lines of a file, with an empty line after the last newline.

    Bytes that are not UTF-8 are kept as surrogates.
    """
    return data.decode(errors="surrogateescape").split("\n")
