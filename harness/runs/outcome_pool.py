"""The outcomes of answers, each combination once: those of most answers are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.model.check import Check
    from harness.model.verdict import Outcome


class OutcomePool:
    """The combinations of outcomes so far. One thread uses it."""

    def __init__(self) -> None:
        self._mappings: dict[tuple[tuple[Check, Outcome], ...], dict[Check, Outcome]] = {}

    def share(self, outcomes: Iterable[tuple[Check, Outcome]]) -> Mapping[Check, Outcome]:
        """Return outcomes by check. Equal ones are the same object."""
        pairs = tuple(outcomes)
        shared = self._mappings.get(pairs)
        if shared is None:
            shared = self._mappings[pairs] = dict(pairs)
        return shared
