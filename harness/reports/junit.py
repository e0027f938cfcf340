"""JUnit XML: a run as tests that continuous integration systems display.

Each variant of each port is a suite. It has one test for building and running the port, one for
each finding, and one for each case and check. A deviation that a finding explains is *skipped*,
with the finding's name as the reason: continuous integration systems count skipped tests apart from
passed ones, show the reason, and do not fail the build. Few systems would show a note in
`system-out`, and the stricter of the schemas in use does not allow one inside a test.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from harness.files import open_atomically
from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Outcome, Standing, Variant
from harness.reports.parts.failures import format_trouble, name_failure
from harness.reports.parts.findings import format_place
from harness.reports.parts.index import Index
from harness.reports.parts.smallest_case import is_small
from harness.text import clip, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from harness.results.findings import FindingRecord
    from harness.results.results import Results
    from harness.results.schema import FurtherRunRecord, PortRecord, VerdictRecord

MAXIMUM_NAME_LENGTH = 200
MAXIMUM_MESSAGE_LENGTH = 500
MAXIMUM_TEXT_LENGTH = 6_000
MAXIMUM_ERROR_LINES = 10
"""The number of lines of standard error that are quoted in a failure."""

TEXT_LENGTH = 1 << 20
"""The number of characters that are copied at a time."""

UNKNOWN_TIME = "1970-01-01T00:00:00"
OWN_MAIN_GROUP = "own-main"
"""The name that replaces the kind of case for a listing's own example."""


@dataclass(frozen=True)
class Problem:
    """The reason why a test did not pass: `tag` is failure, error or skipped."""

    tag: str
    type: str
    message: str
    text: str = ""


@dataclass(frozen=True)
class JUnitTest:
    """A test with its group, its name, its duration in seconds, and its problem if it has one."""

    group: str
    name: str
    seconds: float = 0.0
    problem: Problem | None = None


def write_junit(results: Results, path: Path) -> None:
    """Write a run as JUnit XML, completely or not at all.

    Raises HarnessError if the file cannot be written.
    """
    with open_atomically(path) as file:
        for text in generate_junit(results):
            file.write(text.encode())


def render_junit(results: Results) -> str:
    """Return a run as JUnit XML."""
    return "".join(generate_junit(results))


def generate_junit(results: Results) -> Iterator[str]:
    """Yield the parts of a run as JUnit XML.

    A test fails or has an error exactly if the exit status of the results is not 0. The text is
    valid by the schema of Ant's reports and by that of Jenkins' xUnit plugin.
    """
    yield "<?xml version='1.0' encoding='utf-8'?>\n<testsuites>\n"
    number = 0
    published = Index(results)
    for index in (published, published.fixed):
        for port in index.ports:
            if record := select_variant_record(index, port):
                yield from generate_suite(index, port, record, number)
                number += 1
    yield "</testsuites>\n"


def select_variant_record(index: Index, port: PortRecord) -> PortRecord | FurtherRunRecord | None:
    """Return the record of how the index's variant of a port was run, or None if it was not run."""
    return port if index.variant is Variant.PUBLISHED else port.fixed


def generate_suite(
    index: Index, port: PortRecord, record: PortRecord | FurtherRunRecord, number: int
) -> Iterator[str]:
    """Yield the parts of the element with all tests of one variant of a port."""
    # The numbers of tests come first, and the tests may be many.
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        tags: Counter[str] = Counter()
        for test in collect_tests(index, port, record):
            tags[test.problem.tag if test.problem else "passed"] += 1
            file.write(f"    {format_element(build_testcase(test), level=2)}\n")
        suite = format_element(build_suite(index, port, record, number, tags), level=1)
        head, end, tail = suite.partition("</properties>\n")
        yield f"  {head}{end}"
        file.seek(0)
        while text := file.read(TEXT_LENGTH):
            yield text
        yield f"{tail}\n"


