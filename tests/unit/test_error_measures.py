"""The numerical criteria, each on matrices small enough to check by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.model.number import Value
from harness.numerics import error_measures, rational
from harness.numerics.error_measures import Sensitivity
from harness.numerics.precision import BINARY64
from support.eliminations import Matrix, Program

small = st.integers(-9, 9)
EPSILON = 2**-40


def column(*x: Value | int) -> Any:
    return rational.from_rows([[value] for value in x])


def ratio(rows: list[list[Value]], *x: Value) -> float:
    return error_measures.backward_ratio(rational.from_rows(rows), len(x), column(*x))


@st.composite
def regular_systems(draw: st.DrawFn) -> list[list[int]]:
    """An augmented matrix of small integers, n × (n + 1), that has one solution."""
    n = draw(st.integers(1, 4))
    row = st.lists(small, min_size=n + 1, max_size=n + 1)
    rows = draw(st.lists(row, min_size=n, max_size=n))
    assume(rational.reduced_form(rational.from_rows(rows), n).rank == n)
    return rows


# Numbers in sentences


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (-1.7763568394002505e-15, "−1.776e−15"),
        (Fraction(-1, 3), "−0.3333"),
        (math.inf, "inf"),
        (Fraction(10**400), "inf"),
    ],
)
def test_numbers_are_shown_short(value: Value, text: str) -> None:
    assert error_measures.format_number(value) == text


# Echelon form


@pytest.mark.parametrize(
    "rows",
    [
        [[2, 1, 5], [0, 3, 1]],
        [[0, 2, 5], [0, 0, 1]],
        [[1, 2, 3], [0, 0, 0], [0, 0, 0]],
        [[0, 0, 0], [0, 0, 0]],
        [[1, 1, 1], [-0.0, 1, 1], [0, -0.0, 1]],
        [[1, 2, 3], [0, 0, 4], [0, 0, 7]],
        [[0, 0, 4, 8]],
    ],
    ids=[
        *("triangle", "skipped column", "zero rows last", "zero", "-0.0 is 0"),
        *("several contradictions", "one row"),
    ],
)
def test_an_echelon_form_has_no_fault(rows: Matrix) -> None:
    assert error_measures.find_echelon_fault(rows, len(rows[0]) - 1, tiny=0.0) is None


@pytest.mark.parametrize(
    ("rows", "positions", "sentence"),
    [
        ([[2, 1, 5], [1, 3, 1]], ((1, 0),), "row 2 has 1 in column 1, where 0 is due below row 1"),
        ([[0, 1, 2], [1, 0, 3]], ((1, 0),), "row 2 has 1 in column 1, where 0 is due below row 1"),
        ([[0, 0, 0], [0, 1, 2]], ((1, 1),), "row 2 has 1 in column 2, below the zeros of row 1"),
        ([[1, 1, 1], [0, 1, 1], [0, 2, 1]], ((2, 1),), "row 3 has 2 in column 2"),
        ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], ((1, 0), (2, 0)), "row 2 has 1 in column 1"),
    ],
)
def test_entries_that_should_be_0_are_named(
    rows: Matrix, positions: tuple[tuple[int, int], ...], sentence: str
) -> None:
    fault = error_measures.find_echelon_fault(rows, len(rows[0]) - 1, tiny=0.0)
    assert fault is not None
    assert fault.places == positions
    assert fault.sentence.startswith(sentence)


@pytest.mark.parametrize(("below", "residue"), [(1.776e-15, True), (1e-3, False)])
def test_a_tiny_entry_below_a_pivot_is_called_a_residue(below: float, residue: bool) -> None:
    fault = error_measures.find_echelon_fault([[22.0, 1.0, 1.0], [below, 0.3, -0.7]], 2, tiny=1e-13)
    assert fault is not None
    assert ("residue" in fault.sentence) is residue


@given(st.lists(st.lists(small, min_size=4, max_size=4), min_size=1, max_size=5))
def test_an_echelon_form_upside_down_is_not_one(
    rows: list[list[int]],
) -> None:
    a: Matrix = [[Fraction(value) for value in row] for row in rows]
    Program().gaussian_elimination(a)
    assert error_measures.find_echelon_fault(a, 3, tiny=0.0) is None
    reversed_rows = a[::-1]
    distinct = any(any(row[:-1]) for row in a) and len(a) > 1
    assert (error_measures.find_echelon_fault(reversed_rows, 3, tiny=0.0) is not None) == distinct


# Reduced form


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 0, 5], [0, 1, 1]],
        [[1, 2, 0, 5], [0, 0, 1, 1]],
        [[0, 0, 0]],
        [[1, 1e-16, 5], [0, 1 - 1e-16, 1]],
        [[1, 1e9, 1e-8], [0, 0, 0]],
    ],
)
def test_a_reduced_form_has_no_fault(rows: Matrix) -> None:
    assert error_measures.find_reduced_fault(rows, len(rows[0]) - 1, tolerance=1e-14) is None


@pytest.mark.parametrize(
    ("rows", "positions"),
    [
        ([[1, 0, 5], [0, 2, 1]], ((1, 1),)),
        ([[1, 3, 5], [0, 1, 1]], ((0, 1),)),
        ([[1, 0, 1, 5], [0, 1, 1, 5], [0, 0, 1, 1]], ((0, 2), (1, 2))),
        ([[1, 1e-9, 5], [0, 1, 1]], ((0, 1),)),
        ([[1, 0, 5], [0, 1 + 1e-9, 1]], ((1, 1),)),
    ],
)
def test_a_pivot_that_is_not_1_or_not_alone_is_a_fault(
    rows: Matrix, positions: tuple[tuple[int, int], ...]
) -> None:
    fault = error_measures.find_reduced_fault(rows, len(rows[0]) - 1, tolerance=1e-14)
    assert fault is not None
    assert fault.places == positions


def test_a_residue_above_a_pivot_may_be_amplified_rounding() -> None:
    """Where the entry above a pivot was 1e12, subtracting it leaves up to 1e-4."""
    amplification = error_measures.measure_sensitivity(
        rational.from_rows([[1, 10**12, 0], [0, 1, 0]]), (0, 1)
    ).entries
    assert amplification == ((1.0, 2e12), (0.0, 1.0))
    rows: Matrix = [[1, 1e-4, 5], [0, 1, 1]]
    assert error_measures.find_reduced_fault(rows, 2, 1e-14, amplification) is None
    assert error_measures.find_reduced_fault(rows, 2, 1e-14) is not None


def test_an_additional_pivot_has_no_tolerance_above_it() -> None:
    rows: Matrix = [[1, 2, 5], [0, 1, 1]]
    assert error_measures.find_reduced_fault(rows, 2, 1e-14, amplification=((1.0,),)) is not None


def test_in_exact_arithmetic_a_reduced_form_is_exact() -> None:
    rows: Matrix = [[Fraction(1), Fraction(1, 10**18), Fraction(5)], [Fraction(0), Fraction(1), 1]]
    assert error_measures.find_reduced_fault(rows, 2, tolerance=0.0) is not None


# The backward error of x


@given(regular_systems())
def test_the_exact_solution_has_no_residual(rows: list[list[int]]) -> None:
    form = rational.reduced_form(rational.from_rows(rows), len(rows))
    x = rational.columns(form.matrix, [len(rows)])
    assert error_measures.backward_ratio(rational.from_rows(rows), len(rows), x) == 0


def test_the_ratio_is_the_residual_over_n_u_and_the_terms() -> None:
    # b − Ax = (0, ε), n = 2, ‖A‖ = 3, ‖x‖ = 1, ‖b‖ = 3.
    computed_ratio = ratio([[2.0, 1.0, 3.0], [1.0, 1.0, 2.0 + EPSILON]], 1.0, 1.0)
    assert computed_ratio == pytest.approx(EPSILON / (2 * BINARY64.unit_roundoff * (3 + 3)))


@given(regular_systems(), st.integers(-900, 900))
def test_scaling_the_system_leaves_the_ratio(rows: list[list[int]], power: int) -> None:
    x = column(*[1.0] * len(rows))
    scaled = rational.from_rows([[value * Fraction(2) ** power for value in row] for row in rows])
    plain = error_measures.backward_ratio(rational.from_rows(rows), len(rows), x)
    assert error_measures.backward_ratio(scaled, len(rows), x) == pytest.approx(plain)


def test_a_zero_right_hand_side_and_a_zero_solution_are_right() -> None:
    assert ratio([[1.0, 2.0, 0.0], [3.0, 4.0, 0.0]], 0.0, 0.0) == 0


def test_among_subnormals_one_unit_is_rounding() -> None:
    tiny = 5e-324
    assert ratio([[3 * tiny, 2 * tiny]], 0.6666666666666666) < 1
    assert ratio([[3.0, 2.0 + 1e-9]], 0.6666666666666666) > 1e5


def test_the_rounding_of_print_is_subtracted_from_the_residual() -> None:
    system, x = rational.from_rows([[3.0, 1.0]]), column(0.333333)
    slack = rational.from_rows([[3 * 0.5e-6]])
    assert error_measures.backward_ratio(system, 1, x) > 1e6
    assert error_measures.backward_ratio(system, 1, x, slack) == 0


def test_normwise_and_componentwise_backward_errors() -> None:
    # The second row is off by a hundredth of its own size, and by little of the matrix's.
    rows = rational.from_rows([[1e6, 0.0, 1e6], [0.0, 1.0, 1.0]])
    errors = error_measures.backward_errors(rows, 2, column(1.0, 1.02))
    assert errors.normwise == pytest.approx(0.02 / (1e6 * 1.02 + 1e6))
    assert errors.componentwise == pytest.approx(0.02 / 2.02)


@pytest.mark.parametrize(
    ("computed", "true", "digits"),
    [
        ([1.0, 2.0], [1.0, 2.0], 15),
        ([1.001, 2.0], [1.0, 2.0], 3),
        ([1e-4, 1.0], [0.0, 1.0], 4),
        ([1e-4, 1e10], [0.0, 1e10], 14),
        ([1e-4, 0.0], [0.0, 0.0], 4),
        ([0.0], [1.0], 0),
        ([-7.0], [1.0], 0),
        ([math.nan, 1.0], [1.0, 1.0], 0),
        ([Fraction(1, 3)], [Fraction(1, 3)], 15),
    ],
)
def test_digits_are_those_of_the_worst_component(
    computed: list[Value], true: list[Value], digits: float
) -> None:
    assert error_measures.correct_digits(computed, true) == pytest.approx(digits)


# How rounding errors are propagated


def test_skeels_condition_of_a_triangle() -> None:
    # |U⁻¹||U| of [[1, a], [0, 1]] is [[1, 2a], [0, 1]].
    sensitivity = error_measures.measure_sensitivity(
        rational.from_rows([[1, 7, 9], [0, 1, 9]]), (0, 1)
    )
    assert sensitivity.condition == pytest.approx(15)


@given(st.integers(-300, 300), st.integers(-300, 300))
def test_scaling_rows_leaves_skeels_condition(first: int, second: int) -> None:
    powers = (Fraction(10) ** first, Fraction(10) ** second)
    rows = [[p * value for value in row] for p, row in zip(powers, [[2, 7], [0, 3]], strict=True)]
    assert error_measures.measure_sensitivity(
        rational.from_rows(rows), (0, 1)
    ).condition == pytest.approx(1 + 14 / 2)


def test_a_matrix_without_pivots_carries_nothing() -> None:
    assert error_measures.measure_sensitivity(rational.from_rows([[0, 0, 1]]), ()) == Sensitivity(
        1.0
    )


def test_a_condition_beyond_the_doubles_is_infinite_and_not_1() -> None:
    rows = [[1, 10**200, 0], [0, 1, 10**200], [0, 0, 1]]
    assert (
        error_measures.measure_sensitivity(rational.from_rows(rows), (0, 1, 2)).condition
        == math.inf
    )


# The forward error of a reduced form


def forward_error(
    printed: Matrix, rows: list[list[int]], condition: float = 1.0
) -> error_measures.ForwardError:
    exact_form = rational.reduced_form(rational.from_rows(rows), len(rows[0]) - 1)
    return error_measures.forward_ratio(
        printed, exact_form, len(rows[0]) - 1, Sensitivity(condition), limit=30.0
    )


def test_the_right_entries_have_no_error() -> None:
    assert forward_error([[1, 2, 0, 5], [0, 0, 1, 1]], [[1, 2, 0, 5], [0, 0, 1, 1]]).ratio == 0


def test_an_error_is_scaled_by_its_column_and_by_the_condition() -> None:
    rows = [[1, 0, 4], [0, 1, 2]]
    printed: Matrix = [[1.0, 0.0, 4.0], [0.0, 1.0, 2.0 + EPSILON]]
    allowed = 2 * BINARY64.unit_roundoff * 4
    assert forward_error(printed, rows).ratio == pytest.approx(EPSILON / allowed)
    assert forward_error(printed, rows, condition=1e5).ratio == pytest.approx(
        EPSILON / allowed / 1e5
    )
    assert forward_error(printed, rows).places == ((1, 2),)


def test_a_free_column_counts_as_the_right_hand_side_does() -> None:
    error = forward_error([[1, 3, 0, 5], [0, 0, 1, 1]], [[1, 2, 0, 5], [0, 0, 1, 1]])
    assert error.places == ((0, 1),)


def test_an_inconsistent_system_may_have_any_right_hand_side() -> None:
    assert forward_error([[1, 2, 99], [0, 0, 1]], [[1, 2, 0], [0, 0, 1]]).ratio == 0


def test_a_zero_column_stays_exactly_zero() -> None:
    assert forward_error([[1, 0, 1e-30]], [[1, 0, 0]]).ratio > 1e6


def test_an_infinite_sensitivity_allows_any_error() -> None:
    assert forward_error([[1, 0, 9]], [[1, 0, 4]], condition=math.inf).ratio == 0
