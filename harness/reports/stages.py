"""The stages that a port printed for a case, each beside what was due for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.text import clipped
from harness.reports.typeset import Matrix, Place, choose, typeset
from harness.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.results import Answer, CaseRecord, ExpectedRecord, Rows, StageRecord, Verdict
    from harness.verdict import Check

ORDER = ("echelon", "reduced", "solution")


@dataclass(frozen=True)
class Stage:
    """One printed stage; `trouble` says why it cannot be shown, where it cannot.

    `due` is None where nothing single was due, as for an echelon form.
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
    told before, is just that.
    """
    if answer is None:
        return ()
    marked: dict[str, set[Place]] = {}
    for verdict in verdicts:
        marked.setdefault(stage_of(verdict.check), set()).update(verdict.entries)
    amiss = {stage_of(v.check) for v in verdicts if v.outcome is not Outcome.RIGHT}
    labels = [label for label in ORDER if label in answer.stages]
    labels += [label for label in answer.stages if label not in ORDER]
    return tuple(
        stage(
            label,
            answer.stages[label],
            case,
            expected if label in amiss or expected != told else None,
            marked.get(label, set()),
        )
        for label in labels
    )


def stage(
    label: str,
    record: StageRecord,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    marked: set[Place],
) -> Stage:
    """One printed stage; of two large matrices the same part is shown."""
    name = clipped(label, 40)
    if record.trouble or not record.rows:
        return Stage(name, None, None, record.trouble or without_rows(record.shape))
    bar = 0 if label == "solution" else case.right_hand_sides
    choice = choose(len(record.rows), max(map(len, record.rows)), marked)
    printed = typeset(f"{name}, as printed", record.rows, bar, marked, choice)
    rows = due_rows(label, expected)
    due = typeset(f"{name}, expected", rows, bar, marked, choice, due=True) if rows else None
    return Stage(name, printed, due, "")


def without_rows(shape: tuple[int, ...]) -> str:
    """Why there are no rows of a stage that could be read."""
    if not math.prod(shape):
        return "nothing was printed"
    extent = " × ".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]} numbers"
    return f"not kept: {extent}, nothing deviates"


def due_rows(label: str, expected: ExpectedRecord | None) -> Rows | None:
    """The rows that were due for a stage, where there is exactly one answer."""
    if expected and label == "reduced":
        return expected.reduced
    if expected and expected.solution and label == "solution":
        return column(expected.solution)
    return None


def column(values: tuple[str, ...]) -> Rows:
    """A vector as a matrix of one column."""
    return tuple((value,) for value in values)
