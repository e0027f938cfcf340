"""The numerical criteria: the errors of printed matrices and vectors.

The functions take exact matrices and return numbers and positions. The procedures derive outcomes
from them. Ratios are scaled so that a backward stable method gives about 1 (see docs/verdicts.md
for the sources).
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
"""The smallest subnormal, an upper bound for the error of an operation by underflow."""

MAXIMUM_DIGITS = 15.0
"""The number of correct digits of an exact result, as in NIST StRD."""


@dataclass(frozen=True)
class FormFault:
    """A violation of the form that a matrix must have: a sentence for people, and its positions."""

    sentence: str
    places: tuple[Place, ...] = ()


def format_number(value: Value, digits: int = 4) -> str:
    """Return a number for a sentence, with so many digits and the minus sign U+2212."""
    return f"{rational.nearest_double(value):.{digits}g}".replace("-", "−")


def find_echelon_fault(
    rows: Sequence[Sequence[Value]], unknowns: int, tiny: float
) -> FormFault | None:
    """Return the violation of row echelon form by `rows`, m × (n + k), or None.

    The columns of the leading entries, among the coefficients, must increase strictly from row to
    row. Rows without a leading entry come last, and every entry below a pivot is exactly 0. The
    sentence is about the first offending entry. If its magnitude is at most `tiny`, the sentence
    calls it a residue of rounding.
    """
    last, above = -1, -1  # the column of the last leading entry, and its row
    sentence, places = "", []
    for i, row in enumerate(rows):
        leading = next((j for j, value in enumerate(row[:unknowns]) if value != 0), unknowns)
        if leading > last or leading == unknowns:
            last, above = leading, i
            continue
        places.append((i, leading))
        if not sentence:
            remark = (
                " (a residue of rounding, not stored as 0)"
                if abs(rational.nearest_double(row[leading])) <= tiny
                else ""
            )
            due = "below the zeros of" if last == unknowns else "where 0 is due below"
            entry = f"row {i + 1} has {format_number(row[leading])}{remark} in column {leading + 1}"
            sentence = f"{entry}, {due} row {above + 1}"
    return FormFault(sentence, tuple(places)) if places else None


def find_reduced_fault(
    rows: Sequence[Sequence[Value]],
    unknowns: int,
    tolerance: float,
    amplification: Sequence[Sequence[float]] = (),
) -> FormFault | None:
    """Return the first violation of reduced form by `rows` in echelon form, or None.

    Every pivot must be 1 and the only entry of its column that is not 0. The error of a pivot is at
    most `tolerance`. An entry above a pivot is at most `tolerance` times the larger of two numbers:
    the largest magnitude of its row, and the entry of `amplification` (|U⁻¹||U|, see `Sensitivity`)
    if that is known.
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
        uncleared = [
            k
            for k in range(i)
            if abs(rational.nearest_double(rows[k][lead]))
            > tolerance * max(sizes[k], amplification[k][i] if i < len(amplification) else 0.0)
        ]
        if uncleared:
            value = format_number(rows[uncleared[0]][lead])
            sentence = f"{value} is left above the pivot of row {i + 1} (column {lead + 1})"
            return FormFault(sentence, tuple((k, lead) for k in uncleared))
    return None


def row_size(row: Sequence[Value], unknowns: int) -> float:
    """Return the largest magnitude among a row's coefficients, or 1 if that is larger."""
    return max(1.0, *(abs(rational.nearest_double(value)) for value in row[:unknowns]))


