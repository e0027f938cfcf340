"""Random systems follow from a seed and a number, and become requests and cases."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from harness.fuzz.systems import BLOCK_SIZE, RandomSystems, format_case_file
from harness.inputs.cases import load_cases
from harness.model.case import Arithmetic, Kind
from harness.numerics.oracle import expect

SQUARE = RandomSystems(count=BLOCK_SIZE + 20, rows=3, unknowns=3, largest=2, seed=5)
SHAPES = [(1, 1), (3, 3), (2, 4), (4, 2)]


def test_a_system_is_the_same_however_many_there_are() -> None:
    larger = RandomSystems(count=10 * BLOCK_SIZE, rows=3, unknowns=3, largest=2, seed=5)
    for number in (1, BLOCK_SIZE, BLOCK_SIZE + 1, BLOCK_SIZE + 20):
        assert SQUARE.build_case(number) == larger.build_case(number)


def test_the_last_of_a_billion_is_had_at_once() -> None:
    systems = RandomSystems(count=10**9, rows=3, unknowns=3, largest=2, seed=5)
    start = time.process_time()
    systems.build_case(10**9)
    assert time.process_time() - start < 0.1


def test_no_two_blocks_and_no_two_seeds_are_alike() -> None:
    other = RandomSystems(count=BLOCK_SIZE + 20, rows=3, unknowns=3, largest=2, seed=6)
    first, second = SQUARE.list_blocks()
    assert not np.array_equal(SQUARE.draw_matrices(first)[:20], SQUARE.draw_matrices(second))
    assert not np.array_equal(SQUARE.draw_matrices(first), other.draw_matrices(first))


def test_all_systems_come_in_blocks_in_order() -> None:
    assert [n for block in SQUARE.list_blocks() for n in block] == list(range(1, BLOCK_SIZE + 21))


@pytest.mark.parametrize("largest", [1, 9, 2**53])
def test_entries_go_from_minus_to_plus_the_largest(largest: int) -> None:
    systems = RandomSystems(count=BLOCK_SIZE, rows=3, unknowns=3, largest=largest, seed=1)
    entries = systems.draw_matrices(next(systems.list_blocks()))
    assert entries.min() < -0.9 * largest
    assert entries.max() > 0.9 * largest
    assert abs(entries).max() <= largest


@pytest.mark.parametrize(("rows", "unknowns"), SHAPES)
def test_a_driver_is_asked_what_the_case_would_ask(rows: int, unknowns: int) -> None:
    systems = RandomSystems(count=50, rows=rows, unknowns=unknowns, largest=2**53, seed=3)
    (block,) = systems.list_blocks()
    for arithmetic in Arithmetic:
        requests = systems.format_requests(block, arithmetic)
        for number, (name, lines) in zip(block, requests, strict=True):
            assert name == systems.build_case(number).name
            assert lines == systems.build_case(number).format_request(arithmetic)


@pytest.mark.parametrize(("rows", "unknowns"), SHAPES)
def test_the_oracle_agrees_on_every_kind(rows: int, unknowns: int) -> None:
    systems = RandomSystems(count=60, rows=rows, unknowns=unknowns, largest=1, seed=3)
    kinds = set()
    for number in range(1, 61):
        expect(systems.build_case(number), Arithmetic.BINARY64)
        kinds.add(systems.build_case(number).kind)
    square = {Kind.REGULAR, Kind.SINGULAR}
    other = Kind.UNDERDETERMINED if rows < unknowns else Kind.OVERDETERMINED
    assert kinds == (square if rows == unknowns else {other})


@pytest.mark.parametrize(("rows", "unknowns"), SHAPES)
def test_systems_can_be_kept_in_a_case_file(rows: int, unknowns: int, tmp_path: Path) -> None:
    systems = RandomSystems(count=9, rows=rows, unknowns=unknowns, largest=9, seed=3)
    cases = [systems.build_case(number) for number in (2, 7)]
    (tmp_path / "cases.yaml").write_text(format_case_file(cases))
    for case_read, case in zip(load_cases([tmp_path]), cases, strict=True):
        assert (case_read.name, case_read.kind, case_read.why) == (case.name, case.kind, case.why)
        for arithmetic in Arithmetic:
            assert case_read.format_request(arithmetic) == case.format_request(arithmetic)
