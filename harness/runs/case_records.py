"""The records of the cases of a run, with what exact arithmetic expects of each.

They are computed by the judges: a signal ends a run also in the middle of a long computation.
"""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING

from harness.errors import CaseError, InternalError
from harness.judging.process import BudgetError, JudgingError
from harness.model.case import Arithmetic
from harness.numerics.exact_cost import SHORTER
from harness.results.case_builder import build_case_record
from harness.runs.threads import POLL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from concurrent.futures import Future

    from harness.judging.expectations import Expectations
    from harness.model.case import Case
    from harness.model.port import Port
    from harness.results.schema import CaseRecord
    from harness.runs.plan import RunPlan


def describe_cases(
    plan: RunPlan, ports: Sequence[Port], is_stopped: Callable[[], bool]
) -> Iterator[CaseRecord]:
    """Yield the records of the cases, with their expected results in each arithmetic of the ports.

    There are fewer records if the run is stopped. Raises CaseError if a case, also one of those in
    `before`, declares something that is not true of it, or is too long for exact arithmetic. Raises
    InternalError if the harness fails at a case.
    """
    arithmetics = sorted({Arithmetic.BINARY64, *(port.arithmetic for port in ports)})
    procedures = sorted({procedure for port in ports for procedure in port.procedures})
    pending = [
        plan.judges.describe(describe_case, case.name, arithmetics, procedures)
        for case in plan.all_cases
    ]
    for number, (case, future) in enumerate(zip(plan.all_cases, pending, strict=True)):
        while not wait([future], POLL_SECONDS).done:
            if is_stopped():
                return
        record = get_record(case, future)
        if number >= len(plan.before):
            yield record


def get_record(case: Case, future: Future[CaseRecord | CaseError]) -> CaseRecord:
    """Return the record of a case.

    Raises CaseError if there is none because of the case, and InternalError if the harness fails.
    """
    try:
        record = future.result()
    except JudgingError as error:
        message = f"{case.place}: case {case.name} has no expected result: {error}"
        if isinstance(error, BudgetError):
            raise CaseError(message, SHORTER) from None
        raise InternalError(message, "Run the other cases, with --case.") from None
    if isinstance(record, CaseError):
        raise record
    return record


def describe_case(
    expectations: Expectations,
    name: str,
    arithmetics: Sequence[Arithmetic],
    procedures: Collection[str],
) -> CaseRecord | CaseError:
    """Return the record of a case for ports with these arithmetics and procedures.

    A case whose numbers do not fit binary32 has no result in that arithmetic: it is not asked.
    """
    case = expectations.cases[name]
    try:
        expected = {
            (name, arithmetic): expectations.expect(name, arithmetic)
            for arithmetic in arithmetics
            if arithmetic is not Arithmetic.BINARY32 or case.is_representable(arithmetic)
        }
    except CaseError as error:
        return error
    return build_case_record(case, expected, procedures)
