"""The input that a procedure was given: no procedure of its own, but a promise of a port.

A manifest names the procedures that leave their input unchanged. After such a procedure, the driver
prints the input under the label `input PROCEDURE`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.model.answer import Ending
from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.verdict import Judgement, Outcome
from harness.procedures.declaration import Result
from harness.procedures.grading import mismatch_of_shape
from harness.procedures.procedure import Procedure
from harness.text import count_noun, join_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage, Values
    from harness.model.number import Value
    from harness.numerics.error_measures import Place
    from harness.procedures.evidence import Evidence
    from harness.procedures.inputs import Rows

UNCHANGED = Check(
    "input.unchanged",
    "Do the procedures that promise it leave their input alone?",
    claim=PortClaim.LEAVES_INPUT_UNCHANGED,
)

NOT_HANDED_BACK = "the driver does not print the input of"


def label_input(procedure: str) -> str:
    """Return the label under which a driver prints the input of a procedure."""
    return f"input {procedure}"


def is_input(label: str) -> bool:
    """Return whether a label is that of an input, and not of a result."""
    return label.startswith("input ")


def declare_inputs(procedures: Mapping[str, Procedure]) -> dict[str, Result]:
    """Return the inputs of procedures as results that may be printed, by label."""
    return {
        label_input(name): Result(label_input(name), procedure.input.shape, judged=False)
        for name, procedure in procedures.items()
    }


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the inputs of all procedures that promise to leave them unchanged."""
    transcript = evidence.transcript
    if transcript.ending is Ending.NOT_ASKED:
        yield Judgement(UNCHANGED, Outcome.ABSENT, transcript.reason)
    elif transcript.ending is Ending.GIVEN_UP:
        yield Judgement(UNCHANGED, Outcome.GIVEN_UP, transcript.reason)
    else:
        yield judge_inputs(evidence)


def judge_inputs(evidence: Evidence) -> Judgement:
    """Judge the inputs that were printed.

    A procedure that is given what an earlier one has changed is not at fault.
    """
    unreadable, changes, unchanged, missing = [], [], [], []
    changed_rows: list[Rows] = []
    for procedure in evidence.asked:
        if procedure.name not in evidence.contract.leaves_input_unchanged:
            continue
        assert isinstance(procedure, Procedure)
        stage, given = find_input(evidence, procedure), procedure.input.rows(evidence)
        if stage is None or given is None:
            missing += [procedure.name] if given is not None else []
        elif complaint := stage.trouble or mismatch_of_shape(stage, shape_of(given), "was given"):
            unreadable.append(f"the input of {procedure.name}: {complaint}")
        elif stage.rows in changed_rows or not (places := find_changes(given, stage.rows)):
            unchanged.append(procedure.name)
        else:
            changed_rows.append(stage.rows)
            changes.append(describe_changes(procedure.name, places, given, stage.rows))
    if changes:
        return Judgement(UNCHANGED, Outcome.WRONG, "; ".join(changes))
    if unreadable:
        return Judgement(UNCHANGED, Outcome.UNREADABLE, "; ".join(unreadable))
    detail = f"{NOT_HANDED_BACK} {join_words(missing)}" if missing else ""
    if unchanged:
        return Judgement(UNCHANGED, Outcome.RIGHT, detail)
    return Judgement(UNCHANGED, Outcome.ABSENT, detail or "no such procedure is asked, or works")


def find_input(evidence: Evidence, procedure: Procedure) -> Stage | None:
    """Return the printed input of a procedure; None if there is none, or it was broken off."""
    stage = evidence.transcript.stages.get(label_input(procedure.name))
    is_broken_off = evidence.transcript.ending is not Ending.COMPLETED
    return None if stage and stage.trouble and is_broken_off else stage


def shape_of(rows: Sequence[Values]) -> tuple[int, int]:
    """Return the numbers of rows and columns."""
    return len(rows), len(rows[0]) if rows else 0


def find_changes(given: Rows, handed_back: Rows) -> list[Place]:
    """Return the places of the entries that differ, as (row, column) from 0."""
    if given == handed_back:
        return []
    return [
        (i, j)
        for i, (before, after) in enumerate(zip(given, handed_back, strict=True))
        for j, (old, new) in enumerate(zip(before, after, strict=True))
        if not is_same(old, new)
    ]


def is_same(old: Value, new: Value) -> bool:
    """Return whether two numbers are equal; NaN is equal to NaN, and −0 to 0."""
    if isinstance(old, float) and isinstance(new, float):
        return old == new or (math.isnan(old) and math.isnan(new))
    return old == new


def describe_changes(
    procedure: str, places: Sequence[Place], given: Rows, handed_back: Rows
) -> str:
    """Return a clause with the first change: its place, and the numbers before and after."""
    i, j = places[0]
    others = len(places) - 1
    more = f" and {count_noun(others, 'more change')}" if others else ""
    old, new = (format_exactly(rows[i][j]) for rows in (given, handed_back))
    return (
        f"{procedure} changes its input: row {i + 1}, column {j + 1} was {old} and is {new}{more}"
    )


def format_exactly(value: Value) -> str:
    """Return a number with all of its digits, and the minus sign U+2212."""
    return (f"{value:.17g}" if isinstance(value, float) else str(value)).replace("-", "−")


PROCEDURE = Procedure(
    name="unchanged_input",
    results=(),
    checks=(UNCHANGED,),
    judge=judge,
    promise="leaves_input_unchanged",
)
