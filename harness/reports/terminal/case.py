"""Prints one case of one port on a terminal: the system, what the port printed, and the
verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.columns import Columns
from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from harness.model.case import PUBLISHED_CASE, Arithmetic
from harness.model.finding import Place
from harness.model.verdict import Standing, Variant
from harness.reports.parts.matrices import count_correct_digits
from harness.reports.parts.pivots import describe_wrong_choice
from harness.reports.parts.plain import describe_runtime_checks
from harness.reports.parts.promises import describe_promises
from harness.reports.parts.proofs import describe_proof
from harness.reports.parts.stages import find_expected_rows
from harness.reports.terminal.run_summary import describe_failed_run
from harness.results.promises import NO_PROMISES_RECORD
from harness.text import make_printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from harness.reports.parts.matrices import EntryPosition
    from harness.results.findings import FindingRecord
    from harness.results.results import Results
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        FixedRunRecord,
        PlainCellRecord,
        PortRecord,
        StageRecord,
        VerdictRecord,
    )

STANDING_COLOURS = {
    Standing.CONFORMING: "green",
    Standing.DEVIATING: "red",
    Standing.NEITHER: "dim",
}
MAXIMUM_ERROR_LINES = 20


def print_case(results: Results, port_name: str, case_name: str, console: Console) -> None:
    """Print everything that the results contain about one case of one port."""
    port = next(port for port in results.ports if port.name == port_name)
    cell = results.read_cell(port_name, Variant.PUBLISHED, case_name)
    verdicts = cell.verdicts if cell else ()
    case = results.read_case(case_name) if case_name in results.case_summaries else None
    if port.trouble:
        for line in describe_failed_run(results, port, port, port.name):
            console.print(line, highlight=False, soft_wrap=True)
        return
    console.print(f"[bold]{escape_text(port.language)}[/bold] ({escape_text(port.version)})")
    if port.promises != NO_PROMISES_RECORD:
        console.print(
            Padding(escape_text(describe_promises(port)), (0, 2), expand=False), highlight=False
        )
    if case is None or case_name == PUBLISHED_CASE:
        print_own_example(port, console)
    else:
        print_system(case, port, console)
        if cell and cell.answer:
            print_answer(cell.answer, case, port, verdicts, console)
    for verdict in verdicts:
        print_pivots(verdict, console)
    console.print(build_verdict_table(verdicts))
    print_findings(results, port, verdicts, console)
    print_plain_run(port, results.read_plain_cell(port_name, case_name), console)
    if port.fixed is not None:
        fixed = results.read_cell(port_name, Variant.FIXED, case_name)
        print_fixed_run(port.fixed, fixed.verdicts if fixed else (), console)


def print_own_example(port: PortRecord, console: Console) -> None:
    """Print the output of the listing's own main."""
    if port.published is None:
        return
    print_heading(console, "Output of its own main")
    console.print(
        Padding(escape_text(port.published.output), (0, 2), expand=False), highlight=False
    )


def print_system(case: CaseRecord, port: PortRecord, console: Console) -> None:
    """Print the system and what the oracle computes for it."""
    print_heading(console, f"{case.name} ({case.kind}, {case.place})")
    console.print(Padding(escape_text(case.why), (0, 2), expand=False), highlight=False)
    console.print(build_matrix_table(case.system, case.unknowns))
    expected = find_expected(case, port)
    console.print(Padding(format_expected(expected), (0, 2), expand=False), highlight=False)


def find_expected(case: CaseRecord, port: PortRecord) -> ExpectedRecord:
    """Return the expected results of a case in the arithmetic of a port, else in binary64.

    The numbers of the case may not fit the port's arithmetic.
    """
    return case.expected.get(port.arithmetic, case.expected[Arithmetic.BINARY64])


def format_expected(expected: ExpectedRecord) -> str:
    """Return the oracle's figures for a case, in one or two lines."""
    figures = (
        f"solutions: {expected.solutions}; rank {expected.rank} (augmented "
        f"{expected.augmented_rank}); condition {expected.condition:.2g}; "
        f"growth {expected.growth:.2g}"
    )
    if expected.solution is None:
        return figures
    return f"{figures}\nx = ({escape_text(', '.join(expected.solution))})"


