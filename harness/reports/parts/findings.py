"""The known faults of each port: where they are, what they explain, and that a patch cures them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.parts.deviations import shared, ways
from harness.reports.parts.listings import CodeLine, listing, patch
from harness.reports.parts.smallest import Link, Smallest, by_size, link, smallest
from harness.text import count_noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.check import Check
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import FindingRecord, PortRecord, VerdictRecord

MOST_LINKS = 12
"""Of more cases the first are named, and the others folded away."""


@dataclass(frozen=True)
class Explained:
    """Deviations that a finding explains: one outcome of one check, in some cases."""

    check: Check
    outcome: Outcome
    count: int
    cases: tuple[Link, ...]
    folded: tuple[Link, ...]


@dataclass(frozen=True)
class Breadth:
    """A claim that takes in more than is named, and why that hides nothing."""

    check: Check
    why: str


@dataclass(frozen=True)
class Card:
    """A finding. It explains `before` deviations as published, of which `after` are left in the
    fixed port; `after` is None where that was not run."""

    finding: FindingRecord
    place: str
    where: str
    before: int
    after: int | None
    code: tuple[CodeLine, ...]
    patch: tuple[CodeLine, ...]
    explained: tuple[Explained, ...]
    breadths: tuple[Breadth, ...]
    example: Smallest | None


@dataclass(frozen=True)
class Dossier:
    """A port's findings, those first that explain most; `sentence` says how much they explain."""

    port: PortRecord
    title: str
    place: str
    sentence: str
    clean: bool
    cards: tuple[Card, ...]


def dossiers(index: Index) -> tuple[Dossier, ...]:
    """What is known of every port's faults, the ports first that deviate most."""
    ports = sorted(index.ports, key=lambda port: -len(index.deviations(port)))
    return tuple(dossier(index, port) for port in ports)


def dossier(index: Index, port: PortRecord) -> Dossier:
    """What is known of a port's faults."""
    findings, deviations = index.findings(port), index.deviations(port)
    cards = [card(index, port, finding, deviations) for finding in findings]
    return Dossier(
        port=port,
        title=index.called(port),
        place=index.port_place(port),
        sentence=sentence(port, findings, deviations),
        clean=not (port.trouble or findings or deviations),
        cards=tuple(sorted(cards, key=lambda card: -card.before)),
    )


def sentence(
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


def card(
    index: Index, port: PortRecord, finding: FindingRecord, deviations: Sequence[VerdictRecord]
) -> Card:
    """A finding with what came of it in a run."""
    mine = by_size(index, (verdict for verdict in deviations if verdict.finding == finding.id))
    return Card(
        finding=finding,
        place=index.finding_places[port.name, finding.id],
        where=lines_in_words(finding.lines),
        before=len(mine),
        after=left(index, port, mine),
        code=listing(port.source, finding.lines),
        patch=patch(finding.patch),
        explained=explained(index, port, mine),
        breadths=tuple(Breadth(claim.check, claim.why) for claim in finding.claims if claim.why),
        example=next((shown for v in mine if (shown := smallest(index, port, v))), None),
    )


def left(index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]) -> int | None:
    """How many deviations there are in the fixed port too; None where that was not run."""
    if port.fixed is None or port.fixed.trouble:
        return None
    return len(shared(verdicts, index.fixed.deviations(port)))


def explained(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> tuple[Explained, ...]:
    """What a finding explains, by check and outcome."""
    found = []
    for (check, outcome), group in ways(verdicts).items():
        links = tuple(link(index, port, verdict.case) for verdict in group)
        found.append(Explained(check, outcome, len(links), links[:MOST_LINKS], links[MOST_LINKS:]))
    return tuple(found)


def lines_in_words(lines: Sequence[tuple[int, int]]) -> str:
    """`line 14`, `lines 9, 26–30`."""
    parts = [f"{first}" if first == last else f"{first}–{last}" for first, last in lines]
    many = len(parts) > 1 or any(first != last for first, last in lines)
    return f"{'lines' if many else 'line'} {', '.join(parts)}" if parts else ""
