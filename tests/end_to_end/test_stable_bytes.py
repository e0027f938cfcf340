"""Two runs on the same inputs give the same results, apart from times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from support.ports import WriteCases, WriteFinding, WritePort

CASES = ("answers-1", "exits-2", "killed-3", "answers-4", "truncates-5", "answers-6")
TIMES = {"started", "seconds"}
PRINTS_PROCESS = 'echo "process $$"; '
"""What the ports of the tests print, and is another number in each process."""


@pytest.fixture
def arguments(
    implementations: Path,
    write_port: WritePort,
    write_finding: WriteFinding,
    write_cases: WriteCases,
) -> list[str]:
    """The arguments of `harness check` for ports that answer, fail, and cannot be built."""
    published = {"run": ["echo", "2\n4"]}
    published["prints"] = {"matrix": [[1, 0, 2], [0, 1, 3]], "stages": ["solution"]}
    write_finding(write_port("first", published=published))
    write_port("second", build=["false"])
    write_port("third", published=published)
    for script in implementations.glob("*/port.sh"):
        text = script.read_text()
        assert PRINTS_PROCESS in text
        script.write_text(text.replace(PRINTS_PROCESS, ""))
    options = ["--engine", "local", "--implementations", str(implementations)]
    return ["check", *options, "--cases", str(write_cases(*CASES))]


def run_twice(arguments: list[str], folder: Path) -> list[Path]:
    """Run a command twice, each time with another folder for the reports, and return these."""
    folders = [folder / name for name in ("once", "again")]
    for out in folders:
        CliRunner().invoke(main, [*arguments, "--out", str(out)])
    return folders


def remove_times(value: Any) -> Any:
    """Return a value without the times in it."""
    if isinstance(value, dict):
        return {key: remove_times(item) for key, item in value.items() if key not in TIMES}
    return [remove_times(item) for item in value] if isinstance(value, list) else value


def test_only_the_times_differ(arguments: list[str], tmp_path: Path) -> None:
    once, again = (
        [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
        for folder in run_twice(arguments, tmp_path)
    )
    assert remove_times(once) == remove_times(again)
    assert once != again


def test_with_a_fixed_time_all_bytes_are_the_same(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    once, again = run_twice(arguments, tmp_path)
    names = {path.name for path in once.iterdir()}
    assert names == {"results.jsonl", "conformance.html"}
    for name in names:
        assert (once / name).read_bytes() == (again / name).read_bytes()
    text = (once / "results.jsonl").read_text()
    assert '"started":"2023-11-14T22:13:20+00:00"' in text
    assert '"case":"killed-3"' in text


@pytest.mark.parametrize("value", ["", "-1", "1e9", "tomorrow", "9" * 50, "١"])
def test_what_is_no_time_exits_2(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: SOURCE_DATE_EPOCH is ")
