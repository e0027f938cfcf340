"""The magnitudes |L||U| of elimination: they bound its products, whatever the scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.matrix_families import build_matrix
from harness.numerics import rational
from harness.numerics.magnitudes import (
    STRATEGIES,
    compute_magnitudes,
    magnitudes_in_order,
    uncancelled_inverse,
)
from harness.numerics.precision import BINARY64
from support.random_systems import scaled_system

Rows = list[list[float]]
PARTIAL = STRATEGIES[0]


def magnitudes(rows: Rows) -> Rows:
    bound = compute_magnitudes(rational.from_rows(rows), PARTIAL, BINARY64)
    return rational.to_floats(bound.sums)


def test_the_magnitudes_of_two_rows() -> None:
    """L = [1 0; 1/2 1] and U = [4 2; 0 3]: |A| + |L||U|, in the order of the given rows."""
    assert magnitudes([[2.0, 4.0], [4.0, 2.0]]) == [
        [pytest.approx(4), pytest.approx(8)],
        [pytest.approx(8), pytest.approx(4)],
    ]


@given(st.integers(0, 10_000), st.sampled_from(STRATEGIES))
def test_they_are_at_least_the_entries(seed: int, strategy: object) -> None:
    """|L||U| ≥ |LU| = |A|."""
    a = rational.from_rows(scaled_system(np.random.default_rng(seed))[:, :-1].tolist())
    sums = compute_magnitudes(a, strategy, BINARY64).sums  # type: ignore[arg-type]
    sizes = rational.magnitudes(a)
    assert all(w >= v for w, v in zip(sums.entries(), sizes.entries(), strict=True))


@given(st.integers(0, 10_000), st.integers(-300, 300))
def test_they_scale_with_the_matrix(seed: int, exponent: int) -> None:
    a = np.random.default_rng(seed).integers(-9, 10, (2, 3)).astype(float)
    plain, scaled = magnitudes(a.tolist()), magnitudes((a * 2.0**exponent).tolist())
    assert np.allclose(np.array(plain) * 2.0**exponent, scaled, rtol=1e-12, atol=0)


def test_growth_is_in_them() -> None:
    rows = [[float(value) for value in row] for row in build_matrix("wilkinson-growth", 10)]
    assert magnitudes(rows)[9][9] == pytest.approx(2**10 - 1, rel=0.01)
    assert magnitudes(rows)[0][9] == pytest.approx(2, rel=0.01)


def test_rounding_that_decides_on_a_pivot_is_noticed() -> None:
    def is_certain(rows: Rows) -> bool:
        return compute_magnitudes(rational.from_rows(rows), PARTIAL, BINARY64).is_certain

    assert is_certain([[1, 1], [1, 1.001]])
    assert not is_certain([[1, 1], [1, 1 + 2**-52]])


def test_they_stay_small_after_the_rank_is_used_up() -> None:
    """Each row is subtracted at most once, and what is left of the rows is tiny."""
    random = np.random.default_rng(1)
    a = random.standard_normal((8, 2)) @ random.standard_normal((2, 60))
    assert np.max(magnitudes(a.tolist())) < 20 * np.max(np.abs(a))


def test_the_magnitudes_of_given_pivots() -> None:
    """The tiny pivot: L = [1 0; 1e20 1] and U = [1e-20 1; 0 −1e20]."""
    sums = magnitudes_in_order(rational.from_rows([[1e-20, 1.0], [1.0, 1.0]]), [(0, 0), (1, 1)])
    assert rational.to_floats(sums)[1] == [pytest.approx(2), pytest.approx(2e20)]


def test_an_inverse_without_cancellation() -> None:
    """In the inverse of [1 1 1; 0 1 1; 0 0 1], the terms of the last corner cancel."""
    rows = [[1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
    assert rational.to_floats(uncancelled_inverse(rational.from_rows(rows))) == [
        [1, 1, 2],
        [0, 1, 1],
        [0, 0, 1],
    ]
