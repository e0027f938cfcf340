"""The files of a port's folder that go into a build."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ManifestError
from harness.files import display_path, is_inside, read_file
from harness.model.patch import apply_patches
from harness.model.port import Port, PortFile

if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_FILE_BYTES = 50_000_000
"""The largest file of a build, in bytes."""

MAXIMUM_FOLDER_BYTES = 200_000_000
"""The largest sum of all files of a build, in bytes."""

MAXIMUM_FILES = 10_000
MAXIMUM_DEPTH = 40
"""The most folders that enclose a file, within the port's folder."""

EXCLUDED_PATH_PATTERNS = (
    re.compile(r"(^|/)(\.[^/]*|__pycache__)(/|$)"),
    re.compile(r"^(port|findings)\.yaml$"),
    re.compile(r"\.(patch|pyc|class|o|hi)$"),
)
"""Files that do not go into a build: hidden files, the manifest, findings, compiler output."""

FOLDER_HINT = "A port's folder holds its program, its driver and what they need, and nothing else."


def read_build_files(port: Port) -> tuple[PortFile, ...]:
    """Return the files that go into a build of `port`, patched, in order of their paths.

    Raises ManifestError as `read_files` does.
    """
    return tuple(
        replace(file, data=apply_patches(file.path, file.data, port.patches))
        for file in read_files(port.folder)
    )


def read_files(folder: Path) -> Iterator[PortFile]:
    """Yield the files in a port's folder that go into a build, in order of their paths.

    These are all files except the manifest, findings, patches, hidden files and compiler output.
    Raises ManifestError for a link that leads out of the folder, for a file or a folder that cannot
    be read, and for a folder that is too large, too deep or has too many files.
    """
    size = 0
    for path in sorted(list_paths(folder)):
        file = _read_file(folder, path)
        size += len(file.data)
        if size > MAXIMUM_FOLDER_BYTES:
            message = f"{display_path(folder)}: larger than {MAXIMUM_FOLDER_BYTES:,} bytes"
            raise ManifestError(message, FOLDER_HINT)
        yield file


def list_paths(folder: Path) -> Iterator[str]:
    """Yield the paths of the files that go into a build, relative to `folder`, with `/`.

    Raises ManifestError for a folder that cannot be read, is nested too deep, or has too many
    files.
    """
    count = 0
    for root, folders, files in os.walk(folder, onerror=_refuse_folder):
        subfolder = Path(root).relative_to(folder)
        if len(subfolder.parts) > MAXIMUM_DEPTH:
            place = display_path(folder / subfolder.parts[0])
            message = f"{place}: folders are nested more than {MAXIMUM_DEPTH} deep"
            raise ManifestError(message, FOLDER_HINT)
        folders[:] = [name for name in folders if _is_built_from((subfolder / name).as_posix())]
        # `os.walk` does not enter a linked folder. The link is listed as a file, and refused then.
        links = [name for name in folders if (folder / subfolder / name).is_symlink()]
        paths = [(subfolder / name).as_posix() for name in files + links]
        count += len(paths)
        if count > MAXIMUM_FILES:
            message = f"{display_path(folder)}: more than {MAXIMUM_FILES:,} files"
            raise ManifestError(message, FOLDER_HINT)
        yield from filter(_is_built_from, paths)


def _read_file(folder: Path, path: str) -> PortFile:
    file = folder / path
    if not is_inside(file, folder):
        message = f"{display_path(file)}: a link that leads out of the port's folder"
        raise ManifestError(message, "Put the file itself there.")
    try:
        data = read_file(file, MAXIMUM_FILE_BYTES)
        return PortFile(path, data, bool(file.stat().st_mode & 0o100))
    except OSError as problem:
        message = f"{display_path(file)}: cannot be read: {problem.strerror}"
        raise ManifestError(message, "Check the file.") from None


def _refuse_folder(problem: OSError) -> None:
    if isinstance(problem, FileNotFoundError):
        return
    message = f"{display_path(Path(problem.filename))}: cannot be read: {problem.strerror}"
    raise ManifestError(message, "Check the permissions of the folder.")


def _is_built_from(path: str) -> bool:
    return not any(pattern.search(path) for pattern in EXCLUDED_PATH_PATTERNS)
