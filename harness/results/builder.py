"""Builds the records of the results from the values of the other packages."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.model import finding as findings
from harness.model.verdict import Outcome, Variant
from harness.procedures.unchanged_input import is_input
from harness.results.findings import (
    ClaimRecord,
    FindingProblemRecord,
    FindingRecord,
    ProofRecord,
)
from harness.results.numbers import MAXIMUM_STORED_ENTRIES, format_rows
from harness.results.promises import build_promises_record
from harness.results.schema import (
    AnswerRecord,
    CellRecord,
    FixedRunRecord,
    OwnExampleRecord,
    PivotChoiceRecord,
    PortRecord,
    RecurrenceRecord,
    StageRecord,
    ToolchainRecord,
    VerdictRecord,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from harness.model.answer import ProgramOutput, Stage, Transcript
    from harness.model.check import Check
    from harness.model.pivot import PivotChoice
    from harness.model.port import Port
    from harness.model.proof import Proof
    from harness.model.recurrence import Recurrence
    from harness.model.toolchain import InstalledBase
    from harness.model.verdict import Judgement
    from harness.results.cells import Verdict

MAXIMUM_OUTPUT_LENGTH = 10_000

MAXIMUM_STORED_CANDIDATES = 6
"""The number of possible pivot rows that are stored for a step, in addition to the chosen one."""

MAXIMUM_STORED_STEPS = 20
"""A longer trace of pivots is stored only if its verdict deviates."""

MAXIMUM_STORED_SIZES = 3
"""A port may print more sizes than a result has, and the trouble of the result quotes them."""


def build_port_record(port: Port, engine: str) -> PortRecord:
    """Return the record of a port before it is run."""
    return PortRecord(
        name=port.name,
        language=port.language,
        listing=port.listing,
        digest=port.digest,
        document=port.document,
        arithmetic=port.arithmetic,
        procedures=port.procedures,
        notices=port.notices,
        engine=engine,
        base="",
        version="",
        seconds=0.0,
        source=port.source,
        runtime_checks=port.runtime_checks,
        promises=build_promises_record(port),
    )


def build_toolchain_record(base: InstalledBase) -> ToolchainRecord:
    """Return the record of the packages in a base."""
    return ToolchainRecord(
        image=base.image,
        requested=base.requested,
        packages=tuple((package.name, package.version) for package in base.packages),
    )


def build_pivot_choice_record(step: PivotChoice) -> PivotChoiceRecord:
    """Return the record of one step of a replayed elimination, with the largest candidates."""
    kept = {step.taken, step.due.row if step.due else None}
    stored = [
        c for i, c in enumerate(step.candidates) if i < MAXIMUM_STORED_CANDIDATES or c.row in kept
    ]
    return PivotChoiceRecord(
        column=step.column,
        taken=step.taken,
        candidates=tuple((c.row, c.magnitude) for c in stored),
        others=len(step.candidates) - len(stored),
        legal=step.legal,
        due=(step.due.row, step.due.column) if step.due else None,
    )


def build_fixed_run_record(record: PortRecord) -> FixedRunRecord:
    """Return how the fixed variant was run. `record` is its record in the form of any port's."""
    return FixedRunRecord(
        seconds=record.seconds,
        trouble=record.trouble,
        log=record.log,
        missing_toolchain=record.missing_toolchain,
        broken=record.broken,
    )


def build_finding_record(port: Port, finding: findings.Finding) -> FindingRecord:
    """Return the record of a known fault."""
    return FindingRecord(
        id=finding.id,
        port=port.name,
        title=finding.title,
        place=finding.place,
        procedure=finding.procedure,
        lines=finding.lines,
        explanation=finding.explanation,
        claims=tuple(
            ClaimRecord(check=c.check, cases=c.cases, outcome=c.outcome, why=c.why)
            for c in finding.claims
        ),
        patch=finding.patch.text if finding.patch else "",
    )


def build_proof_record(port: str, proof: Proof) -> ProofRecord:
    """Return the record of the proof of one claim."""
    return ProofRecord(
        port=port,
        finding=proof.deviation.finding,
        case=proof.deviation.case,
        check=proof.deviation.check,
        necessary=proof.necessary,
        alone=proof.alone,
        moves=proof.moves,
    )


def add_finding(port: Port, verdict: VerdictRecord) -> VerdictRecord:
    """Return the verdict with the finding that explains it, if it deviates and a finding
    explains it."""
    if port.variant is not Variant.PUBLISHED or not verdict.outcome.deviates:
        return verdict
    finding = findings.find_explanation(port.findings, build_deviation(verdict))
    return verdict.model_copy(update={"finding": finding.id}) if finding else verdict


