"""Where the harness fails in a plain build, in a proof or in a report, nothing else is lost.

An exception is injected after all ports were run as published and fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.engines.local import LocalEngine
from harness.errors import BuildError
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.results.results import Results
from harness.runs.runner import RunSource, run
from support.injection import FAULTY, MESSAGE, SOUND, assert_failure_is_reported, inject
from support.ports import WriteCases, WritePort
from support.two_faults import RUN, write_two_faults

WHOLE = RunSource("implementations", "cases", "harness show {port} {case}")

SEAMS_OF_PLAIN_BUILDS = (
    "harness.runs.plain:ask_plain_build",
    "harness.runs.plain:build_case_limits",
)
SEAMS_OF_FINDINGS = (
    "harness.runs.proofs:build_subject",
    "harness.runs.proofs:list_first_trials",
    "harness.runs.proofs:ask_patched",
    "harness.runs.proofs:build_case_limits",
    "harness.runs.proofs:list_further_trials",
    "harness.runs.proofs:prove_deviation",
    "harness.runs.proofs:Subject.list_troubles",
    "harness.results.builder:build_proof_record",
    "harness.results.builder:build_finding_problem_records",
)
WRITERS = {
    "conformance.html": "harness.reports.html.page.write_html",
    "junit.xml": "harness.reports.junit.write_junit",
    "summary.md": "harness.reports.markdown.write_markdown",
}


@pytest.fixture
def write_both(write_port: WritePort) -> Callable[[], None]:
    """A function that writes two ports that do the same, with findings and a plain build."""

    def write_both() -> None:
        for name in (FAULTY, SOUND):
            folder = write_port(
                name,
                build=["true", "-fsanitize=address"],
                run=[*RUN, name],
                plain={"build": ["true"], "run": [*RUN, name]},
            )
            write_two_faults(folder, exits=["exits-1", "both-3"], killed=["killed-2"])

    return write_both


@pytest.fixture
def run_both(
    implementations: Path,
    write_both: Callable[[], None],
    write_cases: WriteCases,
    local: LocalEngine,
) -> Callable[[], Results]:
    """A function that runs both ports."""

    def run_both() -> Results:
        write_both()
        cases = load_cases([write_cases("exits-1", "killed-2", "both-3", "answers-4")])
        return run(load_ports(implementations), cases, local, source=WHOLE)

    return run_both


def assert_all_verdicts_are_there(results: Results) -> None:
    """Assert that the verdicts on both ports are the same, and all proofs of the sound one hold."""
    outcomes = {
        port: [(v.variant, v.case, v.check, v.outcome) for v in results.verdicts if v.port == port]
        for port in (FAULTY, SOUND)
    }
    assert outcomes[FAULTY] == outcomes[SOUND] != []
    assert [port.trouble for port in results.ports] == ["", ""]
    assert [proof.holds for proof in results.proofs if proof.port == SOUND] == [True] * 3
    assert {complaint.port for complaint in results.complaints} <= {FAULTY}
    assert results.ports[1].plain is not None
    assert results.ports[1].plain.trouble == ""
    assert set(results.plain_cells[SOUND]) == {"exits-1", "killed-2", "both-3"}


def test_without_a_failure_all_findings_hold(run_both: Callable[[], Results]) -> None:
    results = run_both()
    assert_all_verdicts_are_there(results)
    assert (results.exit_status, results.complaints) == (0, ())


@pytest.mark.parametrize("seam", SEAMS_OF_PLAIN_BUILDS)
def test_an_exception_costs_its_own_plain_build_alone(
    seam: str, run_both: Callable[[], Results], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inject(monkeypatch, seam, ZeroDivisionError("injected"))
    results = run_both()
    assert_all_verdicts_are_there(results)
    plain = results.ports[0].plain
    assert plain is not None
    assert plain.trouble == MESSAGE
    assert "Traceback" in plain.log
    assert results.complaints == ()
    assert_failure_is_reported(results, MESSAGE, tmp_path)


@pytest.mark.parametrize("seam", SEAMS_OF_FINDINGS)
def test_an_exception_costs_the_findings_of_its_own_port_alone(
    seam: str, run_both: Callable[[], Results], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inject(monkeypatch, seam, ZeroDivisionError("injected"))
    results = run_both()
    assert_all_verdicts_are_there(results)
    assert {each.finding for each in results.complaints} == {"exits", "killed"}
    assert all(each.not_tested and MESSAGE in each.sentence for each in results.complaints)
    assert_failure_is_reported(results, MESSAGE, tmp_path)


@pytest.mark.parametrize("stage", ["plain", "proofs"])
def test_a_stage_that_cannot_be_started_costs_no_verdict(
    stage: str, run_both: Callable[[], Results], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("injected")

    monkeypatch.setattr(f"harness.runs.{stage}.run_jobs", fail)
    results = run_both()
    assert {verdict.port for verdict in results.verdicts} == {FAULTY, SOUND}
    assert len(results.proofs) == (6 if stage == "plain" else 0)
    assert_failure_is_reported(results, MESSAGE, tmp_path)


def test_patches_that_cannot_be_built_apart_are_a_fault_of_the_finding(
    run_both: Callable[[], Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    inject(monkeypatch, "harness.runs.proofs:ask_patched", BuildError("it does not build"))
    results = run_both()
    assert_all_verdicts_are_there(results)
    sentence = "its claims are not proven: with all patches but its own, it does not build"
    assert {(each.sentence, each.not_tested) for each in results.complaints} == {(sentence, False)}
    assert results.exit_status == 1


class TestReports:
    @pytest.fixture
    def check(
        self, write_port: WritePort, write_cases: WriteCases, implementations: Path, tmp_path: Path
    ) -> Callable[[], Result]:
        """A function that runs `check` with all reports."""

        def check() -> Result:
            write_port()
            options = ["--junit", str(tmp_path / "junit.xml")]
            options += ["--markdown", str(tmp_path / "summary.md"), "--out", str(tmp_path)]
            paths = ["--implementations", str(implementations)]
            paths += ["--cases", str(write_cases("answers-1"))]
            arguments = ["check", "--engine", "local", *paths, *options]
            return CliRunner().invoke(main, arguments)

        return check

    @pytest.mark.parametrize("report", WRITERS)
    def test_an_exception_costs_one_report_alone(
        self,
        report: str,
        check: Callable[[], Result],
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("injected")

        monkeypatch.setattr(WRITERS[report], fail)
        result = check()
        assert result.exit_code == 3
        assert f"error: {tmp_path / report}: {MESSAGE}\nTraceback" in result.stderr
        assert "actor  no deviation" in result.stdout
        written = {path.name for path in tmp_path.iterdir() if path.name in WRITERS}
        assert written == WRITERS.keys() - {report}
        assert (tmp_path / "results.jsonl").exists()

    def test_several_exceptions_are_all_named(
        self, check: Callable[[], Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("injected")

        for writer in WRITERS.values():
            monkeypatch.setattr(writer, fail)
        result = check()
        assert result.exit_code == 3
        for report in WRITERS:
            assert f"error: {tmp_path / report}: {MESSAGE}" in result.stderr

    @pytest.mark.parametrize(
        "function",
        [
            "harness.reports.terminal.run_summary.print_summary",
            "harness.cli.output.print_annotations",
            "harness.results.results.Results.save",
            "harness.cli.main.run_with_progress",
        ],
    )
    def test_an_exception_elsewhere_in_a_command_exits_3(
        self, function: str, check: Callable[[], Result], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("injected")

        monkeypatch.setattr(function, fail)
        result = check()
        assert result.exit_code == 3
        assert f"error: {MESSAGE}\nTraceback" in result.stderr
        assert "hint: This is a fault of the harness." in result.stderr
