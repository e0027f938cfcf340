"""One case of one port, told on a terminal: what it was given, what it printed, what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.columns import Columns
from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from harness.model.case import PUBLISHED_CASE
from harness.model.procedure import label_of
from harness.model.verdict import Standing, Variant
from harness.reports.parts.stages import due_rows
from harness.reports.parts.typeset import correct_digits
from harness.text import make_printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from rich.console import Console

    from harness.reports.parts.typeset import Place
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        FixedRunRecord,
        PortRecord,
        Results,
        StageRecord,
        VerdictRecord,
    )

COLOURS = {
    Standing.CONFORMING: "green",
    Standing.DEVIATING: "red",
    Standing.NEITHER: "dim",
}
ERROR_LINES = 20


def print_case(results: Results, port_name: str, case_name: str, console: Console) -> None:
    """Print all that the results know about one case of one port."""
    port = next(port for port in results.ports if port.name == port_name)
    found = [v for v in results.verdicts if (v.port, v.case) == (port_name, case_name)]
    verdicts = [verdict for verdict in found if verdict.variant is Variant.PUBLISHED]
    case = next((case for case in results.cases if case.name == case_name), None)
    if port.trouble:
        console.print(f"{plain(port.name)} was not run: {plain(port.trouble)}")
        return
    console.print(f"[bold]{plain(port.language)}[/bold] ({plain(port.version)})")
    if case is None or case_name == PUBLISHED_CASE:
        tell_published(port, console)
    else:
        tell_case(case, port, console)
        answers = (a for a in results.answers if (a.port, a.case) == (port_name, case_name))
        for answer in answers:
            if answer.variant is Variant.PUBLISHED:
                tell_answer(answer, case, port, verdicts, console)
    for verdict in verdicts:
        tell_trace(verdict, console)
    console.print(verdict_table(verdicts))
    tell_findings(results, port, verdicts, console)
    if port.fixed is not None:
        fixed = [verdict for verdict in found if verdict.variant is Variant.FIXED]
        tell_fixed(port.fixed, fixed, console)


def tell_published(port: PortRecord, console: Console) -> None:
    """Print what the listing's own main printed."""
    if port.published is None:
        return
    heading(console, "Its own main printed")
    console.print(Padding(plain(port.published.output), (0, 2), expand=False), highlight=False)


def tell_case(case: CaseRecord, port: PortRecord, console: Console) -> None:
    """Print the system and what the oracle says of it."""
    heading(console, f"{case.name} ({case.kind}, {case.place})")
    console.print(Padding(plain(case.why), (0, 2), expand=False), highlight=False)
    console.print(matrix_table(case.system, case.unknowns))
    expected = case.expected[port.arithmetic]
    console.print(Padding(facts(expected), (0, 2), expand=False), highlight=False)


def facts(expected: ExpectedRecord) -> str:
    """What the oracle says, in a line or two."""
    found = (
        f"solutions: {expected.solutions}; rank {expected.rank} (augmented "
        f"{expected.augmented_rank}); condition {expected.condition:.2g}; "
        f"growth {expected.growth:.2g}"
    )
    if expected.solution is None:
        return found
    return f"{found}\nx = ({plain(', '.join(expected.solution))})"


def tell_answer(
    answer: AnswerRecord,
    case: CaseRecord,
    port: PortRecord,
    verdicts: Sequence[VerdictRecord],
    console: Console,
) -> None:
    """Print every stage beside what was due, its deviating entries marked, and what else was
    said."""
    for label, stage in answer.stages.items():
        about = [verdict for verdict in verdicts if label_of(verdict.check) == label]
        tell_stage(label, stage, case, case.expected[port.arithmetic], about, console)
    said: list[tuple[str, Iterable[str]]] = [
        ("remarks", answer.remarks),
        ("failed", (f"{name}: {message}" for name, message in answer.failures.items())),
        ("standard error", answer.errors[-ERROR_LINES:]),
        ("ended", [f"{answer.ending} {answer.reason}"] if answer.reason else []),
    ]
    for title, lines in said:
        if text := "\n".join(lines):
            heading(console, title)
            console.print(Padding(plain(text), (0, 2), expand=False), highlight=False)


def tell_stage(
    label: str,
    stage: StageRecord,
    case: CaseRecord,
    expected: ExpectedRecord,
    verdicts: Sequence[VerdictRecord],
    console: Console,
) -> None:
    """Print a stage, and beside it what was due: of the echelon forms, which are many, only
    where one deviates."""
    deviates = any(verdict.outcome.deviates for verdict in verdicts)
    due = due_rows(label, case, expected) if deviates or label != "echelon" else None
    places = {entry for verdict in verdicts for entry in verdict.entries}
    digits = correct_digits(stage.rows, due or (), places)
    heading(console, label)
    unknowns = case.unknowns if label in ("echelon", "reduced") else 0
    shown = [titled("printed", matrix_table(stage.rows, unknowns, places, digits))]
    if due:
        largest = " with the largest pivots" if label == "echelon" else ""
        shown.append(titled(f"expected{largest}", matrix_table(due, unknowns)))
    console.print(Columns(shown, padding=(0, 4)))
    if digits:
        console.print("[dim]in brackets: correct digits, of 15[/dim]", highlight=False)
    if stage.trouble:
        console.print(f"  [red]{plain(stage.trouble)}[/red]", highlight=False)


