"""Annotations of GitHub Actions: lines that put a message beside a line of a listing.

An unexplained deviation is an error, a port without its toolchain a warning, a finding that still
explains something a notice. GitHub shows ten of each for a step and drops the others, so the tenth
says how many more there are.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from harness.model.finding import FINDINGS_FILE
from harness.model.port import MANIFEST_FILE
from harness.reports.parts.deviations import group_by_check_and_outcome, select_shared
from harness.reports.parts.findings import format_line_ranges
from harness.reports.parts.index import Index
from harness.reports.parts.smallest_case import build_link, sort_by_size
from harness.text import clip, count_noun, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.results.schema import FindingRecord, PortRecord, Results, VerdictRecord

MAXIMUM_ANNOTATIONS = 10
"""How many annotations of one level GitHub keeps for a step."""

LEVELS = ("error", "warning", "notice")
MAXIMUM_TITLE_LENGTH = 120
MAXIMUM_MESSAGE_LENGTH = 1_000


@dataclass(frozen=True)
class Annotation:
    """A message beside some lines of a file, from 1; `level` is error, warning or notice."""

    level: str
    file: str
    lines: tuple[int, int]
    title: str
    message: str


def is_on_github() -> bool:
    """Whether this runs as a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def stop_workflow_commands(print_line: Callable[[str], None]) -> Iterator[None]:
    """Keep GitHub from obeying what is printed meanwhile, which may be the words of a port.

    `print_line` prints a line. The word that ends it cannot be guessed.
    """
    end_token = secrets.token_hex(16)
    print_line(f"::stop-commands::{end_token}")
    try:
        yield
    finally:
        print_line(f"::{end_token}::")


def render_annotations(results: Results) -> Iterator[str]:
    """A run as the lines to be printed: the errors first, at most ten of each level."""
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
    """The last annotation that is shown, which says how many are not."""
    others = count_noun(omitted, f"more {annotation.level}")
    message = f"And {others}, in the report. {annotation.message}"
    return replace(annotation, message=message)


def format_annotation(annotation: Annotation) -> str:
    """An annotation as GitHub reads it; nothing in foreign words ends it or adds to it."""
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
    """A text as the message of a command."""
    return make_printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A text as the value of a command's property."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def collect_annotations(results: Results) -> tuple[Annotation, ...]:
    """All that there is to say of a run, what is new first."""
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
    """That a port could not be run, beside its manifest."""
    for record, name in ((port, index.called(port)), (port.fixed, index.fixed.title(port))):
        if record is not None and record.trouble:
            level = "error" if record.failed else "warning"
            path = locate_file(index, port, MANIFEST_FILE)
            yield Annotation(level, path, (1, 1), f"{name} was not run", record.trouble)


def annotate_deviations(index: Index, port: PortRecord) -> Iterator[Annotation]:
    """The unexplained deviations of a port, then those of the fixed one alone: an annotation for
    each check and outcome, beside the listing."""
    unexplained = [verdict for verdict in index.deviations(port) if verdict.unexplained]
    left_in_fixed = index.fixed.deviations(port)
    already_annotated = select_shared(left_in_fixed, unexplained)
    yield from annotate_checks(index, port, unexplained)
    yield from annotate_checks(
        index.fixed,
        port,
        [verdict for verdict in left_in_fixed if verdict not in already_annotated],
    )


def annotate_checks(
    index: Index, port: PortRecord, verdicts: Sequence[VerdictRecord]
) -> Iterator[Annotation]:
    """An annotation for each check and outcome."""
    for (check, outcome), grouped_verdicts in group_by_check_and_outcome(verdicts).items():
        by_size = sort_by_size(index, grouped_verdicts)
        smallest, others = by_size[0], by_size[1:]
        case_name = build_link(index, port, smallest.case).name
        more = f" and {count_noun(len(others), 'more case')}" if others else ""
        title = f"{index.title(port)}: {check} {outcome}"
        message = (
            f"On {case_name}{more}. {smallest.detail}\n"
            f"See it again: {format_rerun_command(index.run.again, port.name, smallest.case)}"
        )
        yield Annotation("error", locate_file(index, port, port.listing), (1, 1), title, message)


def annotate_finding_problems(index: Index) -> Iterator[Annotation]:
    """The findings that do not hold, beside the file that they stand in."""
    ports = {port.name: port for port in index.ports}
    for problem in index.results.complaints:
        if port := ports.get(problem.port):
            title = f"{index.called(port)}: {problem.finding} does not hold"
            path = locate_file(index, port, FINDINGS_FILE)
            yield Annotation("error", path, (1, 1), title, problem.sentence)


def annotate_findings(index: Index) -> Iterator[Annotation]:
    """The findings that explain something, beside their lines: those that explain most first."""
    explaining = [
        (len(explained), port, finding)
        for port in index.ports
        for finding in index.findings(port)
        if (explained := [v for v in index.deviations(port) if v.finding == finding.id])
    ]
    for count, port, finding in sorted(explaining, key=lambda entry: -entry[0]):
        yield build_notice(index, port, finding, count)


def build_notice(index: Index, port: PortRecord, finding: FindingRecord, count: int) -> Annotation:
    """A finding beside the first of its lines."""
    line_ranges = f" ({format_line_ranges(finding.lines)})" if len(finding.lines) > 1 else ""
    explained = f"It explains {count_noun(count, 'deviation')}."
    return Annotation(
        level="notice",
        file=locate_file(index, port, port.listing),
        lines=finding.lines[0] if finding.lines else (1, 1),
        title=f"{index.called(port)}: {finding.id}",
        message=f"{finding.title}{line_ranges}. {explained}\n{finding.explanation}",
    )


def locate_file(index: Index, port: PortRecord, name: str) -> str:
    """A file of a port as GitHub names it: from the top of the repository, where that is known."""
    path = Path(index.run.implementations) / port.name / name
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace:
        absolute = Path(os.path.normpath(Path.cwd() / path))
        if absolute.is_relative_to(workspace):
            path = absolute.relative_to(workspace)
    return path.as_posix()
