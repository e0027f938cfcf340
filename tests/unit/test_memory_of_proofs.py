"""The proofs of many claims take little memory: a claim is kept as its outcomes, which it shares.

20 ports with an explained deviation on each of 10,000 cases have 200,000 claims.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from harness.model.check import Check
from harness.model.finding import Finding
from harness.model.patch import Patch
from harness.model.port import Port
from harness.model.verdict import Outcome, Variant
from harness.procedures.registry import CASE_CHECKS, CHECKS
from harness.results.cells import Cell, MarkPool
from harness.results.proofs import list_unproven_claims
from harness.results.schema import CaseRecord, PortRecord, VerdictRecord
from harness.results.writer import CellSpool, ResultsWriter
from harness.runs import proofs
from harness.runs.failures import Failures
from harness.runs.outcome_pool import OutcomePool
from harness.runs.plan import RunPlan
from harness.runs.progress import SILENT
from harness.runs.runner import PortRun, write_proofs
from support.ports import make_shell_port
from support.run_results import build_case, build_port, build_verdict

FINDINGS = ("a", "b", "c")
BYTES_PER_CLAIM = 1_500
"""At most 300 MB for 200,000 claims. It took 14,000 to 23,000 bytes for each where they were
objects."""

FORM = CHECKS["echelon.form"]


class NoJudges:
    """Judges that are not asked."""

    def close(self) -> None:
        """Do nothing."""


def make_port(name: str) -> Port:
    """Return a port that has a finding of each name, with a patch."""
    patch = cast("Patch", object())
    fields: dict[str, Any] = dict.fromkeys(Finding.__dataclass_fields__)
    findings = tuple(Finding(**(fields | {"id": each, "patch": patch})) for each in FINDINGS)
    return replace(make_shell_port(Path("/nowhere")), name=name, findings=findings)


def make_run(port: Port, cases: Sequence[str], pool: MarkPool) -> PortRun:
    """Return a run of a port in which each case deviates as published, explained by a finding."""
    spool = CellSpool(port.name, port.variant, pool)
    for number, case in enumerate(cases):
        deviates = port.variant is Variant.PUBLISHED
        explained = {"finding": FINDINGS[number % 3], "outcome": Outcome.WRONG} if deviates else {}
        verdicts = [
            build_verdict(port.name, case, check, Outcome.RIGHT)
            | (explained if check == FORM else {})
            for check in CASE_CHECKS
        ]
        marks = pool.collect(map(VerdictRecord.model_validate, verdicts))
        spool.cells[sys.intern(case)] = Cell(marks, 0.0, 0)
    return PortRun(port, PortRecord.model_validate(build_port(port.name)), spool)


@pytest.mark.parametrize("is_decided", [True, False])
def test_a_claim_takes_little_memory(monkeypatch: pytest.MonkeyPatch, is_decided: bool) -> None:
    """Where the first runs do not decide, there is a run without each patch."""
    cases = [f"case-{number}" for number in range(600)]

    def ask_patched(
        port: Port, names: set[str], plan: RunPlan, engine: object, pool: OutcomePool
    ) -> Iterator[tuple[str, Mapping[Check, Outcome]]]:
        patches = {finding.id for finding in port.findings}
        for case in names:
            is_cured = is_decided and FINDINGS[int(case[5:]) % 3] in patches
            outcome = Outcome.RIGHT if is_cured else Outcome.WRONG
            outcomes = dict.fromkeys(CHECKS.values(), Outcome.RIGHT) | {FORM: outcome}
            yield case, pool.share(outcomes.items())

    monkeypatch.setattr(proofs, "ask_patched", ask_patched)
    writer, pool = ResultsWriter(), MarkPool()
    for case in cases:
        writer.add_case(CaseRecord.model_validate(build_case(case)))
    ports = [make_port("one"), make_port("two")]
    runs = [
        make_run(replace(port, variant=variant), cases, pool)
        for port in ports
        for variant in (Variant.PUBLISHED, Variant.FIXED)
    ]
    plan = RunPlan((), (), cast("Any", NoJudges()))
    failures = Failures()
    tracemalloc.start()
    try:
        subjects = proofs.prove_findings(runs, plan, cast("Any", None), SILENT, Event(), failures)
        unproven = list(list_unproven_claims(write_proofs(subjects, writer, failures)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failures.errors == {}
    assert unproven == []
    proven = [proof for port in ports for proof in writer._collector.proofs[port.name].values()]
    assert len(proven) == len(ports) * len(cases)
    assert peak < BYTES_PER_CLAIM * len(proven)
