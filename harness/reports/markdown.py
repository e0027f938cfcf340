"""Markdown: a summary of a run for a pull request or for the summary of a job.

The text is always shorter than 60 kB, because GitHub accepts comments of at most 65,536 characters.
The output of programs is put into code spans. In sentences from ports' files and case files, every
character that can be markup is written as a character reference.
"""

from __future__ import annotations

import re
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from harness.files import write_atomically
from harness.reports.parts.attention import build_attention
from harness.reports.parts.failures import name_failure
from harness.reports.parts.findings import build_findings_of_ports
from harness.reports.parts.index import Index
from harness.reports.parts.overview import build_overview
from harness.text import clip, count_noun, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.reports.parts.attention import Attention, FailedPort, UnexplainedDeviations
    from harness.reports.parts.findings import FindingCard
    from harness.reports.parts.overview import PortRow
    from harness.results.results import Results

MAXIMUM_PORTS_BYTES = 16_000
MAXIMUM_PROBLEMS_BYTES = 24_000
MAXIMUM_FINDINGS_BYTES = 16_000
"""The limits of the three lists, in bytes. Their sum leaves space for the text between them."""

MAXIMUM_NAME_LENGTH = 80
MAXIMUM_SENTENCE_LENGTH = 300
MAXIMUM_COMMAND_LENGTH = 400
MAXIMUM_LOG_LENGTH = 1_500

MARKUP_CHARACTERS = re.compile(r"[&<>`|*_\[\]\\~#$:@]")
"""The characters that can be markup in Markdown or HTML in the middle of a line."""

