"""The stages that a port printed for a case, each beside the expected stage."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.model.verdict import Outcome
from harness.numerics import rational
from harness.numerics.elimination import echelon_form
from harness.procedures.registry import RESULTS
from harness.procedures.solve import SECONDS
from harness.reports.parts.elimination import parse_matrix
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

    from harness.results.record import Rows
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        PivotChoiceRecord,
        StageRecord,
        VerdictRecord,
    )

RELATIVE_TOLERANCE = 1e-9

MAXIMUM_LABEL_CHARACTERS = 40

MAXIMUM_RATIO_CHARACTERS = 12
"""A longer ratio is shown as the nearest double."""


@dataclass(frozen=True)
class StageTable:
    """One printed stage; `trouble` is the reason if it cannot be shown.

    `expected` is None unless it is shown beside the printed stage. `same_as` names the stage
    (`expected`, or that of another port) that this one equals, apart from rounding, and that is
    shown elsewhere; `printed` is None then.
    """

    label: str
    printed: Matrix | None
    expected: Matrix | None
    trouble: str
    same_as: str = ""


@dataclass
class ShownResults:
    """The results of a case that the page has shown so far, each with the title of its port.

    `matrices` are the right matrices by label, `pivots` the pivots by column and row. A result that
    is right and equal to one of these, apart from rounding, need not be shown again.
    """

    matrices: dict[str, list[tuple[str, list[list[float]]]]] = field(default_factory=dict)
    pivots: dict[tuple[tuple[int, int | None], ...], str] = field(default_factory=dict)

    def find_or_add_matrix(self, label: str, rows: Rows, port_title: str) -> str:
        """Return the title of the port with the same matrix; else add this one and return ""."""
        matrix = convert_to_doubles(rows)
        for other_title, other_matrix in self.matrices.setdefault(label, []):
            if are_close(matrix, other_matrix):
                return other_title
        self.matrices[label].append((port_title, matrix))
        return ""

    def find_or_add_pivots(self, trace: Sequence[PivotChoiceRecord], port_title: str) -> str:
        """Return the title of the port with the same pivots; else add these and return ""."""
        pivots = tuple((step.column, step.taken) for step in trace)
        first_title = self.pivots.setdefault(pivots, port_title)
        return "" if first_title == port_title else first_title


def convert_to_doubles(rows: Rows) -> list[list[float]]:
    """Return the nearest doubles of the entries of a matrix; NaN for what is not finite."""
    return [[parse_nearest_double(text) for text in row] for row in rows]


@lru_cache(maxsize=1 << 16)
def parse_nearest_double(text: str) -> float:
    """Return the double nearest to a number."""
    return rational.nearest_double(parse_finite(text))


def are_close(a: list[list[float]], b: list[list[float]]) -> bool:
    """Return whether two matrices agree to nine digits of their largest entry."""
    if [len(row) for row in a] != [len(row) for row in b]:
        return False
    largest = max((abs(v) for row in a for v in row if math.isfinite(v)), default=0.0)
    return all(
        v == w or abs(v - w) <= RELATIVE_TOLERANCE * largest or (math.isnan(v) and math.isnan(w))
        for row, other_row in zip(a, b, strict=True)
        for v, w in zip(row, other_row, strict=True)
    )


def build_stage_tables(
    answer: AnswerRecord | None,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    verdicts: Sequence[VerdictRecord],
    reference: ExpectedRecord | None = None,
    shown: ShownResults | None = None,
    port_title: str = "",
) -> tuple[StageTable, ...]:
    """Return the printed stages in the order of the procedures, with deviating entries marked.

    The expected stage is shown beside a printed one that is not right, and where it differs from
    that of `reference`, which the page shows with the case. An echelon form is not unique, so the
    expected one is only shown beside one that deviates. Instead of a stage that is right and that
    the page has `shown` for another port, only the title of that port is given.
    """
    if answer is None:
        return ()
    marked: dict[str, set[EntryPosition]] = {}
    for verdict in verdicts:
        marked.setdefault(verdict.check.label, set()).update(verdict.entries)
    not_right = {v.check.label for v in verdicts if v.outcome is not Outcome.RIGHT}
    deviating = {v.check.label for v in verdicts if v.outcome.deviates}
    labels = [label for label in RESULTS if label in answer.stages and label != SECONDS]
    labels += [label for label in answer.stages if label not in RESULTS]
    tables = []
    for label in labels:
        if label == "echelon":
            with_expected = label in deviating
        else:
            expected_rows = find_expected_rows(label, case, expected)
            reference_rows = find_expected_rows(label, case, reference)
            with_expected = label in not_right or expected_rows != reference_rows
        stage, positions = answer.stages[label], marked.get(label, set())
        table = build_stage_table(label, stage, case, expected, positions, with_expected)
        if shown and table.printed and label not in not_right:
            other_title = shown.find_or_add_matrix(label, stage.rows, port_title)
            if other_title:
                table = StageTable(table.label, None, None, "", same_as=f"{other_title}’s")
        tables.append(table)
    return tuple(tables)


def build_stage_table(
    label: str,
    stage: StageRecord,
    case: CaseRecord,
    expected: ExpectedRecord | None,
    marked: set[EntryPosition],
    with_expected: bool,
) -> StageTable:
    """Return one printed stage, with the expected one beside it if `with_expected`.

    Two large matrices show the same part. A stage that equals the expected one, apart from
    rounding, is not shown if the expected one is not.
    """
    name = clip(label, MAXIMUM_LABEL_CHARACTERS)
    if stage.trouble or not stage.rows:
        return StageTable(name, None, None, stage.trouble or explain_missing_rows(stage.shape))
    rows, expected_rows = stage.rows, find_expected_rows(label, case, expected) or ()
    if (
        not with_expected
        and expected_rows
        and are_close(convert_to_doubles(rows), convert_to_doubles(expected_rows))
    ):
        return StageTable(name, None, None, "", same_as="expected")
    right_hand_sides = case.right_hand_sides if label in ("echelon", "reduced") else 0
    limit = NORMAL_LIMIT if with_expected or marked else REDUCED_LIMIT
    part = choose_shown_part(len(rows), max(map(len, rows)), marked, limit)
    printed_matrix = typeset_matrix(
        f"{name}, as printed",
        rows,
        right_hand_sides,
        marked,
        part,
        digits=count_correct_digits(rows, expected_rows, marked, zeros_are_exact=label == "echelon")
        if with_expected
        else {},
        is_brief=limit is REDUCED_LIMIT and label != "solution",
    )
    expected_matrix = None
    if expected_rows and with_expected:
        title = f"{name}, expected{' with the largest pivots' if label == 'echelon' else ''}"
        expected_matrix = typeset_matrix(
            title, expected_rows, right_hand_sides, marked, part, is_expected=True
        )
    return StageTable(name, printed_matrix, expected_matrix, "")


def explain_missing_rows(shape: tuple[int, ...]) -> str:
    """Return why a stage that could be read has no rows."""
    if not shape:
        return "not kept: its shape is not known"
    if not math.prod(shape):
        return "nothing was printed"
    size = " × ".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]} numbers"
    return f"not kept: {size}"


def find_expected_rows(
    label: str, case: CaseRecord, expected: ExpectedRecord | None
) -> Rows | None:
    """Return the expected rows of a stage; None if the correct result is unknown or not unique.

    An echelon form is not unique; the one with the largest pivots is returned.
    """
    if expected is None or label not in RESULTS:
        return None
    if label == "echelon":
        return build_expected_echelon_form(case, expected)
    due = RESULTS[label].due
    return due(expected, case.unknowns) if due else None


def build_expected_echelon_form(case: CaseRecord, expected: ExpectedRecord) -> Rows | None:
    """Return the echelon form of a small system with the largest pivots; None for a large one."""
    if case.rows > NORMAL_LIMIT.rows or case.unknowns > NORMAL_LIMIT.rows:
        return None
    arithmetic = next(
        (each for each in Arithmetic if case.expected.get(each) is expected), Arithmetic.RATIONAL64
    )
    return format_echelon_form(case.system, case.unknowns, arithmetic)


@lru_cache(maxsize=1 << 10)
def format_echelon_form(system: Rows, unknowns: int, arithmetic: Arithmetic) -> Rows | None:
    """Return the echelon form of a system with the largest pivots; None if it is not a system.

    It is cached because it is needed once for each port.
    """
    try:
        rows = echelon_form(parse_matrix(system, arithmetic), unknowns)
        return tuple(tuple(map(format_entry, row)) for row in rows)
    except (OverflowError, ValueError, IndexError):
        # A results file may hold something else than a system of numbers.
        return None


def format_entry(value: Fraction) -> str:
    """Return a number in full if that is short, else its nearest double."""
    text = str(value)
    return text if len(text) <= MAXIMUM_RATIO_CHARACTERS else repr(float(value))


def build_column(values: tuple[str, ...]) -> Rows:
    """Return a vector as a matrix of one column."""
    return tuple((value,) for value in values)


def group_repeated_labels(tables: Sequence[StageTable]) -> dict[str, list[str]]:
    """Return the labels of the stages that are not shown, by what they are equal to."""
    labels: dict[str, list[str]] = {}
    for table in tables:
        if table.same_as:
            labels.setdefault(table.same_as, []).append(table.label)
    return labels
