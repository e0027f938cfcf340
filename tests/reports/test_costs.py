"""What the first right-hand side costs, and each that follows."""

from __future__ import annotations

from typing import Any

import pytest
from test_html import Page, a_case, a_port, a_stage, an_answer, results

from harness.reports.html.costs import build_costs
from harness.reports.parts.index import Index

CASE: dict[str, Any] = {"rows": 60, "unknowns": 60, "right_hand_sides": 3}


def told(*rows: str, **case: Any) -> list[tuple[str, str, str, int]]:
    stages = {"seconds": a_stage(*([row] for row in rows), shape=[len(rows)])}
    value = results(
        [a_port("c")],
        [a_case("one", **{**CASE, **case})],
        [an_answer("c", "one", stages=stages)],
        [],
    )
    return [(c.first, c.following, c.times, c.columns) for c in build_costs(Index(value))]


def test_the_first_is_held_against_the_median_of_the_others() -> None:
    assert told("0.02", "0.001", "0.002", "0.009") == [("0.02 s", "0.002 s", "10.0", 4)]


def test_what_took_no_time_that_the_clock_could_see_has_no_ratio() -> None:
    assert told("0.02", "0", "0") == [("0.02 s", "0 s", "–", 3)]


@pytest.mark.parametrize("rows", [(), ("0.1",), ("0.1", "x"), ("0.1", "-1"), ("0.1", "nan")])
def test_what_are_no_times_is_not_told(rows: tuple[str, ...]) -> None:
    assert told(*rows) == []


@pytest.mark.parametrize("case", [{"right_hand_sides": 1}, {"unknowns": 3}])
def test_small_systems_and_single_right_hand_sides_are_not_told(case: dict[str, int]) -> None:
    assert told("0.02", "0.001", **case) == []


def test_the_page_has_a_table_of_them_where_there_are_any() -> None:
    stages = {"seconds": a_stage(["0.02"], ["0.001"], shape=[2])}
    answers = [an_answer("c", "one", stages=stages)]
    page = Page(results([a_port("c")], [a_case("one", **CASE)], answers, []))
    assert "Factor once, solve many" in page.text
    assert "20.0 times as much" in page.text
    assert "Factor once" not in Page(results([a_port("c")], [a_case("one")], [], [])).text
