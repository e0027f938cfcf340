"""Counts of the checks that conform, are defensible, deviate, or do none of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.results.schema import VerdictRecord


@dataclass(frozen=True)
class Tally:
    """Counts of verdicts. A defensible outcome conforms too, but has a count of its own."""

    conforming: int = 0
    defensible: int = 0
    deviating: int = 0
    neither: int = 0

    @classmethod
    def count(cls, verdicts: Iterable[VerdictRecord]) -> Tally:
        """Return the counts of some verdicts by standing."""
        outcomes = [verdict.outcome for verdict in verdicts]
        standings = [outcome.standing for outcome in outcomes]
        defensible = outcomes.count(Outcome.DEFENSIBLE)
        return cls(
            standings.count(Standing.CONFORMING) - defensible,
            defensible,
            standings.count(Standing.DEVIATING),
            standings.count(Standing.NEITHER),
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
