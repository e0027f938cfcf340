"""Back substitution: an echelon matrix in, the solution x out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.case import Solutions
from harness.model.contract import Method
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.procedures import (
    gauss_jordan,
    gaussian_elimination,
    inputs,
    printed_echelon,
    printed_reduction,
)
from harness.procedures.declaration import Result
from harness.procedures.evidence import fact
from harness.procedures.gaussian_elimination import (
    column_order,
    echelon_has_unique_solution,
    echelon_matrix,
    is_decided_by_rounding,
)
from harness.procedures.grading import grade
from harness.procedures.printed_solution import (
    VALUE,
    error_ratio,
    judge_not_unique,
    judge_unique,
    not_a_vector,
)
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.singular_matrix import elimination_rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence


# By the evidence


def method(evidence: Evidence) -> Method:
    """Return the method by which x was computed: any, or an elimination if the port shows one."""
    is_any = evidence.contract.method is Method.ANY
    return Method.ANY if is_any else Method.ELIMINATION


@fact
def value(evidence: Evidence) -> Judgement:
    """The judgement on x alone."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        if not is_refused(evidence):
            return missing
        return judge_refusal(evidence, f"refused: {evidence.refusal(PROCEDURE)}", missing)
    if (stop := stopped(evidence)) is not None:
        return replace(stop, check=VALUE)
    stage = evidence.transcript.stages["solution"]
    if not any(stage.rows) or not rational.all_finite(stage.rows):
        reason = "x is not finite" if any(stage.rows) else "no numbers"
        return judge_refusal(
            evidence, reason, judge_unique(stage, evidence.expected, method(evidence))
        )
    if evidence.unique:
        judgement = judge_unique(stage, evidence.expected, method(evidence))
        return judge_read_off(evidence, judgement)
    if not evidence.notice and (nearby := judge_nearby(evidence)) is not None:
        return nearby
    stops = evidence.contract.stops_at_notice
    judgement = judge_not_unique(stage, evidence.expected, evidence.notice, stops, method(evidence))
    return judge_read_off(evidence, judgement)


def judge_read_off(evidence: Evidence, own: Judgement) -> Judgement:
    """Judge an x that was read off a reduced form, the only matrix that the port gives.

    Its forward error is small where that of the matrix is, but not always its residual.
    """
    is_silent = own.outcome is Outcome.SILENT
    if not own.outcome.deviates or is_silent or not gauss_jordan.is_right_by_system(evidence):
        return own
    if not (solves_echelon_matrix(evidence) or solves_pivot_rows(evidence)):
        return own
    detail, follows = (
        "right for the reduced matrix, within its rounding errors",
        printed_reduction.ROWS,
    )
    return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, entries=(), follows=follows)


def stopped(evidence: Evidence) -> Judgement | None:
    """Return the judgement on an elimination that rightly stopped half-way, if it did."""
    if evidence.has(gaussian_elimination.PROCEDURE):
        return gaussian_elimination.stopped(evidence)
    return gauss_jordan.stopped(evidence)


def judge_refusal(evidence: Evidence, reason: str, own: Judgement) -> Judgement:
    """Judge an answer without a finite x; `own` is the judgement where there should be one.

    A refusal is right where there is no unique solution, or where the echelon matrix has none.
    """
    expected = evidence.expected
    if not evidence.unique:
        outcome = Outcome.REFUSED if evidence.refusal(PROCEDURE) else Outcome.DECLINED
        return Judgement(VALUE, outcome, f"{reason}; there is {solutions(evidence)}")
    if is_decided_by_rounding(evidence):
        detail = f"{reason}; by rounding, no unique solution was left"
        follows = gauss_jordan.rows_check(evidence)
        return Judgement(VALUE, Outcome.DEFENSIBLE, detail, follows=follows)
    is_near = expected.rank_is_doubtful and own.outcome in (Outcome.WRONG, Outcome.CRASHED)
    is_tall = expected.rows > expected.unknowns and own.outcome is Outcome.WRONG
    if (is_near or is_tall) and may_round_unseen(evidence):
        detail = f"{reason}; rounding may have made a pivot 0, or a row 0 = c"
        return Judgement(VALUE, Outcome.DEFENSIBLE, detail)
    return own


