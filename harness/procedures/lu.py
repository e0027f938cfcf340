"""LU factorisation: A in, P, L and U with P A = L U out, or Q too with P A Q = L U."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flint import fmpq_mat

from harness.model.port_claim import PortClaim
from harness.model.promises import Pivoting
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.echelon_form import find_interchanged_pivots
from harness.numerics.factor_replay import Factorisation
from harness.procedures.declaration import Result
from harness.procedures.evidence import missing_judgements
from harness.procedures.gaussian_elimination import IS_NOT_RIGHT
from harness.procedures.grading import grade, misshapen
from harness.procedures.printed_factors import (
    COLUMNS,
    LABELS,
    LOWER,
    LU,
    NO_TRIANGLE,
    PERMUTATION,
    PRODUCT,
    UPPER,
    handed_factors,
    has_lower_triangle,
    has_zero_on_diagonal,
    is_crout,
    is_printed,
    judge_columns,
    judge_lower,
    judge_permutation,
    judge_product,
    judge_upper,
    list_factor_stages,
    printed_columns,
    printed_factors,
)
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.relations import relate_factors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.procedures.evidence import Evidence


def find_factorisation(evidence: Evidence) -> Factorisation | None:
    """Return the printed factors, if L is a triangle, P A Q = L U, and the pivots come first."""
    factors, columns = printed_factors(evidence), printed_columns(evidence)
    if factors is None or columns is None or not has_lower_triangle(evidence):
        return None
    if judge_product(factors, evidence.expected, columns).outcome is Outcome.WRONG:
        return None
    return build_factorisation(evidence, factors, columns)


def judge_multipliers(evidence: Evidence, own: Judgement) -> Judgement:
    """Judge by the factors whether each pivot was chosen as promised, where L is a triangle.

    The entries of L decide this for partial pivoting, unless candidates are nearly equal.
    """
    promises, expected = evidence.contract.promises, evidence.expected
    is_certain = own.outcome is Outcome.RIGHT and promises.pivoting is Pivoting.PARTIAL
    if is_certain or (factorisation := find_factorisation(evidence)) is None:
        return name_exchange(evidence, own)
    if own.outcome is not Outcome.RIGHT:
        return excuse_near_ties(own, factorisation, evidence)
    step = factorisation.find_broken_step(expected.coefficients, promises, expected.precision)
    if step is None:
        return replace(own, claims=(PortClaim.PIVOTING,))
    row = factorisation.order[step] + 1
    detail = f"step {step + 1}: row {row} of A is not chosen by pivoting `{promises.pivoting}`"
    return replace(own, outcome=Outcome.WRONG, detail=detail, claims=(PortClaim.PIVOTING,))


def name_exchange(evidence: Evidence, own: Judgement) -> Judgement:
    """Return the judgement on L, with the relation of factors of which L is no lower triangle."""
    factors = printed_factors(evidence)
    if own.outcome is not Outcome.WRONG or factors is None or has_lower_triangle(evidence):
        return own
    return replace(own, detail=f"{own.detail}{relate_factors(factors, evidence.expected)}")


def excuse_near_ties(own: Judgement, factorisation: Factorisation, evidence: Evidence) -> Judgement:
    """Return the judgement on multipliers larger than 1: right if their rows are nearly equal.

    A row counts as larger than the pivot row only if rounding does not explain the difference.
    """
    expected, pivoting = evidence.expected, evidence.contract.promises.pivoting
    steps = factorisation.list_broken_steps(expected.coefficients, pivoting, expected.precision)
    if any(step in steps for _, step in own.entries):
        return own
    return replace(own, outcome=Outcome.RIGHT, detail="", entries=())


def build_factorisation(
    evidence: Evidence, factors: tuple[fmpq_mat, fmpq_mat, fmpq_mat], columns: fmpq_mat
) -> Factorisation | None:
    """Return the printed factors with ones on the diagonal of L, and its columns in order.

    It is None if a pivot is 0 before others that are not.
    """
    permutation, lower, upper = factors
    is_complete = evidence.contract.promises.pivoting is Pivoting.COMPLETE
    size = min(lower.ncols(), upper.ncols())
    if is_crout(evidence):
        diagonal = [lower[i, i] for i in range(size)]
        if 0 in diagonal:
            return None
        pivots = fmpq_mat(
            [[v if i == j else 0 for j in range(size)] for i, v in enumerate(diagonal)]
        )
        lower, upper = lower * pivots.inv(), pivots * upper
    order = [row.index(rational.ONE) for row in permutation.tolist()]
    places = [row.index(rational.ONE) for row in columns.transpose().tolist()]
    leading = tuple(i for i in range(size) if upper[i, i] != 0)
    if COLUMNS not in evidence.transcript.stages and is_complete:
        rows = evidence.transcript.stages["upper"].rows
        interchanged = find_interchanged_pivots(rows, evidence.expected.unknowns)
        return None if interchanged is None else Factorisation(order, interchanged, lower, upper)
    if leading != tuple(range(len(leading))):
        return None
    pivot_columns = tuple(places[i] for i in leading)
    return Factorisation(order, pivot_columns, lower, upper * columns.transpose())


def judge_missing(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on missing factors.

    A of any shape has factors, and elimination of it min(m, n) pivots if the rank allows. Without
    column interchanges, that is the rank of its first columns.
    """
    expected = evidence.expected
    is_square = expected.rows == expected.unknowns
    in_any_columns = evidence.contract.promises.pivoting is Pivoting.COMPLETE
    for judgement in missing_judgements(evidence, PROCEDURE):
        if is_square or judgement.check != PERMUTATION or not evidence.refuses(PROCEDURE):
            yield judgement
        elif not expected.has_pivots(in_any_columns):
            yield replace(judgement, outcome=Outcome.REFUSED, detail=describe_refusal(evidence))
        elif expected.pivots_are_doubtful(in_any_columns):
            detail = f"{describe_refusal(evidence)}; a matrix of lower rank lies within rounding"
            yield replace(judgement, outcome=Outcome.DEFENSIBLE, detail=detail)
        else:
            detail = f"{describe_refusal(evidence)}; no pivot is 0"
            yield replace(judgement, outcome=Outcome.WRONG, detail=detail)


