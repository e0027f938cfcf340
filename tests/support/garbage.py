"""The right results of a system, and results of the same shapes that are not right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.model.answer import Stage
from harness.model.case import Solutions
from harness.numerics import cholesky, error_measures, rational
from harness.numerics.log_determinant import sign_of, true_logarithm
from support.factorisations import Factorisation, copy_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.numerics.oracle import Expected

Array = NDArray[np.float64]
Results = dict[str, Array]

SOLUTIONS = ("solution", "solve", "tridiagonal", "least_squares", "conjugate_gradient")
"""The results that are x, or X."""

VECTORS = ("solution", "conjugate_gradient", "determinant", "log_determinant", "rank")
"""The results that are printed with a length alone."""


def to_doubles(matrix: fmpq_mat) -> Array:
    """Return the nearest doubles."""
    return np.array(rational.to_floats(matrix))


def compute_right_results(expected: Expected) -> Results:
    """Return the nearest doubles to the exact results, and factors and an echelon matrix by
    elimination, each as a matrix by its label."""
    system, unknowns = to_doubles(expected.system), expected.unknowns
    a, b = system[:, :unknowns], system[:, unknowns:]
    results = {"reduced": to_doubles(expected.reduced.matrix)}
    if expected.solutions is Solutions.UNIQUE and expected.solution:
        x = to_doubles(rational.from_rows(expected.solution))
        results |= dict.fromkeys(SOLUTIONS, x)
    if len(a) != unknowns or expected.reduced.rank < unknowns:
        return results
    permutation, lower, upper = map(np.array, Factorisation().lu(copy_matrix(a.tolist())))
    forward = np.linalg.solve(lower, permutation @ b)
    results |= {"permutation": permutation, "lower": lower, "upper": upper, "forward": forward}
    results["echelon"] = np.hstack([upper, forward])
    results["backward"] = np.linalg.solve(upper, forward)
    results["inverse"] = to_doubles(expected.inverse)
    results["determinant"] = np.array([[rational.to_float(expected.determinant)]])
    logarithm = [[float(sign_of(expected.determinant))], [true_logarithm(expected)]]
    results["log_determinant"] = np.array(logarithm)
    if (a == a.T).all() and (factor := cholesky.factor(expected.coefficients)):
        results["cholesky"] = np.array(factor)
    return results


def list_garbage(right: Array, neighbour: Array | None = None) -> Iterator[Array]:
    """Yield matrices of the shape of a right result that differ from it.

    `neighbour` is the result of another system.
    """
    candidates = [np.full_like(right, value) for value in (0.0, 1.0, -1.0, 1e10)]
    candidates += [-right, 8 * right, right[::-1], np.roll(right, 1, 0), right[:, ::-1]]
    if len(right) == right.shape[1]:
        candidates += [right.T, np.eye(len(right)), np.diag(np.diag(right))]
    if neighbour is not None and neighbour.shape == right.shape:
        candidates.append(neighbour)
    scale = np.max(np.abs(right))
    candidates.append(scale * np.random.default_rng(5).standard_normal(right.shape))
    yield from (each for each in candidates if not np.array_equal(each, right))


def make_stage(label: str, rows: Array) -> Stage:
    """Return a printed result."""
    shape = rows.shape[:1] if label in VECTORS else rows.shape
    return Stage(label, shape, tuple(map(tuple, rows.tolist())))


def is_close(printed: Array, right: Array) -> bool:
    """Return whether the error of a matrix is less than a tenth of it, in the largest row sum."""
    error, size = (np.abs(each).sum(axis=1).max() for each in (printed - right, right))
    return bool(error < size / 10)


def solves(printed: Array, a: fmpq_mat, right: fmpq_mat, rounding: float) -> bool:
    """Return whether each column of X, n × k, solves A X = B, with a relative error of A and B of
    at most `rounding`."""
    x = rational.from_rows(printed.tolist())
    pairs = (
        (rational.augment(a, rational.columns(right, [j])), rational.columns(x, [j]))
        for j in range(x.ncols())
    )
    errors = [error_measures.backward_errors(system, len(printed), x) for system, x in pairs]
    return all(each.normwise < rounding for each in errors)
