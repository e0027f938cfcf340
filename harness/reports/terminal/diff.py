"""Prints a comparison of two runs on a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape

from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Variant
from harness.procedures.registry import CHECK_ORDER
from harness.results.diff import Change, Comparison, format_port_title
from harness.text import clip, count_noun, join_words, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from harness.model.verdict import Outcome
    from harness.results.toolchains import ToolchainChange

MAXIMUM_EXAMPLES = 3
"""The number of cases that are named for one kind of change."""

MAXIMUM_NAME_LENGTH = 80
MAXIMUM_DETAIL_LENGTH = 200


# On a terminal


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what was compared, then the differences, the worst first."""
    scope, toolchains = describe_scope(comparison), describe_toolchains(comparison)
    for line in (*scope, *toolchains, *describe_changes(comparison)):
        console.print(line, highlight=False, soft_wrap=True)


def describe_scope(comparison: Comparison) -> Iterator[str]:
    """Yield the lines about what was compared and what was not."""
    yield f"Compared what both runs share: {count_noun(comparison.compared, 'check')}."
    for which, unshared in (("new", comparison.only_new), ("old", comparison.only_old)):
        for noun, names in (
            ("port", unshared.ports),
            ("case", unshared.cases),
            ("check", unshared.checks),
        ):
            if names:
                number = count_noun(len(names), noun)
                yield f"Only in the {which} run: {number}: {join_names(names)}"
    if comparison.altered:
        number, altered = (
            count_noun(len(comparison.altered), "case"),
            join_names(comparison.altered),
        )
        yield f"Not compared, because the systems differ: {number}: {altered}"
    for which, names in (("old", comparison.no_longer_broken), ("new", comparison.newly_broken)):
        if names:
            number = count_noun(len(names), "port")
            yield f"Broken in the {which} run, and not compared: {number}: {join_names(names)}"
    if comparison.unmatched:
        yield f"Only one run has a verdict on {count_noun(comparison.unmatched, 'further check')}."


def describe_toolchains(comparison: Comparison) -> Iterator[str]:
    """Yield a line for each difference of toolchains, under a heading."""
    if comparison.toolchains:
        heading = "[yellow]![/yellow] [bold]Toolchains differ[/bold]"
        yield f"\n{heading}, so an outcome can differ although no program does:"
    for change, ports in comparison.toolchains:
        yield f"  {join_names(ports)}: {escape_line(', '.join(list_toolchain_changes(change)))}"


def list_toolchain_changes(change: ToolchainChange) -> Iterator[str]:
    """Yield the parts of a line about a difference: the version, then packages such as
    `gcc 4:12.2.0-3 → 4:14.2.0-1`, then the number of others."""
    if change.version:
        yield " → ".join(clip(version, MAXIMUM_NAME_LENGTH) for version in change.version)
    named = (change.requested or change.others)[:MAXIMUM_EXAMPLES]
    for package in named:
        name = clip(package.name, MAXIMUM_NAME_LENGTH)
        versions = (clip(v or "none", MAXIMUM_NAME_LENGTH) for v in (package.old, package.new))
        yield f"{name} {' → '.join(versions)}"
    if omitted := len(change.requested) + len(change.others) - len(named):
        yield count_noun(omitted, "other package")


def describe_changes(comparison: Comparison) -> Iterator[str]:
    """Yield the lines about the differences, under a heading for each kind."""
    sections = (
        ("[red]✗[/red]", "became deviating", comparison.became_deviating),
        ("[red]✗[/red]", "conformed, and can no longer be judged", comparison.no_longer_judged),
        ("[red]✗[/red]", "deviates in another way", comparison.deviates_otherwise),
        ("[green]✓[/green]", "became conforming", comparison.became_conforming),
        ("·", "changed, but did not get worse", comparison.changed_otherwise),
    )
    for sign, heading, changes in sections:
        if changes:
            yield f"\n{sign} [bold]{count_noun(len(changes), 'check')}: {heading}[/bold]"
            yield from format_changes(changes)
    yield ""
    if not comparison.changes and not comparison.newly_broken:
        yield "Nothing changed."
    else:
        yield "[red]Something got worse.[/red]" if comparison.is_worse else "Nothing got worse."


def format_changes(changes: Iterable[Change]) -> Iterator[str]:
    """Yield a line for each port, check and kind of change, with the first cases."""
    ordered = sorted(changes, key=get_group_key)
    for _, group in groupby(ordered, key=get_group_key):
        first, *rest = group
        port = format_port_title((first.port, first.variant, first.case))
        cases = join_names([first.case, *(change.case for change in rest)])
        yield f"  {escape_line(port)}  {first.check}  {first.old} → {first.new}  {cases}"
        detail = escape_line(clip(first.detail, MAXIMUM_DETAIL_LENGTH))
        explanation = f" (explained by {escape_line(first.finding)})" if first.finding else ""
        if detail or explanation:
            yield f"      {detail}{explanation}"


def get_group_key(change: Change) -> tuple[str, Variant, int, Outcome, Outcome]:
    """Return the key of the group of changes that share one line."""
    return change.port, change.variant, CHECK_ORDER[change.check], change.old, change.new


def join_names(names: Sequence[str]) -> str:
    """Return the first names and the number of the others, such as `a, b, c and 4 more`."""
    replaced = {PUBLISHED_CASE: "its own example"}
    first = [
        escape_line(clip(replaced.get(name, name), MAXIMUM_NAME_LENGTH))
        for name in names[:MAXIMUM_EXAMPLES]
    ]
    omitted = len(names) - len(first)
    return f"{', '.join(first)} and {omitted:,} more" if omitted else join_words(first)


def escape_line(text: str) -> str:
    """Return a text as rich markup that prints it literally and on one line, with visible
    symbols for control characters."""
    return escape(make_printable(text).replace("\n", " "))
