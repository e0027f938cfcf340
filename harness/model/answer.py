"""The output of a port, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.model.number import Value


Values = tuple["Value", ...]
"""The numbers of one row."""


@dataclass(frozen=True)
class Stage:
    """A matrix (ROWS × COLUMNS) or a vector (LENGTH × 1) that a port printed.

    If the stage could not be read, `trouble` is the reason, and `rows` are the rows that could be
    read. `half_units` are half a unit of the last printed place of each entry, if numbers were
    rounded in print. It is empty if they were printed in full.
    """

    label: str
    shape: tuple[int, ...]
    rows: tuple[tuple[Value, ...], ...] = ()
    trouble: str = ""
    half_units: tuple[tuple[float, ...], ...] = ()


class Ending(StrEnum):
    """The way in which a port's answer to a case ended."""

    COMPLETED = "completed"
    CRASHED = "crashed"
    HUNG = "hung"
    FLOODED = "flooded"
    OUT_OF_STEP = "out of step"
    GIVEN_UP = "given up"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Discontinuity:
    """The failure of a process between two cases: after its answer to the case `after`, and before
    it began with the next. A fresh process answers that case. `ending` and `reason` are as in a
    transcript."""

    after: str
    ending: Ending
    reason: str


@dataclass(frozen=True)
class Transcript:
    """All output of a port for one case, and its ending.

    `failures` maps the name of a procedure to the message of the exception that the driver caught,
    and `refusals` to what it returned in place of a result, such as `returned -1`.
    `remarks` are the lines on standard output that are not part of the protocol, and `errors` the
    lines on standard error. `reason` tells people how an incomplete answer ended. `seconds` is the
    time that the answer took. `acknowledged` says that the driver printed `case NAME`, on standard
    output or, before the process died, on standard error. `discontinuity` is given where an earlier
    process failed before it began with the case.
    """

    case: str
    ending: Ending
    stages: Mapping[str, Stage] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    acknowledged: bool = False
    discontinuity: Discontinuity | None = None
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> Mapping[str, str]:
        """The failures and the refusals: what procedures gave in place of a result, by name."""
        return {**self.failures, **self.refusals}

    @property
    def follows_protocol(self) -> bool:
        """True if the driver answered in the protocol, whatever the program made of the case.

        A program may crash, hang or print too much after its driver has acknowledged the case. A
        driver that prints other lines instead of results, and waits, does not answer.
        """
        if self.ending is Ending.COMPLETED or self.stages or self.messages:
            return True
        is_silent = self.ending is Ending.HUNG and not self.remarks
        is_over = self.ending in (Ending.CRASHED, Ending.FLOODED)
        return self.acknowledged and (is_silent or is_over)


@dataclass(frozen=True)
class ProgramOutput:
    """All output of a program that runs outside the protocol, and its ending."""

    output: str
    errors: tuple[str, ...]
    ending: Ending
    reason: str
