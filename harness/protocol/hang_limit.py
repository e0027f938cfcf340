"""The number of hangs after which a port is asked no more cases of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.text import count_noun

if TYPE_CHECKING:
    from harness.protocol.connection import CaseLimits


class HangLimit:
    """The hangs of a port, and the kinds of cases that it is not asked any more.

    A port that answers many cases may hang more often. Once it has hung too often, no more cases of
    the kind at which it hung are asked; the other kinds are, each until its first further hang.
    """

    def __init__(self, limits: CaseLimits) -> None:
        self._limits = limits
        self._hangs = 0
        self._answers = 0
        self._reasons: dict[str, str] = {}

    def add(self, kind: str, hung: bool) -> None:
        """Count a case of a kind, which was answered or hung."""
        self._answers += not hung
        self._hangs += hung
        if hung and self._hangs >= self._allowed:
            self._reasons[kind] = f"not asked after {count_noun(self._hangs, 'hang')}"

    def explain(self, kind: str) -> str:
        """Return why cases of a kind are not asked any more; nothing while they are."""
        return self._reasons.get(kind, "")

    @property
    def _allowed(self) -> int:
        limits = self._limits
        more = self._answers // limits.answers_per_hang
        return min(limits.hangs + more, max(limits.hangs_in_all, limits.hangs))
