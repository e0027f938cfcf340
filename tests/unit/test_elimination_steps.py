"""Elimination in exact arithmetic, step by step."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from harness.model.case import Arithmetic
from harness.numerics.elimination import (
    choose_first_largest,
    choose_last_largest,
    echelon_form,
    eliminate,
)
from harness.reports.parts.elimination import choose_given, parse_matrix

SYSTEMS = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-3, 3).map(Fraction), min_size=shape[1] + 1, max_size=shape[1] + 1),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def reduced(rows: list[list[Fraction]]) -> fmpq_mat:
    """The reduced row echelon form, which equivalent matrices have in common."""
    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows]).rref()[0]


def leading(row: list[Fraction], columns: int) -> int:
    return next((j for j in range(columns) if row[j]), columns)


@given(SYSTEMS)
def test_the_form_has_the_system_s_rows_in_echelon_order(
    system: list[list[Fraction]],
) -> None:
    columns = len(system[0]) - 1
    form = echelon_form(system, columns)
    assert reduced(form) == reduced(system)
    leading_columns = [leading(row, columns) for row in form]
    pivots = [column for column in leading_columns if column < columns]
    assert pivots == sorted(set(pivots))
    assert leading_columns[len(pivots) :] == [columns] * (len(form) - len(pivots))


@given(SYSTEMS)
def test_each_pivot_is_the_largest_of_the_remaining_rows(system: list[list[Fraction]]) -> None:
    rows = [*system]
    for step in eliminate(system, len(system[0]) - 1):
        column = [abs(row[step.column]) for row in rows[step.done - 1 :]]
        assert abs(step.pivot_row[step.column]) == max(column)
        assert all(row[step.column] == 0 for row in step.rows[step.done :])
        rows = [*step.rows]


@given(SYSTEMS)
def test_rows_are_numbered_as_in_the_system(system: list[list[Fraction]]) -> None:
    steps = [*eliminate(system, len(system[0]) - 1)]
    for step in steps:
        assert sorted(step.numbers) == list(range(len(system)))
    if steps:
        assert steps[0].pivot_row == system[steps[0].pivot_number]


def test_of_equal_candidates_the_first_or_the_last_is_taken() -> None:
    system = parse_matrix((("2", "1", "5"), ("-2", "3", "7"), ("1", "1", "1")))
    first, last = (
        next(eliminate(system, 2, choose)).pivot_number
        for choose in (choose_first_largest, choose_last_largest)
    )
    assert (first, last) == (0, 1)


def test_given_pivots_are_taken() -> None:
    system = parse_matrix((("1", "1", "5"), ("3", "1", "7")))
    given_pivots = choose_given({0: 1, 1: 2})
    assert [step.pivot_number for step in eliminate(system, 2, given_pivots)] == [0, 1]
    assert [step.pivot_number for step in eliminate(system, 2)] == [1, 0]


def test_numbers_are_those_that_a_port_was_given() -> None:
    assert parse_matrix((("0.1",),)) == [[Fraction(1, 10)]]
    assert parse_matrix((("0.1",),), Arithmetic.BINARY64) == [[Fraction(0.1)]]
    with pytest.raises(ValueError, match="not a number"):
        parse_matrix((("x",),))