def format_element(element: Element, level: int) -> str:
    """Return an element as indented XML."""
    ElementTree.indent(element, level=level)
    return ElementTree.tostring(element, encoding="unicode")


def build_suite(
    index: Index,
    port: PortRecord,
    record: PortRecord | FurtherRunRecord,
    number: int,
    tags: Counter[str],
) -> Element:
    """Return the element of one variant of a port, without its tests."""
    element = ElementTree.Element(
        "testsuite",
        name=format_name(f"{port.name}.{index.variant}"),
        package=format_name(port.name),
        id=f"{number}",
        timestamp=format_timestamp(index.run.started),
        hostname="localhost",
        tests=f"{tags.total()}",
        failures=f"{tags['failure']}",
        errors=f"{tags['error']}",
        skipped=f"{tags['skipped']}",
        time=f"{record.seconds:.3f}",
    )
    properties = ElementTree.SubElement(element, "properties")
    for key, value in list_properties(index, port):
        ElementTree.SubElement(
            properties, "property", name=key, value=clean_text(value, MAXIMUM_MESSAGE_LENGTH)
        )
    for tag in ("system-out", "system-err"):
        ElementTree.SubElement(element, tag).text = ""
    return element


def list_properties(index: Index, port: PortRecord) -> tuple[tuple[str, str], ...]:
    """Return the names and values of a suite's properties: what was run, and where."""
    return (
        ("language", port.language),
        ("listing", port.listing),
        ("version", port.version),
        ("engine", port.engine),
        ("base", port.base),
        ("harness", index.run.harness),
        ("interrupted", "yes" if index.run.interrupted else "no"),
    )


def build_testcase(test: JUnitTest) -> Element:
    """Return the element of a test."""
    element = ElementTree.Element(
        "testcase",
        classname=format_name(test.group),
        name=format_name(test.name),
        time=f"{test.seconds:.3f}",
    )
    if (problem := test.problem) is not None:
        child = ElementTree.SubElement(
            element,
            problem.tag,
            type=problem.type,
            message=clean_text(problem.message, MAXIMUM_MESSAGE_LENGTH),
        )
        child.text = clean_text(problem.text, MAXIMUM_TEXT_LENGTH)
    return element


def collect_tests(
    index: Index, port: PortRecord, record: PortRecord | FurtherRunRecord
) -> Iterator[JUnitTest]:
    """Yield the tests of a variant of a port: building and running, its findings, and its
    checks."""
    group = f"{port.name}.{index.variant}"
    cells = index.get_cells(port)
    build_seconds = max(record.seconds - sum(cell.seconds for cell in cells.values()), 0.0)
    yield JUnitTest(
        f"{group}.build", "build and run", build_seconds, build_run_problem(index, port, record)
    )
    if index.variant is Variant.PUBLISHED:
        if port.plain is not None:
            problem = build_run_problem(index, port, port.plain)
            yield JUnitTest(f"{group}.build", "run built plainly", port.plain.seconds, problem)
        yield from build_finding_tests(index, port, f"{group}.findings")
    for case in (PUBLISHED_CASE, *index.cases_by_name):
        kind = index.cases_by_name[case].kind if case in index.cases_by_name else OWN_MAIN_GROUP
        # The first check of a case gets the time of the whole case.
        seconds = cells[case].seconds if case in cells else 0.0
        for verdict in index.read_verdicts(port, case):
            problem = build_check_problem(index, port, verdict)
            yield JUnitTest(f"{group}.{kind}", f"{case}: {verdict.check}", seconds, problem)
            seconds = 0.0


def build_run_problem(
    index: Index, port: PortRecord, record: PortRecord | FurtherRunRecord
) -> Problem | None:
    """Return why a port could not be run, or None if it was run.

    A missing toolchain is an error only if no port could be run.
    """
    if not record.trouble:
        return None
    no_port_ran = all(port.trouble for port in index.ports)
    tag = "error" if record.failed or no_port_ran else "skipped"
    return Problem(
        tag, name_failure(record), format_trouble(index.run, port.name, record), record.log
    )


