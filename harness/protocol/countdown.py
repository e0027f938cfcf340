"""The time that a process may take. Only the waiting for the process counts.

The harness may be stopped by a signal, a laptop may sleep, or another thread may hold the
interpreter. The process works on meanwhile, and what it prints in time is read late.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_PER_WAIT = 0.1
"""The longest single wait. A delay of the harness counts as one such wait at most."""


class Countdown:
    """A time in seconds, and what is left of it.

    `is_over` is True once the time is spent and nothing is there to be read.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.left = seconds
        self.is_over = False

    @property
    def spent(self) -> float:
        """The seconds that were spent on waiting."""
        return self.seconds - self.left

    def wait(self, receive: Callable[[float], bool]) -> None:
        """Call `receive` with the seconds to wait at most; it returns whether anything came.

        Once the time is spent it is called with 0 until nothing comes.
        """
        seconds = min(max(self.left, 0.0), SECONDS_PER_WAIT)
        began = monotonic()
        has_received = receive(seconds)
        self.left -= min(monotonic() - began, seconds)
        self.is_over = seconds == 0.0 and not has_received
