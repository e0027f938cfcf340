"""The results of a run, as a value and as JSON.

All reports are made from the results alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json

from harness.errors import HarnessError
from harness.files import read_file, write_atomically
from harness.model.case import PUBLISHED_CASE
from harness.model.finding import Place
from harness.model.promises import (
    FreeUnknowns,
    Inconsistent,
    Pivoting,
    RankDeficient,
    Triangle,
)
from harness.model.recurrence import Occurrence, describe_occurrence
from harness.model.verdict import Outcome, Standing, Variant
from harness.procedures.fields import CheckField

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA_VERSION: Literal[1] = 1

MAXIMUM_BYTES = 64_000_000
MAXIMUM_VALUES = 4_000_000
MAXIMUM_NAMES = 1_000
"""Bounds of a file that is read: its size, its number of values, and the number of keys in one
object. A run of this repository's own ports uses a quarter of the first two."""


def limit_keys(value: Any) -> Any:
    """Return the value.

    Raises ValueError for a mapping of more than MAXIMUM_NAMES keys, before its values are
    validated.
    """
    if isinstance(value, dict) and len(value) > MAXIMUM_NAMES:
        raise ValueError(f"more than {MAXIMUM_NAMES:,} keys")
    return value


T = TypeVar("T")
# Validation stops at the first mistake in a list: to describe all mistakes of a large file takes
# gigabytes of memory.
FailFastTuple = Annotated[tuple[T, ...], Field(fail_fast=True)]
BoundedDict = Annotated[dict[str, T], BeforeValidator(limit_keys)]
Rows = FailFastTuple[FailFastTuple[str]]
Seconds = Annotated[float, Field(ge=0, le=1e9)]


class Record(BaseModel):
    """An immutable value that can be written as JSON. Infinities are written as strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    @model_validator(mode="before")
    @classmethod
    def _few(cls, value: Any) -> Any:
        return limit_keys(value)


class RunRecord(Record):
    """The time and the circumstances of a run. `started` is ISO 8601, `seconds` is wall-clock time.

    `again` is the command that runs one case of one port again, with `{port}` and `{case}`. A part
    of it in square brackets, with `{after}`, is for cases that are asked first. `probe` is the
    command that tests a driver step by step, with `{port}`.
    """

    started: str
    seconds: Seconds
    harness: str
    numpy: str
    engine: str
    implementations: str
    cases: str
    again: str = "harness show {port} {case}"
    probe: str = "harness probe {port}"
    interrupted: bool = False


class OwnExampleRecord(Record):
    """The output of a listing's own main, and the system that is built into it."""

    command: FailFastTuple[str]
    system: Rows
    output: str
    errors: FailFastTuple[str]
    ending: str
    reason: str


class FixedRunRecord(Record):
    """The record of a port with the patches of its findings; see PortRecord."""

    seconds: Seconds
    trouble: str = ""
    log: str = ""
    missing_toolchain: bool = False
    broken: bool = False

    @property
    def failed(self) -> bool:
        """True if the port could not be built or run although its toolchain is available."""
        return bool(self.trouble) and not self.missing_toolchain


class PlainOutcomeRecord(Record):
    """The outcome of a check in the plain build of a port."""

    case: str
    check: CheckField
    outcome: Outcome
    detail: str = ""


class PlainRunRecord(Record):
    """The run of a port in its plain build, without the checks that are added at run time.

    `outcomes` are those of the checks that deviate in one of the two builds. `trouble` says why it
    could not be run.
    """

    seconds: Seconds
    trouble: str = ""
    outcomes: FailFastTuple[PlainOutcomeRecord] = ()


class PromisesRecord(Record):
    """What a port promises about its answers; see docs/verdicts.md.

    The tolerances are texts such as `1e-09`, and empty without a tolerance.
    """

    pivoting: str = Pivoting.PARTIAL
    zero_tolerance: str = ""
    free_unknowns: str = FreeUnknowns.NONE
    inconsistent: str = Inconsistent.NONE
    cholesky_reads: str = Triangle.BOTH
    rank_deficient: str = RankDeficient.NONE
    residual_tolerance: str = ""


NO_PROMISES_RECORD = PromisesRecord()


class ToolchainRecord(Record):
    """What the base image of a port holds: pairs of a package of Debian and its version.

    `image` is the image's id. `requested` are the packages that the port asks for. Without a base
    image, or in one of another system, there are no packages.
    """

    image: str = ""
    requested: FailFastTuple[str] = ()
    packages: FailFastTuple[tuple[str, str]] = ()


