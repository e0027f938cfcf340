"""The errors of results of elimination, as ratios to the rounding errors that elimination makes.

The bounds are componentwise, by |L||U| (see `magnitudes`): an error in a small row counts as much
as one in a large row. Several strategies of pivoting are right, so that a result only has to stay
within the bound of one of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq_mat

from harness.model.contract import Method
from harness.numerics import rational
from harness.numerics.error_measures import (
    allowed_residual,
    backward_ratio,
    count_digits,
    largest_ratio,
)
from harness.numerics.magnitudes import ScaledMatrix, choose_pivot_rows
from harness.numerics.oracle import LARGE_ORDER, RATIO_LIMIT
from harness.numerics.precision import BINARY64, Precision

LARGE_EXPONENT = 40
"""e to this power, and 2 to it, are so large that 1 more or less does not count."""

DECISIVE_SHARE = 0.5
"""The part of a result up to which an error is bounded by its condition number."""

MAXIMUM_DOUBLINGS = 1200
"""So often a perturbation is doubled until it explains a determinant: the range of doubles."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flint import fmpq

    from harness.model.number import Value
    from harness.numerics.oracle import Expected


def smallest_ratio(ratios: Iterable[float], limit: float) -> float:
    """Return the first of some ratios that is below the limit, or else the smallest."""
    smallest = math.inf
    for ratio in ratios:
        smallest = min(smallest, ratio)
        if smallest < limit:
            break
    return smallest


def solution_ratio(
    expected: Expected,
    side: int,
    x: fmpq_mat,
    method: Method = Method.ELIMINATION,
    slack: fmpq_mat | None = None,
) -> float:
    """Return the ratio of the error of x, n × 1, to that of elimination; `side` counts from 0.

    It is the smallest of the ratios that the method permits:

    - |b − Ax| / (n·u·|L||U||x|), for elimination and substitution (Higham, Accuracy and Stability,
      Theorem 9.4);
    - |x − x*| / (n·u·|A⁻¹||L||U||x*|), the bound of Gauss–Jordan elimination (Theorem 14.5, with
      |U⁻¹||U| ≤ |A⁻¹||L||U|). An x of another elimination needs a small residual by norms too;
    - S, the residual by norms, for any other method, such as QR factorisation (Theorem 19.5).

    `slack`, m × 1, is the part of the residual that rounding in print may explain.
    """
    right = rational.columns(expected.sides, [side])
    system, limit = rational.augment(expected.coefficients, right), expected.threshold
    if limit == 0:
        return backward_ratio(system, expected.unknowns, x, slack, expected.units)
    residual = right - expected.coefficients * x
    by_residual = smallest_ratio(
        (
            residual_ratio(residual, sums, x, right, slack, precision=expected.units)
            for sums in expected.magnitudes()
        ),
        limit,
    )
    if by_residual < limit:
        return by_residual
    by_norm = backward_ratio(system, expected.unknowns, x, slack, expected.units)
    if method is Method.ANY or expected.solution is None or slack is not None:
        return min(by_residual, by_norm)
    by_error = forward_ratio(expected, side, x)
    return min(by_residual, by_error if method is Method.GAUSS_JORDAN else max(by_norm, by_error))


def residual_ratio(
    residual: fmpq_mat,
    sums: fmpq_mat,
    x: fmpq_mat,
    right: fmpq_mat,
    slack: fmpq_mat | None = None,
    order: int = 0,
    precision: Precision = BINARY64,
) -> float:
    """Return the largest |B − AX| / (n·u·(|L||U||X| + |B|)) of an entry, with an exact residual.

    `residual`, `right`, B, and `slack`, which is subtracted from the residual, are m × k. `sums`,
    |L||U|, is m × n, and `x` is n × k. The factor n is `order`, or else the larger dimension of A.
    An underflow changes an entry of A or X by up to the smallest subnormal number.
    """
    sizes = rational.magnitudes(x)
    largest = rational.largest_entry(x) + 1
    by_underflow = sums * ones(x) + fmpq_mat([[largest] * right.ncols()] * right.nrows())
    by_rounding = precision.u * (sums * sizes + rational.magnitudes(right))
    allowed = by_rounding + precision.underflow * by_underflow
    return largest_ratio(residual, (order or max(sums.nrows(), sums.ncols())) * allowed, slack)


