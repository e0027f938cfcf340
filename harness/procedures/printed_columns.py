"""The judgement on a printed X, n × k, of a square system A X = B, column by column."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.model.case import Solutions
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.elimination_errors import leaves_range, wrong_components
from harness.numerics.lost_digits import find_lost_columns
from harness.procedures import singular_matrix
from harness.procedures.grading import (
    beyond_range,
    cause_of_loss,
    doubt_lost_digits,
    grade,
    misshapen,
    places_not_finite,
)
from harness.procedures.relations import relate_column, relate_solution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.model.check import Check
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence

Ratio = Callable[["Evidence", int, "fmpq_mat"], float]
"""Returns the ratio of the error of x, n × 1, for a right-hand side, from 0."""


@dataclass(frozen=True)
class PrintedColumns:
    """The columns of X, which is printed under a label; `ratio` measures the error of each."""

    check: Check
    label: str
    ratio: Ratio

    def judge(self, evidence: Evidence) -> Judgement:
        """Judge a printed X."""
        stage = evidence.transcript.stages[self.label]
        own = self.judge_columns(evidence, stage)
        if not rational.all_finite(stage.rows):
            return singular_matrix.judge_not_finite(evidence, own, "X")
        return own if evidence.regular else self.judge_singular(evidence, own)

    def judge_columns(self, evidence: Evidence, stage: Stage) -> Judgement:
        """Judge whether each column of a printed X, n × k, solves the system."""
        expected = evidence.expected
        size, sides = expected.unknowns, range(expected.right_hand_sides)
        if complaint := misshapen(stage, size, len(sides)):
            is_due = stage.shape == (size, len(sides)) and expected.solution is not None
            if is_due and leaves_range(expected, rational.from_rows(expected.solution or ())):
                return Judgement(self.check, Outcome.DEFENSIBLE, beyond_range(expected))
            places = places_not_finite(stage)
            return Judgement(self.check, Outcome.WRONG, complaint, places)
        ratios = self.list_ratios(evidence, stage)
        measures = {"ratio": max(ratios)} | measure_digits(stage, expected.solution)
        outcome = grade(max(ratios), expected.threshold, measures.get("digits", 1.0))
        wrong = [j for j in sides if grade(ratios[j], expected.threshold).deviates]
        components = (
            range(size) if expected.solution is None else wrong_components(expected, j, stage.rows)
            for j in wrong
        )
        places = tuple((i, j) for j, rows in zip(wrong, components, strict=True) for i in rows)
        detail = f"{name_columns(wrong)} no solution" if wrong else ""
        if wrong and expected.solution is not None:
            x = rational.columns(rational.from_rows(stage.rows), wrong[:1])
            detail += relate_solution(x, expected, wrong[0])
            detail += relate_column(x, expected, wrong[0])
        own = Judgement(self.check, outcome, detail, places, measures)
        return own if wrong or expected.solution is None else doubt_columns(own, stage, expected)

    def list_ratios(self, evidence: Evidence, stage: Stage) -> list[float]:
        """Return the ratio of the error of each column of a finite X, n × k."""
        x = rational.from_rows(stage.rows)
        sides = range(evidence.expected.right_hand_sides)
        return [self.ratio(evidence, j, rational.columns(x, [j])) for j in sides]

    def judge_singular(self, evidence: Evidence, own: Judgement) -> Judgement:
        """Judge a finite X where A is singular: each column has no solution, or infinitely many.

        Where every column has solutions and X holds one of each, X conforms. Numbers with a notice
        are an answer too, unless the listing stops there: where there are solutions, they must be
        one.
        """
        stage, expected = evidence.transcript.stages[self.label], evidence.expected
        ratios = [math.inf] * expected.right_hand_sides
        if not misshapen(stage, expected.unknowns, expected.right_hand_sides):
            ratios = self.list_ratios(evidence, stage)
        solvable = rational.consistent_sides(expected.reduced, expected.unknowns)
        unsolved = [j for j in solvable if grade(ratios[j], expected.threshold).deviates]
        if len(solvable) == expected.right_hand_sides and not unsolved:
            return singular_matrix.judge_particular(evidence, own)
        is_right = not own.outcome.deviates
        judgement = singular_matrix.judge_finite(evidence, self.check, own, is_right)
        if not unsolved or judgement.outcome is Outcome.DEFENSIBLE:
            return judgement
        detail = f"{judgement.detail}; {name_columns(unsolved)} none of infinitely many solutions"
        is_wrong = judgement.outcome is Outcome.DECLINED and not evidence.contract.stops_at_notice
        outcome = own.outcome if is_wrong else judgement.outcome
        return replace(judgement, outcome=outcome, detail=detail)


def doubt_columns(own: Judgement, stage: Stage, expected: Expected) -> Judgement:
    """Return the judgement on a right X, n × k, defensible where a column lost all its digits."""
    lost = find_lost_columns(
        rational.from_rows(stage.rows),
        rational.from_rows(expected.solution or ()),
        expected.system,
        expected.threshold,
        expected.units,
    )
    return doubt_lost_digits(own, bool(lost), cause_of_loss(expected), list_columns(lost))


def measure_digits(stage: Stage, true: Sequence[Sequence[Fraction]] | None) -> dict[str, float]:
    """Return the fewest correct digits of a column as a measure; none if the true X is not known.

    A printed and a true X are n × k.
    """
    if true is None:
        return {}
    columns = zip(zip(*stage.rows, strict=True), zip(*true, strict=True), strict=True)
    return {"digits": min(error_measures.correct_digits(*pair) for pair in columns)}


def list_columns(columns: Sequence[int]) -> str:
    """Return `column 2`, or `columns 2, 3`, of columns from 0."""
    names = ", ".join(str(j + 1) for j in columns)
    return f"column {names}" if len(columns) == 1 else f"columns {names}"


def name_columns(columns: Sequence[int]) -> str:
    """Return `column 2 is`, or `columns 2, 3 are`, of columns from 0."""
    return f"{list_columns(columns)} {'is' if len(columns) == 1 else 'are'}"


def due(expected: ExpectedFields, unknowns: int) -> Rows | None:
    """Return X, n × k, where it is unique."""
    if expected.solutions != Solutions.UNIQUE:
        return None
    return tuple(row[unknowns:] for row in expected.reduced[:unknowns])
