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

from harness.judging.judge import build_missing_judgements
from harness.judging.process import StoppedError
from harness.model.answer import Ending, Transcript
from harness.model.case import PUBLISHED_CASE
from harness.model.port import patch_port
from harness.model.verdict import Outcome, Variant
from harness.protocol.session import run_to_end
from harness.results import builder
from harness.results.proofs import list_unproven_claims
from harness.results.schema import RunRecord
from harness.results.times import read_fixed_time
from harness.results.writer import ResultsWriter
from harness.runs.answer_store import AnswerStore, is_explained
from harness.runs.answers import ask_cases, build_case_limits
from harness.runs.case_records import describe_cases
from harness.runs.failures import Failures
from harness.runs.judges import Judges
from harness.runs.own_example import build_missing_example
from harness.runs.plain import run_plain_builds
from harness.runs.plan import RunPlan
from harness.runs.port_records import (
    build_port_records,
    collect_finding_problems,
    collect_proof_troubles,
)
from harness.runs.progress import SILENT, Progress
from harness.runs.proofs import Subject, prove_findings
from harness.runs.repetition import Repeated, repeat
from harness.runs.threads import Job, run_jobs
from harness.runs.toolchain import read_version
from harness.runs.trivial_cases import require_answer
from harness.runs.trouble import describe_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.engines.base import Engine, Program
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.model.verdict import Judgement
    from harness.protocol.connection import CaseLimits
    from harness.results.findings import ProofRecord
    from harness.results.results import Results
    from harness.results.schema import PortRecord
    from harness.results.writer import CellSpool
    from harness.runs.answer_store import StoredAnswer

    OpenSpool = Callable[[str, Variant], CellSpool]


@dataclass(frozen=True)
class RunSource:
    """The origin of a run's ports and cases, and the commands that run one case again and that test
    a driver.

    `whole` states that the run includes all cases. Only then does every finding have to explain a
    deviation, unless it claims some of `absent_cases`, which are the names of cases of other runs.
    With `proves_findings`, ports are run with subsets of their patches too.
    """

    implementations: str
    cases: str
    again: str
    whole: bool = True
    proves_findings: bool = True
    probe: str = "harness probe {port}"
    absent_cases: frozenset[str] = frozenset()


UNKNOWN_SOURCE = RunSource("implementations", "cases", "harness show {port} {case}", whole=False)
"""The source of a run whose caller does not name one; nothing is asked of the findings then."""


@dataclass(frozen=True)
class PortRun:
    """The results of one variant of one port."""

    port: Port
    record: PortRecord
    cells: CellSpool


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
    stop, failures = stop or Event(), Failures()
    writer = ResultsWriter(read_fixed_time())
    with Judges((*before, *cases)) as judges:
        plan = RunPlan(tuple(cases), tuple(before), judges)
        for case_record in describe_cases(plan, ports, stop.is_set):
            writer.add_case(case_record)
        started, clock = datetime.now(UTC), time.monotonic()
        port_runs = run_ports(list_variants(ports), plan, engine, progress, stop, writer.open_spool)
        plain_runs = run_plain_builds(port_runs, plan, engine, stop)
        subjects: tuple[Subject, ...] = ()
        if source.proves_findings:
            subjects = prove_findings(port_runs, plan, engine, progress, stop, failures)
    for port_run in port_runs:
        writer.add_cells(port_run.cells)
    for plain_run in plain_runs.values():
        for plain_cell in plain_run.cells:
            writer.add_plain_cell(plain_cell)
    is_complete = source.whole and not stop.is_set()
    complaints = [
        *(
            collect_finding_problems(port_runs, cases, source.absent_cases, failures)
            if is_complete
            else ()
        ),
        *list_unproven_claims(write_proofs(subjects, writer, failures)),
        *collect_proof_troubles(subjects, failures),
        *(problem for port in ports for problem in failures.list_problems(port)),
    ]
    return writer.finish(
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
        findings=tuple(builder.build_finding_record(p, f) for p in ports for f in p.findings),
        complaints=tuple(complaints),
    )


def write_proofs(
    subjects: Sequence[Subject], writer: ResultsWriter, failures: Failures
) -> Iterator[ProofRecord]:
    """Write the proofs of all claims, and yield them."""
    for subject in subjects:
        with failures.keep(subject.port.name):
            for proof in subject.list_proofs():
                record = builder.build_proof_record(subject.port.name, proof)
                writer.add_proof(record)
                yield record


def run_ports(
    ports: Sequence[Port],
    plan: RunPlan,
    engine: Engine,
    progress: Progress,
    stop: Event,
    open_spool: OpenSpool,
) -> list[PortRun]:
    """Return the runs of all variants of ports that were started before the run was stopped."""
    if stop.is_set():
        return []
    jobs = [
        Job(
            partial(run_port, port, plan, engine, progress, stop.is_set, open_spool),
            partial(
                build_failed_run,
                port,
                builder.build_port_record(port, engine.name),
                plan,
                open_spool,
            ),
        )
        for port in ports
    ]
    return run_jobs(jobs, engine, plan.judges, stop)


def list_variants(ports: Sequence[Port]) -> tuple[Port, ...]:
    """Return the variants to run: all ports as published, and those with findings also fixed."""
    return (*ports, *(patch_port(port) for port in ports if port.findings))


