"""Runs ports with subsets of their patches, to prove that each finding causes what it claims.

Each port is run with the patch of each finding alone, and with all patches but this one, on the
cases that the finding claims. Where that does not decide, the other patches are left out in turn.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from harness.judging.proof import NO_OUTCOMES, Outcomes, prove, remains
from harness.model.case import PUBLISHED_CASE
from harness.model.proof import ClaimedDeviation, Proof
from harness.model.verdict import Outcome, Variant
from harness.protocol.session import run_to_end
from harness.runs.answers import ask_cases, build_case_limits
from harness.runs.outcome_pool import OutcomePool
from harness.runs.threads import Job, run_jobs
from harness.runs.trouble import describe_trouble, is_build_failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from harness.engines.base import Engine
    from harness.model.check import Check
    from harness.model.port import Port
    from harness.results.cells import Cells, Mark, Marks
    from harness.runs.failures import Failures
    from harness.runs.plan import RunPlan
    from harness.runs.progress import Progress
    from harness.runs.runner import PortRun

PROOF_TITLE = "findings"
"""The name under which the progress of the proofs is reported."""

Subset = frozenset[str]
"""The ids of the findings whose patches are applied."""


@dataclass(frozen=True)
class PatchedRun:
    """The outcomes of a port with a subset of its patches, or why it could not be run.

    `has_failed` says that the harness or the engine failed. The patches are then not the reason.
    """

    outcomes: Outcomes
    trouble: str = ""
    has_failed: bool = False


class ProofTrouble(NamedTuple):
    """Why the port could not be run with some of its patches, for the finding that it is about.

    `has_failed` says that the harness or the engine failed.
    """

    finding: str
    sentence: str
    has_failed: bool


class ClaimedCheck(NamedTuple):
    """What a finding claims in one cell: a check, and the checks that its deviation blocks."""

    finding: str
    check: Check
    blocked: tuple[Check, ...]


@dataclass(frozen=True)
class Subject:
    """A port with findings, its cells as published, and its runs so far, by subset of patches.

    Its deviations are read from the cells whenever they are needed: a port may have many thousands.
    """

    port: Port
    cells: Cells
    runs: dict[Subset, PatchedRun] = field(default_factory=dict)
    _claims: dict[Marks, tuple[ClaimedCheck, ...]] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that have a patch, in their order."""
        return tuple(finding.id for finding in self.port.findings if finding.patch)

    def list_deviations(self) -> Iterator[ClaimedDeviation]:
        """Yield the claimed deviations that the patches of all findings cure."""
        findings = frozenset(self.findings)
        cured = self.look_up(findings)
        for case, cell in self.cells.items():
            claims = self._claims.get(cell.marks)
            if claims is None:
                claims = self._claims[cell.marks] = tuple(list_claims(cell.marks))
            for finding, check, blocked in claims:
                deviation = ClaimedDeviation(finding, case, check, blocked)
                if finding in findings and not remains(cured, deviation):
                    yield deviation

    def leave_out(self, finding: str) -> Subset:
        """Return the subset of all patches but one."""
        return frozenset(self.findings) - {finding}

    def look_up(self, subset: Subset) -> Outcomes:
        """Return the outcomes with a subset of the patches, as far as they are known."""
        return self.runs[subset].outcomes if subset in self.runs else {}

    def is_decided(self, deviation: ClaimedDeviation) -> bool:
        """Return whether the patch alone cures a deviation, and is necessary for it."""
        alone = self.look_up(frozenset({deviation.finding}))
        without = self.look_up(self.leave_out(deviation.finding))
        return not remains(alone, deviation) and remains(without, deviation)

    def add(self, subset: Subset, patched_run: PatchedRun) -> None:
        """Add the outcomes of a run with a subset of the patches."""
        known = self.look_up(subset)
        self.runs[subset] = replace(patched_run, outcomes={**known, **patched_run.outcomes})

    def list_troubles(self) -> Iterator[ProofTrouble]:
        """Yield why the port could not be run with some of its patches.

        A patch that cannot be applied or built alone cures nothing alone. All others without it
        have to be built, if it claims something.
        """
        claiming = {deviation.finding for deviation in self.list_deviations()}
        for finding in self.findings:
            claims = "its claims" if finding in claiming else "claims of other findings"
            for subset, patches in (
                (frozenset({finding}), "its own patch alone"),
                (self.leave_out(finding), "all patches but its own"),
            ):
                run = self.runs.get(subset)
                if run is None or not run.trouble:
                    continue
                if run.has_failed or (finding in claiming and subset == self.leave_out(finding)):
                    sentence = f"{claims} are not proven: with {patches}, {run.trouble}"
                    yield ProofTrouble(finding, sentence, run.has_failed)

    def list_proofs(self) -> Iterator[Proof]:
        """Yield the proofs of the claims, except for those that lack a run."""
        without_proof = {trouble.finding for trouble in self.list_troubles()}
        for deviation in self.list_deviations():
            if deviation.finding not in without_proof:
                yield prove_deviation(self, deviation)


