"""Garbage is never right, however ill-conditioned the matrix, and honest results still are."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.cases import load_cases
from harness.inputs.matrix_families import FAMILIES
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic, Case
from harness.model.contract import Contract
from harness.model.promises import NO_PROMISES, Promises, ResidualTolerance
from harness.model.verdict import Judgement, Outcome
from harness.numerics import lost_digits, rational
from harness.numerics.oracle import Expected, expect
from harness.numerics.precision import BINARY64
from harness.procedures.registry import PROCEDURES
from support import garbage
from support.eliminations import make_case
from support.garbage import Array, Results, make_stage

ORDERS = {
    "hilbert": (10, 11, 14),
    "lotkin": (10,),
    "pascal": (13, 16),
    "moler": (16,),
    "vandermonde": (12,),
}


def build_system(family: str, order: int) -> Case:
    """Return a system with a named matrix, whose solution is about (1, …, 1)."""
    rows = FAMILIES[family](order)
    return make_case([[*row, sum(row)] for row in rows], f"{family} of order {order}")


NAMED = [build_system(family, order) for family, orders in ORDERS.items() for order in orders]
CORPUS = load_cases([Path(__file__).parents[2] / "cases"])
CASES = {case.name: case for case in (*NAMED, *CORPUS)}


@cache
def compute_expected(name: str) -> Expected:
    return expect(CASES[name], Arithmetic.BINARY64)


@cache
def compute_right_results(name: str) -> Results:
    return garbage.compute_right_results(compute_expected(name))


def is_sensitive(case: Case) -> bool:
    """Whether rounding may cost six digits, because of the condition number or of growth."""
    if (
        case.rows != case.unknowns
        or case.rows > 20
        or not case.is_representable(Arithmetic.BINARY64)
    ):
        return False
    expected = compute_expected(case.name)
    return max(expected.rank_condition, expected.growth) * expected.rounding >= 1e-6


SYSTEMS = [name for name, case in CASES.items() if is_sensitive(case)]

LABELS = {
    result.label: procedure
    for procedure in PROCEDURES.values()
    for result in procedure.results
    if result.judged and result.label != "rank"
}
"""The procedures by their results; the rank of a matrix is judged without a bound."""

PORTS = {
    "reduced": ((), ("gaussian_elimination",)),
    "solution": ((), ("gaussian_elimination",)),
    "forward": (("lu",),),
    "backward": (("lu", "forward_substitution"),),
    "solve": ((), ("lu",), ("gauss_jordan",)),
    **dict.fromkeys(("inverse", "determinant", "log_determinant"), ((), ("lu",))),
}
"""The other procedures of ports that are asked for a result: the criterion depends on them."""

TOLERANCE = Promises(residual_tolerance=ResidualTolerance(Fraction(1, 10**15), is_relative=True))


def judge_results(
    name: str, results: Results, label: str, others: tuple[str, ...]
) -> tuple[Judgement, ...]:
    """The judgements on the procedure with that result, in a port that has others too."""
    procedure, expected = LABELS[label], compute_expected(name)
    contract = Contract(Arithmetic.BINARY64, (*others, procedure.name), promises=TOLERANCE)
    labels = [each for other in contract.procedures for each in PROCEDURES[other].labels]
    stages = {each: make_stage(each, results[each]) for each in labels}
    transcript = Transcript(name, Ending.COMPLETED, stages)
    judgements = judge(contract, expected, transcript)
    return tuple(each for each in judgements if each.check in procedure.checks)


def list_ports(name: str, label: str) -> list[tuple[Results, tuple[str, ...]]]:
    """The right results of a system, and the other procedures of each port that is tried."""
    ports = []
    for others in PORTS.get(label, ((),)):
        results = dict(compute_right_results(name))
        if label == "reduced" and others and "echelon" in results:
            echelon = rational.from_rows(results["echelon"].tolist())
            reduced = rational.reduced_form(echelon, compute_expected(name).unknowns)
            results["reduced"] = garbage.to_doubles(reduced.matrix)
        labels = [each for other in others for each in PROCEDURES[other].labels]
        is_whole = all(each in results and np.isfinite(results[each]).all() for each in labels)
        if is_whole and label in results and np.isfinite(results[label]).all():
            ports.append((results, others))
    return ports


def vary(name: str, label: str, right: Array, neighbour: Array | None) -> list[Array]:
    """Garbage in place of a right result; of a reduced matrix, in the columns without a pivot."""
    if label != "reduced":
        return list(garbage.list_garbage(right, neighbour))
    reduced = compute_expected(name).reduced
    columns, matrices = list_columns(compute_expected(name)), []
    if not columns:
        return []
    for block in garbage.list_garbage(right[: reduced.rank, columns]):
        rows = right.copy()
        rows[: reduced.rank, columns] = block
        matrices.append(rows)
    return matrices


def is_right_after_all(name: str, label: str, printed: Array, results: Results) -> bool:
    """Whether a result is right by another criterion than that of the judge."""
    expected, right = compute_expected(name), results[label]
    unknowns, rounding = expected.unknowns, expected.rounding
    if label == "echelon":
        matrices = (rational.from_rows(rows.tolist()) for rows in (printed, right))
        forms = [rational.reduced_form(each, unknowns).matrix for each in matrices]
        return bool(forms[0] == forms[1])
    if label == "log_determinant":
        is_near = abs(printed[1, 0] - right[1, 0]) < math.log(1.1)
        return bool(printed[0, 0] == right[0, 0] and is_near)
    if label == "reduced" and expected.solution is None:
        columns = list_columns(expected)
        return all(garbage.is_close(printed[:, [j]], right[:, [j]]) for j in columns)
    a, sides = expected.coefficients, expected.sides
    if label == "reduced":
        right, printed = right[:unknowns, unknowns:], printed[:unknowns, unknowns:]
    elif label == "backward":
        a, sides = (rational.from_rows(results[each].tolist()) for each in ("upper", "forward"))
    elif label not in garbage.SOLUTIONS:
        return garbage.is_close(printed, right)
    return garbage.is_close(printed, right) or garbage.solves(printed, a, sides, rounding)


def list_columns(expected: Expected) -> list[int]:
    """The columns without a pivot, from 0, and the right-hand sides that have a solution."""
    reduced = expected.reduced
    sides = rational.consistent_sides(reduced, expected.unknowns)
    free = (j for j in range(expected.unknowns) if j not in reduced.pivots)
    return [*free, *(expected.unknowns + side for side in sides)]


@pytest.mark.parametrize("name", SYSTEMS)
def test_garbage_is_not_right(name: str) -> None:
    expected, tried = compute_expected(name), 0
    other = compute_right_results(SYSTEMS[SYSTEMS.index(name) - 1])
    for label, procedure in LABELS.items():
        if procedure.find_exclusion(expected.form, NO_PROMISES) is not None:
            continue
        for results, others in list_ports(name, label):
            for printed in vary(name, label, results[label], other.get(label)):
                if is_right_after_all(name, label, printed, results):
                    continue
                judgements = judge_results(name, {**results, label: printed}, label, others)
                outcomes = {each.outcome for each in judgements} - {Outcome.ABSENT}
                assert outcomes != {Outcome.RIGHT}, (label, others, printed)
                assert Outcome.NOT_JUDGED not in outcomes, judgements
                tried += 1
    assert tried > 50


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case.name)
def test_the_nearest_doubles_to_the_exact_results_conform(case: Case) -> None:
    expected = compute_expected(case.name)
    for label, procedure in LABELS.items():
        if procedure.find_exclusion(expected.form, NO_PROMISES) is None:
            for results, others in list_ports(case.name, label):
                for judgement in judge_results(case.name, results, label, others):
                    assert not judgement.outcome.deviates, (label, others, judgement)


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case.name)
def test_the_results_of_lapack_conform(case: Case) -> None:
    a, b = np.split(garbage.to_doubles(compute_expected(case.name).system), [case.unknowns], axis=1)
    results = {
        "solve": np.linalg.solve(a, b),
        "inverse": np.linalg.inv(a),
        "determinant": np.array([[np.linalg.det(a)]]),
        "log_determinant": np.array([[float(number)] for number in np.linalg.slogdet(a)]),
        "least_squares": np.linalg.lstsq(a, b)[0],
    }
    for label in results:
        for judgement in judge_results(case.name, results, label, ()):
            assert judgement.outcome in (Outcome.RIGHT, Outcome.DEFENSIBLE, Outcome.ABSENT)


def judge_value(name: str, label: str, printed: Array, others: tuple[str, ...] = ()) -> Judgement:
    """The judgement on one printed result."""
    results = {**compute_right_results(name), label: printed}
    return judge_results(name, results, label, others)[0]


HILBERT = "hilbert of order 14"
ILL_CONDITIONED = "which rounding explains: A is so ill-conditioned"


@pytest.mark.parametrize(
    ("label", "others", "subject"),
    [
        ("solve", ("gauss_jordan",), "column 1"),
        ("inverse", (), "it"),
        ("determinant", (), "it"),
        ("log_determinant", (), "the determinant"),
    ],
)
def test_the_detail_says_that_no_digit_is_right(
    label: str, others: tuple[str, ...], subject: str
) -> None:
    printed = compute_right_results(HILBERT)[label] * (1 if label == "log_determinant" else 1.2)
    printed[-1] += 1 if label == "log_determinant" else 0
    judgement = judge_value(HILBERT, label, printed, others)
    detail = f"no digit of {subject} is right, {ILL_CONDITIONED}"
    assert (judgement.outcome, judgement.detail) == (Outcome.DEFENSIBLE, detail)


def judge_reduced(system: Array, reduced: Array, others: tuple[str, ...]) -> Judgement:
    """The judgement on the rows of a reduced matrix; the system is its own echelon form."""
    stages = {"reduced": make_stage("reduced", reduced)}
    if others:
        stages["echelon"] = make_stage("echelon", system)
    contract = Contract(Arithmetic.BINARY64, (*others, "gauss_jordan"))
    expected = expect(make_case(system.tolist()), Arithmetic.BINARY64)
    judgements = judge(contract, expected, Transcript("a-case", Ending.COMPLETED, stages))
    (judgement,) = (each for each in judgements if each.check == "reduced.rows")
    return judgement


def test_a_reduced_matrix_says_which_column_has_no_digit() -> None:
    """The reduction of this triangle multiplies rounding errors by up to 2⁵⁸; x is (1, …, 1)."""
    triangle = np.eye(60) - np.triu(np.ones((60, 60)), 1)
    system = np.hstack([triangle, triangle.sum(axis=1, keepdims=True)])
    reduced = np.hstack([np.eye(60), np.ones((60, 1))])
    detail = "no digit of column 61 is right, which rounding explains: "
    causes = {
        (): "A is so ill-conditioned",
        ("gaussian_elimination",): "the echelon matrix is so ill-conditioned",
    }
    for others, cause in causes.items():
        assert judge_reduced(system, reduced, others).outcome is Outcome.RIGHT
        garbled = reduced.copy()
        garbled[0, -1] = -3
        judgement = judge_reduced(system, garbled, others)
        assert judgement.outcome is Outcome.DEFENSIBLE
        assert judgement.detail == f"{detail}{cause}"


def test_a_small_residual_is_enough_for_an_x() -> None:
    """LAPACK's x for a Hilbert matrix has no correct digit, and solves a system nearby."""
    a, b = np.split(garbage.to_doubles(compute_expected(HILBERT).system), [14], axis=1)
    for label, others in (("solve", ("gauss_jordan",)), ("solve", ()), ("least_squares", ())):
        judgement = judge_value(HILBERT, label, np.linalg.solve(a, b), others)
        assert judgement.outcome is Outcome.RIGHT
    assert judgement.measures["digits"] < 1


