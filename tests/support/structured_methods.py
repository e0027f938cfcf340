"""Correct and faulty programs for tridiagonal and positive definite systems, for least squares, for
conjugate gradients and for the logarithm of a determinant.

Each is a function of A, m × n, and B, m × k, that returns the printed rows, or raises
ArithmeticError or LinAlgError in place of a result.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.model.answer import Ending, Stage, Transcript

Doubles = NDArray[np.float64]
Method = Callable[[Doubles, Doubles], Doubles]


class RefusedError(ArithmeticError):
    """The exception of a program that refuses a matrix."""


def run_method(procedure: str, method: Method, a: Doubles, b: Doubles) -> Transcript:
    """Return the transcript of a program that is given A, m × n, and B, m × k."""
    with np.errstate(all="ignore"):
        try:
            result = method(a.copy(), b.copy())
        except (ArithmeticError, LookupError, ValueError) as error:
            failures = {procedure: str(error)}
            return Transcript("case", Ending.COMPLETED, failures=failures, acknowledged=True)
    rows = np.asarray(result, dtype=float)
    shape = tuple(rows.shape)
    table = tuple(tuple(map(float, np.atleast_1d(row))) for row in rows)
    stages = {procedure: Stage(procedure, shape, table)}
    return Transcript("case", Ending.COMPLETED, stages, acknowledged=True)


# Tridiagonal systems


def thomas(a: Doubles, b: Doubles) -> Doubles:
    """Eliminate downwards with multipliers, and substitute upwards."""
    size = len(a)
    diagonal = np.diag(a).copy()
    for i in range(1, size):
        multiplier = a[i, i - 1] / diagonal[i - 1]
        diagonal[i] -= multiplier * a[i - 1, i]
        b[i] -= multiplier * b[i - 1]
    b[-1] /= diagonal[-1]
    for i in reversed(range(size - 1)):
        b[i] = (b[i] - a[i, i + 1] * b[i + 1]) / diagonal[i]
    return b


def thomas_with_unit_rows(a: Doubles, b: Doubles) -> Doubles:
    """Divide each row by its pivot at once, as textbooks with c′ and d′ do."""
    size = len(a)
    upper = np.zeros(size)
    pivot = a[0, 0]
    b[0] /= pivot
    for i in range(1, size):
        upper[i - 1] = a[i - 1, i] / pivot
        pivot = a[i, i] - a[i, i - 1] * upper[i - 1]
        b[i] = (b[i] - a[i, i - 1] * b[i - 1]) / pivot
    for i in reversed(range(size - 1)):
        b[i] -= upper[i] * b[i + 1]
    return b


def thomas_from_the_bottom(a: Doubles, b: Doubles) -> Doubles:
    """Eliminate upwards, and substitute downwards."""
    return thomas(a[::-1, ::-1], b[::-1].copy())[::-1]


def refusing_thomas(a: Doubles, b: Doubles) -> Doubles:
    """Refuse a pivot that is 0."""
    x = thomas(a, b)
    if not np.isfinite(x).all():
        raise RefusedError("zero pivot")
    return x


def solve_with_pivoting(a: Doubles, b: Doubles) -> Doubles:
    """Solve with row interchanges, as LAPACK's dgtsv does."""
    return np.linalg.solve(a, b)


def skips_last_row(a: Doubles, b: Doubles) -> Doubles:
    b[:-1] = thomas(a[:-1, :-1], b[:-1].copy())
    return b


def takes_lower_for_upper(a: Doubles, b: Doubles) -> Doubles:
    return thomas(a.T, b)


def keeps_old_diagonal(a: Doubles, b: Doubles) -> Doubles:
    for i in range(1, len(a)):
        b[i] -= a[i, i - 1] / a[i - 1, i - 1] * b[i - 1]
    b[-1] /= a[-1, -1]
    for i in reversed(range(len(a) - 1)):
        b[i] = (b[i] - a[i, i + 1] * b[i + 1]) / a[i, i]
    return b


def forgets_off_diagonal(a: Doubles, b: Doubles) -> Doubles:
    return b / np.diag(a)[:, None]


