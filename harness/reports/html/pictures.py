"""Pictures of elimination: the lines or planes of a small system after each step.

An equation in two unknowns is a line, one in three unknowns a plane. Subtracting a multiple of
the pivot row from a row rotates its line about the intersection with that of the pivot row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from harness.numerics.elimination import choose_first_largest, eliminate
from harness.reports.parts.elimination import FractionRow, choose_given, parse_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.results.schema import CaseRecord, PivotChoiceRecord

MAXIMUM_ROWS = 4
HALF_SIDE = 50.0
"""Half the side of a picture, in units of the SVG image."""

MAXIMUM_EXTENT = 1e6
"""A system is drawn if its extent is between the inverse of this and this."""

Point = tuple[float, float]


@dataclass(frozen=True)
class EquationShape:
    """An equation as SVG path data, and the position of its number, `row`, from 1."""

    row: int
    path: str
    label_position: Point


@dataclass(frozen=True)
class Picture:
    """A system after a step of elimination.

    `degenerate_equations` are those without an unknown, as text. `solution` is the position of the
    solution if it is unique.
    """

    caption: str
    shapes: tuple[EquationShape, ...]
    degenerate_equations: tuple[str, ...]
    solution: Point | None


def is_drawable(case: CaseRecord) -> bool:
    """Return whether a system is small enough to be drawn, and has the size that it states."""
    is_small = case.unknowns in (2, 3) and case.rows <= MAXIMUM_ROWS and case.right_hand_sides == 1
    return is_small and [len(row) for row in case.system] == [case.unknowns + 1] * case.rows


def draw_expected_steps(case: CaseRecord) -> tuple[Picture, ...]:
    """Return the steps of elimination with partial pivoting; none for a large system."""
    return draw_steps(case, None) if is_drawable(case) else ()


def draw_own_steps(case: CaseRecord, trace: Sequence[PivotChoiceRecord]) -> tuple[Picture, ...]:
    """Return the steps with the pivots of a trace; none if all of these are legal."""
    if not is_drawable(case) or all(step.legal for step in trace):
        return ()
    pivots = {step.column: step.taken + 1 for step in trace if step.taken is not None}
    return draw_steps(case, pivots)


def draw_steps(case: CaseRecord, pivots: Mapping[int, int] | None) -> tuple[Picture, ...]:
    """Return the system and its state after each step; none if its extent is not drawable.

    `pivots` gives the number of the pivot row, from 1, of each column. Without it, each pivot is
    the largest entry of its column.
    """
    try:
        system, solution = parse_matrix(case.system), find_solution(case)
        extent = choose_extent(system, solution)
        if extent is None:
            return ()
        pictures = [draw_picture("the system", dict(enumerate(system, 1)), extent, solution)]
        choose = choose_first_largest if pivots is None else choose_given(pivots)
        for step in eliminate(system, case.unknowns, choose):
            if step.multipliers:
                caption = f"x{'₁₂₃'[step.column]} eliminated by row {step.pivot_number + 1}"
                by_number = sorted(zip(step.numbers, step.rows, strict=True))
                rows = {number + 1: row for number, row in by_number}
                pictures.append(draw_picture(caption, rows, extent, solution))
        return tuple(pictures)
    except (OverflowError, ValueError, ZeroDivisionError):
        # A number may exceed the doubles, and a results file may hold something else than numbers.
        return ()


def find_solution(case: CaseRecord) -> list[float] | None:
    """Return the solution of a system if it is unique."""
    expected = next(iter(case.expected.values()), None)
    if expected is None or expected.solution is None:
        return None
    return [float(Fraction(text)) for text in expected.solution]


def choose_extent(system: Sequence[FractionRow], solution: Sequence[float] | None) -> float | None:
    """Return half the side of the region to draw; None if it is not drawable.

    The region contains the solution and the point of each line or plane that is nearest to 0.
    """
    sizes = [abs(value) for value in solution or ()]
    for *row, right_hand_side in system:
        norm = math.hypot(*map(float, row))
        if norm > 0:
            sizes.append(abs(float(right_hand_side)) / norm)
    extent = 1.5 * max(sizes, default=0.0) or 1.0
    return extent if 1 / MAXIMUM_EXTENT < extent < MAXIMUM_EXTENT else None


def draw_picture(
    caption: str,
    rows: Mapping[int, FractionRow],
    extent: float,
    solution: Sequence[float] | None,
) -> Picture:
    """Return the picture of one step."""
    shapes, degenerate_equations = [], []
    for number, row in sorted(rows.items()):
        *normal, right_hand_side = (float(value) for value in row)
        if not any(normal):
            degenerate_equations.append(f"row {number}: 0 = {row[-1]}")
            continue
        scaled = right_hand_side / extent
        points = clip_line(normal, scaled) if len(normal) == 2 else clip_plane(normal, scaled)
        if len(points) > 1:
            path = "".join(f"{'L' if i else 'M'}{x:.0f} {y:.0f}" for i, (x, y) in enumerate(points))
            path += "z" if len(points) > 2 else ""
            shapes.append(EquationShape(number, path, move_inward(points[0])))
    position = None if solution is None else project([value / extent for value in solution])
    return Picture(caption, tuple(shapes), tuple(degenerate_equations), position)


def move_inward(point: Point) -> Point:
    """Return a point nearer to the centre, so that a label there is not cut off."""
    return round(point[0] * 0.86), round(point[1] * 0.86)


def clip_line(normal: Sequence[float], right_hand_side: float) -> list[Point]:
    """Return the projected ends of a line in the square [−1, 1]²; none if it lies outside."""
    ends = list(find_edge_points(normal, right_hand_side, 2))
    return [project(end) for end in (min(ends), max(ends))] if ends else []


def clip_plane(normal: Sequence[float], right_hand_side: float) -> list[Point]:
    """Return the projected corners of the polygon of a plane in the cube [−1, 1]³, in order."""
    corners = [project(corner) for corner in find_edge_points(normal, right_hand_side, 3)]
    if len(corners) < 3:
        return []
    x = sum(corner[0] for corner in corners) / len(corners)
    y = sum(corner[1] for corner in corners) / len(corners)
    return sorted(set(corners), key=lambda corner: math.atan2(corner[1] - y, corner[0] - x))


def find_edge_points(
    normal: Sequence[float], right_hand_side: float, dimension: int
) -> Iterator[tuple[float, ...]]:
    """Yield the intersections of normal·x = right_hand_side with the edges of [−1, 1]² or [−1, 1]³.

    `dimension` is 2 or 3.
    """
    for axis in range(dimension):
        if normal[axis] == 0:
            continue
        for others in product((-1.0, 1.0), repeat=dimension - 1):
            point = [*others[:axis], 0.0, *others[axis:]]
            product_of_others = sum(n * value for n, value in zip(normal, point, strict=True))
            point[axis] = (right_hand_side - product_of_others) / normal[axis]
            if abs(point[axis]) <= 1:
                yield tuple(point)


def project(point: Sequence[float]) -> Point:
    """Return the position in the picture, where y points down, of a point of the square or cube.

    The cube is seen from a corner.
    """
    if len(point) == 2:
        return HALF_SIDE * point[0], -HALF_SIDE * point[1]
    x, y, z = point
    across, down = 0.5 * (x - y) * math.sqrt(3) / 2, 0.25 * (x + y) - 0.5 * z
    return HALF_SIDE * 1.1 * across, HALF_SIDE * 1.1 * down
