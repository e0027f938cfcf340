"""Runs jobs in parallel threads, until they are done or the run is stopped."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import Event

    from harness.engines.base import Engine

POLL_SECONDS = 0.1
"""The interval at which a run checks whether it has to stop."""

T = TypeVar("T")


def run_jobs(jobs: Iterable[Callable[[], T]], engine: Engine, stop: Event) -> list[T]:
    """Run jobs in parallel, and return the results of those that were started, in their order.

    Sets `stop` on a KeyboardInterrupt, and closes the engine once `stop` is set.
    """
    tasks: list[Future[T]] = []
    # A port's thread spends half of its time waiting for the engine.
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        try:
            tasks.extend(pool.submit(job) for job in jobs)
            while wait(tasks, POLL_SECONDS).not_done and not stop.is_set():
                continue
        except KeyboardInterrupt:
            stop.set()
        if stop.is_set():
            for task in tasks:
                task.cancel()
            engine.close()
        return [task.result() for task in tasks if not task.cancelled()]
