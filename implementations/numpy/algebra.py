"""Linear systems as one solves them with NumPy and SciPy: LAPACK does the work.

Where a matrix is singular they raise numpy.linalg.LinAlgError, except for scipy.linalg.lu_factor:
that only gives a warning, and lu_solve then returns infinities, NaN, or, as Debian's BLAS does for
[1 2 | 1], [2 4 | 2], one of many solutions.
"""

from collections.abc import Iterator

import numpy as np
from scipy import linalg
from scipy.sparse import linalg as iterative


def lu(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """P, L and U with P A = L U. SciPy's own P is on the other side, A = P L U: its transpose."""
    permutation, lower, upper = linalg.lu(matrix)
    return permutation.T, lower, upper


def forward_substitution(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    return linalg.solve_triangular(lower, right, lower=True, unit_diagonal=True)


def backward_substitution(upper: np.ndarray, right: np.ndarray) -> np.ndarray:
    return linalg.solve_triangular(upper, right)


def solve(matrix: np.ndarray, right: np.ndarray) -> Iterator[np.ndarray]:
    """The solution for each column of `right`; several columns share one factorisation."""
    if right.shape[1] == 1:
        yield np.linalg.solve(matrix, right[:, 0])
        return
    factors = linalg.lu_factor(matrix)
    for column in right.T:
        yield linalg.lu_solve(factors, column)


def inverse(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.inv(matrix)


def determinant(matrix: np.ndarray) -> float:
    return float(np.linalg.det(matrix))


def log_determinant(matrix: np.ndarray) -> tuple[float, float]:
    """The sign of the determinant and the logarithm of its magnitude."""
    sign, logarithm = np.linalg.slogdet(matrix)
    return float(sign), float(logarithm)


def tridiagonal(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution for each column of `right`; LAPACK's dgtsv swaps rows where it has to."""
    bands = np.zeros((3, len(matrix)))
    bands[0, 1:], bands[1] = np.diag(matrix, 1), np.diag(matrix)
    bands[2, :-1] = np.diag(matrix, -1)
    return linalg.solve_banded((1, 1), bands, right)


def cholesky(matrix: np.ndarray) -> np.ndarray:
    """L with A = L Lᵀ. The strict upper triangle that cho_factor leaves is not part of it."""
    factor, _ = linalg.cho_factor(matrix, lower=True, check_finite=False)
    return np.tril(factor)


def least_squares(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The shortest of the solutions for each column of `right`, by singular values.

    Singular values up to n * 2.2e-16 times the largest count as 0, n being the larger dimension. The
    default of scipy.linalg.lstsq is 2.2e-16 alone, which rounding errors exceed.
    """
    return np.linalg.lstsq(matrix, right)[0]


def conjugate_gradient(matrix: np.ndarray, right: np.ndarray, tolerance: float) -> np.ndarray:
    """The x whose residual is at most that multiple of the right-hand side.

    SciPy does not look at the curvature: it may return a wrong x for an indefinite matrix, and says
    so in `info` only. Raises LinAlgError then, and where the residual is larger than promised.
    """
    x, info = iterative.cg(matrix, right, rtol=tolerance / 2)
    residual = np.linalg.norm(right - matrix @ x)
    if info != 0 or not residual <= tolerance * np.linalg.norm(right):
        raise np.linalg.LinAlgError("The iteration does not converge.")
    return x


def rank(matrix: np.ndarray) -> int:
    """How many singular values exceed n * 2.2e-16 times the largest, n the larger dimension."""
    return int(np.linalg.matrix_rank(matrix))
