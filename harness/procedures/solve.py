"""Solving A X = B for one or several right-hand sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.contract import Method
from harness.model.structure import Structure
from harness.numerics.elimination_errors import solution_ratio
from harness.procedures import (
    backward_substitution,
    forward_substitution,
    inputs,
    lu,
    singular_matrix,
    solved_columns,
)
from harness.procedures.declaration import Result
from harness.procedures.printed_columns import PrintedColumns, due
from harness.procedures.procedure import Condition, Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.verdict import Judgement
    from harness.procedures.evidence import Evidence

VALUE = Check(
    "solve.value", "Does each column of X solve the system with its right-hand side?", "solve"
)

SECONDS = "seconds"
"""The label of the time that each right-hand side took, in seconds; it is never judged."""


def measure_error(evidence: Evidence, side: int, x: fmpq_mat) -> float:
    """Return the ratio of the error of x, n × 1, to that of the port's method."""
    return solution_ratio(evidence.expected, side, x, evidence.contract.method)


COLUMNS = PrintedColumns(VALUE, "solve", measure_error)


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on X."""
    if Structure.SQUARE not in evidence.expected.structures or is_alone(evidence):
        yield solved_columns.judge_columns(evidence, PROCEDURE, VALUE)
        return
    missing = singular_matrix.judge_missing(evidence, PROCEDURE)
    yield missing if missing is not None else COLUMNS.judge(evidence)


def is_alone(evidence: Evidence) -> bool:
    """Return whether the port shows no elimination, so that only X shows how it solves."""
    return evidence.contract.method is Method.ANY


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
    structure=Structure.SQUARE,
    other_shapes=True,
    may_refuse=True,
    solves=True,
    has_no_singular_result=True,
)
