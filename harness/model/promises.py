"""What a port promises beyond the defaults: how it pivots, what it takes for 0, how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


class Pivoting(StrEnum):
    """The choice of pivot rows (Higham, Accuracy and Stability of Numerical Algorithms, §9.1).

    `partial`: the largest entry of the column. `scaled`: the largest relative to the largest entry
    of its row. `complete`: the largest entry of all remaining rows and columns. `first-nonzero`:
    the first entry of the column that is not 0. `none`: rows are never interchanged.
    """

    PARTIAL = "partial"
    SCALED = "scaled"
    COMPLETE = "complete"
    FIRST_NONZERO = "first-nonzero"
    NONE = "none"


class FreeUnknowns(StrEnum):
    """The answer to a consistent system with many solutions.

    `zero`: the solution whose free unknowns are 0. `none`: no promise.
    """

    ZERO = "zero"
    NONE = "none"


class Inconsistent(StrEnum):
    """The answer to a system without a solution.

    `least-squares`: an x with the smallest residual. `none`: no promise.
    """

    LEAST_SQUARES = "least-squares"
    NONE = "none"


@dataclass(frozen=True)
class ZeroTolerance:
    """The magnitude up to which a candidate for a pivot counts as 0.

    If it is `relative`, it is a multiple of the size of the matrix.
    """

    size: Fraction
    is_relative: bool = False

    def __str__(self) -> str:
        """Return the tolerance as a sentence has it: `1e-09`, or `1e-12 times the matrix`."""
        return f"{float(self.size):g}{' times the matrix' if self.is_relative else ''}"


@dataclass(frozen=True)
class Promises:
    """The promises of a port about its answers, by which it is judged."""

    pivoting: Pivoting = Pivoting.PARTIAL
    zero_tolerance: ZeroTolerance | None = None
    free_unknowns: FreeUnknowns = FreeUnknowns.NONE
    inconsistent: Inconsistent = Inconsistent.NONE


NO_PROMISES = Promises()
"""What a port promises whose manifest promises nothing: partial pivoting."""
