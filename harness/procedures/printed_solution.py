"""A printed x, judged by the expected result alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.case import Solutions
from harness.model.check import Check
from harness.model.contract import Method
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.elimination_errors import leaves_range, solution_ratio, wrong_components
from harness.numerics.lost_digits import find_lost_columns
from harness.procedures.differences import format_difference, format_vector, resemblance
from harness.procedures.grading import (
    beyond_range,
    cause_of_loss,
    doubt_lost_digits,
    grade,
    places_not_finite,
)
from harness.procedures.relations import relate_solution
from harness.procedures.singular_matrix import PARTICULAR

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected

VALUE = Check("solution.value", "Does x solve the system?", "solution")
WITHOUT_A_WORD = "finite numbers without a word; "


def judge_unique(
    stage: Stage, expected: Expected, method: Method = Method.ELIMINATION
) -> Judgement:
    """Judge whether a printed x, n × 1, solves a system that has exactly one solution.

    `method` is that by which the port computed x.
    """
    true = [row[0] for row in expected.solution or ()]
    if complaint := not_a_vector(stage, expected):
        return Judgement(VALUE, Outcome.WRONG, complaint)
    computed = [row[0] for row in stage.rows]
    if not rational.all_finite(stage.rows):
        if true and leaves_range(expected, rational.from_rows([[value] for value in true])):
            return Judgement(VALUE, Outcome.DEFENSIBLE, beyond_range(expected))
        detail = f"x is not finite; expected {format_vector(true)}"
        return Judgement(VALUE, Outcome.WRONG, detail, places_not_finite(stage))
    measures = measure(stage, expected, method)
    outcome = grade(measures["ratio"], expected.threshold, measures["digits"])
    if outcome is Outcome.RIGHT:
        own = Judgement(VALUE, outcome, measures=measures)
        return doubt_lost_digits(own, is_lost(stage, expected), cause_of_loss(expected))
    places = tuple((i, 0) for i in wrong_components(expected, 0, stage.rows))
    printed, due = format_difference(computed, true)
    likeness = resemblance(computed, true, expected.units)
    relation = relate_solution(rational.from_rows(stage.rows), expected, 0)
    detail = f"x is {outcome}: {printed} where {due} is expected{likeness}{relation}"
    return Judgement(VALUE, outcome, detail, places, measures)


def judge_any(stage: Stage, has_notice: bool, expected: Expected) -> Judgement:
    """Judge a printed x, whether or not there is exactly one solution.

    Where there is not, finite numbers need a notice with them.
    """
    if expected.solution is not None:
        return judge_unique(stage, expected)
    if not any(stage.rows) or not rational.all_finite(stage.rows):
        return Judgement(VALUE, Outcome.DECLINED)
    return judge_not_unique(stage, expected, "a notice" if has_notice else "")


def judge_not_unique(
    stage: Stage,
    expected: Expected,
    notice: str,
    stops_at_notice: bool = False,
    method: Method = Method.ELIMINATION,
) -> Judgement:
    """Judge a finite x for a system that has no solution, or infinitely many.

    `notice` is the port's notice of that, or nothing. An x that solves the system is a particular
    solution, which conforms. Numbers with a notice are an answer too, unless the listing
    `stops_at_notice`: where there are solutions, they must be one.
    """
    said = f"said: {notice}; " if notice else ""
    if expected.solutions is Solutions.NONE:
        outcome = Outcome.DECLINED if notice else Outcome.SILENT
        return Judgement(VALUE, outcome, f"{said or WITHOUT_A_WORD}there is no solution")
    complaint = not_a_vector(stage, expected)
    measures = {} if complaint else {"ratio": error_ratio(stage, expected, method)}
    graded = Outcome.WRONG if complaint else grade(measures["ratio"], expected.threshold)
    if graded is Outcome.RIGHT:
        outcome = Outcome.DECLINED if notice else Outcome.DEFENSIBLE
        return Judgement(VALUE, outcome, f"{said}x is {PARTICULAR}", measures=measures)
    detail = f"{said or WITHOUT_A_WORD}{complaint or 'x is none of infinitely many solutions'}"
    outcome = graded if notice else Outcome.SILENT
    outcome = Outcome.DECLINED if notice and stops_at_notice else outcome
    return Judgement(VALUE, outcome, detail, measures=measures)


def not_a_vector(stage: Stage, expected: Expected) -> str:
    """Return why a printed solution cannot be one: its length, or its shape; or nothing."""
    unknowns = expected.unknowns
    if stage.shape in ((unknowns,), (unknowns, 1)):
        return ""
    if len(stage.shape) == 1:
        numbers = "1 number" if stage.shape[0] == 1 else f"{stage.shape[0]} numbers"
        return f"{numbers} for {unknowns} {'unknown' if unknowns == 1 else 'unknowns'}"
    printed = " × ".join(str(size) for size in stage.shape)
    return f"a {printed} matrix, where {unknowns} numbers were due"


def is_lost(stage: Stage, expected: Expected) -> bool:
    """Return whether a right x lost all its digits."""
    x, true = rational.from_rows(stage.rows), rational.from_rows(expected.solution or ())
    slack = hide_by_print(stage, expected)
    system, limit = expected.system, expected.threshold
    return bool(find_lost_columns(x, true, system, limit, expected.units, slack))


def hide_by_print(stage: Stage, expected: Expected) -> fmpq_mat | None:
    """Return the part of the residual, m × 1, that rounding in print may explain, or None."""
    if not stage.half_units:
        return None
    return rational.magnitudes(expected.coefficients) * rational.from_rows(stage.half_units)


def error_ratio(stage: Stage, expected: Expected, method: Method) -> float:
    """Return the ratio of the error of a finite x of the right length to that of elimination."""
    slack = hide_by_print(stage, expected)
    return solution_ratio(expected, 0, rational.from_rows(stage.rows), method, slack)


def measure(stage: Stage, expected: Expected, method: Method) -> dict[str, float]:
    """Return the figures for a finite x: the ratio, correct digits, and two backward errors."""
    x = rational.from_rows(stage.rows)
    errors = error_measures.backward_errors(expected.system, expected.unknowns, x)
    true = [row[0] for row in expected.solution or ()]
    return {
        "ratio": error_ratio(stage, expected, method),
        "digits": error_measures.correct_digits([row[0] for row in stage.rows], true),
        "backward_error": errors.normwise,
        "componentwise_error": errors.componentwise,
    }
