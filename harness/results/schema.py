"""The results of a run, as a value and as JSON.

Everything that people read is made from it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json

from harness.errors import HarnessError
from harness.files import read_bounded, write_atomically
from harness.model.case import PUBLISHED_CASE
from harness.model.check import Check
from harness.model.verdict import Outcome, Standing, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA_VERSION: Literal[1] = 1

MAXIMUM_BYTES = 64_000_000
MAXIMUM_VALUES = 4_000_000
MAXIMUM_NAMES = 1_000
"""Bounds of a file that is read: of its size, of its values, and of those under one key. The run
of this repository's own ports takes a quarter of the first two."""


def limit_keys(value: Any) -> Any:
    """Refuse a mapping of more than MAXIMUM_NAMES keys, before each of them is looked at."""
    if isinstance(value, dict) and len(value) > MAXIMUM_NAMES:
        raise ValueError(f"more than {MAXIMUM_NAMES:,} keys")
    return value


T = TypeVar("T")
# The first mistake in a list is enough: those of a large file take gigabytes to tell.
FailFastTuple = Annotated[tuple[T, ...], Field(fail_fast=True)]
BoundedDict = Annotated[dict[str, T], BeforeValidator(limit_keys)]
Rows = FailFastTuple[FailFastTuple[str]]
Seconds = Annotated[float, Field(ge=0, le=1e9)]


class Record(BaseModel):
    """A plain frozen value that knows its own JSON; infinities are written as strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    @model_validator(mode="before")
    @classmethod
    def _few(cls, value: Any) -> Any:
        return limit_keys(value)


class RunRecord(Record):
    """How and when the results came about. `started` is ISO 8601, `seconds` wall clock.

    `again` is the command that runs one case of one port again, with `{port}` and `{case}`.
    """

    started: str
    seconds: Seconds
    harness: str
    numpy: str
    engine: str
    implementations: str
    cases: str
    again: str = "harness show {port} {case}"
    interrupted: bool = False


class OwnExampleRecord(Record):
    """What a listing's own main printed, and the system that it has built in."""

    command: FailFastTuple[str]
    system: Rows
    output: str
    errors: FailFastTuple[str]
    ending: str
    reason: str


class FixedRunRecord(Record):
    """How it went to run a port with its findings' patches; see PortRecord."""

    seconds: Seconds
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
    procedures: FailFastTuple[str]
    notices: FailFastTuple[str]
    engine: str
    base: str
    version: str
    seconds: Seconds
    trouble: str = ""
    log: str = ""
    missing_toolchain: bool = False
    published: OwnExampleRecord | None = None
    source: str = ""
    fixed: FixedRunRecord | None = None

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
    solution: FailFastTuple[str] | None
    numpy: FailFastTuple[str] | None
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
    expected: BoundedDict[ExpectedRecord]


class StageRecord(Record):
    """One printed result, or why it could not be read. Of a large one in which nothing deviates
    only the shape is kept."""

    shape: FailFastTuple[int]
    rows: Rows
    trouble: str = ""


class AnswerRecord(Record):
    """What a port printed for one case, and how that ended. Of a fixed port only the answers are
    kept in which something deviates."""

    port: str
    variant: Variant
    case: str
    ending: str
    reason: str
    stages: BoundedDict[StageRecord]
    failures: BoundedDict[str]
    remarks: FailFastTuple[str]
    errors: FailFastTuple[str]
    seconds: Seconds


class PivotChoiceRecord(Record):
    """One step of an elimination as it was replayed; rows and columns are counted from 0.

    `candidates` are rows with the magnitude of their entry in the column, largest first, and
    `others` is how many smaller ones are left out; `taken` is None where the column was passed
    over; `legal` says whether the choice was the largest, as far as rounding can tell.
    """

    column: int
    taken: int | None
    candidates: FailFastTuple[tuple[int, float]]
    others: int
    legal: bool


