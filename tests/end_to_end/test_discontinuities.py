"""Processes that fail between two cases, and ports that hang: what is asked, and what reports say.

The ports are those of tests/support/faulty_ports.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.model.recurrence import Occurrence
from harness.model.verdict import Outcome
from harness.reports.github import render_annotations
from harness.reports.html.page import render_page
from harness.reports.junit import render_junit
from harness.reports.markdown import render_markdown
from harness.reports.terminal.run_summary import print_summary
from harness.results.diff import compare_runs
from harness.results.results import Results
from harness.results.schema import VerdictRecord
from support.ports import RunOn, WriteCases, WritePort

CASES = tuple(f"answers-{number}" for number in range(1, 9))
LONG_TIMES = {"seconds_per_case": 20, "seconds_to_start": 20}


def select_deviations(results: Results) -> list[VerdictRecord]:
    return [verdict for verdict in results.verdicts if verdict.outcome.deviates]


def render_terminal(results: Results) -> str:
    output = io.StringIO()
    print_summary(results, Console(file=output, width=200))
    return output.getvalue()


def render_reports(results: Results) -> dict[str, str]:
    """Return what people read, by its name."""
    return {
        "page": render_page(results),
        "terminal": render_terminal(results),
        "Markdown": render_markdown(results),
        "JUnit": render_junit(results),
        "annotations": "".join(render_annotations(results)),
    }


class TestAProcessThatDiesAtItsSecondCase:
    @pytest.fixture
    def results(self, write_port: WritePort, write_cases: WriteCases, run_on: RunOn) -> Results:
        write_port(run=["sh", "dies-at-second.sh"], **LONG_TIMES)
        return run_on(write_cases(*CASES))

    def test_it_deviates_and_every_answer_is_right(self, results: Results) -> None:
        assert results.exit_status == 1
        deviations = select_deviations(results)
        assert {(v.check, v.outcome) for v in deviations} == {
            ("process.continues", Outcome.CRASHED)
        }
        assert [v.case for v in deviations] == ["answers-2", "answers-3"]
        right = [v.case for v in results.verdicts if v.check == "solution.value"]
        assert right == [*CASES]

    def test_the_case_after_which_it_dies_is_proven(self, results: Results) -> None:
        for verdict, before in zip(select_deviations(results), CASES, strict=False):
            assert verdict.recurrence is not None
            assert verdict.recurrence.occurrence is Occurrence.AFTER_OTHERS
            assert verdict.recurrence.after == (before,)
            assert verdict.asked_first == (before,)

    def test_every_report_says_so(self, results: Results) -> None:
        for name, text in render_reports(results).items():
            assert "process.continues" in text, name
            assert "only after answers-1" in text, name
        page = render_page(results)
        assert "crashed after the answer to answers-1: killed by SIGSEGV" in page
        assert "from here on, each case has a process of its own" in page

    def test_a_comparison_says_that_it_is_worse(
        self, results: Results, write_port: WritePort, implementations: Path, run_on: RunOn
    ) -> None:
        (implementations / "actor/port.yaml").unlink()
        for path in (implementations / "actor").iterdir():
            path.unlink()
        (implementations / "actor").rmdir()
        write_port(**LONG_TIMES)
        good = run_on(implementations.parent / "0.yaml")
        worse, better = compare_runs(good, results), compare_runs(results, good)
        assert [change.case for change in worse.became_deviating] == ["answers-2", "answers-3"]
        assert worse.is_worse
        assert not better.is_worse
        assert len(better.became_conforming) == 2
        assert not worse.unmatched
        assert not worse.only_new


class TestAProcessThatHangsAtItsSecondCase:
    def test_it_costs_two_hangs_and_no_answer(
        self, write_port: WritePort, write_cases: WriteCases, run_on: RunOn
    ) -> None:
        write_port(run=["sh", "hangs-at-second.sh"], seconds_per_case=1, seconds_to_start=20)
        results = run_on(write_cases(*CASES))
        deviations = select_deviations(results)
        assert {(v.check, v.outcome) for v in deviations} == {("process.continues", Outcome.HUNG)}
        assert len(deviations) == 2
        assert {a.ending for a in results.answers} == {"completed"}


class TestAPortThatHangsTooOften:
    @pytest.fixture
    def results(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        run_on: RunOn,
        tmp_path: Path,
    ) -> Results:
        write_port(seconds_per_case=0.3, seconds_to_start=20)
        regular = write_cases(*(f"hangs-{n}" for n in range(5)), "answers-1")
        other = write_cases("answers-2", system="1 0 0 | 2\n0 1 0 | 3", kind="underdetermined")
        both = tmp_path / "both"
        both.mkdir()
        for path in (regular, other):
            path.rename(both / path.name)
        return run_on(both)

    def test_cases_of_other_kinds_are_asked(self, results: Results) -> None:
        endings = {answer.case: answer.ending for answer in results.answers}
        assert endings == {
            **{f"hangs-{n}": "hung" for n in range(3)},
            **dict.fromkeys(("hangs-3", "hangs-4", "answers-1"), "given up"),
            "answers-2": "completed",
        }

    def test_reports_say_how_many_were_given_up(self, results: Results) -> None:
        reports = render_reports(results)
        for name in ("page", "terminal", "Markdown"):
            assert "3 of 7 cases were not asked, after 3 hangs" in reports[name], name