def build_finding_tests(index: Index, port: PortRecord, group: str) -> Iterator[JUnitTest]:
    """Yield a test for each finding of a port. It fails if the finding does not hold, and is an
    error if the finding is not tested."""
    problems: dict[str, list[str]] = {finding.id: [] for finding in index.select_findings(port)}
    not_tested: set[str] = set()
    for record in index.results.complaints:
        if record.port == port.name:
            problems.setdefault(record.finding, []).append(record.sentence)
            not_tested |= {record.finding} if record.not_tested else set()
    for finding, sentences in problems.items():
        tag = "error" if finding in not_tested else "failure"
        problem = Problem(tag, "finding", "; ".join(sentences))
        yield JUnitTest(group, finding, problem=problem if sentences else None)


def build_check_problem(index: Index, port: PortRecord, verdict: VerdictRecord) -> Problem | None:
    """Return why a check does not pass, or None if its outcome conforms."""
    if verdict.standing is Standing.CONFORMING:
        return None
    message = f"{verdict.outcome}: {verdict.detail}" if verdict.detail else str(verdict.outcome)
    if verdict.outcome is Outcome.NOT_JUDGED:
        return Problem("error", verdict.outcome, message)
    if verdict.standing is Standing.NEITHER:
        return Problem("skipped", verdict.outcome, message)
    if verdict.unexplained:
        return Problem(
            "failure", verdict.outcome, message, "\n".join(describe_deviation(index, port, verdict))
        )
    finding = next((f for f in index.select_findings(port) if f.id == verdict.finding), None)
    return Problem("skipped", "known", describe_explanation(verdict, finding), verdict.detail)


def describe_explanation(verdict: VerdictRecord, finding: FindingRecord | None) -> str:
    """Return a sentence that names the finding that explains a deviation."""
    if finding is None:
        return f"{verdict.outcome}, explained by {verdict.finding}"
    place = f" ({place})" if (place := format_place(finding)) else ""
    return f"{verdict.outcome}, explained by {finding.id}: {finding.title}{place}"


def describe_deviation(index: Index, port: PortRecord, verdict: VerdictRecord) -> Iterator[str]:
    """Yield the lines of a failure: question and outcome, the system if it is small, standard
    error, and the command that runs the case again."""
    yield f"{verdict.check.question} {verdict.outcome}: {verdict.detail}"
    summary = index.cases_by_name.get(verdict.case)
    if summary is not None:
        case = index.read_case(summary)
        yield f"{case.place}: {case.why}"
        if is_small(case):
            yield from (format_row(row, case.unknowns) for row in case.system)
    answer = index.read_answer(port, verdict.case)
    if answer is not None:
        yield from answer.errors[-MAXIMUM_ERROR_LINES:]
    if index.variant is Variant.FIXED:
        yield "The port was run with the patches of all its findings."
    again = index.run.again
    command = format_rerun_command(again, port.name, verdict.case, verdict.asked_first)
    yield f"See it again: {command}"


def format_row(row: Iterable[str], unknowns: int) -> str:
    """Return a row of an augmented matrix, such as `2 1 | 3`."""
    entries = list(row)
    return " ".join(["   ", *entries[:unknowns], "|", *entries[unknowns:]])


def format_name(value: str) -> str:
    """Return a name on one line, or `-` if it is empty."""
    return " ".join(clean_text(value, MAXIMUM_NAME_LENGTH).split()) or "-"


def clean_text(value: str, limit: int) -> str:
    """Return a text of bounded length without the characters that XML does not allow."""
    return make_printable(clip(value, limit))


def format_timestamp(started: str) -> str:
    """Return a time as the schema requires it: to the second, in UTC, without a time zone.

    Return UNKNOWN_TIME if `started` is not a time in ISO 8601.
    """
    try:
        time = datetime.fromisoformat(started)
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        return UNKNOWN_TIME
