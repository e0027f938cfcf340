"""Correct eliminations, of whatever dialect, are never called deviating; faulty ones always are.

The systems are the corpus and random ones of every kind; what is random is seeded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator
from numpy.typing import NDArray

from harness.inputs.cases import load_cases
from harness.judging.elimination import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic, Case, Solutions
from harness.model.check import Check
from harness.model.number import Value
from harness.model.verdict import Judgement, Outcome
from harness.numerics.oracle import Expected, expect
from support.eliminations import (
    DIALECTS,
    ExactInnerProducts,
    LastMaximum,
    Matrix,
    Program,
    RoundedOnce,
    UnitPivots,
    make_case,
    make_port,
    matrix_stage,
    size,
    solution_stage,
)
from support.equivalent_eliminations import EQUIVALENT
from support.faulty_eliminations import ELIMINATION_FAULTS, Faulty, LeavesResidue
from support.faulty_pivoting import PIVOTING_FAULTS, SwapsCoefficientsOnly
from support.faulty_reductions import REDUCTION_FAULTS
from support.faulty_substitutions import SUBSTITUTION_FAULTS

Array = NDArray[np.float64]

CORPUS = tuple(
    case for case in load_cases([Path(__file__).parents[2] / "cases"]) if case.right_hand_sides == 1
)
"""What these programs are asked, which take one right-hand side."""

CASES = {case.name: case for case in CORPUS}
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64

FAULTS: tuple[type[Faulty], ...] = (
    *PIVOTING_FAULTS,
    *ELIMINATION_FAULTS,
    *REDUCTION_FAULTS,
    *SUBSTITUTION_FAULTS,
)

PROCEDURE = {
    Check.ECHELON_FORM: "gaussian_elimination",
    Check.ECHELON_ROWS: "gaussian_elimination",
    Check.ECHELON_PIVOTING: "gaussian_elimination",
    Check.SINGULAR_NOTICE: "gaussian_elimination",
    Check.REDUCED_FORM: "gauss_jordan",
    Check.REDUCED_ROWS: "gauss_jordan",
    Check.SOLUTION_VALUE: "back_substitution",
}


@cache
def truth(name: str, arithmetic: Arithmetic) -> Expected:
    return expect(CASES[name], arithmetic)


def judgements(program: type[Program], case: Case, expected: Expected) -> tuple[Judgement, ...]:
    transcript = program().transcript(case, expected.arithmetic)
    return judge(make_port(expected.arithmetic), expected, transcript)


def assert_conforms(program: type[Program], case: Case, expected: Expected) -> None:
    """Nothing deviates or is blocked, and nothing is merely defensible in an easy case."""
    for found in judgements(program, case, expected):
        told = f"{program.__name__} on {case.name}, {found}"
        assert not found.outcome.deviates, told
        assert found.outcome is not Outcome.BLOCKED, told
        easy = expected.rows == expected.unknowns and expected.condition < 1e8
        assert not (easy and found.outcome is Outcome.DEFENSIBLE), told


# Correct programs


LARGEST = {Program: 100, LastMaximum: 100, UnitPivots: 100, RoundedOnce: 40, ExactInnerProducts: 40}
"""How many rows a dialect is given, where that is not 60: the last two work in fractions."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_dialect_deviates_on_the_corpus(dialect: type[Program]) -> None:
    for case in CORPUS:
        if case.rows <= LARGEST.get(dialect, 60):
            assert_conforms(dialect, case, truth(case.name, BINARY))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_dialect_deviates_on_the_corpus_in_fractions(dialect: type[Program]) -> None:
    for case in CORPUS:
        if case.fits(RATIONAL) and case.rows <= 20:
            found = judgements(dialect, case, truth(case.name, RATIONAL))
            outcomes = {judgement.outcome for judgement in found}
            assert outcomes <= {Outcome.RIGHT, Outcome.DECLINED}, case.name


def normal(random: Generator, m: int, n: int) -> Array:
    return random.standard_normal((m, n))


def integers(random: Generator, m: int, n: int, largest: int = 5) -> Array:
    return random.integers(-largest, largest + 1, (m, n)).astype(float)


def scales(random: Generator, *shape: int) -> Array:
    return 10.0 ** random.uniform(-15, 15, shape)


def deficient(random: Generator, m: int, n: int) -> tuple[Array, Array]:
    rank = int(random.integers(0, min(m, n) + 1))
    return integers(random, m, rank, 30), integers(random, rank, n)


def singular_integers(random: Generator, m: int, n: int, unit: float = 1) -> Array:
    left, right = deficient(random, m, n)
    product: Array = (left * unit) @ right
    return product


def singular_decimals(random: Generator, m: int, n: int) -> Array:
    return singular_integers(random, m, n, unit=0.1)


def nearly_singular(random: Generator, m: int, n: int) -> Array:
    noise: Array = normal(random, m, n) * 10.0 ** random.uniform(-18, -8)
    return noise + singular_integers(random, m, n)


