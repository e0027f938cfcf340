"""The judgement on X, n × k, of any system A X = B: each column as the x of a single system."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.answer import Stage
from harness.model.verdict import RANKS, Judgement, Outcome, Standing
from harness.numerics import rational
from harness.numerics.oracle import select_side
from harness.procedures import back_substitution
from harness.procedures.evidence import Evidence
from harness.procedures.grading import mismatch_of_shape, places_not_finite
from harness.procedures.relations import relate_column

if TYPE_CHECKING:
    from harness.model.check import Check
    from harness.procedures.declaration import Declaration

X = back_substitution.PROCEDURE


def judge_columns(evidence: Evidence, procedure: Declaration, check: Check) -> Judgement:
    """Judge a printed X, or the reason why there is none, by the worst of its columns.

    Each column is judged as back substitution of a port that shows no matrix is.
    """
    missing, sides = evidence.missing(procedure), evidence.expected.right_hand_sides
    if missing is not None:
        is_judged = missing.outcome.standing is not Standing.NEITHER
        if not is_judged or not evidence.refusal(procedure):
            return missing
    stage = evidence.stage(procedure)
    if stage is not None and sides > 1 and any(stage.rows):
        shape = evidence.expected.unknowns, sides
        if complaint := mismatch_of_shape(stage, shape, "is due"):
            return Judgement(check, Outcome.WRONG, complaint, places_not_finite(stage))
    columns = range(sides if missing is None else 1)
    judgements = [judge_column(evidence, procedure, j) for j in columns]
    worst = min(columns, key=lambda j: RANKS[judgements[j].outcome])
    judgement = judgements[worst]
    detail = judgement.detail.replace(f"{X.name} failed", f"{procedure.name} failed", 1)
    if sides > 1 and missing is None and detail:
        detail = f"column {worst + 1}: {detail}"
        if judgement.outcome.deviates and stage is not None and rational.all_finite(stage.rows):
            x = rational.columns(rational.from_rows(stage.rows), [worst])
            detail += relate_column(x, evidence.expected, worst)
    entries = tuple((i, worst) for i, _ in judgement.entries)
    return replace(judgement, check=check, detail=detail, entries=entries)


def judge_column(evidence: Evidence, procedure: Declaration, column: int) -> Judgement:
    """Judge one column of X, from 0, by the system with that right-hand side alone."""
    transcript, stage = evidence.transcript, evidence.stage(procedure)
    stages = {}
    if stage is not None:
        rows = tuple((row[column],) for row in stage.rows)
        is_alone = evidence.expected.right_hand_sides == 1
        stages["solution"] = stage if is_alone else Stage("solution", (len(rows),), rows)
    failures, refusals = (
        {X.name: messages[procedure.name]} if procedure.name in messages else {}
        for messages in (transcript.failures, transcript.refusals)
    )
    contract = replace(evidence.contract, procedures=(X.name,))
    expected = select_side(evidence.expected, column)
    single = replace(transcript, stages=stages, failures=failures, refusals=refusals)
    view = Evidence(contract, (X,), expected, single)
    return next(iter(back_substitution.judge(view)))
