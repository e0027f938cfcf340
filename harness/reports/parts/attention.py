"""What is new: ports that could not be run, deviations that no finding explains, findings that do
not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.reports.parts.deviations import DeviationGroup, group_deviations, select_shared
from harness.reports.parts.smallest_case import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.reports.parts.index import Index


@dataclass(frozen=True)
class FailedPort:
    """A port that could not be run: why not, and the end of what its build printed."""

    port: str
    trouble: str
    log: str
    missing_toolchain: bool


@dataclass(frozen=True)
class UnexplainedDeviations:
    """What speaks against a port, or against the fixed one, and is not explained."""

    port: str
    fixed: bool
    groups: tuple[DeviationGroup, ...]


@dataclass(frozen=True)
class InvalidFinding:
    """A finding that does not hold, and why not."""

    port: str
    finding: Link
    sentence: str


@dataclass(frozen=True)
class Attention:
    """All that is new in a run; `describe_all_clear` is one sentence that says so where nothing is."""

    failures: tuple[FailedPort, ...]
    charges: tuple[UnexplainedDeviations, ...]
    complaints: tuple[InvalidFinding, ...]
    all_clear: str


def build_attention(index: Index) -> Attention:
    """What there is to look at in a run."""
    found = Attention(
        failures=tuple(find_failed_ports(index)),
        charges=tuple(find_unexplained_deviations(index)),
        complaints=tuple(find_invalid_findings(index)),
        all_clear="",
    )
    quiet = not (found.failures or found.charges or found.complaints)
    return Attention((), (), (), describe_all_clear(index)) if quiet else found


def find_failed_ports(index: Index) -> Iterator[FailedPort]:
    """The ports that could not be run, as published or fixed."""
    for port in index.ports:
        fixed = port.fixed
        if port.trouble:
            yield FailedPort(index.called(port), port.trouble, port.log, port.missing_toolchain)
        elif fixed is not None and fixed.trouble:
            name = index.fixed.title(port)
            yield FailedPort(name, fixed.trouble, fixed.log, fixed.missing_toolchain)


def find_unexplained_deviations(index: Index) -> Iterator[UnexplainedDeviations]:
    """The unexplained deviations of every port, then those that only the fixed one has, or that
    its patches should have cured."""
    for port in index.ports:
        new = [verdict for verdict in index.deviations(port) if verdict.unexplained]
        if new:
            yield UnexplainedDeviations(
                index.title(port), False, group_deviations(index, port, new)
            )
        left = index.fixed.deviations(port)
        told = select_shared(left, new)
        untold = [verdict for verdict in left if verdict not in told]
        if untold:
            yield UnexplainedDeviations(
                index.fixed.title(port), True, group_deviations(index.fixed, port, untold)
            )


def find_invalid_findings(index: Index) -> Iterator[InvalidFinding]:
    """The findings that do not hold."""
    languages = {port.name: index.called(port) for port in index.ports}
    for complaint in index.results.complaints:
        place = index.finding_places.get((complaint.port, complaint.finding), "findings")
        yield InvalidFinding(
            languages.get(complaint.port, complaint.port),
            Link(complaint.finding, place),
            complaint.sentence,
        )


def describe_all_clear(index: Index) -> str:
    """That nothing is new, in a sentence."""
    deviating = any(index.deviations(port) for port in index.ports)
    if not deviating:
        return "No port deviates." if index.ports else "No port was run."
    if all(port.fixed for port in index.ports if index.deviations(port)):
        return "Every deviation is explained by a finding, and the fixed ports have none."
    return "Every deviation is explained by a finding."
