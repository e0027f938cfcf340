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
class PivotEntry:
    """An entry that could be the pivot of a step: its row and column, from 0, and its magnitude."""

    row: int
    column: int
    magnitude: float


@dataclass(frozen=True)
class PivotChoice:
    """The choice of a pivot row for a column, from 0.

    `taken` is the row of the system, from 0, that became the pivot row. It is None if the column
    was passed over although a row has an entry there. `candidates` are the possible rows, the
    largest first. `legal` is true if the promised pivoting allows the choice, within rounding.
    `due` is an entry that it allows where the choice is not legal. It is None where all entries
    count as 0.
    """

    column: int
    taken: int | None
    candidates: tuple[Candidate, ...]
    legal: bool
    due: PivotEntry | None = None


@dataclass(frozen=True)
class Mismatch:
    """An entry of a printed row, from 0, that differs from what elimination leaves there.

    `due` is what is left of `source`, the row of the system, from 0, that is nearest to the printed
    one. `has_right_pivot` is true if the pivot of the printed row is that of a legal choice.
    """

    row: int
    column: int
    printed: float
    due: float
    source: int
    has_right_pivot: bool


@dataclass(frozen=True)
class Replay:
    """The steps of an elimination, as far as they explain the printed matrix.

    `unexplained` is empty if the steps explain the whole matrix. Otherwise it is about the first
    printed row that no choice explains: the places, as (row, column) from 0, at which it differs
    from the nearest possible row, and `mismatch` is the first of them. `is_reduced` is true if the
    printed matrix has zeros above its pivots too, so that it does not show how they were chosen.
    `is_multiplied` is true if the printed rows are those of a fraction-free elimination.
    """

    steps: tuple[PivotChoice, ...]
    unexplained: tuple[tuple[int, int], ...] = ()
    mismatch: Mismatch | None = None
    is_reduced: bool = False
    is_multiplied: bool = False

    @property
    def is_kept(self) -> bool:
        """True if the steps explain every printed row, and all of them are legal."""
        return bool(self.steps) and not self.unexplained and self.departure is None

    @property
    def departure(self) -> PivotChoice | None:
        """The first step that is not legal."""
        return next((step for step in self.steps if not step.legal), None)

    @property
    def tolerated(self) -> PivotChoice | None:
        """The first column that was passed over legally although a row has an entry there."""
        return next((step for step in self.steps if step.legal and step.taken is None), None)
