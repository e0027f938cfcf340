"""What a port printed, as plain values."""

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

    `trouble` says why it could not be read; `rows` then holds what could be. `half_units` holds,
    entry by entry, half a unit of the last printed place where numbers were printed rounded; it
    is empty where they were printed in full.
    """

    label: str
    shape: tuple[int, ...]
    rows: tuple[tuple[Value, ...], ...] = ()
    trouble: str = ""
    half_units: tuple[tuple[float, ...], ...] = ()


class Ending(StrEnum):
    """How a port's answer to a case ended."""

    COMPLETED = "completed"
    CRASHED = "crashed"
    HUNG = "hung"
    FLOODED = "flooded"
    OUT_OF_STEP = "out of step"
    GIVEN_UP = "given up"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Transcript:
    """All that a port printed for one case, and how that ended.

    `failures` maps a procedure to the message of the exception that its driver caught; `remarks`
    are the lines on standard output that are none of the protocol's; `errors` the lines on
    standard error; `reason` says, for people, how an answer that did not complete ended.
    """

    case: str
    ending: Ending
    stages: Mapping[str, Stage] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class ProgramOutput:
    """All that a program printed of its own accord, and how that ended."""

    output: str
    errors: tuple[str, ...]
    ending: Ending
    reason: str