def build_finding_problem_records(
    port: Port, verdicts: Iterable[Verdict], cases: Sequence[str], absent_cases: Collection[str]
) -> tuple[FindingProblemRecord, ...]:
    """Return the problems of a port's findings after the port was run on all `cases` as
    published. Patterns that match one of `absent_cases` make none."""
    cases_by_check: dict[Check, set[str]] = defaultdict(set)
    deviations = []
    for verdict in verdicts:
        if verdict.outcome is not Outcome.ABSENT:
            cases_by_check[verdict.check].add(verdict.case)
        if verdict.outcome.deviates:
            deviations.append(build_deviation(verdict))
    return tuple(
        FindingProblemRecord(port=port.name, finding=finding.id, sentence=sentence)
        for finding in port.findings
        for sentence in (
            *findings.list_finding_problems(finding, deviations, cases, absent_cases),
            *findings.list_claims_without_reason(finding, cases_by_check, absent_cases),
        )
    )


def build_deviation(verdict: VerdictRecord | Verdict) -> findings.Deviation:
    """Return the part of a verdict that a finding can claim."""
    return findings.Deviation(verdict.check, verdict.case, verdict.outcome)


def build_own_example_record(port: Port, output: ProgramOutput) -> OwnExampleRecord:
    """Return the record of the output of a listing's own main."""
    assert port.published is not None
    return OwnExampleRecord(
        command=port.published.run,
        system=tuple(tuple(number.written for number in row) for row in port.published.matrix),
        output=output.output[:MAXIMUM_OUTPUT_LENGTH],
        errors=output.errors,
        ending=output.ending,
        reason=output.reason,
    )


def build_cell_record(
    port: Port,
    case: str,
    verdicts: Sequence[VerdictRecord],
    transcript: Transcript | None = None,
) -> CellRecord:
    """Return the record of an answer and the verdicts on it.

    No report shows the right answers of a fixed port, so they are left out.
    """
    has_deviation = any(verdict.outcome.deviates for verdict in verdicts)
    answer = None
    if transcript and (has_deviation or port.variant is Variant.PUBLISHED):
        answer = build_answer_record(port, transcript, in_full=has_deviation)
    return CellRecord.model_construct(
        port=port.name,
        variant=port.variant,
        case=case,
        answer=answer,
        verdicts=tuple(verdicts),
    )


def build_answer_record(port: Port, transcript: Transcript, in_full: bool = True) -> AnswerRecord:
    """Return the record of what a port printed for a case; unless `in_full`, without large matrices
    and without the inputs that it handed back."""
    return AnswerRecord(
        port=port.name,
        variant=port.variant,
        case=transcript.case,
        ending=transcript.ending,
        reason=transcript.reason,
        stages={
            label: build_stage_record(
                stage, in_full or math.prod(stage.shape) <= MAXIMUM_STORED_ENTRIES
            )
            for label, stage in transcript.stages.items()
            if in_full or not is_input(label)
        },
        failures=dict(transcript.failures),
        refusals=dict(transcript.refusals),
        remarks=transcript.remarks,
        errors=transcript.errors,
        seconds=round(transcript.seconds, 6),
    )


def build_stage_record(stage: Stage, in_full: bool) -> StageRecord:
    """Return the record of one printed result, or only of its shape."""
    rows = format_rows(stage.rows) if in_full else ()
    return StageRecord(shape=stage.shape[:MAXIMUM_STORED_SIZES], rows=rows, trouble=stage.trouble)


def build_verdict_record(
    port: Port, case: str, judgement: Judgement, recurrence: Recurrence | None = None
) -> VerdictRecord:
    """Return the record of one judgement, with the finding that explains it.

    `recurrence` states that a deviation does not occur each time; the detail says so too.
    """
    is_stored = judgement.outcome.deviates or len(judgement.trace) <= MAXIMUM_STORED_STEPS
    record = VerdictRecord(
        port=port.name,
        variant=port.variant,
        case=case,
        check=judgement.check,
        outcome=judgement.outcome,
        detail=add_recurrence(judgement.detail, recurrence),
        entries=judgement.entries,
        measures=dict(judgement.measures),
        follows=judgement.follows,
        trace=tuple(build_pivot_choice_record(step) for step in judgement.trace)
        if is_stored
        else (),
        recurrence=RecurrenceRecord(**asdict(recurrence)) if recurrence else None,
        claims=judgement.claims,
    )
    return add_finding(port, record)


def add_recurrence(detail: str, recurrence: Recurrence | None) -> str:
    """Return a detail that says how the deviation recurs, if it does not recur each time."""
    if recurrence is None:
        return detail
    return f"{detail} ({recurrence.sentence})" if detail else recurrence.sentence
