"""Conjugate gradients: an iteration that solves A x = b for symmetric, positive definite A."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.promises import ResidualTolerance
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.definiteness import Definiteness
from harness.procedures import definiteness, inputs
from harness.procedures.back_substitution import due
from harness.procedures.declaration import Result
from harness.procedures.evidence import fact
from harness.procedures.grading import beyond_range, squares_leave_range
from harness.procedures.printed_columns import measure_digits
from harness.procedures.procedure import Procedure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.procedures.evidence import Evidence

RESIDUAL = Check(
    "conjugate_gradient.residual",
    "Is the residual of x within the promised tolerance?",
    "conjugate_gradient",
)

DEFAULT_TOLERANCE = ResidualTolerance(Fraction(1, 10**5), is_relative=True)
"""The tolerance of a port that promises none: that of scipy.sparse.linalg.cg."""


@dataclass(frozen=True)
class Residual:
    """‖b − Ax‖₂ of an x, the largest size of it that is right, and ‖b‖₂; as floats."""

    size: float
    allowed: float
    right: float

    @property
    def is_right(self) -> bool:
        """True if the residual is within the tolerance."""
        return self.size <= self.allowed


def norm(vector: fmpq_mat) -> float:
    """Return ‖v‖₂ of an exact vector, n × 1."""
    largest = rational.largest_entry(vector)
    if largest == 0:
        return 0.0
    scaled = vector / largest
    squares = sum((value * value for value in scaled.entries()), rational.ZERO)
    return math.sqrt(rational.to_float(squares)) * rational.to_float(largest)


def measure_residual(expected: Expected, x: fmpq_mat, tolerance: ResidualTolerance) -> Residual:
    """Return the residual of x, n × 1, beside the tolerance.

    Rounding adds up to T·n·u·(‖A‖‖x‖ + ‖b‖): no iteration makes the true residual smaller for sure
    (Greenbaum, Iterative Methods for Solving Linear Systems, §7.3). In exact arithmetic n steps
    give the exact solution, and without a tolerance nothing else is right.
    """
    right = rational.columns(expected.sides, [0])
    b_norm = norm(right)
    allowed = float(tolerance.size) * (b_norm if tolerance.is_relative else 1.0)
    by_rounding = error_measures.allowed_residual(
        expected.unknowns,
        expected.norm,
        rational.largest_entry(x),
        rational.largest_entry(right),
        expected.units,
    )
    allowed += expected.threshold * math.sqrt(expected.unknowns) * rational.to_float(by_rounding)
    return Residual(norm(right - expected.coefficients * x), allowed, b_norm)


@fact
def may_fail_to_converge(evidence: Evidence) -> bool:
    """Return whether rounding may keep the iteration from reaching the tolerance.

    The residual falls at least as 2√κ·((√κ − 1)/(√κ + 1))ᵏ (Golub and Van Loan, Matrix
    Computations, §11.3). Where this takes more than n steps, n steps suffice without rounding, and
    with it if n·u·κ² is small beside the tolerance.
    """
    expected = evidence.expected
    if expected.precision is None:
        return False
    condition, size = expected.condition, expected.unknowns
    tolerance = relative_tolerance(evidence)
    if condition**2 * expected.rounding <= tolerance:
        return False
    root = math.sqrt(condition)
    return not 0.5 * root * math.log(2 * root / tolerance) <= size


def relative_tolerance(evidence: Evidence) -> float:
    """Return the promised tolerance as a multiple of ‖b‖₂."""
    tolerance = evidence.contract.promises.residual_tolerance or DEFAULT_TOLERANCE
    size = norm(rational.columns(evidence.expected.sides, [0]))
    return float(tolerance.size) / (1.0 if tolerance.is_relative or size == 0 else size)


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on x."""
    missing = definiteness.judge_missing(evidence, PROCEDURE)
    yield excuse(evidence, missing) if missing is not None else judge_printed(evidence)


def judge_printed(evidence: Evidence) -> Judgement:
    """Judge a printed x."""
    stage, expected = evidence.transcript.stages["conjugate_gradient"], evidence.expected
    if stage.shape != (expected.unknowns,):
        printed = " × ".join(map(str, stage.shape))
        detail = f"{printed} numbers, where {expected.unknowns} are due"
        return Judgement(RESIDUAL, Outcome.WRONG, detail)
    if not rational.all_finite(stage.rows):
        return excuse(evidence, definiteness.judge_not_finite(evidence, RESIDUAL, "x"))
    return judge_finite(evidence, stage)


def judge_finite(evidence: Evidence, stage: Stage) -> Judgement:
    """Judge a finite x, n × 1, by its residual: an iteration that does not reach it must say so."""
    expected = evidence.expected
    tolerance = evidence.contract.promises.residual_tolerance or DEFAULT_TOLERANCE
    if expected.precision is None and evidence.contract.promises.residual_tolerance is None:
        tolerance = ResidualTolerance(Fraction(0))
    residual = measure_residual(expected, rational.from_rows(stage.rows), tolerance)
    measures = {"residual": residual.size / residual.right if residual.right else residual.size}
    measures |= measure_digits(stage, expected.solution)
    is_positive = expected.definiteness is Definiteness.POSITIVE
    if residual.is_right:
        detail = "" if is_positive else f"x solves the system; {definiteness.reason(evidence)}"
        outcome = Outcome.RIGHT if is_positive else Outcome.DEFENSIBLE
        return Judgement(RESIDUAL, outcome, detail, measures=measures)
    if expected.definiteness is Definiteness.NOT_POSITIVE:
        return Judgement(RESIDUAL, Outcome.SILENT, definiteness.SILENT, measures=measures)
    detail = f"‖b − Ax‖₂ is {residual.size:.3g}, where {residual.allowed:.3g} is promised"
    if not is_positive:
        detail = f"{detail}; {definiteness.reason(evidence)}"
        return Judgement(RESIDUAL, Outcome.DEFENSIBLE, detail, measures=measures)
    if squares_leave_range(expected):
        detail = f"{detail}; {beyond_range(expected)}"
        return Judgement(RESIDUAL, Outcome.DEFENSIBLE, detail, measures=measures)
    return Judgement(RESIDUAL, Outcome.WRONG, detail, measures=measures)


def excuse(evidence: Evidence, own: Judgement) -> Judgement:
    """Return the judgement on a failure, defensible where rounding may be the reason for it."""
    if own.outcome is not Outcome.WRONG:
        return own
    if squares_leave_range(evidence.expected):
        reason = beyond_range(evidence.expected)
    elif may_fail_to_converge(evidence):
        reason = "rounding may keep the iteration from its tolerance"
    else:
        return own
    detail = f"{own.detail}; {reason}"
    return Judgement(own.check, Outcome.DEFENSIBLE, detail, measures=own.measures)


PROCEDURE = Procedure(
    name="conjugate_gradient",
    results=(Result("conjugate_gradient", lambda m, n, k: (n,), due),),
    checks=(RESIDUAL,),
    judge=judge,
    input=inputs.SYSTEM,
    structure=Structure.SYMMETRIC,
    single=True,
    may_refuse=True,
    other_refusals=True,
)
