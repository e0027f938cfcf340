"""The conformance report is complete, accessible, and safe whatever a port printed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.model.verdict import SEVERITY, Outcome, Standing
from harness.procedures.registry import CASE_CHECKS
from harness.reports.html import page as html
from harness.reports.html.markup import render_prose
from harness.reports.parts import listings, signs
from harness.reports.parts.matrices import format_number, typeset_matrix
from harness.text import (
    excerpt_lines,
    format_duration,
    format_figure,
    format_rerun_command,
    format_time,
    make_printable,
)
from support.hostile_results import build_hostile_results
from support.html_page import ReportPage
from support.run_results import (
    LISTING,
    PATCH,
    PIVOT_DEPARTURE,
    SYSTEM,
    Fields,
    build_answer,
    build_case,
    build_expectation,
    build_explained_verdict,
    build_finding,
    build_pivot_choice,
    build_port,
    build_results,
    build_right_verdicts,
    build_run_with_findings,
    build_small_run,
    build_stage,
    build_verdict,
    build_wrong_verdict,
    dump_results,
    make_results,
    replace_fields,
    replace_first_answer,
)

STYLE = (Path(html.__file__).parent / "static" / "report.css").read_text(encoding="utf-8")


# The content of the page


OUTCOMES = st.lists(
    st.sampled_from(Outcome), min_size=4 * 3 * len(CASE_CHECKS), max_size=4 * 3 * len(CASE_CHECKS)
)


@settings(max_examples=20, deadline=None)
@given(OUTCOMES)
def test_every_cell_links_to_its_detail_and_counts_each_verdict(
    outcomes: list[Outcome],
) -> None:
    ports, cases = ["c", "d", "e", "f"], ["one", "two", "three"]
    asked = [(port, case, check) for port in ports for case in cases for check in CASE_CHECKS]
    verdicts = [build_verdict(*key, outcome) for key, outcome in zip(asked, outcomes, strict=True)]
    answers = [build_answer(port, case) for port in ports for case in cases]
    kinds = ["regular", "singular", "odd"]
    records = [build_case(name, kind) for name, kind in zip(cases, kinds, strict=True)]
    page = ReportPage(
        build_results([build_port(name) for name in ports], records, answers, verdicts)
    )

    cells = page.find_cells()
    for port in ports:
        for case in cases:
            assert cells[f"{port.capitalize()}, {case}"]["href"] == f"#case:{case}:{port}"
    assert len(page.ids) == len(set(page.ids))
    assert {a["href"] for a in page.list_attributes("a")} <= {f"#{anchor}" for anchor in page.ids}
    totals = Counter(outcome.standing for outcome in outcomes)
    more = r"(?:, (\d+) more (?:is|are) defensible)?"
    counts = re.search(rf"3 cases: (\d+) checks? conforms?{more}, (\d+) deviates?;", page.text)
    assert counts is not None
    assert int(counts[1]) + int(counts[2] or 0) == totals[Standing.CONFORMING]
    assert int(counts[2] or 0) == outcomes.count(Outcome.DEFENSIBLE)
    assert int(counts[3]) == totals[Standing.DEVIATING]


@pytest.mark.parametrize(("worse", "better"), [*pairwise(SEVERITY)])
def test_a_cell_shows_the_worst_outcome(worse: Outcome, better: Outcome) -> None:
    checks = [*CASE_CHECKS]
    verdicts = [build_verdict("c", "one", check, better) for check in checks]
    verdicts[3] = build_verdict("c", "one", checks[3], worse)
    cell = ReportPage(build_small_run(*verdicts)).find_cells()["C, one"]
    assert cell["class"] == worse.value.replace(" ", "-")
    assert f"C, one: {worse.value}" in cell["aria-label"]


def test_a_cell_has_a_dot_for_each_check_that_deviates() -> None:
    checks = ("echelon.form", "echelon.rows")
    page = ReportPage(
        build_small_run(*(build_verdict("c", "one", check, Outcome.WRONG) for check in checks))
    )
    assert (
        page.find_cells()["C, one"]["aria-label"]
        == f"C, one: wrong; 2 of {len(CASE_CHECKS)} checks deviate"
    )
    assert page.text.count("••") == 1


def test_severity_ranks_every_outcome_and_signs_tell_all_apart() -> None:
    assert set(SEVERITY) == set(Outcome)
    assert len(set(signs.SIGNS.values())) == len(Outcome)


def test_a_case_that_a_port_was_never_asked_has_a_cell() -> None:
    page = ReportPage(build_results([build_port("c")], [build_case("one")], [], []))
    assert page.find_cells()["C, one"]["aria-label"] == "C, one: not asked"
    assert "case:one:c" in page.ids


def test_the_legend_explains_every_outcome_by_sign_and_word() -> None:
    page = ReportPage(build_small_run())
    for outcome in Outcome:
        assert signs.MEANINGS[outcome] in page.text
        assert f"{signs.SIGNS[outcome]} {outcome.value}" in page.text


def test_the_head_says_how_many_ports_are_clean() -> None:
    text = f"{2 * len(CASE_CHECKS) - 1} checks conform, 1 deviates; 1 port has no deviation."
    assert text in ReportPage(build_small_run(build_wrong_verdict())).text
    assert "no port deviates." in ReportPage(build_small_run()).text


def test_defensible_cases_are_counted_apart_from_right_ones() -> None:
    doubtful = build_verdict("c", "one", "singular.notice", Outcome.DEFENSIBLE)
    page = ReportPage(build_small_run(doubtful))
    plain = 2 * len(CASE_CHECKS) - 1
    assert f"{plain} checks conform, 1 more is defensible, 0 deviate; no port" in page.text
    assert [a for a in page.list_attributes("td") if a.get("data-label") == "Defensible"] == [
        {"class": "number doubtful", "data-label": "Defensible"},
        {"class": "number none", "data-label": "Defensible"},
    ]


def test_x_is_counted_over_the_systems_with_one_solution() -> None:
    text = ReportPage(
        build_small_run(build_wrong_verdict("two", "solution.value"), cases=("one", "two"))
    ).text
    assert "1 of 2" in text
    assert "2 of 2" in text


def test_a_port_that_could_not_be_run_says_why() -> None:
    ports = [build_port("c", trouble="no compiler", missing_toolchain=True), build_port("d")]
    page = ReportPage(
        build_results(ports, [build_case("one")], [], build_right_verdicts("d", "one"))
    )
    assert "Toolchain missing: no compiler" in page.text
    assert "1 port could not be run." in page.text


def test_a_failed_build_shows_its_log() -> None:
    port = build_port("c", trouble="gcc failed", log="driver.c:3: error: <expected> ;")
    page = ReportPage(build_results([port], [build_case("one")], [], []))
    assert "driver.c:3: error: <expected> ;" in page.text


def test_an_interrupted_run_says_so_and_an_empty_one_has_a_page() -> None:
    page = ReportPage(build_results([], [], [], [], interrupted=True))
    assert "This run was interrupted." in page.text
    assert page.text.count("0 ports on 0 cases: 0 checks conform, 0 deviate.") == 2


def test_the_output_of_the_main_is_shown_with_its_own_system() -> None:
    own_example = {"command": ["run", "me"], "system": SYSTEM, "output": "x = <1>\n", "errors": []}
    port = build_port("c", published={**own_example, "ending": "completed", "reason": ""})
    verdict = build_verdict(
        "c", "published", "published.output", Outcome.WRONG, detail="solution: no"
    )
    page = ReportPage(build_results([port], [], [], [verdict]))
    assert page.find_cells()["C, its own example"]["href"] == "#published:c"
    assert "x = <1>" in page.text
    assert "solution: no" in page.text
    assert "1 port on 0 cases: 0 checks conform, 1 deviates" in page.text


# New problems


def test_deviations_of_one_wording_are_grouped_smallest_first() -> None:
    names = ("large", "small", "other")
    details = {"large": "row 3 has 4.5e−7", "small": "row 2 has 1", "other": "no rows"}
    verdicts = [
        build_verdict("c", name, "echelon.form", Outcome.WRONG, detail=details[name])
        for name in names
    ]
    cases = [build_case("large", rows=5), build_case("small"), build_case("other", rows=3)]
    answers = [build_answer("c", name) for name in names]
    section = ReportPage(
        build_results([build_port("c")], cases, answers, verdicts)
    ).get_attention_text()
    assert "row 2 has 1 small large" in section
    assert "row 3 has" not in section
    assert "no rows other" in section
    assert "3 of 3 regular cases" in section


def test_a_deviation_shows_its_smallest_example_and_other_ports() -> None:
    both = [
        build_verdict(port, "one", "reduced.rows", Outcome.WRONG, entries=[(1, 2)])
        for port in ("c", "d")
    ]
    page = ReportPage(build_small_run(*both))
    section = page.source[page.source.index('id="attention"') : page.source.index('id="findings"')]
    assert "On one, 0 of 1 other port conform; D deviates too." in section
    assert "<mark>1.4</mark>" in section
    assert "harness show c one" in section


def test_checks_that_a_deviation_blocks_are_counted_with_it() -> None:
    first = build_verdict("c", "one", "echelon.form", Outcome.WRONG)
    after = [
        build_verdict("c", "one", check, Outcome.BLOCKED, follows="echelon.form")
        for check in ("reduced.form", "reduced.rows")
    ]
    other = build_verdict("c", "one", "singular.notice", Outcome.BLOCKED, follows=after[0]["check"])
    text = ReportPage(build_small_run(first, *after, other)).text
    assert "2 later checks could not be judged because of it." in text
    assert "follows from echelon.form" in text


def test_an_unexplained_deviation_comes_first_and_is_called_new() -> None:
    unknown = build_wrong_verdict("two", "reduced.rows")
    page = ReportPage(
        build_run_with_findings(build_explained_verdict(), unknown, cases=("one", "two"))
    )
    assert (
        "New C: deviates in reduced.rows on two, and no finding explains it."
        in page.get_attention_text()
    )
    assert "echelon.form" not in page.get_attention_text()
    assert {"href": "#attention"} in page.list_attributes("a")
    assert page.starts["attention"] < page.starts["findings"] < page.starts["ports"]
    assert page.starts["ports"] < page.starts["matrix"] < page.starts["published"]
    assert "1 finding explains 1 of 2 deviations." in page.get_findings_text()


def test_a_group_names_a_case_and_counts_the_others() -> None:
    cases = ("one", "two", "three")
    page = ReportPage(build_small_run(*(build_wrong_verdict(case) for case in cases), cases=cases))
    assert (
        "C: deviates in echelon.form on one and 2 more cases, and no" in page.get_attention_text()
    )


def test_a_deviation_of_the_fixed_port_is_new_despite_a_finding() -> None:
    page = ReportPage(
        build_run_with_findings(
            build_explained_verdict(), fixed=[build_wrong_verdict(detail="as ever")]
        )
    )
    text = "New C, fixed: deviates in echelon.form on one, with all patches applied."
    assert text in page.get_attention_text()
    assert "as ever" in page.get_attention_text()
    assert {"href": "#case:one:c:fixed"} in page.list_attributes("a")
    assert "✗ wrong C, fixed" in page.get_text_between("case:one", "case:one:d")


def test_a_new_deviation_that_patches_leave_is_shown_once() -> None:
    page = ReportPage(
        build_run_with_findings(
            build_wrong_verdict("two"),
            build_explained_verdict(),
            fixed=[build_wrong_verdict("two")],
            cases=("one", "two"),
        )
    )
    assert page.get_attention_text().count("New") == 1
    assert "With the patches of its findings, 1 of 1 remains." in page.get_attention_text()


def test_a_finding_that_does_not_hold_is_reported_with_a_link() -> None:
    problem = {"port": "c", "finding": "off-by-one", "sentence": "`two-*` matches no case"}
    page = ReportPage(build_run_with_findings(build_explained_verdict(), complaints=[problem]))
    text = "Findings that do not hold C, off-by-one: two-* matches no case."
    assert text in page.get_attention_text()
    assert page.list_attributes("a").count({"href": "#finding:c:off-by-one"}) >= 1
    assert "<code>two-*</code>" in page.source


@pytest.mark.parametrize("missing", [False, True])
def test_a_port_that_could_not_run_with_patches_shows_its_log(missing: bool) -> None:
    value = dump_results(build_run_with_findings(build_explained_verdict(), trouble="gcc failed"))
    value["ports"][0]["fixed"]["missing_toolchain"] = missing
    page = ReportPage(make_results(value))
    assert "gcc failed End of the build log the log" in page.get_attention_text()
    assert (
        "C, fixed was not run: its toolchain is missing" in page.get_attention_text()
    ) == missing
    assert "1 deviation, not run with its patch" in page.get_findings_text()
    assert "not run" in page.get_text_between("ports", "plots")


def test_one_sentence_says_that_nothing_is_new() -> None:
    page = ReportPage(build_run_with_findings(build_explained_verdict()))
    text = "✓right Every deviation is explained by a finding, and the fixed ports have none."
    assert page.get_attention_text() == text
    assert {"href": "#attention"} not in page.list_attributes("a")
    assert ReportPage(build_small_run()).get_attention_text() == "✓right No port deviates."
    assert "1 finding explains every deviation; with their patches, none remains." in page.text


# Findings


def test_a_finding_shows_lines_reason_deviations_and_correction() -> None:
    cases = ("one", "two", "three")
    page = ReportPage(build_run_with_findings(*map(build_explained_verdict, cases), cases=cases))
    text = page.get_findings_text()
    assert "C c.src 1 finding explains all 3 deviations. " in text
    assert "The loop ends early" in text
    assert "off-by-one in gaussian_elimination, line 14" in text
    assert "3 → as published, with the patches 0 deviations It stops." in text
    assert "✗ wrong echelon.form 3 one three two" in text
    assert "D d.src ✓right No deviation." in text
    hrefs = [a["href"] for a in page.list_attributes("a")]
    assert {f"#case:{case}:c" for case in cases} <= {*hrefs}


def test_remaining_deviations_are_counted_over_its_own_checks() -> None:
    remaining = [build_wrong_verdict("two"), build_wrong_verdict("one", "solution.value")]
    page = ReportPage(
        build_run_with_findings(
            build_explained_verdict(),
            build_explained_verdict("two"),
            fixed=remaining,
            cases=("one", "two"),
        )
    )
    assert (
        "2 → as published, with the patches 1 deviations, not all fixed" in page.get_findings_text()
    )


def test_the_faulty_lines_of_a_listing_are_marked_in_context() -> None:
    lines = listings.build_listing_lines(LISTING, [(2, 2), (14, 15), (30, 90)])
    numbers = [line.number for line in lines]
    assert numbers == [*range(1, 6), 0, *range(11, 19), 0, *range(27, 31), 31]
    assert [line.number for line in lines if line.sign == "▸"] == [2, 14, 15, 30, 31]
    assert [line.text for line in lines if not line.number] == ["⋯", "⋯"]


def test_code_is_shown_without_its_common_indentation() -> None:
    text = "    if a:\n\n      b\n"
    assert [line.text for line in listings.build_listing_lines(text, [(3, 3)])] == [
        "if a:",
        "",
        "  b",
        "",
    ]


def test_a_patch_is_shown_with_signs_and_published_line_numbers() -> None:
    assert [(line.number, line.sign, line.text) for line in listings.build_patch_lines(PATCH)] == [
        (13, "", "line 13"),
        (14, "−", "line 14"),
        (0, "+", "line fourteen"),
        (15, "", "line 15"),
    ]
    page = ReportPage(build_run_with_findings(build_explained_verdict()))
    assert "Patch 13 line 13 14 − line 14 + line fourteen 15 line 15" in page.get_findings_text()


def test_a_removed_comment_is_no_header_and_each_file_is_named() -> None:
    one = "--- a/L.hs\n+++ b/L.hs\n@@ -2,2 +2,1 @@\n--- why\n x\n"
    assert [(line.sign, line.text) for line in listings.build_patch_lines(one)] == [
        ("−", "-- why"),
        ("", "x"),
    ]
    both = listings.build_patch_lines(one + PATCH)
    assert [line.text for line in both if line.kind == "file"] == ["L.hs", "c.src"]


@pytest.mark.parametrize("text", ["no diff\n", "@@ -1 +1 @@\n-a\n+b\n", PATCH[:-10]])
def test_a_text_that_is_no_patch_is_shown_as_it_is(text: str) -> None:
    assert [line.text for line in listings.build_patch_lines(text)] == text.splitlines()


def test_long_code_is_cut_and_says_so() -> None:
    lines = listings.build_listing_lines(LISTING * 10, [(1, 300)])
    assert len(lines) == listings.MAXIMUM_CODE_LINES + 1
    assert lines[-1].text == "… 241 more lines"


def test_a_finding_shows_the_smallest_case_with_short_numbers() -> None:
    long = [["2.000001", "1", "3"], ["1", "3", "5"]]
    verdicts = [
        build_explained_verdict(case, entries=[(0, 0)]) for case in ("a-large", "a-long", "short")
    ]
    cases = [build_case("a-large", rows=3), build_case("a-long", system=long), build_case("short")]
    stage = {"echelon": build_stage(["7", "1", "3"], ["0", "2.5", "3.5"])}
    answers = [build_answer("c", case["name"], stages=stage) for case in cases]
    value = build_results([build_port("c", source=LISTING)], cases, answers, verdicts)
    page = ReportPage(replace_fields(value, findings=[build_finding()]))
    assert "Smallest case: short ✗ wrong echelon.form" in page.get_findings_text()
    card = page.source[page.source.index('id="findings"') : page.source.index('id="outcomes"')]
    assert "<mark>7</mark>" in card


def test_many_cases_of_a_finding_are_folded() -> None:
    cases = tuple(f"case-{number:02}" for number in range(20))
    text = ReportPage(
        build_run_with_findings(*map(build_explained_verdict, cases), cases=cases)
    ).get_findings_text()
    assert "echelon.form 20 case-00" in text
    assert "case-11 8 more case-12" in text


def test_a_finding_that_explains_nothing_in_a_run_says_so() -> None:
    text = ReportPage(build_run_with_findings()).get_findings_text()
    assert "0 → as published, with the patches 0 deviations" in text
    assert "It explains no deviation of this run." in text


def test_a_broad_claim_shows_its_reason() -> None:
    claim = {"check": "echelon.form", "cases": ["*"], "why": "Every `row` is lost."}
    page = ReportPage(
        build_run_with_findings(build_explained_verdict(), findings=[build_finding(claims=[claim])])
    )
    assert (
        "Reason for the broad claim on echelon.form: Every row is lost." in page.get_findings_text()
    )
    assert "<code>row</code>" in page.source


def test_the_findings_begin_with_a_table_the_largest_first() -> None:
    findings = [build_finding("rare"), build_finding("frequent")]
    verdicts = [
        build_wrong_verdict(finding="rare"),
        *(build_wrong_verdict(case, "reduced.form", finding="frequent") for case in ("one", "two")),
    ]
    text = ReportPage(
        build_run_with_findings(*verdicts, findings=findings, cases=("one", "two"))
    ).get_findings_text()
    line = "The loop ends early line 14 {} → as published, with the patches 0"
    assert f"C {line.format(2)} {line.format(1)} C c.src" in text


def test_findings_of_one_name_in_two_ports_have_anchors_each() -> None:
    other = build_verdict("d", "one", "echelon.form", Outcome.WRONG, finding="off-by-one")
    both = [build_finding(), build_finding(port="d", title="The other loop ends early")]
    page = ReportPage(build_run_with_findings(build_explained_verdict(), other, findings=both))
    assert {"finding:c:off-by-one", "finding:d:off-by-one"} <= {*page.ids}
    assert "identical" not in page.get_text_between("case:one", "case:one:d")
    text = page.source[page.source.index('id="case:one:d"') :]
    assert 'explained by <a href="#finding:d:off-by-one">off-by-one</a>' in text


def test_a_port_is_shown_with_its_fixed_results() -> None:
    page = ReportPage(
        build_run_with_findings(
            build_explained_verdict(),
            build_explained_verdict("two"),
            fixed=[build_wrong_verdict("two")],
            cases=("one", "two"),
        )
    )
    assert "→ 1" in page.get_text_between("ports", "plots")
    assert "off-by-one 2" in page.get_text_between("ports", "plots")
    assert "The small cell beside it" in page.text
    text = page.get_text_between("matrix", "published")
    assert "C published fixed D" in text
    assert "2 → 1 (C deviates in 2 of 2 regular cases, fixed in 1)" in text
    assert page.find_cells()["C, two"]["aria-label"].endswith(
        f"1 of {len(CASE_CHECKS)} checks deviates; fixed: wrong"
    )
    assert page.find_cells()["C, one"]["aria-label"].endswith(
        f"1 of {len(CASE_CHECKS)} checks deviates; fixed: right"
    )
    assert [a["href"] for a in page.list_attributes("a") if a.get("class") == "fixed wrong"] == [
        "#case:two:c:fixed"
    ]


def test_a_cell_that_deviates_only_with_patches_can_be_filtered() -> None:
    page = ReportPage(build_run_with_findings(fixed=[build_wrong_verdict()]))
    [letters] = [a["data-v"] for a in page.list_attributes("td") if "w" in a.get("data-v", "")]
    assert letters == "r" * len(CASE_CHECKS) + "w" + "r" * (len(CASE_CHECKS) - 1)


def test_ports_without_findings_say_nothing_of_fixed_ones() -> None:
    page = ReportPage(build_small_run(build_wrong_verdict()))
    assert "The small cell beside it" not in page.text
    assert "1 deviation, and no finding is recorded." in page.get_findings_text()


def test_a_fixed_port_s_own_example_is_shown_where_it_deviates() -> None:
    own = build_wrong_verdict("published", "published.output", detail="solution: no")
    page = ReportPage(build_run_with_findings(build_explained_verdict(), fixed=[own]))
    assert "With the patches of its findings: ✗ wrong solution: no" in page.text
    assert "C, fixed: deviates in published.output on its own example" in page.get_attention_text()


# Pivots


def test_a_trace_shows_each_step_and_marks_the_first_departure() -> None:
    steps = [
        PIVOT_DEPARTURE,
        build_pivot_choice(1, 2, (2, 2.0), (1, 2.0)),
        build_pivot_choice(3, None, (1, 0.0), others=4),
    ]
    page = ReportPage(
        build_run_with_findings(build_explained_verdict(check="echelon.pivoting", trace=steps))
    )
    text = page.get_findings_text()
    assert "3 steps; step 1 departs from the promised pivoting" in text
    assert "1 1 3: |3| 1: |1| 2: |0.5| row 1 ✗ not the largest ← first departure" in text
    assert "2 2 3: |2| 2: |2| row 3 ✓ one of the largest" in text
    assert "3 4 2: |0| 4 more none ✓ no pivot in this column" in text
    assert text.count("first departure") == 1
    assert '<b class="due">3:\u00a0|3|</b>\u2002 <b>1:\u00a0|1|</b>\u2002 2:' in page.source
    assert "first departure" in page.get_text_between("case:one:c", "case:one:d")


def test_each_choice_of_a_pivot_has_a_reason() -> None:
    steps = [
        build_pivot_choice(0, 1, (1, 2.0), (0, 1.0)),
        build_pivot_choice(1, 0, (2, 1.0000001), (0, 1.0)),
        build_pivot_choice(2, None, (2, 5.0), legal=False),
    ]
    text = ReportPage(build_small_run(build_wrong_verdict(trace=steps))).get_text_between(
        "case:one:c", "case:one:d"
    )
    assert "row 2 ✓ the largest 2" in text
    assert "row 1 ✓ the largest, within rounding" in text
    assert "none ✗ column skipped ← first departure" in text


def test_a_long_trace_is_shown_around_its_departure() -> None:
    steps = [build_pivot_choice(number, number, (number, 1.0)) for number in range(30)]
    steps[14] = build_pivot_choice(14, 15, (14, 2.0), (15, 1.0), legal=False)
    steps[20] = build_pivot_choice(20, 21, (20, 2.0), (21, 1.0), legal=False)
    page = ReportPage(build_small_run(build_wrong_verdict(trace=steps)))
    text = page.get_attention_text()
    assert "30 steps; step 15 departs from the promised pivoting, and 1 later one" in text
    assert "Steps 1–10" in text
    assert "Steps 19–30" in text
    assert text.index("Steps 1–10") < text.index("first departure") < text.index("Steps 19–30")


def test_the_row_that_was_taken_is_shown_however_small_it_is() -> None:
    candidates = [(row, 20.0 - row) for row in range(15)]
    steps = [build_pivot_choice(0, 14, *candidates, others=3, legal=False)]
    text = ReportPage(build_small_run(build_wrong_verdict(trace=steps))).get_attention_text()
    assert "1: |20| 2: |19| 3: |18| 4: |17| 5: |16| 15: |6| 12 more" in text


def test_a_trace_without_departure_is_folded_in_the_details() -> None:
    fine = build_verdict("c", "one", "echelon.pivoting", Outcome.RIGHT)
    fine["trace"] = [build_pivot_choice(0, 0, (0, 2.0), (1, 1.0))]
    page = ReportPage(build_small_run(fine, build_wrong_verdict(check="solution.value")))
    assert "|2|" not in page.get_attention_text()
    assert "Pivots: 1 step, legal" in page.get_text_between("case:one:c", "case:one:d")


# Details


def test_ports_with_equal_output_and_verdicts_are_shown_once() -> None:
    page = ReportPage(build_small_run())
    assert re.search(r"right C and D identical", page.text)
    assert {"case:one:c", "case:one:d"} <= set(page.ids)


@pytest.mark.parametrize(
    "change",
    [
        {"remarks": ["singular"]},
        {"errors": ["warning"]},
        {"failures": {"gauss_jordan": "oh"}},
        {"ending": "crashed"},
        {"stages": {}},
    ],
)
def test_ports_that_differ_in_anything_are_shown_separately(change: Fields) -> None:
    page = ReportPage(replace_first_answer(build_small_run(), **change))
    assert "identical" not in page.text


def test_a_port_with_ratios_is_compared_with_exact_results() -> None:
    exact = build_expectation(reduced=[["1", "0", "123/7"], ["0", "1", "7/5"]])
    case = build_case("one", expected={"binary64": build_expectation(), "rational64": exact})
    ports = [build_port("c"), build_port("h", arithmetic="rational64")]
    answers = [build_answer(port, "one") for port in ("c", "h")]
    verdicts = [*build_right_verdicts("c", "one"), *build_right_verdicts("h", "one")]
    page = ReportPage(build_results(ports, [case], answers, verdicts))
    assert page.text.count("123/7") == 1
    assert "identical" not in page.text


def test_a_stage_that_could_not_be_read_says_why() -> None:
    stage = build_stage(trouble="row 2 has 4 numbers")
    page = ReportPage(replace_first_answer(build_small_run(), stages={"reduced": stage}))
    assert "reduced: row 2 has 4 numbers" in page.text


def test_the_expected_value_is_shown_beside_deviations_only() -> None:
    assert "reduced, expected" not in ReportPage(build_small_run()).text
    assert (
        "reduced, expected"
        in ReportPage(build_small_run(build_wrong_verdict(check="reduced.rows"))).text
    )
    assert (
        "reduced, expected"
        not in ReportPage(build_small_run(build_wrong_verdict(check="solution.value"))).text
    )


def test_a_large_stage_that_was_not_kept_says_how_large_it_was() -> None:
    gone = {
        "echelon": {"shape": (100, 101), "rows": ()},
        "solution": {"shape": (100,), "rows": ()},
        "reduced": {"shape": (0, 3), "rows": ()},
    }
    page = ReportPage(replace_first_answer(build_small_run(), stages=gone))
    assert "echelon: not kept: 100 × 101" in page.text
    assert "solution: not kept: 100 numbers" in page.text
    assert "reduced: nothing was printed" in page.text


def test_measures_are_given_to_three_figures() -> None:
    measures = {"backward_error": 1.23456e-16, "ratio": float("inf")}
    verdict = build_verdict("c", "one", "solution.value", Outcome.WRONG, measures=measures)
    assert "backward error 1.23e−16, ratio ∞" in ReportPage(build_small_run(verdict)).text


def test_rows_of_unequal_length_are_shown_as_they_are() -> None:
    matrix = typeset_matrix("ragged", (("1", "2"), ("3",)))
    assert [[entry.text for entry in line.entries] for line in matrix.lines] == [
        ["1", "2"],
        ["3", ""],
    ]


def test_a_large_matrix_shows_its_corner_and_deviating_rows() -> None:
    rows = tuple(tuple(f"{60 * i + j}" for j in range(61)) for i in range(60))
    matrix = typeset_matrix("large", rows, 1, {(30, 40), (50, 2)})
    assert [line.number for line in matrix.lines] == [1, 2, 3, 4, 5, 6, 0, 31, 0, 51, 0, 60]
    assert matrix.columns == (1, 2, 3, 4, 5, 6, 0, 41, 0, 61)
    marked = [entry.text for line in matrix.lines for entry in line.entries if entry.is_marked]
    assert marked == ["1840", "3002"]
    assert [entry.text for entry in matrix.lines[6].entries] == [*"⋮⋮⋮⋮⋮⋮⋱⋮⋱⋮"]
    assert matrix.note == "rows 1–6, 31, 51 and 60 of 60, columns 1–6, 41 and 61 of 61"


def test_numbers_are_aligned_on_their_points() -> None:
    column = typeset_matrix("v", (("1",), ("-12.5",), ("0.0",), ("1e-07",))).lines
    shown = [line.entries[0].text + line.entries[0].padding for line in column]
    assert shown == ["1   ", "−12.5 ", "0   ", "1e−7"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0.0", "0"),
        ("-0.0", "−0"),
        ("nan", "NaN"),
        ("-inf", "−∞"),
        ("3/4", "3/4"),
        ("0.3333333333333333", "0.333333333…"),
        ("-6.938893903907228e-18", "−6.9388…e−18"),
        ("9007199254740993", "9.007199…e15"),
        ("1e+300", "1e300"),
        ("1000000000000000000/3000000000000000001", "≈0.333"),
        ("not a number at all", "not a numbe…"),
    ],
)
def test_a_long_number_is_shortened_and_keeps_its_size(number: str, shown: str) -> None:
    assert format_number(number) == shown


def test_a_shortened_number_is_there_in_full_in_its_title() -> None:
    case = build_case("one", system=[["0.3333333333333333", "1"], ["1", "2"]])
    page = ReportPage(build_results([build_port("c")], [case], [], []))
    assert '<mtd title="0.3333333333333333"><mn>0.333333333…</mn>' in page.source


def test_the_system_is_mathematics_and_its_ratios_are_fractions() -> None:
    case = build_case("one", system=[["1/2", "-3", "7"], ["0.25", "-1/3", "0"]])
    source = ReportPage(build_results([build_port("c")], [case], [], [])).source
    math = source[source.index("<math>") : source.index("</math>")]
    assert math.count("<mtr>") == 2
    assert '<mtd class="b"><mn>7</mn></mtd>' in math
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in math
    assert "<mfrac><mn>−1</mn><mn>3</mn></mfrac>" in math


def test_ports_that_share_a_language_go_by_their_names() -> None:
    ports = [build_port("c"), build_port("reference", language="C"), build_port("d")]
    page = ReportPage(
        build_results(
            ports,
            [build_case("one")],
            [],
            [*build_right_verdicts("c", "one"), *build_right_verdicts("d", "one")],
        )
    )
    assert {"c, one", "reference, one", "D, one"} <= set(page.find_cells())


def test_a_right_matrix_already_shown_is_replaced_by_a_word() -> None:
    stages = {"echelon": build_stage(["1", "0.5", "1.5"], ["0", "2.5", "3.5"])}
    nearly = {"echelon": build_stage(["1", "0.5", "1.5"], ["0", "2.5", "3.5000000000000004"])}
    answers = [build_answer("c", "one", stages=stages), build_answer("d", "one", stages=nearly)]
    verdicts = [*build_right_verdicts("c", "one"), *build_right_verdicts("d", "one")]
    text = ReportPage(
        build_results([build_port("c"), build_port("d")], [build_case("one")], answers, verdicts)
    ).text
    assert text.count("echelon, as printed") == 1
    assert "Same as C’s: echelon." in text


def test_checks_with_the_same_detail_are_shown_together() -> None:
    same = {"detail": "nothing to judge", "follows": "echelon.form"}
    later = ("reduced.form", "reduced.rows")
    blocked = (build_verdict("c", "one", check, Outcome.BLOCKED, **same) for check in later)
    verdicts = [build_wrong_verdict(), *blocked]
    text = ReportPage(build_small_run(*verdicts)).text
    assert re.search(r"reduced\.form, reduced\.rows\s*nothing to judge", text)


def test_checks_that_a_port_never_has_are_not_shown_per_case() -> None:
    details = {
        "echelon.form": "the listing has no such procedure",
        "reduced.form": "asked of square ones only",
    }
    absent = (build_verdict("c", "one", c, Outcome.ABSENT, detail=d) for c, d in details.items())
    page = ReportPage(build_small_run(*absent))
    text = page.text[page.starts["cases"] :]
    assert "the listing has no such procedure" not in text
    assert "asked of square ones only" in text


# Foreign text


def test_packages_of_base_images_are_listed_once_for_all_their_ports() -> None:
    toolchain = {
        "image": "sha256:5",
        "requested": ["gcc"],
        "packages": [["gcc", "4:14"], ["m", "2"]],
    }
    ports = [build_port(name, base="debian: gcc", toolchain=toolchain) for name in ("c", "d")]
    text = ReportPage(build_results(ports, [build_case("one")], [], [])).text
    assert text.count("debian: gcc 4:14") == 2, "each row has the version of what it asks for"
    assert "debian: gcc C, D 2 packages, image sha256:5 gcc 4:14 m 2" in " ".join(text.split())
    assert text.count("sha256:5") == 1


def test_a_port_without_known_packages_has_its_base_only() -> None:
    port = build_port("c", base="this machine", toolchain={})
    text = ReportPage(build_results([port], [build_case("one")], [], [])).text
    assert "this machine" in text
    assert "packages of all base images" not in text


def test_many_packages_are_bounded() -> None:
    packages = [[f"p{i}" + "x" * 1000, "1" * 1000] for i in range(10_000)]
    port = build_port("c", toolchain={"image": "i" * 10**6, "packages": packages})
    source = ReportPage(build_results([port], [build_case("one")], [], [])).source
    assert len(source) < len(html.render_page(build_small_run())) + 500_000


def test_hostile_text_in_every_field_is_shown_and_does_nothing() -> None:
    page = ReportPage(build_hostile_results())
    assert not {"img", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on") or a == "style"]
    assert page.text.count("<script>alert(1)</script>") > 50
    text = page.get_findings_text()
    for field in ("The loop ends early", "It stops.", "gaussian_elimination", "F", "w"):
        assert f"{field}<script>alert(1)</script>" in text
    assert "{{ 7 * 7 }}␀␛[2J\ufffdünïcode ∞" in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", page.source)
    assert {a["href"] for a in page.list_attributes("a")} <= {f"#{anchor}" for anchor in page.ids}
    assert len(page.ids) == len(set(page.ids))
    assert all(re.fullmatch(r"[A-Za-z0-9:._ -]+", anchor) for anchor in page.ids)


@pytest.mark.parametrize("field", ["title", "explanation", "patch", "procedure"])
def test_a_flood_in_a_finding_is_bounded(field: str) -> None:
    usual = len(html.render_page(build_run_with_findings(build_explained_verdict())))
    for flood in ("x" * 1_000_000, "`\n" * 500_000):
        page = ReportPage(
            build_run_with_findings(
                build_explained_verdict(), findings=[build_finding(**{field: flood})]
            )
        )
        assert len(page.source) < usual + 30_000


def test_a_flood_of_text_is_bounded_and_says_how_long_it_was() -> None:
    flood = "x" * 1_000_000
    value = build_small_run(build_verdict("c", "one", "echelon.form", Outcome.WRONG, detail=flood))
    answer: Fields = {"remarks": [flood] * 3, "errors": [*map(str, range(490)), *[flood] * 10]}
    answer |= {"reason": flood, "ending": "crashed", "failures": {"gauss_jordan": flood + "y"}}
    page = ReportPage(replace_first_answer(value, **answer))
    assert len(page.source) < len(html.render_page(build_small_run())) + 30_000
    assert "(1,000,000 characters)" in page.text
    assert "(3 times)" in page.text
    assert "… 480 earlier lines" in page.text


def test_the_end_of_standard_error_is_shown() -> None:
    lines = [f"line {number}." for number in range(100)]
    page = ReportPage(replace_first_answer(build_small_run(), errors=lines))
    assert "… 80 earlier lines\nline 80." in page.text
    assert "line 99." in page.text


def test_names_that_are_alike_in_an_address_have_anchors_each() -> None:
    ports = [
        build_port("c++", language="C plus"),
        build_port("c--", language="C minus"),
        build_port("c#"),
    ]
    page = ReportPage(build_results(ports, [build_case("a b"), build_case("a+b")], [], []))
    assert len(page.ids) == len(set(page.ids))
    assert len({cell["href"] for cell in page.find_cells().values()}) == 3 * (2 + 1)
    assert {a["href"] for a in page.list_attributes("a")} <= {f"#{anchor}" for anchor in page.ids}


def test_lines_are_excerpted_and_equal_neighbours_counted() -> None:
    assert excerpt_lines(["a", "a", "b", "c", "d"], 2, 5) == (
        "a (2 times)",
        "b",
        "… and 2 more lines",
    )


def test_backticks_set_off_code_and_nothing_else_acts() -> None:
    assert render_prose("`a < b` & c") == "<code>a &lt; b</code> &amp; c"
    assert render_prose("a ` <b>\x00") == "a ` &lt;b&gt;␀"
    assert render_prose("`<i>`") == "<code>&lt;i&gt;</code>"


def test_a_page_with_a_lone_surrogate_is_written() -> None:
    assert make_printable("a\ud800b\r\n\tc") == "a\ufffdb␍\n\tc"


def test_the_command_is_safe_to_paste_whatever_a_port_is_called() -> None:
    assert (
        format_rerun_command("show {port} {case}", "{case}; rm", "one") == "show '{case}; rm' one"
    )


# The page itself


def test_the_page_needs_nothing_from_outside() -> None:
    source = ReportPage(
        build_small_run(build_verdict("c", "one", "echelon.form", Outcome.CRASHED))
    ).source
    for forbidden in (
        "http:",
        "https:",
        "src=",
        "url(",
        "@import",
        "<link",
        "javascript:",
        "eval(",
        "innerHTML",
    ):
        assert forbidden not in source


def test_the_policy_admits_one_style_sheet_and_one_script_only() -> None:
    page = ReportPage(build_small_run())

    def digest(tag: str) -> str:
        text = page.source.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    policies = [meta["content"] for meta in page.list_attributes("meta") if "http-equiv" in meta]
    assert len(policies) == 1
    assert policies[0].startswith(
        f"default-src 'none'; style-src 'sha256-{digest('style')}'; "
        f"script-src 'sha256-{digest('script')}';"
    )
    assert not [attributes for _, attributes in page.tags if "style" in attributes]


def test_headings_descend_step_by_step_from_a_single_first_one() -> None:
    page = ReportPage(
        build_run_with_findings(
            build_explained_verdict(),
            build_wrong_verdict(check="solution.value"),
            fixed=[build_wrong_verdict()],
        )
    )
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_page_can_be_navigated_without_seeing_it() -> None:
    page = ReportPage(build_small_run())
    assert page.list_attributes("html") == [{"lang": "en"}]
    assert all("scope" in header for header in page.list_attributes("th"))
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}
    assert page.list_attributes("a")[0] == {"class": "skip", "href": "#attention"}


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_colour_can_be_read(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.S)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", blocks[scheme]))
    pairs = [
        (f"{signs.format_css_class(o)}-ink", f"{signs.format_css_class(o)}-fill") for o in Outcome
    ]
    words = ["ink", "muted", "link", "conforming", "deviating"]
    pairs += [(word, ground) for word in words for ground in ("paper", "panel")]
    pairs += [("ink", f"{kind}-fill") for kind in ("faulty", "removed", "added")]
    pairs += [("deviating", "faulty-fill"), ("deviating", "removed-fill")]
    pairs += [("conforming", "added-fill"), ("muted", "faulty-fill"), ("muted", "removed-fill")]
    pairs += [("paper", "deviating"), ("defensible-ink", "paper")]
    for ink, fill in pairs:
        assert contrast(colours[ink], colours[fill]) >= 4.5, (ink, fill)


# Numbers and dates


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.02536, "0.0254"),
        (12345.0, "12300"),
        (1.7e-15, "1.7e−15"),
        (-1.5e8, "−1.5e8"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
    ],
)
def test_a_figure_has_three_digits(value: float, shown: str) -> None:
    assert format_figure(value) == shown


def test_times_are_written_as_people_write_them() -> None:
    assert format_time("2026-11-21T03:36:28+00:00") == "21 November 2026, 03:36 UTC"
    assert format_time("some day") == "some day"
    assert [format_duration(3.29), format_duration(169.2), format_duration(7300)] == [
        "3.29 s",
        "2 min 49 s",
        "2 h 1 min",
    ]


# Writing


def test_a_report_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "conformance.html"
    html.write_html(build_small_run(), path)
    assert path.read_text(encoding="utf-8") == html.minify(html.render_page(build_small_run()))
    assert list(path.parent.iterdir()) == [path]


def test_a_report_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HarnessError, match="cannot be written") as caught:
        html.write_html(build_small_run(), tmp_path / "file" / "conformance.html")
    assert caught.value.hint


class Tags(HTMLParser):
    """All tags with their attributes, and the words between them, in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.content: list[object] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.content.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.content += data.split()


