"""The x that a port promises where there is no unique solution: it is judged like any other x.

With `free_unknowns: zero` it is the solution whose free unknowns are 0. With `inconsistent:
least-squares` it is an x with the smallest residual.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.port_claim import PortClaim
from harness.model.promises import FreeUnknowns, Inconsistent
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.least_squares import gradient_ratio
from harness.procedures import gaussian_elimination
from harness.procedures.gaussian_elimination import is_doubtful
from harness.procedures.grading import grade, size_of_error
from harness.procedures.singular_matrix import elimination_rounds

if TYPE_CHECKING:
    from flint import fmpq_mat

    from harness.procedures.evidence import Evidence


def judge_promised_answer(evidence: Evidence, own: Judgement, label: str) -> Judgement:
    """Judge an x, n × k, by the promises for systems without a unique solution.

    `own` is the judgement without these promises. It stands where there is one solution, where a
    right-hand side is not covered by a promise, and where rounding alone made the solution unique.
    """
    expected, stage = evidence.expected, evidence.transcript.stages.get(label)
    failed = own.outcome.deviates and own.outcome not in (Outcome.SILENT, Outcome.WRONG)
    if failed or own.outcome is Outcome.BLOCKED:
        return own
    if not covers_all_sides(evidence):
        return judge_nearby_solution(evidence, own, label)
    if stage is None or not any(stage.rows) or not rational.all_finite(stage.rows):
        if is_decided_otherwise_by_rounding(evidence):
            return own
        detail = f"the port promises {name_promises(evidence)}, but gives no finite x"
        return replace(own, outcome=Outcome.WRONG, detail=detail)
    x = rational.from_rows(stage.rows)
    if (x.nrows(), x.ncols()) != (expected.unknowns, expected.right_hand_sides):
        return replace(own, outcome=Outcome.WRONG)
    judgements = [
        judge_side(evidence, own, rational.columns(x, [j]), j)
        for j in range(expected.right_hand_sides)
    ]
    worst = next((each for each in judgements if each.outcome.deviates), judgements[0])
    rounded = own.outcome is Outcome.DEFENSIBLE and is_decided_otherwise_by_rounding(evidence)
    return own if worst.outcome.deviates and rounded else worst


def covers_all_sides(evidence: Evidence) -> bool:
    """Return whether the promises are about every right-hand side of a system."""
    promises, expected = evidence.contract.promises, evidence.expected
    if expected.reduced.rank == expected.unknowns and not expected.reduced.augmented_pivots:
        return False
    solvable = rational.consistent_sides(expected.reduced, expected.unknowns)
    has_promise = {
        True: promises.free_unknowns is FreeUnknowns.ZERO,
        False: promises.inconsistent is Inconsistent.LEAST_SQUARES,
    }
    return all(has_promise[j in solvable] for j in range(expected.right_hand_sides))


def name_promises(evidence: Evidence) -> str:
    """Return what a port promises for a system, as a sentence has it."""
    solvable = rational.consistent_sides(evidence.expected.reduced, evidence.expected.unknowns)
    return "a particular solution" if solvable else "a least-squares solution"


def is_decided_otherwise_by_rounding(evidence: Evidence) -> bool:
    """Return whether the port may have met another rank, or a contradiction, because it rounds."""
    if evidence.contract.promises.zero_tolerance is not None:
        return False
    if evidence.has(gaussian_elimination.PROCEDURE):
        return is_doubtful(evidence)
    return elimination_rounds(evidence.expected, with_sides=True)


def judge_nearby_solution(evidence: Evidence, own: Judgement, label: str) -> Judgement:
    """Judge an x for a system that has no solution, but by rounding alone."""
    promises, expected = evidence.contract.promises, evidence.expected
    stage = evidence.transcript.stages.get(label)
    is_promised = promises.free_unknowns is FreeUnknowns.ZERO and own.outcome is Outcome.SILENT
    if not is_promised or stage is None or stage.shape != (expected.unknowns,):
        return own
    x = rational.from_rows(stage.rows)
    ratio = error_measures.backward_ratio(
        expected.system, expected.unknowns, x, precision=expected.units
    )
    if grade(ratio, expected.threshold).deviates or not is_decided_otherwise_by_rounding(evidence):
        return own
    detail = "x solves a system within rounding of this one"
    return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, measures={"ratio": ratio})


def judge_side(evidence: Evidence, own: Judgement, x: fmpq_mat, side: int) -> Judgement:
    """Judge x, n × 1, for one right-hand side, from 0."""
    solvable = rational.consistent_sides(evidence.expected.reduced, evidence.expected.unknowns)
    if side in solvable:
        judgement = judge_particular_solution(evidence, own, x, side)
        return replace(judgement, claims=(PortClaim.FREE_UNKNOWNS,))
    return replace(judge_least_squares(evidence, own, x, side), claims=(PortClaim.INCONSISTENT,))


def judge_particular_solution(
    evidence: Evidence, own: Judgement, x: fmpq_mat, side: int
) -> Judgement:
    """Judge whether x, n × 1, solves a system, and its free unknowns are 0."""
    expected = evidence.expected
    system = rational.augment(expected.coefficients, rational.columns(expected.sides, [side]))
    ratio = error_measures.backward_ratio(system, expected.unknowns, x, precision=expected.units)
    outcome, measures = grade(ratio, expected.threshold), {"ratio": ratio}
    if outcome is not Outcome.RIGHT:
        detail = f"x is none of infinitely many solutions: {size_of_error(ratio, expected)}"
        return replace(own, outcome=outcome, detail=detail, measures=measures, follows=None)
    values = [row[0] for row in x.tolist()]
    free = [j for j in range(expected.unknowns) if j not in find_pivots(evidence)]
    places = tuple((j, side) for j in free if values[j] != 0)
    if places:
        j = places[0][0]
        number = error_measures.format_number(rational.to_float(values[j]))
        detail = f"unknown {j + 1} is free, and {number} where the port promises 0"
        wrong = replace(own, outcome=Outcome.WRONG, detail=detail, entries=places)
        return replace(wrong, measures=measures, follows=None)
    detail = "the solution whose free unknowns are 0"
    return Judgement(own.check, Outcome.RIGHT, detail, measures=measures)


def find_pivots(evidence: Evidence) -> tuple[int, ...]:
    """Return the pivot columns of the port's own elimination, or those of exact arithmetic.

    After complete pivoting, other unknowns than the first ones have pivots.
    """
    echelon = gaussian_elimination.echelon_form(evidence)
    reduced = evidence.expected.reduced
    is_own = echelon is not None and len(echelon.pivots) == reduced.rank
    return echelon.pivots if echelon is not None and is_own else reduced.pivots


def judge_least_squares(evidence: Evidence, own: Judgement, x: fmpq_mat, side: int) -> Judgement:
    """Judge whether x, n × 1, has the smallest residual of a system without a solution."""
    expected = evidence.expected
    right = rational.columns(expected.sides, [side])
    ratio = gradient_ratio(expected.coefficients, x, right, expected.norm, expected.units)
    outcome, measures = grade(ratio, expected.threshold), {"ratio": ratio}
    detail = "the residual is orthogonal to the columns of A"
    if outcome is not Outcome.RIGHT:
        detail = "x is no least-squares solution: Aᵀ(b − Ax) is not 0"
    return replace(own, outcome=outcome, detail=detail, measures=measures, follows=None)
