"""Solving A X = B for a tridiagonal A, as the Thomas algorithm does: without row interchanges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Outcome
from harness.numerics import rational
from harness.numerics.definiteness import Definiteness
from harness.numerics.elimination_errors import residual_ratio, solution_ratio
from harness.numerics.structure import has_regular_minors, is_diagonally_dominant
from harness.procedures import inputs, singular_matrix
from harness.procedures.declaration import Result
from harness.procedures.evidence import fact
from harness.procedures.printed_columns import PrintedColumns, due
from harness.procedures.procedure import Procedure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.verdict import Judgement
    from harness.procedures.evidence import Evidence

VALUE = Check(
    "tridiagonal.value",
    "Does each column of X solve the tridiagonal system with its right-hand side?",
    "tridiagonal",
)

GROWTH = 3
"""|L||U| ≤ 3|A| for a tridiagonal A that is diagonally dominant, and |L||U| = |A| for one that is
positive definite (Higham, Accuracy and Stability of Numerical Algorithms, §9.6)."""


def measure_error(evidence: Evidence, side: int, x: fmpq_mat) -> float:
    """Return the ratio of the error of x, n × 1, to that of elimination.

    It is |b − Ax| / (n·u·(3|A||x| + |b|)), the bound without row interchanges, or that of
    elimination with them, whichever is smaller.
    """
    expected = evidence.expected
    right = rational.columns(expected.sides, [side])
    residual = right - expected.coefficients * x
    if expected.threshold == 0:
        return solution_ratio(expected, side, x)
    sums = GROWTH * rational.magnitudes(expected.coefficients)
    ratio = residual_ratio(residual, sums, x, right, precision=expected.units)
    return ratio if ratio < expected.threshold else min(ratio, solution_ratio(expected, side, x))


COLUMNS = PrintedColumns(VALUE, "tridiagonal", measure_error)


@fact
def needs_no_interchange(evidence: Evidence) -> bool:
    """Return whether elimination of A is stable without interchanges.

    It is if A is diagonally dominant, or symmetric and positive definite (Higham, Accuracy and
    Stability of Numerical Algorithms, §9.6). In exact arithmetic, no leading principal minor may be
    0.
    """
    expected = evidence.expected
    if expected.precision is None:
        return has_regular_minors(expected.coefficients)
    if is_diagonally_dominant(expected.coefficients):
        return True
    is_symmetric = Structure.SYMMETRIC in expected.structures
    return is_symmetric and expected.definiteness is Definiteness.POSITIVE


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on X.

    No row interchange is promised: where A may need one, nothing that comes out is a fault.
    """
    judgement = singular_matrix.judge_missing(evidence, PROCEDURE) or COLUMNS.judge(evidence)
    excusable = (Outcome.WRONG, Outcome.INACCURATE, Outcome.SILENT, Outcome.CRASHED)
    is_failure = PROCEDURE.name in evidence.transcript.messages
    is_judged = judgement.outcome is not Outcome.CRASHED or is_failure
    if judgement.outcome in excusable and is_judged and not needs_no_interchange(evidence):
        detail = f"{judgement.detail}; A may need row interchanges, which are not promised"
        judgement = replace(judgement, outcome=Outcome.DEFENSIBLE, detail=detail)
    yield judgement


PROCEDURE = Procedure(
    name="tridiagonal",
    results=(Result("tridiagonal", lambda m, n, k: (n, k), due),),
    checks=(VALUE,),
    judge=judge,
    input=inputs.SYSTEM,
    structure=Structure.TRIDIAGONAL,
    may_refuse=True,
    solves=True,
    has_no_singular_result=True,
    other_refusals=True,
)
