"""Reading files with a size limit, and writing them so that a failure keeps the previous file."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from harness.errors import HarnessError

FILE_READ_BYTES = 1 << 16
"""Bytes read from a file at a time."""


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the content of a file. Raises OSError if it is larger than `limit` bytes."""
    data = bytearray()
    with path.open("rb") as file:
        # A single read of `limit` bytes would allocate that much memory even for a small file.
        while len(data) <= limit and (chunk := file.read(FILE_READ_BYTES)):
            data += chunk
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes")
    return bytes(data)


def read_regular_file(path: Path, limit: int) -> bytes:
    """Read as `read_bounded` does. Raises OSError for pipes and devices too: they may not end."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not an ordinary file")
    return read_bounded(path, limit)


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to a temporary file and rename it to `path`, so that no partial file appears.

    Creates the folder. Raises HarnessError if the file cannot be written. An older file is then
    unchanged.
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
            "Free some disk space, or choose another folder with --out. "
            "An older file at this path is unchanged.",
        ) from None
    finally:
        if temporary_path is not None:
            with contextlib.suppress(OSError):
                Path(temporary_path).unlink()


def display_path(path: Path) -> str:
    """Return `path` for display: relative to the working folder if it is inside it.

    Bytes that are not UTF-8 become `?`, because a report cannot hold them.
    """
    try:
        text = str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):
        text = str(path)
    return text.encode(errors="replace").decode()
