"""Factors, inverses, determinants and ranks against what is true: a printed result → a judgement.

Like `rulings`, for what is made of the coefficients A, n × n, alone. Whose fault a wrong result is,
is for `factors` to say.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from harness.judging.elimination_checks import BEYOND, grade, not_finite_places
from harness.model.case import Arithmetic
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.oracle import RATIO_LIMIT, UNIT_ROUNDOFF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.answer import Stage
    from harness.model.number import Value
    from harness.numerics.error_measures import Place
    from harness.numerics.oracle import Expected

SLACK = 4 * UNIT_ROUNDOFF
"""How much larger than 1 a multiplier may be that was made by a reciprocal: |w·fl(1/p)|."""

LARGE = 40
"""e to this power, and 2 to it, are so large that 1 more or less does not count."""

MOST_DOUBLINGS = 1200
"""So often a perturbation is doubled until it explains a determinant: the range of doubles."""


def misshapen(stage: Stage, rows: int, columns: int) -> str:
    """Why a printed matrix is not rows × columns, or not finite; nothing where it is both."""
    if stage.shape != (rows, columns):
        printed = " × ".join(str(size) for size in stage.shape)
        return f"a {printed} matrix, where {rows} × {columns} is due"
    return "" if rational.all_finite(stage.rows) else "it holds entries that are not finite"


def found(check: Check, places: Sequence[Place], sentence: str) -> Judgement:
    """Wrong at some places, or right where there are none."""
    if places:
        return Judgement(check, Outcome.WRONG, sentence, tuple(places))
    return Judgement(check, Outcome.RIGHT)


def entry(stage: Stage, place: Place) -> str:
    """`row 2 has 3 in column 1`."""
    i, j = place
    return f"row {i + 1} has {error_measures.format_number(stage.rows[i][j])} in column {j + 1}"


def permutation(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed P, n × n, a permutation matrix?"""
    check, size = Check.LU_PERMUTATION, expected.unknowns
    if complaint := misshapen(stage, size, size):
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    other = [
        (i, j) for i, row in enumerate(stage.rows) for j, v in enumerate(row) if v not in (0, 1)
    ]
    if other:
        return found(check, other, f"{entry(stage, other[0])}, which is neither 0 nor 1")
    for word, lines in (("row", stage.rows), ("column", tuple(zip(*stage.rows, strict=True)))):
        for number, line in enumerate(lines, start=1):
            ones = sum(value == 1 for value in line)
            if ones != 1:
                return Judgement(check, Outcome.WRONG, f"{word} {number} has {ones} ones")
    return Judgement(check, Outcome.RIGHT)


