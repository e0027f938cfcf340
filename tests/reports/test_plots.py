"""Plots: every solution has a mark, and every case is counted."""

from __future__ import annotations

import pytest

from harness.model.verdict import Outcome
from harness.reports.html.page import render_page
from harness.reports.html.plots import (
    PLOT_HEIGHT,
    PLOT_WIDTH,
    build_plots,
    scale_condition,
    scale_digits,
)
from harness.reports.parts.index import Index
from support.run_results import (
    build_case,
    build_expectation,
    build_port,
    build_results,
    build_right_verdicts,
    build_verdict,
)

VALUE = "solution.value"


@pytest.mark.parametrize(
    ("condition", "x"),
    [(1.0, 0), (0.5, 0), (1e10, PLOT_WIDTH / 2), (1e20, PLOT_WIDTH), (1e300, PLOT_WIDTH)],
)
def test_condition_numbers_have_a_logarithmic_scale(condition: float, x: float) -> None:
    assert scale_condition(condition) == pytest.approx(x)


@pytest.mark.parametrize(("digits", "y"), [(0, PLOT_HEIGHT), (-1, PLOT_HEIGHT), (15, 0), (99, 0)])
def test_digits_are_scaled_from_none_to_all(digits: float, y: float) -> None:
    assert scale_digits(digits) == pytest.approx(y)


def test_an_infinite_condition_number_is_at_the_edge() -> None:
    assert scale_condition(float("inf")) == PLOT_WIDTH


def test_each_solution_has_a_mark() -> None:
    none = build_case(
        "e", solutions="none", expected={"binary64": build_expectation(solutions="none")}
    )
    cases = [*(build_case(name, condition=1e10) for name in "abcd"), none]
    verdicts = [
        build_verdict("c", "a", VALUE, Outcome.RIGHT, measures={"digits": 15.0}),
        build_verdict("c", "b", VALUE, Outcome.WRONG, measures={"digits": 0.0}),
        build_verdict("c", "c", VALUE, Outcome.CRASHED),
        build_verdict("c", "d", VALUE, Outcome.ABSENT),
        build_verdict("c", "e", VALUE, Outcome.SILENT),
    ]
    [plot] = build_plots(Index(build_results([build_port("c")], cases, [], verdicts))).digits_plots
    assert plot.right_path == "M100.0 0.0h0"
    assert plot.wrong_path == plot.missing_path == "M97.5 117.5l5 5m0-5l-5 5"
    assert plot.label == "C: x is right in 1 systems, not right in 1, and not finite in 1"


def test_cases_are_counted_by_kind() -> None:
    cases = [
        build_case("a"),
        build_case("b"),
        build_case("s", kind="singular"),
        build_case("t", kind="singular"),
    ]
    verdicts = [
        *build_right_verdicts("c", "a"),
        build_verdict("c", "b", VALUE, Outcome.WRONG),
        *build_right_verdicts("c", "s"),
        build_verdict("c", "t", VALUE, Outcome.ABSENT),
    ]
    plots = build_plots(Index(build_results([build_port("c")], cases, [], verdicts)))
    assert plots.kinds == ("regular", "singular")
    [(port, (regular, singular))] = plots.share_rows
    assert port == "C"
    assert (regular.right, regular.asked, regular.percentage) == (1, 2, "50.0")
    assert (singular.right, singular.asked, singular.percentage) == (1, 1, "100.0")


def test_a_port_that_was_not_run_has_none() -> None:
    run = build_results([build_port("c", trouble="no")], [build_case("a")], [], [])
    assert build_plots(Index(run)).digits_plots == ()
    assert 'id="plots"' in render_page(run)
