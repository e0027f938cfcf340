"""The summary of a run on a terminal: unexplained deviations first, then known findings."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from harness.model.case import PUBLISHED_CASE, Kind
from harness.model.verdict import Outcome, Standing, Variant
from harness.procedures.registry import CHECK_ORDER
from harness.reports.parts.failures import build_next_step, name_failure
from harness.reports.parts.given_up import describe_given_up
from harness.reports.parts.index import Index
from harness.reports.parts.plain import compare_plain_build
from harness.text import clip, count_noun, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from harness.results.schema import FixedRunRecord, PortRecord, Results, VerdictRecord

OWN_MAIN_COLUMN = "own main"

MAXIMUM_LOG_LINES = 20
"""The number of lines of a failed build that are shown."""

MAXIMUM_LINE_LENGTH = 500

MAXIMUM_EXAMPLES = 3
"""The number of cases that are named for one kind of deviation."""


def print_summary(results: Results, console: Console) -> None:
    """Print the table of ports and kinds, the deviations by port, and the command that runs one
    deviating case again."""
    console.print(build_kind_table(results))
    for port in results.ports:
        for line in (*describe_port(port, results), *describe_fixed_port(port, results)):
            console.print(line, highlight=False, soft_wrap=True)
    for line in (*describe_finding_problems(results), *describe_harness_failures(results)):
        console.print(line, highlight=False, soft_wrap=True)
    console.print()
    if example := choose_example(results):
        command = format_rerun_command(
            results.run.again, example.port, example.case, example.asked_first
        )
        console.print(
            f"Run one again:  [bold]{escape(command)}[/bold]", highlight=False, soft_wrap=True
        )


def map_cases_to_kinds(results: Results) -> dict[str, str]:
    """Return the kind of each case by name. The listings' own examples have a kind of their own."""
    return {case.name: case.kind for case in results.cases} | {PUBLISHED_CASE: OWN_MAIN_COLUMN}


def build_kind_table(results: Results) -> Table:
    """Return a table with a row for each port and a column for each kind, with the numbers of
    conforming and deviating checks of the published port."""
    kinds = [*Kind, OWN_MAIN_COLUMN]
    kind_of = map_cases_to_kinds(results)
    published = [v for v in results.verdicts if v.variant is Variant.PUBLISHED]
    counts = Counter((v.port, kind_of[v.case], v.standing) for v in published)
    defensible = Counter(v.port for v in published if v.outcome is Outcome.DEFENSIBLE)
    fixed = Counter(
        v.port for v in results.verdicts if v.variant is Variant.FIXED and v.outcome.deviates
    )
    title = "Checks that conform, and ✗ checks that deviate"
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True
    )
    table.add_column("port")
    for title in (*kinds, "all", "defensible", "fixed"):
        table.add_column(title, justify="right")
    for port in results.ports:
        if port.trouble:
            state = f"[red]{name_failure(port)}[/red]"
            table.add_row(escape(port.name), *("–" for _ in kinds), state, "–", "–")
            continue
        cells = [format_counts(counts, port.name, [kind]) for kind in kinds]
        cells += [format_counts(counts, port.name, kinds), str(defensible[port.name])]
        table.add_row(escape(port.name), *cells, format_fixed(port, fixed[port.name]))
    return table


def format_fixed(port: PortRecord, deviations: int) -> str:
    """Return a cell that says whether the fixed port was run, and how often it deviates."""
    if port.fixed is None:
        return "–"
    if port.fixed.trouble:
        return f"[red]{name_failure(port.fixed)}[/red]"
    return f"[red]✗{deviations}[/red]" if deviations else "✓"


def format_counts(
    counts: Counter[tuple[str, str, Standing]], port: str, kinds: Sequence[str]
) -> str:
    """Return a cell of the table, such as `61` or `58 ✗3`."""
    conforming = sum(counts[port, kind, Standing.CONFORMING] for kind in kinds)
    deviating = sum(counts[port, kind, Standing.DEVIATING] for kind in kinds)
    return f"{conforming} [red]✗{deviating}[/red]" if deviating else f"{conforming}"


def describe_port(port: PortRecord, results: Results) -> Iterator[str]:
    """Yield the lines about a port as published: why it could not be run, its unexplained
    deviations, and its findings."""
    if port.trouble:
        yield from describe_failed_run(results, port, Variant.PUBLISHED)
        return
    deviations = select_deviations(port, Variant.PUBLISHED, results)
    if not deviations:
        yield f"\n[bold]{escape(port.name)}[/bold]  no deviation"
        return
    comparison = compare_plain_build(Index(results), port, deviations)
    unexplained = [verdict for verdict in deviations if verdict.unexplained]
    unexplained_share = describe_unexplained(unexplained, deviations)
    count = format_deviation_count(deviations)
    yield f"\n[bold]{escape(port.name)}[/bold]  {count}{unexplained_share}"
    yield from format_checks(unexplained)
    for finding in results.findings:
        explained = [v for v in deviations if (v.port, v.finding) == (finding.port, finding.id)]
        if explained:
            yield f"  {len(explained):>4} {escape(finding.id)}: {escape(finding.title)}"
    if comparison is not None:
        yield f"  {clip_and_escape(comparison.sentence)}"
    yield from describe_recurrences(deviations)
    key = (port.name, Variant.PUBLISHED)
    verdicts = (v for v in results.verdicts if (v.port, v.variant) == key)
    if sentence := describe_given_up(verdicts, len(results.cases)):
        yield f"  {clip_and_escape(sentence)}"


