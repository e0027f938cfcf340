"""The exact properties of a case, for ports of either arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.errors import CaseError
from harness.inputs.matrix_families import build_matrix
from harness.model.case import Arithmetic, Case, Kind, Solutions
from harness.model.number import parse_number
from harness.numerics.growth import growth_factor
from harness.numerics.oracle import Expected, expect
from harness.numerics.precision import BINARY64
from support.eliminations import Matrix, Program, make_case

BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64


def make_written_case(
    text: str, kind: Kind = Kind.REGULAR, solutions: dict[Arithmetic, Solutions] | None = None
) -> Case:
    """Return a case from rows as in a case file, separated by `;`."""
    rows = tuple(tuple(map(parse_number, row.split())) for row in text.split(";"))
    return Case("written", kind, "Why.", "some.yaml:7", rows, 1, solutions or {})


def compute_expected(rows: list[list[int]], arithmetic: Arithmetic = BINARY) -> Expected:
    return expect(make_case(rows), arithmetic)


@pytest.mark.parametrize(
    ("rows", "solutions", "rank"),
    [
        ([[0, 1, 2], [1, 0, 3]], Solutions.UNIQUE, 2),
        ([[1, 2, 3], [2, 4, 6]], Solutions.INFINITE, 1),
        ([[1, 2, 3], [2, 4, 7]], Solutions.NONE, 1),
        ([[0, 3]], Solutions.NONE, 0),
        ([[0, 0]], Solutions.INFINITE, 0),
        ([[1, 2, 3, 6]], Solutions.INFINITE, 1),
        ([[1, 1], [2, 2], [3, 3]], Solutions.UNIQUE, 1),
        ([[1, 1], [2, 2], [3, 4]], Solutions.NONE, 1),
    ],
)
@pytest.mark.parametrize("arithmetic", Arithmetic)
def test_the_ranks_decide_how_many_solutions_there_are(
    rows: list[list[int]], solutions: Solutions, rank: int, arithmetic: Arithmetic
) -> None:
    expected = compute_expected(rows, arithmetic)
    assert expected.solutions is solutions
    assert expected.reduced.rank == rank
    assert (expected.solution is not None) == (solutions is Solutions.UNIQUE)


def test_the_solution_is_exact() -> None:
    expected = compute_expected([[2, 3, 4, 6], [1, 2, 3, 4], [3, -4, 0, 10]])
    assert expected.solution == ((Fraction(18, 11),), (Fraction(-14, 11),), (Fraction(18, 11),))
    assert (expected.rows, expected.unknowns, expected.right_hand_sides) == (3, 3, 1)


def test_numpy_gives_a_second_opinion_of_square_systems() -> None:
    assert compute_expected([[2, 0, 1], [0, 4, 1]]).numpy_solution == ((0.5,), (0.25,))
    assert compute_expected([[1, 2, 3], [2, 4, 6]]).numpy_solution is None
    assert compute_expected([[1, 2, 3]]).numpy_solution is None


def test_the_doubles_are_judged_and_not_the_decimals() -> None:
    case = make_written_case("0.1 0.7 0.8; 0.3 2.1 2.4", Kind.SINGULAR)
    assert expect(case, BINARY).solutions is Solutions.UNIQUE
    assert expect(case, RATIONAL).solutions is Solutions.INFINITE


def test_a_false_declaration_says_with_which_numbers_it_is_false() -> None:
    case = make_written_case(
        "0.1 0.7 0.8; 0.3 2.1 2.4", Kind.SINGULAR, {BINARY: Solutions.INFINITE}
    )
    with pytest.raises(CaseError, match="with the nearest doubles it is unique") as caught:
        expect(case, BINARY)
    assert "some.yaml:7" in caught.value.message
    assert "binary64: …, rational64: …" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "kind", "actual"),
    [("1 2 3; 2 4 6", Kind.REGULAR, "singular"), ("1 2 3; 2 5 6", Kind.SINGULAR, "regular")],
)
def test_a_case_filed_under_the_wrong_kind_is_an_error(text: str, kind: Kind, actual: str) -> None:
    with pytest.raises(CaseError, match=f"its matrix is {actual}"):
        expect(make_written_case(text, kind), BINARY)


@given(st.lists(st.lists(st.integers(-5, 5), min_size=4, max_size=4), min_size=3, max_size=3))
def test_the_exact_solution_is_that_of_elimination_in_fractions(rows: list[list[int]]) -> None:
    expected = compute_expected(rows, RATIONAL)
    assume(expected.solution is not None)
    a: Matrix = [[Fraction(value) for value in row] for row in rows]
    program = Program()
    program.gaussian_elimination(a)
    assert expected.solution == tuple((x,) for x in program.back_substitution(a))


# Condition, growth, and the thresholds that depend on them


def test_condition_numbers() -> None:
    assert compute_expected([[3, 0, 1], [0, 1, 1]]).condition == pytest.approx(3)
    assert compute_expected([[0, 0, 1], [0, 0, 1]]).condition == math.inf
    assert compute_expected([[4, 0, 1], [0, 0, 1]]).rank_condition == pytest.approx(1)
    assert compute_expected([[0, 0, 1], [0, 0, 1]]).rank_condition == 1


def growth(rows: list[list[float]]) -> float:
    return growth_factor(np.array(rows, dtype=float))


def test_growth_is_measured_over_all_intermediate_entries() -> None:
    assert growth([[1, 1], [-1, 1]]) == 2
    assert growth([[0, 0], [0, 0]]) == 1
    assert growth([[1e300, 1e300], [-1e300, 1e300]]) == 2
    assert growth([[5e-324, 5e-324], [-5e-324, 5e-324]]) == 2


@pytest.mark.parametrize("n", [2, 10, 60])
def test_wilkinsons_matrix_has_the_largest_growth(n: int) -> None:
    rows = [[*map(float, row)] for row in build_matrix("wilkinson-growth", n)]
    assert growth(rows) == 2 ** (n - 1)


def test_where_candidates_tie_the_larger_growth_counts() -> None:
    """With its last row first, only taking the last of the tied candidates gives the growth."""
    rows = [[int(value) for value in row] for row in build_matrix("wilkinson-growth", 10)]
    rotated = [[*row, sum(row)] for row in (rows[1:] + rows[:1])]
    doubles = np.array(rotated, dtype=float)[:, :-1]
    assert growth_factor(doubles) < 10
    assert growth_factor(doubles, last=True) == 2**9
    assert compute_expected(rotated).growth == 2**9


def test_the_threshold_is_lapacks_whatever_the_growth() -> None:
    assert compute_expected([[2, 1, 1], [1, 2, 1]]).threshold == 30
    grown = [[int(value) for value in row] for row in build_matrix("wilkinson-growth", 10)]
    assert compute_expected([[*row, 1] for row in grown]).threshold == 30


@pytest.mark.parametrize("order", [10, 60])
def test_growth_alone_makes_no_rank_doubtful(order: int) -> None:
    grown = [[int(value) for value in row] for row in build_matrix("wilkinson-growth", order)]
    assert not compute_expected([[*row, 1] for row in grown]).rank_is_doubtful


def test_exact_arithmetic_has_no_tolerance() -> None:
    expected = compute_expected([[2, 1, 1], [1, 2, 1]], RATIONAL)
    assert expected.threshold == 0
    assert expected.rounding == 0


def test_rounding_is_n_u_and_the_threshold() -> None:
    assert (
        compute_expected([[2, 1, 1], [1, 2, 1], [0, 0, 0]]).rounding
        == 3 * BINARY64.unit_roundoff * 30
    )


@pytest.mark.parametrize(
    ("rows", "doubtful"),
    [
        (["1 1 1", "1 1.000000000000001 1"], True),
        (["1 1 1", "1 1.0001 1"], False),
        (["1e-300 0 1", "0 1e-300 1"], False),
    ],
)
def test_a_rank_is_doubtful_where_a_singular_matrix_is_near(
    rows: list[str], doubtful: bool
) -> None:
    assert expect(make_written_case(";".join(rows)), BINARY).rank_is_doubtful is doubtful
