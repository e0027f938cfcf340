"""Fuzzing: ports on many random systems, of which only what deviates is kept.

Nearly all answers are told right by `screen`, hundreds at a time; `judge` gets the others, in
processes of its own. What is kept of an answer is a count, so a million take no more room than a
thousand.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter, deque
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.judging.elimination import judge
from harness.judging.fast_accept import accept
from harness.model.verdict import Standing, Variant
from harness.numerics.oracle import expect
from harness.protocol.session import Request, run_cases
from harness.run.runner import SECONDS_BETWEEN_LOOKS, case_limits, variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from harness.engines.base import Engine, Program
    from harness.fuzz.systems import RandomSystems
    from harness.model.answer import Transcript
    from harness.model.check import Check
    from harness.model.port import Port
    from harness.model.verdict import Outcome
    from harness.run.progress import Progress

MOST_WAITING = 8
"""So many blocks may wait for their judgement before a port is asked further."""

Outcomes = tuple[tuple["Check", "Outcome"], ...]


@dataclass(frozen=True)
class FuzzCount:
    """What became of the systems that were put to one variant of a port.

    `standings` counts systems: one deviates if any check does, and conforms if any check does and
    none deviates. `deviations` counts the checks that deviate, and how. `kept` are the numbers of
    the first systems that deviate. `judged` says how many were judged one by one. `trouble` says
    why the port could not be run, or not to the end.
    """

    port: str
    variant: Variant
    has_findings: bool
    standings: dict[Standing, int] = field(default_factory=dict)
    deviations: dict[tuple[Check, Outcome], int] = field(default_factory=dict)
    kept: tuple[int, ...] = ()
    judged: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def asked(self) -> int:
        """How many systems were put to it."""
        return sum(self.standings.values())

    @property
    def deviating(self) -> int:
        """At how many systems it deviates."""
        return self.standings.get(Standing.DEVIATING, 0)

    @property
    def unexpected(self) -> bool:
        """Whether it deviates although no finding says why: as published, one with findings may."""
        known = self.has_findings and self.variant is Variant.PUBLISHED
        return bool(self.deviating) and not known


class JudgePool:
    """Processes that judge what a screen does not pass. To be used as a context."""

    def __init__(self) -> None:
        # Started anew, not forked: this process has threads.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(os.cpu_count() or 1, context, follow_parent)

    def __enter__(self) -> JudgePool:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def judge(
        self, port: Port, draw: RandomSystems, numbers: Sequence[int], answers: Sequence[Transcript]
    ) -> Future[list[Outcomes]]:
        """The outcomes of all checks, answer by answer."""
        return self._pool.submit(outcomes, port, draw, numbers, answers)


def follow_parent() -> None:
    """Leave it to the process that started this one to end it, and end where that is gone.

    Ctrl-C reaches both; killed, the other one could not say that there is nothing left to do.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait until the process that started this one is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def outcomes(
    port: Port, draw: RandomSystems, numbers: Sequence[int], answers: Sequence[Transcript]
) -> list[Outcomes]:
    """The outcomes of all checks on a port's answers to the systems with these numbers."""
    return [
        tuple(
            (judgement.check, judgement.outcome)
            for judgement in judge(port, expect(draw.case(number), port.arithmetic), answer)
        )
        for number, answer in zip(numbers, answers, strict=True)
    ]


@dataclass
class OutcomeTally:
    """Counts a port's outcomes as they come, and keeps the first systems that deviate."""

    keep: int
    standings: Counter[Standing] = field(default_factory=Counter)
    deviations: Counter[tuple[Check, Outcome]] = field(default_factory=Counter)
    kept: list[int] = field(default_factory=list)
    judged: int = 0

    def add(self, number: int, found: Outcomes) -> None:
        """Count what was found of one system."""
        deviations = [each for each in found if each[1].deviates]
        conforms = any(outcome.standing is Standing.CONFORMING for _, outcome in found)
        standing = Standing.CONFORMING if conforms else Standing.NEITHER
        self.standings[Standing.DEVIATING if deviations else standing] += 1
        self.deviations.update(deviations)
        self.judged += 1
        if deviations and len(self.kept) < self.keep:
            self.kept.append(number)


