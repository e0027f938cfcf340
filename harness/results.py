"""The results of a run, as a value and as JSON.

Everything that people read is made from it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import HarnessError
from harness.files import write_whole
from harness.verdict import Check, Outcome, Standing

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Literal[1] = 1

Variant = Literal["published", "fixed"]
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


class PortRecord(Record):
    """A port as it was run. `trouble` says why it could not be, where it could not; `log` is the
    end of what its build printed."""

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


class ExpectedRecord(Record):
    """What the oracle says of a case, for ports of one arithmetic.

    `reduced` and `solution` are exact where that is short, and nearest doubles elsewhere;
    `numpy` is what numpy.linalg.solve makes of it.
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
    """One printed result, or why it could not be read."""

    shape: tuple[int, ...]
    rows: Rows
    trouble: str = ""


class Answer(Record):
    """What a port printed for one case, and how that ended."""

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


class Verdict(Record):
    """The answer to one check of one port about one case."""

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

    @property
    def standing(self) -> Standing:
        """Whether the outcome conforms, deviates, or says nothing of the port."""
        return self.outcome.standing

    @property
    def unexplained(self) -> bool:
        """Whether this is a deviation that no finding explains."""
        return self.outcome.deviates and self.finding is None


class Finding(Record):
    """A known fault of a port. (Recorded faults come with `findings.yaml`.)"""

    id: str
    port: str
    title: str


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

    @property
    def exit_status(self) -> int:
        """0: no unexplained deviation; 1: there is one; 3: a port could not be built or run."""
        if any(port.trouble and not port.missing_toolchain for port in self.ports):
            return 3
        if self.ports and all(port.trouble for port in self.ports):
            return 3
        return 1 if any(verdict.unexplained for verdict in self.verdicts) else 0

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
