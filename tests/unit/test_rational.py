"""Exact matrices: nothing is rounded, and every shape is a matrix."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from flint import ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.matrix_families import build_matrix
from harness.numerics import rational
from harness.numerics.precision import BINARY64
from support.eliminations import Program

if TYPE_CHECKING:
    from harness.model.number import Value

doubles = st.floats(allow_nan=False, allow_infinity=False)
ratios = st.fractions(max_denominator=2**63 - 1)
small = st.integers(-3, 3)


@st.composite
def integer_rows(draw: st.DrawFn) -> list[list[int]]:
    """An augmented matrix of small integers, of 1 to 5 rows and 2 to 6 columns."""
    columns = draw(st.integers(2, 6))
    row = st.lists(small, min_size=columns, max_size=columns)
    return draw(st.lists(row, min_size=1, max_size=5))


def entries(source: Any) -> list[list[Fraction]]:
    return [[rational.to_fraction(value) for value in row] for row in source.tolist()]


@given(doubles | ratios)
def test_a_number_is_taken_exactly(value: Value) -> None:
    assert rational.to_fraction(rational.from_number(value)) == Fraction(value)


@given(doubles)
def test_the_nearest_double_of_a_double_is_itself(value: float) -> None:
    assert rational.to_float(rational.from_number(value)) == value


@pytest.mark.parametrize("sign", [1, -1])
def test_beyond_the_doubles_the_nearest_is_infinite(sign: int) -> None:
    assert rational.nearest_double(Fraction(sign * 10**400)) == sign * math.inf
    assert rational.to_float(rational.from_number(sign * 10**400)) == sign * math.inf


def test_a_fraction_is_finite_however_large() -> None:
    assert rational.is_finite(Fraction(10**400))
    assert rational.all_finite([[1.0, Fraction(1, 3)], [-0.0, 1e308]])


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_infinities_and_nan_are_not_finite(value: float) -> None:
    assert not rational.is_finite(value)
    assert not rational.all_finite([[1.0, 2.0], [3.0, value]])


def test_a_matrix_is_in_range_where_doubles_can_hold_it() -> None:
    assert BINARY64.holds(rational.from_rows([[1e308, 5e-324]]))
    assert not BINARY64.holds(rational.from_rows([[1, 10**309]]))


def test_rows_and_columns_are_chosen_in_the_order_asked_for() -> None:
    source = rational.from_rows([[1, 2, 3], [4, 5, 6]])
    assert entries(rational.columns(source, [2, 0])) == [[3, 1], [6, 4]]
    assert entries(rational.rows(source, [1])) == [[4, 5, 6]]


def test_choosing_nothing_gives_a_matrix_that_still_multiplies() -> None:
    source = rational.from_rows([[1, 2], [3, 4]])
    product = rational.columns(source, []) * rational.rows(source, [])
    assert entries(product) == [[0, 0], [0, 0]]
    assert rational.columns(rational.rows(source, []), [0]).ncols() == 1


def test_norms() -> None:
    source = rational.from_rows([[1, -2, 3], [-4, 0, 1]])
    assert rational.row_norm(source) == 6
    assert rational.largest_magnitude(source.tolist()[1]) == 4
    assert rational.largest_magnitude([]) == 0


def test_the_triangle_leaves_out_what_substitution_never_reads() -> None:
    source = rational.from_rows([[2, 1, 5], [9, 3, 6], [9, 9, 9]])
    assert entries(rational.upper_triangle(source, 2)) == [[2, 1, 5], [0, 3, 6]]


@pytest.mark.parametrize("rows", [[[1, 2, 3], [0, 0, 4]], [[0, 1, 2], [0, 1, 3]], [[1, 2, 3]]])
def test_there_is_no_triangle_with_a_zero_or_missing_diagonal(rows: list[list[int]]) -> None:
    assert rational.upper_triangle(rational.from_rows(rows), 2) is None


def test_a_contradiction_has_its_pivot_on_the_right_hand_side() -> None:
    form = rational.reduced_form(rational.from_rows([[1, 2, 3], [2, 4, 7]]), unknowns=2)
    assert (form.pivots, form.augmented_pivots) == ((0,), (2,))
    assert (form.rank, form.augmented_rank) == (1, 2)


def test_a_zero_matrix_has_no_pivots() -> None:
    form = rational.reduced_form(rational.from_rows([[0, 0, 0]]), unknowns=2)
    assert (form.rank, form.augmented_rank) == (0, 0)


@given(integer_rows())
def test_the_reduced_form_is_what_elimination_in_fractions_gives(rows: list[list[int]]) -> None:
    unknowns = len(rows[0]) - 1
    form = rational.reduced_form(rational.from_rows(rows), unknowns)
    eliminated: list[list[Value]] = [[Fraction(value) for value in row] for row in rows]
    program = Program()
    program.gaussian_elimination(eliminated)
    program.gauss_jordan(eliminated)
    assert tuple(column for _, column in program.pivots(eliminated)) == form.pivots
    coefficients = rational.columns(form.matrix, range(unknowns))
    assert entries(coefficients) == [row[:-1] for row in eliminated]
    if not form.augmented_pivots:
        assert entries(form.matrix) == eliminated


@given(integer_rows())
def test_a_reduced_form_reduces_to_itself(rows: list[list[int]]) -> None:
    form = rational.reduced_form(rational.from_rows(rows), len(rows[0]) - 1)
    assert rational.reduced_form(form.matrix, len(rows[0]) - 1) == form


class TestCloseInverse:
    @pytest.mark.parametrize("name", ["hilbert", "wright", "frank", "tridiagonal"])
    @pytest.mark.parametrize("n", [1, 2, 24])
    def test_it_is_the_inverse_to_many_more_digits_than_doubles_have(
        self, name: str, n: int
    ) -> None:
        matrix = rational.from_rows(build_matrix(name, n if name != "wright" else 2 * n + 2))
        exact_inverse = matrix.inv()
        error = rational.largest_entry(rational.approximate_inverse(matrix) - exact_inverse)
        assert error <= rational.largest_entry(exact_inverse) * rational.from_number(2.0**-127)

    def test_the_precision_of_others_is_left_as_it_was(self) -> None:
        before = ctx.prec
        rational.approximate_inverse(rational.from_rows(build_matrix("hilbert", 40)))
        assert ctx.prec == before


@given(st.lists(st.lists(doubles | ratios, min_size=3, max_size=3), min_size=1, max_size=4))
def test_norms_are_those_of_fractions(values: list[list[Value]]) -> None:
    rows = [[Fraction(value) for value in row] for row in values]
    matrix = rational.from_rows(rows)
    assert rational.to_fraction(rational.row_norm(matrix)) == max(
        sum(map(abs, row)) for row in rows
    )
    assert rational.to_fraction(rational.largest_entry(matrix)) == max(
        abs(v) for row in rows for v in row
    )


def test_no_number_but_0_becomes_0() -> None:
    tiny = fmpq(10**400, 10**900)
    assert rational.to_float(tiny) == 5e-324
    assert rational.to_float(-tiny) == -5e-324
    assert rational.to_float(fmpq(0)) == 0
