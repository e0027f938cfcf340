"""Probes of a driver that follows the protocol, and of drivers that break it in one way each.

Every driver here is the same small one with some text replaced. It prints the numbers that it is
sent, because the probe tests the driver, not the mathematics.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.engines.base import Engine
from harness.engines.docker.engine import DockerEngine
from harness.engines.local import LocalEngine
from harness.errors import BuildError, EngineError
from harness.inputs.ports import load_port
from harness.probe import steps as prober
from harness.probe.steps import ProbeStep
from support.ports import WritePort

DRIVER = """\
import os, sys

def number(x):
    return repr(x)

def answer(name, matrix):
    print("case", name, file=sys.stderr, flush=True)
    print("case", name)
    print("echelon", len(matrix), len(matrix[0]))
    for row in matrix:
        print(*map(number, row))
    print("reduced", len(matrix), len(matrix[0]))
    for row in matrix:
        print(*map(number, row))
    print("solution", len(matrix))
    for row in matrix:
        print(number(row[-1]))
    print("end", name, flush=True)

def main():
    for header in sys.stdin:
        _, name, rows, columns, _ = header.split()
        lines = [sys.stdin.readline() for _ in range(int(rows))]
        answer(name, [[float(word) for word in line.split()] for line in lines])

main()
"""

SILENT = 1.5
"""Seconds to wait for drivers that do not answer."""

Change = tuple[str, str]
Examine = Callable[..., list[ProbeStep]]

LINE_FLUSHED = ("import os, sys", "import os, sys\nsys.stdout.reconfigure(line_buffering=True)")
FAILS = "gaussian_elimination IndexError: out of bounds"
COLUMN = """\
    print("solution", len(matrix))
    for row in matrix:
        print(number(row[-1]))
"""
ECHELON = """\
    print("echelon", len(matrix), len(matrix[0]))
    for row in matrix:
        print(*map(number, row))
