"""Runs ports with subsets of their patches, to prove that each finding causes what it claims.

Each port is run with the patch of each finding alone, and with all patches but this one, on the
cases that the finding claims. Where that does not decide, the other patches are left out in turn.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from harness.judging.proof import Outcomes, prove, remains
from harness.model.case import PUBLISHED_CASE
from harness.model.proof import ClaimedDeviation, Proof
from harness.model.verdict import Outcome, Variant
from harness.protocol.session import run_to_end
from harness.runs.answers import ask_cases, build_case_limits
from harness.runs.threads import Job, run_jobs
from harness.runs.trouble import describe_trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from harness.engines.base import Engine
    from harness.model.check import Check
    from harness.model.port import Port
    from harness.results.cells import Cells, Mark
    from harness.runs.plan import RunPlan
    from harness.runs.progress import Progress
    from harness.runs.runner import PortRun

PROOF_TITLE = "findings"
"""The name under which the progress of the proofs is reported."""

Subset = frozenset[str]
"""The ids of the findings whose patches are applied."""


@dataclass(frozen=True)
class PatchedRun:
    """The outcomes of a port with a subset of its patches, or why it could not be run."""

    outcomes: Outcomes
    trouble: str = ""


@dataclass(frozen=True)
class Subject:
    """A port with claimed deviations that its patches cure, and its runs so far, by subset."""

    port: Port
    deviations: tuple[ClaimedDeviation, ...]
    runs: dict[Subset, PatchedRun] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that have a patch, in their order."""
        return tuple(finding.id for finding in self.port.findings if finding.patch)

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


@dataclass(frozen=True)
class PortProofs:
    """The proofs of the claims of a port's findings.

    `troubles` says, by finding, why the port could not be run without its patch.
    """

    port: Port
    proofs: tuple[Proof, ...]
    troubles: Mapping[str, str]


def prove_findings(
    port_runs: Sequence[PortRun], plan: RunPlan, engine: Engine, progress: Progress, stop: Event
) -> tuple[PortProofs, ...]:
    """Return the proofs of all claims, or none if the run is stopped."""
    if stop.is_set():
        return ()
    subjects = tuple(list_subjects(port_runs))
    for list_trials in (list_first_trials, list_further_trials):
        trials = [
            (subject, subset, cases)
            for subject in subjects
            for subset, cases in list_trials(subject).items()
        ]
        if not trials:
            continue
        progress.report_building(PROOF_TITLE)
        progress.report_running(PROOF_TITLE, len(trials))
        jobs = [
            Job(
                partial(run_patched, subject.port, subset, cases, plan, engine, progress),
                lambda error: PatchedRun({}, describe_trouble(error)),
            )
            for subject, subset, cases in trials
        ]
        patched_runs = run_jobs(jobs, engine, plan.judges, stop)
        if stop.is_set():
            return ()
        for (subject, subset, _), patched_run in zip(trials, patched_runs, strict=True):
            subject.add(subset, patched_run)
        progress.report_end(PROOF_TITLE, "")
    return tuple(map(prove_subject, subjects))


def list_subjects(port_runs: Sequence[PortRun]) -> Iterator[Subject]:
    """Yield the ports with claimed deviations that the patches of all findings cure."""
    fixed_runs = {run.port.name: run for run in port_runs if run.port.variant is Variant.FIXED}
    for run in port_runs:
        fixed = fixed_runs.get(run.port.name)
        if run.port.variant is not Variant.PUBLISHED or fixed is None:
            continue
        if run.record.trouble or fixed.record.trouble:
            continue
        published, cured = map(collect_outcomes, (run.cells.cells, fixed.cells.cells))
        subject = Subject(run.port, ())
        deviations = tuple(
            deviation
            for deviation in list_claimed_deviations(run.cells.cells)
            if deviation.finding in subject.findings and not remains(cured, deviation)
        )
        if deviations:
            runs = {
                frozenset[str](): PatchedRun(published),
                frozenset(subject.findings): PatchedRun(cured),
            }
            yield Subject(run.port, deviations, runs)


def collect_outcomes(cells: Cells) -> Outcomes:
    """Return the outcomes of some cells by case and check."""
    return {
        (case, mark.check): mark.outcome for case, cell in cells.items() for mark in cell.marks.all
    }


def list_claimed_deviations(cells: Cells) -> Iterator[ClaimedDeviation]:
    """Yield the deviations of a port that a finding explains, and that occur each time.

    A deviation that depends on earlier cases, or on chance, cannot be put to the proof.
    """
    for case, cell in cells.items():
        for mark in cell.marks.deviating:
            if mark.finding and mark.recurs:
                blocked = find_blocked_checks(mark, cell.marks.all)
                yield ClaimedDeviation(mark.finding, case, mark.check, blocked)


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
    for deviation in subject.deviations:
        for subset in (frozenset({deviation.finding}), subject.leave_out(deviation.finding)):
            trials[subset].add(deviation.case)
    return {subset: cases for subset, cases in trials.items() if subset not in subject.runs}


def list_further_trials(subject: Subject) -> dict[Subset, set[str]]:
    """Return the runs that are left: each patch is left out where the first runs do not decide."""
    trials: defaultdict[Subset, set[str]] = defaultdict(set)
    for deviation in subject.deviations:
        if subject.is_decided(deviation):
            continue
        for subset in map(subject.leave_out, subject.findings):
            if (deviation.case, deviation.check) not in subject.look_up(subset):
                trials[subset].add(deviation.case)
    return trials


def prove_subject(subject: Subject) -> PortProofs:
    """Return the proofs of a port's claims from its runs."""
    claiming = {deviation.finding for deviation in subject.deviations}
    troubles = {
        finding: patched_run.trouble
        for finding in subject.findings
        if finding in claiming
        and (patched_run := subject.runs.get(subject.leave_out(finding)))
        and patched_run.trouble
    }
    proofs = tuple(
        prove_deviation(subject, deviation)
        for deviation in subject.deviations
        if deviation.finding not in troubles
    )
    return PortProofs(subject.port, proofs, troubles)


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
        return PatchedRun(dict(ask_patched(patched, cases, plan, engine)))
    finally:
        progress.report_answers(PROOF_TITLE)


def ask_patched(
    port: Port, names: set[str], plan: RunPlan, engine: Engine
) -> Iterator[tuple[tuple[str, Check], Outcome]]:
    """Yield the outcomes of a variant of a port on some cases, by case and check."""
    limits = build_case_limits(port)
    program = engine.build(port)
    if port.published is not None:
        output = run_to_end(program, port.published.run, limits)
        judgement = plan.judges.submit_example(port, output).get()
        yield (PUBLISHED_CASE, judgement.check), judgement.outcome
    cases = [case for case in plan.cases if case.name in names]
    with closing(ask_cases(program, port, cases, limits)) as transcripts:
        for transcript in transcripts:
            for check, judgement in plan.judge(port, transcript).judgements.items():
                yield (transcript.case, check), judgement.outcome
