"""Random systems of integers, any number of them: each follows from a seed and its own number."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import yaml

from harness.model.case import Case, Kind
from harness.model.number import Number
from harness.numerics import rational

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK_SIZE = 500
"""So many systems are made, and judged, at a time."""


@dataclass(frozen=True)
class RandomSystems:
    """Which random systems: how many, m, n, the largest magnitude of an entry, and the seed.

    The systems count from 1. One with a given number is the same however many there are.
    """

    count: int
    rows: int
    unknowns: int
    largest: int
    seed: int

    def list_blocks(self) -> Iterator[range]:
        """The numbers of the systems, a block at a time."""
        numbers = range(1, self.count + 1)
        return (numbers[start : start + BLOCK_SIZE] for start in range(0, self.count, BLOCK_SIZE))

    def draw_matrices(self, numbers: range) -> NDArray[np.int64]:
        """The augmented matrices of a block, N × m × (n + 1)."""
        return draw_block(self, (numbers[0] - 1) // BLOCK_SIZE)[: len(numbers)]

    def format_name(self, number: int) -> str:
        """What a system is called."""
        shape = f"{self.rows}x{self.unknowns}"
        return f"random-{shape}-{self.largest}-{self.seed}-{number}"

    def format_requests(self, numbers: range) -> Iterator[tuple[str, bytes]]:
        """The systems of a block by name, and the lines that ask a driver for them.

        The lines are those of `Case.request`.
        """
        columns = self.unknowns + 1
        row = " ".join(["%d"] * columns)
        lines = f"case %s {self.rows} {columns} 1\n" + f"{row}\n" * self.rows
        entries = self.draw_matrices(numbers).reshape(len(numbers), -1).tolist()
        for number, values in zip(numbers, entries, strict=True):
            name = self.format_name(number)
            yield name, (lines % (name, *values)).encode("ascii")

    def build_case(self, number: int) -> Case:
        """A system as a case; its kind is what exact arithmetic says."""
        block, index = divmod(number - 1, BLOCK_SIZE)
        rows = draw_block(self, block)[index].tolist()
        system = tuple(
            tuple(Number.from_fraction(Fraction(value)) for value in row) for row in rows
        )
        why = f"System {number} of those drawn with seed {self.seed}."
        return Case(self.format_name(number), self.find_kind(rows), why, "drawn", system, 1, {})

    def find_kind(self, rows: Sequence[Sequence[int]]) -> Kind:
        """What kind of system it is."""
        if self.rows != self.unknowns:
            return Kind.UNDERDETERMINED if self.rows < self.unknowns else Kind.OVERDETERMINED
        rank = rational.reduced_form(rational.from_rows(rows), self.unknowns).rank
        return Kind.REGULAR if rank == self.unknowns else Kind.SINGULAR


@lru_cache(maxsize=8)
def draw_block(systems: RandomSystems, block: int) -> NDArray[np.int64]:
    """All systems of a block: the one who asks and those who judge want the same ones."""
    generator = np.random.default_rng(
        [systems.seed, systems.rows, systems.unknowns, systems.largest, block]
    )
    shape = (BLOCK_SIZE, systems.rows, systems.unknowns + 1)
    return generator.integers(-systems.largest, systems.largest, shape, endpoint=True)


def format_case_file(cases: Sequence[Case]) -> str:
    """Cases as a case file has them, to be run again or kept with others."""
    entries = [
        {
            "name": case.name,
            "kind": str(case.kind),
            "why": case.why,
            "system": "".join(
                f"{' '.join(n.written for n in row[:-1])} | {row[-1].written}\n"
                for row in case.system
            ),
        }
        for case in cases
    ]
    return yaml.safe_dump({"cases": entries}, sort_keys=False)
