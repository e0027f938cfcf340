"""The part of a port's manifest that its verdicts depend on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.model.promises import NO_PROMISES, Promises

if TYPE_CHECKING:
    from harness.model.case import Arithmetic


class Method(StrEnum):
    """The method by which a port solves and inverts: its accuracy depends on it.

    A port that shows no elimination may use any method, such as QR factorisation.
    """

    ELIMINATION = "elimination"
    GAUSS_JORDAN = "Gauss–Jordan elimination"
    ANY = "any"


@dataclass(frozen=True)
class Contract:
    """The promises of a port by which it is judged.

    `procedures` are the names of the procedures that it has. A line that holds one of the `notices`
    says that there is no unique solution. `stops_at_notice` says that the listing ends its process
    after a notice. The procedures in `leaves_input_unchanged` do not change what they are given.
    `promises` are those about pivots, zeros and systems without a unique solution.
    """

    arithmetic: Arithmetic
    procedures: tuple[str, ...]
    notices: tuple[str, ...] = ()
    stops_at_notice: bool = False
    leaves_input_unchanged: tuple[str, ...] = ()
    promises: Promises = NO_PROMISES

    @property
    def method(self) -> Method:
        """The method by which the port solves and inverts, as far as its procedures show it."""
        if "gauss_jordan" in self.procedures:
            return Method.GAUSS_JORDAN
        eliminates = not {"gaussian_elimination", "lu"}.isdisjoint(self.procedures)
        return Method.ELIMINATION if eliminates else Method.ANY