def test_an_x_without_a_digit_after_growth_is_defensible() -> None:
    """Wilkinson's matrix is well-conditioned; the error of the last unknown is large all the same.

    The first 59 equations hold for every value of the last unknown, whose error in the others is
    multiplied by up to 2⁵⁸.
    """
    name = "wilkinson-growth-60"
    expected = compute_expected(name)
    a, b = np.split(garbage.to_doubles(expected.system), [60], axis=1)
    a[-1] = np.eye(60)[-1]
    for error in (1e-14, -3e-15):
        b[-1] = compute_right_results(name)["solution"][-1] * (1 + error)
        x = np.linalg.solve(a, b)
        outcome = judge_value(name, "solution", x, ("gaussian_elimination",))
        assert outcome.outcome is Outcome.DEFENSIBLE
        assert outcome.detail.endswith("which rounding explains: elimination makes large numbers")


def test_an_inverse_with_correct_digits_is_right() -> None:
    for order in (8, 9, 10):
        case = build_system("hilbert", order)
        CASES[case.name] = case
        a = garbage.to_doubles(compute_expected(case.name).coefficients)
        assert judge_value(case.name, "inverse", np.linalg.inv(a)).outcome is Outcome.RIGHT


MATRICES = st.lists(st.integers(-9, 9), min_size=6, max_size=6)


