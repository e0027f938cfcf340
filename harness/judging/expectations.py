"""The expected results of the cases of a run, and the judgement on an answer to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judging.judge import judge
from harness.model.case import Arithmetic
from harness.numerics.oracle import expect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.model.answer import Transcript
    from harness.model.case import Case
    from harness.model.contract import Contract
    from harness.model.verdict import Judgement
    from harness.numerics.oracle import Expected


class Expectations:
    """The expected results of cases. Each is computed when it is needed first."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.cases = {case.name: case for case in cases}
        self._expected: dict[tuple[str, Arithmetic], Expected] = {}

    def expect(self, name: str, arithmetic: Arithmetic) -> Expected:
        """Return the expected result of a case in an arithmetic.

        A case whose numbers do not fit binary32 is not asked, and has the result in binary64.
        """
        case = self.cases[name]
        if arithmetic is Arithmetic.BINARY32 and not case.is_representable(arithmetic):
            arithmetic = Arithmetic.BINARY64
        if (name, arithmetic) not in self._expected:
            self._expected[name, arithmetic] = expect(case, arithmetic)
        return self._expected[name, arithmetic]


def judge_answer(
    expectations: Expectations, contract: Contract, transcript: Transcript
) -> tuple[Judgement, ...]:
    """Return the judgements on an answer to one of the cases."""
    expected = expectations.expect(transcript.case, contract.arithmetic)
    return judge(contract, expected, transcript)
