"""The time that `solve` takes for the first right-hand side, and for each of the following."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from harness.procedures.solve import SECONDS
from harness.reports.parts.smallest_case import Link
from harness.text import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.reports.parts.index import Index
    from harness.results.schema import StageRecord

MINIMUM_UNKNOWNS = 20
"""Times of smaller systems are below what the clock can measure."""


@dataclass(frozen=True)
class Cost:
    """The times of one port for one system with several right-hand sides.

    `first_time` is the time of the first column of X, with the factorisation; `following_time` is
    the median time of the others, and `ratio` the quotient of the two.
    """

    port: str
    case: Link
    unknowns: int
    right_hand_sides: int
    first_time: str
    following_time: str
    ratio: str


def build_costs(index: Index) -> tuple[Cost, ...]:
    """Return the costs of every port that measured them, in the order of the cases."""
    return tuple(generate_costs(index))


def generate_costs(index: Index) -> Iterator[Cost]:
    """Yield the costs of every port that measured them, in the order of the cases."""
    for case in index.select_shown(index.cases):
        if case.right_hand_sides < 2 or case.unknowns < MINIMUM_UNKNOWNS:
            continue
        for port in index.ports:
            answer = index.read_answer(port, case.name)
            seconds = parse_seconds(answer.stages.get(SECONDS)) if answer else []
            if len(seconds) < 2:
                continue
            first, *following = seconds
            median_following = median(following)
            yield Cost(
                port=index.format_port_name(port),
                case=Link(case.name, index.build_answer_anchor(port, case)),
                unknowns=case.unknowns,
                right_hand_sides=len(seconds),
                first_time=format_duration(first),
                following_time=format_duration(median_following),
                ratio=f"{first / median_following:.1f}" if median_following > 0 else "–",
            )


def parse_seconds(stage: StageRecord | None) -> list[float]:
    """Return the times that a port printed, in seconds; none if one is not a time."""
    try:
        seconds = [float(row[0]) for row in stage.rows] if stage and not stage.trouble else []
    except (ValueError, IndexError):
        return []
    return seconds if all(0 <= value < float("inf") for value in seconds) else []
