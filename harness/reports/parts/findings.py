"""The known faults of each port: where they are, what they explain, and that a patch cures them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.parts.deviations import group_by_check_and_outcome, select_shared
from harness.reports.parts.listings import CodeLine, build_listing_lines, build_patch_lines
from harness.reports.parts.smallest_case import (
    Link,
    SmallestCase,
    build_link,
    build_smallest_case,
    sort_by_size,
)
from harness.text import count_noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.check import Check
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import FindingRecord, PortRecord, VerdictRecord

MAXIMUM_LINKS = 12
"""Of more cases the first are named, and the others folded away."""


@dataclass(frozen=True)
class ExplainedDeviations:
    """Deviations that a finding explains: one outcome of one check, in some cases."""

    check: Check
    outcome: Outcome
    count: int
    cases: tuple[Link, ...]
    folded: tuple[Link, ...]


@dataclass(frozen=True)
class BroadClaim:
    """A claim that takes in more than is named, and why that hides nothing."""

    check: Check
    why: str


@dataclass(frozen=True)
class FindingCard:
    """A finding. It explains `before` deviations as published, of which `after` are left in the
    fixed port; `after` is None where that was not run."""

    finding: FindingRecord
    place: str
    where: str
    before: int
    after: int | None
    code: tuple[CodeLine, ...]
    patch: tuple[CodeLine, ...]
    explained: tuple[ExplainedDeviations, ...]
    breadths: tuple[BroadClaim, ...]
    example: SmallestCase | None


@dataclass(frozen=True)
class PortFindings:
    """A port's findings, those first that explain most; `describe_explained` says how much they explain."""

    port: PortRecord
    title: str
    place: str
    sentence: str
    clean: bool
    cards: tuple[FindingCard, ...]


def build_findings_of_ports(index: Index) -> tuple[PortFindings, ...]:
    """What is known of every port's faults, the ports first that deviate most."""
    ports = sorted(index.ports, key=lambda port: -len(index.deviations(port)))
    return tuple(build_findings_of_port(index, port) for port in ports)


def build_findings_of_port(index: Index, port: PortRecord) -> PortFindings:
    """What is known of a port's faults."""
    findings, deviations = index.findings(port), index.deviations(port)
    cards = [build_finding_card(index, port, finding, deviations) for finding in findings]
    return PortFindings(
        port=port,
        title=index.called(port),
        place=index.port_place(port),
        sentence=describe_explained(port, findings, deviations),
        clean=not (port.trouble or findings or deviations),
        cards=tuple(sorted(cards, key=lambda card: -card.before)),
    )


def describe_explained(
    port: PortRecord, findings: Sequence[FindingRecord], deviations: Sequence[VerdictRecord]
) -> str:
    """How much of what deviates is explained."""
    if port.trouble:
        return "It could not be run."
    if not deviations:
        return "No deviation."
    explained = sum(not verdict.unexplained for verdict in deviations)
    if not findings:
        return f"{count_noun(len(deviations), 'deviation')}, and no finding is recorded."
    who = (
        f"{count_noun(len(findings), 'finding')} {'explains' if len(findings) == 1 else 'explain'}"
    )
    what = count_noun(len(deviations), "deviation")
    if explained < len(deviations):
        return f"{who} {explained} of {what}."
    return f"{who} the only deviation." if explained == 1 else f"{who} all {what}."


def build_finding_card(
    index: Index, port: PortRecord, finding: FindingRecord, deviations: Sequence[VerdictRecord]
) -> FindingCard:
    """A finding with what came of it in a run."""
    mine = sort_by_size(index, (verdict for verdict in deviations if verdict.finding == finding.id))
    return FindingCard(
        finding=finding,
        place=index.finding_places[port.name, finding.id],
        where=format_line_ranges(finding.lines),
        before=len(mine),
        after=count_remaining(index, port, mine),
        code=build_listing_lines(port.source, finding.lines),
        patch=build_patch_lines(finding.patch),
        explained=group_explained(index, port, mine),
        breadths=tuple(BroadClaim(claim.check, claim.why) for claim in finding.claims if claim.why),
        example=next((shown for v in mine if (shown := build_smallest_case(index, port, v))), None),
    )


def count_remaining(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> int | None:
    """How many deviations there are in the fixed port too; None where that was not run."""
    if port.fixed is None or port.fixed.trouble:
        return None
    return len(select_shared(verdicts, index.fixed.deviations(port)))


def group_explained(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> tuple[ExplainedDeviations, ...]:
    """What a finding explains, by check and outcome."""
    found = []
    for (check, outcome), group in group_by_check_and_outcome(verdicts).items():
        links = tuple(build_link(index, port, verdict.case) for verdict in group)
        found.append(
            ExplainedDeviations(
                check, outcome, len(links), links[:MAXIMUM_LINKS], links[MAXIMUM_LINKS:]
            )
        )
    return tuple(found)


def format_line_ranges(lines: Sequence[tuple[int, int]]) -> str:
    """`line 14`, `lines 9, 26–30`."""
    parts = [f"{first}" if first == last else f"{first}–{last}" for first, last in lines]
    many = len(parts) > 1 or any(first != last for first, last in lines)
    return f"{'lines' if many else 'line'} {', '.join(parts)}" if parts else ""
