"""The end of a run, as it stands on a terminal: what is new first, then what is known."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from harness.model.case import PUBLISHED_CASE, Kind
from harness.model.check import Check
from harness.model.verdict import Outcome, Standing, Variant
from harness.text import clip, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from harness.results.schema import PortRecord, Results, VerdictRecord

OWN_MAIN = "own main"

LOG_LINES = 20
"""How much of a failed build's log is shown."""

LONGEST_LINE = 500

EXAMPLES = 3
"""How many cases are named for each kind of deviation."""


def print_summary(results: Results, console: Console) -> None:
    """Print the table of ports × kinds, the deviations by port, and how to see one again."""
    console.print(by_kind(results))
    for port in results.ports:
        for line in (*told_of(port, results), *told_of_fixed(port, results)):
            console.print(line, highlight=False, soft_wrap=True)
    for line in complaints_of(results):
        console.print(line, highlight=False, soft_wrap=True)
    console.print()
    if example := first_deviation(results):
        command = results.run.again.replace("{port}", example.port)
        command = command.replace("{case}", example.case)
        console.print(
            f"See one again:  [bold]{escape(command)}[/bold]", highlight=False, soft_wrap=True
        )


def kinds_of(results: Results) -> dict[str, str]:
    """The kind of each case by name; the listings' own examples are a kind of their own."""
    return {case.name: case.kind for case in results.cases} | {PUBLISHED_CASE: OWN_MAIN}


def by_kind(results: Results) -> Table:
    """A table of ports × kinds: checks that conform, and checks that deviate, as published."""
    kinds = [*Kind, OWN_MAIN]
    kind_of = kinds_of(results)
    published = [v for v in results.verdicts if v.variant is Variant.PUBLISHED]
    counts = Counter((v.port, kind_of[v.case], v.standing) for v in published)
    defensible = Counter(v.port for v in published if v.outcome is Outcome.DEFENSIBLE)
    fixed = Counter(
        v.port for v in results.verdicts if v.variant is Variant.FIXED and v.outcome.deviates
    )
    title = "Checks that conform, and ✗ those that deviate"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    table.add_column("port")
    for title in (*kinds, "all", "defensible", "fixed"):
        table.add_column(title, justify="right")
    for port in results.ports:
        cells = [figures(counts, port.name, [kind]) for kind in kinds]
        cells += [figures(counts, port.name, kinds), str(defensible[port.name])]
        left = fixed[port.name]
        repaired = f"[red]✗{left}[/red]" if left else "✓"
        table.add_row(escape(port.name), *cells, repaired if port.fixed else "–")
    return table


def figures(counts: Counter[tuple[str, str, Standing]], port: str, kinds: Sequence[str]) -> str:
    """A cell of the table: `61`, or `58 ✗3`."""
    conforming = sum(counts[port, kind, Standing.CONFORMING] for kind in kinds)
    deviating = sum(counts[port, kind, Standing.DEVIATING] for kind in kinds)
    return f"{conforming} [red]✗{deviating}[/red]" if deviating else f"{conforming}"


def told_of(port: PortRecord, results: Results) -> Iterator[str]:
    """The lines about a port as published: trouble, what is unexplained, then its findings."""
    if port.trouble:
        yield from failed(port.name, port.trouble, port.log)
        return
    found = deviations(port, Variant.PUBLISHED, results)
    if not found:
        yield f"\n[bold]{escape(port.name)}[/bold]  no deviation"
        return
    unexplained = [verdict for verdict in found if verdict.unexplained]
    share = share_explained(unexplained, found)
    yield f"\n[bold]{escape(port.name)}[/bold]  {counted(found)}{share}"
    yield from by_check(unexplained)
    for finding in results.findings:
        mine = [v for v in found if (v.port, v.finding) == (finding.port, finding.id)]
        if mine:
            yield f"  {len(mine):>4} {escape(finding.id)}: {escape(finding.title)}"


def told_of_fixed(port: PortRecord, results: Results) -> Iterator[str]:
    """The lines about a port with its findings' patches, where there is something amiss."""
    if port.fixed is None or port.trouble:
        return
    if port.fixed.trouble:
        yield from failed(f"{port.name} {Variant.FIXED}", port.fixed.trouble, port.fixed.log)
    elif found := deviations(port, Variant.FIXED, results):
        yield f"\n[bold]{escape(port.name)} {Variant.FIXED}[/bold]  {counted(found)} left"
        yield from by_check(found)


def failed(name: str, trouble: str, log: str) -> Iterator[str]:
    """The lines about what could not be run."""
    yield f"\n[bold]{escape(name)}[/bold] was not run: {shown(trouble)}"
    yield from (f"  {shown(line)}" for line in log.splitlines()[-LOG_LINES:])


def deviations(port: PortRecord, variant: Variant, results: Results) -> list[VerdictRecord]:
    """The deviations of a variant of a port."""
    return [
        verdict
        for verdict in results.verdicts
        if (verdict.port, verdict.variant) == (port.name, variant) and verdict.outcome.deviates
    ]


def counted(verdicts: Sequence[VerdictRecord]) -> str:
    """`1 deviation`, or as many as there are."""
    return f"{len(verdicts)} deviation{'' if len(verdicts) == 1 else 's'}"


def share_explained(unexplained: Sequence[VerdictRecord], found: Sequence[VerdictRecord]) -> str:
    """How many of the deviations that were found no finding explains."""
    if not unexplained:
        return ", all explained"
    if len(unexplained) == len(found):
        return ", not explained by any finding"
    return f", [red]{len(unexplained)} of them not explained by any finding[/red]"


def by_check(verdicts: Sequence[VerdictRecord]) -> Iterator[str]:
    """A line for each check and outcome that deviates, with the first cases."""
    ordered = sorted(verdicts, key=lambda v: (list(Check).index(v.check), v.outcome))
    for (check, outcome), group in groupby(ordered, key=lambda v: (v.check, v.outcome)):
        cases = [verdict.case for verdict in group]
        named = ", ".join(cases[:EXAMPLES])
        more = f" and {len(cases) - EXAMPLES} more" if len(cases) > EXAMPLES else ""
        yield f"  [red]✗{len(cases):>3}[/red] {check:<17} {outcome:<11} {escape(named)}{more}"


def complaints_of(results: Results) -> Iterator[str]:
    """The lines about findings that do not hold."""
    if results.complaints:
        yield "\n[bold]Findings that do not hold[/bold]"
    for complaint in results.complaints:
        place = f"{escape(complaint.port)}: {escape(complaint.finding)}"
        yield f"  [red]✗[/red] {place}: {shown(complaint.sentence)}"


def shown(text: str) -> str:
    """What a port printed or a file holds, on its way to the terminal, on which it must not act."""
    return escape(make_printable(clip(text, LONGEST_LINE)))


def first_deviation(results: Results) -> VerdictRecord | None:
    """A deviation to look at first: an unexplained one, and on the smallest system."""
    sizes = {case.name: case.rows * case.unknowns for case in results.cases}
    deviating = [v for v in results.verdicts if v.outcome.deviates and v.case in sizes]
    return min(deviating, key=lambda v: (not v.unexplained, sizes[v.case]), default=None)
