"""A procedure: its declaration, its judgement, and the rules by which earlier faults decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.procedures.declaration import Declaration
from harness.procedures.evidence import Evidence
from harness.procedures.inputs import COEFFICIENTS, Input


@dataclass(frozen=True)
class Condition:
    """A condition of a rule: `phrase` is its text in docs/verdicts.md.

    `holds` decides it for the evidence and for the judgement that the check has by itself.
    """

    phrase: str
    holds: Callable[[Evidence, Judgement], bool]


@dataclass(frozen=True)
class Rule:
    """An earlier judgement that decides a check, whatever the check finds by itself.

    The first of `causes` that deviates is the cause; with `outcome` DEFENSIBLE it is the first that
    is defensible. Where `condition` holds, `effect` gets `outcome` and follows the cause. `detail`
    gives another sentence; `clear` drops entries and measures.
    """

    effect: Check
    causes: tuple[Check, ...]
    condition: Condition
    outcome: Outcome = Outcome.BLOCKED
    detail: Callable[[Evidence], str] | None = None
    clear: bool = False


@dataclass(frozen=True, kw_only=True)
class Procedure(Declaration):
    """A procedure that a port may have, with its judgement.

    `judge` yields one judgement for each check by the evidence on that check alone; `rules` then
    say what earlier faults decide. `input` is the matrix that it is given.
    """

    judge: Callable[[Evidence], Iterable[Judgement]]
    input: Input = COEFFICIENTS
    rules: tuple[Rule, ...] = ()
