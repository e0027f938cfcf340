"""A cache of judgements: the same answer to the same case is judged once.

Most ports print the same numbers for most cases, and a fixed port prints what it printed as
published.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from harness.judging.judge import judge
from harness.procedures.solve import SECONDS

if TYPE_CHECKING:
    from harness.model.answer import Transcript
    from harness.model.contract import Contract
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected

MAXIMUM_JUDGEMENTS = 20_000
"""The cache is emptied at this number of answers, so that its memory is bounded."""


class JudgementCache:
    """The judgements of a run so far. Ports in several threads may use it."""

    def __init__(self) -> None:
        self._judgements: dict[bytes, tuple[Judgement, ...]] = {}

    def judge(
        self, contract: Contract, expected: Expected, transcript: Transcript
    ) -> tuple[Judgement, ...]:
        """Return what `judge.judge` returns."""
        key = cache_key(contract, transcript)
        judgements = self._judgements.get(key)
        if judgements is None:
            judgements = judge(contract, expected, transcript)
            if len(self._judgements) >= MAXIMUM_JUDGEMENTS:
                self._judgements = {}
            self._judgements[key] = judgements
        return judgements


def cache_key(contract: Contract, transcript: Transcript) -> bytes:
    """Return a digest of everything on which the judgements depend.

    The expected result of a case depends on the case's name and the arithmetic alone. In an answer
    without any text, no notice can be found, so it only matters whether the port has notices.
    """
    stages = (stage for label, stage in transcript.stages.items() if label != SECONDS)
    texts = (transcript.remarks, transcript.errors, *transcript.failures.items())
    if contract.notices and not any(texts):
        contract = replace(contract, notices=("any",))
    parts = (transcript.case, contract, transcript.ending, transcript.reason, texts, *stages)
    return blake2b(pickle.dumps(parts)).digest()
