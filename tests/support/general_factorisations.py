"""LU factorisations of matrices of any shape, in the usual conventions, and faulty ones.

Each is a function of A, m × n, that returns the printed factors by their labels. It computes with
the numbers that it is given: floats, binary32 numbers or fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.promises import Pivoting, Promises, UnitTriangle
from support.eliminations import magnitude, quotient
from support.factorisations import SingularError, identity

if TYPE_CHECKING:
    from harness.model.number import Value

Matrix = list[list["Value"]]
Factors = dict[str, Matrix]
Choice = Callable[[Matrix, int], tuple[int, int]]
"""The row and the column of the pivot of a step, among those that are left."""


def choose_partial(work: Matrix, k: int) -> tuple[int, int]:
    return max(range(k, len(work)), key=lambda i: magnitude(work[i][k])), k


def choose_complete(work: Matrix, k: int) -> tuple[int, int]:
    places = [(i, j) for i in range(k, len(work)) for j in range(k, len(work[0]))]
    return max(places, key=lambda place: magnitude(work[place[0]][place[1]]))


def choose_last_complete(work: Matrix, k: int) -> tuple[int, int]:
    """Of equal entries, take the last one, column by column."""
    places = [(j, i) for j in range(k, len(work[0])) for i in range(k, len(work))]
    j, i = max(places, key=lambda place: (magnitude(work[place[1]][place[0]]), place))
    return i, j


def choose_first(work: Matrix, k: int) -> tuple[int, int]:
    return next((i for i in range(k, len(work)) if work[i][k] != 0), k), k


@dataclass(frozen=True)
class Elimination:
    """The outer-product form of an elimination: L and U in place of A."""

    choose: Choice
    is_crout: bool = False
    is_whole: bool = False
    prints_columns: bool = False
    refuses: bool = False
    """Crout's factors do not exist where a pivot is 0: those of the others do."""

    def __call__(self, a: Matrix) -> Factors:
        """Return P, L and U, and Q if it is printed."""
        m, n = len(a), len(a[0])
        work, p, q = [list(row) for row in a], identity(m), identity(n)
        for k in range(min(m, n)):
            i, j = self.choose(work, k)
            if work[i][j] == 0:
                if self.refuses or self.is_crout:
                    raise SingularError("the matrix is singular")
                continue
            work[k], work[i], p[k], p[i] = work[i], work[k], p[i], p[k]
            for row in (*work, *q):
                row[k], row[j] = row[j], row[k]
            self.eliminate(work, k)
        return self.collect(work, p, q)

    def eliminate(self, work: Matrix, k: int) -> None:
        """Clear the column below the pivot, and keep the multipliers there."""
        pivot, n = work[k][k], len(work[0])
        if self.is_crout:
            work[k][k + 1 :] = [quotient(value, pivot) for value in work[k][k + 1 :]]
        for i in range(k + 1, len(work)):
            if not self.is_crout:
                work[i][k] = quotient(work[i][k], pivot)
            for j in range(k + 1, n):
                work[i][j] = work[i][j] - work[i][k] * work[k][j]

    def collect(self, work: Matrix, p: Matrix, q: Matrix) -> Factors:
        """Return the factors of which the work is made."""
        m, n, inner = len(work), len(work[0]), min(len(work), len(work[0]))
        size = m if self.is_whole else inner
        one = work[0][0] * 0 + 1

        def lower(i: int, j: int) -> Value:
            if i == j:
                return work[i][j] if self.is_crout and j < inner else one
            return work[i][j] if j < min(i, inner) else one * 0

        def upper(i: int, j: int) -> Value:
            if i == j:
                return one if self.is_crout else work[i][j]
            return work[i][j] if i < j and i < inner else one * 0

        factors = {
            "permutation": p,
            "lower": [[lower(i, j) for j in range(size)] for i in range(m)],
            "upper": [[upper(i, j) for j in range(n)] for i in range(size)],
        }
        if self.prints_columns:
            factors["columns"] = q
        elif self.choose in (choose_complete, choose_last_complete):
            places = [row.index(1) for row in q]
            factors["upper"] = [[row[place] for place in places] for row in factors["upper"]]
        return factors


