"""A port's claims: refusals, classes of solutions, singular systems, shapes and sizes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract
from harness.model.port_claim import PortClaim
from harness.model.promises import ForProcedures, Pivoting, Promises, Singular, ZeroTolerance
from harness.model.scope import Shape, Sizes
from harness.model.verdict import Outcome
from harness.numerics.oracle import expect
from harness.procedures.registry import PROCEDURES
from support.eliminations import make_case, make_elimination_port
from support.random_systems import FAMILIES, random_system
from support.subset_driver import SubsetDriver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.case import Case
    from harness.model.verdict import Judgement

BINARY = Arithmetic.BINARY64
REGULAR = [[2, 1, 3], [1, 3, 5]]
NO_SOLUTION = [[1, 2, 3], [2, 4, 7]]
MANY_SOLUTIONS = [[1, 2, 3], [2, 4, 6]]
TALL = [[1, 0, 1], [0, 1, 2], [1, 1, 3]]
TALL_WITHOUT_SOLUTION = [[1, 0, 1], [0, 1, 2], [1, 1, 4]]
WIDE = [[1, 2, 3, 6], [0, 1, 1, 2]]
BADLY_ROUNDED = [[0.1, 0.2, 1], [0.3, 0.6, 2]]
HIDDEN = [[1, 1, -1, 1], [-1, 0, -1, -2], [3, 1, 1, 5]]
"""A singular system that is regular after elimination in doubles (docs/verdicts.md)."""

EVERY = Promises(shapes=ForProcedures(tuple(Shape)))
REFUSING = ("back_substitution", "solve", "inverse", "lu", "gaussian_elimination", "tridiagonal")
CORPUS = tuple(
    case
    for case in load_cases([Path(__file__).parents[2] / "cases"])
    if case.rows <= 12 and case.right_hand_sides == 1
)
CASES = {case.name: case for case in CORPUS}


def judge_port(
    system: Case | Sequence[Sequence[float]],
    procedures: tuple[str, ...] = ("solve",),
    promises: Promises | None = None,
    **answer: Any,
) -> dict[str, Judgement]:
    """Return the judgements on a port with these procedures and this answer, by check."""
    case = make_case(system) if isinstance(system, list) else system
    port = make_elimination_port(procedures=procedures, notices=())
    port = replace(port, promises=promises or Promises())
    transcript = Transcript(case.name, Ending.COMPLETED, **answer)
    judgements = judge(port.contract, expect(case, port.arithmetic), transcript)
    return {judgement.check: judgement for judgement in judgements}


def print_x(label: str, x: Sequence[float]) -> dict[str, Stage]:
    shape = (len(x), 1) if label == "solve" else (len(x),)
    return {label: Stage(label, shape, tuple((float(value),) for value in x))}


def refuse(procedure: str, message: str = "returned -1") -> dict[str, dict[str, str]]:
    return {"refusals": {procedure: message}}


class TestReturnedRefusals:
    @pytest.mark.parametrize("procedure", REFUSING)
    def test_it_is_right_without_a_unique_solution(self, procedure: str) -> None:
        check = PROCEDURES[procedure].check
        judgement = judge_port(NO_SOLUTION, (procedure,), **refuse(procedure))[check]
        assert judgement.outcome is Outcome.REFUSED
        assert judgement.detail.startswith("refused: returned -1; ")

    @pytest.mark.parametrize("procedure", REFUSING)
    def test_it_is_wrong_where_there_is_one(self, procedure: str) -> None:
        check = PROCEDURES[procedure].check
        judgement = judge_port(REGULAR, (procedure,), **refuse(procedure))[check]
        assert judgement.outcome is Outcome.WRONG

    @pytest.mark.parametrize("procedure", ["back_substitution", "solve", "inverse", "lu"])
    def test_it_is_defensible_within_rounding(self, procedure: str) -> None:
        check = PROCEDURES[procedure].check
        judgement = judge_port(CASES["hilbert-12"], (procedure,), **refuse(procedure))[check]
        assert judgement.outcome is Outcome.DEFENSIBLE

    @pytest.mark.parametrize("message", ["", "NULL", "an empty vector", "IndexError: 0"])
    @pytest.mark.parametrize("name", PROCEDURES)
    def test_it_is_never_a_crash(self, name: str, message: str) -> None:
        for system in (REGULAR, NO_SOLUTION, MANY_SOLUTIONS, TALL, WIDE, [[0, 0]]):
            for judgement in judge_port(system, (name,), **refuse(name, message)).values():
                assert judgement.outcome is not Outcome.CRASHED, (system, judgement)

    def test_what_worked_on_its_result_is_not_due(self) -> None:
        procedures = ("lu", "forward_substitution", "backward_substitution")
        judgements = judge_port(NO_SOLUTION, procedures, **refuse("lu"))
        assert judgements["lu.permutation"].outcome is Outcome.REFUSED
        assert not any(judgement.outcome.deviates for judgement in judgements.values())


class TestStatedSolutions:
    CLAIMS = Promises(no_solution=("returned -1",), many_solutions=("returned -2",))

    @pytest.mark.parametrize("procedure", ["back_substitution", "solve"])
    @pytest.mark.parametrize(
        ("system", "message", "outcome", "claim"),
        [
            (NO_SOLUTION, "returned -1", Outcome.REFUSED, PortClaim.NO_SOLUTION),
            (NO_SOLUTION, "returned -2", Outcome.WRONG, PortClaim.MANY_SOLUTIONS),
            (MANY_SOLUTIONS, "returned -2", Outcome.REFUSED, PortClaim.MANY_SOLUTIONS),
            (MANY_SOLUTIONS, "returned -1", Outcome.WRONG, PortClaim.NO_SOLUTION),
            (MANY_SOLUTIONS, "returned -3", Outcome.REFUSED, None),
            (REGULAR, "returned -1", Outcome.WRONG, None),
            (BADLY_ROUNDED, "returned -2", Outcome.DEFENSIBLE, None),
        ],
    )
    def test_none_and_many_are_told_apart(
        self,
        procedure: str,
        system: list[list[float]],
        message: str,
        outcome: Outcome,
        claim: PortClaim | None,
    ) -> None:
        check = PROCEDURES[procedure].check
        judgement = judge_port(system, (procedure,), self.CLAIMS, **refuse(procedure, message))
        claims = (claim,) if claim else ()
        assert (judgement[check].outcome, judgement[check].claims) == (outcome, claims)

    def test_the_detail_names_both(self) -> None:
        answer = refuse("solve", "returned -1")
        judgement = judge_port(MANY_SOLUTIONS, promises=self.CLAIMS, **answer)["solve.value"]
        assert judgement.detail == (
            "said: returned -1, which states that there is no solution; "
            "there are infinitely many solutions"
        )

    def test_the_inverse_has_nothing_to_state(self) -> None:
        answer = refuse("inverse", "returned -2")
        judgement = judge_port(NO_SOLUTION, ("inverse",), self.CLAIMS, **answer)["inverse.value"]
        assert judgement.outcome is Outcome.REFUSED


class TestSingular:
    REFUSES = Promises(singular=ForProcedures(Singular.REFUSES))
    CONTINUES = Promises(singular=ForProcedures(None, (("solve", Singular.CONTINUES),)))

    def test_a_claimed_refusal_is_kept(self) -> None:
        judgement = judge_port(NO_SOLUTION, promises=self.REFUSES, **refuse("solve"))["solve.value"]
        assert (judgement.outcome, judgement.claims) == (Outcome.REFUSED, (PortClaim.SINGULAR,))

    @pytest.mark.parametrize("x", [[3.0, 0.0], [np.inf, np.nan]])
    def test_numbers_break_the_claim(self, x: list[float]) -> None:
        answer = {"stages": print_x("solve", x)}
        kept = judge_port(MANY_SOLUTIONS, **answer)["solve.value"]
        broken = judge_port(MANY_SOLUTIONS, promises=self.REFUSES, **answer)["solve.value"]
        assert not kept.outcome.deviates
        assert (broken.outcome, broken.claims) == (Outcome.WRONG, (PortClaim.SINGULAR,))
        assert broken.detail.startswith("solve is claimed to refuse such a system, and gives a")

    def test_rounding_may_hide_that_a_is_singular(self) -> None:
        answer = {"stages": print_x("solve", [1.0, 1.0, 1.0])}
        assert expect(make_case(HIDDEN), BINARY).reduced.rank == 2
        judgement = judge_port(HIDDEN, promises=self.REFUSES, **answer)["solve.value"]
        assert (judgement.outcome, judgement.claims) == (Outcome.DEFENSIBLE, ())

    @pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
    def test_a_common_claim_is_about_solving_and_inverting_alone(self, case: Case) -> None:
        """A singular matrix has a rank, a determinant, factors and a least-squares solution."""
        if not case.is_representable(BINARY):
            return
        expected = expect(case, BINARY)
        transcript = SubsetDriver(tuple(PROCEDURES), case, BINARY).run()
        contract = Contract(BINARY, tuple(PROCEDURES), ("The matrix is singular.",))
        promising = replace(contract, promises=self.REFUSES)
        pairs = zip(
            judge(contract, expected, transcript),
            judge(promising, expected, transcript),
            strict=True,
        )
        solving = {name for name in PROCEDURES if PROCEDURES[name].has_no_singular_result}
        assert solving == {"back_substitution", "solve", "inverse", "tridiagonal"}
        checks = {PROCEDURES[name].check for name in solving}
        for plain, judgement in pairs:
            assert judgement == plain or judgement.check in checks

    def test_a_procedure_that_continues_has_a_limit(self) -> None:
        answer = {"stages": print_x("solve", [7.0, 8.0])}
        fault = judge_port(NO_SOLUTION, **answer)["solve.value"]
        limit = judge_port(NO_SOLUTION, promises=self.CONTINUES, **answer)["solve.value"]
        assert fault.outcome is Outcome.SILENT
        assert (limit.outcome, limit.claims) == (Outcome.LIMIT, (PortClaim.SINGULAR,))
        assert not limit.outcome.deviates

    def test_it_excuses_nothing_where_there_is_one(self) -> None:
        answer = {"stages": print_x("solve", [7.0, 8.0])}
        judgement = judge_port(REGULAR, promises=self.CONTINUES, **answer)["solve.value"]
        assert judgement.outcome is Outcome.WRONG


class TestLimits:
    def test_a_tolerance_that_costs_a_pivot_is_a_limit(self) -> None:
        promises = Promises(zero_tolerance=ZeroTolerance(Fraction(1, 10**6)))
        small = [[1e-8, 0, 1], [0, 1, 1]]
        fault = judge_port(small, **refuse("solve", "singular"))["solve.value"]
        limit = judge_port(small, promises=promises, **refuse("solve", "singular"))["solve.value"]
        assert fault.outcome is Outcome.WRONG
        assert (limit.outcome, limit.claims) == (Outcome.LIMIT, (PortClaim.ZERO_TOLERANCE,))

    def test_no_pivoting_that_ends_at_a_zero_is_a_limit(self) -> None:
        promises = Promises(pivoting=Pivoting.NONE)
        judgement = judge_port([[0, 1, 1], [1, 0, 1]], promises=promises, **refuse("solve"))
        assert judgement["solve.value"].outcome is Outcome.LIMIT
        assert judgement["solve.value"].claims == (PortClaim.PIVOTING,)


class TestScope:
    SQUARE = Promises(shapes=ForProcedures((Shape.SQUARE,)))
    SMALL = Promises(sizes=ForProcedures(None, (("solve", Sizes(3, 4)),)))

    def test_other_shapes_are_not_judged(self) -> None:
        judgement = judge_port(TALL, ("back_substitution",), self.SQUARE)["solution.value"]
        assert (judgement.outcome, judgement.claims) == (Outcome.ABSENT, (PortClaim.SHAPES,))
        assert judgement.detail == "claimed for square systems only"
        assert judge_port(REGULAR, ("back_substitution",), self.SQUARE)[
            "solution.value"
        ].outcome.deviates

    def test_other_sizes_are_not_judged(self) -> None:
        judgement = judge_port(REGULAR, ("solve",), self.SMALL)["solve.value"]
        assert (judgement.outcome, judgement.claims) == (Outcome.ABSENT, (PortClaim.SIZES,))
        assert judgement.detail == "claimed for 3..4 unknowns only"

    def test_solve_takes_square_systems_unless_it_claims_others(self) -> None:
        answer = {"stages": print_x("solve", [1.0, 2.0])}
        assert judge_port(TALL, **answer)["solve.value"].outcome is Outcome.ABSENT
        assert judge_port(TALL, promises=EVERY, **answer)["solve.value"].outcome is Outcome.RIGHT

    def test_a_notice_answers_nothing_that_is_not_asked(self) -> None:
        notice = {"remarks": ("The matrix is singular.",)}
        case = make_case(WIDE)
        port = make_elimination_port(procedures=("gaussian_elimination", "solve"))
        transcript = Transcript(case.name, Ending.COMPLETED, **notice)
        judgements = judge(port.contract, expect(case, BINARY), transcript)
        assert {j.check: j for j in judgements}["solve.value"].outcome is Outcome.ABSENT

    @pytest.mark.parametrize(
        ("system", "x", "outcome"),
        [
            (TALL, [1, 2], Outcome.RIGHT),
            (TALL, [1, 3], Outcome.WRONG),
            (TALL_WITHOUT_SOLUTION, [1, 2], Outcome.SILENT),
            (TALL_WITHOUT_SOLUTION, None, Outcome.REFUSED),
            (TALL, None, Outcome.WRONG),
            (WIDE, [2, 2, 0], Outcome.DEFENSIBLE),
            (WIDE, [1, 1, 0], Outcome.SILENT),
            (WIDE, None, Outcome.REFUSED),
        ],
    )
    def test_solve_of_any_shape(
        self, system: list[list[float]], x: list[float] | None, outcome: Outcome
    ) -> None:
        answer = refuse("solve") if x is None else {"stages": print_x("solve", x)}
        assert judge_port(system, promises=EVERY, **answer)["solve.value"].outcome is outcome

    def test_each_right_hand_side_is_judged(self) -> None:
        case = replace(make_case([[*row, 0] for row in TALL]), right_hand_sides=2)
        stage = Stage("solve", (2, 2), ((1.0, 0.0), (2.0, 5.0)))
        judgement = judge_port(case, promises=EVERY, stages={"solve": stage})["solve.value"]
        assert judgement.outcome is Outcome.WRONG
        assert judgement.detail.startswith("column 2: ")
        assert set(judgement.entries) <= {(0, 1), (1, 1)}


class TestFormsOfDeclaration:
    """The same x, or the same refusal, has the same verdict as `solve` and as `solution`."""

    @pytest.mark.parametrize("procedure", ["back_substitution", "solve"])
    @pytest.mark.parametrize("message", ["the pivot is too small", "returned -1", "singular"])
    @pytest.mark.parametrize("kind", ["failures", "refusals"])
    def test_a_refusal_of_hilbert_12_is_defensible(
        self, procedure: str, message: str, kind: str
    ) -> None:
        answer = {kind: {procedure: message}}
        judgement = judge_port(CASES["hilbert-12"], (procedure,), **answer)
        assert judgement[PROCEDURES[procedure].check].outcome is Outcome.DEFENSIBLE

    def assert_alike(self, case: Case, answer: Sequence[float] | str) -> None:
        outcomes = []
        for procedure, label in (("solve", "solve"), ("back_substitution", "solution")):
            given = (
                refuse(procedure, answer)
                if isinstance(answer, str)
                else {"stages": print_x(label, answer)}
            )
            judgements = judge_port(case, (procedure,), EVERY, **given)
            judgement = judgements[PROCEDURES[procedure].check]
            outcomes.append((judgement.outcome, judgement.detail))
        assert outcomes[0] == outcomes[1], case.name

    def list_answers(self, case: Case) -> list[list[float] | str]:
        """Return the x of NumPy, wrong ones, none that is finite, and a refusal."""
        rows = np.array(
            [[float(value) for value in row] for row in case.build_input_matrix(BINARY)]
        )
        x = np.linalg.lstsq(rows[:, :-1], rows[:, -1], rcond=None)[0]
        others = [x * (1 + 1e-9), x + 1, np.zeros(len(x)), np.full(len(x), np.nan)]
        return [list(map(float, each)) for each in (x, *others)] + ["returned NULL"]

    @pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
    def test_on_the_corpus(self, case: Case) -> None:
        if case.is_representable(BINARY):
            for answer in self.list_answers(case):
                self.assert_alike(case, answer)

    @pytest.mark.parametrize("family", FAMILIES)
    def test_on_random_systems(self, family: str) -> None:
        rng = np.random.default_rng(1)
        for _ in range(10):
            case = make_case(random_system(rng, family).tolist())
            for answer in self.list_answers(case):
                self.assert_alike(case, answer)
