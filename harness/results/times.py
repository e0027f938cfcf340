"""The times in results, which differ between two runs on the same inputs.

Where the environment variable SOURCE_DATE_EPOCH is set, results have that time, no durations, and
no times that ports measured: two runs of ports that print the same then give the same bytes.
https://reproducible-builds.org/specs/source-date-epoch/ describes the variable.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.procedures.solve import SECONDS

if TYPE_CHECKING:
    from harness.results.schema import CellRecord, PortRecord, RunRecord

VARIABLE = "SOURCE_DATE_EPOCH"


def read_fixed_time() -> str | None:
    """Return the time that the environment sets, in ISO 8601, or None.

    Raises HarnessError if the variable is not a number of seconds since 1970.
    """
    text = os.environ.get(VARIABLE)
    if text is None:
        return None
    try:
        if not (text.isascii() and text.isdigit()):
            raise ValueError
        return datetime.fromtimestamp(int(text), UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        message = f"{VARIABLE} is {text:.40}, which is not a number of seconds since 1970"
        raise HarnessError(message, f"For example: {VARIABLE}=1700000000, or unset it.") from None


def fix_run(record: RunRecord, time: str) -> RunRecord:
    """Return the record of a run with a given time, and without its duration."""
    return record.model_copy(update={"started": time, "seconds": 0.0})


def remove_port_times(record: PortRecord) -> PortRecord:
    """Return the record of a port without durations."""
    runs = {"fixed": record.fixed, "plain": record.plain}
    changes = {name: run and run.model_copy(update={"seconds": 0.0}) for name, run in runs.items()}
    return record.model_copy(update={"seconds": 0.0, **changes})


def remove_cell_times(record: CellRecord) -> CellRecord:
    """Return a cell without the duration of the answer, and without times that the port printed."""
    if record.answer is None:
        return record
    stages = {
        label: stage.model_copy(update={"rows": ()}) if label == SECONDS else stage
        for label, stage in record.answer.stages.items()
    }
    answer = record.answer.model_copy(update={"seconds": 0.0, "stages": stages})
    return record.model_copy(update={"answer": answer})
