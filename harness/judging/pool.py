"""Processes that judge answers in parallel, and that can be ended.

The conversation with ports stays in the process of the run. Exact arithmetic holds Python's global
lock, so it would delay the clocks of that conversation, and no signal could interrupt it.
"""

from __future__ import annotations

import os
import pickle
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from queue import LifoQueue
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from harness.judging.process import (
    BUDGET_SECONDS,
    BudgetError,
    JudgingError,
    JudgingProcess,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAXIMUM_EXCEEDED = 3
"""The number of answers of one client that may exceed their budgets. Its others are then not
judged, so that they do not keep the answers of other clients waiting."""

State = TypeVar("State")
Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")


class JudgePool(Generic[State]):
    """Judging processes, one for each processor. A context manager.

    Tasks are functions of a state, which every process receives once, and of other arguments.
    """

    def __init__(self, state: State, budget: float = BUDGET_SECONDS) -> None:
        """Take the state and the budget of a task, in seconds of processor time."""
        count = os.cpu_count() or 1
        pickled = pickle.dumps(state)
        self._processes = [JudgingProcess(pickled, budget) for _ in range(count)]
        # The process that was used last has the most in its caches.
        self._idle: LifoQueue[JudgingProcess] = LifoQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(count, "judge")
        self._exceeded: Counter[str] = Counter()
        self._threads.submit(self._start_first)

    def __enter__(self) -> JudgePool[State]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(
        self,
        client: str,
        function: Callable[Concatenate[State, Parameters], Value],
        *arguments: Parameters.args,
        **options: Parameters.kwargs,
    ) -> Future[Value]:
        """Return a future of the value of a function of the state and of these arguments.

        The future raises JudgingError if there is no value: BudgetError if the function exceeds its
        budget, StoppedError if the pool is closed. `client` is the name of whoever asks.
        """
        task = pickle.dumps((function, arguments, options))
        future: Future[Value] = self._threads.submit(self._ask, client, task)
        return future

    def close(self) -> None:
        """End all processes at once, whatever they are doing."""
        for process in self._processes:
            process.close()
        self._threads.shutdown()

    def _start_first(self) -> None:
        """Let a process load its modules while ports are built."""
        process = self._idle.get()
        try:
            process.start()
        finally:
            self._idle.put(process)

    def _ask(self, client: str, task: bytes) -> Any:
        if self._exceeded[client] >= MAXIMUM_EXCEEDED:
            raise JudgingError(f"not judged after {MAXIMUM_EXCEEDED} answers beyond their budgets")
        process = self._idle.get()
        try:
            return process.ask(task)
        except BudgetError:
            self._exceeded[client] += 1
            raise
        finally:
            self._idle.put(process)
