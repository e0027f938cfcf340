"""Measure the speed of the harness on real ports, and compare it with goals.

The systems are random 3 × 4 systems of integers, from a fixed seed. A rate is computed from a long
run minus a short run, so that builds and starts do not count.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.table import Table

from harness.errors import HarnessError
from harness.files import write_atomically
from harness.fuzz.campaign import build_requests, fuzz_port
from harness.fuzz.systems import RandomSystems
from harness.judging.fast_accept import eliminate_in_doubles
from harness.judging.judge import judge
from harness.judging.pool import JudgePool
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Case, Kind
from harness.model.number import parse_number
from harness.model.port import patch_port
from harness.numerics.oracle import expect
from harness.protocol.session import run_cases
from harness.runs.answers import build_case_limits
from harness.runs.progress import SILENT
from harness.runs.runner import RunSource, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from harness.engines.base import Engine, Program
    from harness.model.port import Port

BENCHMARK_SYSTEMS = RandomSystems(count=1, rows=3, unknowns=3, largest=9, seed=2024)
RATE_GOALS = {
    "c": 10_000.0,
    "python": 5_000.0,
    "java": 5_000.0,
    "julia": 5_000.0,
    "haskell": 5_000.0,
}
"""The goal for cases per second from end to end, by port."""

MAXIMUM_START_SECONDS = 0.3
MAXIMUM_CHECK_SECONDS = 20.0
MINIMUM_PIPE_SHARE = 0.5
FULL_JUDGEMENT_DIVISOR = 10
"""The factor by which fewer systems are judged in full, which takes longer."""

SYSTEMS_FACTOR = 20
"""The factor between two numbers of systems, to see that the cost of a system stays the same."""

GROWTH_ORDERS = (50, 100, 200)
"""The orders of the matrices that show how the time to judge grows with n."""

CUBIC_EXPONENT = 3.0

SECONDS_BETWEEN_READINGS = 0.002
"""The time between two readings of the memory of a running command."""


@dataclass(frozen=True)
class Figure:
    """One measured quantity: the median, the least and the most of several runs.

    `goal` is None where there is none. `met` is whether the median reaches it.
    """

    name: str
    unit: str
    median: float
    least: float
    most: float
    goal: float | None = None
    met: bool | None = None


def measure_ports(
    engine: Engine,
    ports: Sequence[Port],
    systems: int,
    repeat: int,
    announce: Callable[[str], None],
) -> tuple[Figure, ...]:
    """Return the figures of each port, each from `repeat` runs on `systems` systems."""
    figures: list[Figure] = []
    for port in ports:
        # Deviations are judged one by one, so a port without them shows the highest rate.
        patched = patch_port(port) if port.findings else port
        announce(f"{port.name}: building")
        program = engine.build(patched)
        announce(f"{port.name}: measuring")
        pipe_rates = measure_rates(repeat, systems, partial(run_bare_pipe, program, patched))
        conversation_rates = measure_rates(
            repeat, systems, partial(run_conversation, program, patched)
        )
        end_to_end_rates = measure_rates(repeat, systems, partial(run_end_to_end, engine, patched))
        full_rates = measure_rates(
            repeat, max(systems // FULL_JUDGEMENT_DIVISOR, 10), partial(run_in_full, engine, port)
        )
        shares = [a / b for a, b in zip(end_to_end_rates, pipe_rates, strict=True)]
        share_goal = MINIMUM_PIPE_SHARE if port.name == "c" else None
        figures += [
            build_figure(f"{port.name}: the bare pipe", "cases/s", pipe_rates),
            build_figure(f"{port.name}: asking and parsing", "cases/s", conversation_rates),
            build_figure(
                f"{port.name}: end to end", "cases/s", end_to_end_rates, RATE_GOALS.get(port.name)
            ),
            build_figure(f"{port.name}: end to end, of the bare pipe", "share", shares, share_goal),
            build_figure(f"{port.name}: each judged in full, with records", "cases/s", full_rates),
        ]
    return tuple(figures)


def measure_growth(engine: Engine, port: Port, systems: int) -> tuple[Figure, ...]:
    """Return the time and memory for more systems, and the time for larger ones.

    Fuzzing is measured with `systems` systems and with SYSTEMS_FACTOR times as many.
    """
    arguments = ["fuzz", "--engine", engine.name, "--implementations", str(port.folder.parent)]
    arguments += ["--port", port.name, "--systems"]
    few = run_harness(*arguments, str(systems))
    many = run_harness(*arguments, str(systems * SYSTEMS_FACTOR))
    times = [time_judgement(port, n) for n in GROWTH_ORDERS]
    exponent = math.log(times[-1] / times[0]) / math.log(GROWTH_ORDERS[-1] / GROWTH_ORDERS[0])
    return (
        build_figure(f"{port.name}: fuzzing of {systems:,}", "s", [few.seconds]),
        build_figure(f"{port.name}: fuzzing of {systems * SYSTEMS_FACTOR:,}", "s", [many.seconds]),
        build_figure(f"{port.name}: memory for {systems:,}", "MB", [few.megabytes]),
        build_figure(
            f"{port.name}: memory for {systems * SYSTEMS_FACTOR:,}", "MB", [many.megabytes]
        ),
        *(
            build_figure(f"oracle and judge, one {n} × {n + 1} system", "s", [seconds])
            for n, seconds in zip(GROWTH_ORDERS, times, strict=True)
        ),
        build_figure("oracle and judge: power of n", "", [exponent], CUBIC_EXPONENT, below=True),
    )


def measure_commands(engine: Engine, repeat: int) -> tuple[Figure, ...]:
    """Return the time of whole commands: `--version`, and `check` of all ports and cases."""
    versions = [run_harness("--version").seconds for _ in range(repeat)]
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("check", "--engine", engine.name, "--out", folder)
        run_harness(*arguments)  # builds what has not been built
        checks = [run_harness(*arguments).seconds for _ in range(repeat)]
    return (
        build_figure("harness --version", "s", versions, MAXIMUM_START_SECONDS, below=True),
        build_figure("harness check", "s", checks, MAXIMUM_CHECK_SECONDS, below=True),
    )


@dataclass(frozen=True)
class Usage:
    """The resources of a command: seconds of wall-clock time, and its peak of megabytes."""

    seconds: float
    megabytes: float


def run_harness(*arguments: str) -> Usage:
    """Run a command of the harness and return its usage. Raises HarnessError where it fails."""
    start, peak_bytes = time.perf_counter(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments], stdout=subprocess.DEVNULL
    )
    try:
        while process.poll() is None:
            peak_bytes = max(peak_bytes, read_peak_memory(process.pid))
            time.sleep(SECONDS_BETWEEN_READINGS)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if process.returncode not in (0, 1):
        raise HarnessError(f"`harness {' '.join(arguments)}` failed", "What it printed says why.")
    return Usage(time.perf_counter() - start, peak_bytes / 1e6)


def read_peak_memory(process_id: int) -> int:
    """Return the peak of a process's memory in bytes, or 0 where it cannot be read.

    `ru_maxrss`, known after the end, is not used: it can be that of the parent process.
    """
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return 0
    match = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def time_judgement(port: Port, n: int) -> float:
    """Return the seconds of the oracle and the judge for one random n × (n + 1) system."""
    matrix = np.random.default_rng(n).standard_normal((n, n + 1))
    rows = tuple(tuple(parse_number(repr(float(v))) for v in row) for row in matrix)
    case = Case("large", Kind.REGULAR, "One is enough.", "bench", rows, 1, {})
    x = np.linalg.solve(matrix[:, :n], matrix[:, n:])
    results = {
        "echelon": eliminate_in_doubles(matrix[None])[0],
        "reduced": np.hstack([np.eye(n), x]),
        "solution": x,
    }
    stages = {
        label: Stage(label, (n,) if label == "solution" else (n, n + 1), convert_matrix(values))
        for label, values in results.items()
    }
    answer = Transcript(case.name, Ending.COMPLETED, stages)
    start = time.perf_counter()
    judge(port.contract, expect(case, port.arithmetic), answer)
    return time.perf_counter() - start


def convert_matrix(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    """Return a matrix as the rows that are read from a port."""
    return tuple(map(tuple, values.tolist()))


def measure_rates(
    repeat: int, systems: int, run_on: Callable[[RandomSystems], None]
) -> list[float]:
    """Return systems per second: of a run on all systems minus a run on a tenth of them."""
    many, few = (replace(BENCHMARK_SYSTEMS, count=n) for n in (systems, systems // 10))
    rates = []
    for _ in range(repeat):
        long, short = measure_seconds(run_on, many), measure_seconds(run_on, few)
        rates.append((many.count - few.count) / max(long - short, 1e-9))
    return rates


def measure_seconds(run_on: Callable[[RandomSystems], None], systems: RandomSystems) -> float:
    """Return the seconds of one call."""
    start = time.perf_counter()
    run_on(systems)
    return time.perf_counter() - start


def run_bare_pipe(program: Program, port: Port, systems: RandomSystems) -> None:
    """Send all requests at once, and read bytes until the process ends, without parsing."""
    process = program.start(port.run)
    try:
        process.send(
            b"".join(request.lines for request in build_requests(systems, port.arithmetic))
        )
        process.close_input()
        while not process.closed:
            process.receive(1.0)
    finally:
        process.stop()


def run_conversation(program: Program, port: Port, systems: RandomSystems) -> None:
    """Ask all systems and parse the answers, without judging them."""
    for _ in run_cases(
        program, port.run, build_requests(systems, port.arithmetic), build_case_limits(port)
    ):
        pass


def run_end_to_end(engine: Engine, port: Port, systems: RandomSystems) -> None:
    """Do all that fuzzing does: conversation, oracle, every check, counts."""
    with JudgePool(systems) as judges:
        fuzz_port(port, systems, engine, SILENT, 20, judges, lambda: False)


def run_in_full(engine: Engine, port: Port, systems: RandomSystems) -> None:
    """Do all that a run does: judge each answer individually, and keep all figures."""
    cases = [systems.build_case(number) for number in range(1, systems.count + 1)]
    port_without_findings = replace(port, findings=())
    results = run(
        [port_without_findings], cases, engine, SILENT, RunSource("", "", "", whole=False)
    )
    if results.run.interrupted:
        # The run ends in order after an interruption, so it has to be passed on here.
        raise KeyboardInterrupt


def build_figure(
    name: str, unit: str, values: Sequence[float], goal: float | None = None, below: bool = False
) -> Figure:
    """Return a figure from several runs. `below` is True where less is better."""
    middle = median(values)
    met = None if goal is None else (middle <= goal if below else middle >= goal)
    return Figure(name, unit, middle, min(values), max(values), goal, met)


def save_figures(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as JSON. Raises HarnessError where they cannot be written."""
    write_atomically(path, json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")


def build_figure_table(figures: Sequence[Figure]) -> Table:
    """Return the figures as a table for the terminal."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("what", "median", "least", "most", "goal", ""):
        table.add_column(title, justify="left" if title in ("what", "") else "right")
    for figure in figures:
        goal = "" if figure.goal is None else f"{format_amount(figure.goal)} {figure.unit}"
        met = {None: "", True: "[green]met[/green]", False: "[red]not met[/red]"}[figure.met]
        values = (
            f"{format_amount(v)} {figure.unit}" for v in (figure.median, figure.least, figure.most)
        )
        table.add_row(figure.name, *values, goal, met)
    return table


def format_amount(value: float) -> str:
    """Return a number without decimals from 100, else with two significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
