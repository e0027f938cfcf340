"""The commands that list ports, cases, checks and findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.common import load_own_and_shipped, make_console
from harness.cli.options import cases_option, implementations_option
from harness.text import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@click.group(name="list")
def list_group() -> None:
    """List ports, cases, checks or findings, one on each line.

    On a terminal this is a table. Elsewhere tabs separate the columns, no
    text is shortened, and there is no line with titles.
    """


@list_group.command()
@implementations_option
def ports(implementations: Path) -> None:
    """List the ports: name, language, arithmetic, number of findings, listing, procedures."""
    from harness.inputs.ports import load_ports

    titles = ("port", "language", "arithmetic", "findings", "listing", "procedures")
    print_table(
        titles,
        (
            (
                port.name,
                port.language,
                port.arithmetic,
                str(len(port.findings)),
                port.listing,
                ", ".join(port.procedures),
            )
            for port in load_ports(implementations)
        ),
    )


@list_group.command()
@cases_option
def cases(case_paths: tuple[Path, ...]) -> None:
    """List the cases: name, kind, rows, unknowns, right-hand sides, place, and reason."""
    titles = ("case", "kind", "rows", "unknowns", "right-hand sides", "place", "why")
    print_table(
        titles,
        (
            (
                case.name,
                case.kind,
                str(case.rows),
                str(case.unknowns),
                str(case.right_hand_sides),
                case.place,
                case.why,
            )
            for case in load_own_and_shipped(case_paths)
        ),
    )


@list_group.command()
def checks() -> None:
    """List the checks: name, procedure, and question."""
    from harness.procedures.registry import CHECKS, REGISTRY

    owners = {check: procedure.name for procedure in REGISTRY for check in procedure.checks}
    print_table(
        ("check", "procedure", "question"),
        ((check, owners.get(check, "–"), check.question) for check in CHECKS.values()),
    )


@list_group.command()
@implementations_option
def findings(implementations: Path) -> None:
    """List the findings: port, name, place, procedure, lines, checks, and title."""
    from harness.inputs.ports import load_ports

    titles = ("port", "finding", "place", "procedure", "lines", "checks", "title")
    print_table(
        titles,
        (
            (
                port.name,
                finding.id,
                finding.place,
                finding.procedure or "–",
                ", ".join(map(format_lines, finding.lines)) or "–",
                ", ".join(dict.fromkeys(claim.check for claim in finding.claims)),
                finding.title,
            )
            for port in load_ports(implementations)
            for finding in port.findings
        ),
    )


def format_lines(lines: tuple[int, int]) -> str:
    """Return a range of lines such as `32-34` or `14`."""
    first, last = lines
    return str(first) if first == last else f"{first}-{last}"


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of text: on a terminal as a table with titles, elsewhere with tabs."""
    console = make_console()
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join(map(format_cell, row)))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="")
    for number, title in enumerate(titles):
        table.add_column(title, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(format_cell(text)) for text in row))
    console.print(table)


def format_cell(text: str) -> str:
    """Return a text without tabs, newlines and control characters."""
    return make_printable(" ".join(text.split()))
