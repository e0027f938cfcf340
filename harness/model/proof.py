"""Claimed deviations, and what the patches of a port's findings do to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.model.check import Check


@dataclass(frozen=True)
class ClaimedDeviation:
    """A deviation of a port as published, and the finding that claims it.

    `blocked` are the checks of the same printed result that the deviation blocks.
    """

    finding: str
    case: str
    check: Check
    blocked: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What the patches of a port's findings do to one claimed deviation.

    `necessary` names the findings whose patches are necessary, in their order. `alone` is True if
    the patch of the claiming finding cures the deviation without the others. `moves` is True if,
    without that patch, another check of the same printed result deviates in place of this one.
    """

    deviation: ClaimedDeviation
    necessary: tuple[str, ...]
    alone: bool
    moves: bool = False

    @property
    def holds(self) -> bool:
        """True if the claim stands.

        Where several patches cure a deviation each by itself, none is necessary, and a claim of any
        of them stands.
        """
        return self.deviation.finding in self.necessary or (not self.necessary and self.alone)
