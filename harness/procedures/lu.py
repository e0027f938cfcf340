"""LU factorisation with partial pivoting: A in, P, L and U with P A = L U out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flint import fmpq_mat

from harness.model.check import Check
from harness.model.claim import Claim
from harness.model.promises import Pivoting
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.echelon_form import find_interchanged_pivots
from harness.numerics.elimination_errors import residual_ratio
from harness.numerics.factor_replay import Factorisation
from harness.procedures.declaration import Result
from harness.procedures.echelon_pivots import WITHOUT_BOUND
from harness.procedures.evidence import fact, missing_judgements
from harness.procedures.gaussian_elimination import IS_NOT_RIGHT
from harness.procedures.grading import (
    format_entry,
    grade,
    judge_places,
    misshapen,
    places_not_finite,
)
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.relations import relate_factors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.model.answer import Stage
    from harness.numerics.oracle import Expected
    from harness.procedures.evidence import Evidence

PERMUTATION = Check("lu.permutation", "Is P a permutation matrix?", "permutation")
LOWER = Check(
    "lu.lower",
    "Is L unit lower triangular, with the multipliers of the promised pivoting?",
    "lower",
)
UPPER = Check("lu.upper", "Is U upper triangular?", "upper")
PRODUCT = Check("lu.product", "Is P A = L U?")

NO_TRIANGLE = "there is no finite triangle to judge it by"

RECIPROCAL_SLACK = 4
"""The excess over 1 of a multiplier that was made by a reciprocal, |w·fl(1/p)|, in units of u."""

Factors = tuple[fmpq_mat, fmpq_mat, fmpq_mat]
"""The exact P, L and U, each n × n."""


# One printed factor against the expected result


def judge_permutation(stage: Stage, expected: Expected) -> Judgement:
    """Judge whether a printed P, n × n, is a permutation matrix."""
    size = expected.unknowns
    if complaint := misshapen(stage, size, size):
        return Judgement(PERMUTATION, Outcome.WRONG, complaint, places_not_finite(stage))
    other = [
        (i, j) for i, row in enumerate(stage.rows) for j, v in enumerate(row) if v not in (0, 1)
    ]
    if other:
        sentence = f"{format_entry(stage, other[0])}, which is neither 0 nor 1"
        return judge_places(PERMUTATION, other, sentence)
    columns = tuple(zip(*stage.rows, strict=True))
    for noun, lines in (("row", stage.rows), ("column", columns)):
        for number, line in enumerate(lines, start=1):
            ones = sum(value == 1 for value in line)
            if ones != 1:
                return Judgement(PERMUTATION, Outcome.WRONG, f"{noun} {number} has {ones} ones")
    return Judgement(PERMUTATION, Outcome.RIGHT)


def judge_lower(
    stage: Stage, expected: Expected, pivoting: Pivoting = Pivoting.PARTIAL
) -> Judgement:
    """Judge whether a printed L, n × n, is unit lower triangular with no entry larger than 1.

    Partial pivoting exists to bound the multipliers by 1, and complete pivoting bounds them too
    (Higham, Accuracy and Stability of Numerical Algorithms, §9.1). Other pivoting does not.
    """
    size = expected.unknowns
    if complaint := misshapen(stage, size, size):
        return Judgement(LOWER, Outcome.WRONG, complaint, places_not_finite(stage))
    places = [(i, j) for i in range(size) for j in range(size)]
    above = [(i, j) for i, j in places if i < j and stage.rows[i][j] != 0]
    if above:
        return judge_places(LOWER, above, f"{format_entry(stage, above[0])}, above the diagonal")
    diagonal = [(i, i) for i in range(size) if stage.rows[i][i] != 1]
    if diagonal:
        sentence = f"{format_entry(stage, diagonal[0])}, where 1 is due"
        return judge_places(LOWER, diagonal, sentence)
    if pivoting in WITHOUT_BOUND:
        return Judgement(LOWER, Outcome.RIGHT)
    limit = 1 + (RECIPROCAL_SLACK * expected.precision.unit_roundoff if expected.precision else 0)
    large = [
        (i, j)
        for i, j in places
        if j < i and abs(rational.nearest_double(stage.rows[i][j])) > limit
    ]
    sentence = f"{format_entry(stage, large[0])}: its pivot was not the largest" if large else ""
    return replace(judge_places(LOWER, large, sentence), claims=(Claim.PIVOTING,))


def judge_upper(
    stage: Stage, expected: Expected, pivoting: Pivoting = Pivoting.PARTIAL
) -> Judgement:
    """Judge whether a printed U, n × n, is upper triangular.

    After complete pivoting, it is upper triangular for some order of its columns.
    """
    size = expected.unknowns
    if complaint := misshapen(stage, size, size):
        return Judgement(UPPER, Outcome.WRONG, complaint, places_not_finite(stage))
    if pivoting is Pivoting.COMPLETE:
        is_triangle = find_interchanged_pivots(stage.rows, size) is not None
        detail = "" if is_triangle else "no order of its columns makes it upper triangular"
        return Judgement(UPPER, Outcome.RIGHT if is_triangle else Outcome.WRONG, detail)
    below = [(i, j) for i in range(size) for j in range(i) if stage.rows[i][j] != 0]
    sentence = f"{format_entry(stage, below[0])}, below the diagonal" if below else ""
    return judge_places(UPPER, below, sentence)


def judge_product(factors: Factors, expected: Expected) -> Judgement:
    """Judge whether P A = L U by the entries of |PA − LU| / (n·u·|L||U|).

    The error of a factorisation is at most γₙ|L||U| (Higham, Accuracy and Stability of Numerical
    Algorithms, Theorem 9.3).
    """
    permutation, lower, upper = factors
    product, size = lower * upper, expected.unknowns
    residual = permutation * expected.coefficients - product
    sums = rational.magnitudes(lower)
    ratio = residual_ratio(residual, sums, upper, product, None, size, expected.units)
    outcome = grade(ratio, expected.threshold)
    measures = {"ratio": ratio}
    if outcome is Outcome.RIGHT:
        return Judgement(PRODUCT, outcome, measures=measures)
    transposed = permutation.transpose() * expected.coefficients - lower * upper
    detail = "the product of L and U is not P A"
    if rational.row_norm(transposed) * 1_000 < rational.row_norm(residual):
        detail += ", but Pᵀ A: P is transposed"
    else:
        detail += relate_factors(factors, expected)
    return Judgement(PRODUCT, outcome, detail, measures=measures)


# By the evidence


@fact
def printed_factors(evidence: Evidence) -> Factors | None:
    """P, L and U as they were printed, exactly; None where one is not finite, or not n × n."""
    size, stages = evidence.expected.unknowns, evidence.transcript.stages
    if evidence.stage(PROCEDURE) is None:
        return None
    printed = [stages[label] for label in PROCEDURE.labels]
    if any(misshapen(stage, size, size) for stage in printed):
        return None
    permutation, lower, upper = (rational.from_rows(stage.rows) for stage in printed)
    return permutation, lower, upper


@fact
def product_of_factors(evidence: Evidence) -> fmpq_mat | None:
    """Pᵀ L U, which stands for A where the factors are used; None without a permutation P."""
    factors = printed_factors(evidence)
    if factors is None:
        return None
    stage = evidence.transcript.stages["permutation"]
    if judge_permutation(stage, evidence.expected).outcome is not Outcome.RIGHT:
        return None
    permutation, lower, upper = factors
    return permutation.transpose() * lower * upper


@fact
def handed_factors(evidence: Evidence) -> Factors | None:
    """P, L and U that the substitutions get: the printed ones, exactly.

    A port without `lu` gives them triangles of A: the one below the diagonal, with ones on it, and
    the one from the diagonal on. Its P is I.
    """
    if evidence.has(PROCEDURE):
        return printed_factors(evidence)
    size, table = evidence.expected.unknowns, evidence.expected.coefficients.tolist()
    unit = rational.identity(size)
    lower = [[table[i][j] if j < i else unit[i, j] for j in range(size)] for i in range(size)]
    upper = [[table[i][j] if j >= i else 0 for j in range(size)] for i in range(size)]
    return unit, fmpq_mat(lower), fmpq_mat(upper)


def has_zero_on_diagonal(evidence: Evidence) -> bool:
    """Return whether the U that backward substitution gets is singular."""
    factors = handed_factors(evidence)
    if evidence.contract.promises.pivoting is Pivoting.COMPLETE:
        return factors is not None and factors[2].det() == 0
    upper = factors[2].tolist() if factors else []
    return any(row[i] == 0 for i, row in enumerate(upper))


def has_lower_triangle(evidence: Evidence) -> bool:
    """Return whether P is a permutation, and L a unit lower triangle, however large its entries."""
    if not evidence.has(PROCEDURE):
        return True
    stages, factors = evidence.transcript.stages, printed_factors(evidence)
    if factors is None:
        return False
    rows = stages["lower"].rows
    is_triangle = all(
        value == (1 if i == j else 0)
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if j >= i
    )
    permutation = judge_permutation(stages["permutation"], evidence.expected)
    return is_triangle and permutation.outcome is Outcome.RIGHT


def find_factorisation(evidence: Evidence) -> Factorisation | None:
    """Return the printed factors, if L is a triangle, P A = L U, and U shows all its pivots."""
    factors, pivoting = printed_factors(evidence), evidence.contract.promises.pivoting
    if factors is None or not has_lower_triangle(evidence):
        return None
    permutation, lower, upper = factors
    expected, rows = evidence.expected, evidence.transcript.stages["upper"].rows
    is_complete = pivoting is Pivoting.COMPLETE
    interchanged = find_interchanged_pivots(rows, expected.unknowns) if is_complete else None
    pivots = interchanged or tuple(i for i, row in enumerate(rows) if row[i] != 0)
    is_whole = pivots == tuple(range(len(pivots))) or is_complete
    if not is_whole or judge_product(factors, expected).outcome is Outcome.WRONG:
        return None
    order = [row.index(rational.ONE) for row in permutation.tolist()]
    return Factorisation(order, pivots, lower, upper)


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
        return replace(own, claims=(Claim.PIVOTING,))
    row = factorisation.order[step] + 1
    detail = f"step {step + 1}: row {row} of A is not chosen by pivoting `{promises.pivoting}`"
    return replace(own, outcome=Outcome.WRONG, detail=detail, claims=(Claim.PIVOTING,))


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


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on P, L, U and their product, each by itself."""
    if evidence.missing(PROCEDURE) is not None:
        yield from missing_judgements(evidence, PROCEDURE)
        return
    stages, expected = evidence.transcript.stages, evidence.expected
    pivoting = evidence.contract.promises.pivoting
    yield judge_permutation(stages["permutation"], expected)
    yield judge_multipliers(evidence, judge_lower(stages["lower"], expected, pivoting))
    yield judge_upper(stages["upper"], expected, pivoting)
    factors = printed_factors(evidence)
    if factors is None:
        yield Judgement(PRODUCT, Outcome.BLOCKED, "there are no finite factors to multiply")
    else:
        yield judge_product(factors, expected)


