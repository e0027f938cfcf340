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

from harness.files import write_whole
from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Standing, Variant
from harness.reports.parts.findings import lines_in_words
from harness.reports.parts.index import Index
from harness.reports.parts.smallest import is_small
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

LONGEST_NAME = 200
LONGEST_MESSAGE = 500
LONGEST_TEXT = 6_000
MOST_LINES = 10
"""How much of what a port printed on standard error is told."""

NO_TIME = "1970-01-01T00:00:00"
OWN_MAIN = "own-main"
"""What stands for the kind of a listing's own example."""


@dataclass(frozen=True)
class Problem:
    """Why a test did not pass: `tag` is failure, error or skipped."""

    tag: str
    type: str
    message: str
    text: str = ""


@dataclass(frozen=True)
class Test:
    """A test by group and name, the seconds that it took, and what is wrong with it."""

    group: str
    name: str
    seconds: float = 0.0
    problem: Problem | None = None


def write(results: Results, path: Path) -> None:
    """Write a run as JUnit XML, whole or not at all. Raises HarnessError where it cannot be."""
    write_whole(path, render(results))


def render(results: Results) -> str:
    """A run as JUnit XML.

    None of its tests fails where `harness check` exits with 0. Valid by the schema of Ant's reports
    and by that of Jenkins' xUnit plugin.
    """
    root = ElementTree.Element("testsuites")
    published = Index(results)
    for index in (published, published.fixed):
        for port in index.ports:
            if part := part_of(index, port):
                root.append(suite(index, port, part, number=len(root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def part_of(index: Index, port: PortRecord) -> PortRecord | FixedRunRecord | None:
    """How it went to run that variant of a port; None where it was not tried."""
    return port if index.variant is Variant.PUBLISHED else port.fixed


def suite(
    index: Index, port: PortRecord, part: PortRecord | FixedRunRecord, number: int
) -> Element:
    """All tests of one variant of a port."""
    tests = tuple(tests_of(index, port, part))
    tags = [test.problem.tag for test in tests if test.problem]
    element = ElementTree.Element(
        "testsuite",
        name=name(f"{port.name}.{index.variant}"),
        package=name(port.name),
        id=f"{number}",
        timestamp=timestamp(index.run.started),
        hostname="localhost",
        tests=f"{len(tests)}",
        failures=f"{tags.count('failure')}",
        errors=f"{tags.count('error')}",
        skipped=f"{tags.count('skipped')}",
        time=f"{part.seconds:.3f}",
    )
    properties = ElementTree.SubElement(element, "properties")
    for key, value in facts(index, port):
        ElementTree.SubElement(properties, "property", name=key, value=text(value, LONGEST_MESSAGE))
    element.extend(testcase(test) for test in tests)
    for tag in ("system-out", "system-err"):
        ElementTree.SubElement(element, tag).text = ""
    return element


def facts(index: Index, port: PortRecord) -> tuple[tuple[str, str], ...]:
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


def testcase(test: Test) -> Element:
    """A test as its element."""
    element = ElementTree.Element(
        "testcase",
        classname=name(test.group),
        name=name(test.name),
        time=f"{test.seconds:.3f}",
    )
    if (problem := test.problem) is not None:
        child = ElementTree.SubElement(
            element,
            problem.tag,
            type=problem.type,
            message=text(problem.message, LONGEST_MESSAGE),
        )
        child.text = text(problem.text, LONGEST_TEXT)
    return element


def tests_of(index: Index, port: PortRecord, part: PortRecord | FixedRunRecord) -> Iterator[Test]:
    """The tests of a variant of a port: that it runs, its findings, and its checks."""
    group = f"{port.name}.{index.variant}"
    keys = [PUBLISHED_CASE, *(case.name for case in index.results.cases)]
    answers = {case: index.answers.get((port.name, case)) for case in keys}
    spent = {case: answer.seconds for case, answer in answers.items() if answer}
    building = max(part.seconds - sum(spent.values()), 0.0)
    yield Test(f"{group}.build", "build and run", building, trouble(index, part))
    if index.variant is Variant.PUBLISHED:
        yield from findings(index, port, f"{group}.findings")
    for case in keys:
        kind = index.cases[case].kind if case in index.cases else OWN_MAIN
        for verdict in index.grouped_verdicts.get((port.name, case), ()):
            # The time of a case is that of its checks together.
            seconds = spent.pop(case, 0.0)
            problem = problem_of(index, port, verdict)
            yield Test(f"{group}.{kind}", f"{case}: {verdict.check}", seconds, problem)


def trouble(index: Index, part: PortRecord | FixedRunRecord) -> Problem | None:
    """Why a port could not be run. A missing toolchain is no error, unless no port could be run."""
    if not part.trouble:
        return None
    hopeless = all(port.trouble for port in index.ports)
    tag = "error" if part.failed or hopeless else "skipped"
    return Problem(tag, "not run", part.trouble, part.log)


def findings(index: Index, port: PortRecord, group: str) -> Iterator[Test]:
    """A test for each finding of a port, which fails where the finding does not hold."""
    amiss: dict[str, list[str]] = {finding.id: [] for finding in index.findings(port)}
    for complaint in index.results.complaints:
        if complaint.port == port.name:
            amiss.setdefault(complaint.finding, []).append(complaint.sentence)
    for finding, sentences in amiss.items():
        problem = Problem("failure", "finding", "; ".join(sentences))
        yield Test(group, finding, problem=problem if sentences else None)


def problem_of(index: Index, port: PortRecord, verdict: VerdictRecord) -> Problem | None:
    """What there is to say against a check; None where it conforms."""
    if verdict.standing is Standing.CONFORMING:
        return None
    said = f"{verdict.outcome}: {verdict.detail}" if verdict.detail else str(verdict.outcome)
    if verdict.standing is Standing.NEITHER:
        return Problem("skipped", verdict.outcome, said)
    if verdict.unexplained:
        return Problem("failure", verdict.outcome, said, "\n".join(told(index, port, verdict)))
    found = next((f for f in index.findings(port) if f.id == verdict.finding), None)
    return Problem("skipped", "known", known(verdict, found), verdict.detail)


def known(verdict: VerdictRecord, finding: FindingRecord | None) -> str:
    """Which finding explains a deviation."""
    if finding is None:
        return f"{verdict.outcome}, known as {verdict.finding}"
    where = f" ({lines_in_words(finding.lines)})" if finding.lines else ""
    return f"{verdict.outcome}, known as {finding.id}: {finding.title}{where}"


def told(index: Index, port: PortRecord, verdict: VerdictRecord) -> Iterator[str]:
    """What one reads first of a deviation: question and answer, the system, how to see it again."""
    yield f"{verdict.check.question} {verdict.outcome}: {verdict.detail}"
    case = index.cases.get(verdict.case)
    if case is not None:
        yield f"{case.place}: {case.why}"
        if is_small(case):
            yield from (bar(row, case.unknowns) for row in case.system)
    answer = index.answers.get((port.name, verdict.case))
    if answer is not None:
        yield from answer.errors[-MOST_LINES:]
    if index.variant is Variant.FIXED:
        yield "This is with the patches of all its findings."
    yield f"See it again: {format_rerun_command(index.run.again, port.name, verdict.case)}"


def bar(row: Iterable[str], unknowns: int) -> str:
    """A row of an augmented matrix: `2 1 | 3`."""
    entries = list(row)
    return " ".join(["   ", *entries[:unknowns], "|", *entries[unknowns:]])


def name(value: str) -> str:
    """A name on one line, and never an empty one."""
    return " ".join(text(value, LONGEST_NAME).split()) or "-"


def text(value: str, limit: int) -> str:
    """A text of bounded length, of characters that XML can hold."""
    return make_printable(clip(value, limit))


def timestamp(started: str) -> str:
    """A time as the schema wants it: to the second, in UTC, without a zone."""
    try:
        time = datetime.fromisoformat(started)
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        return NO_TIME
