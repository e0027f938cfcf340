"""The pivots of a port, step by step, as the harness replayed them from the printed matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.text import count_noun, format_figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.results.schema import PivotChoiceRecord, VerdictRecord

MAXIMUM_STEPS = 8
"""The steps of a trace that are shown, around its first departure; the others are folded."""

MAXIMUM_CANDIDATES = 6

CLEARLY_SMALLER = 0.999
"""A pivot that is smaller than this share of the largest is not the largest within rounding."""


@dataclass(frozen=True)
class PivotCandidate:
    """A candidate row, from 1, and the magnitude of its entry in the column.

    `is_expected` marks the row with the largest entry where the port took another.
    """

    row: int
    magnitude: str
    is_taken: bool
    is_expected: bool


@dataclass(frozen=True)
class PivotRow:
    """One step of an elimination; steps, columns and rows count from 1.

    `other_candidates` is the number of candidates that are not shown; `taken` and `reason` are for
    people. `is_first_departure` marks the first step that is not legal.
    """

    number: int
    column: int
    candidates: tuple[PivotCandidate, ...]
    other_candidates: int
    taken: str
    reason: str
    is_legal: bool
    is_first_departure: bool


@dataclass(frozen=True)
class PivotTrace:
    """The steps of an elimination: those that are shown, and the folded ones before and after.

    `summary` describes the elimination in a few words.
    """

    summary: str
    steps_before: tuple[PivotRow, ...]
    shown_steps: tuple[PivotRow, ...]
    steps_after: tuple[PivotRow, ...]
    has_departure: bool


def find_pivot_trace(verdicts: Iterable[VerdictRecord]) -> PivotTrace | None:
    """Return the trace among the verdicts about one case; None if no pivots were replayed."""
    return next((build_pivot_trace(verdict.trace) for verdict in verdicts if verdict.trace), None)


def build_pivot_trace(pivots: Sequence[PivotChoiceRecord]) -> PivotTrace:
    """Return the trace of a replay, with its first departure among the steps shown."""
    departure = next((number for number, pivot in enumerate(pivots) if not pivot.legal), None)
    steps = tuple(
        build_pivot_row(number, pivot, number == departure) for number, pivot in enumerate(pivots)
    )
    start, end = choose_shown_steps(len(steps), departure or 0)
    return PivotTrace(
        summary=describe_replay(pivots, departure),
        steps_before=steps[:start],
        shown_steps=steps[start:end],
        steps_after=steps[end:],
        has_departure=departure is not None,
    )


def choose_shown_steps(steps: int, middle: int) -> tuple[int, int]:
    """Return the range of the shown steps around a step: the first, and the one after the last."""
    start = max(0, min(middle - MAXIMUM_STEPS // 2, steps - MAXIMUM_STEPS))
    return start, min(steps, start + MAXIMUM_STEPS)


def describe_replay(pivots: Sequence[PivotChoiceRecord], departure: int | None) -> str:
    """Return the number of steps and the first departure, in a few words."""
    steps = count_noun(len(pivots), "step")
    if departure is None:
        return f"{steps}, {'legal' if len(pivots) == 1 else 'all legal'}"
    departures = sum(not pivot.legal for pivot in pivots)
    later = f", and {count_noun(departures - 1, 'later one')}" if departures > 1 else ""
    return f"{steps}; step {departure + 1} departs from the promised pivoting{later}"


def build_pivot_row(number: int, pivot: PivotChoiceRecord, is_first_departure: bool) -> PivotRow:
    """Return one step of a replay; the row that was taken is always among the candidates shown."""
    taken = [candidate for candidate in pivot.candidates if candidate[0] == pivot.taken]
    others = [
        candidate
        for candidate in pivot.candidates[:MAXIMUM_CANDIDATES]
        if candidate[0] != pivot.taken
    ]
    others = others[: MAXIMUM_CANDIDATES - len(taken)]
    shown_rows = {row for row, _ in (*others, *taken)}
    shown = [candidate for candidate in pivot.candidates if candidate[0] in shown_rows]
    return PivotRow(
        number=number + 1,
        column=pivot.column + 1,
        candidates=tuple(
            PivotCandidate(
                row=row + 1,
                magnitude=format_figure(magnitude),
                is_taken=row == pivot.taken,
                is_expected=not pivot.legal and row == find_due_row(pivot),
            )
            for row, magnitude in shown
        ),
        other_candidates=pivot.others + len(pivot.candidates) - len(shown),
        taken="none" if pivot.taken is None else f"row {pivot.taken + 1}",
        reason=explain_choice(pivot),
        is_legal=pivot.legal,
        is_first_departure=is_first_departure,
    )


def find_due_row(pivot: PivotChoiceRecord) -> int | None:
    """Return the row, from 0, that was due where another one was taken."""
    if pivot.due is not None:
        return pivot.due[0]
    return pivot.candidates[0][0] if pivot.candidates else None


def describe_wrong_choice(pivot: PivotChoiceRecord) -> str:
    """Return why a choice of a pivot is not legal, in a few words."""
    largest = pivot.candidates[0][0] if pivot.candidates else None
    is_largest_due = find_due_row(pivot) == largest
    return "not the largest" if is_largest_due else "not as promised"


def explain_choice(pivot: PivotChoiceRecord) -> str:
    """Return why a choice of a pivot was legal, or not, in a few words."""
    if pivot.taken is None:
        return "no pivot in this column" if pivot.legal else "column skipped"
    if not pivot.legal:
        return describe_wrong_choice(pivot)
    magnitudes = dict(pivot.candidates)
    largest = max(magnitudes.values(), default=0.0)
    if magnitudes.get(pivot.taken, largest) < CLEARLY_SMALLER * largest:
        return "as promised"
    if magnitudes.get(pivot.taken) != largest:
        return "the largest, within rounding"
    ties = sum(magnitude == magnitudes[pivot.taken] for magnitude in magnitudes.values())
    return "one of the largest" if ties > 1 else "the largest"