def backward_ratio(
    system: fmpq_mat,
    unknowns: int,
    x: fmpq_mat,
    slack: Sequence[Sequence[fmpq]] | None = None,
) -> float:
    """Return S = ‖b − Ax‖∞ / (n·u·(‖A‖∞‖x‖∞ + ‖b‖∞)) with an exact residual, the largest of k.

    `system` is [A | B], m × (n + k), and `x` is n × k. The factor n is the larger dimension of A.
    `slack`, m × k, is the part of the residual that rounding in print may explain. It is subtracted
    from the residual. The ratio is that of HPL (testing/ptest/HPL_pdtest.c), with the denominator
    of `allowed_residual` because of underflow.
    """
    coefficients = rational.columns(system, range(unknowns))
    right = rational.columns(system, range(unknowns, system.ncols()))
    residual = (right - coefficients * x).tolist()
    norm = rational.row_norm(coefficients)
    solutions, sides = x.tolist(), right.tolist()
    size = max(system.nrows(), unknowns)
    largest_ratio = 0.0
    for j in range(right.ncols()):
        errors = [abs(row[j]) - (slack[i][j] if slack else 0) for i, row in enumerate(residual)]
        error = max(*errors, rational.ZERO)
        x_norm = rational.largest_magnitude(row[j] for row in solutions)
        b_norm = rational.largest_magnitude(row[j] for row in sides)
        ratio = rational.to_float(error / allowed_residual(size, norm, x_norm, b_norm))
        largest_ratio = max(largest_ratio, ratio)
    return largest_ratio


def allowed_residual(size: int, norm: fmpq, x_norm: fmpq | int, b_norm: fmpq | int) -> fmpq:
    """Return the residual with the ratio 1: n·u·(‖A‖‖x‖ + ‖b‖), and a term for underflow.

    The model of underflow is fl(x op y) = (x op y)(1 + δ) + η, with η the smallest subnormal
    (Higham, Accuracy and Stability, chapter 2).
    """
    return size * (U * (norm * x_norm + b_norm) + UNDERFLOW * (norm + x_norm + 1))


@dataclass(frozen=True)
class BackwardErrors:
    """The backward errors of a computed x: normwise η and componentwise ω."""

    normwise: float
    componentwise: float


def backward_errors(system: fmpq_mat, unknowns: int, x: fmpq_mat) -> BackwardErrors:
    """Return η (Rigal–Gaches; Higham, Theorem 7.1) and ω (Oettli–Prager; Theorem 7.3) of x, n × 1.

    `system` is [A | b], m × (n + 1).
    """
    table = system.tolist()
    solution = [row[0] for row in x.tolist()]
    norm = rational.row_norm(rational.columns(system, range(unknowns)))
    scale = norm * rational.largest_magnitude(solution) + rational.largest_magnitude(
        row[-1] for row in table
    )
    normwise = componentwise = 0.0
    for row in table:
        terms = [a * value for a, value in zip(row, solution, strict=False)]
        residual = abs(row[-1] - sum(terms, rational.ZERO))
        weight = sum((abs(term) for term in terms), abs(row[-1]))
        if residual != 0:
            normwise = max(normwise, rational.to_float(residual / scale))
            componentwise = max(componentwise, rational.to_float(residual / weight))
    return BackwardErrors(normwise, componentwise)


def correct_digits(computed: Sequence[Value], true: Sequence[Value]) -> float:
    """Return the number of correct digits of the least accurate component of x, from 0 to 15.

    It is the log relative error (LRE) of NIST StRD.
    """
    fewest_digits = MAXIMUM_DIGITS
    for x, c in zip(computed, true, strict=True):
        if not rational.is_finite(x):
            return 0.0
        size = abs(rational.from_number(c))
        difference = abs(rational.from_number(x) - rational.from_number(c))
        error = rational.to_float(difference / size if c != 0 else difference)
        digits = MAXIMUM_DIGITS if error == 0 else -math.log10(error)
        fewest_digits = min(fewest_digits, max(0.0, digits))
    return fewest_digits


def magnitudes(source: fmpq_mat) -> fmpq_mat:
    """Return |M|, the matrix of the magnitudes of entries."""
    return fmpq_mat([[abs(value) for value in row] for row in source.tolist()])


