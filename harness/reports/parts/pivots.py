"""The pivots that a port took, step by step, as they were read back from what it printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.text import count_noun, format_figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.results.schema import PivotChoiceRecord, VerdictRecord

MAXIMUM_STEPS = 8
"""A longer trace is shown around its first departure; the rest is folded away."""

MAXIMUM_CANDIDATES = 6


@dataclass(frozen=True)
class PivotCandidate:
    """A row that could be taken, from 1, with the magnitude of its entry in the column.

    `due` marks the row that was to be taken, where another was.
    """

    row: int
    magnitude: str
    taken: bool
    due: bool


@dataclass(frozen=True)
class PivotRow:
    """One step: steps, columns and rows are counted from 1; `taken` and `explain_choice` are words."""

    number: int
    column: int
    candidates: tuple[PivotCandidate, ...]
    others: int
    taken: str
    ruling: str
    legal: bool
    departs: bool


@dataclass(frozen=True)
class PivotTrace:
    """The steps of an elimination; those `before` and `after` the ones shown can be unfolded.

    `describe_replay` says in a few words how it went.
    """

    news: str
    before: tuple[PivotRow, ...]
    shown: tuple[PivotRow, ...]
    after: tuple[PivotRow, ...]
    departs: bool


def find_pivot_trace(verdicts: Iterable[VerdictRecord]) -> PivotTrace | None:
    """The pivots among what was found of one case; None where they were not replayed."""
    return next((build_pivot_trace(verdict.trace) for verdict in verdicts if verdict.trace), None)


def build_pivot_trace(pivots: Sequence[PivotChoiceRecord]) -> PivotTrace:
    """The steps of a replay, with its first departure in sight."""
    first = next((number for number, pivot in enumerate(pivots) if not pivot.legal), None)
    steps = tuple(
        build_pivot_row(number, pivot, number == first) for number, pivot in enumerate(pivots)
    )
    start, end = choose_shown_steps(len(steps), first or 0)
    return PivotTrace(
        news=describe_replay(pivots, first),
        before=steps[:start],
        shown=steps[start:end],
        after=steps[end:],
        departs=first is not None,
    )


def choose_shown_steps(steps: int, middle: int) -> tuple[int, int]:
    """The first of the steps that are shown, and the one behind the last."""
    start = max(0, min(middle - MAXIMUM_STEPS // 2, steps - MAXIMUM_STEPS))
    return start, min(steps, start + MAXIMUM_STEPS)


def describe_replay(pivots: Sequence[PivotChoiceRecord], first: int | None) -> str:
    """How a replay went, in a few words."""
    if first is None:
        return f"{count_noun(len(pivots), 'step')}, {'legal' if len(pivots) == 1 else 'all legal'}"
    departures = sum(not pivot.legal for pivot in pivots)
    more = f", and {count_noun(departures - 1, 'later one')}" if departures > 1 else ""
    return (
        f"{count_noun(len(pivots), 'step')}; step {first + 1} departs from partial pivoting{more}"
    )


def build_pivot_row(number: int, pivot: PivotChoiceRecord, departs: bool) -> PivotRow:
    """One step of a replay; the row that was taken is among the candidates shown."""
    shown = [pair for pair in pivot.candidates[:MAXIMUM_CANDIDATES] if pair[0] != pivot.taken]
    taken = [pair for pair in pivot.candidates if pair[0] == pivot.taken]
    room = MAXIMUM_CANDIDATES - len(taken)
    kept = {row for row, _ in (*shown[:room], *taken)}
    candidates = [pair for pair in pivot.candidates if pair[0] in kept]
    return PivotRow(
        number=number + 1,
        column=pivot.column + 1,
        candidates=tuple(
            PivotCandidate(
                row=row + 1,
                magnitude=format_figure(magnitude),
                taken=row == pivot.taken,
                due=not pivot.legal and place == 0,
            )
            for place, (row, magnitude) in enumerate(candidates)
        ),
        others=pivot.others + len(pivot.candidates) - len(candidates),
        taken="none" if pivot.taken is None else f"row {pivot.taken + 1}",
        ruling=explain_choice(pivot),
        legal=pivot.legal,
        departs=departs,
    )


def explain_choice(pivot: PivotChoiceRecord) -> str:
    """Whether a choice was legal, and why."""
    if pivot.taken is None:
        return "nothing to take" if pivot.legal else "passed over"
    if not pivot.legal:
        return "not the largest"
    magnitudes = dict(pivot.candidates)
    if magnitudes.get(pivot.taken) != max(magnitudes.values(), default=None):
        return "the largest, but for rounding"
    ties = sum(magnitude == magnitudes[pivot.taken] for magnitude in magnitudes.values())
    return "as large as any" if ties > 1 else "the largest"
