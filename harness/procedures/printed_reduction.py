"""A printed reduced form, judged by the expected result alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.error_measures import Sensitivity
from harness.numerics.lost_digits import find_lost_columns
from harness.numerics.reduction_bounds import extend
from harness.procedures.grading import (
    beyond_range,
    cause_of_loss,
    doubt_lost_digits,
    format_entry,
    grade,
    malformed,
    places_not_finite,
)
from harness.procedures.printed_columns import list_columns
from harness.procedures.printed_echelon import judge_reduced_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.numerics.rational import ReducedForm
    from harness.numerics.reduction_bounds import Extended

FORM = Check("reduced.form", "Is the reduced matrix in reduced row echelon form?", "reduced")
ROWS = Check(
    "reduced.rows", "Is the reduced matrix row-equivalent to what it was made from?", "reduced"
)
LARGEST_RESIDUE = 1e-3
"""A bound for residues that is larger says nothing: the pivots are 1."""


def reduction_leaves_range(expected: Expected, true: ReducedForm) -> bool:
    """Return whether a reduced form R, or a product |L||U||R| of it, exceeds the largest number."""
    sums = rational.columns(next(expected.magnitudes()), true.pivots)
    products = sums * rational.magnitudes(rational.rows(true.matrix, range(true.rank)))
    return not (expected.units.holds(true.matrix) and expected.units.holds(products))


def judge_form(
    stage: Stage,
    true: ReducedForm | None,
    sensitivity: Sensitivity,
    expected: Expected,
    order: Sequence[int] = (),
) -> Judgement:
    """Judge whether a printed matrix is in reduced row echelon form, within rounding.

    `true`, if known, is the reduced form of its input: where that is beyond the doubles, entries
    that are not finite are no fault. If the columns were interchanged, `order` are their numbers in
    the system.
    """
    if complaint := malformed(stage, expected):
        beyond = true is not None and reduction_leaves_range(expected, true)
        if beyond and not rational.all_finite(stage.rows):
            return Judgement(FORM, Outcome.DEFENSIBLE, beyond_range(expected))
        return Judgement(FORM, Outcome.WRONG, complaint, places_not_finite(stage))
    tolerance = expected.rounding
    fault = error_measures.find_echelon_fault(stage.rows, expected.unknowns, tolerance, order=order)
    fault = fault or error_measures.find_reduced_fault(
        stage.rows, expected.unknowns, tolerance, sensitivity.entries, order
    )
    if fault is None:
        return Judgement(FORM, Outcome.RIGHT)
    return Judgement(FORM, Outcome.WRONG, fault.sentence, fault.places)


def judge_rows(
    stage: Stage, true: ReducedForm, sensitivity: Sensitivity, expected: Expected
) -> Judgement:
    """Judge whether a printed matrix has the entries of `true`, within rounding."""
    limit, unknowns = expected.threshold, expected.unknowns
    printed = rational.reduced_form(rational.from_rows(stage.rows), unknowns)
    if printed.pivots != true.pivots:
        detail = "its pivots stand in other columns than those of what it was handed"
        return Judgement(ROWS, Outcome.WRONG, detail)
    if limit == 0:
        sensitivity = Sensitivity(1.0)  # exact arithmetic has no rounding to amplify
    forward = error_measures.forward_ratio(
        stage.rows, true, unknowns, sensitivity, limit, stage.half_units
    )
    measures = {"ratio": forward.ratio, "condition": sensitivity.condition}
    outcome = grade(forward.ratio, limit)
    if outcome is not Outcome.RIGHT:
        detail = "its entries are not those of the reduced form of what it was handed"
        return Judgement(ROWS, outcome, detail, forward.places, measures)
    if contradicts_otherwise(printed, true, unknowns):
        detail = "it lost, or made up, a contradiction on the right-hand side"
        return Judgement(ROWS, Outcome.WRONG, detail, measures=measures)
    return Judgement(ROWS, Outcome.RIGHT, measures=measures)


def doubt_rows(
    own: Judgement,
    stage: Stage,
    true: ReducedForm,
    source: fmpq_mat,
    expected: Expected,
    cause: str,
) -> Judgement:
    """Return the judgement on right rows, defensible where a column lost all its digits.

    `true` is the reduced form of the `source`, m × (n + k). A column without a pivot solves a
    system with the pivot columns of the source. `cause` is that of large rounding errors.
    """
    columns, pivot_rows = list_compared_columns(true, expected.unknowns), range(true.rank)
    if own.outcome is not Outcome.RIGHT or not columns or not true.rank:
        return own
    printed, due = (
        rational.columns(rational.rows(matrix, pivot_rows), columns)
        for matrix in (rational.from_rows(stage.rows), true.matrix)
    )
    system = rational.columns(source, [*true.pivots, *columns])
    lost = find_lost_columns(printed, due, system, expected.threshold, expected.units)
    name = list_columns([columns[j] for j in lost])
    return doubt_lost_digits(own, bool(lost), cause, name)


def list_compared_columns(true: ReducedForm, unknowns: int) -> list[int]:
    """Return the columns without a pivot, from 0, and the right-hand sides with a solution."""
    sides = (unknowns + side for side in rational.consistent_sides(true, unknowns))
    return [*(j for j in range(unknowns) if j not in true.pivots), *sides]


def contradicts_otherwise(printed: ReducedForm, true: ReducedForm, unknowns: int) -> bool:
    """Return whether a right-hand side has solutions in one reduced form, and none in the other."""
    printed_sides, true_sides = (rational.consistent_sides(f, unknowns) for f in (printed, true))
    return printed_sides != true_sides


def judge_rows_by_system(stage: Stage, bounds: Extended, expected: Expected) -> Judgement:
    """Judge whether a printed matrix is the reduced form of the system, within rounding.

    Where rounding may have decided on a pivot or on a contradiction, the rows are judged as those
    of an echelon matrix.
    """
    true, unknowns = expected.reduced, expected.unknowns
    printed = rational.reduced_form(rational.from_rows(stage.rows), unknowns)
    if printed.pivots == true.pivots and not contradicts_otherwise(printed, true, unknowns):
        own = judge_entries(stage, bounds, expected)
        return doubt_rows(own, stage, true, expected.system, expected, cause_of_loss(expected))
    return replace(judge_reduced_rows(stage, expected), check=ROWS)


def judge_entries(stage: Stage, bounds: Extended, expected: Expected) -> Judgement:
    """Judge the entries of a printed matrix by those of the reduced form of the system.

    The pivot columns are those of the system. A right-hand side that contradicts the coefficients
    is left out, because elimination may leave anything in it.
    """
    true, unknowns = expected.reduced, expected.unknowns
    columns = list_compared_columns(true, unknowns)
    table, limit = true.matrix.tolist(), expected.threshold
    largest, places = 0.0, []
    for i, j in ((i, j) for i in range(true.rank) for j in columns):
        error = abs(rational.from_number(stage.rows[i][j]) - table[i][j])
        ratio = max(float(extend(error) / bounds[i, j]), rational.SMALLEST) if error else 0.0
        ratio = math.inf if error and not limit else ratio
        largest = max(largest, ratio)
        if grade(ratio, limit).deviates:
            places.append((i, j))
    detail = ""
    if places:
        i, j = places[0]
        due = error_measures.format_number(rational.to_fraction(table[i][j]))
        detail = f"{format_entry(stage, places[0])}, where the system has {due}"
    return Judgement(ROWS, grade(largest, limit), detail, tuple(places), {"ratio": largest})


def without_residues(stage: Stage, bounds: Extended, expected: Expected) -> Stage:
    """Return a printed matrix with 0 for what rounding leaves beside the pivots.

    An echelon matrix has zeros below its pivots, which reduction need not touch. Reduction of the
    system itself clears below a pivot as it clears above.
    """
    if malformed(stage, expected):
        return stage
    limit = expected.threshold
    tolerance = expected.rounding
    rows = [list(row) for row in stage.rows]
    sizes = [tolerance * error_measures.row_size(row, expected.unknowns) for row in rows]
    for pivot, column in enumerate(expected.reduced.pivots):
        if abs(rational.nearest_double(rows[pivot][column] - 1)) > tolerance:
            continue
        allowed = limit * max(bounds[: expected.reduced.rank, column])
        for i, row in enumerate(rows):
            size = max(sizes[i], allowed) if allowed < LARGEST_RESIDUE else sizes[i]
            if i != pivot and abs(rational.nearest_double(row[column])) <= size:
                row[column] = 0
    return replace(stage, rows=tuple(map(tuple, rows)))
