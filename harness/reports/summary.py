"""What a run found out, in numbers: the sentence at the head, and a row for each port."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports import signs
from harness.reports.index import CHECK_ORDER
from harness.reports.text import counted, duration, moment
from harness.verdict import Check, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.reports.index import Index
    from harness.results import PortRecord, Verdict


@dataclass(frozen=True)
class Tally:
    """How many checks conform, deviate, and do neither."""

    conforming: int = 0
    deviating: int = 0
    neither: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Tally:
        """Count verdicts by their standing."""
        standings = [verdict.standing for verdict in verdicts]
        return cls(*(standings.count(standing) for standing in Standing))

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.conforming + other.conforming,
            self.deviating + other.deviating,
            self.neither + other.neither,
        )

    @property
    def total(self) -> int:
        """How many checks were counted."""
        return self.conforming + self.deviating + self.neither

    def share(self, part: int) -> str:
        """A part of the total in hundredths, for the width of a bar."""
        return f"{100 * part / self.total:.2f}" if self.total else "0"


@dataclass(frozen=True)
class Fault:
    """How often one check of a port came out in one deviating way."""

    check: Check
    outcome: Outcome
    count: int
    place: str


@dataclass(frozen=True)
class PortRow:
    """A port at a glance. `kinds` has a tally for each kind that occurs, in order; `solved` of
    `solvable` systems with a unique solution were solved rightly."""

    port: PortRecord
    place: str
    published_place: str
    tally: Tally
    kinds: tuple[Tally, ...]
    own_example: Tally
    published: Outcome
    solved: int
    solvable: int
    faults: tuple[Fault, ...]

    @property
    def trouble(self) -> str:
        """Why the port could not be run, or nothing."""
        if self.port.trouble and self.port.missing_toolchain:
            return f"Toolchain missing: {self.port.trouble}"
        return f"Could not be run: {self.port.trouble}" if self.port.trouble else ""


@dataclass(frozen=True)
class Summary:
    """The head of a report and its table of ports."""

    sentence: str
    aside: str
    facts: tuple[tuple[str, str], ...]
    interrupted: bool
    kinds: tuple[tuple[str, int], ...]
    rows: tuple[PortRow, ...]
    total: Tally


def summary(index: Index) -> Summary:
    """The numbers of a run."""
    rows = tuple(port_row(index, port) for port in index.ports)
    total = sum((row.tally for row in rows), Tally())
    return Summary(
        sentence=sentence(rows, total, len(index.results.cases)),
        aside=aside(total),
        facts=facts(index),
        interrupted=index.run.interrupted,
        kinds=tuple((kind, len(cases)) for kind, cases in index.kinds.items()),
        rows=rows,
        total=total,
    )


def port_row(index: Index, port: PortRecord) -> PortRow:
    """One port's numbers."""
    kinds = tuple(Tally.of(index.verdicts_on(port, cases)) for cases in index.kinds.values())
    published = index.published(port)
    own_example = Tally.of(published)
    answers = solutions(index, port)
    return PortRow(
        port=port,
        place=index.port_place(port),
        published_place=index.published_place(port),
        tally=sum(kinds, own_example),
        kinds=kinds,
        own_example=own_example,
        published=signs.worst(published),
        solved=answers.count(Outcome.RIGHT),
        solvable=len(answers),
        faults=faults(index, port),
    )


def faults(index: Index, port: PortRecord) -> tuple[Fault, ...]:
    """In what ways a port deviates, in the order of the checks."""
    verdicts = (*index.published(port), *index.verdicts_on(port, index.results.cases))
    ways = Counter((v.check, v.outcome) for v in verdicts if v.outcome.deviates)
    return tuple(
        Fault(check, outcome, ways[check, outcome], index.group_place(port, check, outcome))
        for check, outcome in sorted(
            ways, key=lambda way: (CHECK_ORDER[way[0]], signs.RANKS[way[1]])
        )
    )


def solutions(index: Index, port: PortRecord) -> list[Outcome]:
    """What became of x in the systems with a unique solution that a port was asked."""
    unique = [
        case
        for case in index.results.cases
        if (expected := index.expected(port, case)) and expected.solutions == "unique"
    ]
    return [
        verdict.outcome
        for verdict in index.verdicts_on(port, unique)
        if verdict.check is Check.SOLUTION_VALUE and verdict.outcome is not Outcome.ABSENT
    ]


def sentence(rows: tuple[PortRow, ...], total: Tally, cases: int) -> str:
    """The run in one sentence."""
    conform = "conforms" if total.conforming == 1 else "conform"
    deviate = "deviates" if total.deviating == 1 else "deviate"
    parts = [
        f"{counted(len(rows), 'port')} on {counted(cases, 'case')}: "
        f"{counted(total.conforming, 'check')} {conform}, {total.deviating:,} {deviate}"
    ]
    run = [row for row in rows if not row.port.trouble]
    if run:
        parts.append(clean_ports(sum(row.tally.deviating == 0 for row in run), len(run)))
    if failed := len(rows) - len(run):
        parts.append(f"{counted(failed, 'port')} could not be run")
    return "; ".join(parts) + "."


def clean_ports(clean: int, ports: int) -> str:
    """How many ports have nothing against them."""
    if clean == 0:
        return "every port deviates somewhere" if ports > 1 else "the port deviates somewhere"
    if clean == ports:
        return "no port deviates" if ports > 1 else "the port does not deviate"
    return f"{counted(clean, 'port')} {'has' if clean == 1 else 'have'} no deviation"


def aside(total: Tally) -> str:
    """What else there is to say of the numbers."""
    if not total.neither:
        return ""
    were = "was" if total.neither == 1 else "were"
    return f"{counted(total.neither, 'further check')} {were} not asked, or could not be judged."


def facts(index: Index) -> tuple[tuple[str, str], ...]:
    """How and when the results came about, as terms and descriptions."""
    run = index.run
    found = [
        ("Started", moment(run.started)),
        ("Took", duration(run.seconds)),
        ("Engine", run.engine),
        ("Harness", run.harness),
        ("NumPy", run.numpy),
        ("Ports from", run.implementations),
        ("Cases from", run.cases),
    ]
    return tuple((term, text) for term, text in found if text)
