"""Correct programs that solve, invert and reduce by other methods than elimination with LU.

`METHODS` holds them by name: the procedures that each has, and the function that answers a case.
Each function takes A, m × n, and B, m × k, as doubles or as fractions, and returns its results by
label. It raises SingularError where it refuses a system.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from support.eliminations import NOTICE, make_elimination_port
from support.factorisations import SingularError

if TYPE_CHECKING:
    from harness.model.case import Case
    from harness.model.port import Port

Array = Any
Results = dict[str, Array]


@dataclass(frozen=True)
class Method:
    """A correct program: its procedures, and the systems that it is made for."""

    procedures: tuple[str, ...]
    answer: Callable[[Array, Array], Results]
    arithmetic: Arithmetic = Arithmetic.BINARY64
    accepts: Callable[[Array], bool] = lambda a: True
    notices: tuple[str, ...] = (NOTICE,)

    def make_port(self) -> Port:
        """Return the port of this program."""
        return make_elimination_port(self.arithmetic, self.procedures, self.notices)

    def make_transcript(self, case: Case) -> Transcript:
        """Return what a driver of this program prints for a case."""
        number = float if self.arithmetic is Arithmetic.BINARY64 else Fraction
        rows = [[number(v) for v in row] for row in case.build_input_matrix(self.arithmetic)]
        kind = float if self.arithmetic is Arithmetic.BINARY64 else object
        system = np.array(rows, dtype=kind)
        a, b = system[:, : case.unknowns], system[:, case.unknowns :]
        with np.errstate(all="ignore"):
            try:
                results = self.answer(a.copy(), b.copy())
            except SingularError as problem:
                results = {"failures": dict.fromkeys(self.procedures, str(problem))}
        failures = results.pop("failures", {})
        remarks = results.pop("remarks", ())
        stages = {label: make_stage(label, value) for label, value in results.items()}
        return Transcript(case.name, Ending.COMPLETED, stages, failures, tuple(remarks))


def make_stage(label: str, value: Array) -> Stage:
    """Return a printed result."""
    table = np.array(value, dtype=object)
    if label in ("determinant", "rank"):
        return Stage(label, (1,), ((table.item(),),))
    if label == "solution":
        return Stage(label, (len(table),), tuple((v,) for v in table.ravel()))
    return Stage(label, table.shape, tuple(map(tuple, table.tolist())))


def is_square(a: Array) -> bool:
    return bool(a.shape[0] == a.shape[1])


def is_tame(a: Array) -> bool:
    """Return whether A is square and far from singular matrices, or has too few columns to ask."""
    return is_square(a) and float(np.linalg.cond(a.astype(float))) < 1e6


def solve_triangle(upper: Array, right: Array) -> Array:
    """Return X with U X = R. Raises SingularError at a 0 on the diagonal."""
    x = np.zeros_like(right)
    for i in reversed(range(len(upper))):
        if upper[i, i] == 0:
            raise SingularError(NOTICE)
        x[i] = (right[i] - upper[i, i + 1 :] @ x[i + 1 :]) / upper[i, i]
    return x


# Orthogonal methods


def householder(a: Array, b: Array) -> tuple[Array, Array, int]:
    """Return R, Qᵀ B and the number of reflections."""
    r, right, count = a.copy(), b.copy(), 0
    for k in range(min(r.shape[0] - 1, r.shape[1])):
        v = r[k:, k].copy()
        size = np.linalg.norm(v)
        if size == 0:
            continue
        v[0] += size if v[0] >= 0 else -size
        v /= np.linalg.norm(v)
        for work in (r, right):
            work[k:] -= 2 * np.outer(v, v @ work[k:])
        r[k + 1 :, k] = 0
        count += 1
    return r, right, count


def givens(a: Array, b: Array) -> tuple[Array, Array]:
    """Return R and Qᵀ B by plane rotations."""
    r, right = a.copy(), b.copy()
    for j in range(r.shape[1]):
        for i in range(r.shape[0] - 1, j, -1):
            size = np.hypot(r[i - 1, j], r[i, j])
            if r[i, j] == 0:
                continue
            c, s = r[i - 1, j] / size, r[i, j] / size
            turn = np.array([[c, s], [-s, c]])
            for work in (r, right):
                work[[i - 1, i]] = turn @ work[[i - 1, i]]
            r[i, j] = 0
    return r, right


def gram_schmidt(a: Array, b: Array) -> tuple[Array, Array]:
    """Return R and Qᵀ B by the modified method, for [A | B] as Björck proposes."""
    n = a.shape[1]
    work, r = np.hstack([a, b]), np.zeros((n, n + b.shape[1]))
    for k in range(n):
        size = np.linalg.norm(work[:, k])
        if size == 0:
            raise SingularError(NOTICE)
        q = work[:, k] / size
        r[k, k] = size
        for j in range(k + 1, work.shape[1]):
            r[k, j] = q @ work[:, j]
            work[:, j] -= r[k, j] * q
    return r[:, :n], r[:, n:]


def qr_householder(a: Array, b: Array) -> Results:
    r, right, count = householder(a, b)
    det = np.prod(np.diag(r)) * (-1) ** count
    try:
        n = len(a)
        inverse = solve_triangle(r, householder(a, np.eye(n))[1])
        return {"solve": solve_triangle(r, right), "inverse": inverse, "determinant": det}
    except SingularError as problem:
        failures = dict.fromkeys(("solve", "inverse"), str(problem))
        return {"determinant": det, "failures": failures}


def qr_givens(a: Array, b: Array) -> Results:
    r, right = givens(a, b)
    return {"solve": solve_triangle(r, right)}


def qr_gram_schmidt(a: Array, b: Array) -> Results:
    r, right = gram_schmidt(a, b)
    return {"solve": solve_triangle(r, right)}


def qr_of_tall(a: Array, b: Array) -> Results:
    n = a.shape[1]
    if len(a) < n:
        raise SingularError("infinitely many solutions")
    r, right, _ = householder(a, b)
    x = solve_triangle(r[:n], right[:n])
    size = np.max(np.abs(a)) * np.max(np.abs(x), initial=0) + np.max(np.abs(b))
    if np.max(np.abs(b - a @ x), initial=0) > 1e-8 * size:
        raise SingularError("the equations contradict each other: no solution")
    return {"solution": x[:, 0]}


# Elimination with other pivots


def eliminate_by(choose: Callable[[Array], tuple[int, int]], a: Array, b: Array) -> Results:
    """Solve by elimination with row and column swaps; free unknowns are 0."""
    m, n = a.shape
    work, order, sign, rank = np.hstack([a, b]), list(range(n)), 1, 0
    for k in range(min(m, n)):
        i, j = choose(work[k:, k:n])
        if work[k + i, k + j] == 0:
            break
        sign *= (-1) ** ((i > 0) + (j > 0))
        work[[k, k + i]] = work[[k + i, k]]
        work[:, [k, k + j]] = work[:, [k + j, k]]
        order[k], order[k + j] = order[k + j], order[k]
        for row in range(k + 1, m):
            work[row, k + 1 :] -= work[row, k] / work[k, k] * work[k, k + 1 :]
            work[row, k] = work[row, k] * 0
        rank += 1
    results: Results = {"rank": rank}
    if m == n:
        results["determinant"] = sign * np.prod(np.diag(work)[:n])
    x = np.zeros_like(b, shape=(n, b.shape[1])) + work[0, 0] * 0
    x[:rank] = solve_triangle(work[:rank, :rank], work[:rank, n:])
    x = x[np.argsort(order)]
    if any(value != 0 for value in work[rank:, n:].ravel()):
        return {**results, "failures": {"solve": "no solution", "back_substitution": "no solution"}}
    return {**results, "solve": x, "solution": x[:, 0]}


def complete(block: Array) -> tuple[int, int]:
    return divmod(int(np.argmax(np.abs(block))), block.shape[1])


def rook(block: Array) -> tuple[int, int]:
    """Return an entry that is the largest of its row and of its column."""
    size = np.abs(block)
    j = next((j for j in range(size.shape[1]) if size[:, j].any()), 0)
    i = int(np.argmax(size[:, j]))
    while size[i].max() > size[i, j]:
        j = int(np.argmax(size[i]))
        i = int(np.argmax(size[:, j]))
    return i, j


def complete_pivoting(a: Array, b: Array) -> Results:
    return eliminate_by(complete, a, b)


def rook_pivoting(a: Array, b: Array) -> Results:
    return eliminate_by(rook, a, b)


def complete_pivoting_square(a: Array, b: Array) -> Results:
    results = eliminate_by(complete, a, b)
    results.pop("solution", None)
    return results


def crout(a: Array, b: Array) -> Results:
    """Solve by L and a unit upper triangle, with partial pivoting."""
    n, work, right = len(a), a.copy(), b.copy()
    for k in range(n):
        for i in range(k, n):
            work[i, k] -= work[i, :k] @ work[:k, k]
        pivot = k + int(np.argmax(np.abs(work[k:, k])))
        if work[pivot, k] == 0:
            raise SingularError(NOTICE)
        for table in (work, right):
            table[[k, pivot]] = table[[pivot, k]]
        for j in range(k + 1, n):
            work[k, j] = (work[k, j] - work[k, :k] @ work[:k, j]) / work[k, k]
    y = np.zeros_like(right)
    for i in range(n):
        y[i] = (right[i] - work[i, :i] @ y[:i]) / work[i, i]
    unit = np.triu(work, 1) + np.eye(n)
    return {"solve": solve_triangle(unit, y)}


def cholesky(a: Array, b: Array) -> Results:
    factor = np.linalg.cholesky(a)
    y = solve_triangle(factor[::-1, ::-1], b[::-1])[::-1]
    return {"solve": solve_triangle(factor.T, y), "determinant": np.prod(np.diag(factor)) ** 2}


# The reduced form


def reduce_rows(
    system: Array, unknowns: int, factors: Array, by_reciprocal: bool = False
) -> tuple[Array, list[int]]:
    """Return the reduced form by full Gauss–Jordan elimination, and its pivot columns."""
    work, pivots = system.copy(), list[int]()
    for column in range(unknowns):
        row = len(pivots)
        if row == len(work):
            break
        pivot = row + int(np.argmax(np.abs(work[row:, column]) * factors[row:]))
        if work[pivot, column] == 0:
            continue
        work[[row, pivot]] = work[[pivot, row]]
        factors[[row, pivot]] = factors[[pivot, row]]
        value = work[row, column]
        work[row] = work[row] * (1 / value) if by_reciprocal else work[row] / value
        for i in range(len(work)):
            if i != row:
                work[i] = work[i] - work[i, column] * work[row]
                work[i, column] = work[i, column] * 0
        pivots.append(column)
    return work, pivots


def reduce_and_solve(work: Array, pivots: list[int], unknowns: int) -> Results:
    """Return a reduced form, a notice where due, and x with 0 for free unknowns."""
    results: Results = {"reduced": work}
    rank = len(pivots)
    if any(value != 0 for value in work[rank:, unknowns:].ravel()):
        results["failures"] = {"back_substitution": "no solution"}
        results["remarks"] = (NOTICE,)
        return results
    if rank < unknowns:
        results["remarks"] = (NOTICE,)
    x = [work[0, 0] * 0] * unknowns
    for row, column in enumerate(pivots):
        x[column] = work[row, unknowns]
    results["solution"] = np.array(x, dtype=work.dtype)
    return results


def gauss_jordan(a: Array, b: Array) -> Results:
    ones = np.array([1] * len(a), dtype=a.dtype)
    return reduce_and_solve(*reduce_rows(np.hstack([a, b]), a.shape[1], ones), a.shape[1])


def gauss_jordan_by_reciprocals(a: Array, b: Array) -> Results:
    ones = np.ones(len(a))
    reduced = reduce_rows(np.hstack([a, b]), a.shape[1], ones, by_reciprocal=True)
    return reduce_and_solve(*reduced, a.shape[1])


def gauss_jordan_scaled(a: Array, b: Array) -> Results:
    sizes = np.max(np.abs(a), axis=1)
    factors = 1 / np.where(sizes == 0, 1, sizes)
    return reduce_and_solve(*reduce_rows(np.hstack([a, b]), a.shape[1], factors), a.shape[1])


def gauss_jordan_in_two_passes(a: Array, b: Array) -> Results:
    """Eliminate below the pivots, then above them, and divide at the end."""
    work, n, pivots = np.hstack([a, b]), a.shape[1], list[int]()
    for column in range(n):
        row = len(pivots)
        if row == len(work):
            break
        pivot = row + int(np.argmax(np.abs(work[row:, column])))
        if work[pivot, column] == 0:
            continue
        work[[row, pivot]] = work[[pivot, row]]
        for i in range(row + 1, len(work)):
            work[i] -= work[i, column] / work[row, column] * work[row]
            work[i, column] = 0
        pivots.append(column)
    for row, column in reversed(list(enumerate(pivots))):
        for i in range(row):
            work[i] -= work[i, column] / work[row, column] * work[row]
            work[i, column] = 0
        work[row] /= work[row, column]
    return reduce_and_solve(work, pivots, n)


def inverse_by_gauss_jordan(a: Array, b: Array) -> Results:
    n = len(a)
    ones = np.array([1] * n, dtype=a.dtype)
    identity = np.array([[a[0, 0] * 0 + (i == j) for j in range(n)] for i in range(n)])
    work, pivots = reduce_rows(np.hstack([a, identity]), n, ones)
    if len(pivots) < n:
        raise SingularError(NOTICE)
    return {"inverse": work[:, n:], "solve": work[:, n:] @ b}


# Determinants


def minor(a: Array, i: int, j: int) -> Array:
    return np.delete(np.delete(a, i, 0), j, 1)


def leibniz(a: Array) -> Array:
    """Return the determinant as a sum over all permutations."""
    n, total = len(a), 0
    for order in itertools.permutations(range(n)):
        inversions = sum(x > y for x, y in itertools.combinations(order, 2))
        product = (-1) ** inversions
        for i, j in enumerate(order):
            product = product * a[i, j]
        total = total + product
    return total


def cramer(a: Array, b: Array) -> Results:
    """Cramer's rule, and the inverse by cofactors."""
    n, det = len(a), leibniz(a)
    if det == 0:
        failures = dict.fromkeys(("solve", "inverse"), "the determinant is zero")
        return {"determinant": det, "failures": failures}
    x = np.array(
        [
            [
                leibniz(np.hstack([a[:, :i], b[:, [k]], a[:, i + 1 :]])) / det
                for k in range(b.shape[1])
            ]
            for i in range(n)
        ]
    )
    inverse = np.array(
        [[(-1) ** (i + j) * leibniz(minor(a, j, i)) / det for j in range(n)] for i in range(n)]
    )
    return {"solve": x, "inverse": inverse, "determinant": det}


