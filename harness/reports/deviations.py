"""The deviations of each port, grouped by what went wrong, the smallest example first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports import signs
from harness.reports.index import CHECK_ORDER
from harness.reports.stages import STAGE_OF, stages
from harness.reports.text import again, counted, listed, shortened
from harness.reports.typeset import Matrix, typeset
from harness.verdict import Check, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.reports.index import Index
    from harness.results import CaseRecord, PortRecord, Verdict

MOST_PATTERNS = 8
OTHERS = "in other words"
LARGEST_EXAMPLE = (6, 7)
"""Up to this many rows and columns a group's smallest system is shown with it."""

NUMBERS = re.compile(r"[−-]?\d[\d.]*(?:e[−+-]?\d+)?(?:, (?=[−\d-])|, …)?")


@dataclass(frozen=True)
class Link:
    """A case by name, and the place where it is told what a port made of it."""

    name: str
    place: str


@dataclass(frozen=True)
class Pattern:
    """Deviations whose details differ in nothing but numbers; `detail` is of the first."""

    detail: str
    cases: tuple[Link, ...]


@dataclass(frozen=True)
class Example:
    """The smallest case of a group, with its matrices where they can be read at once."""

    case: Link
    matrices: tuple[Matrix, ...]
    command: str


@dataclass(frozen=True)
class Group:
    """The same outcome of the same check, in one case or several."""

    check: Check
    outcome: Outcome
    place: str
    spread: str
    company: str
    consequences: str
    findings: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    example: Example | None


@dataclass(frozen=True)
class Charge:
    """All that speaks against a port, in `cases` of the cases put to it."""

    port: PortRecord
    place: str
    deviating: int
    cases: int
    groups: tuple[Group, ...]


def charges(index: Index) -> tuple[Charge, ...]:
    """The deviations of every port, in the order of the ports."""
    return tuple(charge(index, port) for port in index.ports)


def charge(index: Index, port: PortRecord) -> Charge:
    """The deviations of a port."""
    found: dict[tuple[Check, Outcome], list[Verdict]] = {}
    for verdict in (*index.published(port), *index.verdicts_on(port, index.results.cases)):
        if verdict.outcome.deviates:
            found.setdefault((verdict.check, verdict.outcome), []).append(verdict)
    ordered = sorted(found, key=lambda key: (CHECK_ORDER[key[0]], signs.RANKS[key[1]]))
    return Charge(
        port=port,
        place=index.port_place(port),
        deviating=sum(map(len, found.values())),
        cases=len({verdict.case for group in found.values() for verdict in group}),
        groups=tuple(group_of(index, port, found[key]) for key in ordered),
    )


def group_of(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> Group:
    """A group from its verdicts, the smallest system first."""
    ordered = sorted(verdicts, key=lambda verdict: size(index.cases.get(verdict.case)))
    first = ordered[0]
    return Group(
        check=first.check,
        outcome=first.outcome,
        place=index.group_place(port, first.check, first.outcome),
        spread=spread(index, ordered),
        company=company(index, port, first),
        consequences=consequences(index, port, ordered),
        findings=tuple(sorted({verdict.finding for verdict in ordered if verdict.finding})),
        patterns=patterns(index, port, ordered),
        example=example(index, port, first),
    )


def size(case: CaseRecord | None) -> int:
    """The number of entries of a case's system."""
    return case.rows * (case.unknowns + case.right_hand_sides) if case else 0


def spread(index: Index, verdicts: Sequence[Verdict]) -> str:
    """Of which kinds the cases are: `4 of 10 overdetermined cases`."""
    names = {verdict.case for verdict in verdicts}
    parts = []
    for kind, cases in index.kinds.items():
        if number := sum(case.name in names for case in cases):
            parts.append(f"{number} of {len(cases)} {kind}")
    return f"{listed(parts)} cases" if parts else "the listing’s own example"


def company(index: Index, port: PortRecord, verdict: Verdict) -> str:
    """What the same check says of the other ports about the same case."""
    others = [
        (other.language, same.standing)
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
    told = f"On {verdict.case}, {len(conforming)} of {counted(len(others), 'other port')} {agree}"
    if not deviating:
        return f"{told}."
    return f"{told}; {listed(deviating)} {'deviates' if len(deviating) == 1 else 'deviate'} too."


def consequences(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> str:
    """How many later checks could not be judged because of these."""
    check = verdicts[0].check
    number = sum(
        later.follows is check and later.outcome is Outcome.BLOCKED
        for verdict in verdicts
        for later in index.grouped_verdicts.get((port.name, verdict.case), ())
    )
    return f"{counted(number, 'later check')} could not be judged because of it." if number else ""


def patterns(index: Index, port: PortRecord, verdicts: Sequence[Verdict]) -> tuple[Pattern, ...]:
    """Verdicts by the wording of their details; past the first few wordings, together."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        wording = NUMBERS.sub("#", shortened(verdict.detail))
        if wording not in found and len(found) >= MOST_PATTERNS:
            wording = OTHERS
        found.setdefault(wording, []).append(verdict)
    return tuple(
        Pattern(
            wording if wording == OTHERS else group[0].detail,
            tuple(link(index, port, verdict.case) for verdict in group),
        )
        for wording, group in found.items()
    )


def link(index: Index, port: PortRecord, case: str) -> Link:
    """Where it is told what a port made of a case, which may be its own example."""
    record = index.cases.get(case)
    if record is None:
        return Link("its own example", index.published_place(port))
    return Link(case, index.place(port, record))


def example(index: Index, port: PortRecord, verdict: Verdict) -> Example | None:
    """A group's smallest case; None where that is the listing's own example."""
    case = index.cases.get(verdict.case)
    if case is None:
        return None
    command = again(index.run.again, port.name, case.name)
    matrices = example_matrices(index, port, case, verdict) if is_small(case) else []
    return Example(link(index, port, case.name), tuple(matrices), command)


def example_matrices(
    index: Index, port: PortRecord, case: CaseRecord, verdict: Verdict
) -> list[Matrix]:
    """A small system with the stage that a verdict is about, and what was due for that."""
    matrices = [typeset("the system", case.system, case.right_hand_sides)]
    answer, expected = index.answers.get((port.name, case.name)), index.expected(port, case)
    for stage in stages(answer, case, expected, [verdict]):
        if stage.label == STAGE_OF.get(verdict.check):
            matrices += [matrix for matrix in (stage.printed, stage.due) if matrix]
    return matrices


def is_small(case: CaseRecord) -> bool:
    """Whether a system can be read at once."""
    rows, columns = LARGEST_EXAMPLE
    return case.rows <= rows and case.unknowns + case.right_hand_sides <= columns
