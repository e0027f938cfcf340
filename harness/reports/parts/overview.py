"""The overview of a run: the counts in a sentence, and a row for each port."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Outcome
from harness.reports.parts import signs
from harness.reports.parts.deviations import group_by_check_and_outcome
from harness.reports.parts.failures import name_failure
from harness.reports.parts.given_up import describe_given_up
from harness.reports.parts.plain import describe_runtime_checks
from harness.reports.parts.promises import describe_promises
from harness.reports.parts.tally import Tally
from harness.reports.parts.toolchains import describe_base
from harness.text import count_noun, format_duration, format_time

if TYPE_CHECKING:
    from harness.model.check import Check
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord


@dataclass(frozen=True)
class FindingCount:
    """A finding by name and title, and the number of deviations that it explains."""

    name: str
    title: str
    count: int
    anchor: str


@dataclass(frozen=True)
class UnexplainedCheck:
    """The number of unexplained deviations of a port with one outcome of one check."""

    check: Check
    outcome: Outcome
    count: int
    anchor: str


@dataclass(frozen=True)
class FixedPortResult:
    """The number of deviations of a fixed port, or why it has no results.

    `state` is `broken` or `not run` then.
    """

    deviating: int
    trouble: str
    state: str


@dataclass(frozen=True)
class PortRow:
    """The row of a port.

    `kind_tallies` has a tally for each kind of cases, in the order of the index. `solved` is the
    number of `solvable` systems, those with a unique solution that the port was asked, for which x
    is right. `findings` count the explained deviations, `unexplained_checks` the others. `fixed` is
    None for a port without findings. `base` says on what it is built, `runtime_checks` with which
    checks, if any, and `promises` by which promises it is judged. `given_up` says how many cases it
    was not asked, if any.
    """

    port: PortRecord
    title: str
    anchor: str
    own_example_anchor: str
    tally: Tally
    kind_tallies: tuple[Tally, ...]
    own_example_tally: Tally
    own_example_outcome: Outcome
    solved: int
    solvable: int
    findings: tuple[FindingCount, ...]
    unexplained_checks: tuple[UnexplainedCheck, ...]
    fixed: FixedPortResult | None
    base: str
    runtime_checks: str
    promises: str
    given_up: str

    @property
    def trouble(self) -> str:
        """The reason why the port could not be run; empty if it ran."""
        if not self.port.trouble:
            return ""
        if self.port.missing_toolchain:
            return f"Toolchain missing: {self.port.trouble}"
        state = "Broken" if self.port.broken else "Could not be run"
        return f"{state}: {self.port.trouble}"


@dataclass(frozen=True)
class Overview:
    """The head of a report and its table of ports.

    `run_sentence` gives the counts of checks, `findings_sentence` how many deviations are explained
    and fixed, `neither_sentence` the number of checks without a judgement; the last two may be
    empty. `facts` are pairs of a term and its description, `kinds` pairs of a kind and its number
    of cases.
    """

    run_sentence: str
    findings_sentence: str
    neither_sentence: str
    facts: tuple[tuple[str, str], ...]
    interrupted: bool
    kinds: tuple[tuple[str, int], ...]
    rows: tuple[PortRow, ...]
    total: Tally


def build_overview(index: Index) -> Overview:
    """Return the overview of a run."""
    rows = tuple(build_port_row(index, port) for port in index.ports)
    total = sum((row.tally for row in rows), Tally())
    return Overview(
        run_sentence=describe_run(rows, total, len(index.cases)),
        findings_sentence=describe_findings(rows),
        neither_sentence=describe_unjudged_checks(total),
        facts=list_run_facts(index),
        interrupted=index.run.interrupted,
        kinds=tuple((kind, len(cases)) for kind, cases in index.cases_by_kind.items()),
        rows=rows,
        total=total,
    )


def build_port_row(index: Index, port: PortRecord) -> PortRow:
    """Return the row of a port."""
    cells = index.get_cells(port)
    kind_tallies = tuple(
        Tally.count(cells[case.name] for case in cases if case.name in cells)
        for cases in index.cases_by_kind.values()
    )
    own_example = index.find_cell(port, PUBLISHED_CASE)
    own_example_tally = Tally.count([own_example] if own_example else [])
    solution_outcomes = count_solution_outcomes(index, port)
    return PortRow(
        port=port,
        title=index.format_port_name(port),
        anchor=index.build_port_anchor(port),
        own_example_anchor=index.build_own_example_anchor(port),
        tally=sum(kind_tallies, own_example_tally),
        kind_tallies=kind_tallies,
        own_example_tally=own_example_tally,
        own_example_outcome=signs.find_worst_outcome(own_example.marks.all if own_example else ()),
        solved=solution_outcomes[Outcome.RIGHT],
        solvable=solution_outcomes.total(),
        findings=count_findings(index, port),
        unexplained_checks=count_unexplained_checks(index, port),
        fixed=build_fixed_port_result(index, port),
        base=describe_base(port),
        runtime_checks=describe_runtime_checks(port),
        promises=describe_promises(port),
        given_up=describe_given_up(index, port),
    )


def count_findings(index: Index, port: PortRecord) -> tuple[FindingCount, ...]:
    """Return the findings of a port with the number of deviations that each explains."""
    counts = Counter(verdict.finding for verdict in index.collect_deviations(port))
    return tuple(
        FindingCount(
            finding.id,
            finding.title,
            counts[finding.id],
            index.finding_anchors[port.name, finding.id],
        )
        for finding in index.select_findings(port)
    )


def count_unexplained_checks(index: Index, port: PortRecord) -> tuple[UnexplainedCheck, ...]:
    """Return the counts of a port's unexplained deviations, in the order of the checks."""
    unexplained = (verdict for verdict in index.collect_deviations(port) if verdict.unexplained)
    return tuple(
        UnexplainedCheck(check, outcome, len(group), index.build_group_anchor(port, check, outcome))
        for (check, outcome), group in group_by_check_and_outcome(unexplained).items()
    )


