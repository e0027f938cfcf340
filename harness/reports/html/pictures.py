"""Pictures of elimination: the lines, or planes, of a small system after each of its steps.

An equation in two unknowns is a line, one in three a plane. Subtracting a multiple of a row turns
its line about the point that it has in common with the pivot row's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from harness.reports.parts.elimination import FractionRow, eliminate, parse_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.results.schema import CaseRecord, PivotChoiceRecord

MAXIMUM_ROWS = 4
HALF_SIDE = 50.0
"""Half the side of a picture, in its own units."""

MAXIMUM_EXTENT = 1e6
"""Systems whose solutions lie farther out, or nearer to 0 by as much, are not drawn."""

Point = tuple[float, float]
Space = tuple[float, float, float]


@dataclass(frozen=True)
class EquationShape:
    """One equation: the data of a path, and where its number stands; `row` counts from 1."""

    row: int
    path: str
    label: Point


@dataclass(frozen=True)
class Picture:
    """A system after a step: its equations, those that are no line or plane in words, the
    solution where there is exactly one."""

    caption: str
    shapes: tuple[EquationShape, ...]
    words: tuple[str, ...]
    solution: Point | None


def is_drawable(case: CaseRecord) -> bool:
    """Whether a system is small enough to be drawn, and as large as it is said to be."""
    small = case.unknowns in (2, 3) and case.rows <= MAXIMUM_ROWS and case.right_hand_sides == 1
    return small and [len(row) for row in case.system] == [case.unknowns + 1] * case.rows


def draw_expected_steps(case: CaseRecord) -> tuple[Picture, ...]:
    """The steps of elimination with partial pivoting."""
    return draw_steps(case, None) if is_drawable(case) else ()


def draw_own_steps(case: CaseRecord, trace: Sequence[PivotChoiceRecord]) -> tuple[Picture, ...]:
    """The steps of an elimination that took the pivots of a trace, where those are others."""
    if not is_drawable(case) or all(step.legal for step in trace):
        return ()
    return draw_steps(
        case, {step.column: step.taken + 1 for step in trace if step.taken is not None}
    )


def draw_steps(case: CaseRecord, pivots: Mapping[int, int] | None) -> tuple[Picture, ...]:
    """The system and what is left of it after each step; none where it is out of all proportion.

    `pivots` are the numbers of pivot rows, from 1, by column; without them the largest are taken.
    """
    try:
        system, point = parse_matrix(case.system), find_solution(case)
        reach = choose_extent(system, point)
        if reach is None:
            return ()
        shown = [draw_picture("the system", dict(enumerate(system, 1)), reach, point)]
        for step in eliminate(system, case.unknowns, pivots):
            if step.left:
                caption = f"x{'₁₂₃'[step.column]} eliminated by row {step.number}"
                shown.append(draw_picture(caption, step.rows, reach, point))
        return tuple(shown)
    except (OverflowError, ValueError, ZeroDivisionError):
        # Numbers beyond the doubles, and results files that hold something else than numbers.
        return ()


def find_solution(case: CaseRecord) -> list[float] | None:
    """The point in which all equations agree, where there is exactly one."""
    expected = next(iter(case.expected.values()), None)
    if expected is None or expected.solution is None:
        return None
    return [float(Fraction(text)) for text in expected.solution]


def choose_extent(system: Sequence[FractionRow], point: Sequence[float] | None) -> float | None:
    """How far out to look: past the solution, and past where each equation comes nearest to 0."""
    sizes = [abs(value) for value in point or ()]
    for *row, right in system:
        length = math.hypot(*map(float, row))
        if length > 0:
            sizes.append(abs(float(right)) / length)
    reach = 1.5 * max(sizes, default=0.0) or 1.0
    return reach if 1 / MAXIMUM_EXTENT < reach < MAXIMUM_EXTENT else None


def draw_picture(
    caption: str, rows: Mapping[int, FractionRow], reach: float, point: Sequence[float] | None
) -> Picture:
    """One step's picture."""
    shapes, words = [], []
    for number, row in sorted(rows.items()):
        *normal, right = (float(value) for value in row)
        if not any(normal):
            words.append(f"row {number}: 0 = {row[-1]}")
            continue
        scaled = right / reach
        found = clip_line(normal, scaled) if len(normal) == 2 else clip_plane(normal, scaled)
        if len(found) > 1:
            ends = "".join(f"{'L' if i else 'M'}{x:.0f} {y:.0f}" for i, (x, y) in enumerate(found))
            path = ends + ("z" if len(found) > 2 else "")
            shapes.append(EquationShape(number, path, move_inward(found[0])))
    spot = None if point is None else project([value / reach for value in point])
    return Picture(caption, tuple(shapes), tuple(words), spot)


def move_inward(point: Point) -> Point:
    """A little nearer to the middle, so that a number there is not cut off."""
    return round(point[0] * 0.86), round(point[1] * 0.86)


def clip_line(normal: Sequence[float], right: float) -> list[Point]:
    """Where a·x + b·y = c meets the edge of the square [−1, 1]², on the paper."""
    found = list(find_edge_points(normal, right, 2))
    return [project(end) for end in (min(found), max(found))] if found else []


def clip_plane(normal: Sequence[float], right: float) -> list[Point]:
    """The polygon in which a plane meets the cube [−1, 1]³, on the paper, corner by corner."""
    corners = [project(corner) for corner in find_edge_points(normal, right, 3)]
    if len(corners) < 3:
        return []
    x = sum(corner[0] for corner in corners) / len(corners)
    y = sum(corner[1] for corner in corners) / len(corners)
    return sorted(set(corners), key=lambda corner: math.atan2(corner[1] - y, corner[0] - x))


def find_edge_points(
    normal: Sequence[float], right: float, dimension: int
) -> Iterator[tuple[float, ...]]:
    """Where normal·x = right meets the edges of the cube [−1, 1] in 2 or 3 dimensions."""
    for axis in range(dimension):
        if normal[axis] == 0:
            continue
        for others in product((-1.0, 1.0), repeat=dimension - 1):
            point = [*others[:axis], 0.0, *others[axis:]]
            rest = sum(n * value for n, value in zip(normal, point, strict=True))
            point[axis] = (right - rest) / normal[axis]
            if abs(point[axis]) <= 1:
                yield tuple(point)


def project(point: Sequence[float]) -> Point:
    """A point of the square, or of the cube seen from a corner, on the paper (y points down)."""
    if len(point) == 2:
        return HALF_SIDE * point[0], -HALF_SIDE * point[1]
    x, y, z = point
    across, up = 0.5 * (x - y) * math.sqrt(3) / 2, 0.25 * (x + y) - 0.5 * z
    return HALF_SIDE * 1.1 * across, HALF_SIDE * 1.1 * up
