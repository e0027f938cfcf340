"""Tests of a port that is built twice: with checks at run time, and plainly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from harness.errors import ManifestError
from harness.inputs.ports import load_port
from harness.model.port import patch_port
from harness.model.verdict import Outcome
from harness.results.reader import load_results
from harness.results.results import Results
from support.html_page import ReportPage
from support.ports import WriteCases, WritePort

WITH_CHECKS = ["sh", "-c", "cp actor.sh checked.sh", "-fsanitize=address"]
PLAIN = {
    "build": ["sh", "-c", "sed 's/exits-[*])/exits-*) answer ;; never)/' actor.sh > plain.sh"],
    "run": ["sh", "plain.sh"],
}
"""The checks end the program in `exits-*`; without them it answers. `killed-*` fails in both."""


@pytest.fixture
def check(
    tmp_path: Path, implementations: Path, write_port: WritePort, write_cases: WriteCases
) -> Callable[..., tuple[str, Results]]:
    """A function that runs the port on three cases, and returns output and results."""

    def check(**changes: object) -> tuple[str, Results]:
        write_port(build=WITH_CHECKS, run=["sh", "checked.sh"], plain={**PLAIN, **changes})
        out, cases = tmp_path / "out", write_cases("answers-1", "exits-2", "killed-3")
        options = ["--implementations", str(implementations), "--cases", str(cases)]
        arguments = ["check", "--engine", "local", *options, "--out", str(out)]
        result = CliRunner().invoke(main, arguments)
        return result.stdout, load_results(out / "results.jsonl")

    return check


def test_the_outcomes_of_both_builds_are_kept(
    check: Callable[..., tuple[str, Results]],
) -> None:
    _, results = check()
    [port] = results.ports
    assert port.runtime_checks == ("-fsanitize=address",)
    assert port.plain is not None
    assert {
        (case, *outcome)
        for case, cell in results.plain_cells["actor"].items()
        for outcome in cell.outcomes
    } == {
        ("exits-2", "reduced.form", Outcome.RIGHT),
        ("killed-3", "echelon.form", Outcome.CRASHED),
    }


def test_a_plain_build_counts_as_no_port(check: Callable[..., tuple[str, Results]]) -> None:
    _, results = check()
    deviations = [verdict for verdict in results.verdicts if verdict.outcome.deviates]
    assert [verdict.case for verdict in deviations] == ["exits-2", "killed-3"]
    assert len(results.ports) == 1


def test_the_reports_say_what_is_seen_with_the_checks_only(
    check: Callable[..., tuple[str, Results]],
) -> None:
    output, results = check()
    sentence = "Built without -fsanitize=address, 1 of 2 deviations is not seen"
    assert sentence in output
    page = ReportPage(results)
    assert "built with -fsanitize=address" in page.get_text_between("ports", "plots")
    assert sentence in page.get_findings_text()
    assert "built plainly: right" in page.text


def test_show_says_what_happens_without_them(
    implementations: Path, write_port: WritePort, write_cases: WriteCases
) -> None:
    write_port(build=WITH_CHECKS, run=["sh", "checked.sh"], plain=PLAIN)
    options = ["--implementations", str(implementations), "--cases", str(write_cases("exits-2"))]
    result = CliRunner().invoke(main, ["show", "--engine", "local", *options, "actor", "exits-2"])
    assert "built with -fsanitize=address" in result.stdout
    assert "without it: reduced.form right" in result.stdout


def test_a_plain_program_that_cannot_be_started_costs_nothing_else(
    check: Callable[..., tuple[str, Results]],
) -> None:
    output, results = check(run=["./no-such-program"])
    [port] = results.ports
    assert port.plain is not None
    assert "no-such-program" in port.plain.trouble
    assert "The build without these options could not be run" in output
    assert [v.case for v in results.verdicts if v.outcome.deviates] == ["exits-2", "killed-3"]


def test_a_plain_build_needs_another_with_checks(write_port: WritePort) -> None:
    folder = write_port(plain=PLAIN)
    with pytest.raises(ManifestError, match="`build` has no option that adds checks at run time"):
        load_port(folder)


def test_only_a_published_port_is_built_plainly(write_port: WritePort) -> None:
    port = load_port(write_port(build=WITH_CHECKS, plain=PLAIN))
    assert len(port.commands_to_build) == 2
    assert len(patch_port(port).commands_to_build) == 1
