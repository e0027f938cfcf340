"""The results as workflow commands of GitHub Actions, which puts them beside the listing's lines.

An error for each way in which a port deviates unexplained, for each port that could not be run and
for each finding that does not hold; a notice at the lines of each finding.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.comparison import title
from harness.reports.markdown import EXAMPLES, way
from harness.reports.text import LONGEST_SENTENCE, clipped, printable
from harness.verdict import Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.results import PortRecord, Results, Verdict


def commands(results: Results) -> Iterator[str]:
    """The commands, one to a line; errors first, since only so many are shown."""
    ports = {port.name: port for port in results.ports}
    for port in results.ports:
        for name, run in ((port.name, port), (title(port.name, Variant.FIXED), port.fixed)):
            if run and run.trouble:
                yield command("error", results, port, f"{name} was not run", run.trouble)
    unexplained = sorted((v for v in results.verdicts if v.unexplained), key=way)
    for _, group in groupby(unexplained, key=way):
        yield deviation(results, ports, list(group))
    for complaint in results.complaints:
        port = ports[complaint.port]
        yield command("error", results, port, f"finding {complaint.finding}", complaint.sentence)
    for finding in results.findings:
        if finding.port in ports:
            lines = finding.lines[0] if finding.lines else (1, 1)
            port = ports[finding.port]
            yield command("notice", results, port, finding.title, finding.explanation, lines)


def deviation(results: Results, ports: dict[str, PortRecord], verdicts: list[Verdict]) -> str:
    """The error about unexplained deviations of one port, check and outcome."""
    first = verdicts[0]
    cases = ", ".join(verdict.case for verdict in verdicts[:EXAMPLES])
    more = f" and {len(verdicts) - EXAMPLES:,} more" if len(verdicts) > EXAMPLES else ""
    heading = f"{title(first.port, first.variant)}: {first.check} {first.outcome}"
    again = results.run.again.replace("{port}", first.port).replace("{case}", first.case)
    message = f"{first.detail}\n{cases}{more}\nSee it again: {again}"
    return command("error", results, ports[first.port], heading, message)


def command(
    kind: str,
    results: Results,
    port: PortRecord,
    heading: str,
    message: str,
    lines: tuple[int, int] = (1, 1),
) -> str:
    """One command, about lines of a port's listing; nothing in its texts ends it early."""
    file = PurePosixPath(results.run.implementations) / port.name / port.listing
    place = {"file": str(file), "line": str(lines[0]), "endLine": str(lines[1]), "title": heading}
    properties = ",".join(f"{name}={value_of(text)}" for name, text in place.items())
    return f"::{kind} {properties}::{data_of(clipped(message, LONGEST_SENTENCE))}"


def data_of(text: str) -> str:
    """A message as a command holds it."""
    lines = (printable(line) for line in text.splitlines())
    return "\n".join(lines).replace("%", "%25").replace("\n", "%0A")


def value_of(text: str) -> str:
    """A property's value as a command holds it."""
    return data_of(text).replace(":", "%3A").replace(",", "%2C")
