"""Child processes of the harness, each the leader of its own process group.

Whatever a child starts belongs to its group and is ended with it. A program that leaves the group
(setsid) gets away: containers do not have that gap.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from harness.errors import EngineError

MAXIMUM_LOG_BYTES = 64 * 1024
"""How much of the end of a log is kept."""


@dataclass(frozen=True)
class CompletedCommand:
    """How a command ended: its return code (Popen's), None where it overran its time; its log."""

    return_code: int | None
    log: str


class ProcessGroup:
    """A child and whatever it starts."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.child = child

    def signal(self, signal_number: signal.Signals) -> None:
        """Send a signal to every process of the group that is left."""
        try:
            os.killpg(self.child.pid, signal_number)
        except (ProcessLookupError, PermissionError):
            # Nobody is left, or (on macOS) nobody but zombies.
            return

    def wait_for_leader(self, seconds: float) -> bool:
        """Whether the leader has ended, or ends within `seconds`."""
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, grace: float = 0.0) -> int:
        """End the group in steps: SIGTERM, `grace` seconds, SIGKILL. Returns Popen's returncode."""
        if grace > 0 and self.child.poll() is None:
            self.signal(signal.SIGTERM)
            self.wait_for_leader(grace)
        self.signal(signal.SIGKILL)
        return self.child.wait()


class ChildProcesses:
    """All the children that one engine has; closing it ends them, and no more can be started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[ProcessGroup] = set()
        self._closed = False

    @contextlib.contextmanager
    def block_starts(self) -> Iterator[None]:
        """Start no child meanwhile, and raise EngineError once this has been closed.

        A child that starts holds for a moment what the harness has open. A file that somebody
        could still write to cannot be executed.
        """
        with self._lock:
            if self._closed:
                raise EngineError("Nothing can be started: the engine has been closed.")
            yield

    def start(self, command: Sequence[str], **options: Any) -> ProcessGroup:
        """Start a child; `options` are Popen's. Raises OSError where it cannot be started."""
        with self.block_starts():
            group = ProcessGroup(subprocess.Popen(command, start_new_session=True, **options))
            self._groups.add(group)
            return group

    def end(self, group: ProcessGroup, grace: float = 0.0) -> int:
        """End one child in steps (`Group.end`) and forget it."""
        return_code = group.end(grace)
        self._groups.discard(group)
        return return_code

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
    ) -> CompletedCommand:
        """Run `command` in `folder` for at most `seconds` seconds; nothing of it is left afterwards.

        The log is what it printed on either stream. Raises OSError where it cannot be started.
        """
        with tempfile.TemporaryFile() as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            group = self.start(command, cwd=folder, env=environment, **streams)
            try:
                return_code = group.child.returncode if group.wait_for_leader(seconds) else None
            finally:
                self.end(group)
            return CompletedCommand(return_code, read_log_end(log))

    def close(self, grace: float = 0.0) -> None:
        """End every child that is left."""
        with self._lock:
            self._closed = True
        for group in list(self._groups):
            self.end(group, grace)


def read_log_end(log: IO[bytes]) -> str:
    """The end of a log file, LOG_BYTES of it at most."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - MAXIMUM_LOG_BYTES))
    ellipsis = "…" if size > MAXIMUM_LOG_BYTES else ""
    return ellipsis + log.read().decode(errors="replace")
