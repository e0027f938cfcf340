"""Makes the records of `results` out of what the other rooms hand over."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from harness.model import finding as findings
from harness.model.case import Arithmetic
from harness.model.number import format_binary64
from harness.model.verdict import Variant
from harness.numerics import rational
from harness.results.schema import (
    AnswerRecord,
    CaseRecord,
    ClaimRecord,
    ExpectedRecord,
    FindingProblemRecord,
    FindingRecord,
    FixedRunRecord,
    OwnExampleRecord,
    PivotChoiceRecord,
    PortRecord,
    StageRecord,
    VerdictRecord,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from harness.model.answer import ProgramOutput, Stage, Transcript
    from harness.model.case import Case
    from harness.model.number import Value
    from harness.model.pivot import PivotChoice
    from harness.model.port import Port
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected
    from harness.results.schema import Rows

MAXIMUM_PRINTED_LENGTH = 42
"""Characters of the longest ratio of 64-bit integers: what a port printed is kept as it was."""

MAXIMUM_EXPECTED_LENGTH = 20
"""Exact ratios can be hundreds of digits long; longer ones are shown as the nearest double."""

MAXIMUM_OUTPUT_LENGTH = 10_000

MAXIMUM_STORED_CANDIDATES = 6
"""How many rows that could be pivot rows are kept of a step, besides the one that was taken."""

MAXIMUM_STORED_STEPS = 20
"""A longer trace of pivots is kept only where one of them is wrong."""

MAXIMUM_STORED_ENTRIES = 400
"""A result of more entries is kept only where something deviates: few would read it otherwise."""


def format_value(value: Value, longest: int = MAXIMUM_PRINTED_LENGTH) -> str:
    """A number in full: a ratio of at most `longest` characters, else the nearest double."""
    if isinstance(value, Fraction):
        text = str(value)
        if len(text) <= longest:
            return text
        value = rational.to_float(rational.from_number(value))
    return format_binary64(value) if math.isfinite(value) else repr(value)


def format_rows(rows: Sequence[Sequence[Value]], longest: int = MAXIMUM_PRINTED_LENGTH) -> Rows:
    """A matrix with its numbers in full."""
    return tuple(tuple(format_value(value, longest) for value in row) for row in rows)


def build_port_record(port: Port, engine: str) -> PortRecord:
    """The record of a port before it is run."""
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
    )


def build_pivot_choice_record(step: PivotChoice) -> PivotChoiceRecord:
    """The record of one step of a replayed elimination, with the largest candidates."""
    stored = [
        c
        for i, c in enumerate(step.candidates)
        if i < MAXIMUM_STORED_CANDIDATES or c.row == step.taken
    ]
    return PivotChoiceRecord(
        column=step.column,
        taken=step.taken,
        candidates=tuple((c.row, c.magnitude) for c in stored),
        others=len(step.candidates) - len(stored),
        legal=step.legal,
    )


def build_fixed_run_record(record: PortRecord) -> FixedRunRecord:
    """How it went to run the fixed variant, of which `record` is the record as of any port."""
    return FixedRunRecord(
        seconds=record.seconds,
        trouble=record.trouble,
        log=record.log,
        missing_toolchain=record.missing_toolchain,
    )


def build_finding_record(port: Port, finding: findings.Finding) -> FindingRecord:
    """The record of a known fault."""
    return FindingRecord(
        id=finding.id,
        port=port.name,
        title=finding.title,
        procedure=finding.procedure,
        lines=finding.lines,
        explanation=finding.explanation,
        claims=tuple(
            ClaimRecord(check=c.check, cases=c.cases, outcome=c.outcome, why=c.why)
            for c in finding.claims
        ),
        patch=finding.patch.text if finding.patch else "",
    )


def add_finding(port: Port, verdict: VerdictRecord) -> VerdictRecord:
    """The verdict with the finding that explains it, if it deviates and one does."""
    if port.variant is not Variant.PUBLISHED or not verdict.outcome.deviates:
        return verdict
    finding = findings.find_explanation(port.findings, build_deviation(verdict))
    return verdict.model_copy(update={"finding": finding.id}) if finding else verdict


def build_finding_problem_records(
    port: Port, verdicts: Sequence[VerdictRecord], cases: Sequence[str]
) -> tuple[FindingProblemRecord, ...]:
    """What is amiss with a port's findings after all `cases` were put to it as published."""
    deviations = [
        build_deviation(v) for v in verdicts if v.port == port.name and v.outcome.deviates
    ]
    return tuple(
        FindingProblemRecord(port=port.name, finding=finding.id, sentence=sentence)
        for finding in port.findings
        for sentence in findings.list_finding_problems(finding, deviations, cases)
    )


