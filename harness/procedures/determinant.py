"""The determinant of A."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import fmpq, fmpq_mat

from harness.model.check import Check
from harness.model.contract import Method
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.elimination_errors import determinant_ratio
from harness.numerics.lost_digits import has_no_digit
from harness.procedures import lu, printed_factors
from harness.procedures.declaration import Result
from harness.procedures.grading import (
    beyond_range,
    cause_of_loss,
    doubt_lost_digits,
    grade,
    single_number,
)
from harness.procedures.procedure import Procedure, Rule
from harness.procedures.relations import relate_determinant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.model.number import Value
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence

VALUE = Check("determinant.value", "Is it the determinant of A?", "determinant")


def judge_determinant(
    stage: Stage, expected: Expected, method: Method = Method.ELIMINATION
) -> Judgement:
    """Judge whether a printed number is the determinant of the coefficients A, n × n."""
    value = single_number(stage)
    if value is None:
        return Judgement(VALUE, Outcome.WRONG, "one number is due")
    true = rational.to_fraction(expected.determinant)
    printed, due = error_measures.format_number(value), error_measures.format_number(true)
    detail = f"{printed} where {due} is expected"
    leaves_range = expected.threshold > 0 and expected.products_leave_range
    if not rational.is_finite(value):
        if (leaves_range or not expected.units.is_in_range(true)) and is_within_range(value, true):
            return Judgement(VALUE, Outcome.DEFENSIBLE, beyond_range(expected))
        return Judgement(VALUE, Outcome.WRONG, detail)
    measures = {
        "ratio": determinant_ratio(expected, rational.from_number(value), method),
        "digits": error_measures.correct_digits([value], [true]),
    }
    outcome = grade(measures["ratio"], expected.threshold, measures["digits"])
    if outcome.deviates and leaves_range and is_within_range(value, true):
        return Judgement(VALUE, Outcome.DEFENSIBLE, "a product of its pivots is out of range")
    if outcome.deviates:
        detail += relate_determinant(rational.from_number(value), expected)
    own = Judgement(VALUE, outcome, detail if outcome.deviates else "", measures=measures)
    return doubt_lost_digits(
        own, is_lost(rational.from_number(value), expected), cause_of_loss(expected)
    )


def is_lost(value: fmpq, expected: Expected) -> bool:
    """Return whether no digit of a determinant is correct, where the true one is not 0."""
    true = expected.determinant
    return bool(true != 0 and has_no_digit(fmpq_mat([[value]]), fmpq_mat([[true]])))


def is_within_range(value: Value, true: Fraction) -> bool:
    """Return whether a number can be the determinant `true` where a product leaves its range.

    It is then 0, infinite or NaN; or it lost digits, and still has the sign and the magnitude.
    """
    double = rational.nearest_double(value)
    if double == 0 or math.isnan(double):
        return True
    if true == 0 or (double > 0) != (true > 0):
        return False
    return math.isinf(double) or Fraction(1, 4) <= Fraction(value) / true <= 4


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the determinant."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
    else:
        stage = evidence.transcript.stages["determinant"]
        yield judge_determinant(stage, evidence.expected, evidence.contract.method)


def is_right(evidence: Evidence) -> bool:
    """Return whether the number is the determinant of the port's own factors, but for rounding.

    Where its P is no permutation, either sign is.
    """
    value, factors = single_number(evidence.transcript.stages["determinant"]), None
    if value is None or (factors := printed_factors.printed_factors(evidence)) is None:
        return False
    _, lower, upper = factors
    true, product = (lower * upper).det(), printed_factors.product_of_factors(evidence)
    candidates = (true, -true) if product is None else (product.det(),)
    allowed = abs(true) * rational.from_number(evidence.expected.rounding)
    if not rational.is_finite(value):
        return math.isinf(rational.to_float(true))
    number = rational.from_number(value)
    return any(abs(number - candidate) <= allowed for candidate in candidates)


def due(expected: ExpectedFields, _: int) -> Rows | None:
    """Return the determinant as a matrix of one entry, where it is recorded."""
    return None if expected.determinant is None else ((expected.determinant,),)


PROCEDURE = Procedure(
    name="determinant",
    results=(Result("determinant", lambda m, n, k: (1,), due),),
    checks=(VALUE,),
    judge=judge,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, lu.fails_alike("determinant")),
        Rule(VALUE, lu.PROCEDURE.checks, lu.is_right_for_factors(is_right, "determinant")),
    ),
    structure=Structure.SQUARE,
)
