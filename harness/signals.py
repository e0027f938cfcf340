"""The handling of Ctrl-C (SIGINT), SIGTERM and SIGHUP in each phase of a command.

While a command is loaded and reads its input there is nothing to clean up, and a signal ends the
process at once. After that a signal either raises KeyboardInterrupt, or is recorded so that a run
can end in order. Later signals, and signals after the end of the command, are ignored.

SIGHUP arrives when a terminal is closed. Nothing can be printed there any more, so what the command
prints is discarded. `nohup` lets a command ignore SIGHUP, and it stays ignored then.
"""

from __future__ import annotations

import os
import signal
import stat
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IS_HANGUP_IGNORED = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
SIGNALS = (signal.SIGINT, signal.SIGTERM, *(() if IS_HANGUP_IGNORED else (signal.SIGHUP,)))
"""The signals that end a command."""

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
        discard_lost_terminal()
        self._first_signal = self._first_signal or number
        self.stop_requested.set()


def ignore_signals() -> None:
    """Ignore signals from now on. They must not interrupt the shutdown of Python."""
    set_handler(signal.SIG_IGN)


def set_handler(handler: Callable[[int, object], None] | signal.Handlers) -> None:
    """Set the handler of the signals that end a command."""
    for number in SIGNALS:
        signal.signal(number, handler)


def exit_at_once(number: int, _: object) -> None:
    """Print a message and end the process, without a traceback."""
    discard_lost_terminal()
    os.write(2, f"{INTERRUPTION_MESSAGE}\n".encode())
    os._exit(128 + number)


def raise_interrupt(number: int, _: object) -> None:
    """Raise KeyboardInterrupt, and ignore later signals so that the cleanup is not interrupted."""
    ignore_signals()
    discard_lost_terminal()
    raise KeyboardInterrupt(number)


def discard_lost_terminal() -> None:
    """Discard what is printed from now on to a terminal that has been closed.

    Otherwise the command would end with an error where it prints its progress.
    """
    for descriptor in (1, 2):
        with suppress(OSError):
            is_device = stat.S_ISCHR(os.fstat(descriptor).st_mode)
            if is_device and not os.isatty(descriptor):
                null_device = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null_device, descriptor)
                os.close(null_device)