# Which fault decides which check

HAS_NO_FACTORS = Condition(
    "there are no finite factors to multiply",
    lambda _, own: own.outcome is Outcome.BLOCKED and own.follows is None,
)


def solves_with_factors(evidence: Evidence, label: str, right: fmpq_mat) -> bool:
    """Return whether a printed X, n × k, solves L U X = P R with the port's own P, L and U."""
    factors, stage = printed_factors(evidence), evidence.transcript.stages[label]
    if factors is None or misshapen(stage, right.nrows(), right.ncols()):
        return False
    permutation, lower, upper = factors
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
        if evidence.stage(PROCEDURE) is None:
            return False
        if is_right(evidence):
            return True
        has_cause = has_factors_not_finite(evidence) or has_zero_on_diagonal(evidence)
        return has_cause and not rational.all_finite(stage.rows)

    return Condition("it is not right, and right for its own P, L and U", holds)


def has_factors_not_finite(evidence: Evidence) -> bool:
    """Return whether a printed factor holds infinities or NaN."""
    stages = evidence.transcript.stages
    return any(not rational.all_finite(stages[each].rows) for each in PROCEDURE.labels)


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


PROCEDURE = Procedure(
    name="lu",
    results=tuple(
        Result(label, lambda m, n, k: (n, n)) for label in ("permutation", "lower", "upper")
    ),
    checks=(PERMUTATION, LOWER, UPPER, PRODUCT),
    judge=judge,
    rules=(
        Rule(LOWER, (PERMUTATION,), IS_NOT_RIGHT),
        Rule(UPPER, (PERMUTATION, LOWER), IS_NOT_RIGHT),
        Rule(PRODUCT, (PERMUTATION, LOWER, UPPER), HAS_NO_FACTORS),
        Rule(PRODUCT, (PERMUTATION, LOWER, UPPER), IS_NOT_RIGHT),
    ),
    structure=Structure.SQUARE,
)
