"""The results as a page of Markdown, short enough for a pull request."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from harness.comparison import title
from harness.files import write_whole
from harness.reports.text import clipped, counted, printable
from harness.verdict import Check, Outcome, Standing, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.results import PortRecord, Results, Verdict

ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+!|~@&:-])")
"""What Markdown, or the site that shows it, may take for more than text."""

LONGEST_SENTENCE = 300
MOST_UNEXPLAINED = 40
MOST_FINDINGS = 100
EXAMPLES = 5


def render(results: Results) -> str:
    """The results as Markdown: what is new, a table of the ports, and the known faults, folded."""
    parts = [
        "## Conformance",
        headline(results),
        "\n".join(news(results)),
        "\n".join(table(results)),
        "\n".join(known(results)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write(results: Results, path: Path) -> None:
    """Write the results to `path` as Markdown; raises HarnessError where it cannot be written."""
    write_whole(path, render(results))


def headline(results: Results) -> str:
    """The run in a sentence."""
    deviating = [v for v in results.verdicts if v.outcome.deviates]
    published = [v for v in deviating if v.variant is Variant.PUBLISHED]
    new = sum(verdict.unexplained for verdict in deviating)
    found = (
        f"{counted(len(results.ports), 'port')} on {counted(len(results.cases), 'case')}: "
        f"{counted(len(published), 'deviation')}"
    )
    if results.run.interrupted:
        found = f"Interrupted. {found}"
    if new or results.complaints:
        wrong = counted(len(results.complaints), "finding")
        return f"{found}; **{new:,} not explained by any finding**, {wrong} that do not hold."
    return f"{found}, all explained by findings." if published else f"{found}."


def news(results: Results) -> Iterator[str]:
    """Lines about what could not be run, what is unexplained, and findings that do not hold."""
    for port in results.ports:
        for name, run in ((port.name, port), (title(port.name, Variant.FIXED), port.fixed)):
            if run and run.trouble:
                yield f"- **{plain(name)}** was not run: {plain(run.trouble)}"
    unexplained = [verdict for verdict in results.verdicts if verdict.unexplained]
    unexplained.sort(key=way)
    for number, (_, group) in enumerate(groupby(unexplained, key=way)):
        if number == MOST_UNEXPLAINED:
            yield "- … and more"
            break
        yield told(list(group))
    for complaint in results.complaints[:MOST_UNEXPLAINED]:
        sentence = f"{plain(complaint.finding)}: {plain(complaint.sentence)}"
        yield f"- **{plain(complaint.port)}** finding {sentence}"


def way(verdict: Verdict) -> tuple[str, str, int, str]:
    """By what deviations are told together."""
    order = list(Check).index(verdict.check)
    return verdict.port, verdict.variant, order, verdict.outcome


def told(verdicts: list[Verdict]) -> str:
    """A line about deviations of one port, check and outcome."""
    first = verdicts[0]
    cases = ", ".join(plain(verdict.case) for verdict in verdicts[:EXAMPLES])
    more = f" and {len(verdicts) - EXAMPLES:,} more" if len(verdicts) > EXAMPLES else ""
    name = title(first.port, first.variant)
    detail = f" ({plain(first.detail)})" if first.detail else ""
    return f"- **{plain(name)}** {plain(first.check)} {first.outcome}: {cases}{more}{detail}"


def table(results: Results) -> Iterator[str]:
    """The ports, one to a row."""
    yield "| port | conform | defensible | deviate | new | fixed |"
    yield "|---|--:|--:|--:|--:|--:|"
    for port in results.ports:
        yield row(port, results)


def row(port: PortRecord, results: Results) -> str:
    """A port's numbers."""
    mine = [v for v in results.verdicts if v.port == port.name]
    published = [v for v in mine if v.variant is Variant.PUBLISHED]
    standing = Counter(verdict.standing for verdict in published)
    defensible = sum(verdict.outcome is Outcome.DEFENSIBLE for verdict in published)
    new = sum(verdict.unexplained for verdict in published)
    left = sum(v.outcome.deviates for v in mine if v.variant is Variant.FIXED)
    figures = (
        f"{standing[Standing.CONFORMING] - defensible:,}",
        f"{defensible:,}",
        f"{standing[Standing.DEVIATING]:,}",
        f"**{new:,}**" if new else "0",
        "–" if port.fixed is None else (f"**{left:,}**" if left else "0"),
    )
    return f"| {plain(port.language)} | {' | '.join(figures)} |"


def known(results: Results) -> Iterator[str]:
    """The findings with the number of deviations that each explains, folded away."""
    counts = Counter((v.port, v.finding) for v in results.verdicts if v.finding)
    if not results.findings:
        return
    yield f"<details><summary>{counted(len(results.findings), 'known fault')}</summary>\n"
    for finding in results.findings[:MOST_FINDINGS]:
        number = counts[finding.port, finding.id]
        yield f"- {plain(finding.port)}: {plain(finding.title)} ({counted(number, 'deviation')})"
    if len(results.findings) > MOST_FINDINGS:
        yield f"- … and {len(results.findings) - MOST_FINDINGS:,} more"
    yield "\n</details>"


def plain(text: str) -> str:
    """A text in one line, with everything in it escaped that might act."""
    line = " ".join(printable(clipped(text, LONGEST_SENTENCE)).split())
    return (
        ACTIVE.sub(r"\\\1", line)
        .replace(r"\@", "&#64;")
        .replace(r"\&", "&amp;")
        .replace(r"\<", "&lt;")
    )
