"""A run: every port on every case, from building to verdicts. Ports go side by side in threads.

A port that has findings is run twice: as published, and with their patches. What one port does
wrong, up to its engine failing it, never costs another its verdicts.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import HarnessError, ToolchainMissingError
from harness.judging.cache import JudgementCache
from harness.judging.own_example import case_of_example, judge_published
from harness.model.answer import Ending, Transcript
from harness.model.case import PUBLISHED_CASE, Arithmetic
from harness.model.check import Check
from harness.model.port import with_patches
from harness.model.verdict import Judgement, Outcome, Variant
from harness.numerics.oracle import expect
from harness.protocol.session import CaseLimits, Request, run_cases, run_to_end
from harness.results import builder
from harness.results.schema import Results, RunRecord
from harness.run.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from harness.engines.base import Engine, Program
    from harness.model.answer import ProgramOutput
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.numerics.oracle import Expected
    from harness.results.schema import AnswerRecord, FindingProblemRecord, PortRecord, VerdictRecord

VERSION_LINE_LENGTH = 200
LOG_LENGTH = 10_000
SECONDS_BETWEEN_LOOKS = 0.1
"""How often a run looks whether it is to stop."""


@dataclass(frozen=True)
class RunSource:
    """Where a run's ports and cases come from, and the command that runs one of them again.

    `whole` says that these are all the cases there are: a finding must then explain something.
    """

    implementations: str
    cases: str
    again: str
    whole: bool = True


@dataclass(frozen=True)
class RunPlan:
    """What is to be run: cases with what is true of them, by arithmetic, and what was judged."""

    cases: tuple[Case, ...]
    expected: Mapping[tuple[str, Arithmetic], Expected]
    precedents: JudgementCache = field(default_factory=JudgementCache)


@dataclass(frozen=True)
class PortRun:
    """The results of one variant of one port."""

    variant: Port
    port: PortRecord
    answers: tuple[AnswerRecord, ...]
    verdicts: tuple[VerdictRecord, ...]


def plan_run(cases: Sequence[Case], ports: Sequence[Port]) -> RunPlan:
    """Consult the oracle about every case, in each arithmetic that a port needs.

    Raises CaseError where a case declares what is not so.
    """
    wanted = {Arithmetic.BINARY64, *(port.arithmetic for port in ports)}
    expected = {
        (case.name, arithmetic): expect(case, arithmetic)
        for case in cases
        for arithmetic in sorted(wanted)
    }
    return RunPlan(tuple(cases), expected)


def run(
    ports: Sequence[Port],
    cases: Sequence[Case],
    engine: Engine,
    progress: Progress,
    source: RunSource,
    stop: Event | None = None,
) -> Results:
    """Build every port, put every case to it, and judge its answers.

    `stop`, once it is set, ends the run, and so does a KeyboardInterrupt; the results then hold
    what was finished, and say so.
    """
    planned = plan_run(cases, ports)
    asked = {procedure for port in ports for procedure in port.procedures}
    case_records = tuple(builder.case_record(case, planned.expected, asked) for case in cases)
    started, clock = datetime.now(UTC), time.monotonic()
    stop = stop or Event()
    tasks: list[Future[PortRun]] = []
    # Half of the time a port's thread waits for its engine.
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        try:
            for port in variants(ports):
                tasks.append(pool.submit(run_port, port, planned, engine, progress, stop.is_set))
            while wait(tasks, SECONDS_BETWEEN_LOOKS).not_done and not stop.is_set():
                continue
        except KeyboardInterrupt:
            stop.set()
        if stop.is_set():
            for task in tasks:
                task.cancel()
            engine.close()
        shares = [task.result() for task in tasks if not task.cancelled()]
    complete = source.whole and not stop.is_set()
    return Results(
        run=RunRecord(
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - clock, 3),
            harness=version("harness"),
            numpy=np.__version__,
            engine=engine.name,
            implementations=source.implementations,
            cases=source.cases,
            again=source.again,
            interrupted=stop.is_set(),
        ),
        ports=port_records(shares),
        cases=case_records,
        answers=tuple(answer for share in shares for answer in share.answers),
        verdicts=tuple(verdict for share in shares for verdict in share.verdicts),
        findings=tuple(builder.finding_record(p, f) for p in ports for f in p.findings),
        complaints=collect_finding_problems(shares, cases) if complete else (),
    )


def variants(ports: Sequence[Port]) -> tuple[Port, ...]:
    """What is run of the ports: all of them as published, and those with findings fixed."""
    return (*ports, *(with_patches(port) for port in ports if port.findings))


def port_records(shares: Sequence[PortRun]) -> tuple[PortRecord, ...]:
    """A record for each port that was run as published, with what is known of the fixed one."""
    repaired = {
        share.port.name: builder.fixed_run_record(share.port)
        for share in shares
        if share.variant.variant is Variant.FIXED
    }
    return tuple(
        share.port.model_copy(update={"fixed": repaired.get(share.port.name)})
        for share in shares
        if share.variant.variant is Variant.PUBLISHED
    )


def collect_finding_problems(
    shares: Sequence[PortRun], cases: Sequence[Case]
) -> tuple[FindingProblemRecord, ...]:
    """What is amiss with the findings of the ports that could be run on all cases."""
    names = (PUBLISHED_CASE, *(case.name for case in cases))
    return tuple(
        complaint
        for share in shares
        if share.variant.variant is Variant.PUBLISHED and not share.port.trouble
        for complaint in builder.finding_problem_records(share.variant, share.verdicts, names)
    )


def run_port(
    port: Port, planned: RunPlan, engine: Engine, progress: Progress, stopped: Callable[[], bool]
) -> PortRun:
    """Build one port and put everything to it; trouble with it is told, never raised."""
    clock = time.monotonic()
    answers: list[Transcript] = []
    record = builder.port_record(port, engine.name)
    published: tuple[Judgement, ...] = ()
    try:
        progress.building(port.title)
        program = engine.build(port)
        limits = case_limits(port)
        record = record.model_copy(update={"base": program.base})
        if port.variant is Variant.PUBLISHED:
            told = version_line(program, port, limits)
            record = record.model_copy(update={"version": told})
        progress.asking(port.title, len(planned.cases))
        if port.published is not None and not stopped():
            said = run_to_end(program, port.published.run, limits)
            # What the end of the engine did to it is no fault of its own; so with the cases.
            if not stopped():
                record = record.model_copy(
                    update={"published": builder.own_example_record(port, said)}
                )
                published = (published_judgement(port, said),)
        with closing(ask_cases(program, port, planned.cases, limits)) as transcripts:
            for transcript in transcripts:
                if stopped():
                    break
                answers.append(transcript)
                progress.answered(port.title)
    except (HarnessError, OSError) as error:
        trouble = error.message if isinstance(error, HarnessError) else str(error)
        record = record.model_copy(
            update={
                "trouble": trouble if not stopped() else "interrupted",
                "log": getattr(error, "log", "")[-LOG_LENGTH:],
                "missing_toolchain": isinstance(error, ToolchainMissingError),
            }
        )
    record = record.model_copy(update={"seconds": round(time.monotonic() - clock, 3)})
    progress.done(port.title, record.trouble)
    if not stopped():
        answers += never_asked(planned.cases[len(answers) :], record.trouble)
        published = published or (no_example(port, record.trouble),)
    return judge_port_run(port, record, planned, answers, published)


def judge_port_run(
    port: Port,
    record: PortRecord,
    planned: RunPlan,
    transcripts: Sequence[Transcript],
    published: Sequence[Judgement],
) -> PortRun:
    """Judge a port's transcripts and make records of them."""
    verdicts = [builder.verdict_record(port, PUBLISHED_CASE, judgement) for judgement in published]
    answers: list[AnswerRecord] = []
    for transcript in transcripts:
        expected = planned.expected[transcript.case, port.arithmetic]
        found = [
            builder.verdict_record(port, transcript.case, judgement)
            for judgement in planned.precedents.judge(port, expected, transcript)
        ]
        deviates = any(verdict.outcome.deviates for verdict in found)
        verdicts += found
        # Nobody reads what a fixed port answers rightly.
        if deviates or port.variant is Variant.PUBLISHED:
            answers.append(builder.answer_record(port, transcript, in_full=deviates))
    return PortRun(port, record, tuple(answers), tuple(verdicts))


