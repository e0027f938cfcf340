"""Test a port's driver step by step, up to the first trouble.

The driver is tested, not the program. Results are compared only where the same system is asked
again, and where there is nothing to eliminate, so that the numbers must come back as sent.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.errors import EngineError
from harness.inputs import matrix_families
from harness.model.case import Case, Kind
from harness.model.number import Number, parse_number
from harness.probe import round_trip
from harness.probe.client import Exchange, ProbeClient
from harness.probe.diagnosis import (
    AnswerReading,
    diagnose_answer,
    find_case_line,
)
from harness.probe.trouble import Trouble, quote_line
from harness.procedures.solve import SECONDS
from harness.protocol.connection import End, Request
from harness.protocol.error_log import last_error_line
from harness.runs.answers import build_case_limits, explain_not_asked
from harness.runs.toolchain import UNKNOWN, read_version

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from harness.engines.base import Engine, Program
    from harness.model.port import Port
    from harness.protocol.connection import CaseLimits

REPETITIONS = 50
"""The number of cases that one process is asked in a row."""

LARGE_ORDER = 60
LARGE_CASE_COPIES = 16
"""The number of answers to the large system that fill any buffer a driver is likely to have."""

NOT_STARTED_STATUSES = (126, 127)
"""Exit statuses of shells, and of a container's first process, where there is no program."""

SANITIZER_PREFIX = "SUMMARY: "
"""The beginning of the line that a compiler's sanitizer prints as it ends a faulty program."""


@dataclass(frozen=True)
class ProbeStep:
    """One step of a probe, and its result.

    `detail` describes a step that went well. `notes` describe harmless oddities.
    """

    title: str
    detail: str = ""
    notes: tuple[str, ...] = ()
    exchange: Exchange | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True)
class ProbeCase:
    """A system to ask for. `must_succeed` is False where a program may have a reason to fail."""

    title: str
    case: Case
    must_succeed: bool = True


def probe_driver(
    port: Port, engine: Engine, seconds: float | None, announce: Callable[[str], None]
) -> Generator[ProbeStep, None, None]:
    """Test a port's driver and yield the steps. Only the last one can have trouble.

    `seconds`, where given, replaces the manifest's time limits for an answer. `announce` is called
    with the title of each step as it begins. Raises HarnessError where the port cannot be built or
    started.
    """
    announce("build")
    program = engine.build(port)
    limits = build_case_limits(port)
    if seconds is not None:
        limits = replace(limits, seconds_per_case=seconds, seconds_to_start=0.0)
    yield ProbeStep("build", program.base.description)
    announce("version")
    version = read_version(program, port, limits)
    is_unknown = version.startswith(UNKNOWN)
    notes = ("Correct the command `version` in port.yaml.",) if is_unknown else ()
    yield ProbeStep("version", version, notes)
    with closing(DriverProbe(port, program, limits)) as driver:
        announce("start")
        driver.start_client()
        yield ProbeStep("start", " ".join(port.run))
        for probe_case in build_probe_cases(port):
            announce(probe_case.title)
            step = driver.ask(probe_case)
            yield step
            if step.trouble:
                return
        announce(f"{REPETITIONS} systems, one after the other")
        step = driver.ask_many()
        yield step
        if step.trouble is None:
            announce("end of input")
            yield driver.end()


def build_probe_cases(port: Port) -> Iterator[ProbeCase]:
    """Yield the systems to ask for, in order."""
    square = "2 1 | 5\n1 3 | 10"
    yield ProbeCase("a 2×2 system", parse_case("two-by-two", square))
    yield ProbeCase("a 1×1 system", parse_case("one-by-one", "2 | 3"), must_succeed=False)
    yield ProbeCase(
        "a 3×3 system", parse_case("three-by-three", "2 1 -1 | 8\n-3 -1 2 | -11\n-2 1 2 | -3")
    )
    yield ProbeCase(
        "a singular system", parse_case("singular", "1 2 | 3\n2 4 | 6"), must_succeed=False
    )
    yield ProbeCase(
        "the 2×2 system again, after the singular one", parse_case("two-by-two-again", square)
    )
    yield ProbeCase("a wide system", parse_case("wide", "1 2 3 | 4\n2 5 7 | 9"), must_succeed=False)
    yield ProbeCase(
        "a tall system", parse_case("tall", "1 1 | 3\n1 2 | 5\n1 3 | 7"), must_succeed=False
    )
    two_sides = parse_case("two-sides", "2 1 | 5 1\n1 3 | 10 0")
    if not explain_not_asked(two_sides, port):
        yield ProbeCase("two right-hand sides", two_sides, must_succeed=False)
    yield ProbeCase(f"a {LARGE_ORDER}×{LARGE_ORDER} system", build_large_case())
    yield ProbeCase(
        "small and large numbers",
        parse_case("numbers", round_trip.format_rows(port.arithmetic)),
    )


