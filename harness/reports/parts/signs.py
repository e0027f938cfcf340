"""The sign, the letter, the meaning and the colours of each outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import RANKS, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.results.cells import Mark, Verdict
    from harness.results.schema import VerdictRecord

SIGNS = {
    Outcome.RIGHT: "✓",
    Outcome.REFUSED: "⊖",
    Outcome.DECLINED: "⊘",
    Outcome.DEFENSIBLE: "≈",
    Outcome.LIMIT: "◇",
    Outcome.WRONG: "✗",
    Outcome.SILENT: "!",
    Outcome.INACCURATE: "~",
    Outcome.CRASHED: "†",
    Outcome.HUNG: "∞",
    Outcome.UNREADABLE: "?",
    Outcome.BLOCKED: "←",
    Outcome.ABSENT: "–",
    Outcome.GIVEN_UP: "…",
    Outcome.NOT_JUDGED: "⚠",
}

LETTERS = {
    Outcome.RIGHT: "r",
    Outcome.REFUSED: "e",
    Outcome.DECLINED: "d",
    Outcome.DEFENSIBLE: "f",
    Outcome.LIMIT: "l",
    Outcome.WRONG: "w",
    Outcome.SILENT: "s",
    Outcome.INACCURATE: "i",
    Outcome.CRASHED: "c",
    Outcome.HUNG: "h",
    Outcome.UNREADABLE: "u",
    Outcome.BLOCKED: "b",
    Outcome.ABSENT: "a",
    Outcome.GIVEN_UP: "g",
    Outcome.NOT_JUDGED: "n",
}
"""The letter of each outcome. A cell of the matrix holds one letter for each of its checks."""

MEANINGS = {
    Outcome.RIGHT: "The expected result, within what rounding allows.",
    Outcome.REFUSED: "In place of a result the port reports that there is no unique solution, and "
    "that is correct.",
    Outcome.DECLINED: "The port gives no finite numbers, or numbers and a message that there is no "
    "unique solution, and that is correct.",
    Outcome.DEFENSIBLE: "The case is ill-posed, and the answer is right for a system that rounding "
    "cannot distinguish from it; or it is a particular solution of infinitely many, without a "
    "message.",
    Outcome.LIMIT: "Not the result of exact arithmetic, but within the limits that the port's "
    "manifest states, such as a tolerance.",
    Outcome.WRONG: "Not the expected result.",
    Outcome.SILENT: "Finite numbers that solve nothing, for a system without a unique solution, "
    "and no message about it.",
    Outcome.INACCURATE: "A larger error than rounding explains, but smaller than that of a wrong "
    "answer.",
    Outcome.CRASHED: "The process died, or the procedure raised an exception.",
    Outcome.HUNG: "No answer within the time limit of the case.",
    Outcome.UNREADABLE: "The output does not follow the protocol.",
    Outcome.BLOCKED: "Not judged: an earlier fault prevents the judgement.",
    Outcome.ABSENT: "Not asked: the listing has no such procedure, or cannot be asked this case.",
    Outcome.GIVEN_UP: "Not asked any more: the port could not be run, or failed too often.",
    Outcome.NOT_JUDGED: "The harness failed, or judging takes too long. The port is not charged.",
}


@dataclass(frozen=True)
class LegendGroup:
    """The outcomes of one standing, for the legend."""

    standing: Standing
    meaning: str
    outcomes: tuple[Outcome, ...]


STANDING_MEANINGS = {
    Standing.CONFORMING: "the port behaves correctly",
    Standing.DEVIATING: "the port has a fault",
    Standing.NEITHER: "nothing was judged",
}

LEGEND = tuple(
    LegendGroup(standing, meaning, tuple(o for o in Outcome if o.standing is standing))
    for standing, meaning in STANDING_MEANINGS.items()
)


def format_css_class(outcome: Outcome) -> str:
    """Return the CSS class with the colours of an outcome."""
    return str(outcome).replace(" ", "-")


def find_worst_outcome(verdicts: Iterable[VerdictRecord | Verdict | Mark]) -> Outcome:
    """Return the worst outcome of some verdicts; `absent` if there are none."""
    outcomes = (verdict.outcome for verdict in verdicts)
    return min(outcomes, key=RANKS.__getitem__, default=Outcome.ABSENT)
