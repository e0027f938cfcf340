"""The rows of an elimination that are not yet pivot rows: an enclosure of all possible values.

Every entry has a centre and a radius, in whatever order a program computes it. In exact arithmetic
there are no radii.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.model.pivot import Candidate
from harness.numerics import rational
from harness.numerics.precision import BINARY64, Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flint import fmpq, fmpq_mat
    from numpy.typing import NDArray

    Numbers = NDArray[Any]
    """Doubles or, in exact arithmetic, `fmpq` objects."""

    Scalar = Any
    """A double or an `fmpq`."""

    Doubles = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class UnusedRows:
    """The rows not yet used, r × (n + k), and their numbers in the system, from 0.

    They are in the order in which the program has them. Each entry lies within `radius` of
    `centre`. In exact arithmetic there is no radius. `given` are all rows of the system, m × (n +
    k), and `unknowns` is n. `precision` is that of the program, if it rounds.
    """

    numbers: tuple[int, ...]
    centre: Numbers
    radius: Doubles | None
    given: Numbers
    unknowns: int
    precision: Precision = BINARY64

    @classmethod
    def from_system(
        cls, system: fmpq_mat, unknowns: int, precision: Precision | None
    ) -> UnusedRows:
        """Return the rows of an exact system as a program receives them.

        Without a precision the arithmetic is exact.
        """
        numbers = tuple(range(system.nrows()))
        if precision:
            doubles = np.array(rational.to_floats(system))
            return cls(numbers, doubles, np.zeros(doubles.shape), doubles, unknowns, precision)
        centre = np.empty((system.nrows(), system.ncols()), dtype=object)
        centre[:] = system.tolist()
        return cls(numbers, centre, None, centre, unknowns)

    @property
    def errors(self) -> tuple[float, float]:
        """The largest relative error of an operation, and the largest by underflow."""
        return self.precision.unit_roundoff, self.precision.smallest_subnormal

    @property
    def radii(self) -> Numbers:
        """The radii of all entries, 0 in exact arithmetic."""
        if self.radius is None:
            zeros = np.empty(self.centre.shape, dtype=object)
            zeros[:] = rational.ZERO
            return zeros
        return self.radius

    def bounds(self, column: int) -> tuple[Numbers, Numbers]:
        """Return the least and the largest possible magnitudes of the entries in a column."""
        magnitudes, radii = np.abs(self.centre[:, column]), self.radii[:, column]
        return magnitudes - radii, magnitudes + radii

    def list_candidates(self, column: int) -> tuple[Candidate, ...]:
        """Return the rows as candidates for a pivot in a column, the largest first."""
        entries = zip(
            self.numbers, np.abs(self.centre[:, column]), self.radii[:, column], strict=True
        )
        candidates = [
            Candidate(number, as_double(magnitude), as_double(radius))
            for number, magnitude, radius in entries
        ]
        return tuple(sorted(candidates, key=lambda candidate: -candidate.magnitude))

    def find_mismatches(self, row: Numbers) -> Flags:
        """Return the entries, r × (n + k), that cannot have become those of a printed row."""
        mismatches: Flags
        if self.radius is None:
            mismatches = (self.centre != row).astype(np.bool_)
        else:
            mismatches = ~(np.abs(self.centre - row) <= self.radius)
        return mismatches

    def scale(self, factor: Scalar) -> UnusedRows:
        """Return the rows multiplied by a number that is not 0."""
        if self.radius is None:
            return replace(self, centre=self.centre * factor)
        centre, (u, tiny) = self.centre * factor, self.errors
        radius = self.radius * abs(factor) + 4 * u * np.abs(centre) + tiny
        return self.enclose(centre, radius)

    def divide(self, column: int) -> UnusedRows:
        """Return the rows divided by their entries in a column, or unchanged if these are 0."""
        entries = self.centre[:, column, None]
        pivots = np.where(entries == 0, 1, entries)
        if self.radius is None:
            return replace(self, centre=self.centre / pivots)
        pivot_radii = self.radius[:, column, None]
        smallest_pivots = np.abs(entries) - pivot_radii
        centre, (u, tiny) = self.centre / pivots, self.errors
        changes = self.radius + np.abs(centre) * pivot_radii + tiny
        quotient_changes = changes / smallest_pivots
        radius = quotient_changes + 4 * u * np.abs(centre) + tiny * (1 + np.abs(self.centre))
        # The quotient by an entry that may be 0 is unknown. An entry that is 0 was never a pivot.
        unknown = np.where(pivot_radii > 0, np.inf, 0.0)
        return self.enclose(centre, np.where(smallest_pivots > 0, radius, unknown))

    def with_printed(self, index: int, printed: Numbers) -> UnusedRows:
        """Return the rows with the one at `index` as it was printed, so that it is exact."""
        centre = self.centre.copy()
        centre[index] = printed
        if self.radius is None:
            return replace(self, centre=centre)
        radius = self.radius.copy()
        radius[index] = 0
        return replace(self, centre=centre, radius=radius)

    def remove(self, index: int, swaps: bool = False) -> UnusedRows:
        """Return the rows without the one at `index`.

        If the program `swaps`, the first row takes its place; else the order stays.
        """
        others = [i for i in range(len(self.numbers)) if i != index]
        if swaps and index > 0:
            others = [0 if i == index else i for i in range(1, len(self.numbers))]
        numbers = tuple(self.numbers[i] for i in others)
        radius = None if self.radius is None else self.radius[others]
        return replace(self, numbers=numbers, centre=self.centre[others], radius=radius)

    def clear(self, columns: Sequence[int]) -> UnusedRows:
        """Return the rows with zeros in columns that are eliminated, or have no pivot."""
        centre = self.centre.copy()
        centre[:, columns] = 0 if self.radius is not None else rational.ZERO
        if self.radius is None:
            return replace(self, centre=centre)
        radius = self.radius.copy()
        radius[:, columns] = 0
        return replace(self, centre=centre, radius=radius)

    def flush(self, tolerance: float) -> UnusedRows:
        """Return the rows with 0 among the possible values of entries up to a tolerance."""
        if self.radius is None:
            return self
        size = np.abs(self.centre)
        may_be_zero = size - self.radius <= tolerance
        return replace(
            self, radius=np.where(may_be_zero, np.maximum(self.radius, size), self.radius)
        )

    def eliminate(self, pivot_row: Numbers, column: int) -> UnusedRows:
        """Return the rows after the subtraction of multiples of a printed pivot row.

        Let w be the entry to be cleared, p the pivot and l = w/p. The radius covers the errors of
        l, of l times the row, and of the subtraction, each once by the program and once by this
        replay. See docs/verdicts.md.
        """
        pivot = pivot_row[column]
        multipliers = self.centre[:, column, None] / pivot
        centre = self.centre - multipliers * pivot_row
        if self.radius is None:
            return replace(self, centre=centre).clear([column])
        size, row, (u, tiny) = np.abs(multipliers), np.abs(pivot_row), self.errors
        w, w_radius = np.abs(self.centre[:, column, None]), self.radius[:, column, None]
        multiplier_error = (w_radius + 2 * u * w + tiny) / abs(pivot) + tiny
        changes = self.radius + multiplier_error * row
        radius = changes + 4 * u * (size * row + np.abs(centre)) + 4 * tiny
        return self.enclose(centre, radius).clear([column])

    def enclose(self, centre: Doubles, radius: Doubles) -> UnusedRows:
        """Return rows with an infinite radius where an operation exceeded the largest number."""
        unknown = ~((np.abs(centre) <= self.precision.largest) & np.isfinite(radius))
        return replace(
            self, centre=np.where(unknown, 0.0, centre), radius=np.where(unknown, np.inf, radius)
        )


def as_double(value: fmpq | float | np.floating[Any]) -> float:
    """Return a number of either arithmetic as a double."""
    return (
        float(value) if isinstance(value, (int, float, np.floating)) else rational.to_float(value)
    )