def describe_refusal(evidence: Evidence) -> str:
    """Return a clause with the message of a refusal."""
    return f"refused: {evidence.refusal(PROCEDURE)}"


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on P and Q, L, U and their product, each by itself."""
    if evidence.missing(PROCEDURE) is not None:
        yield from judge_missing(evidence)
        return
    stages, expected = evidence.transcript.stages, evidence.expected
    promises, of_columns = evidence.contract.promises, judge_columns(evidence)
    permutation = judge_permutation(stages["permutation"], expected)
    is_of_columns = of_columns is not None and not permutation.outcome.deviates
    yield of_columns if of_columns is not None and is_of_columns else permutation
    yield judge_multipliers(evidence, judge_lower(stages["lower"], expected, promises))
    yield judge_upper(stages["upper"], expected, promises, of_columns is not None, stages["lower"])
    factors, columns = printed_factors(evidence), printed_columns(evidence)
    if factors is None or columns is None:
        yield Judgement(PRODUCT, Outcome.BLOCKED, "there are no finite factors to multiply")
    else:
        yield judge_product(factors, expected, columns)


# Which fault decides which check

HAS_NO_FACTORS = Condition(
    "there are no finite factors to multiply",
    lambda _, own: own.outcome is Outcome.BLOCKED and own.follows is None,
)


def solves_with_factors(evidence: Evidence, label: str, right: fmpq_mat) -> bool:
    """Return whether a printed X, n × k, solves L U X = P R with the port's own P, L and U.

    With Q, it is L U Qᵀ X = P R.
    """
    factors, stage = printed_factors(evidence), evidence.transcript.stages[label]
    columns = printed_columns(evidence)
    if factors is None or columns is None or misshapen(stage, right.nrows(), right.ncols()):
        return False
    permutation, lower, upper = factors
    if lower.nrows() != upper.ncols():
        return False
    upper = upper * columns.transpose()
    system = rational.augment(lower * upper, permutation * right)
    x, units = rational.from_rows(stage.rows), evidence.expected.units
    ratio = error_measures.backward_ratio(system, right.nrows(), x, precision=units)
    return grade(ratio, evidence.expected.threshold) is Outcome.RIGHT


def is_right_for_factors(is_right: Callable[[Evidence], bool], label: str) -> Condition:
    """Return the condition that a wrong result is that of the port's own P, L and U.

    `is_right` decides it. Numbers that are not finite may also be the result of factors that are
    not finite, or of a singular U.
    """

    def holds(evidence: Evidence, own: Judgement) -> bool:
        stage = evidence.transcript.stages.get(label)
        if not own.outcome.deviates or stage is None or stage.trouble:
            return False
        if not is_printed(evidence):
            return False
        if is_right(evidence):
            return True
        has_cause = has_factors_not_finite(evidence) or has_zero_on_diagonal(evidence)
        return has_cause and not rational.all_finite(stage.rows)

    return Condition("it is not right, and right for its own P, L and U", holds)


def has_factors_not_finite(evidence: Evidence) -> bool:
    """Return whether a printed factor holds infinities or NaN."""
    return any(not rational.all_finite(stage.rows) for stage in list_factor_stages(evidence))


def refuses_factors(procedure: str) -> Condition:
    """Return the condition that a procedure refuses a regular A whose printed U is singular."""

    def holds(evidence: Evidence, own: Judgement) -> bool:
        refused = procedure in evidence.transcript.messages
        return own.outcome.deviates and refused and has_zero_on_diagonal(evidence)

    return Condition("it refuses a printed U that is singular", holds)


def has_no_triangle(procedure: str) -> Condition:
    """Return the condition that a substitution was handed no finite triangle."""

    def holds(evidence: Evidence, own: Judgement) -> bool:
        refused = own.outcome.deviates and procedure in evidence.transcript.messages
        return own.detail == NO_TRIANGLE or (refused and handed_factors(evidence) is None)

    return Condition(NO_TRIANGLE, holds)


def fails_alike(procedure: str) -> Condition:
    """Return the condition that a procedure raises the exception of an earlier one."""

    def holds(evidence: Evidence, own: Judgement) -> bool:
        messages = evidence.transcript.messages
        others = [message for name, message in messages.items() if name != procedure]
        return own.outcome.deviates and messages.get(procedure) in others

    return Condition("it fails with the same message", holds)


SHAPES = {
    "permutation": lambda m, n, k: (m, m),
    COLUMNS: lambda m, n, k: (n, n),
    "lower": lambda m, n, k: (m, min(m, n)),
    "upper": lambda m, n, k: (min(m, n), n),
}
"""The shapes of the factors, by their labels."""

PROCEDURE = Procedure(
    name=LU,
    results=tuple(Result(label, shape, judged=label in LABELS) for label, shape in SHAPES.items()),
    checks=(PERMUTATION, LOWER, UPPER, PRODUCT),
    judge=judge,
    rules=(
        Rule(LOWER, (PERMUTATION,), IS_NOT_RIGHT),
        Rule(UPPER, (PERMUTATION, LOWER), IS_NOT_RIGHT),
        Rule(PRODUCT, (PERMUTATION, LOWER, UPPER), HAS_NO_FACTORS),
        Rule(PRODUCT, (PERMUTATION, LOWER, UPPER), IS_NOT_RIGHT),
    ),
    structure=Structure.SQUARE,
    own_shapes=True,
)