def fuzz_ports(
    ports: Sequence[Port],
    draw: RandomSystems,
    engine: Engine,
    progress: Progress,
    keep: int,
    stop: Event,
) -> tuple[FuzzCount, ...]:
    """Put all systems to each port, as published and with its findings' patches, side by side.

    Of each the first `keep` systems that deviate are named. Trouble with a port is told in its
    count. Once `stop` is set the counts are those of what was asked so far.
    """
    with JudgePool() as judges, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        tasks = [
            pool.submit(fuzz_port, port, draw, engine, progress, keep, judges, stop.is_set)
            for port in variants(ports)
        ]
        try:
            while wait(tasks, SECONDS_BETWEEN_LOOKS).not_done and not stop.is_set():
                continue
        except KeyboardInterrupt:
            stop.set()
            raise
        finally:
            if stop.is_set():
                engine.close()
        return tuple(task.result() for task in tasks)


def fuzz_port(
    port: Port,
    draw: RandomSystems,
    engine: Engine,
    progress: Progress,
    keep: int,
    judges: JudgePool,
    stopped: Callable[[], bool],
) -> FuzzCount:
    """Build one port, put all systems to it, and count what comes of them."""
    tally, trouble, clock = OutcomeTally(keep), "", time.monotonic()
    try:
        progress.building(port.title)
        program = engine.build(port)
        progress.asking(port.title, draw.systems)
        clock = time.monotonic()
        fuzz_program(port, program, draw, tally, judges, progress, stopped)
    except BrokenExecutor:
        trouble = "a process that judges has died, perhaps for want of memory"
    except (HarnessError, OSError) as error:
        trouble = error.message if isinstance(error, HarnessError) else str(error)
    if stopped():
        trouble = "interrupted"
    progress.done(port.title, trouble)
    return FuzzCount(
        port=port.name,
        variant=port.variant,
        has_findings=bool(port.findings),
        standings=dict(tally.standings),
        deviations=dict(tally.deviations),
        kept=tuple(tally.kept),
        judged=tally.judged,
        seconds=time.monotonic() - clock,
        trouble=trouble,
    )


def fuzz_program(
    port: Port,
    program: Program,
    draw: RandomSystems,
    tally: OutcomeTally,
    judges: JudgePool,
    progress: Progress,
    stopped: Callable[[], bool],
) -> None:
    """Ask, screen, have judged what remains, and count, a block at a time and in order."""
    waiting: deque[tuple[list[int], Future[list[Outcomes]]]] = deque()

    def settle(most: int) -> None:
        while len(waiting) > most:
            numbers, future = waiting.popleft()
            for number, found in zip(numbers, future.result(), strict=True):
                tally.add(number, found)

    with closing(run_cases(program, port.run, requests(draw), case_limits(port))) as answers:
        for numbers in draw.blocks():
            told = list(islice(answers, len(numbers)))
            if stopped():
                return
            passed = accept(port, draw.matrices(numbers), told)
            tally.standings[Standing.CONFORMING] += sum(passed)
            left = [i for i, right in enumerate(passed) if not right]
            if left:
                rest = [numbers[i] for i in left]
                waiting.append((rest, judges.judge(port, draw, rest, [told[i] for i in left])))
            settle(MOST_WAITING)
            progress.answered(port.title, len(numbers))
        settle(0)


def requests(draw: RandomSystems) -> Iterator[Request]:
    """All systems as a port is asked them."""
    entries = draw.rows * (draw.unknowns + 1)
    for numbers in draw.blocks():
        for name, lines in draw.requests(numbers):
            yield Request(name, lines, entries)
