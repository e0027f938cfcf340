"""Gaussian elimination: the system in, an echelon form out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.model.case import Solutions
from harness.model.promises import Pivoting
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.oracle import classify
from harness.numerics.reduction_bounds import bound_reduction, extend
from harness.procedures import inputs
from harness.procedures.declaration import Result
from harness.procedures.echelon_pivots import (
    PIVOTING,
    judge_by_replay,
    judge_pivoting,
    list_forms,
    replay_form,
)
from harness.procedures.evidence import fact
from harness.procedures.grading import (
    malformed,
)
from harness.procedures.printed_echelon import (
    FORM,
    ROWS,
    Pivots,
    judge_form,
    judge_reduced_rows,
    judge_rows,
)
from harness.procedures.procedure import Condition, Procedure, Rule
from harness.procedures.singular_matrix import elimination_rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import fmpq_mat

    from harness.model.answer import Stage
    from harness.model.pivot import Replay
    from harness.numerics.echelon_form import EchelonForm
    from harness.numerics.rational import ReducedForm
    from harness.procedures.evidence import Evidence


# Facts about the echelon matrix that later procedures use


@fact
def form(evidence: Evidence) -> Judgement:
    """The judgement on the echelon form."""
    return stopped(evidence) or printed_form(evidence)


@fact
def printed_form(evidence: Evidence) -> Judgement:
    """The judgement on the form of the printed matrix."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        return missing
    stage = evidence.transcript.stages["echelon"]
    return judge_form(stage, evidence.expected, evidence.contract.promises)


@fact
def stopped(evidence: Evidence) -> Judgement | None:
    """The judgement on an elimination that rightly stopped half-way: nothing is due after it."""
    missing = evidence.missing(PROCEDURE)
    if missing is not None:
        return missing if missing.outcome in (Outcome.REFUSED, Outcome.DEFENSIBLE) else None
    return evidence.stop(PROCEDURE) if printed_form(evidence).outcome.deviates else None


@fact
def elimination(evidence: Evidence) -> tuple[EchelonForm, Replay] | None:
    """The printed matrix as an echelon form by the port's promises, and its replay; None if it is
    no echelon form.

    Of several forms that it may stand for, it is the first one that keeps the promises.
    """
    stage, expected = evidence.stage(PROCEDURE), evidence.expected
    if stage is None or malformed(stage, expected):
        return None
    promises, first = evidence.contract.promises, None
    for echelon in list_forms(stage, expected, promises):
        replayed = replay_form(echelon, expected, promises)
        if replayed.departure is None and not replayed.unexplained:
            return echelon, replayed
        first = first or (echelon, replayed)
    return first


def echelon_form(evidence: Evidence) -> EchelonForm | None:
    """Return the printed matrix as an echelon form, where it is one by the port's promises."""
    eliminated = elimination(evidence)
    return None if eliminated is None else eliminated[0]


@fact
def column_order(evidence: Evidence) -> tuple[int, ...] | None:
    """The order of the coefficient columns in the elimination; None where it is the given one."""
    echelon = echelon_form(evidence)
    if echelon is None or evidence.contract.promises.pivoting is not Pivoting.COMPLETE:
        return None
    return echelon.order_columns(evidence.expected.unknowns)


@fact
def eliminated(evidence: Evidence) -> Stage | None:
    """The matrix that later procedures get, None where there is none that can be read.

    A port without Gaussian elimination gives its reduced form.
    """
    if evidence.has(PROCEDURE):
        return evidence.stage(PROCEDURE)
    stage = evidence.transcript.stages.get("reduced")
    return None if stage is None or stage.trouble else stage


@fact
def equivalence(evidence: Evidence) -> Judgement | None:
    """The judgement on row equivalence alone; None without a matrix that can be compared."""
    stage = eliminated(evidence)
    if stage is None or malformed(stage, evidence.expected):
        return None
    if not evidence.has(PROCEDURE):
        return judge_reduced_rows(stage, evidence.expected)
    echelon = echelon_form(evidence)
    counted = stage if echelon is None else replace(stage, rows=echelon.rows)
    order = column_order(evidence)
    return judge_rows(counted, evidence.expected, order, legal_pivots(evidence))


