"""How fast the harness is, measured on real ports, beside what is aimed at.

Systems are random 3 × 4 ones of integers, from a fixed seed. A rate is that of a long run less a
short one, so that building and starting do not count.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import partial
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from harness.cases import Case, Kind
from harness.conversation import Question, converse
from harness.files import write_whole
from harness.numbers import Number
from harness.run import Source, limits_of, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.engines import Engine, Program
    from harness.ports import Port

SEED = 2024
GOALS = {
    "c": 10_000.0,
    "python": 5_000.0,
    "java": 5_000.0,
    "julia": 5_000.0,
    "haskell": 5_000.0,
}
"""Cases a second from end to end that are aimed at, by port."""

SECONDS_TO_START = 0.3
SHARE_OF_THE_PIPE = 0.5


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
    def answered(self, port: str) -> None: ...
    def done(self, port: str, trouble: str) -> None: ...


def systems(count: int) -> tuple[Case, ...]:
    """Random regular 3 × 4 systems of integers from -9 to 9."""
    random = Random(SEED)
    found: list[Case] = []
    while len(found) < count:
        rows = [[random.randint(-9, 9) for _ in range(4)] for _ in range(3)]
        if determinant(rows):
            system = tuple(tuple(Number.of(Fraction(entry)) for entry in row) for row in rows)
            name = f"bench-{len(found)}"
            found.append(Case(name, Kind.REGULAR, "One of many.", "bench", system, 1, {}))
    return tuple(found)


def determinant(rows: Sequence[Sequence[int]]) -> int:
    """The determinant of the first three columns of three rows."""
    (a, b, c, *_), (d, e, f, *_), (g, h, i, *_) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def measure(
    engine: Engine, ports: Sequence[Port], cases: int, repeat: int, say: Callable[[str], None]
) -> tuple[Figure, ...]:
    """All figures, each the median of `repeat` runs with so many cases."""
    asked = systems(cases)
    found = [startup(repeat)]
    for port in ports:
        say(f"{port.name}: building")
        program = engine.build(port)
        say(f"{port.name}: measuring")
        pipe = rate(repeat, asked, partial(bare_pipe, program, port))
        talk = rate(repeat, asked, partial(conversation, program, port))
        whole = rate(repeat, asked, partial(end_to_end, engine, port))
        found += [
            figure(f"{port.name}: the bare pipe", "cases/s", pipe),
            figure(f"{port.name}: asking and parsing", "cases/s", talk),
            figure(f"{port.name}: end to end", "cases/s", whole, GOALS.get(port.name)),
            figure(
                f"{port.name}: end to end, of the bare pipe",
                "share",
                [a / b for a, b in zip(whole, pipe, strict=True)],
                SHARE_OF_THE_PIPE if port.name == "c" else None,
            ),
        ]
    return tuple(found)


def rate(
    repeat: int, cases: Sequence[Case], run_on: Callable[[Sequence[Case]], None]
) -> list[float]:
    """Cases a second, of a run with all of the cases less one with a tenth of them."""
    few = cases[: len(cases) // 10]
    found = []
    for _ in range(repeat):
        long, short = seconds(run_on, cases), seconds(run_on, few)
        found.append((len(cases) - len(few)) / max(long - short, 1e-9))
    return found


def seconds(run_on: Callable[[Sequence[Case]], None], cases: Sequence[Case]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    run_on(cases)
    return time.perf_counter() - started


def bare_pipe(program: Program, port: Port, cases: Sequence[Case]) -> None:
    """Send all requests at once, and read bytes until the process ends: nothing is looked at."""
    process = program.start(port.run)
    try:
        process.send(b"".join(case.request(port.arithmetic) for case in cases))
        process.close_input()
        while not process.closed:
            process.receive(1.0)
    finally:
        process.stop()


def conversation(program: Program, port: Port, cases: Sequence[Case]) -> None:
    """Put all cases and parse the answers, without judging them."""
    questions = [
        Question(case.name, case.request(port.arithmetic), case.rows * case.columns)
        for case in cases
    ]
    for _ in converse(program, port.run, questions, limits_of(port)):
        pass


def end_to_end(engine: Engine, port: Port, cases: Sequence[Case]) -> None:
    """All that a run does: oracle, conversation, every check, records."""
    bare = replace(port, findings=())
    found = run([bare], cases, engine, Quiet(), Source("", "", "", whole=False))
    if found.run.interrupted:
        # It has ended in order; so does everything else.
        raise KeyboardInterrupt


def startup(repeat: int) -> Figure:
    """How long `harness --version` takes."""
    command = [sys.executable, "-c", "from harness.cli import main; main()", "--version"]

    def once(_: Sequence[Case]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    found = [seconds(once, ()) for _ in range(repeat)]
    return figure("harness --version", "s", found, SECONDS_TO_START, below=True)


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
