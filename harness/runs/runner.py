"""Runs every port on every case, from building to verdicts. Ports run in parallel threads.

A port that has findings is run twice: as published, and with their patches. A fault of one port, or
of its engine, does not affect the verdicts on the other ports.
"""

from __future__ import annotations

import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import takewhile
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import BrokenPortError, ToolchainMissingError
from harness.judging.judge import build_missing_judgements
from harness.judging.process import StoppedError
from harness.model.answer import Ending, Transcript
from harness.model.case import PUBLISHED_CASE
from harness.model.port import patch_port
from harness.model.verdict import Outcome, Variant
from harness.protocol.session import run_to_end
from harness.results import builder
from harness.results.proofs import list_failed_proofs, list_unproven_claims
from harness.results.schema import Results, RunRecord
from harness.runs.answers import Answer, ask_cases, build_case_limits, is_explained
from harness.runs.case_records import describe_cases
from harness.runs.judges import Judges
from harness.runs.own_example import build_missing_example
from harness.runs.plain import run_plain_builds
from harness.runs.plan import RunPlan
from harness.runs.progress import SILENT, Progress
from harness.runs.proofs import PortProofs, prove_findings
from harness.runs.repetition import Repeated, repeat
from harness.runs.threads import Job, run_jobs
from harness.runs.toolchain import read_version
from harness.runs.trivial_cases import require_answer
from harness.runs.trouble import describe_trouble, format_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.engines.base import Engine, Program
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.model.verdict import Judgement
    from harness.protocol.connection import CaseLimits
    from harness.results.schema import (
        AnswerRecord,
        FindingProblemRecord,
        PlainRunRecord,
        PortRecord,
        VerdictRecord,
    )
    from harness.runs.answers import PendingAnswer


@dataclass(frozen=True)
class RunSource:
    """The origin of a run's ports and cases, and the commands that run one case again and that test
    a driver.

    `whole` states that the run includes all cases. Only then does every finding have to explain a
    deviation. With `proves_findings`, ports are run with subsets of their patches too.
    """

    implementations: str
    cases: str
    again: str
    whole: bool = True
    proves_findings: bool = True
    probe: str = "harness probe {port}"


UNKNOWN_SOURCE = RunSource("implementations", "cases", "harness show {port} {case}", whole=False)
"""The source of a run whose caller does not name one; nothing is asked of the findings then."""


@dataclass(frozen=True)
class PortRun:
    """The results of one variant of one port."""

    port: Port
    record: PortRecord
    answers: tuple[AnswerRecord, ...]
    verdicts: tuple[VerdictRecord, ...]


def run(
    ports: Sequence[Port],
    cases: Sequence[Case],
    engine: Engine,
    progress: Progress = SILENT,
    source: RunSource = UNKNOWN_SOURCE,
    stop: Event | None = None,
    before: Sequence[Case] = (),
) -> Results:
    """Build every port, run it on every case, and judge its answers. Return the results.

    `progress` receives the progress, from several threads. `source` goes into the results. The
    cases in `before` are asked first, in the same process, and are not reported.

    The run ends early if `stop` is set or on a KeyboardInterrupt. The results then contain what was
    finished, and are marked as interrupted.

    Raises CaseError if a case declares something that is not true of it.
    """
    stop = stop or Event()
    with Judges((*before, *cases)) as judges:
        plan = RunPlan(tuple(cases), tuple(before), judges)
        case_records = tuple(describe_cases(plan, ports, stop.is_set))
        started, clock = datetime.now(UTC), time.monotonic()
        port_runs = run_ports(list_variants(ports), plan, engine, progress, stop)
        plain_runs = run_plain_builds(port_runs, plan, engine, stop)
        proofs: tuple[PortProofs, ...] = ()
        if source.proves_findings:
            proofs = prove_findings(port_runs, plan, engine, progress, stop)
    proof_records = tuple(
        builder.build_proof_record(p.port.name, proof) for p in proofs for proof in p.proofs
    )
    is_complete = source.whole and not stop.is_set()
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
            probe=source.probe,
            interrupted=stop.is_set(),
        ),
        ports=build_port_records(port_runs, plain_runs),
        cases=case_records,
        answers=tuple(answer for port_run in port_runs for answer in port_run.answers),
        verdicts=tuple(verdict for port_run in port_runs for verdict in port_run.verdicts),
        findings=tuple(builder.build_finding_record(p, f) for p in ports for f in p.findings),
        proofs=proof_records,
        complaints=(
            *(collect_finding_problems(port_runs, cases) if is_complete else ()),
            *list_unproven_claims(proof_records),
            *(problem for p in proofs for problem in list_failed_proofs(p.port.name, p.troubles)),
        ),
    )


