"""The checks that a compiler adds to a port at run time, and what is seen without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome
from harness.reports.parts.smallest_case import Links, build_links, sort_by_size
from harness.text import count_noun, format_rerun_command, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.check import Check
    from harness.reports.parts.index import Index
    from harness.results.cells import Verdict
    from harness.results.schema import PortRecord, VerdictRecord


@dataclass(frozen=True)
class PlainComparison:
    """What the plain build of a port shows of some deviations, in a sentence.

    `unseen` are the cases in which nothing deviates when the port is built plainly. `command` runs
    the smallest of them again, with the checks.
    """

    sentence: str
    unseen: Links
    command: str


def describe_runtime_checks(port: PortRecord) -> str:
    """Return how a port is built, such as `built with -fsanitize=address`; else nothing."""
    return f"built with {join_words(port.runtime_checks)}" if port.runtime_checks else ""


def compare_plain_build(
    index: Index, port: PortRecord, deviations: Sequence[Verdict]
) -> PlainComparison | None:
    """Return what the plain build shows of some deviations; None if there is no such build."""
    if port.plain is None or not deviations:
        return None
    if port.plain.trouble:
        sentence = f"The build without these options could not be run: {port.plain.trouble}"
        return PlainComparison(sentence, Links((), 0), "")
    unseen = [v for v in sort_by_size(index, deviations) if not is_seen(index, v)]
    command = format_rerun_command(index.run.again, port.name, unseen[0].case) if unseen else ""
    links = build_links(index, port, unseen)
    return PlainComparison(describe_plain_build(index, port, deviations, unseen), links, command)


def describe_plain_build(
    index: Index,
    port: PortRecord,
    deviations: Sequence[Verdict],
    unseen: Sequence[Verdict],
) -> str:
    """Return a sentence on the deviations that are not seen when a port is built plainly."""
    without = f"Built without {join_words(port.runtime_checks)}"
    if not unseen:
        return f"{without}, something deviates in each of these cases too."
    are = "is" if len(unseen) == 1 else "are"
    of_all = f"{len(unseen)} of {count_noun(len(deviations), 'deviation')}"
    sentence = f"{without}, {of_all} {are} not seen: no check of the case deviates then."
    solving = index.choose_solving_check(port)
    solutions = [verdict for verdict in deviations if verdict.check == solving]
    right = sum(find_plain_outcome(index, verdict) is Outcome.RIGHT for verdict in solutions)
    return (
        f"{sentence} In {count_noun(right, 'case')} x is right, by chance." if right else sentence
    )


def is_seen(index: Index, verdict: Verdict) -> bool:
    """Return whether a check of a verdict's case deviates in the plain build."""
    return any(outcome.deviates for _, outcome in list_plain_outcomes(index, verdict))


def find_plain_outcome(index: Index, verdict: Verdict | VerdictRecord) -> Outcome | None:
    """Return the outcome of a deviating check in the plain build of a port, if there is one."""
    outcomes = (o for check, o in list_plain_outcomes(index, verdict) if check == verdict.check)
    return next(outcomes, None)


def list_plain_outcomes(
    index: Index, verdict: Verdict | VerdictRecord
) -> tuple[tuple[Check, Outcome], ...]:
    """Return the outcomes of a verdict's case in the plain build of its port."""
    cell = index.results.plain_cells.get(verdict.port, {}).get(verdict.case)
    return cell.outcomes if cell else ()
