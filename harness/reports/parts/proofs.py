"""The proofs of a finding's claims, as sentences: which patches cure the deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.parts.smallest_case import Links, build_links, sort_by_size
from harness.text import join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.reports.parts.index import Index
    from harness.results.cells import Verdict
    from harness.results.findings import ProofRecord
    from harness.results.results import ProofSummary
    from harness.results.schema import PortRecord


@dataclass(frozen=True)
class ProofGroup:
    """The deviations of a finding that have the same proof.

    `description` continues a sentence that begins with their number. `cases` are links; they are
    left out where the patch alone cures the deviations, which is the rule.
    """

    description: str
    holds: bool
    count: int
    cases: Links


def describe_proof(proof: ProofRecord | ProofSummary) -> str:
    """Return what cures a deviation, such as `cured by this patch alone`."""
    others = [name for name in proof.necessary if name != proof.finding]
    if not proof.holds and others:
        return f"cured without this patch, by {name_patches(others)}"
    if not proof.holds:
        return "cured without this patch, and not by it alone"
    if not proof.alone:
        needed = name_patches(others) if others else "another patch"
        return f"cured by this patch together with {needed}"
    if not proof.necessary:
        return "cured by this patch alone, and also by the others without it"
    if proof.moves:
        return "cured by this patch alone; without it, another check of the same result deviates"
    return "cured by this patch alone"


def name_patches(findings: Sequence[str]) -> str:
    """Return the names of patches in a sentence: `that of a`, or `those of a and b`."""
    return f"{'that' if len(findings) == 1 else 'those'} of {join_words(findings)}"


def group_proofs(
    index: Index, port: PortRecord, verdicts: Sequence[Verdict]
) -> tuple[ProofGroup, ...]:
    """Return the proofs of some explained deviations, grouped: the most frequent first, and those
    that do not hold before all others."""
    groups: dict[tuple[bool, str], list[Verdict]] = {}
    is_regular: dict[tuple[bool, str], bool] = {}
    for verdict in sort_by_size(index, verdicts):
        if proof := index.find_proof(verdict):
            key = (proof.holds, describe_proof(proof))
            groups.setdefault(key, []).append(verdict)
            is_regular[key] = proof.holds and proof.alone and not proof.moves
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], -len(group[1])))
    return tuple(
        ProofGroup(
            description=description,
            holds=holds,
            count=len(group),
            cases=build_links(index, port, () if is_regular[holds, description] else group),
        )
        for (holds, description), group in ordered
    )
