"""Talks the protocol to a port's driver step by step, up to the first trouble.

It is the driver that is put to the test. What the program makes of a system is not looked at,
but for whether it is the same the second time, and whether numbers come back where there is
nothing to do.
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
from harness.model.procedure import SECONDS
from harness.probe import round_trip
from harness.probe.client import End, Exchange, ProbeClient
from harness.probe.diagnosis import AnswerReading, Trouble, acknowledged, diagnose_answer, quoted
from harness.protocol.session import Request, last_error_line
from harness.run.runner import case_limits, reason_not_asked, version_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from harness.engines.base import Engine, Program
    from harness.model.port import Port
    from harness.protocol.session import CaseLimits

MANY = 50
"""How many cases one process is asked in a row."""

LARGE = 60
COPIES_OF_LARGE = 16
"""So many answers to the large system fill every buffer that a driver is likely to have."""

NOT_STARTED = (126, 127)
"""What shells, and the first process of a container, exit with where there is no program."""

SANITIZER = "SUMMARY: "
"""How the line begins that a compiler's checks end a faulty program with."""


@dataclass(frozen=True)
class ProbeStep:
    """One step of the way, and what came of it.

    `detail` says more of a step that went well; `notes` are what is odd and does no harm.
    """

    title: str
    detail: str = ""
    notes: tuple[str, ...] = ()
    exchange: Exchange | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True)
class ProbeCase:
    """A system to ask for. `firm`: no program has a reason to fail at it."""

    title: str
    case: Case
    firm: bool = True


def probe(
    port: Port, engine: Engine, seconds: float | None, say: Callable[[str], None]
) -> Generator[ProbeStep, None, None]:
    """Put a port's driver to the test; the steps, of which the last has the trouble if any has.

    `seconds` is how long each answer is waited for, where the manifest's limits are not to hold;
    `say` is told what each step is as it begins. Raises HarnessError where the port can be neither
    built nor started.
    """
    say("build")
    program = engine.build(port)
    limits = case_limits(port)
    if seconds is not None:
        limits = replace(limits, seconds_per_case=seconds, seconds_to_start=0.0)
    yield ProbeStep("build", program.base)
    say("version")
    version = version_line(program, port, limits)
    odd = ("The command `version` of port.yaml prints nothing.",) if version == "unknown" else ()
    yield ProbeStep("version", version, odd)
    with closing(Examination(port, program, limits)) as examination:
        say("start")
        examination.start()
        yield ProbeStep("start", " ".join(port.run))
        for each in probe_cases(port):
            say(each.title)
            step = examination.ask(each)
            yield step
            if step.trouble:
                return
        say(f"{MANY} systems, one after the other")
        step = examination.ask_many()
        yield step
        if step.trouble is None:
            say("end of input")
            yield examination.end()


def probe_cases(port: Port) -> Iterator[ProbeCase]:
    """The systems to ask for, in order."""
    square = "2 1 | 5\n1 3 | 10"
    yield ProbeCase("a 2×2 system", parse_case("two-by-two", square))
    yield ProbeCase("a 1×1 system", parse_case("one-by-one", "2 | 3"), firm=False)
    yield ProbeCase(
        "a 3×3 system", parse_case("three-by-three", "2 1 -1 | 8\n-3 -1 2 | -11\n-2 1 2 | -3")
    )
    yield ProbeCase("a singular system", parse_case("singular", "1 2 | 3\n2 4 | 6"), firm=False)
    yield ProbeCase(
        "the 2×2 system again, after the singular one", parse_case("two-by-two-again", square)
    )
    yield ProbeCase("a wide system", parse_case("wide", "1 2 3 | 4\n2 5 7 | 9"), firm=False)
    yield ProbeCase("a tall system", parse_case("tall", "1 1 | 3\n1 2 | 5\n1 3 | 7"), firm=False)
    sides = parse_case("two-sides", "2 1 | 5 1\n1 3 | 10 0")
    if not reason_not_asked(sides, port):
        yield ProbeCase("two right-hand sides", sides, firm=False)
    yield ProbeCase(f"a {LARGE}×{LARGE} system", large_case())
    yield ProbeCase(
        "small and large numbers",
        parse_case("numbers", round_trip.round_trip_rows(port.arithmetic)),
    )


def parse_case(name: str, text: str) -> Case:
    """A system as case files have it."""
    lines = [line.split("|") for line in text.splitlines()]
    system = tuple(tuple(map(parse_number, (*a.split(), *b.split()))) for a, b in lines)
    return make_case(name, system, len(lines[0][1].split()))


