"""Tests of ports whose program answers no case: nothing of them is judged, and the run says why.

A fault of the driver or of the toolchain is not a fault of the listing. A listing that crashes is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from harness.engines.local import LocalEngine
from harness.errors import BrokenPortError
from harness.inputs.ports import load_port
from harness.model.verdict import Outcome
from harness.reports import github, junit, markdown
from harness.results.diff import compare_runs
from harness.results.reader import load_results
from harness.results.results import Results
from harness.runs.answers import build_case_limits
from harness.runs.trivial_cases import require_answer
from support.html_page import ReportPage
from support.ports import WriteCases, WritePort

GARBAGE = "while read -r line; do echo '[[1. 0. 2.]'; done"
GARBAGE_AFTER_THE_CASE = '. ./port.sh; fault() { begin; echo "1 0 2"; }; read_cases fault'
OTHER_NAMES = ". ./port.sh; fault() { name=other; answer; }; read_cases fault"
CRASHES = (
    '. ./port.sh; fault() { begin; echo "Segmentation fault" >&2; exit 139; }; read_cases fault'
)
CRASHES_UNFLUSHED = 'while read -r word name rest; do echo "case $name" >&2; exit 139; done'
HANGS = '. ./port.sh; fault() { echo "case $name"; exec sleep 1000; }; read_cases fault'
RAISES = (
    ". ./port.sh; fault() { begin; echo 'failed gaussian_elimination no'; echo \"end $name\"; };"
    " read_cases fault"
)


def run_check(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["check", "--engine", "local", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def check(
    tmp_path: Path, implementations: Path, write_port: WritePort, write_cases: WriteCases
) -> Callable[..., tuple[int, str, Results]]:
    """A function that runs a port of this command, and returns exit status, output and results."""

    def check(command: list[str], **changes: object) -> tuple[int, str, Results]:
        write_port(run=command, **changes)
        write_port("good")
        out, cases = tmp_path / "out", write_cases("answers-1", "answers-2")
        options = ["--implementations", str(implementations), "--cases", str(cases)]
        status, output, _ = run_check(*options, "--out", str(out))
        return status, output, load_results(out / "results.jsonl")

    return check


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["sh", "missing-library.sh"], "exit status 127: missing-library: error while loading"),
        (["python3", "-c", "import no_such_library"], "ModuleNotFoundError"),
        (["true"], "exit status 0"),
        (["sleep", "1000"], "no answer within 1 s"),
        (["sh", "-c", GARBAGE], "it printed lines that are not of the protocol"),
        (["sh", "-c", GARBAGE_AFTER_THE_CASE], "printed `case trivial-2` where an answer to"),
        (["sh", "-c", OTHER_NAMES], "printed `case other` where an answer to"),
        (["yes"], "`yes` answers no case: "),
    ],
)
def test_a_program_that_answers_no_case_is_broken(
    check: Callable[..., tuple[int, str, Results]], command: list[str], reason: str
) -> None:
    status, output, results = check(command)
    broken, good = results.ports
    assert status == 3
    assert (broken.broken, good.broken) == (True, False)
    assert reason in broken.trouble
    outcomes = {v.outcome for v in results.verdicts if v.port == "actor"}
    assert outcomes == {Outcome.GIVEN_UP, Outcome.ABSENT}
    assert {v.outcome for v in results.verdicts if v.port == "good"} <= {
        Outcome.RIGHT,
        Outcome.ABSENT,
    }
    assert "actor is broken: " in output
    assert "harness probe actor" in output


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (CRASHES, Outcome.CRASHED),
        (CRASHES_UNFLUSHED, Outcome.CRASHED),
        (HANGS, Outcome.HUNG),
        (RAISES, Outcome.CRASHED),
    ],
)
def test_a_listing_that_fails_on_every_case_is_not_broken(
    check: Callable[..., tuple[int, str, Results]], command: str, outcome: Outcome
) -> None:
    status, _, results = check(["sh", "-c", command])
    assert status == 1
    assert not any(port.broken for port in results.ports)
    first = next(v for v in results.verdicts if (v.port, v.case) == ("actor", "answers-1"))
    assert first.outcome is outcome


def test_a_listing_that_dies_on_its_first_cases_only_is_not_broken(
    write_port: WritePort, local: LocalEngine
) -> None:
    command = ". ./port.sh; read_cases fault_at 1 2; "
    script = f"fault() {{ exit 4; }}; {command}"
    port = load_port(write_port(run=["sh", "-c", script]))
    require_answer(local.build(port), port, build_case_limits(port))


def test_of_a_silent_program_one_case_is_awaited(write_port: WritePort, local: LocalEngine) -> None:
    port = load_port(write_port(run=["sh", "-c", "echo started >> /dev/stderr; exec sleep 1000"]))
    with pytest.raises(BrokenPortError, match="no answer within 1 s") as error:
        require_answer(local.build(port), port, build_case_limits(port))
    assert error.value.log == "standard error:\nstarted\n"


class TestItsReports:
    @pytest.fixture
    def results(self, check: Callable[..., tuple[int, str, Results]]) -> Results:
        return check(["sh", "missing-library.sh"])[2]

    def test_the_page_has_the_reason_and_the_next_step(self, results: Results) -> None:
        page = ReportPage(results)
        attention = page.get_attention_text()
        assert "broken actor is broken: its program answers no case" in attention
        assert "error while loading shared libraries: libmissing.so" in attention
        assert "harness probe actor" in attention
        assert "1 port is broken." in page.text
        assert "Broken: `sh missing-library.sh` answers no case" in page.get_text_between(
            "ports", "plots"
        )

    def test_no_check_is_counted(self, results: Results) -> None:
        assert "0 deviate" in ReportPage(results).text

    def test_markdown_has_them(self, results: Results) -> None:
        text = markdown.render_markdown(results)
        assert "| actor | broken | | | |" in text
        assert "- **actor** is broken: its program answers no case: " in text
        assert "<br>Next: `harness probe actor" in text

    def test_junit_has_an_error_with_them(self, results: Results) -> None:
        text = junit.render_junit(results)
        assert '<error type="broken"' in text
        assert "Next: harness probe actor" in text

    def test_github_has_an_annotation_with_them(self, results: Results) -> None:
        [line] = github.render_annotations(results)
        assert line.startswith("::error")
        assert "title=actor is broken" in line
        assert "Next: harness probe actor" in line

    def test_a_comparison_names_it_and_gets_worse(self, results: Results) -> None:
        ports = tuple(
            port.model_copy(update={"broken": False, "trouble": ""}) for port in results.ports
        )
        before = replace(results, ports=ports)
        comparison = compare_runs(before, results)
        assert comparison.newly_broken == ("actor",)
        assert comparison.is_worse
        assert not comparison.only_old.ports
        assert not compare_runs(results, before).is_worse


def test_show_says_it_with_the_next_step(
    implementations: Path, write_port: WritePort, write_cases: WriteCases
) -> None:
    write_port(run=["sh", "missing-library.sh"])
    options = ["--implementations", str(implementations), "--cases", str(write_cases("answers-1"))]
    result = CliRunner().invoke(main, ["show", "--engine", "local", *options, "actor", "answers-1"])
    assert result.exit_code == 3
    assert "actor is broken: `sh missing-library.sh` answers no case" in result.stdout
    assert "libmissing.so" in result.stdout
    assert "harness probe actor" in result.stdout


def test_fuzz_says_it_and_counts_nothing(
    tmp_path: Path, implementations: Path, write_port: WritePort
) -> None:
    write_port(run=["sh", "missing-library.sh"])
    options = ["--implementations", str(implementations), "--out", str(tmp_path)]
    arguments = ["fuzz", "--engine", "local", "--systems", "600", *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 3
    [record] = json.loads((tmp_path / "fuzz.json").read_text())["ports"]
    assert (record["asked"], record["deviating"]) == (0, 0)
    assert record["trouble"].startswith("broken: `sh missing-library.sh` answers no case")
    assert "harness probe actor" in record["trouble"]