def multiples(random: Generator, m: int, n: int) -> Array:
    """Decimals of which one row is a third of another, rounded, and one column of another."""
    a = integers(random, m, n, 30) / 10
    a[random.integers(m)] = a[random.integers(m)] / 3
    a[:, random.integers(n)] = a[:, random.integers(n)] * 0.7
    return a


def ill_conditioned(random: Generator, m: int, n: int) -> Array:
    """The first two rows nearly agree, and the last is made of them."""
    a = integers(random, m, n, 2)
    a[min(1, m - 1)] = a[0]
    a[min(1, m - 1), min(1, n - 1)] += 2.0 ** -int(random.integers(10, 45))
    a[-1] = 2 * a[0] - a[min(1, m - 1)]
    return a


def growing(random: Generator, m: int, n: int) -> Array:
    """Wilkinson's matrix, its rows in another order, as many of them as wanted."""
    a = np.eye(max(m, n)) - np.tril(np.ones((max(m, n),) * 2), -1)
    a[:, n - 1] = 1
    return np.roll(a[:m, :n], int(random.integers(m)), axis=0)


FAMILIES: dict[str, Callable[[Generator, int, int], Array]] = {
    "integers": integers,
    "sparse": lambda random, m, n: integers(random, m, n, 2) * (integers(random, m, n, 1) == 0),
    "signs": lambda random, m, n: random.choice([-1.0, 1.0], (m, n)),
    "normal": normal,
    "graded rows": lambda random, m, n: normal(random, m, n) * scales(random, m, 1),
    "graded columns": lambda random, m, n: normal(random, m, n) * scales(random, 1, n),
    "graded entries": lambda random, m, n: normal(random, m, n) * scales(random, m, n),
    "nearly singular": nearly_singular,
    "singular integers": singular_integers,
    "singular decimals": singular_decimals,
    "multiples": multiples,
    "ill-conditioned": ill_conditioned,
    "growing": growing,
    "huge": lambda random, m, n: normal(random, m, n) * 1e300,
    "tiny": lambda random, m, n: normal(random, m, n) * 1e-305,
    "subnormal": lambda random, m, n: (
        integers(random, m, n, 50) * 5e-324 * 2.0 ** random.integers(40)
    ),
}


def random_system(random: Generator, family: str) -> Array:
    """An augmented matrix of 1 to 12 rows and unknowns; consistent more often than not."""
    m, n = (int(size) for size in random.integers(1, 13, 2))
    a = FAMILIES[family](random, m, n if random.random() < 0.5 else m)
    b = a @ integers(random, a.shape[1], 1)
    if random.random() < 0.4:
        b = normal(random, m, 1) * np.max(np.abs(a))
    return np.hstack([a, b])


@pytest.mark.parametrize("family", FAMILIES)
def test_no_dialect_deviates_on_random_systems(family: str) -> None:
    random = np.random.default_rng([*family.encode()])
    for _ in range(100):
        case = make_case(random_system(random, family).tolist(), family)
        dialect = DIALECTS[random.integers(len(DIALECTS))]
        assert_conforms(dialect, case, expect(case, BINARY))


entry = st.sampled_from([0.0, 1.0, -1.0, 0.1, -0.3, 3.0, 1e-17, 1e15, 1 / 3]) | st.floats(
    -1e18, 1e18, allow_subnormal=False
).filter(lambda value: value == 0 or abs(value) > 1e-18)


@st.composite
def systems(draw: st.DrawFn) -> list[list[float]]:
    columns = draw(st.integers(2, 5))
    rows = st.lists(entry, min_size=columns, max_size=columns)
    return draw(st.lists(rows, min_size=1, max_size=4))


@given(systems(), st.sampled_from(DIALECTS))
@settings(deadline=None)
def test_no_dialect_deviates_on_awkward_systems(
    rows: list[list[float]], dialect: type[Program]
) -> None:
    case = make_case(rows)
    assert_conforms(dialect, case, expect(case, BINARY))


# Faulty programs


def test_no_fault_is_left_out() -> None:
    def kinds(parent: type[Program]) -> set[type[Program]]:
        below = parent.__subclasses__()
        return {parent} if not below else set().union(*map(kinds, below))

    assert kinds(Faulty) == set(FAULTS)
    assert len(FAULTS) >= 50


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_caught_by_the_case_that_is_named_for_it(fault: type[Faulty]) -> None:
    name, check = fault.killed_by
    found = judgements(fault, CASES[name], truth(name, BINARY))
    assert [judgement.check for judgement in found if judgement.outcome.deviates] == [check]


