"""Tests of runs whose findings are put to the proof: with each patch alone, and without each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from harness.results.reader import load_results
from harness.results.results import Results
from support.html_page import ReportPage
from support.ports import WriteCases, WritePort
from support.two_faults import RUN, write_two_faults

Check = Callable[..., tuple[int, str, Results]]


@pytest.fixture
def check(
    tmp_path: Path, implementations: Path, write_port: WritePort, write_cases: WriteCases
) -> Check:
    """A function that runs the port with findings on all cases of the claims, and returns exit
    status, output and results."""

    def check(command: str = "check", **claims: list[str]) -> tuple[int, str, Results]:
        write_two_faults(write_port(run=RUN), **claims)
        cases = write_cases("exits-1", "killed-2", "both-3", "answers-4")
        options = ["--implementations", str(implementations), "--cases", str(cases)]
        out = tmp_path / "out"
        arguments = [command, "--engine", "local", *options]
        if command == "show":
            result = CliRunner().invoke(main, [*arguments, "actor", "both-3"])
            return result.exit_code, result.stdout, None  # type: ignore[return-value]
        result = CliRunner().invoke(main, [*arguments, "--out", str(out)])
        return result.exit_code, result.stdout, load_results(out / "results.jsonl")

    return check


def test_claims_for_the_right_faults_are_proven(check: Check) -> None:
    status, output, results = check(exits=["exits-1", "both-3"], killed=["killed-2"])
    assert status == 0, output
    assert [(p.case, p.finding, p.necessary, p.alone) for p in results.proofs] == [
        ("exits-1", "exits", ("exits",), True),
        ("killed-2", "killed", ("killed",), True),
        ("both-3", "exits", ("exits", "killed"), False),
    ]
    assert {port.name for port in results.ports} == {"actor"}
    assert {answer.case for answer in results.answers if answer.variant == "fixed"} == set()


def test_a_deviation_that_needs_two_patches_may_be_claimed_for_either(check: Check) -> None:
    status, output, _ = check(exits=["exits-1"], killed=["killed-2", "both-3"])
    assert status == 0, output


def test_claims_for_the_wrong_faults_are_not_proven(check: Check) -> None:
    status, output, results = check(exits=["killed-2", "both-3"], killed=["exits-1"])
    assert status == 1
    assert [v for v in results.verdicts if v.unexplained] == []
    first = "its patch is not necessary for `killed-2` (under reduced.form)"
    assert f"actor: exits: {first}; the patch of `killed` cures" in output
    second = "its patch is not necessary for `exits-1` (under reduced.form)"
    assert f"actor: killed: {second}; the patch of `exits` cures" in output


def test_a_claim_of_everything_is_proven_case_by_case(check: Check) -> None:
    status, output, results = check(exits=["*"], killed=["killed-2"])
    assert status == 1
    assert "exits: its patch is not necessary for `killed-2`" in output
    assert [proof.holds for proof in results.proofs] == [True, False, True]


def test_the_card_tells_what_cures_the_deviations(check: Check) -> None:
    _, _, results = check(exits=["exits-1", "both-3"], killed=["killed-2"])
    text = ReportPage(results).get_findings_text()
    assert "1 is cured by this patch alone" in text
    assert "1 is cured by this patch together with that of killed: both-3" in text


def test_the_card_tells_what_is_not_proven(check: Check) -> None:
    _, _, results = check(exits=["killed-2", "both-3"], killed=["exits-1"])
    text = ReportPage(results).get_findings_text()
    assert "not proven 1 is cured without this patch, by that of killed: killed-2" in text


def test_the_case_tells_it_too(check: Check) -> None:
    _, _, results = check(exits=["exits-1", "both-3"], killed=["killed-2"])
    text = " ".join(ReportPage(results).text.split())
    assert "explained by exits, cured by this patch together with that of killed" in text


def test_show_tells_it(check: Check) -> None:
    status, output, _ = check("show", exits=["exits-1", "both-3"], killed=["killed-2"])
    assert status == 0
    assert "✓ reduced.form is cured by this patch together with that of killed" in output