def prove_findings(
    port_runs: Sequence[PortRun],
    plan: RunPlan,
    engine: Engine,
    progress: Progress,
    stop: Event,
    failures: Failures,
) -> tuple[Subject, ...]:
    """Return the ports whose findings claim something, with the runs that prove it; none if the run
    is stopped. A port at which the harness fails is left out, and is in `failures`."""
    if stop.is_set():
        return ()
    subjects = list_subjects(port_runs, failures)
    for list_trials in (list_first_trials, list_further_trials):
        trials: list[tuple[Subject, Subset, set[str]]] = []
        for subject in subjects:
            with failures.keep(subject.port.name):
                trials += [(subject, *trial) for trial in list_trials(subject).items()]
        with failures.keep(*(subject.port.name for subject in subjects)):
            run_trials(trials, plan, engine, progress, stop)
        if stop.is_set():
            return ()
        subjects = [each for each in subjects if each.port.name not in failures.errors]
    return tuple(subjects)


def run_trials(
    trials: Sequence[tuple[Subject, Subset, set[str]]],
    plan: RunPlan,
    engine: Engine,
    progress: Progress,
    stop: Event,
) -> None:
    """Run ports with subsets of their patches on some cases, and add the outcomes to the subjects,
    unless the run is stopped."""
    if not trials:
        return
    progress.report_building(PROOF_TITLE)
    progress.report_running(PROOF_TITLE, len(trials))
    jobs = [
        Job(
            partial(run_patched, subject.port, subset, cases, plan, engine, progress),
            build_failed_run,
        )
        for subject, subset, cases in trials
    ]
    patched_runs = run_jobs(jobs, engine, plan.judges, stop)
    if stop.is_set():
        return
    for (subject, subset, _), patched_run in zip(trials, patched_runs, strict=True):
        subject.add(subset, patched_run)
    progress.report_end(PROOF_TITLE, "")


def build_failed_run(error: BaseException) -> PatchedRun:
    """Return the run of a port that an exception ended."""
    return PatchedRun({}, describe_trouble(error), has_failed=not is_build_failure(error))


def list_subjects(port_runs: Sequence[PortRun], failures: Failures) -> list[Subject]:
    """Return the ports with claimed deviations that the patches of all findings cure."""
    fixed_runs = {run.port.name: run for run in port_runs if run.port.variant is Variant.FIXED}
    subjects = []
    for run in port_runs:
        fixed = fixed_runs.get(run.port.name)
        if run.port.variant is not Variant.PUBLISHED or fixed is None:
            continue
        if run.record.trouble or fixed.record.trouble:
            continue
        with failures.keep(run.port.name):
            subject = build_subject(run, fixed)
            if any(subject.list_deviations()):
                subjects.append(subject)
    return subjects


def build_subject(run: PortRun, fixed: PortRun) -> Subject:
    """Return a port with its run as published and that with all patches."""
    subject, pool = Subject(run.port, run.cells.cells), OutcomePool()
    subject.add(frozenset(), PatchedRun(collect_outcomes(run.cells.cells, pool)))
    all_patches = frozenset(subject.findings)
    subject.add(all_patches, PatchedRun(collect_outcomes(fixed.cells.cells, pool)))
    return subject


