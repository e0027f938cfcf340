"""Run ports on many random systems, and keep only the systems that deviate.

`accept` recognises nearly all right answers, hundreds at a time. `judge` examines the others, in
separate processes. Answers are only counted, so a million need no more memory than a thousand.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter, deque
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING

from harness.errors import BrokenPortError, HarnessError
from harness.judging.fast_accept import accept
from harness.judging.judge import judge
from harness.model.verdict import Outcome, Standing, Variant
from harness.numerics.oracle import expect
from harness.protocol.connection import Request
from harness.protocol.session import run_cases
from harness.runs.answers import build_case_limits
from harness.runs.runner import list_variants
from harness.runs.threads import POLL_SECONDS
from harness.runs.trivial_cases import require_answer
from harness.signals import ignore_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from harness.engines.base import Engine, Program
    from harness.fuzz.systems import RandomSystems
    from harness.model.answer import Transcript
    from harness.model.case import Arithmetic
    from harness.model.check import Check
    from harness.model.port import Port
    from harness.runs.progress import Progress

MAXIMUM_WAITING_BLOCKS = 8
"""The number of blocks that may wait for their judgement before a port is asked again."""

Outcomes = tuple[tuple["Check", "Outcome"], ...]


@dataclass(frozen=True)
class FuzzCount:
    """The counts of one variant of a port.

    `standings` counts systems: a system deviates if any check does, and conforms if any check does
    and none deviates. `deviations` counts deviating checks by check and outcome. `kept_numbers`
    are the numbers of the first systems that deviate. `judged_individually` is the number of
    systems that `judge` examined. `trouble` is the reason why the port could not be run, or not to
    the end; empty if there is none.
    """

    port: str
    variant: Variant
    has_findings: bool
    standings: dict[Standing, int] = field(default_factory=dict)
    deviations: dict[tuple[Check, Outcome], int] = field(default_factory=dict)
    kept_numbers: tuple[int, ...] = ()
    judged_individually: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def systems_asked(self) -> int:
        """The number of systems that the port was asked."""
        return sum(self.standings.values())

    @property
    def systems_deviating(self) -> int:
        """The number of systems at which the port deviates."""
        return self.standings.get(Standing.DEVIATING, 0)

    @property
    def has_unexpected_deviations(self) -> bool:
        """True if the port deviates, unless it is a published port, whose findings explain it."""
        explained = self.has_findings and self.variant is Variant.PUBLISHED
        return bool(self.systems_deviating) and not explained


class JudgePool:
    """Processes that judge the answers that `accept` does not recognise. A context manager."""

    def __init__(self) -> None:
        # Spawned, not forked, because this process has threads.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(os.cpu_count() or 1, context, tie_to_parent)

    def __enter__(self) -> JudgePool:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def judge(
        self,
        port: Port,
        systems: RandomSystems,
        numbers: Sequence[int],
        answers: Sequence[Transcript],
    ) -> Future[list[Outcomes]]:
        """Return a future of the outcomes of all checks, one entry per answer."""
        return self._pool.submit(judge_answers, port, systems, numbers, answers)


def tie_to_parent() -> None:
    """Ignore signals in a judging process, and exit it when its parent is gone.

    Ctrl-C reaches both processes, and the parent ends this one. A parent that is killed cannot.
    """
    ignore_signals()
    Thread(target=exit_with_parent, daemon=True).start()


def exit_with_parent() -> None:
    """Wait until the parent process is gone, and exit then."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def judge_answers(
    port: Port, systems: RandomSystems, numbers: Sequence[int], answers: Sequence[Transcript]
) -> list[Outcomes]:
    """Return the outcomes of all checks on a port's answers to the systems with these numbers."""
    return [
        tuple(
            (judgement.check, judgement.outcome)
            for judgement in judge(
                port.contract, expect(systems.build_case(number), port.arithmetic), answer
            )
        )
        for number, answer in zip(numbers, answers, strict=True)
    ]


@dataclass
class OutcomeTally:
    """Counts a port's outcomes, and keeps the numbers of the first systems that deviate."""

    maximum_kept: int
    standings: Counter[Standing] = field(default_factory=Counter)
    deviations: Counter[tuple[Check, Outcome]] = field(default_factory=Counter)
    kept_numbers: list[int] = field(default_factory=list)
    judged_individually: int = 0
    numbers_not_judged: list[int] = field(default_factory=list)

    def add(self, number: int, outcomes: Outcomes) -> None:
        """Count the outcomes of one system."""
        deviations = [(check, outcome) for check, outcome in outcomes if outcome.deviates]
        conforms = any(outcome.standing is Standing.CONFORMING for _, outcome in outcomes)
        standing = Standing.CONFORMING if conforms else Standing.NEITHER
        self.standings[Standing.DEVIATING if deviations else standing] += 1
        self.deviations.update(deviations)
        self.judged_individually += 1
        if any(outcome is Outcome.NOT_JUDGED for _, outcome in outcomes):
            self.numbers_not_judged.append(number)
        if deviations and len(self.kept_numbers) < self.maximum_kept:
            self.kept_numbers.append(number)