NO_TOOLCHAIN = ToolchainRecord()


class PortRecord(Record):
    """A port as it was run.

    `base` and `toolchain` are what it was built on. `trouble` says why it could not be run, and is
    empty if it was run. `log` is the end of what its build printed; of a port that is `broken`,
    whose program answers no case, the end of what the program printed. `source` is the listing.
    `fixed` describes the port with the patches of its findings, if it has any. `runtime_checks` are
    the options with which its build adds checks at run time, and `plain` is its run without them,
    if it has a plain build.
    """

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
    toolchain: ToolchainRecord = NO_TOOLCHAIN
    version: str
    seconds: Seconds
    trouble: str = ""
    log: str = ""
    missing_toolchain: bool = False
    broken: bool = False
    published: OwnExampleRecord | None = None
    source: str = ""
    runtime_checks: FailFastTuple[str] = ()
    promises: PromisesRecord = NO_PROMISES_RECORD
    plain: PlainRunRecord | None = None
    fixed: FixedRunRecord | None = None

    @property
    def failed(self) -> bool:
        """True if the port could not be built or run although its toolchain is available."""
        return bool(self.trouble) and not self.missing_toolchain


class ExpectedRecord(Record):
    """The oracle's results for a case, in one arithmetic.

    `reduced` and `solution` are exact where their numbers are short, and otherwise the nearest
    binary64 numbers. `numpy` is the result of numpy.linalg.solve. `inverse` and `determinant` are
    given for square systems, if a port has these procedures. `inverse` is given only for regular
    systems that are not large. `log_determinant` is the sign and the logarithm of a determinant,
    `cholesky` is L as NumPy computes it, and `least_squares` is the shortest solution.
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
    log_determinant: FailFastTuple[str] | None = None
    cholesky: Rows | None = None
    least_squares: Rows | None = None


class CaseRecord(Record):
    """A case as it was sent to the ports.

    `system` is its augmented matrix as written, with the bar before the last `right_hand_sides`
    columns. `solutions`, `rank` and `condition` are those of binary64.
    """

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
    """One printed result, or the reason why it could not be read.

    A large result in which nothing deviates has only its shape.
    """

    shape: FailFastTuple[int]
    rows: Rows
    trouble: str = ""


class AnswerRecord(Record):
    """The output of a port for one case, and its ending.

    Answers of a fixed port are stored only if something in them deviates.
    """

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
    """One step of a replayed elimination; rows and columns are counted from 0.

    `candidates` are rows with the magnitude of their entry in the column, the largest first.
    `others` is the number of smaller candidates that are left out. `taken` is None if the column
    was skipped. `legal` says whether the promised pivoting allows the choice, within the rounding
    error. `due` is the row and the column of an entry that it allows, where it does not.
    """

    column: int
    taken: int | None
    candidates: FailFastTuple[tuple[int, float]]
    others: int
    legal: bool
    due: tuple[int, int] | None = None


class RecurrenceRecord(Record):
    """How a deviation recurs that does not occur each time; see `recurrence.Recurrence`."""

    occurrence: Occurrence
    otherwise: Outcome
    count: int
    answers: int
    after: FailFastTuple[str] = ()

    @property
    def summary(self) -> str:
        """When the deviation occurs: `only after singular-2x2`, or `not every time`."""
        return describe_occurrence(self.occurrence, self.after)


class VerdictRecord(Record):
    """The result of one check of one port on one case.

    `follows` names the earlier check whose fault caused this one. `finding` names the known fault
    that explains the deviation. `trace` holds the chosen pivots, if the check is about pivots.
    `recurrence` is given for a deviation that does not occur each time that the case is asked.
    """

    port: str
    variant: Variant
    case: str
    check: CheckField
    outcome: Outcome
    detail: str
    entries: FailFastTuple[tuple[int, int]] = ()
    measures: BoundedDict[float] = {}
    follows: CheckField | None = None
    finding: str | None = None
    trace: FailFastTuple[PivotChoiceRecord] = ()
    recurrence: RecurrenceRecord | None = None

    @property
    def standing(self) -> Standing:
        """The standing of the outcome: conforming, deviating, or neither."""
        return self.outcome.standing

    @property
    def unexplained(self) -> bool:
        """True for a deviation that no finding explains, such as any deviation of a fixed port."""
        return self.outcome.deviates and self.finding is None

    @property
    def asked_first(self) -> tuple[str, ...]:
        """The cases to ask first, so that the deviation occurs; `*` stands for all before it."""
        if self.recurrence is None or self.recurrence.occurrence is not Occurrence.AFTER_OTHERS:
            return ()
        return self.recurrence.after or ("*",)


class ClaimRecord(Record):
    """The deviations that a finding explains; see `findings.Claim`."""

    check: CheckField
    cases: FailFastTuple[str]
    outcome: Outcome | None = None
    why: str = ""


class FindingRecord(Record):
    """A known fault of a port; see `findings.Finding`.

    `place` is `listing`, `driver` or `number type`. `lines` are ranges of lines of its listing,
    each with the first and the last line, counted from 1. `patch` is the text of its correction.
    """

    id: str
    port: str
    title: str
    place: Place = Place.LISTING
    procedure: str = ""
    lines: FailFastTuple[tuple[int, int]] = ()
    explanation: str = ""
    claims: FailFastTuple[ClaimRecord] = ()
    patch: str = ""


class ProofRecord(Record):
    """The proof of the claim of a finding on one deviation of a published port; see `proof.Proof`.

    The port was run on the case again with subsets of its patches. `necessary` names the findings
    without whose patch the deviation remains, `alone` says whether the finding's own patch suffices
    to cure it, `moves` that without this patch another check of the same result deviates.
    """

    port: str
    finding: str
    case: str
    check: CheckField
    necessary: FailFastTuple[str]
    alone: bool
    moves: bool = False

    @property
    def holds(self) -> bool:
        """True if the claim stands: the patch is necessary, or it is one of several of which each
        cures the deviation alone."""
        return self.finding in self.necessary or (not self.necessary and self.alone)


class FindingProblemRecord(Record):
    """A sentence on why a finding does not hold: for example, that it explains nothing any more."""

    port: str
    finding: str
    sentence: str


class Results(Record):
    """All results of a run."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, alias="schema")
    run: RunRecord
    ports: FailFastTuple[PortRecord]
    cases: FailFastTuple[CaseRecord]
    answers: FailFastTuple[AnswerRecord]
    verdicts: FailFastTuple[VerdictRecord]
    findings: FailFastTuple[FindingRecord] = ()
    proofs: FailFastTuple[ProofRecord] = ()
    complaints: FailFastTuple[FindingProblemRecord] = ()

    @property
    def exit_status(self) -> int:
        """The exit status of a run with these results.

        0: every deviation is explained, and every finding holds. 1: a deviation is not explained,
        or a finding does not hold. 3: a port could not be built or run, as published or fixed, or
        the harness itself failed on an answer.
        """
        if any(verdict.outcome is Outcome.NOT_JUDGED for verdict in self.verdicts):
            return 3
        if any(port.failed or (port.fixed and port.fixed.failed) for port in self.ports):
            return 3
        if self.ports and all(port.trouble for port in self.ports):
            return 3
        return 1 if self.complaints or any(v.unexplained for v in self.verdicts) else 0

    def save(self, path: Path) -> None:
        """Write results.json. Raises HarnessError if it cannot be written."""
        write_atomically(path, self.model_dump_json(indent=1) + "\n")


