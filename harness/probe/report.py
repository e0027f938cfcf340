"""Print the results of a probe on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding

from harness.protocol.error_log import MARKER
from harness.reports.terminal.case import escape_text, print_heading
from harness.text import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from harness.probe.steps import ProbeStep

MAXIMUM_LINES_SHOWN = 14
MAXIMUM_CHARACTERS_SHOWN = 90


def print_step(step: ProbeStep, console: Console) -> None:
    """Print a finished step, and the trouble with it if there is any."""
    sign = "[red]✗[/red]" if step.trouble else "[green]✓[/green]"
    detail = (
        f"  [dim]{escape_text(clip(step.detail, MAXIMUM_CHARACTERS_SHOWN))}[/dim]"
        if step.detail
        else ""
    )
    console.print(f"{sign} {escape_text(step.title)}{detail}", highlight=False)
    for note in step.notes:
        console.print(
            Padding(f"[yellow]note:[/yellow] {escape_text(note)}", (0, 4), expand=False),
            highlight=False,
        )
    if step.trouble is not None:
        print_trouble(step, console)


def print_trouble(step: ProbeStep, console: Console) -> None:
    """Print what was sent, what came back, what was expected, and what to do."""
    trouble, exchange = step.trouble, step.exchange
    assert trouble is not None
    if exchange is not None:
        print_lines("sent", exchange.sent or ("(the end of input)",), console)
        print_lines("came back", exchange.output or ("(nothing)",), console, trouble.line)
        errors = [line for line in exchange.errors if not line.startswith(MARKER)]
        if errors:
            print_lines("on standard error", errors[-MAXIMUM_LINES_SHOWN:], console)
    for title, text in (
        ("what happened", trouble.happened),
        ("expected", trouble.expected),
        ("what to do", trouble.advice),
    ):
        print_heading(console, title)
        console.print(Padding(escape_text(text), (0, 2), expand=False), highlight=False)


def print_lines(
    title: str, lines: Sequence[str], console: Console, marked: int | None = None
) -> None:
    """Print at most MAXIMUM_LINES_SHOWN lines, among them the marked one, with an arrow."""
    print_heading(console, title)
    first = 0
    if marked is not None:
        first = max(0, min(marked - MAXIMUM_LINES_SHOWN // 2, len(lines) - MAXIMUM_LINES_SHOWN))
    omission = "  [dim]… {} more[/dim]"
    if first:
        console.print(omission.format(first), highlight=False)
    for index, line in enumerate(lines[first : first + MAXIMUM_LINES_SHOWN], first):
        arrow = "[red]→[/red]" if index == marked else " "
        text = escape_text(clip(line, MAXIMUM_CHARACTERS_SHOWN))
        console.print(f"{arrow} {text}", highlight=False, soft_wrap=True)
    if (hidden := len(lines) - first - MAXIMUM_LINES_SHOWN) > 0:
        console.print(omission.format(hidden), highlight=False)


def print_outcome(step: ProbeStep, check: str, console: Console) -> None:
    """Print whether the driver follows the protocol, and what to do next.

    `step` is the last step of the probe. `check` is the command that runs the port on the cases.
    """
    if step.trouble is None:
        console.print(
            f"\nThe driver follows the protocol. Next: {escape_text(check)}", highlight=False
        )
    else:
        console.print("\ndocs/protocol.md describes the protocol.", highlight=False)
