"""The attribution of faults: the rules of all procedures, applied to their judgements.

One fault makes one check deviate. What follows from it is blocked, and names the check that it
follows. The rules are data: docs/verdicts.md shows them as a table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.model.check import Check
    from harness.model.verdict import Judgement
    from harness.procedures.evidence import Evidence
    from harness.procedures.procedure import Rule


class Attribution:
    """The judgements of all checks of an answer, once faults are attributed to their causes."""

    def __init__(
        self, evidence: Evidence, own: Mapping[Check, Judgement], rules: Sequence[Rule]
    ) -> None:
        """Take the judgement that each check has by itself, and the rules for faults."""
        self._evidence = evidence
        self._own = own
        self._rules = rules
        self._attributed: dict[Check, Judgement] = {}

    def judgements(self) -> Iterator[Judgement]:
        """Yield the judgement of each check, in the order of the checks."""
        return map(self.judgement, self._own)

    def judgement(self, check: Check) -> Judgement:
        """Return the judgement of a check."""
        if check not in self._attributed:
            self._attributed[check] = self._attribute(self._own[check])
        return self._attributed[check]

    def _attribute(self, own: Judgement) -> Judgement:
        for rule in self._rules:
            # The condition first: it is what keeps two checks from asking each other.
            if rule.effect == own.check and rule.condition.holds(self._evidence, own):
                cause = self._cause(rule)
                if cause is not None:
                    return self._decided(own, rule, cause)
        return own

    def _cause(self, rule: Rule) -> Check | None:
        """Return the first of a rule's causes that is at fault, if any is."""
        for check in rule.causes:
            if check in self._own:
                outcome = self.judgement(check).outcome
                doubtful = rule.outcome is Outcome.DEFENSIBLE
                if outcome is Outcome.DEFENSIBLE if doubtful else outcome.deviates:
                    return check
        return None

    def _decided(self, own: Judgement, rule: Rule, cause: Check) -> Judgement:
        detail = rule.detail(self._evidence) if rule.detail else own.detail
        claims = self.judgement(cause).claims if rule.outcome is Outcome.DEFENSIBLE else ()
        judgement = replace(own, outcome=rule.outcome, detail=detail, follows=cause, claims=claims)
        return replace(judgement, entries=(), measures={}) if rule.clear else judgement
