"""The judgement on a process that fails between two cases.

It is no fault of the case that comes next, which a fresh process answers, but of the process: the
protocol asks a process to answer any number of cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import CONTINUES
from harness.model.verdict import Judgement
from harness.procedures.evidence import OUTCOMES_OF_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Transcript


def judge_continuation(transcript: Transcript) -> Iterator[Judgement]:
    """Yield the judgement on a process that failed before this case; none where none did."""
    if (failure := transcript.discontinuity) is not None:
        detail = f"{failure.ending} after the answer to {failure.after}: {failure.reason}"
        yield Judgement(CONTINUES, OUTCOMES_OF_ENDINGS[failure.ending], detail)
