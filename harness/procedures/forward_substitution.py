"""Forward substitution: L and P B in, Y with L Y = P B out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.procedures import inputs, lu, printed_factors
from harness.procedures.declaration import Result
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.substitution import judge_refusal, judge_triangular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.procedures.evidence import Evidence

VALUE = Check("forward.value", "Does Y solve L Y = P B, with its own L and P?", "forward")


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on Y, with the L and P that it was handed."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield judge_missing(evidence, missing)
    elif (factors := printed_factors.handed_factors(evidence)) is None:
        yield Judgement(VALUE, Outcome.BLOCKED, printed_factors.NO_TRIANGLE)
    elif printed_factors.has_singular_lower(evidence):
        yield judge_singular(evidence)
    else:
        permutation, lower, _ = factors
        right, stage = permutation * evidence.expected.sides, evidence.transcript.stages["forward"]
        yield judge_triangular(VALUE, lower, right, stage, evidence.expected)


def judge_missing(evidence: Evidence, missing: Judgement) -> Judgement:
    """Judge a missing Y: a refusal of a singular L is right. Only an L without ones may be."""
    message = evidence.transcript.messages.get(PROCEDURE.name, "")
    if not message or PROCEDURE not in evidence.asked:
        return missing
    if not printed_factors.has_singular_lower(evidence):
        return judge_refusal(evidence, PROCEDURE, missing)
    return Judgement(VALUE, Outcome.REFUSED, f"refused: {message}; L is singular")


def judge_singular(evidence: Evidence) -> Judgement:
    """Judge a printed Y where L is singular."""
    if not rational.all_finite(evidence.transcript.stages["forward"].rows):
        return Judgement(VALUE, Outcome.DECLINED, "Y is not finite; L is singular")
    return Judgement(VALUE, Outcome.SILENT, "finite numbers without a word; L is singular")


def is_wrong(evidence: Evidence, own: Judgement) -> bool:
    """Return whether Y was judged by factors that are no permutation or no unit lower triangle."""
    judged = own.outcome.deviates and evidence.missing(PROCEDURE) is None
    return judged and not printed_factors.has_lower_triangle(evidence)


IS_WRONG = Condition(
    "it is not right, and L is no unit lower triangle or P no permutation", is_wrong
)

PROCEDURE = Procedure(
    name="forward_substitution",
    results=(Result("forward", lambda m, n, k: (n, k)),),
    checks=(VALUE,),
    judge=judge,
    input=inputs.LOWER_AND_SIDES,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, lu.has_no_triangle("forward_substitution")),
        Rule(VALUE, (printed_factors.PERMUTATION, printed_factors.LOWER), IS_WRONG),
    ),
    handed_by=lu.PROCEDURE,
    needs_triangle=True,
    structure=Structure.SQUARE,
)
