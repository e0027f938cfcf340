"""Judging processes: each task has a budget, and the end of a process costs one task."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.judging.pool import MAXIMUM_EXCEEDED, JudgePool
from harness.judging.process import BudgetError, JudgingError, StoppedError
from support import tasks

BUDGET = 0.5


@pytest.fixture
def pool() -> Iterator[JudgePool[int]]:
    with JudgePool(40, BUDGET) as opened:
        yield opened


def test_a_task_is_given_the_state_and_its_arguments(pool: JudgePool[int]) -> None:
    assert pool.submit("port", tasks.add, 2).result() == 42


def test_many_tasks_are_answered_each_by_its_own_value(pool: JudgePool[int]) -> None:
    futures = [pool.submit("port", tasks.add, number) for number in range(500)]
    assert [future.result() for future in futures] == [40 + number for number in range(500)]


def test_tasks_run_in_other_processes(pool: JudgePool[int]) -> None:
    assert pool.submit("port", tasks.get_process).result() != os.getpid()


def test_an_exception_costs_its_own_task_alone(pool: JudgePool[int]) -> None:
    failing = pool.submit("port", tasks.raise_error, "too large\nsecond line")
    with pytest.raises(JudgingError, match=r"^the harness failed: OverflowError: too large$"):
        failing.result()
    assert pool.submit("port", tasks.add, 2).result() == 42


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGSEGV, "SIGSEGV")]
)
def test_the_end_of_a_process_costs_one_task(pool: JudgePool[int], number: int, name: str) -> None:
    futures = [pool.submit("port", tasks.add, number) for number in range(50)]
    ending = pool.submit("port", tasks.end_by, number)
    futures += [pool.submit("port", tasks.add, number) for number in range(50)]
    with pytest.raises(JudgingError, match=rf"a judging process ended \({name}\)"):
        ending.result()
    assert len([future.result() for future in futures]) == 100


def test_a_process_that_exits_costs_one_task(pool: JudgePool[int]) -> None:
    with pytest.raises(JudgingError, match=r"a judging process ended \(exit status 7\)"):
        pool.submit("port", tasks.exit_with, 7).result()
    assert pool.submit("port", tasks.add, 2).result() == 42


def test_memory_is_limited(pool: JudgePool[int]) -> None:
    with pytest.raises(JudgingError, match="MemoryError"):
        pool.submit("port", tasks.fill_memory).result()
    assert pool.submit("port", tasks.add, 2).result() == 42


def test_a_task_beyond_its_budget_ends_even_within_c(
    pool: JudgePool[int],
) -> None:
    exceeding = pool.submit("port", tasks.compute_for_ever)
    with pytest.raises(BudgetError, match=r"^judging takes more than 0\.5 s of processor time$"):
        exceeding.result(timeout=60)
    assert pool.submit("port", tasks.add, 2).result() == 42


def test_the_budget_is_that_of_one_task(pool: JudgePool[int]) -> None:
    end = time.monotonic() + 3 * BUDGET
    while time.monotonic() < end:
        assert pool.submit("port", tasks.add, 2).result() == 42


def test_waiting_takes_nothing_from_the_budget(pool: JudgePool[int]) -> None:
    assert pool.submit("port", tasks.sleep, 3 * BUDGET).result() == 3 * BUDGET


def test_one_client_cannot_keep_the_others_waiting(pool: JudgePool[int]) -> None:
    exceeding = [pool.submit("slow", tasks.compute_for_ever) for _ in range(50)]
    other = pool.submit("quick", tasks.add, 2)
    errors = [future.exception(timeout=120) for future in exceeding]
    exceeded = [error for error in errors if isinstance(error, BudgetError)]
    # All processes may be at a task when the last one permitted exceeds its budget.
    assert MAXIMUM_EXCEEDED <= len(exceeded) < MAXIMUM_EXCEEDED + (os.cpu_count() or 1)
    refused = {str(error) for error in errors if error not in exceeded}
    assert refused == {"not judged after 3 answers beyond their budgets"}
    assert other.result() == 42


def test_closing_ends_what_is_running_and_refuses_what_is_waiting() -> None:
    with JudgePool(0, budget=1000) as pool:
        process = pool.submit("port", tasks.get_process).result()
        futures = [pool.submit("port", tasks.compute_for_ever) for _ in range(20)]
        time.sleep(0.5)
        started = time.monotonic()
        pool.close()
        assert time.monotonic() - started < 5
        assert {type(future.exception()) for future in futures} == {StoppedError}
    assert not Path(f"/proc/{process}").exists()


def test_what_a_task_prints_is_no_reply(
    pool: JudgePool[int], capfd: pytest.CaptureFixture[str]
) -> None:
    assert pool.submit("port", tasks.print_text, "text").result() == "text"
    assert capfd.readouterr().out == ""


def test_without_an_interpreter_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with (
        JudgePool(0) as pool,
        pytest.raises(JudgingError, match=r"no judging process could be started: .*/nowhere"),
    ):
        pool.submit("port", tasks.add, 2).result()
