"""Gaussian elimination in exact arithmetic, step by step, shown beside the results of a port."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.model.number import parse_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.results.schema import Rows

FractionRow = list[Fraction]


@dataclass(frozen=True)
class EliminationStep:
    """One step of an elimination.

    `column` is the column of the pivot, from 0, and `pivot_row` the number of its row. `rows` are
    all rows after the step by their numbers, which count from 1 in the order of the system.
    `remaining` are the numbers of the rows that have not been pivot rows.
    """

    column: int
    pivot_row: int
    rows: Mapping[int, FractionRow]
    remaining: tuple[int, ...]


def parse_matrix(rows: Rows, arithmetic: str = Arithmetic.RATIONAL64) -> list[FractionRow]:
    """Return the entries of a matrix as fractions: exact, or for binary64 the nearest doubles.

    Raises ValueError if an entry is not a number, and OverflowError if it exceeds the doubles.
    """
    exact = [[Fraction(parse_number(text).exact) for text in row] for row in rows]
    if arithmetic == Arithmetic.BINARY64:
        return [[Fraction(float(entry)) for entry in row] for row in exact]
    return exact


def eliminate(
    system: Sequence[FractionRow], columns: int, pivots: Mapping[int, int] | None = None
) -> Iterator[EliminationStep]:
    """Yield the steps of the elimination of the first `columns` columns of a system, m × n.

    `pivots` gives the number of the pivot row of each column. Without it, each pivot is the largest
    entry of its column.
    """
    rows = {number: list(row) for number, row in enumerate(system, 1)}
    remaining = dict(rows)
    for column in range(columns):
        number = find_largest_row(remaining, column) if pivots is None else pivots.get(column, 0)
        if number not in remaining or remaining[number][column] == 0:
            continue
        pivot_row = remaining.pop(number)
        for other, row in remaining.items():
            factor = row[column] / pivot_row[column]
            remaining[other] = [a - factor * b for a, b in zip(row, pivot_row, strict=True)]
        rows = rows | remaining
        yield EliminationStep(column, number, rows, tuple(remaining))


def compute_echelon_form(system: Sequence[FractionRow], columns: int) -> list[FractionRow]:
    """Return the echelon form of a system with the largest pivots, the pivot rows first."""
    pivot_rows, rows = [], dict(enumerate(system, 1))
    remaining: tuple[int, ...] = tuple(rows)
    for step in eliminate(system, columns):
        pivot_rows.append(step.rows[step.pivot_row])
        rows, remaining = dict(step.rows), step.remaining
    return pivot_rows + [rows[number] for number in remaining]


def find_largest_row(rows: Mapping[int, FractionRow], column: int) -> int:
    """Return the number of the first row with the largest entry in a column; 0 without rows."""
    return max(rows, key=lambda number: abs(rows[number][column]), default=0)