@dataclass(frozen=True)
class Sensitivity:
    """The amplification of rounding errors by the reduction of an echelon matrix U.

    `condition` is Skeel's cond(U) = ‖ |U⁻¹| |U| ‖∞ (Higham, Accuracy and Stability, §7.2). Unlike κ
    it does not depend on the scaling of rows. `underflow` is ‖U⁻¹‖∞ η, the largest error that an
    underflow in U causes. `entries` are those of |U⁻¹| |U|, or empty if they are not known.
    """

    condition: float
    underflow: float = 0.0
    entries: tuple[tuple[float, ...], ...] = ()


def measure_sensitivity(echelon: fmpq_mat, pivots: Sequence[int]) -> Sensitivity:
    """Return the sensitivity of the pivot columns and rows of an echelon matrix.

    The condition is infinite if it exceeds the doubles.
    """
    if not pivots:
        return Sensitivity(1.0)
    block = rational.columns(rational.rows(echelon, range(len(pivots))), pivots).tolist()
    sizes = [rational.largest_magnitude(row) for row in block]
    # Rows are scaled so that no double overflows. Neither result depends on the scaling.
    upper = np.array(
        [[rational.to_float(v / d) for v in row] for row, d in zip(block, sizes, strict=True)]
    )
    underflows = np.array([rational.to_float(UNDERFLOW / d) for d in sizes])
    with np.errstate(all="ignore"):
        try:
            inverse = np.abs(np.linalg.inv(upper))
        except np.linalg.LinAlgError:
            return Sensitivity(math.inf)
        entries = inverse @ np.abs(upper)
        condition = float(np.max(np.sum(entries, axis=1)))
        underflow = float(np.max(inverse @ underflows))
    if not (math.isfinite(condition) and math.isfinite(underflow)):
        return Sensitivity(math.inf)
    return Sensitivity(max(1.0, condition), underflow, tuple(map(tuple, entries.tolist())))


@dataclass(frozen=True)
class ForwardError:
    """The largest ratio of a column of a printed reduced form, and the places of large errors."""

    ratio: float
    places: tuple[Place, ...]


def forward_ratio(
    printed: Sequence[Sequence[Value]],
    true: ReducedForm,
    unknowns: int,
    sensitivity: Sensitivity,
    limit: float,
    half_units: Sequence[Sequence[float]] = (),
) -> ForwardError:
    """Return the largest ‖X − X*‖∞ / (n·u·cond·‖X*‖∞) of the columns without pivots.

    The ratio is that of LAPACK's dget04. `printed` and `true`, the reduced forms, m × (n + k), have
    the same pivot columns. A right-hand side with which the system is inconsistent is not compared,
    because the pivot rows may have any numbers there. `half_units`, m × (n + k), are the errors
    that rounding in print may explain. The places of the result are the entries whose own ratio
    exceeds `limit`.
    """
    table = true.matrix.tolist()
    sides = (unknowns + side for side in rational.consistent_sides(true, unknowns))
    size = max(len(table), unknowns)
    largest_ratio, places = 0.0, []
    for j in (*(j for j in range(unknowns) if j not in true.pivots), *sides):
        scale = rational.largest_magnitude(row[j] for row in table)
        allowed = allowed_forward_error(size, sensitivity, scale)
        for i, row in enumerate(table):
            slack = rational.from_number(half_units[i][j]) if half_units else rational.ZERO
            error = abs(rational.from_number(printed[i][j]) - row[j]) - slack
            ratio = rational.to_float(error / allowed) if allowed is not None and error > 0 else 0.0
            largest_ratio = max(largest_ratio, ratio)
            if ratio > limit:
                places.append((i, j))
    return ForwardError(largest_ratio, tuple(places))


def allowed_forward_error(size: int, sensitivity: Sensitivity, scale: fmpq) -> fmpq | None:
    """Return n·u·cond·‖X*‖∞ and a term for underflow; None if there is no bound."""
    if math.isinf(sensitivity.condition):
        return None
    condition = rational.from_number(sensitivity.condition)
    underflow = rational.from_number(sensitivity.underflow) * (scale + 1)
    return size * (condition * (U * scale + UNDERFLOW) + underflow)
