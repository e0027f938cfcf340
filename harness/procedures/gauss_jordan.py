"""Gauss–Jordan elimination: an echelon matrix in, its reduced row echelon form out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.verdict import Judgement, Outcome, Standing
from harness.numerics import error_measures, rational
from harness.numerics.error_measures import Sensitivity
from harness.numerics.reduction_bounds import bound_reduction
from harness.procedures import gaussian_elimination, inputs, printed_echelon
from harness.procedures.declaration import Result
from harness.procedures.echelon_pivots import describe_small_entry
from harness.procedures.evidence import fact
from harness.procedures.gaussian_elimination import is_of_another_system
from harness.procedures.grading import (
    malformed,
)
from harness.procedures.printed_reduction import (
    FORM,
    ROWS,
    doubt_rows,
    judge_form,
    judge_rows,
    judge_rows_by_system,
    without_residues,
)
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.reduced_readings import Reading, list_readings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.numerics.rational import ReducedForm
    from harness.numerics.reduction_bounds import Extended
    from harness.procedures.evidence import Evidence


NO_AMPLIFICATION = Sensitivity(1.0)
ILL_CONDITIONED = "the echelon matrix is so ill-conditioned"
NO_MATRIX = "there is no finite matrix to compare"


REMARKABLE_SIZE = 1e10
"""From this size on the largest entry is worth a clause."""


# By the evidence


@fact
def echelon_sensitivity(evidence: Evidence) -> Sensitivity:
    """The amplification of rounding errors by the reduction of the echelon matrix."""
    matrix = gaussian_elimination.echelon_matrix(evidence)
    echelon = gaussian_elimination.echelon_form(evidence)
    if matrix is None or echelon is None:
        return Sensitivity(evidence.expected.rank_condition, precision=evidence.expected.units)
    return error_measures.measure_sensitivity(matrix, echelon.pivots, evidence.expected.units)


@fact
def bounds_of_system(evidence: Evidence) -> Extended:
    """The error of each entry that rounding may make, with the ratio 1."""
    stage, expected = evidence.transcript.stages["reduced"], evidence.expected
    is_comparable = not malformed(stage, expected)
    printed = rational.from_rows(stage.rows) if is_comparable else expected.reduced.matrix
    return bound_reduction(expected, printed)


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on form and rows by the echelon matrix that was handed on."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
        yield evidence.missing_for(ROWS, PROCEDURE) or missing
        return
    if (stop := gaussian_elimination.stopped(evidence)) is not None:
        yield replace(stop, check=FORM)
        yield replace(stop, check=ROWS)
        return
    if has_echelon_matrix(evidence):
        yield from judge_by_echelon_matrix(evidence)
    else:
        yield from judgements_by_system(evidence)


def has_echelon_matrix(evidence: Evidence) -> bool:
    """Return whether there is a finite matrix that it was handed by Gaussian elimination."""
    stage = evidence.stage(gaussian_elimination.PROCEDURE)
    return stage is not None and not malformed(stage, evidence.expected)


def rows_check(evidence: Evidence) -> Check:
    """Return the check of the rows that later procedures get: echelon, or else reduced."""
    has_echelon_form = evidence.has(gaussian_elimination.PROCEDURE)
    return printed_echelon.ROWS if has_echelon_form else ROWS


@fact
def stopped(evidence: Evidence) -> Judgement | None:
    """The judgement on a reduction of the system that rightly stopped half-way."""
    if evidence.missing(PROCEDURE) is not None:
        return evidence.stop(PROCEDURE) if evidence.has(PROCEDURE) else None
    judgement = judge_form(
        finished(evidence), evidence.expected.reduced, NO_AMPLIFICATION, evidence.expected
    )
    return evidence.stop(PROCEDURE) if judgement.outcome.deviates else None


@fact
def finished(evidence: Evidence) -> Stage:
    """The printed matrix without residues."""
    stage = evidence.transcript.stages["reduced"]
    return without_residues(stage, bounds_of_system(evidence), evidence.expected)


def judge_by_echelon_matrix(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on a printed matrix that was made from a printed echelon matrix."""
    printed, expected = evidence.transcript.stages["reduced"], evidence.expected
    true = cast("ReducedForm", gaussian_elimination.echelon_reduced(evidence))
    sensitivity = echelon_sensitivity(evidence)
    if malformed(printed, expected):
        yield judge_form(printed, true, sensitivity, expected)
        yield Judgement(ROWS, Outcome.BLOCKED, NO_MATRIX)
        return
    judged = [
        judge_reading(reading, true, sensitivity, evidence)
        for reading in list_readings(printed, evidence)
    ]
    yield from min(judged, key=lambda pair: [each.outcome.deviates for each in pair])


