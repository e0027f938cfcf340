"""Builds the records of cases and of what is expected of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.model.structure import Structure
from harness.numerics import cholesky, rational
from harness.numerics.log_determinant import sign_of, true_logarithm
from harness.results.numbers import MAXIMUM_STORED_ENTRIES, format_rows, format_value
from harness.results.schema import CaseRecord, ExpectedRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from flint import fmpq

    from harness.model.case import Case
    from harness.model.number import Value
    from harness.numerics.oracle import Expected
    from harness.results.record import Rows

MAXIMUM_EXPECTED_LENGTH = 20
"""An exact ratio can have hundreds of digits. A longer one is stored as the nearest binary64
number."""


def build_case_record(
    case: Case,
    expected: Mapping[tuple[str, Arithmetic], Expected],
    procedures: Collection[str] = (),
) -> CaseRecord:
    """Return the record of a case and of its expected results, for ports with these procedures."""
    binary = expected[case.name, Arithmetic.BINARY64]
    return CaseRecord(
        name=case.name,
        kind=case.kind,
        why=case.why,
        place=case.place,
        rows=case.rows,
        unknowns=case.unknowns,
        right_hand_sides=case.right_hand_sides,
        system=tuple(tuple(number.written for number in row) for row in case.system),
        solutions=binary.solutions,
        rank=binary.reduced.rank,
        condition=binary.condition,
        expected={
            arithmetic: build_expected_record(expected[case.name, arithmetic], procedures)
            for arithmetic in Arithmetic
            if (case.name, arithmetic) in expected
        },
    )


def build_expected_record(expected: Expected, procedures: Collection[str]) -> ExpectedRecord:
    """Return the record of the oracle's results."""
    is_square = expected.rows == expected.unknowns
    is_regular = is_square and expected.reduced.rank == expected.unknowns
    is_small = expected.rows**2 <= MAXIMUM_STORED_ENTRIES
    has_inverse = "inverse" in procedures and is_regular and is_small
    has_determinant = "determinant" in procedures and is_square
    return ExpectedRecord(
        solutions=expected.solutions,
        rank=expected.reduced.rank,
        augmented_rank=expected.reduced.augmented_rank,
        condition=expected.condition,
        growth=expected.growth,
        threshold=expected.threshold,
        reduced=format_exact_rows(expected.reduced.matrix.tolist()),
        inverse=format_exact_rows(expected.inverse.tolist()) if has_inverse else None,
        determinant=(
            format_exact_rows([[expected.determinant]])[0][0] if has_determinant else None
        ),
        log_determinant=build_log_determinant(expected, procedures),
        cholesky=build_cholesky_factor(expected, procedures),
        least_squares=build_least_squares(expected, procedures),
        solution=format_first_column(expected.solution),
        numpy=format_first_column(expected.numpy_solution),
    )


def build_log_determinant(
    expected: Expected, procedures: Collection[str]
) -> tuple[str, str] | None:
    """Return the sign and the logarithm of a determinant as text, if a port computes them."""
    if "log_determinant" not in procedures or Structure.SQUARE not in expected.structures:
        return None
    return str(sign_of(expected.determinant)), format_value(true_logarithm(expected))


def build_cholesky_factor(expected: Expected, procedures: Collection[str]) -> Rows | None:
    """Return L of a symmetric, positive definite A as text, if a port computes it."""
    if "cholesky" not in procedures or Structure.SYMMETRIC not in expected.structures:
        return None
    lower = cholesky.factor(expected.coefficients)
    return None if lower is None else format_rows(lower)


def build_least_squares(expected: Expected, procedures: Collection[str]) -> Rows | None:
    """Return the shortest least-squares solution as text, if a port computes one."""
    if "least_squares" not in procedures or expected.least_squares is None:
        return None
    return format_exact_rows(expected.least_squares.tolist())


def format_exact_rows(rows: Sequence[Sequence[fmpq]]) -> Rows:
    """Return a matrix of exact numbers (`fmpq`) as text, with long ratios as binary64 numbers."""
    return format_rows(
        [[rational.to_fraction(v) for v in row] for row in rows], MAXIMUM_EXPECTED_LENGTH
    )


def format_first_column(columns: Sequence[Sequence[Value]] | None) -> tuple[str, ...] | None:
    """Return x for the first right-hand side as text, or None if there is no x."""
    return (
        None
        if columns is None
        else tuple(format_value(row[0], MAXIMUM_EXPECTED_LENGTH) for row in columns)
    )
