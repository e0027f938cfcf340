"""Forward substitution: L and P B in, Y with L Y = P B out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.procedures import inputs, lu
from harness.procedures.declaration import Result
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.substitution import HAS_NO_TRIANGLE, NO_TRIANGLE, judge_triangular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.procedures.evidence import Evidence

VALUE = Check("forward.value", "Does Y solve L Y = P B, with its own L and P?", "forward")


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on Y, with the port's own L and P."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
    elif (factors := lu.printed_factors(evidence)) is None:
        yield Judgement(VALUE, Outcome.BLOCKED, NO_TRIANGLE)
    else:
        permutation, lower, _ = factors
        right, stage = permutation * evidence.expected.sides, evidence.transcript.stages["forward"]
        yield judge_triangular(VALUE, lower, right, stage, evidence.expected)


def is_wrong(evidence: Evidence, own: Judgement) -> bool:
    """Return whether Y was judged, and is wrong."""
    return own.outcome.deviates and evidence.missing(PROCEDURE) is None


IS_WRONG = Condition("it is not right", is_wrong)

PROCEDURE = Procedure(
    name="forward_substitution",
    results=(Result("forward", lambda m, n, k: (n, k)),),
    checks=(VALUE,),
    judge=judge,
    input=inputs.LOWER_AND_SIDES,
    rules=(
        Rule(VALUE, lu.PROCEDURE.checks, HAS_NO_TRIANGLE),
        Rule(VALUE, (lu.PERMUTATION, lu.LOWER, lu.UPPER), IS_WRONG),
    ),
    handed_by=lu.PROCEDURE,
    square=True,
)
