"""The checks of one printed result against the exact one, regardless of earlier results."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.matrix_families import build_matrix
from harness.model.answer import Stage
from harness.model.case import Arithmetic
from harness.model.number import Value
from harness.model.verdict import Judgement, Outcome
from harness.numerics.error_measures import Sensitivity
from harness.numerics.oracle import Expected, expect
from harness.procedures import gauss_jordan, printed_echelon, printed_reduction, printed_solution
from harness.procedures.grading import grade
from support.eliminations import Matrix, Program, make_case, make_matrix_stage, make_solution_stage

RIGHT, WRONG, INACCURATE = Outcome.RIGHT, Outcome.WRONG, Outcome.INACCURATE
DEFENSIBLE, DECLINED, SILENT = Outcome.DEFENSIBLE, Outcome.DECLINED, Outcome.SILENT

WELL_POSED: Matrix = [[3, 2, -4, 3], [2, 3, 3, 15], [5, -3, 1, 14]]
ILL_POSED: Matrix = [[1, 1, -1, 1], [-1, 0, -1, -2], [3, 1, 1, 5]]


def compute_expected(rows: Matrix, arithmetic: Arithmetic = Arithmetic.BINARY64) -> Expected:
    return expect(make_case(rows), arithmetic)


def eliminate(rows: Matrix) -> Matrix:
    a: Matrix = [[float(value) for value in row] for row in rows]
    Program().gaussian_elimination(a)
    return a


def echelon_form(rows: Matrix, system: Matrix) -> Judgement:
    return printed_echelon.judge_form(make_matrix_stage("echelon", rows), compute_expected(system))


def echelon_rows(rows: Matrix, system: Matrix) -> Judgement:
    return printed_echelon.judge_rows(make_matrix_stage("echelon", rows), compute_expected(system))


def reduced_form(rows: Matrix, system: Matrix) -> Judgement:
    expected = compute_expected(system)
    return printed_reduction.judge_form(
        make_matrix_stage("reduced", rows), expected.reduced, Sensitivity(1.0), expected
    )


def reduced_rows(rows: Matrix, system: Matrix) -> Judgement:
    expected = compute_expected(system)
    carried = Sensitivity(expected.rank_condition)
    stage = make_matrix_stage("reduced", rows)
    return printed_reduction.judge_rows(stage, expected.reduced, carried, expected)


def solution(x: list[Value], system: Matrix) -> Judgement:
    return printed_solution.judge_unique(make_solution_stage(x), compute_expected(system))


# Outcomes of ratios


@pytest.mark.parametrize(
    ("ratio", "threshold", "outcome"),
    [
        (0.0, 30.0, RIGHT),
        (29.9, 30.0, RIGHT),
        (30.0, 30.0, INACCURATE),
        (0.99e6, 30.0, INACCURATE),
        (1e6, 30.0, WRONG),
        (math.inf, 30.0, WRONG),
        (0.0, 0.0, RIGHT),
        (1e-30, 0.0, WRONG),
    ],
)
def test_grades(ratio: float, threshold: float, outcome: Outcome) -> None:
    assert grade(ratio, threshold) is outcome


# Matrices that cannot be compared


def test_a_matrix_of_another_shape_is_wrong() -> None:
    judgement = echelon_form([[1, 0], [0, 1]], WELL_POSED)
    assert judgement.outcome is WRONG
    assert judgement.detail == "a 2 × 2 matrix, where 3 × 4 was handed in"
    assert reduced_form([[1, 0], [0, 1]], WELL_POSED).outcome is WRONG


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_entries_that_are_not_finite_are_wrong_and_marked(value: float) -> None:
    rows: Matrix = [[5, -3, 1, 14], [0, 4.2, value, 9.4], [0, 0, 1, value]]
    for judgement in (echelon_form(rows, WELL_POSED), reduced_form(rows, WELL_POSED)):
        assert judgement.outcome is WRONG
        assert judgement.entries == ((1, 2), (2, 3))


# The echelon matrix


def test_a_correct_elimination_is_right() -> None:
    assert echelon_form(eliminate(WELL_POSED), WELL_POSED).outcome is RIGHT
    assert echelon_rows(eliminate(WELL_POSED), WELL_POSED).outcome is RIGHT


def test_the_residue_is_a_fault_of_form_alone() -> None:
    system: Matrix = [[22, 1, 1], [15, 1, 0]]
    rows: Matrix = [
        [22.0, 1.0, 1.0],
        [1.7763568394002505e-15, 0.31818181818181823, -0.6818181818181818],
    ]
    form = echelon_form(rows, system)
    assert (form.outcome, form.entries) == (WRONG, ((1, 0),))
    assert "1.776e−15 (a residue of rounding, not stored as 0)" in form.detail
    assert echelon_rows(rows, system).outcome is RIGHT


@pytest.mark.parametrize(
    "rows",
    [
        [[3, 6, 9, 19], [0, 0, 0, -0.3333333333333339], [0, 0, 0, -0.6666666666666661]],
        [[3, 6, 9, 19], [0, 0, 0, -0.6666666666666661], [0, 0, 0, 0]],
        [[1, 2, 3, 0], [0, 0, 0, 1], [0, 0, 0, 0]],
    ],
    ids=["contradictions in zero rows", "a pivot on the right-hand side", "all of it reduced"],
)
def test_contradictions_may_be_treated_in_several_ways(rows: Matrix) -> None:
    system: Matrix = [[1, 2, 3, 6], [2, 4, 6, 12], [3, 6, 9, 19]]
    assert echelon_form(rows, system).outcome is RIGHT
    assert echelon_rows(rows, system).outcome is RIGHT


def test_no_pivoting_on_a_tiny_pivot_changes_the_row_space() -> None:
    system: Matrix = [[1e-20, 1, 1], [1, 1, 2]]
    rows: Matrix = [[1e-20, 1, 1], [0, -1e20, -1e20]]
    assert echelon_form(rows, system).outcome is RIGHT
    judgement = echelon_rows(rows, system)
    assert judgement.outcome is WRONG
    assert judgement.detail.startswith("its rows are not the system's: off by 0.25 of its size")


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([[3, 1, 1, 5], [0, 1, -2, -1], [0, 0, 0, 0]], RIGHT),
        ([[3, 1, 1, 5], [0, 2 / 3, -4 / 3, -2 / 3], [0, 0, 1e-16, 1e-16]], DEFENSIBLE),
        ([[3, 1, 1, 5], [0, 2 / 3, -4 / 3, -2 / 3], [0, 0, 0, 1e-16]], DEFENSIBLE),
        ([[3, 1, 1, 5], [0, 2 / 3, -4 / 3, -2 / 3], [0, 0, 1e-3, 1e-3]], WRONG),
        ([[3, 1, 1, 5], [0, 2 / 3, -4 / 3, -2 / 3], [0, 0, 0, 1e-3]], WRONG),
        ([[1, 1 / 3, 1 / 3, 5 / 3], [0, 1, -2, -1], [0, 0, 1, 1]], DEFENSIBLE),
    ],
    ids=["exact", "pivot", "contradiction", "made-up pivot", "made-up contradiction", "unit"],
)
def test_rounding_makes_an_ill_posed_case_defensible(rows: Matrix, outcome: Outcome) -> None:
    assert echelon_form(rows, ILL_POSED).outcome is RIGHT
    assert echelon_rows(rows, ILL_POSED).outcome is outcome


def test_a_pivot_within_rounding_of_0_may_be_lost() -> None:
    system: Matrix = [[1, 1, 2], [1, 1 + 2**-52, 2]]
    assert echelon_rows([[1, 1, 2], [0, 0, 0]], system).outcome is DEFENSIBLE
    assert echelon_rows([[1, 1, 2], [0, 0, 1]], [[1, 1, 2], [1, 1 + 2**-52, 3]]).outcome is (
        DEFENSIBLE
    )


def test_a_pivot_of_small_absolute_size_is_not_0() -> None:
    system: Matrix = [[2e-13, 1e-13, 3e-13], [1e-13, 3e-13, 4e-13]]
    assert echelon_rows([[0, 0, 3e-13], [0, 0, 4e-13]], system).outcome is WRONG


@pytest.mark.parametrize(("n", "outcome"), [(10, RIGHT), (60, DEFENSIBLE)])
def test_growth_of_correct_elimination_conforms(n: int, outcome: Outcome) -> None:
    """The largest numbers are 2ⁿ⁻¹: for n = 60 rounding leaves no correct digit of x."""
    rows: Matrix = [[float(v) for v in row] for row in build_matrix("wilkinson-growth", n)]
    system: Matrix = [[*row, float(i)] for i, row in enumerate(rows)]
    u = eliminate(system)
    assert echelon_rows(u, system).outcome is RIGHT
    assert solution(Program().back_substitution(u), system).outcome is outcome


# The reduced matrix


def test_the_reduced_form_of_a_wide_system() -> None:
    system: Matrix = [[1, 2, 3, 6], [4, 2, 8, 14]]
    right: Matrix = [[1, 0, 5 / 3, 8 / 3], [0, 1, 2 / 3, 5 / 3]]
    assert reduced_form(right, system).outcome is RIGHT
    assert reduced_rows(right, system).outcome is RIGHT


@pytest.mark.parametrize("column", [2, 3])
@given(row=st.integers(0, 1), size=st.floats(1e-9, 1e9), sign=st.sampled_from([-1, 1]))
def test_every_entry_outside_the_pivot_columns_is_checked(
    column: int, row: int, size: float, sign: int
) -> None:
    rows: Matrix = [[1, 0, 5 / 3, 8 / 3], [0, 1, 2 / 3, 5 / 3]]
    rows[row][column] += sign * size
    judgement = reduced_rows(rows, [[1, 2, 3, 6], [4, 2, 8, 14]])
    assert judgement.outcome in (WRONG, INACCURATE)
    assert judgement.entries == ((row, column),)


@pytest.mark.parametrize(
    ("rows", "entries"),
    [
        ([[1, 0, 5 / 3, 8 / 3], [0, 2, 4 / 3, 10 / 3]], ((1, 1),)),
        ([[1, 1e-9, 5 / 3, 8 / 3], [0, 1, 2 / 3, 5 / 3]], ((0, 1),)),
        ([[1, 0, 5 / 3, 8 / 3], [1e-16, 1, 2 / 3, 5 / 3]], ((1, 0),)),
    ],
)
def test_every_pivot_column_is_checked(rows: Matrix, entries: tuple[tuple[int, int], ...]) -> None:
    judgement = reduced_form(rows, [[1, 2, 3, 6], [4, 2, 8, 14]])
    assert (judgement.outcome, judgement.entries) == (WRONG, entries)


def test_growth_does_not_excuse_a_pivot_that_is_not_1() -> None:
    n = 60
    system: Matrix = [[*map(float, row), 1.0] for row in build_matrix("wilkinson-growth", n)]
    rows: Matrix = [[float(i == j) for j in range(n + 1)] for i in range(n)]
    rows[3][3] = 2.0
    assert reduced_form(rows, system).outcome is WRONG


def test_a_reduced_matrix_with_other_pivots_is_wrong() -> None:
    judgement = reduced_rows([[1, 2, 0, 5], [0, 0, 1, 1]], [[1, 0, 2, 3], [0, 1, 1, 1]])
    assert judgement.outcome is WRONG
    assert "other columns" in judgement.detail


@pytest.mark.parametrize("c", [0, 1])
def test_a_contradiction_is_neither_lost_nor_invented(c: int) -> None:
    system: Matrix = [[1, 2, 3], [2, 4, 6 + c]]
    assert reduced_rows([[1, 2, 3], [0, 0, c]], system).outcome is RIGHT
    judgement = reduced_rows([[1, 2, 3], [0, 0, 1 - c]], system)
    assert judgement.outcome is WRONG


def test_values_beyond_the_doubles_are_not_required() -> None:
    tiny: Matrix = [[1e-300, 1e10]]
    assert reduced_form([[1.0, math.inf]], tiny).outcome is DEFENSIBLE
    assert solution([math.inf], tiny).outcome is DEFENSIBLE
    assert solution([math.inf], [[1e-300, 1]]).outcome is WRONG


# The solution


def test_the_solution_is_judged_by_its_residual() -> None:
    judgement = solution([3.0, 1.0000000000000002, 2.0], WELL_POSED)
    assert judgement.outcome is RIGHT
    assert set(judgement.measures) == {"ratio", "digits", "backward_error", "componentwise_error"}
    assert judgement.measures["digits"] == 15


def test_few_digits_are_right_where_the_condition_allows_no_more() -> None:
    system: Matrix = [[*map(float, row), float(sum(row))] for row in build_matrix("hilbert", 12)]
    x = Program().back_substitution(eliminate(system))
    judgement = solution(x, system)
    assert judgement.outcome is RIGHT
    assert judgement.measures["digits"] < 3


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(1e-14, RIGHT), (1e-13, INACCURATE), (1e-10, INACCURATE), (1e-8, WRONG), (1.0, WRONG)],
)
def test_errors_between_right_and_wrong_are_inaccurate(error: float, outcome: Outcome) -> None:
    """[[1, 0], [0, 1]] x = (1, 1), so S = error / (2u·2): T = 30 is at 1.3e-14, 10⁶ at 4.4e-10."""
    judgement = solution([1.0, 1.0 + error], [[1, 0, 1], [0, 1, 1]])
    assert judgement.outcome is outcome
    if outcome is not RIGHT:
        assert judgement.entries == ((1, 0),)


def test_growth_excuses_the_errors_that_elimination_makes_and_no_others() -> None:
    system: Matrix = [[*map(float, row), 1.0] for row in build_matrix("wilkinson-growth", 60)]
    expected = compute_expected(system)
    x: list[Value] = [float(row[0]) for row in expected.solution or ()]
    assert solution(x, system).outcome is RIGHT
    assert solution(Program().back_substitution(eliminate(system)), system).outcome is RIGHT
    assert solution([0.0] * 60, system).outcome is WRONG
    assert echelon_rows([[0.0] * 61] * 60, system).outcome is WRONG


def test_an_error_in_a_small_row_counts_as_one_in_a_large_row() -> None:
    system: Matrix = [[1e10, 0, 1e10], [0, 1e-10, 1e-10]]
    assert solution([1.0, 1.0 + 2**-52], system).outcome is RIGHT
    judgement = solution([1.0, 3.0], system)
    assert judgement.outcome is WRONG
    assert judgement.entries == ((1, 0),)
    assert echelon_rows([[1e10, 0, 1e10], [0, 1e-10, 3e-10]], system).outcome is WRONG


def test_every_wrong_component_is_marked() -> None:
    system: Matrix = [[2, 0, 0, 2], [0, 4, 0, 4], [0, 0, 1, 5]]
    assert solution([1.001, 1.0, 7.0], system).entries == ((0, 0), (2, 0))


def test_an_inaccurate_solution_has_a_correct_digit() -> None:
    """The error of x is within a thousand times the rounding errors, and as large as x."""
    system: Matrix = [[1, 1, 2], [1, 1 + 2**-48, 2 + 2**-48]]
    near, far = solution([1.02, 1 - 0.02 + 2**-45], system), solution([4e8, 1.0], system)
    assert near.outcome in (RIGHT, INACCURATE)
    assert far.outcome is WRONG


@pytest.mark.parametrize(
    ("x", "detail"),
    [
        ([3.0, 1.0], "2 numbers for 3 unknowns"),
        ([3.0, 1.0, 2.0, 0.0], "4 numbers for 3 unknowns"),
        ([], "0 numbers for 3 unknowns"),
        ([3.0, math.nan, 2.0], "x is not finite; expected (3, 1, 2)"),
        ([1.0, 1.0, 2.0], "x is wrong: (1, 1, 2) where (3, 1, 2) is expected"),
    ],
)
def test_a_wrong_solution_says_what_is_wrong(x: list[Value], detail: str) -> None:
    judgement = solution(x, WELL_POSED)
    assert (judgement.outcome, judgement.detail) == (WRONG, detail)


@pytest.mark.parametrize(
    ("shape", "rows"),
    [((1, 3), ((3.0, 1.0, 2.0),)), ((3, 0), ((), (), ())), ((3, 2), ((3.0, 1.0),) * 3)],
)
def test_a_solution_that_is_no_column_is_wrong(
    shape: tuple[int, ...], rows: tuple[tuple[float, ...], ...]
) -> None:
    judgement = printed_solution.judge_unique(
        Stage("solution", shape, rows), compute_expected(WELL_POSED)
    )
    assert judgement.outcome is WRONG
    assert "3 numbers were due" in judgement.detail


def test_a_column_matrix_is_a_solution() -> None:
    stage = Stage("solution", (3, 1), ((3.0,), (1.0,), (2.0,)))
    assert printed_solution.judge_unique(stage, compute_expected(WELL_POSED)).outcome is RIGHT


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1e-308])
def test_scale_does_not_matter(scale: float) -> None:
    system: Matrix = [[2 * scale, scale, 3 * scale], [scale, 3 * scale, 4 * scale]]
    u = eliminate(system)
    assert echelon_rows(u, system).outcome is RIGHT
    assert solution(Program().back_substitution(u), system).outcome is RIGHT
    assert solution([1.0, 1.0001], system).outcome is WRONG


def test_subnormals() -> None:
    system: Matrix = [[0, 1, 2], [4e-320, 0, 8e-320]]
    assert echelon_rows([[4e-320, 0, 8e-320], [0, 1, 2]], system).outcome is RIGHT
    assert solution([2.0, 2.0], system).outcome is RIGHT
    assert solution([2.0, 2.1], system).outcome is WRONG


# Exact arithmetic has no tolerance


@given(st.integers(1, 2**62), st.sampled_from([-1, 1]))
def test_a_ratio_off_by_anything_is_wrong(denominator: int, sign: int) -> None:
    expected = compute_expected(WELL_POSED, Arithmetic.RATIONAL64)
    x: list[Value] = [Fraction(3), Fraction(1), Fraction(2)]
    assert printed_solution.judge_unique(make_solution_stage(x), expected).outcome is RIGHT
    x[1] += Fraction(sign, denominator)
    assert printed_solution.judge_unique(make_solution_stage(x), expected).outcome is WRONG


def test_a_rational_matrix_off_by_anything_is_wrong() -> None:
    expected = compute_expected([[2, 4, 6, 2], [0, 0, 3, 3]], Arithmetic.RATIONAL64)
    tiny, zero, one = Fraction(1, 2**62), Fraction(0), Fraction(1)

    def outcomes(error: Fraction) -> list[Outcome]:
        u: Matrix = [[2, 4, 6, 2], [zero, zero, 3, 3 + error]]
        r: Matrix = [[one, 2 + error, zero, -2 * one], [zero, zero, one, one]]
        reduced = make_matrix_stage("reduced", r)
        carried = Sensitivity(math.inf)
        return [
            printed_echelon.judge_rows(make_matrix_stage("echelon", u), expected).outcome,
            printed_reduction.judge_rows(reduced, expected.reduced, carried, expected).outcome,
        ]

    assert outcomes(zero) == [RIGHT, RIGHT]
    assert outcomes(tiny) == [WRONG, WRONG]


def test_a_rational_elimination_is_never_defensible() -> None:
    expected = compute_expected(ILL_POSED, Arithmetic.RATIONAL64)
    u: Matrix = [[3, 1, 1, 5], [0, Fraction(2, 3), Fraction(-4, 3), Fraction(-2, 3)]]
    tiny = Fraction(1, 10**18)
    last_rows: Matrix = [[0, 0, tiny, 0], [0, 0, 0, tiny]]
    for last in last_rows:
        stage = make_matrix_stage("echelon", [*u, last])
        assert printed_echelon.judge_rows(stage, expected).outcome is WRONG


# Where there is no unique solution


@pytest.mark.parametrize(
    ("x", "notified", "outcome"),
    [
        ([math.nan, 1.0], False, DECLINED),
        ([], False, DECLINED),
        ([1.0, 1.0], True, DECLINED),
        ([1.0, 1.0], False, DEFENSIBLE),
        ([7.0, 8.0], True, WRONG),
        ([7.0, 8.0], False, SILENT),
    ],
)
def test_finite_numbers_solve_the_system_or_deviate(
    x: list[Value], notified: bool, outcome: Outcome
) -> None:
    judgement = printed_solution.judge_any(
        make_solution_stage(x), notified, compute_expected([[1, 2, 3], [2, 4, 6]])
    )
    assert (judgement.check, judgement.outcome) == ("solution.value", outcome)


def test_a_remarkably_large_entry_is_named() -> None:
    large = make_matrix_stage("reduced", [[1, 3.84e14], [math.nan, 0]])
    assert gauss_jordan.remarkable_size(large) == "; it answers entries up to 3.84e+14"
    assert gauss_jordan.remarkable_size(make_matrix_stage("reduced", [[1, 99]])) == ""


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        ([1 + 1e-11], "x is inaccurate: (1.00000000001) where (1) is expected"),
        ([1 + 1e-5], "x is wrong: (1.00001) where (1) is expected"),
    ],
)
def test_two_numbers_are_shown_with_the_digits_that_differ(x: list[float], sentence: str) -> None:
    assert solution(x, [[3, 3]]).detail == sentence


def test_a_component_after_those_shown_is_named() -> None:
    size = 9
    system = [[int(i == j) for j in range(size)] + [1] for i in range(size)]
    x = [1.0] * 8 + [2.0]
    detail = solution(x, system).detail
    assert detail == "x is wrong: component 9 is 2 where 1 is expected"


@pytest.mark.parametrize(
    ("x", "looks_like"),
    [
        ([float(np.float32(1 / 3)), float(np.float32(2 / 7))], "; it looks like single precision"),
        ([0.333333, 0.285714], "; it looks rounded to 6 significant digits"),
        ([0.3333, 0.2857], "; it looks rounded to 4 significant digits"),
        ([0.3334, 0.2857], ""),
    ],
)
def test_an_x_that_was_rounded_says_what_it_looks_like(x: list[float], looks_like: str) -> None:
    detail = solution(x, [[3, 0, 1], [0, 7, 2]]).detail
    assert detail.endswith(f"is expected{looks_like}")
    assert detail.startswith("x is ")


def test_zeros_look_like_no_precision() -> None:
    assert "looks" not in solution([0.0, 0.0], [[3, 0, 1e-150], [0, 7, 2e-150]]).detail
