"""Least-squares solutions: the exact ones, and the error of a computed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.numerics import error_measures, rational

if TYPE_CHECKING:
    from flint import fmpq, fmpq_mat

    from harness.numerics.precision import Precision


def gradient_ratio(
    a: fmpq_mat, x: fmpq_mat, right: fmpq_mat, norm: fmpq, precision: Precision
) -> float:
    """Return the ratio of the error of x, n × 1, as a least-squares solution for A, m × n.

    For a solution Aᵀr = 0, with r = b − Ax. The ratio is ‖Aᵀr‖∞ / (max(m, n)·u·‖Aᵀ‖∞·(‖A‖∞‖x‖∞ +
    ‖b‖∞)), after LAPACK's dqrt17; `norm` is ‖A‖∞. It does not divide by ‖r‖: a stable method makes
    errors of u‖b‖ in r, however small r is (Higham, Accuracy and Stability of Numerical Algorithms,
    §20.1).
    """
    transposed = a.transpose()
    gradient = rational.largest_entry(transposed * (right - a * x))
    if gradient == 0:
        return 0.0
    size = max(a.nrows(), a.ncols())
    x_norm, b_norm = rational.largest_entry(x), rational.largest_entry(right)
    allowed = error_measures.allowed_residual(size, norm, x_norm, b_norm, precision)
    allowed *= rational.row_norm(transposed)
    return rational.to_float(gradient / allowed)


def shortest_solution(a: fmpq_mat, right: fmpq_mat, reduced: rational.ReducedForm) -> fmpq_mat:
    """Return the exact X, n × k, of the smallest norm among the least-squares solutions of A X = B.

    With R the r non-zero rows of the reduced form of A, and C its pivot columns, A = C R and
    A⁺ = Rᵀ(R Rᵀ)⁻¹(Cᵀ C)⁻¹Cᵀ (Golub and Van Loan, Matrix Computations, §5.5).
    """
    if not reduced.pivots:
        return rational.zeros(a.ncols(), right.ncols())
    columns = rational.columns(a, reduced.pivots)
    rows = rational.columns(rational.rows(reduced.matrix, range(reduced.rank)), range(a.ncols()))
    squares = columns.transpose() * columns
    coordinates = squares.solve(columns.transpose() * right)
    return rows.transpose() * (rows * rows.transpose()).solve(coordinates)


def null_component(x: fmpq_mat, reduced: rational.ReducedForm) -> fmpq_mat:
    """Return the exact part of x, n × 1, that A maps to 0; it is 0 for the shortest solution."""
    if not reduced.pivots:
        return x
    rows = rational.columns(rational.rows(reduced.matrix, range(reduced.rank)), range(x.nrows()))
    return x - rows.transpose() * (rows * rows.transpose()).solve(rows * x)
