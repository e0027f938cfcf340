"""What was printed before is judged as it was before, and not again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judging import cache
from harness.judging.cache import JudgementCache
from harness.judging.elimination import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Case
from harness.numerics.oracle import expect
from support.eliminations import NOTICE, Program, make_case, make_port
from support.factorisations import Algebra, make_algebra_port, stage
from support.faulty_eliminations import LeavesResidue

CASE = make_case([[22, 1, 1], [15, 1, 0]])
OTHER = make_case([[2, 1, 3], [1, 3, 5]], name="another-case")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cases that were judged, in order."""
    found: list[str] = []

    def counted(*matter: object) -> object:
        transcript = matter[2]
        assert isinstance(transcript, Transcript)
        found.append(transcript.case)
        return judge(*matter)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "judge", counted)
    return found


def transcript(case: Case = CASE, program: type[Program] = Program) -> Transcript:
    return program().transcript(case)


def test_the_same_words_are_judged_once_and_alike(asked: list[str]) -> None:
    known, port, expected = JudgementCache(), make_port(), expect(CASE, make_port().arithmetic)
    first = known.judge(port, expected, transcript())
    again = known.judge(replace(port, name="another"), expected, replace(transcript(), seconds=9.0))
    assert first == again == judge(port, expected, transcript())
    assert asked == ["a-case"]


@pytest.mark.parametrize(
    "other",
    [
        transcript(program=LeavesResidue),
        replace(transcript(), ending=Ending.CRASHED, reason="SIGSEGV"),
        replace(transcript(), remarks=(NOTICE,)),
        replace(transcript(), errors=(NOTICE,)),
        replace(transcript(), failures={"gauss_jordan": "no luck"}),
        replace(transcript(), stages=dict(list(transcript().stages.items())[:2])),
    ],
)
def test_other_words_are_judged_for_themselves(asked: list[str], other: Transcript) -> None:
    known, port, expected = JudgementCache(), make_port(), expect(CASE, make_port().arithmetic)
    known.judge(port, expected, transcript())
    assert known.judge(port, expected, other) == judge(port, expected, other)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"procedures": ("gaussian_elimination",)},
        {"notices": ()},
        {"stops_at_notice": True},
    ],
)
def test_another_kind_of_port_is_judged_for_itself(
    asked: list[str], change: dict[str, object]
) -> None:
    known, port, expected = JudgementCache(), make_port(), expect(CASE, make_port().arithmetic)
    other = replace(port, **change)  # type: ignore[arg-type]
    known.judge(port, expected, transcript())
    assert known.judge(other, expected, transcript()) == judge(other, expected, transcript())
    assert len(asked) == 2


def test_the_same_output_for_another_case_is_judged_anew(asked: list[str]) -> None:
    known, port = JudgementCache(), make_port()
    for case in (CASE, OTHER):
        said = replace(transcript(), case=case.name)
        known.judge(port, expect(case, port.arithmetic), said)
    assert asked == ["a-case", "another-case"]


def test_the_time_that_was_taken_is_no_ground(asked: list[str]) -> None:
    known, port, expected = (
        JudgementCache(),
        make_algebra_port(),
        expect(CASE, make_port().arithmetic),
    )
    said = Algebra().transcript(CASE)
    for seconds in (0.1, 0.2):
        timed = {**said.stages, "seconds": stage("seconds", [[seconds]])}
        known.judge(port, expected, replace(said, stages=timed))
    assert len(asked) == 1


def test_no_more_are_kept_than_a_run_can_hold(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST", 3)
    known, port = JudgementCache(), make_port()
    for number in range(10):
        case = make_case([[2, 1, number], [1, 3, 5]], name=f"case-{number}")
        known.judge(port, expect(case, port.arithmetic), transcript(case))
        assert len(known._known) <= 3
    assert len(asked) == 10
