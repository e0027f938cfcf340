"""The pivot choices of an elimination, as found by the replay of its echelon matrix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A possible pivot row, from 0, with the magnitude of its entry and the bound of its error."""

    row: int
    magnitude: float
    radius: float


@dataclass(frozen=True)
class PivotChoice:
    """The choice of a pivot row for a column, from 0.

    `taken` is the row of the system, from 0, that became the pivot row. It is None if the column
    was passed over although a row has an entry there. `candidates` are the possible rows, the
    largest first. `legal` is true if the row taken was, within rounding, the largest.
    """

    column: int
    taken: int | None
    candidates: tuple[Candidate, ...]
    legal: bool


@dataclass(frozen=True)
class Replay:
    """The steps of an elimination, as far as they explain the printed matrix.

    `unexplained` is empty if the steps explain the whole matrix. Otherwise it is about the first
    printed row that no choice explains: the places, as (row, column) from 0, at which it differs
    from the nearest possible row.
    """

    steps: tuple[PivotChoice, ...]
    unexplained: tuple[tuple[int, int], ...] = ()

    @property
    def departure(self) -> PivotChoice | None:
        """The first step that is not legal."""
        return next((step for step in self.steps if not step.legal), None)
