"""The named matrices have the properties that they are named for."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import pytest
from flint import fmpq, fmpq_mat

from harness.inputs.matrix_families import (
    FAMILIES,
    MAXIMUM_ORDER,
    RESTRICTED_ORDERS,
    Matrix,
    build_matrix,
)


def parse_matrix(text: str) -> Matrix:
    return tuple(tuple(Fraction(word) for word in row.split()) for row in text.split(";"))


def to_flint(matrix: Matrix) -> fmpq_mat:
    entries = [fmpq(entry.numerator, entry.denominator) for row in matrix for entry in row]
    return fmpq_mat(len(matrix), len(matrix[0]), entries)


def growth_factor(matrix: Matrix) -> Fraction:
    """Return the growth factor of partial pivoting with the first of equal candidates."""
    rows = [list(row) for row in matrix]
    largest = start = max(abs(entry) for row in rows for entry in row)
    for step in range(len(rows)):
        pivot = max(range(step, len(rows)), key=lambda i: abs(rows[i][step]))
        rows[step], rows[pivot] = rows[pivot], rows[step]
        for i in range(step + 1, len(rows)):
            multiplier = rows[i][step] / rows[step][step]
            rows[i] = [a - multiplier * b for a, b in zip(rows[i], rows[step], strict=True)]
        largest = max(largest, *(abs(entry) for row in rows for entry in row))
    return largest / start


def list_orders(name: str) -> list[int]:
    return [n for n in range(1, 15) if n in RESTRICTED_ORDERS.get(name, range(1, 15))]


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_gives_matrices_of_the_order_asked_for(name: str) -> None:
    assert list_orders(name)
    for n in list_orders(name):
        rows, columns = {"tall": (n, 12), "wide": (12, n)}.get(name, (n, n))
        assert [len(row) for row in build_matrix(name, n)] == [columns] * rows


@pytest.mark.parametrize("name", sorted(set(FAMILIES) - {"laplacian", "magic", "tall", "wide"}))
def test_a_family_is_regular(name: str) -> None:
    for n in list_orders(name):
        assert to_flint(build_matrix(name, n)).det() != 0


@pytest.mark.parametrize("name", ["frank", "minij", "moler", "pascal", "wilson"])
def test_a_family_of_determinant_one_has_it(name: str) -> None:
    for n in list_orders(name):
        assert to_flint(build_matrix(name, n)).det() == 1


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_the_largest_order_still_fits_doubles(name: str) -> None:
    largest = RESTRICTED_ORDERS.get(name, range(1, MAXIMUM_ORDER + 1))[-1]
    for row in build_matrix(name, largest):
        assert all(math.isfinite(entry) for entry in (*row, sum(row)))


def test_hilbert_and_its_inverse() -> None:
    assert build_matrix("hilbert", 2) == parse_matrix("1 1/2; 1/2 1/3")
    for n in list_orders("hilbert"):
        product = to_flint(build_matrix("hilbert", n)) * to_flint(
            build_matrix("inverse-hilbert", n)
        )
        assert product == to_flint(
            tuple(tuple(Fraction(i == j) for j in range(n)) for i in range(n))
        )


def test_vandermonde_is_the_product_of_differences() -> None:
    for n in list_orders("vandermonde"):
        expected = 1
        for j in range(1, n + 1):
            for i in range(1, j):
                expected *= j - i
        assert to_flint(build_matrix("vandermonde", n)).det() == expected


def test_lotkin_is_hilbert_below_a_row_of_ones() -> None:
    lotkin, hilbert = build_matrix("lotkin", 6), build_matrix("hilbert", 6)
    assert lotkin[:1] == parse_matrix("1 1 1 1 1 1")
    assert lotkin[1:] == hilbert[1:]


def test_frank_is_upper_hessenberg() -> None:
    assert build_matrix("frank", 4) == parse_matrix("4 3 2 1; 3 3 2 1; 0 2 2 1; 0 0 1 1")


def test_moler_is_the_square_of_a_unit_triangle() -> None:
    for n in list_orders("moler"):
        triangle = to_flint(
            tuple(tuple(Fraction((j == i) - (j > i)) for j in range(n)) for i in range(n))
        )
        assert to_flint(build_matrix("moler", n)) == triangle.transpose() * triangle


def test_kahan_is_triangular_with_a_cosine_and_a_sine() -> None:
    assert Fraction(3, 5) ** 2 + Fraction(4, 5) ** 2 == 1
    assert build_matrix("kahan", 3) == parse_matrix("1 -3/5 -3/5; 0 4/5 -12/25; 0 0 16/25")


def test_tridiagonal_has_determinant_n_plus_one() -> None:
    assert build_matrix("tridiagonal", 3) == parse_matrix("2 -1 0; -1 2 -1; 0 -1 2")
    for n in list_orders("tridiagonal"):
        assert to_flint(build_matrix("tridiagonal", n)).det() == n + 1


def test_magic_squares_are_magic_and_of_rank_three() -> None:
    assert build_matrix("magic", 4)[:1] == parse_matrix("16 2 3 13")
    for n in (4, 8, 12):
        square = build_matrix("magic", n)
        total = n * (n * n + 1) // 2
        assert sorted(entry for row in square for entry in row) == list(range(1, n * n + 1))
        assert {sum(row) for row in square} == {total}
        assert {sum(column) for column in zip(*square, strict=True)} == {total}
        assert sum(square[i][i] for i in range(n)) == total
        assert sum(square[i][n - 1 - i] for i in range(n)) == total
        assert to_flint(square).rank() == 3


def test_laplacian_lacks_one_of_full_rank() -> None:
    assert build_matrix("laplacian", 2) == parse_matrix("1 -1; -1 1")
    assert build_matrix("laplacian", 4) == parse_matrix("1 -1 0 0; -1 2 -1 0; 0 -1 2 -1; 0 0 -1 1")
    for n in list_orders("laplacian"):
        assert to_flint(build_matrix("laplacian", n)).rank() == n - 1
        assert all(sum(row) == 0 for row in build_matrix("laplacian", n))


@pytest.mark.parametrize("n", [2, 3, 8, 30])
def test_shuffled_has_one_largest_candidate_a_step_and_integers(n: int) -> None:
    rows = [list(row) for row in build_matrix("shuffled", n)]
    swaps = 0
    for step in range(n):
        sizes = [abs(row[step]) for row in rows[step:]]
        assert sorted(sizes)[-1] == 2
        assert len(sizes) == 1 or sorted(sizes)[-2] <= 1
        pivot = step + sizes.index(Fraction(2))
        swaps += pivot != step
        rows[step], rows[pivot] = rows[pivot], rows[step]
        for i in range(step + 1, n):
            multiplier = rows[i][step] / rows[step][step]
            rows[i] = [a - multiplier * b for a, b in zip(rows[i], rows[step], strict=True)]
            assert all(entry.denominator == 1 for entry in rows[i])
    assert swaps >= n // 2


@pytest.mark.parametrize(("name", "spacing"), [("tall", 1), ("wide", 13)])
def test_tall_and_wide_have_one_largest_candidate_a_step(name: str, spacing: int) -> None:
    rows = [list(row) for row in build_matrix(name, 256)]
    swaps = 0
    for step in range(12):
        column = step * spacing
        sizes = [abs(row[column]) for row in rows[step:]]
        assert sorted(sizes)[-1] == 2
        assert len(sizes) == 1 or sorted(sizes)[-2] <= 1
        pivot = step + sizes.index(Fraction(2))
        swaps += pivot != step
        rows[step], rows[pivot] = rows[pivot], rows[step]
        for i in range(step + 1, len(rows)):
            multiplier = rows[i][column] / 2 * (1 if rows[step][column] > 0 else -1)
            rows[i] = [a - multiplier * b for a, b in zip(rows[i], rows[step], strict=True)]
            assert all(entry.denominator == 1 for entry in rows[i])
            assert not any(rows[i][: column + 1])
    assert swaps >= 6


def test_shuffled_is_the_product_that_it_is_said_to_be() -> None:
    assert build_matrix("shuffled", 2) == parse_matrix("-1 3; 2 -2")
    assert build_matrix("shuffled", 4) == parse_matrix("1 0 -1 5; -1 3 0 1; 0 0 2 -2; 2 -2 0 2")
    assert abs(to_flint(build_matrix("shuffled", 12)).det()) == 2**12
    assert max(abs(entry) for row in build_matrix("shuffled", 100) for entry in row) < 50


@pytest.mark.parametrize("n", range(2, 13))
def test_wilkinsons_matrix_attains_the_largest_growth(n: int) -> None:
    assert growth_factor(build_matrix("wilkinson-growth", n)) == 2 ** (n - 1)


def test_fosters_matrix_grows_by_thirteen_sevenths_a_step() -> None:
    ratio = growth_factor(build_matrix("foster", 20)) / growth_factor(build_matrix("foster", 19))
    assert abs(ratio - Fraction(13, 7)) < Fraction(1, 1000)


def test_fosters_matrix_swaps_no_row_and_has_no_tie() -> None:
    rows = [list(row) for row in build_matrix("foster", 12)]
    for step in range(11):
        candidates = [abs(row[step]) for row in rows[step:]]
        assert all(candidate < candidates[0] for candidate in candidates[1:])
        for i in range(step + 1, 12):
            multiplier = rows[i][step] / rows[step][step]
            rows[i] = [a - multiplier * b for a, b in zip(rows[i], rows[step], strict=True)]


def test_wrights_matrix_couples_the_first_block_to_the_last() -> None:
    assert build_matrix("wright", 4) == parse_matrix(
        "1 0 1 0; 0 1 0 1; -24/25 -7/25 1 0; -7/25 -24/25 0 1"
    )
    assert build_matrix("wright", 8)[:1] == parse_matrix("1 0 0 0 0 0 1 0")
    assert growth_factor(build_matrix("wright", 40)) > 10 * growth_factor(build_matrix("wright", 8))


@pytest.mark.parametrize(
    ("name", "n", "message"),
    [
        ("hilbert", 0, "`hilbert` has no order 0: n should be 1 to 256"),
        ("hilbert", 257, "n should be 1 to 256"),
        ("wilson", 5, "`wilson` has no order 5: n should be 4"),
        ("magic", 6, "`magic` has no order 6: n should be 4 to 256 in steps of 4"),
        ("wright", 7, "n should be 4 to 256 in steps of 2"),
    ],
)
def test_an_order_that_does_not_exist_is_refused(name: str, n: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_matrix(name, n)


def test_a_family_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        build_matrix("hilbret", 3)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_the_documentation_lists_every_family_with_its_orders(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-cases.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines()]
    (orders,) = [row[2] for row in rows if row[1:2] == [f"`{name}`"]]
    with pytest.raises(ValueError, match=f"n should be {orders}$"):
        build_matrix(name, 1000)
