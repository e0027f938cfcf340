"""The scale on which every ratio is graded, and checks of the form of a printed result."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.lost_digits import LARGEST_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.answer import Stage
    from harness.model.check import Check
    from harness.model.number import Value
    from harness.numerics.error_measures import Place
    from harness.numerics.oracle import Expected

GROSS_RATIO = 1e6
"""From this ratio on a result is not inaccurate but wrong."""

NUMBERS = {Arithmetic.BINARY32: "binary32"}
"""The numbers of an arithmetic in a sentence, if not doubles."""


def grade(ratio: float, threshold: float, digits: float = 1.0) -> Outcome:
    """Return the outcome of a ratio: right below the threshold T, wrong from 10⁶ on.

    Between the two a result is inaccurate, if at least its first digit is correct.
    """
    if ratio == 0 or ratio < threshold:
        return Outcome.RIGHT
    if threshold > 0 and ratio < GROSS_RATIO and digits >= 1:
        return Outcome.INACCURATE
    return Outcome.WRONG


def doubt_lost_digits(own: Judgement, is_lost: bool, cause: str, subject: str = "it") -> Judgement:
    """Return a judgement, with defensible in place of right where the result lost all its digits.

    A bound that accepts such a result permits any numbers, and shows of none that they are right.
    The detail names the result, the `subject`, and the `cause` of its large rounding errors.
    """
    if own.outcome is not Outcome.RIGHT or not is_lost:
        return own
    detail = f"no digit of {subject} is right, which rounding explains: {cause}"
    return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail)


def cause_of_loss(expected: Expected) -> str:
    """Return why rounding errors in a result for A may be as large as the result."""
    is_ill_conditioned = LARGEST_SHARE * expected.rank_condition * expected.rounding >= 1
    return "A is so ill-conditioned" if is_ill_conditioned else "elimination makes large numbers"


def beyond_range(expected: Expected) -> str:
    """Return why a result that is not finite is no fault."""
    numbers = NUMBERS.get(expected.arithmetic, "doubles")
    return f"the result, or a product in its computation, is beyond the range of {numbers}"


def squares_leave_range(expected: Expected) -> bool:
    """Return whether the squares of the entries of [A | B] overflow or underflow."""
    sizes = [abs(value) for value in expected.system.entries() if value != 0]
    if not sizes or expected.precision is None:
        return False
    smallest, largest = (rational.to_fraction(size * size) for size in (min(sizes), max(sizes)))
    is_small = smallest < Fraction(expected.units.smallest_normal)
    return is_small or not expected.units.is_in_range(expected.rows * largest)


def size_of_error(ratio: float, expected: Expected) -> str:
    """Return a clause that says how large an error is, and how much of it rounding explains."""
    if expected.threshold == 0:
        return "they should be equal exactly"
    size = ratio / expected.threshold * expected.rounding
    limit = error_measures.format_number(expected.rounding)
    return f"off by {size:.2g} of its size, where rounding explains {limit}"


def malformed(stage: Stage, expected: Expected) -> str:
    """Return why a printed matrix cannot be compared with the system, m × (n + k), or nothing."""
    shape = (expected.rows, expected.unknowns + expected.right_hand_sides)
    return mismatch(stage, shape, "was handed in")


def misshapen(stage: Stage, rows: int, columns: int) -> str:
    """Return why a printed matrix is not rows × columns, or not finite, or nothing."""
    return mismatch(stage, (rows, columns), "is due")


def mismatch_of_shape(stage: Stage, shape: tuple[int, int], demand: str) -> str:
    """Return why a printed matrix has another shape, or nothing."""
    if stage.shape == shape:
        return ""
    printed = " × ".join(str(size) for size in stage.shape)
    return f"a {printed} matrix, where {shape[0]} × {shape[1]} {demand}"


def mismatch(stage: Stage, shape: tuple[int, int], demand: str) -> str:
    """Return why a printed matrix has another shape, or entries that are not finite, or nothing."""
    if complaint := mismatch_of_shape(stage, shape, demand):
        return complaint
    return "" if rational.all_finite(stage.rows) else "it holds entries that are not finite"


def places_not_finite(stage: Stage) -> tuple[Place, ...]:
    """The places, as (row, column) from 0, at which a matrix holds infinities or NaN."""
    return tuple(
        (i, j)
        for i, row in enumerate(stage.rows)
        for j, value in enumerate(row)
        if not rational.is_finite(value)
    )


def judge_places(check: Check, places: Sequence[Place], sentence: str) -> Judgement:
    """Return wrong at some places, or right where there are none."""
    if places:
        return Judgement(check, Outcome.WRONG, sentence, tuple(places))
    return Judgement(check, Outcome.RIGHT)


def format_entry(stage: Stage, place: Place) -> str:
    """Return `row 2 has 3 in column 1`."""
    i, j = place
    return f"row {i + 1} has {error_measures.format_number(stage.rows[i][j])} in column {j + 1}"


def single_number(stage: Stage) -> Value | None:
    """The one number of a stage; None where it has another shape."""
    return stage.rows[0][0] if stage.shape == (1,) and stage.rows else None
