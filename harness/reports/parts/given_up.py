"""The sentence on the cases that a port was not asked any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.verdict import Outcome
from harness.text import count_noun, join_words

if TYPE_CHECKING:
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord

NOT_ASKED = "not asked "


def describe_given_up(index: Index, port: PortRecord) -> str:
    """Return how many of a port's cases were given up, and why; an empty text if none was."""
    cells = index.get_cells(port)
    given_up = {
        case: mark.wording
        for case in index.cases_by_name
        if case in cells
        for mark in cells[case].marks.all
        if mark.outcome is Outcome.GIVEN_UP
    }
    if not given_up:
        return ""
    # The reasons differ in little more than numbers, so one of each wording is read.
    examples = {wording: case for case, wording in reversed(given_up.items())}
    reasons = (
        next(v.detail for v in index.read_verdicts(port, case) if v.outcome is Outcome.GIVEN_UP)
        for case in reversed(examples.values())
    )
    causes = dict.fromkeys(reason.removeprefix(NOT_ASKED) for reason in reasons)
    were = "was" if len(given_up) == 1 else "were"
    cases = count_noun(len(index.cases), "case")
    return f"{len(given_up):,} of {cases} {were} not asked, {join_words(causes)}"
