"""What is measured, and how it is told. No time is asserted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner
from rich.console import Console

from benchmarks import speed
from benchmarks.__main__ import main
from benchmarks.speed import SYSTEMS, Figure, figure, in_full, rate, table
from harness.engines.local import LocalEngine
from harness.errors import HarnessError
from harness.fuzz.systems import RandomSystems
from harness.inputs.ports import load_ports
from support.ports import WritePort


def test_a_rate_leaves_out_what_a_short_run_takes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds to start, and a hundredth for each system, by a clock of its own."""
    now = [0.0]
    monkeypatch.setattr(speed.time, "perf_counter", lambda: now[0])

    def run_on(draw: RandomSystems) -> None:
        now[0] += 2 + 0.01 * draw.systems

    assert rate(2, 40, run_on) == pytest.approx([100.0, 100.0])


@pytest.mark.parametrize(
    ("values", "goal", "below", "met"),
    [
        ([3.0, 1.0, 2.0], 2.0, False, True),
        ([3.0, 1.0, 2.0], 2.1, False, False),
        ([3.0, 1.0, 2.0], 2.0, True, True),
        ([3.0, 1.0, 2.0], 1.9, True, False),
        ([3.0, 1.0, 2.0], None, False, None),
    ],
)
def test_a_goal_is_met_by_the_median(
    values: list[float], goal: float | None, below: bool, met: bool | None
) -> None:
    found = figure("it", "s", values, goal, below)
    assert found == Figure("it", "s", 2.0, 1.0, 3.0, goal, met)


def test_the_table_says_what_is_met_and_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    figures = [
        figure("fast", "cases/s", [12_345.6], 10_000),
        figure("slow", "cases/s", [0.123], 10_000),
        figure("free", "s", [1.0]),
    ]
    Console(width=120).print(table(figures))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("fast 12,346 cases/s") and line.endswith(" met") for line in lines)
    assert any(line.startswith("slow 0.12 cases/s") and "not met" in line for line in lines)
    assert any(line.startswith("free 1 s 1 s 1 s") for line in lines)


def test_a_real_port_is_measured_and_the_figures_are_written(
    write_port: WritePort, implementations: Path, tmp_path: Path
) -> None:
    write_port()
    words = ["--engine", "local", "--implementations", str(implementations)]
    words += ["--port", "actor", "--systems", "20", "--repeat", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    written = json.loads((tmp_path / "bench.json").read_text())
    assert [each["name"] for each in written] == [
        "actor: the bare pipe",
        "actor: asking and parsing",
        "actor: end to end",
        "actor: end to end, of the bare pipe",
        "actor: each judged in full, with records",
    ]
    assert all(each["median"] > 0 for each in written)
    assert "actor: end to end" in result.stdout


def test_what_a_command_takes_is_that_of_the_command_alone() -> None:
    used = speed.harness("--version")
    assert used.seconds > 0
    assert 5 < used.megabytes < 200
    with pytest.raises(HarnessError, match="harness report nothing"):
        speed.harness("report", "nothing")


def test_larger_systems_are_judged_too(write_port: WritePort, implementations: Path) -> None:
    write_port()
    (port,) = load_ports(implementations)
    assert speed.judging(port, 8) > 0


def test_a_port_that_is_not_there_is_bad_usage(implementations: Path) -> None:
    words = ["--implementations", str(implementations), "--port", "nobody"]
    assert CliRunner().invoke(main, words).exit_code == 2


def test_a_run_that_was_interrupted_is_no_figure(
    write_port: WritePort, implementations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.run.runner.wait", interrupt)
    write_port()
    with LocalEngine() as engine, pytest.raises(KeyboardInterrupt):
        in_full(engine, load_ports(implementations)[0], replace(SYSTEMS, systems=1))