@given(MATRICES, st.fractions(Fraction(-1, 2), Fraction(1, 2)))
def test_a_relative_error_of_a_tenth_leaves_no_digit(entries: list[int], share: Fraction) -> None:
    true = rational.from_rows([entries[:3], entries[3:]])
    printed = true * rational.from_number(1 + share)
    is_lost = any(entries) and abs(share) >= Fraction(1, 10)
    assert lost_digits.has_no_digit(printed, true) is is_lost


def test_a_printed_zero_has_all_digits_of_zero_and_no_other_number_has_one() -> None:
    zero, tiny = rational.from_rows([[0]]), rational.from_rows([[1e-300]])
    assert not lost_digits.has_no_digit(zero, zero)
    assert lost_digits.has_no_digit(tiny, zero)


def test_only_columns_without_digits_and_with_a_large_residual_are_lost() -> None:
    system = rational.from_rows([[1, 0, 1, 1, 1], [0, 1e-20, 1e-20, 1e-20, 1e-20]])
    true = rational.from_rows([[1, 1, 1], [1, 1, 1]])
    printed = rational.from_rows([[1, 1, 3], [1, 5, 1]])
    assert lost_digits.find_lost_columns(printed, true, system, 30.0, BINARY64) == [2]
    slack = rational.from_rows([[3, 3, 3], [3, 3, 3]])
    assert lost_digits.find_lost_columns(printed, true, system, 30.0, BINARY64, slack) == []
