"""The sign and the natural logarithm of the determinant of A, which may be beyond all doubles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.log_determinant import (
    exponential,
    log_determinant_ratio,
    sign_of,
    true_logarithm,
)
from harness.procedures.declaration import Result
from harness.procedures.determinant import is_lost
from harness.procedures.grading import cause_of_loss, doubt_lost_digits, grade
from harness.procedures.procedure import Procedure
from harness.procedures.relations import relate_logarithm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.model.contract import Method
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence

VALUE = Check(
    "log_determinant.value",
    "Are they the sign and the logarithm of the determinant of A?",
    "log_determinant",
)


def judge_logarithm(stage: Stage, expected: Expected, method: Method) -> Judgement:
    """Judge a printed sign, 1, 0 or −1, and the logarithm of the magnitude.

    Of a determinant 0, the sign is 0, and the logarithm −∞. With another sign, −∞ stands for 0 too.
    """
    if stage.shape != (2,):
        return Judgement(VALUE, Outcome.WRONG, "two numbers are due: a sign and a logarithm")
    sign, logarithm = (row[0] for row in stage.rows)
    if sign not in (-1, 0, 1):
        printed = error_measures.format_number(sign)
        return Judgement(VALUE, Outcome.WRONG, f"the sign is {printed}", ((0, 0),))
    true_sign, true = sign_of(expected.determinant), true_logarithm(expected)
    due = f"sign {true_sign} and logarithm {error_measures.format_number(true)}"
    printed = f"sign {int(sign)} and logarithm {error_measures.format_number(logarithm)}"
    detail = f"{printed} where {due} are expected"
    size = rational.nearest_double(logarithm)
    if sign == 0 or size == -math.inf:
        is_zero = size == -math.inf
        if is_zero and sign == true_sign == 0:
            return Judgement(VALUE, Outcome.RIGHT)
        ratio = log_determinant_ratio(expected, 0, 0.0, method)
        is_near = grade(ratio, expected.threshold) is Outcome.RIGHT
        outcome = Outcome.DEFENSIBLE if is_near and is_zero else Outcome.WRONG
        return Judgement(VALUE, outcome, detail)
    if not math.isfinite(size):
        return Judgement(VALUE, Outcome.WRONG, detail)
    ratio = log_determinant_ratio(expected, int(sign), size, method)
    outcome = grade(ratio, expected.threshold)
    if outcome.deviates:
        relation = relate_logarithm(size, true) if sign == true_sign else "; the sign is wrong"
        detail += relation
    own = Judgement(VALUE, outcome, detail if outcome.deviates else "", measures={"ratio": ratio})
    if own.outcome is not Outcome.RIGHT:
        return own
    value = int(sign) * exponential(size)
    return doubt_lost_digits(
        own, is_lost(value, expected), cause_of_loss(expected), "the determinant"
    )


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the sign and the logarithm."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
        return
    stage, method = evidence.transcript.stages["log_determinant"], evidence.contract.method
    yield judge_logarithm(stage, evidence.expected, method)


def due(expected: ExpectedFields, _: int) -> Rows | None:
    """Return the sign and the logarithm as a matrix of one column."""
    numbers = expected.log_determinant
    return None if numbers is None else tuple((number,) for number in numbers)


PROCEDURE = Procedure(
    name="log_determinant",
    results=(Result("log_determinant", lambda m, n, k: (2,), due),),
    checks=(VALUE,),
    judge=judge,
    is_irrational=True,
    structure=Structure.SQUARE,
)