def run_port(
    port: Port,
    plan: RunPlan,
    engine: Engine,
    progress: Progress,
    is_stopped: Callable[[], bool],
    open_spool: OpenSpool,
) -> PortRun:
    """Build one variant of a port, run it on every case, and judge its answers.

    An exception while the port is built and asked does not leave this function. Its message goes
    into the record, and the answers until then are kept.
    """
    clock = time.monotonic()
    execution = PortExecution(port, plan, engine, progress, is_stopped)
    try:
        with suppress(StoppedError):  # the answers that were judged until then are the results
            execution.build_and_ask()
    except Exception as error:
        execution.record_error(error)
    execution.update_record(seconds=round(time.monotonic() - clock, 3))
    progress.report_end(port.title, execution.record.trouble)
    if not is_stopped():
        execution.fill_in_missing()
    return collect_results(execution, open_spool(port.name, port.variant))


def build_failed_run(
    port: Port, record: PortRecord, plan: RunPlan, open_spool: OpenSpool, error: BaseException
) -> PortRun:
    """Return the run of a port at which the harness itself failed. Its cases are given up."""
    record = record.model_copy(update=describe_run(error))
    cells = open_spool(port.name, port.variant)
    # Where the same failure occurs here, the port is left without verdicts.
    with suppress(Exception):
        give_up_cases(port, plan, record.trouble, cells)
    return PortRun(port, record, cells)


def give_up_cases(port: Port, plan: RunPlan, trouble: str, cells: CellSpool) -> None:
    """Write verdicts on all cases that say why a port was not judged."""
    given_up = [
        replace(judgement, outcome=Outcome.GIVEN_UP)
        for judgement in build_missing_judgements(port.contract, trouble)
    ]
    for case in plan.cases:
        verdicts = [builder.build_verdict_record(port, case.name, each) for each in given_up]
        cells.add(builder.build_cell_record(port, case.name, verdicts))


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
        self.asked = AnswerStore()
        self.repeated: Mapping[str, Repeated] = {}
        self.own_example: Callable[[], Judgement] | None = None
        self._engine = engine
        self._progress = progress
        self._is_stopped = is_stopped

    def collect_answers(self) -> list[StoredAnswer]:
        """Wait until all answers are judged, and return those to the cases that are reported."""
        before = {case.name for case in self.plan.before}
        return [answer for answer in self.asked.collect() if answer.case not in before]

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
                self.asked.add(self.plan.judges.submit(self.port, transcript))
                self._progress.report_answers(self.port.title)

    def _repeat(self, program: Program, limits: CaseLimits) -> None:
        """Ask deviating cases again."""
        cases = {case.name: case for case in self.plan.all_cases}

        def ask(names: Sequence[str]) -> list[StoredAnswer]:
            chosen, store = [cases[name] for name in names], AnswerStore()
            with closing(ask_cases(program, self.port, chosen, limits)) as transcripts:
                for transcript in takewhile(lambda _: not self._is_stopped(), transcripts):
                    store.add(self.plan.judges.submit(self.port, transcript))
            return store.collect()

        reported = [answer.case for answer in self.collect_answers()]
        self.repeated = repeat(
            self.asked.collect(), reported, partial(is_explained, self.port), ask
        )

    def record_error(self, error: Exception) -> None:
        """Store in the record why the port could not be built, or not run to the end."""
        self.update_record(**describe_run(error))
        if self._is_stopped():
            self.update_record(trouble="interrupted")
        if self.record.broken:
            # The driver or the toolchain is at fault, so nothing is judged, its own main neither.
            self.asked, self.own_example = AnswerStore(), None

    def update_record(self, **changes: object) -> None:
        """Replace fields of the record."""
        self.record = self.record.model_copy(update=changes)

    def fill_in_missing(self) -> None:
        """Add the answers to cases that have none, and the judgement on an own example that was
        not run."""
        trouble, missing = self.record.trouble, self.plan.all_cases[self.asked.number :]
        for transcript in build_given_up_transcripts(missing, trouble):
            self.asked.add(self.plan.judges.submit(self.port, transcript))
        self.own_example = self.own_example or partial(build_missing_example, self.port, trouble)


def collect_results(execution: PortExecution, cells: CellSpool) -> PortRun:
    """Write the answers of a port and the verdicts on them to its cells. Return its run.

    Once the run is stopped, there are none for answers that were not judged in time.
    """
    port = execution.port
    with suppress(StoppedError):
        if execution.own_example is not None:
            verdict = builder.build_verdict_record(port, PUBLISHED_CASE, execution.own_example())
            cells.add(builder.build_cell_record(port, PUBLISHED_CASE, [verdict]))
    for stored in execution.collect_answers():
        repeated = execution.repeated.get(stored.case)
        recurrences = repeated.recurrences if repeated else {}
        answer = (repeated.answer if repeated else stored).load()
        verdicts = [
            builder.build_verdict_record(port, stored.case, judgement, recurrences.get(check))
            for check, judgement in answer.judgements.items()
        ]
        cells.add(builder.build_cell_record(port, stored.case, verdicts, answer.transcript))
    return PortRun(port, execution.record, cells)


def build_given_up_transcripts(cases: Sequence[Case], trouble: str) -> Iterator[Transcript]:
    """Yield transcripts for cases that a port did not answer because it could not be run."""
    return (Transcript(case.name, Ending.GIVEN_UP, reason=trouble) for case in cases)