def build_deviation(verdict: VerdictRecord) -> findings.Deviation:
    """What a finding can claim of a verdict."""
    return findings.Deviation(verdict.check, verdict.case, verdict.outcome)


def build_own_example_record(port: Port, output: ProgramOutput) -> OwnExampleRecord:
    """The record of what a listing's own main printed."""
    assert port.published is not None
    return OwnExampleRecord(
        command=port.published.run,
        system=tuple(tuple(number.written for number in row) for row in port.published.matrix),
        output=output.output[:MAXIMUM_OUTPUT_LENGTH],
        errors=output.errors,
        ending=output.ending,
        reason=output.reason,
    )


def build_case_record(
    case: Case,
    expected: Mapping[tuple[str, Arithmetic], Expected],
    procedures: Collection[str] = (),
) -> CaseRecord:
    """The record of a case and of what the oracle says of it, for ports with these procedures."""
    binary = expected[case.name, Arithmetic.BINARY64]
    return CaseRecord(
        name=case.name,
        kind=case.kind,
        why=case.why,
        place=case.place,
        rows=case.rows,
        unknowns=case.unknowns,
        right_hand_sides=case.right_hand_sides,
        system=tuple(tuple(number.written for number in row) for row in case.system),
        solutions=binary.solutions,
        rank=binary.reduced.rank,
        condition=binary.condition,
        expected={
            arithmetic: build_expected_record(expected[case.name, arithmetic], procedures)
            for arithmetic in Arithmetic
            if (case.name, arithmetic) in expected
        },
    )


def build_expected_record(expected: Expected, procedures: Collection[str]) -> ExpectedRecord:
    """The record of what the oracle says."""
    reduced: list[list[Any]] = expected.reduced.matrix.tolist()
    is_square = expected.rows == expected.unknowns
    is_regular = is_square and expected.reduced.rank == expected.unknowns
    is_small = expected.rows**2 <= MAXIMUM_STORED_ENTRIES
    has_inverse = "inverse" in procedures and is_regular and is_small
    has_determinant = "determinant" in procedures and is_square
    return ExpectedRecord(
        solutions=expected.solutions,
        rank=expected.reduced.rank,
        augmented_rank=expected.reduced.augmented_rank,
        condition=expected.condition,
        growth=expected.growth,
        threshold=expected.threshold,
        reduced=format_exact_rows(reduced),
        inverse=format_exact_rows(expected.inverse.tolist()) if has_inverse else None,
        determinant=(
            format_exact_rows([[expected.determinant]])[0][0] if has_determinant else None
        ),
        solution=format_first_column(expected.solution),
        numpy=format_first_column(expected.solved),
    )


def format_exact_rows(rows: Sequence[Sequence[Any]]) -> Rows:
    """Exact numbers (`fmpq`), in full where that is short."""
    return format_rows(
        [[rational.to_fraction(v) for v in row] for row in rows], MAXIMUM_EXPECTED_LENGTH
    )


def format_first_column(columns: Sequence[Sequence[Value]] | None) -> tuple[str, ...] | None:
    """The numbers of x for the first right-hand side, in full."""
    return (
        None
        if columns is None
        else tuple(format_value(row[0], MAXIMUM_EXPECTED_LENGTH) for row in columns)
    )


def build_answer_record(port: Port, transcript: Transcript, in_full: bool = True) -> AnswerRecord:
    """The record of what a port printed for a case; without large matrices unless `in_full`."""
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
        },
        failures=dict(transcript.failures),
        remarks=transcript.remarks,
        errors=transcript.errors,
        seconds=round(transcript.seconds, 6),
    )


def build_stage_record(stage: Stage, in_full: bool) -> StageRecord:
    """The record of one printed result, or of its shape alone."""
    rows = format_rows(stage.rows) if in_full else ()
    return StageRecord(shape=stage.shape, rows=rows, trouble=stage.trouble)


def build_verdict_record(port: Port, case: str, judgement: Judgement) -> VerdictRecord:
    """The record of one judgement, with the finding that explains it."""
    is_stored = judgement.outcome.deviates or len(judgement.trace) <= MAXIMUM_STORED_STEPS
    record = VerdictRecord(
        port=port.name,
        variant=port.variant,
        case=case,
        check=judgement.check,
        outcome=judgement.outcome,
        detail=judgement.detail,
        entries=judgement.entries,
        measures=dict(judgement.measures),
        follows=judgement.follows,
        trace=tuple(build_pivot_choice_record(step) for step in judgement.trace)
        if is_stored
        else (),
    )
    return add_finding(port, record)