def bareiss(a: Array, b: Array) -> Results:
    """Fraction-free elimination: the determinant, the rank, and X."""
    m, n = a.shape
    work, sign, previous, rank = np.hstack([a, b]), 1, Fraction(1), 0
    for column in range(n):
        if rank == m:
            break
        pivot = next((i for i in range(rank, m) if work[i, column] != 0), None)
        if pivot is None:
            continue
        if pivot != rank:
            work[[rank, pivot]] = work[[pivot, rank]]
            sign = -sign
        for i in range(rank + 1, m):
            work[i] = (work[i] * work[rank, column] - work[rank] * work[i, column]) / previous
        previous = work[rank, column]
        rank += 1
    if m != n:
        return {"rank": rank}
    results: Results = {"rank": rank, "determinant": sign * previous if rank == n else 0}
    if rank < n:
        return {**results, "failures": {"solve": "no unique solution"}}
    return {**results, "solve": solve_triangle(work[:, :n], work[:, n:])}


# NumPy


def numpy_least_squares(a: Array, b: Array) -> Results:
    if np.linalg.matrix_rank(a) < np.linalg.matrix_rank(np.hstack([a, b])):
        raise SingularError("the system is inconsistent: no solution")
    x = np.linalg.lstsq(a, b, rcond=None)[0]
    return {"solution": x[:, 0], "rank": np.linalg.matrix_rank(a)}


