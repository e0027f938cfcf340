"""The summary of a run on a terminal: unexplained deviations first, then known findings."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from harness.model.case import PUBLISHED_CASE, Kind
from harness.model.verdict import Variant
from harness.procedures.registry import CHECK_ORDER
from harness.reports.parts.attention import find_harness_failures
from harness.reports.parts.claims import build_claim_rows, describe_limits
from harness.reports.parts.failures import build_next_step, format_plain_title, name_failure
from harness.reports.parts.given_up import describe_given_up
from harness.reports.parts.index import Index
from harness.reports.parts.plain import compare_plain_build
from harness.reports.parts.tally import Tally
from harness.text import clip, count_noun, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from harness.results.cells import Verdict
    from harness.results.results import Results
    from harness.results.schema import FurtherRunRecord, PortRecord, VerdictRecord

OWN_MAIN_COLUMN = "own main"

MAXIMUM_LOG_LINES = 20
"""The number of lines of a failed build that are shown."""

MAXIMUM_LINE_LENGTH = 500

MAXIMUM_EXAMPLES = 3
"""The number of cases that are named for one kind of deviation."""


def print_summary(results: Results, console: Console, names_all: bool = False) -> None:
    """Print the table of ports and kinds, the deviations by port, and the command that runs one
    deviating case again. For each kind of deviation, print the names of the first cases, or with
    `names_all` those of all cases."""
    index = Index(results)
    examples = None if names_all else MAXIMUM_EXAMPLES
    console.print(build_kind_table(index))
    for port in results.ports:
        lines = chain(
            describe_port(port, index, examples),
            describe_fixed_port(port, index, examples),
            describe_plain_port(port, index),
        )
        for line in lines:
            console.print(line, highlight=False, soft_wrap=True)
    failures = describe_harness_failures(index, examples)
    for line in (*describe_finding_problems(results), *failures):
        console.print(line, highlight=False, soft_wrap=True)
    console.print()
    if example := choose_example(results):
        command = format_rerun_command(
            results.run.again, example.port, example.case, example.asked_first
        )
        console.print(
            f"Run one again:  [bold]{escape(command)}[/bold]", highlight=False, soft_wrap=True
        )


def build_kind_table(index: Index) -> Table:
    """Return a table with a row for each port and a column for each kind, with the numbers of
    conforming and deviating checks of the published port."""
    kinds = [*Kind, OWN_MAIN_COLUMN]
    title = "Checks that conform, and ✗ checks that deviate"
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True
    )
    table.add_column("port")
    for title in (*kinds, "all", "defensible", "fixed"):
        table.add_column(title, justify="right")
    for port in index.ports:
        if port.trouble:
            state = f"[red]{name_failure(port)}[/red]"
            table.add_row(escape(port.name), *("–" for _ in kinds), state, "–", "–")
            continue
        tallies = [count_kind(index, port, kind) for kind in kinds]
        total = sum(tallies, Tally())
        cells = [*map(format_tally, (*tallies, total)), str(total.defensible)]
        fixed = format_fixed(port, index.fixed.count_deviations(port))
        table.add_row(escape(port.name), *cells, fixed)
    return table


def count_kind(index: Index, port: PortRecord, kind: str) -> Tally:
    """Return the counts of a port's verdicts on one kind of cases, or on its own example."""
    if kind == OWN_MAIN_COLUMN:
        names = [PUBLISHED_CASE]
    else:
        names = [case.name for case in index.cases_by_kind.get(kind, ())]
    cells = index.get_cells(port)
    return Tally.count(cells[name] for name in names if name in cells)


def format_fixed(port: PortRecord, deviations: int) -> str:
    """Return a cell that says whether the fixed port was run, and how often it deviates."""
    if port.fixed is None:
        return "–"
    if port.fixed.trouble:
        return f"[red]{name_failure(port.fixed)}[/red]"
    return f"[red]✗{deviations}[/red]" if deviations else "✓"


