"""LU, substitutions, solve, inverse, determinant and rank: what conforms, what deviates, and whose
fault it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_conformance import FAMILIES, random_system, singular_system

from harness.inputs.cases import load_cases
from harness.judging import factorisation_checks
from harness.judging.elimination import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic, Case
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import Expected, expect
from support.eliminations import make_case, make_port
from support.factorisations import (
    DIALECTS,
    Algebra,
    Fused,
    Lapack,
    Matrix,
    WithoutRefusing,
    make_algebra_port,
    stage,
)
from support.faulty_factorisations import FACTOR_FAULTS, FaultyAlgebra

CORPUS = load_cases([Path(__file__).parents[2] / "cases"])
CASES = {case.name: case for case in CORPUS}
SMALL = [case for case in CORPUS if case.rows <= 20]
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64
OWN_CHECKS = tuple(Check)[tuple(Check).index(Check.LU_PERMUTATION) : -1]


@cache
def truth(name: str, arithmetic: Arithmetic) -> Expected:
    return expect(CASES[name], arithmetic)


def judged(program: type[Algebra], case: Case, expected: Expected) -> dict[Check, Judgement]:
    transcript = program().transcript(case, expected.arithmetic)
    found = judge(make_algebra_port(expected.arithmetic), expected, transcript)
    return {judgement.check: judgement for judgement in found if judgement.check in OWN_CHECKS}


def amiss(found: dict[Check, Judgement]) -> list[Judgement]:
    """What deviates or is blocked."""
    return [j for j in found.values() if j.outcome.deviates or j.outcome is Outcome.BLOCKED]


def deviating(found: dict[Check, Judgement]) -> list[Check]:
    return [check for check, judgement in found.items() if judgement.outcome.deviates]


# What is right conforms


@pytest.mark.parametrize("program", [p for p in DIALECTS if p is not Fused])
def test_no_dialect_deviates_on_the_corpus(program: type[Algebra]) -> None:
    for case in SMALL:
        assert not amiss(judged(program, case, truth(case.name, BINARY))), case.name


@pytest.mark.parametrize("program", DIALECTS)
def test_no_dialect_deviates_on_the_corpus_in_fractions(program: type[Algebra]) -> None:
    for case in SMALL:
        if case.fits(RATIONAL) and case.rows <= 10:
            found = judged(program, case, truth(case.name, RATIONAL))
            assert not amiss(found), case.name
            assert Outcome.DEFENSIBLE not in {j.outcome for j in found.values()}, case.name


def test_lapack_does_not_deviate_on_the_corpus() -> None:
    for case in CORPUS:
        assert not amiss(judged(Lapack, case, truth(case.name, BINARY))), case.name


@pytest.mark.parametrize("family", FAMILIES)
def test_no_dialect_deviates_on_random_systems(family: str) -> None:
    random = np.random.default_rng([*family.encode()])
    for _ in range(40):
        case = make_case(random_system(random, family).tolist(), family)
        program = DIALECTS[random.integers(len(DIALECTS))]
        assert not amiss(judged(program, case, expect(case, BINARY)))


def test_no_dialect_deviates_on_singular_integers() -> None:
    random = np.random.default_rng(5)
    for _ in range(150):
        case = singular_system(random)
        program = DIALECTS[random.integers(len(DIALECTS))]
        assert not amiss(judged(program, case, expect(case, BINARY)))


# What is wrong deviates, once


def test_every_check_is_answered_once_in_order() -> None:
    found = judge(
        make_algebra_port(), truth("two-by-two", BINARY), Algebra().transcript(CASES["two-by-two"])
    )
    assert tuple(j.check for j in found)[-len(OWN_CHECKS) :] == OWN_CHECKS


@pytest.mark.parametrize("fault", FACTOR_FAULTS)
def test_every_fault_is_caught_by_the_case_that_is_named_for_it(fault: type[FaultyAlgebra]) -> None:
    name, check = fault.killed_by
    assert deviating(judged(fault, CASES[name], truth(name, BINARY))) == [check]


@pytest.mark.parametrize("fault", FACTOR_FAULTS)
def test_a_fault_counts_once_in_a_case(fault: type[FaultyAlgebra]) -> None:
    for case in CORPUS:
        if case.rows <= 10:
            assert len(deviating(judged(fault, case, truth(case.name, BINARY)))) <= 1, case.name


@pytest.mark.parametrize("fault", FACTOR_FAULTS)
def test_no_fault_hangs_on_a_single_case(fault: type[FaultyAlgebra]) -> None:
    found = [
        c for c in SMALL if c.rows <= 10 and deviating(judged(fault, c, truth(c.name, BINARY)))
    ]
    assert len(found) >= 3


# What is asked


def test_what_takes_a_square_matrix_is_not_asked_of_others() -> None:
    found = judged(Algebra, CASES["tall-unique"], truth("tall-unique", BINARY))
    assert {j.outcome for c, j in found.items() if c is not Check.RANK_VALUE} == {Outcome.ABSENT}
    assert found[Check.RANK_VALUE].outcome is Outcome.RIGHT


def test_a_port_is_asked_what_it_has() -> None:
    port = make_port(procedures=("rank",))
    found = judge(port, truth("two-by-two", BINARY), Algebra().transcript(CASES["two-by-two"]))
    assert [j.check for j in found if j.check in OWN_CHECKS] == [Check.RANK_VALUE]


def test_back_substitution_needs_one_right_hand_side() -> None:
    port = make_port(procedures=("gaussian_elimination", "back_substitution", "solve"))
    expected = truth("sides-of-a-swap", BINARY)
    echelon = stage("echelon", [[1.0, 3.0, 4.0, 1.0], [0.0, 2.0, 2.0, 4.0]])
    transcript = Transcript("a-case", Ending.COMPLETED, {"echelon": echelon})
    found = {j.check: j.outcome for j in judge(port, expected, transcript)}
    assert found[Check.ECHELON_ROWS] is Outcome.RIGHT
    assert found[Check.SOLUTION_VALUE] is Outcome.ABSENT


def test_every_right_hand_side_of_an_echelon_form_is_looked_at() -> None:
    expected = truth("sides-of-a-swap", BINARY)
    echelon = stage("echelon", [[1.0, 3.0, 4.0, 1.0], [0.0, 2.0, 2.0, 5.0]])
    transcript = Transcript("a-case", Ending.COMPLETED, {"echelon": echelon})
    found = judge(make_port(procedures=("gaussian_elimination",)), expected, transcript)
    assert Check.ECHELON_ROWS in [j.check for j in found if j.outcome.deviates]


# What is said of each


def told(case: str, **stages: Any) -> dict[Check, Judgement]:
    """The judgements where a right program printed this in place of some stages."""
    transcript = Algebra().transcript(CASES[case])
    printed = {**transcript.stages, **{label: stage(label, rows) for label, rows in stages.items()}}
    changed = Transcript(case, Ending.COMPLETED, printed, transcript.failures)
    found = judge(make_algebra_port(), truth(case, BINARY), changed)
    return {judgement.check: judgement for judgement in found}


def test_a_transposed_permutation_is_called_that() -> None:
    right = Algebra().transcript(CASES["three-cycle"]).stages["permutation"].rows
    other = [list(column) for column in zip(*right, strict=True)]
    assert (
        "Pᵀ A: P is transposed" in told("three-cycle", permutation=other)[Check.LU_PRODUCT].detail
    )


@pytest.mark.parametrize(
    ("permutation", "words", "entries"),
    [
        ([[1, 0], [1, 0]], "column 1 has 2 ones", ()),
        ([[1, 1], [0, 0]], "row 1 has 2 ones", ()),
        ([[2, 0], [0, 1]], "row 1 has 2 in column 1, which is neither 0 nor 1", ((0, 0),)),
        ([[1, 0, 0], [0, 1, 0]], "a 2 × 3 matrix, where 2 × 2 is due", ()),
    ],
)
def test_what_is_no_permutation(permutation: Matrix, words: str, entries: Any) -> None:
    found = told("two-by-two", permutation=permutation)[Check.LU_PERMUTATION]
    assert (found.outcome, found.detail, found.entries) == (Outcome.WRONG, words, entries)


@pytest.mark.parametrize(
    ("lower", "words"),
    [
        ([[1.0, 0.5], [0.5, 1.0]], "row 1 has 0.5 in column 2, above the diagonal"),
        ([[1.0, 0.0], [0.5, 3.0]], "row 2 has 3 in column 2, where 1 is due"),
        ([[1.0, 0.0], [2.0, 1.0]], "row 2 has 2 in column 1: its pivot was not the largest"),
        ([[1.0, 0.0], [float("nan"), 1.0]], "it holds entries that are not finite"),
    ],
)
def test_what_is_no_unit_lower_triangle(lower: Matrix, words: str) -> None:
    found = told("two-by-two", lower=lower)[Check.LU_LOWER]
    assert (found.outcome, found.detail) == (Outcome.WRONG, words)


def test_a_multiplier_may_exceed_1_by_a_reciprocal_s_rounding() -> None:
    lower = [[1.0, 0.0], [1.0 + 2.0**-52, 1.0]]
    assert told("two-by-two", lower=lower)[Check.LU_LOWER].outcome is Outcome.RIGHT


def test_substitution_is_judged_by_the_triangle_it_was_given() -> None:
    found = told("two-by-two", upper=[[9.0, 7.0], [0.0, 8.0]])
    assert found[Check.LU_PRODUCT].outcome is Outcome.WRONG
    assert found[Check.FORWARD_VALUE].outcome is Outcome.RIGHT
    assert found[Check.BACKWARD_VALUE].outcome is Outcome.WRONG


def test_what_an_inverse_of_a_singular_matrix_must_not_be() -> None:
    found = told("two-by-two-consistent", inverse=[[1.0, 0.0], [0.0, 1.0]])[Check.INVERSE_VALUE]
    assert (found.outcome, found.detail) == (
        Outcome.SILENT,
        "finite numbers without a word; A is singular",
    )


def test_refusing_a_singular_matrix_is_right() -> None:
    found = judged(Algebra, CASES["zero-matrix"], truth("zero-matrix", BINARY))
    for check in (Check.BACKWARD_VALUE, Check.SOLVE_VALUE, Check.INVERSE_VALUE):
        assert found[check].outcome is Outcome.DECLINED
    assert found[Check.LU_PRODUCT].outcome is Outcome.RIGHT
    assert found[Check.DETERMINANT_VALUE].outcome is Outcome.RIGHT


def test_infinities_for_a_singular_matrix_are_right_too() -> None:
    found = judged(WithoutRefusing, CASES["zero-matrix"], truth("zero-matrix", BINARY))
    assert found[Check.SOLVE_VALUE].outcome is Outcome.DECLINED


@pytest.mark.parametrize(
    ("case", "number", "outcome"),
    [
        ("two-by-two", 10.0, Outcome.RIGHT),
        ("two-by-two", 10.0 + 2.0**-49, Outcome.RIGHT),
        ("two-by-two", 10.000001, Outcome.WRONG),
        ("two-by-two", -10.0, Outcome.WRONG),
        ("two-by-two", 0.0, Outcome.WRONG),
        ("two-by-two", float("inf"), Outcome.WRONG),
        ("two-by-two-consistent", 0.0, Outcome.RIGHT),
        ("two-by-two-consistent", 1e-15, Outcome.RIGHT),
        ("two-by-two-consistent", 1e-3, Outcome.WRONG),
        ("scaled-up-1e300", float("inf"), Outcome.DEFENSIBLE),
        ("scaled-down-1e-300", 0.0, Outcome.DEFENSIBLE),
    ],
)
def test_determinants(case: str, number: float, outcome: Outcome) -> None:
    assert told(case, determinant=[[number]])[Check.DETERMINANT_VALUE].outcome is outcome


@given(st.integers(2, 8), st.integers(0, 10_000))
def test_a_perturbation_explains_its_own_determinant(size: int, seed: int) -> None:
    """The bound of Ipsen and Rehman, on random matrices and perturbations of known size."""
    random = np.random.default_rng(seed)
    rank = int(random.integers(1, size + 1))
    a = random.integers(-3, 4, (size, rank)) @ random.integers(-3, 4, (rank, size))
    moved = np.round(random.normal(size=(size, size)) * 2**20) / 2**40
    expected = expect(make_case([[*map(float, row), 0.0] for row in a.tolist()]), BINARY)
    if not expected.singular_values[0]:
        return
    perturbed = expect(make_case([[*row, 0.0] for row in (a + moved).tolist()]), BINARY)
    difference = perturbed.coefficients.det() - expected.coefficients.det()
    unit = size * 2.0**-53 * expected.singular_values[0]
    bound = np.linalg.norm(moved, 2) / unit
    assert factorisation_checks.perturbation(difference, expected) <= 2 * bound * (1 + 1e-6) + 1


@pytest.mark.parametrize(
    ("case", "number", "outcome"),
    [
        ("zero-matrix", 0, Outcome.RIGHT),
        ("zero-matrix", 1, Outcome.WRONG),
        ("two-by-two", 1, Outcome.WRONG),
        ("two-by-two", 3, Outcome.WRONG),
        ("two-by-two", 1.5, Outcome.WRONG),
        ("magic-4", 4, Outcome.DEFENSIBLE),
        ("magic-4", 2, Outcome.WRONG),
        ("hilbert-12", 11, Outcome.DEFENSIBLE),
        ("hilbert-12", 3, Outcome.WRONG),
    ],
)
def test_ranks(case: str, number: float, outcome: Outcome) -> None:
    assert told(case, rank=[[number]])[Check.RANK_VALUE].outcome is outcome


def test_each_column_of_a_solution_is_measured_for_itself() -> None:
    right = Algebra().transcript(CASES["sides-far-apart"]).stages["solve"].rows
    off = [[row[0], row[1] * 1.001, row[2]] for row in right]
    found = told("sides-far-apart", solve=off)[Check.SOLVE_VALUE]
    assert found.outcome is Outcome.WRONG
    assert found.detail == "column 2 is no solution"
    assert found.entries == ((0, 1), (1, 1))


def test_a_crash_in_one_procedure_blocks_the_later_ones() -> None:
    transcript = Algebra().transcript(CASES["two-by-two"])
    kept = dict(list(transcript.stages.items())[:3])
    died = Transcript("two-by-two", Ending.CRASHED, kept, reason="SIGSEGV")
    found = {j.check: j for j in judge(make_algebra_port(), truth("two-by-two", BINARY), died)}
    assert found[Check.LU_PRODUCT].outcome is Outcome.RIGHT
    assert found[Check.FORWARD_VALUE].outcome is Outcome.CRASHED
    for check in OWN_CHECKS[5:]:
        assert found[check].outcome is Outcome.BLOCKED
        assert found[check].follows is Check.FORWARD_VALUE
