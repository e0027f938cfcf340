"""The records of ports, and the problems of their findings, once all ports were run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Variant
from harness.results import builder
from harness.results.findings import FindingProblemRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from harness.model.case import Case
    from harness.results.schema import PortRecord
    from harness.runs.failures import Failures
    from harness.runs.plain import PlainRun
    from harness.runs.proofs import Subject
    from harness.runs.runner import PortRun


def build_port_records(
    port_runs: Sequence[PortRun], plain_runs: Mapping[str, PlainRun]
) -> tuple[PortRecord, ...]:
    """Return a record for each port that was run as published. It contains that of the fixed
    port and that of its plain build."""
    fixed_records = {
        port_run.port.name: builder.build_fixed_run_record(port_run.record)
        for port_run in port_runs
        if port_run.port.variant is Variant.FIXED
    }
    return tuple(
        port_run.record.model_copy(
            update={
                "fixed": fixed_records.get(port_run.port.name),
                "plain": plain_run.record if plain_run else None,
            }
        )
        for port_run in port_runs
        if port_run.port.variant is Variant.PUBLISHED
        for plain_run in (plain_runs.get(port_run.port.name),)
    )


def collect_finding_problems(
    port_runs: Sequence[PortRun],
    cases: Sequence[Case],
    absent_cases: Collection[str],
    failures: Failures,
) -> Iterator[FindingProblemRecord]:
    """Yield the problems of the findings of all ports that could be run.

    A finding may claim `absent_cases`, the names of cases of other runs.
    """
    names = (PUBLISHED_CASE, *(case.name for case in cases))
    for port_run in port_runs:
        port = port_run.port
        if port.variant is Variant.PUBLISHED and not port_run.record.trouble:
            with failures.keep(port.name):
                yield from builder.build_finding_problem_records(
                    port, port_run.cells.list_verdicts(), names, absent_cases
                )


def collect_proof_troubles(
    subjects: Sequence[Subject], failures: Failures
) -> Iterator[FindingProblemRecord]:
    """Yield a problem for each finding whose proofs lack a run with some of the patches."""
    for subject in subjects:
        with failures.keep(subject.port.name):
            for finding, sentence, has_failed in subject.list_troubles():
                yield FindingProblemRecord(
                    port=subject.port.name,
                    finding=finding,
                    sentence=sentence,
                    not_tested=has_failed,
                )