@pytest.mark.parametrize("arithmetic", Arithmetic)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_counts_once_and_is_charged_to_its_procedure(
    fault: type[Faulty], arithmetic: Arithmetic
) -> None:
    caught = 0
    for case in CORPUS:
        if not case.fits(arithmetic) or case.rows > 4 or (fault, case.name) in BLAMES_ANOTHER:
            continue
        found = judgements(fault, case, truth(case.name, arithmetic))
        deviating = [judgement for judgement in found if judgement.outcome.deviates]
        assert len(deviating) <= 1, (case.name, deviating)
        caught += len(deviating)
        for judgement in deviating:
            assert PROCEDURE[judgement.check] == fault.guilty, (case.name, judgement)
        for judgement in found:
            if judgement.outcome is Outcome.BLOCKED:
                assert judgement.follows is not None
                assert PROCEDURE[judgement.follows] == fault.guilty, (case.name, judgement)
    # Without rounding there is no residue to leave.
    assert (caught > 0) == ((fault, arithmetic) != (LeavesResidue, RATIONAL))


BLAMES_ANOTHER = {(SwapsCoefficientsOnly, "subnormal-pivot")}
"""The rows of this case differ by 320 orders of magnitude, and so do its right-hand sides: once
swapped they are, measured against the whole system, still within rounding of it. That x is then
beyond the doubles is seen, and charged to back substitution."""


@pytest.mark.parametrize("change", EQUIVALENT)
def test_a_change_that_is_no_fault_is_caught_by_nothing(change: type[Program]) -> None:
    for case in CORPUS:
        if case.rows <= 20:
            assert_conforms(change, case, truth(case.name, BINARY))


@pytest.mark.parametrize("size", [1e-6, 1e-9])
@pytest.mark.parametrize("label", ["echelon", "reduced", "solution"])
def test_no_entry_changes_unseen(label: str, size: float) -> None:
    """In regular systems of moderate condition; one entry, by a small part of itself."""
    random = np.random.default_rng(5)
    for _ in range(40):
        n = int(random.integers(2, 7))
        case = make_case(normal(random, n, n + 1).tolist())
        transcript = Program().transcript(case)
        rows = [list(row) for row in transcript.stages[label].rows]
        i = int(random.integers(len(rows)))
        j = int(random.integers(i, n + 1)) if label == "echelon" else len(rows[i]) - 1
        rows[i][j] *= 1 + size
        changed = solution_stage([row[0] for row in rows])
        if label != "solution":
            changed = matrix_stage(label, rows)
        stages = {**transcript.stages, label: changed}
        expected = expect(case, BINARY)
        found = judge(make_port(), expected, Transcript(case.name, Ending.COMPLETED, stages))
        assert expected.solutions is Solutions.UNIQUE
        assert any(judgement.outcome.deviates for judgement in found), rows


# Systems that rounding cannot tell from others


def singular_system(random: Generator) -> Case:
    """A singular system of 3 to 5 small integers a row; every other one has solutions."""
    n = int(random.integers(3, 6))
    a = integers(random, n, n - 1) @ integers(random, n - 1, n)
    b = a @ integers(random, n, 1) if random.random() < 0.5 else integers(random, n, 1)
    return make_case(np.hstack([a, b]).tolist())


def regular_system(random: Generator) -> Case:
    """A system of 3 to 5 small integers a row that is far from any singular one."""
    while True:
        n = int(random.integers(3, 6))
        a = integers(random, n, n)
        if np.linalg.matrix_rank(a) == n and np.linalg.cond(a) < 1e3:
            return make_case(np.hstack([a, integers(random, n, 1)]).tolist())


def outcomes(program: type[Program], case: Case) -> set[Outcome]:
    return {found.outcome for found in judgements(program, case, expect(case, BINARY))}


def test_a_test_for_zero_is_never_wrong_on_singular_integers() -> None:
    """Rounding decides most of these otherwise, which is not held against the program."""
    random = np.random.default_rng(7)
    systems = [singular_system(random) for _ in range(150)]
    for dialect in DIALECTS:
        found = [outcomes(dialect, case) for case in systems]
        assert set().union(*found) <= {Outcome.RIGHT, Outcome.DECLINED, Outcome.DEFENSIBLE}
        share = sum(Outcome.DEFENSIBLE in each for each in found) / len(found)
        assert share > 0.5, dialect


class NudgesZeroPivots(Program):
    """Puts 1e-8 where a pivot is 0, or what rounding left of it, so as not to divide by it."""

    def is_zero(self, value: Value) -> bool:
        return False

    def eliminate(self, a: Matrix, row: int, column: int) -> None:
        if size(a[row][column]) < 1e-8:
            a[row][column] = 1e-8
        super().eliminate(a, row, column)


def test_making_singular_systems_regular_is_not_defensible() -> None:
    random = np.random.default_rng(8)
    for _ in range(100):
        case = singular_system(random)
        found = judgements(NudgesZeroPivots, case, expect(case, BINARY))
        assert any(judgement.outcome.deviates for judgement in found)
        assert not any(judgement.outcome is Outcome.DEFENSIBLE for judgement in found)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_defensible_on_a_well_posed_system(fault: type[Faulty]) -> None:
    random = np.random.default_rng(9)
    for _ in range(10):
        assert Outcome.DEFENSIBLE not in outcomes(fault, regular_system(random))