def collect_outcomes(cells: Cells, pool: OutcomePool) -> Outcomes:
    """Return the outcomes of some cells by case and check."""
    return {
        case: pool.share((mark.check, mark.outcome) for mark in cell.marks.all)
        for case, cell in cells.items()
    }


def list_claims(marks: Marks) -> Iterator[ClaimedCheck]:
    """Yield the deviations of a cell that a finding explains, and that occur each time.

    A deviation that depends on earlier cases, or on chance, cannot be put to the proof.
    """
    for mark in marks.deviating:
        if mark.finding and mark.recurs:
            yield ClaimedCheck(mark.finding, mark.check, find_blocked_checks(mark, marks.all))


def find_blocked_checks(mark: Mark, marks: Sequence[Mark]) -> tuple[Check, ...]:
    """Return the checks of the same printed result that a deviation blocks, directly or not."""
    causes = [mark.check]
    for cause in causes:
        causes += [
            other.check
            for other in marks
            if (other.outcome, other.follows) == (Outcome.BLOCKED, cause)
            and other.check.label == cause.label
            and other.check not in causes
        ]
    return tuple(causes[1:])


def list_first_trials(subject: Subject) -> dict[Subset, set[str]]:
    """Return the runs that prove most claims: the cases to ask, by subset of the patches."""
    trials: defaultdict[Subset, set[str]] = defaultdict(set)
    for deviation in subject.list_deviations():
        for subset in (frozenset({deviation.finding}), subject.leave_out(deviation.finding)):
            trials[subset].add(deviation.case)
    return {subset: cases for subset, cases in trials.items() if subset not in subject.runs}


def list_further_trials(subject: Subject) -> dict[Subset, set[str]]:
    """Return the runs that are left: each patch is left out where the first runs do not decide."""
    trials: defaultdict[Subset, set[str]] = defaultdict(set)
    for deviation in subject.list_deviations():
        if subject.is_decided(deviation):
            continue
        for subset in map(subject.leave_out, subject.findings):
            if deviation.check not in subject.look_up(subset).get(deviation.case, NO_OUTCOMES):
                trials[subset].add(deviation.case)
    return trials


def prove_deviation(subject: Subject, deviation: ClaimedDeviation) -> Proof:
    """Return the proof of one claim."""
    if subject.is_decided(deviation):
        return Proof(deviation, (deviation.finding,), alone=True)
    runnable = [
        finding
        for finding in subject.findings
        if not subject.runs[subject.leave_out(finding)].trouble
    ]
    return prove(
        deviation,
        runnable,
        subject.look_up(frozenset({deviation.finding})),
        lambda finding: subject.look_up(subject.leave_out(finding)),
    )


def run_patched(
    port: Port, subset: Subset, cases: set[str], plan: RunPlan, engine: Engine, progress: Progress
) -> PatchedRun:
    """Run a port with a subset of its patches on some cases, and return the outcomes."""
    findings = tuple(finding for finding in port.findings if finding.id in subset)
    # The listing's own main is built only if its output is claimed.
    published = port.published if PUBLISHED_CASE in cases else None
    patched = replace(port, variant=Variant.FIXED, findings=findings, published=published)
    try:
        pool = OutcomePool()
        return PatchedRun(dict(ask_patched(patched, cases, plan, engine, pool)))
    finally:
        progress.report_answers(PROOF_TITLE)


def ask_patched(
    port: Port, names: set[str], plan: RunPlan, engine: Engine, pool: OutcomePool
) -> Iterator[tuple[str, Mapping[Check, Outcome]]]:
    """Yield the outcomes of a variant of a port on some cases, each with its case."""
    limits = build_case_limits(port)
    program = engine.build(port)
    if port.published is not None:
        output = run_to_end(program, port.published.run, limits)
        judgement = plan.judges.submit_example(port, output).get()
        yield PUBLISHED_CASE, {judgement.check: judgement.outcome}
    cases = [case for case in plan.cases if case.name in names]
    with closing(ask_cases(program, port, cases, limits)) as transcripts:
        for transcript in transcripts:
            judgements = plan.judge(port, transcript).judgements
            outcomes = ((check, judgement.outcome) for check, judgement in judgements.items())
            yield transcript.case, pool.share(outcomes)
