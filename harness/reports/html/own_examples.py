"""What the listings' own mains print, and the systems that they have built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.html.details import ending, last_lines
from harness.reports.parts import signs
from harness.reports.parts.typeset import Matrix, typeset

if TYPE_CHECKING:
    from harness.model.verdict import Outcome
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord, VerdictRecord


@dataclass(frozen=True)
class Example:
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


def examples(index: Index) -> tuple[Example, ...]:
    """What every listing's own main printed."""
    return tuple(example(index, port) for port in index.ports)


def example(index: Index, port: PortRecord) -> Example:
    """What one listing's own main printed."""
    run, verdicts = port.published, index.published(port)
    return Example(
        port=port,
        title=index.called(port),
        place=index.published_place(port),
        outcome=signs.worst(verdicts),
        detail="; ".join(verdict.detail for verdict in verdicts if verdict.detail),
        system=typeset("The system built in", run.system, 1) if run else None,
        ending=ending(run) if run else "",
        output=run.output if run else "",
        errors=last_lines(run.errors) if run else (),
        command=" ".join(run.command) if run else "",
        fixed=tuple(v for v in index.fixed.published(port) if v.outcome.deviates),
    )
