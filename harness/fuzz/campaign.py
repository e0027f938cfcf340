"""Run ports on many random systems, and keep only the systems that deviate.

`accept` recognises nearly all right answers, hundreds at a time. `judge` examines the others, in
processes of their own. Answers are only counted, so a million need no more memory than a thousand.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from harness.errors import BrokenPortError
from harness.judging.fast_accept import accept
from harness.judging.judge import build_missing_judgements, judge
from harness.judging.pool import JudgePool
from harness.judging.process import JudgingError, StoppedError
from harness.model.verdict import Outcome, Standing, Variant
from harness.numerics.oracle import expect
from harness.protocol.connection import Request
from harness.protocol.session import run_cases
from harness.runs.answers import build_case_limits
from harness.runs.runner import list_variants
from harness.runs.threads import Job, run_jobs
from harness.runs.trivial_cases import require_answer
from harness.runs.trouble import describe_trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from threading import Event

    from harness.engines.base import Engine, Program
    from harness.fuzz.systems import RandomSystems
    from harness.model.answer import Transcript
    from harness.model.case import Arithmetic
    from harness.model.check import Check
    from harness.model.contract import Contract
    from harness.model.port import Port
    from harness.model.verdict import Judgement
    from harness.runs.progress import Progress

MAXIMUM_WAITING = 4_000
"""The number of answers of a port that may wait for their judgement before it is asked again."""

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


def judge_system(
    systems: RandomSystems, contract: Contract, number: int, answer: Transcript
) -> Outcomes:
    """Return the outcomes of all checks on an answer of a port to the system with this number."""
    expected = expect(systems.build_case(number), contract.arithmetic)
    return list_outcomes(judge(contract, expected, answer))


def list_outcomes(judgements: Iterable[Judgement]) -> Outcomes:
    """Return the outcomes of judgements by check."""
    return tuple((judgement.check, judgement.outcome) for judgement in judgements)


@dataclass(frozen=True)
class PendingOutcomes:
    """The answer of a port to one system that is being judged."""

    number: int
    contract: Contract
    outcomes: Future[Outcomes]

    def get(self) -> Outcomes:
        """Return the outcomes. Raises StoppedError if the run is stopped before they are known."""
        try:
            return self.outcomes.result()
        except StoppedError:
            raise
        except JudgingError as error:
            return list_outcomes(build_missing_judgements(self.contract, str(error)))


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
    with JudgePool(systems) as judges:
        jobs = [
            Job(
                partial(
                    fuzz_port, port, systems, engine, progress, maximum_kept, judges, stop.is_set
                ),
                partial(build_failed_count, port),
            )
            for port in list_variants(ports)
        ]
        return tuple(run_jobs(jobs, engine, judges, stop))


def build_failed_count(port: Port, error: BaseException) -> FuzzCount:
    """Return the count of a port at which the harness itself failed."""
    trouble = describe_trouble(error)
    return FuzzCount(port.name, port.variant, bool(port.findings), trouble=trouble)


def fuzz_port(
    port: Port,
    systems: RandomSystems,
    engine: Engine,
    progress: Progress,
    maximum_kept: int,
    judges: JudgePool[RandomSystems],
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
    except BrokenPortError as error:
        trouble = f"broken: {error.message}. {error.hint}"
    except Exception as error:
        trouble = describe_trouble(error)
    if tally.numbers_not_judged:
        first = systems.format_name(tally.numbers_not_judged[0])
        trouble = f"{len(tally.numbers_not_judged)} answers are not judged, first that to {first}"
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
    judges: JudgePool[RandomSystems],
    progress: Progress,
    is_stopped: Callable[[], bool],
) -> None:
    """Ask a port all systems in blocks, accept or judge the answers, and count them in order."""
    contract = port.contract
    waiting: deque[PendingOutcomes] = deque()

    def count_judged(maximum_waiting: int) -> None:
        while len(waiting) > maximum_waiting:
            first = waiting.popleft()
            tally.add(first.number, first.get())

    limits, requests = build_case_limits(port), build_requests(systems, port.arithmetic)
    with closing(run_cases(program, port.run, requests, limits)) as answers:
        for numbers in systems.list_blocks():
            transcripts = list(islice(answers, len(numbers)))
            if is_stopped():
                return
            if numbers[0] == 1 and not transcripts[0].follows_protocol:
                require_answer(program, port, limits)
            passed = accept(contract, systems.draw_matrices(numbers), transcripts)
            tally.standings[Standing.CONFORMING] += sum(passed)
            for number, transcript, is_accepted in zip(numbers, transcripts, passed, strict=True):
                if not is_accepted:
                    outcomes = judges.submit(port.name, judge_system, contract, number, transcript)
                    waiting.append(PendingOutcomes(number, contract, outcomes))
            count_judged(MAXIMUM_WAITING)
            progress.report_answers(port.title, len(numbers))
        count_judged(0)


def build_requests(systems: RandomSystems, arithmetic: Arithmetic) -> Iterator[Request]:
    """Yield the requests for all systems, to ports of that arithmetic."""
    entries = systems.rows * (systems.unknowns + 1)
    for numbers in systems.list_blocks():
        for name, lines in systems.format_requests(numbers, arithmetic):
            yield Request(name, lines, entries)
