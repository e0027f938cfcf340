"""The numerical criteria: how far a printed matrix or vector is from what it must be.

Every function here takes exact matrices and answers with plain figures and places; what they mean
for a port is for `judge` to say. Ratios are scaled so that a backward stable method gives about 1
(see docs/verdicts.md for the sources).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq, fmpq_mat

from harness.numerics import rational
from harness.numerics.oracle import UNIT_ROUNDOFF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value
    from harness.numerics.rational import ReducedForm

Place = tuple[int, int]
"""A row and a column, from 0."""

U = rational.from_number(UNIT_ROUNDOFF)
UNDERFLOW = fmpq(1, 2**1074)
"""The smallest subnormal: what underflow may add to any operation's result."""

MAXIMUM_DIGITS = 15.0


@dataclass(frozen=True)
class FormFault:
    """One thing that is not as it must be: a sentence for people, and where."""

    sentence: str
    places: tuple[Place, ...] = ()


def format_number(value: Value) -> str:
    """A number in a sentence: short, with a true minus sign."""
    return f"{rational.nearest_double(value):.4g}".replace("-", "−")


def find_echelon_fault(
    rows: Sequence[Sequence[Value]], unknowns: int, tiny: float
) -> FormFault | None:
    """The first way in which `rows` (m × (n + k)) are not in row echelon form, if any.

    Leading entries must move strictly to the right from row to row, over the coefficient columns;
    rows without one stand last; what stands below a pivot is exactly 0. An offending entry of
    magnitude at most `tiny` is called a residue: rounding that should have been stored as 0.
    """
    last, above = -1, -1
    sentence, places = "", []
    for i, row in enumerate(rows):
        leading = next((j for j, value in enumerate(row[:unknowns]) if value != 0), unknowns)
        if leading > last or leading == unknowns:
            last, above = leading, i
            continue
        places.append((i, leading))
        if not sentence:
            word = (
                " (a residue of rounding, not stored as 0)"
                if abs(rational.nearest_double(row[leading])) <= tiny
                else ""
            )
            due = "below the zeros of" if last == unknowns else "where 0 is due below"
            entry = f"row {i + 1} has {format_number(row[leading])}{word} in column {leading + 1}"
            sentence = f"{entry}, {due} row {above + 1}"
    return FormFault(sentence, tuple(places)) if places else None


def find_reduced_fault(
    rows: Sequence[Sequence[Value]],
    unknowns: int,
    tolerance: float,
    carried: Sequence[Sequence[float]] = (),
) -> FormFault | None:
    """The first way in which `rows` in echelon form are not reduced, if any.

    Every pivot must be 1, and alone in its column: within `tolerance` relative to the row, and
    above the diagonal to `carried` (|U⁻¹||U|, see `Sensitivity`) where that is known.
    """
    sizes = [row_size(row, unknowns) for row in rows]
    for i, row in enumerate(rows):
        lead = next((j for j, value in enumerate(row[:unknowns]) if value != 0), None)
        if lead is None:
            continue
        if abs(rational.nearest_double(row[lead] - 1)) > tolerance:
            sentence = (
                f"the pivot of row {i + 1} (column {lead + 1}) is {format_number(row[lead])}, not 1"
            )
            return FormFault(sentence, ((i, lead),))
        left = [
            k
            for k in range(i)
            if abs(rational.nearest_double(rows[k][lead]))
            > tolerance * max(sizes[k], carried[k][i] if i < len(carried) else 0.0)
        ]
        if left:
            value = format_number(rows[left[0]][lead])
            sentence = f"{value} is left above the pivot of row {i + 1} (column {lead + 1})"
            return FormFault(sentence, tuple((k, lead) for k in left))
    return None


def row_size(row: Sequence[Value], unknowns: int) -> float:
    """The largest magnitude among a row's coefficients, at least 1."""
    return max(1.0, *(abs(rational.nearest_double(value)) for value in row[:unknowns]))


