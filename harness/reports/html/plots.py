"""Plots over all cases: correct digits by condition number, and right cases by kind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.reports.parts.index import Index
    from harness.results.results import CaseSummary
    from harness.results.schema import PortRecord, VerdictRecord

PLOT_WIDTH, PLOT_HEIGHT = 200, 120
"""The size of the area of the points, in units of the SVG image."""

Point = tuple[float, float]

MAXIMUM_POWER = 20
"""Condition numbers above 10²⁰ are drawn at 10²⁰."""

MAXIMUM_DIGITS = 15
DOUBLE_DIGITS = -math.log10(2.0**-53)
"""The decimal digits of a double. The expected number of correct digits is this less log₁₀ κ."""


@dataclass(frozen=True)
class DigitsPlot:
    """The solutions of one port as SVG path data.

    `right_path` and `wrong_path` have a mark for each solution, `missing_path` one at the bottom
    for each case without a finite x. `label` describes the plot for people who do not see it.
    """

    port: str
    right_path: str
    wrong_path: str
    missing_path: str
    label: str


@dataclass(frozen=True)
class SolvedShare:
    """The number of right cases of one kind, of those that a port was asked, and the percentage."""

    right: int
    asked: int
    percentage: str


@dataclass(frozen=True)
class Plots:
    """The data of both plots.

    `digits_plots` has a plot for each port with solutions. `expected_path` is the line of the
    expected digits, as SVG path data; the ticks are pairs of a value and its coordinate. `kinds`
    are the columns and `share_rows` the rows, by port, of the table of right cases.
    """

    digits_plots: tuple[DigitsPlot, ...]
    expected_path: str
    condition_ticks: tuple[tuple[int, float], ...]
    digits_ticks: tuple[tuple[int, float], ...]
    kinds: tuple[str, ...]
    share_rows: tuple[tuple[str, tuple[SolvedShare, ...]], ...]


def build_plots(index: Index) -> Plots:
    """Return the plots of a run."""
    ports = [port for port in index.ports if not port.trouble]
    ends = (
        f"{scale_condition(10.0**power):.1f} {scale_digits(DOUBLE_DIGITS - power):.1f}"
        for power in (0, 16)
    )
    digits_plots = (plot_digits(index, port) for port in ports)
    return Plots(
        digits_plots=tuple(plot for plot in digits_plots if plot),
        expected_path=f"M{'L'.join(ends)}",
        condition_ticks=tuple(
            (power, scale_condition(10.0**power)) for power in range(0, MAXIMUM_POWER + 1, 5)
        ),
        digits_ticks=tuple(
            (digits, scale_digits(digits)) for digits in range(0, MAXIMUM_DIGITS + 1, 5)
        ),
        kinds=tuple(index.cases_by_kind),
        share_rows=tuple(
            (index.format_port_name(port), count_shares(index, port)) for port in ports
        ),
    )


def scale_condition(condition: float) -> float:
    """Return the horizontal coordinate of a condition number."""
    power = min(math.log10(condition), MAXIMUM_POWER) if condition > 1 else 0.0
    return PLOT_WIDTH * power / MAXIMUM_POWER


def scale_digits(digits: float) -> float:
    """Return the vertical coordinate, which points down, of a number of correct digits."""
    return PLOT_HEIGHT * (1 - min(max(digits, 0.0), MAXIMUM_DIGITS) / MAXIMUM_DIGITS)


def plot_digits(index: Index, port: PortRecord) -> DigitsPlot | None:
    """Return the plot of a port's solutions; None if no case asked it for a unique solution."""
    right: list[Point] = []
    wrong: list[Point] = []
    missing: list[Point] = []
    for case, verdict in find_solution_verdicts(index, port):
        x = scale_condition(case.condition)
        digits = verdict.measures.get("digits")
        if digits is None:
            missing.append((x, scale_digits(0)))
        elif verdict.outcome.deviates:
            wrong.append((x, scale_digits(digits)))
        else:
            right.append((x, scale_digits(digits)))
    if not (right or wrong or missing):
        return None
    name = index.format_port_name(port)
    label = (
        f"{name}: x is right in {len(right)} systems, not right in {len(wrong)}, "
        f"and not finite in {len(missing)}"
    )
    return DigitsPlot(name, draw_dots(right), draw_crosses(wrong), draw_crosses(missing), label)


def find_solution_verdicts(
    index: Index, port: PortRecord
) -> Iterator[tuple[CaseSummary, VerdictRecord]]:
    """Yield the verdicts on x in the shown systems with a unique solution.

    A verdict counts if it has a number of correct digits, deviates or is blocked.
    """
    check = index.choose_solving_check(port)
    for case in index.select_shown(index.cases):
        if case.find_solutions(port.arithmetic) != "unique":
            continue
        for verdict in index.read_verdicts(port, case.name):
            is_missing = verdict.outcome.deviates or verdict.outcome is Outcome.BLOCKED
            if verdict.check == check and ("digits" in verdict.measures or is_missing):
                yield case, verdict


def draw_dots(points: Iterable[Point]) -> str:
    """Return points as SVG path data: lines of length 0, which round line caps turn into dots."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)


def draw_crosses(points: Iterable[Point]) -> str:
    """Return points as SVG path data for crosses."""
    return "".join(f"M{x - 2.5:.1f} {y - 2.5:.1f}l5 5m0-5l-5 5" for x, y in points)


def count_shares(index: Index, port: PortRecord) -> tuple[SolvedShare, ...]:
    """Return the share of right cases of a port for each kind."""
    return tuple(count_right_cases(index, port, cases) for cases in index.cases_by_kind.values())


def count_right_cases(index: Index, port: PortRecord, cases: Sequence[CaseSummary]) -> SolvedShare:
    """Return the share of right cases: those with a judgement and without a deviation."""
    cells = index.get_cells(port)
    marks = [cells[case.name].marks for case in cases if case.name in cells]
    is_judged = {
        id(each): any(mark.outcome.standing is not Standing.NEITHER for mark in each.all)
        for each in marks
    }
    judged = [each for each in marks if is_judged[id(each)]]
    right = sum(not each.deviating for each in judged)
    percentage = f"{100 * right / len(judged):.1f}" if judged else "0"
    return SolvedShare(right, len(judged), percentage)
