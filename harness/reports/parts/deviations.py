"""Deviations of a port, grouped by check and outcome, the smallest case first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import RANKS, Outcome, Standing, Variant
from harness.procedures.registry import CHECK_ORDER
from harness.reports.parts.smallest_case import (
    Links,
    SmallestCase,
    build_link,
    build_links,
    build_smallest_case,
    sort_by_size,
)
from harness.text import count_noun, join_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.model.check import Check
    from harness.reports.parts.index import Index
    from harness.results.cells import Verdict
    from harness.results.schema import PortRecord

MAXIMUM_PATTERNS = 8
OTHER_WORDINGS = "with other details"


@dataclass(frozen=True)
class DetailPattern:
    """Deviations whose details differ only in numbers; `detail` is that of the first."""

    detail: str
    cases: Links


@dataclass(frozen=True)
class DeviationGroup:
    """The deviations of one check with one outcome.

    The fields that end in `_text` are for people: `cases_text` names the case or counts the cases,
    `kinds_text` counts them by kind, `other_ports_text` compares other ports,
    `blocked_checks_text` counts the checks that the deviations block, and `remaining_text` those
    that remain in the fixed port.
    """

    check: Check
    outcome: Outcome
    anchor: str
    cases_text: str
    kinds_text: str
    other_ports_text: str
    blocked_checks_text: str
    remaining_text: str
    patterns: tuple[DetailPattern, ...]
    example: SmallestCase | None


def group_by_check_and_outcome(
    verdicts: Iterable[Verdict],
) -> dict[tuple[Check, Outcome], list[Verdict]]:
    """Return verdicts by check and outcome, in the order of the checks, the worst outcome first."""
    groups: dict[tuple[Check, Outcome], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.check, verdict.outcome), []).append(verdict)
    return {
        key: groups[key]
        for key in sorted(groups, key=lambda key: (CHECK_ORDER[key[0]], RANKS[key[1]]))
    }


def select_shared(verdicts: Iterable[Verdict], others: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts whose case and check also occur among `others`."""
    keys = {(other.case, other.check) for other in others}
    return [verdict for verdict in verdicts if (verdict.case, verdict.check) in keys]


def select_others(verdicts: Iterable[Verdict], others: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts whose case and check do not occur among `others`."""
    keys = {(other.case, other.check) for other in others}
    return [verdict for verdict in verdicts if (verdict.case, verdict.check) not in keys]


def group_deviations(
    index: Index, port: PortRecord, verdicts: Iterable[Verdict]
) -> tuple[DeviationGroup, ...]:
    """Return the groups of some deviations of a port."""
    groups = group_by_check_and_outcome(verdicts).values()
    return tuple(build_deviation_group(index, port, group) for group in groups)


def build_deviation_group(
    index: Index, port: PortRecord, verdicts: Sequence[Verdict]
) -> DeviationGroup:
    """Return the group of some verdicts of one check and outcome."""
    sorted_verdicts = sort_by_size(index, verdicts)
    first = sorted_verdicts[0]
    return DeviationGroup(
        check=first.check,
        outcome=first.outcome,
        anchor=index.build_group_anchor(port, first.check, first.outcome),
        cases_text=describe_cases(index, port, sorted_verdicts),
        kinds_text=describe_kinds(index, sorted_verdicts),
        other_ports_text=describe_other_ports(index, port, first),
        blocked_checks_text=describe_blocked_checks(index, port, sorted_verdicts),
        remaining_text=describe_remaining(index, port, sorted_verdicts),
        patterns=group_by_wording(index, port, sorted_verdicts),
        example=build_smallest_case(index, port, first),
    )


def describe_cases(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> str:
    """Return the first case and the number of others: `three-cycle and 4 more cases`."""
    first_name, others = build_link(index, port, verdicts[0].case).name, len(verdicts) - 1
    return f"{first_name} and {count_noun(others, 'more case')}" if others else first_name


def describe_kinds(index: Index, verdicts: Sequence[Verdict]) -> str:
    """Return the number of cases of each kind: `4 of 10 overdetermined cases`."""
    names = {verdict.case for verdict in verdicts}
    parts = []
    for kind, cases in index.cases_by_kind.items():
        if number := sum(case.name in names for case in cases):
            parts.append(f"{number} of {len(cases)} {kind}")
    return f"{join_words(parts)} cases" if parts else "the listing’s own example"


def describe_other_ports(index: Index, port: PortRecord, verdict: Verdict) -> str:
    """Return a sentence about the outcomes of other ports for the check and case of a verdict."""
    all_standings = index.find_standings(verdict.case)[verdict.check]
    standings = [(other, standing) for other, standing in all_standings if other is not port]
    conforming = [other for other, standing in standings if standing is Standing.CONFORMING]
    deviating = [
        index.format_port_name(other)
        for other, standing in standings
        if standing is Standing.DEVIATING
    ]
    if verdict.case not in index.cases_by_name or not conforming + deviating:
        return ""
    conform = "conforms" if len(conforming) == 1 else "conform"
    other_ports = count_noun(len(standings), "other port")
    sentence = f"On {verdict.case}, {len(conforming)} of {other_ports} {conform}"
    if not deviating:
        return f"{sentence}."
    deviate = "deviates" if len(deviating) == 1 else "deviate"
    return f"{sentence}; {join_words(deviating)} {deviate} too."


def describe_blocked_checks(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> str:
    """Return a sentence with the number of later checks that some deviations block, if any."""
    number = sum(
        later.follows == verdict.check and later.outcome is Outcome.BLOCKED
        for verdict in verdicts
        for later in index.list_verdicts(port, verdict.case)
    )
    checks = count_noun(number, "later check")
    return f"{checks} could not be judged because of it." if number else ""


def describe_remaining(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> str:
    """Return a sentence with the number of deviations that remain in the fixed port, if it ran."""
    if index.variant is Variant.FIXED or port.fixed is None or port.fixed.trouble:
        return ""
    number = len(select_shared(verdicts, index.fixed.collect_deviations(port)))
    remain = "remains" if number == 1 else "remain"
    return f"With the patches of its findings, {number} of {len(verdicts)} {remain}."


def group_by_wording(
    index: Index, port: PortRecord, verdicts: Sequence[Verdict]
) -> tuple[DetailPattern, ...]:
    """Return verdicts grouped by the wording of their details, apart from numbers.

    After MAXIMUM_PATTERNS wordings, all others form one group.
    """
    groups: dict[int | None, list[Verdict]] = {}
    for verdict in verdicts:
        wording: int | None = verdict.mark.wording
        if wording not in groups and len(groups) >= MAXIMUM_PATTERNS:
            wording = None
        groups.setdefault(wording, []).append(verdict)
    return tuple(
        DetailPattern(
            OTHER_WORDINGS if wording is None else index.read_verdict(group[0]).detail,
            build_links(index, port, group),
        )
        for wording, group in groups.items()
    )
