"""The rules that attribute faults, read beside the table of docs/verdicts.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.judging.attribution import Attribution
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import expect
from harness.procedures.evidence import Evidence
from harness.procedures.procedure import Condition, Rule
from harness.procedures.registry import CASE_CHECKS, REGISTRY, judged_procedures
from support.eliminations import make_case, make_elimination_port

PAGE = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
RULES = [rule for procedure in REGISTRY for rule in procedure.rules]
ALWAYS = Condition("always", lambda _evidence, _own: True)
FIRST, SECOND, THIRD = Check("first"), Check("second"), Check("third")


def table_row(rule: Rule) -> str:
    """The row of the page that states a rule."""
    causes = ", ".join(f"`{cause}`" for cause in rule.causes)
    state = "defensible" if rule.outcome is Outcome.DEFENSIBLE else "deviating"
    return f"| `{rule.effect}` | {causes} | {state} | {rule.condition.phrase} | {rule.outcome} |"


def attribute(rules: list[Rule], **outcomes: Outcome) -> dict[Check, Judgement]:
    """The judgements of the checks with these outcomes, by rules."""
    case = make_case([[1, 1]])
    port = make_elimination_port()
    transcript = Transcript(case.name, Ending.COMPLETED)
    evidence = Evidence(port.contract, (), expect(case, port.arithmetic), transcript)
    own = {Check(name): Judgement(Check(name), outcome) for name, outcome in outcomes.items()}
    return {j.check: j for j in Attribution(evidence, own, rules).judgements()}


def test_the_page_states_every_rule_in_order() -> None:
    rows = [line for line in PAGE.splitlines() if line.endswith(("| blocked |", "| defensible |"))]
    assert rows == [table_row(rule) for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.effect} by {rule.causes[0]}")
def test_a_rule_is_among_checks_that_are_asked_together(rule: Rule) -> None:
    (owner,) = [procedure for procedure in REGISTRY if rule in procedure.rules]
    assert rule.effect in owner.checks
    assert {*rule.causes} <= {*CASE_CHECKS} - {rule.effect}


def test_a_deviating_cause_blocks_and_is_named() -> None:
    rule = Rule(SECOND, (FIRST,), ALWAYS)
    judgements = attribute([rule], first=Outcome.WRONG, second=Outcome.WRONG)
    assert judgements[SECOND] == Judgement(SECOND, Outcome.BLOCKED, follows=FIRST)
    assert judgements[FIRST].outcome is Outcome.WRONG


def test_a_blocked_cause_does_not_block() -> None:
    rules = [Rule(SECOND, (FIRST,), ALWAYS), Rule(THIRD, (SECOND, FIRST), ALWAYS)]
    outcomes = dict.fromkeys(("first", "second", "third"), Outcome.WRONG)
    assert attribute(rules, **outcomes)[THIRD].follows == FIRST


def test_a_defensible_cause_makes_defensible() -> None:
    rule = Rule(SECOND, (FIRST,), ALWAYS, Outcome.DEFENSIBLE)
    judgements = attribute([rule], first=Outcome.DEFENSIBLE, second=Outcome.RIGHT)
    assert (judgements[SECOND].outcome, judgements[SECOND].follows) == (Outcome.DEFENSIBLE, FIRST)
    unchanged = attribute([rule], first=Outcome.WRONG, second=Outcome.RIGHT)
    assert unchanged[SECOND].outcome is Outcome.RIGHT


def test_a_cause_that_was_not_asked_decides_nothing() -> None:
    rule = Rule(SECOND, (FIRST,), ALWAYS)
    assert attribute([rule], second=Outcome.WRONG)[SECOND].outcome is Outcome.WRONG


def test_every_check_of_a_port_gets_one_judgement_in_order() -> None:
    case, port = make_case([[2, 1, 3], [1, 3, 5]]), make_elimination_port()
    contract = replace(port.contract, procedures=("gaussian_elimination", "rank"))
    transcript = Transcript(case.name, Ending.CRASHED, reason="SIGSEGV")
    judgements = judge(contract, expect(case, port.arithmetic), transcript)
    procedures = judged_procedures(contract)
    assert [j.check for j in judgements] == [c for p in procedures for c in p.checks]
