"""Relations of a wrong result to the right one, in words: transposed, of the wrong sign, permuted.

Each relation is tested on the result that it would make right. It is named only if that result is
right within rounding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from harness.numerics import rational
from harness.numerics.elimination_errors import normwise_inverse_ratio, residual_ratio
from harness.numerics.error_measures import backward_ratio
from harness.numerics.lost_digits import has_no_digit
from harness.numerics.oracle import LARGE_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from flint import fmpq, fmpq_mat

    from harness.numerics.oracle import Expected

    Result = TypeVar("Result")
    Factors = tuple[fmpq_mat, fmpq_mat, fmpq_mat]


def name_relation(repairs: Iterable[tuple[str, Result]], is_right: Callable[[Result], bool]) -> str:
    """Return `; it …` of the first relation whose repaired result is right, or nothing."""
    return next((f"; {clause}" for clause, result in repairs if is_right(result)), "")


def relate_solution(x: fmpq_mat, expected: Expected, side: int) -> str:
    """Return the relation of a wrong x, n × 1, to the solution for a right-hand side, from 0."""
    a, sides = expected.coefficients, expected.sides
    right = rational.columns(sides, [side])
    true = rational.columns(rational.from_rows(expected.solution or ()), [side])
    if x.nrows() > LARGE_ORDER or is_near(x, true, expected) or solves(x, (a, right), expected):
        return ""
    systems = []
    if expected.rows == expected.unknowns:
        systems.append(("it solves Aᵀ x = b", (a.transpose(), right)))
    systems.append(("A x is b with its entries in another order", (a, order_like(right, a * x))))
    vectors = (
        ("it is minus the solution", -x),
        ("its components are those of the solution in another order", order_like(x, true)),
    )
    return name_relation(vectors, lambda y: is_near(y, true, expected)) or name_relation(
        systems, lambda system: solves(x, system, expected)
    )


def relate_column(x: fmpq_mat, expected: Expected, side: int) -> str:
    """Return `; it …` if a wrong x, n × 1, solves the system with another right-hand side of B."""
    a, sides = expected.coefficients, expected.sides
    systems = (
        (f"it solves the system with column {j + 1} of B", (a, rational.columns(sides, [j])))
        for j in range(sides.ncols())
        if j != side
    )
    return name_relation(systems, lambda system: solves(x, system, expected))


def relate_inverse(x: fmpq_mat, expected: Expected) -> str:
    """Return the relation of a wrong X, n × n, to the inverse; nothing for a large matrix."""
    if x.nrows() > LARGE_ORDER:
        return ""
    a, true = expected.coefficients, expected.inverse

    def is_right(repaired: fmpq_mat) -> bool:
        ratio = normwise_inverse_ratio(a, true, repaired, expected.units)
        return is_within(ratio, expected) and not has_no_digit(repaired, true)

    if is_right(x):
        return ""
    rows = match_columns(x.transpose(), true.transpose()).transpose()
    repairs = (
        ("it is the transpose of the inverse", x.transpose()),
        ("it is minus the inverse", -x),
        ("its columns are those of the inverse in another order", match_columns(x, true)),
        ("its rows are those of the inverse in another order", rows),
    )
    return name_relation(repairs, is_right)


def relate_determinant(value: fmpq, expected: Expected) -> str:
    """Return the relation of a wrong number to the determinant, if that is not 0."""
    true = expected.determinant
    repairs = [("it has the wrong sign", -value)]
    if value != 0:
        repairs.append(("it is the determinant of the inverse", 1 / value))
    share = relative_error(expected)
    return name_relation(repairs, lambda each: true != 0 and abs(each - true) <= share * abs(true))


def relate_logarithm(size: float, true: float) -> str:
    """Return the relation of a wrong logarithm to the natural one."""
    repairs = (
        ("it is the logarithm to base 10", size * math.log(10)),
        ("it is the logarithm to base 2", size * math.log(2)),
        ("it has the wrong sign", -size),
    )
    return name_relation(repairs, lambda each: math.isclose(each, true, rel_tol=1e-9))


def relate_factors(factors: Factors, expected: Expected) -> str:
    """Return the relation of wrong P, L and U to factors of A, n × n; nothing for a large A, or one
    of another shape."""
    (p, lower, upper), a = factors, expected.coefficients
    if a.nrows() != a.ncols():
        return ""
    if p.nrows() > LARGE_ORDER or is_factorisation(p * a, lower, upper, expected):
        return ""
    repairs = (
        ("A = L U: P is left out", (a, lower, upper)),
        ("P A = U L: L and U are exchanged", (p * a, upper, lower)),
        ("L is transposed", (p * a, lower.transpose(), upper)),
        ("U is transposed", (p * a, lower, upper.transpose())),
        ("L and U are transposed", (p * a, lower.transpose(), upper.transpose())),
        ("L is Uᵀ, and U is Lᵀ", (p * a, upper.transpose(), lower.transpose())),
        ("P Aᵀ = L U: they are factors of Aᵀ", (p * a.transpose(), lower, upper)),
    )
    return name_relation(repairs, lambda each: is_factorisation(*each, expected))


def is_factorisation(a: fmpq_mat, lower: fmpq_mat, upper: fmpq_mat, expected: Expected) -> bool:
    """Return whether A = L U, within n·u·T·|L||U| in each entry."""
    product = lower * upper
    sums = rational.magnitudes(lower)
    ratio = residual_ratio(a - product, sums, upper, product, precision=expected.units)
    return is_within(ratio, expected)


def is_near(y: fmpq_mat, true: fmpq_mat, expected: Expected) -> bool:
    """Return whether a vector, n × 1, is the true one but for rounding."""
    return bool(rational.row_norm(y - true) <= relative_error(expected) * rational.row_norm(true))


def relative_error(expected: Expected) -> fmpq:
    """Return n·u·T·κ, the relative error of a right result, at most 1/10; 0 in exact arithmetic.

    The condition number of a regular matrix may be infinite as a double.
    """
    if expected.threshold == 0:
        return rational.ZERO
    return rational.from_number(min(expected.rounding * expected.rank_condition, 0.1))


def solves(x: fmpq_mat, system: tuple[fmpq_mat, fmpq_mat], expected: Expected) -> bool:
    """Return whether x, n × 1, solves A x = b, with a small residual by norms."""
    augmented = rational.augment(*system)
    return is_within(backward_ratio(augmented, x.nrows(), x, precision=expected.units), expected)


def is_within(ratio: float, expected: Expected) -> bool:
    """Return whether a ratio is below the threshold; in exact arithmetic, whether it is 0."""
    return ratio == 0 or ratio < expected.threshold


def order_like(values: fmpq_mat, model: fmpq_mat) -> fmpq_mat:
    """Return the entries of a vector, n × 1, in the order of those of another one."""
    places = sorted(range(model.nrows()), key=lambda i: model[i, 0])
    ordered = rational.zeros(values.nrows(), 1)
    for place, value in zip(places, sorted(values.entries()), strict=True):
        ordered[place, 0] = value
    return ordered


def match_columns(x: fmpq_mat, true: fmpq_mat) -> fmpq_mat:
    """Return the columns of X, n × n, in the order in which they are nearest to those of a matrix.

    Where two columns are nearest to the same one, X is returned.
    """
    printed, due = (np.array(rational.to_floats(matrix)) for matrix in (x, true))
    with np.errstate(all="ignore"):
        distances = np.abs(printed[:, :, None] - due[:, None, :]).max(axis=0)
    nearest = [int(column) for column in distances.argmin(axis=0)]
    return rational.columns(x, nearest) if len({*nearest}) == len(nearest) else x
