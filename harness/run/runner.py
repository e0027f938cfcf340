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
from harness.judging.cache import Precedents
from harness.judging.own_example import example, judge_published
from harness.model.answer import Ending, Transcript
from harness.model.case import PUBLISHED_CASE, Arithmetic
from harness.model.check import Check
from harness.model.port import fixed
from harness.model.verdict import Judgement, Outcome, Variant
from harness.numerics.oracle import expect
from harness.protocol.session import Limits, Question, converse, hear_out
from harness.results import builder
from harness.results.schema import Results, Run
from harness.run.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from harness.engines.base import Engine, Program
    from harness.model.answer import Monologue
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.numerics.oracle import Expected
    from harness.results.schema import Answer, Complaint, PortRecord, Verdict

VERSION_LINE_LENGTH = 200
LOG_LENGTH = 10_000
SECONDS_BETWEEN_LOOKS = 0.1
"""How often a run looks whether it is to stop."""


@dataclass(frozen=True)
class Source:
    """Where a run's ports and cases come from, and the command that runs one of them again.

    `whole` says that these are all the cases there are: a finding must then explain something.
    """

    implementations: str
    cases: str
    again: str
    whole: bool = True


@dataclass(frozen=True)
class Plan:
    """What is to be run: cases with what is true of them, by arithmetic, and what was judged."""

    cases: tuple[Case, ...]
    expected: Mapping[tuple[str, Arithmetic], Expected]
    precedents: Precedents = field(default_factory=Precedents)


@dataclass(frozen=True)
class Share:
    """The results of one variant of one port."""

    variant: Port
    port: PortRecord
    answers: tuple[Answer, ...]
    verdicts: tuple[Verdict, ...]


def plan(cases: Sequence[Case], ports: Sequence[Port]) -> Plan:
    """Consult the oracle about every case, in each arithmetic that a port needs.

    Raises CaseError where a case declares what is not so.
    """
    wanted = {Arithmetic.BINARY64, *(port.arithmetic for port in ports)}
    expected = {
        (case.name, arithmetic): expect(case, arithmetic)
        for case in cases
        for arithmetic in sorted(wanted)
    }
    return Plan(tuple(cases), expected)


def run(
    ports: Sequence[Port],
    cases: Sequence[Case],
    engine: Engine,
    progress: Progress,
    source: Source,
    stop: Event | None = None,
) -> Results:
    """Build every port, put every case to it, and judge its answers.

    `stop`, once it is set, ends the run, and so does a KeyboardInterrupt; the results then hold
    what was finished, and say so.
    """
    planned = plan(cases, ports)
    asked = {procedure for port in ports for procedure in port.procedures}
    case_records = tuple(builder.case_record(case, planned.expected, asked) for case in cases)
    started, clock = datetime.now(UTC), time.monotonic()
    stop = stop or Event()
    tasks: list[Future[Share]] = []
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
        run=Run(
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
        complaints=complaints(shares, cases) if complete else (),
    )


def variants(ports: Sequence[Port]) -> tuple[Port, ...]:
    """What is run of the ports: all of them as published, and those with findings fixed."""
    return (*ports, *(fixed(port) for port in ports if port.findings))


def port_records(shares: Sequence[Share]) -> tuple[PortRecord, ...]:
    """A record for each port that was run as published, with what is known of the fixed one."""
    repaired = {
        share.port.name: builder.fixed_run(share.port)
        for share in shares
        if share.variant.variant is Variant.FIXED
    }
    return tuple(
        share.port.model_copy(update={"fixed": repaired.get(share.port.name)})
        for share in shares
        if share.variant.variant is Variant.PUBLISHED
    )


def complaints(shares: Sequence[Share], cases: Sequence[Case]) -> tuple[Complaint, ...]:
    """What is amiss with the findings of the ports that could be run on all cases."""
    names = (PUBLISHED_CASE, *(case.name for case in cases))
    return tuple(
        complaint
        for share in shares
        if share.variant.variant is Variant.PUBLISHED and not share.port.trouble
        for complaint in builder.complaints(share.variant, share.verdicts, names)
    )


