"""The output of a listing's own main: parsed without a fixed format, and judged.

A manifest declares only the order of the stages and the precision.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.judging.number_blocks import find_number_blocks
from harness.judging.readings import limit_stage, round_stage
from harness.model.answer import Ending, Stage
from harness.model.case import PUBLISHED_CASE, Case, Kind
from harness.model.check import PUBLISHED_OUTPUT
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.error_measures import Sensitivity
from harness.procedures import printed_echelon, printed_reduction, printed_solution
from harness.procedures.grading import malformed
from harness.protocol.parser import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.judging.number_blocks import TokenRows
    from harness.model.answer import ProgramOutput
    from harness.model.case import System
    from harness.model.port import Port, Published
    from harness.numerics.oracle import Expected


def build_example_case(port: Port) -> Case:
    """Return the built-in system of a port's listing as a case. The port has a published output."""
    assert port.published is not None
    system = port.published.matrix
    place = f"{port.name}/port.yaml"
    why = "The listing's own example, run by its own main."
    return Case(PUBLISHED_CASE, classify_system(system), why, place, system, 1, {})


def classify_system(system: System) -> Kind:
    """Return the kind of a system with one right-hand side."""
    rows, unknowns = len(system), len(system[0]) - 1
    if rows != unknowns:
        return Kind.UNDERDETERMINED if rows < unknowns else Kind.OVERDETERMINED
    numbers = rational.from_rows([[number.exact for number in row] for row in system])
    is_regular = rational.reduced_form(numbers, unknowns).rank == unknowns
    return Kind.REGULAR if is_regular else Kind.SINGULAR


def half_unit(token: str, published: Published) -> float:
    """Return half a unit of the last printed place of a number, or 0 if it is printed in full.

    With a fixed number of decimal places, these are the places of the mantissa in exponent
    notation. With a number of significant digits, the first one is the leading digit, and only 0 is
    printed as 0.
    """
    size = abs(rational.nearest_double(parse_value(token)))
    if published.places is not None:
        _, _, exponent = token.lower().partition("e")
        # The exponent of `0e999` is not used, because 10⁹⁹⁹ exceeds the doubles.
        power = int(exponent) if exponent and size > 0 else 0
        return 0.5 * math.pow(10.0, power - published.places)
    if published.digits is not None:
        if size == 0 or not math.isfinite(size):
            return 0.0
        return 0.5 * math.pow(10.0, math.floor(math.log10(size)) + 1 - published.digits)
    return 0.0


def parse_stages(text: str, published: Published) -> dict[str, Stage]:
    """Return the stages in the output of a main. Raises ValueError if there are more or fewer.

    Numbers with names belong to the stages only where the other numbers are not the stages.
    """
    blocks = find_number_blocks(text)
    if len(blocks) != len(published.stages):
        named = find_number_blocks(text, with_names=True)
        blocks = named if len(named) == len(published.stages) else blocks
    if len(blocks) != len(published.stages):
        raise ValueError(
            f"{len(blocks)} blocks of numbers were printed, where {len(published.stages)} are due "
            f"({', '.join(published.stages)})"
        )
    return {
        label: parse_stage(label, tokens, published)
        for label, tokens in zip(published.stages, blocks, strict=True)
    }


def parse_stage(label: str, tokens: TokenRows, published: Published) -> Stage:
    """Return a stage. The tokens of a solution form a column, however they were printed.

    Raises ValueError if the rows are not equally long, or a token is not a number.
    """
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


def judge_published(port: Port, expected: Expected, printed: ProgramOutput) -> Judgement:
    """Return the judgement on the output of a listing's own main.

    The outcome is that of the first faulty stage. The detail is about all faulty stages.
    """
    check = PUBLISHED_OUTPUT
    assert port.published is not None
    if printed.ending is Ending.HUNG:
        return Judgement(check, Outcome.HUNG, printed.reason)
    if printed.ending is not Ending.COMPLETED:
        outcome = Outcome.CRASHED if printed.ending is Ending.CRASHED else Outcome.UNREADABLE
        return Judgement(check, outcome, printed.reason)
    try:
        stages = parse_stages(printed.output, port.published)
    except ValueError as error:
        return Judgement(check, Outcome.UNREADABLE, str(error))
    if expected.precision:
        stages = {label: round_stage(stage, expected.precision) for label, stage in stages.items()}
    else:
        stages = {label: limit_stage(stage) for label, stage in stages.items()}
    if trouble := next((stage.trouble for stage in stages.values() if stage.trouble), ""):
        return Judgement(check, Outcome.UNREADABLE, trouble)
    lines = (*printed.output.splitlines(), *printed.errors)
    has_notice = any(notice in line for line in lines for notice in port.notices)
    judgements = judge_each_stage(stages, expected, has_notice)
    faults = [(label, judgement) for label, judgement in judgements if judgement.outcome.deviates]
    if not faults:
        return Judgement(check, Outcome.RIGHT, f"right: {', '.join(stages)}")
    details = "; ".join(f"{label}: {judgement.detail}" for label, judgement in faults)
    return Judgement(check, faults[0][1].outcome, details)


def judge_each_stage(
    stages: dict[str, Stage], expected: Expected, has_notice: bool
) -> Iterator[tuple[str, Judgement]]:
    """Yield the judgements on each printed stage, by the oracle for the built-in system.

    `has_notice` is true if the listing printed a notice that there is no unique solution.
    """
    for label, stage in stages.items():
        if label == "input":
            yield label, judge_input(stage, expected)
        elif label == "solution":
            yield label, printed_solution.judge_any(stage, has_notice, expected)
        elif complaint := malformed(stage, expected):
            yield label, Judgement(PUBLISHED_OUTPUT, Outcome.WRONG, complaint)
        elif label == "reduced":
            sensitivity = Sensitivity(expected.rank_condition)
            yield (
                label,
                printed_reduction.judge_form(stage, expected.reduced, sensitivity, expected),
            )
            yield (
                label,
                printed_reduction.judge_rows(stage, expected.reduced, sensitivity, expected),
            )
        else:
            yield label, printed_echelon.judge_form(stage, expected)
            yield label, printed_echelon.judge_rows(stage, expected)


def judge_input(stage: Stage, expected: Expected) -> Judgement:
    """Judge whether a main prints the built-in system that the manifest declares."""
    check = PUBLISHED_OUTPUT
    if complaint := malformed(stage, expected):
        return Judgement(check, Outcome.WRONG, complaint)
    table = expected.system.tolist()
    for i, row in enumerate(stage.rows):
        for j, value in enumerate(row):
            slack = stage.half_units[i][j] if stage.half_units else 0.0
            if rational.to_float(abs(rational.from_number(value) - table[i][j])) > slack:
                detail = f"the system printed differs in row {i + 1}, column {j + 1}"
                return Judgement(check, Outcome.WRONG, detail)
    return Judgement(check, Outcome.RIGHT)
