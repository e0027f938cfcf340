"""The inverse of A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.contract import Method
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.elimination_errors import (
    inverse_ratio,
    leaves_range,
    normwise_inverse_ratio,
    residual_of_inverse,
)
from harness.numerics.lost_digits import has_no_digit
from harness.procedures import lu, printed_factors, singular_matrix, solve
from harness.procedures.declaration import Result
from harness.procedures.grading import (
    beyond_range,
    cause_of_loss,
    doubt_lost_digits,
    grade,
    misshapen,
    places_not_finite,
)
from harness.procedures.procedure import Procedure, Rule
from harness.procedures.relations import relate_inverse
from harness.procedures.solve import EARLIER_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.numerics.error_measures import Place
    from harness.numerics.oracle import Expected
    from harness.procedures.evidence import Evidence

VALUE = Check("inverse.value", "Is it the inverse of A?", "inverse")


def judge_inverse(stage: Stage, expected: Expected, method: Method) -> Judgement:
    """Judge whether a printed X is the inverse of regular coefficients A, n × n."""
    size, true = expected.unknowns, expected.inverse
    if complaint := misshapen(stage, size, size):
        if stage.shape == (size, size) and leaves_range(expected, true):
            return Judgement(VALUE, Outcome.DEFENSIBLE, beyond_range(expected))
        return Judgement(VALUE, Outcome.WRONG, complaint, places_not_finite(stage))
    x = rational.from_rows(stage.rows)
    measures = {
        "ratio": inverse_ratio(expected, x, method),
        "condition": rational.to_float(expected.norm * expected.inverse_norm),
    }
    outcome = grade(measures["ratio"], expected.threshold)
    if outcome is Outcome.RIGHT:
        own = Judgement(VALUE, outcome, measures=measures)
        return doubt_lost_digits(own, has_no_digit(x, true), cause_of_loss(expected))
    places, digits = compare_entries(x, expected)
    outcome = grade(measures["ratio"], expected.threshold, digits)
    if expected.rank_is_doubtful and method is Method.ANY:
        detail = "the inverse of a matrix within rounding of A, which may be singular"
        return Judgement(VALUE, Outcome.DEFENSIBLE, detail, measures=measures)
    return Judgement(
        VALUE, outcome, f"A times it is not I{relate_inverse(x, expected)}", places, measures
    )


def compare_entries(x: fmpq_mat, expected: Expected) -> tuple[tuple[Place, ...], float]:
    """Return the entries of a wrong X with fewer than half of their digits, and the fewest digits.

    If all entries have half of their digits, those with the fewest are returned.
    """
    digits = {}
    for i, (row, true) in enumerate(zip(x.tolist(), expected.inverse.tolist(), strict=True)):
        due = [rational.to_fraction(value) for value in true]
        scale = max(map(abs, due))
        for j, value in enumerate(row):
            printed = rational.to_fraction(value)
            digits[i, j] = error_measures.count_digits(printed, due[j], scale)
    fewest = min(digits.values())
    limit = max(error_measures.MAXIMUM_DIGITS / 2, fewest + 1)
    return tuple(place for place, count in digits.items() if count < limit), fewest


def is_nearly_inverse(stage: Stage, expected: Expected) -> bool:
    """Return whether a printed X, n × n, is the inverse of a matrix within rounding of A.

    Either AX or XA is then I but for rounding (Higham, Accuracy and Stability of Numerical
    Algorithms, §14.3).
    """
    size, a = expected.unknowns, expected.coefficients
    if misshapen(stage, size, size):
        return False
    x = rational.from_rows(stage.rows)
    return grade(residual_of_inverse(a, x, expected.units), expected.threshold) is Outcome.RIGHT


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the inverse."""
    missing = singular_matrix.judge_missing(evidence, PROCEDURE)
    yield missing if missing is not None else judge_printed(evidence)


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed inverse."""
    stage, expected = evidence.transcript.stages["inverse"], evidence.expected
    if evidence.regular:
        return judge_inverse(stage, expected, evidence.contract.method)
    wrong = Judgement(VALUE, Outcome.WRONG)
    if not rational.all_finite(stage.rows):
        return singular_matrix.judge_not_finite(evidence, wrong, "it")
    nearly = is_nearly_inverse(stage, expected)
    return singular_matrix.judge_finite(evidence, VALUE, wrong, nearly)


def is_right(evidence: Evidence) -> bool:
    """Return whether a finite X is the inverse that the port's own factors have."""
    expected, product = evidence.expected, printed_factors.product_of_factors(evidence)
    if lu.solves_with_factors(evidence, "inverse", rational.identity(expected.unknowns)):
        return True
    if product is None or product.det() == 0:
        return False
    stage = evidence.transcript.stages["inverse"]
    if misshapen(stage, expected.unknowns, expected.unknowns):
        return False
    x = rational.from_rows(stage.rows)
    ratio = normwise_inverse_ratio(product, product.inv(), x, expected.units)
    return grade(ratio, expected.threshold) is Outcome.RIGHT


PROCEDURE = Procedure(
    name="inverse",
    results=(Result("inverse", lambda m, n, k: (n, n), lambda due, _: due.inverse),),
    checks=(VALUE,),
    judge=judge,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, lu.refuses_factors("inverse")),
        Rule(VALUE, (*EARLIER_CHECKS, solve.VALUE), lu.fails_alike("inverse")),
        Rule(VALUE, lu.PROCEDURE.checks, lu.is_right_for_factors(is_right, "inverse")),
    ),
    structure=Structure.SQUARE,
    may_refuse=True,
    has_no_singular_result=True,
)