def backward_ratio(
    system: fmpq_mat,
    unknowns: int,
    x: fmpq_mat,
    slack: Sequence[Sequence[fmpq]] | None = None,
) -> float:
    """S = ‖b − Ax‖∞ / (n·u·(‖A‖∞‖x‖∞ + ‖b‖∞)), the residual exact; the worst column's.

    `system` is [A | B], m × (n + k); `x` is n × k; n is the larger dimension of A. `slack` (m × k)
    is taken off the residual first: what rounding in print may account for. After HPL
    (testing/ptest/HPL_pdtest.c); for underflow the denominator is that of `allowed_residual`.
    """
    coefficients = rational.columns(system, range(unknowns))
    right = rational.columns(system, range(unknowns, system.ncols()))
    residual = (right - coefficients * x).tolist()
    norm = rational.row_norm(coefficients)
    solutions, sides = x.tolist(), right.tolist()
    size = max(system.nrows(), unknowns)
    worst = 0.0
    for j in range(right.ncols()):
        left = [abs(row[j]) - (slack[i][j] if slack else 0) for i, row in enumerate(residual)]
        missing = max(*left, rational.ZERO)
        x_norm = rational.largest_magnitude(row[j] for row in solutions)
        b_norm = rational.largest_magnitude(row[j] for row in sides)
        worst = max(
            worst, rational.to_float(missing / allowed_residual(size, norm, x_norm, b_norm))
        )
    return worst


def allowed_residual(size: int, norm: fmpq, x_norm: fmpq | int, b_norm: fmpq | int) -> fmpq:
    """n·u·(‖A‖‖x‖ + ‖b‖), and what underflow may add: the residual that goes for 1.

    Underflow after the model fl(x op y) = (x op y)(1 + δ) + η (Higham, Accuracy and Stability,
    chapter 2), with η the smallest subnormal.
    """
    return size * (U * (norm * x_norm + b_norm) + UNDERFLOW * (norm + x_norm + 1))


@dataclass(frozen=True)
class BackwardErrors:
    """The backward errors of a computed x: normwise η and componentwise ω."""

    normwise: float
    componentwise: float


def backward_errors(system: fmpq_mat, unknowns: int, x: fmpq_mat) -> BackwardErrors:
    """η (Rigal–Gaches; Higham, Theorem 7.1) and ω (Oettli–Prager; Theorem 7.3) of x, n × 1."""
    table = system.tolist()
    solution = [row[0] for row in x.tolist()]
    norm = rational.row_norm(rational.columns(system, range(unknowns)))
    scale = norm * rational.largest_magnitude(solution) + rational.largest_magnitude(
        row[-1] for row in table
    )
    normwise = componentwise = 0.0
    for row in table:
        terms = [a * value for a, value in zip(row, solution, strict=False)]
        missing = abs(row[-1] - sum(terms, rational.ZERO))
        weight = sum((abs(term) for term in terms), abs(row[-1]))
        if missing != 0:
            normwise = max(normwise, rational.to_float(missing / scale))
            componentwise = max(componentwise, rational.to_float(missing / weight))
    return BackwardErrors(normwise, componentwise)


def correct_digits(computed: Sequence[Value], true: Sequence[Value]) -> float:
    """The digits that the worst component of x has right: LRE of NIST StRD, from 0 to 15."""
    worst = MAXIMUM_DIGITS
    for x, c in zip(computed, true, strict=True):
        if not rational.is_finite(x):
            return 0.0
        size = abs(rational.from_number(c))
        difference = abs(rational.from_number(x) - rational.from_number(c))
        error = rational.to_float(difference / size if c != 0 else difference)
        digits = MAXIMUM_DIGITS if error == 0 else -math.log10(error)
        worst = min(worst, max(0.0, digits))
    return worst


def magnitudes(source: fmpq_mat) -> fmpq_mat:
    """|M|: the matrix of magnitudes."""
    return fmpq_mat([[abs(value) for value in row] for row in source.tolist()])


