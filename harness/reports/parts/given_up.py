"""The sentence on the cases that a port was not asked any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.verdict import Outcome
from harness.text import count_noun, join_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.results.schema import VerdictRecord

NOT_ASKED = "not asked "


def describe_given_up(verdicts: Iterable[VerdictRecord], cases: int) -> str:
    """Return how many of a port's cases were given up, and why; an empty text if none was."""
    reasons = {v.case: v.detail for v in verdicts if v.outcome is Outcome.GIVEN_UP}
    if not reasons:
        return ""
    causes = dict.fromkeys(reason.removeprefix(NOT_ASKED) for reason in reasons.values())
    were = "was" if len(reasons) == 1 else "were"
    return f"{len(reasons):,} of {count_noun(cases, 'case')} {were} not asked, {join_words(causes)}"