def tell_trace(verdict: VerdictRecord, console: Console) -> None:
    """Print which row was taken for the pivot row at each step, where the check is about that."""
    if not verdict.trace:
        return
    heading(console, "pivots (replayed)")
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("step", "column", "rows to choose from", "taken", ""):
        table.add_column(title)
    for number, step in enumerate(verdict.trace, start=1):
        choice = [f"row {row + 1} |{magnitude:.4g}|" for row, magnitude in step.candidates]
        choice += [f"{step.others} more"] if step.others else []
        taken = "none" if step.taken is None else f"row {step.taken + 1}"
        word = "" if step.legal else "[bold red]not the largest[/bold red]"
        if not step.legal and all(earlier.legal for earlier in verdict.trace[: number - 1]):
            word += " ← first departure"
        table.add_row(str(number), str(step.column + 1), ", ".join(choice), taken, word)
    console.print(table)


def tell_findings(
    results: Results, port: PortRecord, verdicts: Sequence[VerdictRecord], console: Console
) -> None:
    """Print the known faults that explain what deviates."""
    named = {verdict.finding for verdict in verdicts if verdict.finding}
    for finding in results.findings:
        if finding.port == port.name and finding.id in named:
            lines = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in finding.lines)
            heading(console, f"{finding.id}: {finding.title} ({port.listing}:{lines})")
            console.print(Padding(plain(finding.explanation), (0, 2)), highlight=False)


def tell_fixed(fixed: FixedRunRecord, verdicts: Sequence[VerdictRecord], console: Console) -> None:
    """Print what becomes of the case with the findings' patches."""
    heading(console, "with the patches of all findings")
    deviating = [verdict for verdict in verdicts if verdict.outcome.deviates]
    if fixed.trouble:
        console.print(f"  [red]was not run: {plain(fixed.trouble)}[/red]", highlight=False)
        console.print(Padding(plain(fixed.log), (0, 2), expand=False), highlight=False)
    elif deviating:
        console.print(verdict_table(deviating))
    else:
        console.print("  nothing deviates")


def plain(text: str) -> str:
    """Foreign words: nothing in them acts, neither as markup nor on the terminal."""
    return escape(make_printable(text))


def heading(console: Console, text: str) -> None:
    """Print a heading with a blank line before it."""
    console.print(f"\n[bold]{plain(text)}[/bold]", highlight=False)


def matrix_table(
    rows: Sequence[Sequence[str]],
    unknowns: int,
    marked: Collection[Place] = (),
    digits: Mapping[Place, str] | None = None,
) -> Table:
    """A matrix with aligned columns, a bar before the right-hand side, and marked entries, with
    the number of their digits that are correct where that is known."""
    table = Table(box=box.SIMPLE, show_header=False, show_edge=False, padding=(0, 1))
    width = max((len(row) for row in rows), default=0)
    bar = 0 < unknowns < width
    for column in range(width):
        if column == unknowns and bar:
            table.add_column("", style="dim")
        table.add_column("", justify="right", overflow="fold")
    for i, row in enumerate(rows):
        cells = [
            marked_entry(text, (digits or {}).get((i, j))) if (i, j) in marked else plain(text)
            for j, text in enumerate(row)
        ]
        if bar:
            cells.insert(unknowns, "│")
        table.add_row(*cells)
    return table


def marked_entry(text: str, digits: str | None) -> str:
    """An entry that deviates."""
    told = "" if digits is None else f" ({digits})"
    return f"[bold red]→ {plain(text)}{told}[/bold red]"


def titled(title: str, table: Table) -> Group:
    """A matrix below its title."""
    return Group(f"[dim]{title}[/dim]", table)


def verdict_table(verdicts: Sequence[VerdictRecord]) -> Table:
    """The checks with their outcomes and what there is to say about each."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, title="")
    for title in ("check", "outcome", ""):
        table.add_column(title, overflow="fold")
    for verdict in verdicts:
        colour = COLOURS[verdict.standing]
        follows = f" (follows {verdict.follows})" if verdict.follows else ""
        measures = ", ".join(f"{name} {value:.3g}" for name, value in verdict.measures.items())
        words = "\n".join(part for part in (verdict.detail + follows, measures) if part)
        table.add_row(verdict.check, f"[{colour}]{verdict.outcome}[/{colour}]", plain(words))
    return table
