"""The part of a port's manifest that its verdicts depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.promises import NO_PROMISES, Promises

if TYPE_CHECKING:
    from harness.model.case import Arithmetic


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
