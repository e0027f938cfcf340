"""The corpus under cases/: each of its claims is verified in exact arithmetic."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from flint import fmpq, fmpq_mat

from harness.inputs.cases import load_cases
from harness.model.case import Arithmetic, Case, Kind, Solutions

CORPUS = Path(__file__).parents[2] / "cases"
CASES = load_cases([CORPUS])
NAMES = [case.name for case in CASES]
DECLARED = Arithmetic.BINARY64, Arithmetic.RATIONAL64
"""The arithmetics for which a case declares its solutions."""


def find_case(name: str) -> Case:
    return CASES[NAMES.index(name)]


def build_exact_matrix(case: Case, columns: int, arithmetic: Arithmetic) -> fmpq_mat:
    """Return the first `columns` of the augmented matrix, with the numbers of the arithmetic."""
    rows = case.build_input_matrix(arithmetic)
    entries = [fmpq(x.numerator, x.denominator) for row in rows for x in row[:columns]]
    return fmpq_mat(case.rows, columns, entries)


def classify(case: Case, arithmetic: Arithmetic) -> Solutions:
    _, augmented = build_exact_matrix(case, case.columns, arithmetic).rref()
    _, rank = build_exact_matrix(case, case.unknowns, arithmetic).rref()
    if augmented > rank:
        return Solutions.NONE
    return Solutions.UNIQUE if rank == case.unknowns else Solutions.INFINITE


def solve_exactly(name: str) -> list[str]:
    case = find_case(name)
    reduced, rank = build_exact_matrix(case, case.columns, Arithmetic.RATIONAL64).rref()
    assert rank == case.unknowns
    return [str(reduced[i, case.unknowns]) for i in range(rank)]


def find_system(name: str) -> list[list[Fraction]]:
    return [list(row) for row in find_case(name).build_input_matrix(Arithmetic.RATIONAL64)]


@pytest.mark.parametrize("arithmetic", DECLARED)
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_declared_solutions_are_the_exact_ones(case: Case, arithmetic: Arithmetic) -> None:
    assert case.solutions[arithmetic] is classify(case, arithmetic)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_kind_agrees_with_the_rank_of_what_is_written(case: Case) -> None:
    _, rank = build_exact_matrix(case, case.unknowns, Arithmetic.RATIONAL64).rref()
    assert (case.kind is Kind.REGULAR) == (rank == case.rows == case.unknowns)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_case_says_in_one_sentence_what_it_exposes(case: Case) -> None:
    assert case.why.endswith(".")
    assert ". " not in case.why
    assert 20 <= len(case.why) <= 120


def test_no_two_cases_are_the_same_system() -> None:
    assert len({case.system for case in CASES}) == len(CASES)


CLASSES = {
    Kind.REGULAR: [Solutions.UNIQUE],
    Kind.SINGULAR: [Solutions.NONE, Solutions.INFINITE],
    Kind.UNDERDETERMINED: [Solutions.NONE, Solutions.INFINITE],
    Kind.OVERDETERMINED: [Solutions.UNIQUE, Solutions.NONE, Solutions.INFINITE],
}


def test_the_corpus_has_every_kind_in_every_possible_class() -> None:
    assert len(CASES) >= 115
    for arithmetic in DECLARED:
        classes = {(case.kind, case.solutions[arithmetic]) for case in CASES}
        # Rounding to doubles can change the class of a system.
        classes -= {(Kind.REGULAR, Solutions.NONE), (Kind.SINGULAR, Solutions.UNIQUE)}
        assert classes == {(kind, solutions) for kind in Kind for solutions in CLASSES[kind]}


def test_each_file_holds_one_kind() -> None:
    for case in CASES:
        assert case.place.split(":")[0].endswith(f"{case.kind}.yaml")


def test_there_is_every_size_to_20_and_some_to_256() -> None:
    sizes = {kind: {case.rows for case in CASES if case.kind is kind} for kind in Kind}
    assert sizes[Kind.REGULAR] == {*range(1, 21), 30, 40, 60, 64, 100, 128, 129}
    assert sizes[Kind.SINGULAR] >= {1, 2, 3, 4, 20, 30, 50}
    assert max(sizes[Kind.OVERDETERMINED]) == 256
    assert max(sizes[Kind.UNDERDETERMINED]) == 12
    assert max(case.unknowns for case in CASES) == 256


def test_every_common_family_of_test_matrices_is_included() -> None:
    assert {name.rpartition("-")[0] for name in NAMES} >= {
        "foster",
        "frank",
        "hadamard",
        "hilbert",
        "inverse-hilbert",
        "kahan",
        "laplacian",
        "lotkin",
        "magic",
        "minij",
        "moler",
        "pascal",
        "shuffled",
        "tridiagonal",
        "vandermonde",
        "wilkinson-growth",
        "wright",
    }


def test_the_corpus_loads_within_a_second() -> None:
    start = time.process_time()
    load_cases([CORPUS])
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("name", "rows", "x"),
    [
        (
            "archive-example-2-3-4",
            [[2, 3, 4, 6], [1, 2, 3, 4], [3, -4, 0, 10]],
            ["18/11", "-14/11", "18/11"],
        ),
        (
            "archive-example-3-2-4",
            [[3, 2, -4, 3], [2, 3, 3, 15], [5, -3, 1, 14]],
            ["3", "1", "2"],
        ),
        (
            "by-hand-example",
            [[1, 2, -1, 3], [2, 1, 1, 7], [3, -1, 2, 8]],
            ["2", "4/3", "5/3"],
        ),
        (
            "by-hand-example-triangular",
            [[1, 2, -1, 3], [0, -3, 3, 1], [0, 0, -6, -10]],
            ["2", "4/3", "5/3"],
        ),
        ("zero-leading-pivot", [[0, 1, 2], [1, 0, 3]], ["3", "2"]),
        ("residue-below-pivot", [[22, 1, 1], [15, 1, 0]], ["1/7", "-15/7"]),
    ],
)
def test_the_articles_examples_are_included_with_solutions(
    name: str, rows: list[list[int]], x: list[str]
) -> None:
    assert find_system(name) == [[Fraction(entry) for entry in row] for row in rows]
    assert solve_exactly(name) == x


def test_the_cases_that_depend_on_the_arithmetic_are_these() -> None:
    differing = {case.name for case in CASES if len(set(case.solutions.values())) > 1}
    assert differing == {"decimals-singular-doubles-regular", "equal-once-rounded"}


def test_these_cases_are_no_ratios_of_64_bit_integers() -> None:
    assert {case.name for case in CASES if not case.is_representable(Arithmetic.RATIONAL64)} == {
        "tiny-pivot-1e-20",
        "scaled-up-1e300",
        "scaled-down-1e-300",
        "overflow-in-one-order",
        "subnormal-pivot",
        "scaled-up-singular",
        "sides-far-apart",
        "determinant-beyond-doubles",
    }


# The mistakes that cases expose: elimination with one mistake, compared with the correct one.

Matrix = list[list[float]]


def eliminate(
    a: Matrix,
    *,
    size: Callable[[float], float] = abs,
    swap: Callable[[Matrix, int, int, int], None] | None = None,
    tolerance: float = 0.0,
    skip: int = 0,
    last_column: int = 0,
    last_row: int | None = None,
    multiply_first: bool = False,
    reciprocal: bool = False,
    store_zero: bool = True,
) -> Matrix:
    """Return Gaussian elimination with partial pivoting; each given argument is a mistake."""
    a, row = [list(entries) for entries in a], 0
    rows, columns = len(a), len(a[0])
    for column in range(columns - 1 - last_column):
        if row >= rows:
            break
        pivot = max(range(row, rows), key=lambda i: size(a[i][column]))
        if abs(a[pivot][column]) <= tolerance:
            row += skip
            continue
        if swap is None:
            a[row], a[pivot] = a[pivot], a[row]
        else:
            swap(a, row, pivot, column)
        for i in range(row + 1, last_row or rows):
            for j in range(column + 1, columns):
                if multiply_first:
                    a[i][j] -= a[i][column] * a[row][j] / a[row][column]
                elif reciprocal:
                    a[i][j] -= a[i][column] * (1 / a[row][column] * a[row][j])
                else:
                    a[i][j] -= a[i][column] / a[row][column] * a[row][j]
            if store_zero:
                a[i][column] = 0.0
            else:
                a[i][column] -= a[i][column] / a[row][column] * a[row][column]
        row += 1
    return a


def keep_rows(a: Matrix, row: int, pivot: int, column: int) -> None:
    """Do not swap."""


def swap_by_column(a: Matrix, row: int, pivot: int, column: int) -> None:
    a[column], a[pivot] = a[pivot], a[column]


def swap_coefficients(a: Matrix, row: int, pivot: int, column: int) -> None:
    a[row][:-1], a[pivot][:-1] = a[pivot][:-1], a[row][:-1]


def swap_with_next(a: Matrix, row: int, pivot: int, column: int) -> None:
    next_row = min(row + 1, len(a) - 1)
    a[row], a[next_row] = a[next_row], a[row]


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("archive-example-2-3-4", {"swap": keep_rows}),
        ("zero-leading-pivot", {"swap": keep_rows}),
        ("zero-pivot-midway", {"swap": keep_rows}),
        ("tiny-pivot-1e-20", {"swap": keep_rows}),
        ("tiny-pivot-1e-17", {"swap": keep_rows}),
        ("negative-pivot-largest", {"size": float}),
        ("right-hand-side-swapped", {"swap": swap_coefficients}),
        ("three-swaps", {"swap": swap_with_next}),
        ("five-cycle", {"swap": swap_with_next}),
        ("zero-first-column", {"swap": swap_by_column}),
        ("zero-first-column-of-four", {"swap": swap_by_column}),
        ("zero-middle-column", {"swap": swap_by_column}),
        ("zero-middle-column-of-four", {"swap": swap_by_column}),
        ("wide-late-pivots", {"swap": swap_by_column}),
        ("wide-vanishing-column", {"swap": swap_by_column}),
        ("tall-zero-first-column", {"swap": swap_by_column}),
        ("zero-first-column", {"skip": 1}),
        ("zero-middle-column", {"skip": 1}),
        ("zero-middle-column-of-four", {"skip": 1}),
        ("wide-late-pivots", {"skip": 1}),
        ("residue-below-pivot", {"store_zero": False}),
        ("tiny-but-regular", {"tolerance": 1e-10}),
        ("scaled-down-1e-300", {"tolerance": 1e-10}),
        ("badly-scaled-rows", {"tolerance": 2e12 * 2**-53}),
        ("overflow-in-one-order", {"multiply_first": True}),
        ("subnormal-pivot", {"reciprocal": True}),
        ("all-negative", {"size": float}),
        ("tall-negative-pivots", {"size": float}),
        ("swap-in-the-last-step", {"swap": keep_rows}),
        ("two-by-two", {"swap": swap_with_next}),
        ("two-zero-columns-midway", {"skip": 1}),
        ("vanishing-column", {"swap": swap_by_column}),
        ("tall-zero-middle-column", {"swap": swap_by_column}),
        ("wide-pivots-with-gaps", {"swap": swap_by_column}),
        ("wide-last-column", {"swap": swap_by_column}),
        ("tall-pivot-in-the-last-row", {"swap": keep_rows}),
        ("tall-pivot-in-the-last-row", {"last_row": 3}),
        ("tall-two-contradictions", {"last_row": 3}),
        ("tall-15-by-10", {"last_row": 14}),
        ("tall-10-by-6-infinite", {"skip": 1}),
        ("wide-10-by-15", {"skip": 1}),
        ("wide-8-by-12-contradiction", {"skip": 1}),
        ("shuffled-30", {"swap": keep_rows}),
        ("minij-40", {"last_row": 39}),
        ("laplacian-contradiction-50", {"last_row": 49}),
        ("tall-contradiction", {"last_row": 2}),
        ("tall-unique", {"last_row": 2}),
        ("single-column", {"last_row": 1}),
        ("wide-consistent", {"last_row": 1}),
        ("single-column", {"last_column": 1}),
        ("tall-zero-first-column", {"last_column": 1}),
    ],
)
def test_a_case_exposes_the_mistake_that_it_is_for(
    name: str, mistake: dict[str, Callable[..., None] | float | None]
) -> None:
    rows = [[number.binary64 for number in row] for row in find_case(name).system]
    try:
        result = eliminate(rows, **mistake)  # type: ignore[arg-type]
    except (ZeroDivisionError, IndexError):
        return
    assert result != eliminate(rows)
