"""Least squares: the X that makes the residual B − A X smallest, for A of any shape and rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.promises import RankDeficient
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.least_squares import gradient_ratio, null_component
from harness.numerics.lost_digits import find_lost_columns
from harness.procedures import inputs
from harness.procedures.declaration import Result
from harness.procedures.evidence import fact
from harness.procedures.gaussian_elimination import IS_NOT_RIGHT
from harness.procedures.grading import (
    beyond_range,
    doubt_lost_digits,
    grade,
    mismatch_of_shape,
    places_not_finite,
    squares_leave_range,
)
from harness.procedures.printed_columns import list_columns, measure_digits, name_columns
from harness.procedures.procedure import Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence

RESIDUAL = Check(
    "least_squares.residual",
    "Is the residual of each column of X orthogonal to the columns of A?",
    "least_squares",
)
NORM = Check(
    "least_squares.norm",
    "Is each column of X the shortest of many solutions?",
    claim=PortClaim.RANK_DEFICIENT,
)

SQUARED = "AᵀA is so ill-conditioned"
NO_PROMISE = "the port does not promise the shortest of many solutions"


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on the residual and on the length of X."""
    residual = judge_missing(evidence) or judge_printed(evidence)
    yield residual
    yield judge_norm(evidence, residual)


def judge_missing(evidence: Evidence) -> Judgement | None:
    """Judge a missing result, None where it is there: A of deficient rank may be refused."""
    missing, message = evidence.missing(PROCEDURE), evidence.refusal(PROCEDURE)
    if missing is None or not message:
        return missing
    outcome, reason = judge_refusal(evidence)
    outcome = Outcome.REFUSED if outcome is Outcome.DECLINED else outcome
    return Judgement(RESIDUAL, outcome, f"refused: {message.rstrip('.')}; {reason}")


def judge_refusal(evidence: Evidence) -> tuple[Outcome, str]:
    """Return the outcome of a refusal, or of numbers that are not finite, and the reason."""
    expected = evidence.expected
    if expected.reduced.rank < expected.unknowns:
        return Outcome.DECLINED, "the columns of A are linearly dependent"
    if expected.rank_is_doubtful:
        return Outcome.DEFENSIBLE, "a matrix of lower rank lies within rounding"
    if is_lost_by_squaring(evidence):
        return Outcome.DEFENSIBLE, "AᵀA is singular within rounding"
    if squares_leave_range(expected):
        return Outcome.DEFENSIBLE, beyond_range(expected)
    return Outcome.WRONG, "the columns of A are linearly independent"


