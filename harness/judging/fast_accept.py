"""Which of many answers are right beyond doubt: told for all of them at once, by sufficient tests.

A screen never says that an answer is wrong. It passes the answer to a square, regular system of
small integers that comes without a word, and whose echelon matrix is bit for bit what elimination
with partial pivoting makes of the system. What then remains to be shown for each check of `judge`
is shown by a bound (docs/verdicts.md derives them). Everything else is for `judge`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq, fmpq_mat

from harness.model.answer import Ending
from harness.model.case import Arithmetic
from harness.numerics import rational
from harness.numerics.elimination import choose_first_largest, choose_last_largest, echelon_form
from harness.numerics.oracle import RATIO_LIMIT, UNIT_ROUNDOFF
from harness.procedures.registry import PROCEDURES, PUBLISHED_PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from harness.model.answer import Transcript
    from harness.model.contract import Contract
    from harness.model.number import Value

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

MAXIMUM_ORDER = 6
MAXIMUM_ENTRY = 10**6
"""With no more rows, and no larger integers, nothing underflows on the way.

What a step leaves of an entry is 0, or at least u times the smallest one before.
"""

MAXIMUM_CONDITION = 1e8
"""Of cond(U) = ‖|U⁻¹||U|‖∞: up to here U⁻¹ in doubles is good to half of its digits."""

BACKWARD_ERROR_SHARE = (RATIO_LIMIT - 1) / RATIO_LIMIT
"""The share of the limit that a bound may take up; the rest is for rounding of the bound itself."""

RESIDUAL_SHARE = 0.5
"""The share of the limit that a residual may take up: the rest is more than it may be off by."""


def accept(contract: Contract, systems: Integers, answers: Sequence[Transcript]) -> list[bool]:
    """Which answers every check of `judge` would find right, or absent: those known at once.

    `systems` are N augmented matrices, N × m × (n + 1), of integers; `answers` are what the port
    said to them, in that order.
    """
    _, rows, columns = systems.shape
    if columns != rows + 1 or rows > MAXIMUM_ORDER or abs(systems).max(initial=0) > MAXIMUM_ENTRY:
        return [False] * len(answers)
    shapes = list_result_shapes(contract, rows)
    passed = [has_results_only(answer, shapes) for answer in answers]
    chosen = [index for index, plain in enumerate(passed) if plain]
    if chosen:
        judged = ACCEPT_BY_ARITHMETIC[contract.arithmetic](
            systems[chosen], [answers[index] for index in chosen]
        )
        for index, right in zip(chosen, judged, strict=True):
            passed[index] = bool(right)
    return passed


def list_result_shapes(contract: Contract, rows: int) -> dict[str, tuple[int, ...]]:
    """The shapes of a port's results by label; empty where it has other than listed procedures."""
    if not {"gaussian_elimination"} <= set(contract.procedures) <= set(PUBLISHED_PROCEDURES):
        return {}
    results = [PROCEDURES[procedure].results[0] for procedure in contract.procedures]
    return {result.label: result.shape(rows, rows, 1) for result in results}