def parse_case(name: str, text: str) -> Case:
    """Return a case from rows that are written as in case files."""
    lines = [line.split("|") for line in text.splitlines()]
    system = tuple(
        tuple(map(parse_number, (*left.split(), *right.split()))) for left, right in lines
    )
    return make_case(name, system, len(lines[0][1].split()))


def build_large_case() -> Case:
    """Return a tridiagonal system whose rows are long lines."""
    matrix = matrix_families.build_matrix("tridiagonal", LARGE_ORDER)
    system = tuple(
        tuple(map(Number.from_fraction, (*row, sum(row, Fraction(0))))) for row in matrix
    )
    return make_case("large", system, 1)


def make_case(name: str, system: tuple[tuple[Number, ...], ...], right_hand_sides: int) -> Case:
    """Return a case that is in no file."""
    return Case(name, Kind.REGULAR, "", "", system, right_hand_sides, {})


class DriverProbe:
    """A driver under test: its process, and the results so far."""

    def __init__(self, port: Port, program: Program, limits: CaseLimits) -> None:
        self._port = port
        self._program = program
        self._limits = limits
        self._client: ProbeClient | None = None
        self._names_asked: list[str] = []
        self._marked_names: set[str] = set()
        self._noted: set[str] = set()
        self._first_reading: AnswerReading | None = None

    def start_client(self) -> ProbeClient:
        """Return the client of the process, started where there is none. Raises EngineError."""
        if self._client is None:
            self._client = ProbeClient(self._program.start(self._port.run), self._limits)
        return self._client

    def close(self) -> None:
        """End the process, if there is one."""
        if self._client is not None:
            self._marked_names |= self._client.marked
            self._client.close()
            self._client = None

    def ask(self, probe_case: ProbeCase) -> ProbeStep:
        """Ask the driver one system and return the step."""
        exchange = self.start_client().ask(self._build_request(probe_case.case))
        if not self._names_asked:
            check_program_started(self._port, exchange)
        self._names_asked.append(probe_case.case.name)
        reading = diagnose_answer(probe_case.case, exchange, self._port, probe_case.must_succeed)
        if reading.trouble and exchange.end is End.SILENT:
            return self._examine_silence(probe_case, exchange, reading.trouble)
        notes = [*self._find_oddities(probe_case.case, exchange)]
        trouble = reading.trouble or self._check_repeated_answer(probe_case.case, reading)
        if (
            trouble
            and not probe_case.must_succeed
            and self._has_crashed(probe_case.case.name, exchange)
        ):
            last_line = last_error_line(exchange.errors) or str(exchange.exit)
            notes.append(
                self._note_replaced_process(f"The process ended here: {quote_line(last_line)}.")
            )
            return ProbeStep(probe_case.title, notes=tuple(notes))
        if trouble is None and probe_case.case.name == "numbers":
            stages, arithmetic = reading.stages, self._port.arithmetic
            trouble, note = round_trip.find_mismatch(probe_case.case, stages, exchange, arithmetic)
            notes += [note] if note else []
        notes += [] if trouble else format_failure_notes(reading)
        return ProbeStep(probe_case.title, notes=tuple(notes), exchange=exchange, trouble=trouble)

    def ask_many(self) -> ProbeStep:
        """Ask the driver one small system many times and return the step."""
        title = f"{REPETITIONS} systems, one after the other"
        for number in range(1, REPETITIONS + 1):
            step = self.ask(ProbeCase(title, parse_case(f"many-{number}", "2 1 | 5\n1 3 | 10")))
            if step.trouble:
                return step
        return ProbeStep(title)

    def end(self) -> ProbeStep:
        """End the driver's input and return the step on how the process ends."""
        client = self.start_client()
        exchange = client.finish()
        self.close()
        title, expected = "end of input", "the end of the driver, with exit status 0"
        if exchange.end is not End.CLOSED or exchange.exit is None:
            happened = (
                f"the driver did not end within {exchange.seconds:.2g} s after the end of its input"
            )
            advice = "Leave the loop when there is no next line."
            return ProbeStep(title, exchange=exchange, trouble=Trouble(happened, expected, advice))
        if exchange.exit.status != 0:
            happened = f"the driver ended with a failure: {exchange.exit}"
            advice = "Treat the end of standard input as the end of the cases, not as an error."
            return ProbeStep(title, exchange=exchange, trouble=Trouble(happened, expected, advice))
        return ProbeStep(title, str(exchange.exit), tuple(self._note_missing_markers()), exchange)

    def _build_request(self, case: Case) -> Request:
        lines = case.format_request(self._port.arithmetic)
        return Request(case.name, lines, case.rows * case.columns)

    def _check_repeated_answer(self, case: Case, reading: AnswerReading) -> Trouble | None:
        """Return the trouble if an answer differs from the first one to the same system."""
        if case.name == "two-by-two":
            self._first_reading = reading
        if self._first_reading is None or not case.name.startswith(("two-by-two", "many-")):
            return None
        if list_printed_rows(reading) == list_printed_rows(self._first_reading):
            return None
        return Trouble(
            "the answer differs from the driver's first answer to the same system",
            "the same numbers for the same system",
            "Start every case from the same state: something remains of the cases before it.",
        )

    def _find_oddities(self, case: Case, exchange: Exchange) -> Iterator[str]:
        """Yield notes on harmless oddities of an answer that have not been noted before."""
        start = find_case_line(case.name, exchange) or 0
        stray = next((line for line in exchange.output[:start] if line.strip()), "")
        if stray:
            yield from self._note_once(
                "outside",
                f"The driver printed {quote_line(stray)} outside an answer. The harness "
                "ignores that. Print messages for people on standard error.",
            )
        if any(line.endswith("\r") for line in exchange.output):
            yield from self._note_once(
                "carriage return", "Lines end in CR LF. The harness accepts that as a newline."
            )

    def _note_once(self, subject: str, note: str) -> Iterator[str]:
        if subject not in self._noted:
            self._noted.add(subject)
            yield note

    def _has_crashed(self, name: str, exchange: Exchange) -> bool:
        """Return whether a process died on a case in a way that a driver cannot prevent."""
        if exchange.end is not End.CLOSED or exchange.exit is None:
            return False
        has_sanitizer_report = any(line.startswith(SANITIZER_PREFIX) for line in exchange.errors)
        has_begun = find_case_line(name, exchange) is not None
        return has_begun and (exchange.exit.signal is not None or has_sanitizer_report)

    def _note_replaced_process(self, event: str) -> str:
        """Close the process and return the note that another one replaces it."""
        self.close()
        return f"{event} Only this case is lost: a new process takes the next one."

    def _examine_silence(
        self, probe_case: ProbeCase, exchange: Exchange, trouble: Trouble
    ) -> ProbeStep:
        """Return the step for an answer that did not come in time."""
        client, name = self.start_client(), probe_case.case.name
        has_begun = name in client.marked or find_case_line(name, exchange) is not None
        rest = client.finish()
        self.close()
        before = exchange.output[:-1] if exchange.torn else exchange.output
        whole_exchange = replace(exchange, output=(*before, *rest.output), torn=rest.torn)
        if (
            diagnose_answer(probe_case.case, whole_exchange, self._port, must_succeed=False).trouble
            is not None
        ):
            if has_begun and not probe_case.must_succeed and len(self._names_asked) > 1:
                note = f"No answer came within {exchange.seconds:.2g} s."
                return ProbeStep(probe_case.title, notes=(self._note_replaced_process(note),))
            return ProbeStep(probe_case.title, exchange=exchange, trouble=trouble)
        happened = f"{trouble.happened}; the rest came when its input was closed"
        advice = FLUSH_ADVICE if has_begun else self._advise_on_late_answer(probe_case.case)
        trouble = replace(trouble, happened=happened, advice=advice)
        return ProbeStep(probe_case.title, exchange=exchange, trouble=trouble)

    def _advise_on_late_answer(self, case: Case) -> str:
        """Return advice on a driver that answers only when its input ends, by testing a new one."""
        with closing(ProbeClient(self._program.start(self._port.run), self._limits)) as client:
            lines = self._build_request(case).lines
            if client.answers_to(lines + lines):
                return READ_AHEAD_ADVICE
            if client.answers_to(self._build_request(build_large_case()).lines * LARGE_CASE_COPIES):
                return FLUSH_ADVICE
        return ANSWER_AT_ONCE_ADVICE

    def _note_missing_markers(self) -> Iterator[str]:
        """Yield a note if some case was not marked on standard error."""
        missing = [name for name in self._names_asked if name not in self._marked_names]
        if missing:
            unmarked = (
                "no case" if len(missing) == len(self._names_asked) else f"not `{missing[0]}`"
            )
            yield (
                f"The driver marked {unmarked} on standard error. Print `case NAME` there too, "
                "before anything else. Without it the harness cannot tell which case an error "
                "message belongs to."
            )


FLUSH_ADVICE = "Flush standard output after every stage and after `end NAME`."
READ_AHEAD_ADVICE = "Read no further than the last row: the next line comes only after this answer."
ANSWER_AT_ONCE_ADVICE = "Answer each case when its last row has come, not at the end of the input."


def check_program_started(port: Port, exchange: Exchange) -> None:
    """Raise EngineError where the process ended like one whose program cannot be started."""
    status = exchange.exit.status if exchange.exit else None
    if status in NOT_STARTED_STATUSES and not exchange.output:
        message = last_error_line(exchange.errors)
        raise EngineError(
            f"`{' '.join(port.run)}` cannot be started: {message or exchange.exit}",
            "Check `run` and `build` in port.yaml.",
        )


def list_printed_rows(reading: AnswerReading) -> Sequence[object]:
    """Return the numbers of an answer in a form that can be compared."""
    return [repr(stage.rows) for label, stage in reading.stages.items() if label != SECONDS]


def format_failure_notes(reading: AnswerReading) -> list[str]:
    """Return notes on procedures that failed where they may."""
    return [
        f"{procedure} {verb}, and the driver reported it: {quoted}"
        for procedure, (verb, quoted) in reading.messages.items()
    ]
