"""The trouble with a port: an exception that was raised while it was built, run or judged."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from harness.errors import BrokenPortError, BuildError, HarnessError, ToolchainMissingError
from harness.judging.judge import describe_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

MAXIMUM_LOG_LENGTH = 10_000


def describe_trouble(error: BaseException) -> str:
    """Return what was wrong. An exception of another kind than these is a fault of the harness."""
    if isinstance(error, HarnessError):
        return error.message
    return str(error) if isinstance(error, OSError) else describe_failure(error)


def format_log(error: BaseException) -> str:
    """Return the end of the output of a failed build, or the traceback of a fault of the harness,
    for the report of it."""
    if isinstance(error, HarnessError | OSError):
        log: str = getattr(error, "log", "")
        return log[-MAXIMUM_LOG_LENGTH:]
    return "".join(traceback.format_exception(error))[-MAXIMUM_LOG_LENGTH:]


def describe_run(error: BaseException) -> Mapping[str, object]:
    """Return the fields of the record of a run that an exception ended."""
    return {
        "trouble": describe_trouble(error),
        "log": format_log(error),
        "missing_toolchain": isinstance(error, ToolchainMissingError),
        "broken": isinstance(error, BrokenPortError),
    }


def is_build_failure(error: BaseException) -> bool:
    """Return whether a build failed, for which its files are the reason.

    Any other exception is a failure of the harness or of the engine.
    """
    return isinstance(error, BuildError)
