"""Files, read with bounds, and written so that what was there survives whatever goes wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import HarnessError

if TYPE_CHECKING:
    pass

BYTES_PER_READ = 1 << 16
"""Bytes read at a time."""


def read_bounded(path: Path, limit: int) -> bytes:
    """What is in a file, at most `limit` bytes; raises OSError where there are more."""
    data = bytearray()
    with path.open("rb") as file:
        # One read of `limit` bytes would take memory for all of them, however few there are.
        while len(data) <= limit and (chunk := file.read(BYTES_PER_READ)):
            data += chunk
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes")
    return bytes(data)


def read_regular_file(path: Path, limit: int) -> bytes:
    """As `read_bounded`; raises OSError about a pipe or a device too, which may never end."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not an ordinary file")
    return read_bounded(path, limit)


def write_atomically(path: Path, text: str) -> None:
    """Write `text` beside `path` and then rename: there is never half a file.

    Makes the folder. Raises HarnessError where it cannot be written; an older file is then whole.
    """
    temporary_path = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary_path = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary_path).chmod(0o644)
        Path(temporary_path).replace(path)
    except OSError as error:
        raise HarnessError(
            f"{path} cannot be written: {error.strerror}",
            "Make room or choose another folder with --out. What was there before is unharmed.",
        ) from None
    finally:
        if temporary_path is not None:
            with contextlib.suppress(OSError):
                Path(temporary_path).unlink()


def display_path(path: Path) -> str:
    """`path` as people see it: from the working folder, where it lies inside that.

    What in it is not UTF-8, which a report cannot hold, becomes `?`.
    """
    try:
        text = str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):
        text = str(path)
    return text.encode(errors="replace").decode()
