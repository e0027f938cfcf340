"""How a deviation recurs when its case is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome
from harness.text import join_words

if TYPE_CHECKING:
    from collections.abc import Sequence


class Occurrence(StrEnum):
    """The answers in which a deviation occurs, where it does not occur in all."""

    AFTER_OTHERS = "only after other cases"
    SOMETIMES = "not every time"


@dataclass(frozen=True)
class Recurrence:
    """A deviation that does not occur each time that its case is asked.

    It occurs in `count` of `answers` answers. `otherwise` is the outcome of the check in one of the
    others. `after` are earlier cases after which it occurs in a process that has answered no other
    case; it is empty if they are not known.
    """

    occurrence: Occurrence
    otherwise: Outcome
    count: int
    answers: int
    after: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The recurrence for people: `only after singular-2x2, otherwise right`."""
        is_counted = self.occurrence is Occurrence.SOMETIMES
        count = f" ({self.count} of {self.answers} answers)" if is_counted else ""
        return (
            f"{describe_occurrence(self.occurrence, self.after)}{count}, otherwise {self.otherwise}"
        )


def describe_occurrence(occurrence: Occurrence, after: Sequence[str]) -> str:
    """Return when a deviation occurs: `only after singular-2x2`, or `not every time`."""
    return f"only after {join_words(after)}" if after else str(occurrence)
