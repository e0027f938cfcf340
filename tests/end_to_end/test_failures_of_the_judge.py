"""A failure of the judge costs one answer of one port, and is shown as a fault of the harness."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Timer

import pytest
from rich.console import Console

from harness.engines.local import LocalEngine
from harness.errors import CaseError, InternalError
from harness.fuzz.campaign import OutcomeTally
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.judging import judge as judge_module
from harness.judging.judge import describe_failure, judge
from harness.judging.pool import JudgePool
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic
from harness.model.verdict import Outcome, Standing
from harness.numerics.oracle import expect
from harness.reports.html.page import render_page
from harness.reports.junit import render_junit
from harness.reports.markdown import render_markdown
from harness.reports.terminal.run_summary import print_summary
from harness.results.reader import load_results
from harness.results.results import Results
from harness.runs.progress import SilentProgress
from harness.runs.runner import run
from harness.runs.threads import SECONDS_TO_STOP
from support import tasks
from support.eliminations import make_case, make_elimination_port
from support.ports import WriteCases, WritePort

MESSAGE = "the harness failed: OverflowError: too large"


class StopsAfterAnswers(SilentProgress):
    """Stops a run some time after a number of answers."""

    def __init__(self, answers: int) -> None:
        self.stop = Event()
        self.time_of_stop = 0.0
        self._answers = answers

    def report_answers(self, port: str, cases: int = 1) -> None:
        self._answers -= cases
        if self._answers == 0:
            Timer(2.0, self._stop).start()

    def _stop(self) -> None:
        self.time_of_stop = time.monotonic()
        self.stop.set()


@pytest.fixture
def results(
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Results:
    """A run in which the judge fails on one of three cases."""
    monkeypatch.setattr("harness.runs.judges.judge_answer", tasks.raise_on_one_case)
    write_port()
    cases = load_cases([write_cases("answers-1", "answers-2", "answers-3")])
    return run(load_ports(implementations), cases, local)


def test_every_check_of_that_answer_is_not_judged(results: Results) -> None:
    not_judged = [v for v in results.verdicts if v.outcome is Outcome.NOT_JUDGED]
    assert {(v.case, v.detail) for v in not_judged} == {("answers-2", MESSAGE)}
    assert {v.standing for v in not_judged} == {Standing.NEITHER}
    assert not [v for v in results.verdicts if v.case == "answers-2" and v not in not_judged]


def test_other_answers_are_judged(results: Results) -> None:
    others = [v for v in results.verdicts if v.case in ("answers-1", "answers-3")]
    assert {v.outcome for v in others} == {Outcome.RIGHT, Outcome.ABSENT}


def test_the_exit_status_is_3_also_when_results_are_read_again(
    results: Results, tmp_path: Path
) -> None:
    assert results.exit_status == 3
    results.save(tmp_path / "results.jsonl")
    assert load_results(tmp_path / "results.jsonl") == results


def test_every_report_names_the_harness_and_the_case(results: Results) -> None:
    console = Console(file=io.StringIO(), width=200)
    print_summary(results, console)
    assert isinstance(console.file, io.StringIO)
    terminal, page = console.file.getvalue(), render_page(results)
    assert "Not judged: 1 answer\n" in terminal
    assert f"actor, answers-2: {MESSAGE}" in terminal
    assert "1 answer is not judged</h3>" in page
    assert f"answers-2: {MESSAGE}" in page
    assert "`answers-2` is not judged" in render_markdown(results)
    assert f'<error type="not judged" message="not judged: {MESSAGE}"' in render_junit(results)


def test_an_exception_in_the_judge_becomes_a_judgement_for_each_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OverflowError("too large\nsecond line")

    monkeypatch.setattr(judge_module, "judge_procedures", fail)
    monkeypatch.setattr(judge_module, "describe_failure", describe_failure)
    expected = expect(make_case([[2, 1]]), Arithmetic.BINARY64)
    contract = make_elimination_port().contract
    judgements = judge(contract, expected, Transcript("a-case", Ending.COMPLETED))
    assert len({judgement.check for judgement in judgements}) == len(judgements) > 0
    assert {(each.outcome, each.detail) for each in judgements} == {(Outcome.NOT_JUDGED, MESSAGE)}


@pytest.mark.parametrize(
    ("judge_answer", "reason"),
    [
        (tasks.end_on_one_case, "the harness failed: a judging process ended (SIGSEGV)"),
        (tasks.compute_on_one_case, "judging takes more than 0.5 s of processor time"),
    ],
)
def test_an_answer_that_ends_its_judge_costs_that_answer(
    judge_answer: Callable[..., object],
    reason: str,
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("harness.runs.judges.judge_answer", judge_answer)
    monkeypatch.setattr("harness.runs.judges.JudgePool", partial(JudgePool, budget=0.5))
    for name in ("one", "two"):
        write_port(name)
    cases = load_cases([write_cases("answers-1", "answers-2", "answers-3")])
    results = run(load_ports(implementations), cases, local)
    outcomes = {(v.port, v.case): v.outcome for v in results.verdicts if v.check == "echelon.rows"}
    for port in ("one", "two"):
        assert outcomes[port, "answers-1"] is outcomes[port, "answers-3"] is Outcome.RIGHT
        assert outcomes[port, "answers-2"] is Outcome.NOT_JUDGED
    details = {v.detail for v in results.verdicts if v.outcome is Outcome.NOT_JUDGED}
    assert len(details) == 1
    assert details.pop().startswith(reason)
    assert results.exit_status == 3


def test_a_signal_ends_judgements(
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The results until then are kept; an answer that is being judged is none of them."""
    monkeypatch.setattr("harness.runs.judges.judge_answer", tasks.compute_on_one_case)
    # On a loaded machine, the usual budget may be over before the signal.
    monkeypatch.setattr("harness.runs.judges.JudgePool", partial(JudgePool, budget=120))
    write_port()
    cases = load_cases([write_cases("answers-1", "answers-2", "answers-3")])
    progress = StopsAfterAnswers(3)
    with LocalEngine() as engine:
        results = run(load_ports(implementations), cases, engine, progress, stop=progress.stop)
        assert time.monotonic() - progress.time_of_stop < SECONDS_TO_STOP + 5
    assert results.run.interrupted
    assert [answer.case for answer in results.answers] == ["answers-1", "answers-3"]
    assert results.ports[0].trouble == ""
    assert Outcome.NOT_JUDGED not in {verdict.outcome for verdict in results.verdicts}


