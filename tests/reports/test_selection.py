"""Tests of the cases that a page shows in full, and of its size for a large run."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.verdict import Outcome
from harness.reports.markdown import render_markdown
from harness.reports.parts import selection
from harness.reports.parts.selection import select_cases, spread_evenly
from harness.results.results import Results
from support.html_page import ReportPage
from support.run_results import (
    build_case,
    build_explained_verdict,
    build_port,
    build_results,
    build_run_with_findings,
    build_small_run,
    build_verdict,
    build_wrong_verdict,
)

KINDS = ("regular", "singular")


def build_wide_run(cases: int, deviations: dict[int, dict[str, Any]]) -> Results:
    """Return the results of `c` on so many cases of two kinds, with one verdict on each.

    `deviations` are the fields of the verdicts that are wrong, by the number of the case.
    """
    names = [f"case-{number}" for number in range(cases)]
    verdicts = [
        build_verdict("c", name, "solution.value", Outcome.RIGHT)
        if number not in deviations
        else build_verdict(
            "c", name, **{"check": "solution.value", "outcome": Outcome.WRONG, **deviations[number]}
        )
        for number, name in enumerate(names)
    ]
    records = [build_case(name, KINDS[number % 2]) for number, name in enumerate(names)]
    return build_results([build_port("c")], records, [], verdicts)


@pytest.fixture
def _small_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page show 20 answers, of which 10 deviate."""
    monkeypatch.setattr(selection, "MAXIMUM_ANSWERS", 20)
    monkeypatch.setattr(selection, "MAXIMUM_DEVIATING_ANSWERS", 10)


@pytest.mark.usefixtures("_small_page")
class TestAPageThatIsTooSmallForAllCases:
    def test_all_are_shown_where_there_is_room(self) -> None:
        assert select_cases(build_wide_run(20, {})).cases is None
        assert select_cases(build_wide_run(20, {3: {}})).sentence == ""

    def test_no_more_than_there_is_room_for(self) -> None:
        deviations: dict[int, dict[str, Any]] = {number: {} for number in range(0, 200, 2)}
        chosen = select_cases(build_wide_run(200, deviations)).cases
        assert chosen is not None
        assert len(chosen) <= 20
        assert sum(int(name.removeprefix("case-")) in deviations for name in chosen) <= 10

    def test_each_kind_of_deviation_has_an_example(self) -> None:
        kinds: dict[int, dict[str, Any]] = {
            number: {"detail": "row 1 is 3"} for number in range(100)
        }
        kinds[150] = {"detail": "another wording"}
        kinds[160] = {"outcome": Outcome.CRASHED}
        kinds[170] = {"check": "echelon.form"}
        kinds[180] = {"finding": "some"}
        chosen = select_cases(build_wide_run(200, kinds)).cases
        assert chosen is not None
        assert chosen >= {"case-150", "case-160", "case-170", "case-180"}

    def test_the_others_are_a_sample_of_each_kind_of_case(self) -> None:
        chosen = select_cases(build_wide_run(200, {7: {}})).cases
        assert chosen is not None
        numbers = sorted(int(name.removeprefix("case-")) for name in chosen)
        assert 7 in numbers
        assert {number % 2 for number in numbers} == {0, 1}
        assert max(b - a for a, b in zip(numbers, [*numbers[1:], 200], strict=True)) < 60

    def test_the_sentence_says_what_is_left_out(self) -> None:
        assert select_cases(build_wide_run(200, {7: {}})).sentence == (
            "This page shows 20 of 200 cases in full: 1 of the 1 in which a port deviates, with an "
            "example of each kind of deviation, and a sample of the others. All counts are those "
            "of all cases."
        )

    def test_the_page_counts_all_cases(self) -> None:
        names = tuple(f"case-{number}" for number in range(100))
        wrong = [build_wrong_verdict(name, detail="row 2 is wrong") for name in names[:70]]
        results = build_small_run(*wrong, cases=names, again="show {port} {case}")
        page = ReportPage(results)
        assert "This page shows 10 of 100 cases in full" in page.text
        assert "show PORT CASE" in page.text
        assert "deviates in echelon.form on case-0 and 69 more cases" in page.text
        assert "and 62 that this page leaves out" in page.text
        assert "C deviates in 70 of 100 regular cases" in page.source
        assert page.source.count('class="case"') + page.source.count("class=case") < 40
        assert "70" in render_markdown(results)

    def test_no_link_leads_to_a_case_that_is_left_out(self) -> None:
        names = tuple(f"case-{number}" for number in range(100))
        explained = [build_explained_verdict(name) for name in names]
        page = ReportPage(build_run_with_findings(*explained, cases=names))
        links = [attributes.get("href", "") for attributes in page.list_attributes("a")]
        cases = [link[1:] for link in links if link.startswith("#case:")]
        assert cases
        assert {*cases} <= {*page.ids}
        assert "100" in page.get_findings_text()


@pytest.mark.parametrize("length", [0, 1, 2, 3, 8, 100])
def test_spreading_keeps_all_names(length: int) -> None:
    names = [str(number) for number in range(length)]
    assert sorted(spread_evenly(names)) == sorted(names)


def test_the_first_names_are_spread_evenly() -> None:
    first = [int(name) for name in spread_evenly([str(n) for n in range(64)])][:4]
    assert first == [0, 32, 16, 48]
