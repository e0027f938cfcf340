"""The answers of a port: asked for, and judged."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.judging.continuation import judge_continuation
from harness.judging.judge import build_missing_judgements
from harness.judging.process import JudgingError, StoppedError
from harness.model.answer import Ending, Transcript
from harness.model.case import Arithmetic
from harness.model.scope import SystemForm
from harness.model.structure import Structure
from harness.procedures.registry import PROCEDURES
from harness.protocol.connection import (
    BYTES_PER_ENTRY,
    BYTES_PER_LONG_ENTRY,
    CaseLimits,
    Request,
)
from harness.protocol.session import run_cases

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from concurrent.futures import Future

    from harness.engines.base import Program
    from harness.judging.cache import Judgements
    from harness.model.case import Case
    from harness.model.check import Check
    from harness.model.contract import Contract
    from harness.model.port import Port
    from harness.model.verdict import Judgement


RANGES = {
    Arithmetic.BINARY64: "binary64",
    Arithmetic.BINARY32: "binary32: one overflows, or becomes 0",
    Arithmetic.RATIONAL64: "ratios of 64-bit integers",
    Arithmetic.RATIONAL: "ratios of integers",
}
"""The numbers of each arithmetic, for the reason why a case is not asked."""


@dataclass(frozen=True)
class PendingAnswer:
    """An answer to a case that is being judged."""

    transcript: Transcript
    contract: Contract
    judgements: Future[Judgements]

    def get(self) -> Answer:
        """Return the answer once it is judged. Raises StoppedError if the run is stopped before."""
        try:
            judgements = self.judgements.result()
        except StoppedError:
            raise
        except JudgingError as error:
            missing = build_missing_judgements(self.contract, str(error))
            judgements = (*missing, *judge_continuation(self.transcript))
        return Answer(self.transcript, {judgement.check: judgement for judgement in judgements})


@dataclass(frozen=True)
class Answer:
    """An answer to a case, with its judgements by check."""

    transcript: Transcript
    judgements: Mapping[Check, Judgement]


def ask_cases(
    program: Program, port: Port, cases: Sequence[Case], limits: CaseLimits
) -> Generator[Transcript, None, None]:
    """Yield a transcript for each case, in order. A case that does not suit the port is not sent
    to it."""
    reasons = [explain_not_asked(case, port) for case in cases]
    askable = [case for case, reason in zip(cases, reasons, strict=True) if not reason]
    requests = [
        Request(
            case.name,
            case.format_request(port.arithmetic),
            case.rows * case.columns,
            case.kind,
            max(case.rows, case.columns),
        )
        for case in askable
    ]
    with closing(run_cases(program, port.run, requests, limits)) as answers:
        for case, reason in zip(cases, reasons, strict=True):
            if reason:
                yield Transcript(case.name, Ending.NOT_ASKED, reason=reason)
            else:
                yield next(answers)


def explain_not_asked(case: Case, port: Port) -> str:
    """Return why a case is not sent to a port, or an empty string if it is sent."""
    if not case.is_representable(port.arithmetic):
        return f"its numbers do not fit {RANGES[port.arithmetic]}"
    if case.right_hand_sides > 1 and "solve" not in port.procedures:
        return "the listing takes one right-hand side"
    return explain_exclusion(case, port)


def explain_exclusion(case: Case, port: Port) -> str:
    """Return why no procedure of a port is asked of systems with the sizes of a case; empty if one
    may be asked."""
    is_square = case.rows == case.unknowns
    structures = frozenset(Structure) if is_square else frozenset({Structure.ANY})
    form = SystemForm(case.rows, case.unknowns, case.right_hand_sides, structures)
    exclusions = [PROCEDURES[name].find_exclusion(form, port.promises) for name in port.procedures]
    reasons = [exclusion.reason for exclusion in exclusions if exclusion]
    return reasons[0] if len(reasons) == len(exclusions) else ""


def build_case_limits(port: Port) -> CaseLimits:
    """Return the limits that apply while `port` answers cases."""
    is_unlimited = port.arithmetic is Arithmetic.RATIONAL
    return replace(
        CaseLimits(),
        seconds_per_case=port.seconds_per_case,
        seconds_to_start=port.seconds_to_start,
        bytes_per_entry=BYTES_PER_LONG_ENTRY if is_unlimited else BYTES_PER_ENTRY,
    )
