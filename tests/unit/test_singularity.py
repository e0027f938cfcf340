"""An exception that says that a matrix is singular: right, defensible or wrong, and no crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.judging.judge import judge
from harness.model.answer import Ending, Transcript
from harness.model.verdict import Outcome
from harness.numerics.oracle import expect
from harness.procedures.singularity import says_singular
from support.eliminations import NOTICE, make_case, make_elimination_port

if TYPE_CHECKING:
    from harness.model.verdict import Judgement

REGULAR = [[2, 1, 3], [1, 3, 5]]
SINGULAR = [[1, 2, 3], [2, 4, 6]]
NEARLY_SINGULAR = [[1, 1, 2], [1, 1 + 2**-52, 2]]

CHECKS = {
    "gaussian_elimination": "echelon.form",
    "gauss_jordan": "reduced.form",
    "back_substitution": "solution.value",
    "lu": "lu.permutation",
    "solve": "solve.value",
    "inverse": "inverse.value",
    "determinant": "determinant.value",
}
"""The procedures that may say it, and the check that answers."""


def judge_exception(
    procedure: str, message: str, system: list[list[float]], notices: tuple[str, ...] = ()
) -> Judgement:
    """Return the judgement on a port that has one procedure, which raises an exception."""
    port = make_elimination_port(procedures=(procedure,), notices=notices)
    transcript = Transcript("a-case", Ending.COMPLETED, failures={procedure: message})
    judgements = judge(port.contract, expect(make_case(system), port.arithmetic), transcript)
    return next(each for each in judgements if each.check == CHECKS[procedure])


@pytest.mark.parametrize(
    "message",
    [
        "The matrix is singular.",
        "SingularException(2)",
        "NonInvertibleMatrixError: Matrix det == 0; not invertible.",
        "matrix singular or near-singular with condition number +Inf",
        "A must be nonsingular",
        "The system has no unique solution",
        "infinitely many solutions",
        "Rank-deficient",
        "the rows are linearly dependent",
        "determinant is zero",
    ],
)
def test_messages_that_say_singular(message: str) -> None:
    assert says_singular(message)


@pytest.mark.parametrize(
    "message",
    [
        "ZeroDivisionError: float division by zero",
        "IndexError: list index out of range",
        "singular value decomposition did not converge",
        "SVD did not converge",
        "inconsistent shapes",
        "det = 0.5",
        "no solver",
    ],
)
def test_messages_of_other_failures(message: str) -> None:
    assert not says_singular(message)


@pytest.mark.parametrize("procedure", CHECKS)
def test_a_false_claim_of_singularity_is_wrong(procedure: str) -> None:
    judgement = judge_exception(procedure, "Singular matrix", REGULAR)
    assert judgement.outcome is Outcome.WRONG
    is_square = procedure in {"lu", "inverse", "determinant"}
    fact = "A is regular" if is_square else "there is a unique solution"
    assert judgement.detail == f"{procedure} failed: Singular matrix; {fact}"


@pytest.mark.parametrize("procedure", CHECKS)
def test_an_unrelated_exception_is_a_crash(procedure: str) -> None:
    judgement = judge_exception(procedure, "ZeroDivisionError: division by zero", REGULAR)
    assert judgement.outcome is Outcome.CRASHED


@pytest.mark.parametrize("procedure", CHECKS)
def test_a_true_claim_of_singularity_is_a_refusal(procedure: str) -> None:
    assert judge_exception(procedure, "Singular matrix", SINGULAR).outcome is Outcome.REFUSED


@pytest.mark.parametrize("procedure", CHECKS)
def test_a_claim_within_rounding_is_defensible(procedure: str) -> None:
    judgement = judge_exception(procedure, "Singular matrix", NEARLY_SINGULAR)
    assert judgement.outcome is Outcome.DEFENSIBLE


@pytest.mark.parametrize("procedure", CHECKS)
def test_a_notice_in_any_language_is_a_claim(procedure: str) -> None:
    message = "Die Matrix hat keinen vollen Rang"
    assert judge_exception(procedure, message, REGULAR).outcome is Outcome.CRASHED
    notices = ("keinen vollen Rang", NOTICE)
    assert judge_exception(procedure, message, REGULAR, notices).outcome is Outcome.WRONG


@pytest.mark.parametrize("procedure", ["back_substitution", "solve", "inverse"])
@pytest.mark.parametrize(
    ("system", "outcome"),
    [
        (SINGULAR, Outcome.REFUSED),
        (NEARLY_SINGULAR, Outcome.DEFENSIBLE),
        (REGULAR, Outcome.WRONG),
    ],
)
def test_a_notice_in_place_of_a_result_is_a_refusal(
    procedure: str, system: list[list[float]], outcome: Outcome
) -> None:
    port = make_elimination_port(procedures=(procedure,))
    transcript = Transcript("a-case", Ending.COMPLETED, remarks=(NOTICE,))
    judgements = judge(port.contract, expect(make_case(system), port.arithmetic), transcript)
    (judgement,) = [each for each in judgements if each.check == CHECKS[procedure]]
    assert judgement.outcome is outcome


def test_no_result_and_no_notice_is_unreadable() -> None:
    port = make_elimination_port(procedures=("solve",))
    transcript = Transcript("a-case", Ending.COMPLETED, remarks=("hello",))
    judgements = judge(port.contract, expect(make_case(SINGULAR), port.arithmetic), transcript)
    (judgement,) = [each for each in judgements if each.check == "solve.value"]
    assert judgement.outcome is Outcome.UNREADABLE
