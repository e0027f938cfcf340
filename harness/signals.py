"""The handling of Ctrl-C (SIGINT) and SIGTERM in each phase of a command.

While a command is loaded and reads its input there is nothing to clean up, and a signal ends the
process at once. After that a signal either raises KeyboardInterrupt, or is recorded so that a run
can end in order. Later signals, and signals after the end of the command, are ignored.
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
INTERRUPTION_MESSAGE = "interrupted before any result was complete"


def exit_on_signals() -> None:
    """Let a signal end the process at once, from now on."""
    set_handler(exit_at_once)


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """Let the first signal in the context raise KeyboardInterrupt, with its number."""
    previous_handlers = [(number, signal.getsignal(number)) for number in SIGNALS]
    set_handler(raise_interrupt)
    try:
        yield
    finally:
        for number, handler in previous_handlers:
            # After a signal the process is ending, so signals stay ignored.
            if signal.getsignal(number) is raise_interrupt:
                signal.signal(number, handler)


class Interruption:
    """Records a signal, so that the command can end in order.

    `stop_requested` is set when a signal has arrived.
    """

    def __init__(self) -> None:
        self.stop_requested = Event()
        self._first_signal = 0

    @property
    def exit_status(self) -> int:
        """The exit status: 128 plus the number of the first signal, or 0 if there was none."""
        return 128 + self._first_signal if self._first_signal else 0

    def watch(self) -> None:
        """Record signals from now on, to the end of the process."""
        set_handler(self._record)

    def _record(self, number: int, _: object) -> None:
        self._first_signal = self._first_signal or number
        self.stop_requested.set()


def ignore_signals() -> None:
    """Ignore signals from now on. They must not interrupt the shutdown of Python."""
    set_handler(signal.SIG_IGN)


def set_handler(handler: Callable[[int, object], None] | signal.Handlers) -> None:
    """Set the handler of SIGINT and SIGTERM."""
    for number in SIGNALS:
        signal.signal(number, handler)


def exit_at_once(number: int, _: object) -> None:
    """Print a message and end the process, without a traceback."""
    os.write(2, f"{INTERRUPTION_MESSAGE}\n".encode())
    os._exit(128 + number)


def raise_interrupt(number: int, _: object) -> None:
    """Raise KeyboardInterrupt, and ignore later signals so that the cleanup is not interrupted."""
    ignore_signals()
    raise KeyboardInterrupt(number)
