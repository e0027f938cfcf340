"""Tests of `harness list`: what it prints into a pipe, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from harness.inputs.cases import load_cases
from harness.procedures.registry import CHECKS
from support.ports import WriteCases, WriteFinding, WritePort

ROOT = Path(__file__).parents[2]


def list_rows(*arguments: object) -> list[list[str]]:
    """Return the cells of each line that `harness list` prints into a pipe."""
    result = CliRunner().invoke(main, ["list", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.output.splitlines()]


def test_ports_have_their_language_findings_and_procedures(
    write_port: WritePort, write_finding: WriteFinding, implementations: Path
) -> None:
    write_finding(write_port("b", language="A \tshell"))
    write_port("a", procedures=["lu", "solve"])
    assert list_rows("ports", "--implementations", implementations) == [
        ["a", "Shell", "binary64", "0", "listing.txt", "lu, solve"],
        [
            *("b", "A shell", "binary64", "1", "listing.txt"),
            "gaussian_elimination, gauss_jordan, back_substitution",
        ],
    ]


def test_cases_have_their_kind_size_place_and_reason(write_cases: WriteCases) -> None:
    cases = write_cases("one", "two", system="1 0 0 | 2 3\n0 1 0 | 3 4", kind="underdetermined")
    assert list_rows("cases", "--cases", cases) == [
        ["one", "underdetermined", "2", "3", "2", f"{cases}:3", "It says what to do."],
        ["two", "underdetermined", "2", "3", "2", f"{cases}:8", "It says what to do."],
    ]


def test_without_an_option_the_cases_are_those_of_check(
    tmp_path: Path, write_cases: WriteCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_cases("mine").rename(tmp_path / "cases")
    shipped = [case.name for case in load_cases([ROOT / "cases"])]
    assert [row[0] for row in list_rows("cases")] == ["mine", *shipped]


def test_every_check_has_its_procedure_and_its_question() -> None:
    rows = {name: rest for name, *rest in list_rows("checks")}
    assert list(rows) == list(CHECKS)
    assert rows["lu.product"][0] == "lu"
    assert all(question.endswith("?") for _, question in rows.values())


def test_findings_have_their_place_lines_and_checks(
    write_port: WritePort, write_finding: WriteFinding, implementations: Path
) -> None:
    write_finding(write_port())
    assert list_rows("findings", "--implementations", implementations) == [
        [
            *("actor", "exits", "listing", "gauss_jordan", "1", "reduced.form"),
            "It exits where it should answer",
        ]
    ]


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["list", "ports", "--implementations", str(tmp_path)])
    assert result.exit_code == 2
    assert "no port in here" in result.output


def test_on_a_terminal_there_are_titles_and_no_tabs() -> None:
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "harness", "list", "checks"]
    with subprocess.Popen(command, stdout=terminal, env=os.environ | {"NO_COLOR": "1"}) as process:
        os.close(terminal)
        output = b""
        while chunk := _read(reader):
            output += chunk
    os.close(reader)
    assert process.returncode == 0
    title, *lines = output.decode().splitlines()
    assert title.split() == ["check", "procedure", "question"]
    assert any(line.startswith("echelon.form ") for line in lines)
    assert "\t" not in output.decode()


def _read(reader: int) -> bytes:
    try:
        return os.read(reader, 4096)
    except OSError:
        # Linux gives an error at the end of a terminal's output.
        return b""
