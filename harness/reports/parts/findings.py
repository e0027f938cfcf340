"""The findings of each port: faulty lines, explained deviations, and those that a patch leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.finding import Place
from harness.reports.parts import failures
from harness.reports.parts.claims import ClaimRow, build_claim_rows
from harness.reports.parts.deviations import group_by_check_and_outcome, select_shared
from harness.reports.parts.listings import (
    CodeLine,
    build_listing_lines,
    build_patch_lines,
    list_patched_files,
)
from harness.reports.parts.plain import (
    PlainComparison,
    compare_plain_build,
    describe_runtime_checks,
)
from harness.reports.parts.proofs import ProofGroup, group_proofs
from harness.reports.parts.smallest_case import (
    Links,
    SmallestCase,
    build_links,
    build_smallest_case,
    sort_by_size,
)
from harness.text import count_noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.check import Check
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.cells import Verdict
    from harness.results.findings import FindingRecord
    from harness.results.schema import PortRecord

MAXIMUM_LINKS = 12
"""The number of cases that are linked directly; links to the others are folded."""


@dataclass(frozen=True)
class ExplainedDeviations:
    """The deviations of one check with one outcome that a finding explains.

    `cases` are the links that are always shown, `folded_cases` those that are folded.
    """

    check: Check
    outcome: Outcome
    count: int
    cases: Links
    folded_cases: Links


@dataclass(frozen=True)
class BroadClaim:
    """A claim that covers more cases than it names, and why it hides no other fault."""

    check: Check
    why: str


@dataclass(frozen=True)
class FindingCard:
    """A finding and its effect in a run.

    It explains `deviations` deviations of the published port, of which `remaining` also occur in
    the fixed port; `remaining` is None if that was not run. `place` says where the fault is, and
    `lines` are the line numbers, for people. `patched_files` are the files that the patch changes.
    """

    finding: FindingRecord
    anchor: str
    place: str
    lines: str
    patched_files: tuple[str, ...]
    deviations: int
    remaining: int | None
    code: tuple[CodeLine, ...]
    patch: tuple[CodeLine, ...]
    explained: tuple[ExplainedDeviations, ...]
    proofs: tuple[ProofGroup, ...]
    plain: PlainComparison | None
    broad_claims: tuple[BroadClaim, ...]
    example: SmallestCase | None


@dataclass(frozen=True)
class PortFindings:
    """The findings of a port, those that explain most first.

    `sentence` says how many deviations they explain; `is_clean` is true for a port that ran and has
    neither findings nor deviations. `runtime_checks` says with which checks the port is built,
    `claims` by which claims it is judged, and `plain` what its plain build shows, if there is
    one.
    """

    port: PortRecord
    title: str
    anchor: str
    sentence: str
    is_clean: bool
    runtime_checks: str
    claims: tuple[ClaimRow, ...]
    plain: PlainComparison | None
    cards: tuple[FindingCard, ...]


def build_findings_of_ports(index: Index) -> tuple[PortFindings, ...]:
    """Return the findings of every port, the ports with most deviations first."""
    ports = sorted(index.ports, key=lambda port: -index.count_deviations(port))
    return tuple(build_findings_of_port(index, port) for port in ports)


def build_findings_of_port(index: Index, port: PortRecord) -> PortFindings:
    """Return the findings of a port."""
    findings, deviations = index.select_findings(port), index.collect_deviations(port)
    cards = [build_finding_card(index, port, finding, deviations) for finding in findings]
    return PortFindings(
        port=port,
        title=index.format_port_name(port),
        anchor=index.build_port_anchor(port),
        sentence=describe_explained(port, findings, deviations),
        is_clean=not (port.trouble or findings or deviations),
        runtime_checks=describe_runtime_checks(port),
        claims=build_claim_rows(index, port),
        plain=compare_plain_build(index, port, deviations),
        cards=tuple(sorted(cards, key=lambda card: -card.deviations)),
    )


def describe_explained(
    port: PortRecord, findings: Sequence[FindingRecord], deviations: Sequence[Verdict]
) -> str:
    """Return a sentence with the number of deviations that the findings of a port explain."""
    if port.trouble:
        return f"It {failures.describe_failure(port)}."
    if not deviations:
        return "No deviation."
    explained = sum(not verdict.unexplained for verdict in deviations)
    deviation_count = count_noun(len(deviations), "deviation")
    if not findings:
        return f"{deviation_count}, and no finding is recorded."
    explain = "explains" if len(findings) == 1 else "explain"
    subject = f"{count_noun(len(findings), 'finding')} {explain}"
    if explained < len(deviations):
        return f"{subject} {explained} of {deviation_count}."
    return (
        f"{subject} the only deviation." if explained == 1 else f"{subject} all {deviation_count}."
    )


def build_finding_card(
    index: Index, port: PortRecord, finding: FindingRecord, deviations: Sequence[Verdict]
) -> FindingCard:
    """Return a finding with the deviations of its port that it explains."""
    explained = [verdict for verdict in deviations if verdict.finding == finding.id]
    explained = sort_by_size(index, explained)
    examples = (build_smallest_case(index, port, verdict) for verdict in explained)
    return FindingCard(
        finding=finding,
        anchor=index.finding_anchors[port.name, finding.id],
        place=format_place(finding),
        lines=format_line_ranges(finding.lines),
        patched_files=list_patched_files(finding.patch),
        deviations=len(explained),
        remaining=count_remaining(index, port, explained),
        code=build_listing_lines(port.source, finding.lines),
        patch=build_patch_lines(finding.patch),
        explained=group_explained(index, port, explained),
        proofs=group_proofs(index, port, explained),
        plain=compare_plain_build(index, port, explained),
        broad_claims=tuple(
            BroadClaim(claim.check, claim.why) for claim in finding.claims if claim.why
        ),
        example=next((example for example in examples if example), None),
    )


def count_remaining(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> int | None:
    """Return the number of deviations that remain in the fixed port; None if that did not run."""
    if port.fixed is None or port.fixed.trouble:
        return None
    return len(select_shared(verdicts, index.fixed.collect_deviations(port)))


def group_explained(
    index: Index, port: PortRecord, verdicts: Sequence[Verdict]
) -> tuple[ExplainedDeviations, ...]:
    """Return the deviations that a finding explains, by check and outcome."""
    groups = []
    for (check, outcome), group in group_by_check_and_outcome(verdicts).items():
        shown, folded = build_links(index, port, group).split(MAXIMUM_LINKS)
        groups.append(ExplainedDeviations(check, outcome, len(group), shown, folded))
    return tuple(groups)


def format_place(finding: FindingRecord) -> str:
    """Return where a fault is: `line 14`, `driver`, or `number type, line 80`."""
    lines = format_line_ranges(finding.lines)
    place = "" if finding.place is Place.LISTING else str(finding.place)
    return ", ".join(part for part in (place, lines) if part)


def format_line_ranges(ranges: Sequence[tuple[int, int]]) -> str:
    """Return ranges of lines as `line 14` or `lines 9, 26–30`; empty without ranges."""
    parts = [f"{first}" if first == last else f"{first}–{last}" for first, last in ranges]
    several = len(parts) > 1 or any(first != last for first, last in ranges)
    return f"{'lines' if several else 'line'} {', '.join(parts)}" if parts else ""
