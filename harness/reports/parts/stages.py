"""The stages that a port printed for a case, each beside what was due for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic, Solutions
from harness.model.procedure import LABELS, SECONDS, label_of
from harness.model.verdict import Outcome
from harness.numerics import rational
from harness.reports.parts.elimination import compute_echelon_form, parse_matrix
from harness.reports.parts.matrices import (
    NORMAL_LIMIT,
    REDUCED_LIMIT,
    EntryPosition,
    Matrix,
    choose_shown_part,
    count_correct_digits,
    parse_finite,
    typeset_matrix,
)
from harness.text import clip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        PivotChoiceRecord,
        Rows,
        StageRecord,
        VerdictRecord,
    )

RELATIVE_TOLERANCE = 1e-9

MAXIMUM_RATIO_CHARACTERS = 12
"""A ratio of more characters is shown as the nearest double."""


@dataclass(frozen=True)
class StageTable:
    """One printed stage; `trouble` says why it cannot be shown, where it cannot.

    `due` is None where nothing single was due. `same` says what it is equal to, but for rounding,
    where that was shown already.
    """

    label: str
    printed: Matrix | None
    due: Matrix | None
    trouble: str
    same: str = ""


@dataclass
class ShownResults:
    """What was shown of a case so far: the matrices by label, and the pivots, each with whose they
    were. What is right and the same, but for rounding, need not be shown again."""

    matrices: dict[str, list[tuple[str, list[list[float]]]]] = field(default_factory=dict)
    pivots: dict[tuple[tuple[int, int | None], ...], str] = field(default_factory=dict)

    def before(self, label: str, rows: Rows, whose: str) -> str:
        """Who printed the same before, but for rounding; nobody where that is new."""
        found = convert_to_doubles(rows)
        for name, other in self.matrices.setdefault(label, []):
            if are_close(found, other):
                return name
        self.matrices[label].append((whose, found))
        return ""

    def pivots_before(self, trace: Sequence[PivotChoiceRecord], whose: str) -> str:
        """Who took the same pivots before; nobody where that is new."""
        key = tuple((step.column, step.taken) for step in trace)
        name = self.pivots.setdefault(key, whose)
        return "" if name == whose else name


def convert_to_doubles(rows: Rows) -> list[list[float]]:
    """The doubles nearest to the numbers of a matrix; NaN for what is not finite."""
    return [[parse_nearest_double(text) for text in row] for row in rows]


@lru_cache(maxsize=1 << 16)
def parse_nearest_double(text: str) -> float:
    """The double nearest to a number."""
    return rational.nearest_double(parse_finite(text))


def are_close(a: list[list[float]], b: list[list[float]]) -> bool:
    """Whether two matrices are the same to nine digits of their largest entry."""
    if [len(row) for row in a] != [len(row) for row in b]:
        return False
    size = max((abs(v) for row in a for v in row if math.isfinite(v)), default=0.0)
    return all(
        v == w or abs(v - w) <= RELATIVE_TOLERANCE * size or (math.isnan(v) and math.isnan(w))
        for row, other in zip(a, b, strict=True)
        for v, w in zip(row, other, strict=True)
    )


def build_stage_tables(
    answer: AnswerRecord | None,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    verdicts: Sequence[VerdictRecord],
    told: ExpectedRecord | None = None,
    shown: ShownResults | None = None,
    whose: str = "",
) -> tuple[StageTable, ...]:
    """The printed stages in the order of the procedures, deviating entries marked.

    What was due stands beside what was printed; not beside what is right where `told`, which was
    told before, is just that, and of the many echelon forms only beside one that deviates. What is
    right, and was `shown` of another port already, is told by a word.
    """
    if answer is None:
        return ()
    marked: dict[str, set[EntryPosition]] = {}
    for verdict in verdicts:
        marked.setdefault(label_of(verdict.check), set()).update(verdict.entries)
    amiss = {label_of(v.check) for v in verdicts if v.outcome is not Outcome.RIGHT}
    deviating = any(v.outcome.deviates for v in verdicts if label_of(v.check) == "echelon")
    labels = [label for label in LABELS if label in answer.stages and label != SECONDS]
    labels += [label for label in answer.stages if label not in LABELS]
    beside = {
        label: deviating
        if label == "echelon"
        else label in amiss
        or find_expected_rows(label, case, expected) != find_expected_rows(label, case, told)
        for label in labels
    }
    found = []
    for label, is_beside in beside.items():
        record, places = answer.stages[label], marked.get(label, set())
        each = build_stage_table(label, record, case, expected, places, is_beside)
        news = shown and each.printed and label not in amiss
        if shown and news and (name := shown.before(label, record.rows, whose)):
            each = StageTable(each.label, None, None, "", same=f"{name}’s")
        found.append(each)
    return tuple(found)


def build_stage_table(
    label: str,
    record: StageRecord,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    marked: set[EntryPosition],
    is_beside: bool,
) -> StageTable:
    """One printed stage; of two large matrices the same part is shown.

    `is_beside` says that what was due stands beside it. Where not, and what was printed is that
    but for rounding, a word is enough.
    """
    name = clip(label, 40)
    if record.trouble or not record.rows:
        return StageTable(name, None, None, record.trouble or explain_missing_rows(record.shape))
    rows = find_expected_rows(label, case, expected) or ()
    if (
        not is_beside
        and rows
        and are_close(convert_to_doubles(record.rows), convert_to_doubles(rows))
    ):
        return StageTable(name, None, None, "", same="expected")
    bar = case.right_hand_sides if label in ("echelon", "reduced") else 0
    room = NORMAL_LIMIT if is_beside or marked else REDUCED_LIMIT
    choice = choose_shown_part(len(record.rows), max(map(len, record.rows)), marked, room)
    digits = count_correct_digits(record.rows, rows, marked) if is_beside else {}
    brief = room is REDUCED_LIMIT and label != "solution"
    printed = typeset_matrix(
        f"{name}, as printed", record.rows, bar, marked, choice, digits=digits, brief=brief
    )
    title = f"{name}, expected{' with the largest pivots' if label == 'echelon' else ''}"
    due = typeset_matrix(title, rows, bar, marked, choice, due=True) if rows and is_beside else None
    return StageTable(name, printed, due, "")


def explain_missing_rows(shape: tuple[int, ...]) -> str:
    """Why there are no rows of a stage that could be read."""
    if not math.prod(shape):
        return "nothing was printed"
    extent = " × ".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]} numbers"
    return f"not kept: {extent}, nothing deviates"


def find_expected_rows(
    label: str, case: CaseRecord, expected: ExpectedRecord | None
) -> Rows | None:
    """The rows that were due for a stage, where there is exactly one answer; of the echelon forms,
    which are many, the one that is made with the largest pivots."""
    if expected and label == "echelon":
        return build_expected_echelon_form(case, expected)
    if expected and label == "reduced":
        return expected.reduced
    if expected and expected.solution and label == "solution":
        return build_column(expected.solution)
    if expected and label == "rank":
        return ((str(expected.rank),),)
    if expected and label == "determinant" and expected.determinant is not None:
        return ((expected.determinant,),)
    if expected and label == "inverse":
        return expected.inverse
    if expected and label == "solve" and expected.solutions == Solutions.UNIQUE:
        return tuple(row[case.unknowns :] for row in expected.reduced[: case.unknowns])
    return None


def build_expected_echelon_form(case: CaseRecord, expected: ExpectedRecord) -> Rows | None:
    """The echelon form of a small system that is made with the largest pivots."""
    if case.rows > NORMAL_LIMIT.rows or case.unknowns > NORMAL_LIMIT.rows:
        return None
    binary64 = expected is case.expected.get(Arithmetic.BINARY64)
    arithmetic = Arithmetic.BINARY64 if binary64 else Arithmetic.RATIONAL64
    return format_echelon_form(case.system, case.unknowns, arithmetic)


@lru_cache(maxsize=1 << 10)
def format_echelon_form(system: Rows, unknowns: int, arithmetic: Arithmetic) -> Rows | None:
    """The echelon form of a system: asked for once for each port, and the same for all."""
    try:
        echelon = compute_echelon_form(parse_matrix(system, arithmetic), unknowns)
        return tuple(tuple(map(format_entry, row)) for row in echelon)
    except (OverflowError, ValueError, IndexError):
        # Results files that hold something else than a system of numbers.
        return None


def format_entry(value: Fraction) -> str:
    """A number in full where that is short, else the nearest double."""
    text = str(value)
    return text if len(text) <= MAXIMUM_RATIO_CHARACTERS else repr(float(value))


def build_column(values: tuple[str, ...]) -> Rows:
    """A vector as a matrix of one column."""
    return tuple((value,) for value in values)


def group_repeated_labels(stages: Sequence[StageTable]) -> dict[str, list[str]]:
    """The labels of the stages that need not be shown, by what they are equal to."""
    found: dict[str, list[str]] = {}
    for stage in stages:
        if stage.same:
            found.setdefault(stage.same, []).append(stage.label)
    return found