def ones(matrix: fmpq_mat) -> fmpq_mat:
    """Return a matrix of that size whose entries are all 1."""
    return fmpq_mat(matrix.nrows(), matrix.ncols(), [1] * (matrix.nrows() * matrix.ncols()))


def leaves_range(expected: Expected, x: fmpq_mat) -> bool:
    """Return whether x, n × k, or a product of its computation, exceeds the largest number.

    The products are bounded by |L||U||x|.
    """
    products = next(expected.magnitudes()) * rational.magnitudes(x)
    return not (expected.units.holds(x) and expected.units.holds(products))


def forward_ratio(expected: Expected, side: int, x: fmpq_mat) -> float:
    """Return the largest |x − x*| / (n·u·|A⁻¹||L||U||x*|) of a component of x, n × 1.

    The system has exactly one solution x*. Of more equations than unknowns, as many independent
    ones stand for A.
    """
    true = rational.from_rows([[row[side]] for row in expected.solution or ()])
    bounds = (forward_bound(expected, true, sums) for sums in expected.magnitudes())
    return smallest_ratio((largest_ratio(x - true, each) for each in bounds), expected.threshold)


def forward_bound(expected: Expected, x: fmpq_mat, sums: fmpq_mat) -> fmpq_mat:
    """Return n·u·|A⁻¹||L||U||x| of a unique solution x, n × 1, by the sums |L||U|, m × n.

    It allows for terms of A⁻¹ that cancel.
    """
    rows, inverse = independent_rows(expected)
    reach = rational.rows(sums, rows) * rational.rounded_magnitudes(x)
    bound = rational.rounded_magnitudes(inverse) * reach
    if expected.rows == expected.unknowns:
        bound = larger(bound, expected.uncancelled_inverse * reach, rational.largest_entry(bound))
    return expected.units.u * max(expected.rows, expected.unknowns) * bound


def wrong_components(
    expected: Expected, side: int, computed: Sequence[Sequence[Value]]
) -> list[int]:
    """Return the components of a wrong x that deviate, from 0; `computed`, n × k, is finite.

    They are those with a larger error than elimination explains. If there are none, because the
    system is ill-conditioned, they are those with the fewest correct digits.
    """
    true = [row[side] for row in expected.solution or ()]
    printed = [row[side] for row in computed]
    if expected.threshold == 0:
        return [i for i, (x, c) in enumerate(zip(printed, true, strict=True)) if x != c]
    exact = rational.from_rows([[value] for value in true])
    bounds = forward_bound(expected, exact, next(expected.magnitudes())).entries()
    limit = rational.from_number(expected.threshold)
    errors = (rational.from_rows([[value] for value in printed]) - exact).entries()
    beyond = [i for i, error in enumerate(errors) if abs(error) > limit * bounds[i]]
    if beyond:
        return beyond
    scale = max(map(abs, true))
    digits = [count_digits(x, c, scale) for x, c in zip(printed, true, strict=True)]
    return [i for i, count in enumerate(digits) if count < min(digits) + 1]


def independent_rows(expected: Expected) -> tuple[list[int], fmpq_mat]:
    """Return n independent rows of the coefficients, of rank n, and the inverse of these rows."""
    if expected.rows == expected.unknowns:
        return list(range(expected.rows)), expected.inverse
    chosen = choose_pivot_rows(expected.coefficients)
    block = rational.rows(expected.coefficients, chosen)
    if expected.unknowns > LARGE_ORDER:
        return chosen, rational.approximate_inverse(block)
    return chosen, block.inv()


