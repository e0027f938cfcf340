"""The numerical criteria: the errors of printed matrices and vectors.

The functions take exact matrices and return numbers and positions. The procedures derive outcomes
from them. Ratios are scaled so that a backward stable method gives about 1 (see docs/verdicts.md
for the sources).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq, fmpq_mat

from harness.numerics import rational
from harness.numerics.magnitudes import comparison_matrix
from harness.numerics.precision import BINARY64, Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value
    from harness.numerics.rational import ReducedForm

Place = tuple[int, int]
"""A row and a column, from 0."""

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
    rows: Sequence[Sequence[Value]],
    unknowns: int,
    tiny: float,
    given: Sequence[Sequence[Value]] = (),
    order: Sequence[int] = (),
) -> FormFault | None:
    """Return the violation of row echelon form by `rows`, m × (n + k), or None.

    The columns of the leading entries, among the coefficients, must increase strictly from row to
    row. Rows without a leading entry come last, and every entry below a pivot is exactly 0. The
    sentence is about the first offending entry. It calls it a residue of rounding if its magnitude
    is at most `tiny`, and none of the `given` rows of the system has that entry in its column. If
    the columns were interchanged, `order` are their numbers in the system, from 0.
    """
    numbers = order or range(unknowns)
    last, above = -1, -1  # the column of the last leading entry, and its row
    sentence, places = "", []
    for i, row in enumerate(rows):
        leading = next((j for j, value in enumerate(row[:unknowns]) if value != 0), unknowns)
        if leading > last or leading == unknowns:
            last, above = leading, i
            continue
        places.append((i, numbers[leading]))
        if not sentence:
            remark = (
                " (a residue of rounding, not stored as 0)"
                if abs(rational.nearest_double(row[leading])) <= tiny
                and all(row[leading] != other[leading] for other in given)
                else ""
            )
            due = "below the zeros of" if last == unknowns else "where 0 is due below"
            entry = f"row {i + 1} has {format_number(row[leading])}{remark}"
            sentence = f"{entry} in column {numbers[leading] + 1}, {due} row {above + 1}"
    return FormFault(sentence, tuple(places)) if places else None


def find_reduced_fault(
    rows: Sequence[Sequence[Value]],
    unknowns: int,
    tolerance: float,
    amplification: Sequence[Sequence[float]] = (),
    order: Sequence[int] = (),
) -> FormFault | None:
    """Return the first violation of reduced form by `rows` in echelon form, or None.

    Every pivot must be 1 and the only entry of its column that is not 0. The error of a pivot is at
    most `tolerance`. An entry above a pivot is at most `tolerance` times the larger of two numbers:
    the largest magnitude of its row, and the entry of `amplification` (|U⁻¹||U|, see `Sensitivity`)
    if that is known. `order` is as in `find_echelon_fault`.
    """
    numbers = order or range(unknowns)
    sizes = [row_size(row, unknowns) for row in rows]
    for i, row in enumerate(rows):
        lead = next((j for j, value in enumerate(row[:unknowns]) if value != 0), None)
        if lead is None:
            continue
        column = numbers[lead]
        pivot = f"the pivot of row {i + 1} (column {column + 1})"
        if abs(rational.nearest_double(row[lead] - 1)) > tolerance:
            sentence = f"{pivot} is {format_number(row[lead])}, not 1"
            return FormFault(sentence, ((i, column),))
        uncleared = [
            k
            for k in range(i)
            if abs(rational.nearest_double(rows[k][lead]))
            > tolerance * max(sizes[k], amplification[k][i] if i < len(amplification) else 0.0)
        ]
        if uncleared:
            value = format_number(rows[uncleared[0]][lead])
            return FormFault(
                f"{value} is left above {pivot}", tuple((k, column) for k in uncleared)
            )
    return None


def row_size(row: Sequence[Value], unknowns: int) -> float:
    """Return the largest magnitude among a row's coefficients, or 1 if that is larger."""
    return max(1.0, *(abs(rational.nearest_double(value)) for value in row[:unknowns]))


