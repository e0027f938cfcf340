"""Systems whose rows and columns have very different sizes: correct programs conform, and an error
in a small row is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract, Method
from harness.model.verdict import Outcome
from harness.numerics import rational
from harness.numerics.elimination_errors import solution_ratio
from harness.numerics.oracle import expect
from support.eliminations import make_case
from support.factorisations import make_stage
from support.random_systems import scaled_system
from support.solvers import ELIMINATIONS, GAUSS_JORDAN, OTHER_METHODS

if TYPE_CHECKING:
    from harness.model.verdict import Judgement

BINARY = Arithmetic.BINARY64

METHODS = {
    Method.ELIMINATION: ELIMINATIONS,
    Method.GAUSS_JORDAN: GAUSS_JORDAN,
    Method.ANY: OTHER_METHODS,
}


@pytest.mark.parametrize("seed", range(4))
def test_correct_programs_stay_within_the_bound_of_their_method(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(60):
        system = scaled_system(random)
        expected = expect(make_case(system.tolist()), BINARY)
        for method, solvers in METHODS.items():
            for name, solve in solvers.items():
                with np.errstate(all="ignore"):
                    x = solve(system[:, :-1], system[:, -1])
                if x is None or not np.isfinite(x).all() or expected.solution is None:
                    continue
                column = rational.from_rows([[float(value)] for value in x])
                ratio = solution_ratio(expected, 0, column, method)
                assert ratio < expected.threshold, (name, system.tolist())


# Errors in small rows

Rows = list[list[float]]

DIAGONAL: Rows = [[1e10, 0, 1e10], [0, 1e-10, 1e-10]]
REGULAR: Rows = [[2e10, 1e10, 1], [1e-10, 3e-10, 1]]
SMALL_PIVOT: Rows = [[0, 1e10, 1], [1e-10, 0, 1]]
WIDE_RANGE: Rows = [[0, 1e200, 0, 1], [1e200, 0, 0, 1], [0, 0, 1e-300, 1]]


def judge_result(procedure: str, label: str, result: Rows, system: Rows) -> Judgement:
    """Return the judgement on one result of a port that shows that it eliminates."""
    contract = Contract(BINARY, ("gaussian_elimination", procedure))
    transcript = Transcript("a-case", Ending.COMPLETED, {label: make_stage(label, [*result])})
    judgements = judge(contract, expect(make_case(system), BINARY), transcript)
    return next(each for each in judgements if each.check == f"{label}.value")


@pytest.mark.parametrize(
    ("label", "result", "system", "outcome"),
    [
        ("solve", [[1.0], [1.0]], DIAGONAL, Outcome.RIGHT),
        ("solve", [[1.0], [3.0]], DIAGONAL, Outcome.WRONG),
        ("inverse", [[1e-10, 0.0], [0.0, 1e10]], DIAGONAL, Outcome.RIGHT),
        ("inverse", [[1e-10, 0.0], [0.0, 3e10]], DIAGONAL, Outcome.WRONG),
        ("inverse", [[6e-11, -2e9], [-2e-11, 4e9]], REGULAR, Outcome.RIGHT),
        ("inverse", [[6e-11, -2e9], [-6e-11, 1.2e10]], REGULAR, Outcome.WRONG),
        ("determinant", [[-1.0]], SMALL_PIVOT, Outcome.RIGHT),
        ("determinant", [[1.0]], SMALL_PIVOT, Outcome.WRONG),
        ("determinant", [[-1e100]], WIDE_RANGE, Outcome.RIGHT),
        ("determinant", [[1e100]], WIDE_RANGE, Outcome.WRONG),
    ],
)
def test_errors_in_small_rows(label: str, result: Rows, system: Rows, outcome: Outcome) -> None:
    assert judge_result(label, label, result, system).outcome is outcome


def test_a_program_that_shows_no_elimination_may_use_any_method() -> None:
    """QR factorisation loses the small row: its error is small beside the norm of A alone."""
    contract = Contract(BINARY, ("solve",))
    transcript = Transcript(
        "a-case", Ending.COMPLETED, {"solve": make_stage("solve", [[1.0], [3.0]])}
    )
    judgement = judge(contract, expect(make_case(DIAGONAL), BINARY), transcript)[-1]
    assert judgement.outcome is Outcome.RIGHT


# Determinants whose products leave the doubles


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (0.0, Outcome.DEFENSIBLE),
        (float("nan"), Outcome.DEFENSIBLE),
        (1.0, Outcome.WRONG),
        (-1.0, Outcome.WRONG),
    ],
)
def test_a_determinant_below_the_doubles(number: float, outcome: Outcome) -> None:
    system: Rows = [[1e-300, 0, 1], [0, 5e-300, 1]]
    judgement = judge_result("determinant", "determinant", [[number]], system)
    assert judgement.outcome is outcome
