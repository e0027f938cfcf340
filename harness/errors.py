"""Errors that the user can correct."""

from __future__ import annotations


class HarnessError(Exception):
    """An error outside the harness: in its input, its usage or its surroundings.

    Commands print it without a traceback. `message` says what is wrong and where, `hint` says how
    to correct it, and `exit_status` is the exit status of the command.
    """

    exit_status = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CaseError(HarnessError):
    """A case file that cannot be read, or that contradicts itself."""


class ManifestError(HarnessError):
    """A port's manifest that cannot be read, or that does not match the port's folder."""


class EngineError(HarnessError):
    """A container engine that does not answer or refuses a request, or a failure of an engine."""

    exit_status = 3


class BuildError(HarnessError):
    """A build of a base image or a port that failed. `log` holds the output of the build."""

    exit_status = 3

    def __init__(self, message: str, hint: str = "", log: str = "") -> None:
        super().__init__(message, hint)
        self.log = log


class BrokenPortError(BuildError):
    """A port that was built, and whose program answers no case. `log` is what it printed last."""


class ToolchainMissingError(BuildError):
    """A compiler or interpreter that this machine lacks (engine `local`)."""


class InternalError(HarnessError):
    """A failure of the harness itself. `log` is the traceback."""

    exit_status = 3

    def __init__(self, message: str, hint: str = "", log: str = "") -> None:
        super().__init__(message, hint)
        self.log = log
