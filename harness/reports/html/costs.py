"""What it costs to solve for the first right-hand side, and for each of those that follow."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from harness.model.procedure import SECONDS
from harness.reports.parts.smallest_case import Link
from harness.text import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.reports.parts.index import Index
    from harness.results.schema import StageRecord

MINIMUM_UNKNOWNS = 20
"""Of smaller systems the clock tells more than the program."""


@dataclass(frozen=True)
class Cost:
    """What one port took for one system with several right-hand sides.

    `first` is the time of the first column of X, factorisation included; `following` is the median
    of the others, and `times` how many of those the first one is worth.
    """

    port: str
    case: Link
    unknowns: int
    columns: int
    first: str
    following: str
    times: str


def build_costs(index: Index) -> tuple[Cost, ...]:
    """The costs of every port that measured them, by system."""
    return tuple(generate_costs(index))


def generate_costs(index: Index) -> Iterator[Cost]:
    """The costs of every port that measured them, in the order of the cases."""
    for case in index.results.cases:
        if case.right_hand_sides < 2 or case.unknowns < MINIMUM_UNKNOWNS:
            continue
        for port in index.ports:
            answer = index.answers.get((port.name, case.name))
            seconds = parse_seconds(answer.stages.get(SECONDS)) if answer else []
            if len(seconds) < 2:
                continue
            first, *others = seconds
            usual = median(others)
            yield Cost(
                port=index.called(port),
                case=Link(case.name, index.place(port, case)),
                unknowns=case.unknowns,
                columns=len(seconds),
                first=format_duration(first),
                following=format_duration(usual),
                times=f"{first / usual:.1f}" if usual > 0 else "–",
            )


def parse_seconds(stage: StageRecord | None) -> list[float]:
    """The seconds that a port printed; none where they are no times."""
    try:
        found = [float(row[0]) for row in stage.rows] if stage and not stage.trouble else []
    except (ValueError, IndexError):
        return []
    return found if all(0 <= value < float("inf") for value in found) else []
