"""Shows the progress of a run on a terminal, with a line for each port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from harness.reports.terminal.case import escape_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.progress import TaskID


class TerminalProgress:
    """A progress bar for each port. Its methods may be called from several threads."""

    def __init__(self, console: Console, ports: Sequence[str], cases: int) -> None:
        """Create the bars. They are not shown if `console` is not a terminal."""
        self._bars = Bars(
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {
            port: self._bars.add_task(port, total=cases, start=False, state="waiting")
            for port in ports
        }

    def __enter__(self) -> TerminalProgress:
        # Some versions of rich print an empty line when bars end that are not shown.
        if not self._bars.disable:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._bars.disable:
            self._bars.stop()

    def print_line(self, line: str) -> None:
        """Print a line above the bars."""
        if not self._bars.disable:
            self._bars.console.print(escape(line), style="dim", highlight=False)

    def report_building(self, port: str) -> None:
        """See `run.Progress`."""
        self._bars.start_task(self._tasks[port])
        self._bars.update(self._tasks[port], state="building")

    def report_running(self, port: str, cases: int) -> None:
        """See `run.Progress`."""
        self._bars.update(self._tasks[port], total=cases, state="running")

    def report_answers(self, port: str, cases: int = 1) -> None:
        """See `run.Progress`."""
        self._bars.advance(self._tasks[port], cases)

    def report_end(self, port: str, trouble: str) -> None:
        """See `run.Progress`."""
        state = f"[red]{escape_text(trouble)}[/red]" if trouble else "done"
        self._bars.update(self._tasks[port], state=state)
        self._bars.stop_task(self._tasks[port])