def judge_nearby(evidence: Evidence) -> Judgement | None:
    """Judge a finite x for a system without a unique solution, if rounding made it regular."""
    detail, stage = (
        "solves a system within rounding of this one",
        evidence.transcript.stages["solution"],
    )
    if solves_echelon_matrix(evidence) and is_decided_by_rounding(evidence):
        follows = gauss_jordan.rows_check(evidence)
        return Judgement(VALUE, Outcome.DEFENSIBLE, detail, follows=follows)
    expected = evidence.expected
    if expected.solutions is not Solutions.NONE or not_a_vector(stage, expected):
        return None
    ratio = error_ratio(stage, expected, method(evidence))
    if grade(ratio, expected.threshold).deviates or not may_round_unseen(evidence):
        return None
    return Judgement(VALUE, Outcome.DEFENSIBLE, detail, measures={"ratio": ratio})


def may_round_unseen(evidence: Evidence) -> bool:
    """Return whether the port prints no eliminated matrix, and elimination rounds."""
    procedures = (gaussian_elimination.PROCEDURE, gauss_jordan.PROCEDURE)
    is_unseen = not any(evidence.has(procedure) for procedure in procedures)
    return is_unseen and elimination_rounds(evidence.expected, with_sides=True)


def solutions(evidence: Evidence) -> str:
    """Return what there is in place of a unique solution."""
    none = evidence.expected.solutions is Solutions.NONE
    return "no solution" if none else "no unique solution"


def has_finite_x(evidence: Evidence) -> bool:
    """Return whether a finite x was printed."""
    if evidence.missing(PROCEDURE) is not None:
        return False
    rows = evidence.transcript.stages["solution"].rows
    return any(rows) and rational.all_finite(rows)


@fact
def solves_echelon_matrix(evidence: Evidence) -> bool:
    """Return whether x solves the triangle that back substitution got, which is regular."""
    matrix, unknowns = echelon_matrix(evidence), evidence.expected.unknowns
    if matrix is None or not has_finite_x(evidence):
        return False
    stage = evidence.transcript.stages["solution"]
    if not_a_vector(stage, evidence.expected):
        return False
    x = rational.from_rows(stage.rows)
    if (order := column_order(evidence)) is not None:
        matrix = rational.columns(matrix, [*order, *range(unknowns, matrix.ncols())])
        x = rational.rows(x, order)
    triangle = rational.upper_triangle(matrix, unknowns)
    if triangle is None:
        return False
    units = evidence.expected.units
    ratio = error_measures.backward_ratio(triangle, unknowns, x, precision=units)
    return grade(ratio, evidence.expected.threshold) is Outcome.RIGHT


