"""Deviations of a port, grouped by what went wrong, the smallest example first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import RANKS, Outcome, Standing, Variant
from harness.reports.parts.index import CHECK_ORDER
from harness.reports.parts.smallest_case import (
    Link,
    SmallestCase,
    build_link,
    build_smallest_case,
    sort_by_size,
)
from harness.text import count_noun, join_words, shorten_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.model.check import Check
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord, VerdictRecord

MAXIMUM_PATTERNS = 8
OTHER_WORDINGS = "in other words"

NUMBER_PATTERN = re.compile(r"[−-]?\d[\d.]*(?:e[−+-]?\d+)?(?:, (?=[−\d-])|, …)?")


@dataclass(frozen=True)
class DetailPattern:
    """Deviations whose details differ in nothing but numbers; `detail` is of the first."""

    detail: str
    cases: tuple[Link, ...]


@dataclass(frozen=True)
class DeviationGroup:
    """The same outcome of the same check, in one case or several; `describe_cases` names or counts them.

    `describe_remaining` says how many are there in the fixed port too.
    """

    check: Check
    outcome: Outcome
    place: str
    where: str
    spread: str
    company: str
    consequences: str
    left: str
    patterns: tuple[DetailPattern, ...]
    example: SmallestCase | None


def group_by_check_and_outcome(
    verdicts: Iterable[VerdictRecord],
) -> dict[tuple[Check, Outcome], list[VerdictRecord]]:
    """Deviations by the check and its outcome, in the order of the checks."""
    found: dict[tuple[Check, Outcome], list[VerdictRecord]] = {}
    for verdict in verdicts:
        found.setdefault((verdict.check, verdict.outcome), []).append(verdict)
    return {
        way: found[way]
        for way in sorted(found, key=lambda way: (CHECK_ORDER[way[0]], RANKS[way[1]]))
    }


def select_shared(
    verdicts: Iterable[VerdictRecord], others: Iterable[VerdictRecord]
) -> list[VerdictRecord]:
    """The verdicts on whose case and check there is one among the others too."""
    keys = {(other.case, other.check) for other in others}
    return [verdict for verdict in verdicts if (verdict.case, verdict.check) in keys]


def group_deviations(
    index: Index, port: PortRecord, verdicts: Iterable[VerdictRecord]
) -> tuple[DeviationGroup, ...]:
    """Deviations of a port in groups."""
    return tuple(
        build_deviation_group(index, port, group)
        for group in group_by_check_and_outcome(verdicts).values()
    )


def build_deviation_group(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> DeviationGroup:
    """A group from its verdicts, the smallest system first."""
    ordered = sort_by_size(index, verdicts)
    first = ordered[0]
    return DeviationGroup(
        check=first.check,
        outcome=first.outcome,
        place=index.group_place(port, first.check, first.outcome),
        where=describe_cases(index, port, ordered),
        spread=describe_kinds(index, ordered),
        company=describe_other_ports(index, port, first),
        consequences=describe_blocked_checks(index, port, ordered),
        left=describe_remaining(index, port, ordered),
        patterns=group_by_wording(index, port, ordered),
        example=build_smallest_case(index, port, first),
    )


def describe_cases(index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]) -> str:
    """`three-cycle`, or `three-cycle and 4 more cases`: where a group deviates."""
    first, more = build_link(index, port, verdicts[0].case).name, len(verdicts) - 1
    return f"{first} and {count_noun(more, 'more case')}" if more else first


def describe_kinds(index: Index, verdicts: Sequence[VerdictRecord]) -> str:
    """Of which kinds the cases are: `4 of 10 overdetermined cases`."""
    names = {verdict.case for verdict in verdicts}
    parts = []
    for kind, cases in index.kinds.items():
        if number := sum(case.name in names for case in cases):
            parts.append(f"{number} of {len(cases)} {kind}")
    return f"{join_words(parts)} cases" if parts else "the listing’s own example"


def describe_other_ports(index: Index, port: PortRecord, verdict: VerdictRecord) -> str:
    """What the same check says of the other ports about the same case."""
    others = [
        (index.called(other), same.standing)
        for other in index.ports
        if other.name != port.name
        for same in index.grouped_verdicts.get((other.name, verdict.case), ())
        if same.check is verdict.check
    ]
    conforming = [name for name, standing in others if standing is Standing.CONFORMING]
    deviating = [name for name, standing in others if standing is Standing.DEVIATING]
    if verdict.case not in index.cases or not conforming + deviating:
        return ""
    agree = "conforms" if len(conforming) == 1 else "conform"
    told = (
        f"On {verdict.case}, {len(conforming)} of {count_noun(len(others), 'other port')} {agree}"
    )
    if not deviating:
        return f"{told}."
    return (
        f"{told}; {join_words(deviating)} {'deviates' if len(deviating) == 1 else 'deviate'} too."
    )


def describe_blocked_checks(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> str:
    """How many later checks could not be judged because of these."""
    number = sum(
        later.follows is verdict.check and later.outcome is Outcome.BLOCKED
        for verdict in verdicts
        for later in index.grouped_verdicts.get((port.name, verdict.case), ())
    )
    return (
        f"{count_noun(number, 'later check')} could not be judged because of it." if number else ""
    )


def describe_remaining(index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]) -> str:
    """How many of these deviate in the fixed port too, where that was run."""
    if index.variant is Variant.FIXED or port.fixed is None or port.fixed.trouble:
        return ""
    number = len(select_shared(verdicts, index.fixed.deviations(port)))
    return f"With the patches of its findings, {number} of {len(verdicts)} are left."


def group_by_wording(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> tuple[DetailPattern, ...]:
    """Verdicts by the wording of their details; past the first few wordings, together."""
    found: dict[str, list[VerdictRecord]] = {}
    for verdict in verdicts:
        wording = NUMBER_PATTERN.sub("#", shorten_sentence(verdict.detail))
        if wording not in found and len(found) >= MAXIMUM_PATTERNS:
            wording = OTHER_WORDINGS
        found.setdefault(wording, []).append(verdict)
    return tuple(
        DetailPattern(
            wording if wording == OTHER_WORDINGS else group[0].detail,
            tuple(build_link(index, port, verdict.case) for verdict in group),
        )
        for wording, group in found.items()
    )