"""


def change_driver(*changes: Change) -> str:
    """Return the text of the driver with the first occurrence of each `old` replaced."""
    text = DRIVER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def write_driver(write_port: WritePort) -> Callable[..., Path]:
    """Write the folder of a port whose driver has some text replaced."""

    def write(*changes: Change, **manifest: object) -> Path:
        keys = {
            "run": ["python3", "driver.py"],
            "base": {"debian": {"suite": "trixie", "packages": ["python3-minimal"]}},
            "version": ["echo", "driver 1.0"],
            "seconds_per_case": 20,
            "seconds_to_start": 20,
        }
        folder = write_port("driver", **keys | manifest)
        (folder / "driver.py").write_text(change_driver(*changes))
        return folder

    return write


@pytest.fixture
def examine(local: LocalEngine, write_driver: Callable[..., Path]) -> Examine:
    """Probe a driver that has some text replaced, and return the steps in order."""

    def examine(
        *changes: Change,
        seconds: float | None = None,
        engine: Engine = local,
        **manifest: object,
    ) -> list[ProbeStep]:
        port = load_port(write_driver(*changes, **manifest))
        return list(prober.probe_driver(port, engine, seconds, lambda _: None))

    return examine


def list_notes(steps: Iterable[ProbeStep]) -> list[str]:
    return [note for step in steps for note in step.notes]


def assert_trouble(steps: list[ProbeStep], title: str, happened: str, advice: str) -> None:
    """Check that only the last step has trouble, and check its messages."""
    assert [step.title for step in steps if step.trouble] == [title]
    last = steps[-1]
    assert last.trouble is not None
    assert happened in last.trouble.happened
    assert advice in last.trouble.advice
    assert last.trouble.expected


FIRST = "a 2×2 system"


def test_a_driver_that_follows_the_protocol_passes_every_step(examine: Examine) -> None:
    steps = examine()
    assert [step.title for step in steps] == [
        "build",
        "version",
        "start",
        "a 2×2 system",
        "a 1×1 system",
        "a 3×3 system",
        "a singular system",
        "the 2×2 system again, after the singular one",
        "a wide system",
        "a tall system",
        "a 60×60 system",
        "small and large numbers",
        "50 systems, one after the other",
        "end of input",
    ]
    assert not any(step.trouble for step in steps)
    assert list_notes(steps) == []


def test_a_driver_of_fractions_gets_fractions_back(examine: Examine) -> None:
    fractions = [
        ("import os, sys", "import os, sys\nfrom fractions import Fraction"),
        ("float(word)", "Fraction(word)"),
        ("repr(x)", "str(x)"),
    ]
    steps = examine(*fractions, arithmetic="rational64")
    assert not any(step.trouble for step in steps)
    assert list_notes(steps) == []


ANSWERS: dict[str, tuple[list[Change], str, str, str]] = {
    "no name": (
        [('print("case", name)', 'print("case")')],
        FIRST,
        "printed `case` in answer to `case two-by-two …`",
        "the name as it came",
    ),
    "another name": (
        [('print("case", name)', 'print("case", 1)')],
        FIRST,
        "printed `case 1` in answer",
        "the name as it came",
    ),
    "the whole header": (
        [('print("case", name)', 'print("case", name, 2, 3, 1)')],
        FIRST,
        "printed `case two-by-two 2 3 1` in answer",
        "nothing else on that line",
    ),
    "CASE": (
        [('print("case", name)', 'print("CASE", name)')],
        FIRST,
        "printed `CASE two-by-two`",
        "lower-case letters",
    ),
    "no case": (
        [('    print("case", name)\n', "")],
        FIRST,
        "printed `echelon 2 3` before `case two-by-two`",
        "Print `case NAME` before all other lines",
    ),
    "a prompt": (
        [('print("case", name)', 'print("> case", name)')],
        FIRST,
        "something before `case two-by-two` on the same line",
        "Print no prompts",
    ),
    "ECHELON": (
        [('print("echelon"', 'print("ECHELON"')],
        FIRST,
        "printed `ECHELON 2 3`",
        "lower-case letters",
    ),
    "a label with a cross": (
        [('print("echelon", len(matrix), len(matrix[0]))', 'print("echelon 2x3")')],
        FIRST,
        "printed `echelon 2x3`",
        "the sizes with blanks between them",
    ),
    "a label without sizes": (
        [('print("solution", len(matrix))', 'print("solution")')],
        FIRST,
        "printed `solution`",
        "the sizes",
    ),
    "too many sizes": (
        [('print("solution", len(matrix))', 'print("solution", len(matrix), 1)')],
        FIRST,
        "printed `solution 2 1`",
        "its own sizes",
    ),
    "a stage twice": (
        [(COLUMN, COLUMN + COLUMN)],
        FIRST,
        "printed `solution 2`",
        "each stage once",
    ),
    "END": (
        [('print("end", name', 'print("END", name')],
        FIRST,
        "printed `END two-by-two`",
        "lower-case letters",
    ),
    "end without name": (
        [('print("end", name', 'print("end"')],
        FIRST,
        "printed `end`",
        "the name as it came",
    ),
    "the end of another": (
        [('print("end", name', 'print("end", "other"')],
        FIRST,
        "printed `end other`",
        "the name as it came",
    ),
    "wrong shape": (
        [
            ("len(matrix), len(matrix[0]))", "len(matrix), len(matrix[0]) - 1)"),
            ("row))", "row[1:]))"),
        ],
        FIRST,
        "printed `echelon 2 2`",
        "the right-hand sides included",
    ),
    "a solution of another length": (
        [
            ('"solution", len(matrix))', '"solution", 1)'),
            ("in matrix:\n        print(number", "in matrix[1:]:\n        print(number"),
        ],
        FIRST,
        "printed `solution 1`",
        "a number for each unknown",
    ),
    "too few rows": (
        [("for row in matrix:", "for row in matrix[1:]:")],
        FIRST,
        "printed `echelon 2 3` and then 1 row",
        "one line for each row",
    ),
    "too many rows": (
        [("for row in matrix:", "for row in matrix + matrix[:1]:")],
        FIRST,
        "printed `echelon 2 3` and then more rows",
        "as many lines as the label says",
    ),
    "too few numbers": (
        [("map(number, row)", "map(number, row[1:])")],
        FIRST,
        "row 1 of `echelon 2 3` has 2 numbers",
        "a whole row on one line",
    ),
    "a row of all numbers of a solution": (
        [
            (
                "        print(number(row[-1]))",
                '        print(number(row[-1]), end=" ")\n    print()',
            )
        ],
        FIRST,
        "row 1 of `solution 2` has 2 numbers",
        "one number per line",
    ),
    "a blank line": (
        [(" len(matrix[0]))\n", ' len(matrix[0]), end="\\n\\n")\n')],
        FIRST,
        "row 1 of `echelon 2 3` is a blank line",
        "no blank lines",
    ),
    "a remark among rows": (
        [(" len(matrix[0]))\n", ' len(matrix[0]))\n    print("Eliminating")\n')],
        FIRST,
        "`Eliminating`, which is not a number",
        "not between them",
    ),
    "nothing of a procedure": (
        [(COLUMN, "")],
        FIRST,
        "neither `solution` nor `failed back_substitution`",
        "out of `procedures` in port.yaml",
    ),
    "wrong order": (
        [(ECHELON, ""), (COLUMN, COLUMN + ECHELON)],
        FIRST,
        "printed `echelon` after `solution`",
        "in this order",
    ),
    "failed without a procedure": (
        [(COLUMN, '    print("failed no luck")\n')],
        FIRST,
        "printed `failed no luck`",
        "gaussian_elimination, gauss_jordan, back_substitution, lu,",
    ),
    "a failure at an easy system": (
        [(COLUMN, '    print("failed back_substitution no luck")\n')],
        FIRST,
        "back_substitution failed: `no luck`",
        "passes the matrix in the form",
    ),
    "a stage after the end": (
        [
            (
                '    print("end", name, flush=True)',
                '    print("end", name)\n' + COLUMN + "    sys.stdout.flush()",
            )
        ],
        "a 1×1 system",
        "printed `solution 2` before `case one-by-one`",
        "no line of it after `end NAME`",
    ),
    "another answer the second time": (
        [
            (
                "def number(x):\n",
                "calls = []\ndef number(x):\n    calls.append(x)\n    x += len(calls) > 40\n",
            )
        ],
        "the 2×2 system again, after the singular one",
        "differs from the driver's first answer",
        "Start every case from the same state",
    ),
    "without end": (
        [("print(*map(number, row))", "print(*map(number, row))\n    while True: print('oh')")],
        FIRST,
        "prints without end",
        "a loop that prints",
    ),
}


@pytest.mark.parametrize("driver", ANSWERS)
def test_the_first_line_that_is_not_as_it_must_be_is_named(examine: Examine, driver: str) -> None:
    changes, title, happened, advice = ANSWERS[driver]
    assert_trouble(examine(*changes), title, happened, advice)


@pytest.mark.parametrize(
    ("expression", "token", "advice"),
    [
        ("repr(x).replace('.', ',')", "2,0", "locale"),
        ("repr(x) + 'f0'", "2.0f0", "single precision"),
        ("repr(x) + 'D+00'", "2.0D+00", "exponent with an e"),
        ("repr(x) + '-101'", "2.0-101", "The e before the exponent is missing"),
        ("'*****'", "*****", "did not fit its field"),
        ("'1.#INF'", "1.#INF", "nan, inf and -inf"),
        ("'(' + repr(x) + ')'", "(2.0)", "without brackets or commas"),
        ("'Just'", "Just", "not between them"),
        ("'2.0.0'", "2.0.0", "docs/protocol.md"),
    ],
)
def test_a_number_that_cannot_be_read_is_named_with_what_to_do(
    examine: Examine, expression: str, token: str, advice: str
) -> None:
    steps = examine(("repr(x)", expression))
    assert_trouble(steps, FIRST, f"`{token}`, which is not a number", advice)


def test_commas_between_the_numbers_are_no_trouble(examine: Examine) -> None:
    assert not any(step.trouble for step in examine(("repr(x)", "repr(x) + ','")))


@pytest.mark.parametrize(
    ("expression", "happened", "advice"),
    [
        ("'%.6g' % x", "`2.2250738585072014e-308` was sent and `2.22507e-308` came", "all digits"),
        ("'%f' % x", "`1e-300` was sent and `0.000000` came back", "with an exponent"),
        ("repr(x if abs(x) > 1e-45 else 0.0)", "`1e-300` was sent and `0.0`", "single precision"),
        ("repr(x if abs(x) > 1e-307 else 0.0)", "`5e-324` was sent and `0.0` came", "subnormal"),
        (
            "repr(x if x != -2.5 else 7.0)",
            "`-2.5` was sent and `7.0`",
            "Check how the driver reads",
        ),
    ],
)
def test_a_changed_number_is_named_with_a_remedy(
    examine: Examine, expression: str, happened: str, advice: str
) -> None:
    steps = examine(("repr(x)", expression))
    assert_trouble(steps, "small and large numbers", happened, advice)


def test_the_numbers_of_a_solution_have_to_come_back_too(examine: Examine) -> None:
    steps = examine(("print(number(row[-1]))", "print('%.6g' % row[-1])"))
    assert_trouble(steps, "small and large numbers", "`2.22507e-308` came back", "all digits")
    exchange, trouble = steps[-1].exchange, steps[-1].trouble
    assert exchange is not None
    assert trouble is not None
    assert trouble.line is not None
    assert exchange.output[trouble.line] == "2.22507e-308"
    assert trouble.line > exchange.output.index("solution 10")


def test_a_lost_sign_of_zero_is_told_and_does_no_harm(examine: Examine) -> None:
    steps = examine(("repr(x)", "repr(x + 0.0)"))
    assert steps[-1].title == "end of input"
    assert not steps[-1].trouble
    assert ["-0.0 was sent and 0.0 came back" in note for note in list_notes(steps)] == [True]


def test_wrong_mathematics_is_no_trouble(examine: Examine) -> None:
    steps = examine(("repr(x)", "repr(1.0 - x)"))
    assert steps[-1].title == "end of input"
    assert not steps[-1].trouble
    assert ["cannot tell whether numbers come back" in note for note in list_notes(steps)] == [True]


SILENCES: dict[str, tuple[list[Change], str, str]] = {
    "never answers": (
        [("\nmain()", "\nimport time\ntime.sleep(1000)")],
        "nothing for",
        "Read one header line and ROWS lines",
    ),
    "flushes nothing": (
        [(", flush=True)\n\ndef main", ")\n\ndef main")],
        "the rest came when its input was closed",
        "Flush standard output",
    ),
    "flushes nothing and marks nothing": (
        [
            ('    print("case", name, file=sys.stderr, flush=True)\n', ""),
            (", flush=True)\n\ndef main", ")\n\ndef main"),
        ],
        "the rest came when its input was closed",
        "Flush standard output",
    ),
    "waits for the end of input": (
        [
            (
                "    for header in sys.stdin:",
                "    sys.stdin = lines = iter(sys.stdin.readlines())\n    for header in lines:",
            ),
            ("sys.stdin.readline()", "next(lines)"),
        ],
        "the rest came when its input was closed",
        "Answer each case when its last row has come",
    ),
    "reads one line too many": (
        [
            ("range(int(rows))]", "range(int(rows))]\n        ahead = sys.stdin.readline()"),
            (
                "for header in sys.stdin:",
                "ahead = sys.stdin.readline()\n    while ahead:\n        header = ahead",
            ),
        ],
        "the rest came when its input was closed",
        "Read no further than the last row",
    ),
    "no end": (
        [LINE_FLUSHED, ('    print("end", name, flush=True)\n', "")],
        "after `case two-by-two` and `echelon`, `reduced`, `solution`",
        "Print `end NAME`",
    ),
    "a prompt without a newline": (
        [
            (
                "for header",
                'print("Case? ", end="", flush=True); import time; time.sleep(1000)\n'
                "    for header",
            )
        ],
        "where it should have begun with `case NAME`",
        "Print no prompts",
    ),
}


@pytest.mark.parametrize("driver", SILENCES)
def test_silences_are_told_apart(examine: Examine, driver: str) -> None:
    changes, happened, advice = SILENCES[driver]
    assert_trouble(examine(*changes, seconds=SILENT), FIRST, happened, advice)


DEATHS: dict[str, tuple[list[Change], str, str, str]] = {
    "at the second case": (
        [("split()] for line in lines])", "split()] for line in lines])\n        break")],
        "a 1×1 system",
        "ended (exit status 0) where it should have begun",
        "Go on reading cases",
    ),
    "at a singular case": (
        [
            (
                '    print("echelon"',
                '    if name == "singular": sys.exit("Error: singular")\n    print("echelon"',
            )
        ],
        "a singular system",
        "ended (exit status 1) after `case singular`",
        "Catch what the program raises",
    ),
    "with half a line": (
        [('print("end", name, flush=True)', 'print("end", name, end="", flush=True); sys.exit()')],
        FIRST,
        "no newline after `end two-by-two`",
        "a newline",
    ),
    "by a signal": (
        [
            (
                '    print("echelon"',
                '    sys.stdout.flush(); os.kill(os.getpid(), 9)\n    print("echelon"',
            )
        ],
        FIRST,
        "ended (killed by SIGKILL) after `case two-by-two`",
        "from outside",
    ),
    "at the end of input": (
        [("\nmain()", "\nmain()\nsys.exit(3)")],
        "end of input",
        "the driver ended with a failure: exit status 3",
        "not as an error",
    ),
}


@pytest.mark.parametrize("driver", DEATHS)
def test_deaths_are_told_apart(examine: Examine, driver: str) -> None:
    changes, title, happened, advice = DEATHS[driver]
    assert_trouble(examine(*changes), title, happened, advice)


def test_a_driver_that_outlives_its_input_is_told(examine: Examine) -> None:
    steps = examine(("\nmain()", "\nmain()\nimport time\ntime.sleep(1000)"), seconds=SILENT)
    assert_trouble(steps, "end of input", "did not end within", "Leave the loop")


def test_a_shell_that_finds_no_program_raises(examine: Examine) -> None:
    with pytest.raises(EngineError, match="no-such-driver") as failure:
        examine(run=["sh", "-c", "exec no-such-driver"])
    assert "`run` and `build` in port.yaml" in failure.value.hint


@pytest.mark.parametrize("death", ["signal", "sanitizer"])
def test_a_program_that_takes_its_process_along_costs_one_case(
    examine: Examine, death: str
) -> None:
    statements = {
        "signal": "os.kill(os.getpid(), 11)",
        "sanitizer": "sys.exit('SUMMARY: AddressSanitizer: heap-buffer-overflow')",
    }
    dies = f'    if name == "wide": sys.stdout.flush(); {statements[death]}\n    print("echelon"'
    steps = examine(('    print("echelon"', dies))
    assert not steps[-1].trouble
    assert [step.title for step in steps if step.notes] == ["a wide system"]
    assert "a new process takes the next" in list_notes(steps)[0]


def test_a_hang_on_a_difficult_system_costs_one_case(
    examine: Examine,
) -> None:
    hanging = (
        '    if name == "wide":\n        sys.stdout.flush(); import time; time.sleep(1000)\n'
        '    print("echelon"'
    )
    steps = examine(('    print("echelon"', hanging), seconds=SILENT)
    assert not steps[-1].trouble
    assert [step.title for step in steps if step.notes] == ["a wide system"]


def test_a_reported_failure_is_accepted_on_a_difficult_system(
    examine: Examine,
) -> None:
    fails = (
        f'    if name == "wide":\n        print("failed {FAILS}")\n'
        '        print("end", name, flush=True)\n        return\n    print("echelon"'
    )
    steps = examine(('    print("echelon"', fails))
    assert not steps[-1].trouble
    assert list_notes(steps) == [
        "gaussian_elimination failed, and the driver reported it: `IndexError: out of bounds`"
    ]


def test_a_program_that_stops_at_its_notice_owes_nothing_more(examine: Examine) -> None:
    stops = (
        '    if name == "singular":\n        print("The matrix is singular")\n'
        '        print("end", name, flush=True)\n        return\n    print("echelon"'
    )
    steps = examine(('    print("echelon"', stops), notices=["The matrix is singular"])
    assert not steps[-1].trouble


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (('    print("case", name, file=sys.stderr, flush=True)\n', ""), "marked no case on"),
        (("\nmain()", '\nprint("Gauss 1.0")\nmain()'), "printed `Gauss 1.0` outside an answer"),
        (("import os, sys", "import os, sys\nsys.stdout.reconfigure(newline='\\r\\n')"), "CR LF"),
    ],
)
def test_what_is_odd_and_does_no_harm_is_told_once(
    examine: Examine, change: Change, note: str
) -> None:
    steps = examine(change)
    assert not steps[-1].trouble
    assert [note in text for text in list_notes(steps)] == [True]


def test_a_procedure_that_the_manifest_does_not_list_is_told(examine: Examine) -> None:
    steps = examine(procedures=["gaussian_elimination", "back_substitution"])
    assert_trouble(steps, FIRST, "does not list gauss_jordan", "Add gauss_jordan")


def test_a_version_command_that_says_nothing_is_told(examine: Examine) -> None:
    steps = examine(version=["true"])
    assert list_notes(steps) == ["Correct the command `version` in port.yaml."]


def test_a_build_that_fails_raises_with_its_log(examine: Examine) -> None:
    with pytest.raises(BuildError) as failure:
        examine(build=["sh", "-c", "echo driver.c:3: no such thing; exit 1"])
    assert "driver.c:3: no such thing" in failure.value.log


def test_a_program_that_the_build_has_not_made_raises(examine: Examine) -> None:
    with pytest.raises(EngineError, match="driver") as failure:
        examine(run=["./driver"])
    assert "port.yaml" in failure.value.hint


@pytest.fixture(scope="module")
def docker() -> Iterator[DockerEngine]:
    with DockerEngine() as engine:
        yield engine


@pytest.mark.docker
def test_in_a_container_a_good_driver_passes(examine: Examine, docker: DockerEngine) -> None:
    steps = examine(engine=docker)
    assert not steps[-1].trouble
    assert list_notes(steps) == []


@pytest.mark.docker
@pytest.mark.parametrize(
    ("table", "driver"),
    [(ANSWERS, "too few rows"), (DEATHS, "at the end of input"), (DEATHS, "at the second case")],
)
def test_in_a_container_the_same_is_told(
    examine: Examine,
    docker: DockerEngine,
    table: dict[str, tuple[list[Change], str, str, str]],
    driver: str,
) -> None:
    changes, title, happened, advice = table[driver]
    assert_trouble(examine(*changes, engine=docker), title, happened, advice)


@pytest.mark.docker
def test_in_a_container_a_missing_program_raises(examine: Examine, docker: DockerEngine) -> None:
    with pytest.raises(EngineError, match="driver"):
        examine(engine=docker, run=["./driver"])


@pytest.fixture
def invoke(write_driver: Callable[..., Path]) -> Callable[..., Result]:
    """Run `harness probe` on a driver that has some text replaced."""

    def invoke(*changes: Change, options: str = "", **manifest: object) -> Result:
        folder = write_driver(*changes, **manifest)
        arguments = ["probe", "driver", "--engine", "local", "--implementations"]
        return CliRunner().invoke(main, [*arguments, str(folder.parent), *shlex.split(options)])

    return invoke


def test_the_command_tells_each_step_and_exits_with_0(invoke: Callable[..., Result]) -> None:
    result = invoke()
    assert result.exit_code == 0
    assert "✓ a 60×60 system" in result.output
    assert "The driver follows the protocol." in result.output
    assert "Next: harness check --port driver --engine local --implementations" in result.output


def test_the_command_shows_what_went_to_and_fro_and_exits_with_1(
    invoke: Callable[..., Result],
) -> None:
    result = invoke(*ANSWERS["too few rows"][0])
    assert result.exit_code == 1
    output = re.sub(r"\s*\n\s*", "\n", result.output)
    for part in (
        "✗ a 2×2 system\n",
        "sent\ncase two-by-two 2 3 1\n2 1 5\n1 3 10\n",
        "came back\ncase two-by-two\nechelon 2 3\n1.0 3.0 10.0\n→ reduced 2 3\n",
        "what happened\nthe driver printed `echelon 2 3` and then 1 row\n",
        "expected\n2 rows of 3 numbers\n",
        "what to do\nPrint one line for each row",
    ):
        assert part in output


def test_the_command_bounds_and_neutralises_foreign_text(
    invoke: Callable[..., Result],
) -> None:
    loud = "print('\\x1b[31m[bold]' + 'x' * 5000); [print(n) for n in range(500)]"
    result = invoke(('    print("echelon"', f"    {loud}\n    sys.exit(1)\n    print('echelon'"))
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "␛[31m[bold]xxx" in result.output
    assert "(5,011 characters)" in result.output
    assert "more" in result.output
    assert len(result.output.splitlines()) < 80


def test_the_command_waits_as_long_as_it_is_told(invoke: Callable[..., Result]) -> None:
    result = invoke(("\nmain()", "\nimport time\ntime.sleep(1000)"), options="--timeout 0.5")
    assert result.exit_code == 1
    assert "nothing for 0.5 s" in result.output


def test_a_port_that_is_not_there_is_bad_usage(invoke: Callable[..., Result]) -> None:
    result = CliRunner().invoke(main, ["probe", "nowhere"])
    assert result.exit_code == 2
    assert "there is no port `nowhere`" in result.output


def test_a_port_that_cannot_be_built_exits_with_3(invoke: Callable[..., Result]) -> None:
    result = invoke(build=["sh", "-c", "echo driver.c:3: no such thing; exit 1"])
    assert result.exit_code == 3
    assert "driver.c:3: no such thing" in result.output
