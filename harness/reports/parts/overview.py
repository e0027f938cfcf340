"""What a run found out, in numbers: the sentence at the head, and a row for each port."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Outcome
from harness.reports.parts import signs
from harness.reports.parts.deviations import group_by_check_and_outcome
from harness.reports.parts.tally import Tally
from harness.text import count_noun, format_duration, format_time

if TYPE_CHECKING:
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord


@dataclass(frozen=True)
class FindingCount:
    """A finding by name and title, and how many deviations it explains."""

    name: str
    title: str
    count: int
    place: str


@dataclass(frozen=True)
class UnexplainedCheck:
    """How often one check of a port came out in one deviating way that no finding explains."""

    check: Check
    outcome: Outcome
    count: int
    place: str


@dataclass(frozen=True)
class FixedPortResult:
    """What becomes of a port with its patches: how much deviates, or why it could not be run."""

    deviating: int
    trouble: str
    missing_toolchain: bool


@dataclass(frozen=True)
class PortRow:
    """A port at a glance, by its `title`.

    `kinds` has a tally for each kind that occurs, in order; `solved` of `solvable` systems with a
    unique solution were solved rightly. What deviates comes of `count_findings` that are known and of
    `count_unexplained_checks` that are not; `fixed` is None where it has no findings."""

    port: PortRecord
    title: str
    place: str
    published_place: str
    tally: Tally
    kinds: tuple[Tally, ...]
    own_example: Tally
    published: Outcome
    solved: int
    solvable: int
    causes: tuple[FindingCount, ...]
    faults: tuple[UnexplainedCheck, ...]
    fixed: FixedPortResult | None

    @property
    def trouble(self) -> str:
        """Why the port could not be run, or nothing."""
        if self.port.trouble and self.port.missing_toolchain:
            return f"Toolchain missing: {self.port.trouble}"
        return f"Could not be run: {self.port.trouble}" if self.port.trouble else ""


@dataclass(frozen=True)
class Overview:
    """The head of a report and its table of ports."""

    sentence: str
    findings: str
    aside: str
    facts: tuple[tuple[str, str], ...]
    interrupted: bool
    kinds: tuple[tuple[str, int], ...]
    rows: tuple[PortRow, ...]
    total: Tally


def build_overview(index: Index) -> Overview:
    """The numbers of a run."""
    rows = tuple(build_port_row(index, port) for port in index.ports)
    total = sum((row.tally for row in rows), Tally())
    return Overview(
        sentence=describe_run(rows, total, len(index.results.cases)),
        findings=describe_findings(rows),
        aside=describe_unjudged_checks(total),
        facts=list_run_facts(index),
        interrupted=index.run.interrupted,
        kinds=tuple((kind, len(cases)) for kind, cases in index.kinds.items()),
        rows=rows,
        total=total,
    )


def build_port_row(index: Index, port: PortRecord) -> PortRow:
    """One port's numbers."""
    kinds = tuple(Tally.of(index.verdicts_on(port, cases)) for cases in index.kinds.values())
    published = index.published(port)
    own_example = Tally.of(published)
    answers = list_solution_outcomes(index, port)
    return PortRow(
        port=port,
        title=index.called(port),
        place=index.port_place(port),
        published_place=index.published_place(port),
        tally=sum(kinds, own_example),
        kinds=kinds,
        own_example=own_example,
        published=signs.find_worst_outcome(published),
        solved=answers.count(Outcome.RIGHT),
        solvable=len(answers),
        causes=count_findings(index, port),
        faults=count_unexplained_checks(index, port),
        fixed=build_fixed_port_result(index, port),
    )


def count_findings(index: Index, port: PortRecord) -> tuple[FindingCount, ...]:
    """The findings of a port, with what each explains."""
    counts = Counter(verdict.finding for verdict in index.deviations(port))
    return tuple(
        FindingCount(f.id, f.title, counts[f.id], index.finding_places[port.name, f.id])
        for f in index.findings(port)
    )


