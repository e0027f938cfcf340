"""Runs jobs in parallel threads, until they are done or the run is stopped."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import Event

    from harness.engines.base import Engine

POLL_SECONDS = 0.1
"""The interval at which a run checks whether it has to stop."""

SECONDS_TO_STOP = 2.0
"""The time in which jobs may finish what they do once a run is stopped."""

T = TypeVar("T")


class Closable(Protocol):
    """Judges that can be stopped."""

    def close(self) -> None:
        """End all judgements at once."""


@dataclass(frozen=True)
class Job(Generic[T]):
    """Work on one port. If `run` raises an exception, `recover` makes the result of it: whatever
    happens to one port, the results of the others are kept."""

    run: Callable[[], T]
    recover: Callable[[BaseException], T]

    def __call__(self) -> T:
        """Return the result."""
        try:
            return self.run()
        except BaseException as error:
            return self.recover(error)


def run_jobs(jobs: Iterable[Job[T]], engine: Engine, judges: Closable, stop: Event) -> list[T]:
    """Run jobs in parallel, and return the results of those that were started, in their order.

    Sets `stop` on a KeyboardInterrupt. Once `stop` is set, closes the engine, and soon afterwards
    the judges, so that every job comes to its end.
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
            with suppress(KeyboardInterrupt):
                wait(tasks, SECONDS_TO_STOP)
            judges.close()
        return [task.result() for task in tasks if not task.cancelled()]
