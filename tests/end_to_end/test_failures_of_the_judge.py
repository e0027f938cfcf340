"""A failure of the judge costs one answer of one port, and is shown as a fault of the harness."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.engines.local import LocalEngine
from harness.fuzz.campaign import OutcomeTally
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.judging import judge as judge_module
from harness.judging.judge import describe_failure, judge_procedures
from harness.model.verdict import Outcome, Standing
from harness.reports.html.page import render_page
from harness.reports.junit import render_junit
from harness.reports.markdown import render_markdown
from harness.reports.terminal.run_summary import print_summary
from harness.results.schema import Results, load_results
from harness.runs.runner import run
from support.ports import WriteCases, WritePort

MESSAGE = "the harness failed: OverflowError: Result too large"


@pytest.fixture
def results(
    local: LocalEngine,
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Results:
    """A run in which the judge fails on one of three cases."""

    def fail_on_second(procedures: Any, contract: Any, expected: Any, transcript: Any) -> Any:
        if transcript.case == "answers-2":
            raise OverflowError("Result too large\nsecond line")
        return judge_procedures(procedures, contract, expected, transcript)

    monkeypatch.setattr(judge_module, "judge_procedures", fail_on_second)
    monkeypatch.setattr(judge_module, "describe_failure", describe_failure)
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
    results.save(tmp_path / "results.json")
    assert load_results(tmp_path / "results.json") == results


def test_every_report_names_the_harness_and_the_case(results: Results) -> None:
    console = Console(file=io.StringIO(), width=200)
    print_summary(results, console)
    assert isinstance(console.file, io.StringIO)
    terminal, page = console.file.getvalue(), render_page(results)
    assert "The harness failed on 1 answer\n" in terminal
    assert f"actor, answers-2: {MESSAGE}" in terminal
    assert "The harness failed on 1 answer</h3>" in page
    assert f"answers-2: {MESSAGE}" in page
    assert "the harness failed on" in render_markdown(results)
    assert f'<error type="not judged" message="not judged: {MESSAGE}"' in render_junit(results)


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
    judgement = own_example.judge_own_example(None, None)  # type: ignore[arg-type]
    assert (judgement.check, judgement.outcome) == ("published.output", Outcome.NOT_JUDGED)
    assert judgement.detail == "the harness failed: ZeroDivisionError"
