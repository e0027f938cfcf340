"""Writes the lines of a run as they are produced, so that they need no memory.

Each variant of a port writes its cells to a temporary file of its own, as ports run in parallel.
In the end they are put together in the order of the ports, whatever ended first.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic_core import from_json

from harness.results.cells import Cell, Cells, MarkPool, list_verdicts
from harness.results.collector import Collector
from harness.results.lines import LineFile, is_too_long
from harness.results.schema import CellRecord, PlainCellRecord
from harness.results.times import fix_run, remove_cell_times, remove_port_times
from harness.text import clip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.model.verdict import Variant
    from harness.results.cells import Verdict
    from harness.results.findings import FindingProblemRecord, FindingRecord, ProofRecord
    from harness.results.results import Results
    from harness.results.schema import (
        CaseRecord,
        PortRecord,
        RunRecord,
    )


MAXIMUM_TEXT_LENGTH = 10_000
MAXIMUM_LINES = 200
"""The bounds of the texts of an answer that would be too long a line of the file."""


class CellSpool:
    """The cells of one variant of a port so far, in a temporary file."""

    def __init__(self, port: str, variant: Variant, pool: MarkPool, has_times: bool = True) -> None:
        """Create an empty one. Without `has_times`, the cells are written without times."""
        self.port, self.variant = port, variant
        self.cells: Cells = {}
        self._pool = pool
        self._has_times = has_times
        self._lines = LineFile()

    def add(self, record: CellRecord) -> None:
        """Add a cell. It replaces an earlier one on the same case, and takes its place."""
        if not self._has_times:
            record = remove_cell_times(record)
        seconds = record.answer.seconds if record.answer else 0.0
        position = self._lines.append(encode_cell(record))
        marks = self._pool.collect(record.verdicts)
        self.cells[sys.intern(record.case)] = Cell(marks, seconds, position)

    def list_verdicts(self) -> Iterator[Verdict]:
        """Yield the verdicts of all cells, without their texts."""
        return list_verdicts(self.port, self.variant, self.cells.items())

    def read(self, case: str) -> bytes:
        """Return the line of a case."""
        return self._lines.read(self.cells[case].position)


class PlainSpool:
    """What the plain build of a port made of its cases so far, in a temporary file."""

    def __init__(self) -> None:
        self._lines = LineFile()
        self._positions: list[int] = []

    def add(self, record: PlainCellRecord) -> None:
        """Add what it made of a case."""
        self._positions.append(self._lines.append(record.to_line()))

    def __iter__(self) -> Iterator[PlainCellRecord]:
        for position in self._positions:
            yield PlainCellRecord.model_validate(from_json(self._lines.read(position)))


class ResultsWriter:
    """The results of a run that goes on. The cases come first, then the cells of each port, then
    what plain builds showed, then the proofs."""

    def __init__(self, fixed_time: str | None = None) -> None:
        """Start with no lines. If `fixed_time` is given, the results have no other times."""
        self._collector = Collector()
        self._lines = LineFile()
        self._fixed_time = fixed_time

    def open_spool(self, port: str, variant: Variant) -> CellSpool:
        """Return an empty spool for the cells of a variant of a port."""
        return CellSpool(port, variant, self._collector.pool, self._fixed_time is None)

    def add_case(self, record: CaseRecord) -> None:
        """Write a case."""
        self._collector.add_case(record, self._lines.append(record.to_line()))

    def add_cells(self, spool: CellSpool) -> None:
        """Write all cells of a variant of a port."""
        cells = {
            case: replace(cell, position=self._lines.append(spool.read(case)))
            for case, cell in spool.cells.items()
        }
        if cells:
            self._collector.add_cells(spool.port, spool.variant, cells)

    def add_plain_cell(self, record: PlainCellRecord) -> None:
        """Write what the plain build of a port made of a case."""
        self._collector.add_plain_cell(record, self._lines.append(record.to_line()))

    def add_proof(self, record: ProofRecord) -> None:
        """Write the proof of a claim."""
        self._lines.append(record.to_line())
        self._collector.add_proof(record)

    def finish(
        self,
        run: RunRecord,
        ports: tuple[PortRecord, ...],
        findings: tuple[FindingRecord, ...] = (),
        complaints: tuple[FindingProblemRecord, ...] = (),
    ) -> Results:
        """Return the results."""
        if self._fixed_time is not None:
            run = fix_run(run, self._fixed_time)
            ports = tuple(map(remove_port_times, ports))
        return self._collector.build_results(run, ports, findings, complaints, self._lines)


def encode_cell(record: CellRecord) -> bytes:
    """Return the line of a cell. Where it would be too long, printed results have only their
    shapes, no entries are marked, and texts are clipped."""
    line = record.to_line()
    return shorten_cell(record).to_line() if is_too_long(line) else line


def shorten_cell(record: CellRecord) -> CellRecord:
    """Return a cell without printed numbers, and with short texts."""
    verdicts = tuple(
        verdict.model_copy(
            update={"detail": clip(verdict.detail, MAXIMUM_TEXT_LENGTH), "entries": (), "trace": ()}
        )
        for verdict in record.verdicts
    )
    answer = record.answer and record.answer.model_copy(
        update={
            "reason": clip(record.answer.reason, MAXIMUM_TEXT_LENGTH),
            "stages": {
                label: stage.model_copy(
                    update={"rows": (), "trouble": clip(stage.trouble, MAXIMUM_TEXT_LENGTH)}
                )
                for label, stage in record.answer.stages.items()
            },
            "failures": clip_messages(record.answer.failures),
            "refusals": clip_messages(record.answer.refusals),
            "remarks": shorten_lines(record.answer.remarks),
            "errors": shorten_lines(record.answer.errors),
        }
    )
    return record.model_copy(update={"answer": answer, "verdicts": verdicts})


def clip_messages(messages: Mapping[str, str]) -> dict[str, str]:
    """Return the messages of procedures, each of bounded length."""
    return {name: clip(message, MAXIMUM_TEXT_LENGTH) for name, message in messages.items()}


def shorten_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the last lines, each of bounded length."""
    return tuple(clip(line, MAXIMUM_TEXT_LENGTH) for line in lines[-MAXIMUM_LINES:])