def format_tally(tally: Tally) -> str:
    """Return a cell of the table, such as `61` or `58 ✗3`."""
    conforming = tally.conforming + tally.defensible
    return f"{conforming} [red]✗{tally.deviating}[/red]" if tally.deviating else f"{conforming}"


def describe_port(
    port: PortRecord, index: Index, examples: int | None = MAXIMUM_EXAMPLES
) -> Iterator[str]:
    """Yield the lines about a port as published: why it could not be run, its unexplained
    deviations, and its findings. `examples` is the number of cases to name; None names all."""
    if port.trouble:
        yield from describe_failed_run(index.results, port, port, port.name)
        return
    deviations = index.collect_deviations(port)
    if not deviations:
        yield f"\n[bold]{escape(port.name)}[/bold]  no deviation"
        yield from describe_claims(port, index)
        return
    comparison = compare_plain_build(index, port, deviations)
    unexplained = [verdict for verdict in deviations if verdict.unexplained]
    unexplained_share = describe_unexplained(unexplained, deviations)
    count = format_deviation_count(deviations)
    yield f"\n[bold]{escape(port.name)}[/bold]  {count}{unexplained_share}"
    yield from format_checks(unexplained, examples)
    for finding in index.select_findings(port):
        explained = [verdict for verdict in deviations if verdict.finding == finding.id]
        if explained:
            yield f"  {len(explained):>4} {escape(finding.id)}: {escape(finding.title)}"
        if examples is None:
            yield from (f"     {line}" for line in format_checks(explained, examples))
    if comparison is not None:
        yield f"  {clip_and_escape(comparison.sentence)}"
    yield from describe_recurrences(index, deviations, examples)
    if sentence := describe_given_up(index, port):
        yield f"  {clip_and_escape(sentence)}"
    yield from describe_claims(port, index)


def describe_claims(port: PortRecord, index: Index) -> Iterator[str]:
    """Yield the line about the cases that the claims of a port limit, if there are any."""
    if sentence := describe_limits(build_claim_rows(index, port)):
        yield f"  {clip_and_escape(sentence)}"


def describe_fixed_port(
    port: PortRecord, index: Index, examples: int | None = MAXIMUM_EXAMPLES
) -> Iterator[str]:
    """Yield the lines about a fixed port, if it could not be run or deviates. `examples` is the
    number of cases to name; None names all."""
    if port.fixed is None or port.trouble:
        return
    title = f"{port.name} {Variant.FIXED}"
    if port.fixed.trouble:
        yield from describe_failed_run(index.results, port, port.fixed, title)
    elif deviations := index.fixed.collect_deviations(port):
        yield f"\n[bold]{escape(title)}[/bold]  {format_deviation_count(deviations)} left"
        yield from format_checks(deviations, examples)
        yield from describe_recurrences(index, deviations, examples)


def describe_plain_port(port: PortRecord, index: Index) -> Iterator[str]:
    """Yield the lines about a port whose plain build could not be run."""
    if port.plain is not None and port.plain.trouble:
        title = format_plain_title(port.name)
        yield from describe_failed_run(index.results, port, port.plain, title)


def describe_failed_run(
    results: Results, port: PortRecord, record: PortRecord | FurtherRunRecord, name: str
) -> Iterator[str]:
    """Yield the lines about a run of a port that has no results: the reason, the last lines that
    it or its build printed, and the command to run next if there is one."""
    state = "is broken" if record.broken else "was not run"
    yield f"\n[bold]{escape(name)}[/bold] {state}: {clip_and_escape(record.trouble)}"
    log = record.log.splitlines()[-MAXIMUM_LOG_LINES:]
    yield from (f"  {clip_and_escape(line)}" for line in log)
    if next_step := build_next_step(results.run, port.name, record):
        yield f"  Next:  [bold]{escape(next_step)}[/bold]"


def format_deviation_count(verdicts: Sequence[Verdict]) -> str:
    """Return the number of deviations with its noun, such as `1 deviation`."""
    return f"{len(verdicts)} deviation{'' if len(verdicts) == 1 else 's'}"


