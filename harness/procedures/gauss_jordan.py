"""Gauss–Jordan elimination: an echelon matrix in, its reduced row echelon form out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome, Standing
from harness.numerics import error_measures, rational
from harness.numerics.error_measures import Sensitivity
from harness.numerics.oracle import RATIO_LIMIT
from harness.procedures import gaussian_elimination, inputs
from harness.procedures.declaration import Result
from harness.procedures.evidence import fact
from harness.procedures.gaussian_elimination import is_of_another_system
from harness.procedures.grading import BEYOND_RANGE, grade, malformed, places_not_finite
from harness.procedures.procedure import Condition, Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.numerics.rational import ReducedForm
    from harness.procedures.evidence import Evidence

FORM = Check("reduced.form", "Is the reduced matrix in reduced row echelon form?", "reduced")
ROWS = Check(
    "reduced.rows", "Is the reduced matrix row-equivalent to what it was made from?", "reduced"
)

REMARKABLE_SIZE = 1e10
"""From this size on the largest entry is worth a clause."""


# One printed matrix against the expected result


def judge_form(
    stage: Stage, true: ReducedForm | None, sensitivity: Sensitivity, expected: Expected
) -> Judgement:
    """Judge whether a printed matrix is in reduced row echelon form, within rounding.

    `true`, if known, is the reduced form of its input: where that is beyond the doubles, entries
    that are not finite are no fault.
    """
    if complaint := malformed(stage, expected):
        beyond = true is not None and not rational.is_in_range(true.matrix)
        if beyond and not rational.all_finite(stage.rows):
            return Judgement(FORM, Outcome.DEFENSIBLE, BEYOND_RANGE)
        return Judgement(FORM, Outcome.WRONG, complaint, places_not_finite(stage))
    # Division by the pivot makes a 1 however much the elimination before it has grown.
    tolerance = expected.rounding and expected.scaled_roundoff(RATIO_LIMIT)
    fault = error_measures.find_echelon_fault(stage.rows, expected.unknowns, tolerance)
    fault = fault or error_measures.find_reduced_fault(
        stage.rows, expected.unknowns, tolerance, sensitivity.entries
    )
    if fault is None:
        return Judgement(FORM, Outcome.RIGHT)
    return Judgement(FORM, Outcome.WRONG, fault.sentence, fault.places)


def judge_rows(
    stage: Stage, true: ReducedForm, sensitivity: Sensitivity, expected: Expected
) -> Judgement:
    """Judge whether a printed matrix has the entries of `true`, within rounding."""
    limit = expected.threshold
    printed = rational.reduced_form(rational.from_rows(stage.rows), expected.unknowns)
    if printed.pivots != true.pivots:
        detail = "its pivots stand in other columns than those of what it was handed"
        return Judgement(ROWS, Outcome.WRONG, detail)
    if limit == 0:
        sensitivity = Sensitivity(1.0)  # exact arithmetic has no rounding to amplify
    forward = error_measures.forward_ratio(
        stage.rows, true, expected.unknowns, sensitivity, limit, stage.half_units
    )
    measures = {"ratio": forward.ratio, "condition": sensitivity.condition}
    outcome = grade(forward.ratio, limit)
    if outcome is not Outcome.RIGHT:
        detail = "its entries are not those of the reduced form of what it was handed"
        return Judgement(ROWS, outcome, detail, forward.places, measures)
    if bool(printed.augmented_pivots) != bool(true.augmented_pivots):
        detail = "it lost, or made up, a contradiction on the right-hand side"
        return Judgement(ROWS, Outcome.WRONG, detail, measures=measures)
    return Judgement(ROWS, Outcome.RIGHT, measures=measures)


# By the evidence


@fact
def echelon_sensitivity(evidence: Evidence) -> Sensitivity:
    """The amplification of rounding errors by the reduction of the echelon matrix."""
    matrix = gaussian_elimination.echelon_matrix(evidence)
    reduced = gaussian_elimination.echelon_reduced(evidence)
    is_echelon = gaussian_elimination.form(evidence).outcome is Outcome.RIGHT
    if matrix is None or reduced is None or not is_echelon:
        return Sensitivity(evidence.expected.rank_condition)
    return error_measures.measure_sensitivity(matrix, reduced.pivots)


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
    stage, expected = evidence.transcript.stages["reduced"], evidence.expected
    true, sensitivity = (
        gaussian_elimination.echelon_reduced(evidence),
        echelon_sensitivity(evidence),
    )
    yield judge_form(stage, true, sensitivity, expected)
    if true is None or malformed(stage, expected):
        yield Judgement(ROWS, Outcome.BLOCKED, "there is no finite matrix to compare")
    else:
        yield judge_rows(stage, true, sensitivity, expected)


# Which fault decides which check


def is_answered(evidence: Evidence, own: Judgement) -> bool:
    """Return whether a printed matrix was judged."""
    printed = evidence.missing(PROCEDURE) is None and gaussian_elimination.stopped(evidence) is None
    return printed and own.outcome.standing is not Standing.NEITHER


def is_right_for_another_system(evidence: Evidence, own: Judgement) -> bool:
    """Return whether the matrix is right for an echelon matrix of another system."""
    conforms = own.outcome.standing is Standing.CONFORMING
    return conforms and is_answered(evidence, own) and is_of_another_system(evidence)


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
    "there is no finite matrix to compare",
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
            (gaussian_elimination.ROWS,),
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
    input=inputs.ECHELON,
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