@dataclass(frozen=True)
class Sensitivity:
    """How far rounding is carried while an echelon matrix U is reduced.

    `condition` is Skeel's cond(U) = ‖ |U⁻¹| |U| ‖∞ (Higham, Accuracy and Stability, §7.2), which
    unlike κ does not change when rows are scaled; `underflow` is ‖U⁻¹‖∞ η, what an underflow in U
    may become; `entries` are those of |U⁻¹| |U|, where they are known.
    """

    condition: float
    underflow: float = 0.0
    entries: tuple[tuple[float, ...], ...] = ()


def measure_sensitivity(echelon: fmpq_mat, pivots: Sequence[int]) -> Sensitivity:
    """The sensitivity of the pivot columns and rows of an echelon matrix; infinite if too large."""
    if not pivots:
        return Sensitivity(1.0)
    block = rational.columns(rational.rows(echelon, range(len(pivots))), pivots).tolist()
    sizes = [rational.largest_magnitude(row) for row in block]
    # Rows are scaled so that no double overflows; that changes neither figure.
    upper = np.array(
        [[rational.to_float(v / d) for v in row] for row, d in zip(block, sizes, strict=True)]
    )
    least = np.array([rational.to_float(UNDERFLOW / d) for d in sizes])
    with np.errstate(all="ignore"):
        try:
            inverse = np.abs(np.linalg.inv(upper))
        except np.linalg.LinAlgError:
            return Sensitivity(math.inf)
        entries = inverse @ np.abs(upper)
        condition = float(np.max(np.sum(entries, axis=1)))
        underflow = float(np.max(inverse @ least))
    if not (math.isfinite(condition) and math.isfinite(underflow)):
        return Sensitivity(math.inf)
    return Sensitivity(max(1.0, condition), underflow, tuple(map(tuple, entries.tolist())))


@dataclass(frozen=True)
class ForwardError:
    """How far a printed reduced form is from the true one: the worst column's ratio, and where."""

    ratio: float
    places: tuple[Place, ...]


def forward_ratio(
    printed: Sequence[Sequence[Value]],
    true: ReducedForm,
    unknowns: int,
    carried: Sensitivity,
    limit: float,
    half_units: Sequence[Sequence[float]] = (),
) -> ForwardError:
    """‖X − X*‖∞ / (n·u·cond·‖X*‖∞) of a reduced form's free columns, the worst column's.

    After LAPACK's dget04. Both have pivots in the same columns. Right-hand sides are left out
    where the system contradicts itself: its pivot rows may then hold anything. `places` are the
    entries whose own error exceeds `limit` times what it may be.
    """
    table = true.matrix.tolist()
    last = unknowns if true.augmented_pivots else len(table[0])
    size = max(len(table), unknowns)
    worst, places = 0.0, []
    for j in (j for j in range(last) if j not in true.pivots):
        scale = rational.largest_magnitude(row[j] for row in table)
        allowed = allowed_forward_error(size, carried, scale)
        for i, row in enumerate(table):
            half = rational.from_number(half_units[i][j]) if half_units else rational.ZERO
            error = abs(rational.from_number(printed[i][j]) - row[j]) - half
            ratio = rational.to_float(error / allowed) if allowed is not None and error > 0 else 0.0
            worst = max(worst, ratio)
            if ratio > limit:
                places.append((i, j))
    return ForwardError(worst, tuple(places))


def allowed_forward_error(size: int, carried: Sensitivity, scale: fmpq) -> fmpq | None:
    """n·u·cond·‖X*‖∞, and what underflow may add; None where nothing is too much."""
    if math.isinf(carried.condition):
        return None
    condition = rational.from_number(carried.condition)
    underflow = rational.from_number(carried.underflow) * (scale + 1)
    return size * (condition * (U * scale + UNDERFLOW) + underflow)
