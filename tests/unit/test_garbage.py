"""Garbage is never right, however ill-conditioned the matrix, and honest results still are."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harness.inputs.matrix_families import FAMILIES
from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic, Case, Kind
from harness.model.contract import Contract
from harness.model.number import Number
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.oracle import Expected, expect

ILL_CONDITIONED = [
    *(("hilbert", order) for order in (8, 9, 10, 11, 12, 14, 20)),
    *(("lotkin", order) for order in (8, 9, 10, 11, 12, 14, 20)),
    *(("pascal", order) for order in (12, 13, 14, 16, 20)),
    *(("moler", order) for order in (12, 16, 20)),
    *(("vandermonde", order) for order in (11, 12, 13, 14, 16)),
]
METHODS = [("inverse",), ("lu", "inverse"), ("gauss_jordan", "inverse")]


@cache
def compute_expected(family: str, order: int) -> Expected:
    matrix = FAMILIES[family](order)
    rows = tuple(
        (*map(Number.from_fraction, row), Number.from_fraction(sum(row))) for row in matrix
    )
    return expect(Case("a-case", Kind.REGULAR, "Why.", "", rows, 1, {}), Arithmetic.BINARY64)


def judge_inverse(
    expected: Expected, rows: tuple[tuple[float, ...], ...], procedures: tuple[str, ...]
) -> Judgement:
    stages = {"inverse": Stage("inverse", (len(rows), len(rows)), rows)}
    contract = Contract(Arithmetic.BINARY64, procedures)
    judgements = judge(contract, expected, Transcript("a-case", Ending.COMPLETED, stages))
    (judgement,) = (each for each in judgements if each.check == "inverse.value")
    return judgement


@pytest.mark.parametrize(("family", "order"), ILL_CONDITIONED)
def test_a_constant_is_not_the_inverse_of_a_matrix(family: str, order: int) -> None:
    expected = compute_expected(family, order)
    for value in (0.0, 1.0, -1e-5, 1e3, 1e10):
        rows = ((value,) * order,) * order
        for procedures in METHODS:
            assert judge_inverse(expected, rows, procedures).outcome is not Outcome.RIGHT


@pytest.mark.parametrize(("family", "order"), ILL_CONDITIONED)
def test_the_inverse_of_lapack_conforms(family: str, order: int) -> None:
    expected = compute_expected(family, order)
    a = np.array(rational.to_floats(expected.coefficients))
    rows = tuple(map(tuple, np.linalg.inv(a).tolist()))
    for procedures in METHODS:
        outcome = judge_inverse(expected, rows, procedures).outcome
        assert outcome in (Outcome.RIGHT, Outcome.DEFENSIBLE)


@pytest.mark.parametrize("order", [8, 9, 10])
def test_an_inverse_with_correct_digits_is_right(order: int) -> None:
    expected = compute_expected("hilbert", order)
    a = np.array(rational.to_floats(expected.coefficients))
    rows = tuple(map(tuple, np.linalg.inv(a).tolist()))
    assert judge_inverse(expected, rows, ("lu", "inverse")).outcome is Outcome.RIGHT
