"""Printed numbers, read as the numbers of the port's arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.model.number import abridge
from harness.numerics import exact_cost, rational
from harness.numerics.precision import BINARY64

if TYPE_CHECKING:
    from harness.model.answer import Stage, Transcript, Values
    from harness.numerics.precision import Precision


def round_numbers(transcript: Transcript, precision: Precision) -> Transcript:
    """Return an answer with the nearest numbers of a precision to those that it prints.

    The fewest digits that read back as a binary32 number do not read back as the same double. A
    ratio, or an integer that is no double, can have hundreds of digits, which exact arithmetic
    multiplies.
    """
    stages = {label: round_stage(stage, precision) for label, stage in transcript.stages.items()}
    return replace(transcript, stages=stages)


def limit_numbers(transcript: Transcript) -> Transcript:
    """Return an answer in exact arithmetic. A result with too many digits cannot be read.

    Those are results with which exact arithmetic cannot compute within seconds.
    """
    stages = {label: limit_stage(stage) for label, stage in transcript.stages.items()}
    return replace(transcript, stages=stages)


def limit_stage(stage: Stage) -> Stage:
    """Return a result, without its rows if it has too many digits."""
    numbers = [
        [Fraction(v) if rational.is_finite(v) else Fraction() for v in row] for row in stage.rows
    ]
    if not any(numbers) or exact_cost.is_affordable(numbers):
        return stage
    digits = f"its numbers have up to {exact_cost.count_digits(numbers):,} digits in all"
    trouble = stage.trouble or f"{stage.label}: {digits}, too many to compute with"
    return replace(stage, rows=(), trouble=trouble)


def round_stage(stage: Stage, precision: Precision) -> Stage:
    """Return a result with the nearest numbers of a precision.

    A result with an exact number beyond the range of doubles cannot be read.
    """
    if precision is BINARY64 and not any(
        isinstance(v, Fraction) for row in stage.rows for v in row
    ):
        return stage
    rows: list[Values] = []
    for row in stage.rows:
        values = tuple(map(precision.round, row))
        for value, nearest in zip(row, values, strict=True):
            if isinstance(value, Fraction) and math.isinf(nearest):
                number = f"row {len(rows) + 1} of {stage.label}: {abridge(str(value))}"
                trouble = stage.trouble or f"{number} is beyond the range of its arithmetic"
                return replace(stage, rows=tuple(rows), trouble=trouble)
        rows.append(values)
    return replace(stage, rows=tuple(rows))
