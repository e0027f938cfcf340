"""Elimination in exact arithmetic, step by step, so that it can be shown beside a port's own."""

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
    """A step: the pivot's column, from 0, the number of its row, and all rows after the step by
    their numbers, which count from 1 in the order of the system."""

    column: int
    number: int
    rows: Mapping[int, FractionRow]
    left: tuple[int, ...]


def parse_matrix(rows: Rows, arithmetic: str = Arithmetic.RATIONAL64) -> list[FractionRow]:
    """The numbers of a matrix, exactly, or the doubles nearest to them.

    Raises ValueError where one is no number, OverflowError where it is beyond the doubles.
    """
    exact = [[Fraction(parse_number(text).exact) for text in row] for row in rows]
    if arithmetic == Arithmetic.BINARY64:
        return [[Fraction(float(value)) for value in row] for row in exact]
    return exact


def eliminate(
    system: Sequence[FractionRow], columns: int, pivots: Mapping[int, int] | None = None
) -> Iterator[EliminationStep]:
    """The steps of the elimination of the first columns of a system, m × n.

    `pivots` are the numbers of pivot rows by column; without them the largest entries are taken.
    """
    rows = {number: list(row) for number, row in enumerate(system, 1)}
    left = dict(rows)
    for column in range(columns):
        number = find_largest_row(left, column) if pivots is None else pivots.get(column, 0)
        if number not in left or left[number][column] == 0:
            continue
        pivot = left.pop(number)
        for other, row in left.items():
            factor = row[column] / pivot[column]
            left[other] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        rows = rows | left
        yield EliminationStep(column, number, rows, tuple(left))


def compute_echelon_form(system: Sequence[FractionRow], columns: int) -> list[FractionRow]:
    """What is left of a system, the pivot rows first, when the largest pivots are taken."""
    found, rows = [], dict(enumerate(system, 1))
    left: tuple[int, ...] = tuple(rows)
    for step in eliminate(system, columns):
        found.append(step.rows[step.number])
        rows, left = dict(step.rows), step.left
    return found + [rows[number] for number in left]


def find_largest_row(rows: Mapping[int, FractionRow], column: int) -> int:
    """The number of the first row with the largest entry in a column; 0 where there is no row."""
    return max(rows, key=lambda number: abs(rows[number][column]), default=0)
