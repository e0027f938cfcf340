"""The expected result of each port of tests/support/faulty_ports.

Each port runs the cases 1 to 20. It must lose the cases listed here, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.check import CONTINUES, Check
from harness.model.verdict import Outcome

LONG_TIMES = {"seconds_per_case": 60, "seconds_to_start": 60}
"""For ports that answer, however busy the machine is."""

SHORT_TIMES = {"seconds_per_case": 2, "seconds_to_start": 8}
"""For ports that hang at one of the cases."""

VERY_SHORT_TIMES = {"seconds_per_case": 0.2, "seconds_to_start": 0.3}
"""For ports that never answer."""

MAXIMUM_SECONDS = 60.0
"""A bound on the time of each port. All ports run at once, possibly on few and busy processors, so
it is more than twice as long as the longest waits of a port in sum. Without its time limits, or
with those that a port has by default, a port that hangs takes longer."""

SECONDS_OF_MANY_PROCESSES = 3 * MAXIMUM_SECONDS
"""The same for ports that need a process for each case, each of them in a container."""

FORM, REDUCED = "echelon.form", "reduced.form"


@dataclass(frozen=True)
class Loss:
    """The one deviation of a lost case: its check, its outcome and the beginning of its detail."""

    check: Check
    outcome: Outcome
    detail: str


@dataclass(frozen=True)
class Fault:
    """The limits of a port, and the cases that it loses, by number.

    `given_up` is the reason for which the cases after the last lost one are not run, or empty.
    `broken` is the beginning of the reason for which a port that answers no case is broken, or
    empty. `seconds` is the maximum time of the whole run.
    """

    losses: Mapping[int, Loss] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=lambda: LONG_TIMES)
    given_up: str = ""
    broken: str = ""
    seconds: float = MAXIMUM_SECONDS


PROCEDURES = {FORM: "gaussian_elimination", REDUCED: "gauss_jordan"}


def make_crash(reason: str, check: Check = REDUCED) -> Loss:
    return Loss(check, Outcome.CRASHED, f"crashed in {PROCEDURES[check]}: {reason}")


def make_hang(reason: str, check: Check = FORM) -> Loss:
    return Loss(check, Outcome.HUNG, f"hung in {PROCEDURES[check]}: {reason}")


def make_flood(check: Check = REDUCED) -> Loss:
    reason = "printed more than any answer to this case can need"
    return Loss(check, Outcome.UNREADABLE, f"flooded in {PROCEDURES[check]}: {reason}")


def make_break(after: int, outcome: Outcome, ending: str, reason: str) -> Loss:
    """Return the loss of a process after its answer to a case with that number."""
    return Loss(CONTINUES, outcome, f"{ending} after the answer to system-{after}: {reason}")


def make_unreadable(detail: str) -> Loss:
    return Loss(FORM, Outcome.UNREADABLE, detail)


NO_ANSWER = "no answer within 2 s"
IMPOSSIBLE_SHAPE = "which no result of this case has"
NO_LIBRARY = "exit status 127: missing-library: error while loading shared libraries: libmissing.so"

NON_NUMBERS = (
    "'\\x00' is not a number",
    "'\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}' is not a number",
    "00000000000000000000… (10000 characters) is too long for a number",
    "1e999999 is beyond the range of doubles",
    "'٣' is not a number",
    "1/0 has the denominator 0",
    "'1_000' is not a number",
)

SHAPES = (
    make_unreadable(f"printed the shape `echelon 99999999 99999999`, {IMPOSSIBLE_SHAPE}"),
    Loss(FORM, Outcome.WRONG, "a 0 × 99999999 matrix, where 2 × 3 was handed in"),
    make_unreadable("printed `echelon 99999999 0` and then 0 rows"),
    make_unreadable("no `echelon` was printed"),
    make_unreadable("no `echelon` was printed"),
)

FAULTS = {
    "correct": Fault(),
    "exits": Fault({4: make_crash("exit status 3: Error: no luck with system-4")}),
    "exits-often": Fault({n: make_crash(f"exit status 3: about system-{n}") for n in (10, 20)}),
    "exits-at-start": Fault({1: make_crash("exit status 4: Error: cannot read this", FORM)}),
    "exits-at-end": Fault(),
    "killed-by-signal": Fault({4: make_crash("killed by SIGSEGV: about system-4", FORM)}),
    "missing-library": Fault(broken=NO_LIBRARY),
    "hangs": Fault(
        {n: make_hang(NO_ANSWER, REDUCED) for n in (4, 8, 12)},
        SHORT_TIMES,
        given_up="not asked after 3 hangs",
    ),
    # Half of its time to start is enough, and the test waits for that time twice.
    "hangs-silently": Fault(
        {4: make_hang("no answer within 6 s")}, SHORT_TIMES | {"seconds_to_start": 4}
    ),
    "ignores-sigterm": Fault({4: make_hang(NO_ANSWER)}, SHORT_TIMES),
    "answers-late": Fault({4: make_hang(NO_ANSWER)}, SHORT_TIMES),
    "never-reads": Fault(times=VERY_SHORT_TIMES, broken="no answer within 0.5 s"),
    "answers-out-of-order": Fault(
        {
            4: make_unreadable(
                "out of step in gaussian_elimination: printed `case system-5` where an answer to "
                "system-4 was due"
            )
        }
    ),
    "answers-twice": Fault(
        {
            n + 1: make_break(n, Outcome.UNREADABLE, "out of step", f"printed `case system-{n}`")
            for n in (1, 4, 5)
        }
    ),
    "dies-at-second": Fault(
        {n + 1: make_break(n, Outcome.CRASHED, "crashed", "killed by SIGSEGV") for n in (1, 2)},
        seconds=SECONDS_OF_MANY_PROCESSES,
    ),
    "hangs-at-second": Fault(
        {n + 1: make_break(n, Outcome.HUNG, "hung", NO_ANSWER) for n in (1, 2)},
        SHORT_TIMES,
        seconds=SECONDS_OF_MANY_PROCESSES,
    ),
    "floods-one-line": Fault({4: make_flood()}),
    "floods-rows": Fault({4: make_flood()}),
    "floods-stderr": Fault({4: make_flood()}),
    "floods-before-reading": Fault(broken="printed more than any answer to this case can need"),
    "floods-at-end": Fault(times=SHORT_TIMES),
    "prints-non-numbers": Fault(
        {
            n: make_unreadable(f"row 1 of echelon: {reason}")
            for n, reason in enumerate(NON_NUMBERS, start=1)
        }
    ),
    "absurd-shapes": Fault(dict(enumerate(SHAPES, start=1))),
    "mislabels-stderr": Fault(),
    "prints-markup": Fault(
        {4: make_crash("exit status 3: @everyone [link](https://example.org) `code`")}
    ),
    "closes-stdout": Fault(
        {4: make_crash("closed its standard output and lived on: about system-4")}, SHORT_TIMES
    ),
    "starts-processes": Fault({4: make_hang(NO_ANSWER)}, SHORT_TIMES),
    "exhausts-memory": Fault({4: make_crash("exit status 1: Out of memory")}),
    "overwrites-itself": Fault({4: make_crash("exit status 3: about system-4")}),
    "opens-connection": Fault(),
}

CONTAINER_FAULTS = {
    # The first process keeps the container running, and with it the output open.
    "closes-stdout": Fault({4: make_hang(NO_ANSWER, REDUCED)}, SHORT_TIMES),
    "starts-processes": Fault(
        {4: make_crash("exit status 11: cannot start process 5", FORM)}, SHORT_TIMES
    ),
    "exhausts-memory": Fault({4: make_crash("out of memory (limit 96 MiB): about system-4")}),
    "overwrites-itself": Fault(
        {
            4: make_crash(
                "exit status 3: overwrites-itself.sh: 3: cannot create port.sh: "
                "Read-only file system"
            )
        }
    ),
    "opens-connection": Fault(
        {4: make_crash("exit status 3: IO::Socket::INET: connect: Network is unreachable")}
    ),
}
"""The ports whose result differs in a container, mostly because the container restricts them."""
