"""Annotations of GitHub Actions: lines of output that put a message beside lines of a file.

An unexplained deviation is an error, a port without its toolchain is a warning, and a finding that
explains a deviation is a notice. GitHub shows ten annotations of each level for a step and ignores
the rest, so the tenth says how many more there are.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from harness.model.finding import FINDINGS_FILE, Place
from harness.model.port import MANIFEST_FILE
from harness.reports.parts.deviations import group_by_check_and_outcome, select_others
from harness.reports.parts.failures import format_plain_title, format_trouble
from harness.reports.parts.findings import format_place
from harness.reports.parts.index import Index
from harness.reports.parts.smallest_case import build_link, sort_by_size
from harness.text import clip, count_noun, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.results.cells import Verdict
    from harness.results.findings import FindingRecord
    from harness.results.results import Results
    from harness.results.schema import PortRecord

MAXIMUM_ANNOTATIONS = 10
"""The number of annotations of one level that GitHub shows for a step."""

LEVELS = ("error", "warning", "notice")
MAXIMUM_TITLE_LENGTH = 120
MAXIMUM_MESSAGE_LENGTH = 1_000


@dataclass(frozen=True)
class Annotation:
    """A message beside lines of a file.

    `level` is error, warning or notice. `lines` are the first and the last line, counted from 1.
    """

    level: str
    file: str
    lines: tuple[int, int]
    title: str
    message: str


def is_on_github() -> bool:
    """Return whether this process runs as a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def stop_workflow_commands(print_line: Callable[[str], None]) -> Iterator[None]:
    """Keep GitHub from executing workflow commands in the output of the block.

    The output of ports can contain such commands. `print_line` prints one line. The token that ends
    the suspension is random, so that no port can print it.
    """
    end_token = secrets.token_hex(16)
    print_line(f"::stop-commands::{end_token}")
    try:
        yield
    finally:
        print_line(f"::{end_token}::")


def render_annotations(results: Results) -> Iterator[str]:
    """Yield the lines to print for a run: the errors first, at most ten of each level."""
    annotations = collect_annotations(results)
    for level in LEVELS:
        of_level = [annotation for annotation in annotations if annotation.level == level]
        yield from map(format_annotation, of_level[: MAXIMUM_ANNOTATIONS - 1])
        if len(of_level) == MAXIMUM_ANNOTATIONS:
            yield format_annotation(of_level[-1])
        elif len(of_level) > MAXIMUM_ANNOTATIONS:
            yield format_annotation(
                add_omitted_count(
                    of_level[MAXIMUM_ANNOTATIONS - 1], len(of_level) - MAXIMUM_ANNOTATIONS
                )
            )


def add_omitted_count(annotation: Annotation, omitted: int) -> Annotation:
    """Return the annotation with the number of omitted ones in its message."""
    others = count_noun(omitted, f"more {annotation.level}")
    message = f"The report has {others}. {annotation.message}"
    return replace(annotation, message=message)


def format_annotation(annotation: Annotation) -> str:
    """Return the workflow command of an annotation.

    Title and message are escaped, so that their text can neither end the command nor extend it.
    """
    first, last = annotation.lines
    properties = {
        "file": annotation.file,
        "line": f"{first}",
        "endLine": f"{last}",
        "title": clip(annotation.title, MAXIMUM_TITLE_LENGTH),
    }
    property_list = ",".join(f"{key}={escape_property(value)}" for key, value in properties.items())
    message = escape_data(clip(annotation.message, MAXIMUM_MESSAGE_LENGTH))
    return f"::{annotation.level} {property_list}::{message}"


def escape_data(text: str) -> str:
    """Return a text as the message of a workflow command."""
    return make_printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Return a text as the value of a workflow command's property."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def collect_annotations(results: Results) -> tuple[Annotation, ...]:
    """Return all annotations of a run: failures, unexplained deviations, findings that do not
    hold, and findings that explain a deviation, in this order."""
    index = Index(results)
    return tuple(
        chain(
            chain.from_iterable(annotate_failures(index, port) for port in index.ports),
            chain.from_iterable(annotate_deviations(index, port) for port in index.ports),
            annotate_finding_problems(index),
            annotate_findings(index),
        )
    )


