"""How the printed rows of an echelon matrix come from those that elimination leaves."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.numerics.printed_matrix import PrintedMatrix
    from harness.numerics.unused_rows import Scalar, UnusedRows


class Reading(Enum):
    """How the printed rows come from those of an elimination that subtracts multiples of rows."""

    PLAIN = auto()
    """As they are."""
    DIVIDED = auto()
    """Each row is divided by its pivot."""
    FRACTION_FREE = auto()
    """Bareiss's elimination: (p W − w P) / p', with p' the pivot before; rows are multiples."""
    CROSS_MULTIPLIED = auto()
    """p W − w P without a division."""
    TURNED = auto()
    """w P − p W, so that the signs of the rows turn."""
    MULTIPLES = auto()
    """Each row is multiplied by a number of its own."""

    @property
    def is_divided(self) -> bool:
        """True if the printed rows do not show the sizes of the pivots."""
        return self in (Reading.DIVIDED, Reading.MULTIPLES)

    def find_next_factor(self, factor: Scalar, pivot: Scalar) -> Scalar:
        """Return the factor of the unused rows after a step with a printed pivot."""
        if self is Reading.FRACTION_FREE:
            return pivot
        if self is Reading.TURNED:
            return -factor * pivot
        return factor * pivot if self is Reading.CROSS_MULTIPLIED else factor

    def apply(self, rows: UnusedRows, column: int, factor: Scalar) -> UnusedRows:
        """Return the unused rows, which have a factor, as the program has them in a step."""
        if self.is_divided:
            return rows.divide(column)
        return rows if factor == 1 else rows.scale(factor)


FRACTION_FREE_READINGS = (Reading.FRACTION_FREE, Reading.CROSS_MULTIPLIED, Reading.TURNED)
"""The readings in which all unused rows are multiplied by the same number."""


def list_readings(target: PrintedMatrix) -> list[Reading]:
    """Return the readings of a printed matrix in which no row has a number of its own."""
    divided = [Reading.DIVIDED] if target.has_unit_pivots else []
    return [Reading.PLAIN, *divided, *FRACTION_FREE_READINGS]
