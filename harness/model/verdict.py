"""Outcomes, what they say of a port, and judgements."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.model.check import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.model.pivot import PivotChoice


class Variant(StrEnum):
    """Which text of a port was run: its listing as published, or with its findings' patches."""

    PUBLISHED = "published"
    FIXED = "fixed"


class Standing(StrEnum):
    """What an outcome says of a port's conformance."""

    CONFORMING = "conforming"
    DEVIATING = "deviating"
    NEITHER = "neither"


class Outcome(StrEnum):
    """The answer to a check."""

    RIGHT = "right"
    DECLINED = "declined"
    DEFENSIBLE = "defensible"
    WRONG = "wrong"
    SILENT = "silent"
    INACCURATE = "inaccurate"
    CRASHED = "crashed"
    HUNG = "hung"
    UNREADABLE = "unreadable"
    BLOCKED = "blocked"
    ABSENT = "absent"
    GIVEN_UP = "given up"
    NOT_JUDGED = "not judged"

    @property
    def standing(self) -> Standing:
        """Whether this outcome conforms, deviates, or says nothing of the port."""
        if self in CONFORMING:
            return Standing.CONFORMING
        return Standing.NEITHER if self in NEITHER else Standing.DEVIATING

    @property
    def deviates(self) -> bool:
        """Whether this outcome counts against the port."""
        return self.standing is Standing.DEVIATING


CONFORMING = frozenset({Outcome.RIGHT, Outcome.DECLINED, Outcome.DEFENSIBLE})
NEITHER = frozenset({Outcome.BLOCKED, Outcome.ABSENT, Outcome.GIVEN_UP, Outcome.NOT_JUDGED})


@dataclass(frozen=True)
class Judgement:
    """One check's answer for one transcript.

    `detail` is a sentence for people. `entries` are the deviating entries of the stage that the
    check looks at, as (row, column) from 0; `measures` are the figures that the answer rests on,
    by name (`ratio`, `digits`, …); `follows` names the check whose fault this one hangs on, where
    it does; `trace` are the steps of a replayed elimination, where the check is about those.
    """

    check: Check
    outcome: Outcome
    detail: str = ""
    entries: tuple[tuple[int, int], ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    follows: Check | None = None
    trace: tuple[PivotChoice, ...] = ()


SEVERITY = (
    Outcome.NOT_JUDGED,
    Outcome.CRASHED,
    Outcome.HUNG,
    Outcome.WRONG,
    Outcome.SILENT,
    Outcome.UNREADABLE,
    Outcome.INACCURATE,
    Outcome.BLOCKED,
    Outcome.GIVEN_UP,
    Outcome.DEFENSIBLE,
    Outcome.DECLINED,
    Outcome.RIGHT,
    Outcome.ABSENT,
)
"""The outcomes, worst first: a case is shown by the worst of its checks."""

RANKS = {outcome: rank for rank, outcome in enumerate(SEVERITY)}
