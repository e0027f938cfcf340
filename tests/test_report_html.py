"""The conformance report is complete, harmless whatever a port printed, and readable by all."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.reports import html, signs
from harness.reports.text import again, duration, excerpt, figure, moment, printable
from harness.reports.typeset import displayed, typeset
from harness.results import Results
from harness.verdict import CASE_CHECKS, Check, Outcome, Standing

SYSTEM = [["2", "1", "3"], ["1", "3", "5"]]
REDUCED = [["1", "0", "4/5"], ["0", "1", "7/5"]]
STYLE = (Path(html.__file__).parent / "static" / "report.css").read_text(encoding="utf-8")

Value = dict[str, Any]


# Results, built by hand


def a_port(name: str, **changes: Any) -> Value:
    return {
        "name": name,
        "language": name.capitalize(),
        "listing": f"{name}.src",
        "digest": "d",
        "document": "A book",
        "arithmetic": "binary64",
        "procedures": ["gaussian_elimination"],
        "notices": [],
        "engine": "local",
        "base": "a base",
        "version": "1.0",
        "seconds": 1.0,
        **changes,
    }


def an_expectation(**changes: Any) -> Value:
    return {
        "solutions": "unique",
        "rank": 2,
        "augmented_rank": 2,
        "condition": 3.0,
        "growth": 1.0,
        "threshold": 30.0,
        "reduced": REDUCED,
        "solution": ["4/5", "7/5"],
        "numpy": ["0.8", "1.4"],
        **changes,
    }


def a_case(name: str, kind: str = "regular", **changes: Any) -> Value:
    return {
        "name": name,
        "kind": kind,
        "why": f"why {name}",
        "place": "cases/some.yaml:7",
        "rows": 2,
        "unknowns": 2,
        "right_hand_sides": 1,
        "system": SYSTEM,
        "solutions": "unique",
        "rank": 2,
        "condition": 3.0,
        "expected": {"binary64": an_expectation()},
        **changes,
    }


def a_stage(*rows: list[str], **changes: Any) -> Value:
    return {"shape": [len(rows), 3], "rows": rows, "trouble": "", **changes}


def an_answer(port: str, case: str, **changes: Any) -> Value:
    return {
        "port": port,
        "variant": "published",
        "case": case,
        "ending": "completed",
        "reason": "",
        "stages": {"reduced": a_stage(["1", "0.0", "0.8"], ["0.0", "1", "1.4"])},
        "failures": {},
        "remarks": [],
        "errors": [],
        "seconds": 0.1,
        **changes,
    }


def a_verdict(port: str, case: str, check: Check, outcome: Outcome, **changes: Any) -> Value:
    said = {"port": port, "variant": "published", "case": case, "check": check}
    return {**said, "outcome": outcome, "detail": "", **changes}


def right(port: str, case: str) -> list[Value]:
    return [a_verdict(port, case, check, Outcome.RIGHT) for check in CASE_CHECKS]


def results(
    ports: list[Value], cases: list[Value], answers: list[Value], verdicts: list[Value], **run: Any
) -> Results:
    about = {"started": "2026-11-21T03:36:28+00:00", "seconds": 3.29, "harness": "0.1.0"}
    about |= {"numpy": "2.0", "engine": "local", "implementations": "", "cases": "", **run}
    value = {"schema": 1, "run": about, "ports": ports, "cases": cases}
    return Results.model_validate({**value, "answers": answers, "verdicts": verdicts})


def small(*verdicts: Value, cases: tuple[str, ...] = ("one",), **run: Any) -> Results:
    """Two ports, `c` and `d`; all is right but for the given verdicts, which go to `c`."""
    pairs = [(port, case) for port in ("c", "d") for case in cases]
    given_checks = {(v["port"], v["case"], v["check"]) for v in verdicts}
    rest = [v for pair in pairs for v in right(*pair)]
    rest = [v for v in rest if (v["port"], v["case"], v["check"]) not in given_checks]
    answers = [an_answer(*pair) for pair in pairs]
    ports = [a_port("c"), a_port("d")]
    return results(ports, [a_case(case) for case in cases], answers, [*rest, *verdicts], **run)


def with_first_answer(value: Results, **changes: Any) -> Results:
    """The same results, in which `c` has answered its first case differently."""
    answers = [answer.model_dump() for answer in value.answers]
    answers[0] |= changes
    return Results.model_validate({**value.model_dump(by_alias=True), "answers": answers})


# Pages, read back


class Page(HTMLParser):
    """What a test looks at in a page."""

    def __init__(self, results: Results) -> None:
        super().__init__()
        self.source = html.render(results)
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def cells(self) -> dict[str, dict[str, str]]:
        """The cells of the matrix by what they say of themselves: `C, one`."""
        labelled = [a for a in self.all("a") if "aria-label" in a]
        return {a["aria-label"].partition(":")[0]: a for a in labelled}


# What there is on it


OUTCOMES = st.lists(st.sampled_from(Outcome), min_size=4 * 3 * 6, max_size=4 * 3 * 6)


@settings(max_examples=20, deadline=None)
@given(OUTCOMES)
def test_every_pair_has_a_cell_that_leads_to_its_detail_and_every_verdict_is_counted(
    outcomes: list[Outcome],
) -> None:
    ports, cases = ["c", "d", "e", "f"], ["one", "two", "three"]
    asked = [(port, case, check) for port in ports for case in cases for check in CASE_CHECKS]
    verdicts = [a_verdict(*key, outcome) for key, outcome in zip(asked, outcomes, strict=True)]
    answers = [an_answer(port, case) for port in ports for case in cases]
    kinds = ["regular", "singular", "odd"]
    records = [a_case(name, kind) for name, kind in zip(cases, kinds, strict=True)]
    page = Page(results([a_port(name) for name in ports], records, answers, verdicts))

    cells = page.cells()
    for port in ports:
        for case in cases:
            assert cells[f"{port.capitalize()}, {case}"]["href"] == f"#case:{case}:{port}"
    assert len(page.ids) == len(set(page.ids))
    assert {a["href"] for a in page.all("a")} <= {f"#{place}" for place in page.ids}
    totals = Counter(outcome.standing for outcome in outcomes)
    told = re.search(r"3 cases: (\d+) checks? conforms?, (\d+) deviates?;", page.text)
    assert told is not None
    assert int(told[1]) == totals[Standing.CONFORMING]
    assert int(told[2]) == totals[Standing.DEVIATING]


@pytest.mark.parametrize(("worse", "better"), [*pairwise(signs.SEVERITY)])
def test_a_cell_shows_the_worst_outcome(worse: Outcome, better: Outcome) -> None:
    checks = [*CASE_CHECKS]
    verdicts = [a_verdict("c", "one", check, better) for check in checks]
    verdicts[3] = a_verdict("c", "one", checks[3], worse)
    cell = Page(small(*verdicts)).cells()["C, one"]
    assert cell["class"] == worse.value.replace(" ", "-")
    assert f"C, one: {worse.value}" in cell["title"]


def test_a_cell_has_a_dot_for_each_check_that_deviates() -> None:
    checks = (Check.ECHELON_FORM, Check.ECHELON_ROWS)
    page = Page(small(*(a_verdict("c", "one", check, Outcome.WRONG) for check in checks)))
    assert page.cells()["C, one"]["title"] == "C, one: wrong; 2 of 6 checks deviate"
    assert page.text.count("••") == 1


def test_severity_ranks_every_outcome_and_signs_tell_all_apart() -> None:
    assert set(signs.SEVERITY) == set(Outcome)
    assert len(set(signs.SIGNS.values())) == len(Outcome)


def test_a_pair_that_was_never_asked_has_a_cell_all_the_same() -> None:
    page = Page(results([a_port("c")], [a_case("one")], [], []))
    assert page.cells()["C, one"]["title"] == "C, one: not asked"
    assert "case:one:c" in page.ids


def test_the_legend_explains_every_outcome_by_sign_and_word() -> None:
    page = Page(small())
    for outcome in Outcome:
        assert signs.MEANINGS[outcome] in page.text
        assert f"{signs.SIGNS[outcome]} {outcome.value}" in page.text


def test_the_head_says_how_many_ports_are_clean() -> None:
    wrong = a_verdict("c", "one", Check.ECHELON_FORM, Outcome.WRONG)
    assert "11 checks conform, 1 deviates; 1 port has no deviation." in Page(small(wrong)).text
    assert "no port deviates." in Page(small()).text


def test_x_is_counted_over_the_systems_with_one_solution() -> None:
    wrong = a_verdict("c", "two", Check.SOLUTION_VALUE, Outcome.WRONG)
    text = Page(small(wrong, cases=("one", "two"))).text
    assert "1 of 2" in text
    assert "2 of 2" in text


def test_a_port_that_could_not_be_run_says_why() -> None:
    ports = [a_port("c", trouble="no compiler", missing_toolchain=True), a_port("d")]
    page = Page(results(ports, [a_case("one")], [], right("d", "one")))
    assert "Toolchain missing: no compiler" in page.text
    assert "1 port could not be run." in page.text


def test_a_failed_build_shows_its_log() -> None:
    port = a_port("c", trouble="gcc failed", log="driver.c:3: error: <expected> ;")
    page = Page(results([port], [a_case("one")], [], []))
    assert "driver.c:3: error: <expected> ;" in page.text


def test_an_interrupted_run_says_so_and_nothing_at_all_is_still_a_page() -> None:
    page = Page(results([], [], [], [], interrupted=True))
    assert "This run was interrupted." in page.text
    assert page.text.count("0 ports on 0 cases: 0 checks conform, 0 deviate.") == 2


def test_what_the_main_printed_stands_beside_its_own_system() -> None:
    said = {"command": ["run", "me"], "system": SYSTEM, "output": "x = <1>\n", "errors": []}
    port = a_port("c", published={**said, "ending": "completed", "reason": ""})
    told = a_verdict("c", "published", Check.PUBLISHED_OUTPUT, Outcome.WRONG, detail="solution: no")
    page = Page(results([port], [], [], [told]))
    assert page.cells()["C, its own example"]["href"] == "#published:c"
    assert "x = <1>" in page.text
    assert "solution: no" in page.text
    assert "1 port on 0 cases: 0 checks conform, 1 deviates" in page.text


# Deviations


def test_deviations_of_one_wording_stand_together_the_smallest_first() -> None:
    names = ("large", "small", "other")
    details = {"large": "row 3 has 4.5e−7", "small": "row 2 has 1", "other": "no rows"}
    verdicts = [
        a_verdict("c", name, Check.ECHELON_FORM, Outcome.WRONG, detail=details[name])
        for name in names
    ]
    cases = [a_case("large", rows=5), a_case("small"), a_case("other", rows=3)]
    answers = [an_answer("c", name) for name in names]
    text = Page(results([a_port("c")], cases, answers, verdicts)).text
    section = text[text.index("Deviations, by port") : text.index("A cell shows")]
    assert "row 2 has 1\nsmall large" in section
    assert "row 3 has" not in section
    assert "no rows\nother" in section
    assert "3 of 3 regular cases" in section


def test_a_deviation_shows_its_smallest_example_and_who_else_deviates() -> None:
    wrong = [
        a_verdict(port, "one", Check.REDUCED_ROWS, Outcome.WRONG, entries=[(1, 2)])
        for port in ("c", "d")
    ]
    page = Page(small(*wrong))
    section = page.source[page.source.index('id="deviations"') : page.source.index('id="matrix"')]
    assert "On one, 0 of 1 other port conform; D deviates too." in section
    assert "<mark>1.4</mark>" in section
    assert "harness show c one" in section


def test_checks_that_hang_on_a_deviation_are_counted_with_it() -> None:
    first = a_verdict("c", "one", Check.ECHELON_FORM, Outcome.WRONG)
    after = [
        a_verdict("c", "one", check, Outcome.BLOCKED, follows=Check.ECHELON_FORM)
        for check in (Check.REDUCED_FORM, Check.REDUCED_ROWS)
    ]
    other = a_verdict("c", "one", Check.SINGULAR_NOTICE, Outcome.BLOCKED, follows=after[0]["check"])
    text = Page(small(first, *after, other)).text
    assert "2 later checks could not be judged because of it." in text
    assert "follows from echelon.form" in text


# Details


def test_ports_that_printed_the_same_and_were_judged_the_same_are_told_once() -> None:
    page = Page(small())
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
def test_ports_that_differ_in_anything_are_told_apart(change: Value) -> None:
    page = Page(with_first_answer(small(), **change))
    assert "identical" not in page.text


def test_a_ratio_port_is_held_against_what_is_true_of_ratios() -> None:
    exact = an_expectation(reduced=[["1", "0", "123/7"], ["0", "1", "7/5"]])
    case = a_case("one", expected={"binary64": an_expectation(), "rational64": exact})
    ports = [a_port("c"), a_port("h", arithmetic="rational64")]
    answers = [an_answer(port, "one") for port in ("c", "h")]
    verdicts = [*right("c", "one"), *right("h", "one")]
    page = Page(results(ports, [case], answers, verdicts))
    assert page.text.count("123/7") == 1
    assert "identical" not in page.text


def test_a_stage_that_could_not_be_read_says_why() -> None:
    stage = a_stage(trouble="row 2 has 4 numbers")
    page = Page(with_first_answer(small(), stages={"reduced": stage}))
    assert "reduced: row 2 has 4 numbers" in page.text


def test_measures_are_given_to_three_figures() -> None:
    measures = {"backward_error": 1.23456e-16, "ratio": float("inf")}
    verdict = a_verdict("c", "one", Check.SOLUTION_VALUE, Outcome.WRONG, measures=measures)
    assert "backward error 1.23e−16 ratio ∞" in Page(small(verdict)).text


def test_rows_of_unequal_length_are_shown_as_they_are() -> None:
    matrix = typeset("ragged", (("1", "2"), ("3",)))
    assert [[entry.text for entry in line.entries] for line in matrix.lines] == [
        ["1", "2"],
        ["3", ""],
    ]


def test_a_large_matrix_is_shown_by_its_corner_and_every_deviating_row() -> None:
    rows = tuple(tuple(f"{60 * i + j}" for j in range(61)) for i in range(60))
    matrix = typeset("large", rows, 1, {(30, 40), (50, 2)})
    assert [line.number for line in matrix.lines] == [1, 2, 3, 4, 5, 6, 0, 31, 0, 51, 0, 60]
    assert matrix.columns == (1, 2, 3, 4, 5, 6, 0, 41, 0, 61)
    marked = [entry.text for line in matrix.lines for entry in line.entries if entry.marked]
    assert marked == ["1840", "3002"]
    assert [entry.text for entry in matrix.lines[6].entries] == [*"⋮⋮⋮⋮⋮⋮⋱⋮⋱⋮"]
    assert matrix.note == "rows 1–6, 31, 51 and 60 of 60, columns 1–6, 41 and 61 of 61"


def test_numbers_are_aligned_on_their_points() -> None:
    column = typeset("v", (("1",), ("-12.5",), ("0.0",), ("1e-07",))).lines
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
    assert displayed(number) == shown


def test_a_shortened_number_is_there_in_full_in_its_title() -> None:
    case = a_case("one", system=[["0.3333333333333333", "1"], ["1", "2"]])
    page = Page(results([a_port("c")], [case], [], []))
    assert '<td title="0.3333333333333333">0.333333333…' in page.source


# Foreign text


HOSTILE = "<script>alert(1)</script>\"'><img onerror=x>{{ 7 * 7 }}\x00\x1b[2J\u202eünïcode ∞"
CLOSED = {"variant", "check", "outcome", "follows", "schema", "sha256"}


def with_hostile_text(value: Any, key: str = "") -> Any:
    """The same value with the hostile text added to every string that may hold any text."""
    if isinstance(value, dict):
        names = {"stages", "failures", "expected", "measures"}
        spoil = key in names
        return {(k + HOSTILE if spoil else k): with_hostile_text(v, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [with_hostile_text(item, key) for item in value]
    return value + HOSTILE if isinstance(value, str) and key not in CLOSED else value


def spoilt() -> Results:
    said = {"command": ["run"], "system": SYSTEM, "output": "1", "errors": ["e"]}
    port = a_port("c", published={**said, "ending": "crashed", "reason": "r"})
    broken = a_port("d", trouble="t")
    answer = an_answer("c", "one", ending="crashed", reason="r", remarks=["r"], errors=["e"])
    answer |= {"failures": {"gauss_jordan": "f"}}
    answer["stages"]["echelon"] = a_stage(trouble="t")
    verdicts = [
        a_verdict("c", "one", check, Outcome.WRONG, detail="d", finding="F", measures={"m": 1.0})
        for check in CASE_CHECKS
    ]
    verdicts += [a_verdict("c", "published", Check.PUBLISHED_OUTPUT, Outcome.WRONG, detail="d")]
    value = results([port, broken], [a_case("one")], [answer], verdicts).model_dump(by_alias=True)
    value["findings"] = [{"id": "F", "port": "c", "title": "t"}]
    return Results.model_validate(with_hostile_text(value))


def test_hostile_text_in_every_field_is_shown_and_does_nothing() -> None:
    page = Page(spoilt())
    assert not {"script", "img", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on") or a == "style"]
    assert page.text.count("<script>alert(1)</script>") > 50
    assert "{{ 7 * 7 }}␀␛[2J\ufffdünïcode ∞" in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", page.source)
    assert {a["href"] for a in page.all("a")} <= {f"#{place}" for place in page.ids}
    assert len(page.ids) == len(set(page.ids))
    assert all(re.fullmatch(r"[A-Za-z0-9:._ -]+", place) for place in page.ids)


def test_a_flood_of_text_is_bounded_and_says_how_long_it_was() -> None:
    flood = "x" * 1_000_000
    value = small(a_verdict("c", "one", Check.ECHELON_FORM, Outcome.WRONG, detail=flood))
    said: Value = {"remarks": [flood] * 3, "errors": [flood + str(i) for i in range(500)]}
    said |= {"reason": flood, "ending": "crashed", "failures": {"gauss_jordan": flood + "y"}}
    page = Page(with_first_answer(value, **said))
    assert len(page.source) < len(html.render(small())) + 30_000
    assert "(1,000,000 characters)" in page.text
    assert "(3 times)" in page.text
    assert "… 470 earlier lines" in page.text


def test_of_standard_error_the_end_is_shown() -> None:
    lines = [f"line {number}." for number in range(100)]
    page = Page(with_first_answer(small(), errors=lines))
    assert "… 70 earlier lines\nline 70." in page.text
    assert "line 99." in page.text


def test_names_that_look_alike_in_an_address_have_places_of_their_own() -> None:
    ports = [a_port("c++", language="C plus"), a_port("c--", language="C minus"), a_port("c#")]
    page = Page(results(ports, [a_case("a b"), a_case("a+b")], [], []))
    assert len(page.ids) == len(set(page.ids))
    assert len({cell["href"] for cell in page.cells().values()}) == 3 * (2 + 1)
    assert {a["href"] for a in page.all("a")} <= {f"#{place}" for place in page.ids}


def test_lines_are_excerpted_and_equal_neighbours_counted() -> None:
    assert excerpt(["a", "a", "b", "c", "d"], 2, 5) == ("a (2 times)", "b", "… and 2 more lines")


def test_a_lone_surrogate_does_not_keep_a_page_from_being_written() -> None:
    assert printable("a\ud800b\r\n\tc") == "a\ufffdb␍\n\tc"


def test_the_command_is_safe_to_paste_whatever_a_port_is_called() -> None:
    assert again("show {port} {case}", "{case}; rm", "one") == "show '{case}; rm' one"


# The page itself


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    source = Page(small(a_verdict("c", "one", Check.ECHELON_FORM, Outcome.CRASHED))).source
    for forbidden in (
        "http:",
        "https:",
        "src=",
        "url(",
        "@import",
        "<script",
        "<link",
        "javascript",
    ):
        assert forbidden not in source


def test_the_policy_admits_the_style_sheet_and_nothing_else() -> None:
    page = Page(small())
    style = page.source[page.source.index("<style>") + 7 : page.source.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert len(policies) == 1
    assert policies[0].startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not [attributes for _, attributes in page.tags if "style" in attributes]


def test_headings_descend_step_by_step_from_a_single_first_one() -> None:
    page = Page(small(a_verdict("c", "one", Check.ECHELON_FORM, Outcome.WRONG)))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_page_can_be_found_one_s_way_about_in_without_seeing_it() -> None:
    page = Page(small())
    assert page.all("html") == [{"lang": "en"}]
    assert all("scope" in header for header in page.all("th"))
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}
    assert page.all("a")[0] == {"class": "skip", "href": "#deviations"}
    assert all(cell["title"] == cell["aria-label"] for cell in page.cells().values())


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
    pairs = [(f"{signs.style_of(o)}-ink", f"{signs.style_of(o)}-fill") for o in Outcome]
    words = ["ink", "muted", "link", "conforming", "deviating"]
    pairs += [(word, ground) for word in words for ground in ("paper", "panel")]
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
    assert figure(value) == shown


def test_times_are_written_as_people_write_them() -> None:
    assert moment("2026-11-21T03:36:28+00:00") == "21 November 2026, 03:36 UTC"
    assert moment("some day") == "some day"
    assert [duration(3.29), duration(169.2), duration(7300)] == [
        "3.29 s",
        "2 min 49 s",
        "2 h 1 min",
    ]


# Writing


def test_a_report_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "conformance.html"
    html.write(small(), path)
    assert path.read_text(encoding="utf-8") == html.render(small())
    assert list(path.parent.iterdir()) == [path]


def test_a_report_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HarnessError, match="cannot be written") as caught:
        html.write(small(), tmp_path / "file" / "conformance.html")
    assert caught.value.hint
