"""The child's side of a judging process: it reads tasks, and writes their results.

A task is a function and its arguments. The function is also given the state that the process
received when it started. Each task has a budget of processor time. The kernel ends a process that
exceeds it, also in the middle of a computation in C.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.judging.judge import describe_failure

if TYPE_CHECKING:
    from typing import BinaryIO

MAXIMUM_BYTES = 2 << 30
"""The memory of a judging process. One that needs more is ended, and costs one answer."""


@dataclass(frozen=True)
class Reply:
    """The value of a task, or the description of the exception that it raised."""

    value: Any = None
    failure: str = ""


def serve(budget: float) -> None:
    """Answer tasks until standard input is closed, each within `budget` seconds of processor time.

    The first thing to read is the state.
    """
    tasks, replies = take_streams()
    resource.setrlimit(resource.RLIMIT_DATA, (MAXIMUM_BYTES, MAXIMUM_BYTES))
    try:
        state = pickle.load(tasks)
        while True:
            task = pickle.load(tasks)
            signal.setitimer(signal.ITIMER_PROF, budget)
            reply = answer(state, *task)
            signal.setitimer(signal.ITIMER_PROF, 0)
            replies.write(pickle.dumps(reply))
            replies.flush()
    except (EOFError, BrokenPipeError):
        # The parent closed the pipes, or is gone. Python must not flush them again when it exits.
        os._exit(0)


def take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the streams of tasks and replies, and let nothing else be printed to the latter."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, replies


def answer(state: object, function: Any, arguments: Any, options: Any) -> Reply:
    """Return the value of a function of the state and of these arguments, or its failure."""
    try:
        return Reply(function(state, *arguments, **options))
    except Exception as error:
        return Reply(failure=describe_failure(error))
