"""What is wrong with a driver's answer to one case: where, what was due, and what to do.

The answer is read by the same `Reader` that a run uses, so that both agree on what is readable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.judging.evidence import sources
from harness.model.procedure import ALL_PROCEDURES, LABELS, PROCEDURES, SECONDS, VECTORS
from harness.probe.client import End
from harness.protocol.parser import AnswerParser, parse_value, split_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.model.answer import Stage
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.model.procedure import Procedure
    from harness.probe.client import Exchange

LONGEST_QUOTE = 60

NUMBER_ADVICE = (
    (r"[+-]?\d+,\d+", "Print a decimal point: set the locale of numbers to C."),
    (r".*\d[fF][+-]?\d+", "That is single precision: compute in double precision, and print that."),
    (r".*\d[dDqQ][+-]?\d+", "Print the exponent with an e: 1.5e-3, not 1.5d-3."),
    (
        r"[+-]?[\d.]+[+-]\d{3}",
        "The e before the exponent is missing: leave it more room, as ES26.16E3 does.",
    ),
    (r"\*+", "The number did not fit its field: print it in a wider one."),
    (r".*#(INF|IND|QNAN).*", "Print nan, inf and -inf for what is not finite."),
    (
        r".*[][(){},;].*",
        "Print the numbers alone, without brackets or commas, with blanks between.",
    ),
    (r"[A-Za-z].*", "A remark may stand before a label or behind the rows, not among them."),
)
"""What to do about a token that is no number, by what it looks like."""


@dataclass(frozen=True)
class Trouble:
    """Why a conversation cannot go on; `line` is the place in the exchange's output, from 0."""

    happened: str
    expected: str
    advice: str
    line: int | None = None


@dataclass(frozen=True)
class AnswerReading:
    """What could be read of an answer, and the first trouble with it."""

    trouble: Trouble | None = None
    stages: Mapping[str, Stage] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


def diagnose_answer(case: Case, exchange: Exchange, port: Port, firm: bool) -> AnswerReading:
    """Read the answer to `case`. `firm`: no program has a reason to fail at it."""
    reader = AnswerParser(case.name, largest=4 * case.rows * case.columns + 64)
    trouble = before_case(case.name, exchange) or walk(reader, exchange)
    if trouble is None and not reader.complete:
        trouble = unfinished(case.name, reader, exchange)
    if trouble is None:
        trouble = next(amiss(case, reader, exchange, port, firm), None)
    return AnswerReading(trouble, reader.stages, reader.failures)


def quoted(line: str) -> str:
    """A line of a driver in a sentence."""
    line = line.rstrip("\r")
    return f"`{line if len(line) <= LONGEST_QUOTE else line[:LONGEST_QUOTE] + '…'}`"


