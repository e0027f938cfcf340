"""Correct programs by other methods than those of the published listings are not accused.

The systems are the corpus and random ones of moderate size, with fixed seeds. Methods that square
the entries, or multiply them all, are out of range at 1e±300, and answer nothing there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.case import Arithmetic, Solutions
from harness.model.verdict import Outcome
from harness.numerics.oracle import Expected, expect
from support.other_methods import METHODS, Method
from support.random_systems import (
    Array,
    deficient_sides,
    graded_system,
    rectangular_system,
    singular_system,
    system_of_sides,
)

if TYPE_CHECKING:
    from harness.model.case import Case

CORPUS = load_cases([Path(__file__).parents[2] / "cases"])
RANDOM = np.random.default_rng(13)
DRAWN = [
    draw(RANDOM)
    for draw in (singular_system, rectangular_system, system_of_sides, graded_system)
    for _ in range(25)
] + [deficient_sides(RANDOM) for _ in range(25)]

ORTHOGONAL = ("Householder", "Givens", "Gram–Schmidt", "QR of any shape", "least squares")
"""Methods whose rounding leaves hardly a zero: they seldom notice that a system has no solution."""

NOT_BACKWARD_STABLE = ("pseudo-inverse", "Cramer")
"""Methods that are only asked far from singular matrices."""


def is_moderate(case: Case) -> bool:
    """Return whether no entry is so large or small that products of entries leave the range."""
    sizes = [abs(float(value.exact)) for row in case.system for value in row if value.exact]
    return case.rows <= 12 and all(1e-20 < size < 1e20 for size in sizes)


CASES = [case for case in CORPUS if is_moderate(case)] + DRAWN


@cache
def compute_expected(number: int, arithmetic: Arithmetic) -> Expected:
    return expect(CASES[number], arithmetic)


def is_suited(name: str, method: Method, case: Case, expected: Expected) -> bool:
    """Return whether a method is made for a system."""
    rows: Array = np.array(case.build_input_matrix(method.arithmetic))[:, : case.unknowns]
    if not method.accepts(rows) or (name in NOT_BACKWARD_STABLE and expected.condition > 1e3):
        return False
    is_square = "inverse" in method.procedures
    is_regular = expected.reduced.rank == case.unknowns
    has_solutions = expected.solutions is not Solutions.NONE
    return name not in ORTHOGONAL or (has_solutions and (is_regular or not is_square))


@pytest.mark.parametrize("name", METHODS)
def test_no_other_method_deviates(name: str) -> None:
    method, right = METHODS[name], 0
    for number, case in enumerate(CASES):
        if not case.is_representable(method.arithmetic):
            continue
        expected = compute_expected(number, method.arithmetic)
        if not is_suited(name, method, case, expected):
            continue
        port, transcript = method.make_port(), method.make_transcript(case)
        for judgement in judge(port.contract, expected, transcript):
            message = (case.name, case.system, judgement)
            assert not judgement.outcome.deviates, message
            assert judgement.outcome not in (Outcome.BLOCKED, Outcome.NOT_JUDGED), message
            right += judgement.outcome is Outcome.RIGHT
    assert right > 10
