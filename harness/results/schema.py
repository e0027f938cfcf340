"""The records of the results of a run, each of which is one line of JSON in a results file.

docs/results.md describes the file. All reports are made from it alone.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from harness.model.port_claim import PortClaim
from harness.model.recurrence import Occurrence, describe_occurrence
from harness.model.verdict import Outcome, Standing, Variant
from harness.procedures.fields import CheckField
from harness.results.promises import NO_PROMISES_RECORD, PromisesRecord
from harness.results.record import BoundedDict, Count, FailFastTuple, Record, Rows, Seconds, Shape

SCHEMA_VERSION: Literal[2] = 2


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


class FurtherRunRecord(Record):
    """The record of a further run of a port; see PortRecord."""

    seconds: Seconds
    trouble: str = ""
    log: str = ""
    missing_toolchain: bool = False
    broken: bool = False

    @property
    def failed(self) -> bool:
        """True if the port could not be built or run although its toolchain is available."""
        return bool(self.trouble) and not self.missing_toolchain


class FixedRunRecord(FurtherRunRecord):
    """The run of a port with the patches of its findings."""


class PlainOutcomeRecord(Record):
    """The outcome of a check in the plain build of a port."""

    check: CheckField
    outcome: Outcome
    detail: str = ""


class PlainCellRecord(Record):
    """What the plain build of a port made of a case in which one of the two builds deviates.

    `outcomes` are those of the checks that deviate in one of them.
    """

    port: str
    case: str
    outcomes: FailFastTuple[PlainOutcomeRecord]


class PlainRunRecord(FurtherRunRecord):
    """The run of a port in its plain build, without the checks that are added at run time.

    Its outcomes are records of their own.
    """


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

    @property
    def further_runs(self) -> tuple[FurtherRunRecord, ...]:
        """The runs of the port other than as published."""
        return tuple(run for run in (self.fixed, self.plain) if run is not None)


class ExpectedRecord(Record):
    """The oracle's results for a case, in one arithmetic.

    `reduced` and `solution` are exact where their numbers are short, and otherwise the nearest
    binary64 numbers. `numpy` is the result of numpy.linalg.solve. `inverse` and `determinant` are
    given for square systems, if a port has these procedures. `inverse` is given only for regular
    systems that are not large. `log_determinant` is the sign and the logarithm of a determinant,
    `cholesky` is L as NumPy computes it, and `least_squares` is the shortest solution.
    """

    solutions: str
    rank: Count
    augmented_rank: Count
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
    rows: Count
    unknowns: Count
    right_hand_sides: Count
    system: Rows
    solutions: str
    rank: Count
    condition: float
    expected: BoundedDict[ExpectedRecord]


class StageRecord(Record):
    """One printed result, or the reason why it could not be read.

    A large result in which nothing deviates has only its shape, and so has a result that would make
    its line too long.
    """

    shape: Shape
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
    reason: str = ""
    stages: BoundedDict[StageRecord] = Field(default_factory=dict)
    failures: BoundedDict[str] = Field(default_factory=dict)
    refusals: BoundedDict[str] = Field(default_factory=dict)
    remarks: FailFastTuple[str] = ()
    errors: FailFastTuple[str] = ()
    seconds: Seconds

    @property
    def messages(self) -> dict[str, str]:
        """The failures and the refusals of procedures, by name."""
        return {**self.failures, **self.refusals}


class PivotChoiceRecord(Record):
    """One step of a replayed elimination; rows and columns are counted from 0.

    `candidates` are rows with the magnitude of their entry in the column, the largest first.
    `others` is the number of smaller candidates that are left out. `taken` is None if the column
    was skipped. `legal` says whether the promised pivoting allows the choice, within the rounding
    error. `due` is the row and the column of an entry that it allows, where it does not.
    """

    column: Count
    taken: Count | None
    candidates: FailFastTuple[tuple[Count, float]]
    others: Count
    legal: bool
    due: tuple[Count, Count] | None = None


class RecurrenceRecord(Record):
    """How a deviation recurs that does not occur each time; see `recurrence.Recurrence`."""

    occurrence: Occurrence
    otherwise: Outcome
    count: Count
    answers: Count
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
    `claims` are those claims of the port that it tests, or that limit the answer.
    """

    port: str
    variant: Variant
    case: str
    check: CheckField
    outcome: Outcome
    detail: str = ""
    entries: FailFastTuple[tuple[Count, Count]] = ()
    measures: BoundedDict[float] = Field(default_factory=dict)
    follows: CheckField | None = None
    finding: str | None = None
    trace: FailFastTuple[PivotChoiceRecord] = ()
    recurrence: RecurrenceRecord | None = None
    claims: FailFastTuple[PortClaim] = ()

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


CELL_KEYS = {"port", "variant", "case"}


class CellRecord(Record):
    """What one variant of a port answered to one case, and the verdicts on it.

    In a line, the names of port, variant and case are given once, for the answer and all verdicts.
    `answer` is None for a listing's own example, and for the right answers of a fixed port.
    """

    port: str
    variant: Variant
    case: str
    answer: AnswerRecord | None = None
    verdicts: FailFastTuple[VerdictRecord] = ()

    EXCLUDED: ClassVar[Any] = {"answer": CELL_KEYS, "verdicts": {"__all__": CELL_KEYS}}

    @model_validator(mode="before")
    @classmethod
    def _name(cls, value: Any) -> Any:
        """Return the fields with the names added to the answer and to the verdicts."""
        if not isinstance(value, dict):
            return value
        names = {key: value.get(key) for key in CELL_KEYS}
        changes: dict[str, Any] = {}
        if isinstance(value.get("answer"), dict):
            changes["answer"] = {**value["answer"], **names}
        if isinstance(value.get("verdicts"), list):
            changes["verdicts"] = [
                {**verdict, **names} if isinstance(verdict, dict) else verdict
                for verdict in value["verdicts"]
            ]
        return {**value, **changes}


class CountsRecord(Record):
    """The numbers of lines that follow the first line of a results file, in this order."""

    ports: Count
    findings: Count
    complaints: Count
    cases: Count
    cells: Count
    plain_cells: Count
    proofs: Count


class HeaderRecord(Record):
    """The first line of a results file."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    OMITS_DEFAULTS: ClassVar[bool] = False

    schema_version: Literal[2] = Field(default=SCHEMA_VERSION, alias="schema")
    run: RunRecord
    counts: CountsRecord
