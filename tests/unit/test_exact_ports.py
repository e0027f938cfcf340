"""Ports in exact arithmetic with integers of any size: any pivot is right, and any multiple of a
row, but no wrong number."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract
from harness.model.promises import Pivoting, Promises
from harness.model.verdict import Outcome
from harness.numerics.oracle import expect
from harness.protocol.parser import AnswerParser
from support.eliminations import NOTICE, PROCEDURES, make_case
from support.exact_eliminations import EXACT_PROGRAMS, Bareiss, CrossMultiplied
from support.factorisations import PROCEDURES as FACTORISATION_PROCEDURES
from support.factorisations import Factorisation
from support.faulty_eliminations import ELIMINATION_FAULTS, LeavesResidue
from support.faulty_factorisations import FACTORISATION_FAULTS
from support.faulty_reductions import REDUCTION_FAULTS
from support.faulty_substitutions import SUBSTITUTION_FAULTS
from support.random_systems import (
    rectangular_system,
    regular_system,
    singular_system,
)

if TYPE_CHECKING:
    from harness.model.case import Case
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected
    from support.eliminations import Matrix, Program
    from support.faulty_eliminations import Faulty

CASES = {case.name: case for case in load_cases([Path(__file__).parents[2] / "cases"])}
SMALL = [
    case
    for case in CASES.values()
    if case.rows <= 4 and case.unknowns <= 4 and case.right_hand_sides == 1
]
ANY = Promises(pivoting=Pivoting.ANY)
FAULTS = (*ELIMINATION_FAULTS, *REDUCTION_FAULTS, *SUBSTITUTION_FAULTS)


@cache
def compute_expected(name: str) -> Expected:
    return expect(CASES[name], Arithmetic.RATIONAL)


def judge_transcript(
    transcript: Transcript, expected: Expected, procedures: tuple[str, ...] = PROCEDURES
) -> list[Judgement]:
    """Return the judgements on a port that promises nothing about its pivots."""
    contract = Contract(Arithmetic.RATIONAL, procedures, (NOTICE,), promises=ANY)
    return list(judge(contract, expected, transcript))


def list_accusations(program: type[Program], case: Case, expected: Expected) -> list[Judgement]:
    """Return the judgements on a correct program that are not those of a right answer."""
    transcript = program().make_transcript(case, Arithmetic.RATIONAL)
    conforming = (Outcome.RIGHT, Outcome.REFUSED, Outcome.DECLINED, Outcome.ABSENT)
    judgements = judge_transcript(transcript, expected)
    return [each for each in judgements if each.outcome not in conforming]


# Correct programs


@pytest.mark.parametrize("program", EXACT_PROGRAMS)
def test_no_exact_elimination_deviates_on_the_corpus(program: type[Program]) -> None:
    for case in SMALL:
        assert not list_accusations(program, case, compute_expected(case.name)), case.name


@pytest.mark.parametrize("program", EXACT_PROGRAMS)
def test_no_exact_elimination_deviates_on_random_systems(program: type[Program]) -> None:
    random = np.random.default_rng([*program.__name__.encode()])
    make = (singular_system, regular_system, rectangular_system)
    for number in range(15):
        case = make[number % len(make)](random)
        rows = [[value.exact / int(random.integers(1, 9)) for value in row] for row in case.system]
        divided = make_case(rows)
        assert not list_accusations(program, divided, expect(divided, Arithmetic.RATIONAL))


class FirstEntry(Factorisation):
    """Takes the first entry that is not 0."""

    def pivot_row(self, work: Matrix, k: int) -> int:
        return next((i for i in range(k, len(work)) if work[i][k] != 0), k)


@pytest.mark.parametrize("program", [Factorisation, FirstEntry])
def test_the_size_of_a_multiplier_does_not_matter(program: type[Factorisation]) -> None:
    for case in SMALL:
        transcript = program().make_transcript(case, Arithmetic.RATIONAL)
        expected = compute_expected(case.name)
        judgements = judge_transcript(transcript, expected, FACTORISATION_PROCEDURES)
        assert not [each for each in judgements if each.outcome.deviates], case.name


# Faulty programs


@pytest.mark.parametrize("fault", [each for each in FAULTS if each is not LeavesResidue])
def test_every_fault_deviates_in_exact_arithmetic(fault: type[Faulty]) -> None:
    """A residue is the rounding error of an entry that exact arithmetic makes 0."""
    name, check = fault.killed_by
    transcript = fault().make_transcript(CASES[name], Arithmetic.RATIONAL)
    judgements = judge_transcript(transcript, compute_expected(name))
    deviating = {str(each.check) for each in judgements if each.outcome.deviates}
    for case in SMALL if check not in deviating else ():
        transcript = fault().make_transcript(case, Arithmetic.RATIONAL)
        judgements = judge_transcript(transcript, compute_expected(case.name))
        deviating |= {str(each.check) for each in judgements if each.outcome.deviates}
    assert check in deviating


@pytest.mark.parametrize(
    "change", [Fraction(1, 10**30), Fraction(10**30)], ids=["a tiny change", "a huge change"]
)
def test_a_changed_entry_is_wrong(change: Fraction) -> None:
    case = CASES["archive-example-3-2-4"]
    for label, check in (("echelon", "echelon.rows"), ("reduced", "reduced.rows")):
        transcript = Bareiss().make_transcript(case, Arithmetic.RATIONAL)
        stage = transcript.stages[label]
        rows = [list(row) for row in stage.rows]
        rows[1][-1] += change
        changed = replace(stage, rows=tuple(map(tuple, rows)))
        stages = {**transcript.stages, label: changed}
        judgements = judge_transcript(
            replace(transcript, stages=stages), compute_expected(case.name)
        )
        outcomes = {str(each.check): each.outcome for each in judgements}
        assert outcomes[check] is Outcome.WRONG


def test_a_promise_of_the_largest_pivot_is_kept_to_in_exact_arithmetic() -> None:
    case = make_case([[1, 2, 3], [3, 1, 4]])
    transcript = Bareiss().make_transcript(case, Arithmetic.RATIONAL)
    expected = expect(case, Arithmetic.RATIONAL)
    for promises, outcome in ((ANY, Outcome.RIGHT), (Promises(), Outcome.WRONG)):
        contract = Contract(Arithmetic.RATIONAL, PROCEDURES, (NOTICE,), promises=promises)
        judgements = judge(contract, expected, transcript)
        outcomes = {str(each.check): each.outcome for each in judgements}
        assert outcomes["echelon.pivoting"] is outcome


# Long numbers


def print_answer(transcript: Transcript) -> Transcript:
    """Return an answer as it is read when a driver has printed it."""
    parser = AnswerParser("a-case", 10_000)
    lines = ["case a-case"]
    for label, stage in transcript.stages.items():
        lines.append(f"{label} {' '.join(map(str, stage.shape))}")
        lines += [" ".join(map(str, row)) for row in stage.rows]
    for line in (*lines, "end a-case"):
        parser.feed(line)
    return replace(transcript, stages=parser.stages)


@pytest.mark.parametrize("program", [Bareiss, CrossMultiplied])
def test_numbers_of_hundreds_of_digits_are_judged(program: type[Program]) -> None:
    random = np.random.default_rng(600)
    rows = random.integers(-9, 9, (11, 12)).tolist()
    case = make_case([[int(value) for value in row] for row in rows])
    transcript = print_answer(program().make_transcript(case, Arithmetic.RATIONAL))
    longest = max(len(str(v)) for row in transcript.stages["echelon"].rows for v in row)
    assert longest > (10 if program is Bareiss else 600)
    expected = expect(case, Arithmetic.RATIONAL)
    assert not [j for j in judge_transcript(transcript, expected) if j.outcome is not Outcome.RIGHT]
    stage = transcript.stages["echelon"]
    last = (*stage.rows[-1][:-1], stage.rows[-1][-1] + Fraction(1))
    stages = {**transcript.stages, "echelon": replace(stage, rows=(*stage.rows[:-1], last))}
    outcomes = {
        str(each.check): each.outcome
        for each in judge_transcript(replace(transcript, stages=stages), expected)
    }
    assert outcomes["echelon.rows"] is Outcome.WRONG


def test_numbers_too_long_to_compute_with_are_unreadable() -> None:
    size = 12
    digits = [Fraction(10**3_900 + i, 10**3_900 + 7 * i + 1) for i in range(size * (size + 1))]
    rows = tuple(tuple(digits[i * size : (i + 1) * size + 1]) for i in range(size))
    case = make_case([[int(i == j) for j in range(size + 1)] for i in range(size)])
    stages = {"echelon": Stage("echelon", (size, size + 1), rows)}
    transcript = Transcript("a-case", Ending.COMPLETED, stages, acknowledged=True)
    judgements = judge_transcript(transcript, expect(case, Arithmetic.RATIONAL))
    outcomes = {str(each.check): each for each in judgements}
    assert outcomes["echelon.form"].outcome is Outcome.UNREADABLE
    assert "too many to compute with" in outcomes["echelon.form"].detail


def test_no_case_is_left_out_for_the_size_of_its_numbers() -> None:
    case = make_case([[Fraction(2**70, 3), 1], [1, Fraction(1, 3**50)]])
    assert case.is_representable(Arithmetic.RATIONAL)
    assert not case.is_representable(Arithmetic.RATIONAL64)
    assert f"{2**70}/3".encode() in case.format_request(Arithmetic.RATIONAL)


def test_what_holds_for_short_fractions_holds_for_long_ones() -> None:
    """`solutions: {rational64: unique}` declares the solutions of both."""
    for case in SMALL:
        if Arithmetic.RATIONAL64 in case.solutions:
            declared = case.solutions[Arithmetic.RATIONAL64]
            assert compute_expected(case.name).solutions is declared


@pytest.mark.parametrize("fault", FACTORISATION_FAULTS)
def test_every_faulty_factorisation_deviates_in_exact_arithmetic(
    fault: type[Factorisation],
) -> None:
    name, check = fault.killed_by
    deviating: set[str] = set()
    for case in (CASES[name], *SMALL):
        transcript = fault().make_transcript(case, Arithmetic.RATIONAL)
        expected = compute_expected(case.name)
        judgements = judge_transcript(transcript, expected, FACTORISATION_PROCEDURES)
        deviating |= {str(each.check) for each in judgements if each.outcome.deviates}
        if deviating:
            return
    assert deviating, check