def annotate_failures(index: Index, port: PortRecord) -> Iterator[Annotation]:
    """Yield an error or a warning for each variant of a port that could not be run, at its
    manifest."""
    for record, name in (
        (port, index.format_port_name(port)),
        (port.fixed, index.fixed.format_port_title(port)),
        (port.plain, format_plain_title(index.format_port_name(port))),
    ):
        if record is not None and record.trouble:
            level = "error" if record.failed else "warning"
            path = locate_file(index, port, MANIFEST_FILE)
            title = f"{name} {'is broken' if record.broken else 'was not run'}"
            message = format_trouble(index.run, port.name, record)
            yield Annotation(level, path, (1, 1), title, message)


def annotate_deviations(index: Index, port: PortRecord) -> Iterator[Annotation]:
    """Yield an error for each check and outcome that deviates unexplained, at the listing.

    The deviations of the published port come first, then those that only the fixed port has.
    """
    unexplained = [verdict for verdict in index.collect_deviations(port) if verdict.unexplained]
    left_in_fixed = index.fixed.collect_deviations(port)
    yield from annotate_checks(index, port, unexplained)
    yield from annotate_checks(index.fixed, port, select_others(left_in_fixed, unexplained))


def annotate_checks(
    index: Index, port: PortRecord, verdicts: Sequence[Verdict]
) -> Iterator[Annotation]:
    """Yield an error for each check and outcome of the verdicts, at the listing."""
    for (check, outcome), grouped_verdicts in group_by_check_and_outcome(verdicts).items():
        by_size = sort_by_size(index, grouped_verdicts)
        smallest, others = index.read_verdict(by_size[0]), by_size[1:]
        case_name = build_link(index, port, smallest.case).name
        more = f" and {count_noun(len(others), 'more case')}" if others else ""
        title = f"{index.format_port_title(port)}: {check} {outcome}"
        again = format_rerun_command(
            index.run.again, port.name, smallest.case, smallest.asked_first
        )
        message = f"On {case_name}{more}. {smallest.detail}\nSee it again: {again}"
        yield Annotation("error", locate_file(index, port, port.listing), (1, 1), title, message)


def annotate_finding_problems(index: Index) -> Iterator[Annotation]:
    """Yield an error for each finding that does not hold or is not tested, at its file."""
    ports = {port.name: port for port in index.ports}
    for problem in index.results.complaints:
        if port := ports.get(problem.port):
            title = f"{index.format_port_name(port)}: {problem.finding} {problem.state}"
            path = locate_file(index, port, FINDINGS_FILE)
            yield Annotation("error", path, (1, 1), title, problem.sentence)


def annotate_findings(index: Index) -> Iterator[Annotation]:
    """Yield a notice for each finding that explains a deviation, the one that explains most
    first."""
    explaining = [
        (counts[finding.id], port, finding)
        for port in index.ports
        for counts in (Counter(verdict.finding for verdict in index.collect_deviations(port)),)
        for finding in index.select_findings(port)
        if counts[finding.id]
    ]
    for count, port, finding in sorted(explaining, key=lambda entry: -entry[0]):
        yield build_notice(index, port, finding, count)


def build_notice(index: Index, port: PortRecord, finding: FindingRecord, count: int) -> Annotation:
    """Return a notice at the first line range of a finding."""
    # GitHub shows the first range of lines itself.
    has_more = len(finding.lines) > 1 or finding.place is not Place.LISTING
    place = f" ({format_place(finding)})" if has_more else ""
    explained = f"It explains {count_noun(count, 'deviation')}."
    return Annotation(
        level="notice",
        file=locate_file(index, port, port.listing),
        lines=finding.lines[0] if finding.lines else (1, 1),
        title=f"{index.format_port_name(port)}: {finding.id}",
        message=f"{finding.title}{place}. {explained}\n{finding.explanation}",
    )


def locate_file(index: Index, port: PortRecord, name: str) -> str:
    """Return the path of a port's file relative to the repository's root, as GitHub expects it.

    Where GITHUB_WORKSPACE is not set or does not contain the file, return the path as it is.
    """
    path = Path(index.run.implementations) / port.name / name
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace:
        absolute = Path(os.path.normpath(Path.cwd() / path))
        if absolute.is_relative_to(workspace):
            path = absolute.relative_to(workspace)
    return path.as_posix()