def large_case() -> Case:
    """A tridiagonal system whose rows are long lines."""
    matrix = matrix_families.build("tridiagonal", LARGE)
    system = tuple(tuple(map(Number.of, (*row, sum(row, Fraction(0))))) for row in matrix)
    return make_case("large", system, 1)


def make_case(name: str, system: tuple[tuple[Number, ...], ...], right_hand_sides: int) -> Case:
    """A case that is in no file."""
    return Case(name, Kind.REGULAR, "", "", system, right_hand_sides, {})


class Examination:
    """A driver under test: the process that is asked, and what is known by now."""

    def __init__(self, port: Port, program: Program, limits: CaseLimits) -> None:
        self._port = port
        self._program = program
        self._limits = limits
        self._dialogue: ProbeClient | None = None
        self._asked: list[str] = []
        self._marked: set[str] = set()
        self._told: set[str] = set()
        self._first: AnswerReading | None = None

    def start(self) -> ProbeClient:
        """The process to ask, a fresh one where there is none. Raises EngineError."""
        if self._dialogue is None:
            self._dialogue = ProbeClient(self._program.start(self._port.run), self._limits)
        return self._dialogue

    def close(self) -> None:
        """End the process, if there is one."""
        if self._dialogue is not None:
            self._marked |= self._dialogue.marked
            self._dialogue.close()
            self._dialogue = None

    def ask(self, probe: ProbeCase) -> ProbeStep:
        """Put one system to the driver."""
        exchange = self.start().ask(self._question(probe.case))
        if not self._asked:
            missing_program(self._port, exchange)
        self._asked.append(probe.case.name)
        reading = diagnose_answer(probe.case, exchange, self._port, probe.firm)
        if reading.trouble and exchange.end is End.SILENT:
            return self._silence(probe, exchange, reading.trouble)
        notes = [*self._remarkable(probe.case, exchange)]
        trouble = reading.trouble or self._differs(probe.case, reading)
        if trouble and not probe.firm and self._may_have_died(probe.case.name, exchange):
            last_words = last_error_line(exchange.errors) or str(exchange.exit)
            notes.append(self._excuse(f"The process was ended here: {quoted(last_words)}."))
            return ProbeStep(probe.title, notes=tuple(notes))
        if trouble is None and probe.case.name == "numbers":
            stages, arithmetic = reading.stages, self._port.arithmetic
            trouble, note = round_trip.first_mismatch(probe.case, stages, exchange, arithmetic)
            notes += [note] if note else []
        notes += [] if trouble else failure_notes(reading)
        return ProbeStep(probe.title, notes=tuple(notes), exchange=exchange, trouble=trouble)

    def ask_many(self) -> ProbeStep:
        """Put one small system to the driver many times."""
        title = f"{MANY} systems, one after the other"
        for number in range(1, MANY + 1):
            step = self.ask(ProbeCase(title, parse_case(f"many-{number}", "2 1 | 5\n1 3 | 10")))
            if step.trouble:
                return step
        return ProbeStep(title)

    def end(self) -> ProbeStep:
        """End the driver's input, and see how it ends."""
        dialogue = self.start()
        exchange = dialogue.finish()
        self.close()
        title, due = "end of input", "the end of the driver, with exit status 0"
        if exchange.end is not End.CLOSED or exchange.exit is None:
            happened = f"the driver did not end within {exchange.seconds:.2g} s of its input's end"
            advice = "Leave the loop when there is no next line."
            return ProbeStep(title, exchange=exchange, trouble=Trouble(happened, due, advice))
        if exchange.exit.status != 0:
            happened = f"the driver ended otherwise: {exchange.exit}"
            advice = "Take the end of standard input for the end of the cases, not for an error."
            return ProbeStep(title, exchange=exchange, trouble=Trouble(happened, due, advice))
        return ProbeStep(title, str(exchange.exit), tuple(self._unmarked()), exchange)

    def _question(self, case: Case) -> Request:
        lines = case.request(self._port.arithmetic)
        return Request(case.name, lines, case.rows * case.columns)

    def _differs(self, case: Case, reading: AnswerReading) -> Trouble | None:
        """The trouble with an answer that was another when the same was asked first."""
        if case.name == "two-by-two":
            self._first = reading
        if self._first is None or not case.name.startswith(("two-by-two", "many-")):
            return None
        if printed_rows(reading) == printed_rows(self._first):
            return None
        return Trouble(
            "the answer is not the one that the driver gave when it was asked this first",
            "the same numbers for the same system",
            "Begin each case anew: something is left of the cases before.",
        )

    def _remarkable(self, case: Case, exchange: Exchange) -> Iterator[str]:
        """What is odd about an answer for the first time, and does no harm."""
        begun = acknowledged(case.name, exchange) or 0
        stray = next((line for line in exchange.output[:begun] if line.strip()), "")
        if stray:
            yield from self._once(
                "outside",
                f"The driver printed {quoted(stray)} outside of an answer. The harness passes over "
                "that; what people are to see belongs on standard error.",
            )
        if any(line.endswith("\r") for line in exchange.output):
            yield from self._once(
                "carriage return", "Lines end in CR LF. The harness takes that for a newline."
            )

    def _once(self, about: str, note: str) -> Iterator[str]:
        if about not in self._told:
            self._told.add(about)
            yield note

    def _may_have_died(self, name: str, exchange: Exchange) -> bool:
        """Whether a process ended in a way that a driver cannot prevent, at work on a case."""
        if exchange.end is not End.CLOSED or exchange.exit is None:
            return False
        checked = any(line.startswith(SANITIZER) for line in exchange.errors)
        begun = acknowledged(name, exchange) is not None
        return begun and (exchange.exit.signal is not None or checked)

    def _excuse(self, what: str) -> str:
        """The note on a process that has to be replaced."""
        self.close()
        return f"{what} That costs one case: a new process takes the next."

    def _silence(self, probe: ProbeCase, exchange: Exchange, trouble: Trouble) -> ProbeStep:
        """What to say of an answer that did not come in time."""
        dialogue, name = self.start(), probe.case.name
        begun = name in dialogue.marked or acknowledged(name, exchange) is not None
        late = dialogue.finish()
        self.close()
        before = exchange.output[:-1] if exchange.torn else exchange.output
        heard = replace(exchange, output=(*before, *late.output), torn=late.torn)
        if diagnose_answer(probe.case, heard, self._port, firm=False).trouble is not None:
            if begun and not probe.firm and len(self._asked) > 1:
                note = f"No answer came within {exchange.seconds:.2g} s."
                return ProbeStep(probe.title, notes=(self._excuse(note),))
            return ProbeStep(probe.title, exchange=exchange, trouble=trouble)
        happened = f"{trouble.happened}; when its input was closed the rest came"
        advice = FLUSH if begun else self._why_late(probe.case)
        trouble = replace(trouble, happened=happened, advice=advice)
        return ProbeStep(probe.title, exchange=exchange, trouble=trouble)

    def _why_late(self, case: Case) -> str:
        """What to do about a driver that answers when its input ends: asked of a fresh one."""
        with closing(ProbeClient(self._program.start(self._port.run), self._limits)) as dialogue:
            lines = self._question(case).lines
            if dialogue.answers_to(lines + lines):
                return READ_NO_FURTHER
            if dialogue.answers_to(self._question(large_case()).lines * COPIES_OF_LARGE):
                return FLUSH
        return ANSWER_AT_ONCE

    def _unmarked(self) -> Iterator[str]:
        """A note where cases were not marked on standard error."""
        missing = [name for name in self._asked if name not in self._marked]
        if missing:
            which = "no case" if len(missing) == len(self._asked) else f"not `{missing[0]}`"
            yield (
                f"The driver marked {which} on standard error. Print `case NAME` there too, first "
                "of all: else the harness cannot tell which case an error message is about."
            )


FLUSH = "Flush standard output after every stage and after `end NAME`."
READ_NO_FURTHER = "Read no further than the last row: the next line comes when this is answered."
ANSWER_AT_ONCE = "Answer each case when its last row has come, not at the end of the input."


def missing_program(port: Port, exchange: Exchange) -> None:
    """Raise EngineError where the process ended as those do whose program cannot be started."""
    status = exchange.exit.status if exchange.exit else None
    if status in NOT_STARTED and not exchange.output:
        said = last_error_line(exchange.errors)
        message = f"`{' '.join(port.run)}` cannot be started: {said or exchange.exit}"
        raise EngineError(message, "Check `run` and `build` in port.yaml.")


def printed_rows(reading: AnswerReading) -> Sequence[object]:
    """The numbers of an answer, to be compared with another's."""
    return [repr(stage.rows) for label, stage in reading.stages.items() if label != SECONDS]


def failure_notes(reading: AnswerReading) -> list[str]:
    """Notes on the procedures that failed where they may."""
    return [
        f"{procedure} failed, and the driver said so: {quoted(message)}"
        for procedure, message in reading.failures.items()
    ]
