"""What a listing's own main prints, read in whatever way its language prints numbers.

Nothing is declared but the order of the stages and the precision: a line that holds only numbers
(once brackets and commas are taken away) belongs to a matrix, and every other line ends one.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from harness.model.answer import Ending, Stage
from harness.model.case import PUBLISHED_CASE, Case, Kind
from harness.model.check import PUBLISHED_OUTPUT
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.error_measures import Sensitivity
from harness.procedures import back_substitution, gauss_jordan, gaussian_elimination
from harness.procedures.grading import malformed
from harness.protocol.parser import parse_value, split_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.answer import ProgramOutput
    from harness.model.case import System
    from harness.model.port import Port, Published
    from harness.numerics.oracle import Expected

HEADING = re.compile(r"^[^\d\[(]*:\s*")
"""`Solution: ` before the numbers of the same line."""

BRACKETS = str.maketrans({"[": " ", "]": " ", "(": " ", ")": " ", ",": " "})

TokenRows = list[list[str]]


def build_example_case(port: Port) -> Case:
    """The system that a listing has built in, as a case; the port has one."""
    assert port.published is not None
    system = port.published.matrix
    place = f"{port.name}/port.yaml"
    why = "The listing's own example, run by its own main."
    return Case(PUBLISHED_CASE, classify_system(system), why, place, system, 1, {})


def classify_system(system: System) -> Kind:
    """The kind of a system with one right-hand side."""
    rows, unknowns = len(system), len(system[0]) - 1
    if rows != unknowns:
        return Kind.UNDERDETERMINED if rows < unknowns else Kind.OVERDETERMINED
    numbers = rational.from_rows([[number.exact for number in row] for row in system])
    full = rational.reduced_form(numbers, unknowns).rank == unknowns
    return Kind.REGULAR if full else Kind.SINGULAR


def find_number_blocks(text: str) -> list[TokenRows]:
    """The matrices in a text, in order, as rows of tokens.

    A line such as Julia's `[1.0 2.0; 3.0 4.0]` is a matrix by itself.
    """
    found: list[TokenRows] = []
    open_block = False
    for line in join_wrapped_rows(text):
        rows = [split_number_line(part) for part in HEADING.sub("", line).split(";")]
        if not all(rows):
            open_block = False
            continue
        whole = len(rows) > 1
        if open_block and not whole:
            found[-1] += rows
        else:
            found.append(rows)
        open_block = not whole
    return found


def join_wrapped_rows(text: str) -> Iterator[str]:
    """The lines of a text; one where a long row goes over several, as NumPy's do."""
    begun = ""
    for line in text.splitlines():
        begun = f"{begun} {line}" if begun else line
        if split_number_line(begun) and begun.rfind("[") > begun.rfind("]"):
            continue
        yield begun
        begun = ""
    if begun:
        yield begun


def split_number_line(text: str) -> list[str]:
    """The tokens of a text that holds nothing but numbers; none where it holds anything else."""
    tokens = " ".join(split_numbers(text)).translate(BRACKETS).split()
    try:
        for token in tokens:
            parse_value(token)
    except ValueError:
        return []
    return tokens


def half_unit(token: str, published: Published) -> float:
    """Half a unit of the last place that a number was printed to; 0 where it is printed in full.

    With a fixed count of decimal places a number in exponent notation has them behind its
    mantissa's point; with a count of significant digits the first stands for its leading digit,
    and only 0 is printed as 0.
    """
    size = abs(rational.nearest_double(parse_value(token)))
    if published.places is not None:
        _, _, exponent = token.lower().partition("e")
        # `0e999` is 0, and no double is that large.
        power = int(exponent) if exponent and size > 0 else 0
        return 0.5 * math.pow(10.0, power - published.places)
    if published.digits is not None:
        if size == 0 or not math.isfinite(size):
            return 0.0
        return 0.5 * math.pow(10.0, math.floor(math.log10(size)) + 1 - published.digits)
    return 0.0


