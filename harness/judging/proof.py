"""Proves that a finding is the cause of the deviations that it claims.

A port is run with subsets of the patches of its findings. A patch is *necessary* for a deviation if
the deviation remains where this patch alone is left out. A claim stands if the patch of its finding
is necessary. A patch that merely cures the deviation may do so by chance: what it changes may hide
the fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.model.check import Check
from harness.model.proof import Proof
from harness.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.model.proof import ClaimedDeviation

Outcomes = Mapping[str, Mapping[Check, Outcome]]
"""The outcomes of one run of a port, by case and check. Cases with the same outcomes share them."""

NO_OUTCOMES: Mapping[Check, Outcome] = MappingProxyType({})

UNCURED = frozenset({Outcome.BLOCKED, Outcome.GIVEN_UP, Outcome.NOT_JUDGED})
"""The outcomes other than deviations with which a check is not cured."""


def remains(outcomes: Outcomes, deviation: ClaimedDeviation) -> bool:
    """Return whether the check of a deviation deviates, or cannot be judged, in another run."""
    outcome = outcomes.get(deviation.case, NO_OUTCOMES).get(deviation.check)
    return outcome is None or outcome.deviates or outcome in UNCURED


def moves(outcomes: Outcomes, deviation: ClaimedDeviation) -> bool:
    """Return whether a check that a deviation blocked deviates in another run."""
    case_outcomes = outcomes.get(deviation.case, NO_OUTCOMES)
    seen = (case_outcomes.get(check) for check in deviation.blocked)
    return any(outcome is not None and outcome.deviates for outcome in seen)


def prove(
    deviation: ClaimedDeviation,
    findings: Sequence[str],
    alone: Outcomes,
    without: Callable[[str], Outcomes],
) -> Proof:
    """Return the proof of a claim.

    `alone` are the outcomes with the patch of the claiming finding only, `without` returns those
    with all patches but one. A run without outcomes for the case counts as not cured.

    Where no patch is necessary for the check itself, those count as necessary without which a check
    that the deviation blocked deviates: the fault then shows in another check of the same result.
    """
    cured_alone = not remains(alone, deviation)
    necessary = tuple(name for name in findings if remains(without(name), deviation))
    if necessary:
        return Proof(deviation, necessary, cured_alone)
    moving = tuple(name for name in findings if moves(without(name), deviation))
    return Proof(deviation, moving, cured_alone, moves=deviation.finding in moving)
