"""The matrix of outcomes: a row for each case, a column for each port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.procedures.registry import CASE_CHECKS
from harness.reports.parts import signs
from harness.text import count_noun

if TYPE_CHECKING:
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results import cells as results
    from harness.results.results import CaseSummary
    from harness.results.schema import PortRecord

NO_VERDICT_LETTER = "-"

SOLUTION_COUNTS = {
    "unique": "one solution",
    "none": "no solution",
    "infinite": "infinitely many solutions",
}


@dataclass(frozen=True)
class Cell:
    """The worst outcome of one port and one case; `label` states it without sign or colour.

    `deviations` is the number of checks that deviate as published, and `fixed_deviations` with the
    patches of the port. `fixed_outcome` is the worst outcome with patches, None if the port was not
    run with them. `letters` has one letter for each check, in their order, and then those of the
    fixed port if it deviates.
    """

    letters: str
    outcome: Outcome
    deviations: int
    fixed_deviations: int
    fixed_outcome: Outcome | None
    label: str
    anchor: str
    fixed_anchor: str


@dataclass(frozen=True)
class CaseRow:
    """The row of a case; `shape` is that of its coefficient matrix."""

    name: str
    anchor: str
    shape: str
    solutions: str
    why: str
    cells: tuple[Cell, ...]

    @property
    def outcomes(self) -> tuple[object, ...]:
        """All outcomes of the row; rows with the same outcomes form a group."""
        return tuple(
            (cell.letters, cell.fixed_deviations, cell.fixed_outcome) for cell in self.cells
        )


@dataclass(frozen=True)
class RowGroup:
    """Rows with the same outcomes in every check of every port."""

    first: CaseRow
    others: tuple[CaseRow, ...]


@dataclass(frozen=True)
class Subtotal:
    """The number of cases in which a port deviates, as published and with its patches.

    `fixed_deviating` is None if the port was not run with patches; `label` is for people.
    """

    deviating: int
    fixed_deviating: int | None
    label: str


@dataclass(frozen=True)
class KindSection:
    """The cases of one kind."""

    kind: str
    cases: int
    subtotals: tuple[Subtotal, ...]
    row_groups: tuple[RowGroup, ...]


@dataclass(frozen=True)
class Grid:
    """The matrix of outcomes.

    `own_example_cells` has one cell for the own example of each port; `has_fixed_ports` is true if
    a port has a run with patches.
    """

    own_example_cells: tuple[Cell, ...]
    sections: tuple[KindSection, ...]
    totals: tuple[Subtotal, ...]
    cases: int
    has_fixed_ports: bool


def build_grid(index: Index) -> Grid:
    """Return the matrix of a run."""
    return Grid(
        own_example_cells=tuple(build_own_example_cell(index, port) for port in index.ports),
        sections=tuple(
            build_kind_section(index, kind, cases) for kind, cases in index.cases_by_kind.items()
        ),
        totals=tuple(build_subtotal(index, port, "", index.cases) for port in index.ports),
        cases=len(index.cases),
        has_fixed_ports=any(port.fixed for port in index.ports),
    )


def build_kind_section(index: Index, kind: str, cases: tuple[CaseSummary, ...]) -> KindSection:
    """Return the section of one kind."""
    return KindSection(
        kind=kind,
        cases=len(cases),
        subtotals=tuple(build_subtotal(index, port, kind, cases) for port in index.ports),
        row_groups=group_equal_rows(
            [build_case_row(index, case) for case in index.select_shown(cases)]
        ),
    )


def group_equal_rows(rows: list[CaseRow]) -> tuple[RowGroup, ...]:
    """Return groups of rows with the same outcomes, in the order of their first rows."""
    groups: dict[tuple[object, ...], list[CaseRow]] = {}
    for row in rows:
        groups.setdefault(row.outcomes, []).append(row)
    return tuple(RowGroup(first, tuple(others)) for first, *others in groups.values())


def build_case_row(index: Index, case: CaseSummary) -> CaseRow:
    """Return the row of one case."""
    record = index.read_case(case)
    return CaseRow(
        name=case.name,
        anchor=index.build_case_anchor(case),
        shape=f"{case.rows} × {case.unknowns}",
        solutions=SOLUTION_COUNTS.get(record.solutions, record.solutions),
        why=record.why,
        cells=tuple(build_case_cell(index, port, case) for port in index.ports),
    )


def build_subtotal(
    index: Index, port: PortRecord, kind: str, cases: tuple[CaseSummary, ...]
) -> Subtotal:
    """Return the number of deviating cases of a port; `kind` is empty for all kinds."""
    deviating = count_deviating_cases(index, port, cases)
    fixed_deviating = count_deviating_cases(index.fixed, port, cases)
    noun = f"{kind} cases" if kind else "cases"
    label = f"{index.format_port_name(port)} deviates in {deviating} of {len(cases)} {noun}"
    if not has_fixed_results(port):
        return Subtotal(deviating, None, label)
    return Subtotal(deviating, fixed_deviating, f"{label}, fixed in {fixed_deviating}")


def count_deviating_cases(index: Index, port: PortRecord, cases: tuple[CaseSummary, ...]) -> int:
    """Return the number of cases in which a variant of a port deviates."""
    cells = index.get_cells(port)
    return sum(case.name in cells and bool(cells[case.name].marks.deviating) for case in cases)


def has_fixed_results(port: PortRecord) -> bool:
    """Return whether a port was run with its patches."""
    return port.fixed is not None and not port.fixed.trouble


def build_own_example_cell(index: Index, port: PortRecord) -> Cell:
    """Return the cell of a listing's own example."""
    fixed = index.fixed
    return build_cell(
        f"{index.format_port_name(port)}, its own example",
        index.find_cell(port, PUBLISHED_CASE),
        fixed.find_cell(port, PUBLISHED_CASE),
        (index.build_own_example_anchor(port), fixed.build_own_example_anchor(port)),
    )