def judge_reading(
    reading: Reading, true: ReducedForm, sensitivity: Sensitivity, evidence: Evidence
) -> tuple[Judgement, Judgement]:
    """Return the judgements on form and rows of a printed matrix as promises allow to read it."""
    expected, order = evidence.expected, reading.order
    form = judge_form(reading.stage, true, sensitivity, expected, order[: expected.unknowns])
    if reading.tolerated and not form.outcome.deviates:
        detail = describe_small_entry(reading.tolerated, evidence.contract.promises)
        claim = PortClaim.ZERO_TOLERANCE
        form = replace(form, outcome=Outcome.DEFENSIBLE, detail=detail, claims=(claim,))
    if order:
        true = rational.reduced_form(rational.columns(true.matrix, order), expected.unknowns)
    if is_right_all_the_same(evidence):
        return form, Judgement(ROWS, Outcome.RIGHT)
    rows = judge_rows(reading.stage, true, sensitivity, expected)
    source = cast("fmpq_mat", gaussian_elimination.echelon_matrix(evidence))
    source = rational.columns(source, order) if order else source
    rows = doubt_rows(rows, reading.stage, true, source, expected, ILL_CONDITIONED)
    return form, replace(rows, entries=reading.find_places(rows.entries))


@fact
def is_right_all_the_same(evidence: Evidence) -> bool:
    """Return whether it is the reduced form of the system, though it was made from a wrong matrix.

    Faults in the numbers of an echelon matrix can cancel in its reduced form.
    """
    expected, stage = evidence.expected, evidence.stage(PROCEDURE)
    if stage is None or not is_of_another_system(evidence) or malformed(stage, expected):
        return False
    amplification = Sensitivity(expected.rank_condition, precision=expected.units)
    form = judge_form(stage, expected.reduced, amplification, expected)
    rows = judge_rows(stage, expected.reduced, amplification, expected)
    rows = doubt_rows(rows, stage, expected.reduced, expected.system, expected, ILL_CONDITIONED)
    return form.outcome is Outcome.RIGHT and rows.outcome is Outcome.RIGHT


@fact
def judgements_by_system(evidence: Evidence) -> tuple[Judgement, Judgement]:
    """The judgements on a printed matrix without an echelon matrix from which it was made."""
    stage, expected = finished(evidence), evidence.expected
    if (stop := stopped(evidence)) is not None:
        return stop, replace(stop, check=ROWS)
    form = judge_form(stage, expected.reduced, NO_AMPLIFICATION, expected)
    if malformed(stage, expected):
        return form, Judgement(ROWS, Outcome.BLOCKED, NO_MATRIX)
    return form, judge_rows_by_system(stage, bounds_of_system(evidence), expected)


def is_right_by_system(evidence: Evidence) -> bool:
    """Return whether a port without Gaussian elimination printed a reduced form that conforms."""
    is_alone = not evidence.has(gaussian_elimination.PROCEDURE)
    if not is_alone or evidence.missing(PROCEDURE) is not None:
        return False
    return not any(judgement.outcome.deviates for judgement in judgements_by_system(evidence))


# Which fault decides which check


