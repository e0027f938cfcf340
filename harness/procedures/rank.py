"""The rank of A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.procedures.declaration import Result
from harness.procedures.grading import single_number
from harness.procedures.procedure import Procedure
from harness.procedures.singular_matrix import elimination_rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.procedures.evidence import Evidence

VALUE = Check("rank.value", "Is it the rank of A?", "rank")


def judge_rank(stage: Stage, expected: Expected) -> Judgement:
    """Judge whether a printed number is the rank of the coefficients.

    A smaller one is defensible where a matrix of that rank lies within rounding (σᵣ₊₁/σ₁ ≤ n·u·T);
    a larger one where elimination rounds, and may leave a tiny pivot in place of a 0. Rows and
    columns of zeros stay such.
    """
    value, true = single_number(stage), expected.reduced.rank
    if value == true:
        return Judgement(VALUE, Outcome.RIGHT)
    full = min(expected.rows, expected.unknowns)
    is_whole = value is not None and rational.is_finite(value) and value == int(value)
    if value is None or not is_whole or not 0 <= value <= full:
        return Judgement(VALUE, Outcome.WRONG, f"a whole number from 0 to {full} is due")
    detail = f"{int(value)} where {true} is expected"
    sizes = expected.singular_values
    near = value < true and sizes[int(value)] <= expected.rounding * sizes[0]
    table = expected.coefficients.tolist()
    most = min(sum(map(any, lines)) for lines in (table, zip(*table, strict=True)))
    if near or (true < value <= most and elimination_rounds(expected)):
        return Judgement(VALUE, Outcome.DEFENSIBLE, f"{detail}: rounding decides")
    if value == expected.reduced.augmented_rank:
        detail += "; it is the rank of [A | B]"
    return Judgement(VALUE, Outcome.WRONG, detail)


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgement on the rank."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
    else:
        yield judge_rank(evidence.transcript.stages["rank"], evidence.expected)


PROCEDURE = Procedure(
    name="rank",
    results=(Result("rank", lambda m, n, k: (1,), lambda due, _: ((str(due.rank),),)),),
    checks=(VALUE,),
    judge=judge,
)