@fact
def solves_pivot_rows(evidence: Evidence) -> bool:
    """Return whether x solves the rows with a pivot of the matrix that it was handed."""
    matrix, unknowns = echelon_matrix(evidence), evidence.expected.unknowns
    if matrix is None or not has_finite_x(evidence):
        return False
    stage = evidence.transcript.stages["solution"]
    pivot_rows = [i for i, row in enumerate(matrix.tolist()) if any(row[:unknowns])]
    if not pivot_rows or not_a_vector(stage, evidence.expected):
        return False
    system = rational.rows(matrix, pivot_rows)
    x, units = rational.from_rows(stage.rows), evidence.expected.units
    ratio = error_measures.backward_ratio(system, unknowns, x, precision=units)
    return grade(ratio, evidence.expected.threshold) is Outcome.RIGHT


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on x."""
    yield value(evidence)


# Which fault decides which check


def is_refused(evidence: Evidence) -> bool:
    """Return whether the answer is a refusal: an exception, no numbers, or none that is finite."""
    missing = evidence.missing(PROCEDURE)
    if missing is None:
        return not has_finite_x(evidence)
    is_stated = bool(evidence.refusal(PROCEDURE))
    return is_stated and missing.outcome in (Outcome.CRASHED, Outcome.WRONG)


def is_lost(evidence: Evidence, own: Judgement) -> bool:
    """Return whether nothing was printed: neither an x nor a refusal."""
    lost = evidence.missing(PROCEDURE) is not None and not is_refused(evidence)
    return own.outcome.deviates and lost and "solution" not in evidence.transcript.stages


def is_wrong_answer(evidence: Evidence, own: Judgement) -> bool:
    """Return whether x is wrong, or wrongly refused, and was made from the printed matrix."""
    handed = "echelon" in evidence.transcript.stages or is_refused(evidence)
    is_answered = evidence.missing(PROCEDURE) is None or is_refused(evidence)
    return own.outcome.deviates and own.outcome is not Outcome.SILENT and handed and is_answered


def is_refusal_of_echelon_matrix(evidence: Evidence, own: Judgement) -> bool:
    """Return whether it refuses an echelon matrix that has no unique solution."""
    refused = is_refused(evidence) and not echelon_has_unique_solution(evidence)
    return own.outcome.deviates and refused


def is_wrong_but_solves_triangle(evidence: Evidence, own: Judgement) -> bool:
    """Return whether x solves the echelon matrix, and not the system, which has solutions."""
    wrong = own.outcome.deviates and own.outcome is not Outcome.SILENT
    return wrong and (solves_echelon_matrix(evidence) or solves_pivot_rows(evidence))


def is_silent_but_solves_triangle(evidence: Evidence, own: Judgement) -> bool:
    """Return whether x solves the echelon matrix of a system without a unique solution."""
    silent = own.outcome is Outcome.SILENT and not evidence.unique
    return silent and solves_echelon_matrix(evidence)


def follows_reduced_matrix(evidence: Evidence, own: Judgement) -> bool:
    """Return whether x is that of a reduced matrix, in a port without an echelon matrix."""
    if evidence.has(gaussian_elimination.PROCEDURE) or not own.outcome.deviates:
        return False
    is_made_of_it = is_wrong_but_solves_triangle(evidence, own) or solves_echelon_matrix(evidence)
    return is_made_of_it or is_refusal_of_echelon_matrix(evidence, own)


def due(expected: ExpectedFields, _: int) -> Rows | None:
    """Return x as a matrix of one column, where it is unique."""
    return tuple((number,) for number in expected.solution) if expected.solution else None


ECHELON_CHECKS = gaussian_elimination.PROCEDURE.checks

IS_LOST = Condition("there is neither an x nor a refusal", is_lost)
IS_WRONG_ANSWER = Condition(
    "x is wrong, or wrongly refused, and was made from the printed matrix", is_wrong_answer
)
IS_REFUSAL = Condition(
    "x is refused, and the echelon matrix has no unique solution", is_refusal_of_echelon_matrix
)
IS_WRONG_BUT_SOLVES = Condition(
    "x is wrong, and solves the echelon matrix", is_wrong_but_solves_triangle
)
IS_SILENT_BUT_SOLVES = Condition(
    "x is silent, and solves the echelon matrix", is_silent_but_solves_triangle
)
FOLLOWS_REDUCED = Condition(
    "it is right for the reduced matrix, and there is no echelon matrix", follows_reduced_matrix
)

PROCEDURE = Procedure(
    name="back_substitution",
    results=(Result("solution", lambda m, n, k: (n,), due),),
    checks=(VALUE,),
    judge=judge,
    input=inputs.ECHELON,
    rules=(
        Rule(
            VALUE,
            ECHELON_CHECKS[:1],
            IS_LOST,
            detail=lambda _: "it was handed a matrix that is not in echelon form",
        ),
        Rule(VALUE, ECHELON_CHECKS[:1], IS_WRONG_ANSWER),
        Rule(VALUE, ECHELON_CHECKS, IS_REFUSAL),
        Rule(VALUE, ECHELON_CHECKS, IS_WRONG_BUT_SOLVES),
        Rule(
            VALUE,
            (printed_echelon.ROWS,),
            IS_WRONG_BUT_SOLVES,
            Outcome.DEFENSIBLE,
            detail=lambda _: "right for the echelon matrix it was handed",
        ),
        Rule(
            VALUE,
            ECHELON_CHECKS,
            IS_SILENT_BUT_SOLVES,
            detail=lambda evidence: (
                f"right for the echelon matrix it was handed; there is {solutions(evidence)}"
            ),
        ),
        Rule(VALUE, gauss_jordan.PROCEDURE.checks, FOLLOWS_REDUCED),
    ),
    handed_by=gaussian_elimination.PROCEDURE,
    otherwise_handed_by=gauss_jordan.PROCEDURE,
    single=True,
    always_asked=True,
    may_refuse=True,
    solves=True,
    has_no_singular_result=True,
)
