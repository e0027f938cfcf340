"""How fast the harness is, measured on real ports, beside what is aimed at.

Systems are random 3 × 4 ones of integers, from a fixed seed. A rate is that of a long run less a
short one, so that building and starting do not count.
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
from harness.files import write_whole
from harness.fuzz.campaign import JudgePool, fuzz_port, requests
from harness.fuzz.systems import RandomSystems
from harness.judging.elimination import judge
from harness.judging.fast_accept import eliminated
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Case, Kind
from harness.model.number import parse_number
from harness.model.port import with_patches
from harness.numerics.oracle import expect
from harness.protocol.session import run_cases
from harness.run.runner import RunSource, case_limits, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from harness.engines.base import Engine, Program
    from harness.model.port import Port

SYSTEMS = RandomSystems(systems=1, rows=3, unknowns=3, largest=9, seed=2024)
GOALS = {
    "c": 10_000.0,
    "python": 5_000.0,
    "java": 5_000.0,
    "julia": 5_000.0,
    "haskell": 5_000.0,
}
"""Cases a second from end to end that are aimed at, by port."""

SECONDS_TO_START = 0.3
SECONDS_TO_CHECK = 20.0
SHARE_OF_THE_PIPE = 0.5
IN_FULL = 10
"""The part of the systems that is judged one by one, which takes so much longer."""

GROWTH = 20
"""How many times as many systems fuzzing is measured with, to see that it takes no more of each."""

ORDERS = (50, 100, 200)
"""Of the matrices that are judged to see how that grows with n."""

CUBIC = 3.0

SECONDS_BETWEEN_LOOKS = 0.002
"""How often a command is looked at while it runs."""


@dataclass(frozen=True)
class Figure:
    """One thing that was measured: the median of several runs, the least and the most.

    `goal` is None where none was set; `met` says whether the median reaches it.
    """

    name: str
    unit: str
    median: float
    least: float
    most: float
    goal: float | None = None
    met: bool | None = None


class Quiet:
    """Progress that nobody watches."""

    def building(self, port: str) -> None: ...
    def asking(self, port: str, cases: int) -> None: ...
    def answered(self, port: str, cases: int = 1) -> None: ...
    def done(self, port: str, trouble: str) -> None: ...


def measure(
    engine: Engine, ports: Sequence[Port], systems: int, repeat: int, say: Callable[[str], None]
) -> tuple[Figure, ...]:
    """The figures of each port, each the median of `repeat` runs with so many systems."""
    found: list[Figure] = []
    for port in ports:
        # What deviates is judged one by one: a port with its patches shows how fast it can be.
        sound = with_patches(port) if port.findings else port
        say(f"{port.name}: building")
        program = engine.build(sound)
        say(f"{port.name}: measuring")
        pipe = rate(repeat, systems, partial(bare_pipe, program, sound))
        talk = rate(repeat, systems, partial(conversation, program, sound))
        whole = rate(repeat, systems, partial(end_to_end, engine, sound))
        full = rate(repeat, max(systems // IN_FULL, 10), partial(in_full, engine, port))
        shares = [a / b for a, b in zip(whole, pipe, strict=True)]
        least = SHARE_OF_THE_PIPE if port.name == "c" else None
        found += [
            figure(f"{port.name}: the bare pipe", "cases/s", pipe),
            figure(f"{port.name}: asking and parsing", "cases/s", talk),
            figure(f"{port.name}: end to end", "cases/s", whole, GOALS.get(port.name)),
            figure(f"{port.name}: end to end, of the bare pipe", "share", shares, least),
            figure(f"{port.name}: each judged in full, with records", "cases/s", full),
        ]
    return tuple(found)


def growth(engine: Engine, port: Port, systems: int) -> tuple[Figure, ...]:
    """What more systems, and larger ones, take of each: with `systems`, and GROWTH as many."""
    words = ["fuzz", "--engine", engine.name, "--implementations", str(port.folder.parent)]
    words += ["--port", port.name, "--systems"]
    few = harness(*words, str(systems))
    many = harness(*words, str(systems * GROWTH))
    times = [judging(port, n) for n in ORDERS]
    exponent = math.log(times[-1] / times[0]) / math.log(ORDERS[-1] / ORDERS[0])
    return (
        figure(f"{port.name}: fuzzing of {systems:,}", "s", [few.seconds]),
        figure(f"{port.name}: fuzzing of {systems * GROWTH:,}", "s", [many.seconds]),
        figure(f"{port.name}: memory for {systems:,}", "MB", [few.megabytes]),
        figure(f"{port.name}: memory for {systems * GROWTH:,}", "MB", [many.megabytes]),
        *(
            figure(f"oracle and judge, one {n} × {n + 1} system", "s", [seconds])
            for n, seconds in zip(ORDERS, times, strict=True)
        ),
        figure("oracle and judge: power of n", "", [exponent], CUBIC, below=True),
    )


def commands(engine: Engine, repeat: int) -> tuple[Figure, ...]:
    """What whole commands take: `--version`, and `check` of all ports and cases."""
    versions = [harness("--version").seconds for _ in range(repeat)]
    with tempfile.TemporaryDirectory() as folder:
        words = ("check", "--engine", engine.name, "--out", folder)
        harness(*words)  # builds what has not been built
        checks = [harness(*words).seconds for _ in range(repeat)]
    return (
        figure("harness --version", "s", versions, SECONDS_TO_START, below=True),
        figure("harness check", "s", checks, SECONDS_TO_CHECK, below=True),
    )


@dataclass(frozen=True)
class Usage:
    """What a command took: seconds of wall clock, and megabytes at most."""

    seconds: float
    megabytes: float


def harness(*words: str) -> Usage:
    """Run a command of the harness. Raises HarnessError where it does not do its work."""
    started, bytes_held = time.perf_counter(), 0
    nowhere = subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, "-m", "harness", *words], stdout=nowhere)
    try:
        while child.poll() is None:
            bytes_held = max(bytes_held, most_held(child.pid))
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    if child.returncode not in (0, 1):
        raise HarnessError(f"`harness {' '.join(words)}` failed", "What it printed says why.")
    return Usage(time.perf_counter() - started, bytes_held / 1e6)


def most_held(process: int) -> int:
    """The most bytes of memory that a process has held; 0 where nobody can tell.

    What the system tells at its end, `ru_maxrss`, can be that of the process that started it.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def judging(port: Port, n: int) -> float:
    """The seconds that the oracle and the judge take for one random n × (n + 1) system."""
    matrix = np.random.default_rng(n).standard_normal((n, n + 1))
    rows = tuple(tuple(parse_number(repr(float(v))) for v in row) for row in matrix)
    case = Case("large", Kind.REGULAR, "One is enough.", "bench", rows, 1, {})
    x = np.linalg.solve(matrix[:, :n], matrix[:, n:])
    results = {
        "echelon": eliminated(matrix[None])[0],
        "reduced": np.hstack([np.eye(n), x]),
        "solution": x,
    }
    stages = {
        label: Stage(label, (n,) if label == "solution" else (n, n + 1), table_of(values))
        for label, values in results.items()
    }
    answer = Transcript(case.name, Ending.COMPLETED, stages)
    started = time.perf_counter()
    judge(port, expect(case, port.arithmetic), answer)
    return time.perf_counter() - started


