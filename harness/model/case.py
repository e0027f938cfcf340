"""Cases: linear systems with a name, a kind and the expected number of solutions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from harness.model.number import (
    Number,
    format_binary64,
    format_rational,
    is_rational64,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


System = tuple[tuple[Number, ...], ...]


class Kind(StrEnum):
    """The kind of a system: its shape, and for a square system whether it has full rank."""

    REGULAR = "regular"
    SINGULAR = "singular"
    UNDERDETERMINED = "underdetermined"
    OVERDETERMINED = "overdetermined"


class Solutions(StrEnum):
    """The number of solutions of a system."""

    UNIQUE = "unique"
    NONE = "none"
    INFINITE = "infinite"


class Arithmetic(StrEnum):
    """The numbers that a port computes with: IEEE 754 numbers, or ratios of integers.

    The integers of `rational64` have 64 bits, those of `rational` are of any size.
    """

    BINARY64 = "binary64"
    BINARY32 = "binary32"
    RATIONAL64 = "rational64"
    RATIONAL = "rational"

    @property
    def is_exact(self) -> bool:
        """True if it does not round."""
        return self in (Arithmetic.RATIONAL64, Arithmetic.RATIONAL)


@dataclass(frozen=True)
class Case:
    """One linear system, with its numbers as they were written.

    `system` is the augmented matrix, `rows` × `columns`. Its last `right_hand_sides` columns are
    right-hand sides. `why` is the reason for the case. `place` is `file:line`. `solutions` is what
    the file declares; any arithmetic may be missing.
    """

    name: str
    kind: Kind
    why: str
    place: str
    system: System
    right_hand_sides: int
    solutions: Mapping[Arithmetic, Solutions]

    @property
    def rows(self) -> int:
        return len(self.system)

    @property
    def columns(self) -> int:
        """The number of columns of the augmented matrix."""
        return len(self.system[0])

    @property
    def unknowns(self) -> int:
        return self.columns - self.right_hand_sides

    def build_input_matrix(self, arithmetic: Arithmetic) -> tuple[tuple[Fraction, ...], ...]:
        """Return the augmented matrix of exactly the numbers that a port receives.

        These are the nearest doubles or binary32 numbers, or the fractions as they were written.
        """
        if arithmetic.is_exact:
            return tuple(tuple(number.exact for number in row) for row in self.system)
        return tuple(
            tuple(Fraction(round_number(number, arithmetic)) for number in row)
            for row in self.system
        )

    def format_request(self, arithmetic: Arithmetic) -> bytes:
        """Return the lines that ask a driver for this case (docs/protocol.md)."""
        if arithmetic not in self._requests:
            self._requests[arithmetic] = self._build_request(arithmetic)
        return self._requests[arithmetic]

    @cached_property
    def _requests(self) -> dict[Arithmetic, bytes]:
        """The requests so far: each port and each variant of it is asked for the case."""
        return {}

    def _build_request(self, arithmetic: Arithmetic) -> bytes:
        lines = [f"case {self.name} {self.rows} {self.columns} {self.right_hand_sides}"]
        lines += [" ".join(_format_numbers(row, arithmetic)) for row in self.system]
        return "".join(f"{line}\n" for line in lines).encode("ascii")

    def is_representable(self, arithmetic: Arithmetic) -> bool:
        """Return whether `arithmetic` can represent every number of the system."""
        if arithmetic in (Arithmetic.BINARY64, Arithmetic.RATIONAL):
            return True
        numbers = (number for row in self.system for number in row)
        if arithmetic is Arithmetic.BINARY32:
            return all(number.fits_binary32 for number in numbers)
        return all(is_rational64(number.exact) for number in numbers)


def _format_numbers(row: Sequence[Number], arithmetic: Arithmetic) -> Iterator[str]:
    if arithmetic.is_exact:
        return (format_rational(number.exact) for number in row)
    # A binary32 number has all digits of the double: then it reads back exactly as either.
    return (format_binary64(round_number(number, arithmetic)) for number in row)


def round_number(number: Number, arithmetic: Arithmetic) -> float:
    """Return the nearest number of a floating-point arithmetic."""
    return number.binary32 if arithmetic is Arithmetic.BINARY32 else number.binary64


PUBLISHED_CASE = "published"
"""The name of a listing's own example among the cases of a port."""

CASE_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
"""The name of a case. It means nothing to a shell, a terminal or HTML, and is no option."""

CASE_NAME_HINT = (
    "A name has at most 60 lower-case letters from a to z, digits and hyphens, "
    "and begins with no hyphen."
)
