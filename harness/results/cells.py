"""Verdicts without their texts, small enough to hold those of a large run in memory.

A run of 20 ports on 10,000 cases has millions of verdicts, and nearly all of them are alike. Cells
with the same marks share one `Marks`. The texts, the printed numbers and the pivots stay in the
file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from harness.model.verdict import Outcome, Standing, Variant
from harness.text import shorten_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.model.check import Check
    from harness.model.port_claim import PortClaim
    from harness.results.schema import VerdictRecord

NUMBER_PATTERN = re.compile(r"[−-]?\d[\d.]*(?:e[−+-]?\d+)?(?:, (?=[−\d-])|, …)?")


class Mark(NamedTuple):
    """A verdict without its port, its case and its texts.

    `wording` is equal for two details that differ only in numbers; see `has_wording`. `recurs` is
    false for a deviation that does not occur each time that the case is asked. `claims` are those
    claims of the port that it tests, or that limit the answer.
    """

    check: Check
    outcome: Outcome
    finding: str | None
    follows: Check | None
    recurs: bool
    wording: int
    claims: tuple[PortClaim, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The marks of one cell, in the order of the file, and those of them that deviate."""

    all: tuple[Mark, ...]
    deviating: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict on one variant of a port and one case, without its texts."""

    port: str
    variant: Variant
    case: str
    mark: Mark

    @property
    def check(self) -> Check:
        """The check."""
        return self.mark.check

    @property
    def outcome(self) -> Outcome:
        """The outcome of the check."""
        return self.mark.outcome

    @property
    def finding(self) -> str | None:
        """The name of the finding that explains the deviation."""
        return self.mark.finding

    @property
    def follows(self) -> Check | None:
        """The earlier check whose fault caused this one."""
        return self.mark.follows

    @property
    def standing(self) -> Standing:
        """The standing of the outcome: conforming, deviating, or neither."""
        return self.mark.outcome.standing

    @property
    def unexplained(self) -> bool:
        """True for a deviation that no finding explains, such as any deviation of a fixed port."""
        return self.mark.outcome.deviates and self.mark.finding is None


@dataclass(frozen=True, slots=True)
class Cell:
    """The verdicts on one variant of a port and one case, and the seconds that the answer took.

    `position` is that of its line in the file, in bytes.
    """

    marks: Marks
    seconds: float
    position: int


Cells = dict[str, Cell]
"""The cells of one variant of a port by case. That of its own example is `published`."""


def list_verdicts(
    port: str, variant: Variant, cells: Iterable[tuple[str, Cell]], deviating: bool = False
) -> Iterator[Verdict]:
    """Yield the verdicts of some cells of a variant of a port, or only those that deviate."""
    for case, cell in cells:
        for mark in cell.marks.deviating if deviating else cell.marks.all:
            yield Verdict(port, variant, case, mark)


@dataclass(frozen=True)
class MarkPool:
    """The marks of a run, each once. Several threads may use it."""

    _marks: dict[Mark, Mark] = field(default_factory=dict)
    _tuples: dict[tuple[Mark, ...], Marks] = field(default_factory=dict)

    def collect(self, verdicts: Iterable[VerdictRecord]) -> Marks:
        """Return the marks of the verdicts of a cell."""
        marks = tuple(map(self._make_mark, verdicts))
        known = self._tuples.get(marks)
        if known is None:
            deviating = tuple(mark for mark in marks if mark.outcome.deviates)
            known = self._tuples.setdefault(marks, Marks(marks, deviating))
        return known

    def _make_mark(self, verdict: VerdictRecord) -> Mark:
        mark = Mark(
            check=verdict.check,
            outcome=verdict.outcome,
            finding=verdict.finding,
            follows=verdict.follows,
            recurs=verdict.recurrence is None,
            wording=hash_wording(verdict.detail) if has_wording(verdict.outcome) else 0,
            claims=verdict.claims,
        )
        return self._marks.setdefault(mark, mark)


def has_wording(outcome: Outcome) -> bool:
    """Return whether reports distinguish verdicts of an outcome by their details."""
    return outcome.deviates or outcome is Outcome.GIVEN_UP


def hash_wording(detail: str) -> int:
    """Return a number that is equal for two details that differ only in numbers."""
    return hash(NUMBER_PATTERN.sub("#", shorten_sentence(detail)))
