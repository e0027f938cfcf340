"""Judging LU, substitutions, solve, inverse, determinant and rank: correct programs conform, and
each fault is charged to one check."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic, Case
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics.elimination_errors import log_of, perturbation
from harness.numerics.oracle import Expected, expect
from harness.procedures.registry import PROCEDURES
from support.eliminations import NOTICE, make_case, make_elimination_port
from support.factorisations import (
    CORRECT_FACTORISATIONS,
    Factorisation,
    FirstOfNearTies,
    Fused,
    Lapack,
    Matrix,
    NeverRefuses,
    make_factorisation_port,
    make_stage,
)
from support.factorisations import PROCEDURES as FACTORISATION_PROCEDURES
from support.faulty_factorisations import FACTORISATION_FAULTS, FaultyFactorisation
from support.random_systems import FAMILIES, random_system, singular_system

CORPUS = load_cases([Path(__file__).parents[2] / "cases"])
CASES = {case.name: case for case in CORPUS}
SMALL = [case for case in CORPUS if case.rows <= 20]
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64
FACTORISATION_CHECKS = tuple(
    check for name in FACTORISATION_PROCEDURES for check in PROCEDURES[name].checks
)


@cache
def compute_expected(name: str, arithmetic: Arithmetic) -> Expected:
    return expect(CASES[name], arithmetic)


def judge_program(
    program: type[Factorisation], case: Case, expected: Expected
) -> dict[Check, Judgement]:
    transcript = program().make_transcript(case, expected.arithmetic)
    judgements = judge(make_factorisation_port(expected.arithmetic).contract, expected, transcript)
    return {
        judgement.check: judgement
        for judgement in judgements
        if judgement.check in FACTORISATION_CHECKS
    }


def deviating_or_blocked(judgements: dict[Check, Judgement]) -> list[Judgement]:
    """Return the judgements that deviate or are blocked."""
    return [j for j in judgements.values() if j.outcome.deviates or j.outcome is Outcome.BLOCKED]


def deviating_checks(judgements: dict[Check, Judgement]) -> list[Check]:
    return [check for check, judgement in judgements.items() if judgement.outcome.deviates]


# Correct programs conform


@pytest.mark.parametrize("program", [p for p in CORRECT_FACTORISATIONS if p is not Fused])
def test_no_correct_program_deviates_on_the_corpus(program: type[Factorisation]) -> None:
    for case in SMALL:
        assert not deviating_or_blocked(
            judge_program(program, case, compute_expected(case.name, BINARY))
        ), case.name


@pytest.mark.parametrize("program", CORRECT_FACTORISATIONS)
def test_no_correct_program_deviates_on_the_corpus_in_fractions(
    program: type[Factorisation],
) -> None:
    for case in SMALL:
        if case.is_representable(RATIONAL) and case.rows <= 10:
            judgements = judge_program(program, case, compute_expected(case.name, RATIONAL))
            assert not deviating_or_blocked(judgements), case.name
            assert Outcome.DEFENSIBLE not in {j.outcome for j in judgements.values()}, case.name


def test_lapack_does_not_deviate_on_the_corpus() -> None:
    for case in CORPUS:
        assert not deviating_or_blocked(
            judge_program(Lapack, case, compute_expected(case.name, BINARY))
        ), case.name


@pytest.mark.parametrize("family", FAMILIES)
def test_no_correct_program_deviates_on_random_systems(family: str) -> None:
    random = np.random.default_rng([*family.encode()])
    for _ in range(40):
        case = make_case(random_system(random, family).tolist(), family)
        program = CORRECT_FACTORISATIONS[random.integers(len(CORRECT_FACTORISATIONS))]
        assert not deviating_or_blocked(judge_program(program, case, expect(case, BINARY)))


def test_no_correct_program_deviates_on_singular_integers() -> None:
    random = np.random.default_rng(5)
    for _ in range(150):
        case = singular_system(random)
        program = CORRECT_FACTORISATIONS[random.integers(len(CORRECT_FACTORISATIONS))]
        assert not deviating_or_blocked(judge_program(program, case, expect(case, BINARY)))


# A fault deviates once


def test_every_check_is_answered_once_in_order() -> None:
    judgements = judge(
        make_factorisation_port().contract,
        compute_expected("two-by-two", BINARY),
        Factorisation().make_transcript(CASES["two-by-two"]),
    )
    assert tuple(j.check for j in judgements)[-len(FACTORISATION_CHECKS) :] == FACTORISATION_CHECKS


@pytest.mark.parametrize("fault", FACTORISATION_FAULTS)
def test_every_fault_is_detected_by_the_case_named_for_it(fault: type[FaultyFactorisation]) -> None:
    name, check = fault.killed_by
    assert deviating_checks(judge_program(fault, CASES[name], compute_expected(name, BINARY))) == [
        check
    ]


@pytest.mark.parametrize("fault", FACTORISATION_FAULTS)
def test_a_fault_counts_once_in_a_case(fault: type[FaultyFactorisation]) -> None:
    for case in CORPUS:
        if case.rows <= 10:
            assert (
                len(
                    deviating_checks(
                        judge_program(fault, case, compute_expected(case.name, BINARY))
                    )
                )
                <= 1
            ), case.name


@pytest.mark.parametrize("fault", FACTORISATION_FAULTS)
def test_every_fault_is_detected_by_several_cases(fault: type[FaultyFactorisation]) -> None:
    detecting_cases = [
        c
        for c in SMALL
        if c.rows <= 10
        and deviating_checks(judge_program(fault, c, compute_expected(c.name, BINARY)))
    ]
    assert len(detecting_cases) >= 3


# The procedures that are run


def test_procedures_for_square_matrices_are_absent_otherwise() -> None:
    judgements = judge_program(
        Factorisation, CASES["tall-unique"], compute_expected("tall-unique", BINARY)
    )
    assert {j.outcome for c, j in judgements.items() if c != "rank.value"} == {Outcome.ABSENT}
    assert judgements["rank.value"].outcome is Outcome.RIGHT


def test_only_the_procedures_of_a_port_are_judged() -> None:
    port = make_elimination_port(procedures=("rank",))
    judgements = judge(
        port.contract,
        compute_expected("two-by-two", BINARY),
        Factorisation().make_transcript(CASES["two-by-two"]),
    )
    assert [j.check for j in judgements if j.check in FACTORISATION_CHECKS] == ["rank.value"]


def test_back_substitution_needs_one_right_hand_side() -> None:
    port = make_elimination_port(procedures=("gaussian_elimination", "back_substitution", "solve"))
    expected = compute_expected("sides-of-a-swap", BINARY)
    echelon = make_stage("echelon", [[1.0, 3.0, 4.0, 1.0], [0.0, 2.0, 2.0, 4.0]])
    transcript = Transcript("a-case", Ending.COMPLETED, {"echelon": echelon})
    judgements = {j.check: j.outcome for j in judge(port.contract, expected, transcript)}
    assert judgements["echelon.rows"] is Outcome.RIGHT
    assert judgements["solution.value"] is Outcome.ABSENT


def test_every_right_hand_side_of_an_echelon_form_is_checked() -> None:
    expected = compute_expected("sides-of-a-swap", BINARY)
    echelon = make_stage("echelon", [[1.0, 3.0, 4.0, 1.0], [0.0, 2.0, 2.0, 5.0]])
    transcript = Transcript("a-case", Ending.COMPLETED, {"echelon": echelon})
    judgements = judge(
        make_elimination_port(procedures=("gaussian_elimination",)).contract, expected, transcript
    )
    assert "echelon.rows" in [j.check for j in judgements if j.outcome.deviates]


# The details of judgements


def judge_changed(case: str, **stages: Any) -> dict[Check, Judgement]:
    """Return the judgements of a correct answer with some stages replaced."""
    transcript = Factorisation().make_transcript(CASES[case])
    printed = {
        **transcript.stages,
        **{label: make_stage(label, rows) for label, rows in stages.items()},
    }
    changed = Transcript(case, Ending.COMPLETED, printed, transcript.failures)
    judgements = judge(make_factorisation_port().contract, compute_expected(case, BINARY), changed)
    return {judgement.check: judgement for judgement in judgements}


def test_a_transposed_permutation_is_called_that() -> None:
    right = Factorisation().make_transcript(CASES["three-cycle"]).stages["permutation"].rows
    other = [list(column) for column in zip(*right, strict=True)]
    assert (
        "Pᵀ A: P is transposed"
        in judge_changed("three-cycle", permutation=other)["lu.product"].detail
    )


@pytest.mark.parametrize(
    ("permutation", "detail", "entries"),
    [
        ([[1, 0], [1, 0]], "column 1 has 2 ones", ()),
        ([[1, 1], [0, 0]], "row 1 has 2 ones", ()),
        ([[2, 0], [0, 1]], "row 1 has 2 in column 1, which is neither 0 nor 1", ((0, 0),)),
        ([[1, 0, 0], [0, 1, 0]], "a 2 × 3 matrix, where 2 × 2 is due", ()),
    ],
)
def test_matrices_that_are_no_permutation(permutation: Matrix, detail: str, entries: Any) -> None:
    judgement = judge_changed("two-by-two", permutation=permutation)["lu.permutation"]
    assert (judgement.outcome, judgement.detail, judgement.entries) == (
        Outcome.WRONG,
        detail,
        entries,
    )


@pytest.mark.parametrize(
    ("lower", "detail"),
    [
        ([[1.0, 0.5], [0.5, 1.0]], "row 1 has 0.5 in column 2, above the diagonal"),
        ([[1.0, 0.0], [0.5, 3.0]], "row 2 has 3 in column 2, where 1 is due"),
        ([[1.0, 0.0], [2.0, 1.0]], "row 2 has 2 in column 1: its pivot was not the largest"),
        ([[1.0, 0.0], [float("nan"), 1.0]], "it holds entries that are not finite"),
    ],
)
def test_matrices_that_are_no_unit_lower_triangle(lower: Matrix, detail: str) -> None:
    judgement = judge_changed("two-by-two", lower=lower)["lu.lower"]
    assert (judgement.outcome, judgement.detail) == (Outcome.WRONG, detail)


def test_a_multiplier_may_exceed_1_by_a_reciprocal_s_rounding() -> None:
    lower = [[1.0, 0.0], [1.0 + 2.0**-52, 1.0]]
    assert judge_changed("two-by-two", lower=lower)["lu.lower"].outcome is Outcome.RIGHT


def draw_hidden_ties(random: np.random.Generator) -> Case:
    """Draw a system of thirds whose rows are large multiples of the first: rounding hides ties."""
    n = int(random.integers(3, 7))
    a = random.integers(-2, 3, (n, n)) / 3
    a[1:] += 1000.1 * a[0]
    return make_case(np.hstack([a, random.integers(-5, 6, (n, 1))]).tolist())


def test_rows_that_are_equal_within_rounding_are_all_legal_pivots() -> None:
    random, larger = np.random.default_rng(3), 0
    for _ in range(400):
        case = draw_hidden_ties(random)
        expected = expect(case, BINARY)
        transcript = FirstOfNearTies().make_transcript(case, BINARY)
        lower = np.array(transcript.stages["lower"].rows, dtype=float)
        larger += np.abs(lower).max() > 1 + 1e-14
        judgements = judge_program(FirstOfNearTies, case, expected)
        assert not deviating_or_blocked(judgements), (case.system, judgements)
    assert larger > 0


@pytest.mark.parametrize(("excess", "outcome"), [(4e-13, Outcome.RIGHT), (1e-9, Outcome.WRONG)])
def test_a_multiplier_may_exceed_1_by_rounding_errors_of_earlier_steps(
    excess: float, outcome: Outcome
) -> None:
    """The candidates of the second step are 1/3 and 1/3, left by the subtraction of 1000.1."""
    third = 1 / 3
    first = 1000.1 + third, 1000.1 + third * (1 + excess)
    rows = [[1000.1, 1000.1, 1.0], [1000.1, first[0], 2.0], [1000.1, first[1], 4.0]]
    a = np.array(rows)
    u = np.vstack([a[0], a[1:] - a[0]])
    factor = u[2, 1] / u[1, 1]
    u[2] = u[2] - factor * u[1]
    u[2, 1] = 0.0
    lower = [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, factor, 1.0]]
    assert factor > 1 + 1e-13
    case = make_case([[*row, 1.0] for row in rows])
    stages = {
        "permutation": make_stage("permutation", np.eye(3).tolist()),
        "lower": make_stage("lower", lower),
        "upper": make_stage("upper", u.tolist()),
    }
    port = make_elimination_port(procedures=("lu",))
    transcript = Transcript("a-case", Ending.COMPLETED, stages)
    judgements = {j.check: j for j in judge(port.contract, expect(case, BINARY), transcript)}
    assert judgements["lu.lower"].outcome is outcome


def test_substitution_is_judged_by_the_triangle_it_was_given() -> None:
    judgements = judge_changed("two-by-two", upper=[[9.0, 7.0], [0.0, 8.0]])
    assert judgements["lu.product"].outcome is Outcome.WRONG
    assert judgements["forward.value"].outcome is Outcome.RIGHT
    assert judgements["backward.value"].outcome is Outcome.WRONG


def test_a_finite_inverse_of_a_singular_matrix_is_silent() -> None:
    judgement = judge_changed("two-by-two-consistent", inverse=[[1.0, 0.0], [0.0, 1.0]])[
        "inverse.value"
    ]
    assert (judgement.outcome, judgement.detail) == (
        Outcome.SILENT,
        "finite numbers without a word; A is singular",
    )


def test_refusing_a_singular_matrix_is_right() -> None:
    judgements = judge_program(
        Factorisation, CASES["zero-matrix"], compute_expected("zero-matrix", BINARY)
    )
    for check in ("backward.value", "solve.value", "inverse.value"):
        assert judgements[check].outcome is Outcome.REFUSED
    assert judgements["lu.product"].outcome is Outcome.RIGHT
    assert judgements["determinant.value"].outcome is Outcome.RIGHT


def test_infinities_for_a_singular_matrix_are_right_too() -> None:
    judgements = judge_program(
        NeverRefuses, CASES["zero-matrix"], compute_expected("zero-matrix", BINARY)
    )
    assert judgements["solve.value"].outcome is Outcome.DECLINED


SINGULAR = [[1, 2], [2, 4]]


@pytest.mark.parametrize("notice", ["", NOTICE])
@pytest.mark.parametrize(
    ("sides", "x", "silently", "after_a_notice", "detail"),
    [
        ([[3], [6]], [[3], [0]], "defensible", "declined", "x is a particular solution"),
        ([[3], [6]], [[7], [8]], "silent", "wrong", "x is none of infinitely many"),
        ([[3, 3], [6, 6]], [[3, 3], [0, 1]], "silent", "wrong", "column 2: "),
        ([[3, 3], [6, 7]], [[3, 3], [0, 0]], "silent", "declined", "column "),
        ([[3, 3], [6, 7]], [[3, 3], [1, 0]], "silent", "wrong", "column 1: "),
        ([[3], [6]], [[3, 0]], "silent", "wrong", "a 1 × 2 matrix"),
    ],
)
def test_solve_for_a_singular_matrix(
    sides: Matrix, x: Matrix, silently: str, after_a_notice: str, detail: str, notice: str
) -> None:
    rows = [a + b for a, b in zip(SINGULAR, sides, strict=True)]
    case = replace(make_case(rows), right_hand_sides=len(sides[0]))
    port = make_elimination_port(procedures=("solve",))
    remarks = (notice,) if notice else ()
    stages = {"solve": make_stage("solve", x)}
    transcript = Transcript("a-case", Ending.COMPLETED, stages, remarks=remarks)
    judgement = judge(port.contract, expect(case, BINARY), transcript)[-1]
    assert judgement.outcome == (after_a_notice if notice else silently)
    assert detail in judgement.detail


def test_complete_pivoting_may_round_where_partial_pivoting_does_not() -> None:
    """The computed last pivot of [2 3; 4 6] is 0 in the given order, and may not be in another."""
    case = make_case([[2, 3, 1], [4, 6, 3]])
    port = make_elimination_port(procedures=("solve",))
    x = [[-(2.0**53)], [2.0**53 * 2 / 3]]
    transcript = Transcript("a-case", Ending.COMPLETED, {"solve": make_stage("solve", x)})
    judgement = judge(port.contract, expect(case, BINARY), transcript)[-1]
    assert judgement.outcome is Outcome.DEFENSIBLE


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
    assert judge_changed(case, determinant=[[number]])["determinant.value"].outcome is outcome


@given(st.integers(2, 8), st.integers(0, 10_000))
def test_a_perturbation_explains_its_own_determinant(size: int, seed: int) -> None:
    """The bound of Ipsen and Rehman, on random matrices and perturbations of known size."""
    random = np.random.default_rng(seed)
    rank = int(random.integers(1, size + 1))
    a = random.integers(-3, 4, (size, rank)) @ random.integers(-3, 4, (rank, size))
    change = np.round(random.normal(size=(size, size)) * 2**20) / 2**40
    expected = expect(make_case([[*map(float, row), 0.0] for row in a.tolist()]), BINARY)
    if not expected.singular_values[0]:
        return
    perturbed = expect(make_case([[*row, 0.0] for row in (a + change).tolist()]), BINARY)
    difference = perturbed.coefficients.det() - expected.coefficients.det()
    sizes = expected.singular_values
    bound = np.linalg.norm(change, 2) / (size * 2.0**-53 * sizes[0])
    if difference != 0:
        ratio = perturbation(log_of(abs(difference)), sizes, sizes[0])
        assert ratio <= 2 * bound * (1 + 1e-6) + 1


@pytest.mark.parametrize(
    ("case", "number", "outcome"),
    [
        ("zero-matrix", 0, Outcome.RIGHT),
        ("zero-matrix", 1, Outcome.WRONG),
        ("two-by-two", 1, Outcome.WRONG),
        ("two-by-two", 3, Outcome.WRONG),
        ("two-by-two", 1.5, Outcome.WRONG),
        ("magic-4", 4, Outcome.DEFENSIBLE),
        ("zero-first-column", 3, Outcome.WRONG),
        ("magic-4", 2, Outcome.WRONG),
        ("hilbert-12", 11, Outcome.DEFENSIBLE),
        ("hilbert-12", 3, Outcome.WRONG),
    ],
)
def test_ranks(case: str, number: float, outcome: Outcome) -> None:
    assert judge_changed(case, rank=[[number]])["rank.value"].outcome is outcome


def test_each_column_of_a_solution_is_measured_for_itself() -> None:
    right = Factorisation().make_transcript(CASES["sides-far-apart"]).stages["solve"].rows
    off = [[row[0], row[1] * 1.001, row[2]] for row in right]
    judgement = judge_changed("sides-far-apart", solve=off)["solve.value"]
    assert judgement.outcome is Outcome.WRONG
    assert judgement.detail == "column 2 is no solution"
    assert judgement.entries == ((0, 1), (1, 1))


def test_a_crash_in_one_procedure_blocks_the_later_ones() -> None:
    transcript = Factorisation().make_transcript(CASES["two-by-two"])
    printed_stages = dict(list(transcript.stages.items())[:3])
    crashed = Transcript("two-by-two", Ending.CRASHED, printed_stages, reason="SIGSEGV")
    judgements = {
        j.check: j
        for j in judge(
            make_factorisation_port().contract, compute_expected("two-by-two", BINARY), crashed
        )
    }
    assert judgements["lu.product"].outcome is Outcome.RIGHT
    assert judgements["forward.value"].outcome is Outcome.CRASHED
    for check in FACTORISATION_CHECKS[5:]:
        assert judgements[check].outcome is Outcome.BLOCKED
        assert judgements[check].follows == "forward.value"


@pytest.mark.parametrize(("x", "outcome"), [(None, Outcome.RIGHT), ([[9.0], [9.0]], Outcome.WRONG)])
def test_an_x_without_its_y_is_judged_by_the_factors(x: Matrix | None, outcome: Outcome) -> None:
    """A driver may print the result of backward substitution and none of forward substitution."""
    answer = Factorisation().make_transcript(CASES["two-by-two"])
    stages = {label: stage for label, stage in answer.stages.items() if label != "forward"}
    if x is not None:
        stages["backward"] = make_stage("backward", x)
    contract = make_factorisation_port().contract
    expected = expect(CASES["two-by-two"], BINARY)
    judgements = judge(contract, expected, replace(answer, stages=stages))
    (backward,) = [judgement for judgement in judgements if judgement.check == "backward.value"]
    assert (backward.outcome, backward.follows) == (outcome, None)


def test_a_singular_triangle_has_no_solution_to_compare() -> None:
    """The L of a Crout factorisation without its pivots, and the NaN that it leads to."""
    case = make_case([[2, 1, 3], [1, 3, 5]])
    nan = float("nan")
    stages = {
        "permutation": make_stage("permutation", [[1.0, 0.0], [0.0, 1.0]]),
        "lower": make_stage("lower", [[0.0, 0.0], [1.0, 0.0]]),
        "upper": make_stage("upper", [[2.0, 1.0], [0.0, 2.5]]),
        "forward": make_stage("forward", [[nan], [nan]]),
    }
    judgements = judge(
        make_factorisation_port().contract,
        expect(case, BINARY),
        Transcript(case.name, Ending.COMPLETED, stages),
    )
    by_check = {judgement.check: judgement for judgement in judgements}
    assert by_check["lu.lower"].outcome is Outcome.WRONG
    assert by_check["forward.value"].outcome is Outcome.BLOCKED
    assert by_check["forward.value"].follows == "lu.lower"
