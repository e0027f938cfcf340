"""Output that was judged before is not judged again."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import pytest

from harness.judging.cache import JudgementCache, Judgements
from harness.judging.expectations import Expectations, judge_answer
from harness.model.answer import Ending, Transcript
from harness.model.case import Case
from harness.model.contract import Contract
from support.eliminations import NOTICE, Program, make_case, make_elimination_port
from support.factorisations import Factorisation, make_factorisation_port, make_stage
from support.faulty_eliminations import LeavesResidue

CASE = make_case([[22, 1, 1], [15, 1, 0]])
OTHER = make_case([[2, 1, 3], [1, 3, 5]], name="another-case")


class Judge:
    """A judge at once, in this process; `cases` are those that it judged, in their order."""

    def __init__(self) -> None:
        self.cases: list[str] = []

    def submit(self, port: str, contract: Contract, transcript: Transcript) -> Future[Judgements]:
        self.cases.append(transcript.case)
        future: Future[Judgements] = Future()
        future.set_result(judge_answer(Expectations((CASE, OTHER)), contract, transcript))
        return future


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def cache(judge: Judge) -> JudgementCache:
    return JudgementCache(judge.submit)


def make_transcript(case: Case = CASE, program: type[Program] = Program) -> Transcript:
    return program().make_transcript(case)


def judge_anew(contract: Contract, transcript: Transcript) -> Judgements:
    return judge_answer(Expectations((CASE, OTHER)), contract, transcript)


def test_the_same_output_is_judged_once(judge: Judge, cache: JudgementCache) -> None:
    contract, transcript = make_elimination_port().contract, make_transcript()
    first = cache.submit("port", contract, transcript).result()
    second = cache.submit("another", contract, replace(transcript, seconds=9.0)).result()
    assert first == second == judge_anew(contract, transcript)
    assert judge.cases == ["a-case"]


def test_output_that_is_being_judged_is_not_judged_twice() -> None:
    pending: Future[Judgements] = Future()
    cache = JudgementCache(lambda *_: pending)
    contract, transcript = make_elimination_port().contract, make_transcript()
    assert cache.submit("port", contract, transcript) is pending
    assert cache.submit("another", contract, transcript) is pending


@pytest.mark.parametrize(
    "other",
    [
        make_transcript(program=LeavesResidue),
        replace(make_transcript(), ending=Ending.CRASHED, reason="SIGSEGV"),
        replace(make_transcript(), remarks=(NOTICE,)),
        replace(make_transcript(), errors=(NOTICE,)),
        replace(make_transcript(), failures={"gauss_jordan": "no luck"}),
        replace(make_transcript(), stages=dict(list(make_transcript().stages.items())[:2])),
    ],
)
def test_other_output_is_judged_anew(
    judge: Judge, cache: JudgementCache, other: Transcript
) -> None:
    contract = make_elimination_port().contract
    cache.submit("port", contract, make_transcript())
    assert cache.submit("port", contract, other).result() == judge_anew(contract, other)
    assert len(judge.cases) == 2


def test_other_notices_do_not_matter_in_an_answer_without_text(
    judge: Judge, cache: JudgementCache
) -> None:
    contract = make_elimination_port().contract
    contracts = contract, replace(contract, notices=("No solution",))
    for each in contracts:
        judgements = cache.submit("port", each, make_transcript()).result()
        assert judgements == judge_anew(each, make_transcript())
    assert len(judge.cases) == 1
    remarked = replace(make_transcript(), remarks=(NOTICE,))
    for each in contracts:
        assert cache.submit("port", each, remarked).result() == judge_anew(each, remarked)
    assert len(judge.cases) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"procedures": ("gaussian_elimination",)},
        {"notices": ()},
        {"stops_at_notice": True},
        {"leaves_input_unchanged": ("gaussian_elimination",)},
    ],
)
def test_the_output_of_another_kind_of_port_is_judged_anew(
    judge: Judge, cache: JudgementCache, change: dict[str, object]
) -> None:
    contract = make_elimination_port().contract
    other = replace(contract, **change)  # type: ignore[arg-type]
    cache.submit("port", contract, make_transcript())
    judgements = cache.submit("port", other, make_transcript()).result()
    assert judgements == judge_anew(other, make_transcript())
    assert len(judge.cases) == 2


def test_the_same_output_for_another_case_is_judged_anew(
    judge: Judge, cache: JudgementCache
) -> None:
    for case in (CASE, OTHER):
        answer = replace(make_transcript(), case=case.name)
        cache.submit("port", make_elimination_port().contract, answer)
    assert judge.cases == ["a-case", "another-case"]


def test_the_time_of_an_answer_does_not_matter(judge: Judge, cache: JudgementCache) -> None:
    answer = Factorisation().make_transcript(CASE)
    for seconds in (0.1, 0.2):
        timed = {**answer.stages, "seconds": make_stage("seconds", [[seconds]])}
        contract = make_factorisation_port().contract
        cache.submit("port", contract, replace(answer, stages=timed))
    assert len(judge.cases) == 1


def test_the_number_of_kept_judgements_is_bounded(
    judge: Judge, cache: JudgementCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.judging.cache.MAXIMUM_JUDGEMENTS", 3)
    for number in range(10):
        answer = replace(make_transcript(), reason=f"reason {number}")
        cache.submit("port", make_elimination_port().contract, answer)
        assert len(cache._judgements) <= 3
    assert len(judge.cases) == 10