CORRECT_TRIDIAGONAL = (
    thomas,
    thomas_with_unit_rows,
    thomas_from_the_bottom,
    refusing_thomas,
    solve_with_pivoting,
)
FAULTY_TRIDIAGONAL = (
    skips_last_row,
    takes_lower_for_upper,
    keeps_old_diagonal,
    forgets_off_diagonal,
)


# Cholesky factorisation


def require_positive(value: float) -> float:
    """Return the root of a positive number."""
    if not value > 0:
        raise RefusedError("the matrix is not positive definite")
    return math.sqrt(value)


def cholesky_by_rows(a: Doubles, _: Doubles) -> Doubles:
    lower = np.zeros_like(a)
    for i in range(len(a)):
        for j in range(i):
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
        lower[i, i] = require_positive(a[i, i] - lower[i, :i] @ lower[i, :i])
    return lower


def cholesky_by_columns(a: Doubles, _: Doubles) -> Doubles:
    lower = np.zeros_like(a)
    for j in range(len(a)):
        lower[j, j] = require_positive(a[j, j] - lower[j, :j] @ lower[j, :j])
        for i in range(j + 1, len(a)):
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
    return lower


def cholesky_by_outer_products(a: Doubles, _: Doubles) -> Doubles:
    for k in range(len(a)):
        a[k, k] = require_positive(a[k, k])
        a[k + 1 :, k] /= a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k + 1 :, k])
    return np.tril(a)


def cholesky_by_elimination(a: Doubles, _: Doubles) -> Doubles:
    """Factor A = L D Lᵀ, and scale L by the roots of D."""
    lower = np.eye(len(a))
    for k in range(len(a)):
        require_positive(a[k, k])
        lower[k + 1 :, k] = a[k + 1 :, k] / a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(lower[k + 1 :, k], a[k + 1 :, k])
    return lower * np.sqrt(np.diag(a))


def cholesky_without_refusal(a: Doubles, _: Doubles) -> Doubles:
    """Take the root of whatever comes out: NaN for a negative number."""
    lower = np.zeros_like(a)
    for i in range(len(a)):
        for j in range(i + 1):
            rest = a[i, j] - lower[i, :j] @ lower[j, :j]
            lower[i, j] = np.sqrt(rest) if i == j else rest / lower[j, j]
    return lower


def lapack_cholesky(a: Doubles, _: Doubles) -> Doubles:
    return np.linalg.cholesky(a)


def leaves_upper_triangle(a: Doubles, b: Doubles) -> Doubles:
    return np.tril(cholesky_by_rows(a, b)) + np.triu(a, 1)


def returns_upper_factor(a: Doubles, b: Doubles) -> Doubles:
    return cholesky_by_rows(a, b).T


def forgets_root(a: Doubles, b: Doubles) -> Doubles:
    lower = cholesky_by_rows(a, b)
    return lower / np.diag(lower)


def forgets_products(a: Doubles, _: Doubles) -> Doubles:
    lower = np.tril(a).copy()
    for j in range(len(a)):
        lower[j, j] = require_positive(a[j, j])
        lower[j + 1 :, j] /= lower[j, j]
    return lower


def takes_magnitudes(a: Doubles, _: Doubles) -> Doubles:
    lower = np.zeros_like(a)
    for j in range(len(a)):
        lower[j, j] = math.sqrt(abs(a[j, j] - lower[j, :j] @ lower[j, :j])) or 1.0
        for i in range(j + 1, len(a)):
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
    return lower


CORRECT_CHOLESKY = (
    cholesky_by_rows,
    cholesky_by_columns,
    cholesky_by_outer_products,
    cholesky_by_elimination,
    cholesky_without_refusal,
    lapack_cholesky,
)
FAULTY_CHOLESKY = (
    leaves_upper_triangle,
    returns_upper_factor,
    forgets_root,
    forgets_products,
    takes_magnitudes,
)


# Least squares


def by_householder(a: Doubles, b: Doubles) -> Doubles:
    """Factor A = Q R, which needs linearly independent columns."""
    if a.shape[0] < a.shape[1]:
        raise RefusedError("more unknowns than equations")
    q, r = np.linalg.qr(a)
    if (np.abs(np.diag(r)) == 0).any():
        raise RefusedError("the columns are linearly dependent")
    return np.linalg.solve(r, q.T @ b)


