"""The interface through which a run reports its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    pass


class Progress(Protocol):
    """Is told how a run gets on; called from several threads."""

    def report_building(self, port: str) -> None:
        """A port's images are being built, or looked up."""

    def report_running(self, port: str, cases: int) -> None:
        """A port has been built and is about to be asked so many cases."""

    def report_answers(self, port: str, cases: int = 1) -> None:
        """One more case has been answered, or several, whatever the answer."""

    def report_end(self, port: str, trouble: str) -> None:
        """A port is through; `trouble` says why it could not be run, if so."""
