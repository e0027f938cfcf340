"""No correct elimination program is judged deviating, and every faulty one is.

The systems are the corpus and random systems of every kind, with fixed seeds.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic, Case, Solutions
from harness.model.number import Value
from harness.model.verdict import CONFORMING, Judgement, Outcome
from harness.numerics.oracle import Expected, expect
from support.eliminations import (
    CORRECT_PROGRAMS,
    ExactInnerProducts,
    LastMaximum,
    Matrix,
    Program,
    RoundedOnce,
    UnitPivots,
    magnitude,
    make_case,
    make_elimination_port,
    make_matrix_stage,
    make_solution_stage,
)
from support.equivalent_eliminations import EQUIVALENT_PROGRAMS
from support.faulty_eliminations import ELIMINATION_FAULTS, Faulty, LeavesResidue, RoundsToSingle
from support.faulty_pivoting import PIVOTING_FAULTS, SwapsCoefficientsOnly
from support.faulty_reductions import REDUCTION_FAULTS
from support.faulty_substitutions import SUBSTITUTION_FAULTS
from support.random_systems import (
    FAMILIES,
    normal,
    random_system,
    regular_system,
    singular_system,
)

CORPUS = tuple(
    case for case in load_cases([Path(__file__).parents[2] / "cases"]) if case.right_hand_sides == 1
)
"""The cases with one right-hand side, which is what these programs take."""

CASES = {case.name: case for case in CORPUS}
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64

FAULTS: tuple[type[Faulty], ...] = (
    *PIVOTING_FAULTS,
    *ELIMINATION_FAULTS,
    *REDUCTION_FAULTS,
    *SUBSTITUTION_FAULTS,
)

NO_FAULTS = {
    (LeavesResidue, RATIONAL),
    (LeavesResidue, Arithmetic.RATIONAL),
    (RoundsToSingle, Arithmetic.BINARY32),
}
"""Faults of one arithmetic that are none in another."""

PROCEDURE_OF_CHECK = {
    "echelon.form": "gaussian_elimination",
    "echelon.rows": "gaussian_elimination",
    "echelon.pivoting": "gaussian_elimination",
    "singular.notice": "gaussian_elimination",
    "reduced.form": "gauss_jordan",
    "reduced.rows": "gauss_jordan",
    "solution.value": "back_substitution",
}


@cache
def compute_expected(name: str, arithmetic: Arithmetic) -> Expected:
    return expect(CASES[name], arithmetic)


def judge_program(program: type[Program], case: Case, expected: Expected) -> tuple[Judgement, ...]:
    transcript = program().make_transcript(case, expected.arithmetic)
    return judge(make_elimination_port(expected.arithmetic).contract, expected, transcript)


def assert_conforms(program: type[Program], case: Case, expected: Expected) -> None:
    """Check that nothing deviates or is blocked, and nothing is defensible in an easy case."""
    for judgement in judge_program(program, case, expected):
        message = f"{program.__name__} on {case.name}, {judgement}"
        assert not judgement.outcome.deviates, message
        assert judgement.outcome is not Outcome.BLOCKED, message
        is_square = expected.rows == expected.unknowns
        # Where elimination makes large numbers, no digit may be right in a well-conditioned case.
        easy = is_square and max(expected.condition, expected.growth) < 1e8
        assert not (easy and judgement.outcome is Outcome.DEFENSIBLE), message


# Correct programs


MAXIMUM_ROWS = {
    Program: 100,
    LastMaximum: 100,
    UnitPivots: 100,
    RoundedOnce: 40,
    ExactInnerProducts: 40,
}
"""The maximum number of rows for a program, if not 60: the last two compute in fractions."""


@pytest.mark.parametrize("program", CORRECT_PROGRAMS)
def test_no_correct_program_deviates_on_the_corpus(program: type[Program]) -> None:
    for case in CORPUS:
        if case.rows <= MAXIMUM_ROWS.get(program, 60):
            assert_conforms(program, case, compute_expected(case.name, BINARY))


@pytest.mark.parametrize("program", CORRECT_PROGRAMS)
def test_no_correct_program_deviates_on_the_corpus_in_fractions(program: type[Program]) -> None:
    for case in CORPUS:
        if case.is_representable(RATIONAL) and case.rows <= 20:
            judgements = judge_program(program, case, compute_expected(case.name, RATIONAL))
            outcome_set = {judgement.outcome for judgement in judgements}
            assert outcome_set <= {Outcome.RIGHT, Outcome.REFUSED, Outcome.DECLINED}, case.name


@pytest.mark.parametrize("family", FAMILIES)
def test_no_correct_program_deviates_on_random_systems(family: str) -> None:
    random = np.random.default_rng([*family.encode()])
    for _ in range(100):
        case = make_case(random_system(random, family).tolist(), family)
        program = CORRECT_PROGRAMS[random.integers(len(CORRECT_PROGRAMS))]
        assert_conforms(program, case, expect(case, BINARY))


entry = st.sampled_from([0.0, 1.0, -1.0, 0.1, -0.3, 3.0, 1e-17, 1e15, 1 / 3]) | st.floats(
    -1e18, 1e18, allow_subnormal=False
).filter(lambda value: value == 0 or abs(value) > 1e-18)


@st.composite
def systems(draw: st.DrawFn) -> list[list[float]]:
    columns = draw(st.integers(2, 5))
    rows = st.lists(entry, min_size=columns, max_size=columns)
    return draw(st.lists(rows, min_size=1, max_size=4))


@given(systems(), st.sampled_from(CORRECT_PROGRAMS))
def test_no_correct_program_deviates_on_awkward_systems(
    rows: list[list[float]], program: type[Program]
) -> None:
    case = make_case(rows)
    assert_conforms(program, case, expect(case, BINARY))


# Faulty programs


def test_no_fault_is_left_out() -> None:
    def collect_leaves(parent: type[Program]) -> set[type[Program]]:
        children = parent.__subclasses__()
        return {parent} if not children else set().union(*map(collect_leaves, children))

    assert collect_leaves(Faulty) == set(FAULTS)
    assert len(FAULTS) >= 50


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_detected_by_the_case_named_for_it(fault: type[Faulty]) -> None:
    name, check = fault.killed_by
    judgements = judge_program(fault, CASES[name], compute_expected(name, BINARY))
    assert [judgement.check for judgement in judgements if judgement.outcome.deviates] == [check]


@pytest.mark.parametrize("arithmetic", Arithmetic)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_counts_once_and_is_charged_to_its_procedure(
    fault: type[Faulty], arithmetic: Arithmetic
) -> None:
    caught = 0
    for case in CORPUS:
        if (
            not case.is_representable(arithmetic)
            or case.rows > 4
            or (fault, case.name) in CHARGED_ELSEWHERE
        ):
            continue
        judgements = judge_program(fault, case, compute_expected(case.name, arithmetic))
        deviating = [judgement for judgement in judgements if judgement.outcome.deviates]
        assert len(deviating) <= 1, (case.name, deviating)
        caught += len(deviating)
        for judgement in deviating:
            assert PROCEDURE_OF_CHECK[judgement.check] == fault.faulty_procedure, (
                case.name,
                judgement,
            )
        for judgement in judgements:
            if judgement.outcome is Outcome.BLOCKED:
                assert judgement.follows is not None
                assert PROCEDURE_OF_CHECK[judgement.follows] == fault.faulty_procedure, (
                    case.name,
                    judgement,
                )
    # Without rounding there is no residue.
    assert (caught > 0) == ((fault, arithmetic) not in NO_FAULTS)


CHARGED_ELSEWHERE = {(SwapsCoefficientsOnly, "subnormal-pivot")}
"""The rows and right-hand sides of this case differ by 320 orders of magnitude. After the swap they
are within rounding of the whole system, so that elimination is not charged. The overflow of x is
detected, and charged to back substitution."""


@pytest.mark.parametrize("change", EQUIVALENT_PROGRAMS)
def test_an_equivalent_change_is_not_detected(change: type[Program]) -> None:
    for case in CORPUS:
        if case.rows <= 20:
            assert_conforms(change, case, compute_expected(case.name, BINARY))


@pytest.mark.parametrize("relative_change", [1e-6, 1e-9])
@pytest.mark.parametrize("label", ["echelon", "reduced", "solution"])
def test_no_entry_changes_unseen(label: str, relative_change: float) -> None:
    """Change one entry of a regular system of moderate condition by a small relative amount."""
    random = np.random.default_rng(5)
    for _ in range(40):
        n = int(random.integers(2, 7))
        case = make_case(normal(random, n, n + 1).tolist())
        transcript = Program().make_transcript(case)
        rows = [list(row) for row in transcript.stages[label].rows]
        i = int(random.integers(len(rows)))
        j = int(random.integers(i, n + 1)) if label == "echelon" else len(rows[i]) - 1
        rows[i][j] *= 1 + relative_change
        stage = make_solution_stage([row[0] for row in rows])
        if label != "solution":
            stage = make_matrix_stage(label, rows)
        stages = {**transcript.stages, label: stage}
        expected = expect(case, BINARY)
        judgements = judge(
            make_elimination_port().contract,
            expected,
            Transcript(case.name, Ending.COMPLETED, stages),
        )
        assert expected.solutions is Solutions.UNIQUE
        assert any(judgement.outcome.deviates for judgement in judgements), rows


# Systems within rounding of others of another rank


def judge_outcomes(program: type[Program], case: Case) -> set[Outcome]:
    return {judgement.outcome for judgement in judge_program(program, case, expect(case, BINARY))}


def test_a_test_for_zero_is_never_wrong_on_singular_integers() -> None:
    """Rounding changes the outcome of most of these systems, which is defensible."""
    random = np.random.default_rng(7)
    systems = [singular_system(random) for _ in range(150)]
    for program in CORRECT_PROGRAMS:
        outcome_sets = [judge_outcomes(program, case) for case in systems]
        assert set().union(*outcome_sets) <= CONFORMING
        share = sum(Outcome.DEFENSIBLE in outcome_set for outcome_set in outcome_sets) / len(
            outcome_sets
        )
        assert share > 0.5, program


class NudgesZeroPivots(Program):
    """Replaces a pivot that is 0, or the rounding error of a 0, by 1e-8."""

    def is_zero(self, value: Value) -> bool:
        return False

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        if magnitude(a[row][column]) < 1e-8:
            a[row][column] = 1e-8
        super().eliminate(a, row, column)


def test_making_singular_systems_regular_is_not_defensible() -> None:
    random = np.random.default_rng(8)
    for _ in range(100):
        case = singular_system(random)
        judgements = judge_program(NudgesZeroPivots, case, expect(case, BINARY))
        assert any(judgement.outcome.deviates for judgement in judgements)
        defensible = [j for j in judgements if j.outcome is Outcome.DEFENSIBLE]
        assert all("particular solution" in judgement.detail for judgement in defensible)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_defensible_on_a_well_posed_system(fault: type[Faulty]) -> None:
    random = np.random.default_rng(9)
    for _ in range(10):
        assert Outcome.DEFENSIBLE not in judge_outcomes(fault, regular_system(random))
