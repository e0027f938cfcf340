"""Judging whether procedures leave their input unchanged, where a port promises it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic, Case
from harness.model.number import Value
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.oracle import expect
from harness.procedures.unchanged_input import UNCHANGED
from support.eliminations import Program, make_case
from support.eliminations import make_elimination_port as make_port
from support.factorisations import Factorisation
from support.random_systems import FAMILIES, random_system

SYSTEM = [[2, 1, 5], [1, 3, 10]]
INPUTS = {
    "gaussian_elimination": "system",
    "gauss_jordan": "echelon",
    "back_substitution": "echelon",
    "lu": "matrix",
    "forward_substitution": "lower",
    "backward_substitution": "upper",
    "solve": "system",
    "inverse": "matrix",
    "determinant": "matrix",
    "rank": "matrix",
}


def answer(case: Case, arithmetic: Arithmetic = Arithmetic.BINARY64) -> Transcript:
    """Return the answer of a correct program that hands back every input unchanged."""
    eliminated = Program().make_transcript(case, arithmetic)
    factored = Factorisation().make_transcript(case, arithmetic)
    stages = {**eliminated.stages, **factored.stages}
    expected = expect(case, arithmetic)
    exact = [[rational.to_fraction(value) for value in row] for row in expected.system.tolist()]
    is_binary = arithmetic is Arithmetic.BINARY64
    system = tuple(tuple(float(v) if is_binary else v for v in row) for row in exact)
    matrix = tuple(row[: expected.unknowns] for row in system)
    order = [list(row).index(1) for row in stages["permutation"].rows]
    sides = tuple(system[i][expected.unknowns :] for i in order)
    lower = join(stages["lower"].rows, sides)
    upper = join(stages["upper"].rows, stages["forward"].rows)
    echelon = stages["echelon"].rows
    rows = {"system": system, "matrix": matrix, "echelon": echelon, "lower": lower, "upper": upper}
    for name, source in INPUTS.items():
        put(stages, name, rows[source])
    return replace(eliminated, stages=stages, failures={**factored.failures})


def join(left: Sequence[tuple[Value, ...]], right: Sequence[tuple[Value, ...]]) -> object:
    return tuple(a + b for a, b in zip(left, right, strict=True))


def put(stages: dict[str, Stage], name: str, rows: object) -> None:
    assert isinstance(rows, tuple)
    stages[f"input {name}"] = Stage(f"input {name}", (len(rows), len(rows[0])), rows)


def change(transcript: Transcript, name: str, i: int, j: int, value: Value) -> Transcript:
    """Return an answer in which a procedure has changed an entry of its input."""
    rows = [list(row) for row in transcript.stages[f"input {name}"].rows]
    rows[i][j] = value
    stages = dict(transcript.stages)
    put(stages, name, tuple(map(tuple, rows)))
    return replace(transcript, stages=stages)


def judge_answer(
    case: Case,
    transcript: Transcript,
    promised: tuple[str, ...] = tuple(INPUTS),
    arithmetic: Arithmetic = Arithmetic.BINARY64,
) -> Judgement:
    port = replace(make_port(arithmetic, tuple(INPUTS)), leaves_input_unchanged=promised)
    judgements = judge(port.contract, expect(case, arithmetic), transcript)
    (judgement,) = (judgement for judgement in judgements if judgement.check == UNCHANGED)
    return judgement


@pytest.mark.parametrize("arithmetic", Arithmetic)
@pytest.mark.parametrize("family", FAMILIES)
def test_inputs_that_are_handed_back_unchanged_are_right(
    family: str, arithmetic: Arithmetic
) -> None:
    random = np.random.default_rng([*family.encode()])
    for _ in range(20):
        case = make_case(random_system(random, family).tolist())
        if not case.is_representable(arithmetic) or case.rows != case.unknowns:
            continue
        try:
            transcript = answer(case, arithmetic)
        except KeyError:  # a singular matrix has no Y
            continue
        judgement = judge_answer(case, transcript, arithmetic=arithmetic)
        assert (judgement.outcome, judgement.detail) == (Outcome.RIGHT, "")


@given(st.sampled_from(sorted(INPUTS)), st.integers(0, 1), st.integers(0, 1))
def test_any_changed_entry_is_wrong(name: str, i: int, j: int) -> None:
    case = make_case(SYSTEM)
    judgement = judge_answer(case, change(answer(case), name, i, j, 7.5))
    assert judgement.outcome is Outcome.WRONG
    assert judgement.detail.startswith(f"{name} changes its input: row {i + 1}, column {j + 1} was")
    assert judgement.detail.endswith("and is 7.5")


def test_the_last_bit_of_an_entry_counts() -> None:
    case = make_case(SYSTEM)
    judgement = judge_answer(case, change(answer(case), "solve", 0, 0, math.nextafter(2, 3)))
    assert "was 2 and is 2.0000000000000004" in judgement.detail


def test_a_zero_may_change_its_sign() -> None:
    case = make_case([[2, 0, 4], [0, 3, 9]])
    assert judge_answer(case, change(answer(case), "solve", 0, 1, -0.0)).outcome is Outcome.RIGHT


def test_not_a_number_is_not_equal_to_a_number() -> None:
    case = make_case(SYSTEM)
    judgement = judge_answer(case, change(answer(case), "lu", 1, 1, math.nan))
    assert judgement.detail == "lu changes its input: row 2, column 2 was 3 and is nan"


def test_a_fraction_beyond_the_doubles_is_compared() -> None:
    case, arithmetic = make_case(SYSTEM), Arithmetic.RATIONAL64
    changed = change(answer(case, arithmetic), "lu", 1, 1, Fraction(10**400))
    assert judge_answer(case, changed, arithmetic=arithmetic).outcome is Outcome.WRONG


def test_further_changes_are_counted() -> None:
    case = make_case(SYSTEM)
    transcript = change(change(answer(case), "inverse", 0, 0, 1.0), "inverse", 1, 1, 1.0)
    judgement = judge_answer(case, transcript)
    assert judgement.detail.endswith("row 1, column 1 was 2 and is 1 and 1 more change")


def test_a_procedure_that_is_given_changed_numbers_is_not_at_fault() -> None:
    case = make_case(SYSTEM)
    transcript = answer(case)
    for name in ("inverse", "determinant"):
        transcript = change(transcript, name, 0, 0, 1.0)
    assert "determinant" not in judge_answer(case, transcript).detail


def test_a_procedure_that_promises_nothing_may_change_its_input() -> None:
    case = make_case(SYSTEM)
    judgement = judge_answer(case, change(answer(case), "solve", 0, 0, 1.0), ("lu",))
    assert judgement.outcome is Outcome.RIGHT


def test_a_port_that_promises_nothing_is_not_asked() -> None:
    case = make_case(SYSTEM)
    judgements = judge(make_port().contract, expect(case, Arithmetic.BINARY64), answer(case))
    assert UNCHANGED not in {judgement.check for judgement in judgements}


def test_an_input_that_is_not_handed_back_is_said() -> None:
    case = make_case(SYSTEM)
    full = answer(case)
    stages = {label: stage for label, stage in full.stages.items() if label != "input lu"}
    judgement = judge_answer(case, replace(full, stages=stages))
    assert (judgement.outcome, judgement.detail) == (
        Outcome.RIGHT,
        "the driver does not print the input of lu",
    )
    assert judge_answer(case, replace(full, stages=stages), ("lu",)).outcome is Outcome.ABSENT


def test_an_input_of_another_shape_is_unreadable() -> None:
    case = make_case(SYSTEM)
    transcript = answer(case)
    stages = dict(transcript.stages)
    put(stages, "inverse", ((2.0, 1.0),))
    judgement = judge_answer(case, replace(transcript, stages=stages))
    assert judgement.outcome is Outcome.UNREADABLE
    assert judgement.detail == ("the input of inverse: a 1 × 2 matrix, where 2 × 2 was given")


def test_an_input_that_was_broken_off_is_not_charged_twice() -> None:
    case = make_case(SYSTEM)
    transcript = answer(case)
    stages = dict(transcript.stages)
    stages["input rank"] = Stage("input rank", (2, 2), ((2.0, 1.0),), "1 of 2 rows")
    broken_off = replace(transcript, stages=stages, ending=Ending.HUNG, reason="no answer")
    assert judge_answer(case, broken_off).outcome is Outcome.RIGHT
    assert judge_answer(case, replace(transcript, stages=stages)).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [(Ending.GIVEN_UP, Outcome.GIVEN_UP), (Ending.NOT_ASKED, Outcome.ABSENT)],
)
def test_without_an_answer_nothing_is_judged(ending: Ending, outcome: Outcome) -> None:
    case = make_case(SYSTEM)
    assert judge_answer(case, Transcript("a-case", ending, reason="it hangs")).outcome is outcome