def is_lost_by_squaring(evidence: Evidence) -> bool:
    """Return whether a singular matrix lies within rounding of AᵀA: κ(AᵀA) = κ(A)².

    The normal equations are a right method, and lose more digits than a QR factorisation (Higham,
    Accuracy and Stability of Numerical Algorithms, §20.4).
    """
    expected = evidence.expected
    return expected.rank_condition**2 * expected.rounding >= 1


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed X by its residual."""
    stage, expected = evidence.transcript.stages["least_squares"], evidence.expected
    shape = expected.unknowns, expected.right_hand_sides
    if complaint := mismatch_of_shape(stage, shape, "is due"):
        return Judgement(RESIDUAL, Outcome.WRONG, complaint)
    if not rational.all_finite(stage.rows):
        outcome, reason = judge_refusal(evidence)
        places = places_not_finite(stage) if outcome.deviates else ()
        return Judgement(RESIDUAL, outcome, f"X is not finite; {reason}", places)
    ratios = list_ratios(evidence, stage)
    measures = {"ratio": max(ratios)} | measure_digits(stage, unique_solution(expected))
    digits = measures.get("digits", 1.0)
    outcome = grade(max(ratios), expected.threshold, digits)
    wrong = [j for j, ratio in enumerate(ratios) if grade(ratio, expected.threshold).deviates]
    detail = f"{name_columns(wrong)} no least-squares solution: AᵀR is not 0" if wrong else ""
    own = Judgement(RESIDUAL, outcome, detail, measures=measures)
    return own if wrong else doubt_columns(own, stage, expected)


def doubt_columns(own: Judgement, stage: Stage, expected: Expected) -> Judgement:
    """Return the judgement on a right X, n × k, defensible where a column lost all its digits.

    The exact X* solves A X = A X*, and an X with a small residual there has a residual B − A X as
    small as rounding permits.
    """
    if unique_solution(expected) is None or expected.least_squares is None:
        return own
    a, true = expected.coefficients, expected.least_squares
    lost = find_lost_columns(
        rational.from_rows(stage.rows),
        true,
        rational.augment(a, a * true),
        expected.threshold,
        expected.units,
    )
    return doubt_lost_digits(own, bool(lost), SQUARED, list_columns(lost))


def list_ratios(evidence: Evidence, stage: Stage) -> list[float]:
    """Return the ratio of the error of each column of a finite X, n × k."""
    expected, x = evidence.expected, rational.from_rows(stage.rows)
    return [
        gradient_ratio(
            expected.coefficients,
            rational.columns(x, [j]),
            rational.columns(expected.sides, [j]),
            expected.norm,
            expected.units,
        )
        for j in range(expected.right_hand_sides)
    ]


def unique_solution(expected: Expected) -> list[list[Fraction]] | None:
    """Return the exact X, n × k; None if there are others, or if it is not computed."""
    if expected.reduced.rank < expected.unknowns or expected.least_squares is None:
        return None
    return [list(map(rational.to_fraction, row)) for row in expected.least_squares.tolist()]


def judge_norm(evidence: Evidence, residual: Judgement) -> Judgement:
    """Judge whether each column of X has no part that A maps to 0.

    The part is at most max(m, n)·u·κ·‖x‖∞ after rounding, with κ = σ₁/σᵣ (Golub and Van Loan,
    Matrix Computations, §5.5).
    """
    expected, promises = evidence.expected, evidence.contract.promises
    if promises.rank_deficient is RankDeficient.NONE:
        return Judgement(NORM, Outcome.ABSENT, NO_PROMISE)
    missing = evidence.missing_for(NORM, PROCEDURE)
    if missing is not None and not evidence.refusal(PROCEDURE):
        return missing
    if expected.reduced.rank == expected.unknowns:
        return Judgement(NORM, Outcome.ABSENT, "there is one solution")
    if not has_finite_solution(evidence):
        detail = "the port promises the shortest solution, and gives no finite X"
        return Judgement(NORM, Outcome.WRONG, detail)
    ratio = max(null_ratios(evidence))
    outcome = grade(ratio, expected.threshold)
    detail = "" if outcome is Outcome.RIGHT else "X has a part that A maps to 0"
    return Judgement(NORM, outcome, detail, measures={"ratio": ratio})


def has_finite_solution(evidence: Evidence) -> bool:
    """Return whether a finite X, n × k, was printed."""
    stage, expected = evidence.stage(PROCEDURE), evidence.expected
    shape = expected.unknowns, expected.right_hand_sides
    return stage is not None and stage.shape == shape and rational.all_finite(stage.rows)


@fact
def null_ratios(evidence: Evidence) -> tuple[float, ...]:
    """Return ‖z‖∞ / (max(m, n)·u·κ·‖x‖∞) of each column x, with z the part that A maps to 0."""
    expected = evidence.expected
    x = rational.from_rows(evidence.transcript.stages["least_squares"].rows)
    size = max(expected.rows, expected.unknowns)
    unit = size * expected.units.unit_roundoff * expected.rank_condition
    ratios = []
    for j in range(expected.right_hand_sides):
        column = rational.columns(x, [j])
        part = rational.largest_entry(null_component(column, expected.reduced))
        scale = rational.largest_entry(column)
        ratios.append(rational.to_float(part / scale) / unit if part else 0.0)
    return tuple(ratios)


def due(expected: ExpectedFields, _: int) -> Rows | None:
    """Return the shortest X."""
    return expected.least_squares


PROCEDURE = Procedure(
    name="least_squares",
    results=(Result("least_squares", lambda m, n, k: (n, k), due),),
    checks=(RESIDUAL, NORM),
    judge=judge,
    input=inputs.SYSTEM,
    rules=(Rule(NORM, (RESIDUAL,), IS_NOT_RIGHT),),
    may_refuse=True,
    other_refusals=True,
)
