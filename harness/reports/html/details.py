"""What each port made of each case, in full: the material behind every cell of the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.judging.evidence import REASONS_OF_THE_PORT
from harness.model.answer import Ending
from harness.model.procedure import SECONDS
from harness.model.verdict import RANKS, Outcome
from harness.reports.html.grid import SOLUTION_COUNTS
from harness.reports.html.pictures import draw_expected_steps, draw_own_steps
from harness.reports.parts import signs
from harness.reports.parts.matrices import Matrix, typeset_matrix
from harness.reports.parts.pivots import PivotTrace, find_pivot_trace
from harness.reports.parts.stages import (
    ShownResults,
    StageTable,
    are_close,
    build_column,
    build_stage_tables,
    convert_to_doubles,
    group_repeated_labels,
)
from harness.text import count_noun, excerpt_lines, format_figure, format_rerun_command, join_words

if TYPE_CHECKING:
    from harness.reports.html.pictures import Picture
    from harness.reports.parts.index import Index
    from harness.results.schema import (
        AnswerRecord,
        CaseRecord,
        ExpectedRecord,
        OwnExampleRecord,
        PortRecord,
        VerdictRecord,
    )

MAXIMUM_REMARKS = 20
MAXIMUM_ERROR_LINES = 20
MAXIMUM_LINE_CHARACTERS = 300
MAXIMUM_PORT_NAMES = 5

UNREMARKABLE_OUTCOMES = frozenset({Outcome.RIGHT, Outcome.ABSENT})
"""The outcomes of which there is nothing to tell."""


@dataclass(frozen=True)
class CheckLine:
    """Checks of which the same is to be said; of the first, `verdict`, the figures are shown."""

    checks: str
    verdict: VerdictRecord
    figures: bool


@dataclass(frozen=True)
class AnswerBlock:
    """The answer of one port, or the one answer of several ports, to a case.

    `errors` are the last lines of standard error; `commands` run each port on this case again.
    `plain` says that all is right and nothing was said, so that there is little to read;
    `pivots_as` names a port of which the same pivots were told before.
    """

    ports: str
    places: tuple[str, ...]
    outcome: Outcome
    plain: bool
    ending: str
    lines: tuple[CheckLine, ...]
    stages: tuple[StageTable, ...]
    known: dict[str, list[str]]
    trace: PivotTrace | None
    pivots_as: str
    pictures: tuple[Picture, ...]
    failures: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    errors: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class CaseDetails:
    """A case and what became of it."""

    case: CaseRecord
    place: str
    outcome: Outcome
    news: str
    facts: tuple[tuple[str, str], ...]
    system: Matrix
    matrices: tuple[Matrix, ...]
    pictures: tuple[Picture, ...]
    blocks: tuple[AnswerBlock, ...]


def build_details(index: Index) -> dict[str, tuple[CaseDetails, ...]]:
    """The details of all cases, by kind."""
    return {
        kind: tuple(build_case_details(index, case) for case in cases)
        for kind, cases in index.kinds.items()
    }


def build_case_details(index: Index, case: CaseRecord) -> CaseDetails:
    """The details of one case."""
    shown = ShownResults()
    groups = sorted(
        group_equal_answers(index, case),
        key=lambda ports: RANKS[signs.find_worst_outcome(index.verdicts(ports[0], case))],
    )
    blocks = [build_answer_block(index, case, ports, shown) for ports in groups]
    blocks += build_fixed_blocks(index.fixed, case)
    blocks.sort(key=lambda found: RANKS[found.outcome])
    verdicts = [verdict for port in index.ports for verdict in index.verdicts(port, case)]
    expected = index.reference(case)
    return CaseDetails(
        case=case,
        place=index.case_place(case),
        outcome=signs.find_worst_outcome(verdicts),
        news=describe_deviating_ports(index, case),
        facts=list_case_facts(case, expected) if expected else (),
        system=typeset_matrix("The system", case.system, case.right_hand_sides),
        matrices=build_expected_matrices(case, expected) if expected else (),
        pictures=draw_expected_steps(case),
        blocks=tuple(blocks),
    )


def build_fixed_blocks(fixed: Index, case: CaseRecord) -> list[AnswerBlock]:
    """The answers of fixed ports to a case, of those that deviate."""
    return [
        build_answer_block(fixed, case, (port,))
        for port in fixed.ports
        if any(verdict.outcome.deviates for verdict in fixed.verdicts(port, case))
    ]


def describe_deviating_ports(index: Index, case: CaseRecord) -> str:
    """Which ports deviate on a case, or how many where they are many."""
    names = [
        index.called(port)
        for port in index.ports
        if any(verdict.outcome.deviates for verdict in index.verdicts(port, case))
    ]
    if not names:
        return ""
    who = join_words(names) if len(names) <= MAXIMUM_PORT_NAMES else count_noun(len(names), "port")
    return f"{who} {'deviates' if len(names) == 1 else 'deviate'}"


def list_case_facts(case: CaseRecord, expected: ExpectedRecord) -> tuple[tuple[str, str], ...]:
    """What the oracle says of a case, as terms and descriptions."""
    found = [
        ("Class", SOLUTION_COUNTS.get(expected.solutions, expected.solutions)),
        ("Rank", f"{expected.rank} of A, {expected.augmented_rank} of [A b]"),
        ("Condition κ", format_figure(expected.condition)),
        ("Growth ρ", format_figure(expected.growth)),
        ("Limit T", format_figure(expected.threshold)),
    ]
    for arithmetic, other in case.expected.items():
        if (other.solutions, other.rank) != (expected.solutions, expected.rank):
            words = SOLUTION_COUNTS.get(other.solutions, other.solutions)
            found.append((f"In {arithmetic}", f"{words}, rank {other.rank}"))
    return tuple(found)


def build_expected_matrices(case: CaseRecord, expected: ExpectedRecord) -> tuple[Matrix, ...]:
    """What was due for a case, and NumPy's second opinion on x where that is another.

    Where there is exactly one x, and nothing else, the reduced form is the identity beside it.
    """
    found = []
    if expected.solution is None or case.rows > case.unknowns or case.right_hand_sides > 1:
        found.append(typeset_matrix("Reduced form, exact", expected.reduced, case.right_hand_sides))
    if expected.solution is not None:
        found.append(typeset_matrix("x, exact", build_column(expected.solution)))
    if expected.numpy is not None and not are_same_solution(expected.numpy, expected.solution):
        found.append(typeset_matrix("x, by NumPy", build_column(expected.numpy)))
    return tuple(found)


def are_same_solution(x: tuple[str, ...], other: tuple[str, ...] | None) -> bool:
    """Whether two solutions are the same, to nine digits."""
    return other is not None and are_close(
        convert_to_doubles(build_column(x)), convert_to_doubles(build_column(other))
    )


# The answers of ports


def group_equal_answers(index: Index, case: CaseRecord) -> list[tuple[PortRecord, ...]]:
    """The ports in groups that printed the same for a case and were judged the same."""
    groups: list[tuple[tuple[object, ...], list[PortRecord]]] = []
    for port in index.ports:
        told = build_answer_key(index, port, case)
        same = next((group for known, group in groups if known == told), None)
        if same is None:
            groups.append((told, [port]))
        else:
            same.append(port)
    return [tuple(group) for _, group in groups]


def build_answer_key(index: Index, port: PortRecord, case: CaseRecord) -> tuple[object, ...]:
    """All that is told of a port's answer to a case, but for the port's name."""
    answer = index.answers.get((port.name, case.name))
    said: tuple[object, ...] = ()
    if answer is not None and answer.ending == Ending.NOT_ASKED:
        return answer.ending, answer.reason
    if answer is not None:
        printed = {label: each for label, each in answer.stages.items() if label != SECONDS}
        said = (answer.ending, answer.reason, printed, answer.failures)
        said += (answer.remarks, answer.errors)
    judged = [
        (v.check, v.outcome, v.detail, v.entries, v.measures, v.follows, v.trace)
        for v in index.verdicts(port, case)
    ]
    causes = [(v.port, v.finding) for v in index.verdicts(port, case) if v.finding]
    return (said, judged, causes, index.expected(port, case))


def build_answer_block(
    index: Index, case: CaseRecord, ports: tuple[PortRecord, ...], shown: ShownResults | None = None
) -> AnswerBlock:
    """The one answer of some ports to a case; what was `shown` of it before is not shown again."""
    first = ports[0]
    answer = index.answers.get((first.name, case.name))
    verdicts = index.verdicts(first, case)
    remarks = (
        excerpt_lines(answer.remarks, MAXIMUM_REMARKS, MAXIMUM_LINE_CHARACTERS) if answer else ()
    )
    errors = excerpt_last_lines(answer.errors) if answer else ()
    said = bool(remarks or errors or (answer and answer.failures))
    steps = [step for verdict in verdicts for step in verdict.trace]
    legal = bool(steps) and all(step.legal for step in steps)
    pivots_as = shown.pivots_before(steps, index.title(first)) if shown and legal else ""
    printed = build_stage_tables(
        answer,
        case,
        index.expected(first, case),
        verdicts,
        index.reference(case),
        shown,
        index.title(first),
    )
    return AnswerBlock(
        ports=join_words(index.title(port) for port in ports),
        places=tuple(index.place(port, case) for port in ports),
        outcome=signs.find_worst_outcome(verdicts),
        plain=bool(verdicts)
        and not said
        and all(v.outcome in UNREMARKABLE_OUTCOMES for v in verdicts),
        ending=describe_ending(answer),
        lines=() if answer and answer.ending == Ending.NOT_ASKED else build_check_lines(verdicts),
        stages=printed,
        known=group_repeated_labels(printed),
        trace=None if pivots_as else find_pivot_trace(verdicts),
        pivots_as=pivots_as,
        pictures=draw_own_steps(case, steps),
        failures=find_unquoted_failures(answer, verdicts) if answer else (),
        remarks=remarks,
        errors=errors,
        commands=tuple(
            format_rerun_command(index.run.again, port.name, case.name) for port in ports
        ),
    )


def build_check_lines(verdicts: tuple[VerdictRecord, ...]) -> tuple[CheckLine, ...]:
    """What there is to say of the checks: together where it is the same; what is right last.

    Where all are right, only those that have figures are named. What a port is never asked is not
    told again for each case.
    """
    groups: dict[tuple[object, ...], list[VerdictRecord]] = {}
    for verdict in verdicts:
        if verdict.detail in REASONS_OF_THE_PORT:
            continue
        mine = verdict.check if "digits" in verdict.measures else None
        told = (verdict.outcome, verdict.detail, verdict.follows, verdict.finding, mine)
        groups.setdefault(told, []).append(verdict)
    right = {Outcome.RIGHT} == {told[0] for told in groups}
    found = [
        CheckLine(
            ", ".join(verdict.check for verdict in group),
            group[0],
            len(group) == 1 and (group[0].outcome is not Outcome.RIGHT or bool(told[-1])),
        )
        for told, group in groups.items()
        if not right or told[-1] is not None
    ]
    return tuple(sorted(found, key=lambda line: line.verdict.outcome is Outcome.RIGHT))


def find_unquoted_failures(
    answer: AnswerRecord, verdicts: tuple[VerdictRecord, ...]
) -> tuple[tuple[str, str], ...]:
    """The failures that a driver caught and no verdict quotes."""
    return tuple(
        (procedure, message)
        for procedure, message in answer.failures.items()
        if not any(message in verdict.detail for verdict in verdicts)
    )


def describe_ending(answer: AnswerRecord | OwnExampleRecord | None) -> str:
    """How an answer ended, where it did not simply end."""
    if answer is None:
        return "not asked"
    if answer.ending == "completed":
        return ""
    return f"{answer.ending}: {answer.reason}" if answer.reason else answer.ending


def excerpt_last_lines(errors: tuple[str, ...]) -> tuple[str, ...]:
    """The end of what was printed on standard error."""
    left_out = len(errors) - MAXIMUM_ERROR_LINES
    lines = excerpt_lines(
        errors[-MAXIMUM_ERROR_LINES:], MAXIMUM_ERROR_LINES, MAXIMUM_LINE_CHARACTERS
    )
    return (f"… {count_noun(left_out, 'earlier line')}", *lines) if left_out > 0 else lines
