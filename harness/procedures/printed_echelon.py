"""A printed echelon matrix, judged by the expected result alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.promises import NO_PROMISES, Pivoting
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.magnitudes import magnitudes_in_order
from harness.numerics.row_space import RowEquivalence
from harness.procedures.echelon_pivots import (
    describe_small_entry,
    list_forms,
)
from harness.procedures.grading import (
    grade,
    malformed,
    places_not_finite,
    size_of_error,
)
from harness.procedures.singular_matrix import elimination_rounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.model.promises import Promises
    from harness.numerics.oracle import Expected

Pivots = tuple[tuple[int, int], ...]
"""The rows and columns of pivots in a printed matrix, from 0, in the order of an elimination."""
FORM = Check("echelon.form", "Is the eliminated matrix in row echelon form?", "echelon")
ROWS = Check("echelon.rows", "Is the eliminated matrix row-equivalent to the system?", "echelon")


def judge_form(stage: Stage, expected: Expected, promises: Promises = NO_PROMISES) -> Judgement:
    """Judge whether a printed matrix, m × (n + k), is in row echelon form."""
    if complaint := malformed(stage, expected):
        return Judgement(FORM, Outcome.WRONG, complaint, places_not_finite(stage))
    echelon = next(list_forms(stage, expected, promises), None)
    if echelon is not None and echelon.tolerated == 0:
        return Judgement(FORM, Outcome.RIGHT)
    if echelon is not None:
        detail = describe_small_entry(echelon.tolerated, promises)
        return Judgement(FORM, Outcome.DEFENSIBLE, detail, claims=(PortClaim.ZERO_TOLERANCE,))
    tiny = expected.rounding * rational.to_float(expected.largest_entry)
    given = [[rational.to_fraction(value) for value in row] for row in expected.system.tolist()]
    fault = error_measures.find_echelon_fault(stage.rows, expected.unknowns, tiny, given)
    sentence = "no order of its columns makes it an echelon form"
    if fault is not None and promises.pivoting is not Pivoting.COMPLETE:
        sentence = fault.sentence
    return Judgement(FORM, Outcome.WRONG, sentence, fault.places if fault else ())


def judge_rows(
    stage: Stage,
    expected: Expected,
    order: Sequence[int] | None = None,
    pivots: Pivots = (),
) -> Judgement:
    """Judge whether a printed matrix of finite entries, m × (n + k), is row-equivalent to the
    system, with each right-hand side by itself; the first judgement that is not right.

    If elimination interchanged columns, `order` is its order of the n coefficient columns. `pivots`
    are those of the elimination, if they are known.
    """
    sides = range(expected.right_hand_sides)
    judgements = [judge_side(stage, expected, j, order, pivots) for j in sides]
    return next((each for each in judgements if each.outcome is not Outcome.RIGHT), judgements[0])


def judge_side(
    stage: Stage, expected: Expected, side: int, order: Sequence[int] | None, pivots: Pivots
) -> Judgement:
    """Judge whether a printed matrix is row-equivalent to the system with one right-hand side."""
    printed, system = rational.from_rows(stage.rows), expected.system
    half_units = rational.from_rows(stage.half_units) if stage.half_units else None
    true = expected.reduced
    if expected.right_hand_sides > 1 or order is not None:
        columns = [*(order or range(expected.unknowns)), expected.unknowns + side]
        printed, system = rational.columns(printed, columns), rational.columns(system, columns)
        half_units = half_units and rational.columns(half_units, columns)
        true = rational.reduced_form(system, expected.unknowns)
    equivalence = RowEquivalence(
        printed,
        system,
        true,
        expected.unknowns,
        half_units,
        lambda: list_magnitudes(expected, order, pivots),
        expected.threshold,
        expected.units,
    )
    outcome = grade(equivalence.ratio, expected.threshold)
    detail = ""
    if outcome is not Outcome.RIGHT:
        detail = f"its rows are not the system's: {size_of_error(equivalence.ratio, expected)}"
    elif equivalence.extra_pivots or equivalence.lost_pivots:
        outcome, detail = judge_other_pivots(equivalence, expected)
    elif equivalence.has_contradiction != equivalence.should_have_contradiction:
        outcome, detail = judge_other_class(equivalence, expected)
    return Judgement(ROWS, outcome, detail, measures={"ratio": equivalence.ratio})


def judge_reduced_rows(stage: Stage, expected: Expected) -> Judgement:
    """Judge whether a reduced form of finite entries is row-equivalent to the system.

    Division by a tiny pivot, which rounding left, makes huge entries. If a later pivot clears
    them, its errors are as large as the entries that remain: then no entry can be judged.
    """
    judgement = judge_rows(stage, expected)
    if not judgement.outcome.deviates:
        return judgement
    printed = rational.reduced_form(rational.from_rows(stage.rows), expected.unknowns)
    extra = [column for column in printed.pivots[:-1] if column not in expected.reduced.pivots]
    if extra and elimination_rounds(expected, with_sides=True):
        detail = "rounding left a tiny pivot where exact arithmetic has 0, and was divided by it"
        return replace(judgement, outcome=Outcome.DEFENSIBLE, detail=detail)
    return judgement


def list_magnitudes(
    expected: Expected, order: Sequence[int] | None, pivots: Pivots
) -> Iterator[fmpq_mat]:
    """Yield |L||U| of each strategy of pivoting, then that with these pivots.

    The columns have the order of the printed matrix.
    """
    for sums in expected.magnitudes():
        yield rational.columns(sums, order) if order else sums
    if pivots:
        coefficients = expected.coefficients
        printed = rational.columns(coefficients, order) if order else coefficients
        yield magnitudes_in_order(printed, pivots)


def judge_other_pivots(equivalence: RowEquivalence, expected: Expected) -> tuple[Outcome, str]:
    """Judge a matrix whose pivots are in other columns than in exact arithmetic.

    A lost pivot needs no more than the ratio, which says that its column is within rounding a
    combination of others.
    """
    if not equivalence.extra_pivots:
        return Outcome.DEFENSIBLE, "a pivot within rounding of 0 was taken for 0"
    if is_rounding(equivalence.extra_pivots_ratio, equivalence.has_unit_pivots, expected):
        return Outcome.DEFENSIBLE, "rounding left a tiny pivot where exact arithmetic has 0"
    return Outcome.WRONG, f"its pivots are not those of a matrix of rank {expected.reduced.rank}"


def judge_other_class(equivalence: RowEquivalence, expected: Expected) -> tuple[Outcome, str]:
    """Judge a matrix with a row 0 = c that the system has not, or without one that it has."""
    if is_rounding(equivalence.contradiction_ratio, equivalence.has_unit_contradiction, expected):
        return Outcome.DEFENSIBLE, "whether a row reads 0 = 0 or 0 = c was decided by rounding"
    return Outcome.WRONG, "a row reads 0 = c, but the system does not contradict itself"


def is_rounding(ratio: float, hidden: bool, expected: Expected) -> bool:
    """Return whether rounding explains a value that is not 0.

    Where its size is `hidden`, it may be rounding if elimination rounds on the system.
    """
    if expected.threshold == 0 or ratio < expected.threshold:
        return expected.threshold > 0
    return hidden and elimination_rounds(expected, with_sides=True)