def ask_cases(
    program: Program, port: Port, cases: Sequence[Case], limits: CaseLimits
) -> Generator[Transcript, None, None]:
    """One transcript for each case, in order; cases that a port cannot be asked are not."""
    askable = [case for case in cases if not reason_not_asked(case, port)]
    questions = [
        Request(case.name, case.request(port.arithmetic), case.rows * case.columns)
        for case in askable
    ]
    with closing(run_cases(program, port.run, questions, limits)) as answers:
        for case in cases:
            if reason := reason_not_asked(case, port):
                yield Transcript(case.name, Ending.NOT_ASKED, reason=reason)
            else:
                yield next(answers)


def reason_not_asked(case: Case, port: Port) -> str:
    """Why a case is not put to a port, for people; nothing where it is."""
    if not case.fits(port.arithmetic):
        return "its numbers do not fit ratios of 64-bit integers"
    if case.right_hand_sides > 1 and "solve" not in port.procedures:
        return "the listing takes one right-hand side"
    return ""


def case_limits(port: Port) -> CaseLimits:
    """The limits of a conversation with `port`."""
    return replace(
        CaseLimits(),
        seconds_per_case=port.seconds_per_case,
        seconds_to_start=port.seconds_to_start,
    )


def version_line(program: Program, port: Port, limits: CaseLimits) -> str:
    """What the toolchain says of itself, its first line."""
    said = run_to_end(program, port.version, limits)
    lines = [line.strip() for line in (*said.output.splitlines(), *said.errors) if line.strip()]
    return lines[0][:VERSION_LINE_LENGTH] if lines else "unknown"


def published_judgement(port: Port, said: ProgramOutput) -> Judgement:
    """The judgement on what a listing's own main printed."""
    return judge_published(port, expect(case_of_example(port), port.arithmetic), said)


def no_example(port: Port, trouble: str) -> Judgement:
    """The judgement where a listing's own main was not run."""
    if trouble:
        return Judgement(Check.PUBLISHED_OUTPUT, Outcome.GIVEN_UP, trouble)
    return Judgement(Check.PUBLISHED_OUTPUT, Outcome.ABSENT, "the listing has no main")


def never_asked(cases: Sequence[Case], trouble: str) -> Iterator[Transcript]:
    """The transcripts of a port that could not be run, or not to the end."""
    return (Transcript(case.name, Ending.GIVEN_UP, reason=trouble) for case in cases)
