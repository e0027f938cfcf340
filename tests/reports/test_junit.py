"""Tests that the JUnit XML is valid for any output, and fails exactly where `harness check`
does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from harness.errors import HarnessError
from harness.model.verdict import Outcome
from harness.procedures.registry import CASE_CHECKS
from harness.reports import junit
from harness.results.results import Results
from harness.text import make_printable
from support.run_results import (
    build_explained_verdict,
    build_finding,
    build_port,
    build_results,
    build_run_with_findings,
    build_small_run,
    build_verdict,
    build_wrong_verdict,
    replace_fields,
    replace_first_answer,
)

SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).parents[1] / "support" / "junit.xsd")))

Element = Any


def render_and_parse(results: Results) -> Element:
    """Return the parsed XML of results, after checks of its schema and its numbers."""
    root: Element = etree.fromstring(junit.render_junit(results).encode())
    SCHEMA.assertValid(root)
    for find_suite in root:
        assert int(find_suite.get("tests")) == len(find_suite.findall("testcase"))
        for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(find_suite.get(plural)) == len(find_suite.findall(f"testcase/{tag}"))
    return root


def find_suite(root: Element, name: str) -> Element:
    [matching] = [find_suite for find_suite in root if find_suite.get("name") == name]
    return matching


def find_test(root: Element, suite_name: str, name: str) -> Element:
    [matching] = [
        test for test in find_suite(root, suite_name).iter("testcase") if test.get("name") == name
    ]
    return matching


def get_problem(element: Element) -> Element:
    [child] = element
    return child


def list_failing_tests(root: Element) -> list[str]:
    """Return the names of the tests that fail or have an error."""
    return [
        test.get("name")
        for test in root.iter("testcase")
        if set(list_tags(test)) & {"failure", "error"}
    ]


def list_tags(element: Element) -> list[str]:
    return [child.tag for child in element]


# Suites


def test_each_variant_is_a_suite_and_each_case_and_check_a_test() -> None:
    root = render_and_parse(build_run_with_findings(cases=("one", "two")))
    assert [find_suite.get("name") for find_suite in root] == [
        "c.published",
        "d.published",
        "c.fixed",
    ]
    names = [test.get("name") for test in find_suite(root, "d.published").iter("testcase")]
    expected = [f"{case}: {check}" for case in ("one", "two") for check in CASE_CHECKS]
    assert names == ["build and run", *expected]


def test_tests_are_grouped_by_the_kind_of_the_case() -> None:
    value = build_small_run(build_verdict("c", "published", "published.output", Outcome.RIGHT))
    groups = {
        test.get("name"): test.get("classname")
        for test in find_suite(render_and_parse(value), "c.published").iter("testcase")
    }
    assert groups["one: echelon.form"] == "c.published.regular"
    assert groups["published: published.output"] == "c.published.own-main"
    assert groups["build and run"] == "c.published.build"


def test_a_suite_says_what_was_run_and_when() -> None:
    value = replace_fields(build_small_run(), ports=[build_port("c", version="gcc 14")])
    c = find_suite(render_and_parse(value), "c.published")
    assert c.get("timestamp") == "2026-11-21T03:36:28"
    properties = {p.get("name"): p.get("value") for p in c.iter("property")}
    assert (properties["language"], properties["version"]) == ("C", "gcc 14")


@pytest.mark.parametrize(
    ("started", "written"),
    [
        ("2026-11-21T01:36:28+02:00", "2026-11-20T23:36:28"),
        ("2026-11-21T01:36:28.123+00:00", "2026-11-21T01:36:28"),
        ("yesterday", junit.UNKNOWN_TIME),
        ("0001-01-01T00:00:00+12:00", junit.UNKNOWN_TIME),
    ],
)
def test_times_are_in_utc_to_the_second(started: str, written: str) -> None:
    root = render_and_parse(build_small_run(started=started))
    assert {find_suite.get("timestamp") for find_suite in root} == {written}


def test_the_seconds_of_a_case_count_once_the_rest_is_building() -> None:
    value = replace_fields(build_small_run(), ports=[build_port("c", seconds=2.0)])
    value = replace_first_answer(value, seconds=0.25)
    c = find_suite(render_and_parse(value), "c.published")
    seconds = [float(test.get("time")) for test in c.iter("testcase")]
    assert (seconds[0], seconds[1], sum(seconds)) == (1.75, 0.25, float(c.get("time")))


def test_a_run_of_nothing_is_valid_too() -> None:
    assert len(render_and_parse(build_results([], [], [], []))) == 0


# Tests


def test_what_conforms_passes() -> None:
    root = render_and_parse(
        build_small_run(build_verdict("c", "one", "solution.value", Outcome.DEFENSIBLE))
    )
    assert list_tags(find_test(root, "c.published", "one: solution.value")) == []
    assert list_failing_tests(root) == []


def test_an_unexplained_deviation_fails_with_its_detail() -> None:
    value = replace_first_answer(
        build_small_run(build_wrong_verdict(detail="row 2 is wrong")), errors=["a last word"]
    )
    failure = get_problem(find_test(render_and_parse(value), "c.published", "one: echelon.form"))
    assert (failure.tag, failure.get("type")) == ("failure", "wrong")
    assert failure.get("message") == "wrong: row 2 is wrong"
    assert failure.text.splitlines() == [
        "Is the eliminated matrix in row echelon form? wrong: row 2 is wrong",
        "cases/some.yaml:7: why one",
        "    2 1 | 3",
        "    1 3 | 5",
        "a last word",
        "See it again: harness show c one",
    ]


def test_an_explained_deviation_is_skipped_with_the_finding() -> None:
    root = render_and_parse(
        build_run_with_findings(build_explained_verdict(detail="row 2 is wrong"))
    )
    skipped = get_problem(find_test(root, "c.published", "one: echelon.form"))
    assert (skipped.tag, skipped.get("type"), skipped.text) == (
        "skipped",
        "known",
        "row 2 is wrong",
    )
    assert skipped.get("message") == "wrong, explained by off-by-one: The loop ends early (line 14)"
    assert list_failing_tests(root) == []


def test_a_verdict_without_information_is_skipped_with_a_reason() -> None:
    value = build_small_run(
        build_verdict("c", "one", "reduced.form", Outcome.BLOCKED, detail="no echelon")
    )
    skipped = get_problem(find_test(render_and_parse(value), "c.published", "one: reduced.form"))
    assert (skipped.tag, skipped.get("message")) == ("skipped", "blocked: no echelon")


def test_a_deviation_of_a_fixed_port_fails_and_is_named_patched() -> None:
    root = render_and_parse(
        build_run_with_findings(build_explained_verdict(), fixed=[build_wrong_verdict()])
    )
    assert list_failing_tests(root) == ["one: echelon.form"]
    failure = get_problem(find_test(root, "c.fixed", "one: echelon.form"))
    assert "The port was run with the patches of all its findings." in failure.text


def test_a_finding_that_does_not_hold_fails() -> None:
    complaint = {"port": "c", "finding": "off-by-one", "sentence": "it explains nothing any more"}
    findings = [build_finding(), build_finding("another")]
    root = render_and_parse(build_run_with_findings(findings=findings, complaints=[complaint]))
    assert list_failing_tests(root) == ["off-by-one"]
    failure = get_problem(find_test(root, "c.published", "off-by-one"))
    assert failure.get("message") == "it explains nothing any more"
    assert list_tags(find_test(root, "c.published", "another")) == []


@pytest.mark.parametrize(("missing", "tag"), [(False, "error"), (True, "skipped")])
def test_not_running_is_an_error_unless_the_toolchain_is_missing(missing: bool, tag: str) -> None:
    c = build_port("c", trouble="no javac", log="the log", missing_toolchain=missing)
    problem = get_problem(
        find_test(
            render_and_parse(replace_fields(build_small_run(), ports=[c, build_port("d")])),
            "c.published",
            "build and run",
        )
    )
    assert (problem.tag, problem.get("message"), problem.text) == (tag, "no javac", "the log")


def test_a_fixed_port_that_could_not_be_run_is_an_error() -> None:
    error = get_problem(
        find_test(
            render_and_parse(build_run_with_findings(trouble="no patch")),
            "c.fixed",
            "build and run",
        )
    )
    assert (error.tag, error.get("message")) == ("error", "no patch")


# Properties


@given(
    published=st.sampled_from(list(Outcome)),
    finding=st.sampled_from([None, "off-by-one"]),
    fixed=st.sampled_from(list(Outcome)),
    trouble=st.sampled_from(["", "no compiler"]),
    missing=st.booleans(),
    alone=st.booleans(),
    complaints=st.booleans(),
)
def test_it_is_red_exactly_where_check_does_not_exit_with_0(
    published: Outcome,
    finding: str | None,
    fixed: Outcome,
    trouble: str,
    missing: bool,
    alone: bool,
    complaints: bool,
) -> None:
    complaint = {"port": "c", "finding": "off-by-one", "sentence": "it explains nothing any more"}
    value = build_run_with_findings(
        build_verdict("c", "one", "echelon.form", published, finding=finding),
        fixed=[build_verdict("c", "one", "echelon.form", fixed)],
        complaints=[complaint] if complaints else [],
    )
    c = value.ports[0].model_copy(update={"trouble": trouble, "missing_toolchain": missing})
    value = replace(value, ports=(c,) if alone else (c, value.ports[1]))
    assert bool(list_failing_tests(render_and_parse(value))) == (value.exit_status != 0)


ANYTHING = st.text(st.characters(codec=None), max_size=40)


@given(printed=ANYTHING)
def test_it_is_valid_and_readable_whatever_a_port_printed(printed: str) -> None:
    c = build_port("c", language=printed, version=printed, trouble=printed, log=printed)
    finding = build_finding(title=printed, lines=[])
    value = build_run_with_findings(
        build_wrong_verdict(detail=printed),
        build_explained_verdict(check="reduced.form"),
        findings=[finding],
    )
    value = replace_first_answer(
        replace_fields(value, ports=[c, build_port("d")]), errors=[printed], reason=printed
    )
    root = render_and_parse(value)
    failure = get_problem(find_test(root, "c.published", "one: echelon.form"))
    assert failure.get("message") == (f"wrong: {make_printable(printed)}" if printed else "wrong")


def test_control_characters_are_shown() -> None:
    root = render_and_parse(
        build_small_run(build_wrong_verdict(detail="a\x00b\x1b[2J]]>\ud800\ufffe"))
    )
    message = get_problem(find_test(root, "c.published", "one: echelon.form")).get("message")
    assert message == "wrong: a␀b␛[2J]]>\ufffd\ufffd"


def test_a_megabyte_of_text_stays_small() -> None:
    printed = "<&\n" * 300_000
    value = replace_first_answer(
        build_small_run(build_wrong_verdict(detail=printed)), errors=[printed] * 30, reason=printed
    )
    value = replace_fields(
        value, ports=[build_port("c", log=printed, trouble=printed), build_port("d")]
    )
    assert len(junit.render_junit(value)) < 100_000
    render_and_parse(value)


def test_the_schema_would_object() -> None:
    text = junit.render_junit(build_small_run(build_wrong_verdict()))
    for old, new in (
        ('timestamp="2026-11-21T03:36:28"', 'timestamp="2026-11-21T03:36:28+00:00"'),
        ("</testcase>", "<note /></testcase>"),
        (' hostname="localhost"', ""),
        ("<system-err />", ""),
    ):
        assert old in text
        assert not SCHEMA.validate(etree.fromstring(text.replace(old, new).encode()))


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    junit.write_junit(build_small_run(), tmp_path / "new" / "junit.xml")
    assert (tmp_path / "new" / "junit.xml").read_text().startswith("<?xml version='1.0'")
    with pytest.raises(HarnessError, match="cannot be written"):
        junit.write_junit(build_small_run(), tmp_path)
