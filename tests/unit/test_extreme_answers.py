"""No printed number ends a run: the judge answers every check, whatever a port prints."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.check import CONTINUES
from harness.model.contract import Contract
from harness.model.number import Value
from harness.model.promises import NO_PROMISES
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import Expected, expect
from harness.procedures import determinant
from harness.procedures.registry import CASE_CHECKS, PROCEDURES, RESULTS
from harness.procedures.unchanged_input import label_input
from support.eliminations import make_case

CORPUS = {case.name: case for case in load_cases([Path(__file__).parents[2] / "cases"])}
SMALL = [case for case in CORPUS.values() if case.rows <= 12]
CONSTANTS: tuple[Value, ...] = (
    *(0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf),
    *(Fraction(10**399), Fraction(1, 10**399), Fraction(-(10**399), 10**398 + 1)),
)


@cache
def truth(name: str, arithmetic: Arithmetic) -> Expected:
    return expect(CORPUS[name], arithmetic)


def judge_constant(name: str, value: Value, arithmetic: Arithmetic) -> tuple[Judgement, ...]:
    """The judgements on a port that prints one number in every place of every result."""
    case, expected, stages = CORPUS[name], truth(name, arithmetic), {}
    for procedure in PROCEDURES.values():
        if procedure.find_exclusion(expected.form, NO_PROMISES) is None:
            for result in (*procedure.results, RESULTS[label_input(procedure.name)]):
                shape = result.shape(case.rows, case.unknowns, case.right_hand_sides)
                row = (value,) * (shape[1] if len(shape) > 1 else 1)
                stages[result.label] = Stage(result.label, shape, (row,) * shape[0])
    names = tuple(PROCEDURES)
    contract = Contract(arithmetic, names, ("singular",), leaves_input_unchanged=names)
    transcript = Transcript(name, Ending.COMPLETED, stages)
    return judge(contract, expected, transcript)


def assert_judged(judgements: tuple[Judgement, ...]) -> None:
    """Check that each check has a judgement, and that the harness failed at none."""
    assert [*(judgement.check for judgement in judgements), CONTINUES] == [*CASE_CHECKS]
    assert Outcome.NOT_JUDGED not in {judgement.outcome for judgement in judgements}


@pytest.mark.parametrize("value", CONSTANTS, ids=lambda value: str(value)[:12])
def test_a_constant_in_every_place_is_judged(value: Value) -> None:
    for case in SMALL:
        for arithmetic in Arithmetic:
            if case.is_representable(arithmetic):
                assert_judged(judge_constant(case.name, value, arithmetic))


@given(st.sampled_from([case.name for case in SMALL]), st.floats() | st.fractions())
def test_any_number_in_every_place_is_judged(name: str, value: Value) -> None:
    assert_judged(judge_constant(name, value, Arithmetic.BINARY64))


@pytest.mark.parametrize("entry", [1e308, 1e-300])
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1e308])
def test_a_determinant_at_the_end_of_the_range_is_judged(entry: float, value: float) -> None:
    """A perturbation that explains the number may itself be out of the range of doubles."""
    expected = expect(make_case([[entry, 1.0]]), Arithmetic.BINARY64)
    stage = Stage("determinant", (1,), ((value,),))
    outcome = determinant.judge_determinant(stage, expected).outcome
    assert outcome is (Outcome.RIGHT if value == entry else Outcome.WRONG)
