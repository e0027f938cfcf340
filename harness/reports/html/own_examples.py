"""The output of the listings' own mains, and the systems that they have built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.reports.html.details import describe_ending, excerpt_last_lines
from harness.reports.parts import signs
from harness.reports.parts.matrices import Matrix, typeset_matrix

if TYPE_CHECKING:
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord, VerdictRecord


@dataclass(frozen=True)
class OwnExample:
    """A listing's own example and the output of its own main.

    `fixed_deviations` are the verdicts that deviate for that main with the port's patches.
    """

    port: PortRecord
    title: str
    anchor: str
    outcome: Outcome
    detail: str
    system: Matrix | None
    ending: str
    output: str
    error_lines: tuple[str, ...]
    command: str
    fixed_deviations: tuple[VerdictRecord, ...]


def build_own_examples(index: Index) -> tuple[OwnExample, ...]:
    """Return the own example of every listing."""
    return tuple(build_own_example(index, port) for port in index.ports)


def build_own_example(index: Index, port: PortRecord) -> OwnExample:
    """Return the own example of one listing."""
    run, verdicts = port.published, index.read_verdicts(port, PUBLISHED_CASE)
    fixed_verdicts = index.fixed.read_verdicts(port, PUBLISHED_CASE)
    return OwnExample(
        port=port,
        title=index.format_port_name(port),
        anchor=index.build_own_example_anchor(port),
        outcome=signs.find_worst_outcome(verdicts),
        detail="; ".join(verdict.detail for verdict in verdicts if verdict.detail),
        system=typeset_matrix("The system built in", run.system, 1) if run else None,
        ending=describe_ending(run) if run else "",
        output=run.output if run else "",
        error_lines=excerpt_last_lines(run.errors) if run else (),
        command=" ".join(run.command) if run else "",
        fixed_deviations=tuple(v for v in fixed_verdicts if v.outcome.deviates),
    )
