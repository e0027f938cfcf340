"""Cholesky factorisation: symmetric, positive definite A in, L with A = L Lᵀ out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.promises import Triangle
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.cholesky import cholesky_errors
from harness.numerics.definiteness import Definiteness
from harness.procedures import definiteness
from harness.procedures.declaration import Result
from harness.procedures.grading import (
    format_entry,
    grade,
    judge_places,
    mismatch_of_shape,
    places_not_finite,
)
from harness.procedures.inputs import Input, find_printed, to_values
from harness.procedures.procedure import Condition, Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.procedures.declaration import ExpectedFields
    from harness.procedures.declaration import Rows as TextRows
    from harness.procedures.evidence import Evidence
    from harness.procedures.inputs import Rows

LOWER = Check("cholesky.lower", "Is L lower triangular, with a positive diagonal?", "cholesky")
PRODUCT = Check("cholesky.product", "Is A = L Lᵀ?")
TRIANGLE = Check(
    "cholesky.triangle",
    "Is L independent of the triangle that is not read?",
    claim=PortClaim.CHOLESKY_READS,
)

NO_TRIANGLE = "the port does not promise to read one triangle of A only"

NOT_GIVEN = "`input cholesky` does not show NaN in the triangle that is not read"


def judge_lower(evidence: Evidence, stage: Stage) -> Judgement:
    """Judge whether a finite L, n × n, is lower triangular with a positive diagonal.

    Where rounding decides whether A is positive definite, the diagonal may hold zeros.
    """
    size = range(evidence.expected.unknowns)
    above = [(i, j) for i in size for j in size[i + 1 :] if stage.rows[i][j] != 0]
    if above:
        return judge_places(LOWER, above, f"{format_entry(stage, above[0])}, above the diagonal")
    may_be_zero = evidence.expected.definiteness is Definiteness.DOUBTFUL
    diagonal = [(i, i) for i in size if not stage.rows[i][i] > 0]
    wrong = [(i, i) for i, _ in diagonal if stage.rows[i][i] < 0 or not may_be_zero]
    sentence = f"{format_entry(stage, wrong[0])}, on the diagonal" if wrong else ""
    return judge_places(LOWER, wrong, sentence)


def judge_product(evidence: Evidence, stage: Stage) -> Judgement:
    """Judge whether A = L Lᵀ, of the lower triangle of a finite L, n × n."""
    expected, rows = evidence.expected, stage.rows
    if expected.definiteness is Definiteness.NOT_POSITIVE:
        return Judgement(PRODUCT, Outcome.SILENT, definiteness.SILENT)
    zeros = [0.0] * expected.unknowns
    lower = rational.from_rows([[*row[: i + 1], *zeros[i + 1 :]] for i, row in enumerate(rows)])
    ratios = cholesky_errors(expected.coefficients, lower, expected.units)
    largest = max(ratios.values())
    outcome = grade(largest, expected.threshold)
    places = tuple(place for place, each in ratios.items() if each >= expected.threshold)
    detail = "" if outcome is Outcome.RIGHT else "the product of L and Lᵀ is not A"
    return Judgement(PRODUCT, outcome, detail, places, {"ratio": largest})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on L, on L Lᵀ, and on the triangle that is not read."""
    yield from judge_factor(evidence)
    yield judge_triangle(evidence)


