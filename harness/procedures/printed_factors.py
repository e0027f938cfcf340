"""The factors of A that a port printed: P, L, U, and Q if it interchanges columns, P A Q = L U.

With k = min(m, n), L is m × k and U k × n, or L is m × m and U m × n. Either L has ones on its
diagonal (Doolittle) or U has (Crout).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flint import fmpq_mat

from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.promises import NO_PROMISES, Pivoting, UnitTriangle
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.echelon_form import find_interchanged_pivots
from harness.numerics.elimination_errors import residual_ratio
from harness.procedures.echelon_pivots import WITHOUT_BOUND
from harness.procedures.evidence import fact
from harness.procedures.grading import (
    format_entry,
    grade,
    judge_places,
    misshapen,
    places_not_finite,
)
from harness.procedures.relations import relate_factors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.model.promises import Promises
    from harness.numerics.oracle import Expected
    from harness.procedures.evidence import Evidence

LU = "lu"
"""The name of the procedure."""

LABELS = ("permutation", "lower", "upper")
COLUMNS = "columns"
"""The labels of P, L and U, and that of Q."""

PERMUTATION = Check("lu.permutation", "Is P a permutation matrix?", "permutation")
LOWER = Check(
    "lu.lower",
    "Is L unit lower triangular, with the multipliers of the promised pivoting?",
    "lower",
)
UPPER = Check("lu.upper", "Is U upper triangular?", "upper")
PRODUCT = Check("lu.product", "Is P A = L U?")

NO_TRIANGLE = "there is no finite triangle to judge it by"

RECIPROCAL_SLACK = 4
"""The excess over 1 of a multiplier that was made by a reciprocal, |w·fl(1/p)|, in units of u."""

Factors = tuple[fmpq_mat, fmpq_mat, fmpq_mat]
"""The exact P, m × m, L and U."""


# One printed factor against the expected result


def judge_permutation(stage: Stage, expected: Expected) -> Judgement:
    """Judge whether a printed P, m × m, is a permutation matrix."""
    return judge_interchanges(stage, expected.rows)


def judge_interchanges(stage: Stage, size: int) -> Judgement:
    """Judge whether a printed matrix, size × size, is a permutation matrix."""
    if complaint := misshapen(stage, size, size):
        return Judgement(PERMUTATION, Outcome.WRONG, complaint, places_not_finite(stage))
    other = [
        (i, j) for i, row in enumerate(stage.rows) for j, v in enumerate(row) if v not in (0, 1)
    ]
    if other:
        sentence = f"{format_entry(stage, other[0])}, which is neither 0 nor 1"
        return judge_places(PERMUTATION, other, sentence)
    columns = tuple(zip(*stage.rows, strict=True))
    for noun, lines in (("row", stage.rows), ("column", columns)):
        for number, line in enumerate(lines, start=1):
            ones = sum(value == 1 for value in line)
            if ones != 1:
                return Judgement(PERMUTATION, Outcome.WRONG, f"{noun} {number} has {ones} ones")
    return Judgement(PERMUTATION, Outcome.RIGHT)


def find_lower_fault(stage: Stage, expected: Expected) -> str:
    """Return why a printed L has another shape than m × min(m, n) and m × m, or is not finite."""
    rows, inner = expected.rows, min(expected.rows, expected.unknowns)
    return misshapen(stage, rows, rows if stage.shape == (rows, rows) else inner)


def find_upper_fault(stage: Stage, expected: Expected) -> str:
    """Return why a printed U has another shape than min(m, n) × n and m × n, or is not finite."""
    rows, unknowns = expected.rows, expected.unknowns
    is_whole = stage.shape == (rows, unknowns)
    return misshapen(stage, rows if is_whole else min(rows, unknowns), unknowns)


def judge_lower(stage: Stage, expected: Expected, promises: Promises = NO_PROMISES) -> Judgement:
    """Judge whether a printed L is lower triangular, and no entry is larger than the diagonal one.

    The diagonal is 1, unless U has the ones. Partial pivoting exists to bound the multipliers by 1,
    and complete pivoting bounds them too (Higham, Accuracy and Stability of Numerical Algorithms,
    §9.1). Other pivoting does not.
    """
    if complaint := find_lower_fault(stage, expected):
        return Judgement(LOWER, Outcome.WRONG, complaint, places_not_finite(stage))
    rows = stage.rows
    places = [(i, j) for i in range(len(rows)) for j in range(len(rows[0]))]
    above = [(i, j) for i, j in places if i < j and rows[i][j] != 0]
    if above:
        return judge_places(LOWER, above, f"{format_entry(stage, above[0])}, above the diagonal")
    if promises.unit_triangle is UnitTriangle.LOWER:
        diagonal = [(i, i) for i, _ in enumerate(rows[0]) if rows[i][i] != 1]
        if diagonal:
            sentence = f"{format_entry(stage, diagonal[0])}, where 1 is due"
            return judge_places(LOWER, diagonal, sentence)
    if promises.pivoting in WITHOUT_BOUND:
        return Judgement(LOWER, Outcome.RIGHT)
    slack = RECIPROCAL_SLACK * expected.precision.unit_roundoff if expected.precision else 0
    sizes = [[abs(rational.nearest_double(value)) for value in row] for row in rows]
    large = [(i, j) for i, j in places if j < i and sizes[i][j] > (1 + slack) * sizes[j][j]]
    sentence = f"{format_entry(stage, large[0])}: its pivot was not the largest" if large else ""
    return replace(judge_places(LOWER, large, sentence), claims=(PortClaim.PIVOTING,))


def judge_upper(
    stage: Stage,
    expected: Expected,
    promises: Promises = NO_PROMISES,
    has_columns: bool = False,
    lower: Stage | None = None,
) -> Judgement:
    """Judge whether a printed U is upper triangular, with ones on its diagonal if L has none.

    `lower` is the printed L: it has as many columns as U has rows.
    After complete pivoting without a Q, it is upper triangular for some order of its columns.
    """
    if complaint := find_upper_fault(stage, expected):
        return Judgement(UPPER, Outcome.WRONG, complaint, places_not_finite(stage))
    if lower and not find_lower_fault(lower, expected) and lower.shape[1] != stage.shape[0]:
        detail = f"it has {stage.shape[0]} rows, and L has {lower.shape[1]} columns"
        return Judgement(UPPER, Outcome.WRONG, detail)
    rows, inner = stage.rows, min(expected.rows, expected.unknowns)
    is_unit = promises.unit_triangle is UnitTriangle.UPPER
    if promises.pivoting is Pivoting.COMPLETE and not has_columns and not is_unit:
        is_triangle = find_interchanged_pivots(rows, expected.unknowns) is not None
        detail = "" if is_triangle else "no order of its columns makes it upper triangular"
        return Judgement(UPPER, Outcome.RIGHT if is_triangle else Outcome.WRONG, detail)
    below = [
        (i, j) for i, row in enumerate(rows) for j, value in enumerate(row) if j < i and value != 0
    ]
    if below:
        return judge_places(UPPER, below, f"{format_entry(stage, below[0])}, below the diagonal")
    if not is_unit:
        return Judgement(UPPER, Outcome.RIGHT)
    diagonal = [(i, i) for i in range(inner) if rows[i][i] != 1]
    sentence = f"{format_entry(stage, diagonal[0])}, where 1 is due" if diagonal else ""
    return replace(judge_places(UPPER, diagonal, sentence), claims=(PortClaim.UNIT_TRIANGLE,))


def judge_product(
    factors: Factors, expected: Expected, columns: fmpq_mat | None = None
) -> Judgement:
    """Judge whether P A Q = L U by the entries of |PAQ − LU| / (n·u·|L||U|).

    Without `columns`, Q is I. The error of a factorisation is at most γₙ|L||U| (Higham, Accuracy
    and Stability of Numerical Algorithms, Theorem 9.3).
    """
    permutation, lower, upper = factors
    columns = columns or rational.identity(expected.unknowns)
    product, size = lower * upper, max(expected.rows, expected.unknowns)
    residual = permutation * expected.coefficients * columns - product
    sums = rational.magnitudes(lower)
    ratio = residual_ratio(residual, sums, upper, product, None, size, expected.units)
    outcome = grade(ratio, expected.threshold)
    measures = {"ratio": ratio}
    if outcome is Outcome.RIGHT:
        return Judgement(PRODUCT, outcome, measures=measures)
    has_columns = columns != rational.identity(expected.unknowns)
    detail = f"the product of L and U is not P A{' Q' if has_columns else ''}"
    for sentence, p, q in (
        ("Pᵀ A: P is transposed", permutation.transpose(), columns),
        ("P A Qᵀ: Q is transposed", permutation, columns.transpose()),
        ("Pᵀ A Qᵀ: P and Q are transposed", permutation.transpose(), columns.transpose()),
    ):
        other = p * expected.coefficients * q - product
        if rational.row_norm(other) * 1_000 < rational.row_norm(residual):
            detail += f", but {sentence}"
            break
    else:
        detail += "" if has_columns else relate_factors(factors, expected)
    return Judgement(PRODUCT, outcome, detail, measures=measures)


# By the evidence


def is_printed(evidence: Evidence) -> bool:
    """Return whether P, L and U were printed, and could be read."""
    stages = (evidence.transcript.stages.get(label) for label in LABELS)
    return all(stage is not None and not stage.trouble for stage in stages)


@fact
def printed_factors(evidence: Evidence) -> Factors | None:
    """P, L and U as they were printed, exactly; None unless all are finite and have their shape."""
    expected, stages = evidence.expected, evidence.transcript.stages
    if not is_printed(evidence):
        return None
    printed = [stages[label] for label in LABELS]
    faults = (
        misshapen(printed[0], expected.rows, expected.rows),
        find_lower_fault(printed[1], expected),
        find_upper_fault(printed[2], expected),
    )
    if any(faults) or printed[1].shape[1] != printed[2].shape[0]:
        return None
    permutation, lower, upper = (rational.from_rows(stage.rows) for stage in printed)
    return permutation, lower, upper


@fact
def judge_columns(evidence: Evidence) -> Judgement | None:
    """The judgement on Q, None if it was not printed."""
    stage = evidence.transcript.stages.get(COLUMNS)
    if stage is None:
        return None
    if stage.trouble:
        return Judgement(PERMUTATION, Outcome.UNREADABLE, stage.trouble)
    judgement = judge_interchanges(stage, evidence.expected.unknowns)
    detail = f"Q: {judgement.detail}" if judgement.detail else ""
    return Judgement(PERMUTATION, judgement.outcome, detail)


@fact
def printed_columns(evidence: Evidence) -> fmpq_mat | None:
    """Q, n × n, exactly: I if it was not printed; None if it is no permutation matrix."""
    judgement = judge_columns(evidence)
    if judgement is None:
        return rational.identity(evidence.expected.unknowns)
    if judgement.outcome is not Outcome.RIGHT:
        return None
    return rational.from_rows(evidence.transcript.stages[COLUMNS].rows)


@fact
def product_of_factors(evidence: Evidence) -> fmpq_mat | None:
    """Pᵀ L U Qᵀ, which stands for A where the factors are used; None without permutations P, Q."""
    factors, columns = printed_factors(evidence), printed_columns(evidence)
    if factors is None or columns is None:
        return None
    stage = evidence.transcript.stages["permutation"]
    if judge_permutation(stage, evidence.expected).outcome is not Outcome.RIGHT:
        return None
    permutation, lower, upper = factors
    return permutation.transpose() * lower * upper * columns.transpose()


@fact
def handed_factors(evidence: Evidence) -> Factors | None:
    """P, L and U that the substitutions get: the printed ones, exactly.

    A port without `lu` gives them triangles of A: the one below the diagonal, with ones on it, and
    the one from the diagonal on. Its P is I.
    """
    if evidence.has_procedure(LU):
        return printed_factors(evidence)
    size, table = evidence.expected.unknowns, evidence.expected.coefficients.tolist()
    unit = rational.identity(size)
    lower = [[table[i][j] if j < i else unit[i, j] for j in range(size)] for i in range(size)]
    upper = [[table[i][j] if j >= i else 0 for j in range(size)] for i in range(size)]
    return unit, fmpq_mat(lower), fmpq_mat(upper)


def is_crout(evidence: Evidence) -> bool:
    """Return whether the printed U has the ones, so that L has the pivots."""
    is_upper = evidence.contract.promises.unit_triangle is UnitTriangle.UPPER
    return is_upper and evidence.has_procedure(LU)


def has_zero_on_diagonal(evidence: Evidence) -> bool:
    """Return whether the triangle that has the pivots is singular: U, or L if U has the ones."""
    factors = handed_factors(evidence)
    if factors is None:
        return False
    triangle = factors[1] if is_crout(evidence) else factors[2]
    is_ordered = evidence.contract.promises.pivoting is not Pivoting.COMPLETE
    if not is_ordered and triangle.nrows() == triangle.ncols():
        return bool(triangle.det() == 0)
    size = min(triangle.nrows(), triangle.ncols())
    return any(triangle[i, i] == 0 for i in range(size))


def has_singular_lower(evidence: Evidence) -> bool:
    """Return whether the L that forward substitution gets has a 0 where it divides."""
    return is_crout(evidence) and has_zero_on_diagonal(evidence)


def has_singular_upper(evidence: Evidence) -> bool:
    """Return whether the U that backward substitution gets has a 0 where it divides."""
    return not is_crout(evidence) and has_zero_on_diagonal(evidence)


def has_lower_triangle(evidence: Evidence) -> bool:
    """Return whether P is a permutation, and L a lower triangle, however large its entries.

    Its diagonal is 1, unless U has the ones.
    """
    if not evidence.has_procedure(LU):
        return True
    stages, factors = evidence.transcript.stages, printed_factors(evidence)
    if factors is None:
        return False
    is_unit = not is_crout(evidence)
    is_triangle = all(
        value == int(i == j) or (i == j and not is_unit)
        for i, row in enumerate(stages["lower"].rows)
        for j, value in enumerate(row)
        if j >= i
    )
    permutation = judge_permutation(stages["permutation"], evidence.expected)
    return is_triangle and permutation.outcome is Outcome.RIGHT


def list_factor_stages(evidence: Evidence) -> Iterator[Stage]:
    """Yield P, L and U as they were printed."""
    return (evidence.transcript.stages[label] for label in LABELS)
