"""Correct programs that solve a square system, each by another method or rule of pivoting.

`a` is n × n and `b` is a vector of length n. A program returns x, or None where it meets a pivot 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Choice = Callable[["Array", int, "Array"], tuple[int, int]]
"""Returns the row and column of the pivot for a step, of [A | b] and the scales of its rows."""

Solver = Callable[["Array", "Array"], "Array | None"]


def choose_first(work: Array, k: int, _: Array) -> tuple[int, int]:
    return k + int(np.argmax(np.abs(work[k:, k]))), k


def choose_last(work: Array, k: int, _: Array) -> tuple[int, int]:
    return len(work) - 1 - int(np.argmax(np.abs(work[k:, k])[::-1])), k


def choose_scaled(work: Array, k: int, scales: Array) -> tuple[int, int]:
    return k + int(np.argmax(np.abs(work[k:, k]) / scales[k:])), k


def choose_scaled_by_current_rows(work: Array, k: int, _: Array) -> tuple[int, int]:
    sizes = np.abs(work[k:, k:-1]).max(axis=1)
    return k + int(np.argmax(np.abs(work[k:, k]) / np.where(sizes == 0, 1, sizes))), k


def choose_complete(work: Array, k: int, _: Array) -> tuple[int, int]:
    row, column = np.unravel_index(np.argmax(np.abs(work[k:, k:-1])), work[k:, k:-1].shape)
    return k + int(row), k + int(column)


def choose_rook(work: Array, k: int, _: Array) -> tuple[int, int]:
    """The first entry that is the largest of its row and of its column."""
    sizes = np.abs(work[k:, k:-1])
    row, column = 0, int(np.argmax(sizes[0]))
    while sizes[row, column] < sizes[:, column].max():
        row = int(np.argmax(sizes[:, column]))
        column = int(np.argmax(sizes[row]))
    return k + row, k + column


def eliminate(a: Array, b: Array, choose: Choice, whole: bool = False) -> Array | None:
    """Solve by elimination; with `whole`, by Gauss–Jordan elimination."""
    work, n = np.column_stack([a, b]), len(a)
    scales, order = np.abs(a).max(axis=1), np.arange(n)
    scales = np.where(scales == 0, 1, scales)
    for k in range(n):
        row, column = choose(work, k, scales)
        work[[k, row]], scales[[k, row]] = work[[row, k]], scales[[row, k]]
        work[:, [k, column]], order[[k, column]] = work[:, [column, k]], order[[column, k]]
        if work[k, k] == 0:
            return None
        for i in range(n) if whole else range(k + 1, n):
            if i != k:
                work[i, k:] -= work[i, k] / work[k, k] * work[k, k:]
                work[i, k] = 0
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[order[i]] = (work[i, n] - work[i, i + 1 : n] @ x[order[i + 1 :]]) / work[i, i]
    return x


def solve_by_lapack(a: Array, b: Array) -> Array | None:
    try:
        x: Array = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        return None
    return x


def solve_by_qr(a: Array, b: Array) -> Array | None:
    q, r = np.linalg.qr(a)
    return eliminate(r, q.T @ b, lambda _, k, __: (k, k))


ELIMINATIONS: dict[str, Solver] = {
    "partial": lambda a, b: eliminate(a, b, choose_first),
    "partial, last of ties": lambda a, b: eliminate(a, b, choose_last),
    "scaled": lambda a, b: eliminate(a, b, choose_scaled),
    "scaled by current rows": lambda a, b: eliminate(a, b, choose_scaled_by_current_rows),
    "complete": lambda a, b: eliminate(a, b, choose_complete),
    "rook": lambda a, b: eliminate(a, b, choose_rook),
    "LAPACK": solve_by_lapack,
}
GAUSS_JORDAN: dict[str, Solver] = {
    "Gauss–Jordan": lambda a, b: eliminate(a, b, choose_first, whole=True),
    "complete Gauss–Jordan": lambda a, b: eliminate(a, b, choose_complete, whole=True),
}
OTHER_METHODS: dict[str, Solver] = {"QR": solve_by_qr}
