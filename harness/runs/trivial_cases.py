"""Tests whether a port answers at all, where its first answer is missing.

A program that does not start, a driver that fails before it prints anything, and one that prints
something else than the protocol say nothing about the listing. Such a port is broken, and nothing
of it is judged. A listing may crash even on a trivial system, so a port is broken only if it
answers none of these in the protocol, whatever the answers are.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.errors import BrokenPortError
from harness.model.answer import Ending
from harness.protocol.connection import Request
from harness.protocol.session import run_cases
from harness.text import excerpt_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.engines.base import Program
    from harness.model.answer import Transcript
    from harness.model.port import Port
    from harness.protocol.connection import CaseLimits

TRIVIAL_CASES = (
    Request("trivial-1", b"case trivial-1 2 3 1\n1 0 2\n0 1 3\n", 6),
    Request("trivial-2", b"case trivial-2 2 3 1\n2 1 5\n1 3 10\n", 6),
    Request("trivial-3", b"case trivial-3 1 2 1\n2 3\n", 2),
)
"""Regular systems: one in which nothing is to eliminate, one of two equations, one of one."""

MAXIMUM_LOG_LINES = 20
MAXIMUM_LINE_LENGTH = 300


def require_answer(program: Program, port: Port, limits: CaseLimits) -> None:
    """Raise BrokenPortError if `program` answers none of the trivial cases in the protocol.

    Each is asked of a fresh process where the one before failed. Raises EngineError where the
    engine itself fails.
    """
    # A process that stays silent takes all the time that a port has to start, so one must do.
    patience = replace(limits, hangs=1)
    transcripts: list[Transcript] = []
    with closing(run_cases(program, port.run, TRIVIAL_CASES, patience)) as answers:
        for transcript in answers:
            if transcript.follows_protocol:
                return
            transcripts.append(transcript)
    raise BrokenPortError(
        f"`{' '.join(port.run)}` answers no case: {describe_failure(transcripts[0])}",
        f"`harness probe {port.name}` tests the driver step by step.",
        format_log(transcripts[0]),
    )


def describe_failure(transcript: Transcript) -> str:
    """Return what came in place of an answer."""
    if transcript.ending is Ending.HUNG and transcript.remarks:
        return f"it printed lines that are not of the protocol; {transcript.reason}"
    return transcript.reason or f"{transcript.ending}"


def format_log(transcript: Transcript) -> str:
    """Return the last lines that a process printed, those on standard error last."""
    sections = (
        ("standard output", transcript.remarks[:MAXIMUM_LOG_LINES]),
        ("standard error", transcript.errors[-MAXIMUM_LOG_LINES:]),
    )
    return "".join(format_section(title, lines) for title, lines in sections if lines)


def format_section(title: str, lines: Sequence[str]) -> str:
    """Return lines of bounded length below their title."""
    excerpt = excerpt_lines(lines, MAXIMUM_LOG_LINES, MAXIMUM_LINE_LENGTH)
    return "".join(f"{line}\n" for line in (f"{title}:", *excerpt))
