"""The matrix of outcomes: cases down, ports across, each cell the worst of its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.check import CASE_CHECKS
from harness.reports.parts import signs
from harness.text import count_noun

if TYPE_CHECKING:
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import CaseRecord, PortRecord, VerdictRecord

NO_VERDICT_LETTER = "-"

SOLUTION_COUNTS = {
    "unique": "one solution",
    "none": "no solution",
    "infinite": "infinitely many solutions",
}


@dataclass(frozen=True)
class Cell:
    """What one port made of one case, at a glance; `words` says it without sign or colour.

    `count_deviating_cases` checks deviate as published, and `left` when the port's patches are put to use;
    `fixed` is the worst outcome then, and None where the port was not run with patches. `format_letters`
    has one letter for each check, in their order, and those of the fixed port where it deviates.
    """

    letters: str
    outcome: Outcome
    deviating: int
    left: int
    fixed: Outcome | None
    words: str
    place: str
    fixed_place: str


@dataclass(frozen=True)
class CaseRow:
    """A case; `shape` is that of its coefficient matrix."""

    name: str
    place: str
    shape: str
    solutions: str
    why: str
    cells: tuple[Cell, ...]

    @property
    def pattern(self) -> tuple[object, ...]:
        """What this row has in common with rows that are like it."""
        return tuple((cell.letters, cell.left, cell.fixed) for cell in self.cells)


@dataclass(frozen=True)
class RowGroup:
    """Rows that are like the first one, cell by cell and check by check."""

    first: CaseRow
    others: tuple[CaseRow, ...]


@dataclass(frozen=True)
class Subtotal:
    """In how many cases of a kind a port deviates, and in how many with its patches; `left` is
    None where it was not run with them."""

    deviating: int
    left: int | None
    words: str


@dataclass(frozen=True)
class KindSection:
    """The cases of one kind."""

    kind: str
    cases: int
    subtotals: tuple[Subtotal, ...]
    folds: tuple[RowGroup, ...]


@dataclass(frozen=True)
class Grid:
    """The whole matrix. `published` has one cell for each port's own example; `fixed` says that
    some port was run with its patches too."""

    published: tuple[Cell, ...]
    bands: tuple[KindSection, ...]
    totals: tuple[Subtotal, ...]
    cases: int
    fixed: bool


def build_grid(index: Index) -> Grid:
    """The matrix of a run."""
    return Grid(
        published=tuple(build_own_example_cell(index, port) for port in index.ports),
        bands=tuple(build_kind_section(index, kind, cases) for kind, cases in index.kinds.items()),
        totals=tuple(build_subtotal(index, port, "", index.results.cases) for port in index.ports),
        cases=len(index.results.cases),
        fixed=any(port.fixed for port in index.ports),
    )


def build_kind_section(index: Index, kind: str, cases: tuple[CaseRecord, ...]) -> KindSection:
    """The rows of one kind."""
    return KindSection(
        kind,
        len(cases),
        tuple(build_subtotal(index, port, kind, cases) for port in index.ports),
        group_equal_rows([build_case_row(index, case) for case in cases]),
    )


def group_equal_rows(rows: list[CaseRow]) -> tuple[RowGroup, ...]:
    """Rows with those together that are alike, in the order of the first of each."""
    alike: dict[tuple[object, ...], list[CaseRow]] = {}
    for each in rows:
        alike.setdefault(each.pattern, []).append(each)
    return tuple(RowGroup(first, tuple(others)) for first, *others in alike.values())


def build_case_row(index: Index, case: CaseRecord) -> CaseRow:
    """The row of one case."""
    return CaseRow(
        name=case.name,
        place=index.case_place(case),
        shape=f"{case.rows} × {case.unknowns}",
        solutions=SOLUTION_COUNTS.get(case.solutions, case.solutions),
        why=case.why,
        cells=tuple(build_case_cell(index, port, case) for port in index.ports),
    )


def build_subtotal(
    index: Index, port: PortRecord, kind: str, cases: tuple[CaseRecord, ...]
) -> Subtotal:
    """In how many of some cases a port deviates."""
    number, left = (
        count_deviating_cases(index, port, cases),
        count_deviating_cases(index.fixed, port, cases),
    )
    which = f"{kind} cases" if kind else "cases"
    words = f"{index.called(port)} deviates in {number} of {len(cases)} {which}"
    if not has_fixed_results(port):
        return Subtotal(number, None, words)
    return Subtotal(number, left, f"{words}, fixed in {left}")


def count_deviating_cases(index: Index, port: PortRecord, cases: tuple[CaseRecord, ...]) -> int:
    """In how many of some cases a variant of a port deviates."""
    return sum(any(v.outcome.deviates for v in index.verdicts(port, case)) for case in cases)


def has_fixed_results(port: PortRecord) -> bool:
    """Whether a port was run with its patches too."""
    return port.fixed is not None and not port.fixed.trouble


def build_own_example_cell(index: Index, port: PortRecord) -> Cell:
    """The cell of a listing's own example."""
    name, fixed = f"{index.called(port)}, its own example", index.fixed
    places = index.published_place(port), fixed.published_place(port)
    return build_cell(name, index.published(port), fixed.published(port), places)


def build_case_cell(index: Index, port: PortRecord, case: CaseRecord) -> Cell:
    """The cell of one port and one case."""
    name, fixed = f"{index.called(port)}, {case.name}", index.fixed
    places = index.place(port, case), fixed.place(port, case)
    return build_cell(name, index.verdicts(port, case), fixed.verdicts(port, case), places)


def build_cell(
    name: str,
    verdicts: tuple[VerdictRecord, ...],
    fixed: tuple[VerdictRecord, ...],
    places: tuple[str, str],
) -> Cell:
    """A cell from the verdicts on a port as published, and fixed, and where each is told."""
    outcome = signs.find_worst_outcome(verdicts)
    deviating = sum(verdict.outcome.deviates for verdict in verdicts)
    left = sum(verdict.outcome.deviates for verdict in fixed)
    words = f"{name}: {outcome.value if verdicts else 'not asked'}"
    if deviating:
        deviate = "deviates" if deviating == 1 else "deviate"
        words += f"; {deviating} of {count_noun(len(verdicts), 'check')} {deviate}"
    if fixed and (deviating or left):
        words += f"; fixed: {signs.find_worst_outcome(fixed).value}"
    return Cell(
        format_letters(verdicts) + (format_letters(fixed) if left else ""),
        outcome,
        deviating,
        left,
        signs.find_worst_outcome(fixed) if fixed else None,
        words,
        *places,
    )


def format_letters(verdicts: tuple[VerdictRecord, ...]) -> str:
    """A letter for each check, in their order."""
    found = {verdict.check: signs.LETTERS[verdict.outcome] for verdict in verdicts}
    return "".join(found.get(check, NO_VERDICT_LETTER) for check in CASE_CHECKS)
