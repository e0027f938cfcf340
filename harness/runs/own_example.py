"""The judgement on the output of a listing's own main."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.judging.judge import describe_failure
from harness.judging.own_example import build_example_case, judge_published
from harness.judging.process import JudgingError, StoppedError
from harness.model.check import PUBLISHED_OUTPUT
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import expect

if TYPE_CHECKING:
    from concurrent.futures import Future

    from harness.model.answer import ProgramOutput
    from harness.model.port import Port


@dataclass(frozen=True)
class PendingExample:
    """The output of a listing's own main that is being judged."""

    judgement: Future[Judgement]

    def get(self) -> Judgement:
        """Return the judgement. Raises StoppedError if the run is stopped before it is made."""
        try:
            return self.judgement.result()
        except StoppedError:
            raise
        except JudgingError as error:
            return Judgement(PUBLISHED_OUTPUT, Outcome.NOT_JUDGED, str(error))


def judge_own_example(_: object, port: Port, output: ProgramOutput) -> Judgement:
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
