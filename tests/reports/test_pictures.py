"""Pictures of small systems: a line or a plane for each equation, after each step."""

from __future__ import annotations

from typing import Any

import pytest

from harness.reports.html.pictures import (
    HALF_SIDE,
    Picture,
    draw_expected_steps,
    draw_own_steps,
    find_edge_points,
    project,
)
from harness.results.schema import CaseRecord, PivotChoiceRecord
from support.run_results import build_case, build_expectation, build_pivot_choice


def build_case_record(*rows: str, solution: list[str] | None = None, **changes: Any) -> CaseRecord:
    table = [row.split() for row in rows]
    fields = {"system": table, "rows": len(table), "unknowns": len(table[0]) - 1}
    expected = {"binary64": build_expectation(solution=solution)}
    return CaseRecord.model_validate(build_case("a", expected=expected, **fields | changes))


def captions(pictures: tuple[Picture, ...]) -> list[str]:
    return [picture.caption for picture in pictures]


def test_two_unknowns_give_lines_that_end_at_the_edge() -> None:
    first, second = draw_expected_steps(build_case_record("1 1 5", "3 1 7", solution=["1", "4"]))
    assert captions((first, second)) == ["the system", "x₁ eliminated by row 2"]
    assert [shape.row for shape in first.shapes] == [1, 2]
    assert all(shape.path.count("L") == 1 for shape in first.shapes)
    # Row 1 has become 2/3 y = 8/3: a horizontal line.
    starts = second.shapes[0].path.removeprefix("M").split("L")
    assert {end.split()[1] for end in starts} == {starts[0].split()[1]}
    assert (
        first.solution
        == second.solution
        == pytest.approx((HALF_SIDE / 7.5 * 1.25, -HALF_SIDE / 1.5), abs=9)
    )


def test_three_unknowns_give_planes() -> None:
    pictures = draw_expected_steps(build_case_record("3 2 -4 3", "2 3 3 15", "5 -3 1 14"))
    assert captions(pictures)[1:] == ["x₁ eliminated by row 3", "x₂ eliminated by row 2"]
    assert all(shape.path.endswith("z") for picture in pictures for shape in picture.shapes)


def test_an_equation_without_unknowns_is_shown_as_text() -> None:
    last = draw_expected_steps(build_case_record("1 2 3", "2 4 7"))[-1]
    assert last.degenerate_equations == ("row 1: 0 = -1/2",)
    assert len(last.shapes) == 1


def test_the_pivots_of_a_port_are_drawn_if_they_are_not_legal() -> None:
    case = build_case_record("1 1 5", "3 1 7")
    wrong = PivotChoiceRecord.model_validate(
        build_pivot_choice(0, 0, (1, 3.0), (0, 1.0), legal=False)
    )
    right = PivotChoiceRecord.model_validate(build_pivot_choice(0, 1, (1, 3.0), (0, 1.0)))
    assert captions(draw_own_steps(case, [wrong])) == ["the system", "x₁ eliminated by row 1"]
    assert draw_own_steps(case, [right]) == ()


@pytest.mark.parametrize(
    "case",
    [
        build_case_record("1 2"),
        build_case_record("1 2 3 4 5", "5 6 7 8 9"),
        build_case_record("1e300 1 1", "1 1e-300 1"),
        build_case_record("1 1 1e9", "1 2 3"),
        build_case_record("1 oops 1", "1 1 1"),
        build_case_record("1 1 1", "1 1", unknowns=2),
    ],
)
def test_systems_that_cannot_be_drawn_are_left_out(case: CaseRecord) -> None:
    assert all(isinstance(picture, Picture) for picture in draw_expected_steps(case))
    if case.system[0] != ("1e300", "1", "1"):
        assert draw_expected_steps(case) == ()


def test_a_plane_meets_the_edges_of_a_cube() -> None:
    assert set(find_edge_points((0.0, 0.0, 1.0), 0.5, 3)) == {
        (x, y, 0.5) for x in (-1.0, 1.0) for y in (-1.0, 1.0)
    }
    assert list(find_edge_points((1.0, 1.0), 5.0, 2)) == []


def test_up_is_up_in_the_picture() -> None:
    assert project((0.0, 1.0))[1] < 0 < project((0.0, -1.0))[1]
    assert project((0.0, 0.0, 1.0))[1] < 0