def is_answered(evidence: Evidence, own: Judgement) -> bool:
    """Return whether a printed matrix was judged."""
    printed = evidence.missing(PROCEDURE) is None and gaussian_elimination.stopped(evidence) is None
    return printed and own.outcome.standing is not Standing.NEITHER


def is_right_for_another_system(evidence: Evidence, own: Judgement) -> bool:
    """Return whether the matrix is right for an echelon matrix of another system, and no other."""
    conforms = own.outcome.standing is Standing.CONFORMING
    is_inherited = is_of_another_system(evidence) and not is_right_all_the_same(evidence)
    return conforms and is_answered(evidence, own) and is_inherited


def is_made_of_no_echelon(evidence: Evidence, own: Judgement) -> bool:
    """Return whether it deviates, and elimination handed a matrix on, or there is no result."""
    handed = "echelon" in evidence.transcript.stages or evidence.missing(PROCEDURE) is not None
    return own.outcome.deviates and handed


def say_no_echelon_form(evidence: Evidence) -> str:
    """Return the detail of a result that was made from something else than an echelon form."""
    detail = "it was handed a matrix that is not in echelon form"
    if evidence.missing(PROCEDURE) is not None:
        return detail
    return detail + remarkable_size(evidence.transcript.stages["reduced"])


def remarkable_size(stage: Stage) -> str:
    """Return a clause that names the largest entry printed, where it is remarkable."""
    sizes = (abs(rational.nearest_double(v)) for row in stage.rows for v in row if v == v)
    size = max(sizes, default=0.0)
    if not REMARKABLE_SIZE <= size < math.inf:
        return ""
    return f"; it answers entries up to {error_measures.format_number(size)}"


ECHELON_CHECKS = gaussian_elimination.PROCEDURE.checks

HAS_NO_MATRIX = Condition(
    NO_MATRIX,
    lambda _, own: own.outcome is Outcome.BLOCKED and own.follows is None,
)
IS_JUDGED = Condition("always", is_answered)
IS_MADE_OF_NO_ECHELON = Condition(
    "it is not right, and was made from the printed matrix", is_made_of_no_echelon
)
IS_RIGHT_FOR_ANOTHER_SYSTEM = Condition(
    "it is right for the echelon matrix, which is of another system", is_right_for_another_system
)
IS_RIGHT = Condition("it is right", lambda _, own: own.outcome is Outcome.RIGHT)


def inherited_rules(check: Check) -> tuple[Rule, ...]:
    """Return the rules by which a fault of the echelon matrix decides a check of its reduction."""
    return (
        Rule(check, ECHELON_CHECKS[:1], IS_MADE_OF_NO_ECHELON, detail=say_no_echelon_form),
        Rule(
            check,
            ECHELON_CHECKS,
            IS_RIGHT_FOR_ANOTHER_SYSTEM,
            detail=lambda _: "right for the echelon matrix it was handed, but that is wrong",
        ),
        Rule(
            check,
            (printed_echelon.ROWS,),
            IS_RIGHT,
            Outcome.DEFENSIBLE,
            detail=lambda _: "right for the echelon matrix it was handed",
        ),
    )


PROCEDURE = Procedure(
    name="gauss_jordan",
    results=(Result("reduced", lambda m, n, k: (m, n + k), lambda due, _: due.reduced),),
    checks=(FORM, ROWS),
    judge=judge,
    input=inputs.ECHELON_OR_SYSTEM,
    rules=(
        *inherited_rules(FORM),
        Rule(ROWS, (*ECHELON_CHECKS, FORM), HAS_NO_MATRIX),
        Rule(
            ROWS,
            (FORM,),
            IS_JUDGED,
            detail=lambda _: "not in reduced form, so its columns cannot be told apart",
            clear=True,
        ),
        *inherited_rules(ROWS),
    ),
    handed_by=gaussian_elimination.PROCEDURE,
    always_asked=True,
)
