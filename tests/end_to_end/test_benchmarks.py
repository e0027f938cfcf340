"""The benchmarks measure ports and commands, and print the figures. No time is asserted."""

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
from benchmarks.speed import (
    BENCHMARK_SYSTEMS,
    Figure,
    build_figure,
    build_figure_table,
    measure_rates,
    run_in_full,
)
from harness.engines.local import LocalEngine
from harness.errors import HarnessError
from harness.fuzz.systems import RandomSystems
from harness.inputs.ports import load_ports
from support.ports import WritePort


def test_a_rate_leaves_out_what_a_short_run_takes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake clock gives two seconds to a start, and a hundredth of a second to each system."""
    clock = [0.0]
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])

    def run_on(systems: RandomSystems) -> None:
        clock[0] += 2 + 0.01 * systems.count

    assert measure_rates(2, 40, run_on) == pytest.approx([100.0, 100.0])


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
    figure = build_figure("it", "s", values, goal, below)
    assert figure == Figure("it", "s", 2.0, 1.0, 3.0, goal, met)


def test_the_table_says_what_is_met_and_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    figures = [
        build_figure("fast", "cases/s", [12_345.6], 10_000),
        build_figure("slow", "cases/s", [0.123], 10_000),
        build_figure("free", "s", [1.0]),
    ]
    Console(width=120).print(build_figure_table(figures))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("fast 12,346 cases/s") and line.endswith(" met") for line in lines)
    assert any(line.startswith("slow 0.12 cases/s") and "not met" in line for line in lines)
    assert any(line.startswith("free 1 s 1 s 1 s") for line in lines)


def test_a_real_port_is_measured_and_the_figures_are_written(
    write_port: WritePort, implementations: Path, tmp_path: Path
) -> None:
    write_port()
    arguments = ["--engine", "local", "--implementations", str(implementations)]
    arguments += ["--port", "actor", "--systems", "20", "--repeat", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "bench.json").read_text())
    assert [figure["name"] for figure in figures] == [
        "actor: the bare pipe",
        "actor: asking and parsing",
        "actor: end to end",
        "actor: end to end, of the bare pipe",
        "actor: each judged in full, with records",
    ]
    assert all(figure["median"] > 0 for figure in figures)
    assert "actor: end to end" in result.stdout


def test_what_a_command_takes_is_that_of_the_command_alone() -> None:
    usage = speed.run_harness("--version")
    assert usage.seconds > 0
    assert 5 < usage.megabytes < 200
    with pytest.raises(HarnessError, match="harness report nothing"):
        speed.run_harness("report", "nothing")


def test_larger_systems_are_judged_too(write_port: WritePort, implementations: Path) -> None:
    write_port()
    (port,) = load_ports(implementations)
    assert speed.time_judgement(port, 8) > 0


def test_a_port_that_is_not_there_is_bad_usage(implementations: Path) -> None:
    arguments = ["--implementations", str(implementations), "--port", "nobody"]
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_a_run_that_was_interrupted_is_no_figure(
    write_port: WritePort, implementations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.runs.threads.wait", interrupt)
    write_port()
    with LocalEngine() as engine, pytest.raises(KeyboardInterrupt):
        run_in_full(engine, load_ports(implementations)[0], replace(BENCHMARK_SYSTEMS, count=1))
