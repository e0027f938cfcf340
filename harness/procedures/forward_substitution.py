"""Forward substitution: L and P B in, Y with L Y = P B out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.procedures import inputs, lu
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
        yield judge_refusal(evidence, PROCEDURE, missing)
    elif (factors := lu.handed_factors(evidence)) is None:
        yield Judgement(VALUE, Outcome.BLOCKED, lu.NO_TRIANGLE)
    else:
        permutation, lower, _ = factors
        right, stage = permutation * evidence.expected.sides, evidence.transcript.stages["forward"]
        yield judge_triangular(VALUE, lower, right, stage, evidence.expected)


def is_wrong(evidence: Evidence, own: Judgement) -> bool:
    """Return whether Y was judged by factors that are no permutation or no unit lower triangle."""
    judged = own.outcome.deviates and evidence.missing(PROCEDURE) is None
    return judged and not lu.has_lower_triangle(evidence)


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
        Rule(VALUE, (lu.PERMUTATION, lu.LOWER), IS_WRONG),
    ),
    handed_by=lu.PROCEDURE,
    needs_triangle=True,
    structure=Structure.SQUARE,
)