def test_a_signal_ends_exact_arithmetic_before_a_build(
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("harness.runs.case_records.describe_case", tasks.describe_for_ever)
    write_port()
    stop = Event()
    Timer(1.0, stop.set).start()
    started = time.monotonic()
    cases = load_cases([write_cases("answers-1")])
    results = run(load_ports(implementations), cases, local, stop=stop)
    assert time.monotonic() - started < 10
    assert (results.run.interrupted, results.cases, results.verdicts) == (True, (), ())


def test_a_case_has_a_budget_of_exact_arithmetic(
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("harness.runs.case_records.describe_case", tasks.describe_for_ever)
    monkeypatch.setattr("harness.runs.judges.JudgePool", partial(JudgePool, budget=0.5))
    write_port()
    cases = load_cases([write_cases("answers-1")])
    with pytest.raises(CaseError, match=r"answers-1 has no expected result: .* more than 0\.5 s"):
        run(load_ports(implementations), cases, local)


def test_a_failure_at_a_case_is_no_fault_of_the_case(
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("harness.runs.case_records.describe_case", tasks.fail_to_describe)
    write_port()
    cases = load_cases([write_cases("answers-1")])
    with pytest.raises(InternalError) as caught:
        run(load_ports(implementations), cases, local)
    assert f"case answers-1 has no expected result: {MESSAGE}" in caught.value.message
    assert caught.value.exit_status == 3


def test_fuzzing_counts_the_answers_that_are_not_judged() -> None:
    tally = OutcomeTally(maximum_kept=5)
    tally.add(7, (("echelon.form", Outcome.NOT_JUDGED),))
    tally.add(8, (("echelon.form", Outcome.RIGHT),))
    assert tally.numbers_not_judged == [7]
    assert tally.kept_numbers == []


def test_a_failure_on_the_own_example_costs_that_check_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from harness.runs import own_example

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(own_example, "judge_published", fail)
    monkeypatch.setattr(own_example, "build_example_case", fail)
    monkeypatch.setattr(own_example, "describe_failure", describe_failure)
    judgement = own_example.judge_own_example(None, None, None)  # type: ignore[arg-type]
    assert (judgement.check, judgement.outcome) == ("published.output", Outcome.NOT_JUDGED)
    assert judgement.detail == "the harness failed: ZeroDivisionError"
