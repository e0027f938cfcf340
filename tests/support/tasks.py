"""Tasks for judging processes: they fail, or take too long, or end the process."""

from __future__ import annotations

import os
import signal
import time

from flint import fmpz

from harness.judging.expectations import Expectations, judge_answer
from harness.model.answer import Transcript
from harness.model.contract import Contract
from harness.model.verdict import Judgement

FAILING_CASE = "answers-2"
"""The case on which the judges below fail."""


def add(state: int, number: int) -> int:
    return state + number


def get_process(_: object) -> int:
    return os.getpid()


def compute_for_ever(_: object) -> None:
    """Compute in C, where Python runs no handler of a signal."""
    fmpz(3) ** (1 << 29)


def describe_for_ever(_: object, *arguments: object) -> None:
    compute_for_ever(_)


def fail_to_describe(_: object, *arguments: object) -> None:
    raise OverflowError("too large")


def sleep(_: object, seconds: float) -> float:
    """Take time, but no processor time."""
    time.sleep(seconds)
    return seconds


def end_by(_: object, number: int) -> None:
    os.kill(os.getpid(), number)


def exit_with(_: object, status: int) -> None:
    os._exit(status)


def fill_memory(_: object) -> int:
    return len(bytearray(3 << 30))


def raise_error(_: object, message: str) -> None:
    raise OverflowError(message)


def print_text(_: object, text: str) -> str:
    os.write(1, text.encode())
    print(text, flush=True)
    return text


def raise_on_one_case(
    expectations: Expectations, contract: Contract, transcript: Transcript
) -> tuple[Judgement, ...]:
    if transcript.case == FAILING_CASE:
        raise OverflowError("too large\nsecond line")
    return judge_answer(expectations, contract, transcript)


def end_on_one_case(
    expectations: Expectations, contract: Contract, transcript: Transcript
) -> tuple[Judgement, ...]:
    if transcript.case == FAILING_CASE:
        os.kill(os.getpid(), signal.SIGSEGV)
    return judge_answer(expectations, contract, transcript)


def compute_on_one_case(
    expectations: Expectations, contract: Contract, transcript: Transcript
) -> tuple[Judgement, ...]:
    if transcript.case == FAILING_CASE:
        compute_for_ever(None)
    return judge_answer(expectations, contract, transcript)
