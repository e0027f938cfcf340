"""A printed echelon matrix as the replay of its pivots compares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.numerics import rational
from harness.numerics.precision import BINARY64, Precision
from harness.numerics.unused_rows import as_double

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flint import fmpq

    from harness.model.number import Value
    from harness.numerics.unused_rows import Numbers

RESIDUE = 8
"""The units of a rounding error above a pivot, relative to its row and column, for each row."""


@dataclass(frozen=True)
class PrintedMatrix:
    """A printed echelon matrix: its rows, m × (n + k).

    `pivots` are the columns of its pivots, from 0, in the order of the rows.
    """

    rows: Numbers
    unknowns: int
    pivots: tuple[int, ...]
    precision: Precision = BINARY64

    @classmethod
    def from_rows(
        cls,
        printed: Sequence[Sequence[Value]],
        unknowns: int,
        pivots: Sequence[int] | None = None,
        precision: Precision | None = BINARY64,
    ) -> PrintedMatrix:
        """Return the matrix with these printed rows, as exact numbers or as doubles.

        Its pivots are the leading entries among the coefficients, unless they are given. Without a
        precision the arithmetic is exact.
        """
        if precision is None:
            rows = np.empty((len(printed), len(printed[0])), dtype=object)
            rows[:] = [[rational.from_number(value) for value in row] for row in printed]
        else:
            rows = np.array([[rational.nearest_double(value) for value in row] for row in printed])
        if pivots is None:
            leading = (next((j for j in range(unknowns) if row[j] != 0), None) for row in rows)
            pivots = [column for column in leading if column is not None]
        return cls(rows, unknowns, tuple(pivots), precision or BINARY64)

    @property
    def has_unit_pivots(self) -> bool:
        """True if every pivot is 1, as in rows that were divided by their pivots."""
        return all(
            is_unit_pivot(self.rows[i, j], self.precision) for i, j in enumerate(self.pivots)
        )

    def is_reduced(self, given: Numbers) -> bool:
        """Return whether the entries above all pivots are 0, or rounding errors.

        `given` is the system, m × (n + k). With a single pivot there are no such entries.
        """
        if len(self.pivots) < 2:
            return False
        tolerance = RESIDUE * self.precision.unit_roundoff * len(self.rows)
        row_sizes = [as_double(abs(row[: self.unknowns]).max()) for row in self.rows]
        return all(
            as_double(abs(value)) <= tolerance * min(size, as_double(abs(given[:, column]).max()))
            for i, column in enumerate(self.pivots)
            for value, size in zip(self.rows[:i, column], row_sizes, strict=False)
        )


def is_unit_pivot(value: fmpq | float, precision: Precision) -> bool:
    """Return whether a number is 1, or a rounded product p·(1/p)."""
    return bool(abs(as_double(value) - 1) <= 2 * precision.unit_roundoff)
