"""The determinant of A."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.oracle import UNIT_ROUNDOFF
from harness.procedures import lu
from harness.procedures.declaration import Result
from harness.procedures.grading import BEYOND_RANGE, grade, single_number
from harness.procedures.procedure import Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flint import fmpq

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.procedures.declaration import ExpectedFields, Rows
    from harness.procedures.evidence import Evidence

VALUE = Check("determinant.value", "Is it the determinant of A?", "determinant")

LARGE_EXPONENT = 40
"""e to this power, and 2 to it, are so large that 1 more or less does not count."""

MAXIMUM_DOUBLINGS = 1200
"""So often a perturbation is doubled until it explains a determinant: the range of doubles."""


def judge_determinant(stage: Stage, expected: Expected) -> Judgement:
    """Judge whether a printed number is the determinant of the coefficients A, n × n.

    The ratio is the size, in n·u·σ₁, of a perturbation E of A that explains it: by Ipsen and Rehman
    (SIAM J. Matrix Anal. Appl. 30, 2008), |det(A + E) − det A| ≤ Π(σᵢ + ‖E‖₂) − Π σᵢ.
    """
    value = single_number(stage)
    if value is None:
        return Judgement(VALUE, Outcome.WRONG, "one number is due")
    true = rational.to_fraction(expected.determinant)
    printed, due = error_measures.format_number(value), error_measures.format_number(true)
    detail = f"{printed} where {due} is expected"
    if not rational.is_finite(value):
        if math.isinf(rational.nearest_double(true)) or expected.products_leave_range:
            return Judgement(VALUE, Outcome.DEFENSIBLE, BEYOND_RANGE)
        return Judgement(VALUE, Outcome.WRONG, detail)
    ratio = perturbation(rational.from_number(value) - expected.determinant, expected)
    outcome = grade(ratio, expected.threshold)
    if outcome.deviates and expected.products_leave_range:
        return Judgement(VALUE, Outcome.DEFENSIBLE, "a product of its pivots is out of range")
    measures = {"ratio": ratio, "digits": error_measures.correct_digits([value], [true])}
    return Judgement(VALUE, outcome, detail if outcome.deviates else "", measures=measures)


def perturbation(difference: fmpq, expected: Expected) -> float:
    """Return the least t, to a factor of 2, with Π(σᵢ + t·n·u·σ₁) − Π σᵢ ≥ |difference|.

    It is 0 for no difference.
    """
    if difference == 0:
        return 0.0
    sizes = expected.singular_values
    unit = expected.unknowns * UNIT_ROUNDOFF * sizes[0]
    logarithm = log_of(abs(difference))
    for doubling in range(-LARGE_EXPONENT, MAXIMUM_DOUBLINGS):
        if unit > 0 and log_growth(sizes, scale(unit, doubling)) >= logarithm:
            return scale(1.0, doubling)
    return math.inf


def scale(value: float, exponent: int) -> float:
    """Return value · 2ᵉ for a positive value; infinite where it is out of range."""
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.inf


def log_growth(sizes: Sequence[float], step: float) -> float:
    """Return the logarithm of Π(σᵢ + step) − Π σᵢ."""
    if math.isinf(step) or min(sizes) <= 0:
        return sum(math.log(size + step) for size in sizes) if step > 0 else -math.inf
    growth = sum(math.log1p(step / size) for size in sizes)
    whole = sum(math.log(size) for size in sizes)
    if growth == 0:
        return -math.inf
    return whole + (growth if growth > LARGE_EXPONENT else math.log(math.expm1(growth)))


def log_of(value: fmpq) -> float:
    """Return the logarithm of a positive `fmpq`, however large or small."""
    return math.log(int(value.p)) - math.log(int(value.q))


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the determinant."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
    else:
        yield judge_determinant(evidence.transcript.stages["determinant"], evidence.expected)


def is_right(evidence: Evidence) -> bool:
    """Return whether the number is the determinant of the port's own factors, but for rounding.

    Where its P is no permutation, either sign is.
    """
    value, factors = single_number(evidence.transcript.stages["determinant"]), None
    if value is None or (factors := lu.printed_factors(evidence)) is None:
        return False
    _, lower, upper = factors
    true, product = (lower * upper).det(), lu.product_of_factors(evidence)
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
    square=True,
)
