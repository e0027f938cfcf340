"""The results of a run: a summary in memory, and the file with everything else.

The memory that they need grows with the number of cases and ports, by some hundred bytes for each
pair, but not with what the ports printed. All reports are made from the results alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic_core import from_json

from harness.files import open_atomically
from harness.model.case import Arithmetic
from harness.model.verdict import Outcome, Variant
from harness.results.cells import list_verdicts
from harness.results.findings import ProofRecord, does_hold
from harness.results.record import Record
from harness.results.schema import (
    AnswerRecord,
    CaseRecord,
    CellRecord,
    CountsRecord,
    HeaderRecord,
    PlainCellRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from harness.model.check import Check
    from harness.results.cells import Cells, Marks, Verdict
    from harness.results.findings import FindingProblemRecord, FindingRecord
    from harness.results.lines import LineFile
    from harness.results.schema import PortRecord, RunRecord, VerdictRecord

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case without its numbers.

    `characters` is the number of characters of the entries of its augmented matrix, and `digest`
    that of the matrix. `solutions` are those in each arithmetic. `condition` is that of binary64.
    `position` is that of its line in the file, in bytes.
    """

    name: str
    kind: str
    rows: int
    unknowns: int
    right_hand_sides: int
    characters: int
    digest: bytes
    solutions: Mapping[str, str]
    condition: float
    position: int

    def find_solutions(self, arithmetic: str) -> str | None:
        """Return the solutions in an arithmetic, else in binary64, else in the first one."""
        first = next(iter(self.solutions.values()), None)
        return self.solutions.get(arithmetic, self.solutions.get(Arithmetic.BINARY64, first))


class ProofSummary(NamedTuple):
    """The proof of the claim of a finding on a deviation; see ProofRecord."""

    finding: str
    check: Check
    necessary: tuple[str, ...]
    alone: bool
    moves: bool

    @property
    def holds(self) -> bool:
        """True if the claim stands; see ProofRecord."""
        return does_hold(self.finding, self.necessary, self.alone)


class PlainCell(NamedTuple):
    """The outcomes of a case in the plain build of a port, by check; see PlainCellRecord.

    `position` is that of its line in the file, in bytes.
    """

    outcomes: tuple[tuple[Check, Outcome], ...]
    position: int


