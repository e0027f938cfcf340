"""Ends the processes that a run has left behind, and removes its folder.

The module is also a program: it waits until the run that started it has ended, in whatever way, and
then cleans up. It is run on its own, so it imports the standard library only.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSES = Path("/proc")
MAXIMUM_ROUNDS = 50
SECONDS_BETWEEN_ROUNDS = 0.02
SECONDS_TO_START = 0.3
"""Time for a process that was being started when the run ended; then it can be recognised."""

SECONDS_PER_LOOK = 1.0


def clean_up(folder: Path) -> None:
    """End all processes of a run, and remove its folder."""
    end_processes(folder)
    remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, however deep, as far as possible.

    `shutil.rmtree` calls itself for each level, and fails beyond a thousand. Here folders are moved
    up one level at a time, so that no path becomes long. Links are not followed.
    """
    with contextlib.suppress(OSError):
        numbers = itertools.count()
        while folders := remove_files(folder):
            for inner in folders:
                for innermost in remove_files(inner):
                    innermost.rename(folder / f".removed-{next(numbers)}")
                inner.rmdir()
        folder.rmdir()


def remove_files(folder: Path) -> list[Path]:
    """Remove what is no folder from a folder, and return the folders in it. Raises OSError."""
    folder.chmod(0o700)
    folders = []
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            # A folder can be moved only by those who may write to it.
            Path(entry.path).chmod(0o700)
            folders.append(Path(entry.path))
        else:
            Path(entry.path).unlink()
    return folders


def end_processes(folder: Path) -> None:
    """Kill the processes whose home or working folder lies in `folder`, until none is left.

    Without /proc, which only Linux has, none is found.
    """
    for _ in range(MAXIMUM_ROUNDS):
        processes = [process for process in list_processes() if belongs_to(process, folder)]
        if not processes:
            return
        for process in processes:
            kill(process)
        time.sleep(SECONDS_BETWEEN_ROUNDS)


def list_processes() -> Iterator[int]:
    """Yield the ids of all processes on this machine but the present one."""
    if PROCESSES.is_dir():
        names = (entry.name for entry in PROCESSES.iterdir())
        yield from (int(name) for name in names if name.isdigit() and int(name) != os.getpid())


def belongs_to(process: int, folder: Path) -> bool:
    """Return whether the home or the working folder of a process lies in a folder."""
    home = b"\0HOME=" + os.fsencode(folder) + b"/"
    # Each may be closed to the reader, or gone, without the other.
    with contextlib.suppress(OSError):
        if home in b"\0" + (PROCESSES / f"{process}" / "environ").read_bytes():
            return True
    with contextlib.suppress(OSError):
        return (PROCESSES / f"{process}" / "cwd").readlink().is_relative_to(folder)
    return False


def kill(process: int) -> None:
    """Kill a process, unless it has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)


def wait_for_end_of(parent: int) -> None:
    """Wait until a parent process has ended, or closes the pipe that is standard input."""
    while os.getppid() == parent:
        if select.select([sys.stdin], [], [], SECONDS_PER_LOOK)[0]:
            return


def main(folder: Path, parent: int) -> None:
    """Wait for the end of a run, and clean up what it has left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    wait_for_end_of(parent)
    if folder.exists():
        # The run did not end by itself.
        clean_up(folder)
        time.sleep(SECONDS_TO_START)
    clean_up(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
