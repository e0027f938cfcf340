"""The plan of a run: its cases, and the judges of the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.case import Arithmetic
from harness.numerics.oracle import expect
from harness.results import builder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.model.answer import Transcript
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.results.schema import CaseRecord
    from harness.runs.answers import Answer
    from harness.runs.judges import Judges


@dataclass(frozen=True)
class RunPlan:
    """The cases of a run, and the judges of the answers to them.

    The cases in `before` are asked first; they are not reported.
    """

    cases: tuple[Case, ...]
    before: tuple[Case, ...]
    judges: Judges

    @property
    def all_cases(self) -> tuple[Case, ...]:
        """The cases in the order in which they are asked."""
        return (*self.before, *self.cases)

    def judge(self, port: Port, transcript: Transcript) -> Answer:
        """Return an answer of a port with its judgements. Raises StoppedError if the run is stopped
        before it is judged."""
        return self.judges.submit(port, transcript).get()


def describe_cases(
    cases: Sequence[Case],
    ports: Sequence[Port],
    before: Sequence[Case],
    is_stopped: Callable[[], bool],
) -> Iterator[CaseRecord]:
    """Yield the records of cases, with their expected results in each arithmetic of the ports.

    A case whose numbers do not fit binary32 has none in that arithmetic: it is not asked. There are
    fewer records if the run is stopped. Raises CaseError if a case, also one of those in `before`,
    declares something that is not true of it.
    """
    arithmetics = sorted({Arithmetic.BINARY64, *(port.arithmetic for port in ports)})
    procedures = {procedure for port in ports for procedure in port.procedures}
    for number, case in enumerate((*before, *cases)):
        if is_stopped():
            return
        expected = {
            (case.name, arithmetic): expect(case, arithmetic)
            for arithmetic in arithmetics
            if arithmetic is not Arithmetic.BINARY32 or case.is_representable(arithmetic)
        }
        if number >= len(before):
            yield builder.build_case_record(case, expected, procedures)
