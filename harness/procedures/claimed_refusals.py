"""Refusals, judged by what a port claims: which procedures refuse, and what a refusal says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.case import Solutions
from harness.model.port_claim import PortClaim
from harness.model.promises import Pivoting, Singular
from harness.model.verdict import Outcome
from harness.numerics import rational
from harness.procedures import singular_notice
from harness.procedures.promised_answers import covers_all_sides
from harness.procedures.singular_matrix import elimination_rounds

if TYPE_CHECKING:
    from harness.model.verdict import Judgement
    from harness.procedures.declaration import Declaration
    from harness.procedures.evidence import Evidence

SOLUTIONS = {
    Solutions.NONE: (PortClaim.NO_SOLUTION, "is no solution"),
    Solutions.INFINITE: (PortClaim.MANY_SOLUTIONS, "are infinitely many solutions"),
}
"""The claim about the message for each class of solutions, and the class as a clause has it."""

STATED = (Outcome.REFUSED, Outcome.DECLINED, Outcome.RIGHT)
"""The outcomes of a refusal, and of a notice, that is right but for the class of solutions."""


def judge_claimed_refusal(evidence: Evidence, procedure: Declaration, own: Judgement) -> Judgement:
    """Return a judgement by what a port claims about systems without a unique solution.

    `own` is the judgement without these claims.
    """
    own = judge_stated_solutions(evidence, procedure, own)
    return judge_singular(evidence, procedure, own) if own.check == procedure.check else own


def judge_stated_solutions(evidence: Evidence, procedure: Declaration, own: Judgement) -> Judgement:
    """Judge whether a message that tells no solution from infinitely many is the right one."""
    promises, is_notice = evidence.contract.promises, procedure is singular_notice.PROCEDURE
    has_messages = bool(promises.no_solution or promises.many_solutions)
    is_about_solutions = has_messages and (is_notice or procedure.solves)
    if not is_about_solutions or own.outcome not in STATED or evidence.unique:
        return own
    message = evidence.notice if is_notice else evidence.refusal(procedure)
    stated = find_stated_solutions(evidence, message)
    if stated is None:
        return own
    claim, phrase = SOLUTIONS[stated]
    if stated in list_solutions(evidence):
        return replace(own, claims=(claim,))
    actual = SOLUTIONS[evidence.expected.solutions][1]
    detail = f"said: {message}, which states that there {phrase}; there {actual}"
    if elimination_rounds(evidence.expected, with_sides=True):
        detail += ", or not, by rounding"
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail)
    return replace(own, outcome=Outcome.WRONG, detail=detail, claims=(claim,))


def find_stated_solutions(evidence: Evidence, message: str) -> Solutions | None:
    """Return the class of solutions that a message states, if it states exactly one."""
    promises = evidence.contract.promises
    texts = {Solutions.NONE: promises.no_solution, Solutions.INFINITE: promises.many_solutions}
    stated = [each for each, parts in texts.items() if any(part in message for part in parts)]
    return stated[0] if len(stated) == 1 else None


def list_solutions(evidence: Evidence) -> set[Solutions]:
    """Return the classes of solutions of a system's right-hand sides, where none is unique."""
    expected = evidence.expected
    solvable = rational.consistent_sides(expected.reduced, expected.unknowns)
    classes = {Solutions.INFINITE} if solvable else set()
    return classes | ({Solutions.NONE} if len(solvable) < expected.right_hand_sides else set())


def judge_singular(evidence: Evidence, procedure: Declaration, own: Judgement) -> Judgement:
    """Judge an answer where there is no unique solution, or A is singular, by the port's claim.

    A claim about all procedures is about those that have no result there.
    """
    claims = evidence.contract.promises.singular
    is_meant = procedure.has_no_singular_result
    claim = claims.get(procedure.name) if is_meant else claims.get_own(procedure.name)
    if claim is None or own.outcome is Outcome.BLOCKED or has_answer(evidence, procedure):
        return own
    has_result = evidence.missing(procedure) is None
    if claim is Singular.CONTINUES:
        if not has_result or own.outcome is not Outcome.SILENT:
            return own
        detail = f"{own.detail}; {procedure.name} is not claimed to notice it"
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, claims=(PortClaim.SINGULAR,))
    if own.outcome is Outcome.REFUSED or (has_result and evidence.notice):
        return replace(own, claims=(*own.claims, PortClaim.SINGULAR))
    if not has_result or covers_all_sides(evidence) or may_be_regular(evidence, procedure):
        return own
    if own.outcome is Outcome.SILENT:
        return replace(own, claims=(*own.claims, PortClaim.SINGULAR))
    result = f"a result; {own.detail}" if own.detail else "a result"
    detail = f"{procedure.name} is claimed to refuse such a system, and gives {result}"
    return replace(own, outcome=Outcome.WRONG, detail=detail, claims=(PortClaim.SINGULAR,))


def has_answer(evidence: Evidence, procedure: Declaration) -> bool:
    """Return whether a procedure has an answer that the claim is not about."""
    if procedure.own_shapes:
        in_any_columns = evidence.contract.promises.pivoting is Pivoting.COMPLETE
        return evidence.expected.has_pivots(in_any_columns)
    return evidence.unique if works_on_sides(procedure) else evidence.regular


def works_on_sides(procedure: Declaration) -> bool:
    """Return whether a procedure works on [A | B], and not on A alone."""
    return procedure.solves or not procedure.is_square


def may_be_regular(evidence: Evidence, procedure: Declaration) -> bool:
    """Return whether rounding may have hidden from a procedure that the matrix is singular."""
    return elimination_rounds(evidence.expected, with_sides=works_on_sides(procedure))