def build_case_cell(index: Index, port: PortRecord, case: CaseSummary) -> Cell:
    """Return the cell of one port and one case."""
    fixed = index.fixed
    return build_cell(
        f"{index.format_port_name(port)}, {case.name}",
        index.find_cell(port, case.name),
        fixed.find_cell(port, case.name),
        (index.build_answer_anchor(port, case), fixed.build_answer_anchor(port, case)),
    )


def build_cell(
    name: str,
    published: results.Cell | None,
    fixed: results.Cell | None,
    anchors: tuple[str, str],
) -> Cell:
    """Return a cell from the verdicts on a port, published and fixed, and their anchors."""
    verdicts = published.marks.all if published else ()
    fixed_verdicts = fixed.marks.all if fixed else ()
    outcome = signs.find_worst_outcome(verdicts)
    fixed_outcome = signs.find_worst_outcome(fixed_verdicts) if fixed_verdicts else None
    deviations = sum(verdict.outcome.deviates for verdict in verdicts)
    fixed_deviations = sum(verdict.outcome.deviates for verdict in fixed_verdicts)
    label = f"{name}: {outcome.value if verdicts else 'not asked'}"
    if deviations:
        deviate = "deviates" if deviations == 1 else "deviate"
        label += f"; {deviations} of {count_noun(len(verdicts), 'check')} {deviate}"
    if fixed_outcome and (deviations or fixed_deviations):
        label += f"; fixed: {fixed_outcome.value}"
    letters = format_letters(verdicts)
    if fixed_deviations:
        letters += format_letters(fixed_verdicts)
    anchor, fixed_anchor = anchors
    return Cell(
        letters, outcome, deviations, fixed_deviations, fixed_outcome, label, anchor, fixed_anchor
    )


def format_letters(verdicts: tuple[results.Mark, ...]) -> str:
    """Return a letter for the outcome of each check, in their order."""
    letters = {verdict.check: signs.LETTERS[verdict.outcome] for verdict in verdicts}
    return "".join(letters.get(check, NO_VERDICT_LETTER) for check in CASE_CHECKS)
