"""Random systems follow from a seed and a number, and are asked and filed like any other case."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from harness.fuzz.systems import BLOCK, RandomSystems, case_file
from harness.inputs.cases import load_cases
from harness.model.case import Arithmetic, Kind
from harness.numerics.oracle import expect

SQUARE = RandomSystems(systems=BLOCK + 20, rows=3, unknowns=3, largest=2, seed=5)
SHAPES = [(1, 1), (3, 3), (2, 4), (4, 2)]


def test_a_system_is_the_same_however_many_there_are() -> None:
    more = RandomSystems(systems=10 * BLOCK, rows=3, unknowns=3, largest=2, seed=5)
    for number in (1, BLOCK, BLOCK + 1, BLOCK + 20):
        assert SQUARE.case(number) == more.case(number)


def test_the_last_of_a_billion_is_had_at_once() -> None:
    draw = RandomSystems(systems=10**9, rows=3, unknowns=3, largest=2, seed=5)
    began = time.process_time()
    draw.case(10**9)
    assert time.process_time() - began < 0.1


def test_no_two_blocks_and_no_two_seeds_are_alike() -> None:
    other = RandomSystems(systems=BLOCK + 20, rows=3, unknowns=3, largest=2, seed=6)
    first, second = SQUARE.blocks()
    assert not np.array_equal(SQUARE.matrices(first)[:20], SQUARE.matrices(second))
    assert not np.array_equal(SQUARE.matrices(first), other.matrices(first))


def test_all_systems_come_in_blocks_in_order() -> None:
    assert [n for block in SQUARE.blocks() for n in block] == list(range(1, BLOCK + 21))


@pytest.mark.parametrize("largest", [1, 9, 2**53])
def test_entries_go_from_minus_to_plus_the_largest(largest: int) -> None:
    draw = RandomSystems(systems=BLOCK, rows=3, unknowns=3, largest=largest, seed=1)
    entries = draw.matrices(next(draw.blocks()))
    assert entries.min() < -0.9 * largest
    assert entries.max() > 0.9 * largest
    assert abs(entries).max() <= largest


@pytest.mark.parametrize(("rows", "unknowns"), SHAPES)
def test_a_driver_is_asked_what_the_case_would_ask(rows: int, unknowns: int) -> None:
    draw = RandomSystems(systems=50, rows=rows, unknowns=unknowns, largest=2**53, seed=3)
    (block,) = draw.blocks()
    for number, (name, lines) in zip(block, draw.requests(block), strict=True):
        assert name == draw.case(number).name
        for arithmetic in Arithmetic:
            assert lines == draw.case(number).request(arithmetic)


@pytest.mark.parametrize(("rows", "unknowns"), SHAPES)
def test_the_oracle_agrees_on_every_kind(rows: int, unknowns: int) -> None:
    draw = RandomSystems(systems=60, rows=rows, unknowns=unknowns, largest=1, seed=3)
    kinds = set()
    for number in range(1, 61):
        expect(draw.case(number), Arithmetic.BINARY64)
        kinds.add(draw.case(number).kind)
    square = {Kind.REGULAR, Kind.SINGULAR}
    other = Kind.UNDERDETERMINED if rows < unknowns else Kind.OVERDETERMINED
    assert kinds == (square if rows == unknowns else {other})


@pytest.mark.parametrize(("rows", "unknowns"), SHAPES)
def test_systems_can_be_kept_in_a_case_file(rows: int, unknowns: int, tmp_path: Path) -> None:
    draw = RandomSystems(systems=9, rows=rows, unknowns=unknowns, largest=9, seed=3)
    cases = [draw.case(number) for number in (2, 7)]
    (tmp_path / "cases.yaml").write_text(case_file(cases))
    for read, kept in zip(load_cases([tmp_path]), cases, strict=True):
        assert (read.name, read.kind, read.why) == (kept.name, kept.kind, kept.why)
        for arithmetic in Arithmetic:
            assert read.request(arithmetic) == kept.request(arithmetic)
