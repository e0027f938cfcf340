"""Ports that compute in single precision: `arithmetic: binary32`.

The programs compute with numpy.float32 and print the fewest digits that read back.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.cases import load_cases
from harness.judging.expectations import Expectations, judge_answer
from harness.judging.fast_accept import accept
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic, Case
from harness.model.number import parse_number, round_to_binary32
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import Expected, expect
from harness.numerics.precision import BINARY32
from support.eliminations import (
    CORRECT_PROGRAMS,
    ExactInnerProducts,
    Program,
    RoundedOnce,
    make_case,
    make_elimination_port,
)
from support.factorisations import Factorisation, InverseByLu, make_factorisation_port
from support.faulty_pivoting import ComparesWithFirst, ForgetsAbs, NeverSearches
from support.random_systems import FAMILIES, random_system

SINGLE, DOUBLE = Arithmetic.BINARY32, Arithmetic.BINARY64

CORPUS = tuple(
    case
    for case in load_cases([Path(__file__).parents[2] / "cases"])
    if case.rows <= 30 and case.is_representable(SINGLE)
)
CASES = {case.name: case for case in CORPUS}

ROUNDS_EACH_TIME = tuple(
    program for program in CORRECT_PROGRAMS if program not in (RoundedOnce, ExactInnerProducts)
)
"""The programs without operations in fractions, which would leave single precision."""

SYSTEMS_OF_A_FAMILY = 500 // len(FAMILIES) + 1


@cache
def compute_expected(name: str, arithmetic: Arithmetic = SINGLE) -> Expected:
    return expect(CASES[name], arithmetic)


def judge_program(program: type[Program], case: Case, expected: Expected) -> tuple[Judgement, ...]:
    transcript = program().make_transcript(case, SINGLE)
    return judge(make_elimination_port(expected.arithmetic).contract, expected, transcript)


def judge_factorisation(
    program: type[Factorisation], case: Case, expected: Expected
) -> tuple[Judgement, ...]:
    transcript = program().make_transcript(case, SINGLE)
    return judge(make_factorisation_port(expected.arithmetic).contract, expected, transcript)


def list_deviating(judgements: tuple[Judgement, ...]) -> list[Judgement]:
    return [
        each
        for each in judgements
        if each.outcome.deviates or each.outcome in (Outcome.BLOCKED, Outcome.NOT_JUDGED)
    ]


# Correct programs


@pytest.mark.parametrize("program", ROUNDS_EACH_TIME)
def test_no_elimination_deviates_on_the_corpus(program: type[Program]) -> None:
    for case in CORPUS:
        if case.right_hand_sides == 1:
            judgements = judge_program(program, case, compute_expected(case.name))
            assert not list_deviating(judgements), case.name


@pytest.mark.parametrize("program", [Factorisation, InverseByLu])
def test_no_factorisation_deviates_on_the_corpus(program: type[Factorisation]) -> None:
    for case in CORPUS:
        judgements = judge_factorisation(program, case, compute_expected(case.name))
        assert not list_deviating(judgements), case.name


@pytest.mark.parametrize("family", FAMILIES)
def test_no_program_deviates_on_random_systems(family: str) -> None:
    random = np.random.default_rng([*family.encode()])
    for _ in range(SYSTEMS_OF_A_FAMILY):
        case = make_case(random_system(random, family).tolist(), family)
        program = ROUNDS_EACH_TIME[random.integers(len(ROUNDS_EACH_TIME))]
        if case.is_representable(SINGLE):
            expected = expect(case, SINGLE)
            assert not list_deviating(judge_program(program, case, expected)), case
            assert not list_deviating(judge_factorisation(Factorisation, case, expected)), case


# Wrong programs


def test_single_precision_deviates_from_a_promise_of_doubles() -> None:
    judgements = judge_program(
        Program, CASES["ten-by-ten-digits"], compute_expected("ten-by-ten-digits", DOUBLE)
    )
    (value,) = (each for each in judgements if each.check == "solution.value")
    assert value.outcome.deviates


@pytest.mark.parametrize("program", [NeverSearches, ForgetsAbs, ComparesWithFirst])
def test_a_wrong_pivot_search_is_detected(program: type[Program]) -> None:
    names = [
        case.name
        for case in CORPUS
        if case.right_hand_sides == 1
        and list_deviating(judge_program(program, case, compute_expected(case.name)))
    ]
    assert len(names) >= 3


def test_an_error_of_a_thousand_units_is_wrong() -> None:
    case = make_case([[2.0, 1.0, 3.0], [1.0, 3.0, 4.0]])
    transcript = Program().make_transcript(case, SINGLE)
    stage = transcript.stages["solution"]
    rows = ((float(stage.rows[0][0]) * (1 + 1000 * BINARY32.unit_roundoff),), stage.rows[1])
    changed = Transcript(
        case.name,
        Ending.COMPLETED,
        {**transcript.stages, "solution": type(stage)("solution", (2,), rows)},
    )
    judgements = judge(make_elimination_port(SINGLE).contract, expect(case, SINGLE), changed)
    (wrong,) = list_deviating(judgements)
    assert wrong.check == "solution.value"
    assert "single precision" not in wrong.detail


# Numbers


@given(st.fractions() | st.floats(allow_nan=False, allow_infinity=False).map(Fraction))
def test_a_number_is_rounded_once(value: Fraction) -> None:
    with np.errstate(all="ignore"):
        nearest = float(np.float32(float(value)))
        candidates = [
            float(np.nextafter(np.float32(nearest), np.float32(limit)))
            for limit in (-np.inf, np.inf)
        ]
    rounded = round_to_binary32(value)
    if np.isfinite([rounded, *candidates]).all():
        errors = [abs(Fraction(each) - value) for each in (*candidates, nearest)]
        assert abs(Fraction(rounded) - value) == min(errors)
    else:
        assert rounded == nearest


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("1", 1.0),
        ("0.1", 0.10000000149011612),
        ("16777217", 16777216.0),
        ("16777219", 16777220.0),
        ("16777217.0000000000000000000001", 16777218.0),
        ("3.4028235677973367e38", np.inf),
        ("3.4028235e38", 3.4028234663852886e38),
        ("1e-45", 2.0**-149),
        ("0.7e-45", 0.0),
        ("-1e-46", 0.0),
    ],
)
def test_nearest_numbers(text: str, nearest: float) -> None:
    assert parse_number(text).binary32 == nearest


def test_a_port_receives_binary32_numbers_that_read_back() -> None:
    case = make_case([[Fraction(1, 10), Fraction(1, 3), -5]])
    lines = case.format_request(SINGLE).decode().splitlines()
    assert lines[1] == "0.10000000149011612 0.3333333432674408 -5"
    assert [float(np.float32(each)) for each in lines[1].split()] == [
        float(each) for each in case.build_input_matrix(SINGLE)[0]
    ]


@pytest.mark.parametrize("number", [1e39, 1e-46, -1e300])
def test_a_number_out_of_range_does_not_fit(number: float) -> None:
    case = make_case([[1.0, number]])
    assert not case.is_representable(SINGLE)
    contract, transcript = (
        make_elimination_port(SINGLE).contract,
        Transcript(case.name, Ending.NOT_ASKED),
    )
    judgements = judge_answer(Expectations([case]), contract, transcript)
    assert {judgement.outcome for judgement in judgements} == {Outcome.ABSENT}


def test_only_other_arithmetics_are_accepted_fast() -> None:
    systems = np.array([[[2, 1, 3], [1, 3, 4]]])
    case = make_case(systems[0].tolist())
    answers = [Program().make_transcript(case, SINGLE)]
    assert accept(make_elimination_port(SINGLE).contract, systems, answers) == [False]
