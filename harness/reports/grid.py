"""The matrix of outcomes: cases down, ports across, each cell the worst of its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports import signs
from harness.reports.text import counted

if TYPE_CHECKING:
    from harness.reports.index import Index
    from harness.results import CaseRecord, PortRecord, Verdict
    from harness.verdict import Outcome

SOLUTIONS = {
    "unique": "one solution",
    "none": "no solution",
    "infinite": "infinitely many solutions",
}


@dataclass(frozen=True)
class Cell:
    """What one port made of one case, at a glance; `words` says it without sign or colour."""

    outcome: Outcome
    deviating: int
    words: str
    place: str


@dataclass(frozen=True)
class Row:
    """A case; `shape` is that of its coefficient matrix."""

    name: str
    place: str
    shape: str
    solutions: str
    why: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Subtotal:
    """In how many cases of a kind a port deviates."""

    deviating: int
    words: str


@dataclass(frozen=True)
class Band:
    """The cases of one kind."""

    kind: str
    cases: int
    subtotals: tuple[Subtotal, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Grid:
    """The whole matrix. `published` has one cell for each port's own example."""

    published: tuple[Cell, ...]
    bands: tuple[Band, ...]
    totals: tuple[Subtotal, ...]
    cases: int


def grid(index: Index) -> Grid:
    """The matrix of a run."""
    return Grid(
        published=tuple(published_cell(index, port) for port in index.ports),
        bands=tuple(band(index, kind, cases) for kind, cases in index.kinds.items()),
        totals=tuple(subtotal(index, port, "", index.results.cases) for port in index.ports),
        cases=len(index.results.cases),
    )


def band(index: Index, kind: str, cases: tuple[CaseRecord, ...]) -> Band:
    """The rows of one kind."""
    return Band(
        kind,
        len(cases),
        tuple(subtotal(index, port, kind, cases) for port in index.ports),
        tuple(row(index, case) for case in cases),
    )


def row(index: Index, case: CaseRecord) -> Row:
    """The row of one case."""
    return Row(
        name=case.name,
        place=index.case_place(case),
        shape=f"{case.rows} × {case.unknowns}",
        solutions=SOLUTIONS.get(case.solutions, case.solutions),
        why=case.why,
        cells=tuple(
            cell(port, case.name, index.verdicts(port, case), index.place(port, case))
            for port in index.ports
        ),
    )


def subtotal(index: Index, port: PortRecord, kind: str, cases: tuple[CaseRecord, ...]) -> Subtotal:
    """In how many of some cases a port deviates."""
    number = sum(
        any(verdict.outcome.deviates for verdict in index.verdicts(port, case)) for case in cases
    )
    words = f"{port.language} deviates in {number} of {len(cases)} {kind} cases".replace("  ", " ")
    return Subtotal(number, words)


def published_cell(index: Index, port: PortRecord) -> Cell:
    """The cell of a listing's own example."""
    return cell(port, "its own example", index.published(port), index.published_place(port))


def cell(port: PortRecord, case: str, verdicts: tuple[Verdict, ...], place: str) -> Cell:
    """The cell of one port and one case."""
    outcome = signs.worst(verdicts)
    deviating = sum(verdict.outcome.deviates for verdict in verdicts)
    words = f"{port.language}, {case}: {outcome.value}"
    if not verdicts:
        words = f"{port.language}, {case}: not asked"
    elif deviating:
        deviate = "deviates" if deviating == 1 else "deviate"
        words += f"; {deviating} of {counted(len(verdicts), 'check')} {deviate}"
    return Cell(outcome, deviating, words, place)
