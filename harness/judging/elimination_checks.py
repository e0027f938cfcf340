"""One printed result against what is true, and nothing else: a stage → a judgement.

Whose fault a wrong result is, is not asked here but in `judge`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.oracle import RATIO_LIMIT
from harness.numerics.pivot_replay import departure_sentence, replay, unexplained_sentence
from harness.numerics.row_space import RowEquivalence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.answer import Stage
    from harness.model.number import Value
    from harness.model.pivot import Replay
    from harness.numerics.error_measures import Sensitivity
    from harness.numerics.oracle import Expected
    from harness.numerics.rational import ReducedForm

GROSS = 1e6
"""From this ratio on a result is not inaccurate but wrong."""

BEYOND = "the result is beyond the range of doubles"

MOST_SHOWN = 6
"""How many components of x a sentence shows."""


def grade(ratio: float, threshold: float) -> Outcome:
    """What a ratio means: right below the threshold T, wrong from max(10⁶, 10³T) on."""
    if ratio == 0 or ratio < threshold:
        return Outcome.RIGHT
    if threshold > 0 and ratio < max(GROSS, 1e3 * threshold):
        return Outcome.INACCURATE
    return Outcome.WRONG


def malformed(stage: Stage, expected: Expected) -> str:
    """Why a printed matrix cannot be compared with the system: its shape or its numbers."""
    shape = (expected.rows, expected.unknowns + expected.right_hand_sides)
    if stage.shape != shape:
        printed = " × ".join(str(size) for size in stage.shape)
        return f"a {printed} matrix, where {shape[0]} × {shape[1]} was handed in"
    return "" if rational.all_finite(stage.rows) else "it holds entries that are not finite"


def echelon_form(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed matrix (m × (n + k)) in row echelon form?"""
    check = Check.ECHELON_FORM
    if complaint := malformed(stage, expected):
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    tiny = expected.rounding * rational.to_float(expected.largest_entry)
    fault = error_measures.echelon_fault(stage.rows, expected.unknowns, tiny)
    if fault is None:
        return Judgement(check, Outcome.RIGHT)
    return Judgement(check, Outcome.WRONG, fault.sentence, fault.places)


