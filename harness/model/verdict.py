"""Outcomes, their meaning for a port's conformance, and judgements."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.port_claim import PortClaim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.model.pivot import PivotChoice


class Variant(StrEnum):
    """The variant of a port that was run: as published, or with the patches of its findings."""

    PUBLISHED = "published"
    FIXED = "fixed"


class Standing(StrEnum):
    """The meaning of an outcome for a port's conformance."""

    CONFORMING = "conforming"
    DEVIATING = "deviating"
    NEITHER = "neither"


class Outcome(StrEnum):
    """The answer to a check."""

    RIGHT = "right"
    REFUSED = "refused"
    DECLINED = "declined"
    DEFENSIBLE = "defensible"
    LIMIT = "limit"
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
        """The meaning of this outcome for the port's conformance."""
        if self in CONFORMING:
            return Standing.CONFORMING
        return Standing.NEITHER if self in NEITHER else Standing.DEVIATING

    @property
    def deviates(self) -> bool:
        """True if this outcome is a deviation of the port."""
        return self.standing is Standing.DEVIATING


CONFORMING = frozenset(
    {Outcome.RIGHT, Outcome.REFUSED, Outcome.DECLINED, Outcome.DEFENSIBLE, Outcome.LIMIT}
)
NEITHER = frozenset({Outcome.BLOCKED, Outcome.ABSENT, Outcome.GIVEN_UP, Outcome.NOT_JUDGED})


@dataclass(frozen=True)
class Judgement:
    """The outcome of one check for one transcript.

    `detail` is a sentence for people. `entries` are the deviating entries of the check's stage, as
    (row, column) from 0. `measures` are the numbers that decide the outcome, by name (`ratio`,
    `digits`, …). `follows` is the check whose fault causes this outcome, if there is one. `trace`
    are the steps of a replayed elimination, if the check is about pivots. `claims` are those
    claims of the port that the judgement tests, or that limit the answer.
    """

    check: Check
    outcome: Outcome
    detail: str = ""
    entries: tuple[tuple[int, int], ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    follows: Check | None = None
    trace: tuple[PivotChoice, ...] = ()
    claims: tuple[PortClaim, ...] = ()


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
    Outcome.LIMIT,
    Outcome.DEFENSIBLE,
    Outcome.DECLINED,
    Outcome.REFUSED,
    Outcome.RIGHT,
    Outcome.ABSENT,
)
"""The outcomes, the worst first. A report shows the worst outcome of a case."""

RANKS = {outcome: rank for rank, outcome in enumerate(SEVERITY)}
