"""Reads a results file line by line, and checks every line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from harness.errors import HarnessError
from harness.files import open_file
from harness.results.collector import Collector
from harness.results.findings import FindingProblemRecord, FindingRecord, ProofRecord
from harness.results.lines import LineFile
from harness.results.names import (
    ForbiddenNameError,
    require_case_name,
    require_finding_name,
    require_port_name,
)
from harness.results.record import Record
from harness.results.schema import (
    CaseRecord,
    CellRecord,
    HeaderRecord,
    PlainCellRecord,
    PortRecord,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from harness.results.results import Results

HINT = "Pass a results file that `harness check` wrote."
OLDER_HINT = "Run `harness check` again."

R = TypeVar("R", bound=Record)


def load_results(path: Path) -> Results:
    """Return the results in a file. The file stays open, as most of it is read on demand.

    Raises HarnessError with the line and the place of the mistake if it is not a valid results
    file.
    """
    try:
        file = open_file(path)
    except OSError as error:
        raise HarnessError(f"{path}: cannot be read: {error.strerror}", HINT) from None
    # The kernel's files in /proc have this size, and reading some of them does not end.
    if os.fstat(file.fileno()).st_size == 0:
        file.close()
        raise HarnessError(f"{path}: the file is empty", HINT)
    return read_results(file, str(path))


def read_results(file: BinaryIO, name: str) -> Results:
    """Return the results in an open file of that name. Raises HarnessError."""
    return ResultsReader(file, name).read()


class ResultsReader:
    """A results file that is being read, up to some line."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._lines = LineFile(file)
        self._name = name
        self._number = 0
        self._position = 0

    def read(self) -> Results:
        """Return the results. Raises HarnessError."""
        header = self._read_header()
        counts, collector = header.counts, Collector()
        ports, findings, complaints = [], [], []
        try:
            for port in self._read_section(PortRecord, counts.ports):
                require_port_name(port.name)
                ports.append(port)
            for finding in self._read_section(FindingRecord, counts.findings):
                require_port_name(finding.port)
                require_finding_name(finding.id)
                findings.append(finding)
            for complaint in self._read_section(FindingProblemRecord, counts.complaints):
                require_port_name(complaint.port)
                require_finding_name(complaint.finding)
                complaints.append(complaint)
            self._lines.start = self._lines.tell()
            names = {port.name for port in ports}
            if len(names) < len(ports):
                raise ValueError("there are two ports of one name")
            for case in self._read_section(CaseRecord, counts.cases):
                require_case_name(case.name)
                collector.add_case(case, self._position)
            for cell in self._read_section(CellRecord, counts.cells):
                require_port(cell.port, names)
                for name in list_earlier_cases(cell):
                    require_case_name(name)
                collector.add_cell(cell, self._position)
            for plain_cell in self._read_section(PlainCellRecord, counts.plain_cells):
                require_port(plain_cell.port, names)
                collector.add_plain_cell(plain_cell, self._position)
            for proof in self._read_section(ProofRecord, counts.proofs):
                require_port(proof.port, names)
                collector.add_proof(proof)
        except ForbiddenNameError as error:
            raise self._make_error(str(error), error.hint) from None
        except ValueError as error:
            raise self._make_error(str(error)) from None
        if self._read_line():
            raise self._make_error("further lines follow, which the first line does not count")
        return collector.build_results(
            header.run, tuple(ports), tuple(findings), tuple(complaints), self._lines
        )

    def _read_header(self) -> HeaderRecord:
        line = self._read_line()
        # The results of earlier versions were one value of JSON on many lines.
        if line.strip() == b"{":
            message = f"{self._name}: written by an earlier version of the harness"
            raise HarnessError(message, OLDER_HINT)
        return self._parse(HeaderRecord, line)

    def _read_section(self, record_type: type[R], count: int) -> Iterator[R]:
        for number in range(count):
            line = self._read_line()
            if not line:
                missing = f"it ends after {self._number - 1:,} lines"
                raise HarnessError(
                    f"{self._name}: {missing}, and {count - number:,} or more are missing", HINT
                )
            yield self._parse(record_type, line)

    def _read_line(self) -> bytes:
        self._position = self._lines.tell()
        self._number += 1
        try:
            return self._lines.read_next()
        except ValueError as error:
            raise self._make_error(str(error)) from None
        except OSError as error:
            message = f"{self._name}: cannot be read: {error.strerror}"
            raise HarnessError(message, HINT) from None

    def _parse(self, record_type: type[R], line: bytes) -> R:
        try:
            # Parsed and validated separately: in one step, each mistake would hold a copy of its
            # input.
            return record_type.model_validate(from_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            location = ".".join(str(step) for step in first["loc"]) or "the line"
            problem = "should be an object" if first["type"] == "model_type" else first["msg"]
            raise self._make_error(f"{location:.100}: {problem:.300}") from None
        except ValueError as error:
            # The parser has a limit for nesting of its own.
            raise self._make_error(f"not JSON, or nested too deep: {error}") from None

    def _make_error(self, message: str, hint: str = HINT) -> HarnessError:
        return HarnessError(f"{self._name}: line {self._number}: {message}", hint)


def require_port(name: str, known: Collection[str]) -> None:
    """Raise ValueError if there is no port of this name."""
    if name not in known:
        raise ValueError(f"there is no port {name!a:.60}")


def list_earlier_cases(cell: CellRecord) -> Iterator[str]:
    """Yield the names of the cases to ask before that of a cell, so that deviations occur."""
    for verdict in cell.verdicts:
        if verdict.recurrence is not None:
            yield from verdict.recurrence.after
