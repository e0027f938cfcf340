"""Fast acceptance of many answers at once, by sufficient tests.

These tests never decide that an answer is wrong. They accept an answer to a square, regular system
of small integers if it holds results only, and its echelon matrix is bit for bit the result of
elimination with partial pivoting. Bounds prove the remaining checks of `judge` (docs/verdicts.md
derives them). Every other answer needs `judge`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq, fmpq_mat

from harness.model.answer import Ending
from harness.model.case import Arithmetic
from harness.model.promises import Pivoting
from harness.numerics import rational
from harness.numerics.elimination import choose_first_largest, choose_last_largest, echelon_form
from harness.numerics.oracle import RATIO_LIMIT
from harness.numerics.precision import BINARY64
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
"""With at most MAXIMUM_ORDER rows and integers up to MAXIMUM_ENTRY, elimination cannot underflow.

After a step an entry is 0, or at least u times the smallest entry before.
"""

MAXIMUM_CONDITION = 1e8
"""The limit for cond(U) = ‖|U⁻¹||U|‖∞. Up to it, half of the digits of U⁻¹ in doubles are right."""

RESIDUAL_SHARE = 0.5
"""The part of the limit that a residual may reach. The rest exceeds the residual's own error."""


def accept(contract: Contract, systems: Integers, answers: Sequence[Transcript]) -> list[bool]:
    """Return for each answer whether it is accepted: every check of `judge` is right or absent.

    `systems` are N augmented matrices of integers, N × m × (n + 1). `answers` are the N answers of
    the port, in that order. An answer that is not accepted may still be right.
    """
    _, rows, columns = systems.shape
    if columns != rows + 1 or rows > MAXIMUM_ORDER or abs(systems).max(initial=0) > MAXIMUM_ENTRY:
        return [False] * len(answers)
    if contract.arithmetic not in ACCEPT_BY_ARITHMETIC:
        return [False] * len(answers)
    if contract.promises.pivoting not in (Pivoting.PARTIAL, Pivoting.ANY):
        return [False] * len(answers)
    shapes = collect_result_shapes(contract, rows)
    accepted = [has_results_only(answer, shapes) for answer in answers]
    tested = [index for index, is_plain in enumerate(accepted) if is_plain]
    if tested:
        accept_plain = ACCEPT_BY_ARITHMETIC[contract.arithmetic]
        flags = accept_plain(systems[tested], [answers[index] for index in tested])
        for index, is_accepted in zip(tested, flags, strict=True):
            accepted[index] = bool(is_accepted)
    return accepted


