"""The stages that a port printed for a case, each beside what was due for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.cases import Arithmetic
from harness.reports.elimination import echelon_form, numbers
from harness.reports.text import clipped
from harness.reports.typeset import (
    MOST_ROWS,
    Matrix,
    Place,
    choose,
    correct_digits,
    number,
    typeset,
)
from harness.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from harness.results import Answer, CaseRecord, ExpectedRecord, Rows, StageRecord, Verdict
    from harness.verdict import Check

ORDER = ("echelon", "reduced", "solution")

LONGEST_EXACT = 12
"""A ratio of more characters is shown as the nearest double."""


@dataclass(frozen=True)
class Stage:
    """One printed stage; `trouble` says why it cannot be shown, where it cannot.

    `due` is None where nothing single was due.
    """

    label: str
    printed: Matrix | None
    due: Matrix | None
    trouble: str


def stage_of(check: Check) -> str:
    """The printed stage whose entries a check's verdict points at; nothing where there is none."""
    label = check.value.partition(".")[0]
    return label if label in ORDER else ""


def stages(
    answer: Answer | None,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    verdicts: Sequence[Verdict],
    told: ExpectedRecord | None = None,
) -> tuple[Stage, ...]:
    """The printed stages in the order of the procedures, deviating entries marked.

    What was due stands beside what was printed; not beside what is right where `told`, which was
    told before, is just that, and of the many echelon forms only beside one that deviates.
    """
    if answer is None:
        return ()
    marked: dict[str, set[Place]] = {}
    for verdict in verdicts:
        marked.setdefault(stage_of(verdict.check), set()).update(verdict.entries)
    amiss = {stage_of(v.check) for v in verdicts if v.outcome is not Outcome.RIGHT}
    deviating = any(v.outcome.deviates for v in verdicts if stage_of(v.check) == "echelon")
    labels = [label for label in ORDER if label in answer.stages]
    labels += [label for label in answer.stages if label not in ORDER]
    shown = {
        label: deviating if label == "echelon" else label in amiss or expected != told
        for label in labels
    }
    return tuple(
        stage(label, answer.stages[label], case, expected, marked.get(label, set()), is_beside)
        for label, is_beside in shown.items()
    )


def stage(
    label: str,
    record: StageRecord,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    marked: set[Place],
    is_beside: bool,
) -> Stage:
    """One printed stage; of two large matrices the same part is shown.

    `is_beside` says that what was due stands beside it. Where not, and what was printed is exactly
    that, a word is enough.
    """
    name = clipped(label, 40)
    if record.trouble or not record.rows:
        return Stage(name, None, None, record.trouble or without_rows(record.shape))
    rows = due_rows(label, case, expected) or ()
    if not is_beside and rows and equal(record.rows, rows):
        return Stage(name, None, None, "exactly as expected")
    bar = 0 if label == "solution" else case.right_hand_sides
    choice = choose(len(record.rows), max(map(len, record.rows)), marked)
    digits = correct_digits(record.rows, rows, marked) if is_beside else {}
    printed = typeset(f"{name}, as printed", record.rows, bar, marked, choice, digits=digits)
    title = f"{name}, expected{' with the largest pivots' if label == 'echelon' else ''}"
    due = typeset(title, rows, bar, marked, choice, due=True) if rows and is_beside else None
    return Stage(name, printed, due, "")


def equal(printed: Rows, due: Rows) -> bool:
    """Whether two matrices hold the same numbers, however they are written."""
    return [[number(text) for text in row] for row in printed] == [
        [number(text) for text in row] for row in due
    ]


def without_rows(shape: tuple[int, ...]) -> str:
    """Why there are no rows of a stage that could be read."""
    if not math.prod(shape):
        return "nothing was printed"
    extent = " × ".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]} numbers"
    return f"not kept: {extent}, nothing deviates"


def due_rows(label: str, case: CaseRecord, expected: ExpectedRecord | None) -> Rows | None:
    """The rows that were due for a stage, where there is exactly one answer; of the echelon forms,
    which are many, the one that is made with the largest pivots."""
    if expected and label == "echelon":
        return echelon_rows(case, expected)
    if expected and label == "reduced":
        return expected.reduced
    if expected and expected.solution and label == "solution":
        return column(expected.solution)
    return None


def echelon_rows(case: CaseRecord, expected: ExpectedRecord) -> Rows | None:
    """The echelon form of a small system that is made with the largest pivots."""
    if case.rows > MOST_ROWS or case.unknowns > MOST_ROWS:
        return None
    binary64 = expected is case.expected.get(Arithmetic.BINARY64)
    try:
        system = numbers(case.system, Arithmetic.BINARY64 if binary64 else Arithmetic.RATIONAL64)
        return tuple(tuple(map(briefly, row)) for row in echelon_form(system, case.unknowns))
    except (OverflowError, ValueError, IndexError):
        # Results files that hold something else than a system of numbers.
        return None


def briefly(value: Fraction) -> str:
    """A number in full where that is short, else the nearest double."""
    text = str(value)
    return text if len(text) <= LONGEST_EXACT else repr(float(value))


def column(values: tuple[str, ...]) -> Rows:
    """A vector as a matrix of one column."""
    return tuple((value,) for value in values)
