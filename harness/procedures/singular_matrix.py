"""The judgement on an answer where the coefficients are singular, or nearly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.elimination import Choice, choose_first_largest, eliminate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.check import Check
    from harness.numerics.oracle import Expected
    from harness.numerics.precision import Precision
    from harness.procedures.declaration import Declaration
    from harness.procedures.evidence import Evidence

PARTICULAR = "a particular solution of infinitely many"


def judge_missing(evidence: Evidence, procedure: Declaration) -> Judgement | None:
    """Judge a missing result, None where it is there: a refusal of a singular matrix is right."""
    missing = evidence.missing(procedure)
    message = evidence.refusal(procedure)
    if missing is None or not message or not missing.outcome.deviates:
        return missing
    if not evidence.regular:
        detail = f"refused: {message}; A is singular"
        return Judgement(procedure.check, Outcome.REFUSED, detail)
    if evidence.expected.rank_is_doubtful:
        detail = f"refused: {message}; a singular matrix lies within rounding"
        return Judgement(procedure.check, Outcome.DEFENSIBLE, detail)
    return missing


def judge_not_finite(evidence: Evidence, own: Judgement, subject: str) -> Judgement:
    """Judge infinities and NaN: they are right where A is singular, or nearly."""
    if not evidence.regular:
        detail = f"{subject} is not finite; A is singular"
        return Judgement(own.check, Outcome.DECLINED, detail)
    if evidence.expected.rank_is_doubtful:
        detail = f"{subject} is not finite; a singular matrix lies within rounding"
        return Judgement(own.check, Outcome.DEFENSIBLE, detail)
    return own


def judge_finite(evidence: Evidence, check: Check, own: Judgement, right_nearby: bool) -> Judgement:
    """Judge finite numbers for a singular A.

    They are defensible where rounding alone made its pivots, and they are right for a matrix within
    rounding of it.
    """
    if notice := evidence.notice_in((*evidence.transcript.remarks, *evidence.transcript.errors)):
        return Judgement(check, Outcome.DECLINED, f"said: {notice}; A is singular")
    if right_nearby and elimination_rounds(evidence.expected):
        detail = "right for a regular matrix within rounding of this one"
        return Judgement(check, Outcome.DEFENSIBLE, detail, measures=own.measures)
    return Judgement(check, Outcome.SILENT, "finite numbers without a word; A is singular")


def judge_particular(evidence: Evidence, own: Judgement) -> Judgement:
    """Judge an X that solves A X = B for a singular A: it conforms, with a notice or without."""
    if notice := evidence.notice_in((*evidence.transcript.remarks, *evidence.transcript.errors)):
        return replace(own, outcome=Outcome.DECLINED, detail=f"said: {notice}; X is {PARTICULAR}")
    return replace(own, outcome=Outcome.DEFENSIBLE, detail=f"X is {PARTICULAR}")


def elimination_rounds(expected: Expected, with_sides: bool = False) -> bool:
    """Return whether the port's elimination may round on A, or on [A | B] `with_sides`.

    The pivots may be those of partial, scaled or complete pivoting, or the first that are not 0.
    Elimination may divide the pivot rows by their pivots, as Gauss–Jordan elimination does, or
    multiply them by the reciprocals.
    """
    if expected.precision is None:
        return False
    unknowns, system = expected.unknowns, expected.system if with_sides else expected.coefficients
    rows = [[rational.to_fraction(value) for value in row] for row in system.tolist()]
    choices = (choose_first_largest, choose_first, choose_largest_of_row)
    return any(
        pivoting_rounds(rows, unknowns, choose, expected.precision) for choose in choices
    ) or pivoting_rounds(
        order_columns(rows, unknowns), unknowns, choose_first_largest, expected.precision
    )


def choose_first(rows: Sequence[list[Fraction]], _: Sequence[int], column: int) -> int | None:
    """Return the index of the first row with an entry of a column that is not 0."""
    return next((index for index, row in enumerate(rows) if row[column] != 0), None)


def choose_largest_of_row(rows: Sequence[list[Fraction]], _: Sequence[int], column: int) -> int:
    """Return the index of the row whose entry of a column is the largest share of the row."""
    return max(range(len(rows)), key=lambda i: abs(rows[i][column]) / (max(map(abs, rows[i])) or 1))


def pivoting_rounds(
    rows: list[list[Fraction]], unknowns: int, choose: Choice[Fraction], precision: Precision
) -> bool:
    """Return whether elimination in a precision with a choice of pivots rounds on [A | B]."""
    for step in eliminate(rows, unknowns, choose):
        pivot_row, others = step.pivot_row, step.rows[step.done :]
        pivot = pivot_row[step.column]
        quotients = (1 / pivot, *(value / pivot for value in pivot_row))
        if others and not all(map(precision.is_exact, quotients)):
            return True
        for row, multiplier in zip(others, step.multipliers, strict=True):
            terms = (multiplier * value for value in pivot_row)
            if not all(map(precision.is_exact, (multiplier, *terms, *row))):
                return True
    return False


def order_columns(rows: list[list[Fraction]], unknowns: int) -> list[list[Fraction]]:
    """Return [A | B] with the columns of A in the order in which complete pivoting takes them."""
    order, work = list[int](), rows
    while any(any(row[:unknowns]) for row in work):
        column = max(range(unknowns), key=lambda j: max(abs(row[j]) for row in work))
        order.append(column)
        front = [[row[column], *row] for row in work]
        step = next(eliminate(front, 1))
        work = [row[1:] for row in step.rows[1:]]
    order += [j for j in range(unknowns) if j not in order]
    return [[row[j] for j in order] + row[unknowns:] for row in rows]
