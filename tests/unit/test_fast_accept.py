"""Every answer that `accept` accepts is right in every check, and it accepts nearly all right ones.

The programs are the correct and faulty ones of the other modules. Random systems have fixed seeds.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from harness.judging.fast_accept import (
    ACCEPT_BY_ARITHMETIC,
    MAXIMUM_ENTRY,
    MAXIMUM_ORDER,
    accept,
)
from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.verdict import Outcome
from harness.numerics.oracle import expect
from support.eliminations import (
    CORRECT_PROGRAMS,
    LastMaximum,
    Program,
    make_case,
    make_elimination_port,
    make_matrix_stage,
)
from support.equivalent_eliminations import EQUIVALENT_PROGRAMS
from support.faulty_eliminations import ELIMINATION_FAULTS
from support.faulty_pivoting import PIVOTING_FAULTS
from support.faulty_reductions import REDUCTION_FAULTS
from support.faulty_substitutions import SUBSTITUTION_FAULTS

FAULTS = (*PIVOTING_FAULTS, *ELIMINATION_FAULTS, *REDUCTION_FAULTS, *SUBSTITUTION_FAULTS)
PROGRAMS = (*CORRECT_PROGRAMS, *EQUIVALENT_PROGRAMS, *FAULTS)

Systems = NDArray[np.int64]


def random_systems(random: Generator, count: int, rows: int) -> Systems:
    """Integers from -9 to 9."""
    return random.integers(-9, 10, (count, rows, rows + 1))


def nearly_singular(random: Generator, count: int, rows: int) -> Systems:
    """Large integers; the last row is exactly or nearly a sum of the others."""
    systems = random.integers(-MAXIMUM_ENTRY, MAXIMUM_ENTRY, (count, rows, rows + 1)) // rows
    systems[:, -1] = systems[:, :-1].sum(axis=1) + random.integers(-1, 2, (count, rows + 1))
    return systems


def with_few_entries(random: Generator, count: int, rows: int) -> Systems:
    """Mostly zeros and ones: many ties, many pivots of 0, half of the systems are singular."""
    return random.integers(-1, 2, (count, rows, rows + 1))


FAMILIES = (random_systems, nearly_singular, with_few_entries)


def make_answers(
    program: type[Program], systems: Systems, arithmetic: Arithmetic = Arithmetic.BINARY64
) -> list[Transcript]:
    return [program().make_transcript(make_case(rows), arithmetic) for rows in systems.tolist()]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("arithmetic", ACCEPT_BY_ARITHMETIC)
def test_accepted_answers_are_right(program: type[Program], arithmetic: Arithmetic) -> None:
    random = np.random.default_rng(17)
    port = make_elimination_port(arithmetic)
    for family in FAMILIES:
        for rows in range(1, MAXIMUM_ORDER + 1):
            systems = family(random, 4, rows)
            transcripts = make_answers(program, systems, arithmetic)
            for system, answer, accepted in zip(
                systems.tolist(),
                transcripts,
                accept(port.contract, systems, transcripts),
                strict=True,
            ):
                if accepted:
                    judgements = judge(port.contract, expect(make_case(system), arithmetic), answer)
                    assert {judgement.outcome for judgement in judgements} <= {
                        Outcome.RIGHT,
                        Outcome.ABSENT,
                    }


@pytest.mark.parametrize("program", [Program, LastMaximum])
@pytest.mark.parametrize("arithmetic", ACCEPT_BY_ARITHMETIC)
@pytest.mark.parametrize("rows", [1, 2, 3, 6])
def test_nearly_all_right_regular_answers_are_accepted(
    program: type[Program], arithmetic: Arithmetic, rows: int
) -> None:
    systems = random_systems(np.random.default_rng(rows), 300, rows)
    determinants = np.linalg.det(systems[:, :, :rows].astype(float))
    regular = systems[np.abs(determinants) > 0.5]
    transcripts = make_answers(program, regular, arithmetic)
    assert sum(
        accept(make_elimination_port(arithmetic).contract, regular, transcripts)
    ) >= 0.97 * len(regular)


class TestWhatIsNotAccepted:
    """Answers that would be accepted but for one difference."""

    SYSTEM = np.array([[[2, 1, 3], [1, 3, 5]]])

    @pytest.fixture
    def answer(self) -> Transcript:
        (answer,) = make_answers(Program, self.SYSTEM)
        assert self.is_accepted(answer)
        return answer

    def is_accepted(self, answer: Transcript) -> bool:
        (accepted,) = accept(make_elimination_port().contract, self.SYSTEM, [answer])
        return accepted

    @pytest.mark.parametrize(
        "change",
        [
            {"remarks": ("The matrix is singular.",)},
            {"errors": ("warning",)},
            {"failures": {"back_substitution": "no"}},
            {"ending": Ending.CRASHED},
            {"stages": {}},
        ],
    )
    def test_an_answer_with_messages_or_without_an_end(
        self, answer: Transcript, change: dict[str, object]
    ) -> None:
        assert not self.is_accepted(replace(answer, **change))  # type: ignore[arg-type]

    @pytest.mark.parametrize("label", ["echelon", "reduced", "solution"])
    def test_an_answer_with_one_entry_that_is_off(self, answer: Transcript, label: str) -> None:
        stage = answer.stages[label]
        for value in (7.0, float("nan"), float("inf"), Fraction(1, 3)):
            rows = [list(row) for row in stage.rows]
            rows[-1][-1] = value
            changed = replace(stage, rows=tuple(map(tuple, rows)))
            assert not self.is_accepted(replace(answer, stages={**answer.stages, label: changed}))

    def test_an_answer_with_a_stage_that_cannot_be_read(self, answer: Transcript) -> None:
        for stage in (
            Stage("echelon", (2, 3), trouble="no number"),
            make_matrix_stage("echelon", [[2.0, 1.0, 3.0]]),
            replace(answer.stages["echelon"], half_units=((0.5,) * 3,) * 2),
        ):
            assert not self.is_accepted(replace(answer, stages={**answer.stages, "echelon": stage}))

    def test_one_changed_answer_among_others(self, answer: Transcript) -> None:
        changed = replace(answer, errors=("warning",))
        systems = np.repeat(self.SYSTEM, 3, axis=0)
        assert accept(make_elimination_port().contract, systems, [answer, changed, answer]) == [
            True,
            False,
            True,
        ]

    def test_systems_that_are_not_square_small_or_of_few_rows(self, answer: Transcript) -> None:
        for shape in ((1, 2, 4), (1, 3, 3), (1, MAXIMUM_ORDER + 1, MAXIMUM_ORDER + 2)):
            assert accept(make_elimination_port().contract, np.ones(shape, np.int64), [answer]) == [
                False
            ]
        assert accept(make_elimination_port().contract, self.SYSTEM * MAXIMUM_ENTRY, [answer]) == [
            False
        ]

    def test_ports_with_further_procedures(self, answer: Transcript) -> None:
        port = make_elimination_port(procedures=("gaussian_elimination", "gauss_jordan", "rank"))
        assert accept(port.contract, self.SYSTEM, [answer]) == [False]

    def test_no_answers_at_all(self) -> None:
        assert accept(make_elimination_port().contract, np.zeros((0, 2, 3), np.int64), []) == []
