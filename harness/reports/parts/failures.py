"""The words for a port that could not be run, and for one whose program answers no case."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.results.schema import FurtherRunRecord, PortRecord, RunRecord

TOOLCHAIN_MISSING = "was not run: its toolchain is missing"
BROKEN = "is broken: its program answers no case"
NOT_RUN = "could not be run"


def format_plain_title(port: str) -> str:
    """Return the title of a port in its plain build."""
    return f"{port} built plainly"


def name_failure(record: PortRecord | FurtherRunRecord) -> str:
    """Return `broken` or `not run`, for a cell of a table."""
    return "broken" if record.broken else "not run"


def describe_failure(record: PortRecord | FurtherRunRecord) -> str:
    """Return the end of a sentence that begins with the name of a port that has no results."""
    if record.broken:
        return BROKEN
    return TOOLCHAIN_MISSING if record.missing_toolchain else NOT_RUN


def build_next_step(run: RunRecord, port: str, record: PortRecord | FurtherRunRecord) -> str:
    """Return the command that tests the driver of a broken port, or nothing for other ports."""
    return run.probe.replace("{port}", shlex.quote(port)) if record.broken else ""


def format_trouble(run: RunRecord, port: str, record: PortRecord | FurtherRunRecord) -> str:
    """Return why a port has no results, and the next step where there is one, as sentences."""
    command = build_next_step(run, port, record)
    return f"{record.trouble}. Next: {command}" if command else record.trouble