def print_answer(
    answer: AnswerRecord,
    case: CaseRecord,
    port: PortRecord,
    verdicts: Sequence[VerdictRecord],
    console: Console,
) -> None:
    """Print every stage of an answer beside the expected one, with deviating entries marked.
    Then print remarks, failures, refusals, standard error, and how the answer ended."""
    for label, stage in answer.stages.items():
        stage_verdicts = [verdict for verdict in verdicts if verdict.check.label == label]
        print_stage(label, stage, case, find_expected(case, port), stage_verdicts, console)
    sections: list[tuple[str, Iterable[str]]] = [
        ("remarks", answer.remarks),
        ("failed", format_messages(answer.failures)),
        ("refused", format_messages(answer.refusals)),
        ("standard error", answer.errors[-MAXIMUM_ERROR_LINES:]),
        ("ended", [f"{answer.ending} {answer.reason}"] if answer.reason else []),
    ]
    for title, lines in sections:
        if text := "\n".join(lines):
            print_heading(console, title)
            console.print(Padding(escape_text(text), (0, 2), expand=False), highlight=False)


def format_messages(messages: Mapping[str, str]) -> Iterator[str]:
    """Yield the messages of procedures, each after the name of the procedure."""
    return (f"{name}: {message}" for name, message in messages.items())


def print_stage(
    label: str,
    stage: StageRecord,
    case: CaseRecord,
    expected: ExpectedRecord,
    verdicts: Sequence[VerdictRecord],
    console: Console,
) -> None:
    """Print a stage, and beside it the expected rows.

    A system has many echelon forms. The expected one is therefore shown only if the printed one
    deviates.
    """
    has_deviation = any(verdict.outcome.deviates for verdict in verdicts)
    expected_rows = (
        find_expected_rows(label, case, expected) if has_deviation or label != "echelon" else None
    )
    marked = {entry for verdict in verdicts for entry in verdict.entries}
    digits = count_correct_digits(
        stage.rows, expected_rows or (), marked, zeros_are_exact=label == "echelon"
    )
    print_heading(console, label)
    unknowns = case.unknowns if label in ("echelon", "reduced") else 0
    tables = [add_title("printed", build_matrix_table(stage.rows, unknowns, marked, digits))]
    if expected_rows:
        pivot_note = " with the largest pivots" if label == "echelon" else ""
        tables.append(
            add_title(f"expected{pivot_note}", build_matrix_table(expected_rows, unknowns))
        )
    console.print(Columns(tables, padding=(0, 4)))
    if digits:
        console.print("[dim]in brackets: correct digits, out of 15[/dim]", highlight=False)
    if stage.trouble:
        console.print(f"  [red]{escape_text(stage.trouble)}[/red]", highlight=False)


def print_pivots(verdict: VerdictRecord, console: Console) -> None:
    """Print the pivot row of each step, if the verdict is about pivots."""
    if not verdict.trace:
        return
    print_heading(console, "pivots (replayed)")
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("step", "column", "rows to choose from", "taken", ""):
        table.add_column(title)
    for number, step in enumerate(verdict.trace, start=1):
        candidates = [f"row {row + 1} |{magnitude:.4g}|" for row, magnitude in step.candidates]
        candidates += [f"{step.others} more"] if step.others else []
        taken = "none" if step.taken is None else f"row {step.taken + 1}"
        remark = "" if step.legal else f"[bold red]{describe_wrong_choice(step)}[/bold red]"
        if not step.legal and all(earlier.legal for earlier in verdict.trace[: number - 1]):
            remark += " ← first departure"
        table.add_row(str(number), str(step.column + 1), ", ".join(candidates), taken, remark)
    console.print(table)


def print_findings(
    results: Results, port: PortRecord, verdicts: Sequence[VerdictRecord], console: Console
) -> None:
    """Print the findings that explain the deviations, and those that are not tested."""
    explaining = {verdict.finding for verdict in verdicts if verdict.finding}
    proofs = {
        (case, proof.check, proof.finding): proof
        for case, case_proofs in results.proof_summaries.get(port.name, {}).items()
        for proof in case_proofs
    }
    for finding in results.findings:
        if finding.port == port.name and finding.id in explaining:
            print_heading(console, f"{finding.id}: {finding.title} ({locate(finding, port)})")
            console.print(Padding(escape_text(finding.explanation), (0, 2)), highlight=False)
            for verdict in verdicts:
                proof = proofs.get((verdict.case, verdict.check, finding.id))
                if proof is not None:
                    sign = "✓" if proof.holds else "✗ not proven:"
                    console.print(
                        f"  {sign} {verdict.check} is {describe_proof(proof)}", highlight=False
                    )
    for problem in results.complaints:
        if problem.port == port.name and problem.not_tested:
            text = f"{problem.finding} is not tested: {problem.sentence}"
            console.print(f"[red]⚠[/red] {escape_text(text)}", highlight=False)


