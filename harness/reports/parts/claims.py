"""The claims of a port, with the numbers of cases that keep, break or exceed them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.port_claim import PortClaim
from harness.model.promises import UnitTriangle
from harness.model.verdict import Outcome, Standing
from harness.text import count_noun, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.reports.parts.index import Index
    from harness.results.cells import Mark
    from harness.results.schema import PortRecord

MAXIMUM_EXAMPLES = 3
"""The number of cases that are named for one claim."""

QUESTIONS = {
    PortClaim.NOTICES: "Messages about singular matrices",
    PortClaim.PIVOTING: "Choice of pivots",
    PortClaim.ZERO_TOLERANCE: "Pivots that count as 0",
    PortClaim.SHAPES: "Shapes of A that it takes",
    PortClaim.SIZES: "Numbers of unknowns that it takes",
    PortClaim.SINGULAR: "Without a unique solution",
    PortClaim.NO_SOLUTION: "Message for no solution",
    PortClaim.MANY_SOLUTIONS: "Message for infinitely many solutions",
    PortClaim.FREE_UNKNOWNS: "Free unknowns",
    PortClaim.INCONSISTENT: "Systems without a solution",
    PortClaim.CHOLESKY_READS: "Triangle that Cholesky factorisation reads",
    PortClaim.UNIT_TRIANGLE: "Factor with ones on its diagonal",
    PortClaim.RANK_DEFICIENT: "Least squares of deficient rank",
    PortClaim.RESIDUAL_TOLERANCE: "Residual of an iteration",
    PortClaim.LEAVES_INPUT_UNCHANGED: "Procedures that leave their input unchanged",
}
"""The subject of each claim, for people."""


@dataclass(frozen=True)
class ClaimRow:
    """One claim of a port.

    `value` is the claim as the manifest has it. `kept` and `broken` count the cases that test it,
    and `limited` those in which the port is not asked, or has another result, because of it.
    `examples` name some of the cases in which it is broken, and their number may be smaller.
    """

    claim: PortClaim
    subject: str
    value: str
    kept: int
    broken: int
    limited: int
    examples: tuple[str, ...]

    @property
    def is_tested(self) -> bool:
        """True if any case tests the claim, or is limited by it."""
        return self.kept + self.broken + self.limited > 0


def build_claim_rows(index: Index, port: PortRecord) -> tuple[ClaimRow, ...]:
    """Return the claims of a port, in the order of the manifest's documentation."""
    cases = collect_cases(index, port)
    rows = []
    for claim, subject in QUESTIONS.items():
        value = format_value(port, claim)
        kept, broken, limited = (cases[claim, standing] for standing in Standing)
        if value and (claim is not PortClaim.PIVOTING or kept or broken or limited):
            examples = tuple(broken[:MAXIMUM_EXAMPLES])
            rows.append(
                ClaimRow(claim, subject, value, len(kept), len(broken), len(limited), examples)
            )
    return tuple(rows)


def collect_cases(index: Index, port: PortRecord) -> dict[tuple[PortClaim, Standing], list[str]]:
    """Return the cases by the claim that they test and whether it is kept.

    A case that breaks a claim does not count as one that keeps it. A limit has no standing.
    """
    cases: dict[tuple[PortClaim, Standing], list[str]] = defaultdict(list)
    known: dict[int, dict[PortClaim, Standing]] = {}
    for case, cell in index.get_cells(port).items():
        key = id(cell.marks)
        if key not in known:
            known[key] = grade_claims(cell.marks.all)
        for claim, standing in known[key].items():
            cases[claim, standing].append(case)
    return cases


def grade_claims(marks: Sequence[Mark]) -> dict[PortClaim, Standing]:
    """Return the worst standing of each claim in one case."""
    worst = (Standing.DEVIATING, Standing.NEITHER, Standing.CONFORMING)
    grades: dict[PortClaim, Standing] = {}
    for mark in marks:
        claims = mark.claims or ((mark.check.claim,) if mark.check.claim else ())
        if (standing := grade_claim(mark)) is None:
            continue
        for claim in claims:
            before = grades.get(claim, standing)
            grades[claim] = min(before, standing, key=worst.index)
    return grades


def grade_claim(mark: Mark) -> Standing | None:
    """Return whether a verdict keeps its claim; NEITHER for a limit, None if it tests no claim."""
    if mark.claims and mark.outcome in (Outcome.LIMIT, Outcome.ABSENT):
        return Standing.NEITHER
    return mark.outcome.standing if mark.outcome.standing is not Standing.NEITHER else None


def format_value(port: PortRecord, claim: PortClaim) -> str:
    """Return a claim as the manifest has it; empty if the manifest does not make it."""
    if claim is PortClaim.NOTICES:
        return join_quoted(port.notices)
    value = getattr(port.promises, claim)
    if isinstance(value, tuple):
        is_text = claim in (PortClaim.NO_SOLUTION, PortClaim.MANY_SOLUTIONS)
        return join_quoted(value) if is_text else join_words(value)
    if claim is PortClaim.UNIT_TRIANGLE and value == UnitTriangle.LOWER:
        return ""
    return "" if value in ("none", "both") and claim is not PortClaim.PIVOTING else str(value)


def join_quoted(texts: Sequence[str]) -> str:
    """Return texts in quotation marks as a list in a sentence; empty if there are none."""
    return join_words(f"“{text}”" for text in texts) if texts else ""


def describe_limits(rows: Sequence[ClaimRow]) -> str:
    """Return a sentence about the cases that the claims of a port limit; empty if none is."""
    parts = [f"{count_noun(row.limited, 'case')} by `{row.claim}`" for row in rows if row.limited]
    return f"Limits by design: {join_words(parts)}." if parts else ""
