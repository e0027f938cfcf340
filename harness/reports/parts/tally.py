"""Counts of the checks that conform, are defensible, deviate, or do none of these."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.results.cells import Cell


@dataclass(frozen=True)
class Tally:
    """Counts of verdicts. A defensible outcome conforms too, but has a count of its own."""

    conforming: int = 0
    defensible: int = 0
    deviating: int = 0
    neither: int = 0

    @classmethod
    def count(cls, cells: Iterable[Cell]) -> Tally:
        """Return the counts of the verdicts of some cells by standing."""
        # Few cells of a large run have marks that no other has.
        numbers: Counter[int] = Counter()
        marks = {}
        for cell in cells:
            numbers[id(cell.marks)] += 1
            marks[id(cell.marks)] = cell.marks
        outcomes: Counter[Outcome] = Counter()
        for key, number in numbers.items():
            for mark in marks[key].all:
                outcomes[mark.outcome] += number
        return cls.from_outcomes(outcomes)

    @classmethod
    def from_outcomes(cls, outcomes: Mapping[Outcome, int]) -> Tally:
        """Return the counts of outcomes by standing."""
        standings: Counter[Standing] = Counter()
        for outcome, number in outcomes.items():
            standings[outcome.standing] += number
        defensible = outcomes.get(Outcome.DEFENSIBLE, 0)
        return cls(
            standings[Standing.CONFORMING] - defensible,
            defensible,
            standings[Standing.DEVIATING],
            standings[Standing.NEITHER],
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.conforming + other.conforming,
            self.defensible + other.defensible,
            self.deviating + other.deviating,
            self.neither + other.neither,
        )

    @property
    def total(self) -> int:
        """The number of verdicts that were counted."""
        return self.conforming + self.defensible + self.deviating + self.neither

    def format_percentage(self, count: int) -> str:
        """Return a count as a percentage of the total, for the width of a bar."""
        return f"{100 * count / self.total:.2f}" if self.total else "0"
