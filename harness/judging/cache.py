"""Judgements by precedent: what was printed before, word for word, is not judged again.

Most ports print the same numbers for most cases, and a fixed port what it printed as published.
"""

from __future__ import annotations

import pickle
from hashlib import blake2b
from typing import TYPE_CHECKING

from harness.judging.elimination import judge
from harness.model.procedure import SECONDS

if TYPE_CHECKING:
    from harness.model.answer import Transcript
    from harness.model.port import Port
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected

MAXIMUM_JUDGEMENTS = 20_000
"""So many judgements are kept, whatever the number of cases; then a new collection is begun."""


class JudgementCache:
    """The judgements of a run so far. Ports in several threads may consult it."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Judgement, ...]] = {}

    def judge(
        self, port: Port, expected: Expected, transcript: Transcript
    ) -> tuple[Judgement, ...]:
        """As `judge.judge`."""
        matter = cache_key(port, transcript)
        found = self._known.get(matter)
        if found is None:
            found = judge(port, expected, transcript)
            if len(self._known) >= MAXIMUM_JUDGEMENTS:
                self._known = {}
            self._known[matter] = found
        return found


def cache_key(port: Port, transcript: Transcript) -> bytes:
    """All of a port and its transcript that a judgement may rest on, as a digest of it.

    What is true of a case depends on the case's name and the arithmetic alone.
    """
    stages = (stage for label, stage in transcript.stages.items() if label != SECONDS)
    asked = (port.arithmetic, port.procedures, port.notices, port.stops_at_notice)
    said = (transcript.remarks, transcript.errors, *transcript.failures.items())
    matter = (transcript.case, asked, transcript.ending, transcript.reason, said, *stages)
    return blake2b(pickle.dumps(matter)).digest()
