"""Ports with any subset of the procedures: each procedure is judged, whatever others there are."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge, judge_procedures
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract
from harness.model.promises import NO_PROMISES
from harness.model.verdict import Outcome, Standing
from harness.numerics.oracle import expect
from harness.procedures.registry import PROCEDURES, judged_procedures
from support.eliminations import NOTICE, make_case
from support.factorisations import CORRECT_FACTORISATIONS, Fused
from support.faulty_factorisations import FACTORISATION_FAULTS, FaultyFactorisation
from support.random_systems import FAMILIES, random_system
from support.subset_driver import (
    SubsetDriver,
    answer_crash,
    answer_failures,
    answer_garbage,
    answer_nothing,
    answer_rightly,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.model.case import Case
    from harness.model.check import Check
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected
    from harness.procedures.procedure import Procedure
    from support.factorisations import Factorisation
    from support.subset_driver import Answer

FAMILY = (
    "gaussian_elimination",
    "gauss_jordan",
    "back_substitution",
    "lu",
    "forward_substitution",
    "backward_substitution",
    "solve",
    "inverse",
    "determinant",
    "rank",
)
"""The procedures that eliminate, or work on the result of an elimination."""

OTHERS = tuple(name for name in PROCEDURES if name not in FAMILY)

SUBSETS_OF_FAMILY = [
    subset for size in range(1, len(FAMILY) + 1) for subset in combinations(FAMILY, size)
]
SUBSETS_OF_ALL = [
    subset
    for size in (1, 2, 3)
    for subset in combinations(PROCEDURES, size)
    if not {*subset} <= {*FAMILY}
]

REGULAR = make_case([[4, 1, 0, 6], [1, 3, 1, 8], [0, 1, 5, 17]], "definite")
EXCHANGED = make_case([[0, 2, 1, 4], [1, 1, 0, 3], [3, 0, 2, 7]], "exchanged")
SINGULAR = make_case([[1, 2, 3], [2, 4, 6]], "singular")
WIDE = make_case([[1, 2, 3, 6], [4, 5, 6, 15]], "wide")
CASES = {case.name: case for case in (REGULAR, EXCHANGED, SINGULAR, WIDE)}

CORPUS = load_cases([Path(__file__).parents[2] / "cases"])

WRONG_ANSWERS = (answer_garbage, answer_nothing, answer_failures, answer_crash)


@cache
def compute_expected(case: str, arithmetic: Arithmetic) -> Expected:
    return expect(CASES[case], arithmetic)


def judge_answer(
    answer: Answer, procedures: Collection[str], name: str, arithmetic: Arithmetic
) -> dict[Check, Judgement]:
    """Return the judgements by check. An exception of the judge is not caught."""
    names = tuple(procedures)
    contract = Contract(arithmetic, names, (NOTICE,), leaves_input_unchanged=names)
    transcript = answer(procedures, CASES[name], arithmetic)
    expected = compute_expected(name, arithmetic)
    judgements = judge_procedures(judged_procedures(contract), contract, expected, transcript)
    for judgement in judgements:
        is_blocked = judgement.outcome is Outcome.BLOCKED
        assert not is_blocked or judgement.follows is not None, (procedures, judgement)
    return {judgement.check: judgement for judgement in judgements}


def list_asked(procedures: Collection[str], name: str, arithmetic: Arithmetic) -> list[Procedure]:
    """Return those of the procedures that are asked of a case."""
    expected = compute_expected(name, arithmetic)
    return [
        PROCEDURES[each]
        for each in procedures
        if PROCEDURES[each].find_exclusion(expected.form, NO_PROMISES) is None
    ]


def check_subset(
    procedures: Collection[str], name: str, arithmetic: Arithmetic = Arithmetic.BINARY64
) -> None:
    """Check that each of the procedures is judged, rightly where it is right."""
    judgements = judge_answer(answer_rightly, procedures, name, arithmetic)
    deviating = [each for each in judgements.values() if each.outcome.deviates]
    assert not deviating, (procedures, deviating)
    for procedure in list_asked(procedures, name, arithmetic):
        judgement = judgements[procedure.check]
        assert judgement.outcome.standing is not Standing.NEITHER, (procedures, judgement)
    for answer in WRONG_ANSWERS:
        judgements = judge_answer(answer, procedures, name, arithmetic)
        for procedure in list_asked(procedures, name, arithmetic):
            cause = judgement = judgements[procedure.check]
            while cause.outcome is Outcome.BLOCKED and cause.follows is not None:
                cause = judgements[cause.follows]
            is_faulty = cause.outcome.deviates or name != "definite"
            assert is_faulty, (procedures, answer.__name__, judgement)


@pytest.mark.parametrize("case", CASES)
def test_every_subset_of_the_eliminations_is_judged(case: str) -> None:
    for procedures in SUBSETS_OF_FAMILY:
        check_subset(procedures, case)


def test_every_subset_of_the_eliminations_is_judged_in_fractions() -> None:
    for procedures in SUBSETS_OF_FAMILY:
        check_subset(procedures, "exchanged", Arithmetic.RATIONAL64)


@pytest.mark.parametrize("case", CASES)
def test_every_pair_and_triple_of_procedures_is_judged(case: str) -> None:
    for procedures in SUBSETS_OF_ALL:
        check_subset(procedures, case)


# Substitutions without a factorisation

SUBSTITUTIONS = [
    ("forward_substitution",),
    ("backward_substitution",),
    ("forward_substitution", "backward_substitution"),
    ("lu", "backward_substitution"),
]


def judge_substitutions(
    program: type[Factorisation], procedures: Collection[str], case: Case, arithmetic: Arithmetic
) -> list[Judgement]:
    """Return the judgements that deviate on a port that has substitutions and no elimination."""
    contract = Contract(arithmetic, tuple(procedures))
    transcript = SubsetDriver(procedures, case, arithmetic, program).run()
    judgements = judge(contract, expect(case, arithmetic), transcript)
    return [each for each in judgements if each.outcome.deviates]


@pytest.mark.parametrize("procedures", SUBSTITUTIONS)
@pytest.mark.parametrize("arithmetic", [Arithmetic.BINARY64, Arithmetic.BINARY32])
def test_right_substitutions_by_triangles_of_a_do_not_deviate(
    procedures: tuple[str, ...], arithmetic: Arithmetic
) -> None:
    random = np.random.default_rng(15)
    for family in FAMILIES:
        for _ in range(4):
            case = make_case(random_system(random, family).tolist(), family)
            if case.rows == case.unknowns and case.is_representable(arithmetic):
                programs = [each for each in CORRECT_FACTORISATIONS if each is not Fused]
                for program in programs:
                    assert not judge_substitutions(program, procedures, case, arithmetic)


def list_faulty_substitutions() -> list[type[FaultyFactorisation]]:
    """Return the faulty programs whose substitution is wrong; without `lu`, none is permuted."""
    checks = ("forward.value", "backward.value")
    faults = [each for each in FACTORISATION_FAULTS if each.killed_by[1] in checks]
    return [each for each in faults if each.permute is FaultyFactorisation.permute]


@pytest.mark.parametrize("fault", list_faulty_substitutions())
def test_faulty_substitutions_by_triangles_of_a_deviate(fault: type[FaultyFactorisation]) -> None:
    check = fault.killed_by[1]
    procedure = check.replace(".value", "_substitution")
    faults = [
        judge_substitutions(fault, (procedure,), case, Arithmetic.BINARY64)
        for case in CORPUS
        if case.rows == case.unknowns <= 6
    ]
    assert {each.check for judgements in faults for each in judgements} == {check}


@pytest.mark.parametrize(
    ("system", "outcome"),
    [
        ([[0, 1, 1], [1, 1, 1]], Outcome.REFUSED),
        ([[1, 1, 1], [1, 1, 1]], Outcome.WRONG),
    ],
)
def test_a_refusal_is_right_where_the_triangle_is_singular(
    system: list[list[int]], outcome: Outcome
) -> None:
    failures = {"backward_substitution": "The matrix is singular"}
    transcript = Transcript("a-case", Ending.COMPLETED, {}, failures, acknowledged=True)
    contract = Contract(Arithmetic.BINARY64, ("backward_substitution",), ("singular",))
    judgements = judge(contract, expect(make_case(system), Arithmetic.BINARY64), transcript)
    outcomes = {str(each.check): each.outcome for each in judgements}
    assert outcomes["backward.value"] is outcome
    assert outcomes["singular.notice"] is Outcome.ABSENT
