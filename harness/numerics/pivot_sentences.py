"""Sentences about a replayed elimination. Steps, rows and columns count from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.promises import Pivoting
from harness.numerics.error_measures import format_number

if TYPE_CHECKING:
    from harness.model.pivot import Mismatch, PivotChoice, PivotEntry, Replay

DIGITS_SHOWN = (4, 6, 8, 10, 12, 15, 17)
"""The significant digits that are tried until two numbers look different."""


def describe_departure(replayed: Replay, pivoting: Pivoting = Pivoting.PARTIAL) -> str:
    """Return the first departure of a replay from the promised pivoting as a sentence.

    The replay has a departure. An example: `step 1, column 1: took row 1 (|1|); row 3 has |3|`.
    """
    number, step = next((n, s) for n, s in enumerate(replayed.steps, 1) if not s.legal)
    taken = "no row" if step.taken is None else format_candidate(step, step.taken)
    if step.due is None:
        due = "which counts as 0 by the declared tolerance"
    elif step.taken is None:
        due = f"row {step.due.row + 1} has |{format_number(step.due.magnitude)}|"
    else:
        due = describe_due(step.due, step.column, pivoting)
    separator = "," if step.due is None else ";"
    return f"step {number}, column {step.column + 1}: took {taken}{separator} {due}"


def describe_due(due: PivotEntry, column: int, pivoting: Pivoting) -> str:
    """Return a clause about the entry that the promised pivoting takes."""
    row, size = f"row {due.row + 1}", f"|{format_number(due.magnitude)}|"
    if pivoting is Pivoting.SCALED:
        return f"{row} has {size}, which is larger in proportion to its row"
    if pivoting is Pivoting.COMPLETE and due.column != column:
        return f"{row} has {size} in column {due.column + 1}"
    if pivoting is Pivoting.FIRST_NONZERO:
        return f"{row} comes first, with {size}"
    if pivoting is Pivoting.NONE:
        return f"{row} comes next, as rows are never interchanged"
    return f"{row} has {size}"


def format_candidate(step: PivotChoice, row: int) -> str:
    """Return a candidate of a step, such as `row 1 (|3|)`."""
    size = next(c.magnitude for c in step.candidates if c.row == row)
    return f"row {row + 1} (|{format_number(size)}|)"


def describe_mismatch(mismatch: Mismatch) -> str:
    """Return what was printed in an entry, and what elimination leaves there."""
    for digits in DIGITS_SHOWN:
        printed, due = format_number(mismatch.printed, digits), format_number(mismatch.due, digits)
        if printed != due:
            break
    place = f"row {mismatch.row + 1} has {printed} in column {mismatch.column + 1}"
    return f"{place}; elimination leaves {due} there (row {mismatch.source + 1} of the system)"
