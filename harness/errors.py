"""What can go wrong in a way that the person at the keyboard can mend."""

from __future__ import annotations


class HarnessError(Exception):
    """Something outside the harness is not as it must be.

    Shown without a traceback: `message` says what is wrong and where, `hint` what to do about it.
    """

    exit_status = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CaseError(HarnessError):
    """A case file cannot be read or contradicts itself."""


class ManifestError(HarnessError):
    """A port's manifest cannot be read or does not fit its folder."""


class EngineError(HarnessError):
    """No container engine answers, or the engine refused a request."""

    exit_status = 3


class BuildError(HarnessError):
    """A base image or a port could not be built; `log` holds what the build printed."""

    exit_status = 3

    def __init__(self, message: str, hint: str = "", log: str = "") -> None:
        super().__init__(message, hint)
        self.log = log


class ToolchainMissingError(BuildError):
    """A port's compiler or interpreter is not on this machine (engine `local`)."""