def row_equivalence(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed matrix of finite entries (m × (n + k)) row-equivalent to the system?

    With each right-hand side for itself; the answer is the first that is not right.
    """
    answers = [side_equivalence(stage, expected, j) for j in range(expected.right_hand_sides)]
    return next((each for each in answers if each.outcome is not Outcome.RIGHT), answers[0])


def side_equivalence(stage: Stage, expected: Expected, side: int) -> Judgement:
    """Is a printed matrix row-equivalent to the system, with one of the right-hand sides alone?"""
    chosen = [*range(expected.unknowns), expected.unknowns + side]
    printed, system = rational.from_rows(stage.rows), expected.system
    half_units = rational.from_rows(stage.half_units) if stage.half_units else None
    true = expected.reduced
    if expected.right_hand_sides > 1:
        printed, system = rational.columns(printed, chosen), rational.columns(system, chosen)
        true = rational.reduced_form(system, expected.unknowns)
    equivalence = RowEquivalence(printed, system, true, expected.unknowns, half_units)
    outcome = grade(equivalence.ratio, expected.threshold)
    detail = ""
    if outcome is not Outcome.RIGHT:
        detail = f"its rows are not the system's: {too_far(equivalence.ratio, expected)}"
    elif equivalence.extra or equivalence.lost:
        outcome, detail = other_pivots(equivalence, expected)
    elif equivalence.contradicts != equivalence.should_contradict:
        outcome, detail = other_class(equivalence, expected)
    return Judgement(Check.ECHELON_ROWS, outcome, detail, measures={"ratio": equivalence.ratio})


def replayed(stage: Stage, expected: Expected) -> Replay:
    """How a printed echelon matrix (m × (n + k), finite) came about, step by step."""
    exactly = expected.arithmetic is Arithmetic.RATIONAL64
    return replay(stage.rows, expected.system, expected.unknowns, exactly)


def pivoting(played: Replay) -> Judgement:
    """Was each pivot the largest of its column, as far as rounding can tell?"""
    check, steps = Check.ECHELON_PIVOTING, played.steps
    if played.departure is not None:
        return Judgement(check, Outcome.WRONG, departure_sentence(played), trace=steps)
    if played.unexplained:
        detail = unexplained_sentence(played)
        return Judgement(check, Outcome.WRONG, detail, played.unexplained, trace=steps)
    return Judgement(check, Outcome.RIGHT, trace=steps)


def too_far(ratio: float, expected: Expected) -> str:
    """A ratio in words: how large the error is, and how large rounding could have made it."""
    if expected.threshold == 0:
        return "they should be equal exactly"
    size = ratio / expected.threshold * expected.rounding
    limit = error_measures.format_number(expected.rounding)
    return f"off by {size:.2g} of its size, where rounding explains {limit}"


def other_pivots(equivalence: RowEquivalence, expected: Expected) -> tuple[Outcome, str]:
    """The outcome where pivots stand in other columns than in exact arithmetic.

    A pivot that was lost needs no more than the ratio, which says that its column is within
    rounding a combination of others.
    """
    if not equivalence.extra:
        return Outcome.DEFENSIBLE, "a pivot within rounding of 0 was taken for 0"
    if by_rounding(equivalence.made_up, equivalence.unit_pivots, expected):
        return Outcome.DEFENSIBLE, "rounding left a tiny pivot where exact arithmetic has 0"
    return Outcome.WRONG, f"its pivots are not those of a matrix of rank {expected.reduced.rank}"


def other_class(equivalence: RowEquivalence, expected: Expected) -> tuple[Outcome, str]:
    """The outcome where a row 0 = c was made up or lost."""
    if by_rounding(equivalence.contradiction, equivalence.unit_contradiction, expected):
        return Outcome.DEFENSIBLE, "whether a row reads 0 = 0 or 0 = c was decided by rounding"
    return Outcome.WRONG, "a row reads 0 = c, but the system does not contradict itself"


def by_rounding(ratio: float, hidden: bool, expected: Expected) -> bool:
    """Whether rounding explains what is not 0; where that is `hidden`, it may."""
    return expected.threshold > 0 and (hidden or ratio < expected.threshold)


def reduced_form(
    stage: Stage, true: ReducedForm | None, carried: Sensitivity, expected: Expected
) -> Judgement:
    """Is a printed matrix in reduced row echelon form, as far as rounding is carried?

    `true`, if known, is the reduced form of what it was made from: where that is beyond the
    doubles, what is not finite is no fault.
    """
    check = Check.REDUCED_FORM
    if complaint := malformed(stage, expected):
        beyond = true is not None and not rational.in_range(true.matrix)
        if beyond and not rational.all_finite(stage.rows):
            return Judgement(check, Outcome.DEFENSIBLE, BEYOND)
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    # Division by the pivot makes a 1 however much the elimination before it has grown.
    tolerance = expected.rounding and expected.roundings(RATIO_LIMIT)
    fault = error_measures.echelon_fault(stage.rows, expected.unknowns, tolerance)
    fault = fault or error_measures.reduced_fault(
        stage.rows, expected.unknowns, tolerance, carried.entries
    )
    if fault is None:
        return Judgement(check, Outcome.RIGHT)
    return Judgement(check, Outcome.WRONG, fault.sentence, fault.places)


def reduced_rows(
    stage: Stage, true: ReducedForm, carried: Sensitivity, expected: Expected
) -> Judgement:
    """Does a printed reduced matrix hold the entries of `true`, as far as rounding is carried?"""
    check, limit = Check.REDUCED_ROWS, expected.threshold
    printed = rational.reduced_form(rational.from_rows(stage.rows), expected.unknowns)
    if printed.pivots != true.pivots:
        detail = "its pivots stand in other columns than those of what it was handed"
        return Judgement(check, Outcome.WRONG, detail)
    if limit == 0:
        carried = error_measures.Sensitivity(1.0)  # exact arithmetic has no rounding to carry
    forward = error_measures.forward_ratio(
        stage.rows, true, expected.unknowns, carried, limit, stage.half_units
    )
    measures = {"ratio": forward.ratio, "condition": carried.condition}
    outcome = grade(forward.ratio, limit)
    if outcome is not Outcome.RIGHT:
        detail = "its entries are not those of the reduced form of what it was handed"
        return Judgement(check, outcome, detail, forward.places, measures)
    if bool(printed.augmented_pivots) != bool(true.augmented_pivots):
        detail = "it lost, or made up, a contradiction on the right-hand side"
        return Judgement(check, Outcome.WRONG, detail, measures=measures)
    return Judgement(check, Outcome.RIGHT, measures=measures)


def solution(stage: Stage, expected: Expected) -> Judgement:
    """Does a printed x (n × 1) solve a system that has exactly one solution?"""
    check = Check.SOLUTION_VALUE
    true = [row[0] for row in expected.solution or ()]
    if complaint := not_a_vector(stage, expected):
        return Judgement(check, Outcome.WRONG, complaint)
    computed = [row[0] for row in stage.rows]
    if not rational.all_finite(stage.rows):
        if not all(math.isfinite(rational.nearest_double(value)) for value in true):
            return Judgement(check, Outcome.DEFENSIBLE, BEYOND)
        detail = f"x is not finite; expected {vector(true)}"
        return Judgement(check, Outcome.WRONG, detail, not_finite_places(stage))
    measures = solution_measures(stage, expected)
    outcome = grade(measures["ratio"], expected.threshold)
    if outcome is Outcome.RIGHT:
        return Judgement(check, outcome, measures=measures)
    places = tuple(
        (i, 0)
        for i, (value, target) in enumerate(zip(computed, true, strict=True))
        if error_measures.correct_digits([value], [target]) < measures["digits"] + 1
    )
    detail = f"x is {outcome}: {vector(computed)} where {vector(true)} is expected"
    return Judgement(check, outcome, detail, places, measures)


def any_solution(stage: Stage, spoke: bool, expected: Expected) -> Judgement:
    """The ruling on a printed x, whether or not there is exactly one solution.

    Where there is not, numbers that are finite need a word to go with them (`spoke`).
    """
    if expected.solution is not None:
        return solution(stage, expected)
    if spoke or not any(stage.rows) or not rational.all_finite(stage.rows):
        return Judgement(Check.SOLUTION_VALUE, Outcome.DECLINED)
    detail = "finite numbers without a word; there is no unique solution"
    return Judgement(Check.SOLUTION_VALUE, Outcome.SILENT, detail)


def not_a_vector(stage: Stage, expected: Expected) -> str:
    """Why a printed solution cannot be one: its length, or a shape that no vector has."""
    unknowns = expected.unknowns
    if stage.shape in ((unknowns,), (unknowns, 1)):
        return ""
    if len(stage.shape) == 1:
        noun = "unknown" if unknowns == 1 else "unknowns"
        return f"{stage.shape[0]} numbers for {unknowns} {noun}"
    printed = " × ".join(str(size) for size in stage.shape)
    return f"a {printed} matrix, where {unknowns} numbers were due"


def solution_measures(stage: Stage, expected: Expected) -> dict[str, float]:
    """The figures for a finite x: ratio S, digits, and the two backward errors."""
    x, unknowns = rational.from_rows(stage.rows), expected.unknowns
    slack = None
    if stage.half_units:
        sizes = error_measures.magnitudes(rational.columns(expected.system, range(unknowns)))
        slack = (sizes * rational.from_rows(stage.half_units)).tolist()
    errors = error_measures.backward_errors(expected.system, unknowns, x)
    true = [row[0] for row in expected.solution or ()]
    return {
        "ratio": error_measures.backward_ratio(expected.system, unknowns, x, slack),
        "digits": error_measures.correct_digits([row[0] for row in stage.rows], true),
        "backward_error": errors.normwise,
        "componentwise_error": errors.componentwise,
    }


def vector(values: Sequence[Value]) -> str:
    """A vector in a sentence, its first few components."""
    inside = ", ".join(error_measures.format_number(value) for value in values[:MOST_SHOWN])
    return f"({inside}, …)" if len(values) > MOST_SHOWN else f"({inside})"


def largest_entry(stage: Stage) -> str:
    """A clause naming the largest entry printed, where it is remarkable."""
    size = max(
        (abs(rational.nearest_double(v)) for row in stage.rows for v in row if v == v), default=0.0
    )
    return (
        f"; it answers entries up to {error_measures.format_number(size)}"
        if 1e10 <= size < math.inf
        else ""
    )


def not_finite_places(stage: Stage) -> tuple[tuple[int, int], ...]:
    """Where a printed matrix holds infinities or NaN."""
    return tuple(
        (i, j)
        for i, row in enumerate(stage.rows)
        for j, value in enumerate(row)
        if not rational.is_finite(value)
    )
