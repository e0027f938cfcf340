"""Tests of faults of state: deviations that do not occur each time, and inputs that are changed."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from harness.engines.local import LocalEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.recurrence import Occurrence
from harness.model.verdict import Outcome
from harness.reports.github import render_annotations
from harness.reports.html.page import render_page
from harness.reports.junit import render_junit
from harness.reports.markdown import render_markdown
from harness.reports.terminal.run_summary import print_summary
from harness.results.reader import load_results
from harness.results.results import Results
from harness.results.schema import VerdictRecord
from harness.runs.runner import run
from support.ports import RunOn, WriteCases, WriteFinding, WritePort

REGULAR = {"first-2": "1 0 | 2\n0 1 | 3", "second-2": "1 0 | 4\n0 1 | 5", "first-1": "1 | 2"}
SINGULAR = {"singular-2": "1 0 | 2\n0 0 | 0"}

RunPort = Callable[..., Results]


@pytest.fixture
def run_port(
    write_port: WritePort, implementations: Path, tmp_path: Path, local: LocalEngine
) -> RunPort:
    """A function that runs one of the faulty ports on systems in reduced form."""

    def run_port(script: str, systems: dict[str, str], before: int = 0) -> Results:
        write_port(
            run=["sh", script],
            notices=["The matrix is singular"],
            seconds_per_case=5,
            seconds_to_start=5,
        )
        path = tmp_path / "cases.yaml"
        entries = [
            {
                "name": name,
                "why": "It shows a state.",
                "kind": "singular" if name.startswith("singular") else "regular",
                "system": system,
            }
            for name, system in systems.items()
        ]
        path.write_text(yaml.safe_dump({"cases": entries}, sort_keys=False))
        cases = load_cases([path])
        return run(load_ports(implementations), cases[before:], local, before=cases[:before])

    return run_port


def deviations(results: Results) -> list[VerdictRecord]:
    return [verdict for verdict in results.verdicts if verdict.outcome.deviates]


class TestAnAnswerKeptForEachSize:
    SYSTEMS = REGULAR | {f"third-{n}": "1 0 | 4\n0 1 | 5" for n in ("a", "b")}

    def test_it_deviates_only_after_a_case_of_that_size(self, run_port: RunPort) -> None:
        results = run_port("remembers-size.sh", self.SYSTEMS)
        assert {verdict.case for verdict in deviations(results)} == {
            "second-2",
            "third-a",
            "third-b",
        }
        recurrences = [verdict.recurrence for verdict in deviations(results)]
        assert {(r.occurrence, r.otherwise, r.after) for r in recurrences if r} == {
            (Occurrence.AFTER_OTHERS, Outcome.RIGHT, ("first-2",))
        }
        assert all(recurrences)

    def test_the_detail_of_the_verdict_says_so(self, run_port: RunPort) -> None:
        results = run_port("remembers-size.sh", self.SYSTEMS)
        for verdict in deviations(results):
            assert verdict.detail.endswith("(only after first-2, otherwise right)")

    def test_every_report_says_so_and_names_the_command(self, run_port: RunPort) -> None:
        results = run_port("remembers-size.sh", self.SYSTEMS)
        again = "harness show {port} {case}[ --after {after}]"
        results = replace(results, run=results.run.model_copy(update={"again": again}))
        console = Console(file=io.StringIO(), width=200)
        print_summary(results, console)
        assert isinstance(console.file, io.StringIO)
        reports = {
            "page": render_page(results),
            "terminal": console.file.getvalue(),
            "JUnit": render_junit(results),
            "Markdown": render_markdown(results),
            "annotations": "".join(render_annotations(results)),
        }
        for name, text in reports.items():
            assert "only after first-2" in text, name
            assert "--after first-2" in text, name

    def test_it_is_reproduced_by_the_case_before_it(self, run_port: RunPort) -> None:
        systems = {name: REGULAR[name] for name in ("first-2", "second-2")}
        results = run_port("remembers-size.sh", systems, before=1)
        assert [case.name for case in results.cases] == ["second-2"]
        assert {verdict.case for verdict in results.verdicts} >= {"second-2"}
        (recurrence,) = {verdict.recurrence for verdict in deviations(results)}
        assert recurrence
        assert recurrence.after == ("first-2",)

    def test_alone_nothing_deviates(self, run_port: RunPort) -> None:
        results = run_port("remembers-size.sh", {"second-2": REGULAR["second-2"]})
        assert not deviations(results)


class TestAFlagLeftSetAfterASingularSystem:
    def test_it_deviates_only_after_the_singular_system(self, run_port: RunPort) -> None:
        others = {f"other-{n}": "1 0 | 4\n0 1 | 5" for n in range(9)}
        results = run_port("remembers-singular.sh", REGULAR | SINGULAR | others)
        assert {verdict.case for verdict in deviations(results)} == {*others}
        for verdict in deviations(results):
            assert verdict.check == "singular.notice"
            assert verdict.recurrence
            assert verdict.recurrence.after == ("singular-2",)

    def test_results_are_read_again(self, run_port: RunPort, tmp_path: Path) -> None:
        results = run_port("remembers-singular.sh", SINGULAR | REGULAR)
        results.save(tmp_path / "results.jsonl")
        assert load_results(tmp_path / "results.jsonl") == results


class TestAFaultByChance:
    """Of 30 cases, each of which fails once in three times, some fail, and not every time."""

    SYSTEMS = {f"case-{n}": "1 0 | 2\n0 1 | 3" for n in range(30)}

    @pytest.fixture
    def results(self, run_port: RunPort) -> Results:
        return run_port("fails-at-random.sh", self.SYSTEMS)

    def test_deviations_are_said_not_to_occur_every_time(self, results: Results) -> None:
        marked = [v.recurrence for v in deviations(results) if v.recurrence]
        assert len(marked) > 5
        assert {r.otherwise for r in marked} == {Outcome.RIGHT}
        assert [r.occurrence for r in marked].count(Occurrence.SOMETIMES) > len(marked) * 0.8
        assert all(0 < r.count < r.answers for r in marked)

    def test_a_case_counts_that_fails_in_a_later_pass_only(self, results: Results) -> None:
        """In one pass 10 of 30 cases fail. In one of three passes 21 do."""
        assert len({verdict.case for verdict in deviations(results)}) > 10


class TestAnInputThatIsChanged:
    def test_a_right_x_does_not_excuse_a_changed_matrix(
        self, write_port: WritePort, write_cases: WriteCases, run_on: RunOn
    ) -> None:
        write_port(
            run=[sys.executable, "solves-in-place.py"],
            procedures=["solve"],
            claims={"leaves_input_unchanged": ["solve"]},
            seconds_to_start=20,
        )
        results = run_on(write_cases("two", system="1 2 | 5\n3 4 | 11"))
        (verdict,) = deviations(results)
        assert verdict.check == "input.unchanged"
        assert verdict.detail == (
            "solve changes its input: row 1, column 1 was 1 and is 3 and 5 more changes"
        )
        right = [v.check for v in results.verdicts if v.outcome is Outcome.RIGHT]
        assert "solve.value" in right

    def test_it_deviates_with_its_place_and_both_numbers(
        self, write_port: WritePort, write_cases: WriteCases, run_on: RunOn
    ) -> None:
        promised = ["gaussian_elimination", "gauss_jordan"]
        write_port(run=["sh", "changes-input.sh"], claims={"leaves_input_unchanged": promised})
        results = run_on(write_cases("one"))
        (verdict,) = deviations(results)
        assert (verdict.check, verdict.outcome) == ("input.unchanged", Outcome.WRONG)
        assert verdict.detail == (
            "gaussian_elimination changes its input: row 1, column 1 was 1 and is −1"
        )
        assert "input gaussian_elimination" in results.answers[0].stages
        assert "input gaussian_elimination, as printed" in render_page(results)

    def test_a_port_that_does_not_promise_it_may_do_so(
        self, write_port: WritePort, write_cases: WriteCases, run_on: RunOn
    ) -> None:
        write_port(run=["sh", "changes-input.sh"])
        results = run_on(write_cases("one"))
        assert not deviations(results)
        assert "input gaussian_elimination" not in results.answers[0].stages


class TestAFaultThatRecurs:
    def test_nothing_is_said_about_it(
        self, write_port: WritePort, write_cases: WriteCases, run_on: RunOn
    ) -> None:
        write_port()
        results = run_on(write_cases("answers-1", "exits-1", "exits-2", "answers-2"))
        assert {verdict.case for verdict in deviations(results)} == {"exits-1", "exits-2"}
        assert {verdict.recurrence for verdict in results.verdicts} == {None}


class TestTheNumberOfProcesses:
    """How often a port is started: once for the run, and again for the deviating cases."""

    @pytest.fixture
    def count(
        self,
        implementations: Path,
        local: LocalEngine,
        run_on: RunOn,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Callable[[Path], int]:
        """A function that runs the ports on the cases of a file, and counts the starts."""

        def count(cases: Path) -> int:
            started: list[object] = []
            program = local.build(load_ports(implementations)[0])
            start = type(program).start

            def count_starts(self: object, command: tuple[str, ...]) -> object:
                started.extend([command] if "actor.sh" in command else [])
                return start(self, command)  # type: ignore[arg-type]

            monkeypatch.setattr(type(program), "start", count_starts)
            run_on(cases)
            return len(started)

        return count

    def test_explained_deviations_need_one_more(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        write_finding: WriteFinding,
        count: Callable[[Path], int],
    ) -> None:
        write_finding(write_port())
        cases = write_cases("answers-1", *(f"exits-{n}" for n in range(1, 9)))
        # Each exit needs a new process in the run. Then come two exits again, and the fixed port.
        assert count(cases) == 8 + 2 + 1

    def test_unexplained_ones_are_asked_alone_up_to_a_limit(
        self, write_port: WritePort, write_cases: WriteCases, count: Callable[[Path], int]
    ) -> None:
        write_port(notices=["about"])
        assert count(write_cases(*(f"answers-{n}" for n in range(40)))) == 1 + 12 + 1
