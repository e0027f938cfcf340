"""What a promise costs: answers that are not those of exact arithmetic, but are as promised.

A tolerance makes a regular system singular. Without interchanges, elimination ends at a pivot that
is 0. Such answers are within a limit of the port, and their detail names the promise.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from harness.model.port_claim import PortClaim
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.echelon_form import find_zero
from harness.numerics.elimination_errors import residual_ratio
from harness.numerics.oracle import RATIO_LIMIT
from harness.numerics.promised_elimination import PromisedElimination, eliminate_as_promised
from harness.procedures import (
    back_substitution,
    determinant,
    gaussian_elimination,
    inverse,
    printed_factors,
    printed_solution,
    rank,
    singular_notice,
    solve,
)
from harness.procedures.claimed_refusals import judge_claimed_refusal
from harness.procedures.echelon_pivots import WITHOUT_BOUND
from harness.procedures.evidence import fact
from harness.procedures.gaussian_elimination import has_promised_pivots
from harness.procedures.grading import single_number
from harness.procedures.promised_answers import judge_promised_answer

if TYPE_CHECKING:
    from harness.model.answer import Stage
    from harness.procedures.declaration import Declaration
    from harness.procedures.evidence import Evidence

X_CHECKS = {printed_solution.VALUE: "solution", solve.VALUE: "solve"}
"""The checks of an x, with the labels of their results."""

GROWING = (printed_factors.PRODUCT, inverse.VALUE, determinant.VALUE)
"""The checks whose ratio grows with the growth factor of an elimination."""


def apply_promises(evidence: Evidence, procedure: Declaration, own: Judgement) -> Judgement:
    """Return a judgement by the promises of a port.

    A promised answer is judged as promised, and a result that a promise costs is a limit.
    """
    if own.check in X_CHECKS:
        own = judge_promised_answer(evidence, own, X_CHECKS[own.check])
    own = judge_claimed_refusal(evidence, procedure, own)
    if not (own.outcome.deviates or own.outcome is Outcome.BLOCKED):
        return own
    for claim, find_cost in COSTS.items():
        if cost := find_cost(evidence, procedure, own):
            limited = replace(own, outcome=Outcome.DEFENSIBLE, detail=cost, follows=None)
            return replace(limited, claims=(claim,))
    return own


def find_cost_of_pivoting(evidence: Evidence, procedure: Declaration, own: Judgement) -> str:
    """Return a sentence about the result that the promised pivoting costs, or nothing."""
    promised, promises = promised_elimination(evidence), evidence.contract.promises
    if promised is None or promises.pivoting not in WITHOUT_BOUND:
        return ""
    rounds = evidence.expected.precision is not None
    if rounds and own.check in X_CHECKS and is_lost_by_pivoting(evidence, own, promised):
        return f"x is as good as pivoting `{promises.pivoting}` allows"
    if rounds and own.check in GROWING and is_within_growth(own, promised):
        growth = error_measures.format_number(promised.growth)
        return f"pivoting `{promises.pivoting}` enlarges rounding errors by {growth}"
    if promised.breakdown is not None and has_broken_down(evidence, procedure, own):
        column = promised.breakdown + 1
        return f"pivoting `{promises.pivoting}` ends at a zero pivot in column {column}"
    return ""


def find_cost_of_tolerance(evidence: Evidence, procedure: Declaration, own: Judgement) -> str:
    """Return a sentence about the result that the declared tolerance costs, or nothing."""
    promised, tolerance = promised_elimination(evidence), evidence.contract.promises.zero_tolerance
    if promised is None or own.outcome is Outcome.BLOCKED or tolerance is None:
        return ""
    if promised.tolerated is not None and is_singular_by_tolerance(evidence, procedure, own):
        size = error_measures.format_number(promised.tolerated)
        return f"the declared tolerance {tolerance} makes a pivot ({size}) a zero"
    if own.check in X_CHECKS and solves_within_tolerance(evidence, X_CHECKS[own.check]):
        return f"x solves a system within the declared tolerance {tolerance} of this one"
    return ""


COSTS = {
    PortClaim.PIVOTING: find_cost_of_pivoting,
    PortClaim.ZERO_TOLERANCE: find_cost_of_tolerance,
}
"""The claims that may cost a result, each with the function that finds its cost."""


def is_within_growth(own: Judgement, promised: PromisedElimination) -> bool:
    """Return whether the growth of the promised elimination explains a ratio."""
    ratio = own.measures.get("ratio", math.inf)
    return own.outcome.deviates and ratio < RATIO_LIMIT * promised.growth


def is_lost_by_pivoting(evidence: Evidence, own: Judgement, promised: PromisedElimination) -> bool:
    """Return whether x is that of an elimination in which the promised pivots lost digits.

    It solves a printed echelon matrix with these pivots, or |b − Ax| is within n·u·|L||U||x|, L and
    U being those of the promised elimination.
    """
    if own.check == printed_solution.VALUE and evidence.has(gaussian_elimination.PROCEDURE):
        return has_promised_pivots(evidence) and back_substitution.solves_echelon_matrix(evidence)
    stage, expected = evidence.transcript.stages.get(X_CHECKS[own.check]), evidence.expected
    if stage is None or not is_finite(stage) or len(stage.rows) != expected.unknowns:
        return False
    x, sums = rational.from_rows(stage.rows), promised.magnitudes
    if x.ncols() != expected.right_hand_sides or not np.isfinite(sums).all():
        return False
    residual = expected.coefficients * x - expected.sides
    bounds = rational.from_rows(sums.tolist())
    return (
        residual_ratio(residual, bounds, x, expected.sides, precision=expected.units) < RATIO_LIMIT
    )


@fact
def promised_elimination(evidence: Evidence) -> PromisedElimination | None:
    """The elimination as the port promises it; None where it promises no more than pivots."""
    promises, expected = evidence.contract.promises, evidence.expected
    if promises.zero_tolerance is None and promises.pivoting not in WITHOUT_BOUND:
        return None
    return eliminate_as_promised(expected.system, expected.unknowns, promises, expected.precision)


def has_broken_down(evidence: Evidence, procedure: Declaration, own: Judgement) -> bool:
    """Return whether a result is missing, or not finite, after a division by 0."""
    involved = (*evidence.sources(procedure), procedure)
    is_notice = own.check == singular_notice.NOTICE
    return is_notice or any(is_refused(evidence, each) for each in involved)


def is_refused(evidence: Evidence, procedure: Declaration) -> bool:
    """Return whether a procedure raised an exception, or gave no finite numbers."""
    stages = evidence.transcript.stages
    printed = [stages[label] for label in procedure.labels if label in stages]
    raised = procedure.name in evidence.transcript.messages
    return raised or any(not is_finite(stage) for stage in printed)


def is_finite(stage: Stage) -> bool:
    """Return whether a result has numbers, all of them finite."""
    return any(stage.rows) and rational.all_finite(stage.rows)


def is_singular_by_tolerance(evidence: Evidence, procedure: Declaration, own: Judgement) -> bool:
    """Return whether an answer is that for a singular system."""
    if own.check == singular_notice.NOTICE:
        return bool(evidence.notice)
    if is_refused(evidence, procedure):
        return True
    stages, promised = evidence.transcript.stages, promised_elimination(evidence)
    labels = {rank.VALUE: "rank", determinant.VALUE: "determinant"}
    label = labels.get(own.check, "")
    due = promised.rank if promised and own.check == rank.VALUE else 0
    return label in stages and single_number(stages[label]) == due


def solves_within_tolerance(evidence: Evidence, label: str) -> bool:
    """Return whether ‖b − Ax‖∞ ≤ n²τ(‖x‖∞ + 1) for each right-hand side, τ being the tolerance.

    A candidate, or a right-hand side of a row of zeros, that counts as 0 changes an entry by at
    most τ. With multipliers of at most 1, up to n such changes add up in an entry of A. Rounding
    errors come on top.
    """
    stage, expected = evidence.transcript.stages.get(label), evidence.expected
    if stage is None or not is_finite(stage) or len(stage.rows) != expected.unknowns:
        return False
    zero = find_zero(
        evidence.contract.promises, expected.system, expected.unknowns, expected.precision
    )
    _, tolerance = zero.bounds
    x = rational.from_rows(stage.rows)
    if x.ncols() != expected.right_hand_sides:
        return False
    residual = rational.largest_entry(expected.coefficients * x - expected.sides)
    size, x_norm = max(expected.rows, expected.unknowns), rational.largest_entry(x)
    allowed = size**2 * rational.from_number(tolerance) * (x_norm + 1)
    rounding = rational.from_number(expected.rounding)
    allowed += rounding * (expected.norm * x_norm + rational.largest_entry(expected.sides))
    return bool(residual <= allowed)
