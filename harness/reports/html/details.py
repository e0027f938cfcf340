"""The details of every case: the system, the expected results, and the answers of the ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.answer import Ending
from harness.model.check import REASONS_OF_THE_PORT
from harness.model.verdict import RANKS, Outcome, Variant
from harness.procedures.solve import SECONDS
from harness.reports.html.grid import SOLUTION_COUNTS
from harness.reports.html.pictures import draw_expected_steps, draw_own_steps
from harness.reports.parts import signs
from harness.reports.parts.matrices import Matrix, typeset_matrix
from harness.reports.parts.pivots import PivotTrace, find_pivot_trace
from harness.reports.parts.plain import find_plain_outcome
from harness.reports.parts.proofs import describe_proof
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
    from collections.abc import Iterator

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
"""The outcomes that need no explanation."""


@dataclass(frozen=True)
class CheckLine:
    """Checks with the same outcome and detail; `verdict` is that of the first.

    `proof` says which patches cure the deviation, if that was tried. `plain` is the outcome in the
    plain build of the port, if it is another. `shows_measures` says whether the measures of the
    verdict are shown.
    """

    checks: str
    verdict: VerdictRecord
    proof: str
    plain: Outcome | None
    shows_measures: bool


@dataclass(frozen=True)
class AnswerBlock:
    """The answer of one port to a case, or the identical answer of several ports.

    `is_plain` is true if all checks are right or absent and the port printed neither remarks nor
    errors. `repeated_labels` are the labels of stages that are shown elsewhere, by what they are
    equal to, and `same_pivots_as` names a port with the same pivots, which are shown there.
    `messages` are triples of a procedure, what it gave in place of a result, and whether that is a
    returned refusal. `error_lines` are the last lines of
    standard error. Each of `commands` runs one of the ports on this case again.
    """

    ports: str
    anchors: tuple[str, ...]
    outcome: Outcome
    is_plain: bool
    ending: str
    check_lines: tuple[CheckLine, ...]
    stages: tuple[StageTable, ...]
    repeated_labels: dict[str, list[str]]
    trace: PivotTrace | None
    same_pivots_as: str
    pictures: tuple[Picture, ...]
    messages: tuple[tuple[str, str, bool], ...]
    remarks: tuple[str, ...]
    error_lines: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class CaseDetails:
    """A case and the answers of the ports.

    `deviating_ports` names or counts the ports that deviate; `facts` are pairs of a term and its
    description.
    """

    case: CaseRecord
    anchor: str
    outcome: Outcome
    deviating_ports: str
    facts: tuple[tuple[str, str], ...]
    system: Matrix
    matrices: tuple[Matrix, ...]
    pictures: tuple[Picture, ...]
    blocks: tuple[AnswerBlock, ...]


def build_details(index: Index) -> Iterator[tuple[str, Iterator[CaseDetails]]]:
    """Yield each kind with the details of its cases that the page shows.

    They are built one after the other, as those of many cases need much memory.
    """
    for kind, cases in index.cases_by_kind.items():
        shown = index.select_shown(cases)
        yield kind, (build_case_details(index, index.read_case(case)) for case in shown)


def build_case_details(index: Index, case: CaseRecord) -> CaseDetails:
    """Return the details of one case, the answers with the worst outcome first."""
    shown = ShownResults()
    groups = sorted(
        group_equal_answers(index, case),
        key=lambda ports: RANKS[signs.find_worst_outcome(index.read_verdicts(ports[0], case.name))],
    )
    blocks = [build_answer_block(index, case, ports, shown) for ports in groups]
    blocks += build_fixed_blocks(index.fixed, case)
    blocks.sort(key=lambda block: RANKS[block.outcome])
    verdicts = [verdict for port in index.ports for verdict in index.read_verdicts(port, case.name)]
    expected = index.find_reference(case)
    return CaseDetails(
        case=case,
        anchor=index.build_case_anchor(case),
        outcome=signs.find_worst_outcome(verdicts),
        deviating_ports=describe_deviating_ports(index, case),
        facts=list_case_facts(case, expected) if expected else (),
        system=typeset_matrix("The system", case.system, case.right_hand_sides),
        matrices=build_expected_matrices(case, expected) if expected else (),
        pictures=draw_expected_steps(case),
        blocks=tuple(blocks),
    )


def build_fixed_blocks(fixed_index: Index, case: CaseRecord) -> list[AnswerBlock]:
    """Return the answers of the fixed ports that deviate on a case."""
    return [
        build_answer_block(fixed_index, case, (port,))
        for port in fixed_index.ports
        if any(verdict.outcome.deviates for verdict in fixed_index.read_verdicts(port, case.name))
    ]


def describe_deviating_ports(index: Index, case: CaseRecord) -> str:
    """Return the names of the ports that deviate on a case, or their number if there are many."""
    names = [
        index.format_port_name(port)
        for port in index.ports
        if any(verdict.outcome.deviates for verdict in index.read_verdicts(port, case.name))
    ]
    if not names:
        return ""
    is_short = len(names) <= MAXIMUM_PORT_NAMES
    subject = join_words(names) if is_short else count_noun(len(names), "port")
    return f"{subject} {'deviates' if len(names) == 1 else 'deviate'}"


def list_case_facts(case: CaseRecord, expected: ExpectedRecord) -> tuple[tuple[str, str], ...]:
    """Return the properties of a case according to the oracle, as terms and descriptions."""
    facts = [
        ("Solutions", SOLUTION_COUNTS.get(expected.solutions, expected.solutions)),
        ("Rank", f"{expected.rank} of A, {expected.augmented_rank} of [A b]"),
        ("Condition κ", format_figure(expected.condition)),
        ("Growth ρ", format_figure(expected.growth)),
        ("Limit T", format_figure(expected.threshold)),
    ]
    for arithmetic, other in case.expected.items():
        if (other.solutions, other.rank) != (expected.solutions, expected.rank):
            solutions = SOLUTION_COUNTS.get(other.solutions, other.solutions)
            facts.append((f"In {arithmetic}", f"{solutions}, rank {other.rank}"))
    return tuple(facts)


def build_expected_matrices(case: CaseRecord, expected: ExpectedRecord) -> tuple[Matrix, ...]:
    """Return the expected results of a case, and the x of NumPy if it differs.

    The reduced form is left out where it is the identity beside x.
    """
    matrices = []
    if expected.solution is None or case.rows > case.unknowns or case.right_hand_sides > 1:
        title = "Reduced form, exact"
        matrices.append(typeset_matrix(title, expected.reduced, case.right_hand_sides))
    if expected.solution is not None:
        matrices.append(typeset_matrix("x, exact", build_column(expected.solution)))
    if expected.numpy is not None and not are_same_solution(expected.numpy, expected.solution):
        matrices.append(typeset_matrix("x, by NumPy", build_column(expected.numpy)))
    return tuple(matrices)


def are_same_solution(x: tuple[str, ...], other: tuple[str, ...] | None) -> bool:
    """Return whether two solutions agree to nine digits."""
    return other is not None and are_close(
        convert_to_doubles(build_column(x)), convert_to_doubles(build_column(other))
    )


# The answers of ports


def group_equal_answers(index: Index, case: CaseRecord) -> list[tuple[PortRecord, ...]]:
    """Return groups of ports with the same answer to a case and the same verdicts."""
    groups: list[tuple[tuple[object, ...], list[PortRecord]]] = []
    for port in index.ports:
        key = build_answer_key(index, port, case)
        group = next((ports for other_key, ports in groups if other_key == key), None)
        if group is None:
            groups.append((key, [port]))
        else:
            group.append(port)
    return [tuple(ports) for _, ports in groups]


def build_answer_key(index: Index, port: PortRecord, case: CaseRecord) -> tuple[object, ...]:
    """Return all that the page shows of an answer, except the name of the port."""
    answer = index.read_answer(port, case.name)
    if answer is not None and answer.ending == Ending.NOT_ASKED:
        return answer.ending, answer.reason
    answer_key: tuple[object, ...] = ()
    if answer is not None:
        stages = {label: stage for label, stage in answer.stages.items() if label != SECONDS}
        answer_key = (answer.ending, answer.reason, stages, answer.failures, answer.refusals)
        answer_key += (answer.remarks, answer.errors)
    verdicts = index.read_verdicts(port, case.name)
    verdict_keys = [
        (v.check, v.outcome, v.detail, v.entries, v.measures, v.follows, v.trace) for v in verdicts
    ]
    findings = [(v.port, v.finding) for v in verdicts if v.finding]
    return (answer_key, verdict_keys, findings, index.find_expected(port, case))


def build_answer_block(
    index: Index, case: CaseRecord, ports: tuple[PortRecord, ...], shown: ShownResults | None = None
) -> AnswerBlock:
    """Return the identical answer of some ports to a case, without what the page has `shown`."""
    first = ports[0]
    first_title = index.format_port_title(first)
    answer = index.read_answer(first, case.name)
    verdicts = index.read_verdicts(first, case.name)
    remarks: tuple[str, ...] = ()
    if answer:
        remarks = excerpt_lines(answer.remarks, MAXIMUM_REMARKS, MAXIMUM_LINE_CHARACTERS)
    error_lines = excerpt_last_lines(answer.errors) if answer else ()
    has_messages = bool(remarks or error_lines or (answer and answer.messages))
    is_unremarkable = all(verdict.outcome in UNREMARKABLE_OUTCOMES for verdict in verdicts)
    was_asked = not (answer and answer.ending == Ending.NOT_ASKED)
    pivots = [step for verdict in verdicts for step in verdict.trace]
    asked_first = next((verdict.asked_first for verdict in verdicts if verdict.asked_first), ())
    same_pivots_as = ""
    if shown and pivots and all(step.legal for step in pivots):
        same_pivots_as = shown.find_or_add_pivots(pivots, first_title)
    stages = build_stage_tables(
        answer,
        case,
        index.find_expected(first, case),
        verdicts,
        index.find_reference(case),
        shown,
        first_title,
    )
    return AnswerBlock(
        ports=join_words(index.format_port_title(port) for port in ports),
        anchors=tuple(index.build_answer_anchor(port, case) for port in ports),
        outcome=signs.find_worst_outcome(verdicts),
        is_plain=bool(verdicts) and not has_messages and is_unremarkable,
        ending=describe_ending(answer),
        check_lines=build_check_lines(index, verdicts) if was_asked else (),
        stages=stages,
        repeated_labels=group_repeated_labels(stages),
        trace=None if same_pivots_as else find_pivot_trace(verdicts),
        same_pivots_as=same_pivots_as,
        pictures=draw_own_steps(case, pivots),
        messages=find_unquoted_messages(answer, verdicts) if answer else (),
        remarks=remarks,
        error_lines=error_lines,
        commands=tuple(
            format_rerun_command(index.run.again, port.name, case.name, asked_first)
            for port in ports
        ),
    )


def build_check_lines(index: Index, verdicts: tuple[VerdictRecord, ...]) -> tuple[CheckLine, ...]:
    """Return the checks, those with the same outcome and detail in one line, the right ones last.

    If all are right, only those with measures are listed. Checks that are absent for a reason of
    the port, which is the same for every case, are left out.
    """
    groups: dict[tuple[object, ...], list[VerdictRecord]] = {}
    for verdict in verdicts:
        if verdict.detail in REASONS_OF_THE_PORT:
            continue
        measured_check = verdict.check if "digits" in verdict.measures else None
        proof_record = index.find_proof(verdict)
        proof = describe_proof(proof_record) if proof_record else ""
        key = (verdict.outcome, verdict.detail, verdict.follows, verdict.finding, measured_check)
        plain = find_other_plain_outcome(index, verdict)
        groups.setdefault((*key, proof, plain), []).append(verdict)
    all_right = {key[0] for key in groups} == {Outcome.RIGHT}
    lines = []
    for group_key, group in groups.items():
        *_, group_measured_check, group_proof, _ = group_key
        has_measures = group_measured_check is not None
        if all_right and not has_measures:
            continue
        checks = ", ".join(verdict.check for verdict in group)
        is_right = group[0].outcome is Outcome.RIGHT
        lines.append(
            CheckLine(
                checks=checks,
                verdict=group[0],
                proof=str(group_proof),
                plain=find_other_plain_outcome(index, group[0]),
                shows_measures=len(group) == 1 and (has_measures or not is_right),
            )
        )
    return tuple(sorted(lines, key=lambda line: line.verdict.outcome is Outcome.RIGHT))


def find_other_plain_outcome(index: Index, verdict: VerdictRecord) -> Outcome | None:
    """Return the outcome of a check in the plain build of its port, if it is another one."""
    is_published = verdict.variant is Variant.PUBLISHED
    outcome = find_plain_outcome(index, verdict) if is_published else None
    return outcome if outcome is not verdict.outcome else None


def find_unquoted_messages(
    answer: AnswerRecord, verdicts: tuple[VerdictRecord, ...]
) -> tuple[tuple[str, str, bool], ...]:
    """Return the procedures whose messages no verdict quotes, with these messages."""
    return tuple(
        (procedure, message, procedure in answer.refusals)
        for procedure, message in answer.messages.items()
        if not any(message in verdict.detail for verdict in verdicts)
    )


def describe_ending(answer: AnswerRecord | OwnExampleRecord | None) -> str:
    """Return how an answer ended and the reason; empty if it is complete."""
    if answer is None:
        return "not asked"
    if answer.ending == "completed":
        return ""
    return f"{answer.ending}: {answer.reason}" if answer.reason else answer.ending


def excerpt_last_lines(errors: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last lines of standard error, and the number of earlier ones if there are any."""
    earlier = len(errors) - MAXIMUM_ERROR_LINES
    last_lines = errors[-MAXIMUM_ERROR_LINES:]
    lines = excerpt_lines(last_lines, MAXIMUM_ERROR_LINES, MAXIMUM_LINE_CHARACTERS)
    return (f"… {count_noun(earlier, 'earlier line')}", *lines) if earlier > 0 else lines