@dataclass(frozen=True, eq=False)
class Results:
    """All results of a run.

    `cells` are the verdicts of each variant of each port, `plain_cells` the outcomes in plain
    builds, and `proof_summaries` the proofs, by port and case. The texts are in `lines`.
    """

    run: RunRecord
    ports: tuple[PortRecord, ...]
    findings: tuple[FindingRecord, ...]
    complaints: tuple[FindingProblemRecord, ...]
    case_summaries: Mapping[str, CaseSummary]
    cells: Mapping[tuple[str, Variant], Cells]
    plain_cells: Mapping[str, Mapping[str, PlainCell]]
    proof_summaries: Mapping[str, Mapping[str, tuple[ProofSummary, ...]]]
    lines: LineFile

    @property
    def exit_status(self) -> int:
        """The exit status of a run with these results.

        0: every deviation is explained, and every finding holds. 1: a deviation is not explained,
        or a finding does not hold. 3: a port could not be built or run, as published, fixed or
        built plainly, or the harness itself failed, on an answer or in a proof.
        """
        marks = [mark for marks in self.list_distinct_marks() for mark in marks.all]
        if any(mark.outcome is Outcome.NOT_JUDGED for mark in marks):
            return 3
        if any(port.failed or any(run.failed for run in port.further_runs) for port in self.ports):
            return 3
        if any(complaint.not_tested for complaint in self.complaints):
            return 3
        if self.ports and all(port.trouble for port in self.ports):
            return 3
        is_unexplained = any(mark.outcome.deviates and mark.finding is None for mark in marks)
        return 1 if self.complaints or is_unexplained else 0

    @property
    def counts(self) -> CountsRecord:
        """The numbers of lines of each kind."""
        return CountsRecord(
            ports=len(self.ports),
            findings=len(self.findings),
            complaints=len(self.complaints),
            cases=len(self.case_summaries),
            cells=sum(map(len, self.cells.values())),
            plain_cells=sum(map(len, self.plain_cells.values())),
            proofs=sum(len(p) for cases in self.proof_summaries.values() for p in cases.values()),
        )

    def list_distinct_marks(self) -> list[Marks]:
        """Return the marks of all cells, equal ones once."""
        distinct = {id(c.marks): c.marks for cells in self.cells.values() for c in cells.values()}
        return list(distinct.values())

    def list_verdicts(self, deviating: bool = False) -> Iterator[Verdict]:
        """Yield all verdicts, or those that deviate, without their texts."""
        for (port, variant), cells in self.cells.items():
            yield from list_verdicts(port, variant, cells.items(), deviating)

    # From the file

    def read_case(self, name: str) -> CaseRecord:
        """Return a case."""
        return self._read(CaseRecord, self.case_summaries[name].position)

    def read_cell(self, port: str, variant: Variant, case: str) -> CellRecord | None:
        """Return what a variant of a port answered to a case; None if the port was not asked."""
        cell = self.cells.get((port, variant), {}).get(case)
        return None if cell is None else self._read(CellRecord, cell.position)

    def read_verdict(self, verdict: Verdict) -> VerdictRecord:
        """Return a verdict with its texts."""
        cell = self.read_cell(verdict.port, verdict.variant, verdict.case)
        assert cell is not None
        return next(record for record in cell.verdicts if record.check == verdict.check)

    def read_cells(self) -> Iterator[CellRecord]:
        """Yield all cells, in the order of the file."""
        for cells in self.cells.values():
            for cell in cells.values():
                yield self._read(CellRecord, cell.position)

    @property
    def cases(self) -> tuple[CaseRecord, ...]:
        """All cases. Those of a large run need much memory."""
        return tuple(map(self.read_case, self.case_summaries))

    @property
    def verdicts(self) -> tuple[VerdictRecord, ...]:
        """All verdicts. Those of a large run need much memory; see `read_cells`."""
        return tuple(verdict for cell in self.read_cells() for verdict in cell.verdicts)

    @property
    def answers(self) -> tuple[AnswerRecord, ...]:
        """All answers. Those of a large run need much memory; see `read_cells`."""
        return tuple(cell.answer for cell in self.read_cells() if cell.answer)

    def read_plain_cell(self, port: str, case: str) -> PlainCellRecord | None:
        """Return what the plain build of a port made of a case; None if nothing deviates."""
        cell = self.plain_cells.get(port, {}).get(case)
        return None if cell is None else self._read(PlainCellRecord, cell.position)

    @property
    def proofs(self) -> tuple[ProofRecord, ...]:
        """The proofs of the claims of findings."""
        return tuple(
            ProofRecord(port=port, case=case, **proof._asdict())
            for port, cases in self.proof_summaries.items()
            for case, proofs in cases.items()
            for proof in proofs
        )

    def _read(self, record_type: type[R], position: int) -> R:
        return record_type.model_validate(from_json(self.lines.read(position)))

    def save(self, path: Path) -> None:
        """Write the results to a file, completely or not at all. docs/results.md describes it.

        Raises HarnessError if it cannot be written.
        """
        with open_atomically(path) as file:
            self.write(file)

    def write(self, file: BinaryIO) -> None:
        """Write the results to an open file. Raises OSError."""
        header = HeaderRecord(run=self.run, counts=self.counts)
        for record in (header, *self.ports, *self.findings, *self.complaints):
            file.write(record.to_line())
        self.lines.copy_to(file)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self._to_bytes() == other._to_bytes()

    __hash__ = None  # type: ignore[assignment]

    def _to_bytes(self) -> bytes:
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()
