"""Output that was judged before is not judged again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judging import cache
from harness.judging.cache import JudgementCache
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Case
from harness.numerics.oracle import expect
from support.eliminations import NOTICE, Program, make_case, make_elimination_port
from support.factorisations import Factorisation, make_factorisation_port, make_stage
from support.faulty_eliminations import LeavesResidue

CASE = make_case([[22, 1, 1], [15, 1, 0]])
OTHER = make_case([[2, 1, 3], [1, 3, 5]], name="another-case")


@pytest.fixture
def judged_cases(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cases that were judged, in order."""
    judged: list[str] = []

    def record_and_judge(*arguments: object) -> object:
        judged_transcript = arguments[2]
        assert isinstance(judged_transcript, Transcript)
        judged.append(judged_transcript.case)
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "judge", record_and_judge)
    return judged


def make_transcript(case: Case = CASE, program: type[Program] = Program) -> Transcript:
    return program().make_transcript(case)


def test_the_same_output_is_judged_once(judged_cases: list[str]) -> None:
    judgement_cache, port, expected = (
        JudgementCache(),
        make_elimination_port(),
        expect(CASE, make_elimination_port().arithmetic),
    )
    first = judgement_cache.judge(port.contract, expected, make_transcript())
    second = judgement_cache.judge(
        replace(port, name="another").contract, expected, replace(make_transcript(), seconds=9.0)
    )
    assert first == second == judge(port.contract, expected, make_transcript())
    assert judged_cases == ["a-case"]


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
def test_other_output_is_judged_anew(judged_cases: list[str], other: Transcript) -> None:
    judgement_cache, port, expected = (
        JudgementCache(),
        make_elimination_port(),
        expect(CASE, make_elimination_port().arithmetic),
    )
    judgement_cache.judge(port.contract, expected, make_transcript())
    assert judgement_cache.judge(port.contract, expected, other) == judge(
        port.contract, expected, other
    )
    assert len(judged_cases) == 2


def test_other_notices_do_not_matter_in_an_answer_without_text(judged_cases: list[str]) -> None:
    judgement_cache, port = JudgementCache(), make_elimination_port()
    expected, other = expect(CASE, port.arithmetic), replace(port, notices=("No solution",))
    for asked in (port, other):
        judgements = judgement_cache.judge(asked.contract, expected, make_transcript())
        assert judgements == judge(asked.contract, expected, make_transcript())
    assert len(judged_cases) == 1
    said = replace(make_transcript(), remarks=(NOTICE,))
    for asked in (port, other):
        judgements = judgement_cache.judge(asked.contract, expected, said)
        assert judgements == judge(asked.contract, expected, said)
    assert len(judged_cases) == 3


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
    judged_cases: list[str], change: dict[str, object]
) -> None:
    judgement_cache, port, expected = (
        JudgementCache(),
        make_elimination_port(),
        expect(CASE, make_elimination_port().arithmetic),
    )
    other = replace(port, **change)  # type: ignore[arg-type]
    judgement_cache.judge(port.contract, expected, make_transcript())
    assert judgement_cache.judge(other.contract, expected, make_transcript()) == judge(
        other.contract, expected, make_transcript()
    )
    assert len(judged_cases) == 2


def test_the_same_output_for_another_case_is_judged_anew(judged_cases: list[str]) -> None:
    judgement_cache, port = JudgementCache(), make_elimination_port()
    for case in (CASE, OTHER):
        answer = replace(make_transcript(), case=case.name)
        judgement_cache.judge(port.contract, expect(case, port.arithmetic), answer)
    assert judged_cases == ["a-case", "another-case"]


def test_the_time_of_an_answer_does_not_matter(judged_cases: list[str]) -> None:
    judgement_cache, port, expected = (
        JudgementCache(),
        make_factorisation_port(),
        expect(CASE, make_elimination_port().arithmetic),
    )
    answer = Factorisation().make_transcript(CASE)
    for seconds in (0.1, 0.2):
        timed = {**answer.stages, "seconds": make_stage("seconds", [[seconds]])}
        judgement_cache.judge(port.contract, expected, replace(answer, stages=timed))
    assert len(judged_cases) == 1


def test_the_number_of_kept_judgements_is_bounded(
    judged_cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAXIMUM_JUDGEMENTS", 3)
    judgement_cache, port = JudgementCache(), make_elimination_port()
    for number in range(10):
        case = make_case([[2, 1, number], [1, 3, 5]], name=f"case-{number}")
        judgement_cache.judge(port.contract, expect(case, port.arithmetic), make_transcript(case))
        assert len(judgement_cache._judgements) <= 3
    assert len(judged_cases) == 10
