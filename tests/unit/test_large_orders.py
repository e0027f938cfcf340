"""Faults that begin at a row or column beyond 64, 100 or 128 are seen in the corpus.

Programs that work by blocks take another path there. Correct ones conform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.check import Check
from harness.model.contract import Contract
from harness.model.verdict import Judgement
from harness.numerics.oracle import Expected, expect

Doubles = NDArray[np.float64]

CASES = {case.name: case for case in load_cases([Path(__file__).parents[2] / "cases"])}
LARGE = [name for name, case in CASES.items() if max(case.rows, case.unknowns) > 60]
SQUARE = [name for name in LARGE if CASES[name].rows == CASES[name].unknowns]


@dataclass(frozen=True)
class Limits:
    """The rows and columns that a faulty elimination goes up to, in parts of its work."""

    updated_rows: int = 1_000
    updated_columns: int = 1_000
    searched_rows: int = 1_000
    swapped_columns: int = 1_000
    cleared_rows: int = 1_000


def eliminate(system: Doubles, unknowns: int, limits: Limits) -> Doubles:
    """Return Gaussian elimination with partial pivoting, as far as the limits allow."""
    a, row = system.copy(), 0
    for column in range(unknowns):
        if row == len(a):
            break
        candidates = np.abs(a[row : max(row + 1, limits.searched_rows), column])
        pivot = row + int(candidates.argmax())
        if a[pivot, column] == 0:
            continue
        swapped = slice(0, limits.swapped_columns)
        a[[row, pivot], swapped] = a[[pivot, row], swapped]
        below = slice(row + 1, limits.updated_rows)
        beside = slice(column, limits.updated_columns)
        multipliers = a[below, column] / a[row, column]
        a[below, beside] -= np.outer(multipliers, a[row, beside])
        a[row + 1 : limits.cleared_rows, column] = 0
        row += 1
    return a


def factor(matrix: Doubles, block: int, forgets_rest: bool = False) -> tuple[Doubles, ...]:
    """Return P, L and U by blocks of columns: factors of a block, then an update of what is right
    of it. A faulty program forgets the columns that do not fill a block."""
    n, a, order = len(matrix), matrix.copy(), np.arange(len(matrix))
    for start in range(0, n, block):
        end = min(start + block, n)
        for k in range(start, end):
            pivot = k + int(np.abs(a[k:, k]).argmax())
            a[[k, pivot]], order[[k, pivot]] = a[[pivot, k]], order[[pivot, k]]
            if a[k, k] != 0:
                a[k + 1 :, k] /= a[k, k]
            a[k + 1 :, k + 1 : end] -= np.outer(a[k + 1 :, k], a[k, k + 1 : end])
        right = slice(end, n - n % block if forgets_rest and n > block else n)
        lower = np.tril(a[start:end, start:end], -1) + np.eye(end - start)
        a[start:end, right] = np.linalg.solve(lower, a[start:end, right])
        a[end:, right] -= a[end:, start:end] @ a[start:end, right]
    return np.eye(n)[order], np.tril(a, -1) + np.eye(n), np.triu(a)


@cache
def compute_expected(name: str) -> Expected:
    return expect(CASES[name], Arithmetic.BINARY64)


def build_system(name: str) -> Doubles:
    return np.array([[number.binary64 for number in row] for row in CASES[name].system])


def build_stages(results: dict[str, Doubles]) -> dict[str, Stage]:
    return {
        label: Stage(label, matrix.shape, tuple(map(tuple, matrix.tolist())))
        for label, matrix in results.items()
    }


def judge_results(
    name: str, procedures: tuple[str, ...], results: dict[str, Doubles]
) -> Iterator[Judgement]:
    contract = Contract(Arithmetic.BINARY64, procedures)
    transcript = Transcript(name, Ending.COMPLETED, build_stages(results))
    yield from judge(contract, compute_expected(name), transcript)


def deviations_of_elimination(name: str, limits: Limits) -> list[Check]:
    results = {"echelon": eliminate(build_system(name), CASES[name].unknowns, limits)}
    judgements = judge_results(name, ("gaussian_elimination",), results)
    return [judgement.check for judgement in judgements if judgement.outcome.deviates]


def deviations_of_factors(name: str, block: int, forgets_rest: bool) -> list[Check]:
    matrix = build_system(name)[:, : CASES[name].unknowns]
    labels = ("permutation", "lower", "upper")
    results = dict(zip(labels, factor(matrix, block, forgets_rest), strict=True))
    judgements = judge_results(name, ("lu",), results)
    return [judgement.check for judgement in judgements if judgement.outcome.deviates]


FAULTS: dict[str, Callable[[int], Limits]] = {
    "rows that are not updated": lambda first: Limits(updated_rows=first),
    "columns that are not updated": lambda first: Limits(updated_columns=first),
    "rows that are not searched": lambda first: Limits(searched_rows=first),
    "columns that are not swapped": lambda first: Limits(swapped_columns=first),
    "rows that are not cleared": lambda first: Limits(updated_rows=first, cleared_rows=first),
}


def test_large_orders_are_in_the_corpus() -> None:
    sizes = {size for name in LARGE for size in (CASES[name].rows, CASES[name].unknowns)}
    assert sizes >= {64, 128, 129, 256}


@pytest.mark.parametrize("name", LARGE)
def test_correct_elimination_conforms(name: str) -> None:
    assert not deviations_of_elimination(name, Limits())


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize("block", [32, 64, 128])
def test_correct_factors_by_blocks_conform(name: str, block: int) -> None:
    assert not deviations_of_factors(name, block, forgets_rest=False)


@pytest.mark.parametrize("first", [63, 64, 100, 127, 128, 200])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_from_a_row_or_column_on_is_seen(fault: str, first: int) -> None:
    limits = FAULTS[fault](first)
    assert any(deviations_of_elimination(name, limits) for name in LARGE)


@pytest.mark.parametrize("block", [32, 64, 128])
def test_a_block_that_is_not_full_is_not_forgotten(block: int) -> None:
    """Of a matrix of 129 rows, one column does not fill a block."""
    assert deviations_of_factors("shuffled-129", block, forgets_rest=True)


@pytest.mark.parametrize("size", [64, 128])
def test_a_full_block_is_factored_although_another_is_not(size: int) -> None:
    """The fault of a rest does not show where the order is a multiple of the block."""
    (name,) = (name for name in SQUARE if CASES[name].rows == size)
    assert not deviations_of_factors(name, 64, forgets_rest=True)
