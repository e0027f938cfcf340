"""The inverse of A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.procedures import lu, singular_matrix, solve
from harness.procedures.declaration import Result
from harness.procedures.grading import BEYOND_RANGE, grade, misshapen, places_not_finite
from harness.procedures.procedure import Procedure, Rule
from harness.procedures.solve import EARLIER_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.procedures.evidence import Evidence

VALUE = Check("inverse.value", "Is it the inverse of A?", "inverse")


def judge_inverse(stage: Stage, coefficients: fmpq_mat, expected: Expected) -> Judgement:
    """Judge whether a printed X is the inverse of regular coefficients A, n × n.

    ‖X − A⁻¹‖∞ / (n·u·κ∞·‖A⁻¹‖∞), after LAPACK's dget04. Gauss–Jordan elimination on [A | I] has a
    small forward error, but not always a small residual (Higham, Accuracy and Stability of
    Numerical Algorithms, §14.4).
    """
    size, is_own = expected.unknowns, coefficients is expected.coefficients
    true = expected.inverse if is_own else coefficients.inv()
    if complaint := misshapen(stage, size, size):
        if stage.shape == (size, size) and not rational.is_in_range(true):
            return Judgement(VALUE, Outcome.DEFENSIBLE, BEYOND_RANGE)
        return Judgement(VALUE, Outcome.WRONG, complaint, places_not_finite(stage))
    norm = expected.norm if is_own else rational.row_norm(coefficients)
    inverse_norm = expected.inverse_norm if is_own else rational.row_norm(true)
    underflow = error_measures.UNDERFLOW * (1 + norm + inverse_norm)
    allowed = size * inverse_norm * (error_measures.U * norm * inverse_norm + underflow)
    errors = rational.from_rows(stage.rows) - true
    ratio = rational.to_float(rational.largest_entry(errors) / allowed)
    outcome = grade(ratio, expected.threshold)
    measures = {"ratio": ratio, "condition": rational.to_float(norm * inverse_norm)}
    if outcome is Outcome.RIGHT:
        return Judgement(VALUE, outcome, measures=measures)
    if expected.rank_is_doubtful and is_nearly_inverse(stage, expected):
        detail = "the inverse of a matrix within rounding of A, which may be singular"
        return Judgement(VALUE, Outcome.DEFENSIBLE, detail, measures=measures)
    limit = allowed * rational.from_number(expected.threshold)
    table = errors.tolist()
    places = [(i, j) for i, row in enumerate(table) for j, v in enumerate(row) if abs(v) > limit]
    return Judgement(VALUE, outcome, "A times it is not I", tuple(places), measures)


def is_nearly_inverse(stage: Stage, expected: Expected) -> bool:
    """Return whether a printed X, n × n, is the inverse of a matrix within rounding of A.

    The measure is the smaller of the residuals I − AX and I − XA over n·u·‖A‖∞‖X‖∞, after LAPACK's
    dget03: some ways to invert a matrix make the one small, some the other (Higham, Accuracy and
    Stability of Numerical Algorithms, §14.3).
    """
    size, a = expected.unknowns, expected.coefficients
    if misshapen(stage, size, size):
        return False
    x = rational.from_rows(stage.rows)
    allowed = error_measures.allowed_residual(size, expected.norm, rational.row_norm(x), 0)
    residuals = (rational.identity(size) - product for product in (a * x, x * a))
    smaller = min(map(rational.largest_entry, residuals))
    return grade(rational.to_float(smaller / allowed), expected.threshold) is Outcome.RIGHT


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the inverse."""
    missing = singular_matrix.judge_missing(evidence, PROCEDURE)
    yield missing if missing is not None else judge_printed(evidence)


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed inverse."""
    stage, expected = evidence.transcript.stages["inverse"], evidence.expected
    if evidence.regular:
        return judge_inverse(stage, expected.coefficients, expected)
    wrong = Judgement(VALUE, Outcome.WRONG)
    if not rational.all_finite(stage.rows):
        return singular_matrix.judge_not_finite(evidence, wrong, "it")
    nearly = is_nearly_inverse(stage, expected)
    return singular_matrix.judge_finite(evidence, VALUE, wrong, nearly)


def is_right(evidence: Evidence) -> bool:
    """Return whether a finite X is the inverse that the port's own factors have."""
    expected, product = evidence.expected, lu.product_of_factors(evidence)
    if lu.solves_with_factors(evidence, "inverse", rational.identity(expected.unknowns)):
        return True
    if product is None or product.det() == 0:
        return False
    stage = evidence.transcript.stages["inverse"]
    return not judge_inverse(stage, product, expected).outcome.deviates


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
    square=True,
    may_refuse=True,
)
