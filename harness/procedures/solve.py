"""Solving A X = B for one or several right-hand sides."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.case import Solutions
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.elimination_errors import leaves_range, solution_ratio, wrong_components
from harness.procedures import (
    backward_substitution,
    forward_substitution,
    inputs,
    lu,
    singular_matrix,
)
from harness.procedures.declaration import Result
from harness.procedures.grading import beyond_range, grade, misshapen, places_not_finite
from harness.procedures.procedure import Condition, Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.model.answer import Stage
    from harness.model.contract import Method
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence

VALUE = Check(
    "solve.value", "Does each column of X solve the system with its right-hand side?", "solve"
)

SECONDS = "seconds"
"""The label of the time that each right-hand side took, in seconds; it is never judged."""


def judge_columns(stage: Stage, expected: Expected, method: Method) -> Judgement:
    """Judge whether each column of a printed X, n × k, solves the system."""
    size, sides = expected.unknowns, range(expected.right_hand_sides)
    if complaint := misshapen(stage, size, len(sides)):
        is_due = stage.shape == (size, len(sides)) and expected.solution is not None
        if is_due and leaves_range(expected, rational.from_rows(expected.solution or ())):
            return Judgement(VALUE, Outcome.DEFENSIBLE, beyond_range(expected))
        return Judgement(VALUE, Outcome.WRONG, complaint, places_not_finite(stage))
    ratios = column_ratios(stage, expected, method)
    measures = {"ratio": max(ratios)}
    if expected.solution is not None:
        measures["digits"] = min(
            error_measures.correct_digits(
                [row[j] for row in stage.rows], [row[j] for row in expected.solution]
            )
            for j in sides
        )
    outcome = grade(max(ratios), expected.threshold, measures.get("digits", 1.0))
    wrong = [j for j in sides if grade(ratios[j], expected.threshold).deviates]
    components = (
        range(size) if expected.solution is None else wrong_components(expected, j, stage.rows)
        for j in wrong
    )
    places = tuple((i, j) for j, rows in zip(wrong, components, strict=True) for i in rows)
    detail = f"{name_columns(wrong)} no solution" if wrong else ""
    return Judgement(VALUE, outcome, detail, places, measures)


def column_ratios(stage: Stage, expected: Expected, method: Method) -> list[float]:
    """Return the ratio of the error of each column of a finite X, n × k, to that of the method."""
    x = rational.from_rows(stage.rows)
    return [
        solution_ratio(expected, j, rational.columns(x, [j]), method)
        for j in range(expected.right_hand_sides)
    ]


def name_columns(columns: Sequence[int]) -> str:
    """Return `column 2 is`, or `columns 2, 3 are`, of columns from 0."""
    names = ", ".join(str(j + 1) for j in columns)
    return f"column {names} is" if len(columns) == 1 else f"columns {names} are"


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on X."""
    missing = singular_matrix.judge_missing(evidence, PROCEDURE)
    yield missing if missing is not None else judge_printed(evidence)


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed X."""
    stage, expected = evidence.transcript.stages["solve"], evidence.expected
    own = judge_columns(stage, expected, evidence.contract.method)
    if not rational.all_finite(stage.rows):
        return singular_matrix.judge_not_finite(evidence, own, "X")
    return own if evidence.regular else judge_singular(evidence, own)


def judge_singular(evidence: Evidence, own: Judgement) -> Judgement:
    """Judge a finite X where A is singular: each column has no solution, or infinitely many.

    Where every column has solutions and X holds one of each, X conforms. Numbers with a notice are
    an answer too, unless the listing stops there: where there are solutions, they must be one.
    """
    stage, expected = evidence.transcript.stages["solve"], evidence.expected
    ratios = [math.inf] * expected.right_hand_sides
    if not misshapen(stage, expected.unknowns, expected.right_hand_sides):
        ratios = column_ratios(stage, expected, evidence.contract.method)
    solvable = rational.consistent_sides(expected.reduced, expected.unknowns)
    unsolved = [j for j in solvable if grade(ratios[j], expected.threshold).deviates]
    if len(solvable) == expected.right_hand_sides and not unsolved:
        return singular_matrix.judge_particular(evidence, own)
    judgement = singular_matrix.judge_finite(evidence, VALUE, own, not own.outcome.deviates)
    if not unsolved or judgement.outcome is Outcome.DEFENSIBLE:
        return judgement
    detail = f"{judgement.detail}; {name_columns(unsolved)} none of infinitely many solutions"
    is_wrong = judgement.outcome is Outcome.DECLINED and not evidence.contract.stops_at_notice
    return replace(judgement, outcome=own.outcome if is_wrong else judgement.outcome, detail=detail)


# Which fault decides which check


def is_as_substituted(evidence: Evidence, own: Judgement) -> bool:
    """Return whether it is wrong, and the same as the result of the two substitutions."""
    stages = evidence.transcript.stages
    substitutions = (forward_substitution.PROCEDURE, backward_substitution.PROCEDURE)
    if not own.outcome.deviates or any(each not in evidence.asked for each in substitutions):
        return False
    solved, substituted = stages.get("solve"), stages.get("backward")
    return solved is not None and substituted is not None and solved.rows == substituted.rows


def is_right(evidence: Evidence) -> bool:
    """Return whether a finite X solves the system of the port's own factors."""
    return lu.solves_with_factors(evidence, "solve", evidence.expected.sides)


def due(expected: ExpectedFields, unknowns: int) -> Rows | None:
    """Return X, n × k, where it is unique."""
    if expected.solutions != Solutions.UNIQUE:
        return None
    return tuple(row[unknowns:] for row in expected.reduced[:unknowns])


IS_AS_SUBSTITUTED = Condition(
    "it is not right, and X is the same as that of the substitutions", is_as_substituted
)

EARLIER_CHECKS = (
    *lu.PROCEDURE.checks,
    forward_substitution.VALUE,
    backward_substitution.VALUE,
)

PROCEDURE = Procedure(
    name="solve",
    results=(
        Result("solve", lambda m, n, k: (n, k), due),
        Result(SECONDS, lambda m, n, k: (k,), judged=False),
    ),
    checks=(VALUE,),
    judge=judge,
    input=inputs.SYSTEM,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, lu.refuses_factors("solve")),
        Rule(VALUE, EARLIER_CHECKS, lu.fails_alike("solve")),
        Rule(VALUE, EARLIER_CHECKS, IS_AS_SUBSTITUTED),
        Rule(VALUE, lu.PROCEDURE.checks, lu.is_right_for_factors(is_right, "solve")),
    ),
    square=True,
    may_refuse=True,
)