def fuzz_ports(
    ports: Sequence[Port],
    systems: RandomSystems,
    engine: Engine,
    progress: Progress,
    maximum_kept: int,
    stop: Event,
) -> tuple[FuzzCount, ...]:
    """Return the counts of each port on all systems, as published and with its patches.

    The ports run in parallel. Each count keeps the numbers of at most `maximum_kept` systems that
    deviate, and the trouble with the port. Once `stop` is set, no more systems are asked, and the
    counts cover the systems asked until then.
    """
    with JudgePool() as judges, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        tasks = [
            pool.submit(
                fuzz_port, port, systems, engine, progress, maximum_kept, judges, stop.is_set
            )
            for port in list_variants(ports)
        ]
        try:
            while wait(tasks, POLL_SECONDS).not_done and not stop.is_set():
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
    systems: RandomSystems,
    engine: Engine,
    progress: Progress,
    maximum_kept: int,
    judges: JudgePool,
    is_stopped: Callable[[], bool],
) -> FuzzCount:
    """Build one port, ask it all systems, and return the counts."""
    tally, trouble, start = OutcomeTally(maximum_kept), "", time.monotonic()
    try:
        progress.report_building(port.title)
        program = engine.build(port)
        progress.report_running(port.title, systems.count)
        start = time.monotonic()
        fuzz_program(port, program, systems, tally, judges, progress, is_stopped)
    except BrokenExecutor:
        trouble = "a judging process ended unexpectedly, perhaps because memory ran out"
    except BrokenPortError as error:
        trouble = f"broken: {error.message}. {error.hint}"
    except (HarnessError, OSError) as error:
        trouble = error.message if isinstance(error, HarnessError) else str(error)
    if tally.numbers_not_judged:
        first = systems.format_name(tally.numbers_not_judged[0])
        trouble = f"the harness failed on {len(tally.numbers_not_judged)} answers, first on {first}"
    if is_stopped():
        trouble = "interrupted"
    progress.report_end(port.title, trouble)
    return FuzzCount(
        port=port.name,
        variant=port.variant,
        has_findings=bool(port.findings),
        standings=dict(tally.standings),
        deviations=dict(tally.deviations),
        kept_numbers=tuple(tally.kept_numbers),
        judged_individually=tally.judged_individually,
        seconds=time.monotonic() - start,
        trouble=trouble,
    )


def fuzz_program(
    port: Port,
    program: Program,
    systems: RandomSystems,
    tally: OutcomeTally,
    judges: JudgePool,
    progress: Progress,
    is_stopped: Callable[[], bool],
) -> None:
    """Ask a port all systems in blocks, accept or judge the answers, and count them in order."""
    waiting: deque[tuple[list[int], Future[list[Outcomes]]]] = deque()

    def count_judged(maximum_waiting: int) -> None:
        while len(waiting) > maximum_waiting:
            numbers, future = waiting.popleft()
            for number, outcomes in zip(numbers, future.result(), strict=True):
                tally.add(number, outcomes)

    limits, requests = build_case_limits(port), build_requests(systems, port.arithmetic)
    with closing(run_cases(program, port.run, requests, limits)) as answers:
        for numbers in systems.list_blocks():
            transcripts = list(islice(answers, len(numbers)))
            if is_stopped():
                return
            if numbers[0] == 1 and not transcripts[0].follows_protocol:
                require_answer(program, port, limits)
            passed = accept(port.contract, systems.draw_matrices(numbers), transcripts)
            tally.standings[Standing.CONFORMING] += sum(passed)
            remaining = [i for i, accepted in enumerate(passed) if not accepted]
            if remaining:
                remaining_numbers = [numbers[i] for i in remaining]
                waiting.append(
                    (
                        remaining_numbers,
                        judges.judge(
                            port, systems, remaining_numbers, [transcripts[i] for i in remaining]
                        ),
                    )
                )
            count_judged(MAXIMUM_WAITING_BLOCKS)
            progress.report_answers(port.title, len(numbers))
        count_judged(0)


def build_requests(systems: RandomSystems, arithmetic: Arithmetic) -> Iterator[Request]:
    """Yield the requests for all systems, to ports of that arithmetic."""
    entries = systems.rows * (systems.unknowns + 1)
    for numbers in systems.list_blocks():
        for name, lines in systems.format_requests(numbers, arithmetic):
            yield Request(name, lines, entries)
