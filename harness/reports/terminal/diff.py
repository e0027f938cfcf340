"""Prints a comparison of two runs on a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape

from harness.model.case import PUBLISHED_CASE
from harness.model.check import Check
from harness.model.verdict import Variant
from harness.results.diff import Change, Comparison, port_title
from harness.text import clip, count_noun, join_words, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from harness.model.verdict import Outcome

EXAMPLES = 3
"""How many cases are named of those in which the same happened."""

LONGEST_NAME = 80
LONGEST_DETAIL = 200


# On a terminal


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what was compared, then what is different, the worst first."""
    for line in (*scope(comparison), *differences(comparison)):
        console.print(line, highlight=False, soft_wrap=True)


def scope(comparison: Comparison) -> Iterator[str]:
    """What was compared, and what not."""
    yield f"Compared what both runs share: {count_noun(comparison.compared, 'check')}."
    for where, found in (("new", comparison.new), ("old", comparison.gone)):
        for noun, names in (
            ("port", found.ports),
            ("case", found.cases),
            ("check", found.checks),
        ):
            if names:
                yield f"Only in the {where} run: {count_noun(len(names), noun)}: {named(names)}"
    if comparison.altered:
        number = count_noun(len(comparison.altered), "case")
        yield f"Not compared, as the system is another: {number}: {named(comparison.altered)}"
    if comparison.missed:
        yield f"Only one run has a verdict on {count_noun(comparison.missed, 'further check')}."


def differences(comparison: Comparison) -> Iterator[str]:
    """What is different, under a heading for each way to be."""
    sections = (
        ("[red]✗[/red]", "became deviating", comparison.became_deviating),
        ("[red]✗[/red]", "conformed, can no longer be judged", comparison.no_longer_judged),
        ("[red]✗[/red]", "deviates in another way", comparison.deviates_otherwise),
        ("[green]✓[/green]", "became conforming", comparison.became_conforming),
        ("·", "changed, and is no worse", comparison.otherwise_changed),
    )
    for sign, heading, changes in sections:
        if changes:
            yield f"\n{sign} [bold]{count_noun(len(changes), 'check')}: {heading}[/bold]"
            yield from grouped(changes)
    yield ""
    if not comparison.changes:
        yield "Nothing changed."
    else:
        yield "[red]Something got worse.[/red]" if comparison.worse else "Nothing got worse."


def grouped(changes: Iterable[Change]) -> Iterator[str]:
    """A line for each port, check and way to change, with the first cases."""
    ordered = sorted(changes, key=way)
    for _, group in groupby(ordered, key=way):
        first, *rest = group
        port = port_title((first.port, first.variant, first.case, first.check))
        names = named([first.case, *(change.case for change in rest)])
        yield f"  {plain(port)}  {first.check}  {first.old} → {first.new}  {names}"
        told = plain(clip(first.detail, LONGEST_DETAIL))
        known = f" (explained by {plain(first.finding)})" if first.finding else ""
        if told or known:
            yield f"      {told}{known}"


def way(change: Change) -> tuple[str, Variant, int, Outcome, Outcome]:
    """What changes have in common that are told in one line."""
    return change.port, change.variant, list(Check).index(change.check), change.old, change.new


def named(names: Sequence[str]) -> str:
    """`a, b, c and 4 more`."""
    own = {PUBLISHED_CASE: "its own example"}
    shown = [plain(clip(own.get(name, name), LONGEST_NAME)) for name in names[:EXAMPLES]]
    more = len(names) - len(shown)
    return f"{', '.join(shown)} and {more:,} more" if more else join_words(shown)


def plain(text: str) -> str:
    """Foreign words: nothing in them acts, neither as markup nor on the terminal."""
    return escape(make_printable(text).replace("\n", " "))
