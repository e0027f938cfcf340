"""The results of a run, as a value and as JSON.

Everything that people read is made from it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import HarnessError
from harness.files import write_whole
from harness.verdict import Check, Outcome, Standing, Variant

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Literal[1] = 1

Rows = tuple[tuple[str, ...], ...]


class Record(BaseModel):
    """A plain frozen value that knows its own JSON; infinities are written as strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Run(Record):
    """How and when the results came about. `started` is ISO 8601, `seconds` wall clock.

    `again` is the command that runs one case of one port again, with `{port}` and `{case}`.
    """

    started: str
    seconds: float
    harness: str
    numpy: str
    engine: str
    implementations: str
    cases: str
    again: str = "harness show {port} {case}"
    interrupted: bool = False


class PublishedRun(Record):
    """What a listing's own main printed, and the system that it has built in."""

    command: tuple[str, ...]
    system: Rows
    output: str
    errors: tuple[str, ...]
    ending: str
    reason: str


class FixedRun(Record):
    """How it went to run a port with its findings' patches; see PortRecord."""

    seconds: float
    trouble: str = ""
    log: str = ""
    missing_toolchain: bool = False

    @property
    def failed(self) -> bool:
        """Whether it could not be built or run, though its toolchain is there."""
        return bool(self.trouble) and not self.missing_toolchain


class PortRecord(Record):
    """A port as it was run. `trouble` says why it could not be, where it could not; `log` is the
    end of what its build printed. `source` is the listing; `fixed` tells of the port with its
    findings' patches, where it has findings."""

    name: str
    language: str
    listing: str
    digest: str
    document: str
    arithmetic: str
    procedures: tuple[str, ...]
    notices: tuple[str, ...]
    engine: str
    base: str
    version: str
    seconds: float
    trouble: str = ""
    log: str = ""
    missing_toolchain: bool = False
    published: PublishedRun | None = None
    source: str = ""
    fixed: FixedRun | None = None

    @property
    def failed(self) -> bool:
        """Whether it could not be built or run, though its toolchain is there."""
        return bool(self.trouble) and not self.missing_toolchain


class ExpectedRecord(Record):
    """What the oracle says of a case, for ports of one arithmetic.

    `reduced` and `solution` are exact where that is short, and nearest doubles elsewhere;
    `numpy` is what numpy.linalg.solve makes of it. `inverse` and `determinant` are there for square
    systems where a port was asked for them, the inverse of a regular one that is not large.
    """

    solutions: str
    rank: int
    augmented_rank: int
    condition: float
    growth: float
    threshold: float
    reduced: Rows
    solution: tuple[str, ...] | None
    numpy: tuple[str, ...] | None
    inverse: Rows | None = None
    determinant: str | None = None


class CaseRecord(Record):
    """A case as it was asked; `system` is its augmented matrix as written, with the bar before
    the last `right_hand_sides` columns. The figures at the top are those of binary64."""

    name: str
    kind: str
    why: str
    place: str
    rows: int
    unknowns: int
    right_hand_sides: int
    system: Rows
    solutions: str
    rank: int
    condition: float
    expected: dict[str, ExpectedRecord]


class StageRecord(Record):
    """One printed result, or why it could not be read. Of a large one in which nothing deviates
    only the shape is kept."""

    shape: tuple[int, ...]
    rows: Rows
    trouble: str = ""


class Answer(Record):
    """What a port printed for one case, and how that ended. Of a fixed port only the answers are
    kept in which something deviates."""

    port: str
    variant: Variant
    case: str
    ending: str
    reason: str
    stages: dict[str, StageRecord]
    failures: dict[str, str]
    remarks: tuple[str, ...]
    errors: tuple[str, ...]
    seconds: float


class PivotStep(Record):
    """One step of an elimination as it was replayed; rows and columns are counted from 0.

    `candidates` are rows with the magnitude of their entry in the column, largest first, and
    `others` is how many smaller ones are left out; `taken` is None where the column was passed
    over; `legal` says whether the choice was the largest, as far as rounding can tell.
    """

    column: int
    taken: int | None
    candidates: tuple[tuple[int, float], ...]
    others: int
    legal: bool


class Verdict(Record):
    """The answer to one check of one port about one case.

    `follows` names the earlier check on whose fault this one hangs, `finding` the known fault that
    explains it, `trace` the pivots that were taken, where the check is about those.
    """

    port: str
    variant: Variant
    case: str
    check: Check
    outcome: Outcome
    detail: str
    entries: tuple[tuple[int, int], ...] = ()
    measures: dict[str, float] = {}
    follows: Check | None = None
    finding: str | None = None
    trace: tuple[PivotStep, ...] = ()

    @property
    def standing(self) -> Standing:
        """Whether the outcome conforms, deviates, or says nothing of the port."""
        return self.outcome.standing

    @property
    def unexplained(self) -> bool:
        """Whether this is a deviation that no finding explains; a fixed port should have none."""
        return self.outcome.deviates and self.finding is None


class Claim(Record):
    """The deviations that a finding explains: see `findings.Claim`."""

    check: Check
    cases: tuple[str, ...]
    outcome: Outcome | None = None
    why: str = ""


class Finding(Record):
    """A known fault of a port; `lines` are those of its listing, each first and last, from 1, and
    `patch` is the text of its correction. See `findings.Finding`."""

    id: str
    port: str
    title: str
    procedure: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    explanation: str = ""
    claims: tuple[Claim, ...] = ()
    patch: str = ""


class Complaint(Record):
    """What is amiss with a finding, as a sentence: it explains nothing any more, for example."""

    port: str
    finding: str
    sentence: str


class Results(Record):
    """All that a run found out."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    schema_version: Literal[1] = Field(default=SCHEMA, alias="schema")
    run: Run
    ports: tuple[PortRecord, ...]
    cases: tuple[CaseRecord, ...]
    answers: tuple[Answer, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def exit_status(self) -> int:
        """0: every deviation is explained, and every finding holds; 1: one is not, or does not;
        3: a port could not be built or run, as published or fixed."""
        if any(port.failed or (port.fixed and port.fixed.failed) for port in self.ports):
            return 3
        if self.ports and all(port.trouble for port in self.ports):
            return 3
        return 1 if self.complaints or any(v.unexplained for v in self.verdicts) else 0

    def save(self, path: Path) -> None:
        """Write results.json; raises HarnessError where it cannot be written."""
        write_whole(path, self.model_dump_json(indent=1) + "\n")


def load_results(path: Path) -> Results:
    """Read results.json; raises HarnessError where it is not one."""
    hint = "Give it a results.json that `harness check` wrote."
    try:
        return Results.model_validate_json(path.read_bytes())
    except OSError as error:
        raise HarnessError(f"{path}: cannot be read: {error.strerror}", hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise HarnessError(f"{path}: {where}: {first['msg']}", hint) from None
