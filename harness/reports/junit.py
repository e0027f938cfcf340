"""The results as JUnit XML, which CI systems read.

A suite for each variant of a port, a test case for each check of each case. A deviation that no
finding explains is a failure. One that a finding explains is skipped, with the finding's title: CI
systems count that apart from what passed, and it does not break a build. So is what was not judged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from harness.comparison import title
from harness.files import write_whole
from harness.reports.text import LONGEST_PROSE, clipped
from harness.verdict import Standing, Variant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.results import PortRecord, Results, Verdict

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document can hold, not even as a reference."""


def render(results: Results) -> str:
    """The results as an XML document."""
    root = Xml.Element("testsuites", name="conformance", time=f"{results.run.seconds:.3f}")
    for port in results.ports:
        for variant in Variant:
            if variant is Variant.PUBLISHED or port.fixed:
                root.append(suite(port, variant, results))
    complaints = suite_of_complaints(results)
    if len(complaints):
        root.append(complaints)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def write(results: Results, path: Path) -> None:
    """Write the results to `path` as XML; raises HarnessError where that cannot be written."""
    write_whole(path, render(results))


def suite(port: PortRecord, variant: Variant, results: Results) -> Xml.Element:
    """The suite of a variant of a port."""
    run = port if variant is Variant.PUBLISHED else port.fixed
    trouble = run.trouble if run else ""
    verdicts = [v for v in results.verdicts if (v.port, v.variant) == (port.name, variant)]
    titles = {f.id: f.title for f in results.findings if f.port == port.name}
    cases = [test_case(verdict, titles) for verdict in verdicts]
    if trouble:
        cases = [broken(port.name, variant, trouble, run.log if run else "")]
    return suite_of(title(port.name, variant), cases, run.seconds if run else 0.0, results)


def suite_of(
    name: str, cases: Sequence[Xml.Element], seconds: float, results: Results
) -> Xml.Element:
    """A suite of test cases, counted."""
    found = {
        "name": name,
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{seconds:.3f}",
        "timestamp": results.run.started[:19],
        "hostname": results.run.engine,
    }
    element = Xml.Element("testsuite", {key: legal(text) for key, text in found.items()})
    element.extend(cases)
    return element


def test_case(verdict: Verdict, titles: dict[str, str]) -> Xml.Element:
    """One check of one case."""
    name = title(verdict.port, verdict.variant)
    element = Xml.Element(
        "testcase",
        classname=legal(f"{name}.{verdict.case}"),
        name=str(verdict.check),
        time="0",
    )
    message = legal(clipped(f"{verdict.outcome}: {verdict.detail}", LONGEST_PROSE))
    if verdict.unexplained:
        Xml.SubElement(element, "failure", message=message, type=str(verdict.outcome))
    elif verdict.outcome.deviates:
        known = legal(f"known fault: {titles.get(verdict.finding or '', verdict.finding)}")
        Xml.SubElement(element, "skipped", message=known)
        Xml.SubElement(element, "system-out").text = message
    elif verdict.standing is Standing.NEITHER:
        Xml.SubElement(element, "skipped", message=message)
    return element


def broken(port: str, variant: Variant, trouble: str, log: str) -> Xml.Element:
    """The one test case of a port that could not be built or run."""
    name = legal(title(port, variant))
    element = Xml.Element("testcase", classname=name, name="run", time="0")
    error = Xml.SubElement(element, "error", message=legal(clipped(trouble, LONGEST_PROSE)))
    error.set("type", "trouble")
    error.text = legal(log)
    return element


def suite_of_complaints(results: Results) -> Xml.Element:
    """A suite with a failure for each finding that does not hold."""
    cases = []
    for complaint in results.complaints:
        element = Xml.Element("testcase", classname=legal(f"{complaint.port}.findings"), time="0")
        element.set("name", legal(complaint.finding))
        failure = Xml.SubElement(element, "failure", message=legal(complaint.sentence))
        failure.set("type", "finding")
        cases.append(element)
    return suite_of("findings", cases, 0.0, results)


def legal(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return NOT_XML.sub("\ufffd", text)