def legal_pivots(evidence: Evidence) -> Pivots:
    """Return the rows and columns of the pivots, if the replay explains all and they are legal."""
    replayed = pivots(evidence)
    if replayed is None or replayed.unexplained or replayed.departure is not None:
        return ()
    return tuple((step.taken, step.column) for step in replayed.steps if step.taken is not None)


@fact
def rows(evidence: Evidence) -> Judgement:
    """The judgement on the rows of the echelon matrix, whatever its form."""
    if (missing := evidence.missing_for(ROWS, PROCEDURE)) is not None:
        return missing
    judgement = equivalence(evidence)
    if judgement is None:
        detail = malformed(evidence.transcript.stages["echelon"], evidence.expected)
        return Judgement(ROWS, Outcome.BLOCKED, detail, follows=FORM)
    replayed = pivots(evidence)
    if replayed is None or has_any_rows(evidence):
        return judgement
    if replayed.is_reduced and judgement.outcome.deviates and has_rounded_pivot(evidence):
        detail = "the rows above a pivot that rounding left were cleared too"
        return replace(judgement, outcome=Outcome.DEFENSIBLE, detail=detail)
    if replayed.is_reduced and judgement.outcome.deviates and is_reduced_form(evidence):
        return replace(judgement, outcome=Outcome.RIGHT, detail="", entries=())
    threshold = evidence.expected.threshold
    return judge_by_replay(judgement, replayed, evidence.contract.promises, threshold)


def has_any_rows(evidence: Evidence) -> bool:
    """Return whether any rows with the row space of the system are right.

    Without rounding, the size of a pivot does not matter, and a row may be multiplied by any number
    that is not 0, or be a sum of such rows.
    """
    is_exact = evidence.expected.precision is None
    return is_exact and evidence.contract.promises.pivoting is Pivoting.ANY


def is_reduced_form(evidence: Evidence) -> bool:
    """Return whether the matrix, reduced, is the reduced form of the system within rounding.

    Gauss–Jordan elimination has a small error, but not always a small residual (Higham, Accuracy
    and Stability of Numerical Algorithms, §14.4).
    """
    expected, printed = evidence.expected, echelon_reduced(evidence)
    true, unknowns = expected.reduced, expected.unknowns
    if printed is None or printed.pivots != true.pivots or expected.threshold == 0:
        return False
    bounds = bound_reduction(expected, printed.matrix)
    columns = [j for j in range(unknowns) if j not in true.pivots]
    columns += [unknowns + j for j in rational.consistent_sides(true, unknowns)]
    errors = (printed.matrix - true.matrix).tolist()
    return all(
        extend(abs(errors[i][j])) < expected.threshold * bounds[i, j]
        for i in range(true.rank)
        for j in columns
        if errors[i][j] != 0
    )


def has_rounded_pivot(evidence: Evidence) -> bool:
    """Return whether rounding may have left a pivot of the matrix where exact arithmetic has 0."""
    expected, reduced = evidence.expected, echelon_reduced(evidence)
    is_extra = reduced is not None and reduced.rank > expected.reduced.rank
    return expected.rank_is_doubtful or (is_extra and elimination_rounds(expected))


@fact
def pivots(evidence: Evidence) -> Replay | None:
    """The replay of the elimination; None where the printed matrix is no echelon matrix."""
    eliminated = elimination(evidence)
    is_judged = stopped(evidence) is None and not form(evidence).outcome.deviates
    return eliminated[1] if eliminated and is_judged else None


@fact
def pivoting(evidence: Evidence) -> Judgement:
    """The judgement on the choice of pivots alone."""
    if (missing := evidence.missing_for(PIVOTING, PROCEDURE)) is not None:
        return missing
    if (stop := stopped(evidence)) is not None:
        return Judgement(PIVOTING, stop.outcome, stop.detail)
    replayed = pivots(evidence)
    if replayed is None:
        detail = "the matrix is not in echelon form, so its pivots cannot be told"
        return Judgement(PIVOTING, Outcome.BLOCKED, detail)
    judgement = judge_pivoting(replayed, evidence.contract.promises)
    if has_any_rows(evidence) and rows(evidence).outcome is Outcome.RIGHT:
        trace = () if replayed.unexplained else replayed.steps
        return Judgement(PIVOTING, Outcome.RIGHT, trace=trace)
    return judgement


def has_promised_pivots(evidence: Evidence) -> bool:
    """Return whether the matrix follows, entry by entry, from pivots chosen as promised."""
    replayed = pivots(evidence)
    return replayed is not None and replayed.is_kept


