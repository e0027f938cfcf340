"""Collects the summaries of the records that a results file holds, as they are written or read."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.results.cells import Cell, Cells, MarkPool
from harness.results.results import CaseSummary, PlainCell, ProofSummary, Results

if TYPE_CHECKING:
    from harness.model.verdict import Variant
    from harness.results.findings import FindingProblemRecord, FindingRecord, ProofRecord
    from harness.results.lines import LineFile
    from harness.results.schema import (
        CaseRecord,
        CellRecord,
        PlainCellRecord,
        PortRecord,
        RunRecord,
    )


@dataclass
class Collector:
    """The summaries so far. Each method takes a record and the position of its line.

    The methods raise ValueError about a record that contradicts an earlier one.
    """

    pool: MarkPool = field(default_factory=MarkPool)
    cases: dict[str, CaseSummary] = field(default_factory=dict)
    cells: dict[tuple[str, Variant], Cells] = field(default_factory=dict)
    plain_cells: dict[str, dict[str, PlainCell]] = field(default_factory=dict)
    proofs: dict[str, dict[str, tuple[ProofSummary, ...]]] = field(default_factory=dict)
    _shared: dict[object, object] = field(default_factory=dict)

    def add_case(self, record: CaseRecord, position: int) -> None:
        """Add a case."""
        if record.name in self.cases:
            raise ValueError(f"there are two cases {record.name!a:.60}")
        self.cases[record.name] = build_case_summary(record, position)

    def add_cell(self, record: CellRecord, position: int) -> None:
        """Add what a variant of a port answered to a case."""
        self._require_case(record.case)
        cells = self.cells.setdefault((sys.intern(record.port), record.variant), {})
        if record.case in cells:
            raise ValueError(f"a second answer of {record.port!a:.60} to {record.case!a:.60}")
        checks = [verdict.check for verdict in record.verdicts]
        if len({*checks}) < len(checks):
            raise ValueError(f"two verdicts of one check on {record.case!a:.60}")
        seconds = record.answer.seconds if record.answer else 0.0
        marks = self.pool.collect(record.verdicts)
        cells[sys.intern(record.case)] = Cell(marks, seconds, position)

    def add_cells(self, port: str, variant: Variant, cells: Cells) -> None:
        """Add all cells of a variant of a port."""
        self.cells[port, variant] = cells

    def add_plain_cell(self, record: PlainCellRecord, position: int) -> None:
        """Add what the plain build of a port made of a case."""
        self._require_case(record.case)
        outcomes = tuple((outcome.check, outcome.outcome) for outcome in record.outcomes)
        shared = self._shared.setdefault(outcomes, outcomes)
        assert isinstance(shared, tuple)
        cells = self.plain_cells.setdefault(record.port, {})
        cells[sys.intern(record.case)] = PlainCell(shared, position)

    def add_proof(self, record: ProofRecord) -> None:
        """Add the proof of a claim."""
        self._require_case(record.case)
        fields = record.model_dump(exclude={"port", "case"})
        proofs = self.proofs.setdefault(record.port, {})
        case_proofs = (*proofs.get(record.case, ()), ProofSummary(**fields))
        shared = self._shared.setdefault(case_proofs, case_proofs)
        assert isinstance(shared, tuple)
        proofs[sys.intern(record.case)] = shared

    def _require_case(self, name: str) -> None:
        if name not in self.cases and name != PUBLISHED_CASE:
            raise ValueError(f"there is no case {name!a:.60}")

    def build_results(
        self,
        run: RunRecord,
        ports: tuple[PortRecord, ...],
        findings: tuple[FindingRecord, ...],
        complaints: tuple[FindingProblemRecord, ...],
        lines: LineFile,
    ) -> Results:
        """Return the results with these summaries."""
        return Results(
            run=run,
            ports=ports,
            findings=findings,
            complaints=complaints,
            case_summaries=self.cases,
            cells=self.cells,
            plain_cells=self.plain_cells,
            proof_summaries=self.proofs,
            lines=lines,
        )


def build_case_summary(record: CaseRecord, position: int) -> CaseSummary:
    """Return the summary of a case."""
    entries = [entry for row in record.system for entry in row]
    system = repr((record.system, record.right_hand_sides))
    return CaseSummary(
        name=sys.intern(record.name),
        kind=sys.intern(record.kind),
        rows=record.rows,
        unknowns=record.unknowns,
        right_hand_sides=record.right_hand_sides,
        characters=sum(map(len, entries)),
        digest=blake2b(system.encode(errors="surrogatepass"), digest_size=16).digest(),
        solutions={
            sys.intern(arithmetic): sys.intern(expected.solutions)
            for arithmetic, expected in record.expected.items()
        },
        condition=record.condition,
        position=position,
    )
