"""Row equivalence: what every correct elimination preserves, and what it may change."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.numerics import rational
from harness.numerics.row_space import RowEquivalence
from support.eliminations import CORRECT_PROGRAMS, Matrix, Program

Rows = list[list[int]]

row = st.lists(st.integers(-3, 3), min_size=4, max_size=4)
systems = st.lists(row, min_size=1, max_size=4)


def compare(printed: Matrix, system: Matrix) -> RowEquivalence:
    matrix, unknowns = rational.from_rows(system), len(system[0]) - 1
    return RowEquivalence(
        rational.from_rows(printed), matrix, rational.reduced_form(matrix, unknowns), unknowns
    )


@given(systems, st.sampled_from(CORRECT_PROGRAMS))
def test_exact_elimination_in_any_order_is_equivalent(rows: Rows, program: type[Program]) -> None:
    system: Matrix = [[Fraction(value) for value in row] for row in rows]
    printed = [list(row) for row in system]
    program().gaussian_elimination(printed)
    equivalence = compare(printed, system)
    assert equivalence.ratio == 0
    assert not equivalence.extra_pivots
    assert not equivalence.lost_pivots
    assert equivalence.has_contradiction == equivalence.should_have_contradiction


@given(systems, st.permutations(range(4)), st.sampled_from([-2, Fraction(1, 3), 10**6]))
def test_rows_may_be_swapped_and_scaled(
    rows: Rows, order: list[int], scale: int | Fraction
) -> None:
    system: Matrix = [[Fraction(value) for value in row] for row in rows]
    printed = [system[i] for i in order if i < len(system)]
    printed[0] = [scale * value for value in printed[0]]
    assert compare(printed, system).ratio == 0


@pytest.mark.parametrize(
    ("printed", "system"),
    [
        ([[2, 4, 6], [0, 1, 2]], [[2, 4, 6], [1, 3, 4]]),
        ([[1, 2, 0, 5], [0, 0, 0, 0]], [[1, 2, 3, 5], [0, 0, 0, 0]]),
        ([[1, 2, 3], [0, 0, 0]], [[1, 2, 4], [1, 2, 4]]),
    ],
    ids=["the right-hand side", "a free column", "the right-hand side beside a zero row"],
)
def test_a_changed_entry_fails_by_far_more_than_rounding(printed: Matrix, system: Matrix) -> None:
    assert compare(printed, system).ratio > 1e12


def test_the_ratio_is_that_of_the_solution_where_there_is_one() -> None:
    # [[1, 0], [0, 1]] is row-equivalent to any regular matrix, so that only x matters.
    assert compare([[1, 0, 3], [0, 1, 2]], [[0, 1, 2], [1, 0, 3]]).ratio == 0
    assert compare([[1, 0, 2], [0, 1, 3]], [[0, 1, 2], [1, 0, 3]]).ratio > 1e12


# Pivots that are in one matrix only


def test_a_tiny_extra_pivot_is_the_size_of_rounding() -> None:
    system: Matrix = [[3, 1, 1], [6, 2, 2]]
    equivalence = compare([[6, 2, 2], [0, 1e-16, 1e-16]], system)
    assert (equivalence.extra_pivots, equivalence.lost_pivots) == ([1], [])
    assert equivalence.extra_pivots_ratio < 1


def test_an_invented_pivot_exceeds_rounding() -> None:
    equivalence = compare([[6, 2, 2], [0, 1, 0]], [[3, 1, 1], [6, 2, 2]])
    assert equivalence.ratio == 0  # x solves the system all the same
    assert equivalence.extra_pivots_ratio > 1e12


def test_large_coefficients_may_cause_an_extra_pivot() -> None:
    """Column 3 is 2²⁷ times the difference of the others: the roundings grow with it."""
    big = 2.0**27
    system: Matrix = [[1, 1, 0, 1], [1, 1 + 1 / big, 1, 1], [2, 2 + 1 / big, 1, 2]]
    printed: Matrix = [[2, 2 + 1 / big, 1, 2], [0, 0.5 / big, 0.5, 0], [0, 0, 1e-8, 0]]
    equivalence = compare(printed, system)
    assert equivalence.extra_pivots == [2]
    assert equivalence.extra_pivots_ratio < 30


def test_a_lost_pivot_shows_in_the_ratio_where_it_is_no_rounding() -> None:
    near = compare([[1, 1, 2], [0, 0, 0]], [[1, 1, 2], [1, 1 + 2**-52, 2]])
    assert near.lost_pivots == [1]
    assert near.ratio < 1
    far = compare([[1, 1, 2], [0, 0, 0]], [[1, 1, 2], [1, 1.001, 2]])
    assert far.ratio > 1e9


def test_a_lost_pivot_may_make_the_system_inconsistent() -> None:
    equivalence = compare([[1, 1, 2], [0, 0, 1]], [[1, 1, 2], [1, 1 + 2**-52, 3]])
    assert (equivalence.has_contradiction, equivalence.should_have_contradiction) == (True, False)
    assert equivalence.compared_columns == [1]
    assert equivalence.ratio < 1


def test_unit_pivots_hide_how_small_they_were() -> None:
    system: Matrix = [[3, 1, 1], [6, 2, 2]]
    assert compare([[1, Fraction(1, 3), 1], [0, 1, 5]], system).has_unit_pivots
    assert compare([[1, 1 / 3, 1], [0, 1 - 2**-53, 5]], system).has_unit_pivots
    assert not compare([[6, 2, 2], [0, 1, 5]], system).has_unit_pivots
    assert not compare([[0, 0, 1], [0, 0, 0]], system).has_unit_pivots


# Contradictions


def test_a_contradiction_of_the_size_of_rounding() -> None:
    system: Matrix = [[3, 1, 1], [6, 2, 2]]
    assert compare([[6, 2, 2], [0, 0, 1e-16]], system).contradiction_ratio < 1
    assert compare([[6, 2, 2], [0, 0, 1e-3]], system).contradiction_ratio > 1e9


def test_if_both_are_inconsistent_right_hand_sides_are_ignored() -> None:
    equivalence = compare([[6, 2, 99], [0, 0, 7]], [[3, 1, 1], [6, 2, 3]])
    assert equivalence.ratio == 0


def test_pivot_rows_are_found_without_an_echelon_form() -> None:
    """A port that stopped half-way may leave a dependent row above an independent one."""
    rows: Matrix = [[0, 1, 1, 2], [0, 1, 1, 2], [0, 0, 1, 1]]
    printed: Matrix = [[0, 1, 1, 2], [0, 1, 1, 2 + 2**-51], [0, 0, 1, 1]]
    equivalence = compare(printed, rows)
    assert equivalence.has_contradiction
    assert equivalence.ratio < 1


# What was printed with few digits


def test_half_units_of_print_are_tolerated_exactly() -> None:
    system = rational.from_rows([[3.0, 1.0, 2.0], [1.0, 3.0, 5.0]])
    true = rational.reduced_form(system, 2)
    half = rational.from_rows([[0.5e-6] * 3] * 2)

    def ratio(last: float) -> float:
        printed = rational.from_rows([[3.0, 1.0, 2.0], [0.0, 2.666667, last]])
        return RowEquivalence(printed, system, true, 2, half).ratio

    assert ratio(4.333333) == 0
    assert ratio(4.333331) > 1e6