def numpy_pseudo_inverse(a: Array, b: Array) -> Results:
    inverse = np.linalg.pinv(a)
    return {"inverse": inverse, "solve": inverse @ b}


def numpy_eigenvalues(a: Array, b: Array) -> Results:
    return {"determinant": float(np.prod(np.linalg.eigvals(a)).real)}


RATIONAL = Arithmetic.RATIONAL64
REDUCED = ("gauss_jordan", "back_substitution")
SQUARE = ("solve", "inverse", "determinant")

METHODS = {
    "Householder": Method(SQUARE, qr_householder, accepts=is_square),
    "Givens": Method(("solve",), qr_givens, accepts=is_square),
    "Gram–Schmidt": Method(("solve",), qr_gram_schmidt, accepts=is_square),
    "QR of any shape": Method(("back_substitution",), qr_of_tall, notices=()),
    "complete pivoting": Method(("back_substitution", "rank"), complete_pivoting, notices=()),
    "complete pivoting, square": Method(
        ("solve", "determinant", "rank"), complete_pivoting_square, accepts=is_square
    ),
    "rook pivoting": Method(("back_substitution", "rank"), rook_pivoting, notices=()),
    "Crout": Method(("solve",), crout, accepts=is_square),
    "Gauss–Jordan": Method(REDUCED, gauss_jordan),
    "Gauss–Jordan by reciprocals": Method(REDUCED, gauss_jordan_by_reciprocals),
    "Gauss–Jordan, scaled": Method(REDUCED, gauss_jordan_scaled),
    "Gauss–Jordan in two passes": Method(REDUCED, gauss_jordan_in_two_passes),
    "Gauss–Jordan in fractions": Method(REDUCED, gauss_jordan, RATIONAL),
    "inverse in fractions": Method(
        ("solve", "inverse"), inverse_by_gauss_jordan, RATIONAL, is_square
    ),
    "inverse": Method(("inverse",), inverse_by_gauss_jordan, accepts=is_square),
    "Cramer": Method(SQUARE, cramer, accepts=lambda a: is_tame(a) and len(a) <= 3),
    "Cramer in fractions": Method(SQUARE, cramer, RATIONAL, lambda a: is_square(a) and len(a) <= 4),
    "Bareiss": Method(("solve", "determinant", "rank"), bareiss, RATIONAL, is_square),
    "Bareiss of any shape": Method(("rank",), bareiss, RATIONAL),
    "least squares": Method(("back_substitution", "rank"), numpy_least_squares, notices=()),
    "pseudo-inverse": Method(("solve", "inverse"), numpy_pseudo_inverse, accepts=is_tame),
    "eigenvalues": Method(("determinant",), numpy_eigenvalues, accepts=is_square),
}
