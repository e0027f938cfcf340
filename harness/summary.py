"""The end of a run, as it stands on a terminal."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from harness.cases import Kind
from harness.verdict import PUBLISHED_CASE, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from harness.results import PortRecord, Results, Verdict

LOG_LINES = 20
"""How much of a failed build's log is shown."""

EXAMPLES = 3
"""How many cases are named for each kind of deviation."""


def print_summary(results: Results, console: Console) -> None:
    """Print the table of ports × kinds, the deviations by port, and how to see one again."""
    console.print(by_kind(results))
    for port in results.ports:
        for line in deviations_of(port, results):
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
    return {case.name: case.kind for case in results.cases} | {PUBLISHED_CASE: "as published"}


def by_kind(results: Results) -> Table:
    """A table of ports × kinds: checks that conform, and checks that deviate."""
    kinds = [*Kind, "as published"]
    kind_of = kinds_of(results)
    counts = Counter(
        (verdict.port, kind_of[verdict.case], verdict.standing) for verdict in results.verdicts
    )
    table = Table(title="Checks that conform, and ✗ those that deviate", title_justify="left")
    table.add_column("port")
    for kind in (*kinds, "all"):
        table.add_column(kind, justify="right")
    for port in results.ports:
        cells = [figures(counts, port.name, [kind]) for kind in kinds]
        table.add_row(escape(port.name), *cells, figures(counts, port.name, kinds))
    return table


def figures(counts: Counter[tuple[str, str, Standing]], port: str, kinds: Sequence[str]) -> str:
    """A cell of the table: `61`, or `58 ✗3`."""
    conforming = sum(counts[port, kind, Standing.CONFORMING] for kind in kinds)
    deviating = sum(counts[port, kind, Standing.DEVIATING] for kind in kinds)
    return f"{conforming} [red]✗{deviating}[/red]" if deviating else f"{conforming}"


def deviations_of(port: PortRecord, results: Results) -> Iterable[str]:
    """The lines about one port: trouble, or its deviations by check and outcome."""
    if port.trouble:
        yield f"\n[bold]{escape(port.name)}[/bold] was not run: {escape(port.trouble)}"
        yield from (f"  {escape(line)}" for line in port.log.splitlines()[-LOG_LINES:])
        return
    deviating = [v for v in results.verdicts if v.port == port.name and v.outcome.deviates]
    if not deviating:
        yield f"\n[bold]{escape(port.name)}[/bold]  no deviation"
        return
    yield f"\n[bold]{escape(port.name)}[/bold]  {len(deviating)} deviations"
    deviating.sort(key=lambda v: (v.check, v.outcome))
    for (check, outcome), group in groupby(deviating, key=lambda v: (v.check, v.outcome)):
        cases = [verdict.case for verdict in group]
        named = ", ".join(cases[:EXAMPLES])
        more = f" and {len(cases) - EXAMPLES} more" if len(cases) > EXAMPLES else ""
        yield f"  [red]✗{len(cases):>3}[/red] {check:<17} {outcome:<11} {escape(named)}{more}"


def first_deviation(results: Results) -> Verdict | None:
    """A deviation to look at first: on the smallest system there is one on."""
    sizes = {case.name: case.rows * case.unknowns for case in results.cases}
    deviating = [v for v in results.verdicts if v.outcome.deviates and v.case in sizes]
    return min(deviating, key=lambda verdict: sizes[verdict.case], default=None)
