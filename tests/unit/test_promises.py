"""A program that keeps what its manifest promises conforms; one that breaks a promise deviates."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.case import Arithmetic, Case
from harness.model.promises import (
    FreeUnknowns,
    Inconsistent,
    Pivoting,
    Promises,
)
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import Expected, expect
from support.eliminations import PROCEDURES as ALL_PROCEDURES
from support.eliminations import (
    Matrix,
    Program,
    make_case,
    make_elimination_port,
    make_matrix_stage,
    make_solution_stage,
)
from support.promised_eliminations import (
    PIVOTING_DIALECTS,
    TOLERANCE_DIALECTS,
    CrossMultiplied,
    FirstNonzero,
    FractionFree,
    Promising,
    Scaled,
    SignsTurned,
    Tolerant,
    TolerantFlushes,
)
from support.random_systems import FAMILIES, random_system

CORPUS = tuple(
    case
    for case in load_cases([Path(__file__).parents[2] / "cases"])
    if case.right_hand_sides == 1 and case.rows <= 15
)
CASES = {case.name: case for case in CORPUS}
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64

ROUNDING_DIALECTS = tuple(
    program
    for program in (*PIVOTING_DIALECTS, *TOLERANCE_DIALECTS)
    if not issubclass(program, FractionFree)
)
"""The products of a fraction-free elimination leave the range of doubles; it is exact in
fractions."""

EXACT_DIALECTS = tuple(
    program
    for program in (*PIVOTING_DIALECTS, *TOLERANCE_DIALECTS)
    if program is not TolerantFlushes
)


def judge_promising(
    program: type[Program], promises: Promises, case: Case, expected: Expected
) -> tuple[Judgement, ...]:
    port = replace(make_elimination_port(expected.arithmetic), promises=promises)
    transcript = program().make_transcript(case, expected.arithmetic)
    return judge(port.contract, expected, transcript)


def assert_conforms(program: type[Promising], case: Case, expected: Expected) -> None:
    for judgement in judge_promising(program, program.promises, case, expected):
        message = (program.__name__, case.name, judgement)
        assert not judgement.outcome.deviates, message
        assert judgement.outcome not in (Outcome.BLOCKED, Outcome.NOT_JUDGED), message


# Programs that keep their promise


@pytest.mark.parametrize("program", ROUNDING_DIALECTS)
def test_a_kept_promise_conforms_on_the_corpus(program: type[Promising]) -> None:
    for case in CORPUS:
        assert_conforms(program, case, expect(case, BINARY))


@pytest.mark.parametrize("program", EXACT_DIALECTS)
def test_a_kept_promise_conforms_in_fractions(program: type[Promising]) -> None:
    for case in CORPUS:
        if case.is_representable(RATIONAL) and case.rows <= 8:
            assert_conforms(program, case, expect(case, RATIONAL))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_kept_promise_conforms_on_random_systems(family: str) -> None:
    random = np.random.default_rng([13, *family.encode()])
    for number in range(2 * len(ROUNDING_DIALECTS)):
        case = make_case(random_system(random, family).tolist(), family)
        program = ROUNDING_DIALECTS[number % len(ROUNDING_DIALECTS)]
        assert_conforms(program, case, expect(case, BINARY))


@pytest.mark.parametrize("program", [FractionFree, CrossMultiplied, SignsTurned])
def test_multiples_of_rows_conform_with_small_integers(program: type[Promising]) -> None:
    random = np.random.default_rng(14)
    for _ in range(100):
        system = random.integers(-5, 6, (4, 5)).astype(float)
        case = make_case(system.tolist())
        assert_conforms(program, case, expect(case, BINARY))


# Programs that break a promise


@pytest.mark.parametrize(
    ("program", "promised", "share"),
    [
        (Program, Pivoting.SCALED, 0.1),
        (Program, Pivoting.COMPLETE, 0.5),
        (Program, Pivoting.FIRST_NONZERO, 0.5),
        (Program, Pivoting.NONE, 0.5),
        (Scaled, Pivoting.PARTIAL, 0.1),
        (FirstNonzero, Pivoting.PARTIAL, 0.4),
        (FirstNonzero, Pivoting.NONE, 0.1),
    ],
)
def test_a_broken_promise_deviates(
    program: type[Program], promised: Pivoting, share: float
) -> None:
    outcomes = Counter[bool]()
    for case in CORPUS:
        judgements = judge_promising(program, Promises(promised), case, expect(case, BINARY))
        outcomes[any(judgement.outcome.deviates for judgement in judgements)] += 1
    assert outcomes[True] > share * len(CORPUS), outcomes


@pytest.mark.parametrize(
    ("promised", "detail"),
    [
        (
            Pivoting.SCALED,
            "step 1, column 1: took row 2 (|4|); "
            "row 1 has |2|, which is larger in proportion to its row",
        ),
        (Pivoting.FIRST_NONZERO, "step 1, column 1: took row 2 (|4|); row 1 comes first, with |2|"),
        (
            Pivoting.NONE,
            "step 1, column 1: took row 2 (|4|); row 1 comes next, as rows are never interchanged",
        ),
    ],
)
def test_the_sentence_names_the_row_of_the_promise(promised: Pivoting, detail: str) -> None:
    case = make_case([[2, 1, 3], [4, 100, 104]])
    judgements = judge_promising(Program, Promises(promised), case, expect(case, BINARY))
    pivoting = next(each for each in judgements if each.check == "echelon.pivoting")
    assert (pivoting.outcome, pivoting.detail) == (Outcome.WRONG, detail)


def test_complete_pivoting_names_the_column_of_the_largest_entry() -> None:
    case = make_case([[2, 1, 3], [4, 100, 104]])
    judgements = judge_promising(Program, Promises(Pivoting.COMPLETE), case, expect(case, BINARY))
    pivoting = next(each for each in judgements if each.check == "echelon.pivoting")
    assert pivoting.detail == ("step 1, column 1: took row 2 (|4|); row 2 has |100| in column 2")


# A tolerance


def test_what_a_tolerance_costs_is_told() -> None:
    case = CASES["tiny-last-pivot"]
    judgements = judge_promising(Tolerant, Tolerant.promises, case, expect(case, BINARY))
    outcomes = {judgement.check: judgement for judgement in judgements}
    assert outcomes["solution.value"].outcome is Outcome.DEFENSIBLE
    assert outcomes["echelon.rows"].detail == (
        "the declared tolerance 1e-09 makes this pivot (9.095e−13) a zero"
    )


def test_without_the_promise_a_tolerance_deviates() -> None:
    case = CASES["tiny-last-pivot"]
    judgements = judge_promising(Tolerant, Promises(), case, expect(case, BINARY))
    assert any(judgement.outcome.deviates for judgement in judgements)


# Answers without a unique solution


def judge_x(system: Matrix, x: list[float], promises: Promises) -> Judgement:
    case = make_case(system)
    port = replace(
        make_elimination_port(procedures=("back_substitution",), notices=()), promises=promises
    )
    transcript = Program().make_transcript(case)
    transcript = replace(transcript, stages={"solution": make_solution_stage(x)}, remarks=())
    judgements = judge(port.contract, expect(case, BINARY), transcript)
    return next(each for each in judgements if each.check == "solution.value")


ZERO = Promises(free_unknowns=FreeUnknowns.ZERO)
LEAST_SQUARES = Promises(inconsistent=Inconsistent.LEAST_SQUARES)


@pytest.mark.parametrize(
    ("x", "outcome"),
    [
        ([3.0, 0.0], Outcome.RIGHT),
        ([1.0, 1.0], Outcome.WRONG),
        ([4.0, 0.0], Outcome.WRONG),
        ([float("nan"), float("nan")], Outcome.WRONG),
    ],
)
def test_free_unknowns_that_are_promised_to_be_0(x: list[float], outcome: Outcome) -> None:
    assert judge_x([[1, 2, 3], [2, 4, 6]], x, ZERO).outcome is outcome


@pytest.mark.parametrize(
    ("x", "outcome"),
    [
        ([2.0], Outcome.RIGHT),
        ([1.0], Outcome.WRONG),
        ([2.0 + 1e-9], Outcome.INACCURATE),
        ([float("inf")], Outcome.WRONG),
    ],
)
def test_a_least_squares_answer_that_is_promised(x: list[float], outcome: Outcome) -> None:
    assert judge_x([[1, 1], [1, 2], [1, 3]], x, LEAST_SQUARES).outcome is outcome


def test_a_wide_least_squares_answer_needs_no_minimum_norm() -> None:
    system: Matrix = [[1, 1, 2], [1, 1, 4]]
    for x in ([3.0, 0.0], [1.5, 1.5]):
        assert judge_x(system, x, LEAST_SQUARES).outcome is Outcome.RIGHT


def test_an_answer_without_a_promise_is_silent() -> None:
    assert judge_x([[1, 1], [1, 2], [1, 3]], [2.0], Promises()).outcome is Outcome.SILENT


# Columns that were interchanged


def test_interchanged_columns_need_complete_pivoting() -> None:
    """The pivots are 4, in column 2, and 2, in column 1."""
    case, echelon = make_case([[2, 0, 2], [0, 4, 4]]), [[0.0, 4.0, 4.0], [2.0, 0.0, 2.0]]
    for promised, outcome in (
        (Pivoting.COMPLETE, Outcome.RIGHT),
        (Pivoting.PARTIAL, Outcome.WRONG),
    ):
        port = replace(make_elimination_port(), promises=Promises(promised))
        transcript = replace(
            Program().make_transcript(case),
            stages={"echelon": make_matrix_stage("echelon", echelon)},
        )
        judgements = judge(port.contract, expect(case, BINARY), transcript)
        assert judgements[0].outcome is outcome


def test_the_promises_have_a_default() -> None:
    assert make_elimination_port(procedures=ALL_PROCEDURES).contract.promises == Promises()
