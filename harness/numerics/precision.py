"""The precision of a floating-point arithmetic: IEEE 754 binary64 or binary32, to nearest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from harness.model.case import Arithmetic
from harness.model.number import round_to_binary32
from harness.numerics import rational

if TYPE_CHECKING:
    from fractions import Fraction

    from flint import fmpq, fmpq_mat


@dataclass(frozen=True)
class Precision:
    """The precision and the range of an arithmetic.

    `unit_roundoff` is u, the largest relative error of an operation. `smallest_subnormal` is an
    upper bound for the error of an operation by underflow.
    """

    unit_roundoff: float
    smallest_subnormal: float
    smallest_normal: float
    largest: float

    @cached_property
    def u(self) -> fmpq:
        """The unit roundoff, exactly."""
        return rational.from_number(self.unit_roundoff)

    @cached_property
    def underflow(self) -> fmpq:
        """The smallest subnormal, exactly."""
        return rational.from_number(self.smallest_subnormal)

    def is_in_range(self, value: Fraction) -> bool:
        """Return whether the nearest number of the arithmetic is finite."""
        return math.isfinite(self.round(value))

    def holds(self, matrix: fmpq_mat) -> bool:
        """Return whether the nearest number of every entry of a matrix is finite."""
        return all(map(self.is_in_range, map(rational.to_fraction, matrix.entries())))

    def is_exact(self, value: Fraction) -> bool:
        """Return whether a number is one of the arithmetic."""
        nearest = self.round(value)
        return math.isfinite(nearest) and nearest == value

    def round(self, value: Fraction | float) -> float:
        """Return the nearest number of the arithmetic, infinite beyond its range; NaN is NaN."""
        nearest = rational.nearest_double(value)
        if self is BINARY64 or not math.isfinite(nearest):
            return nearest
        return round_to_binary32(value)


BINARY64 = Precision(2.0**-53, 2.0**-1074, 2.0**-1022, float(np.finfo(np.float64).max))
BINARY32 = Precision(2.0**-24, 2.0**-149, 2.0**-126, float(np.finfo(np.float32).max))

PRECISIONS = {Arithmetic.BINARY64: BINARY64, Arithmetic.BINARY32: BINARY32}
"""The precision of each arithmetic that rounds."""
