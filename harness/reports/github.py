"""Annotations of GitHub Actions: lines that put a message beside a line of a listing.

An unexplained deviation is an error, a port without its toolchain a warning, a finding that still
explains something a notice. GitHub shows ten of each for a step and drops the others, so the tenth
says how many more there are.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from harness.inputs.findings import FINDINGS
from harness.inputs.ports import MANIFEST
from harness.reports.parts.deviations import shared, ways
from harness.reports.parts.findings import lines_in_words
from harness.reports.parts.index import Index
from harness.reports.parts.smallest import by_size, link
from harness.text import clip, count_noun, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.results.schema import FindingRecord, PortRecord, Results, VerdictRecord

MOST = 10
"""How many annotations of one level GitHub keeps for a step."""

LEVELS = ("error", "warning", "notice")
LONGEST_TITLE = 120
LONGEST_MESSAGE = 1_000


@dataclass(frozen=True)
class Annotation:
    """A message beside some lines of a file, from 1; `level` is error, warning or notice."""

    level: str
    file: str
    lines: tuple[int, int]
    title: str
    message: str


def on_github() -> bool:
    """Whether this runs as a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def stop_workflow_commands(say: Callable[[str], None]) -> Iterator[None]:
    """Keep GitHub from obeying what is printed meanwhile, which may be the words of a port.

    `say` prints a line. The word that ends it cannot be guessed.
    """
    word = secrets.token_hex(16)
    say(f"::stop-commands::{word}")
    try:
        yield
    finally:
        say(f"::{word}::")


def render_annotations(results: Results) -> Iterator[str]:
    """A run as the lines to be printed: the errors first, at most ten of each level."""
    found = collect_annotations(results)
    for level in LEVELS:
        mine = [annotation for annotation in found if annotation.level == level]
        yield from map(line, mine[: MOST - 1])
        if len(mine) == MOST:
            yield line(mine[-1])
        elif len(mine) > MOST:
            yield line(last(mine[MOST - 1], len(mine) - MOST))


def last(annotation: Annotation, more: int) -> Annotation:
    """The last annotation that is shown, which says how many are not."""
    return Annotation(
        annotation.level,
        annotation.file,
        annotation.lines,
        annotation.title,
        f"And {count_noun(more, 'more ' + annotation.level)}, in the report. {annotation.message}",
    )


def line(annotation: Annotation) -> str:
    """An annotation as GitHub reads it; nothing in foreign words ends it or adds to it."""
    first, final = annotation.lines
    properties = {
        "file": annotation.file,
        "line": f"{first}",
        "endLine": f"{final}",
        "title": clip(annotation.title, LONGEST_TITLE),
    }
    given = ",".join(f"{key}={escaped(value)}" for key, value in properties.items())
    message = data(clip(annotation.message, LONGEST_MESSAGE))
    return f"::{annotation.level} {given}::{message}"


def data(text: str) -> str:
    """A text as the message of a command."""
    return make_printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped(text: str) -> str:
    """A text as the value of a command's property."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def collect_annotations(results: Results) -> tuple[Annotation, ...]:
    """All that there is to say of a run, what is new first."""
    index = Index(results)
    return tuple(
        chain(
            chain.from_iterable(troubles(index, port) for port in index.ports),
            chain.from_iterable(deviations(index, port) for port in index.ports),
            complaints(index),
            known(index),
        )
    )


def troubles(index: Index, port: PortRecord) -> Iterator[Annotation]:
    """That a port could not be run, beside its manifest."""
    for part, name in ((port, index.called(port)), (port.fixed, index.fixed.title(port))):
        if part is not None and part.trouble:
            level = "error" if part.failed else "warning"
            place = file_of(index, port, MANIFEST)
            yield Annotation(level, place, (1, 1), f"{name} was not run", part.trouble)


def deviations(index: Index, port: PortRecord) -> Iterator[Annotation]:
    """The unexplained deviations of a port, then those of the fixed one alone: an annotation for
    each check and outcome, beside the listing."""
    new = [verdict for verdict in index.deviations(port) if verdict.unexplained]
    left = index.fixed.deviations(port)
    told = shared(left, new)
    yield from charges(index, port, new)
    yield from charges(index.fixed, port, [verdict for verdict in left if verdict not in told])


def charges(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> Iterator[Annotation]:
    """An annotation for each check and outcome."""
    for (check, outcome), group in ways(verdicts).items():
        ordered = by_size(index, group)
        first, more = ordered[0], len(ordered) - 1
        where = link(index, port, first.case).name
        others = f" and {count_noun(more, 'more case')}" if more else ""
        title = f"{index.title(port)}: {check} {outcome}"
        message = (
            f"On {where}{others}. {first.detail}\n"
            f"See it again: {format_rerun_command(index.run.again, port.name, first.case)}"
        )
        yield Annotation("error", file_of(index, port, port.listing), (1, 1), title, message)


def complaints(index: Index) -> Iterator[Annotation]:
    """The findings that do not hold, beside the file that they stand in."""
    ports = {port.name: port for port in index.ports}
    for complaint in index.results.complaints:
        if port := ports.get(complaint.port):
            title = f"{index.called(port)}: {complaint.finding} does not hold"
            place = file_of(index, port, FINDINGS)
            yield Annotation("error", place, (1, 1), title, complaint.sentence)


def known(index: Index) -> Iterator[Annotation]:
    """The findings that explain something, beside their lines: those that explain most first."""
    found = [
        (len(mine), port, finding)
        for port in index.ports
        for finding in index.findings(port)
        if (mine := [v for v in index.deviations(port) if v.finding == finding.id])
    ]
    for count, port, finding in sorted(found, key=lambda each: -each[0]):
        yield notice(index, port, finding, count)


def notice(index: Index, port: PortRecord, finding: FindingRecord, count: int) -> Annotation:
    """A finding beside the first of its lines."""
    where = f" ({lines_in_words(finding.lines)})" if len(finding.lines) > 1 else ""
    explains = f"It explains {count_noun(count, 'deviation')}."
    return Annotation(
        level="notice",
        file=file_of(index, port, port.listing),
        lines=finding.lines[0] if finding.lines else (1, 1),
        title=f"{index.called(port)}: {finding.id}",
        message=f"{finding.title}{where}. {explains}\n{finding.explanation}",
    )


def file_of(index: Index, port: PortRecord, name: str) -> str:
    """A file of a port as GitHub names it: from the top of the repository, where that is known."""
    path = Path(index.run.implementations) / port.name / name
    top = os.environ.get("GITHUB_WORKSPACE")
    if top:
        absolute = Path(os.path.normpath(Path.cwd() / path))
        if absolute.is_relative_to(top):
            path = absolute.relative_to(top)
    return path.as_posix()
