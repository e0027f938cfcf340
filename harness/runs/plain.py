"""Runs ports in their plain builds, without the checks that a compiler adds at run time.

A sanitizer ends a program where it leaves an array. Built plainly, the program goes on, and may
even print the right numbers: what people see who do not use a sanitizer.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from harness.model.verdict import Variant
from harness.results.schema import PlainCellRecord, PlainOutcomeRecord, PlainRunRecord
from harness.results.writer import PlainSpool
from harness.runs.answers import ask_cases, build_case_limits
from harness.runs.threads import Job, run_jobs
from harness.runs.trouble import describe_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from harness.engines.base import Engine
    from harness.runs.plan import RunPlan
    from harness.runs.runner import PortRun


@dataclass(frozen=True)
class PlainRun:
    """The run of a port in its plain build, and the cases in which one of its builds deviates."""

    record: PlainRunRecord
    cells: PlainSpool = field(default_factory=PlainSpool)


def run_plain_builds(
    port_runs: Sequence[PortRun], plan: RunPlan, engine: Engine, stop: Event
) -> Mapping[str, PlainRun]:
    """Return the runs of all ports that have a plain build and were run, by the port's name."""
    chosen = [run for run in port_runs if has_plain_build(run) and not run.record.trouble]
    if stop.is_set() or not chosen:
        return {}
    jobs = [
        Job(partial(run_plain_build, port_run, plan, engine), build_failed_run)
        for port_run in chosen
    ]
    try:
        plain_runs = run_jobs(jobs, engine, plan.judges, stop)
    except Exception as error:
        plain_runs = [build_failed_run(error)] * len(chosen)
    if stop.is_set():
        return {}
    return {run.port.name: plain for run, plain in zip(chosen, plain_runs, strict=True)}


def has_plain_build(port_run: PortRun) -> bool:
    """Return whether a run is that of a published port with a plain build."""
    return port_run.port.variant is Variant.PUBLISHED and port_run.port.plain is not None


def run_plain_build(port_run: PortRun, plan: RunPlan, engine: Engine) -> PlainRun:
    """Run the plain build of a port on all cases, and return what differs from its usual build."""
    clock, cells = time.monotonic(), PlainSpool()
    for cell in ask_plain_build(port_run, plan, engine):
        cells.add(cell)
    return PlainRun(PlainRunRecord(seconds=round(time.monotonic() - clock, 3)), cells)


def build_failed_run(error: BaseException) -> PlainRun:
    """Return the run of a plain build that could not be run."""
    return PlainRun(PlainRunRecord.model_validate({"seconds": 0.0, **describe_run(error)}))


def ask_plain_build(port_run: PortRun, plan: RunPlan, engine: Engine) -> Iterator[PlainCellRecord]:
    """Yield the outcomes of the checks that deviate in one of the builds, by case.

    The cases in which nothing deviates in the usual build come first: the others may damage the
    memory of a process that goes on.
    """
    port = port_run.port
    assert port.plain is not None
    usual = {
        case: {mark.check for mark in cell.marks.deviating}
        for case, cell in port_run.cells.cells.items()
        if cell.marks.deviating
    }
    cases = sorted(plan.cases, key=lambda case: case.name in usual)
    plain_port = replace(port, run=port.plain.run)
    limits = build_case_limits(port)
    with closing(ask_cases(engine.build(port), plain_port, cases, limits)) as transcripts:
        for transcript in transcripts:
            outcomes = tuple(
                PlainOutcomeRecord(check=check, outcome=judgement.outcome, detail=judgement.detail)
                for check, judgement in plan.judge(port, transcript).judgements.items()
                if judgement.outcome.deviates or check in usual.get(transcript.case, ())
            )
            if outcomes:
                yield PlainCellRecord(port=port.name, case=transcript.case, outcomes=outcomes)
