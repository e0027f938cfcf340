"""A contract, an expected result and a transcript, turned into one judgement for each check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judging.attribution import Attribution
from harness.procedures.evidence import Evidence
from harness.procedures.registry import judged_procedures

if TYPE_CHECKING:
    from harness.model.answer import Transcript
    from harness.model.contract import Contract
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected


def judge(contract: Contract, expected: Expected, transcript: Transcript) -> tuple[Judgement, ...]:
    """Return one judgement for each check that is put to a port, in the order of the checks.

    Each procedure is judged against its own input. Where an earlier procedure handed it a wrong
    one, its check is `blocked` and names the check that it follows.
    """
    procedures = judged_procedures(contract.procedures)
    evidence = Evidence(contract, procedures, expected, transcript)
    own = {
        judgement.check: judgement
        for procedure in procedures
        for judgement in procedure.judge(evidence)
    }
    rules = [rule for procedure in procedures for rule in procedure.rules]
    return tuple(Attribution(evidence, own, rules).judgements())
