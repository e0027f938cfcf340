"""The interface through which a run reports its progress."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a run. Its methods are called from several threads."""

    def report_building(self, port: str) -> None:
        """The images of a port are being built or looked up."""

    def report_running(self, port: str, cases: int) -> None:
        """A port is built and is about to be run on this number of cases."""

    def report_answers(self, port: str, cases: int = 1) -> None:
        """A port has answered one more case, or several, with whatever result."""

    def report_end(self, port: str, trouble: str) -> None:
        """A port is finished. `trouble` says why it could not be run, or is empty."""


class SilentProgress:
    """Reports nothing."""

    def report_building(self, port: str) -> None:
        """Do nothing."""

    def report_running(self, port: str, cases: int) -> None:
        """Do nothing."""

    def report_answers(self, port: str, cases: int = 1) -> None:
        """Do nothing."""

    def report_end(self, port: str, trouble: str) -> None:
        """Do nothing."""


SILENT = SilentProgress()
