"""An index of the results of a run by port, case and kind, and the anchors of the HTML page.

One index covers the listings as published, another the ports with the patches of their findings.
An anchor is the id of an element of the page, which links refer to.
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
from harness.procedures import printed_solution, solve
from harness.procedures.registry import CHECK_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.model.verdict import Outcome
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        FindingRecord,
        PortRecord,
        ProofRecord,
        Results,
        RunRecord,
        VerdictRecord,
    )


PortAndName = tuple[str, str]
"""The name of a port, and that of a case or a finding."""


@dataclass(frozen=True)
class Index:
    """The results about one variant of the ports, with methods that look them up."""

    results: Results
    variant: Variant = Variant.PUBLISHED

    @cached_property
    def fixed(self) -> Index:
        """The index of the same results for the ports with their findings' patches."""
        return Index(self.results, Variant.FIXED)

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
    def cases_by_kind(self) -> Mapping[str, tuple[CaseRecord, ...]]:
        """The cases of each kind that occurs: the known kinds first, in their order."""
        cases = self.results.cases
        kinds = dict.fromkeys([*map(str, Kind), *(case.kind for case in cases)])
        groups = {kind: tuple(case for case in cases if case.kind == kind) for kind in kinds}
        return {kind: group for kind, group in groups.items() if group}

    @cached_property
    def cases_by_name(self) -> Mapping[str, CaseRecord]:
        """The cases by name."""
        return {case.name: case for case in self.results.cases}

    @cached_property
    def grouped_verdicts(self) -> Mapping[PortAndName, tuple[VerdictRecord, ...]]:
        """The verdicts about each port and case, in the order of the checks."""
        groups: dict[PortAndName, list[VerdictRecord]] = {}
        for verdict in self.results.verdicts:
            if verdict.variant is self.variant:
                groups.setdefault((verdict.port, verdict.case), []).append(verdict)
        return {
            key: tuple(sorted(group, key=lambda verdict: CHECK_ORDER[verdict.check]))
            for key, group in groups.items()
        }

    def find_verdicts(self, port: PortRecord, case: CaseRecord) -> tuple[VerdictRecord, ...]:
        """Return the verdicts about a port and a case; none if the port did not get the case."""
        return self.grouped_verdicts.get((port.name, case.name), ())

    def collect_verdicts(
        self, port: PortRecord, cases: Iterable[CaseRecord]
    ) -> tuple[VerdictRecord, ...]:
        """Return the verdicts about a port and several cases."""
        return tuple(verdict for case in cases for verdict in self.find_verdicts(port, case))

    def find_own_example_verdicts(self, port: PortRecord) -> tuple[VerdictRecord, ...]:
        """Return the verdicts about the output of a listing's own main: one or none."""
        return self.grouped_verdicts.get((port.name, PUBLISHED_CASE), ())

    def collect_deviations(self, port: PortRecord) -> tuple[VerdictRecord, ...]:
        """Return the verdicts that deviate: first the one about a port's own example."""
        own_example = self.find_own_example_verdicts(port)
        verdicts = (*own_example, *self.collect_verdicts(port, self.results.cases))
        return tuple(verdict for verdict in verdicts if verdict.outcome.deviates)

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

    @cached_property
    def proofs(self) -> Mapping[tuple[str, str, Check], ProofRecord]:
        """The proofs of the findings' claims, by port, case and check."""
        return {(proof.port, proof.case, proof.check): proof for proof in self.results.proofs}

    def find_proof(self, verdict: VerdictRecord) -> ProofRecord | None:
        """Return the proof that the finding of a verdict is its cause, if it was put to the
        proof."""
        proof = self.proofs.get((verdict.port, verdict.case, verdict.check))
        is_proven = proof is not None and proof.finding == verdict.finding
        return proof if is_proven and verdict.variant is Variant.PUBLISHED else None

    @cached_property
    def answers(self) -> Mapping[PortAndName, AnswerRecord]:
        """The answers by port and case."""
        return {
            (answer.port, answer.case): answer
            for answer in self.results.answers
            if answer.variant is self.variant
        }

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
        return make_distinct_slugs(case.name for case in self.results.cases)

    def build_port_anchor(self, port: PortRecord) -> str:
        """Return the anchor of the findings of a port."""
        return f"port:{self.port_slugs[port.name]}"

    def build_case_anchor(self, case: CaseRecord) -> str:
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

    def build_answer_anchor(self, port: PortRecord, case: CaseRecord) -> str:
        """Return the anchor of the answer of a port to a case."""
        anchor = f"{self.build_case_anchor(case)}:{self.port_slugs[port.name]}"
        return anchor if self.variant is Variant.PUBLISHED else f"{anchor}:{self.variant}"

    def build_own_example_anchor(self, port: PortRecord) -> str:
        """Return the anchor of the output of a listing's own main."""
        return f"published:{self.port_slugs[port.name]}"


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