def print_plain_run(port: PortRecord, cell: PlainCellRecord | None, console: Console) -> None:
    """Print with which checks at run time the port is built, and what it does without them."""
    if not port.runtime_checks:
        return
    print_heading(console, describe_runtime_checks(port))
    plain = port.plain
    if plain is None:
        console.print("  These options add checks at run time.", highlight=False)
    elif plain.trouble:
        console.print(f"  without it: not run: {escape_text(plain.trouble)}", highlight=False)
    elif cell is None:
        console.print("  without it: nothing deviates either", highlight=False)
    for outcome in cell.outcomes if cell else ():
        detail = f": {escape_text(outcome.detail)}" if outcome.detail else ""
        console.print(f"  without it: {outcome.check} {outcome.outcome}{detail}", highlight=False)


def locate(finding: FindingRecord, port: PortRecord) -> str:
    """Return where a fault is: `driver`, or the file with its lines, such as `a.c:4, 7-9`."""
    lines = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in finding.lines)
    file = f"{port.listing}:{lines}" if lines else ""
    place = "" if finding.place is Place.LISTING else str(finding.place)
    return ", ".join(part for part in (place, file) if part) or port.listing


def print_fixed_run(
    fixed: FixedRunRecord, verdicts: Sequence[VerdictRecord], console: Console
) -> None:
    """Print the deviations that remain with the patches of the port's findings."""
    print_heading(console, "with the patches of all findings")
    deviating = [verdict for verdict in verdicts if verdict.outcome.deviates]
    if fixed.trouble:
        console.print(f"  [red]was not run: {escape_text(fixed.trouble)}[/red]", highlight=False)
        console.print(Padding(escape_text(fixed.log), (0, 2), expand=False), highlight=False)
    elif deviating:
        console.print(build_verdict_table(deviating))
    else:
        console.print("  nothing deviates")


def escape_text(text: str) -> str:
    """Return a text as rich markup that prints it literally: without styles, and with visible
    symbols for control characters."""
    return escape(make_printable(text))


def print_heading(console: Console, text: str) -> None:
    """Print a heading with a blank line before it."""
    console.print(f"\n[bold]{escape_text(text)}[/bold]", highlight=False)


def build_matrix_table(
    rows: Sequence[Sequence[str]],
    unknowns: int,
    marked: Collection[EntryPosition] = (),
    digits: Mapping[EntryPosition, str] | None = None,
) -> Table:
    """Return a table of a matrix with aligned columns and a bar before the right-hand side.

    `marked` are the positions of entries to mark. `digits` are the numbers of their correct digits,
    where these are known.
    """
    table = Table(box=box.SIMPLE, show_header=False, show_edge=False, padding=(0, 1))
    width = max((len(row) for row in rows), default=0)
    has_bar = 0 < unknowns < width
    for column in range(width):
        if column == unknowns and has_bar:
            table.add_column("", style="dim")
        table.add_column("", justify="right", overflow="fold")
    for i, row in enumerate(rows):
        cells = [
            format_marked_entry(text, (digits or {}).get((i, j)))
            if (i, j) in marked
            else escape_text(text)
            for j, text in enumerate(row)
        ]
        if has_bar:
            cells.insert(unknowns, "│")
        table.add_row(*cells)
    return table


def format_marked_entry(text: str, digits: str | None) -> str:
    """Return a deviating entry, marked, with the number of its correct digits if it is known."""
    digit_count = "" if digits is None else f" ({digits})"
    return f"[bold red]→ {escape_text(text)}{digit_count}[/bold red]"


def add_title(title: str, table: Table) -> Group:
    """Return a table below its title."""
    return Group(f"[dim]{title}[/dim]", table)


def build_verdict_table(verdicts: Sequence[VerdictRecord]) -> Table:
    """Return a table of the checks with their outcomes, details and measures."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, title="")
    for title in ("check", "outcome", ""):
        table.add_column(title, overflow="fold")
    for verdict in verdicts:
        colour = STANDING_COLOURS[verdict.standing]
        follows = f" (follows {verdict.follows})" if verdict.follows else ""
        measures = ", ".join(f"{name} {value:.3g}" for name, value in verdict.measures.items())
        explanation = "\n".join(part for part in (verdict.detail + follows, measures) if part)
        table.add_row(
            verdict.check, f"[{colour}]{verdict.outcome}[/{colour}]", escape_text(explanation)
        )
    return table