def test_minifying_changes_no_tag_and_no_text() -> None:
    page = html.render_page(
        build_run_with_findings(
            build_explained_verdict(detail='a="b" <c d="e">'), findings=[build_finding()]
        )
    )
    assert len(html.minify(page)) < len(page)
    assert Tags(html.minify(page)).content == Tags(page).content


def test_the_ports_that_were_not_asked_a_case_are_one_group() -> None:
    answers = [
        build_answer(port, "one", ending="not asked", reason="one side only", stages={})
        for port in ("c", "d")
    ]
    absent = [build_verdict("c", "one", "echelon.form", Outcome.ABSENT, detail="one side only")]
    ports = [build_port("c"), build_port("d", procedures=["rank"])]
    page = ReportPage(build_results(ports, [build_case("one")], answers, absent))
    text = page.text[page.starts["cases"] :]
    assert "C and D identical" in " ".join(text.split())
    assert text.count("one side only") == 1


class TestThePlaceOfAFinding:
    def read_card(self, **changes: object) -> str:
        finding = build_finding(**changes)
        results = build_run_with_findings(build_explained_verdict(), findings=[finding])
        return ReportPage(results).get_text_between("finding:c:off-by-one", "ports")

    def test_it_is_a_procedure_and_its_lines(self) -> None:
        assert "off-by-one in gaussian_elimination, line 14" in self.read_card()

    def test_it_is_the_driver(self) -> None:
        text = self.read_card(place="driver", procedure="", lines=[])
        assert "off-by-one in the driver, not in the listing; the patch changes" in text

    def test_it_is_the_choice_of_the_number_type(self) -> None:
        text = self.read_card(place="number type", procedure="")
        place = "off-by-one in the choice of the number type, not in a procedure, line 14"
        assert f"{place}; the patch changes" in text
