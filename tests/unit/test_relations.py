"""The detail of a wrong result names its relation to the right one, where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.oracle import Expected, expect
from harness.procedures import relations
from support.eliminations import make_case
from support.garbage import Array, compute_right_results, make_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

SYSTEM = np.array([[1.0, 2, 3, 9], [4, 5, 6, 7], [7, 8, 1, -5]])
"""A regular system whose permutation and factors differ from their transposes."""

LU = ("permutation", "lower", "upper")


def compute_expected(system: Array, sides: int = 1) -> Expected:
    case = replace(make_case(system.tolist()), right_hand_sides=sides)
    return expect(case, Arithmetic.BINARY64)


def judge_results(
    expected: Expected, results: dict[str, Array], procedure: str
) -> dict[str, Judgement]:
    """The judgements on a port with one procedure that prints these results, by their checks."""
    stages = {label: make_stage(label, rows) for label, rows in results.items()}
    contract = Contract(Arithmetic.BINARY64, (procedure,))
    judgements = judge(contract, expected, Transcript("a-case", Ending.COMPLETED, stages))
    return {str(judgement.check): judgement for judgement in judgements}


CHANGES: list[tuple[str, str, str, Callable[[Array], Array], str]] = [
    ("inverse", "inverse", "inverse.value", np.transpose, "it is the transpose of the inverse"),
    ("inverse", "inverse", "inverse.value", np.negative, "it is minus the inverse"),
    (
        "inverse",
        "inverse",
        "inverse.value",
        lambda x: x[:, [1, 2, 0]],
        "its columns are those of the inverse in another order",
    ),
    (
        "inverse",
        "inverse",
        "inverse.value",
        lambda x: x[[1, 2, 0]],
        "its rows are those of the inverse in another order",
    ),
    ("determinant", "determinant", "determinant.value", np.negative, "it has the wrong sign"),
    (
        "determinant",
        "determinant",
        "determinant.value",
        np.reciprocal,
        "it is the determinant of the inverse",
    ),
    (
        "log_determinant",
        "log_determinant",
        "log_determinant.value",
        lambda x: x * [[-1], [1]],
        "the sign is wrong",
    ),
    (
        "log_determinant",
        "log_determinant",
        "log_determinant.value",
        lambda x: x / [[1], [np.log(10)]],
        "it is the logarithm to base 10",
    ),
    (
        "log_determinant",
        "log_determinant",
        "log_determinant.value",
        lambda x: x / [[1], [np.log(2)]],
        "it is the logarithm to base 2",
    ),
    ("solve", "solve", "solve.value", np.negative, "it is minus the solution"),
    (
        "back_substitution",
        "solution",
        "solution.value",
        lambda x: x[::-1],
        "its components are those of the solution in another order",
    ),
]


@pytest.mark.parametrize(("procedure", "label", "check", "change", "relation"), CHANGES)
def test_a_changed_result_is_named(
    procedure: str, label: str, check: str, change: Callable[[Array], Array], relation: str
) -> None:
    expected = compute_expected(SYSTEM)
    right = compute_right_results(expected)[label]
    judgement = judge_results(expected, {label: change(right)}, procedure)[check]
    assert judgement.outcome is Outcome.WRONG
    assert judgement.detail.endswith(f"; {relation}")


@pytest.mark.parametrize(
    ("system", "relation"),
    [
        (np.hstack([SYSTEM[:, :3].T, SYSTEM[:, 3:]]), "it solves Aᵀ x = b"),
        (
            np.hstack([SYSTEM[:, :3], SYSTEM[[1, 0, 2], 3:]]),
            "A x is b with its entries in another order",
        ),
    ],
)
def test_the_solution_of_another_system_is_named(system: Array, relation: str) -> None:
    x = compute_right_results(compute_expected(system))["solution"]
    expected = compute_expected(SYSTEM)
    judgements = judge_results(expected, {"solution": x}, "back_substitution")
    assert judgements["solution.value"].detail.endswith(f"; {relation}")
    judgements = judge_results(expected, {"solve": x}, "solve")
    assert judgements["solve.value"].detail.endswith(f"; {relation}")


def test_the_solution_for_another_right_hand_side_is_named() -> None:
    expected = compute_expected(np.hstack([SYSTEM, [[1], [0], [3]]]), 2)
    x = compute_right_results(expected)["solve"]
    judgement = judge_results(expected, {"solve": x[:, [1, 1]]}, "solve")["solve.value"]
    assert judgement.detail.startswith("column 1: x is wrong")
    assert judgement.detail.endswith("; it solves the system with column 2 of B")


@pytest.mark.parametrize(
    ("change", "check", "relation"),
    [
        (lambda p, lower, upper: (np.eye(3), lower, upper), "product", ""),
        (lambda p, lower, upper: (p.T, lower, upper), "product", ", but Pᵀ A: P is transposed"),
        (
            lambda p, lower, upper: (p, upper, lower),
            "lower",
            "; P A = U L: L and U are exchanged",
        ),
        (lambda p, lower, upper: (p, lower.T, upper), "lower", "; L is transposed"),
        (lambda p, lower, upper: (p, upper.T, lower.T), "lower", "; L is Uᵀ, and U is Lᵀ"),
        (lambda p, lower, upper: (p, lower.T, upper.T), "lower", "; L and U are transposed"),
    ],
)
def test_changed_factors_are_named(
    change: Callable[..., tuple[Array, ...]], check: str, relation: str
) -> None:
    expected = compute_expected(SYSTEM)
    right = compute_right_results(expected)
    factors = change(*(right[label] for label in LU))
    judgements = judge_results(expected, dict(zip(LU, factors, strict=True)), "lu")
    detail = judgements[f"lu.{check}"].detail
    assert detail.endswith(relation or "the product of L and U is not P A")


def test_factors_whose_permutation_is_left_out_are_named() -> None:
    """The rows of A may be pivots in any order, so that A = L U is a factorisation without P."""
    expected = compute_expected(np.array([[1.0, 2, 3, 1], [1, 5, 0, 0], [1, 8, 9, 0]]))
    permutation = np.eye(3)[[1, 2, 0]]
    lower = np.array([[1.0, 0, 0], [1, 1, 0], [1, 2, 1]])
    upper = np.array([[1.0, 2, 3], [0, 3, -3], [0, 0, 12]])
    factors = {"permutation": permutation, "lower": lower, "upper": upper}
    judgement = judge_results(expected, factors, "lu")["lu.product"]
    assert judgement.outcome is Outcome.BLOCKED
    relation = relations.relate_factors(tuple(map(exact, factors.values())), expected)
    assert relation == "; A = L U: P is left out"


def test_factors_of_the_transpose_are_named() -> None:
    transposed = compute_expected(np.hstack([SYSTEM[:, :3].T, SYSTEM[:, 3:]]))
    factors = {label: compute_right_results(transposed)[label] for label in LU}
    judgement = judge_results(compute_expected(SYSTEM), factors, "lu")["lu.product"]
    assert judgement.detail.endswith("; P Aᵀ = L U: they are factors of Aᵀ")


def test_the_rank_of_the_augmented_matrix_is_named() -> None:
    expected = compute_expected(np.array([[1.0, 2, 1], [2, 4, 1]]))
    judgement = judge_results(expected, {"rank": np.array([[2.0]])}, "rank")["rank.value"]
    assert judgement.detail.startswith("2 where 1 is expected")


def test_exact_results_are_related_where_the_condition_number_is_infinite() -> None:
    """The exact arithmetic has no rounding: 0 times an infinite condition number is 0."""
    large = 2**60
    system = [[large, large + 1, 1], [large - 1, large, 3]]
    expected = expect(make_case(system), Arithmetic.RATIONAL64)
    expected = replace(expected, singular_values=(2.0**61, 0.0))
    assert expected.rank_condition == np.inf
    x = rational.from_rows(expected.solution or ())
    assert relations.relate_solution(-x, expected, 0) == "; it is minus the solution"
    assert relations.relate_solution(x * 2, expected, 0) == ""
    determinant = expected.determinant
    assert relations.relate_determinant(-determinant, expected) == "; it has the wrong sign"


def draw_system(random: Generator) -> Array:
    n = int(random.integers(1, 6))
    return random.integers(-9, 10, (n, n + 1)).astype(float)


def test_no_relation_is_named_of_a_result_with_one_wrong_entry() -> None:
    random = np.random.default_rng(7)
    named = tried = 0
    for _ in range(300):
        expected = compute_expected(draw_system(random))
        if expected.solution is None or expected.unknowns < 3:
            continue
        results = compute_right_results(expected)
        x, inverse = results["solution"].copy(), results["inverse"].copy()
        for rows in (x, inverse):
            place = tuple(random.integers(rows.shape))
            rows[place] += 0.37 * (1 + abs(rows[place]))
        named += relations.relate_solution(exact(x), expected, 0) != ""
        named += relations.relate_inverse(exact(inverse), expected) != ""
        value = exact(results["determinant"] * 1.37)[0, 0]
        named += relations.relate_determinant(value, expected) != ""
        tried += 1
    assert (named, tried > 100) == (0, True)


def test_no_relation_is_named_of_a_right_result() -> None:
    random = np.random.default_rng(8)
    for _ in range(100):
        expected = compute_expected(draw_system(random))
        if expected.solution is None:
            continue
        results = compute_right_results(expected)
        assert relations.relate_solution(exact(results["solution"]), expected, 0) == ""
        assert relations.relate_inverse(exact(results["inverse"]), expected) == ""
        p, lower, upper = (exact(results[label]) for label in LU)
        assert relations.relate_factors((p, lower, upper), expected) == ""


def exact(rows: Array) -> rational.fmpq_mat:
    return rational.from_rows(rows.tolist())
