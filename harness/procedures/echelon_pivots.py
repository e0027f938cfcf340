"""The pivots of a printed echelon matrix, judged by what a port promises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.port_claim import PortClaim
from harness.model.promises import NO_PROMISES, Pivoting
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures
from harness.numerics.echelon_form import find_zero, read_echelon_forms
from harness.numerics.pivot_replay import replay
from harness.numerics.pivot_sentences import describe_departure, describe_mismatch
from harness.numerics.printed_matrix import PrintedMatrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import Stage
    from harness.model.number import Value
    from harness.model.pivot import PivotChoice, Replay
    from harness.model.promises import Promises
    from harness.numerics.echelon_form import EchelonForm
    from harness.numerics.oracle import Expected

PIVOTING = Check(
    "echelon.pivoting", "Was each pivot chosen as the port promises?", "echelon", PortClaim.PIVOTING
)

HIDES_PIVOTS = "the matrix has zeros above its pivots too, so it does not show how they were chosen"

WITHOUT_BOUND = (Pivoting.SCALED, Pivoting.FIRST_NONZERO, Pivoting.NONE, Pivoting.ANY)
"""The choices of pivots that do not bound the multipliers by 1."""


def list_forms(stage: Stage, expected: Expected, promises: Promises) -> Iterator[EchelonForm]:
    """Return the echelon forms that a printed matrix of finite entries may stand for."""
    zero = find_zero(promises, expected.system, expected.unknowns, expected.precision)
    return read_echelon_forms(stage.rows, expected.unknowns, promises, zero)


def replay_form(echelon: EchelonForm, expected: Expected, promises: Promises) -> Replay:
    """Return the replay of the elimination that left an echelon form."""
    target = PrintedMatrix.from_rows(
        echelon.rows, expected.unknowns, echelon.pivots, expected.precision
    )
    return replay(target, expected.system, expected.precision, promises)


def judge_pivoting(replayed: Replay, promises: Promises = NO_PROMISES) -> Judgement:
    """Judge whether each pivot was chosen as promised, as far as rounding can tell."""
    steps = replayed.steps
    if replayed.is_reduced:
        return Judgement(PIVOTING, Outcome.ABSENT, HIDES_PIVOTS)
    if replayed.departure is not None:
        detail = describe_departure(replayed, promises.pivoting)
        return Judgement(PIVOTING, Outcome.WRONG, detail, trace=steps)
    if replayed.unexplained:
        detail = describe_unexplained(replayed)
        return Judgement(PIVOTING, Outcome.WRONG, detail, replayed.unexplained, trace=steps)
    return Judgement(PIVOTING, Outcome.RIGHT, trace=steps)


def describe_small_entry(size: Value, promises: Promises) -> str:
    """Return a sentence about a printed entry that counts as 0 by the declared tolerance."""
    printed = error_measures.format_number(size)
    return f"the declared tolerance {promises.zero_tolerance} makes {printed} a zero"


def describe_unexplained(replayed: Replay) -> str:
    """Return a sentence about the printed row that no choice of pivots explains; there is one."""
    if replayed.mismatch is not None:
        return describe_mismatch(replayed.mismatch)
    row = replayed.unexplained[0][0]
    return f"row {row + 1} is nothing that elimination can have left of a row of the system"


def describe_tolerated(step: PivotChoice, promises: Promises) -> str:
    """Return a sentence about a column that was passed over although a row has an entry there."""
    size = error_measures.format_number(step.candidates[0].magnitude)
    return f"the declared tolerance {promises.zero_tolerance} makes this pivot ({size}) a zero"


def judge_by_replay(
    own: Judgement, replayed: Replay, promises: Promises, threshold: float
) -> Judgement:
    """Judge the rows of an echelon form by what the replay says of its entries.

    An entry is wrong where the pivots are right and elimination leaves another number there. A
    matrix that follows entry by entry from the promised pivoting is as good as the promise allows.
    """
    if replayed.mismatch is not None and replayed.departure is None:
        if not replayed.mismatch.has_right_pivot or own.outcome is Outcome.DEFENSIBLE:
            return own
        sentence = describe_mismatch(replayed.mismatch)
        outcome = own.outcome if own.outcome.deviates else Outcome.WRONG
        detail = f"{own.detail}: {sentence}" if own.detail else sentence
        return replace(own, outcome=outcome, detail=detail, entries=replayed.unexplained)
    if own.outcome is Outcome.RIGHT or not replayed.is_kept:
        return own
    if replayed.tolerated is not None:
        detail, claim = describe_tolerated(replayed.tolerated, promises), PortClaim.ZERO_TOLERANCE
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, claims=(claim,))
    if own.outcome.deviates and promises.zero_tolerance is not None:
        detail = f"{own.detail}; entries up to {promises.zero_tolerance} count as 0"
        claim = PortClaim.ZERO_TOLERANCE
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, claims=(claim,))
    if own.outcome.deviates and replayed.is_multiplied and own.measures["ratio"] < threshold:
        detail = "rounding left a tiny pivot where exact arithmetic has 0, and it was multiplied"
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail)
    if own.outcome.deviates and promises.pivoting in WITHOUT_BOUND and threshold > 0:
        detail = f"{own.detail}; pivoting `{promises.pivoting}` lets rounding errors grow so far"
        claim = PortClaim.PIVOTING
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, claims=(claim,))
    return own
