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
INTERRUPTION_MESSAGE = "interrupted before anything was finished"


def exit_on_signals() -> None:
    """From now on a signal ends the process, whatever it is at."""
    set_handler(exit_at_once)


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """In here the first signal raises KeyboardInterrupt, which holds its number."""
    previous_handlers = [(number, signal.getsignal(number)) for number in SIGNALS]
    set_handler(raise_interrupt)
    try:
        yield
    finally:
        for number, handler in previous_handlers:
            # Once one has come, the rest of the process is its end.
            if signal.getsignal(number) is raise_interrupt:
                signal.signal(number, handler)


class Interruption:
    """Takes note of a signal, so that nothing is torn off in the middle."""

    def __init__(self) -> None:
        self.stop_requested = Event()
        self._first_signal = 0

    @property
    def exit_status(self) -> int:
        """The exit status: 128 plus the number of the first signal, or 0 where there was none."""
        return 128 + self._first_signal if self._first_signal else 0

    def watch(self) -> None:
        """From now on signals are noted, to the end of the process."""
        set_handler(self._record)

    def _record(self, number: int, _: object) -> None:
        self._first_signal = self._first_signal or number
        self.stop_requested.set()


def ignore_signals() -> None:
    """From now on signals do nothing: Python's own end takes a moment, and is not to be torn."""
    set_handler(signal.SIG_IGN)


def set_handler(handler: Callable[[int, object], None] | signal.Handlers) -> None:
    """Have `handler` called for each of the signals."""
    for number in SIGNALS:
        signal.signal(number, handler)


def exit_at_once(number: int, _: object) -> None:
    """End the process, without a traceback from the middle of an import."""
    os.write(2, f"{INTERRUPTION_MESSAGE}\n".encode())
    os._exit(128 + number)


def raise_interrupt(number: int, _: object) -> None:
    """End whatever is under way, in order; a second signal would tear that order."""
    ignore_signals()
    raise KeyboardInterrupt(number)
