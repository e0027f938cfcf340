"""The smallest case that shows a deviation, with all that is needed to see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.procedure import label_of
from harness.reports.parts.index import CHECK_ORDER
from harness.reports.parts.matrices import Matrix, typeset_matrix
from harness.reports.parts.pivots import PivotTrace, find_pivot_trace
from harness.reports.parts.stages import build_stage_tables
from harness.text import format_rerun_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.model.check import Check
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import CaseRecord, PortRecord, VerdictRecord

MAXIMUM_SHAPE = (6, 7)
"""Systems of up to this many rows and columns are shown in full."""


@dataclass(frozen=True)
class Link:
    """A name, and the place on the page that it leads to."""

    name: str
    place: str


@dataclass(frozen=True)
class SmallestCase:
    """A small case in which a port deviates, with its system and matrices where they can be read
    at once.

    `trace` is there where the pivots were replayed and one was not legal; `command` runs the case
    again.
    """

    case: Link
    check: Check
    outcome: Outcome
    detail: str
    system: Matrix | None
    matrices: tuple[Matrix, ...]
    trace: PivotTrace | None
    command: str


def sort_by_size(index: Index, verdicts: Iterable[VerdictRecord]) -> list[VerdictRecord]:
    """Verdicts, those on the smallest systems first; of one case the earliest check first."""
    return sorted(
        verdicts,
        key=lambda v: (measure_case(index.cases.get(v.case)), v.case, CHECK_ORDER[v.check]),
    )


def measure_case(case: CaseRecord | None) -> tuple[int, int]:
    """The number of entries of a case's system, and of characters in them."""
    if case is None:
        return 0, 0
    entries = case.rows * (case.unknowns + case.right_hand_sides)
    return entries, sum(len(entry) for row in case.system for entry in row)


def build_link(index: Index, port: PortRecord, case: str) -> Link:
    """Where it is told what a port made of a case, which may be its own example."""
    record = index.cases.get(case)
    if record is None:
        return Link("its own example", index.published_place(port))
    return Link(case, index.place(port, record))


def build_smallest_case(
    index: Index, port: PortRecord, verdict: VerdictRecord
) -> SmallestCase | None:
    """What a verdict is about, to be looked at; None where that is the listing's own example."""
    case = index.cases.get(verdict.case)
    if case is None:
        return None
    trace = find_pivot_trace(index.verdicts(port, case))
    small = is_small(case)
    return SmallestCase(
        case=build_link(index, port, case.name),
        check=verdict.check,
        outcome=verdict.outcome,
        detail=verdict.detail,
        system=typeset_matrix("The system", case.system, case.right_hand_sides) if small else None,
        matrices=build_stage_matrices(index, port, case, verdict) if small else (),
        trace=trace if trace and trace.departs else None,
        command=format_rerun_command(index.run.again, port.name, case.name),
    )


def build_stage_matrices(
    index: Index, port: PortRecord, case: CaseRecord, verdict: VerdictRecord
) -> tuple[Matrix, ...]:
    """The stage that a verdict is about, and what was due for it."""
    found = []
    answer, expected = index.answers.get((port.name, case.name)), index.expected(port, case)
    for stage in build_stage_tables(answer, case, expected, [verdict]):
        if stage.label == label_of(verdict.check):
            found += [matrix for matrix in (stage.printed, stage.due) if matrix]
    return tuple(found)


def is_small(case: CaseRecord) -> bool:
    """Whether a system can be read at once."""
    rows, columns = MAXIMUM_SHAPE
    return case.rows <= rows and case.unknowns + case.right_hand_sides <= columns
