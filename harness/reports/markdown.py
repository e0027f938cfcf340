"""Markdown: a run on one screen, for a pull request or the summary of a job.

It is below 60 kB whatever the run, as what GitHub takes for a comment is 65,536 characters. What a
program printed stands in code spans; of sentences by others all that may be markup is put down as
character references.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from harness.files import write_whole
from harness.reports.parts.attention import attention
from harness.reports.parts.findings import dossiers
from harness.reports.parts.index import Index
from harness.reports.parts.overview import build_overview
from harness.text import clip, count_noun, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.reports.parts.attention import Attention, FailedPort, UnexplainedDeviations
    from harness.reports.parts.findings import Card
    from harness.reports.parts.overview import PortRow
    from harness.results.schema import Results

ROOM_FOR_PORTS = 16_000
ROOM_FOR_NEWS = 24_000
ROOM_FOR_FINDINGS = 16_000
"""In bytes; together they leave room for the sentences in between."""

LONGEST_NAME = 80
LONGEST_SENTENCE = 300
LONGEST_COMMAND = 400
LONGEST_LOG = 1_500

MARKUP = re.compile(r"[&<>`|*_\[\]\\~#$:@]")
"""What may mean something in Markdown or HTML, in the middle of a line."""

LEADING = re.compile(r"(?<=[@#])|(?<=\bGH-)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
"""Where a text that goes on becomes a mention of somebody, the number of an issue, or a link."""

WORD_JOINER = "\u2060"
"""It is not seen, and keeps what stands before it from leading anywhere."""


def write(results: Results, path: Path) -> None:
    """Write a run as Markdown, whole or not at all. Raises HarnessError where it cannot be."""
    write_whole(path, render(results))


def render(results: Results) -> str:
    """A run as Markdown of less than 60 kB: a sentence, the ports, what is new, the findings."""
    index = Index(results)
    told = build_overview(index)
    state = "**Interrupted: what was finished is here.**" if told.interrupted else ""
    blocks = (
        "## Conformance",
        state,
        f"{told.sentence} {told.findings}".strip(),
        "\n".join(table(told.rows)),
        "\n".join(news(attention(index))),
        "\n".join(findings(index)),
    )
    return "\n\n".join(block for block in blocks if block) + "\n"


def table(rows: Sequence[PortRow]) -> Iterator[str]:
    """A row for each port."""
    yield "| port | conform | defensible | deviate → fixed | new |"
    yield "|---|--:|--:|--:|--:|"
    yield from within(ROOM_FOR_PORTS, map(port_row, rows), "port")


def port_row(row: PortRow) -> str:
    """A port's numbers: `| C | 720 | 4 | 39 → 0 | 0 |`."""
    port = name(row.title)
    if row.port.trouble:
        return f"| {port} | not run | | | |"
    tally, new = row.tally, sum(fault.count for fault in row.faults)
    deviate = f"{tally.deviating:,}"
    if row.fixed is not None:
        left = "not run" if row.fixed.trouble else f"{row.fixed.deviating:,}"
        deviate = f"{deviate} → {left}"
    fresh = f"**{new:,}**" if new else "0"
    return f"| {port} | {tally.conforming:,} | {tally.defensible:,} | {deviate} | {fresh} |"


def news(found: Attention) -> Iterator[str]:
    """What nothing explains: ports that could not be run, deviations, findings that do not hold."""
    if found.all_clear:
        yield found.all_clear
        return
    yield "### New"
    yield ""
    items = [
        *(failure(each) for each in found.failures),
        *(item for each in found.charges for item in charge(each)),
        *(
            f"- **{name(each.port)}**: the finding {code(each.finding.name)} does not hold: "
            f"{words(each.sentence)}"
            for each in found.complaints
        ),
    ]
    yield from within(ROOM_FOR_NEWS, items, "item")


def failure(found: FailedPort) -> str:
    """A port that could not be run, with the end of what its build printed."""
    why = "its toolchain is missing" if found.missing_toolchain else "it could not be run"
    told = f"- **{name(found.port)}**: {why}: {code(found.trouble, LONGEST_SENTENCE)}"
    if not found.log.strip():
        return told
    log = escape(make_printable(found.log.strip()[-LONGEST_LOG:])).replace("\n", "&#10;")
    return f"{told}\n  <pre>{log}</pre>"


def charge(found: UnexplainedDeviations) -> Iterator[str]:
    """The unexplained deviations of a port, an item for each check and outcome."""
    for group in found.groups:
        told = f"- **{name(found.port)}**: {code(group.check)} is {group.outcome} in "
        told += name(group.where)
        example = group.example
        if example is not None and example.detail:
            told += f": {code(example.detail, LONGEST_SENTENCE)}"
        if example is not None:
            told += f"<br>See it again: {code(example.command)}"
        yield told


def findings(index: Index) -> Iterator[str]:
    """The known faults, folded away."""
    items = [
        card_item(dossier.title, card) for dossier in dossiers(index) for card in dossier.cards
    ]
    if not items:
        return
    yield f"<details><summary>{count_noun(len(items), 'known fault')}</summary>"
    yield ""
    yield from within(ROOM_FOR_FINDINGS, items, "finding")
    yield ""
    yield "</details>"


def card_item(language: str, card: Card) -> str:
    """A finding: where it is, what it is, and what becomes of what it explains."""
    where = f", {clip(card.where, LONGEST_NAME)}" if card.where else ""
    after = "" if card.after is None else f" → {card.after:,}"
    title = words(card.finding.title)
    counts = f"({card.before:,}{after})"
    return f"- **{name(language)}**{where}: {title} {counts}"


def within(room: int, items: Iterable[str], noun: str) -> Iterator[str]:
    """As many of the items as there is room for, in bytes, and how many are left out."""
    left_out = 0
    for item in items:
        room -= len(item.encode()) + 1
        if room >= 0 and not left_out:
            yield item
        else:
            left_out += 1
    if left_out:
        yield ""
        yield f"… and {count_noun(left_out, f'more {noun}')}, in the report."


def name(text: str) -> str:
    """The name of a port or the like."""
    return literal(one_line(text, LONGEST_NAME))


def words(text: str, limit: int = LONGEST_SENTENCE) -> str:
    """A sentence by others, in which backticks set off code."""
    parts = one_line(text, limit).split("`")
    if len(parts) % 2 == 0:
        return literal("`".join(parts))
    return "".join(code(part) if n % 2 else literal(part) for n, part in enumerate(parts))


def code(text: str, limit: int = LONGEST_COMMAND) -> str:
    """What is to be read letter by letter; not for tables, whose cells end at any `|`."""
    line = one_line(text, limit)
    if not line:
        return ""
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{line}{space}{fence}"


def one_line(text: str, limit: int) -> str:
    """A text of bounded length without line breaks, whose control characters show."""
    return make_printable(" ".join(clip(text, limit).split()))


def literal(text: str) -> str:
    """A text that is no markup, mentions nobody, and leads nowhere."""
    kept = LEADING.sub(WORD_JOINER, text)
    return MARKUP.sub(lambda match: f"&#{ord(match[0])};", kept)
