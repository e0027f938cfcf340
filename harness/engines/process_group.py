"""Child processes of the harness, each the leader of its own process group.

Every process that a child starts belongs to its group and is ended with it. A process that leaves
the group (setsid) is ended with the run only. In containers it is ended with its container.
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
"""Bytes that are kept of the end of a log."""


@dataclass(frozen=True)
class CompletedCommand:
    """The return code (Popen's) and the log of a command; no return code if it took too long."""

    return_code: int | None
    log: str


class ProcessGroup:
    """A child process and every process that it starts."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.child = child

    def signal(self, signal_number: signal.Signals) -> None:
        """Send a signal to every process of the group that still exists."""
        try:
            os.killpg(self.child.pid, signal_number)
        except (ProcessLookupError, PermissionError):
            # The group is empty or (on macOS) holds only zombies.
            return

    def wait_for_leader(self, seconds: float) -> bool:
        """Wait up to `seconds` for the child itself to end, and return whether it has ended."""
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, grace: float = 0.0) -> int:
        """End the group in steps: SIGTERM, `grace` seconds, SIGKILL. Return Popen's return code."""
        if grace > 0 and self.child.poll() is None:
            self.signal(signal.SIGTERM)
            self.wait_for_leader(grace)
        self.signal(signal.SIGKILL)
        return self.child.wait()


class ChildProcesses:
    """All child processes of one engine. `close` ends them, and none can be started afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[ProcessGroup] = set()
        self._closed = False

    @contextlib.contextmanager
    def block_starts(self) -> Iterator[None]:
        """Let no child start while the context is active. Raises EngineError after `close`.

        Between fork and exec a child holds all files open that the harness has open, and a file
        that is open for writing cannot be executed.
        """
        with self._lock:
            if self._closed:
                raise EngineError("Nothing can be started: the engine has been closed.")
            yield

    def start(self, command: Sequence[str], **options: Any) -> ProcessGroup:
        """Start a child and return its group; `options` are Popen's.

        Raises OSError if the command cannot be started, and EngineError after `close`.
        """
        with self.block_starts():
            group = ProcessGroup(subprocess.Popen(command, start_new_session=True, **options))
            self._groups.add(group)
            return group

    def end(self, group: ProcessGroup, grace: float = 0.0) -> int:
        """End one child in steps, as `ProcessGroup.end` does. Return Popen's return code."""
        return_code = group.end(grace)
        self._groups.discard(group)
        return return_code

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
    ) -> CompletedCommand:
        """Run `command` in `folder` for at most `seconds`, then end every process that it started.

        The log holds the output of both streams. Raises OSError if the command cannot be started.
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
        """End every child that still runs, and refuse to start another."""
        with self._lock:
            self._closed = True
        for group in list(self._groups):
            self.end(group, grace)


def read_log_end(log: IO[bytes]) -> str:
    """Return the end of a log file, at most MAXIMUM_LOG_BYTES bytes of it."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - MAXIMUM_LOG_BYTES))
    ellipsis = "…" if size > MAXIMUM_LOG_BYTES else ""
    return ellipsis + log.read().decode(errors="replace")
