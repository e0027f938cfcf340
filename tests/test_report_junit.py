"""JUnit XML: what CI systems read, valid by the schema that they share, whatever ports print."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from results_by_hand import port, results, verdict

from harness.reports.junit import render, write
from harness.results import Complaint, Finding, FixedRun, Results
from harness.verdict import Outcome, Variant

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "junit.xsd")


def parsed(found: Results) -> Xml.Element:
    text = render(found)
    SCHEMA.validate(text)
    return Xml.fromstring(text)


def counts(element: Xml.Element) -> tuple[int, ...]:
    return tuple(int(element.get(n, "")) for n in ("tests", "failures", "errors", "skipped"))


@pytest.mark.parametrize(
    ("outcome", "finding", "tag"),
    [
        (Outcome.RIGHT, None, None),
        (Outcome.DEFENSIBLE, None, None),
        (Outcome.WRONG, None, "failure"),
        (Outcome.SILENT, None, "failure"),
        (Outcome.WRONG, "f", "skipped"),
        (Outcome.BLOCKED, None, "skipped"),
    ],
)
def test_a_check_is_a_test_case(outcome: Outcome, finding: str | None, tag: str | None) -> None:
    known = Finding(id="f", port="c", title="It never searches")
    root = parsed(results(verdicts=[verdict(outcome, finding)], findings=(known,)))
    [case] = root.iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("c.a", "solution.value")
    assert [child.tag for child in case if child.tag != "system-out"] == ([tag] if tag else [])
    assert counts(root) == (1, int(tag == "failure"), 0, int(tag == "skipped"))
    if finding:
        skipped = case.find("skipped")
        assert skipped is not None
        assert skipped.get("message") == "known fault: It never searches"


def test_the_fixed_port_has_a_suite_of_its_own() -> None:
    fixed = port().model_copy(update={"fixed": FixedRun(seconds=1.5)})
    left = verdict(Outcome.WRONG).model_copy(update={"variant": Variant.FIXED})
    root = parsed(results([fixed], [verdict(Outcome.RIGHT), left]))
    assert [(suite.get("name"), counts(suite)) for suite in root] == [
        ("c", (1, 0, 0, 0)),
        ("c fixed", (1, 1, 0, 0)),
    ]


def test_a_port_that_could_not_be_run_is_an_error() -> None:
    broken = port(trouble="its build failed").model_copy(update={"log": "line 3: oops"})
    root = parsed(results([broken], [verdict(Outcome.GIVEN_UP)]))
    assert counts(root) == (1, 0, 1, 0)
    error = root.find(".//error")
    assert error is not None
    assert (error.get("message"), error.text) == ("its build failed", "line 3: oops")


def test_a_finding_that_does_not_hold_is_a_failure() -> None:
    complaint = Complaint(port="c", finding="f", sentence="it explains nothing any more")
    root = parsed(results(complaints=(complaint,)))
    assert counts(root) == (1, 1, 0, 0)


@given(st.text(max_size=40))
def test_whatever_a_port_prints_the_document_is_valid(text: str) -> None:
    hostile = verdict(Outcome.WRONG).model_copy(update={"detail": text, "case": text})
    broken = port(name="d", trouble=text or "x").model_copy(update={"log": text})
    parsed(results([port(), broken], [hostile]))


def test_it_is_written_whole(tmp_path: Path) -> None:
    write(results(), tmp_path / "out" / "junit.xml")
    assert (tmp_path / "out" / "junit.xml").read_text() == render(results())
