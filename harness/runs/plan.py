"""The plan of a run: its cases, and what is expected of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.judging.cache import JudgementCache
from harness.model.case import Arithmetic
from harness.numerics.oracle import expect
from harness.runs.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.model.answer import Transcript
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.numerics.oracle import Expected


@dataclass(frozen=True)
class RunPlan:
    """The cases of a run, their expected results by case and arithmetic, and the judgements so
    far. The cases in `before` are asked first; they are not reported."""

    cases: tuple[Case, ...]
    expected: Mapping[tuple[str, Arithmetic], Expected]
    before: tuple[Case, ...] = ()
    judgement_cache: JudgementCache = field(default_factory=JudgementCache)

    @property
    def all_cases(self) -> tuple[Case, ...]:
        """The cases in the order in which they are asked."""
        return (*self.before, *self.cases)

    def judge(self, port: Port, transcript: Transcript) -> Answer:
        """Return an answer of a port with its judgements."""
        binary64 = self.expected[transcript.case, Arithmetic.BINARY64]
        expected = self.expected.get((transcript.case, port.arithmetic), binary64)
        judgements = self.judgement_cache.judge(port.contract, expected, transcript)
        return Answer(transcript, {judgement.check: judgement for judgement in judgements})


def plan_run(cases: Sequence[Case], ports: Sequence[Port], before: Sequence[Case] = ()) -> RunPlan:
    """Compute the expected results of every case, in each arithmetic that a port needs.

    A case whose numbers do not fit binary32 has none in that arithmetic: it is not asked.
    Raises CaseError if a case declares something that is not true of it.
    """
    arithmetics = {Arithmetic.BINARY64, *(port.arithmetic for port in ports)}
    expected = {
        (case.name, arithmetic): expect(case, arithmetic)
        for case in (*before, *cases)
        for arithmetic in sorted(arithmetics)
        if arithmetic is not Arithmetic.BINARY32 or case.is_representable(arithmetic)
    }
    return RunPlan(tuple(cases), expected, tuple(before))