def run_port(
    port: Port, planned: Plan, engine: Engine, progress: Progress, stopped: Callable[[], bool]
) -> Share:
    """Build one port and put everything to it; trouble with it is told, never raised."""
    clock = time.monotonic()
    answers: list[Transcript] = []
    record = builder.port_record(port, engine.name)
    published: tuple[Judgement, ...] = ()
    try:
        progress.building(port.title)
        program = engine.build(port)
        limits = limits_of(port)
        record = record.model_copy(update={"base": program.base})
        if port.variant is Variant.PUBLISHED:
            told = version_line(program, port, limits)
            record = record.model_copy(update={"version": told})
        progress.asking(port.title, len(planned.cases))
        if port.published is not None and not stopped():
            said = hear_out(program, port.published.run, limits)
            # What the end of the engine did to it is no fault of its own; so with the cases.
            if not stopped():
                record = record.model_copy(update={"published": builder.published_run(port, said)})
                published = (published_judgement(port, said),)
        with closing(ask(program, port, planned.cases, limits)) as transcripts:
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
    return share(port, record, planned, answers, published)


def share(
    port: Port,
    record: PortRecord,
    planned: Plan,
    transcripts: Sequence[Transcript],
    published: Sequence[Judgement],
) -> Share:
    """Judge a port's transcripts and make records of them."""
    verdicts = [builder.verdict(port, PUBLISHED_CASE, judgement) for judgement in published]
    answers: list[Answer] = []
    for transcript in transcripts:
        expected = planned.expected[transcript.case, port.arithmetic]
        found = [
            builder.verdict(port, transcript.case, judgement)
            for judgement in planned.precedents.judge(port, expected, transcript)
        ]
        deviates = any(verdict.outcome.deviates for verdict in found)
        verdicts += found
        # Nobody reads what a fixed port answers rightly.
        if deviates or port.variant is Variant.PUBLISHED:
            answers.append(builder.answer(port, transcript, in_full=deviates))
    return Share(port, record, tuple(answers), tuple(verdicts))


def ask(
    program: Program, port: Port, cases: Sequence[Case], limits: Limits
) -> Generator[Transcript, None, None]:
    """One transcript for each case, in order; cases that a port cannot be asked are not."""
    askable = [case for case in cases if not why_not(case, port)]
    questions = [
        Question(case.name, case.request(port.arithmetic), case.rows * case.columns)
        for case in askable
    ]
    with closing(converse(program, port.run, questions, limits)) as answers:
        for case in cases:
            if reason := why_not(case, port):
                yield Transcript(case.name, Ending.NOT_ASKED, reason=reason)
            else:
                yield next(answers)


def why_not(case: Case, port: Port) -> str:
    """Why a case is not put to a port, for people; nothing where it is."""
    if not case.fits(port.arithmetic):
        return "its numbers do not fit ratios of 64-bit integers"
    if case.right_hand_sides > 1 and "solve" not in port.procedures:
        return "the listing takes one right-hand side"
    return ""


def limits_of(port: Port) -> Limits:
    """The limits of a conversation with `port`."""
    return replace(
        Limits(),
        seconds_per_case=port.seconds_per_case,
        seconds_to_start=port.seconds_to_start,
    )


def version_line(program: Program, port: Port, limits: Limits) -> str:
    """What the toolchain says of itself, its first line."""
    said = hear_out(program, port.version, limits)
    lines = [line.strip() for line in (*said.output.splitlines(), *said.errors) if line.strip()]
    return lines[0][:VERSION_LINE_LENGTH] if lines else "unknown"


def published_judgement(port: Port, said: Monologue) -> Judgement:
    """The judgement on what a listing's own main printed."""
    return judge_published(port, expect(example(port), port.arithmetic), said)


def no_example(port: Port, trouble: str) -> Judgement:
    """The judgement where a listing's own main was not run."""
    if trouble:
        return Judgement(Check.PUBLISHED_OUTPUT, Outcome.GIVEN_UP, trouble)
    return Judgement(Check.PUBLISHED_OUTPUT, Outcome.ABSENT, "the listing has no main")


def never_asked(cases: Sequence[Case], trouble: str) -> Iterator[Transcript]:
    """The transcripts of a port that could not be run, or not to the end."""
    return (Transcript(case.name, Ending.GIVEN_UP, reason=trouble) for case in cases)
