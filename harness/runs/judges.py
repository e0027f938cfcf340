"""The judges of a run: they judge the answers of all ports, in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from harness.judging.cache import JudgementCache
from harness.judging.expectations import Expectations, judge_answer
from harness.judging.pool import JudgePool
from harness.runs.answers import PendingAnswer
from harness.runs.own_example import PendingExample, judge_own_example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from harness.judging.cache import Judgements
    from harness.model.answer import ProgramOutput, Transcript
    from harness.model.case import Case
    from harness.model.contract import Contract
    from harness.model.port import Port

P = ParamSpec("P")
T = TypeVar("T")


class Judges:
    """The judges of the answers to some cases. A context manager. Threads may use it."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._pool = JudgePool(Expectations(cases))
        self._cache = JudgementCache(self._judge)

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, port: Port, transcript: Transcript) -> PendingAnswer:
        """Return an answer of a port that is being judged."""
        contract = port.contract
        judgements = self._cache.submit(port.name, contract, transcript)
        return PendingAnswer(transcript, contract, judgements)

    def submit_example(self, port: Port, output: ProgramOutput) -> PendingExample:
        """Return the output of a listing's own main that is being judged."""
        return PendingExample(self._pool.submit(port.name, judge_own_example, port, output))

    def describe(
        self,
        describe_case: Callable[Concatenate[Expectations, P], T],
        *arguments: P.args,
        **options: P.kwargs,
    ) -> Future[T]:
        """Return a future of a function of what is expected of the cases."""
        return self._pool.submit("cases", describe_case, *arguments, **options)

    def close(self) -> None:
        """End all judgements at once. Answers that are not judged by then are never judged."""
        self._pool.close()

    def _judge(self, port: str, contract: Contract, transcript: Transcript) -> Future[Judgements]:
        return self._pool.submit(port, judge_answer, contract, transcript)
