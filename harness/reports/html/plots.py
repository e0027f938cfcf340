"""Plots over all cases: correct digits against condition, and cases that come out right by kind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.reports.parts.index import Index
    from harness.results.schema import CaseRecord, PortRecord, VerdictRecord

PLOT_WIDTH, PLOT_HEIGHT = 200, 120
"""Of the area in which points are drawn, in units of the picture."""

Point = tuple[float, float]

MAXIMUM_POWER = 20
"""Conditions beyond 10²⁰ are drawn there."""

MAXIMUM_DIGITS = 15
DOUBLE_DIGITS = -math.log10(2.0**-53)
"""The digits of a double; so many less log₁₀ of the condition number are to be expected."""


@dataclass(frozen=True)
class DigitsPlot:
    """One port's solutions: `right` and `wrong` are the marks of each, as the data of a path;
    `missing` those of cases that gave no finite x, at the foot."""

    port: str
    right: str
    wrong: str
    missing: str
    words: str


@dataclass(frozen=True)
class SolvedShare:
    """How many cases of one kind came out right, of those that a port was asked; `width` is their
    part in hundredths."""

    right: int
    asked: int
    width: str


@dataclass(frozen=True)
class Plots:
    """Both plots. `expected` is the line of the digits to be expected, as the data of a path;
    `kinds` are the columns and `shares` the rows of the second, by port."""

    digits: tuple[DigitsPlot, ...]
    expected: str
    powers: tuple[tuple[int, float], ...]
    levels: tuple[tuple[int, float], ...]
    kinds: tuple[str, ...]
    shares: tuple[tuple[str, tuple[SolvedShare, ...]], ...]


def build_plots(index: Index) -> Plots:
    """The plots of a run."""
    ports = [port for port in index.ports if not port.trouble]
    line = (
        f"{scale_condition(10.0**power):.1f} {scale_digits(DOUBLE_DIGITS - power):.1f}"
        for power in (0, 16)
    )
    return Plots(
        digits=tuple(found for port in ports if (found := plot_digits(index, port))),
        expected=f"M{'L'.join(line)}",
        powers=tuple(
            (power, scale_condition(10.0**power)) for power in range(0, MAXIMUM_POWER + 1, 5)
        ),
        levels=tuple((level, scale_digits(level)) for level in range(0, MAXIMUM_DIGITS + 1, 5)),
        kinds=tuple(index.kinds),
        shares=tuple(
            (
                index.called(port),
                tuple(count_right_cases(index, port, cases) for cases in index.kinds.values()),
            )
            for port in ports
        ),
    )


def scale_condition(condition: float) -> float:
    """Where a condition number stands on the horizontal axis."""
    power = min(math.log10(condition), MAXIMUM_POWER) if condition > 1 else 0.0
    return PLOT_WIDTH * power / MAXIMUM_POWER


def scale_digits(number: float) -> float:
    """Where a number of digits stands on the vertical axis, which points down."""
    return PLOT_HEIGHT * (1 - min(max(number, 0.0), MAXIMUM_DIGITS) / MAXIMUM_DIGITS)


def plot_digits(index: Index, port: PortRecord) -> DigitsPlot | None:
    """One port's solutions of the systems with exactly one; None where it was asked for none."""
    right: list[Point] = []
    wrong: list[Point] = []
    missing: list[Point] = []
    for case, verdict in find_solution_verdicts(index, port):
        at = scale_condition(case.condition)
        found = verdict.measures.get("digits")
        if found is None:
            missing.append((at, scale_digits(0)))
        else:
            (wrong if verdict.outcome.deviates else right).append((at, scale_digits(found)))
    if not (right or wrong or missing):
        return None
    words = (
        f"{index.called(port)}: {len(right)} systems solved rightly, {len(wrong)} not, "
        f"{len(missing)} without a finite x"
    )
    return DigitsPlot(
        index.called(port), draw_dots(right), draw_crosses(wrong), draw_crosses(missing), words
    )


def find_solution_verdicts(
    index: Index, port: PortRecord
) -> Iterator[tuple[CaseRecord, VerdictRecord]]:
    """The verdicts on x in systems with exactly one solution, where there is anything to show."""
    check = index.solving_check(port)
    for case in index.results.cases:
        expected = index.expected(port, case)
        for verdict in index.verdicts(port, case):
            if verdict.check is not check or not expected:
                continue
            missed = verdict.outcome.deviates or verdict.outcome is Outcome.BLOCKED
            told = "digits" in verdict.measures or missed
            if expected.solutions == "unique" and told:
                yield case, verdict


def draw_dots(points: Iterable[Point]) -> str:
    """Points as the data of a path: strokes of no length, which round ends make dots."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)


def draw_crosses(points: Iterable[Point]) -> str:
    """Crosses as the data of a path."""
    return "".join(f"M{x - 2.5:.1f} {y - 2.5:.1f}l5 5m0-5l-5 5" for x, y in points)


def count_right_cases(index: Index, port: PortRecord, cases: Sequence[CaseRecord]) -> SolvedShare:
    """How many of some cases came out right: something was judged, and nothing deviates."""
    standings = [{verdict.standing for verdict in index.verdicts(port, case)} for case in cases]
    asked = [found for found in standings if found - {"neither"}]
    right = sum("deviating" not in found for found in asked)
    return SolvedShare(right, len(asked), f"{100 * right / len(asked):.1f}" if asked else "0")
