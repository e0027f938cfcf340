"""JUnit XML: a run as the tests that continuous integration systems show.

A suite for each variant of each port, a test for each case and check, one for whether the port
could be built and run, and one for each of its findings. What a finding explains is *skipped*, with
the finding's name as the reason: such systems count skipped tests apart from those that pass, show
the reason, and keep the build green. A note in `system-out` would be shown by few of them, and the
stricter of the schemas in use has no place for it inside a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from harness.files import write_atomically
from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Standing, Variant
from harness.reports.parts.findings import format_line_ranges
from harness.reports.parts.index import Index
from harness.reports.parts.smallest_case import is_small
from harness.text import clip, format_rerun_command, make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from harness.results.schema import (
        FindingRecord,
        FixedRunRecord,
        PortRecord,
        Results,
        VerdictRecord,
    )

MAXIMUM_NAME_LENGTH = 200
MAXIMUM_MESSAGE_LENGTH = 500
MAXIMUM_TEXT_LENGTH = 6_000
MAXIMUM_ERROR_LINES = 10
"""How much of what a port printed on standard error is told."""

UNKNOWN_TIME = "1970-01-01T00:00:00"
OWN_MAIN_GROUP = "own-main"
"""What stands for the kind of a listing's own example."""


@dataclass(frozen=True)
class Problem:
    """Why a test did not pass: `tag` is failure, error or skipped."""

    tag: str
    type: str
    message: str
    text: str = ""


@dataclass(frozen=True)
class JUnitTest:
    """A test by group and name, the seconds that it took, and what is wrong with it."""

    group: str
    name: str
    seconds: float = 0.0
    problem: Problem | None = None


def write_junit(results: Results, path: Path) -> None:
    """Write a run as JUnit XML, whole or not at all. Raises HarnessError where it cannot be."""
    write_atomically(path, render_junit(results))


