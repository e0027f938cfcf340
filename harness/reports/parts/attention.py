"""The new problems of a run: failed ports, unexplained deviations and invalid findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.model.verdict import Outcome
from harness.reports.parts import failures
from harness.reports.parts.deviations import DeviationGroup, group_deviations, select_others
from harness.reports.parts.smallest_case import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.reports.parts.index import Index
    from harness.results.cells import Verdict
    from harness.results.results import Results
    from harness.results.schema import FurtherRunRecord, PortRecord

MAXIMUM_HARNESS_FAILURES = 20
"""The number of answers on which the harness failed that are described; the others are counted."""


@dataclass(frozen=True)
class FailedPort:
    """A port that has no results.

    `state` is `not run` or `broken`, `description` continues a sentence that begins with `port`,
    `trouble` is the reason. `log` is the end of what its build printed, or, of a broken port, its
    program. `next_step` is a command, or empty.
    """

    port: str
    state: str
    description: str
    trouble: str
    log: str
    log_title: str
    next_step: str


@dataclass(frozen=True)
class UnexplainedDeviations:
    """The deviations of a port, published or fixed, that no finding explains."""

    port: str
    is_fixed: bool
    groups: tuple[DeviationGroup, ...]


@dataclass(frozen=True)
class InvalidFinding:
    """A finding that does not hold or is not tested, and the reason.

    `state` continues a sentence that begins with `finding`.
    """

    port: str
    finding: Link
    state: str
    sentence: str


@dataclass(frozen=True)
class HarnessFailure:
    """An answer of a port on which the harness itself failed."""

    port: str
    case: str
    sentence: str


@dataclass(frozen=True)
class Attention:
    """The new problems of a run; `all_clear` is a sentence that says that there are none."""

    failed_ports: tuple[FailedPort, ...]
    deviations: tuple[UnexplainedDeviations, ...]
    invalid_findings: tuple[InvalidFinding, ...]
    harness_failures: tuple[HarnessFailure, ...]
    harness_failure_count: int
    all_clear: str


def build_attention(index: Index) -> Attention:
    """Return the new problems of a run."""
    failed = find_harness_failures(index.results)
    attention = Attention(
        failed_ports=tuple(find_failed_ports(index)),
        deviations=tuple(find_unexplained_deviations(index)),
        invalid_findings=tuple(find_invalid_findings(index)),
        harness_failures=tuple(
            describe_harness_failure(index, v) for v in failed[:MAXIMUM_HARNESS_FAILURES]
        ),
        harness_failure_count=len(failed),
        all_clear="",
    )
    if any((attention.failed_ports, attention.deviations, attention.invalid_findings)):
        return attention
    if attention.harness_failures:
        return attention
    return Attention((), (), (), (), 0, describe_all_clear(index))


def find_failed_ports(index: Index) -> Iterator[FailedPort]:
    """Yield the ports that have no results, published, fixed or in their plain builds."""
    for port in index.ports:
        if port.trouble:
            yield build_failed_port(index, port, port)
        elif port.fixed is not None and port.fixed.trouble:
            yield build_failed_port(index.fixed, port, port.fixed)
        if port.plain is not None and port.plain.trouble:
            title = failures.format_plain_title(index.format_port_title(port))
            yield replace(build_failed_port(index, port, port.plain), port=title)


def build_failed_port(
    index: Index, port: PortRecord, record: PortRecord | FurtherRunRecord
) -> FailedPort:
    """Return a variant of a port that has no results."""
    return FailedPort(
        port=index.format_port_title(port),
        state=failures.name_failure(record),
        description=failures.describe_failure(record),
        trouble=record.trouble,
        log=record.log,
        log_title="What its program printed" if record.broken else "End of the build log",
        next_step=failures.build_next_step(index.run, port.name, record),
    )


def find_unexplained_deviations(index: Index) -> Iterator[UnexplainedDeviations]:
    """Yield the unexplained deviations of each published port, then those of each fixed port.

    Every deviation of a fixed port counts, whether its patches cause it or do not cure it; but not
    one that is already among the unexplained ones of the published port.
    """
    for port in index.ports:
        unexplained = [v for v in index.collect_deviations(port) if v.unexplained]
        if unexplained:
            groups = group_deviations(index, port, unexplained)
            yield UnexplainedDeviations(index.format_port_title(port), False, groups)
        fixed_deviations = index.fixed.collect_deviations(port)
        only_fixed = select_others(fixed_deviations, unexplained)
        if only_fixed:
            groups = group_deviations(index.fixed, port, only_fixed)
            yield UnexplainedDeviations(index.fixed.format_port_title(port), True, groups)


def find_invalid_findings(index: Index) -> Iterator[InvalidFinding]:
    """Yield the findings that do not hold or are not tested."""
    port_names = {port.name: index.format_port_name(port) for port in index.ports}
    for problem in index.results.complaints:
        anchor = index.finding_anchors.get((problem.port, problem.finding), "findings")
        yield InvalidFinding(
            port_names.get(problem.port, problem.port),
            Link(problem.finding, anchor),
            problem.state,
            problem.sentence,
        )


def find_harness_failures(results: Results) -> list[Verdict]:
    """Return the last verdict on each answer on which the harness itself failed."""
    failed = {
        (verdict.port, verdict.case): verdict
        for verdict in results.list_verdicts()
        if verdict.outcome is Outcome.NOT_JUDGED
    }
    return list(failed.values())


def describe_harness_failure(index: Index, verdict: Verdict) -> HarnessFailure:
    """Return what is known of an answer on which the harness itself failed."""
    port_names = {port.name: index.format_port_name(port) for port in index.ports}
    detail = index.read_verdict(verdict).detail
    return HarnessFailure(port_names.get(verdict.port, verdict.port), verdict.case, detail)


def describe_all_clear(index: Index) -> str:
    """Return a sentence that says that there is nothing new."""
    deviating_ports = [port for port in index.ports if index.count_deviations(port)]
    if not deviating_ports:
        return "No port deviates." if index.ports else "No port was run."
    if all(port.fixed for port in deviating_ports):
        return "Every deviation is explained by a finding, and the fixed ports have none."
    return "Every deviation is explained by a finding."
