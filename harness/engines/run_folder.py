"""The temporary folder of a run of the engine `local`, which does not outlive the run.

A run holds a lock on a file in its folder, which ends with its process. A second process removes
the folder when the first has ended. Where both are killed, the next run finds the folder without a
lock, and removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.engines import leftovers

PREFIX = "harness-"
LOCK_NAME = "lock"
SECONDS_TO_CLEAN_UP = 10.0


class RunFolder:
    """A new folder for temporary files, `path`. `remove` removes it, and ends what runs in it."""

    def __init__(self) -> None:
        """Make the folder, and remove those of runs that have ended. Raises OSError."""
        remove_abandoned_folders()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        self._lock = make_lock(self.path)
        self._cleaner = subprocess.Popen(
            [sys.executable, "-I", "-S", leftovers.__file__, str(self.path), str(os.getpid())],
            # A session of its own: what ends the run must not end it too.
            start_new_session=True,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def remove(self) -> None:
        """Remove the folder, and end the processes that run in it. Can be called again."""
        leftovers.remove_folder(self.path)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._cleaner.communicate(timeout=SECONDS_TO_CLEAN_UP)
        os.close(self._lock)


def make_lock(folder: Path) -> int:
    """Return the descriptor of a lock in a folder, which is held until it is closed."""
    path = folder / f".{LOCK_NAME}"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    # The name appears once the lock is held, so that no other run takes the folder for abandoned.
    path.rename(folder / LOCK_NAME)
    return descriptor


def remove_abandoned_folders() -> None:
    """Remove the folders of this user's runs that have ended, and end what still runs in them."""
    for folder in Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid == os.geteuid() and not folder.is_symlink():
                remove_if_abandoned(folder)


def remove_if_abandoned(folder: Path) -> None:
    """Remove a folder unless a run holds its lock. Raises OSError where a run does."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        leftovers.clean_up(folder)
    finally:
        os.close(descriptor)