def build_fixed_port_result(index: Index, port: PortRecord) -> FixedPortResult | None:
    """Return the result of a port with its patches; None if it has no findings."""
    if port.fixed is None:
        return None
    deviating = index.fixed.count_deviations(port)
    return FixedPortResult(deviating, port.fixed.trouble, name_failure(port.fixed))


def count_solution_outcomes(index: Index, port: PortRecord) -> Counter[Outcome]:
    """Return the outcomes for x in the systems with a unique solution that a port was asked."""
    check, cells = index.choose_solving_check(port), index.get_cells(port)
    return Counter(
        mark.outcome
        for case in index.cases
        if case.name in cells and case.find_solutions(port.arithmetic) == "unique"
        for mark in cells[case.name].marks.all
        if mark.check == check and mark.outcome is not Outcome.ABSENT
    )


def describe_run(rows: tuple[PortRow, ...], total: Tally, cases: int) -> str:
    """Return a sentence with the counts of ports, cases and checks."""
    conform = "conforms" if total.conforming == 1 else "conform"
    deviate = "deviates" if total.deviating == 1 else "deviate"
    are = "is" if total.defensible == 1 else "are"
    defensible = f", {total.defensible:,} more {are} defensible" if total.defensible else ""
    parts = [
        f"{count_noun(len(rows), 'port')} on {count_noun(cases, 'case')}: "
        f"{count_noun(total.conforming, 'check')} {conform}{defensible}, "
        f"{total.deviating:,} {deviate}"
    ]
    rows_with_results = [row for row in rows if not row.port.trouble]
    if rows_with_results:
        clean = sum(row.tally.deviating == 0 for row in rows_with_results)
        parts.append(describe_clean_ports(clean, len(rows_with_results)))
    broken = sum(row.port.broken for row in rows)
    if failed := len(rows) - len(rows_with_results) - broken:
        parts.append(f"{count_noun(failed, 'port')} could not be run")
    if broken:
        parts.append(f"{count_noun(broken, 'port')} {'is' if broken == 1 else 'are'} broken")
    return "; ".join(parts) + "."


def describe_clean_ports(clean: int, ports: int) -> str:
    """Return a clause with the number of ports without a deviation."""
    if clean == 0:
        return "every port deviates somewhere" if ports > 1 else "the port deviates somewhere"
    if clean == ports:
        return "no port deviates" if ports > 1 else "the port does not deviate"
    return f"{count_noun(clean, 'port')} {'has' if clean == 1 else 'have'} no deviation"


def describe_findings(rows: tuple[PortRow, ...]) -> str:
    """Return a sentence on how many deviations the findings explain and their patches leave.

    It is empty if there are no findings, or no deviations.
    """
    findings = sum(len(row.findings) for row in rows)
    explained = sum(finding.count for row in rows for finding in row.findings)
    unexplained = sum(check.count for row in rows for check in row.unexplained_checks)
    if not findings or not explained + unexplained:
        return ""
    subject = f"{count_noun(findings, 'finding')} {'explains' if findings == 1 else 'explain'}"
    objects = f"{explained:,} of the deviations" if unexplained else "every deviation"
    remaining = [row.fixed.deviating for row in rows if row.fixed and not row.fixed.trouble]
    if not remaining:
        return f"{subject} {objects}."
    total = sum(remaining)
    remain = f"{total:,} {'remains' if total == 1 else 'remain'}" if total else "none remains"
    return f"{subject} {objects}; with their patches, {remain}."


def describe_unjudged_checks(total: Tally) -> str:
    """Return a sentence with the number of checks without a judgement; empty if there are none."""
    if not total.neither:
        return ""
    were = "was" if total.neither == 1 else "were"
    return f"{count_noun(total.neither, 'further check')} {were} not asked, or could not be judged."


def list_run_facts(index: Index) -> tuple[tuple[str, str], ...]:
    """Return how and when the results were produced, as terms and descriptions."""
    run = index.run
    facts = [
        ("Started", format_time(run.started)),
        ("Duration", format_duration(run.seconds)),
        ("Engine", run.engine),
        ("Harness", run.harness),
        ("NumPy", run.numpy),
        ("Ports from", run.implementations),
        ("Cases from", run.cases),
    ]
    return tuple((term, text) for term, text in facts if text)
