"""Factors in other conventions: Crout's, complete pivoting with Q, and A of any shape."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract
from harness.model.promises import ForProcedures, Pivoting, Promises, Singular, UnitTriangle
from harness.model.scope import Shape
from harness.model.verdict import Outcome
from harness.numerics.oracle import expect
from support.eliminations import NUMBERS, make_case
from support.factorisations import make_stage
from support.general_factorisations import (
    CONVENTIONS,
    Elimination,
    change,
    choose_complete,
    choose_first,
    choose_partial,
    swap_last_columns,
    transpose,
)
from support.random_systems import FAMILIES, random_system

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.model.case import Case
    from harness.model.verdict import Judgement
    from support.general_factorisations import Convention, Factors, Matrix

CORPUS = [
    case
    for case in load_cases([Path(__file__).parents[2] / "cases"])
    if case.rows <= 6 and case.unknowns <= 6
]
EVERY_SHAPE: ForProcedures[tuple[Shape, ...]] = ForProcedures(None, (("lu", tuple(Shape)),))
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL

TALL = make_case([[1, 2, 0], [3, 4, 0], [7, 8, 0]], "tall")
WIDE = make_case([[1, 2, 5, 0], [3, 4, 1, 0]], "wide")
SQUARE = make_case([[1, 2, 0, 1], [2, 1, 5, 1], [3, 7, 1, 1]], "square")
DEFICIENT = make_case([[1, 2, 0], [2, 4, 0], [3, 6, 0]], "deficient")


def judge_factors(
    case: Case,
    factors: Factors,
    promises: Promises | None = None,
    arithmetic: Arithmetic = BINARY,
    message: str = "",
) -> dict[str, Judgement]:
    """Return the judgements on factors of a matrix of any shape."""
    stages = {label: make_stage(label, rows) for label, rows in factors.items()}
    failures = {"lu": message} if message else {}
    promises = replace(promises or Promises(), shapes=EVERY_SHAPE)
    contract = Contract(arithmetic, ("lu",), promises=promises)
    transcript = Transcript(case.name, Ending.COMPLETED, stages, failures, acknowledged=True)
    judgements = judge(contract, expect(case, arithmetic), transcript)
    return {str(each.check): each for each in judgements if each.check.startswith("lu.")}


def read_coefficients(case: Case, arithmetic: Arithmetic = BINARY) -> Matrix:
    number = NUMBERS[arithmetic]
    rows = case.build_input_matrix(arithmetic)
    return [[number(value) for value in row[: case.unknowns]] for row in rows]


def list_accusations(convention: Convention, case: Case, arithmetic: Arithmetic) -> list[Judgement]:
    """Return the judgements that deviate, or are blocked, on a correct program."""
    message, factors = "", {}
    try:
        with np.errstate(all="ignore"):
            factors = convention.factorise(read_coefficients(case, arithmetic))
    except ArithmeticError as error:
        message = str(error)
    judgements = judge_factors(case, factors, convention.promises, arithmetic, message)
    return [j for j in judgements.values() if j.outcome.deviates or j.outcome is Outcome.BLOCKED]


# Correct programs


@pytest.mark.parametrize("name", CONVENTIONS)
def test_no_convention_deviates_on_the_corpus(name: str) -> None:
    for case in CORPUS:
        for arithmetic in (BINARY, Arithmetic.BINARY32, RATIONAL):
            if case.is_representable(arithmetic):
                assert not list_accusations(CONVENTIONS[name], case, arithmetic), case.name


@pytest.mark.parametrize("name", CONVENTIONS)
def test_no_convention_deviates_on_random_systems(name: str) -> None:
    random = np.random.default_rng([*name.encode()])
    for family in FAMILIES:
        case = make_case(random_system(random, family).tolist(), family)
        assert not list_accusations(CONVENTIONS[name], case, BINARY), family


# Faulty programs


def factorise(
    case: Case, alter: Callable[[Factors], Factors], **options: bool
) -> dict[str, Judgement]:
    """Return the judgements on altered factors of complete pivoting with Q."""
    program = Elimination(choose_complete, prints_columns=True, **options)
    promises = Promises(pivoting=Pivoting.COMPLETE)
    return judge_factors(case, alter(program(read_coefficients(case))), promises)


@pytest.mark.parametrize("case", [SQUARE, TALL, WIDE], ids=lambda case: case.name)
@pytest.mark.parametrize(
    ("alter", "check"),
    [
        (lambda f: {**f, "permutation": f["permutation"][::-1]}, "lu.product"),
        (lambda f: {**f, "columns": swap_last_columns(f["columns"])}, "lu.product"),
        (lambda f: {**f, "columns": change(f["columns"], 0, 0, 2)}, "lu.permutation"),
        (lambda f: {**f, "columns": f["columns"][:-1]}, "lu.permutation"),
        (lambda f: {**f, "lower": change(f["lower"], 1, 0, 1.001)}, "lu.product"),
        (lambda f: {**f, "upper": change(f["upper"], 0, 1, 1.001)}, "lu.product"),
        (lambda f: {**f, "lower": change(f["lower"], 1, 1, 2)}, "lu.lower"),
        (lambda f: {**f, "upper": f["upper"][:-1]}, "lu.upper"),
    ],
)
def test_a_wrong_factor_deviates(
    case: Case, alter: Callable[[Factors], Factors], check: str
) -> None:
    judgements = factorise(case, alter)
    deviating = [name for name, each in judgements.items() if each.outcome.deviates]
    is_fixed = check == "lu.permutation" and deviating == []
    assert deviating[:1] == [check] or is_fixed, judgements


def test_a_transposed_permutation_is_named() -> None:
    cycle = make_case([[0, 1, 2, 0], [0, 3, 9, 0], [5, 1, 0, 0]])
    for label, sentence in (("permutation", "P is transposed"), ("columns", "Q is transposed")):
        judgements = factorise(cycle, lambda f, label=label: {**f, label: transpose(f[label])})
        if judgements["lu.product"].outcome.deviates:
            assert sentence in judgements["lu.product"].detail


@pytest.mark.parametrize("case", [SQUARE, TALL, WIDE], ids=lambda case: case.name)
def test_the_other_convention_is_not_the_claimed_one(case: Case) -> None:
    a = read_coefficients(case)
    crout, doolittle = Elimination(choose_partial, is_crout=True), Elimination(choose_partial)
    claims_crout = Promises(unit_triangle=UnitTriangle.UPPER)
    assert judge_factors(case, crout(a))["lu.lower"].outcome is Outcome.WRONG
    assert judge_factors(case, doolittle(a), claims_crout)["lu.upper"].outcome is Outcome.WRONG
    assert not [
        j for j in judge_factors(case, crout(a), claims_crout).values() if j.outcome.deviates
    ]


@pytest.mark.parametrize("is_crout", [False, True])
@pytest.mark.parametrize("case", [SQUARE, TALL, WIDE], ids=lambda case: case.name)
def test_the_first_pivot_is_not_the_largest(case: Case, is_crout: bool) -> None:
    unit = UnitTriangle.UPPER if is_crout else UnitTriangle.LOWER
    factors = Elimination(choose_first, is_crout=is_crout)(read_coefficients(case))
    judgements = judge_factors(case, factors, Promises(unit_triangle=unit))
    assert "its pivot was not the largest" in judgements["lu.lower"].detail


@pytest.mark.parametrize("case", [SQUARE, TALL, WIDE], ids=lambda case: case.name)
def test_the_largest_of_a_column_is_not_that_of_the_matrix(case: Case) -> None:
    program = Elimination(choose_partial, prints_columns=True)
    promises = Promises(pivoting=Pivoting.COMPLETE)
    judgements = judge_factors(case, program(read_coefficients(case)), promises)
    assert judgements["lu.lower"].detail.endswith("is not chosen by pivoting `complete`")


def test_with_q_the_columns_of_u_are_in_its_order() -> None:
    complete = Elimination(choose_complete)(read_coefficients(SQUARE))
    columns = Elimination(choose_complete, prints_columns=True)(read_coefficients(SQUARE))
    judgements = judge_factors(
        SQUARE, {**complete, "columns": columns["columns"]}, Promises(pivoting=Pivoting.COMPLETE)
    )
    assert judgements["lu.upper"].outcome is Outcome.WRONG


def test_l_has_as_many_columns_as_u_has_rows() -> None:
    thin, whole = (
        Elimination(choose_partial, is_whole=is_whole)(read_coefficients(TALL))
        for is_whole in (False, True)
    )
    judgements = judge_factors(TALL, {**thin, "upper": whole["upper"]})
    assert judgements["lu.upper"].detail == "it has 3 rows, and L has 2 columns"
    assert judgements["lu.product"].outcome is Outcome.BLOCKED


# Ties, shapes and refusals


def test_a_pivot_that_rounding_may_have_made_the_largest_is_legal() -> None:
    """1/3 and 1 − 2/3 differ by rounding: the multiplier is a little larger than 1."""
    a = [[10.0, 1.0, 1.0], [1.0, 0.1 + 1e-17, 2.0], [3.0, 0.3, 1.0]]
    case = make_case([[*row, 1.0] for row in a])
    factors = Elimination(choose_partial)(a)
    lower = factors["lower"]
    assert not judge_factors(case, factors)["lu.lower"].outcome.deviates
    large = {**factors, "lower": change(lower, 1, 0, 20)}
    assert judge_factors(case, large)["lu.lower"].outcome is Outcome.WRONG


@pytest.mark.parametrize("case", [TALL, WIDE], ids=lambda case: case.name)
def test_lu_is_asked_of_the_shapes_that_are_claimed_for_it(case: Case) -> None:
    common = Promises(shapes=ForProcedures(tuple(Shape)))
    for promises in (Promises(), common):
        contract = Contract(BINARY, ("lu",), promises=promises)
        transcript = Transcript(case.name, Ending.COMPLETED, acknowledged=True)
        judgements = judge(contract, expect(case, BINARY), transcript)
        outcomes = {str(each.check): each.outcome for each in judgements}
        assert outcomes["lu.product"] is Outcome.ABSENT


@pytest.mark.parametrize("case", [SQUARE, TALL, WIDE], ids=lambda case: case.name)
def test_a_matrix_of_full_rank_must_not_be_refused(case: Case) -> None:
    judgements = judge_factors(case, {}, message="the matrix is singular")
    assert judgements["lu.permutation"].outcome is Outcome.WRONG


def test_a_matrix_of_lower_rank_may_be_refused_and_must_be_if_claimed() -> None:
    refused = judge_factors(DEFICIENT, {}, message="the matrix is singular")
    assert {each.outcome for each in refused.values()} == {Outcome.REFUSED}
    factors = Elimination(choose_partial)(read_coefficients(DEFICIENT, RATIONAL))
    by_name = ForProcedures(own=(("lu", Singular.REFUSES),))
    for singular, outcome in (
        (ForProcedures(), Outcome.RIGHT),
        (ForProcedures(Singular.REFUSES), Outcome.RIGHT),
        (by_name, Outcome.WRONG),
    ):
        promises = Promises(singular=singular)
        judgements = judge_factors(DEFICIENT, factors, promises, RATIONAL)
        assert judgements["lu.permutation"].outcome is outcome
    wide = Elimination(choose_partial)(read_coefficients(WIDE, RATIONAL))
    promises = Promises(singular=by_name)
    judgements = judge_factors(WIDE, wide, promises, RATIONAL)
    assert {each.outcome for each in judgements.values()} == {Outcome.RIGHT}


def test_in_exact_arithmetic_no_error_is_too_small() -> None:
    factors = Elimination(choose_partial)(read_coefficients(SQUARE, RATIONAL))
    tiny = 1 + Fraction(1, 10**500)
    changed = {**factors, "upper": change(factors["upper"], 0, 1, tiny)}
    assert judge_factors(SQUARE, changed, None, RATIONAL)["lu.product"].outcome is Outcome.WRONG
