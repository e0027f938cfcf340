"""Gaussian elimination in exact arithmetic, one step at a time, with row interchanges.

The numbers are of any exact type: Python's fractions, or python-flint's `fmpq`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from flint import fmpq

Number = TypeVar("Number", Fraction, "fmpq")
"""The type of the numbers of a system."""

Row = list[Number]

Choice = Callable[[Sequence[Row[Number]], Sequence[int], int], int | None]
"""A choice of pivot rows.

Its arguments are the remaining rows, their numbers in the system and a column. It returns the index
of the pivot row among the remaining rows, or None to choose no row.
"""


@dataclass(frozen=True)
class EliminationStep(Generic[Number]):
    """One step of an elimination.

    `column` is the column of the pivot, from 0. `rows` are all m rows after the step. The first
    `done` of them are the pivot rows, and the last of these is the pivot row of this step.
    `numbers` are the numbers of the rows in the system, from 0. `multipliers` are the multipliers
    of the rows after the pivot rows, in their order.
    """

    column: int
    done: int
    rows: tuple[Row[Number], ...]
    numbers: tuple[int, ...]
    multipliers: tuple[Number, ...]

    @property
    def pivot_row(self) -> Row[Number]:
        """The pivot row of this step."""
        return self.rows[self.done - 1]

    @property
    def pivot_number(self) -> int:
        """The number of the pivot row in the system, from 0."""
        return self.numbers[self.done - 1]


def choose_first_largest(rows: Sequence[Row[Number]], _: Sequence[int], column: int) -> int:
    """Return the index of the first row with the largest entry of a column."""
    return max(range(len(rows)), key=lambda index: abs(rows[index][column]))


def choose_last_largest(rows: Sequence[Row[Number]], _: Sequence[int], column: int) -> int:
    """Return the index of the last row with the largest entry of a column."""
    return max(range(len(rows)), key=lambda index: (abs(rows[index][column]), index))


def eliminate(
    system: Sequence[Sequence[Number]],
    columns: int,
    choose: Choice[Number] = choose_first_largest,
) -> Iterator[EliminationStep[Number]]:
    """Yield the steps of the elimination of the first `columns` columns of a system, m × n.

    There is no step for a column in which no row is chosen, or in which the chosen row has a 0.
    """
    rows, numbers = [list(row) for row in system], list(range(len(system)))
    done = 0
    for column in range(columns):
        if done == len(rows):
            return
        chosen = choose(rows[done:], numbers[done:], column)
        if chosen is None or rows[done + chosen][column] == 0:
            continue
        pivot = done + chosen
        rows[done], rows[pivot] = rows[pivot], rows[done]
        numbers[done], numbers[pivot] = numbers[pivot], numbers[done]
        pivot_row = rows[done]
        done += 1
        multipliers = tuple(row[column] / pivot_row[column] for row in rows[done:])
        rows[done:] = [
            [a - multiplier * b for a, b in zip(row, pivot_row, strict=True)]
            for row, multiplier in zip(rows[done:], multipliers, strict=True)
        ]
        yield EliminationStep(column, done, tuple(rows), tuple(numbers), multipliers)


def echelon_form(
    system: Sequence[Sequence[Number]],
    columns: int,
    choose: Choice[Number] = choose_first_largest,
) -> list[Row[Number]]:
    """Return the echelon form of a system, m × n, over its first `columns` columns."""
    rows: Sequence[Row[Number]] = [list(row) for row in system]
    for step in eliminate(system, columns, choose):
        rows = step.rows
    return list(rows)
