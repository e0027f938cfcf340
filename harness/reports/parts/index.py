"""An index of the results of a run by port, case and kind, and the anchors of the HTML page.

One index covers the listings as published, another the ports with the patches of their findings.
An anchor is the id of an element of the page, which links refer to. Counts are made from verdicts
without their texts; what is shown of a case is read from the file.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE, Arithmetic, Kind
from harness.model.check import Check
from harness.model.verdict import Variant
from harness.procedures import printed_solution, solve
from harness.procedures.registry import CHECK_ORDER
from harness.results.cells import Verdict, list_verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from harness.model.verdict import Outcome, Standing
    from harness.results.cells import Cell, Cells
    from harness.results.findings import FindingRecord
    from harness.results.results import CaseSummary, ProofSummary, Results
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        CellRecord,
        ExpectedRecord,
        PortRecord,
        RunRecord,
        VerdictRecord,
    )

    Standings = dict[Check, list[tuple[PortRecord, Standing]]]


PortAndName = tuple[str, str]
"""The name of a port, and that of a case or a finding."""

CACHED_LINES = 1_000
"""The number of cases, and of answers, that are kept in memory after they were read."""


@dataclass(frozen=True, eq=False)
class Index:
    """The results about one variant of the ports, with methods that look them up.

    `shown_cases` are the names of the cases that a page shows in full; None stands for all.
    """

    results: Results
    variant: Variant = Variant.PUBLISHED
    shown_cases: frozenset[str] | None = None

    @cached_property
    def fixed(self) -> Index:
        """The index of the same results for the ports with their findings' patches."""
        return Index(self.results, Variant.FIXED, self.shown_cases)

    @property
    def run(self) -> RunRecord:
        """The record of how and when the results were produced."""
        return self.results.run

    @property
    def ports(self) -> tuple[PortRecord, ...]:
        """The ports, in the order of the results."""
        return self.results.ports

    @cached_property
    def ports_per_language(self) -> Counter[str]:
        """The number of ports in each language."""
        return Counter(port.language for port in self.ports)

    def format_port_name(self, port: PortRecord) -> str:
        """Return the language of a port, or its name if several ports share the language."""
        return port.language if self.ports_per_language[port.language] == 1 else port.name

    def format_port_title(self, port: PortRecord) -> str:
        """Return the name of a port with the variant: `Java`, or `Java, fixed`."""
        name = self.format_port_name(port)
        return name if self.variant is Variant.PUBLISHED else f"{name}, fixed"

    @cached_property
    def cases(self) -> tuple[CaseSummary, ...]:
        """The cases, in the order of the results."""
        return tuple(self.results.case_summaries.values())

    @property
    def cases_by_name(self) -> Mapping[str, CaseSummary]:
        """The cases by name."""
        return self.results.case_summaries

    @cached_property
    def cases_by_kind(self) -> Mapping[str, tuple[CaseSummary, ...]]:
        """The cases of each kind that occurs: the known kinds first, in their order."""
        groups: dict[str, list[CaseSummary]] = {str(kind): [] for kind in Kind}
        for case in self.cases:
            groups.setdefault(case.kind, []).append(case)
        return {kind: tuple(group) for kind, group in groups.items() if group}

    def is_shown(self, case: str) -> bool:
        """Return whether the page shows a case in full."""
        return self.shown_cases is None or case in self.shown_cases

    def select_shown(self, cases: Iterable[CaseSummary]) -> Iterator[CaseSummary]:
        """Yield those of some cases that the page shows in full."""
        return (case for case in cases if self.is_shown(case.name))

    # Verdicts without their texts

    def get_cells(self, port: PortRecord) -> Cells:
        """Return the cells of a port by case, with that of its own example."""
        return self.results.cells.get((port.name, self.variant), {})

    def find_cell(self, port: PortRecord, case: str) -> Cell | None:
        """Return the cell of a port and a case; None if the port did not get the case."""
        return self.get_cells(port).get(case)

    def list_verdicts(self, port: PortRecord, case: str) -> list[Verdict]:
        """Return the verdicts about a port and a case; none if the port did not get the case."""
        cell = self.find_cell(port, case)
        return [*list_verdicts(port.name, self.variant, [(case, cell)])] if cell else []

    @cached_property
    def find_standings(self) -> Callable[[str], Standings]:
        """Return the standing of every port in each check of a case."""
        # Groups of deviations of one port after another ask for the same cases.
        return lru_cache(32)(self._find_standings)

    def _find_standings(self, case: str) -> Standings:
        standings: Standings = defaultdict(list)
        for port in self.ports:
            for verdict in self.list_verdicts(port, case):
                standings[verdict.check].append((port, verdict.standing))
        return standings

    def collect_deviations(self, port: PortRecord) -> list[Verdict]:
        """Return the verdicts that deviate: first the one about a port's own example."""
        return self._collect_deviations(port.name)

    @cached_property
    def _collect_deviations(self) -> Callable[[str], list[Verdict]]:
        # Several parts of a page ask for the deviations of one port after another.
        return lru_cache(1)(self._find_deviations)

    def _find_deviations(self, port: str) -> list[Verdict]:
        cells = self.results.cells.get((port, self.variant), {})
        own_example = [(PUBLISHED_CASE, cells[PUBLISHED_CASE])] if PUBLISHED_CASE in cells else []
        others = ((case, cell) for case, cell in cells.items() if case != PUBLISHED_CASE)
        deviations = list_verdicts(port, self.variant, (*own_example, *others), deviating=True)
        # The order of the checks within a case; cases stay in the order of the results.
        return sort_within_cases(deviations)

    def count_deviations(self, port: PortRecord) -> int:
        """Return the number of verdicts that deviate."""
        return sum(len(cell.marks.deviating) for cell in self.get_cells(port).values())

    # What is read from the file

    @cached_property
    def _read_case(self) -> Callable[[str], CaseRecord]:
        return lru_cache(CACHED_LINES)(self.results.read_case)

    @cached_property
    def _read_cell(self) -> Callable[[str, Variant, str], CellRecord | None]:
        return lru_cache(CACHED_LINES)(self.results.read_cell)

    def read_case(self, case: CaseSummary) -> CaseRecord:
        """Return a case with its numbers and expected results."""
        return self._read_case(case.name)

    def read_answer(self, port: PortRecord, case: str) -> AnswerRecord | None:
        """Return the answer of a port to a case, if it is in the results."""
        cell = self._read_cell(port.name, self.variant, case)
        return cell.answer if cell else None

    def read_verdicts(self, port: PortRecord, case: str) -> tuple[VerdictRecord, ...]:
        """Return the verdicts about a port and a case with their texts, in the order of the
        checks."""
        cell = self._read_cell(port.name, self.variant, case)
        verdicts = cell.verdicts if cell else ()
        return tuple(sorted(verdicts, key=lambda verdict: CHECK_ORDER[verdict.check]))

    def read_verdict(self, verdict: Verdict) -> VerdictRecord:
        """Return a verdict with its texts."""
        cell = self._read_cell(verdict.port, verdict.variant, verdict.case)
        assert cell is not None
        return next(record for record in cell.verdicts if record.check == verdict.check)

    def choose_solving_check(self, port: PortRecord) -> Check:
        """Return the check of the solution x.

        It is that of back substitution, or that of `solve` for a port that has `solve` and no back
        substitution.
        """
        substitutes = "back_substitution" in port.procedures or "solve" not in port.procedures
        return printed_solution.VALUE if substitutes else solve.VALUE

    def select_findings(self, port: PortRecord) -> tuple[FindingRecord, ...]:
        """Return the findings of a port, which are its known faults."""
        return tuple(finding for finding in self.results.findings if finding.port == port.name)

    def find_proof(self, verdict: Verdict | VerdictRecord) -> ProofSummary | None:
        """Return the proof that the finding of a verdict is its cause, if it was put to the
        proof."""
        if verdict.variant is not Variant.PUBLISHED:
            return None
        proofs = self.results.proof_summaries.get(verdict.port, {}).get(verdict.case, ())
        matching = (p for p in proofs if (p.check, p.finding) == (verdict.check, verdict.finding))
        return next(matching, None)

    def find_expected(self, port: PortRecord, case: CaseRecord) -> ExpectedRecord | None:
        """Return the expected results of a case in the arithmetic of a port."""
        return case.expected.get(port.arithmetic, self.find_reference(case))

    def find_reference(self, case: CaseRecord) -> ExpectedRecord | None:
        """Return the expected results of a case in binary64, else in its first arithmetic."""
        first = next(iter(case.expected.values()), None)
        return case.expected.get(Arithmetic.BINARY64, first)

    # Anchors of the page

    @cached_property
    def port_slugs(self) -> Mapping[str, str]:
        """The part of an anchor that stands for each port, by the port's name."""
        return make_distinct_slugs(port.name for port in self.ports)

    @cached_property
    def case_slugs(self) -> Mapping[str, str]:
        """The part of an anchor that stands for each case, by the case's name."""
        return make_distinct_slugs(self.cases_by_name)

    def build_port_anchor(self, port: PortRecord) -> str:
        """Return the anchor of the findings of a port."""
        return f"port:{self.port_slugs[port.name]}"

    def build_case_anchor(self, case: CaseRecord | CaseSummary) -> str:
        """Return the anchor of a case.

        The element lies inside the `details` element of the case, so that a browser opens that.
        """
        return f"case:{self.case_slugs[case.name]}"

    def build_group_anchor(self, port: PortRecord, check: Check, outcome: Outcome) -> str:
        """Return the anchor of a port's unexplained deviations of one check and outcome."""
        return f"{self.variant}:{self.build_port_anchor(port)}:{check}:{outcome}"

    @cached_property
    def finding_anchors(self) -> Mapping[PortAndName, str]:
        """The anchor of each finding, by the name of its port and its own."""
        anchors = {}
        for port in self.ports:
            slugs = make_distinct_slugs(finding.id for finding in self.select_findings(port))
            for name, slug in slugs.items():
                anchors[port.name, name] = f"finding:{self.port_slugs[port.name]}:{slug}"
        return anchors

    def build_answer_anchor(self, port: PortRecord, case: CaseRecord | CaseSummary) -> str:
        """Return the anchor of the answer of a port to a case."""
        anchor = f"{self.build_case_anchor(case)}:{self.port_slugs[port.name]}"
        return anchor if self.variant is Variant.PUBLISHED else f"{anchor}:{self.variant}"

    def build_own_example_anchor(self, port: PortRecord) -> str:
        """Return the anchor of the output of a listing's own main."""
        return f"published:{self.port_slugs[port.name]}"


def sort_within_cases(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts in the order of their cases, and within a case in that of the checks."""
    by_case = groupby(verdicts, key=lambda verdict: verdict.case)
    return [
        verdict
        for _, group in by_case
        for verdict in sorted(group, key=lambda verdict: CHECK_ORDER[verdict.check])
    ]


def make_distinct_slugs(names: Iterable[str]) -> dict[str, str]:
    """Return a distinct slug for each name, by name.

    A slug consists of letters, digits, `_` and `-`, and is the name itself where that is one. Other
    names are cut to 80 characters and get a number.
    """
    slugs: dict[str, str] = {}
    for number, name in enumerate(names):
        plain_name = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:80]
        slugs[name] = name if plain_name == name else f"{plain_name}.{number}"
    return slugs
