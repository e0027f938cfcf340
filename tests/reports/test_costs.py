"""The time for the first right-hand side, and for each that follows."""

from __future__ import annotations

from typing import Any

import pytest

from harness.reports.html.costs import build_costs
from harness.reports.parts.index import Index
from support.html_page import ReportPage
from support.run_results import build_answer, build_case, build_port, build_results, build_stage

CASE: dict[str, Any] = {"rows": 60, "unknowns": 60, "right_hand_sides": 3}


def build_rows(*rows: str, **case: Any) -> list[tuple[str, str, str, int]]:
    stages = {"seconds": build_stage(*([row] for row in rows), shape=[len(rows)])}
    value = build_results(
        [build_port("c")],
        [build_case("one", **{**CASE, **case})],
        [build_answer("c", "one", stages=stages)],
        [],
    )
    costs = build_costs(Index(value))
    return [(c.first_time, c.following_time, c.ratio, c.right_hand_sides) for c in costs]


def test_the_first_time_is_compared_with_the_median_of_others() -> None:
    assert build_rows("0.02", "0.001", "0.002", "0.009") == [("0.02 s", "0.002 s", "10.0", 4)]


def test_times_of_zero_have_no_ratio() -> None:
    assert build_rows("0.02", "0", "0") == [("0.02 s", "0 s", "–", 3)]


@pytest.mark.parametrize("rows", [(), ("0.1",), ("0.1", "x"), ("0.1", "-1"), ("0.1", "nan")])
def test_values_that_are_not_times_are_left_out(rows: tuple[str, ...]) -> None:
    assert build_rows(*rows) == []


@pytest.mark.parametrize("case", [{"right_hand_sides": 1}, {"unknowns": 3}])
def test_small_systems_and_single_right_hand_sides_are_left_out(case: dict[str, int]) -> None:
    assert build_rows("0.02", "0.001", **case) == []


def test_the_page_has_a_table_if_a_port_measured_times() -> None:
    stages = {"seconds": build_stage(["0.02"], ["0.001"], shape=[2])}
    answers = [build_answer("c", "one", stages=stages)]
    page = ReportPage(build_results([build_port("c")], [build_case("one", **CASE)], answers, []))
    assert "Time for further right-hand sides" in page.text
    assert "0.02 s 0.001 s 20.0" in " ".join(page.text.split())
    assert (
        "Time for further"
        not in ReportPage(build_results([build_port("c")], [build_case("one")], [], [])).text
    )
