"""Ports that give a reduced form and no echelon form: judged by the system itself."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.numerics.oracle import expect
from support.eliminations import (
    NOTICE,
    make_case,
    make_elimination_port,
    make_matrix_stage,
    make_solution_stage,
)
from support.faulty_reductions import REDUCTION_FAULTS
from support.other_methods import METHODS

if TYPE_CHECKING:
    from harness.model.case import Case
    from harness.model.verdict import Judgement
    from support.eliminations import Matrix
    from support.faulty_eliminations import Faulty

CASES = {case.name: case for case in load_cases([Path(__file__).parents[2] / "cases"])}

SYSTEM: Matrix = [[4, 1, 9], [2, 3, 7]]
CONSISTENT: Matrix = [[1, 2, 3], [2, 4, 6]]
CONTRADICTORY: Matrix = [[1, 2, 3], [2, 4, 7]]
ILL_POSED: Matrix = [[1, 1, -1, 1], [-1, 0, -1, -2], [3, 1, 1, 5]]
NAN = math.nan


def judge_reduced(
    system: Matrix,
    reduced: Matrix | None,
    x: list[float] | None = None,
    sides: int = 1,
    remarks: tuple[str, ...] = (),
    failures: dict[str, str] | None = None,
) -> dict[str, Judgement]:
    """Return the judgements on a port that has Gauss–Jordan elimination and back substitution."""
    port = make_elimination_port(procedures=("gauss_jordan", "back_substitution"))
    stages = {"reduced": make_matrix_stage("reduced", reduced)} if reduced else {}
    if x is not None:
        stages["solution"] = make_solution_stage(x)
    case = replace(make_case(system), right_hand_sides=sides)
    transcript = Transcript("a-case", Ending.COMPLETED, stages, failures or {}, remarks)
    judgements = judge(port.contract, expect(case, port.arithmetic), transcript)
    return {str(each.check): each for each in judgements}


@pytest.mark.parametrize(
    ("system", "reduced", "form", "rows"),
    [
        (SYSTEM, [[1, 0, 2], [0, 1, 1]], "right", "right"),
        (SYSTEM, [[1, 0, 1006], [0, 1, 1003]], "right", "wrong"),
        (SYSTEM, [[1, 0, 2 + 1e-12], [0, 1, 1]], "right", "inaccurate"),
        (SYSTEM, [[1, 0, 2], [0, 2, 2]], "wrong", "blocked"),
        (SYSTEM, [[1, 0.25, 2.25], [0, 0, 0]], "right", "wrong"),
        (SYSTEM, [[1, 1e-17, 2], [-1e-17, 1, 1]], "right", "right"),
        (SYSTEM, [[1, 0, 2], [1e-3, 1, 1]], "wrong", "blocked"),
        (SYSTEM, [[1, 0, 2]], "wrong", "blocked"),
        (SYSTEM, [[1, 0, NAN], [0, 1, 1]], "wrong", "blocked"),
        (CONSISTENT, [[1, 2, 3], [0, 0, 0]], "right", "right"),
        (CONSISTENT, [[1, 2, 4], [0, 0, 0]], "right", "wrong"),
        (CONSISTENT, [[1, 3, 3], [0, 0, 0]], "right", "wrong"),
        (CONSISTENT, [[1, 2, 3], [0, 0, 1]], "right", "wrong"),
        (CONTRADICTORY, [[1, 2, 0], [0, 0, 1]], "right", "right"),
        (CONTRADICTORY, [[1, 2, 3], [0, 0, 1]], "right", "right"),
        (CONTRADICTORY, [[1, 2, 3], [0, 0, 0]], "right", "wrong"),
        (ILL_POSED, [[1, 0, 1, 2], [0, 1, -2, -1], [0, 0, 0, 0]], "right", "right"),
        (ILL_POSED, [[1, 0, 0, 2], [0, 1, 0, -1], [0, 0, 1, 0]], "right", "defensible"),
        (ILL_POSED, [[1, 0, 0, 9], [0, 1, 0, -1], [0, 0, 1, 0]], "right", "wrong"),
    ],
)
def test_the_reduced_form_is_that_of_the_system(
    system: Matrix, reduced: Matrix, form: str, rows: str
) -> None:
    judged = judge_reduced(system, reduced)
    assert (judged["reduced.form"].outcome, judged["reduced.rows"].outcome) == (form, rows)


@pytest.mark.parametrize(
    ("reduced", "rows"),
    [
        ([[1, 2, 3, 0], [0, 0, 0, 1]], "right"),
        ([[1, 2, 3, 9], [0, 0, 0, 1]], "right"),
        ([[1, 2, 4, 0], [0, 0, 0, 1]], "wrong"),
        ([[1, 2, 3, 3], [0, 0, 0, 0]], "wrong"),
        ([[1, 2, 3, 0], [0, 0, 1, 1]], "wrong"),
    ],
)
def test_each_right_hand_side_is_judged_by_itself(reduced: Matrix, rows: str) -> None:
    """The first right-hand side has solutions, and the second contradicts the coefficients."""
    judged = judge_reduced([[1, 2, 3, 3], [2, 4, 6, 7]], reduced, sides=2)
    assert judged["reduced.rows"].outcome == rows


@pytest.mark.parametrize(
    ("system", "reduced", "remarks", "outcome", "follows"),
    [
        (SYSTEM, [[1, 0, 2], [0, 1, 1]], (), "right", None),
        (SYSTEM, [[1, 0, 2], [0, 1, 1]], (NOTICE,), "wrong", None),
        (CONSISTENT, [[1, 2, 3], [0, 0, 0]], (NOTICE,), "right", None),
        (CONSISTENT, [[1, 2, 3], [0, 0, 0]], (), "wrong", None),
        (SYSTEM, [[1, 0.25, 2.25], [0, 0, 0]], (NOTICE,), "blocked", "reduced.rows"),
        (CONSISTENT, [[1, 0, 1], [0, 1, 1]], (), "blocked", "reduced.rows"),
        (ILL_POSED, [[1, 0, 0, 2], [0, 1, 0, -1], [0, 0, 1, 0]], (), "defensible", "reduced.rows"),
    ],
)
def test_the_notice_is_about_the_reduced_form(
    system: Matrix, reduced: Matrix, remarks: tuple[str, ...], outcome: str, follows: str | None
) -> None:
    judgement = judge_reduced(system, reduced, remarks=remarks)["singular.notice"]
    assert (judgement.outcome, judgement.follows) == (outcome, follows)


@pytest.mark.parametrize(
    ("reduced", "x", "outcome", "follows"),
    [
        ([[1, 0, 2], [0, 1, 1]], [2.0, 1.0], "right", None),
        ([[1, 0, 2], [0, 1, 1]], [2.0, 3.0], "wrong", None),
        ([[1, 0, 6], [0, 1, 3]], [2.0, 1.0], "right", None),
        ([[1, 0, 6], [0, 1, 3]], [6.0, 3.0], "blocked", "reduced.rows"),
        ([[1, 0, 6], [0, 1, 3]], [7.0, 8.0], "wrong", None),
        (None, [2.0, 1.0], "right", None),
        (None, [7.0, 8.0], "wrong", None),
        (None, None, "blocked", "reduced.form"),
    ],
)
def test_x_is_judged_by_the_system(
    reduced: Matrix | None, x: list[float] | None, outcome: str, follows: str | None
) -> None:
    failures = {} if reduced else {"gauss_jordan": "IndexError: 3"}
    judgement = judge_reduced(SYSTEM, reduced, x, failures=failures)["solution.value"]
    assert (judgement.outcome, judgement.follows) == (outcome, follows)


def test_a_row_of_another_size_is_seen() -> None:
    system: Matrix = [[1e10, 0, 1e10], [0, 1e-10, 1e-10]]
    assert judge_reduced(system, [[1, 0, 1], [0, 1, 1]])["reduced.rows"].outcome == "right"
    assert judge_reduced(system, [[1, 0, 1], [0, 1, 3]])["reduced.rows"].outcome == "wrong"


def judge_reduction(fault: type[Faulty], case: Case) -> tuple[Judgement, ...]:
    """Return the judgements on a program of which the reduced form alone is printed."""
    port = make_elimination_port(procedures=("gauss_jordan",))
    transcript = fault().make_transcript(case)
    stages = {"reduced": transcript.stages["reduced"]}
    return judge(
        port.contract,
        expect(case, port.arithmetic),
        replace(transcript, stages=stages, failures={}),
    )


@pytest.mark.parametrize("fault", REDUCTION_FAULTS)
def test_every_faulty_reduction_is_seen_without_its_echelon_form(fault: type[Faulty]) -> None:
    judgements = judge_reduction(fault, CASES[fault.killed_by[0]])
    deviating = [str(each.check) for each in judgements if each.outcome.deviates]
    assert deviating in (["reduced.form"], ["reduced.rows"])


def test_gauss_jordan_elimination_may_lose_the_digits_of_the_condition() -> None:
    """Here x is read off the reduced form. Its residual is large, and its error is not."""
    method = METHODS["Gauss–Jordan"]
    case = make_case(
        [
            [-1.6, -1.1199999999999999, 2.8, -8.959999999999999],
            [-0.03333333333333333, -0.02333333333333333, 0.9, -1.87],
            [-0.1, -0.06999999999999999, 2.7, -5.61],
        ]
    )
    expected = expect(case, method.arithmetic)
    judgements = judge(method.make_port().contract, expected, method.make_transcript(case))
    (x,) = [each for each in judgements if each.check == "solution.value"]
    assert (x.outcome, x.follows) == ("defensible", "reduced.rows")
    assert x.measures["backward_error"] > 1e-3


def test_the_condition_excuses_no_other_x() -> None:
    """On this matrix rounding may take all digits, but x is not that of the reduced form."""
    method, case = METHODS["Gauss–Jordan"], CASES["hilbert-12"]
    answer = method.make_transcript(case)
    expected = expect(case, method.arithmetic)
    stages = {**answer.stages, "solution": make_solution_stage([0.0] * 12)}
    judgements = judge(method.make_port().contract, expected, replace(answer, stages=stages))
    outcomes = {str(each.check): str(each.outcome) for each in judgements}
    assert (outcomes["reduced.rows"], outcomes["solution.value"]) == ("right", "wrong")


def test_division_by_a_tiny_pivot_takes_the_digits_of_other_rows() -> None:
    """The third column has no pivot, but 1/33 is rounded, and a pivot of 1e-15 may be left."""
    system: Matrix = [
        [-33, -50, -16, -3, -403],
        [-15, -10, -20, -9, -173],
        [0, 0, 0, 32, 64],
        [-16, -20, -12, -20, -224],
    ]
    reduced: Matrix = [[1, 0, 0, 0, 32], [0, 1, 0, 0, -12], [0, 0, 1, 0, -12], [0, 0, 0, 1, 2]]
    judged = judge_reduced(system, reduced, [32, -12, -12, 2])
    checks = ("reduced.rows", "solution.value", "singular.notice")
    assert {str(judged[check].outcome) for check in checks} == {"defensible"}