def by_gram_schmidt(a: Doubles, b: Doubles) -> Doubles:
    """Orthogonalise the columns one by one, with those of B among them."""
    size = a.shape[1]
    if a.shape[0] < size:
        raise RefusedError("more unknowns than equations")
    r, y = np.zeros((size, size)), np.zeros((size, b.shape[1]))
    for k in range(size):
        r[k, k] = math.sqrt(a[:, k] @ a[:, k])
        if r[k, k] == 0:
            raise RefusedError("the columns are linearly dependent")
        a[:, k] /= r[k, k]
        r[k, k + 1 :] = a[:, k] @ a[:, k + 1 :]
        y[k] = a[:, k] @ b
        a[:, k + 1 :] -= np.outer(a[:, k], r[k, k + 1 :])
        b -= np.outer(a[:, k], y[k])
    return np.linalg.solve(r, y)


def by_normal_equations(a: Doubles, b: Doubles) -> Doubles:
    """Solve AᵀA X = AᵀB by Cholesky factorisation."""
    lower = cholesky_by_rows(a.T @ a, b)
    return np.linalg.solve(lower.T, np.linalg.solve(lower, a.T @ b))


def by_normal_equations_with_pivoting(a: Doubles, b: Doubles) -> Doubles:
    return np.linalg.solve(a.T @ a, a.T @ b)


def by_singular_values(a: Doubles, b: Doubles) -> Doubles:
    """Return the shortest solution, as LAPACK's dgelsd does."""
    return np.linalg.lstsq(a, b, rcond=None)[0]


def by_pseudo_inverse(a: Doubles, b: Doubles) -> Doubles:
    return np.linalg.pinv(a) @ b


def solves_first_equations(a: Doubles, b: Doubles) -> Doubles:
    size = a.shape[1]
    return np.linalg.solve(a[:size], b[:size])


def forgets_last_equation(a: Doubles, b: Doubles) -> Doubles:
    return by_singular_values(a[:-1], b[:-1])


def forgets_to_transpose_sides(a: Doubles, b: Doubles) -> Doubles:
    return np.linalg.solve(a.T @ a, b[: a.shape[1]])


def sums_magnitudes(a: Doubles, b: Doubles) -> Doubles:
    return np.linalg.solve(np.abs(a.T) @ a, np.abs(a.T) @ b)


CORRECT_LEAST_SQUARES = (
    by_householder,
    by_gram_schmidt,
    by_normal_equations,
    by_normal_equations_with_pivoting,
    by_singular_values,
    by_pseudo_inverse,
)
SHORTEST = (by_singular_values, by_pseudo_inverse)
FAULTY_LEAST_SQUARES = (
    solves_first_equations,
    forgets_last_equation,
    forgets_to_transpose_sides,
    sums_magnitudes,
)


# Conjugate gradients


def iterate(a: Doubles, b: Doubles, steps: int, tolerance: float, checks: bool = True) -> Doubles:
    """Return x after conjugate gradients until ‖r‖₂ ≤ tolerance · ‖b‖₂."""
    right = b[:, 0]
    x, residual = np.zeros(len(a)), right.copy()
    direction, square = residual.copy(), residual @ residual
    limit = (tolerance * math.sqrt(right @ right)) ** 2
    for _ in range(steps):
        if square <= limit:
            return x
        product = a @ direction
        curvature = direction @ product
        if checks and not curvature > 0:
            raise RefusedError("the matrix is not positive definite")
        step = square / curvature
        x = x + step * direction
        residual = residual - step * product
        square, before = residual @ residual, square
        direction = residual + square / before * direction
    if not checks or square <= limit:
        return x
    raise RefusedError("no convergence")


def conjugate_gradient(a: Doubles, b: Doubles) -> Doubles:
    return iterate(a, b, 10 * len(a), 1e-10)


