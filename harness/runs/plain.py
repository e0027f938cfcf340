"""Runs ports in their plain builds, without the checks that a compiler adds at run time.

A sanitizer ends a program where it leaves an array. Built plainly, the program goes on, and may
even print the right numbers: what people see who do not use a sanitizer.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from harness.model.verdict import Variant
from harness.results.schema import PlainOutcomeRecord, PlainRunRecord
from harness.runs.answers import ask_cases, build_case_limits
from harness.runs.threads import Job, run_jobs
from harness.runs.trouble import describe_trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from harness.engines.base import Engine
    from harness.runs.plan import RunPlan
    from harness.runs.runner import PortRun


def run_plain_builds(
    port_runs: Sequence[PortRun], plan: RunPlan, engine: Engine, stop: Event
) -> Mapping[str, PlainRunRecord]:
    """Return the records of all ports that have a plain build and were run, by the port's name."""
    chosen = [run for run in port_runs if has_plain_build(run) and not run.record.trouble]
    if stop.is_set() or not chosen:
        return {}
    jobs = [
        Job(partial(run_plain_build, port_run, plan, engine), build_failed_record)
        for port_run in chosen
    ]
    records = run_jobs(jobs, engine, plan.judges, stop)
    if stop.is_set():
        return {}
    return {run.port.name: record for run, record in zip(chosen, records, strict=True)}


def has_plain_build(port_run: PortRun) -> bool:
    """Return whether a run is that of a published port with a plain build."""
    return port_run.port.variant is Variant.PUBLISHED and port_run.port.plain is not None


def run_plain_build(port_run: PortRun, plan: RunPlan, engine: Engine) -> PlainRunRecord:
    """Run the plain build of a port on all cases, and return what differs from its usual build."""
    clock = time.monotonic()
    outcomes = tuple(ask_plain_build(port_run, plan, engine))
    return PlainRunRecord(seconds=round(time.monotonic() - clock, 3), outcomes=outcomes)


def build_failed_record(error: BaseException) -> PlainRunRecord:
    """Return the record of a plain build that could not be run."""
    return PlainRunRecord(seconds=0.0, trouble=describe_trouble(error))


def ask_plain_build(
    port_run: PortRun, plan: RunPlan, engine: Engine
) -> Iterator[PlainOutcomeRecord]:
    """Yield the outcomes of the checks that deviate in one of the builds.

    The cases in which nothing deviates in the usual build come first: the others may damage the
    memory of a process that goes on.
    """
    port = port_run.port
    assert port.plain is not None
    usual = {(verdict.case, verdict.check): verdict.outcome for verdict in port_run.verdicts}
    deviating = {case for (case, _), outcome in usual.items() if outcome.deviates}
    cases = sorted(plan.cases, key=lambda case: case.name in deviating)
    plain_port = replace(port, run=port.plain.run)
    limits = build_case_limits(port)
    with closing(ask_cases(engine.build(port), plain_port, cases, limits)) as transcripts:
        for transcript in transcripts:
            for check, judgement in plan.judge(port, transcript).judgements.items():
                before = usual.get((transcript.case, check), judgement.outcome)
                if before.deviates or judgement.outcome.deviates:
                    yield PlainOutcomeRecord(
                        case=transcript.case,
                        check=check,
                        outcome=judgement.outcome,
                        detail=judgement.detail,
                    )