def parse_stages(text: str, published: Published) -> dict[str, Stage]:
    """The stages in what a main printed; raises ValueError where there are more or fewer."""
    found = find_number_blocks(text)
    if len(found) != len(published.stages):
        raise ValueError(
            f"{len(found)} blocks of numbers were printed, where {len(published.stages)} are due "
            f"({', '.join(published.stages)})"
        )
    return {
        label: parse_stage(label, tokens, published)
        for label, tokens in zip(published.stages, found, strict=True)
    }


def parse_stage(label: str, tokens: TokenRows, published: Published) -> Stage:
    """A stage from its tokens; a solution is a column, however it was laid out."""
    if label == "solution":
        tokens = [[token] for row in tokens for token in row]
    width = len(tokens[0])
    if any(len(row) != width for row in tokens):
        raise ValueError(f"the rows of {label} are not equally long")
    half_units = tuple(tuple(half_unit(token, published) for token in row) for row in tokens)
    return Stage(
        label,
        (len(tokens), width) if label != "solution" else (len(tokens),),
        tuple(tuple(parse_value(token) for token in row) for row in tokens),
        half_units=half_units if any(any(row) for row in half_units) else (),
    )


def judge_published(port: Port, expected: Expected, said: ProgramOutput) -> Judgement:
    """The judgement on a listing's own main: the worst of what its stages deserve."""
    check = PUBLISHED_OUTPUT
    assert port.published is not None
    if said.ending is Ending.HUNG:
        return Judgement(check, Outcome.HUNG, said.reason)
    if said.ending is not Ending.COMPLETED:
        outcome = Outcome.CRASHED if said.ending is Ending.CRASHED else Outcome.UNREADABLE
        return Judgement(check, outcome, said.reason)
    try:
        stages = parse_stages(said.output, port.published)
    except ValueError as error:
        return Judgement(check, Outcome.UNREADABLE, str(error))
    lines = (*said.output.splitlines(), *said.errors)
    spoke = any(notice in line for line in lines for notice in port.notices)
    answers = [*judge_each_stage(stages, expected, spoke)]
    faults = [(label, answer) for label, answer in answers if answer.outcome.deviates]
    if not faults:
        return Judgement(check, Outcome.RIGHT, f"right: {', '.join(stages)}")
    details = "; ".join(f"{label}: {answer.detail}" for label, answer in faults)
    return Judgement(check, faults[0][1].outcome, details)


def judge_each_stage(
    stages: dict[str, Stage], expected: Expected, spoke: bool
) -> Iterator[tuple[str, Judgement]]:
    """The judgements on each printed stage, against the oracle for the built-in system.

    `spoke` says whether the listing said that there is no unique solution.
    """
    for label, stage in stages.items():
        if label == "input":
            yield label, judge_input(stage, expected)
        elif label == "solution":
            yield label, back_substitution.judge_any(stage, spoke, expected)
        elif complaint := malformed(stage, expected):
            yield label, Judgement(PUBLISHED_OUTPUT, Outcome.WRONG, complaint)
        elif label == "reduced":
            sensitivity = Sensitivity(expected.rank_condition)
            yield label, gauss_jordan.judge_form(stage, expected.reduced, sensitivity, expected)
            yield label, gauss_jordan.judge_rows(stage, expected.reduced, sensitivity, expected)
        else:
            yield label, gaussian_elimination.judge_form(stage, expected)
            yield label, gaussian_elimination.judge_rows(stage, expected)


def judge_input(stage: Stage, expected: Expected) -> Judgement:
    """Whether a main prints the system that it is said to have built in."""
    check = PUBLISHED_OUTPUT
    if complaint := malformed(stage, expected):
        return Judgement(check, Outcome.WRONG, complaint)
    table = expected.system.tolist()
    for i, row in enumerate(stage.rows):
        for j, value in enumerate(row):
            half = stage.half_units[i][j] if stage.half_units else 0.0
            if rational.to_float(abs(rational.from_number(value) - table[i][j])) > half:
                detail = f"the system printed differs in row {i + 1}, column {j + 1}"
                return Judgement(check, Outcome.WRONG, detail)
    return Judgement(check, Outcome.RIGHT)
