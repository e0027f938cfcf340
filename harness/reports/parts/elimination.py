"""Systems of a results file as exact numbers, and the pivots that a port took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.model.number import parse_number, round_to_binary32

if TYPE_CHECKING:
    from harness.numerics.elimination import Choice
    from harness.results.record import Rows

FractionRow = list[Fraction]


def parse_matrix(rows: Rows, arithmetic: str = Arithmetic.RATIONAL64) -> list[FractionRow]:
    """Return the entries of a matrix as fractions: exact, or the nearest ones that a port receives.

    Raises ValueError if an entry is not a number, and OverflowError if it exceeds the doubles.
    """
    exact = [[Fraction(parse_number(text).exact) for text in row] for row in rows]
    if arithmetic == Arithmetic.BINARY64:
        return [[Fraction(float(entry)) for entry in row] for row in exact]
    if arithmetic == Arithmetic.BINARY32:
        return [[Fraction(round_to_binary32(entry)) for entry in row] for row in exact]
    return exact


def choose_given(pivots: Mapping[int, int]) -> Choice[Fraction]:
    """Return the choice of the rows with these numbers, from 1, by their columns."""

    def choose(_: Sequence[FractionRow], numbers: Sequence[int], column: int) -> int | None:
        number = pivots.get(column, 0) - 1
        return numbers.index(number) if number in numbers else None

    return choose
