"""Known faults of a port, and the deviations that they explain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from harness.model.patch import Patch

FINDINGS_FILE = "findings.yaml"
"""The name of the file in a port's folder that lists its findings."""


FINDING_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
"""The name of a finding. It has the characters of the names of cases."""

WILDCARD_PATTERN = re.compile(r"[*?\[]")


class Place(StrEnum):
    """The text that a finding blames: a procedure of the listing, the driver, or the choice of the
    number type with which the listing's procedures are called."""

    LISTING = "listing"
    DRIVER = "driver"
    NUMBER_TYPE = "number type"


Lines = tuple[int, int]
"""The first and last line of a range in a listing, from 1."""


@dataclass(frozen=True)
class Claim:
    """Deviations that a finding explains: those of one check, on the cases that match a pattern.

    In the patterns `cases`, `*` stands for any text. `outcome`, if given, limits the claim to
    deviations with this outcome.
    """

    check: Check
    cases: tuple[str, ...]
    outcome: Outcome | None = None
    why: str = ""

    def covers(self, check: Check, case: str, outcome: Outcome) -> bool:
        """Return whether the claim includes this deviation."""
        return self.is_about(check, outcome) and (
            case in self._names or any(fnmatchcase(case, pattern) for pattern in self._wildcards)
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.cases)

    @cached_property
    def _wildcards(self) -> tuple[str, ...]:
        return tuple(filter(WILDCARD_PATTERN.search, self.cases))

    def is_about(self, check: Check, outcome: Outcome) -> bool:
        """Return whether the claim includes deviations of this check and outcome on some case."""
        return check == self.check and self.outcome in (None, outcome)


@dataclass(frozen=True)
class Finding:
    """A known fault of a port: its place, its explanation, its claims and its correction.

    `lines` are lines of the listing. `procedure` is empty, and `lines` may be, where `place` is not
    the listing.

    Where the patch cannot be applied, `patch` is None and `trouble` is the reason.
    """

    id: str
    title: str
    procedure: str
    lines: tuple[Lines, ...]
    explanation: str
    claims: tuple[Claim, ...]
    patch: Patch | None
    trouble: str = ""
    place: Place = Place.LISTING

    def explains(self, check: Check, case: str, outcome: Outcome) -> bool:
        """Return whether one of the claims includes this deviation."""
        return any(claim.covers(check, case, outcome) for claim in self.claims)


@dataclass(frozen=True)
class Deviation:
    """A deviation of a published port, with what claims refer to."""

    check: Check
    case: str
    outcome: Outcome


def find_explanation(findings: Iterable[Finding], deviation: Deviation) -> Finding | None:
    """Return the first finding that explains a deviation, or None."""
    check, case, outcome = deviation.check, deviation.case, deviation.outcome
    return next((finding for finding in findings if finding.explains(check, case, outcome)), None)


def list_finding_problems(
    finding: Finding,
    deviations: Sequence[Deviation],
    cases: Sequence[str],
    absent_cases: Collection[str] = (),
) -> Iterator[str]:
    """Yield the problems of a finding, as sentences, after a run of its port on all of `cases`.

    A pattern that matches one of `absent_cases`, which are those of other runs, makes no problem.
    """
    if finding.trouble:
        yield finding.trouble
    by_kind: dict[tuple[Check, Outcome], set[str]] = {}
    for deviation in deviations:
        by_kind.setdefault((deviation.check, deviation.outcome), set()).add(deviation.case)
    unused = []
    for claim in finding.claims:
        groups = (group for kind, group in by_kind.items() if claim.is_about(*kind))
        claimed = set().union(*groups)
        unused += [
            (claim, pattern)
            for pattern in claim.cases
            if not matches_any(pattern, claimed) and not matches_any(pattern, absent_cases)
        ]
    if len(unused) == sum(len(claim.cases) for claim in finding.claims):
        yield "it explains nothing any more"
        return
    names = frozenset(cases)
    for claim, pattern in unused:
        if not matches_any(pattern, names):
            yield f"`{pattern}` (under {claim.check}) matches no case"
        else:
            qualifier = f"{claim.outcome} " if claim.outcome else ""
            yield f"`{pattern}` matches no {qualifier}deviation of {claim.check} any more"


def list_claims_without_reason(
    finding: Finding,
    cases_by_check: Mapping[Check, Collection[str]],
    absent_cases: Collection[str] = (),
) -> Iterator[str]:
    """Yield a sentence for each check of which the finding claims most cases without a reason.

    `cases_by_check` holds the cases that have a verdict on each check. A pattern is judged by the
    cases that it matches, not by its spelling: those of the run, and together with `absent_cases`,
    which are those of other runs. Cases that a claim names, and claims with a reason, do not count.
    """
    for check in dict.fromkeys(claim.check for claim in finding.claims):
        patterns = [
            pattern
            for claim in finding.claims
            if claim.check == check and not claim.why
            for pattern in claim.cases
            if WILDCARD_PATTERN.search(pattern)
        ]
        cases = cases_by_check.get(check, ())
        matched, matched_elsewhere = (
            sum(any(fnmatchcase(case, pattern) for pattern in patterns) for case in group)
            for group in (cases, absent_cases)
        )
        claims_most = 2 * (matched + matched_elsewhere) > len(cases) + len(absent_cases)
        if matched > 1 and 2 * matched > len(cases) and claims_most:
            yield (
                f"its patterns match {matched} of the {len(cases)} cases of {check}, and `why` "
                "gives no reason: name the cases, or explain why no second fault can hide there"
            )


def matches_any(pattern: str, cases: Collection[str]) -> bool:
    """Return whether a pattern matches at least one of some cases."""
    if not WILDCARD_PATTERN.search(pattern):
        return pattern in cases
    return any(fnmatchcase(case, pattern) for case in cases)