def describe_fixed_port(port: PortRecord, results: Results) -> Iterator[str]:
    """Yield the lines about a fixed port, if it could not be run or deviates."""
    if port.fixed is None or port.trouble:
        return
    if port.fixed.trouble:
        yield from describe_failed_run(results, port, Variant.FIXED)
    elif deviations := select_deviations(port, Variant.FIXED, results):
        name = f"{escape(port.name)} {Variant.FIXED}"
        yield f"\n[bold]{name}[/bold]  {format_deviation_count(deviations)} left"
        yield from format_checks(deviations)
        yield from describe_recurrences(deviations)


def describe_failed_run(results: Results, port: PortRecord, variant: Variant) -> Iterator[str]:
    """Yield the lines about a variant of a port that has no results: the reason, the last lines
    that it or its build printed, and the command to run next if there is one."""
    record: PortRecord | FixedRunRecord = port
    name = port.name
    if variant is Variant.FIXED and port.fixed is not None:
        record, name = port.fixed, f"{port.name} {variant}"
    state = "is broken" if record.broken else "was not run"
    yield f"\n[bold]{escape(name)}[/bold] {state}: {clip_and_escape(record.trouble)}"
    log = record.log.splitlines()[-MAXIMUM_LOG_LINES:]
    yield from (f"  {clip_and_escape(line)}" for line in log)
    if next_step := build_next_step(results.run, port.name, record):
        yield f"  Next:  [bold]{escape(next_step)}[/bold]"


def select_deviations(port: PortRecord, variant: Variant, results: Results) -> list[VerdictRecord]:
    """Return the deviations of a variant of a port."""
    return [
        verdict
        for verdict in results.verdicts
        if (verdict.port, verdict.variant) == (port.name, variant) and verdict.outcome.deviates
    ]


def format_deviation_count(verdicts: Sequence[VerdictRecord]) -> str:
    """Return the number of deviations with its noun, such as `1 deviation`."""
    return f"{len(verdicts)} deviation{'' if len(verdicts) == 1 else 's'}"


def describe_unexplained(
    unexplained: Sequence[VerdictRecord], deviations: Sequence[VerdictRecord]
) -> str:
    """Return the end of a sentence that says how many of the deviations are unexplained."""
    if not unexplained:
        return ", all explained"
    if len(unexplained) == len(deviations):
        return ", not explained by any finding"
    return f", [red]{len(unexplained)} of them not explained by any finding[/red]"


def format_checks(verdicts: Sequence[VerdictRecord]) -> Iterator[str]:
    """Yield a line for each check and outcome that deviates, with the first cases."""
    sorted_verdicts = sorted(verdicts, key=lambda v: (CHECK_ORDER[v.check], v.outcome))
    for (check, outcome), group in groupby(sorted_verdicts, key=lambda v: (v.check, v.outcome)):
        cases = [verdict.case for verdict in group]
        examples, omitted = cases[:MAXIMUM_EXAMPLES], len(cases) - MAXIMUM_EXAMPLES
        names = escape(", ".join(examples)) + (f" and {omitted} more" if omitted > 0 else "")
        yield f"  [red]✗{len(cases):>3}[/red] {check:<17} {outcome:<11} {names}"


def describe_recurrences(verdicts: Sequence[VerdictRecord]) -> Iterator[str]:
    """Yield a line for each way in which deviations do not occur each time, with the first
    cases."""
    groups: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.recurrence:
            groups.setdefault(verdict.recurrence.summary, []).append(verdict.case)
    for summary, cases in groups.items():
        names = dict.fromkeys(cases)
        examples, omitted = [*names][:MAXIMUM_EXAMPLES], len(names) - MAXIMUM_EXAMPLES
        more = f" and {omitted} more" if omitted > 0 else ""
        yield f"  {len(cases):>4} {escape(summary)}: {escape(', '.join(examples))}{more}"


def describe_finding_problems(results: Results) -> Iterator[str]:
    """Yield the lines about findings that do not hold."""
    if results.complaints:
        yield "\n[bold]Findings that do not hold[/bold]"
    for problem in results.complaints:
        finding = f"{escape(problem.port)}: {escape(problem.finding)}"
        yield f"  [red]✗[/red] {finding}: {clip_and_escape(problem.sentence)}"


def describe_harness_failures(results: Results) -> Iterator[str]:
    """Yield the lines about answers that the harness could not judge."""
    details = {
        (verdict.port, verdict.case): verdict.detail
        for verdict in results.verdicts
        if verdict.outcome is Outcome.NOT_JUDGED
    }
    if details:
        yield f"\n[bold]Not judged: {count_noun(len(details), 'answer')}[/bold]"
    for (port, case), detail in list(details.items())[:MAXIMUM_EXAMPLES]:
        yield f"  [red]⚠[/red] {escape(port)}, {escape(case)}: {clip_and_escape(detail)}"


def clip_and_escape(text: str) -> str:
    """Return a text of bounded length as rich markup that prints it literally, with visible
    symbols for control characters."""
    return escape(make_printable(clip(text, MAXIMUM_LINE_LENGTH)))


def choose_example(results: Results) -> VerdictRecord | None:
    """Return the deviation to look at first: an unexplained one if there is one, and of those
    the one on the smallest system. Return None if nothing deviates."""
    sizes = {case.name: case.rows * case.unknowns for case in results.cases}
    deviating = [v for v in results.verdicts if v.outcome.deviates and v.case in sizes]
    return min(deviating, key=lambda v: (not v.unexplained, sizes[v.case]), default=None)
