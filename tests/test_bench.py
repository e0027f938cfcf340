"""What is measured, and how it is told. No time is asserted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner
from conftest import WritePort
from rich.console import Console

from harness import bench
from harness.bench import Figure, end_to_end, figure, rate, systems, table
from harness.cases import Arithmetic, Case, Solutions
from harness.cli import main
from harness.engines.local import LocalEngine
from harness.oracle import expect
from harness.ports import load_ports


def test_the_systems_are_regular_of_one_shape_and_always_the_same() -> None:
    asked = systems(50)
    assert asked == systems(60)[:50]
    assert len({case.name for case in asked}) == 50
    for case in asked:
        assert (case.rows, case.columns) == (3, 4)
        assert expect(case, Arithmetic.BINARY64).solutions is Solutions.UNIQUE
        assert case.fits(Arithmetic.RATIONAL64)


def test_a_rate_leaves_out_what_a_short_run_takes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds to start, and a hundredth for each case, by a clock of its own."""
    now = [0.0]
    monkeypatch.setattr(bench.time, "perf_counter", lambda: now[0])

    def run_on(cases: Sequence[Case]) -> None:
        now[0] += 2 + 0.01 * len(cases)

    assert rate(2, systems(40), run_on) == pytest.approx([100.0, 100.0])


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
    words = ["bench", "--engine", "local", "--implementations", str(implementations)]
    words += ["--port", "actor", "--cases", "20", "--repeat", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    written = json.loads((tmp_path / "bench.json").read_text())
    assert [each["name"] for each in written] == [
        "harness --version",
        "actor: the bare pipe",
        "actor: asking and parsing",
        "actor: end to end",
        "actor: end to end, of the bare pipe",
    ]
    assert all(each["median"] > 0 for each in written)
    assert "actor: end to end" in result.stdout


def test_a_port_that_is_not_there_is_bad_usage(implementations: Path) -> None:
    words = ["bench", "--implementations", str(implementations), "--port", "nobody"]
    assert CliRunner().invoke(main, words).exit_code == 2


def test_a_run_that_was_interrupted_is_no_figure(
    write_port: WritePort, implementations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.run.wait", interrupt)
    write_port()
    with LocalEngine() as engine, pytest.raises(KeyboardInterrupt):
        end_to_end(engine, load_ports(implementations)[0], systems(1))