def backward_ratio(
    system: fmpq_mat,
    unknowns: int,
    x: fmpq_mat,
    slack: fmpq_mat | None = None,
    precision: Precision = BINARY64,
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
        errors = [abs(row[j]) - (slack[i, j] if slack else 0) for i, row in enumerate(residual)]
        error = max(*errors, rational.ZERO)
        x_norm = rational.largest_magnitude(row[j] for row in solutions)
        b_norm = rational.largest_magnitude(row[j] for row in sides)
        ratio = rational.to_float(error / allowed_residual(size, norm, x_norm, b_norm, precision))
        largest_ratio = max(largest_ratio, ratio)
    return largest_ratio


def largest_ratio(errors: fmpq_mat, allowed: fmpq_mat, slack: fmpq_mat | None = None) -> float:
    """Return the largest |error| / allowed of an entry, each error less `slack`; all m × k.

    An error of 0 is always allowed.
    """
    return max(list_ratios(errors, allowed, slack), default=0.0)


def list_ratios(errors: fmpq_mat, allowed: fmpq_mat, slack: fmpq_mat | None = None) -> list[float]:
    """Return |error| / allowed of each entry, row by row, each error less `slack`; all m × k."""
    sizes = rational.magnitudes(errors) - slack if slack else rational.magnitudes(errors)
    (numerators, denominator), (limits, scale) = sizes.numer_denom(), allowed.numer_denom()
    return [
        divide(int(error * scale), int(limit * denominator)) if error > 0 else 0.0
        for error, limit in zip(numerators.entries(), limits.entries(), strict=True)
    ]


def divide(numerator: int, denominator: int) -> float:
    """Return the quotient of integers that are not negative, infinite if it leaves the doubles.

    It is 0 for 0 only.
    """
    try:
        return max(numerator / denominator, rational.SMALLEST) if numerator else 0.0
    except (OverflowError, ZeroDivisionError):
        return math.inf


def allowed_residual(
    size: int, norm: fmpq, x_norm: fmpq | int, b_norm: fmpq | int, precision: Precision
) -> fmpq:
    """Return the residual with the ratio 1: n·u·(‖A‖‖x‖ + ‖b‖), and a term for underflow.

    The model of underflow is fl(x op y) = (x op y)(1 + δ) + η, with η the smallest subnormal
    (Higham, Accuracy and Stability, chapter 2).
    """
    by_rounding = precision.u * (norm * x_norm + b_norm)
    return size * (by_rounding + precision.underflow * (norm + x_norm + 1))


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

    A component that should be 0 is compared with the largest component.
    """
    scale = max((abs(Fraction(value)) for value in true), default=Fraction(0))
    pairs = zip(computed, true, strict=True)
    return min((count_digits(x, c, scale) for x, c in pairs), default=MAXIMUM_DIGITS)


def count_digits(computed: Value, true: Value, scale: Fraction) -> float:
    """Return the number of correct digits of a number, from 0 to 15: the LRE of NIST StRD.

    The error is relative to the true number. Where that is 0 it is relative to `scale`, the size of
    the numbers beside it, or absolute if these are all 0.
    """
    if not rational.is_finite(computed):
        return 0.0
    size = abs(Fraction(true)) or scale or Fraction(1)
    error = rational.nearest_double(abs(Fraction(computed) - Fraction(true)) / size)
    return MAXIMUM_DIGITS if error == 0 else min(MAXIMUM_DIGITS, max(0.0, -math.log10(error)))


@dataclass(frozen=True)
class Sensitivity:
    """The amplification of rounding errors by the reduction of an echelon matrix U.

    `condition` is Skeel's cond(U) = ‖ |U⁻¹| |U| ‖∞ (Higham, Accuracy and Stability, §7.2). Unlike κ
    it does not depend on the scaling of rows. `underflow` is ‖U⁻¹‖∞ η, the largest error that an
    underflow in U causes. `entries` are those of |U⁻¹| |U|, and `uncancelled` those of M(U)⁻¹ |U|,
    or empty if they are not known. M(U)⁻¹ is what U⁻¹ is if no terms of it cancel: M(U), the
    comparison matrix, has the magnitudes of the diagonal of U and the negative magnitudes of its
    other entries (§8.2).
    """

    condition: float
    underflow: float = 0.0
    entries: tuple[tuple[float, ...], ...] = ()
    uncancelled: tuple[tuple[float, ...], ...] = ()
    precision: Precision = BINARY64


def measure_sensitivity(
    echelon: fmpq_mat, pivots: Sequence[int], precision: Precision = BINARY64
) -> Sensitivity:
    """Return the sensitivity of the pivot columns and rows of an echelon matrix.

    The condition is infinite if it exceeds the doubles.
    """
    if not pivots:
        return Sensitivity(1.0, precision=precision)
    block = rational.columns(rational.rows(echelon, range(len(pivots))), pivots).tolist()
    sizes = [rational.largest_magnitude(row) for row in block]
    # Rows are scaled so that no double overflows. Neither result depends on the scaling.
    upper = np.array(
        [[rational.to_float(v / d) for v in row] for row, d in zip(block, sizes, strict=True)]
    )
    underflows = np.array([rational.to_float(precision.underflow / d) for d in sizes])
    with np.errstate(all="ignore"):
        try:
            inverse = np.abs(np.linalg.inv(upper))
        except np.linalg.LinAlgError:
            return Sensitivity(math.inf, precision=precision)
        entries = inverse @ np.abs(upper)
        uncancelled = np.linalg.inv(comparison_matrix(upper)) @ np.abs(upper)
        condition = float(np.max(np.sum(entries, axis=1)))
        underflow = float(np.max(inverse @ underflows))
    if not (math.isfinite(condition) and math.isfinite(underflow)):
        return Sensitivity(math.inf, precision=precision)
    known, bounds = (tuple(map(tuple, table.tolist())) for table in (entries, uncancelled))
    return Sensitivity(max(1.0, condition), underflow, known, bounds, precision)


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
    """Return the largest |X − X*| / (n·u·|U⁻¹||U||X*|) of an entry in a column without a pivot.

    That is the bound for the reduction of an echelon matrix U (Higham, Accuracy and Stability,
    Theorem 14.5). Where |U⁻¹||U| is not known, and in rows without a pivot, the ratio is that of
    LAPACK's dget04, ‖X − X*‖∞ / (n·u·cond·‖X*‖∞). `printed` and `true`, the reduced forms,
    m × (n + k), have the same pivot columns. A right-hand side with which the system is
    inconsistent is not compared, because the pivot rows may have any numbers there. `half_units`,
    m × (n + k), are the errors that rounding in print may explain. The places of the result are the
    entries whose own ratio exceeds `limit`.
    """
    sides = (unknowns + side for side in rational.consistent_sides(true, unknowns))
    columns = [*(j for j in range(unknowns) if j not in true.pivots), *sides]
    if not columns or math.isinf(sensitivity.condition):
        return ForwardError(0.0, ())
    due = rational.columns(true.matrix, columns)
    errors = rational.columns(rational.from_rows(printed), columns) - due
    slack = rational.columns(rational.from_rows(half_units), columns) if half_units else None
    size = max(due.nrows(), unknowns)
    ratios = list_ratios(errors, size * bound_errors(due, sensitivity, is_uncancelled=False), slack)
    if max(ratios) >= limit:
        bound = size * bound_errors(due, sensitivity, is_uncancelled=True)
        ratios = list_ratios(errors, bound, slack)
    places = tuple(
        (index // len(columns), columns[index % len(columns)])
        for index, ratio in enumerate(ratios)
        if ratio > limit
    )
    return ForwardError(max(ratios), places)


def bound_errors(due: fmpq_mat, sensitivity: Sensitivity, is_uncancelled: bool) -> fmpq_mat:
    """Return u·|U⁻¹||U||X*| and a term for underflow, for columns X*, m × k, of a reduced form.

    Where |U⁻¹||U| is not known, and in rows without a pivot, it is u·cond·‖X*‖∞. With
    `is_uncancelled` it allows for terms of U⁻¹ that cancel: it is u·M(U)⁻¹|U||X*| if that is
    larger, but no more than u·cond·‖X*‖∞.
    """
    sizes, rank = rational.magnitudes(due), len(sensitivity.entries)
    condition = rational.from_number(sensitivity.condition)
    largest = [max(column) for column in zip(*sizes.tolist(), strict=True)]
    by_norm = [condition * scale for scale in largest]
    reach = [by_norm] * due.nrows()
    if rank:
        pivot_rows = rational.rows(sizes, range(rank))
        reach[:rank] = weigh(sensitivity.entries, pivot_rows)
        if is_uncancelled:
            rows = zip(reach, weigh(sensitivity.uncancelled, pivot_rows), strict=False)
            reach[:rank] = [
                [max(v, min(w, n)) for v, w, n in zip(row, other, by_norm, strict=True)]
                for row, other in rows
            ]
    underflow, precision = rational.from_number(sensitivity.underflow), sensitivity.precision
    floor = [underflow * (scale + 1) + condition * precision.underflow for scale in largest]
    return precision.u * fmpq_mat(reach) + fmpq_mat([floor] * due.nrows())


def weigh(weights: Sequence[Sequence[float]], sizes: fmpq_mat) -> list[list[fmpq]]:
    """Return the product of weights, r × r, and sizes, r × k."""
    limited = [[min(weight, BINARY64.largest) for weight in row] for row in weights]
    return (rational.from_rows(limited) * sizes).tolist()