def table_of(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    """A matrix as a port would print it."""
    return tuple(map(tuple, values.tolist()))


def rate(repeat: int, systems: int, run_on: Callable[[RandomSystems], None]) -> list[float]:
    """Systems a second, of a run with all of them less one with a tenth of them."""
    all_of_them, few = (replace(SYSTEMS, systems=n) for n in (systems, systems // 10))
    found = []
    for _ in range(repeat):
        long, short = seconds(run_on, all_of_them), seconds(run_on, few)
        found.append((all_of_them.systems - few.systems) / max(long - short, 1e-9))
    return found


def seconds(run_on: Callable[[RandomSystems], None], draw: RandomSystems) -> float:
    """How long something takes."""
    started = time.perf_counter()
    run_on(draw)
    return time.perf_counter() - started


def bare_pipe(program: Program, port: Port, draw: RandomSystems) -> None:
    """Send all requests at once, and read bytes until the process ends: nothing is looked at."""
    process = program.start(port.run)
    try:
        process.send(b"".join(question.lines for question in requests(draw)))
        process.close_input()
        while not process.closed:
            process.receive(1.0)
    finally:
        process.stop()


def conversation(program: Program, port: Port, draw: RandomSystems) -> None:
    """Put all systems and parse the answers, without judging them."""
    for _ in run_cases(program, port.run, requests(draw), case_limits(port)):
        pass


def end_to_end(engine: Engine, port: Port, draw: RandomSystems) -> None:
    """All that fuzzing does: conversation, oracle, every check, counts."""
    with JudgePool() as judges:
        fuzz_port(port, draw, engine, Quiet(), 20, judges, lambda: False)


def in_full(engine: Engine, port: Port, draw: RandomSystems) -> None:
    """All that a run does: each answer judged for itself, all figures kept."""
    cases = [draw.case(number) for number in range(1, draw.systems + 1)]
    bare = replace(port, findings=())
    found = run([bare], cases, engine, Quiet(), RunSource("", "", "", whole=False))
    if found.run.interrupted:
        # It has ended in order; so does everything else.
        raise KeyboardInterrupt


def figure(
    name: str, unit: str, values: Sequence[float], goal: float | None = None, below: bool = False
) -> Figure:
    """A figure from several runs; `below` says that less is better."""
    middle = median(values)
    met = None if goal is None else (middle <= goal if below else middle >= goal)
    return Figure(name, unit, middle, min(values), max(values), goal, met)


def save(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as JSON. Raises HarnessError where they cannot be written."""
    write_whole(path, json.dumps([asdict(each) for each in figures], indent=1) + "\n")


def table(figures: Sequence[Figure]) -> Table:
    """The figures for the terminal."""
    shown = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("what", "median", "least", "most", "goal", ""):
        shown.add_column(title, justify="left" if title in ("what", "") else "right")
    for each in figures:
        goal = "" if each.goal is None else f"{amount(each.goal)} {each.unit}"
        met = {None: "", True: "[green]met[/green]", False: "[red]not met[/red]"}[each.met]
        values = (f"{amount(v)} {each.unit}" for v in (each.median, each.least, each.most))
        shown.add_row(each.name, *values, goal, met)
    return shown


def amount(value: float) -> str:
    """A number to what matters of it."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