def run_ports(
    ports: Sequence[Port], plan: RunPlan, engine: Engine, progress: Progress, stop: Event
) -> list[PortRun]:
    """Return the runs of all variants of ports that were started before the run was stopped."""
    if stop.is_set():
        return []
    jobs = [
        Job(
            partial(run_port, port, plan, engine, progress, stop.is_set),
            partial(build_failed_run, port, builder.build_port_record(port, engine.name), plan),
        )
        for port in ports
    ]
    return run_jobs(jobs, engine, plan.judges, stop)


def list_variants(ports: Sequence[Port]) -> tuple[Port, ...]:
    """Return the variants to run: all ports as published, and those with findings also fixed."""
    return (*ports, *(patch_port(port) for port in ports if port.findings))


def build_port_records(
    port_runs: Sequence[PortRun], plain_runs: Mapping[str, PlainRunRecord]
) -> tuple[PortRecord, ...]:
    """Return a record for each port that was run as published. It contains that of the fixed
    port and that of its plain build."""
    fixed_records = {
        port_run.port.name: builder.build_fixed_run_record(port_run.record)
        for port_run in port_runs
        if port_run.port.variant is Variant.FIXED
    }
    return tuple(
        port_run.record.model_copy(
            update={
                "fixed": fixed_records.get(port_run.port.name),
                "plain": plain_runs.get(port_run.port.name),
            }
        )
        for port_run in port_runs
        if port_run.port.variant is Variant.PUBLISHED
    )


def collect_finding_problems(
    port_runs: Sequence[PortRun], cases: Sequence[Case]
) -> tuple[FindingProblemRecord, ...]:
    """Return the problems of the findings of all ports that could be run."""
    names = (PUBLISHED_CASE, *(case.name for case in cases))
    return tuple(
        problem
        for port_run in port_runs
        if port_run.port.variant is Variant.PUBLISHED and not port_run.record.trouble
        for problem in builder.build_finding_problem_records(
            port_run.port, port_run.verdicts, names
        )
    )


def run_port(
    port: Port, plan: RunPlan, engine: Engine, progress: Progress, is_stopped: Callable[[], bool]
) -> PortRun:
    """Build one variant of a port, run it on every case, and judge its answers.

    An exception while the port is built and asked does not leave this function. Its message goes
    into the record, and the answers until then are kept.
    """
    clock = time.monotonic()
    execution = PortExecution(port, plan, engine, progress, is_stopped)
    try:
        execution.build_and_ask()
    except Exception as error:
        execution.record_error(error)
    execution.update_record(seconds=round(time.monotonic() - clock, 3))
    progress.report_end(port.title, execution.record.trouble)
    if not is_stopped():
        execution.fill_in_missing()
    return collect_results(execution)


def build_failed_run(
    port: Port, record: PortRecord, plan: RunPlan, error: BaseException
) -> PortRun:
    """Return the run of a port at which the harness itself failed. Its cases are given up."""
    trouble = describe_trouble(error)
    changes = {"trouble": trouble, "log": format_log(error)}
    given_up = [
        replace(judgement, outcome=Outcome.GIVEN_UP)
        for judgement in build_missing_judgements(port.contract, trouble)
    ]
    verdicts = [
        builder.build_verdict_record(port, case.name, judgement)
        for case in plan.cases
        for judgement in given_up
    ]
    return PortRun(port, record.model_copy(update=changes), (), tuple(verdicts))


