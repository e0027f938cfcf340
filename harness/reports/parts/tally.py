"""How many checks conform, are defensible, deviate, and do neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.results.schema import VerdictRecord


@dataclass(frozen=True)
class Tally:
    """Counts of verdicts. What is defensible conforms too, but is counted apart from the rest."""

    conforming: int = 0
    defensible: int = 0
    deviating: int = 0
    neither: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[VerdictRecord]) -> Tally:
        """Count verdicts by what they say of a port."""
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
        """How many checks were counted."""
        return self.conforming + self.defensible + self.deviating + self.neither

    def share(self, part: int) -> str:
        """A part of the total in hundredths, for the width of a bar."""
        return f"{100 * part / self.total:.2f}" if self.total else "0"