@fact
def echelon_matrix(evidence: Evidence) -> fmpq_mat | None:
    """The exact matrix that later procedures get, or None."""
    stage = eliminated(evidence)
    if stage is None or malformed(stage, evidence.expected):
        return None
    echelon = echelon_form(evidence)
    return rational.from_rows(stage.rows if echelon is None else echelon.rows)


@fact
def echelon_reduced(evidence: Evidence) -> ReducedForm | None:
    """The exact reduced form of that matrix, or None."""
    matrix = echelon_matrix(evidence)
    return None if matrix is None else rational.reduced_form(matrix, evidence.expected.unknowns)


def echelon_has_unique_solution(evidence: Evidence) -> bool:
    """Return whether that matrix has exactly one solution."""
    reduced = echelon_reduced(evidence)
    if reduced is None:
        return False
    return classify(reduced, evidence.expected.unknowns) is Solutions.UNIQUE


def is_doubtful(evidence: Evidence) -> bool:
    """Return whether the rows of that matrix are only defensible."""
    judgement = equivalence(evidence)
    if judgement is not None and evidence.stage(PROCEDURE) is not None:
        judgement = rows(evidence)
    return judgement is not None and judgement.outcome is Outcome.DEFENSIBLE


def is_decided_by_rounding(evidence: Evidence) -> bool:
    """Return whether rounding alone made a unique solution, or took it away."""
    return is_doubtful(evidence) and echelon_has_unique_solution(evidence) != evidence.unique


def is_of_another_system(evidence: Evidence) -> bool:
    """Return whether that matrix is not row-equivalent to the system, for whatever reason."""
    judgement = equivalence(evidence)
    return judgement is not None and judgement.outcome.deviates


def pivots_explain_matrix(evidence: Evidence) -> bool:
    """Return whether the matrix is the result of eliminating the system with smaller pivots."""
    replayed = pivots(evidence)
    return replayed is not None and replayed.departure is not None and not replayed.unexplained


def passed_over_by_rounding(evidence: Evidence) -> bool:
    """Return whether a column was passed over that has, within rounding, no pivot."""
    replayed = pivots(evidence)
    departure = replayed.departure if replayed else None
    return departure is not None and departure.taken is None and is_doubtful(evidence)


def judge(evidence: Evidence) -> Iterator[Judgement]:
    """Yield the judgements on form, rows and pivoting, each by itself."""
    yield form(evidence)
    yield rows(evidence)
    yield pivoting(evidence)


# Which fault decides which check


def is_unexplained(evidence: Evidence, own: Judgement) -> bool:
    """Return whether no choice of pivots accounts for a matrix whose pivots deviate."""
    explained = pivots_explain_matrix(evidence) and not passed_over_by_rounding(evidence)
    return own.outcome.deviates and not explained


IS_NOT_RIGHT = Condition("it is not right", lambda _, own: own.outcome.deviates)
HAS_NO_PIVOTS = Condition(
    "no pivots can be told",
    lambda _, own: own.outcome is Outcome.BLOCKED and own.follows is None,
)
PIVOTS_EXPLAIN = Condition(
    "it is not right, and the replay accounts for every printed row",
    lambda evidence, own: own.outcome.deviates and pivots_explain_matrix(evidence),
)
NO_PIVOTS_EXPLAIN = Condition(
    "it is not right, and no choice of pivots accounts for the matrix", is_unexplained
)

PROCEDURE = Procedure(
    name="gaussian_elimination",
    results=(Result("echelon", lambda m, n, k: (m, n + k)),),
    checks=(FORM, ROWS, PIVOTING),
    judge=judge,
    input=inputs.SYSTEM,
    rules=(
        Rule(ROWS, (FORM,), IS_NOT_RIGHT),
        Rule(ROWS, (PIVOTING,), PIVOTS_EXPLAIN),
        Rule(PIVOTING, (FORM,), HAS_NO_PIVOTS),
        Rule(PIVOTING, (ROWS,), NO_PIVOTS_EXPLAIN),
        Rule(PIVOTING, (ROWS,), NO_PIVOTS_EXPLAIN, Outcome.DEFENSIBLE),
    ),
    always_asked=True,
)
"""Its result has no single right answer: a report shows the form with the largest pivots."""
