"""The results of a run looked up by port, case and kind, with the names of places on the page.

There is one index of what was found of the listings as published, and one of the fixed ports.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE, Arithmetic, Kind
from harness.model.check import Check
from harness.model.verdict import Variant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.model.verdict import Outcome
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        FindingRecord,
        PortRecord,
        Results,
        RunRecord,
        VerdictRecord,
    )

CHECK_ORDER = {check: number for number, check in enumerate(Check)}

PortAndName = tuple[str, str]
"""A port's name and a case's."""


@dataclass(frozen=True)
class Index:
    """Results, looked up: what was found of one variant of the ports."""

    results: Results
    variant: Variant = Variant.PUBLISHED

    @cached_property
    def fixed(self) -> Index:
        """The same results, looked up for the ports with their findings' patches."""
        return Index(self.results, Variant.FIXED)

    @property
    def run(self) -> RunRecord:
        """How and when the results came about."""
        return self.results.run

    @property
    def ports(self) -> tuple[PortRecord, ...]:
        """The ports, in the order of the results."""
        return self.results.ports

    @cached_property
    def languages(self) -> Counter[str]:
        """How many ports there are in each language."""
        return Counter(port.language for port in self.ports)

    def called(self, port: PortRecord) -> str:
        """What a port is called: by its language, or by its name where several share that."""
        return port.language if self.languages[port.language] == 1 else port.name

    def title(self, port: PortRecord) -> str:
        """What a variant of a port is called: `Java`, or `Java, fixed`."""
        name = self.called(port)
        return name if self.variant is Variant.PUBLISHED else f"{name}, fixed"

    @cached_property
    def kinds(self) -> Mapping[str, tuple[CaseRecord, ...]]:
        """The cases of each kind that occurs: the known kinds first, in their order."""
        cases = self.results.cases
        names = dict.fromkeys([*map(str, Kind), *(case.kind for case in cases)])
        groups = {name: tuple(case for case in cases if case.kind == name) for name in names}
        return {name: group for name, group in groups.items() if group}

    @cached_property
    def cases(self) -> Mapping[str, CaseRecord]:
        """The cases by name."""
        return {case.name: case for case in self.results.cases}

    @cached_property
    def grouped_verdicts(self) -> Mapping[PortAndName, tuple[VerdictRecord, ...]]:
        """The verdicts on each port about each case, in the order of the checks."""
        groups: dict[PortAndName, list[VerdictRecord]] = {}
        for verdict in self.results.verdicts:
            if verdict.variant is self.variant:
                groups.setdefault((verdict.port, verdict.case), []).append(verdict)
        return {
            key: tuple(sorted(group, key=lambda verdict: CHECK_ORDER[verdict.check]))
            for key, group in groups.items()
        }

    def verdicts(self, port: PortRecord, case: CaseRecord) -> tuple[VerdictRecord, ...]:
        """The verdicts on a port about a case; none where it was not put to it."""
        return self.grouped_verdicts.get((port.name, case.name), ())

    def verdicts_on(
        self, port: PortRecord, cases: Iterable[CaseRecord]
    ) -> tuple[VerdictRecord, ...]:
        """The verdicts on a port about several cases."""
        return tuple(verdict for case in cases for verdict in self.verdicts(port, case))

    def published(self, port: PortRecord) -> tuple[VerdictRecord, ...]:
        """The verdicts on what a listing's own main printed: one, or none."""
        return self.grouped_verdicts.get((port.name, PUBLISHED_CASE), ())

    def deviations(self, port: PortRecord) -> tuple[VerdictRecord, ...]:
        """The verdicts that speak against a port: on its own example, then on the cases."""
        verdicts = (*self.published(port), *self.verdicts_on(port, self.results.cases))
        return tuple(verdict for verdict in verdicts if verdict.outcome.deviates)

    def solving_check(self, port: PortRecord) -> Check:
        """The check that asks for x: of back substitution, or of `solve` where that is all."""
        substitutes = "back_substitution" in port.procedures or "solve" not in port.procedures
        return Check.SOLUTION_VALUE if substitutes else Check.SOLVE_VALUE

    def findings(self, port: PortRecord) -> tuple[FindingRecord, ...]:
        """The known faults of a port."""
        return tuple(finding for finding in self.results.findings if finding.port == port.name)

    @cached_property
    def answers(self) -> Mapping[PortAndName, AnswerRecord]:
        """The answers by port and case."""
        return {
            (answer.port, answer.case): answer
            for answer in self.results.answers
            if answer.variant is self.variant
        }

    def expected(self, port: PortRecord, case: CaseRecord) -> ExpectedRecord | None:
        """What is true of a case in a port's arithmetic."""
        return case.expected.get(port.arithmetic, self.reference(case))

    def reference(self, case: CaseRecord) -> ExpectedRecord | None:
        """What is true of a case in binary64, or in the first arithmetic that was consulted."""
        first = next(iter(case.expected.values()), None)
        return case.expected.get(Arithmetic.BINARY64, first)

    # Places on the page

    @cached_property
    def port_places(self) -> Mapping[str, str]:
        """What stands for each port's name in the name of a place."""
        return make_distinct_slugs(port.name for port in self.ports)

    @cached_property
    def case_places(self) -> Mapping[str, str]:
        """What stands for each case's name in the name of a place."""
        return make_distinct_slugs(case.name for case in self.results.cases)

    def port_place(self, port: PortRecord) -> str:
        """Where it is told what is known of a port's faults."""
        return f"port:{self.port_places[port.name]}"

    def case_place(self, case: CaseRecord) -> str:
        """Where a case is told, in its fold, so that a browser opens that."""
        return f"case:{self.case_places[case.name]}"

    def group_place(self, port: PortRecord, check: Check, outcome: Outcome) -> str:
        """Where a port's unexplained deviations of one kind are told."""
        return f"{self.variant}:{self.port_place(port)}:{check}:{outcome}"

    @cached_property
    def finding_places(self) -> Mapping[PortAndName, str]:
        """Where each finding is told, by its port's name and its own."""
        return {
            (port.name, name): f"finding:{self.port_places[port.name]}:{place}"
            for port in self.ports
            for name, place in make_distinct_slugs(
                finding.id for finding in self.findings(port)
            ).items()
        }

    def place(self, port: PortRecord, case: CaseRecord) -> str:
        """Where it is told what a port made of a case."""
        place = f"{self.case_place(case)}:{self.port_places[port.name]}"
        return place if self.variant is Variant.PUBLISHED else f"{place}:{self.variant}"

    def published_place(self, port: PortRecord) -> str:
        """Where it is told what a listing's own main printed."""
        return f"published:{self.port_places[port.name]}"


def make_distinct_slugs(names: Iterable[str]) -> dict[str, str]:
    """A name for use in addresses for each name: its own where that is plain."""
    places: dict[str, str] = {}
    for number, name in enumerate(names):
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:80]
        places[name] = name if plain == name else f"{plain}.{number}"
    return places
