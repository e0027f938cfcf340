"""The magnitudes |L||U| of elimination, which bound its rounding errors entry by entry.

A computed factorisation has PA + E = L̂Û with |E| ≤ γₙ|L̂||Û|, and a solution computed from it has
|b − Ax̂| ≤ γ₃ₙ|L̂||Û||x̂| (Higham, Accuracy and Stability of Numerical Algorithms, Theorems 9.3 and
9.4). Unlike a bound by norms, these show an error in a row that is small beside the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq, fmpq_mat

from harness.numerics import rational

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from harness.numerics.precision import Precision

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

TIE = 1e-6
"""Candidates for a pivot count as equal if the base-2 logarithms of their sizes differ by less."""

SHARE_OF_ROUNDING = 4
"""An entry of elimination has an error of at most n·u·|L||U| times this: half of it is the error of
the program, the other half that of the elimination here."""

MAXIMUM_GROUPS = 16
"""So many groups of equal candidates are looked at one by one. For more, a coarser bound holds."""

LARGEST = float(np.finfo(np.float64).max)
"""The magnitude in place of one that is beyond the doubles."""


@dataclass(frozen=True)
class Magnitudes:
    """|L||U| of an elimination, m × n, in the order of the rows and columns of A.

    The sums are |A| + |L||U|, at least |L||U| and at most about twice that.

    The elimination `is_certain` unless rounding decides whether a column has a pivot.
    """

    sums: fmpq_mat
    is_certain: bool


@dataclass(frozen=True)
class ScaledMatrix:
    """A matrix A, m × n, scaled by powers of two so that no elimination leaves the doubles.

    A = entries · 2^(rows + columns), with an exponent for each row and each column.
    """

    entries: Doubles
    rows: Integers
    columns: Integers

    @classmethod
    def from_exact(cls, matrix: fmpq_mat) -> ScaledMatrix:
        """Return a matrix with the largest entry of each row and column from 1/2 to 1."""
        mantissas, exponents = np.frexp(np.array(rational.to_floats(matrix)))
        exponents = np.where(mantissas == 0, -(10**6), exponents.astype(np.int64))
        rows = np.where(mantissas.any(axis=1), exponents.max(axis=1), 0)
        exponents = exponents - rows[:, None]
        columns = np.where(mantissas.any(axis=0), exponents.max(axis=0), 0)
        return cls(np.ldexp(mantissas, exponents - columns), rows, columns)

    @property
    def row_sizes(self) -> Doubles:
        """The base-2 logarithm of the largest magnitude of each row of A."""
        logarithms: Doubles = np.log2(np.abs(self.entries))
        sizes: Doubles = (logarithms + self.columns).max(axis=1) + self.rows
        return sizes

    def scale(self, matrix: fmpq_mat) -> fmpq_mat:
        """Return another matrix, m × n, with this scaling, exactly."""
        return self._multiply(matrix.tolist(), -self.rows, -self.columns)

    def scale_columns_alike(self, matrix: fmpq_mat) -> fmpq_mat:
        """Return C G C⁻¹ of a matrix G, n × n, with C the scaling of the columns, exactly."""
        return self._multiply(matrix.tolist(), self.columns, -self.columns)

    def scale_inverse(self, entries: Doubles) -> fmpq_mat:
        """Return the inverse of A, n × n, exactly, where `entries` are those of this scale."""
        table = [[rational.from_number(value) for value in row] for row in entries.tolist()]
        return self._multiply(table, -self.columns, -self.rows)

    def unscale(self, entries: Doubles) -> fmpq_mat:
        """Return a matrix of this scale without the scaling, exactly."""
        table = [[rational.from_number(value) for value in row] for row in entries.tolist()]
        return self._multiply(table, self.rows, self.columns)

    @staticmethod
    def _multiply(table: Sequence[Sequence[fmpq]], rows: Integers, columns: Integers) -> fmpq_mat:
        return fmpq_mat(
            [
                [
                    value * power_of_two(row + column)
                    for value, column in zip(values, columns.tolist(), strict=True)
                ]
                for values, row in zip(table, rows.tolist(), strict=True)
            ]
        )


def power_of_two(exponent: int) -> fmpq:
    """Return 2ᵉ exactly."""
    return fmpq(1 << exponent) if exponent >= 0 else fmpq(1, 1 << -exponent)


@dataclass(frozen=True)
class Strategy:
    """A strategy of pivoting.

    `weights` returns the base-2 logarithms of the factors by which candidates of different rows are
    compared. With `complete`, the pivot is the largest of all remaining entries.
    """

    weights: Callable[[Elimination], Doubles]
    complete: bool = False


class Elimination:
    """An elimination of a scaled matrix that sums the magnitudes |l||u| of all its products.

    At each step the sums cover every choice of a pivot that rounding permits.
    """

    def __init__(self, matrix: ScaledMatrix, strategy: Strategy, precision: Precision) -> None:
        self.matrix = matrix
        self.work = matrix.entries.copy()
        self.sums = np.abs(matrix.entries)
        self.is_certain = True
        self.remaining = np.arange(len(self.work))
        self.open_columns = np.arange(self.work.shape[1])
        self._rounding = SHARE_OF_ROUNDING * max(self.work.shape) * precision.unit_roundoff
        # A multiplier that is not normal is as uncertain as u times one of this size.
        self._least_exponent = math.log2(precision.smallest_normal) + 1
        self._strategy = strategy
        self._bounds = np.zeros_like(self.work)
        self._doubtful_steps = 0

    def finish(self) -> Magnitudes:
        """Eliminate all columns, and return the sums."""
        with np.errstate(all="ignore"):
            # Each step takes a row, also where the order of the rows is uncertain.
            while len(self.remaining) > self._doubtful_steps and len(self.open_columns):
                self._eliminate_column()
        sums = np.nan_to_num(self.sums, nan=LARGEST, posinf=LARGEST)
        return Magnitudes(self.matrix.unscale(sums), self.is_certain)

    def _eliminate_column(self) -> None:
        rows = self.remaining
        upper, lower = self._enclose_entries()
        columns = self.open_columns if self._strategy.complete else self.open_columns[:1]
        weights = self._strategy.weights(self)[rows]
        scale = weights[:, None] + self.matrix.columns[columns]
        largest = np.log2(upper[:, columns]) + scale
        if np.isneginf(largest).all():
            self._close(columns[0])
            return
        certain = (np.log2(np.maximum(lower[:, columns], 0)) + scale).max()
        candidates = np.argwhere((largest >= certain - TIE) & ~np.isneginf(largest))
        # The first of equal candidates, however their sizes were rounded.
        first = int(np.argmax(largest >= largest.max() - TIE))
        row, index = np.unravel_index(first, largest.shape)
        self.is_certain = self.is_certain and not np.isneginf(certain)
        if self.is_certain:
            places = [(int(row), int(columns[index])) for row, index in candidates]
            self.sums[rows] += self._largest_products(upper, lower, weights, places)
            self._subtract(rows[row], columns[index])
        else:
            products = self._doubtful_products(upper, weights)
            self.sums[rows] += products
            self._bounds[rows] = upper + products
            self._doubtful_steps += 1
        self._close(columns[index])

    def _enclose_entries(self) -> tuple[Doubles, Doubles]:
        """Return bounds for the magnitudes of the entries of the remaining rows, r × n.

        Once the order is uncertain, any remaining row may have been subtracted from any other.
        """
        rows = self.remaining
        if not self.is_certain:
            return self._bounds[rows], np.zeros((len(rows), self.work.shape[1]))
        noise = self._rounding * self.sums[rows]
        sizes = np.abs(self.work[rows])
        return sizes + noise, sizes - noise

    def _doubtful_products(self, upper: Doubles, weights: Doubles) -> Doubles:
        """Return the largest |l||u| that any remaining row adds to each other one, r × n.

        A pivot row is at least as large in its column as the others, by the weights. By scales of
        the current rows, its multiple is no larger than the row from which it is subtracted.
        """
        if self._strategy.weights is scales_of_current_rows:
            columns = np.exp2(self.matrix.columns.astype(np.float64))
            return np.asarray((upper * columns).max(axis=1, keepdims=True) / columns)
        reference = weights.max()
        pivot_row = (np.exp2(weights - reference)[:, None] * upper).max(axis=0)
        return np.asarray(np.exp2(reference - weights)[:, None] * pivot_row)

    def _largest_products(
        self, upper: Doubles, lower: Doubles, weights: Doubles, candidates: list[tuple[int, int]]
    ) -> Doubles:
        """Return the largest |l||u| that a candidate for the pivot adds to each row, r × n.

        Candidates that are equally large have the same multipliers. Those of many different ones
        are bounded by what makes them candidates alone.
        """
        groups: dict[tuple[int, float, float], set[int]] = {}
        for row, column in candidates:
            key = column, max(float(lower[row, column]), 0.0), float(weights[row])
            groups.setdefault(key, set()).add(row)
        if len(groups) > MAXIMUM_GROUPS:
            rows = sorted({row for row, _ in candidates})
            reference = weights[rows].max()
            factors = np.exp2(weights[rows] - reference)
            pivot_row = (factors[:, None] * upper[rows]).max(axis=0)
            return np.asarray(np.exp2(reference - weights)[:, None] * pivot_row)
        products = np.zeros_like(upper)
        exponents = self.matrix.rows[self.remaining]
        for (column, smallest, weight), members in groups.items():
            rows = sorted(members)
            multipliers = np.fmin(upper[:, column] / smallest, np.exp2(weight - weights))
            least = np.exp2(self._least_exponent + exponents[rows].max() - exponents)
            multipliers = np.where(multipliers > 0, np.maximum(multipliers, least), 0)
            np.maximum(products, multipliers[:, None] * upper[rows].max(axis=0), out=products)
        return products

    def _subtract(self, pivot: int, column: int) -> None:
        self.remaining = self.remaining[self.remaining != pivot]
        multipliers = self.work[self.remaining, column] / self.work[pivot, column]
        self.work[self.remaining] -= multipliers[:, None] * self.work[pivot]
        self.work[self.remaining, column] = 0

    def _close(self, column: int) -> None:
        self.open_columns = self.open_columns[self.open_columns != column]


def exponents_of_rows(elimination: Elimination) -> Doubles:
    """Compare the entries themselves."""
    return elimination.matrix.rows.astype(np.float64)


def scales_of_given_rows(elimination: Elimination) -> Doubles:
    """Compare entries divided by the largest entry of their row of A."""
    sizes = elimination.matrix.row_sizes
    return np.where(np.isneginf(sizes), 0.0, elimination.matrix.rows - sizes)


def scales_of_current_rows(elimination: Elimination) -> Doubles:
    """Compare entries divided by the largest entry that remains in their row."""
    columns = elimination.open_columns
    sizes = np.log2(np.abs(elimination.work[:, columns])) + elimination.matrix.columns[columns]
    largest = sizes.max(axis=1)
    return np.where(np.isneginf(largest), 0.0, -largest)


STRATEGIES = (
    Strategy(exponents_of_rows),
    Strategy(scales_of_given_rows),
    Strategy(scales_of_current_rows),
    Strategy(exponents_of_rows, complete=True),
)
"""Partial pivoting, scaled pivoting by the given and by the current rows, complete pivoting."""


def compute_magnitudes(
    coefficients: fmpq_mat, strategy: Strategy, precision: Precision
) -> Magnitudes:
    """Return |L||U| of the elimination of coefficients, m × n, with that strategy of pivoting."""
    return Elimination(ScaledMatrix.from_exact(coefficients), strategy, precision).finish()


def magnitudes_in_order(coefficients: fmpq_mat, pivots: Sequence[tuple[int, int]]) -> fmpq_mat:
    """Return |L||U| of the elimination of coefficients, m × n, with these pivots.

    `pivots` are pairs of a row and a column, from 0, in the order of the elimination.
    """
    matrix = ScaledMatrix.from_exact(coefficients)
    work, sums = matrix.entries.copy(), np.abs(matrix.entries)
    remaining = np.arange(len(work))
    with np.errstate(all="ignore"):
        for row, column in pivots:
            remaining = remaining[remaining != row]
            multipliers = work[remaining, column] / work[row, column]
            sums[row] += np.abs(work[row])
            sums[remaining] += np.abs(multipliers)[:, None] * np.abs(work[row])
            work[remaining] -= multipliers[:, None] * work[row]
            work[remaining, column] = 0
    return matrix.unscale(np.nan_to_num(sums, nan=LARGEST, posinf=LARGEST))


def choose_pivot_rows(columns: fmpq_mat) -> list[int]:
    """Return the pivot rows, from 0, of linearly independent columns, m × r, in their order."""
    matrix = ScaledMatrix.from_exact(columns)
    work, remaining, chosen = matrix.entries.copy(), np.arange(columns.nrows()), []
    with np.errstate(all="ignore"):
        for column in range(columns.ncols()):
            sizes = np.log2(np.abs(work[remaining, column])) + matrix.rows[remaining]
            pivot = remaining[int(np.argmax(sizes))]
            remaining = remaining[remaining != pivot]
            multipliers = work[remaining, column] / work[pivot, column]
            work[remaining] -= multipliers[:, None] * work[pivot]
            chosen.append(int(pivot))
    return chosen


def uncancelled_inverse(coefficients: fmpq_mat) -> fmpq_mat:
    """Return M(U)⁻¹M(L)⁻¹P of regular coefficients, n × n, with partial pivoting.

    It is |A⁻¹| if no terms of it cancel, and larger otherwise: M, the comparison matrix, has the
    magnitudes of the diagonal and the negative magnitudes of the other entries (Higham, Accuracy
    and Stability of Numerical Algorithms, §8.2). It is the largest double if a computed pivot is 0.
    """
    matrix, order = ScaledMatrix.from_exact(coefficients), choose_pivot_rows(coefficients)
    upper = matrix.entries[order]
    lower = np.eye(len(upper))
    with np.errstate(all="ignore"):
        for k in range(len(upper)):
            lower[k + 1 :, k] = upper[k + 1 :, k] / upper[k, k]
            upper[k + 1 :] -= lower[k + 1 :, k, None] * upper[k]
            upper[k + 1 :, k] = 0
        if not np.all(np.diag(upper)):  # rounding left a 0 for a pivot: there is no bound
            product = np.full_like(upper, LARGEST)
        else:
            inverses = (np.linalg.inv(comparison_matrix(each)) for each in (upper, lower))
            product = np.matmul(*inverses)
    inverse = np.empty_like(product)
    inverse[:, order] = np.minimum(np.nan_to_num(product, nan=LARGEST), LARGEST)
    return matrix.scale_inverse(inverse)


def comparison_matrix(triangle: Doubles) -> Doubles:
    """Return M(T) of a regular triangle T, n × n."""
    sizes = np.abs(triangle)
    comparison: Doubles = np.diag(2 * np.diag(sizes)) - sizes
    return comparison