def has_results_only(answer: Transcript, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether an answer holds results of these shapes, and nothing else."""
    if answer.ending is not Ending.COMPLETED or answer.remarks or answer.errors or answer.failures:
        return False
    if not shapes or answer.stages.keys() != shapes.keys():
        return False
    for label, stage in answer.stages.items():
        if stage.shape != shapes[label] or stage.trouble or stage.half_units:
            return False
    return True


# In doubles


def accept_doubles(systems: Integers, answers: Sequence[Transcript]) -> Flags:
    """Which answers of a port that computes with doubles are right beyond doubt."""
    given = systems.astype(np.float64)
    printed = {label: collect_doubles(label, answers) for label in answers[0].stages}
    right = np.ones(len(answers), np.bool_)
    for matrices in printed.values():
        right &= np.isfinite(matrices).all(axis=(1, 2))
    with np.errstate(all="ignore"):
        right &= is_result_of_partial_pivoting(printed["echelon"], given)
        right &= is_stable(printed["echelon"], given)
        if "reduced" in printed:
            right &= is_reduced(printed["reduced"], printed["echelon"])
        if "solution" in printed:
            right &= is_solution(printed["solution"][:, :, 0], given)
    return right


def collect_doubles(label: str, answers: Sequence[Transcript]) -> Doubles:
    """What was printed under a label, N × rows × columns; NaN where a ratio was printed."""
    printed = np.array([answer.stages[label].rows for answer in answers])
    if printed.dtype == object:
        is_ratio = np.frompyfunc(lambda value: isinstance(value, Fraction), 1, 1)
        printed = np.where(is_ratio(printed).astype(np.bool_), np.nan, printed)
    found: Doubles = printed.astype(np.float64)
    return found


def is_result_of_partial_pivoting(echelon: Doubles, given: Doubles) -> Flags:
    """Whether it is what partial pivoting gives, with the first or the last of equal candidates."""
    found: Flags = (eliminate_in_doubles(given) == echelon).all(axis=(1, 2))
    if not found.all():
        found[~found] = (eliminate_in_doubles(given[~found], last=True) == echelon[~found]).all(
            axis=(1, 2)
        )
    return found


def eliminate_in_doubles(given: Doubles, last: bool = False) -> Doubles:
    """The echelon forms of N square systems, N × n × (n + 1), by rows as the textbooks do it."""
    work, every = given.copy(), np.arange(len(given))
    size = given.shape[1]
    for k in range(size):
        candidates = np.abs(work[:, k:, k])
        chosen = k + candidates.argmax(axis=1)
        if last:
            chosen = size - 1 - candidates[:, ::-1].argmax(axis=1)
        above = work[:, k].copy()
        work[:, k] = work[every, chosen]
        work[every, chosen] = np.where((chosen == k)[:, None], work[:, k], above)
        multipliers = work[:, k + 1 :, k, None] / work[:, None, None, k, k]
        work[:, k + 1 :, k:] -= multipliers * work[:, k, None, k:]
        work[:, k + 1 :, k] = 0
    return work


def is_stable(echelon: Doubles, given: Doubles) -> Flags:
    """Whether A is regular for sure, and U row-equivalent to it to half the limit.

    PA + E = LU with |E| ≤ γₙ|L||U| and |L| ≤ 1 (Higham, Accuracy and Stability, Theorem 9.3), and
    ‖L⁻¹‖∞ ≤ 2ⁿ⁻¹ then (Theorem 8.13): A is regular where ‖E(LU)⁻¹‖ < 1.
    """
    size = given.shape[1]
    upper = np.abs(echelon[:, :, :size])
    inverse = np.abs(invert_upper_triangles(echelon[:, :, :size]))
    condition = (inverse @ upper).sum(axis=2).max(axis=1)
    grown = upper.sum(axis=(1, 2)) * inverse.sum(axis=2).max(axis=1) * 2.0 ** (size - 1)
    regular = (condition < MAXIMUM_CONDITION) & (size * UNIT_ROUNDOFF * grown < RESIDUAL_SHARE)
    limit = BACKWARD_ERROR_SHARE * RATIO_LIMIT
    coefficients = upper.sum(axis=(1, 2)) <= limit * row_norms(given[:, :, :size])
    sides = np.abs(echelon[:, :, size]).sum(axis=1) <= limit * np.abs(given[:, :, size]).max(axis=1)
    found: Flags = regular & coefficients & sides
    return found


def invert_upper_triangles(upper: Doubles) -> Doubles:
    """The inverses of upper triangular matrices, N × n × n, by back substitution."""
    size = upper.shape[1]
    found = np.zeros_like(upper)
    for i in reversed(range(size)):
        right = np.eye(size)[i] - (upper[:, i, None, i + 1 :] @ found[:, i + 1 :])[:, 0]
        found[:, i] = right / upper[:, i, i, None]
    return found


def row_norms(matrices: Doubles) -> Doubles:
    """‖·‖∞ of each of N matrices."""
    found: Doubles = np.abs(matrices).sum(axis=2).max(axis=1)
    return found


def is_reduced(reduced: Doubles, echelon: Doubles) -> Flags:
    """Whether it is [I | x], and x solves Ux = y as well as componentwise stable methods do.

    From |y − Ux| ≤ c|U||x| follows ‖x − x*‖ ≤ c cond(U)‖x‖ (Higham, §7.2).
    """
    size = echelon.shape[1]
    unit = (reduced[:, :, :size] == np.eye(size)).all(axis=(1, 2))
    x, upper = reduced[:, :, size, None], echelon[:, :, :size]
    residual = np.abs(echelon[:, :, size, None] - upper @ x)
    allowed = RESIDUAL_SHARE * RATIO_LIMIT * size * UNIT_ROUNDOFF * (np.abs(upper) @ np.abs(x))
    found: Flags = unit & (residual <= allowed).all(axis=(1, 2))
    return found


def is_solution(x: Doubles, given: Doubles) -> Flags:
    """Whether the residual of x, N × n, is within half the limit."""
    size = given.shape[1]
    coefficients, right = given[:, :, :size], given[:, :, size]
    residual = np.abs(right - (coefficients @ x[:, :, None])[:, :, 0]).max(axis=1)
    scale = row_norms(coefficients) * np.abs(x).max(axis=1) + np.abs(right).max(axis=1)
    found: Flags = residual <= RESIDUAL_SHARE * RATIO_LIMIT * size * UNIT_ROUNDOFF * scale
    return found


# In fractions


def accept_fractions(systems: Integers, answers: Sequence[Transcript]) -> Flags:
    """Which answers of a port that computes with fractions are right: nothing is rounded there."""
    pairs = zip(systems.tolist(), answers, strict=True)
    return np.array([is_exact(system, answer) for system, answer in pairs])


def is_exact(system: list[list[int]], answer: Transcript) -> bool:
    """Whether an answer is, in exact arithmetic, what is due for a regular system."""
    size = len(system)
    reduced, rank = fmpq_mat([[fmpq(value) for value in row] for row in system]).rref()
    table = reduced.tolist()
    if rank < size or any(table[i][i] != 1 for i in range(size)):
        return False
    due = {"reduced": table, "solution": [row[size:] for row in table]}
    stages = answer.stages
    if any(not is_equal(stages[label].rows, due[label]) for label in due.keys() & stages.keys()):
        return False
    fractions = [[fmpq(value) for value in row] for row in system]
    return any(
        is_equal(stages["echelon"].rows, echelon_form(fractions, size, choose))
        for choose in (choose_first_largest, choose_last_largest)
    )


def is_equal(printed: Sequence[Sequence[Value]], due: Sequence[Sequence[fmpq]]) -> bool:
    """Whether printed numbers are finite, and equal exact ones."""
    return rational.all_finite(printed) and all(
        value.as_integer_ratio() == (int(target.p), int(target.q))
        for row, targets in zip(printed, due, strict=True)
        for value, target in zip(row, targets, strict=True)
    )


ACCEPT_BY_ARITHMETIC = {
    Arithmetic.BINARY64: accept_doubles,
    Arithmetic.RATIONAL64: accept_fractions,
}