def count(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def before_case(name: str, exchange: Exchange) -> Trouble | None:
    """The trouble with how an answer begins."""
    due = f"`case {name}`, as the first line of the answer"
    begun = acknowledged(name, exchange)
    for index, line in enumerate(exchange.output[:begun]):
        words = line.split()
        if words[:1] == ["case"]:
            happened = f"the driver printed {quoted(line)} in answer to `case {name} …`"
            advice = "Print the word case and the name as it came, nothing else on that line."
        elif line.lower().split() == ["case", name.lower()]:
            happened = f"the driver printed {quoted(line)}"
            advice = "Print the protocol's words in small letters, and the name as it came."
        elif line.rstrip().endswith(f"case {name}"):
            happened = f"the driver printed something in front of `case {name}` on its line"
            advice = (
                "Print no prompts: standard output is for answers. What people are to see goes to "
                "standard error."
            )
        elif is_protocol(line):
            happened = f"the driver printed {quoted(line)} before `case {name}`"
            advice = (
                "Print `case NAME` before everything else of an answer, and nothing of it after "
                "`end NAME`."
            )
        else:
            continue
        return Trouble(happened, due, advice, index)
    return None


def acknowledged(name: str, exchange: Exchange) -> int | None:
    """Where `case NAME` stands in the output, if it does."""
    lines = enumerate(exchange.output)
    return next((index for index, line in lines if line.split() == ["case", name]), None)


def is_protocol(line: str) -> bool:
    """Whether a line is one that only an answer has: a label with sizes, a failure, an end."""
    words = line.split()
    if words[:1] == ["end"]:
        return len(words) <= 2
    if words[:1] == ["failed"]:
        return words[1:2] != [] and words[1] in PROCEDURES
    return len(words) > 1 and words[0] in LABELS and words[1].isdigit()


def walk(reader: AnswerParser, exchange: Exchange) -> Trouble | None:
    """Read an answer line by line; the trouble with the first that is not as it must be."""
    begun = acknowledged(reader.case, exchange)
    last = len(exchange.output) - exchange.torn
    for index in range(begun if begun is not None else last, last):
        line = exchange.output[index]
        remarks, broken = len(reader.remarks), broken_stages(reader)
        reader.feed(line)
        if reader.mismatch:
            return out_of_step(reader, line, index)
        for label in broken_stages(reader) - broken:
            return broken_stage(reader.stages[label], line, index)
        if len(reader.remarks) > remarks:
            found = no_remark(reader, line, index, exchange)
            if found is not None:
                return found
        if reader.complete:
            break
    return None


def broken_stages(reader: AnswerParser) -> set[str]:
    """The labels of what could not be read."""
    return {label for label, stage in reader.stages.items() if stage.trouble}


def sizes_of(label: str) -> str:
    """What stands behind a label."""
    return "LENGTH" if label in VECTORS else "ROWS COLUMNS"


def out_of_step(reader: AnswerParser, line: str, index: int) -> Trouble:
    """The trouble with a `case` or `end` that belongs elsewhere."""
    happened = f"the driver printed {quoted(line)} in the answer to `{reader.case}`"
    advice = "Print `case NAME` once, `end NAME` once, both with the name as it came."
    return Trouble(happened, f"`end {reader.case}`", advice, index)


def broken_stage(stage: Stage, line: str, index: int) -> Trouble:
    """The trouble with a stage that a line has just broken."""
    sizes = " ".join(map(str, stage.shape))
    declared = f"{stage.label} {sizes}"
    words = line.split()
    if words[:1] == [stage.label]:
        advice = "Print each stage once, with its own sizes behind the label."
        form = f"`{stage.label} {sizes_of(stage.label)}`, once"
        return Trouble(f"the driver printed {quoted(line)}", form, advice, index)
    width = stage.shape[1] if len(stage.shape) == 2 else 1
    form = f"{count(stage.shape[0], 'row')} of {count(width, 'number')}"
    if is_protocol(line):
        happened = f"the driver printed `{declared}` and then {count(len(stage.rows), 'row')}"
        advice = "Print one line for each row, and the sizes of what follows."
        return Trouble(happened, form, advice, index)
    row = f"row {len(stage.rows) + 1} of `{declared}`"
    return broken_row(row, form, width, line, index)


def broken_row(row: str, form: str, width: int, line: str, index: int) -> Trouble:
    """The trouble with a row of `width` numbers."""
    tokens = split_numbers(line)
    for token in tokens:
        try:
            parse_value(token)
        except ValueError:
            advice = next(
                (words for pattern, words in NUMBER_ADVICE if re.fullmatch(pattern, token)),
                "docs/protocol.md lists how numbers may look.",
            )
            return Trouble(f"{row} has {quoted(token)}, which is not a number", form, advice, index)
    if not tokens:
        advice = "Print no blank lines among the rows."
        return Trouble(f"{row} is a blank line", form, advice, index)
    advice = "Print a whole row on one line, every column of it, the right-hand sides included."
    if width == 1:
        advice = "Print one number a line."
    return Trouble(f"{row} has {count(len(tokens), 'number')}", form, advice, index)


def no_remark(reader: AnswerParser, line: str, index: int, exchange: Exchange) -> Trouble | None:
    """The trouble with a line that counts as a remark, where the driver meant something else."""
    words = line.split()
    first, rest = words[0].lower().rstrip(":"), words[1:]
    happened = f"the driver printed {quoted(line)}"
    if first in LABELS and all(re.match(r"[\d(\[]", word) for word in rest):
        advice = "Print the label in small letters, and behind it the sizes with blanks between."
        return Trouble(happened, f"`{first} {sizes_of(first)}`", advice, index)
    if first == "end" and len(words) <= 2:
        advice = "Print the word end in small letters, and the name as it came."
        return Trouble(happened, f"`end {reader.case}`", advice, index)
    if first == "failed":
        advice = f"The procedures are called {', '.join(PROCEDURES)}."
        return Trouble(happened, "`failed PROCEDURE MESSAGE`", advice, index)
    above = row_above(reader, exchange, index)
    if above is not None and is_row(line, above):
        stage = f"{above.label} {' '.join(map(str, above.shape))}"
        happened = f"the driver printed `{stage}` and then more rows than that"
        advice = "Print as many lines as the label says: its first size is the number of rows."
        return Trouble(happened, count(above.shape[0], "row"), advice, index)
    return None


def row_above(reader: AnswerParser, exchange: Exchange, index: int) -> Stage | None:
    """The stage whose last row stands on the line above, if one does."""
    for stage in reader.stages.values():
        at = index - len(stage.rows) - 1
        if stage.rows and at >= 0 and exchange.output[at].split()[:1] == [stage.label]:
            return stage
    return None


def is_row(line: str, stage: Stage) -> bool:
    """Whether a line could be one more row of a stage."""
    tokens = split_numbers(line)
    try:
        for token in tokens:
            parse_value(token)
    except ValueError:
        return False
    return len(tokens) == len(stage.rows[0])


def unfinished(name: str, reader: AnswerParser, exchange: Exchange) -> Trouble:
    """The trouble where an answer broke off, in an order of what is most likely."""
    if reader.acknowledged:
        got = ", ".join(f"`{label}`" for label in reader.stages) or "nothing else"
        so_far = f"after `case {name}` and {got}"
        due = f"the rest of the answer, and `end {name}`"
    else:
        so_far = "where it should have begun with `case NAME`"
        due = f"`case {name}`, the stages, `end {name}`"
    torn = exchange.output[-1] if exchange.torn else ""
    line = len(exchange.output) - 1 if torn else None
    if torn.split() == ["end", name]:
        advice = "Print a newline after `end NAME` as well."
        return Trouble(f"there is no newline behind `end {name}`", "a whole line", advice, line)
    if exchange.end is End.FLOODED:
        advice = "Look for a loop that prints and does not end."
        return Trouble("the driver prints without end", due, advice, line)
    if exchange.end is End.CLOSED:
        return Trouble(f"the driver ended ({exchange.exit}) {so_far}", due, died(exchange), line)
    advice = "Print `end NAME` when a case is done."
    if not reader.acknowledged:
        advice = "Read one header line and ROWS lines for a case, no more, and answer then."
        if torn:
            advice = "Print no prompts: standard output is for answers, each line with a newline."
    more = " more" if exchange.output else ""
    happened = f"the driver printed nothing{more} for {exchange.seconds:.2g} s {so_far}"
    return Trouble(happened, due, advice, line)


def died(exchange: Exchange) -> str:
    """What to do about a process that ended before its answer was complete."""
    status = exchange.exit.status if exchange.exit else None
    if status == 0:
        return "Go on reading cases until the end of standard input."
    if status is None:
        return "The program was ended from outside: standard error may say more."
    return (
        "Catch what the program raises, print `failed PROCEDURE MESSAGE`, then `end NAME`, and go "
        "on with the next case. Standard error may say more."
    )


def amiss(
    case: Case, reader: AnswerParser, exchange: Exchange, port: Port, firm: bool
) -> Iterator[Trouble]:
    """The troubles with an answer that is complete and can be read line by line."""
    stages, failures = reader.stages, reader.failures
    yield from in_disorder(exchange)
    for procedure in ALL_PROCEDURES:
        printed = [label for label in procedure.labels if label in stages]
        if printed and procedure.name not in port.procedures:
            yield Trouble(
                f"the driver printed `{printed[0]}`, and port.yaml does not list {procedure.name}",
                "the stages of the port's `procedures`",
                f"Add {procedure.name} to `procedures` in port.yaml, or do not print it.",
                line_of(printed[0], exchange),
            )
    for procedure in () if gave_up(reader, port) else due(case, port, failures):
        missing = [label for label in procedure.labels if label not in stages]
        if missing:
            yield Trouble(
                f"there is neither `{missing[0]}` nor `failed {procedure.name}` in the answer",
                f"what {procedure.name} made of the system",
                f"Print it, or take {procedure.name} out of `procedures` in port.yaml.",
            )
    if firm:
        yield from refused(failures)
        yield from misshapen(case, stages, exchange)


def due(case: Case, port: Port, failures: Mapping[str, str]) -> Iterator[Procedure]:
    """The procedures whose results a port owes for a case, given those that failed."""
    for procedure in ALL_PROCEDURES:
        asked = procedure.name in port.procedures
        square = case.rows == case.unknowns or not procedure.square
        single = case.right_hand_sides == 1 or not procedure.single
        failed = any(name in failures for name in (procedure.name, *sources(procedure.name)))
        if asked and square and single and not failed:
            yield procedure


def gave_up(reader: AnswerParser, port: Port) -> bool:
    """Whether the program says that there is no answer: nothing more is due then."""
    return any(notice in remark for notice in port.notices for remark in reader.remarks)


def in_disorder(exchange: Exchange) -> Iterator[Trouble]:
    """The trouble with stages that are not in the order of the protocol."""
    order = [label for label in LABELS if label != SECONDS]
    furthest = ""
    for index, line in enumerate(exchange.output):
        words = line.split()
        if not is_protocol(line) or words[0] in ("end", SECONDS):
            continue
        label = PROCEDURES[words[1]].labels[0] if words[0] == "failed" else words[0]
        if furthest and order.index(label) < order.index(furthest):
            happened = f"the driver printed `{label}` after `{furthest}`"
            due = f"`{label}` first"
            advice = f"Print the stages in this order: {', '.join(order)}."
            yield Trouble(happened, due, advice, index)
        furthest = label


def refused(failures: Mapping[str, str]) -> Iterator[Trouble]:
    """The trouble with a system that every program should take."""
    for procedure, message in failures.items():
        yield Trouble(
            f"{procedure} failed: {quoted(message)}",
            "a result: this system has one solution, and nothing about it is difficult",
            "See whether the driver hands the matrix over as the program wants it.",
        )


def misshapen(case: Case, stages: Mapping[str, Stage], exchange: Exchange) -> Iterator[Trouble]:
    """The trouble with results of a square system that have other sizes than it must give."""
    n, k = case.unknowns, case.right_hand_sides
    whole = dict.fromkeys(("echelon", "reduced"), (n, n + k))
    square = dict.fromkeys(("permutation", "lower", "upper", "inverse"), (n, n))
    sides = dict.fromkeys(("forward", "backward", "solve"), (n, k))
    vectors = {"solution": (n,), SECONDS: (k,), "determinant": (1,), "rank": (1,)}
    shapes: dict[str, tuple[int, ...]] = {**whole, **square, **sides, **vectors}
    for label, stage in stages.items():
        shape = shapes[label]
        if stage.shape != shape:
            printed = " ".join(map(str, stage.shape))
            advice = "docs/protocol.md gives the sizes of each stage."
            if label in whole:
                advice = "COLUMNS counts every column, the right-hand sides included."
            elif label == "solution":
                advice = "A solution has a number for each unknown."
            yield Trouble(
                f"the driver printed `{label} {printed}`",
                f"`{label} {' '.join(map(str, shape))}`",
                advice,
                line_of(label, exchange),
            )


def line_of(label: str, exchange: Exchange) -> int:
    """Where the line with a label stands that is known to have come."""
    return next(i for i, line in enumerate(exchange.output) if line.split()[:1] == [label])
