"""Find what is wrong with a driver's answer to one case, what was expected, and what to do.

The answer is read by the `AnswerParser` that a run uses, so both agree on what is readable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.model.scope import SystemForm
from harness.numerics import rational
from harness.numerics.structure import find_structures
from harness.probe.trouble import (
    Trouble,
    explain_broken_row,
    format_count,
    is_protocol_line,
    quote_line,
    read_label,
)
from harness.procedures.registry import JUDGED_LABELS, PROCEDURES, RESULTS
from harness.procedures.solve import SECONDS
from harness.procedures.unchanged_input import label_input
from harness.protocol.connection import End
from harness.protocol.parser import AnswerParser, parse_value
from harness.protocol.printed_rows import split_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.model.answer import Stage
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.probe.client import Exchange
    from harness.procedures.procedure import Procedure


@dataclass(frozen=True)
class AnswerReading:
    """The readable part of an answer, and the first trouble with it.

    `messages` are the failures and the refusals of procedures, by name, each with its verb.
    """

    trouble: Trouble | None = None
    stages: Mapping[str, Stage] = field(default_factory=dict)
    messages: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def diagnose_answer(
    case: Case, exchange: Exchange, port: Port, must_succeed: bool
) -> AnswerReading:
    """Read the answer to `case`. `must_succeed` is False where a program may have to fail."""
    parser = AnswerParser(case.name, largest=4 * case.rows * case.columns + 64)
    trouble = check_beginning(case.name, exchange) or read_answer_lines(parser, exchange)
    if trouble is None and not parser.complete:
        trouble = explain_unfinished_answer(case.name, parser, exchange)
    if trouble is None:
        trouble = next(find_troubles(case, parser, exchange, port, must_succeed), None)
    return AnswerReading(trouble, parser.stages, quote_messages(parser))


def check_beginning(name: str, exchange: Exchange) -> Trouble | None:
    """Return the trouble with the beginning of an answer, or None."""
    expected = f"`case {name}`, as the first line of the answer"
    case_line = find_case_line(name, exchange)
    for index, line in enumerate(exchange.output[:case_line]):
        words = line.split()
        if words[:1] == ["case"]:
            happened = f"the driver printed {quote_line(line)} in answer to `case {name} …`"
            advice = "Print the word case and the name as it came, nothing else on that line."
        elif line.lower().split() == ["case", name.lower()]:
            happened = f"the driver printed {quote_line(line)}"
            advice = "Print the protocol's words in lower-case letters, and the name as it came."
        elif line.rstrip().endswith(f"case {name}"):
            happened = f"the driver printed something before `case {name}` on the same line"
            advice = (
                "Print no prompts: standard output is for answers. Print messages for people on "
                "standard error."
            )
        elif is_protocol_line(line):
            happened = f"the driver printed {quote_line(line)} before `case {name}`"
            advice = (
                "Print `case NAME` before all other lines of an answer, and no line of it after "
                "`end NAME`."
            )
        else:
            continue
        return Trouble(happened, expected, advice, index)
    return None


def find_case_line(name: str, exchange: Exchange) -> int | None:
    """Return the index of the line `case NAME` in the output, or None."""
    lines = enumerate(exchange.output)
    return next((index for index, line in lines if line.split() == ["case", name]), None)


def read_answer_lines(parser: AnswerParser, exchange: Exchange) -> Trouble | None:
    """Read an answer line by line and return the trouble with the first wrong line, or None."""
    case_line = find_case_line(parser.case, exchange)
    end = len(exchange.output) - exchange.torn
    for index in range(case_line if case_line is not None else end, end):
        line = exchange.output[index]
        remark_count, broken_labels = len(parser.remarks), list_broken_stages(parser)
        parser.feed(line)
        if parser.mismatch:
            return explain_mismatched_name(parser, line, index)
        for label in list_broken_stages(parser) - broken_labels:
            return explain_broken_stage(parser.stages[label], line, index)
        if len(parser.remarks) > remark_count:
            trouble = check_remark(parser, line, index, exchange)
            if trouble is not None:
                return trouble
        if parser.complete:
            break
    return None


def list_broken_stages(parser: AnswerParser) -> set[str]:
    """Return the labels of the stages that could not be read."""
    return {label for label, stage in parser.stages.items() if stage.trouble}


def describe_sizes(label: str) -> str:
    """Return the words for the sizes after a label."""
    return "LENGTH" if RESULTS[label].is_vector else "ROWS COLUMNS"


def explain_mismatched_name(parser: AnswerParser, line: str, index: int) -> Trouble:
    """Return the trouble with a `case` or `end` line that belongs to another answer."""
    happened = f"the driver printed {quote_line(line)} in the answer to `{parser.case}`"
    advice = "Print `case NAME` once, `end NAME` once, both with the name as it came."
    return Trouble(happened, f"`end {parser.case}`", advice, index)


def explain_broken_stage(stage: Stage, line: str, index: int) -> Trouble:
    """Return the trouble with a stage that `line` has made unreadable."""
    sizes = " ".join(map(str, stage.shape))
    declared = f"{stage.label} {sizes}"
    if read_label(line) == stage.label:
        advice = "Print each stage once, with its own sizes after the label."
        expected = f"`{stage.label} {describe_sizes(stage.label)}`, once"
        return Trouble(f"the driver printed {quote_line(line)}", expected, advice, index)
    width = stage.shape[1] if len(stage.shape) == 2 else 1
    expected = f"{format_count(stage.shape[0], 'row')} of {format_count(width, 'number')}"
    if is_protocol_line(line):
        happened = (
            f"the driver printed `{declared}` and then {format_count(len(stage.rows), 'row')}"
        )
        advice = "Print one line for each row, and the sizes of what follows."
        return Trouble(happened, expected, advice, index)
    row = f"row {len(stage.rows) + 1} of `{declared}`"
    return explain_broken_row(row, expected, width, line, index)


def check_remark(parser: AnswerParser, line: str, index: int, exchange: Exchange) -> Trouble | None:
    """Return the trouble with a line that was read as a remark but meant otherwise, or None."""
    words = line.split()
    first, rest = words[0].lower().rstrip(":"), words[1:]
    happened = f"the driver printed {quote_line(line)}"
    if first in RESULTS and all(re.match(r"[\d(\[]", word) for word in rest):
        advice = "Print the label in lower-case letters, then the sizes with blanks between them."
        return Trouble(happened, f"`{first} {describe_sizes(first)}`", advice, index)
    if first == "end" and len(words) <= 2:
        advice = "Print the word end in lower-case letters, and the name as it came."
        return Trouble(happened, f"`end {parser.case}`", advice, index)
    if first in ("failed", "refused"):
        advice = f"The procedures are called {', '.join(PROCEDURES)}."
        return Trouble(happened, f"`{first} PROCEDURE MESSAGE`", advice, index)
    stage_above = find_stage_above(parser, exchange, index)
    if stage_above is not None and is_further_row(line, stage_above):
        stage = f"{stage_above.label} {' '.join(map(str, stage_above.shape))}"
        happened = f"the driver printed `{stage}` and then more rows than that"
        advice = "Print as many lines as the label says: its first size is the number of rows."
        return Trouble(happened, format_count(stage_above.shape[0], "row"), advice, index)
    return None


def find_stage_above(parser: AnswerParser, exchange: Exchange, index: int) -> Stage | None:
    """Return the stage whose last row is the line above, or None."""
    for stage in parser.stages.values():
        label_line = index - len(stage.rows) - 1
        if (
            stage.rows
            and label_line >= 0
            and read_label(exchange.output[label_line]) == stage.label
        ):
            return stage
    return None


def is_further_row(line: str, stage: Stage) -> bool:
    """Return whether a line could be one more row of a stage."""
    tokens = split_numbers(line)
    try:
        for token in tokens:
            parse_value(token)
    except ValueError:
        return False
    return len(tokens) == len(stage.rows[0])


def explain_unfinished_answer(name: str, parser: AnswerParser, exchange: Exchange) -> Trouble:
    """Return the trouble with an answer that broke off. The likeliest reasons are tried first."""
    if parser.acknowledged:
        labels = ", ".join(f"`{label}`" for label in parser.stages) or "nothing else"
        so_far = f"after `case {name}` and {labels}"
        expected = f"the rest of the answer, and `end {name}`"
    else:
        so_far = "where it should have begun with `case NAME`"
        expected = f"`case {name}`, the stages, `end {name}`"
    torn = exchange.output[-1] if exchange.torn else ""
    line = len(exchange.output) - 1 if torn else None
    if torn.split() == ["end", name]:
        advice = "Print a newline after `end NAME` as well."
        return Trouble(f"there is no newline after `end {name}`", "a whole line", advice, line)
    if exchange.end is End.FLOODED:
        advice = "Look for a loop that prints and does not end."
        return Trouble("the driver prints without end", expected, advice, line)
    if exchange.end is End.CLOSED:
        return Trouble(
            f"the driver ended ({exchange.exit}) {so_far}", expected, advise_on_exit(exchange), line
        )
    advice = "Print `end NAME` when a case is done."
    if not parser.acknowledged:
        advice = "Read one header line and ROWS lines for a case, no more, and then answer."
        if torn:
            advice = "Print no prompts: standard output is for answers, each line with a newline."
    more = " more" if exchange.output else ""
    happened = f"the driver printed nothing{more} for {exchange.seconds:.2g} s {so_far}"
    return Trouble(happened, expected, advice, line)


def advise_on_exit(exchange: Exchange) -> str:
    """Return advice on a process that ended before its answer was complete."""
    status = exchange.exit.status if exchange.exit else None
    if status == 0:
        return "Go on reading cases until the end of standard input."
    if status is None:
        return "The program was ended from outside: standard error may say more."
    return (
        "Catch what the program raises, print `failed PROCEDURE MESSAGE`, then `end NAME`, and go "
        "on with the next case. Standard error may say more."
    )


def find_troubles(
    case: Case, parser: AnswerParser, exchange: Exchange, port: Port, must_succeed: bool
) -> Iterator[Trouble]:
    """Yield the troubles with an answer that is complete and readable."""
    stages, messages = parser.stages, parser.messages
    yield from check_stage_order(exchange)
    for procedure in PROCEDURES.values():
        printed = [label for label in procedure.labels if label in stages]
        if printed and procedure.name not in port.procedures:
            yield Trouble(
                f"the driver printed `{printed[0]}`, and port.yaml does not list {procedure.name}",
                "the stages of the port's `procedures`",
                f"Add {procedure.name} to `procedures` in port.yaml, or do not print it.",
                find_label_line(printed[0], exchange),
            )
    for procedure in (
        () if has_given_notice(parser, port) else list_due_procedures(case, port, messages)
    ):
        missing = [label for label in procedure.labels if label not in stages]
        if missing:
            yield Trouble(
                f"there is neither `{missing[0]}` nor `failed {procedure.name}` in the answer",
                f"what {procedure.name} made of the system",
                f"Print it, or take {procedure.name} out of `procedures` in port.yaml.",
            )
    yield from check_inputs(case, parser, port)
    if must_succeed:
        yield from check_messages(parser)
        yield from check_shapes(case, stages, exchange)


def check_inputs(case: Case, parser: AnswerParser, port: Port) -> Iterator[Trouble]:
    """Yield the trouble with inputs that are promised to be unchanged, and not printed."""
    for procedure in list_due_procedures(case, port, parser.messages):
        label = label_input(procedure.name)
        has_result = all(result in parser.stages for result in procedure.labels)
        is_promised = procedure.name in port.leaves_input_unchanged
        if is_promised and has_result and label not in parser.stages:
            yield Trouble(
                f"there is no `{label}` in the answer",
                f"what {procedure.name} was given, as it is afterwards",
                f"Print it, or take {procedure.name} out of `leaves_input_unchanged` in port.yaml.",
            )


def list_due_procedures(case: Case, port: Port, messages: Mapping[str, str]) -> Iterator[Procedure]:
    """Yield the procedures whose results a port must print, given those that failed or refused."""
    system = rational.from_rows(case.build_input_matrix(port.arithmetic))
    structures = find_structures(rational.columns(system, range(case.unknowns)))
    form = SystemForm(case.rows, case.unknowns, case.right_hand_sides, structures)
    for procedure in PROCEDURES.values():
        is_listed = procedure.name in port.procedures
        is_asked = procedure.find_exclusion(form, port.promises) is None
        sources = procedure.sources(port.procedures)
        has_failed = any(required.name in messages for required in (procedure, *sources))
        if is_listed and is_asked and not has_failed:
            yield procedure


def has_given_notice(parser: AnswerParser, port: Port) -> bool:
    """Return whether the program gave a notice. Then it need not print anything more."""
    return any(notice in remark for notice in port.notices for remark in parser.remarks)


def check_stage_order(exchange: Exchange) -> Iterator[Trouble]:
    """Yield the trouble with stages that are not in the order of the protocol."""
    order = JUDGED_LABELS
    furthest = ""
    for index, line in enumerate(exchange.output):
        words = line.split()
        if not is_protocol_line(line) or words[0] in ("end", "input", SECONDS):
            continue
        label = PROCEDURES[words[1]].labels[0] if words[0] in ("failed", "refused") else words[0]
        if furthest and order.index(label) < order.index(furthest):
            happened = f"the driver printed `{label}` after `{furthest}`"
            expected = f"`{label}` first"
            advice = f"Print the stages in this order: {', '.join(order)}."
            yield Trouble(happened, expected, advice, index)
        furthest = label


def quote_messages(parser: AnswerParser) -> dict[str, tuple[str, str]]:
    """Return the verb and the quoted message of each procedure that failed or refused, by name."""
    return {
        procedure: (verb, quote_line(message))
        for verb, messages in (("failed", parser.failures), ("refused", parser.refusals))
        for procedure, message in messages.items()
    }


def check_messages(parser: AnswerParser) -> Iterator[Trouble]:
    """Yield the trouble with procedures that have no result for a system that is easy to solve."""
    for procedure, (verb, quoted) in quote_messages(parser).items():
        yield Trouble(
            f"{procedure} {verb}: {quoted}",
            "a result: this system has one solution and is easy to solve",
            "Check whether the driver passes the matrix in the form that the program expects.",
        )


def check_shapes(case: Case, stages: Mapping[str, Stage], exchange: Exchange) -> Iterator[Trouble]:
    """Yield the trouble with results of a square system that have the wrong sizes."""
    for label, stage in stages.items():
        shape = RESULTS[label].shape(case.rows, case.unknowns, case.right_hand_sides)
        if stage.shape != shape:
            printed = " ".join(map(str, stage.shape))
            advice = "docs/protocol.md gives the sizes of each stage."
            if label in ("echelon", "reduced"):
                advice = "COLUMNS counts every column, the right-hand sides included."
            elif label == "solution":
                advice = "A solution has a number for each unknown."
            yield Trouble(
                f"the driver printed `{label} {printed}`",
                f"`{label} {' '.join(map(str, shape))}`",
                advice,
                find_label_line(label, exchange),
            )


def find_label_line(label: str, exchange: Exchange) -> int:
    """Return the index of the line with a label. The line must be in the output."""
    return next(i for i, line in enumerate(exchange.output) if read_label(line) == label)
