"""What the listings' own mains print, and the systems that they have built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.html.details import describe_ending, excerpt_last_lines
from harness.reports.parts import signs
from harness.reports.parts.matrices import Matrix, typeset_matrix

if TYPE_CHECKING:
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord, VerdictRecord


@dataclass(frozen=True)
class OwnExample:
    """A listing's own example and what its own main printed for it; `fixed` tells of that main
    with its port's patches, where it deviates."""

    port: PortRecord
    title: str
    place: str
    outcome: Outcome
    detail: str
    system: Matrix | None
    ending: str
    output: str
    errors: tuple[str, ...]
    command: str
    fixed: tuple[VerdictRecord, ...]


def build_own_examples(index: Index) -> tuple[OwnExample, ...]:
    """What every listing's own main printed."""
    return tuple(build_own_example(index, port) for port in index.ports)


def build_own_example(index: Index, port: PortRecord) -> OwnExample:
    """What one listing's own main printed."""
    run, verdicts = port.published, index.published(port)
    return OwnExample(
        port=port,
        title=index.called(port),
        place=index.published_place(port),
        outcome=signs.find_worst_outcome(verdicts),
        detail="; ".join(verdict.detail for verdict in verdicts if verdict.detail),
        system=typeset_matrix("The system built in", run.system, 1) if run else None,
        ending=describe_ending(run) if run else "",
        output=run.output if run else "",
        errors=excerpt_last_lines(run.errors) if run else (),
        command=" ".join(run.command) if run else "",
        fixed=tuple(v for v in index.fixed.published(port) if v.outcome.deviates),
    )
