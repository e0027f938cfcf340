"""What Ctrl-C (SIGINT) and SIGTERM do, at every moment of a command.

While a command is loaded and reads its input there is nothing to clean up, and it ends at once.
From then on a signal either unwinds it, or is noted for a run to end in order. Those that come
after the one that ended it, or after its end, are ignored.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED_MESSAGE = "interrupted before anything was finished"


def leave_at_once() -> None:
    """From now on a signal ends the process, whatever it is at."""
    handle(leave)


@contextmanager
def unwinding() -> Iterator[None]:
    """In here the first signal raises KeyboardInterrupt, which holds its number."""
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    handle(unwind)
    try:
        yield
    finally:
        for number, handler in before:
            # Once one has come, the rest of the process is its end.
            if signal.getsignal(number) is unwind:
                signal.signal(number, handler)


class Interruption:
    """Takes note of a signal, so that nothing is torn off in the middle."""

    def __init__(self) -> None:
        self.stop = Event()
        self._number = 0

    @property
    def status(self) -> int:
        """The exit status: 128 plus the number of the first signal, or 0 where there was none."""
        return 128 + self._number if self._number else 0

    def watch(self) -> None:
        """From now on signals are noted, to the end of the process."""
        handle(self._note)

    def _note(self, number: int, _: object) -> None:
        self._number = self._number or number
        self.stop.set()


def ignore() -> None:
    """From now on signals do nothing: Python's own end takes a moment, and is not to be torn."""
    handle(signal.SIG_IGN)


def handle(handler: Callable[[int, object], None] | signal.Handlers) -> None:
    """Have `handler` called for each of the signals."""
    for number in SIGNALS:
        signal.signal(number, handler)


def leave(number: int, _: object) -> None:
    """End the process, without a traceback from the middle of an import."""
    os.write(2, f"{INTERRUPTED_MESSAGE}\n".encode())
    os._exit(128 + number)


def unwind(number: int, _: object) -> None:
    """End whatever is under way, in order; a second signal would tear that order."""
    ignore()
    raise KeyboardInterrupt(number)
