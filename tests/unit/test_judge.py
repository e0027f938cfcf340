"""Charging a fault to one procedure: hand-written transcripts with one kind of fault each."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome, Standing
from harness.numerics.oracle import expect
from harness.procedures.registry import CHECKS, ELIMINATION_CHECKS
from support.eliminations import (
    NOTICE,
    Matrix,
    make_case,
    make_elimination_port,
    make_matrix_stage,
    make_solution_stage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value

FORM, ROWS, PIVOTING = "echelon.form", "echelon.rows", "echelon.pivoting"
REDUCED_FORM, REDUCED_ROWS = "reduced.form", "reduced.rows"
SOLUTION, SINGULAR = "solution.value", "singular.notice"

RIGHT, WRONG, SILENT = Outcome.RIGHT, Outcome.WRONG, Outcome.SILENT
DECLINED, DEFENSIBLE = Outcome.DECLINED, Outcome.DEFENSIBLE
REFUSED = Outcome.REFUSED
CRASHED, HUNG, UNREADABLE = Outcome.CRASHED, Outcome.HUNG, Outcome.UNREADABLE
BLOCKED, ABSENT, GIVEN_UP = Outcome.BLOCKED, Outcome.ABSENT, Outcome.GIVEN_UP

NAN, INF = math.nan, math.inf

REGULAR: Matrix = [[2, 1, 3], [4, 3, 7]]
ECHELON: Matrix = [[4, 3, 7], [0, -0.5, -0.5]]
REDUCED: Matrix = [[1, 0, 1], [0, 1, 1]]
X: list[Value] = [1.0, 1.0]

SINGULAR_SYSTEM: Matrix = [[1, 2, 3], [2, 4, 7]]
SINGULAR_ECHELON: Matrix = [[2, 4, 7], [0, 0, -0.5]]
SINGULAR_REDUCED: Matrix = [[1, 2, 3.5], [0, 0, -0.5]]

Judgements = dict[Check, Judgement]


def judge_stages(
    system: Matrix,
    echelon: Matrix | Stage | None = None,
    reduced: Matrix | Stage | None = None,
    x: Sequence[Value] | Stage | None = None,
    ending: Ending = Ending.COMPLETED,
    port: dict[str, Any] | None = None,
    **texts: Any,
) -> Judgements:
    """Return the judgements on a transcript with these stages, by check."""
    tested = make_elimination_port(**port or {})
    stages = {}
    for label, rows in (("echelon", echelon), ("reduced", reduced)):
        if rows is not None:
            stages[label] = rows if isinstance(rows, Stage) else make_matrix_stage(label, rows)
    if x is not None:
        stages["solution"] = x if isinstance(x, Stage) else make_solution_stage(x)
    transcript = Transcript("a-case", ending, stages, **texts)
    judgements = judge(tested.contract, expect(make_case(system), tested.arithmetic), transcript)
    assert tuple(judgement.check for judgement in judgements) == ELIMINATION_CHECKS
    return {judgement.check: judgement for judgement in judgements}


def outcomes(judgements: Judgements) -> list[Outcome]:
    """Return the outcomes of all checks but pivoting: echelon ×2, reduced ×2, solution, notice."""
    return [judgements[check].outcome for check in ELIMINATION_CHECKS if check != PIVOTING]


def follows(judgements: Judgements) -> dict[Check, Check]:
    """Return the check that blocks each blocked check; every blocked check must name one."""
    blocked = {
        check: judgement for check, judgement in judgements.items() if judgement.outcome is BLOCKED
    }
    assert all(judgement.follows is not None for judgement in blocked.values())
    return {check: judgement.follows for check, judgement in blocked.items() if judgement.follows}


def test_all_right() -> None:
    assert outcomes(judge_stages(REGULAR, ECHELON, REDUCED, X)) == [RIGHT] * 6


def test_all_right_without_a_solution() -> None:
    judgements = judge_stages(
        SINGULAR_SYSTEM, SINGULAR_ECHELON, SINGULAR_REDUCED, [NAN, -INF], remarks=(NOTICE,)
    )
    assert outcomes(judgements) == [RIGHT, RIGHT, RIGHT, RIGHT, DECLINED, RIGHT]
    assert judgements[SOLUTION].detail == "x is not finite; there is no solution"


def test_every_check_and_every_outcome_is_documented() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text()
    assert all(f"### `{check}`: " in guide for check in CHECKS)
    assert all(f"| {outcome} | " in guide for outcome in Outcome)


def test_an_outcome_conforms_or_deviates_or_neither() -> None:
    assert {outcome for outcome in Outcome if outcome.standing is Standing.CONFORMING} == {
        *(RIGHT, REFUSED, DECLINED, DEFENSIBLE, Outcome.LIMIT),
    }
    assert {outcome for outcome in Outcome if outcome.standing is Standing.NEITHER} == {
        *(BLOCKED, ABSENT, GIVEN_UP, Outcome.NOT_JUDGED),
    }
    assert SILENT.deviates
    assert not BLOCKED.deviates


# One fault of the elimination, which is not charged to later procedures


def test_a_residue_below_a_pivot() -> None:
    """The next procedure searches for nonzero entries, and takes 1.8e-15 for a pivot."""
    tiny = 1.7763568394002505e-15
    x2, big = -2.142857142857143, 3.8383838383838385e14
    judgements = judge_stages(
        [[22, 1, 1], [15, 1, 0]],
        [[22, 1, 1], [tiny, 0.31818181818181823, -0.6818181818181818]],
        [[0, -1.79e14, big], [1, 1.79e14, -big]],
        [0.14285714285714288, x2],
    )
    assert outcomes(judgements) == [WRONG, RIGHT, BLOCKED, BLOCKED, RIGHT, RIGHT]
    assert follows(judgements) == {PIVOTING: FORM, REDUCED_FORM: FORM, REDUCED_ROWS: FORM}
    assert judgements[FORM].entries == ((1, 0),)
    assert judgements[REDUCED_FORM].detail.endswith("it answers entries up to 3.838e+14")


def test_no_swap_and_a_false_notice() -> None:
    """The matrix is returned unchanged and called singular, and x = (−∞, ∞)."""
    system: Matrix = [[0, 1, 2], [1, 0, 3]]
    judgements = judge_stages(system, system, system, [-INF, INF], remarks=(NOTICE,))
    assert outcomes(judgements) == [WRONG, RIGHT, BLOCKED, BLOCKED, BLOCKED, BLOCKED]
    assert judgements[PIVOTING].outcome is BLOCKED
    assert set(follows(judgements).values()) == {FORM}
    assert judgements[SINGULAR].detail == f"said: {NOTICE}; there is a unique solution"


def test_no_pivoting_on_a_tiny_pivot() -> None:
    """Every later step is right for a matrix that has lost the second equation."""
    judgements = judge_stages(
        [[1e-20, 1, 1], [1, 1, 2]],
        [[1e-20, 1, 1], [0, -1e20, -1e20]],
        [[1, 0, 0], [0, 1, 1]],
        [0.0, 1.0],
    )
    assert outcomes(judgements) == [RIGHT, BLOCKED, BLOCKED, BLOCKED, BLOCKED, RIGHT]
    assert set(follows(judgements).values()) == {PIVOTING}
    assert judgements[PIVOTING].outcome is WRONG
    assert judgements[PIVOTING].detail == "step 1, column 1: took row 1 (|1e−20|); row 2 has |1|"
    [first, second] = judgements[PIVOTING].trace
    assert (first.taken, first.legal, second.taken, second.legal) == (0, False, 1, True)


def test_harmless_wrong_pivots_are_the_only_deviation() -> None:
    judgements = judge_stages(REGULAR, [[2, 1, 3], [0, 1, 1]], REDUCED, X)
    assert outcomes(judgements) == [RIGHT] * 6
    assert judgements[PIVOTING].outcome is WRONG
    assert judgements[PIVOTING].detail == "step 1, column 1: took row 1 (|2|); row 2 has |4|"


def test_an_inexplicable_matrix_is_not_charged_to_the_pivots() -> None:
    judgements = judge_stages(
        REGULAR, [[4, 3, 7], [0, -0.5, 0.5]], [[1, 0, 2.5], [0, 1, -1]], [2.5, -1.0]
    )
    assert outcomes(judgements) == [RIGHT, WRONG, BLOCKED, BLOCKED, BLOCKED, RIGHT]
    assert judgements[PIVOTING].outcome is BLOCKED
    assert follows(judgements)[PIVOTING] == ROWS


def test_a_multiple_of_a_row_is_right() -> None:
    judgements = judge_stages(REGULAR, [[4, 3, 7], [0, 1, 1]], REDUCED, X)
    assert outcomes(judgements) == [RIGHT] * 6
    assert judgements[PIVOTING].outcome is RIGHT


def test_a_reduced_matrix_does_not_show_its_pivots() -> None:
    judgements = judge_stages(REGULAR, REDUCED, REDUCED, X)
    assert outcomes(judgements) == [RIGHT] * 6
    assert judgements[PIVOTING].outcome is Outcome.ABSENT


def test_a_wrong_entry_is_a_fault_of_the_rows() -> None:
    """The error is too small for the norms of the matrix, but not for the entry."""
    system: Matrix = [[1e10, 0, 1e10], [0, 1, 2]]
    judgements = judge_stages(system, [[1e10, 0, 1e10], [0, 1, 2 + 1e-7]], None, None)
    assert judgements[ROWS].outcome is WRONG
    assert judgements[ROWS].detail.endswith(
        ": row 2 has 2.0000001 in column 3; elimination leaves 2 there (row 2 of the system)"
    )
    assert judgements[ROWS].entries == ((1, 2),)
    assert (judgements[PIVOTING].outcome, follows(judgements)[PIVOTING]) == (BLOCKED, ROWS)


def test_neither_in_echelon_form_nor_equivalent_is_one_fault() -> None:
    judgements = judge_stages(REGULAR, [[4, 3, 7], [1, 1, 5]], None, None)
    assert [judgements[check].outcome for check in (FORM, ROWS, PIVOTING)] == [
        WRONG,
        BLOCKED,
        BLOCKED,
    ]
    assert (follows(judgements)[ROWS], follows(judgements)[PIVOTING]) == (FORM, FORM)


def test_a_column_skipped_by_rounding_is_defensible() -> None:
    nearly: Matrix = [[1, 1, 2], [1, 1 + 2**-50, 2]]
    judgements = judge_stages(nearly, [[1, 1, 2], [0, 0, 0]], None, None)
    assert (judgements[ROWS].outcome, judgements[PIVOTING].outcome) == (DEFENSIBLE, DEFENSIBLE)


def test_a_right_solution_after_a_wrong_matrix_is_right() -> None:
    judgements = judge_stages(REGULAR, [[4, 3, 7], [1, 1, 2]], [[4, 3, 7], [1, 1, 2]], X)
    assert outcomes(judgements)[:5] == [WRONG, RIGHT, BLOCKED, BLOCKED, RIGHT]


def test_a_right_reduced_form_after_wrong_rows_is_right() -> None:
    """Faults in the numbers of the echelon matrix can cancel in its reduced form."""
    reduced: Matrix = [[1, 0, X[0]], [0, 1, X[1]]]
    judgements = judge_stages(REGULAR, [[4, 3, 7], [0, 0.25, 5]], reduced, X)
    assert outcomes(judgements)[:2] == [RIGHT, WRONG]
    assert outcomes(judgements)[3:6] == [RIGHT, RIGHT, RIGHT]


def test_refusing_a_wrongly_singular_matrix_is_not_at_fault() -> None:
    echelon: Matrix = [[4, 3, 7], [0, 0, -0.5]]
    failure = {"back_substitution": "ZeroDivisionError"}
    answers: list[dict[str, Any]] = [{"x": [NAN, -INF]}, {"failures": failure}]
    for answer in answers:
        judgements = judge_stages(REGULAR, echelon, [[1, 0.75, 1.75], [0, 0, -0.5]], **answer)
        assert outcomes(judgements)[:5] == [RIGHT, BLOCKED, BLOCKED, BLOCKED, BLOCKED]
        assert judgements[PIVOTING].detail == "step 2, column 2: took no row; row 1 has |0.5|"
        assert set(follows(judgements).values()) == {PIVOTING}


def test_back_substitution_ignores_spare_rows() -> None:
    """It solves the triangle that it is given, below which a wrong row reads 0 = 3."""
    system: Matrix = [[1, 1], [2, 2], [4, 4]]
    judgements = judge_stages(system, [[4, 8], [0, 0], [0, 3]], [[1, 2], [0, 0], [0, 3]], [2.0])
    assert outcomes(judgements)[:5] == [RIGHT, WRONG, BLOCKED, BLOCKED, BLOCKED]


# One fault of a later procedure


def test_a_wrong_reduction_is_its_own_fault() -> None:
    judgements = judge_stages(REGULAR, ECHELON, [[1, 0, 1], [0, 2, 2]], X)
    assert outcomes(judgements) == [RIGHT, RIGHT, WRONG, BLOCKED, RIGHT, RIGHT]
    assert follows(judgements) == {REDUCED_ROWS: REDUCED_FORM}
    judgements = judge_stages(REGULAR, ECHELON, [[1, 0, 1.001], [0, 1, 1]], X)
    assert outcomes(judgements) == [RIGHT, RIGHT, RIGHT, WRONG, RIGHT, RIGHT]


def test_a_wrong_solution_is_its_own_fault() -> None:
    assert outcomes(judge_stages(REGULAR, ECHELON, REDUCED, [1.0, 1.5]))[4] is WRONG
    assert outcomes(judge_stages(REGULAR, ECHELON, REDUCED, [NAN, 1.0]))[4] is WRONG
    assert outcomes(judge_stages(REGULAR, ECHELON, REDUCED, [1.0]))[4] is WRONG
    assert (
        outcomes(judge_stages(REGULAR, ECHELON, REDUCED, [1.0, 1.0 + 1e-12]))[4]
        is Outcome.INACCURATE
    )


def test_two_faults_are_charged_separately() -> None:
    """The reduced form and x are not those of the wrong matrix either."""
    reduced: Matrix = [[1, 0, 5], [0, 1, 5]]
    judgements = judge_stages(REGULAR, [[4, 3, 7], [0, -0.5, 0.5]], reduced, [5.0, 5.0])
    assert (judgements[ROWS].outcome, judgements[SOLUTION].outcome) == (WRONG, WRONG)
    assert judgements[REDUCED_ROWS].outcome is WRONG


# Missing and incomplete answers


STAGES = {"echelon": ECHELON, "reduced": REDUCED, "x": X}


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (Ending.CRASHED, CRASHED),
        (Ending.HUNG, HUNG),
        (Ending.FLOODED, UNREADABLE),
        (Ending.OUT_OF_STEP, UNREADABLE),
    ],
)
@pytest.mark.parametrize(
    ("printed", "expected", "position"),
    [
        (0, [None, BLOCKED, BLOCKED, BLOCKED, BLOCKED, BLOCKED], "in gaussian_elimination"),
        (1, [RIGHT, RIGHT, None, BLOCKED, BLOCKED, RIGHT], "in gauss_jordan"),
        (2, [RIGHT, RIGHT, RIGHT, RIGHT, None, RIGHT], "in back_substitution"),
        (3, [RIGHT, RIGHT, RIGHT, RIGHT, None, RIGHT], "after back_substitution"),
    ],
)
def test_only_the_procedure_at_work_at_the_end_is_charged(
    ending: Ending, outcome: Outcome, printed: int, expected: list[Outcome | None], position: str
) -> None:
    stages: dict[str, Any] = dict(list(STAGES.items())[:printed])
    judgements = judge_stages(REGULAR, **stages, ending=ending, reason="SIGSEGV")
    assert outcomes(judgements) == [outcome_of_check or outcome for outcome_of_check in expected]
    (charged,) = (judgement for judgement in judgements.values() if judgement.outcome is outcome)
    assert f"{ending} {position}: SIGSEGV" in charged.detail
    assert set(follows(judgements).values()) <= {charged.check}


def judge_failure(procedure: str, system: Matrix, **stages: Any) -> list[Outcome]:
    return outcomes(judge_stages(system, **stages, failures={procedure: "IndexError: 3"}))


def test_an_exception_is_charged_to_the_procedure_that_raised_it() -> None:
    assert judge_failure("gaussian_elimination", REGULAR) == [CRASHED] + [BLOCKED] * 5
    assert judge_failure("gauss_jordan", REGULAR, echelon=ECHELON, x=X) == [
        *(RIGHT, RIGHT, CRASHED, BLOCKED, RIGHT, RIGHT)
    ]
    assert judge_failure("back_substitution", REGULAR, echelon=ECHELON, reduced=REDUCED) == [
        *(RIGHT, RIGHT, RIGHT, RIGHT, CRASHED, RIGHT)
    ]


def test_if_not_unique_only_back_substitution_may_refuse() -> None:
    system, echelon = SINGULAR_SYSTEM, SINGULAR_ECHELON
    outcome_list = judge_failure(
        "back_substitution", system, echelon=echelon, reduced=SINGULAR_REDUCED
    )
    assert outcome_list[4] is REFUSED
    outcome_list = judge_failure("gauss_jordan", system, echelon=echelon, x=[NAN, -INF])
    assert outcome_list[2:5] == [CRASHED, BLOCKED, DECLINED]
    assert judge_failure("gaussian_elimination", system)[0] is CRASHED


def test_a_failure_after_a_matrix_not_in_echelon_form_is_blocked() -> None:
    outcome_list = judge_failure("gauss_jordan", REGULAR, echelon=REGULAR, x=X)
    assert outcome_list[:5] == [WRONG, RIGHT, BLOCKED, BLOCKED, RIGHT]


@pytest.mark.parametrize("rows", [(), ((4.0, 3.0, 7.0),)])
def test_an_unreadable_stage_is_charged_to_its_procedure(rows: tuple[Any, ...]) -> None:
    garbled = Stage("echelon", (2, 3), rows, trouble="row 2 of echelon: 'oops' is not a number")
    judgements = judge_stages(REGULAR, garbled, REDUCED, X)
    assert outcomes(judgements) == [UNREADABLE, BLOCKED, RIGHT, RIGHT, RIGHT, BLOCKED]
    assert set(follows(judgements).values()) == {FORM}
    garbled = Stage("reduced", (2, 3), rows, trouble="unreadable")
    assert outcomes(judge_stages(REGULAR, ECHELON, garbled, X))[2:5] == [UNREADABLE, BLOCKED, RIGHT]
    garbled = Stage("solution", (2,), (), trouble="unreadable")
    assert outcomes(judge_stages(REGULAR, ECHELON, REDUCED, garbled))[4] is UNREADABLE


def test_a_stage_that_was_never_printed_is_unreadable() -> None:
    judgements = judge_stages(REGULAR, ECHELON, None, X)
    assert judgements[REDUCED_FORM].outcome is UNREADABLE
    assert judgements[REDUCED_FORM].detail == "no `reduced` was printed"


def test_results_without_a_predecessor_are_judged_by_the_system() -> None:
    failures = {"gaussian_elimination": "oops"}
    judgements = judge_stages(REGULAR, None, REDUCED, [9.0, 9.0], failures=failures)
    assert outcomes(judgements) == [CRASHED, BLOCKED, RIGHT, RIGHT, WRONG, BLOCKED]
    wrong: Matrix = [[1, 0, 9], [0, 1, 1]]
    judgements = judge_stages(REGULAR, None, wrong, X, failures=failures)
    assert outcomes(judgements) == [CRASHED, BLOCKED, RIGHT, WRONG, RIGHT, BLOCKED]


def test_garbled_numbers_are_the_substitution_s_own_fault() -> None:
    garbled = Stage("solution", (2,), (), trouble="'oops' is not a number")
    judgements = judge_stages(REGULAR, [[4, 3, 7], [1, 1, 2]], None, garbled)
    assert (judgements[FORM].outcome, judgements[SOLUTION].outcome) == (WRONG, UNREADABLE)


def test_a_false_notice_follows_no_harmless_choice_of_pivots() -> None:
    judgements = judge_stages(REGULAR, [[2, 1, 3], [0, 1, 1]], REDUCED, X, remarks=(NOTICE,))
    assert (judgements[PIVOTING].outcome, judgements[SINGULAR].outcome) == (WRONG, WRONG)


@pytest.mark.parametrize(
    "bad", [[[4, 3, 7], [0, NAN, -0.5]], [[4, 3], [0, -0.5]], [[4, 3, 7], [0, INF, -INF]]]
)
def test_a_matrix_of_another_shape_or_with_nan_blocks_the_rest(bad: Matrix) -> None:
    wrong: Matrix = [[1, 0, 9], [0, 1, 9]]
    judgements = judge_stages(REGULAR, bad, wrong, [NAN, NAN])
    assert outcomes(judgements)[:5] == [WRONG, BLOCKED, RIGHT, BLOCKED, BLOCKED]
    judgements = judge_stages(REGULAR, bad, REDUCED, X)
    assert outcomes(judgements)[:5] == [WRONG, BLOCKED, RIGHT, RIGHT, RIGHT]
    judgements = judge_stages(REGULAR, ECHELON, bad, X)
    assert outcomes(judgements)[:5] == [RIGHT, RIGHT, WRONG, BLOCKED, RIGHT]


def test_given_up_and_not_asked_neither_conform_nor_deviate() -> None:
    judgements = judge_stages(REGULAR, ending=Ending.GIVEN_UP, reason="after three hangs")
    assert outcomes(judgements) == [GIVEN_UP] * 6
    judgements = judge_stages(REGULAR, ending=Ending.NOT_ASKED, reason="too large")
    assert outcomes(judgements) == [ABSENT] * 6
    assert all(judgement.outcome.standing is Standing.NEITHER for judgement in judgements.values())


def test_procedures_that_a_listing_lacks_are_absent() -> None:
    port = {"procedures": ("gaussian_elimination", "back_substitution"), "notices": ()}
    judgements = judge_stages(REGULAR, ECHELON, None, X, port=port)
    assert outcomes(judgements) == [RIGHT, RIGHT, ABSENT, ABSENT, RIGHT, ABSENT]
    judgements = judge_stages(REGULAR, None, REDUCED, X, port={"procedures": ("gauss_jordan",)})
    assert outcomes(judgements) == [ABSENT, ABSENT, RIGHT, RIGHT, ABSENT, RIGHT]


# The notice


WIDE: Matrix = [[1, 2, 3, 6], [4, 2, 8, 14]]
TALL: Matrix = [[1, 1], [2, 2], [4, 4]]
TALL_NONE: Matrix = [[1, 1], [2, 2], [4, 5]]


@pytest.mark.parametrize(
    ("system", "echelon", "silence", "notice"),
    [
        (REGULAR, ECHELON, RIGHT, WRONG),
        (SINGULAR_SYSTEM, SINGULAR_ECHELON, WRONG, RIGHT),
        (WIDE, [[4, 2, 8, 14], [0, 1.5, 1, 2.5]], RIGHT, RIGHT),
        ([[1, 2, 3, 4], [2, 4, 6, 8]], [[2, 4, 6, 8], [0, 0, 0, 0]], WRONG, RIGHT),
        (TALL, [[4, 4], [0, 0], [0, 0]], RIGHT, WRONG),
        (TALL_NONE, [[4, 5], [0, -0.5], [0, -0.25]], RIGHT, RIGHT),
    ],
    ids=["regular", "singular", "wide", "wide, rank 1", "tall", "tall, no solution"],
)
def test_a_notice_is_due_below_full_rank_and_false_if_unique(
    system: Matrix, echelon: Matrix, silence: Outcome, notice: Outcome
) -> None:
    assert judge_stages(system, echelon)[SINGULAR].outcome is silence
    assert judge_stages(system, echelon, remarks=("col 2", NOTICE))[SINGULAR].outcome is notice
    assert judge_stages(system, echelon, errors=(f"warning: {NOTICE}",))[SINGULAR].outcome is notice


def test_a_listing_without_a_notice_needs_none() -> None:
    judgements = judge_stages(
        SINGULAR_SYSTEM, SINGULAR_ECHELON, port={"notices": ()}, remarks=(NOTICE,)
    )
    assert judgements[SINGULAR].outcome is ABSENT


# A port that stops once it has given its notice


STOPS = {"stops_at_notice": True}
HALF_DONE: Matrix = [[0, 1, 2, 3], [0, 2, 4, 7], [0, 1, 5, 6]]


@pytest.mark.parametrize(
    ("port", "expected"),
    [(STOPS, [DECLINED, RIGHT] + [DECLINED] * 3), ({}, [WRONG, RIGHT, BLOCKED, RIGHT, DECLINED])],
)
def test_a_port_that_stops_may_leave_the_matrix_half_done(
    port: dict[str, Any], expected: list[Outcome]
) -> None:
    x = [0.5, 0.5, 0.5]
    judgements = judge_stages(HALF_DONE, HALF_DONE, HALF_DONE, x, remarks=(NOTICE,), port=port)
    assert outcomes(judgements) == [*expected, RIGHT]


def test_ending_the_process_at_the_notice_is_a_refusal() -> None:
    texts: dict[str, Any] = {"ending": Ending.CRASHED, "errors": (NOTICE,), "reason": "status 1"}
    assert outcomes(judge_stages(SINGULAR_SYSTEM, **texts, port=STOPS)) == [REFUSED] * 6
    assert outcomes(judge_stages(SINGULAR_SYSTEM, **texts)) == [CRASHED] + [BLOCKED] * 4 + [RIGHT]
    texts["ending"] = Ending.HUNG
    assert outcomes(judge_stages(SINGULAR_SYSTEM, **texts, port=STOPS))[0] is HUNG


def test_stopping_despite_a_unique_solution_is_wrong() -> None:
    judgements = judge_stages(REGULAR, REGULAR, REGULAR, [0.5, 0.5], remarks=(NOTICE,), port=STOPS)
    assert outcomes(judgements) == [WRONG, RIGHT, BLOCKED, BLOCKED, BLOCKED, BLOCKED]
    assert follows(judgements)[SINGULAR] == FORM


def test_an_exception_with_the_notice_is_its_procedure_s_refusal() -> None:
    raised = {"gaussian_elimination": f"ValueError: {NOTICE}"}
    assert outcomes(judge_stages(SINGULAR_SYSTEM, failures=raised))[:5] == [REFUSED] * 5
    assert outcomes(judge_stages(REGULAR, failures=raised))[0] is WRONG
    raised = {"back_substitution": f"ValueError: {NOTICE}"}
    judgements = judge_stages(SINGULAR_SYSTEM, SINGULAR_SYSTEM, SINGULAR_REDUCED, failures=raised)
    assert (judgements[FORM].outcome, judgements[SOLUTION].outcome) == (WRONG, REFUSED)


# Numbers where there is no unique solution


@pytest.mark.parametrize(
    ("x", "texts", "outcome"),
    [
        ([1.5, 0.75], {}, SILENT),
        ([1.5, 0.75], {"remarks": (NOTICE,)}, DECLINED),
        ([NAN, 0.75], {}, DECLINED),
        ([], {}, DECLINED),
    ],
)
def test_finite_numbers_without_a_notice_are_silent(
    x: list[Value], texts: dict[str, Any], outcome: Outcome
) -> None:
    judgements = judge_stages(SINGULAR_SYSTEM, SINGULAR_ECHELON, SINGULAR_REDUCED, x, **texts)
    assert judgements[SOLUTION].outcome is outcome


RANK_ONE: Matrix = [[1, 2, 3, 6], [2, 4, 6, 12], [4, 8, 12, 24]]
RANK_ONE_ECHELON: Matrix = [[4, 8, 12, 24], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("x", "texts", "outcome", "detail"),
    [
        ([6, 0, 0], {}, DEFENSIBLE, "x is a particular solution of infinitely many"),
        ([1, 1, 1], {"remarks": (NOTICE,)}, DECLINED, f"said: {NOTICE}; x is a particular"),
        ([7, 8, 9], {"remarks": (NOTICE,)}, WRONG, "x is none of infinitely many solutions"),
        ([6], {"remarks": (NOTICE,)}, WRONG, "1 number for 3 unknowns"),
        ([7, 8, 9], {"remarks": (NOTICE,), "port": {"stops_at_notice": True}}, DECLINED, "none of"),
        ([NAN, 8, 9], {"remarks": (NOTICE,)}, DECLINED, "x is not finite"),
        ([7, 8, 9], {}, SILENT, "without a word; x is none of infinitely many solutions"),
    ],
)
def test_numbers_for_infinitely_many_solutions(
    x: list[Value], texts: dict[str, Any], outcome: Outcome, detail: str
) -> None:
    judgement = judge_stages(RANK_ONE, RANK_ONE_ECHELON, None, x, **texts)[SOLUTION]
    assert judgement.outcome is outcome
    assert detail in judgement.detail


def test_a_particular_solution_is_judged_without_an_echelon_matrix() -> None:
    port = {"procedures": ("back_substitution",), "notices": ()}
    system: Matrix = [[1, 2, 3], [2, 4, 6]]
    assert judge_stages(system, x=[3, 0], port=port)[SOLUTION].outcome is DEFENSIBLE
    assert judge_stages(system, x=[3, 1], port=port)[SOLUTION].outcome is SILENT
    assert judge_stages(SINGULAR_SYSTEM, x=[3, 0], port=port)[SOLUTION].outcome is SILENT


def test_a_particular_solution_of_a_wrong_matrix_is_blocked() -> None:
    system: Matrix = [[1, 2, 3], [2, 4, 6]]
    texts: dict[str, Any] = {"remarks": (NOTICE,)}
    judgements = judge_stages(system, [[2, 4, 9], [0, 0, 0]], None, [4.5, 0.0], **texts)
    assert (judgements[ROWS].outcome, judgements[SOLUTION].outcome) == (WRONG, BLOCKED)
    judgements = judge_stages(system, [[2, 4, 9], [0, 0, 0]], None, [7.0, 8.0], **texts)
    assert (judgements[ROWS].outcome, judgements[SOLUTION].outcome) == (WRONG, WRONG)


def test_numbers_from_a_wrong_matrix_are_blocked() -> None:
    """The elimination invented a pivot; the solution of its result is correct."""
    judgements = judge_stages(
        SINGULAR_SYSTEM, [[2, 4, 7], [0, 1, 1]], [[1, 0, 1.5], [0, 1, 1]], [1.5, 1.0]
    )
    assert outcomes(judgements)[:5] == [RIGHT, WRONG, BLOCKED, BLOCKED, BLOCKED]


# Ill-posed cases


ILL_POSED: Matrix = [[1, 1, -1, 1], [-1, 0, -1, -2], [3, 1, 1, 5]]
ILL_ECHELON: Matrix = [[3, 1, 1, 5], [0, 2 / 3, -4 / 3, -2 / 3], [0, 0, 1.1102230246251565e-16, 0]]


def test_what_rounding_decided_is_defensible_throughout() -> None:
    """Singular, but the computed last pivot is 1e-16: x solves a system within rounding."""
    identity: Matrix = [[1, 0, 0, 2], [0, 1, 0, -1], [0, 0, 1, 0]]
    judgements = judge_stages(ILL_POSED, ILL_ECHELON, identity, [2.0, -1.0, 0.0])
    assert outcomes(judgements) == [RIGHT] + [DEFENSIBLE] * 5
    assert judgements[SOLUTION].follows == ROWS


def test_a_detected_zero_is_right() -> None:
    echelon: Matrix = [*ILL_ECHELON[:2], [0, 0, 0, 0]]
    reduced: Matrix = [[1, 0, 1, 2], [0, 1, -2, -1], [0, 0, 0, 0]]
    judgements = judge_stages(ILL_POSED, echelon, reduced, [NAN, NAN, NAN], remarks=(NOTICE,))
    assert outcomes(judgements) == [RIGHT, RIGHT, RIGHT, RIGHT, DECLINED, RIGHT]


def test_a_doubtful_right_hand_side_excuses_no_missing_notice() -> None:
    """A row reads 0 = 1e-16 where 0 = 0 is due: the pivots are as they should be."""
    echelon: Matrix = [*ILL_ECHELON[:2], [0, 0, 0, 1.1102230246251565e-16]]
    reduced: Matrix = [[1, 0, 1, 2], [0, 1, -2, -1], echelon[2]]
    judgements = judge_stages(ILL_POSED, echelon, reduced, [2.0, -1.0, 0.0])
    assert outcomes(judgements) == [RIGHT] + [DEFENSIBLE] * 4 + [WRONG]


NEARLY_SINGULAR: Matrix = [[1, 1, 2], [1, 1 + 2**-52, 2]]


@pytest.mark.parametrize(
    "answer", [{"x": [NAN, NAN]}, {"x": []}, {"failures": {"back_substitution": "division by 0"}}]
)
def test_refusing_what_rounding_made_singular_is_defensible(answer: dict[str, Any]) -> None:
    lost: Matrix = [[1, 1, 2], [0, 0, 0]]
    judgements = judge_stages(NEARLY_SINGULAR, lost, lost, **answer, remarks=(NOTICE,))
    assert outcomes(judgements) == [RIGHT] + [DEFENSIBLE] * 5


def test_refusing_a_rounded_contradiction_is_defensible() -> None:
    """4 − 196·(1/49) is 4.4e-16 in doubles, so that a row reads 0 = 4.4e-16."""
    c = 4 - 196 * (1 / 49)
    judgements = judge_stages([[1, 4], [49, 196]], [[49, 196], [0, c]], [[1, 4], [0, c]], [NAN])
    assert outcomes(judgements)[:5] == [RIGHT] + [DEFENSIBLE] * 4


def test_stopping_where_a_singular_matrix_is_near_is_defensible() -> None:
    system: Matrix = [[1, 1, 1, 3], [1, 1 + 2**-52, 1, 3], [1, 1, 2, 4]]
    half: Matrix = [[1, 1, 1, 3], [0, 0, 0, 0], [0, 0, 1, 1]]
    judgements = judge_stages(system, half, half, [NAN, NAN, 1.0], remarks=(NOTICE,), port=STOPS)
    assert outcomes(judgements) == [DEFENSIBLE] * 6


# Exact arithmetic, huge numbers


def test_fractions_are_judged_exactly() -> None:
    port = {"arithmetic": Arithmetic.RATIONAL64}
    echelon: Matrix = [[4, 3, 7], [0, Fraction(-1, 2), Fraction(-1, 2)]]
    assert outcomes(judge_stages(REGULAR, echelon, REDUCED, [1, 1], port=port)) == [RIGHT] * 6
    off = Fraction(10**18 + 1, 10**18)
    assert outcomes(judge_stages(REGULAR, echelon, REDUCED, [1, off], port=port))[4] is WRONG
    assert (
        outcomes(judge_stages(REGULAR, echelon, [[1, 0, off], [0, 1, 1]], [1, 1], port=port))[3]
        is WRONG
    )


def test_fractions_beyond_the_doubles_raise_no_error() -> None:
    huge = Fraction(10**390)
    rows: Matrix = [[4, huge, 7], [huge, 1, huge]]
    judgements = judge_stages(
        REGULAR, rows, rows, [huge, -huge], port={"arithmetic": Arithmetic.RATIONAL64}
    )
    assert outcomes(judgements)[0] is WRONG