def collect_result_shapes(contract: Contract, rows: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a port's results by label.

    The result is empty if the port lacks Gaussian elimination, or has a procedure that the
    published listings have not.
    """
    if not {"gaussian_elimination"} <= set(contract.procedures) <= set(PUBLISHED_PROCEDURES):
        return {}
    results = [PROCEDURES[procedure].results[0] for procedure in contract.procedures]
    return {result.label: result.shape(rows, rows, 1) for result in results}


def has_results_only(answer: Transcript, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Return whether an answer holds results of these shapes and nothing else."""
    if answer.ending is not Ending.COMPLETED or answer.discontinuity:
        return False
    if answer.remarks or answer.errors or answer.messages:
        return False
    if not shapes or answer.stages.keys() != shapes.keys():
        return False
    for label, stage in answer.stages.items():
        if stage.shape != shapes[label] or stage.trouble or stage.half_units:
            return False
    return True


# In doubles


def accept_doubles(systems: Integers, answers: Sequence[Transcript]) -> Flags:
    """Return which answers of a port that computes with doubles are certainly right."""
    given = systems.astype(np.float64)
    printed = {label: collect_doubles(label, answers) for label in answers[0].stages}
    right = np.ones(len(answers), np.bool_)
    for matrices in printed.values():
        right &= np.isfinite(matrices).all(axis=(1, 2))
    with np.errstate(all="ignore"):
        right &= is_result_of_partial_pivoting(printed["echelon"], given)
        right &= is_regular(printed["echelon"])
        if "reduced" in printed:
            right &= is_reduced(printed["reduced"], printed["echelon"])
        if "solution" in printed:
            right &= is_solution(printed["solution"][:, :, 0], given)
    return right


def collect_doubles(label: str, answers: Sequence[Transcript]) -> Doubles:
    """Return the results with a label, N × rows × columns, with NaN in place of ratios."""
    printed = np.array([answer.stages[label].rows for answer in answers])
    if printed.dtype == object:
        is_ratio = np.frompyfunc(lambda value: isinstance(value, Fraction), 1, 1)
        printed = np.where(is_ratio(printed).astype(np.bool_), np.nan, printed)
    values: Doubles = printed.astype(np.float64)
    return values


def is_result_of_partial_pivoting(echelon: Doubles, given: Doubles) -> Flags:
    """Return whether matrices are results of partial pivoting.

    Of equal candidates, either the first or the last is taken, in the whole elimination.
    """
    flags: Flags = (eliminate_in_doubles(given) == echelon).all(axis=(1, 2))
    others = ~flags
    if others.any():
        forms = eliminate_in_doubles(given[others], last=True)
        flags[others] = (forms == echelon[others]).all(axis=(1, 2))
    return flags


def eliminate_in_doubles(given: Doubles, last: bool = False) -> Doubles:
    """Return the echelon forms of N square systems, N × n × (n + 1).

    The operations are those of the textbooks, row by row. Of equal candidates, elimination takes
    the first, or the `last`.
    """
    work, systems = given.copy(), np.arange(len(given))
    size = given.shape[1]
    for k in range(size):
        candidates = np.abs(work[:, k:, k])
        chosen = k + candidates.argmax(axis=1)
        if last:
            chosen = size - 1 - candidates[:, ::-1].argmax(axis=1)
        replaced = work[:, k].copy()
        work[:, k] = work[systems, chosen]
        work[systems, chosen] = np.where((chosen == k)[:, None], work[:, k], replaced)
        multipliers = work[:, k + 1 :, k, None] / work[:, None, None, k, k]
        work[:, k + 1 :, k:] -= multipliers * work[:, k, None, k:]
        work[:, k + 1 :, k] = 0
    return work


def is_regular(echelon: Doubles) -> Flags:
    """Return whether a matrix with that echelon form, N × n × (n + 1), is certainly regular.

    PA + E = LU with |E| ≤ γₙ|L||U| and |L| ≤ 1 (Higham, Accuracy and Stability, Theorem 9.3). Then
    ‖L⁻¹‖∞ ≤ 2ⁿ⁻¹ (Theorem 8.13), and A is regular if ‖E(LU)⁻¹‖ < 1. The echelon form is
    row-equivalent to the system within the limit, because that is the same bound on E.
    """
    size = echelon.shape[1]
    upper = np.abs(echelon[:, :, :size])
    inverse = np.abs(invert_upper_triangles(echelon[:, :, :size]))
    condition = (inverse @ upper).sum(axis=2).max(axis=1)
    product = upper.sum(axis=(1, 2)) * inverse.sum(axis=2).max(axis=1) * 2.0 ** (size - 1)
    flags: Flags = (condition < MAXIMUM_CONDITION) & (
        size * BINARY64.unit_roundoff * product < RESIDUAL_SHARE
    )
    return flags


def invert_upper_triangles(upper: Doubles) -> Doubles:
    """Return the inverses of upper triangular matrices, N × n × n, by back substitution."""
    size = upper.shape[1]
    inverses = np.zeros_like(upper)
    for i in reversed(range(size)):
        right = np.eye(size)[i] - (upper[:, i, None, i + 1 :] @ inverses[:, i + 1 :])[:, 0]
        inverses[:, i] = right / upper[:, i, i, None]
    return inverses


def is_reduced(reduced: Doubles, echelon: Doubles) -> Flags:
    """Return whether matrices are [I | x], and x solves Ux = y within the limit.

    [U | y] is the echelon matrix. With r = y − Ux, x* = x + U⁻¹r, so that |x − x*| ≤ |U⁻¹||r| = e
    and |x*| ≥ |x| − e. The limit is T·n·u·|U⁻¹||U||x*|.
    """
    size = echelon.shape[1]
    unit = (reduced[:, :, :size] == np.eye(size)).all(axis=(1, 2))
    x, upper = reduced[:, :, size, None], echelon[:, :, :size]
    inverse, roundoff = np.abs(invert_upper_triangles(upper)), size * BINARY64.unit_roundoff
    residual = np.abs(echelon[:, :, size, None] - upper @ x)
    own_error = 2 * roundoff * (np.abs(upper) @ np.abs(x))
    error = inverse @ (residual + own_error) / RESIDUAL_SHARE
    smallest = np.maximum(np.abs(x) - error, 0)
    allowed = RATIO_LIMIT * roundoff * (inverse @ (np.abs(upper) @ smallest))
    flags: Flags = unit & (error <= allowed).all(axis=(1, 2))
    return flags


def is_solution(x: Doubles, given: Doubles) -> Flags:
    """Return whether the residual of x, N × n, is within half the limit.

    The limit is T·n·u·(|L||U||x| + |b|), and |L||U| ≥ |A| but for rounding.
    """
    size = given.shape[1]
    coefficients, right = given[:, :, :size], given[:, :, size]
    residual = np.abs(right - (coefficients @ x[:, :, None])[:, :, 0])
    scale = (np.abs(coefficients) @ np.abs(x)[:, :, None])[:, :, 0] + np.abs(right)
    allowed = RESIDUAL_SHARE * RATIO_LIMIT * size * BINARY64.unit_roundoff * scale
    flags: Flags = (residual <= allowed).all(axis=1)
    return flags


# In fractions


def accept_fractions(systems: Integers, answers: Sequence[Transcript]) -> Flags:
    """Return which answers of a port that computes with fractions are right, without rounding."""
    pairs = zip(systems.tolist(), answers, strict=True)
    return np.array([is_exact(system, answer) for system, answer in pairs])


def is_exact(system: list[list[int]], answer: Transcript) -> bool:
    """Return whether an answer is right in exact arithmetic. The system must be regular."""
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
    """Return whether printed numbers are finite and equal to exact ones."""
    return rational.all_finite(printed) and all(
        value.as_integer_ratio() == (int(target.p), int(target.q))
        for row, targets in zip(printed, due, strict=True)
        for value, target in zip(row, targets, strict=True)
    )


ACCEPT_BY_ARITHMETIC = {
    Arithmetic.BINARY64: accept_doubles,
    Arithmetic.RATIONAL64: accept_fractions,
    Arithmetic.RATIONAL: accept_fractions,
}
