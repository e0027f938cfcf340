"""A contract, an expected result and a transcript, turned into one judgement for each check."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.judging.attribution import Attribution
from harness.judging.continuation import judge_continuation
from harness.judging.readings import limit_numbers, round_numbers
from harness.model.verdict import Judgement, Outcome
from harness.procedures.evidence import Evidence
from harness.procedures.promise_costs import apply_promises
from harness.procedures.registry import judged_procedures

if TYPE_CHECKING:
    from harness.model.answer import Transcript
    from harness.model.contract import Contract
    from harness.numerics.oracle import Expected
    from harness.procedures.procedure import Procedure


def judge(contract: Contract, expected: Expected, transcript: Transcript) -> tuple[Judgement, ...]:
    """Return one judgement for each check that is put to a port, in the order of the checks, and
    one on the process where it failed before the case.

    Each procedure is judged against its own input. Where an earlier procedure handed it a wrong
    one, its check is `blocked` and names the check that it follows. Where the judgement itself
    fails, which is a fault of the harness, every check is `not judged`: other answers are not lost.
    """
    try:
        procedures = judged_procedures(contract)
        judgements = judge_procedures(procedures, contract, expected, transcript)
    except Exception as error:
        judgements = build_missing_judgements(contract, describe_failure(error))
    return (*judgements, *judge_continuation(transcript))


def build_missing_judgements(contract: Contract, reason: str) -> tuple[Judgement, ...]:
    """Return the judgements on an answer that was not judged, one for each check."""
    procedures = judged_procedures(contract)
    checks = (check for procedure in procedures for check in procedure.checks)
    return tuple(Judgement(check, Outcome.NOT_JUDGED, reason) for check in checks)


def describe_failure(error: BaseException) -> str:
    """Return what the harness failed at, for the detail of a judgement."""
    lines = str(error).splitlines() or [""]
    return f"the harness failed: {type(error).__name__}: {lines[0]:.200}".removesuffix(": ")


def judge_procedures(
    procedures: tuple[Procedure, ...],
    contract: Contract,
    expected: Expected,
    transcript: Transcript,
) -> tuple[Judgement, ...]:
    """Return the judgements of these procedures, with faults attributed to their causes."""
    if expected.precision:
        transcript = round_numbers(transcript, expected.precision)
    else:
        transcript = limit_numbers(transcript)
    evidence = Evidence(contract, procedures, expected, transcript)
    own = {
        judgement.check: apply_promises(evidence, procedure, judgement)
        for procedure in procedures
        for judgement in procedure.judge(evidence)
    }
    rules = [rule for procedure in procedures for rule in procedure.rules]
    return tuple(map(name_limit, Attribution(evidence, own, rules).judgements()))


def name_limit(judgement: Judgement) -> Judgement:
    """Return a judgement with the outcome `limit` where a claim of the port makes it defensible."""
    is_limit = judgement.outcome is Outcome.DEFENSIBLE and bool(judgement.claims)
    return replace(judgement, outcome=Outcome.LIMIT) if is_limit else judgement