def render_junit(results: Results) -> str:
    """A run as JUnit XML.

    None of its tests fails where `harness check` exits with 0. Valid by the schema of Ant's reports
    and by that of Jenkins' xUnit plugin.
    """
    root = ElementTree.Element("testsuites")
    published = Index(results)
    for index in (published, published.fixed):
        for port in index.ports:
            if record := select_variant_record(index, port):
                root.append(build_suite(index, port, record, number=len(root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def select_variant_record(index: Index, port: PortRecord) -> PortRecord | FixedRunRecord | None:
    """How it went to run that variant of a port; None where it was not tried."""
    return port if index.variant is Variant.PUBLISHED else port.fixed


def build_suite(
    index: Index, port: PortRecord, record: PortRecord | FixedRunRecord, number: int
) -> Element:
    """All tests of one variant of a port."""
    tests = tuple(collect_tests(index, port, record))
    tags = [test.problem.tag for test in tests if test.problem]
    element = ElementTree.Element(
        "testsuite",
        name=format_name(f"{port.name}.{index.variant}"),
        package=format_name(port.name),
        id=f"{number}",
        timestamp=format_timestamp(index.run.started),
        hostname="localhost",
        tests=f"{len(tests)}",
        failures=f"{tags.count('failure')}",
        errors=f"{tags.count('error')}",
        skipped=f"{tags.count('skipped')}",
        time=f"{record.seconds:.3f}",
    )
    properties = ElementTree.SubElement(element, "properties")
    for key, value in list_properties(index, port):
        ElementTree.SubElement(
            properties, "property", name=key, value=clean_text(value, MAXIMUM_MESSAGE_LENGTH)
        )
    element.extend(build_testcase(test) for test in tests)
    for tag in ("system-out", "system-err"):
        ElementTree.SubElement(element, tag).text = ""
    return element


def list_properties(index: Index, port: PortRecord) -> tuple[tuple[str, str], ...]:
    """What was run, and where."""
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
    """A test as its element."""
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
    index: Index, port: PortRecord, record: PortRecord | FixedRunRecord
) -> Iterator[JUnitTest]:
    """The tests of a variant of a port: that it runs, its findings, and its checks."""
    group = f"{port.name}.{index.variant}"
    case_names = [PUBLISHED_CASE, *(case.name for case in index.results.cases)]
    answers = {case: index.answers.get((port.name, case)) for case in case_names}
    seconds_of_cases = {case: answer.seconds for case, answer in answers.items() if answer}
    build_seconds = max(record.seconds - sum(seconds_of_cases.values()), 0.0)
    yield JUnitTest(
        f"{group}.build", "build and run", build_seconds, build_run_problem(index, record)
    )
    if index.variant is Variant.PUBLISHED:
        yield from build_finding_tests(index, port, f"{group}.findings")
    for case in case_names:
        kind = index.cases[case].kind if case in index.cases else OWN_MAIN_GROUP
        for verdict in index.grouped_verdicts.get((port.name, case), ()):
            # The time of a case is that of its checks together.
            seconds = seconds_of_cases.pop(case, 0.0)
            problem = build_check_problem(index, port, verdict)
            yield JUnitTest(f"{group}.{kind}", f"{case}: {verdict.check}", seconds, problem)


def build_run_problem(index: Index, record: PortRecord | FixedRunRecord) -> Problem | None:
    """Why a port could not be run. A missing toolchain is no error, unless no port could be run."""
    if not record.trouble:
        return None
    no_port_ran = all(port.trouble for port in index.ports)
    tag = "error" if record.failed or no_port_ran else "skipped"
    return Problem(tag, "not run", record.trouble, record.log)


def build_finding_tests(index: Index, port: PortRecord, group: str) -> Iterator[JUnitTest]:
    """A test for each finding of a port, which fails where the finding does not hold."""
    problems: dict[str, list[str]] = {finding.id: [] for finding in index.findings(port)}
    for problem_record in index.results.complaints:
        if problem_record.port == port.name:
            problems.setdefault(problem_record.finding, []).append(problem_record.sentence)
    for finding, sentences in problems.items():
        problem = Problem("failure", "finding", "; ".join(sentences))
        yield JUnitTest(group, finding, problem=problem if sentences else None)


def build_check_problem(index: Index, port: PortRecord, verdict: VerdictRecord) -> Problem | None:
    """What there is to say against a check; None where it conforms."""
    if verdict.standing is Standing.CONFORMING:
        return None
    message = f"{verdict.outcome}: {verdict.detail}" if verdict.detail else str(verdict.outcome)
    if verdict.standing is Standing.NEITHER:
        return Problem("skipped", verdict.outcome, message)
    if verdict.unexplained:
        return Problem(
            "failure", verdict.outcome, message, "\n".join(describe_deviation(index, port, verdict))
        )
    finding = next((f for f in index.findings(port) if f.id == verdict.finding), None)
    return Problem("skipped", "known", describe_explanation(verdict, finding), verdict.detail)


def describe_explanation(verdict: VerdictRecord, finding: FindingRecord | None) -> str:
    """Which finding explains a deviation."""
    if finding is None:
        return f"{verdict.outcome}, known as {verdict.finding}"
    line_ranges = f" ({format_line_ranges(finding.lines)})" if finding.lines else ""
    return f"{verdict.outcome}, known as {finding.id}: {finding.title}{line_ranges}"


def describe_deviation(index: Index, port: PortRecord, verdict: VerdictRecord) -> Iterator[str]:
    """What one reads first of a deviation: question and answer, the system, how to see it again."""
    yield f"{verdict.check.question} {verdict.outcome}: {verdict.detail}"
    case = index.cases.get(verdict.case)
    if case is not None:
        yield f"{case.place}: {case.why}"
        if is_small(case):
            yield from (format_row(row, case.unknowns) for row in case.system)
    answer = index.answers.get((port.name, verdict.case))
    if answer is not None:
        yield from answer.errors[-MAXIMUM_ERROR_LINES:]
    if index.variant is Variant.FIXED:
        yield "This is with the patches of all its findings."
    yield f"See it again: {format_rerun_command(index.run.again, port.name, verdict.case)}"


def format_row(row: Iterable[str], unknowns: int) -> str:
    """A row of an augmented matrix: `2 1 | 3`."""
    entries = list(row)
    return " ".join(["   ", *entries[:unknowns], "|", *entries[unknowns:]])


def format_name(value: str) -> str:
    """A name on one line, and never an empty one."""
    return " ".join(clean_text(value, MAXIMUM_NAME_LENGTH).split()) or "-"


def clean_text(value: str, limit: int) -> str:
    """A text of bounded length, of characters that XML can hold."""
    return make_printable(clip(value, limit))


def format_timestamp(started: str) -> str:
    """A time as the schema wants it: to the second, in UTC, without a zone."""
    try:
        time = datetime.fromisoformat(started)
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        return UNKNOWN_TIME
