"""The version of a port's toolchain, as its version command prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.answer import Ending
from harness.protocol.error_log import last_error_line
from harness.protocol.session import run_to_end

if TYPE_CHECKING:
    from harness.engines.base import Program
    from harness.model.answer import ProgramOutput
    from harness.model.port import Port
    from harness.protocol.connection import CaseLimits

UNKNOWN = "unknown"
MAXIMUM_VERSION_LENGTH = 200
TRACEBACK_START = "Traceback (most recent call last)"


def read_version(program: Program, port: Port, limits: CaseLimits) -> str:
    """Return the first line that the version command prints.

    Return `unknown`, and the reason, where the command fails, prints nothing, or prints a
    traceback. Raises EngineError where the engine itself fails.
    """
    output = run_to_end(program, port.version, limits)
    lines = [line.strip() for line in (*output.output.splitlines(), *output.errors) if line.strip()]
    if reason := explain_unknown_version(output, lines):
        return f"{UNKNOWN} ({reason})"[:MAXIMUM_VERSION_LENGTH]
    return lines[0][:MAXIMUM_VERSION_LENGTH]


def explain_unknown_version(output: ProgramOutput, lines: list[str]) -> str:
    """Return why the output of a version command is no version, or an empty string if it is one."""
    if output.ending is not Ending.COMPLETED:
        last_line = last_error_line(output.errors)
        reason = f"the version command failed: {output.reason}"
        return f"{reason}: {last_line}" if last_line else reason
    if not lines:
        return "the version command prints nothing"
    if lines[0].startswith(TRACEBACK_START):
        return f"the version command failed: {lines[-1]}"
    return ""
