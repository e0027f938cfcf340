"""Pivot choices of an elimination, as a replay of its echelon matrix shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Candidate:
    """A row not yet used (from 0): the magnitude of its entry, and how far rounding moves that."""

    row: int
    magnitude: float
    radius: float


@dataclass(frozen=True)
class PivotChoice:
    """One pivot column (from 0), or one that was passed over although a row has an entry there.

    `taken` is the row of the system that became the pivot row (from 0), None where no row was;
    `candidates` are the rows that there were, the largest first; `legal` says whether the one
    taken was, within rounding, the largest.
    """

    column: int
    taken: int | None
    candidates: tuple[Candidate, ...]
    legal: bool


@dataclass(frozen=True)
class Replay:
    """The steps of an elimination, as far as the printed matrix could be explained.

    `unexplained` are the places, as (row, column) from 0, at which the first printed row that no
    choice accounts for differs from the row that comes nearest; none where all is accounted for.
    """

    steps: tuple[PivotChoice, ...]
    unexplained: tuple[tuple[int, int], ...] = ()

    @property
    def departure(self) -> PivotChoice | None:
        """The first step that is not legal."""
        return next((step for step in self.steps if not step.legal), None)