def conjugate_gradient_with_jacobi(a: Doubles, b: Doubles) -> Doubles:
    """Scale A by its diagonal, with a tolerance that allows for the scaling."""
    if (np.diag(a) <= 0).any():
        raise RefusedError("the diagonal is not positive")
    scale = np.sqrt(np.diag(a))
    x = iterate(a / np.outer(scale, scale), b / scale[:, None], 20 * len(a), 1e-14)
    return x / scale


def conjugate_gradient_without_refusal(a: Doubles, b: Doubles) -> Doubles:
    """Stop at a curvature that is not positive with NaN."""
    try:
        return conjugate_gradient(a, b)
    except RefusedError:
        return np.full(len(a), np.nan)


def direct_solution(a: Doubles, b: Doubles) -> Doubles:
    """Solve by Cholesky factorisation: exact but for rounding."""
    lower = cholesky_by_rows(a, b)
    return np.linalg.solve(lower.T, np.linalg.solve(lower, b))[:, 0]


def stops_too_early(a: Doubles, b: Doubles) -> Doubles:
    return iterate(a, b, len(a), 1e-2, checks=False)


def ignores_curvature(a: Doubles, b: Doubles) -> Doubles:
    return iterate(a, b, 3, 1e-10, checks=False)


def steepest_descent_with_few_steps(a: Doubles, b: Doubles) -> Doubles:
    x = np.zeros(len(a))
    for _ in range(len(a)):
        residual = b[:, 0] - a @ x
        if not residual.any():
            break
        x = x + residual @ residual / (residual @ (a @ residual)) * residual
    return x


CORRECT_CONJUGATE_GRADIENT = (
    conjugate_gradient,
    conjugate_gradient_with_jacobi,
    conjugate_gradient_without_refusal,
    direct_solution,
)
FAULTY_CONJUGATE_GRADIENT = (
    stops_too_early,
    ignores_curvature,
    steepest_descent_with_few_steps,
)


# The logarithm of a determinant


def by_elimination(a: Doubles, _: Doubles) -> Doubles:
    """Sum the logarithms of the pivots of elimination with partial pivoting."""
    sign, total = 1.0, 0.0
    for k in range(len(a)):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        if a[pivot, k] == 0:
            return np.array([0.0, -math.inf])
        if pivot != k:
            a[[k, pivot]] = a[[pivot, k]]
            sign = -sign
        sign *= math.copysign(1, a[k, k])
        total += math.log(abs(a[k, k]))
        a[k + 1 :] -= np.outer(a[k + 1 :, k] / a[k, k], a[k])
    return np.array([sign, total])


def by_orthogonal_factor(a: Doubles, _: Doubles) -> Doubles:
    q, r = np.linalg.qr(a)
    diagonal = np.diag(r)
    if (diagonal == 0).any():
        return np.array([0.0, -math.inf])
    sign = round(np.linalg.det(q)) * np.prod(np.sign(diagonal))
    return np.array([sign, np.log(np.abs(diagonal)).sum()])


def numpy_logarithm(a: Doubles, _: Doubles) -> Doubles:
    return np.array(np.linalg.slogdet(a))


def logarithm_of_determinant(a: Doubles, _: Doubles) -> Doubles:
    determinant = np.linalg.det(a)
    return np.array([np.sign(determinant), np.log(abs(determinant))])


def forgets_sign(a: Doubles, b: Doubles) -> Doubles:
    return np.array([1.0, by_elimination(a, b)[1]])


def decimal_logarithm(a: Doubles, b: Doubles) -> Doubles:
    sign, logarithm = by_elimination(a, b)
    return np.array([sign, logarithm / math.log(10)])


def forgets_last_pivot(a: Doubles, b: Doubles) -> Doubles:
    sign, logarithm = by_elimination(a, b)
    before = by_elimination(a[:-1, :-1], b)[1] if len(a) > 1 else 0.0
    return np.array([sign, before if np.isfinite(logarithm) else logarithm])


CORRECT_LOG_DETERMINANT = (by_elimination, by_orthogonal_factor, numpy_logarithm)
FAULTY_LOG_DETERMINANT = (
    forgets_sign,
    decimal_logarithm,
    forgets_last_pivot,
    logarithm_of_determinant,
)
