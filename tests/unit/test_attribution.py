"""The rules that attribute faults, read beside the table of docs/verdicts.md."""

from __future__ import annotations

import math
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
from support.factorisations import make_stage

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


# Faults that an earlier failure does not decide

A = [[4.0, 2.0, 2.0], [2.0, 3.5, 5.0]]
"""[A | b] with determinant 10 and x = (−0.3, 1.6)."""

FACTORS = {
    "permutation": [[1, 0], [0, 1]],
    "lower": [[1, 0], [0.5, 1]],
    "upper": [[4.0, 2.0], [0, 2.5]],
}
OTHER_FACTORS = {**FACTORS, "upper": [[4.0, 2.0], [0, 5.0]]}
NOT_A_PERMUTATION = {**FACTORS, "permutation": [[1, 0], [1, 0]]}
PROCEDURES = ("lu", "forward_substitution", "backward_substitution", "solve", "inverse")
NAN = math.nan


def judge_factorisation(
    failures: dict[str, str], **stages: list[list[float]]
) -> dict[str, tuple[str, str | None]]:
    """Return the outcome of each check from `lu` on, and the check that it follows."""
    port = make_elimination_port(procedures=(*PROCEDURES, "determinant"))
    printed = {label: make_stage(label, rows) for label, rows in stages.items()}
    transcript = Transcript("a-case", Ending.COMPLETED, printed, failures)
    judgements = judge(port.contract, expect(make_case(A), port.arithmetic), transcript)
    return {str(j.check): (str(j.outcome), j.follows) for j in judgements}


@pytest.mark.parametrize(
    ("check", "stages"),
    [
        ("determinant.value", {"determinant": [[42.0]]}),
        ("inverse.value", {"inverse": [[1.0, 0.0], [0.0, 1.0]]}),
        ("solve.value", {"solve": [[7.0], [8.0]]}),
    ],
)
def test_a_failed_factorisation_hides_no_wrong_number(
    check: str, stages: dict[str, list[list[float]]]
) -> None:
    judged = judge_factorisation({"lu": "IndexError: 3"}, **stages)
    assert judged["lu.permutation"] == ("crashed", None)
    assert judged[check] == ("wrong", None)


@pytest.mark.parametrize("factors", [FACTORS, OTHER_FACTORS, NOT_A_PERMUTATION])
def test_wrong_factors_hide_no_number_that_is_not_theirs(
    factors: dict[str, list[list[float]]],
) -> None:
    stages = {"solve": [[7.0], [8.0]], "inverse": [[1.0, 0.0], [0.0, 1.0]], "determinant": [[42.0]]}
    judged = judge_factorisation({}, **factors, **stages)
    for check in ("solve.value", "inverse.value", "determinant.value"):
        assert judged[check] == ("wrong", None)


@pytest.mark.parametrize(
    ("factors", "x", "inverse", "determinant", "cause"),
    [
        (OTHER_FACTORS, [0.1, 0.8], [[0.3, -0.1], [-0.1, 0.2]], 20.0, "lu.product"),
        (NOT_A_PERMUTATION, [0.3, 0.4], [[0.15, 0.0], [0.2, 0.0]], -10.0, "lu.permutation"),
    ],
)
def test_wrong_factors_decide_what_is_theirs(
    factors: dict[str, list[list[float]]],
    x: list[float],
    inverse: list[list[float]],
    determinant: float,
    cause: str,
) -> None:
    stages = {"solve": [[v] for v in x], "inverse": inverse, "determinant": [[determinant]]}
    judged = judge_factorisation({}, **factors, **stages)
    for check in ("solve.value", "inverse.value", "determinant.value"):
        assert judged[check] == ("blocked", cause)


def test_the_same_exception_is_one_fault() -> None:
    same = dict.fromkeys(("lu", "solve", "inverse", "determinant"), "IndexError: 3")
    judged = judge_factorisation(same)
    for check in ("solve.value", "inverse.value", "determinant.value"):
        assert judged[check] == ("blocked", "lu.permutation")
    judged = judge_factorisation({**same, "inverse": "KeyError: 'x'"})
    assert judged["inverse.value"] == ("crashed", None)


def test_numbers_that_are_not_finite_follow_such_factors_alone() -> None:
    nan = [[NAN, NAN], [NAN, NAN]]
    stages = {"solve": [[NAN], [NAN]], "inverse": nan, "determinant": [[NAN]]}
    judged = judge_factorisation({}, **{**FACTORS, "upper": nan}, **stages)
    checks = ("solve.value", "inverse.value", "determinant.value")
    assert {judged[check] for check in checks} == {("blocked", "lu.upper")}
    judged = judge_factorisation({}, **FACTORS, **stages)
    assert {judged[check] for check in checks} == {("wrong", None)}


def test_a_refusal_follows_a_singular_factor() -> None:
    singular = {**FACTORS, "upper": [[4.0, 2.0], [0, 0]]}
    refusals = {"solve": "singular", "inverse": "singular matrix"}
    judged = judge_factorisation(refusals, **singular)
    for check in ("solve.value", "inverse.value"):
        assert judged[check] == ("blocked", "lu.product")
    judged = judge_factorisation(refusals, **FACTORS)
    for check in ("solve.value", "inverse.value"):
        assert judged[check] == ("wrong", None)


def test_substitutions_are_blocked_by_their_own_triangles_alone() -> None:
    upper = {**FACTORS, "upper": [[4.0, 2.0], [3.0, 2.5]]}
    judged = judge_factorisation({}, **upper, forward=[[2.0], [9.0]], backward=[[0.0], [9.0]])
    assert judged["lu.upper"][0] == "wrong"
    assert judged["forward.value"] == ("wrong", None)
    assert judged["backward.value"] == ("blocked", "lu.upper")
    lower = {**FACTORS, "lower": [[2.0, 0], [0.5, 1]]}
    judged = judge_factorisation({}, **lower, forward=[[2.0], [9.0]], backward=[[0.0], [9.0]])
    assert judged["forward.value"] == ("blocked", "lu.lower")
    assert judged["backward.value"] == ("wrong", None)
