"""Random systems of integers. Each follows from a seed and the number of the system."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import yaml

from harness.model.case import Arithmetic, Case, Kind
from harness.model.number import Number
from harness.numerics import rational

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK_SIZE = 500
"""The number of systems that are drawn and judged together."""


@dataclass(frozen=True)
class RandomSystems:
    """Random systems of `rows` × (`unknowns` + 1) integers of magnitude up to `largest`.

    The systems are numbered from 1 to `count`. A system with a given number does not
    depend on `count`.
    """

    count: int
    rows: int
    unknowns: int
    largest: int
    seed: int

    def list_blocks(self) -> Iterator[range]:
        """Return the numbers of the systems, one range for each block."""
        numbers = range(1, self.count + 1)
        return (numbers[start : start + BLOCK_SIZE] for start in range(0, self.count, BLOCK_SIZE))

    def draw_matrices(self, numbers: range) -> NDArray[np.int64]:
        """Return the augmented matrices of a block, N × m × (n + 1).

        `numbers` is a range that `list_blocks` gives.
        """
        return draw_block(self, (numbers[0] - 1) // BLOCK_SIZE)[: len(numbers)]

    def format_name(self, number: int) -> str:
        """Return the name of a system."""
        shape = f"{self.rows}x{self.unknowns}"
        return f"random-{shape}-{self.largest}-{self.seed}-{number}"

    def format_requests(
        self, numbers: range, arithmetic: Arithmetic = Arithmetic.BINARY64
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the name of each system of a block, and the lines that ask a driver for it.

        The lines are those of `Case.format_request`.
        """
        columns = self.unknowns + 1
        row = " ".join(["%d"] * columns)
        lines = f"case %s {self.rows} {columns} 1\n" + f"{row}\n" * self.rows
        matrices = self.draw_matrices(numbers)
        if arithmetic is Arithmetic.BINARY32:
            matrices = matrices.astype(np.float32).astype(np.int64)
        entries = matrices.reshape(len(numbers), -1).tolist()
        for number, values in zip(numbers, entries, strict=True):
            name = self.format_name(number)
            yield name, (lines % (name, *values)).encode("ascii")

    def build_case(self, number: int) -> Case:
        """Return a system as a case. Exact arithmetic determines its kind."""
        block, index = divmod(number - 1, BLOCK_SIZE)
        rows = draw_block(self, block)[index].tolist()
        system = tuple(
            tuple(Number.from_fraction(Fraction(value)) for value in row) for row in rows
        )
        why = f"System {number} of those drawn with seed {self.seed}."
        return Case(self.format_name(number), self.find_kind(rows), why, "drawn", system, 1, {})

    def find_kind(self, rows: Sequence[Sequence[int]]) -> Kind:
        """Return the kind of a system, given its augmented matrix."""
        if self.rows != self.unknowns:
            return Kind.UNDERDETERMINED if self.rows < self.unknowns else Kind.OVERDETERMINED
        rank = rational.reduced_form(rational.from_rows(rows), self.unknowns).rank
        return Kind.REGULAR if rank == self.unknowns else Kind.SINGULAR


@lru_cache(maxsize=8)
def draw_block(systems: RandomSystems, block: int) -> NDArray[np.int64]:
    """Return all systems of a block, cached because they are used for asking and for judging."""
    generator = np.random.default_rng(
        [systems.seed, systems.rows, systems.unknowns, systems.largest, block]
    )
    shape = (BLOCK_SIZE, systems.rows, systems.unknowns + 1)
    return generator.integers(-systems.largest, systems.largest, shape, endpoint=True)


def format_case_file(cases: Sequence[Case]) -> str:
    """Return the text of a case file with these cases."""
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