class PortExecution:
    """One variant of a port while it is run: its record, answers and own example so far.

    `asked` holds the answers to all cases, in their order; they are judged meanwhile. `repeated`
    holds the cases in which a deviation does not recur when they are asked again.
    """

    def __init__(
        self,
        port: Port,
        plan: RunPlan,
        engine: Engine,
        progress: Progress,
        is_stopped: Callable[[], bool],
    ) -> None:
        self.port = port
        self.plan = plan
        self.record = builder.build_port_record(port, engine.name)
        self.asked: list[PendingAnswer] = []
        self.repeated: Mapping[str, Repeated] = {}
        self.own_example: Callable[[], Judgement] | None = None
        self._engine = engine
        self._progress = progress
        self._is_stopped = is_stopped

    @property
    def answers(self) -> Sequence[PendingAnswer]:
        """The answers to the cases that are reported."""
        return self.asked[len(self.plan.before) :]

    def build_and_ask(self) -> None:
        """Build the port, then run its own example and all cases, until the run is stopped.

        Raises HarnessError or OSError if the port cannot be built or run.
        """
        port, limits = self.port, build_case_limits(self.port)
        self._progress.report_building(port.title)
        program = self._engine.build(port)
        self.update_record(
            base=program.base.description,
            toolchain=builder.build_toolchain_record(program.base),
        )
        if port.variant is Variant.PUBLISHED:
            self.update_record(version=read_version(program, port, limits))
        self._progress.report_running(port.title, len(self.plan.all_cases))
        self._run_own_example(program, limits)
        self._ask_cases(program, limits)
        self._repeat(program, limits)

    def _run_own_example(self, program: Program, limits: CaseLimits) -> None:
        if self.port.published is None or self._is_stopped():
            return
        output = run_to_end(program, self.port.published.run, limits)
        # If the run was stopped, the closed engine may have ended the program. That is not a fault
        # of the program. The same applies to the cases.
        if not self._is_stopped():
            self.update_record(published=builder.build_own_example_record(self.port, output))
            self.own_example = self.plan.judges.submit_example(self.port, output).get

    def _ask_cases(self, program: Program, limits: CaseLimits) -> None:
        has_answered = False
        with closing(ask_cases(program, self.port, self.plan.all_cases, limits)) as transcripts:
            for transcript in transcripts:
                if self._is_stopped():
                    break
                if not has_answered and transcript.ending is not Ending.NOT_ASKED:
                    if not transcript.follows_protocol:
                        require_answer(program, self.port, limits)
                    has_answered = True
                self.asked.append(self.plan.judges.submit(self.port, transcript))
                self._progress.report_answers(self.port.title)

    def _repeat(self, program: Program, limits: CaseLimits) -> None:
        """Ask deviating cases again."""
        cases = {case.name: case for case in self.plan.all_cases}

        def ask(names: Sequence[str]) -> list[Answer]:
            chosen = [cases[name] for name in names]
            with closing(ask_cases(program, self.port, chosen, limits)) as transcripts:
                given = takewhile(lambda _: not self._is_stopped(), transcripts)
                return [self.plan.judge(self.port, transcript) for transcript in given]

        first = [answer.get() for answer in self.asked]
        reported = [answer.transcript.case for answer in self.answers]
        self.repeated = repeat(first, reported, partial(is_explained, self.port), ask)

    def record_error(self, error: Exception) -> None:
        """Store in the record why the port could not be built, or not run to the end."""
        trouble = describe_trouble(error)
        self.update_record(
            trouble=trouble if not self._is_stopped() else "interrupted",
            log=format_log(error),
            missing_toolchain=isinstance(error, ToolchainMissingError),
            broken=isinstance(error, BrokenPortError),
        )
        if self.record.broken:
            # The driver or the toolchain is at fault, so nothing is judged, its own main neither.
            self.asked, self.own_example = [], None

    def update_record(self, **changes: object) -> None:
        """Replace fields of the record."""
        self.record = self.record.model_copy(update=changes)

    def fill_in_missing(self) -> None:
        """Add the answers to cases that have none, and the judgement on an own example that was
        not run."""
        trouble, missing = self.record.trouble, self.plan.all_cases[len(self.asked) :]
        for transcript in build_given_up_transcripts(missing, trouble):
            self.asked.append(self.plan.judges.submit(self.port, transcript))
        self.own_example = self.own_example or partial(build_missing_example, self.port, trouble)


def collect_results(execution: PortExecution) -> PortRun:
    """Return the records of the answers of a port and of the verdicts on them.

    Once the run is stopped, there are none for answers that were not judged in time.
    """
    port = execution.port
    verdicts: list[VerdictRecord] = []
    answers: list[AnswerRecord] = []
    with suppress(StoppedError):
        if execution.own_example is not None:
            judgement = execution.own_example()
            verdicts.append(builder.build_verdict_record(port, PUBLISHED_CASE, judgement))
    for pending in execution.answers:
        case = pending.transcript.case
        repeated = execution.repeated.get(case)
        try:
            answer = repeated.answer if repeated else pending.get()
        except StoppedError:
            continue
        recurrences = repeated.recurrences if repeated else {}
        case_verdicts = [
            builder.build_verdict_record(port, case, judgement, recurrences.get(check))
            for check, judgement in answer.judgements.items()
        ]
        has_deviation = any(verdict.outcome.deviates for verdict in case_verdicts)
        verdicts += case_verdicts
        # No report shows the correct answers of a fixed port.
        if has_deviation or port.variant is Variant.PUBLISHED:
            record = builder.build_answer_record(port, answer.transcript, in_full=has_deviation)
            answers.append(record)
    return PortRun(port, execution.record, tuple(answers), tuple(verdicts))


def build_given_up_transcripts(cases: Sequence[Case], trouble: str) -> Iterator[Transcript]:
    """Yield transcripts for cases that a port did not answer because it could not be run."""
    return (Transcript(case.name, Ending.GIVEN_UP, reason=trouble) for case in cases)
