"""Processes that fail between two cases, after the answer to one and before the next begins.

Whether the last case or the process itself is at fault is not known. The next case is asked again,
of a fresh process, and its answer says that the first process failed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.answer import Discontinuity, Ending

if TYPE_CHECKING:
    from harness.model.answer import Transcript
    from harness.protocol.connection import CaseLimits

EACH_ALONE = "from here on, each case has a process of its own"


class Continuity:
    """The processes of a port, as far as they go on from one case to the next."""

    def __init__(self, limits: CaseLimits) -> None:
        self._limits = limits
        self._short_processes = 0
        self._failure: Discontinuity | None = None

    @property
    def is_lost(self) -> bool:
        """True if so many processes failed after one answer that none is asked a second case."""
        return self._short_processes >= self._limits.short_processes

    def fail(self, failed: Transcript, after: str, answered: int) -> None:
        """Note that a process with so many answers failed before it began with a case.

        `failed` is what came in place of that answer, and `after` the case before it.
        """
        self._short_processes = self._short_processes + 1 if answered == 1 else 0
        reason = f"{failed.reason}; {EACH_ALONE}" if self.is_lost else failed.reason
        self._failure = Discontinuity(after, failed.ending, reason)

    def add(self, transcript: Transcript, answered: int) -> tuple[Transcript, bool]:
        """Return the transcript of a case with the failure before it, and whether one hung.

        `answered` is the number of answers of the process, this one included. Where the fresh
        process fails at the case as well, the case is at fault, and the first process is not.
        """
        failure, self._failure = self._failure, None
        if answered > 1:
            self._short_processes = 0
        endings = (transcript.ending, failure and failure.ending)
        if failure is not None and transcript.ending is Ending.COMPLETED:
            transcript = replace(transcript, discontinuity=failure)
        return transcript, Ending.HUNG in endings
