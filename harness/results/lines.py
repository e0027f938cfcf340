"""A file of lines that are read one at a time, each of bounded length."""

from __future__ import annotations

import shutil
import weakref
from typing import IO

from harness.files import close_quietly, describe_full_disk, open_temporary_file

MAXIMUM_LINE_BYTES = 32_000_000
MAXIMUM_LINE_VALUES = 2_000_000
"""The bounds of one line: its length, and its number of values. Whoever reads a file needs memory
for one line at a time. A case with 250,000 entries, the most that a case may have, needs half."""


class LineTooLongError(ValueError):
    """A line that is longer than the bounds."""


class LineFile:
    """A binary file of lines. `start` is the position of its first line."""

    def __init__(self, file: IO[bytes] | None = None, start: int = 0) -> None:
        """Take an open file, or create a temporary one, which is removed with the object."""
        self._file = open_temporary_file() if file is None else file
        self.start = start
        weakref.finalize(self, close_quietly, self._file)

    def read(self, position: int) -> bytes:
        """Return the line at a position; it is empty at the end of the file.

        Raises LineTooLongError.
        """
        self._file.seek(position)
        return self.read_next()

    def read_next(self) -> bytes:
        """Return the line at the present position. Raises LineTooLongError."""
        line = self._file.readline(MAXIMUM_LINE_BYTES + 1)
        if len(line) > MAXIMUM_LINE_BYTES:
            raise LineTooLongError(f"longer than {MAXIMUM_LINE_BYTES:,} bytes")
        if line.count(b",") > MAXIMUM_LINE_VALUES:
            raise LineTooLongError(f"more than {MAXIMUM_LINE_VALUES:,} values")
        return line

    def tell(self) -> int:
        """Return the present position."""
        return self._file.tell()

    def append(self, line: bytes) -> int:
        """Write a line at the end, and return its position.

        Raises LineTooLongError, and HarnessError if it cannot be written.
        """
        if is_too_long(line):
            raise LineTooLongError("too long a line")
        with describe_full_disk():
            self._file.seek(0, 2)
            position = self._file.tell()
            self._file.write(line)
        return position

    def copy_to(self, target: IO[bytes]) -> None:
        """Copy all lines to another file."""
        self._file.seek(self.start)
        shutil.copyfileobj(self._file, target, 1 << 20)


def is_too_long(line: bytes) -> bool:
    """Return whether a line is longer than the bounds."""
    return len(line) > MAXIMUM_LINE_BYTES or line.count(b",") > MAXIMUM_LINE_VALUES
