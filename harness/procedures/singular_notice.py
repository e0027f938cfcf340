"""The notice of singularity: no procedure of its own, but a check that every port is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.check import NO_NOTICE, Check
from harness.model.port_claim import PortClaim
from harness.model.verdict import Judgement, Outcome
from harness.procedures import (
    backward_substitution,
    gauss_jordan,
    gaussian_elimination,
    lu,
    printed_factors,
)
from harness.procedures.gaussian_elimination import (
    echelon_has_unique_solution,
    echelon_reduced,
    is_decided_by_rounding,
    is_doubtful,
)
from harness.procedures.procedure import Condition, Procedure, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.procedures.evidence import Evidence

NOTICE = Check(
    "singular.notice",
    "Is singularity noticed where it is there, and only there?",
    claim=PortClaim.NOTICES,
)


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the notice, whatever else the elimination does.

    A notice is due where elimination must meet a column without a pivot before its rows run out
    (rank below min(m, n)), and false where there is exactly one solution. Between the two, as for
    a wide system of full row rank, a port may give it or not.
    """
    missing = evidence.missing(elimination(evidence))
    if not evidence.contract.notices:
        yield Judgement(NOTICE, Outcome.ABSENT, NO_NOTICE)
    elif missing is not None and not missing.outcome.deviates:
        yield replace(missing, check=NOTICE)
    elif evidence.notice:
        yield judge_given(evidence)
    elif missing is not None:
        detail = f"{elimination(evidence).name} did not get that far"
        yield Judgement(NOTICE, Outcome.BLOCKED, detail, follows=missing.check)
    else:
        yield judge_not_given(evidence)


def elimination(evidence: Evidence) -> Procedure:
    """Return the procedure that notices singularity: Gaussian elimination, or Gauss–Jordan's."""
    has_echelon_form = evidence.has(gaussian_elimination.PROCEDURE)
    is_reduced_only = evidence.has(gauss_jordan.PROCEDURE) and not has_echelon_form
    return gauss_jordan.PROCEDURE if is_reduced_only else gaussian_elimination.PROCEDURE


def judge_given(evidence: Evidence) -> Judgement:
    """Judge a notice that was given."""
    if not evidence.unique:
        return Judgement(NOTICE, Outcome.RIGHT, f"said: {evidence.notice}")
    if evidence.expected.rank_is_doubtful or is_decided_by_rounding(evidence):
        detail = f"said: {evidence.notice} (a singular system lies within rounding)"
        return Judgement(NOTICE, Outcome.DEFENSIBLE, detail)
    if is_about_triangle(evidence):
        detail = f"said: {evidence.notice}; the triangle for backward substitution is singular"
        return Judgement(NOTICE, Outcome.DEFENSIBLE, detail)
    detail = f"said: {evidence.notice}; there is a unique solution"
    return Judgement(NOTICE, Outcome.WRONG, detail)


def is_about_triangle(evidence: Evidence) -> bool:
    """Return whether backward substitution gets a triangle of a regular A that is singular."""
    is_asked = backward_substitution.PROCEDURE in evidence.asked
    is_of_system = is_asked and not evidence.has(lu.PROCEDURE)
    return is_of_system and printed_factors.has_singular_upper(evidence)


def judge_not_given(evidence: Evidence) -> Judgement:
    """Judge the absence of a notice."""
    expected = evidence.expected
    rank, full = expected.reduced.rank, min(expected.rows, expected.unknowns)
    if rank >= full:
        return Judgement(NOTICE, Outcome.RIGHT)
    reduced = echelon_reduced(evidence)
    if is_doubtful(evidence) and (reduced.rank if reduced else 0) >= full:
        detail, follows = (
            "its pivots are all non-zero, by rounding",
            gauss_jordan.rows_check(evidence),
        )
        return Judgement(NOTICE, Outcome.DEFENSIBLE, detail, follows=follows)
    return Judgement(NOTICE, Outcome.WRONG, f"no notice, although the matrix has rank {rank}")


def is_decided_by_matrix(evidence: Evidence, own: Judgement) -> bool:
    """Return whether it deviates, and rightly so for the echelon matrix, which is wrong."""
    reduced = echelon_reduced(evidence)
    if not own.outcome.deviates or reduced is None:
        return own.outcome.deviates
    if evidence.notice:
        fits = not echelon_has_unique_solution(evidence)
    else:
        fits = reduced.rank >= min(evidence.expected.rows, evidence.expected.unknowns)
    return fits or gaussian_elimination.form(evidence).outcome.deviates


MATRIX_DECIDES = Condition(
    "it is not right, and right for the printed matrix, or that is no echelon form",
    is_decided_by_matrix,
)
REDUCED_MATRIX_DECIDES = Condition(
    "it is not right, and right for the reduced matrix, without an echelon matrix",
    lambda evidence, own: (
        not evidence.has(gaussian_elimination.PROCEDURE) and is_decided_by_matrix(evidence, own)
    ),
)

PROCEDURE = Procedure(
    name="singular_notice",
    results=(),
    checks=(NOTICE,),
    judge=judge,
    rules=(
        Rule(NOTICE, gaussian_elimination.PROCEDURE.checks, MATRIX_DECIDES),
        Rule(NOTICE, gauss_jordan.PROCEDURE.checks, REDUCED_MATRIX_DECIDES),
    ),
    always_asked=True,
)
