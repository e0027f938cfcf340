"""The parent's side of a judging process: it starts the process, asks it, and ends it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Lock
from typing import Any

BUDGET_SECONDS = 10.0
"""The processor time in which one answer is judged. An answer of the corpus takes at most 2 s."""

CODE = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from harness.judging.server import serve; serve(float(sys.argv[1]))"
)
"""The program of a judging process. It does not import the program that starts it: that may be a
script that would run ports again."""


STOPPED = "the run was stopped"

SECONDS_TO_END = 5.0
"""The time in which a process whose output has ended must itself have ended."""


class JudgingError(Exception):
    """An answer that could not be judged. The text says why."""


class BudgetError(JudgingError):
    """An answer whose judgement takes more processor time than its budget."""


class StoppedError(JudgingError):
    """An answer that is not judged because the run is stopped."""


class JudgingProcess:
    """A process that judges one answer at a time. It is started when it is asked first, and again
    after it has ended."""

    def __init__(self, state: bytes, budget: float = BUDGET_SECONDS) -> None:
        """Take the pickled state to which all tasks apply, and the budget of each in seconds."""
        self._state = state
        self._budget = budget
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = Lock()

    def ask(self, task: bytes) -> Any:
        """Return the value of a pickled task. Raises JudgingError if there is none."""
        process = self.start()
        assert process.stdout is not None
        try:
            write(process, task)
            reply = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise self._forget(process) from None
        if reply.failure:
            raise JudgingError(reply.failure)
        return reply.value

    def close(self) -> None:
        """End the process at once, whatever it is doing. It is not started again."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def start(self) -> subprocess.Popen[bytes]:
        """Return the process. It is started unless it runs already.

        Raises JudgingError if it cannot be started, or is closed.
        """
        with self._lock:
            if self._closed:
                raise StoppedError(STOPPED)
            if self._process is not None:
                return self._process
            try:
                self._process = start_server(self._budget)
            except OSError as error:
                raise JudgingError(f"no judging process could be started: {error}") from None
        with suppress(OSError):  # a process that has ended shows at the first task
            write(self._process, self._state)
        return self._process

    def _forget(self, process: subprocess.Popen[bytes]) -> JudgingError:
        """Return why a process ended before it answered. Another one takes the next task."""
        with self._lock:
            if self._closed:
                return StoppedError(STOPPED)
            self._process = None
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
        process.kill()
        status = process.wait()
        if status == -signal.SIGPROF:
            return BudgetError(f"judging takes more than {self._budget:g} s of processor time")
        reason = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
        return JudgingError(
            f"the harness failed: a judging process ended ({reason}), perhaps for lack of memory"
        )


def start_server(budget: float) -> subprocess.Popen[bytes]:
    """Start a process that serves tasks, each within `budget` seconds of processor time.

    It has one thread, as there is a process for each processor. It is in a session of its own,
    which Ctrl-C does not reach: its parent ends it. It ends by itself once the parent is gone.
    """
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(budget), *sys.path],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def write(process: subprocess.Popen[bytes], data: bytes) -> None:
    """Write pickled data to a process. Raises OSError if the process has ended."""
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()