class VerdictRecord(Record):
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
    entries: FailFastTuple[tuple[int, int]] = ()
    measures: BoundedDict[float] = {}
    follows: Check | None = None
    finding: str | None = None
    trace: FailFastTuple[PivotChoiceRecord] = ()

    @property
    def standing(self) -> Standing:
        """Whether the outcome conforms, deviates, or says nothing of the port."""
        return self.outcome.standing

    @property
    def unexplained(self) -> bool:
        """Whether this is a deviation that no finding explains; a fixed port should have none."""
        return self.outcome.deviates and self.finding is None


class ClaimRecord(Record):
    """The deviations that a finding explains: see `findings.Claim`."""

    check: Check
    cases: FailFastTuple[str]
    outcome: Outcome | None = None
    why: str = ""


class FindingRecord(Record):
    """A known fault of a port; `lines` are those of its listing, each first and last, from 1, and
    `patch` is the text of its correction. See `findings.Finding`."""

    id: str
    port: str
    title: str
    procedure: str = ""
    lines: FailFastTuple[tuple[int, int]] = ()
    explanation: str = ""
    claims: FailFastTuple[ClaimRecord] = ()
    patch: str = ""


class FindingProblemRecord(Record):
    """What is amiss with a finding, as a sentence: it explains nothing any more, for example."""

    port: str
    finding: str
    sentence: str


class Results(Record):
    """All that a run found out."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, alias="schema")
    run: RunRecord
    ports: FailFastTuple[PortRecord]
    cases: FailFastTuple[CaseRecord]
    answers: FailFastTuple[AnswerRecord]
    verdicts: FailFastTuple[VerdictRecord]
    findings: FailFastTuple[FindingRecord] = ()
    complaints: FailFastTuple[FindingProblemRecord] = ()

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
        write_atomically(path, self.model_dump_json(indent=1) + "\n")


def load_results(path: Path) -> Results:
    """Read results.json; raises HarnessError where it is not one, with the place in it."""
    hint = "Give it a results.json that `harness check` wrote."
    try:
        data = read_bounded(path, MAXIMUM_BYTES)
        if data.count(b",") > MAXIMUM_VALUES:
            raise HarnessError(f"{path}: more than {MAXIMUM_VALUES:,} values", hint)
        # Not in one step with the next: each mistake would hold a copy of all that it is about.
        content = from_json(data)
        results = Results.model_validate(content)
    except OSError as error:
        raise HarnessError(f"{path}: cannot be read: {error.strerror}", hint) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        location = ".".join(str(step) for step in first["loc"]) or "the file"
        problem = "should be an object" if first["type"] == "model_type" else first["msg"]
        raise HarnessError(f"{path}: {location:.100}: {problem:.300}", hint) from None
    except ValueError as error:
        raise HarnessError(f"{path}: not JSON: {error}", hint) from None
    for inconsistency in find_inconsistencies(results):
        raise HarnessError(f"{path}: {inconsistency}", hint)
    return results


def find_inconsistencies(results: Results) -> Iterator[str]:
    """What does not hang together: two ports or cases of one name, and what is told of none."""
    ports = [port.name for port in results.ports]
    cases = [case.name for case in results.cases]
    for kind, names in (("port", ports), ("case", cases)):
        first = {name: number for number, name in reversed([*enumerate(names)])}
        for number, name in enumerate(names):
            if first[name] != number:
                yield f"{kind}s.{number}: {name!r:.60} is the name of {kind}s.{first[name]} already"
    known = {"port": {*ports}, "case": {*cases, PUBLISHED_CASE}}
    references = [
        (f"answers.{n}", answer.port, answer.case) for n, answer in enumerate(results.answers)
    ]
    references += [(f"verdicts.{n}", v.port, v.case) for n, v in enumerate(results.verdicts)]
    for place, *names in references:
        for kind, name in zip(known, names, strict=True):
            if name not in known[kind]:
                yield f"{place}.{kind}: there is no {kind} {name!r:.60}"
