"""Reading files with a size limit, and writing them so that a failure keeps the previous file."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, BinaryIO

SMALL_FILE_BYTES = 1 << 20
"""The size up to which a temporary file is kept in memory."""

FILE_READ_BYTES = 1 << 16
"""Bytes read from a file at a time."""


def read_file(path: Path, limit: int, folder: Path | None = None) -> bytes:
    """Return the content of an ordinary file of at most `limit` bytes.

    Raises OSError as `open_file` does, and for a file that is larger.

    A file of size 0 counts as empty and is not read. The kernel's files in /proc have this size,
    and reading some of them does not end.
    """
    with open_file(path, folder) as file:
        size, data = os.fstat(file.fileno()).st_size, bytearray()
        # A single read of `limit` bytes would allocate that much memory even for a small file.
        while 0 < size <= limit and len(data) <= limit and (chunk := file.read(FILE_READ_BYTES)):
            data += chunk
    if max(size, len(data)) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes")
    return bytes(data)


def open_file(path: Path, folder: Path | None = None) -> BinaryIO:
    """Return an ordinary file, opened for reading.

    Raises OSError, with a reason for people in `strerror`, for a file that cannot be read, and for
    a folder, a pipe or a device: reading those may not end. With `folder`, it also raises OSError
    for a link that leads out of that folder.
    """
    if folder is not None and not is_inside(path, folder):
        raise OSError(errno.EINVAL, "it is a link that leads out of its folder")
    try:
        # Opening a device can have an effect, so it is recognised before.
        _check_ordinary(path.stat().st_mode)
        # Without O_NONBLOCK, a pipe that replaces the file here would block.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError:
        reason = "its name is not allowed: it has a null character, or one that is not UTF-8"
        raise OSError(errno.EINVAL, reason) from None
    file = os.fdopen(descriptor, "rb")
    try:
        _check_ordinary(os.fstat(descriptor).st_mode)
    except OSError:
        file.close()
        raise
    return file


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether `path`, with links followed, is inside `folder`."""
    # `realpath` keeps circular links, and reading them reports the error. `resolve` raises.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _check_ordinary(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not an ordinary file")


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to a file as `open_atomically` does, in UTF-8."""
    with open_atomically(path) as file:
        file.write(text.encode())


@contextlib.contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Yield a temporary file, and rename it to `path` in the end, so that no partial file appears.

    Creates the folder. Raises HarnessError if the file cannot be written. An older file is then
    unchanged.
    """
    temporary_path = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary_path = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            yield file
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


def open_temporary_file() -> IO[bytes]:
    """Return a new file without a name. A small one is in memory, and needs no disk."""
    return tempfile.SpooledTemporaryFile(SMALL_FILE_BYTES)


def close_quietly(file: IO[bytes]) -> None:
    """Close a file that nobody needs any more, even if its last bytes cannot be written."""
    with contextlib.suppress(OSError):
        file.close()


@contextlib.contextmanager
def describe_full_disk() -> Iterator[None]:
    """Turn an OSError in the block, about a temporary file, into a HarnessError for people."""
    try:
        yield
    except OSError as error:
        raise HarnessError(
            f"the results cannot be stored in {tempfile.gettempdir()}: {error.strerror}",
            "Free some disk space, or name another folder in the environment variable TMPDIR.",
        ) from None


def display_path(path: Path) -> str:
    """Return `path` for display: relative to the working folder if it is inside it.

    Bytes that are not UTF-8 become `?`, because a report cannot hold them.
    """
    try:
        # A link is shown by its own name, not by that of its target.
        text = str((path.parent.resolve() / path.name).relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):
        text = str(path)
    return text.encode(errors="replace").decode()