def count_unexplained_checks(index: Index, port: PortRecord) -> tuple[UnexplainedCheck, ...]:
    """In what ways a port deviates that no finding explains, in the order of the checks."""
    new = (verdict for verdict in index.deviations(port) if verdict.unexplained)
    return tuple(
        UnexplainedCheck(check, outcome, len(group), index.group_place(port, check, outcome))
        for (check, outcome), group in group_by_check_and_outcome(new).items()
    )


def build_fixed_port_result(index: Index, port: PortRecord) -> FixedPortResult | None:
    """What becomes of a port with its patches."""
    if port.fixed is None:
        return None
    left = len(index.fixed.deviations(port))
    return FixedPortResult(left, port.fixed.trouble, port.fixed.missing_toolchain)


def list_solution_outcomes(index: Index, port: PortRecord) -> list[Outcome]:
    """What became of x in the systems with a unique solution that a port was asked."""
    unique = [
        case
        for case in index.results.cases
        if (expected := index.expected(port, case)) and expected.solutions == "unique"
    ]
    return [
        verdict.outcome
        for verdict in index.verdicts_on(port, unique)
        if verdict.check is index.solving_check(port) and verdict.outcome is not Outcome.ABSENT
    ]


def describe_run(rows: tuple[PortRow, ...], total: Tally, cases: int) -> str:
    """The run in one sentence."""
    conform = "conforms" if total.conforming == 1 else "conform"
    deviate = "deviates" if total.deviating == 1 else "deviate"
    more = "is" if total.defensible == 1 else "are"
    defensible = f", {total.defensible:,} more {more} defensible" if total.defensible else ""
    parts = [
        f"{count_noun(len(rows), 'port')} on {count_noun(cases, 'case')}: "
        f"{count_noun(total.conforming, 'check')} {conform}{defensible}, "
        f"{total.deviating:,} {deviate}"
    ]
    run = [row for row in rows if not row.port.trouble]
    if run:
        parts.append(describe_clean_ports(sum(row.tally.deviating == 0 for row in run), len(run)))
    if failed := len(rows) - len(run):
        parts.append(f"{count_noun(failed, 'port')} could not be run")
    return "; ".join(parts) + "."


def describe_clean_ports(clean: int, ports: int) -> str:
    """How many ports have nothing against them."""
    if clean == 0:
        return "every port deviates somewhere" if ports > 1 else "the port deviates somewhere"
    if clean == ports:
        return "no port deviates" if ports > 1 else "the port does not deviate"
    return f"{count_noun(clean, 'port')} {'has' if clean == 1 else 'have'} no deviation"


def describe_findings(rows: tuple[PortRow, ...]) -> str:
    """How much of what deviates is explained, and cured, in one sentence."""
    known = sum(len(row.causes) for row in rows)
    explained = sum(cause.count for row in rows for cause in row.causes)
    new = sum(fault.count for row in rows for fault in row.faults)
    if not known or not explained + new:
        return ""
    who = f"{count_noun(known, 'finding')} {'explains' if known == 1 else 'explain'}"
    what = f"{explained:,} of the deviations" if new else "every deviation"
    left = [row.fixed.deviating for row in rows if row.fixed and not row.fixed.trouble]
    if not left:
        return f"{who} {what}."
    remain = f"{sum(left):,} {'is' if sum(left) == 1 else 'are'}" if any(left) else "none is"
    return f"{who} {what}; with their patches {remain} left."


def describe_unjudged_checks(total: Tally) -> str:
    """What else there is to say of the numbers."""
    if not total.neither:
        return ""
    were = "was" if total.neither == 1 else "were"
    return f"{count_noun(total.neither, 'further check')} {were} not asked, or could not be judged."


def list_run_facts(index: Index) -> tuple[tuple[str, str], ...]:
    """How and when the results came about, as terms and descriptions."""
    run = index.run
    found = [
        ("Started", format_time(run.started)),
        ("Took", format_duration(run.seconds)),
        ("Engine", run.engine),
        ("Harness", run.harness),
        ("NumPy", run.numpy),
        ("Ports from", run.implementations),
        ("Cases from", run.cases),
    ]
    return tuple((term, text) for term, text in found if text)