def describe_unexplained(unexplained: Sequence[Verdict], deviations: Sequence[Verdict]) -> str:
    """Return the end of a sentence that says how many of the deviations are unexplained."""
    if not unexplained:
        return ", all explained"
    if len(unexplained) == len(deviations):
        return ", not explained by any finding"
    return f", [red]{len(unexplained)} of them not explained by any finding[/red]"


def format_checks(
    verdicts: Sequence[Verdict], examples: int | None = MAXIMUM_EXAMPLES
) -> Iterator[str]:
    """Yield a line for each check and outcome that deviates, with the first cases."""
    sorted_verdicts = sorted(verdicts, key=lambda v: (CHECK_ORDER[v.check], v.outcome))
    for (check, outcome), group in groupby(sorted_verdicts, key=lambda v: (v.check, v.outcome)):
        cases = [verdict.case for verdict in group]
        names = escape(abbreviate_names(cases, examples))
        yield f"  [red]✗{len(cases):>3}[/red] {check:<17} {outcome:<11} {names}"


def abbreviate_names(names: Sequence[str], examples: int | None) -> str:
    """Return the first names and the number of the others, such as `a, b, c and 54 more`.

    `examples` is the number of names; None stands for all.
    """
    first = names[:examples]
    omitted = len(names) - len(first)
    return ", ".join(first) + (f" and {omitted} more" if omitted else "")


def describe_recurrences(
    index: Index, verdicts: Sequence[Verdict], examples: int | None = MAXIMUM_EXAMPLES
) -> Iterator[str]:
    """Yield a line for each way in which deviations do not occur each time, with the first
    cases."""
    groups: dict[str, list[str]] = {}
    for verdict in verdicts:
        if not verdict.mark.recurs and (recurrence := index.read_verdict(verdict).recurrence):
            groups.setdefault(recurrence.summary, []).append(verdict.case)
    for summary, cases in groups.items():
        names = abbreviate_names([*dict.fromkeys(cases)], examples)
        yield f"  {len(cases):>4} {escape(summary)}: {escape(names)}"


def describe_finding_problems(results: Results) -> Iterator[str]:
    """Yield the lines about findings that do not hold or are not tested."""
    for not_tested, title, sign in (
        (False, "Findings that do not hold", "✗"),
        (True, "Findings that are not tested", "⚠"),
    ):
        problems = [each for each in results.complaints if each.not_tested is not_tested]
        if problems:
            yield f"\n[bold]{title}[/bold]"
        for problem in problems:
            finding = f"{escape(problem.port)}: {escape(problem.finding)}"
            yield f"  [red]{sign}[/red] {finding}: {clip_and_escape(problem.sentence)}"


def describe_harness_failures(
    index: Index, examples: int | None = MAXIMUM_EXAMPLES
) -> Iterator[str]:
    """Yield the lines about answers that the harness could not judge."""
    failed = find_harness_failures(index.results)
    if failed:
        yield f"\n[bold]Not judged: {count_noun(len(failed), 'answer')}[/bold]"
    for verdict in failed[:examples]:
        detail = clip_and_escape(index.read_verdict(verdict).detail)
        yield f"  [red]⚠[/red] {escape(verdict.port)}, {escape(verdict.case)}: {detail}"


def clip_and_escape(text: str) -> str:
    """Return a text of bounded length as rich markup that prints it literally, with visible
    symbols for control characters."""
    return escape(make_printable(clip(text, MAXIMUM_LINE_LENGTH)))


def choose_example(results: Results) -> VerdictRecord | None:
    """Return the deviation to look at first: an unexplained one if there is one, and of those
    the one on the smallest system. Return None if nothing deviates."""
    sizes = {case.name: case.rows * case.unknowns for case in results.case_summaries.values()}
    deviating = (v for v in results.list_verdicts(deviating=True) if v.case in sizes)
    first = min(deviating, key=lambda v: (not v.unexplained, sizes[v.case]), default=None)
    return results.read_verdict(first) if first else None
