"""The systems that a procedure takes, by their shapes and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.model.structure import Structure


class Shape(StrEnum):
    """The shape of coefficients A, m × n: `square` (m = n), `tall` (m > n) or `wide` (m < n)."""

    SQUARE = "square"
    TALL = "tall"
    WIDE = "wide"


def find_shape(rows: int, unknowns: int) -> Shape:
    """Return the shape of coefficients."""
    if rows == unknowns:
        return Shape.SQUARE
    return Shape.TALL if rows > unknowns else Shape.WIDE


@dataclass(frozen=True)
class Sizes:
    """The numbers of unknowns from `smallest` to `largest`."""

    smallest: int
    largest: int

    def __contains__(self, unknowns: int) -> bool:
        """Return whether a number of unknowns is among them."""
        return self.smallest <= unknowns <= self.largest

    def __str__(self) -> str:
        """Return the sizes as a manifest has them: `3`, or `2..3`."""
        if self.smallest == self.largest:
            return str(self.smallest)
        return f"{self.smallest}..{self.largest}"


@dataclass(frozen=True)
class SystemForm:
    """What decides which procedures are asked of a system: its sizes, and the structures of A."""

    rows: int
    unknowns: int
    right_hand_sides: int
    structures: frozenset[Structure]

    @property
    def shape(self) -> Shape:
        """The shape of the coefficients."""
        return find_shape(self.rows, self.unknowns)