def judge_factor(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on L and on L Lᵀ."""
    missing = definiteness.judge_missing(evidence, PROCEDURE)
    if missing is not None:
        yield missing
        yield judge_unprinted_product(missing)
        return
    stage, size = evidence.transcript.stages["cholesky"], evidence.expected.unknowns
    if complaint := mismatch_of_shape(stage, (size, size), "is due"):
        first = Judgement(LOWER, Outcome.WRONG, complaint)
    elif not rational.all_finite(stage.rows):
        first = definiteness.judge_not_finite(evidence, LOWER, "L")
        if first.outcome.deviates:
            first = replace(first, entries=places_not_finite(stage))
    else:
        yield judge_lower(evidence, stage)
        yield judge_product(evidence, stage)
        return
    yield first
    yield judge_unprinted_product(first)


def judge_unprinted_product(first: Judgement) -> Judgement:
    """Judge the product where there is no finite L, n × n, by the judgement on L."""
    if not first.outcome.deviates:
        return replace(first, check=PRODUCT)
    detail = "there is no finite L to multiply"
    return Judgement(PRODUCT, Outcome.BLOCKED, detail, follows=LOWER)


def judge_triangle(evidence: Evidence) -> Judgement:
    """Judge whether L comes out although the triangle that the port does not read holds NaN."""
    promises, missing = evidence.contract.promises, evidence.missing(PROCEDURE)
    if promises.cholesky_reads is Triangle.BOTH:
        return Judgement(TRIANGLE, Outcome.ABSENT, NO_TRIANGLE)
    is_refused = missing is not None and missing.outcome.deviates and evidence.refusal(PROCEDURE)
    if missing is not None and not is_refused:
        return cast("Judgement", evidence.missing_for(TRIANGLE, PROCEDURE))
    if evidence.expected.unknowns == 1:
        return Judgement(TRIANGLE, Outcome.ABSENT, "A has one entry")
    if not is_given(evidence):
        return Judgement(TRIANGLE, Outcome.UNREADABLE, NOT_GIVEN)
    if has_finite_factor(evidence):
        return Judgement(TRIANGLE, Outcome.RIGHT)
    if evidence.expected.definiteness is not Definiteness.POSITIVE:
        return Judgement(TRIANGLE, Outcome.ABSENT, "A need not have such an L")
    other = Triangle.UPPER if promises.cholesky_reads is Triangle.LOWER else Triangle.LOWER
    detail = f"there is no finite L where the {other} triangle of A holds NaN"
    return Judgement(TRIANGLE, Outcome.WRONG, detail)


def has_finite_factor(evidence: Evidence) -> bool:
    """Return whether a finite L was printed."""
    stage = evidence.stage(PROCEDURE)
    return stage is not None and rational.all_finite(stage.rows)


def is_given(evidence: Evidence) -> bool:
    """Return whether the input that was handed back has NaN in the triangle that is not read."""
    given, printed = give_symmetric(evidence), find_printed(evidence, "input cholesky")
    if given is None or printed is None or len(printed) != len(given):
        return False
    pairs = ((given[i], row) for i, row in enumerate(printed))
    return all(
        math.isnan(value)
        for due, row in pairs
        for old, value in zip(due, row, strict=False)
        if math.isnan(old)
    )


def give_symmetric(evidence: Evidence) -> Rows | None:
    """Return A, with NaN in the triangle that the port does not read."""
    reads = evidence.contract.promises.cholesky_reads
    return tuple(
        tuple(value if reads.contains(i, j) else math.nan for j, value in enumerate(row))
        for i, row in enumerate(to_values(evidence, evidence.expected.coefficients))
    )


def reads_other_triangle(evidence: Evidence, own: Judgement) -> bool:
    """Return whether there is no finite L where the triangle that is not read holds NaN."""
    is_promised = evidence.contract.promises.cholesky_reads is not Triangle.BOTH
    fails = own.outcome.deviates and not has_finite_factor(evidence)
    return fails and is_promised and is_given(evidence)


READS_OTHER_TRIANGLE = Condition(
    "there is no finite L, and the triangle that is not read holds NaN", reads_other_triangle
)


def due(expected: ExpectedFields, _: int) -> TextRows | None:
    """Return L, where NumPy computes it."""
    return expected.cholesky


PROCEDURE = Procedure(
    name="cholesky",
    results=(Result("cholesky", lambda m, n, k: (n, n), due),),
    checks=(LOWER, PRODUCT, TRIANGLE),
    judge=judge,
    input=Input(lambda m, n, k: (m, n), give_symmetric),
    rules=(Rule(LOWER, (TRIANGLE,), READS_OTHER_TRIANGLE),),
    is_irrational=True,
    structure=Structure.SYMMETRIC,
    may_refuse=True,
    other_refusals=True,
)