def lower(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed L, n × n, unit lower triangular, and no entry of it larger than 1?

    That no multiplier is larger than 1 is what partial pivoting is for (Higham, Accuracy and
    Stability of Numerical Algorithms, §9.1).
    """
    check, size = Check.LU_LOWER, expected.unknowns
    if complaint := misshapen(stage, size, size):
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    places = [(i, j) for i in range(size) for j in range(size)]
    above = [(i, j) for i, j in places if i < j and stage.rows[i][j] != 0]
    if above:
        return found(check, above, f"{entry(stage, above[0])}, above the diagonal")
    diagonal = [(i, i) for i in range(size) if stage.rows[i][i] != 1]
    if diagonal:
        return found(check, diagonal, f"{entry(stage, diagonal[0])}, where 1 is due")
    most = 1 + (SLACK if expected.arithmetic is Arithmetic.BINARY64 else 0)
    large = [
        (i, j) for i, j in places if j < i and abs(rational.nearest_double(stage.rows[i][j])) > most
    ]
    sentence = f"{entry(stage, large[0])}: its pivot was not the largest" if large else ""
    return found(check, large, sentence)


def upper(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed U, n × n, upper triangular?"""
    check, size = Check.LU_UPPER, expected.unknowns
    if complaint := misshapen(stage, size, size):
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    below = [(i, j) for i in range(size) for j in range(i) if stage.rows[i][j] != 0]
    sentence = f"{entry(stage, below[0])}, below the diagonal" if below else ""
    return found(check, below, sentence)


def product(factors: tuple[Any, Any, Any], expected: Expected) -> Judgement:
    """Is P A = L U? ‖PA − LU‖∞ / (n·u·‖A‖∞), after LAPACK's dget01."""
    permuted, low, up = factors[0] * expected.coefficients, factors[1], factors[2]
    missing = permuted - low * up
    size, norm = expected.unknowns, expected.norm
    ratio = rational.to_float(
        rational.row_norm(missing) / error_measures.allowance(size, norm, 1, norm) * 2
    )
    outcome = grade(ratio, expected.threshold)
    measures = {"ratio": ratio}
    if outcome is Outcome.RIGHT:
        return Judgement(Check.LU_PRODUCT, outcome, measures=measures)
    swapped = factors[0].transpose() * expected.coefficients - low * up
    detail = "the product of L and U is not P A"
    if rational.row_norm(swapped) * 1_000 < rational.row_norm(missing):
        detail += ", but Pᵀ A: P is transposed"
    return Judgement(Check.LU_PRODUCT, outcome, detail, measures=measures)


def triangular(
    check: Check, triangle: Any, right: Any, stage: Stage, expected: Expected
) -> Judgement:
    """Does a printed X, n × k, solve T X = R with a regular triangle T, n × n?

    The ratio is that of a solution (HPL). Substitution is backward stable without pivoting
    (Higham, Accuracy and Stability of Numerical Algorithms, Theorem 8.5), so that T is not ρ.
    """
    size, sides = right.nrows(), right.ncols()
    if complaint := misshapen(stage, size, sides):
        if stage.shape == (size, sides) and not rational.in_range(triangle.solve(right)):
            return Judgement(check, Outcome.DEFENSIBLE, BEYOND)
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    system = rational.augment(triangle, right)
    ratio = error_measures.backward_ratio(system, size, rational.from_rows(stage.rows))
    limit = RATIO_LIMIT if expected.threshold else 0.0
    outcome = grade(ratio, limit)
    detail = "" if outcome is Outcome.RIGHT else "it does not solve the triangle that it was handed"
    return Judgement(check, outcome, detail, measures={"ratio": ratio})


def solved(stage: Stage, coefficients: Any, expected: Expected) -> Judgement:
    """Does each column of a printed X, n × k, solve a system with the coefficients, n × n?"""
    check, size = Check.SOLVE_VALUE, expected.unknowns
    if complaint := misshapen(stage, size, expected.right_hand_sides):
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    system = rational.augment(coefficients, expected.sides)
    x = rational.from_rows(stage.rows)
    ratios = [
        error_measures.backward_ratio(
            rational.augment(coefficients, rational.columns(expected.sides, [j])),
            size,
            rational.columns(x, [j]),
        )
        for j in range(expected.right_hand_sides)
    ]
    outcome = grade(max(ratios), expected.threshold)
    measures = {"ratio": max(ratios)}
    if expected.solution is not None and system == expected.system:
        measures["digits"] = min(
            error_measures.correct_digits(
                [row[j] for row in stage.rows], [r[j] for r in expected.solution]
            )
            for j in range(expected.right_hand_sides)
        )
    wrong = [j for j, ratio in enumerate(ratios) if grade(ratio, expected.threshold).deviates]
    places = tuple((i, j) for j in wrong for i in range(size))
    detail = f"{columns_in_words(wrong)} no solution" if wrong else ""
    return Judgement(check, outcome, detail, places, measures)


def columns_in_words(columns: Sequence[int]) -> str:
    """`column 2 is`, `columns 2, 3 are`."""
    names = ", ".join(str(j + 1) for j in columns)
    return f"column {names} is" if len(columns) == 1 else f"columns {names} are"


def inverse(stage: Stage, coefficients: Any, expected: Expected) -> Judgement:
    """Is a printed X the inverse of regular coefficients A, n × n?

    ‖X − A⁻¹‖∞ / (n·u·κ∞·‖A⁻¹‖∞), after LAPACK's dget04. Gauss–Jordan elimination on [A | I] has a
    small forward error, but not always a small residual (Higham, Accuracy and Stability of
    Numerical Algorithms, §14.4).
    """
    check, size = Check.INVERSE_VALUE, expected.unknowns
    true = expected.inverse if coefficients is expected.coefficients else coefficients.inv()
    if complaint := misshapen(stage, size, size):
        if stage.shape == (size, size) and not rational.in_range(true):
            return Judgement(check, Outcome.DEFENSIBLE, BEYOND)
        return Judgement(check, Outcome.WRONG, complaint, not_finite_places(stage))
    if coefficients is expected.coefficients:
        norm, scale = expected.norm, expected.inverse_norm
    else:
        norm, scale = rational.row_norm(coefficients), rational.row_norm(true)
    allowed = (
        size
        * scale
        * (error_measures.U * norm * scale + error_measures.UNDERFLOW * (1 + norm + scale))
    )
    errors = rational.from_rows(stage.rows) - true
    ratio = rational.to_float(rational.largest_entry(errors) / allowed)
    outcome = grade(ratio, expected.threshold)
    measures = {"ratio": ratio, "condition": rational.to_float(norm * scale)}
    if outcome is Outcome.RIGHT:
        return Judgement(check, outcome, measures=measures)
    if expected.rank_is_doubtful and nearly_inverse(stage, expected):
        detail = "the inverse of a matrix within rounding of A, which may be singular"
        return Judgement(check, Outcome.DEFENSIBLE, detail, measures=measures)
    limit = allowed * rational.from_number(expected.threshold)
    table = errors.tolist()
    places = [(i, j) for i, row in enumerate(table) for j, v in enumerate(row) if abs(v) > limit]
    return Judgement(check, outcome, "A times it is not I", tuple(places), measures)


def is_inverse(stage: Stage, coefficients: Any, expected: Expected) -> bool:
    """Whether a printed X is right for other coefficients, n × n, which may be singular."""
    if coefficients.det() == 0:
        return True
    return not inverse(stage, coefficients, expected).outcome.deviates


def nearly_inverse(stage: Stage, expected: Expected) -> bool:
    """Whether a printed X, n × n, is the inverse of a matrix within rounding of A.

    By the smaller of the residuals I − AX and I − XA over n·u·‖A‖∞‖X‖∞, after LAPACK's dget03: of
    the ways to invert a matrix some make the one small, some the other (Higham, Accuracy and
    Stability of Numerical Algorithms, §14.3).
    """
    size, a = expected.unknowns, expected.coefficients
    if misshapen(stage, size, size):
        return False
    x = rational.from_rows(stage.rows)
    allowed = error_measures.allowance(size, expected.norm, rational.row_norm(x), 0)
    residuals = (rational.identity(size) - product for product in (a * x, x * a))
    smaller = min(map(rational.largest_entry, residuals))
    return grade(rational.to_float(smaller / allowed), expected.threshold) is Outcome.RIGHT


def number(stage: Stage) -> Value | None:
    """The one number of a stage; None where it has another shape."""
    return stage.rows[0][0] if stage.shape == (1,) and stage.rows else None


def determinant(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed number the determinant of the coefficients A, n × n?

    The ratio is the size, in n·u·σ₁, of a perturbation E of A that explains it: by Ipsen and Rehman
    (SIAM J. Matrix Anal. Appl. 30, 2008), |det(A + E) − det A| ≤ Π(σᵢ + ‖E‖₂) − Π σᵢ.
    """
    check, value = Check.DETERMINANT_VALUE, number(stage)
    if value is None:
        return Judgement(check, Outcome.WRONG, "one number is due")
    true = expected.determinant
    printed, due = (
        error_measures.format_number(value),
        error_measures.format_number(rational.to_fraction(true)),
    )
    told = f"{printed} where {due} is expected"
    if not rational.is_finite(value):
        beyond = math.isinf(rational.to_float(true)) or expected.products_leave_range
        detail = BEYOND if beyond else told
        return Judgement(check, Outcome.DEFENSIBLE if beyond else Outcome.WRONG, detail)
    ratio = perturbation(rational.from_number(value) - true, expected)
    outcome = grade(ratio, expected.threshold)
    if outcome.deviates and expected.products_leave_range:
        return Judgement(check, Outcome.DEFENSIBLE, "a product of its pivots is out of range")
    measures = {
        "ratio": ratio,
        "digits": error_measures.correct_digits([value], [rational.to_fraction(true)]),
    }
    return Judgement(check, outcome, told if outcome.deviates else "", measures=measures)


def is_determinant(stage: Stage, coefficients: Any, expected: Expected) -> bool:
    """Whether a printed number is the determinant of other coefficients, but for rounding."""
    value, true = number(stage), coefficients.det()
    if value is None or not rational.is_finite(value):
        return value is not None and math.isinf(rational.to_float(true))
    return bool(
        abs(rational.from_number(value) - true)
        <= abs(true) * rational.from_number(expected.rounding)
    )


def perturbation(difference: Any, expected: Expected) -> float:
    """The least t, to a factor of 2, with Π(σᵢ + t·n·u·σ₁) − Π σᵢ ≥ |difference|; 0 for none."""
    if difference == 0:
        return 0.0
    sizes = expected.singular_values
    unit = expected.unknowns * UNIT_ROUNDOFF * sizes[0]
    wanted = log_of(abs(difference))
    for doubling in range(-LARGE, MOST_DOUBLINGS):
        if unit > 0 and log_growth(sizes, 2.0**doubling * unit) >= wanted:
            return 2.0**doubling
    return math.inf


def log_growth(sizes: Sequence[float], step: float) -> float:
    """The logarithm of Π(σᵢ + step) − Π σᵢ."""
    if math.isinf(step) or min(sizes) <= 0:
        return sum(math.log(size + step) for size in sizes) if step > 0 else -math.inf
    growth = sum(math.log1p(step / size) for size in sizes)
    whole = sum(math.log(size) for size in sizes)
    if growth == 0:
        return -math.inf
    return whole + (growth if growth > LARGE else math.log(math.expm1(growth)))


def log_of(value: Any) -> float:
    """The logarithm of a positive `fmpq`, however large or small."""
    return math.log(int(value.p)) - math.log(int(value.q))


def rank(stage: Stage, expected: Expected) -> Judgement:
    """Is a printed number the rank of the coefficients?

    A smaller one is defensible where a matrix of that rank lies within rounding (σᵣ₊₁/σ₁ ≤ n·u·T);
    a larger one where elimination rounds, and may leave a tiny pivot for a 0.
    """
    check, value, true = Check.RANK_VALUE, number(stage), expected.reduced.rank
    if value == true:
        return Judgement(check, Outcome.RIGHT)
    most = min(expected.rows, expected.unknowns)
    if (
        value is None
        or not rational.is_finite(value)
        or value != int(value)
        or not 0 <= value <= most
    ):
        return Judgement(check, Outcome.WRONG, f"a whole number from 0 to {most} is due")
    told = f"{int(value)} where {true} is expected"
    sizes = expected.singular_values
    near = value < true and sizes[int(value)] <= expected.rounding * sizes[0]
    if near or (value > true and rounds(expected)):
        return Judgement(check, Outcome.DEFENSIBLE, f"{told}: rounding decides")
    return Judgement(check, Outcome.WRONG, told)


def rounds(expected: Expected) -> bool:
    """Whether elimination with partial pivoting in binary64 rounds anywhere on the coefficients.

    It may divide the pivot rows by their pivots, as Gauss–Jordan elimination does.
    """
    if expected.arithmetic is not Arithmetic.BINARY64:
        return False
    left = [[rational.to_fraction(v) for v in row] for row in expected.coefficients.tolist()]
    for column in range(expected.unknowns):
        pivot = max(left, key=lambda row: abs(row[column]), default=None)
        if pivot is None or pivot[column] == 0:
            continue
        left.remove(pivot)
        if left and not all(is_double(value / pivot[column]) for value in pivot):
            return True
        for row in left:
            factor = row[column] / pivot[column]
            terms = [factor * value for value in pivot]
            row[:] = [value - term for value, term in zip(row, terms, strict=True)]
            if not all(map(is_double, (factor, *terms, *row))):
                return True
    return False


def is_double(value: Fraction) -> bool:
    """Whether a number is a double."""
    return (
        math.isfinite(rational.nearest_double(value))
        and Fraction(rational.nearest_double(value)) == value
    )