def crout_by_columns(a: Matrix) -> Factors:
    """Crout's own order: a column of L, then a row of U, each by inner products."""
    m, n = len(a), len(a[0])
    inner, p, work = min(m, n), identity(m), [list(row) for row in a]
    zero = a[0][0] * 0
    lower = [[zero] * inner for _ in range(m)]
    upper = [[zero + 1 if i == j else zero for j in range(n)] for i in range(inner)]
    for k in range(inner):
        for i in range(k, m):
            lower[i][k] = work[i][k]
            for t in range(k):
                lower[i][k] = lower[i][k] - lower[i][t] * upper[t][k]
        pivot = max(range(k, m), key=lambda i: magnitude(lower[i][k]))
        for rows in (work, lower, p):
            rows[k], rows[pivot] = rows[pivot], rows[k]
        if lower[k][k] == 0:
            raise SingularError("the matrix is singular")
        for j in range(k + 1, n):
            value = work[k][j]
            for t in range(k):
                value = value - lower[k][t] * upper[t][j]
            upper[k][j] = quotient(value, lower[k][k])
    return {"permutation": p, "lower": lower, "upper": upper}


def doolittle_by_rows(a: Matrix) -> Factors:
    """Doolittle's order: a row of U, then a column of L, each by inner products; jki for pivots."""
    m, n = len(a), len(a[0])
    work, p = [list(row) for row in a], identity(m)
    for j in range(n):
        for i in range(m):
            for t in range(min(i, j)):
                work[i][j] = work[i][j] - work[i][t] * work[t][j]
        if j < m:
            pivot = max(range(j, m), key=lambda i: magnitude(work[i][j]))
            work[j], work[pivot], p[j], p[pivot] = work[pivot], work[j], p[pivot], p[j]
            for i in range(j + 1, m):
                if work[j][j] != 0:
                    work[i][j] = quotient(work[i][j], work[j][j])
    return Elimination(choose_partial).collect(work, p, identity(n))


@dataclass(frozen=True)
class Convention:
    """A correct program and what its port claims."""

    factorise: Callable[[Matrix], Factors]
    pivoting: Pivoting = Pivoting.PARTIAL
    unit: UnitTriangle = UnitTriangle.LOWER

    @property
    def promises(self) -> Promises:
        return Promises(pivoting=self.pivoting, unit_triangle=self.unit)


U, COMPLETE, ANY = UnitTriangle.UPPER, Pivoting.COMPLETE, Pivoting.ANY
CONVENTIONS: dict[str, Convention] = {
    "Doolittle": Convention(Elimination(choose_partial)),
    "Doolittle by rows": Convention(doolittle_by_rows),
    "whole L": Convention(Elimination(choose_partial, is_whole=True)),
    "Crout": Convention(Elimination(choose_partial, is_crout=True), unit=U),
    "Crout by columns": Convention(crout_by_columns, unit=U),
    "complete": Convention(Elimination(choose_complete, prints_columns=True), COMPLETE),
    "complete, last of ties": Convention(
        Elimination(choose_last_complete, prints_columns=True), COMPLETE
    ),
    "complete, whole L": Convention(
        Elimination(choose_complete, is_whole=True, prints_columns=True), COMPLETE
    ),
    "complete, without Q": Convention(Elimination(choose_complete), COMPLETE),
    "complete Crout": Convention(
        Elimination(choose_complete, is_crout=True, prints_columns=True), COMPLETE, U
    ),
    "Q under any": Convention(Elimination(choose_complete, prints_columns=True), ANY),
    "first": Convention(Elimination(choose_first), Pivoting.FIRST_NONZERO),
    "first, any": Convention(Elimination(choose_first), ANY),
    "refusing": Convention(Elimination(choose_partial, refuses=True)),
    "first Crout": Convention(Elimination(choose_first, is_crout=True), ANY, U),
}


# Faulty ones: functions of the right factors that change them


def transpose(rows: Matrix) -> Matrix:
    return [list(column) for column in zip(*rows, strict=True)]


def swap_last_columns(rows: Matrix) -> Matrix:
    return [[*row[:-2], row[-1], row[-2]] for row in rows]


def change(rows: Matrix, i: int, j: int, factor: Fraction | float) -> Matrix:
    return [
        [value * factor if (a, b) == (i, j) else value for b, value in enumerate(row)]
        for a, row in enumerate(rows)
    ]
