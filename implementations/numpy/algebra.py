"""Linear systems as one solves them with NumPy and SciPy: LAPACK does the work.

Where a matrix is singular they raise numpy.linalg.LinAlgError, except for scipy.linalg.lu_factor:
that only gives a warning, and lu_solve then returns infinities, NaN, or, as Debian's BLAS does for
[1 2 | 1], [2 4 | 2], one of many solutions.
"""

from collections.abc import Iterator

import numpy as np
from scipy import linalg


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


def rank(matrix: np.ndarray) -> int:
    """How many singular values exceed n * 2.2e-16 times the largest, n the larger dimension."""
    return int(np.linalg.matrix_rank(matrix))
