"""The smallest case in which a port deviates, with all that is needed to see the deviation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.procedures.registry import CHECK_ORDER
from harness.reports.parts.matrices import Matrix, typeset_matrix
from harness.reports.parts.pivots import PivotTrace, find_pivot_trace
from harness.reports.parts.stages import build_stage_tables
from harness.text import format_rerun_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.model.check import Check
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.cells import Verdict
    from harness.results.results import CaseSummary
    from harness.results.schema import CaseRecord, PortRecord, VerdictRecord

MAXIMUM_SHAPE = (6, 7)
"""The rows and columns of the largest augmented matrix that is shown in full."""


@dataclass(frozen=True)
class Link:
    """A name, and the anchor on the page that it links to."""

    name: str
    anchor: str


@dataclass(frozen=True)
class Links:
    """Links to answers, each case once. `omitted` counts the cases that the page does not show."""

    shown: tuple[Link, ...]
    omitted: int

    def __len__(self) -> int:
        return len(self.shown) + self.omitted

    def split(self, number: int) -> tuple[Links, Links]:
        """Return the first links, and the others."""
        return Links(self.shown[:number], 0), Links(self.shown[number:], self.omitted)


@dataclass(frozen=True)
class SmallestCase:
    """A small case in which a port deviates.

    The system and the matrices are shown for systems of at most MAXIMUM_SHAPE. `trace` is the pivot
    trace if the pivots were replayed and one was not legal. `command` runs the case again.
    """

    case: Link
    check: Check
    outcome: Outcome
    detail: str
    system: Matrix | None
    matrices: tuple[Matrix, ...]
    trace: PivotTrace | None
    command: str


def sort_by_size(index: Index, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts sorted by the size of their systems, and within a case by check."""
    return sorted(
        verdicts,
        key=lambda verdict: (
            measure_case(index.cases_by_name.get(verdict.case)),
            verdict.case,
            CHECK_ORDER[verdict.check],
        ),
    )


def measure_case(case: CaseSummary | None) -> tuple[int, int]:
    """Return the number of entries of the augmented matrix of a case, and of their characters."""
    if case is None:
        return 0, 0
    entries = case.rows * (case.unknowns + case.right_hand_sides)
    return entries, case.characters


def build_link(index: Index, port: PortRecord, case_name: str) -> Link:
    """Return a link to the answer of a port to a case, which may be its own example, or to the list
    of cases if the page leaves the case out."""
    case = index.cases_by_name.get(case_name)
    if case is None:
        return Link("its own example", index.build_own_example_anchor(port))
    is_shown = index.is_shown(case_name)
    return Link(case_name, index.build_answer_anchor(port, case) if is_shown else "cases")


def build_links(index: Index, port: PortRecord, verdicts: Iterable[Verdict]) -> Links:
    """Return links to the answers of a port that some verdicts are about, in their order."""
    cases = [*dict.fromkeys(verdict.case for verdict in verdicts)]
    shown = [case for case in cases if case == PUBLISHED_CASE or index.is_shown(case)]
    links = tuple(build_link(index, port, case) for case in shown)
    return Links(links, len(cases) - len(shown))


def build_smallest_case(index: Index, port: PortRecord, deviation: Verdict) -> SmallestCase | None:
    """Return the case of a deviation; None if it is the listing's own example."""
    summary = index.cases_by_name.get(deviation.case)
    if summary is None:
        return None
    case, verdict = index.read_case(summary), index.read_verdict(deviation)
    small = is_small(case)
    trace = find_pivot_trace(index.read_verdicts(port, case.name))
    return SmallestCase(
        case=build_link(index, port, case.name),
        check=verdict.check,
        outcome=verdict.outcome,
        detail=verdict.detail,
        system=typeset_matrix("The system", case.system, case.right_hand_sides) if small else None,
        matrices=build_stage_matrices(index, port, case, verdict) if small else (),
        trace=trace if trace and trace.has_departure else None,
        command=format_rerun_command(index.run.again, port.name, case.name, verdict.asked_first),
    )


def build_stage_matrices(
    index: Index, port: PortRecord, case: CaseRecord, verdict: VerdictRecord
) -> tuple[Matrix, ...]:
    """Return the stage that a verdict is about, as printed and as expected."""
    matrices: list[Matrix] = []
    answer, expected = index.read_answer(port, case.name), index.find_expected(port, case)
    for stage in build_stage_tables(answer, case, expected, [verdict]):
        if stage.label == verdict.check.label:
            matrices += [matrix for matrix in (stage.printed, stage.expected) if matrix]
    return tuple(matrices)


def is_small(case: CaseRecord) -> bool:
    """Return whether the augmented matrix of a case is at most MAXIMUM_SHAPE."""
    rows, columns = MAXIMUM_SHAPE
    return case.rows <= rows and case.unknowns + case.right_hand_sides <= columns
