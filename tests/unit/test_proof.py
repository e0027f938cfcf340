"""Tests of the proof that a finding causes what it claims: two faults, and all sets of patches."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.judging.proof import Outcomes, prove, remains
from harness.model.proof import ClaimedDeviation, Proof
from harness.model.verdict import CONFORMING, Outcome
from harness.procedures.registry import CHECKS

FORM, PIVOTING = CHECKS["echelon.form"], CHECKS["echelon.pivoting"]
RIGHT, WRONG, BLOCKED = Outcome.RIGHT, Outcome.WRONG, Outcome.BLOCKED


def make_outcomes(form: Outcome, pivoting: Outcome = RIGHT) -> Outcomes:
    return {"one": {FORM: form, PIVOTING: pivoting}}


def prove_claim(
    finding: str, alone: Outcomes, without: Mapping[str, Outcomes], blocked: bool = False
) -> Proof:
    """Return the proof of a claim on `echelon.form`, which may block `echelon.pivoting`."""
    deviation = ClaimedDeviation(finding, "one", FORM, (PIVOTING,) if blocked else ())
    return prove(deviation, [*without], alone, without.__getitem__)


def test_a_claim_stands_where_the_deviation_remains_without_its_patch_only() -> None:
    without = {"a": make_outcomes(WRONG), "b": make_outcomes(RIGHT)}
    proof = prove_claim("a", make_outcomes(RIGHT), without)
    assert (proof.necessary, proof.alone, proof.holds) == (("a",), True, True)


def test_it_does_not_stand_where_the_deviation_is_cured_without_its_patch() -> None:
    without = {"a": make_outcomes(WRONG), "b": make_outcomes(RIGHT)}
    proof = prove_claim("b", make_outcomes(WRONG), without)
    assert (proof.necessary, proof.alone, proof.holds) == (("a",), False, False)


def test_it_does_not_stand_for_a_patch_that_cures_it_by_chance() -> None:
    without = {"a": make_outcomes(WRONG), "b": make_outcomes(RIGHT)}
    assert not prove_claim("b", make_outcomes(RIGHT), without).holds


def test_several_patches_may_be_necessary_together() -> None:
    without = {"a": make_outcomes(WRONG), "b": make_outcomes(BLOCKED)}
    for finding in "ab":
        proof = prove_claim(finding, make_outcomes(WRONG), without)
        assert (proof.necessary, proof.alone, proof.holds) == (("a", "b"), False, True)


def test_of_patches_that_each_cure_it_alone_any_may_be_claimed() -> None:
    without = {"a": make_outcomes(RIGHT), "b": make_outcomes(RIGHT)}
    assert prove_claim("a", make_outcomes(RIGHT), without).holds
    assert not prove_claim("a", make_outcomes(WRONG), without).holds


class TestAFaultThatMovesToAnotherCheck:
    """The other patch hides the fault from the check, and a check that was blocked shows it."""

    WITHOUT = {"a": make_outcomes(RIGHT, WRONG), "b": make_outcomes(RIGHT, RIGHT)}

    def test_its_patch_is_necessary(self) -> None:
        proof = prove_claim("a", make_outcomes(RIGHT), self.WITHOUT, blocked=True)
        assert (proof.necessary, proof.holds, proof.moves) == (("a",), True, True)

    def test_the_other_patch_is_not(self) -> None:
        proof = prove_claim("b", make_outcomes(RIGHT), self.WITHOUT, blocked=True)
        assert (proof.necessary, proof.holds, proof.moves) == (("a",), False, False)

    def test_a_check_that_was_not_blocked_proves_nothing(self) -> None:
        assert prove_claim("a", make_outcomes(RIGHT), self.WITHOUT).necessary == ()

    def test_a_patch_that_is_necessary_for_the_check_itself_comes_first(self) -> None:
        without = {"a": make_outcomes(RIGHT, WRONG), "b": make_outcomes(WRONG)}
        assert not prove_claim("a", make_outcomes(RIGHT), without, blocked=True).holds


@pytest.mark.parametrize("outcome", Outcome)
def test_a_check_that_conforms_or_is_absent_is_cured(outcome: Outcome) -> None:
    cured = {*CONFORMING, Outcome.ABSENT}
    deviation = ClaimedDeviation("a", "one", FORM)
    assert remains(make_outcomes(outcome), deviation) == (outcome not in cured)


def test_a_case_without_an_outcome_is_not_cured() -> None:
    assert remains({}, ClaimedDeviation("a", "one", FORM))
