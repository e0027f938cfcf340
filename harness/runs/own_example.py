"""The judgement on the output of a listing's own main."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judging.judge import describe_failure
from harness.judging.own_example import build_example_case, judge_published
from harness.model.check import PUBLISHED_OUTPUT
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import expect

if TYPE_CHECKING:
    from harness.model.answer import ProgramOutput
    from harness.model.port import Port


def judge_own_example(port: Port, output: ProgramOutput) -> Judgement:
    """Return the judgement on the output of a listing's own main.

    A failure of the judgement itself is a fault of the harness: the check is then `not judged`.
    """
    try:
        return judge_published(port, expect(build_example_case(port), port.arithmetic), output)
    except Exception as error:
        return Judgement(PUBLISHED_OUTPUT, Outcome.NOT_JUDGED, describe_failure(error))


def build_missing_example(port: Port, trouble: str) -> Judgement:
    """Return the judgement on a listing's own main that was not run."""
    if trouble:
        return Judgement(PUBLISHED_OUTPUT, Outcome.GIVEN_UP, trouble)
    return Judgement(PUBLISHED_OUTPUT, Outcome.ABSENT, "the listing has no main")