def inverse_ratio(expected: Expected, x: fmpq_mat, method: Method = Method.ELIMINATION) -> float:
    """Return the ratio of the error of an inverse X of regular A, n × n, to that of elimination.

    Elimination makes either |I − AX| or |I − XA| small in relation to |L||U||X| or |X||L||U|, or
    else |X − A⁻¹| in relation to |A⁻¹||L||U||A⁻¹| (Higham, Accuracy and Stability, §14.3 and
    §14.4). The last decides nothing where A is so ill-conditioned that this bound exceeds the
    entries of A⁻¹. Where X need not be the result of elimination, errors that are small in the norm
    are right too.
    """
    if expected.threshold == 0:
        return largest_ratio(x - expected.inverse, expected.units.u * ones(x))
    by_elimination = smallest_ratio(
        (eliminated_inverse_ratio(expected, x, sums) for sums in expected.magnitudes()),
        expected.threshold,
    )
    if method is not Method.ANY or by_elimination < expected.threshold:
        return by_elimination
    by_norm = normwise_inverse_ratio(expected.coefficients, expected.inverse, x, expected.units)
    return min(by_elimination, by_norm)


def eliminated_inverse_ratio(expected: Expected, x: fmpq_mat, sums: fmpq_mat) -> float:
    """Return the smallest ratio of an inverse X by the sums |L||U|, all n × n."""
    size, a, sizes = expected.unknowns, expected.coefficients, rational.magnitudes(x)
    precision = expected.units
    unit = precision.u
    inverse, identity = expected.inverse_magnitudes, rational.identity(size)
    right = largest_ratio(identity - a * x, size * unit * (sums * sizes + identity))
    left = largest_ratio(identity - x * a, size * unit * (sizes * sums + identity))
    ratio = min(right, left)
    if ratio < RATIO_LIMIT or not is_decisive(size, spectral_radius(inverse, sums), precision):
        return ratio
    errors = x - expected.inverse
    floor = precision.underflow * (1 + expected.inverse_norm) ** 2 * ones(x)
    allowed = inverse * sums * inverse
    ratio = min(ratio, largest_ratio(errors, size * (unit * allowed + floor)))
    if ratio < RATIO_LIMIT:
        return ratio
    full = expected.uncancelled_inverse
    by_norm = rational.row_norm(inverse * sums) * expected.inverse_norm
    allowed = larger(allowed, full * sums * full, by_norm)
    return min(ratio, largest_ratio(errors, size * (unit * allowed + floor)))


def larger(bound: fmpq_mat, uncancelled: fmpq_mat, by_norm: fmpq) -> fmpq_mat:
    """Return a bound, m × n, raised to another where terms cancel in it, but not above a norm."""
    pairs = zip(bound.entries(), uncancelled.entries(), strict=True)
    entries = [max(value, min(other, by_norm)) for value, other in pairs]
    return fmpq_mat(bound.nrows(), bound.ncols(), entries)


def spectral_radius(inverse: fmpq_mat, sums: fmpq_mat) -> float:
    """Return the spectral radius of |A⁻¹||L||U|, n × n: a condition number of elimination.

    It does not depend on the scaling of rows or columns. It is infinite if it exceeds the doubles.
    """
    reach = ScaledMatrix.from_exact(sums).scale_columns_alike(inverse * sums)
    table = np.array(rational.to_floats(reach))
    return float(np.abs(np.linalg.eigvals(table)).max()) if np.isfinite(table).all() else math.inf


def is_decisive(size: int, condition: float, precision: Precision) -> bool:
    """Return whether an error of T·n·u times a condition number is less than half the result."""
    return RATIO_LIMIT * size * precision.unit_roundoff * condition < DECISIVE_SHARE