def load_results(path: Path) -> Results:
    """Return the results in a file. Raises HarnessError with the place of the mistake if the
    file is not a valid results.json."""
    hint = "Pass a results.json that `harness check` wrote."
    try:
        data = read_file(path, MAXIMUM_BYTES)
        if data.count(b",") > MAXIMUM_VALUES:
            raise HarnessError(f"{path}: more than {MAXIMUM_VALUES:,} values", hint)
        # Parsed and validated separately: in one step, each mistake would hold a copy of its input.
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
    """Yield descriptions of inconsistencies: two ports or two cases of one name, and answers or
    verdicts that refer to a port or case that does not exist."""
    ports = [port.name for port in results.ports]
    cases = [case.name for case in results.cases]
    for kind, names in (("port", ports), ("case", cases)):
        first = {name: number for number, name in reversed([*enumerate(names)])}
        for number, name in enumerate(names):
            if first[name] != number:
                yield f"{kind}s.{number}: {name!r:.60} is already the name of {kind}s.{first[name]}"
    known = {"port": {*ports}, "case": {*cases, PUBLISHED_CASE}}
    references = [
        (f"answers.{n}", answer.port, answer.case) for n, answer in enumerate(results.answers)
    ]
    references += [(f"verdicts.{n}", v.port, v.case) for n, v in enumerate(results.verdicts)]
    for place, *names in references:
        for kind, name in zip(known, names, strict=True):
            if name not in known[kind]:
                yield f"{place}.{kind}: there is no {kind} {name!r:.60}"