REFERENCE_STARTS = re.compile(r"(?<=[@#])|(?<=\bGH-)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
"""The positions at which the following text becomes a mention, an issue number or a link."""

WORD_JOINER = "\u2060"
"""An invisible character that keeps the text around it from becoming a mention or a link."""


def write_markdown(results: Results, path: Path) -> None:
    """Write a run as Markdown, completely or not at all.

    Raises HarnessError if the file cannot be written.
    """
    write_atomically(path, render_markdown(results))


def render_markdown(results: Results) -> str:
    """Return a run as Markdown of less than 60 kB: a summary, the table of ports, new problems,
    and known findings."""
    index = Index(results)
    overview = build_overview(index)
    notice = "**Interrupted: the results are incomplete.**" if overview.interrupted else ""
    blocks = (
        "## Conformance",
        notice,
        f"{overview.run_sentence} {overview.findings_sentence}".strip(),
        "\n".join(build_port_table(overview.rows)),
        "\n".join(list_given_up(overview.rows)),
        "\n".join(list_new_problems(build_attention(index))),
        "\n".join(list_findings(index)),
    )
    return "\n\n".join(block for block in blocks if block) + "\n"


def build_port_table(rows: Sequence[PortRow]) -> Iterator[str]:
    """Yield the lines of a table with a row for each port."""
    yield "| port | conform | defensible | deviate → fixed | new |"
    yield "|---|--:|--:|--:|--:|"
    yield from take_items(MAXIMUM_PORTS_BYTES, map(format_port_row, rows), "port")


def list_given_up(rows: Sequence[PortRow]) -> Iterator[str]:
    """Yield an item for each port that was not asked all cases."""
    items = (
        f"- **{format_name(row.title)}**: {format_sentence(row.given_up)}"
        for row in rows
        if row.given_up and not row.port.trouble
    )
    yield from take_items(MAXIMUM_PORTS_BYTES, items, "port")


def format_port_row(row: PortRow) -> str:
    """Return a port's row of the table, such as `| C | 720 | 4 | 39 → 0 | 0 |`."""
    port = format_name(row.title)
    if row.port.trouble:
        return f"| {port} | {name_failure(row.port)} | | | |"
    tally, new = row.tally, sum(check.count for check in row.unexplained_checks)
    deviation_counts = f"{tally.deviating:,}"
    if row.fixed is not None:
        fixed_count = row.fixed.state if row.fixed.trouble else f"{row.fixed.deviating:,}"
        deviation_counts = f"{deviation_counts} → {fixed_count}"
    new_count = f"**{new:,}**" if new else "0"
    cells = (port, f"{tally.conforming:,}", f"{tally.defensible:,}", deviation_counts, new_count)
    return f"| {' | '.join(cells)} |"


def list_new_problems(attention: Attention) -> Iterator[str]:
    """Yield the lines of what no finding explains: ports that could not be run, deviations, and
    findings that do not hold."""
    if attention.all_clear:
        yield attention.all_clear
        return
    yield "### New"
    yield ""
    items = [
        *map(format_failed_port, attention.failed_ports),
        *chain.from_iterable(map(format_deviations, attention.deviations)),
        *(
            f"- **{format_name(failure.port)}**: {format_code(failure.case)} "
            f"is not judged: {format_sentence(failure.sentence)}"
            for failure in attention.harness_failures
        ),
        *(
            f"- **{format_name(problem.port)}**: the finding {format_code(problem.finding.name)} "
            f"{problem.state}: {format_sentence(problem.sentence)}"
            for problem in attention.invalid_findings
        ),
    ]
    yield from take_items(MAXIMUM_PROBLEMS_BYTES, items, "item")


def format_failed_port(failed: FailedPort) -> str:
    """Return an item for a port that has no results, with the end of its log."""
    trouble = format_code(failed.trouble, MAXIMUM_SENTENCE_LENGTH)
    item = f"- **{format_name(failed.port)}** {failed.description}: {trouble}"
    if failed.next_step:
        item += f"<br>Next: {format_code(failed.next_step)}"
    if not failed.log.strip():
        return item
    log = escape(make_printable(failed.log.strip()[-MAXIMUM_LOG_LENGTH:])).replace("\n", "&#10;")
    return f"{item}\n  <pre>{log}</pre>"


def format_deviations(port_deviations: UnexplainedDeviations) -> Iterator[str]:
    """Yield an item for each check and outcome of the unexplained deviations of a port."""
    for group in port_deviations.groups:
        item = f"- **{format_name(port_deviations.port)}**: {format_code(group.check)} "
        item += f"is {group.outcome} in {format_name(group.cases_text)}"
        example = group.example
        if example is not None and example.detail:
            item += f": {format_code(example.detail, MAXIMUM_SENTENCE_LENGTH)}"
        if example is not None:
            item += f"<br>See it again: {format_code(example.command)}"
        yield item


def list_findings(index: Index) -> Iterator[str]:
    """Yield the lines of the known findings, in a folded section."""
    items = [
        format_finding(port_findings.title, card)
        for port_findings in build_findings_of_ports(index)
        for card in port_findings.cards
    ]
    if not items:
        return
    yield f"<details><summary>{count_noun(len(items), 'known fault')}</summary>"
    yield ""
    yield from take_items(MAXIMUM_FINDINGS_BYTES, items, "finding")
    yield ""
    yield "</details>"


def format_finding(language: str, card: FindingCard) -> str:
    """Return an item for a finding: its place, its title, and its number of deviations before
    and after its patch."""
    place = f", {clip(card.place, MAXIMUM_NAME_LENGTH)}" if card.place else ""
    fixed_count = "" if card.remaining is None else f" → {card.remaining:,}"
    title = format_sentence(card.finding.title)
    deviation_counts = f"({card.deviations:,}{fixed_count})"
    return f"- **{format_name(language)}**{place}: {title} {deviation_counts}"


def take_items(byte_limit: int, items: Iterable[str], noun: str) -> Iterator[str]:
    """Yield items up to a total of `byte_limit` bytes, then a line with the number of omitted
    items."""
    omitted, remaining_bytes = 0, byte_limit
    for item in items:
        remaining_bytes -= len(item.encode()) + 1
        if remaining_bytes >= 0 and not omitted:
            yield item
        else:
            omitted += 1
    if omitted:
        yield ""
        yield f"… and {count_noun(omitted, f'more {noun}')}, in the report."


def format_name(text: str) -> str:
    """Return a name without markup and of bounded length."""
    return escape_markup(join_lines(text, MAXIMUM_NAME_LENGTH))


def format_sentence(text: str, limit: int = MAXIMUM_SENTENCE_LENGTH) -> str:
    """Return a sentence without markup other than the code spans that its backticks mark."""
    parts = join_lines(text, limit).split("`")
    if len(parts) % 2 == 0:
        return escape_markup("`".join(parts))
    return "".join(
        format_code(part) if n % 2 else escape_markup(part) for n, part in enumerate(parts)
    )


def format_code(text: str, limit: int = MAXIMUM_COMMAND_LENGTH) -> str:
    """Return a text as a code span, in which every character is shown as it is.

    Not for tables: a `|` ends their cells even in a code span.
    """
    line = join_lines(text, limit)
    if not line:
        return ""
    longest_run = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest_run + 1)
    space = " " if longest_run else ""
    return f"{fence}{space}{line}{space}{fence}"


def join_lines(text: str, limit: int) -> str:
    """Return a text of bounded length on one line, with visible symbols for control characters."""
    return make_printable(" ".join(clip(text, limit).split()))


def escape_markup(text: str) -> str:
    """Return a text in which nothing is markup, a mention, an issue number or a link."""
    unlinked = REFERENCE_STARTS.sub(WORD_JOINER, text)
    return MARKUP_CHARACTERS.sub(lambda match: f"&#{ord(match[0])};", unlinked)