def normwise_inverse_ratio(
    a: fmpq_mat, inverse: fmpq_mat, x: fmpq_mat, precision: Precision
) -> float:
    """Return ‖X − A⁻¹‖ / (n·u·κ·‖A⁻¹‖) of X for A and its inverse, n × n, after LAPACK's dget04.

    Where that decides nothing, return the ratio of the residual. Norms are those of rows, and that
    of an error is its largest entry.
    """
    norm, inverse_norm = rational.row_norm(a), rational.row_norm(inverse)
    if not is_decisive(a.nrows(), rational.to_float(norm * inverse_norm), precision):
        return residual_of_inverse(a, x, precision)
    underflow = precision.underflow * (1 + norm + inverse_norm)
    allowed = a.nrows() * inverse_norm * (precision.u * norm * inverse_norm + underflow)
    return rational.to_float(rational.largest_entry(x - inverse) / allowed)


def residual_of_inverse(a: fmpq_mat, x: fmpq_mat, precision: Precision) -> float:
    """Return the smaller of ‖I − AX‖ and ‖I − XA‖, over n·u·‖A‖‖X‖, of n × n matrices A and X."""
    identity = rational.identity(a.nrows())
    norms = rational.row_norm(a), rational.row_norm(x)
    allowed = allowed_residual(a.nrows(), *norms, 0, precision)
    error = min(rational.largest_entry(identity - product) for product in (a * x, x * a))
    return rational.to_float(error / allowed)


def determinant_ratio(
    expected: Expected, value: fmpq, method: Method = Method.ELIMINATION
) -> float:
    """Return the ratio of the error of a determinant of A, n × n, to that of elimination.

    Elimination gives the determinant of A + E with |E| ≤ γₙ|L||U|. For any other method, ‖E‖₂ is
    small beside ‖A‖₂, and the ratio is that of the perturbation which explains the error.
    """
    error = abs(value - expected.determinant)
    if error == 0:
        return 0.0
    ratio = smallest_ratio(
        (eliminated_determinant_ratio(expected, error, sums) for sums in expected.magnitudes()),
        expected.threshold,
    )
    ratio = max(ratio, rational.SMALLEST)
    if method is not Method.ANY or ratio < expected.threshold:
        return ratio
    sizes = expected.singular_values
    other = perturbation(log_of(error), sizes, sizes[0], expected.units)
    return min(ratio, max(other, rational.SMALLEST))


def eliminated_determinant_ratio(expected: Expected, error: fmpq, sums: fmpq_mat) -> float:
    """Return the ratio of an error of the determinant that is not 0 by the sums |L||U|, n × n.

    With G = |A⁻¹||L||U|, |det(A + E) − det A| ≤ ((1 + n·u·ρ(G))ⁿ − 1)|det A|: the permanent of
    I + |A⁻¹E| bounds it, and is the same for D⁻¹GD with a diagonal D that makes all row sums ρ(G).
    Where that decides nothing, A and |L||U| are scaled alike, by rows and columns, until |L||U| has
    none that are small, and the ratio is that of the perturbation which explains the error.
    """
    size = expected.unknowns
    if expected.determinant != 0:
        condition = size * spectral_radius(expected.inverse_magnitudes, sums)
        if is_decisive(size, condition, expected.units):
            relative = rational.to_float(error / abs(expected.determinant))
            return relative / (size * expected.units.unit_roundoff * condition)
    scaling = ScaledMatrix.from_exact(sums)
    sizes = np.linalg.svd(rational.to_floats(scaling.scale(expected.coefficients)))[1].tolist()
    logarithm = log_of(error) - int(scaling.rows.sum() + scaling.columns.sum()) * math.log(2)
    norm = float(np.linalg.norm(scaling.entries, 2))
    return perturbation(logarithm, sizes, norm, expected.units)


def perturbation(
    logarithm: float, sizes: Sequence[float], norm: float, precision: Precision = BINARY64
) -> float:
    """Return the least power t of 2 with log(Π(σᵢ + t·n·u·norm) − Π σᵢ) ≥ `logarithm`.

    By Ipsen and Rehman (SIAM J. Matrix Anal. Appl. 30, 2008), |det(A + E) − det A| ≤
    Π(σᵢ + ‖E‖₂) − Π σᵢ. `sizes` are the n singular values σ of A.
    """
    unit = len(sizes) * precision.unit_roundoff * norm
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
