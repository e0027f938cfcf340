"""Exact numbers have a bounded cost: those of cases, and those that ports print."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import CaseError
from harness.inputs.cases import load_cases
from harness.judging.judge import judge
from harness.judging.readings import round_stage
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic, Case, Kind
from harness.model.number import Number
from harness.model.verdict import Outcome
from harness.numerics import exact_cost, rational
from harness.numerics.exact_cost import count_bits, is_affordable
from harness.numerics.oracle import expect
from harness.numerics.precision import BINARY32, BINARY64
from harness.results.case_builder import build_case_record
from harness.results.numbers import format_value
from support.eliminations import make_case
from support.factorisations import Factorisation, make_factorisation_port, make_stage
from support.random_systems import FAMILIES, random_system

CORPUS = load_cases([Path(__file__).parents[2] / "cases"])
BINARY, RATIONAL = Arithmetic.BINARY64, Arithmetic.RATIONAL64
HUGE = Fraction(10**399, 7)


def make_ratios(size: int, digits: int) -> list[list[Fraction]]:
    """Return a system of random ratios with that many digits, size × (size + 1)."""
    random = Random(size * digits)
    smallest, largest = 10 ** (digits - 1), 10**digits
    return [
        [
            Fraction(random.randrange(smallest, largest), random.randrange(smallest, largest))
            for _ in range(size + 1)
        ]
        for _ in range(size)
    ]


def make_exact_case(rows: list[list[Fraction]]) -> Case:
    system = tuple(tuple(map(Number.from_fraction, row)) for row in rows)
    return Case("ratios", Kind.REGULAR, "Why.", "cases.yaml:3", system, 1, {})


class TestCases:
    @given(st.integers(1, 6), st.integers(1, 30))
    def test_no_number_of_the_solution_has_more_bits_than_counted(
        self, size: int, digits: int
    ) -> None:
        rows = make_ratios(size, digits)
        reduced = rational.from_rows(rows).rref()[0]
        bits = max(max(abs(v.p), v.q).bit_length() for v in reduced.entries())
        assert bits <= count_bits(rows) + size * size.bit_length()

    def test_the_corpus_is_affordable(self) -> None:
        for case in CORPUS:
            for arithmetic in (BINARY, RATIONAL):
                assert is_affordable(case.build_input_matrix(arithmetic)), case.name

    def test_a_case_that_is_too_long_is_refused_with_its_place(self) -> None:
        case = make_exact_case(make_ratios(40, 195))
        started = time.process_time()
        with pytest.raises(CaseError) as refused:
            expect(case, BINARY)
        assert time.process_time() - started < 2
        pattern = (
            r"cases\.yaml:3: the exact solution of case ratios may have 3\d\d,\d{3} digits, "
            "too many to compute"
        )
        assert re.fullmatch(pattern, refused.value.message)
        assert refused.value.hint

    def test_doubles_far_from_each_other_are_refused_too(self) -> None:
        entries = [[Fraction(2) ** ((i * j) % 2000 - 1000) for j in range(151)] for i in range(150)]
        assert not is_affordable(entries)

    @pytest.mark.parametrize(("size", "digits"), [(20, 150), (40, 40), (10, 390)])
    def test_what_is_affordable_takes_seconds(self, size: int, digits: int) -> None:
        rows = make_ratios(size, digits)
        assert is_affordable(rows)
        started = time.process_time()
        rational.from_rows(rows).rref()
        assert time.process_time() - started < 15

    def test_a_longer_system_costs_more(self) -> None:
        costs = [count_bits(make_ratios(size, 20)) for size in (2, 4, 8)]
        assert costs == sorted(costs)

    def test_rows_without_pivot_cost_nothing(self) -> None:
        row = [Fraction(1, 3), Fraction(2)]
        assert count_bits([row] * 1_000) == 2 * exact_cost.count_row_bits(row)

    def test_results_of_more_digits_than_python_prints_are_recorded(self) -> None:
        """12 × 12 entries of 1e±300 have results with thousands of digits."""
        random = Random(1)
        entries = ["1e300", "1e-300", "-1e300", "3e-300", "7e299"]
        system = [[Fraction(random.choice(entries)) for _ in range(13)] for _ in range(12)]
        case = make_exact_case(system)
        expected = {(case.name, each): expect(case, each) for each in (BINARY, RATIONAL)}
        record = build_case_record(case, expected, ("inverse", "determinant"))
        assert all(len(text) < 40 for row in record.expected[BINARY].reduced for text in row)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 3), "1/3"),
        (Fraction(2**63 - 1, 2**63 - 25), f"{2**63 - 1}/{2**63 - 25}"),
        (Fraction(10**20_000 + 1, 10**20_000), "1"),
        (Fraction(10**20_000), "1e20000"),
        (Fraction(-7, 10**20_000), "-7e-20000"),
    ],
)
def test_a_number_is_stored_exactly_if_it_is_short(value: Fraction, text: str) -> None:
    assert format_value(value) == text


class TestRatiosInDoubles:
    """A port that computes in floating point may print its numbers as ratios."""

    @settings(deadline=None, max_examples=60)
    @given(st.sampled_from(sorted(FAMILIES)), st.integers(0, 2**31))
    def test_the_same_numbers_have_the_same_judgements(self, family: str, seed: int) -> None:
        case = make_case(random_system(np.random.default_rng(seed), family).tolist())
        expected, contract = expect(case, BINARY), make_factorisation_port().contract
        printed = Factorisation().make_transcript(case, BINARY)
        if any(not rational.all_finite(stage.rows) for stage in printed.stages.values()):
            return
        ratios = {
            label: replace(stage, rows=tuple(tuple(map(Fraction, row)) for row in stage.rows))
            for label, stage in printed.stages.items()
        }
        judgements = judge(contract, expected, replace(printed, stages=ratios))
        assert judgements == judge(contract, expected, printed)

    @pytest.mark.parametrize("precision", [BINARY64, BINARY32])
    def test_a_ratio_beyond_the_range_cannot_be_read(self, precision: object) -> None:
        stage = Stage("echelon", (2, 2), ((1.0, Fraction(1, 3)), (Fraction(0), HUGE)))
        read = round_stage(stage, precision)  # type: ignore[arg-type]
        assert read.rows == ((1.0, read.rows[0][1]),)
        assert all(isinstance(value, float) for row in read.rows for value in row)
        assert read.trouble.startswith("row 2 of echelon: 1000")
        assert read.trouble.endswith("… is beyond the range of its arithmetic")

    def test_such_an_answer_is_unreadable(self) -> None:
        case = make_case([[2, 1, 3], [1, 3, 5]])
        answer = Factorisation().make_transcript(case)
        stages = {**answer.stages, "inverse": make_stage("inverse", [[1.0, 0.0], [0.0, 1.0]])}
        stages["inverse"] = replace(stages["inverse"], rows=((1.0, 0.0), (HUGE, 1.0)))
        judgements = judge(
            make_factorisation_port().contract,
            expect(case, BINARY),
            Transcript(case.name, Ending.COMPLETED, stages),
        )
        outcomes = {judgement.check: judgement.outcome for judgement in judgements}
        assert outcomes["inverse.value"] is Outcome.UNREADABLE
        assert outcomes["solve.value"] is Outcome.RIGHT

    def test_an_earlier_trouble_is_kept(self) -> None:
        stage = Stage("echelon", (2, 1), ((HUGE,),), "row 2 of echelon: 0 numbers where 1 were due")
        assert round_stage(stage, BINARY64).trouble == stage.trouble

    def test_a_port_in_fractions_is_judged_by_its_ratios(self) -> None:
        case = make_case([[2, 1, 3], [1, 3, 5]])
        answer = Factorisation().make_transcript(case, RATIONAL)
        stages = {**answer.stages, "determinant": make_stage("determinant", [[HUGE]])}
        contract = make_factorisation_port(RATIONAL).contract
        judgements = judge(contract, expect(case, RATIONAL), replace(answer, stages=stages))
        outcomes = {judgement.check: judgement.outcome for judgement in judgements}
        assert outcomes["determinant.value"] is Outcome.WRONG

    def test_ratios_of_400_digits_are_judged_as_fast_as_doubles(self) -> None:
        case = make_case([[i * j % 7 + (i == j) for j in range(13)] for i in range(12)])
        stages = {}
        for label, stage in Factorisation().make_transcript(case).stages.items():
            width = stage.shape[1] if len(stage.shape) > 1 else 1
            rows = [row[:width] for row in make_ratios(max(12, width), 195)[: stage.shape[0]]]
            stages[label] = replace(stage, rows=tuple(map(tuple, rows)))
        contract, expected = make_factorisation_port().contract, expect(case, BINARY)
        started = time.process_time()
        judge(contract, expected, Transcript(case.name, Ending.COMPLETED, stages))
        assert time.process_time() - started < 5
