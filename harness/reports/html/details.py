"""What each port made of each case, in full: the material behind every cell of the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.judging.evidence import REASONS_OF_THE_PORT
from harness.model.answer import Ending
from harness.model.procedure import SECONDS
from harness.model.verdict import RANKS, Outcome
from harness.reports.html.grid import SOLUTIONS
from harness.reports.html.pictures import expected_pictures, own_pictures
from harness.reports.parts import signs
from harness.reports.parts.pivots import Trace, trace_of
from harness.reports.parts.stages import Shown, StageTable, agree, column, floats, known, stages
from harness.reports.parts.typeset import Matrix, typeset
from harness.text import count_noun, excerpt, format_figure, format_rerun_command, join_words

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

MOST_REMARKS = 20
MOST_ERRORS = 20
LINE_WIDTH = 300
MOST_NAMES = 5

QUIET = frozenset({Outcome.RIGHT, Outcome.ABSENT})
"""The outcomes of which there is nothing to tell."""


@dataclass(frozen=True)
class DetailLine:
    """Checks of which the same is to be said; of the first, `verdict`, the figures are shown."""

    checks: str
    verdict: VerdictRecord
    figures: bool


@dataclass(frozen=True)
class Block:
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
    lines: tuple[DetailLine, ...]
    stages: tuple[StageTable, ...]
    known: dict[str, list[str]]
    trace: Trace | None
    pivots_as: str
    pictures: tuple[Picture, ...]
    failures: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    errors: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Detail:
    """A case and what became of it."""

    case: CaseRecord
    place: str
    outcome: Outcome
    news: str
    facts: tuple[tuple[str, str], ...]
    system: Matrix
    matrices: tuple[Matrix, ...]
    pictures: tuple[Picture, ...]
    blocks: tuple[Block, ...]


def details(index: Index) -> dict[str, tuple[Detail, ...]]:
    """The details of all cases, by kind."""
    return {
        kind: tuple(detail(index, case) for case in cases) for kind, cases in index.kinds.items()
    }


def detail(index: Index, case: CaseRecord) -> Detail:
    """The details of one case."""
    shown = Shown()
    groups = sorted(
        alike(index, case),
        key=lambda ports: RANKS[signs.worst(index.verdicts(ports[0], case))],
    )
    blocks = [block(index, case, ports, shown) for ports in groups]
    blocks += fixed_blocks(index.fixed, case)
    blocks.sort(key=lambda found: RANKS[found.outcome])
    verdicts = [verdict for port in index.ports for verdict in index.verdicts(port, case)]
    expected = index.reference(case)
    return Detail(
        case=case,
        place=index.case_place(case),
        outcome=signs.worst(verdicts),
        news=news(index, case),
        facts=facts(case, expected) if expected else (),
        system=typeset("The system", case.system, case.right_hand_sides),
        matrices=expected_matrices(case, expected) if expected else (),
        pictures=expected_pictures(case),
        blocks=tuple(blocks),
    )


def fixed_blocks(fixed: Index, case: CaseRecord) -> list[Block]:
    """The answers of fixed ports to a case, of those that deviate."""
    return [
        block(fixed, case, (port,))
        for port in fixed.ports
        if any(verdict.outcome.deviates for verdict in fixed.verdicts(port, case))
    ]


def news(index: Index, case: CaseRecord) -> str:
    """Which ports deviate on a case, or how many where they are many."""
    names = [
        index.called(port)
        for port in index.ports
        if any(verdict.outcome.deviates for verdict in index.verdicts(port, case))
    ]
    if not names:
        return ""
    who = join_words(names) if len(names) <= MOST_NAMES else count_noun(len(names), "port")
    return f"{who} {'deviates' if len(names) == 1 else 'deviate'}"


def facts(case: CaseRecord, expected: ExpectedRecord) -> tuple[tuple[str, str], ...]:
    """What the oracle says of a case, as terms and descriptions."""
    found = [
        ("Class", SOLUTIONS.get(expected.solutions, expected.solutions)),
        ("Rank", f"{expected.rank} of A, {expected.augmented_rank} of [A b]"),
        ("Condition κ", format_figure(expected.condition)),
        ("Growth ρ", format_figure(expected.growth)),
        ("Limit T", format_figure(expected.threshold)),
    ]
    for arithmetic, other in case.expected.items():
        if (other.solutions, other.rank) != (expected.solutions, expected.rank):
            words = SOLUTIONS.get(other.solutions, other.solutions)
            found.append((f"In {arithmetic}", f"{words}, rank {other.rank}"))
    return tuple(found)


def expected_matrices(case: CaseRecord, expected: ExpectedRecord) -> tuple[Matrix, ...]:
    """What was due for a case, and NumPy's second opinion on x where that is another.

    Where there is exactly one x, and nothing else, the reduced form is the identity beside it.
    """
    found = []
    if expected.solution is None or case.rows > case.unknowns or case.right_hand_sides > 1:
        found.append(typeset("Reduced form, exact", expected.reduced, case.right_hand_sides))
    if expected.solution is not None:
        found.append(typeset("x, exact", column(expected.solution)))
    if expected.numpy is not None and not same(expected.numpy, expected.solution):
        found.append(typeset("x, by NumPy", column(expected.numpy)))
    return tuple(found)


def same(x: tuple[str, ...], other: tuple[str, ...] | None) -> bool:
    """Whether two solutions are the same, to nine digits."""
    return other is not None and agree(floats(column(x)), floats(column(other)))


# The answers of ports


def alike(index: Index, case: CaseRecord) -> list[tuple[PortRecord, ...]]:
    """The ports in groups that printed the same for a case and were judged the same."""
    groups: list[tuple[tuple[object, ...], list[PortRecord]]] = []
    for port in index.ports:
        told = substance(index, port, case)
        same = next((group for known, group in groups if known == told), None)
        if same is None:
            groups.append((told, [port]))
        else:
            same.append(port)
    return [tuple(group) for _, group in groups]


def substance(index: Index, port: PortRecord, case: CaseRecord) -> tuple[object, ...]:
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


def block(
    index: Index, case: CaseRecord, ports: tuple[PortRecord, ...], shown: Shown | None = None
) -> Block:
    """The one answer of some ports to a case; what was `shown` of it before is not shown again."""
    first = ports[0]
    answer = index.answers.get((first.name, case.name))
    verdicts = index.verdicts(first, case)
    remarks = excerpt(answer.remarks, MOST_REMARKS, LINE_WIDTH) if answer else ()
    errors = last_lines(answer.errors) if answer else ()
    said = bool(remarks or errors or (answer and answer.failures))
    steps = [step for verdict in verdicts for step in verdict.trace]
    legal = bool(steps) and all(step.legal for step in steps)
    pivots_as = shown.pivots_before(steps, index.title(first)) if shown and legal else ""
    printed = stages(
        answer,
        case,
        index.expected(first, case),
        verdicts,
        index.reference(case),
        shown,
        index.title(first),
    )
    return Block(
        ports=join_words(index.title(port) for port in ports),
        places=tuple(index.place(port, case) for port in ports),
        outcome=signs.worst(verdicts),
        plain=bool(verdicts) and not said and all(v.outcome in QUIET for v in verdicts),
        ending=ending(answer),
        lines=() if answer and answer.ending == Ending.NOT_ASKED else lines(verdicts),
        stages=printed,
        known=known(printed),
        trace=None if pivots_as else trace_of(verdicts),
        pivots_as=pivots_as,
        pictures=own_pictures(case, steps),
        failures=untold_failures(answer, verdicts) if answer else (),
        remarks=remarks,
        errors=errors,
        commands=tuple(
            format_rerun_command(index.run.again, port.name, case.name) for port in ports
        ),
    )


def lines(verdicts: tuple[VerdictRecord, ...]) -> tuple[DetailLine, ...]:
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
        DetailLine(
            ", ".join(verdict.check for verdict in group),
            group[0],
            len(group) == 1 and (group[0].outcome is not Outcome.RIGHT or bool(told[-1])),
        )
        for told, group in groups.items()
        if not right or told[-1] is not None
    ]
    return tuple(sorted(found, key=lambda line: line.verdict.outcome is Outcome.RIGHT))


def untold_failures(
    answer: AnswerRecord, verdicts: tuple[VerdictRecord, ...]
) -> tuple[tuple[str, str], ...]:
    """The failures that a driver caught and no verdict quotes."""
    return tuple(
        (procedure, message)
        for procedure, message in answer.failures.items()
        if not any(message in verdict.detail for verdict in verdicts)
    )


def ending(answer: AnswerRecord | OwnExampleRecord | None) -> str:
    """How an answer ended, where it did not simply end."""
    if answer is None:
        return "not asked"
    if answer.ending == "completed":
        return ""
    return f"{answer.ending}: {answer.reason}" if answer.reason else answer.ending


def last_lines(errors: tuple[str, ...]) -> tuple[str, ...]:
    """The end of what was printed on standard error."""
    left_out = len(errors) - MOST_ERRORS
    lines = excerpt(errors[-MOST_ERRORS:], MOST_ERRORS, LINE_WIDTH)
    return (f"… {count_noun(left_out, 'earlier line')}", *lines) if left_out > 0 else lines
