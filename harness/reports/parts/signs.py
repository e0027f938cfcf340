"""How an outcome is shown: by a sign, a word, a colour of its own, and its severity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import RANKS, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.results.schema import VerdictRecord

SIGNS = {
    Outcome.RIGHT: "✓",
    Outcome.DECLINED: "⊘",
    Outcome.DEFENSIBLE: "≈",
    Outcome.WRONG: "✗",
    Outcome.SILENT: "!",
    Outcome.INACCURATE: "~",
    Outcome.CRASHED: "†",
    Outcome.HUNG: "∞",
    Outcome.UNREADABLE: "?",
    Outcome.BLOCKED: "←",
    Outcome.ABSENT: "–",
    Outcome.GIVEN_UP: "…",
}

LETTERS = {
    Outcome.RIGHT: "r",
    Outcome.DECLINED: "d",
    Outcome.DEFENSIBLE: "f",
    Outcome.WRONG: "w",
    Outcome.SILENT: "s",
    Outcome.INACCURATE: "i",
    Outcome.CRASHED: "c",
    Outcome.HUNG: "h",
    Outcome.UNREADABLE: "u",
    Outcome.BLOCKED: "b",
    Outcome.ABSENT: "a",
    Outcome.GIVEN_UP: "g",
}
"""A letter for each outcome: a cell of the matrix holds one for each of its checks."""

MEANINGS = {
    Outcome.RIGHT: "What was printed is correct.",
    Outcome.DECLINED: "It said that there is no unique solution, refused, or gave NaN or infinity; "
    "and there is none.",
    Outcome.DEFENSIBLE: "The case hangs on rounding, and the answer is right for a system within "
    "rounding of it.",
    Outcome.WRONG: "What was printed is not the answer.",
    Outcome.SILENT: "Finite numbers, without a word, for a system that has no unique solution.",
    Outcome.INACCURATE: "Near the answer, but farther from it than rounding explains.",
    Outcome.CRASHED: "The program died, or the procedure raised an error.",
    Outcome.HUNG: "No answer within the time that a case has.",
    Outcome.UNREADABLE: "What was printed is not what the protocol asks for.",
    Outcome.BLOCKED: "Not judged: an earlier fault stands in the way.",
    Outcome.ABSENT: "Not asked: the listing has no such procedure, or cannot be put the case.",
    Outcome.GIVEN_UP: "Not asked any more: the port could not be run, or failed too often.",
}


@dataclass(frozen=True)
class LegendGroup:
    """The outcomes of one standing, for the legend."""

    standing: Standing
    meaning: str
    outcomes: tuple[Outcome, ...]


STANDING_MEANINGS = {
    Standing.CONFORMING: "speaks for the port",
    Standing.DEVIATING: "speaks against the port",
    Standing.NEITHER: "says nothing of the port",
}

LEGEND = tuple(
    LegendGroup(standing, meaning, tuple(o for o in Outcome if o.standing is standing))
    for standing, meaning in STANDING_MEANINGS.items()
)


def format_css_class(outcome: Outcome) -> str:
    """The class that gives an outcome its colours."""
    return str(outcome).replace(" ", "-")


def find_worst_outcome(verdicts: Iterable[VerdictRecord]) -> Outcome:
    """The worst outcome among verdicts; `absent` where there are none."""
    outcomes = (verdict.outcome for verdict in verdicts)
    return min(outcomes, key=RANKS.__getitem__, default=Outcome.ABSENT)
