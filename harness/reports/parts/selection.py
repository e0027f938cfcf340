"""The cases that the page shows in full.

Those of a small run are all shown. The page of a large run would be too large to open: it shows an
example of each kind of deviation, further deviating cases, and a sample of the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import RANKS
from harness.reports.parts.deviations import MAXIMUM_PATTERNS
from harness.reports.parts.smallest_case import measure_case
from harness.text import count_noun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.results.cells import Verdict
    from harness.results.results import CaseSummary, Results

MAXIMUM_ANSWERS = 4_000
"""The number of answers of ports as published that a page shows. Where there are fewer, all cases
are shown: this repository's own ports give 1,650."""

MAXIMUM_DEVIATING_ANSWERS = 1_500
"""The number of answers that deviate, published and fixed, that a page shows: each takes about
20 kB."""

SAMPLE_SHARE = 0.2
"""The share of the shown answers that is kept for a sample of all other cases."""

DeviationKind = tuple[object, ...]
"""A port, its variant, the check, its outcome, the finding, and the wording of the detail."""


@dataclass(frozen=True)
class Selection:
    """The names of the cases that a page shows, or None if it shows all; `sentence` says which,
    and is empty if it shows all."""

    cases: frozenset[str] | None
    sentence: str


def select_cases(results: Results) -> Selection:
    """Return the cases that the page of a run shows."""
    deviating = count_deviating_answers(results)
    answers = len(results.ports) * len(results.case_summaries)
    if answers <= MAXIMUM_ANSWERS and deviating.total() <= MAXIMUM_DEVIATING_ANSWERS:
        return Selection(None, "")
    examples = find_examples(results)
    chooser = CaseChooser(len(results.ports), deviating)
    by_size = sorted(results.case_summaries.values(), key=measure_case)
    chooser.choose(examples.values(), 1 - SAMPLE_SHARE)
    chooser.choose((case.name for case in by_size if deviating[case.name]), 1 - SAMPLE_SHARE)
    others = [case for case in results.case_summaries.values() if not deviating[case.name]]
    chooser.choose(spread_by_kind(others), 1.0)
    represented = sum(case in chooser.cases for case in examples.values())
    return Selection(
        frozenset(chooser.cases),
        describe_selection(results, chooser.cases, deviating, represented, len(examples)),
    )


def count_deviating_answers(results: Results) -> Counter[str]:
    """Return the number of answers that deviate, published and fixed, by case."""
    return Counter(
        case
        for cells in results.cells.values()
        for case, cell in cells.items()
        if case != PUBLISHED_CASE and cell.marks.deviating
    )


def find_examples(results: Results) -> Mapping[DeviationKind, str]:
    """Return the smallest case of each kind of deviation: the unexplained ones first, then the
    worst outcomes.

    After the first wordings of a check and outcome, all others count as one, as on the page.
    """
    wordings: defaultdict[DeviationKind, dict[int, None]] = defaultdict(dict)
    smallest: dict[DeviationKind, Verdict] = {}
    sizes = {name: (measure_case(case), name) for name, case in results.case_summaries.items()}
    for verdict in results.list_verdicts(deviating=True):
        if verdict.case == PUBLISHED_CASE:
            continue
        group = (verdict.port, verdict.variant, verdict.check, verdict.outcome, verdict.finding)
        known = wordings[group]
        if len(known) < MAXIMUM_PATTERNS:
            known.setdefault(verdict.mark.wording)
        kind = (*group, verdict.mark.wording if verdict.mark.wording in known else None)
        first = smallest.setdefault(kind, verdict)
        if sizes[verdict.case] < sizes[first.case]:
            smallest[kind] = verdict
    ordered = sorted(smallest, key=lambda kind: rank_deviation(smallest[kind]))
    return {kind: smallest[kind].case for kind in ordered}


def rank_deviation(verdict: Verdict) -> tuple[bool, int]:
    """Return a key that sorts the deviations to show first before others."""
    return not verdict.unexplained, RANKS[verdict.outcome]


class CaseChooser:
    """Chooses cases until a share of the answers that a page may show is used up.

    `deviating` are the numbers of answers that deviate, by case.
    """

    def __init__(self, answers_per_case: int, deviating: Counter[str]) -> None:
        self.cases: dict[str, None] = {}
        self._answers_per_case = answers_per_case
        self._deviating = deviating
        self._deviating_chosen = 0

    def choose(self, cases: Iterable[str], share: float) -> None:
        """Choose cases in their order, as long as they fit."""
        most_cases = share * MAXIMUM_ANSWERS / max(self._answers_per_case, 1)
        most_deviating = share * MAXIMUM_DEVIATING_ANSWERS
        for case in cases:
            if len(self.cases) + 1 > most_cases:
                return
            deviating = self._deviating_chosen + self._deviating[case]
            if case not in self.cases and deviating <= most_deviating:
                self.cases[case] = None
                self._deviating_chosen = deviating


def spread_by_kind(cases: Iterable[CaseSummary]) -> Iterator[str]:
    """Yield all cases, so that the first of them are spread evenly over each kind."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for case in cases:
        kinds[case.kind].append(case.name)
    spread = [list(spread_evenly(names)) for names in kinds.values()]
    for number in range(max(map(len, spread), default=0)):
        yield from (names[number] for names in spread if number < len(names))


def spread_evenly(names: Sequence[str]) -> Iterator[str]:
    """Yield all names: the first, the one in the middle, those in the middle of both halves, and
    so on."""
    step = 1 << max(len(names) - 1, 0).bit_length()
    yield from names[:1]
    while step > 1:
        yield from names[step // 2 :: step]
        step //= 2


def describe_selection(
    results: Results,
    chosen: Iterable[str],
    deviating: Counter[str],
    represented: int,
    kinds: int,
) -> str:
    """Return sentences that say which cases a page shows, and which it leaves out."""
    shown = [*chosen]
    total, shown_deviating = len(results.case_summaries), sum(case in deviating for case in shown)
    sentence = f"This page shows {len(shown):,} of {count_noun(total, 'case')} in full"
    if deviating:
        examples = "each kind" if represented == kinds else f"{represented:,} of {kinds:,} kinds"
        sentence += (
            f": {shown_deviating:,} of the {len(deviating):,} in which a port deviates, with "
            f"an example of {examples} of deviation, and a sample of the others"
        )
    return f"{sentence}. All counts are those of all cases."
