"""A cache of judgements: the same answer to the same case is judged once.

Most ports print the same numbers for most cases, and a fixed port prints what it printed as
published.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

from harness.procedures.solve import SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from harness.model.answer import Transcript
    from harness.model.contract import Contract
    from harness.model.verdict import Judgement

MAXIMUM_JUDGEMENTS = 20_000
"""The cache is emptied at this number of answers, so that its memory is bounded."""


Judgements = tuple["Judgement", ...]
"""The judgements on one answer, one for each check."""


class JudgementCache:
    """The judgements of a run so far. Ports in several threads may use it."""

    def __init__(self, submit: Callable[[str, Contract, Transcript], Future[Judgements]]) -> None:
        """Take the function that has an answer of a port judged."""
        self._submit = submit
        self._judgements: dict[bytes, Future[Judgements]] = {}
        self._lock = Lock()

    def submit(self, port: str, contract: Contract, transcript: Transcript) -> Future[Judgements]:
        """Return a future of the judgements on an answer of a port."""
        key = cache_key(contract, transcript)
        with self._lock:
            if key not in self._judgements:
                if len(self._judgements) >= MAXIMUM_JUDGEMENTS:
                    self._judgements = {}
                self._judgements[key] = self._submit(port, contract, transcript)
            return self._judgements[key]


def cache_key(contract: Contract, transcript: Transcript) -> bytes:
    """Return a digest of everything on which the judgements depend.

    The expected result of a case depends on the case's name and the arithmetic alone. In an answer
    without any text, no notice can be found, so it only matters whether the port has notices.
    """
    stages = (stage for label, stage in transcript.stages.items() if label != SECONDS)
    failures, refusals = transcript.failures.items(), transcript.refusals.items()
    texts = (transcript.remarks, transcript.errors, *failures, *refusals)
    if contract.notices and not any(texts):
        contract = replace(contract, notices=("any",))
    ending = (transcript.ending, transcript.reason, transcript.discontinuity)
    parts = (transcript.case, contract, ending, len(failures), texts, *stages)
    return blake2b(pickle.dumps(parts)).digest()
