"""The lines on standard error, by the case that they are about."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAXIMUM_ERROR_LINES = 60
MAXIMUM_ERROR_LINE_LENGTH = 2_000
MAXIMUM_REASON_LENGTH = 300
MARKER = "case "


class ErrorLog:
    """The lines on standard error, by the case whose marker (`case NAME`) comes before them.

    Lines before any marker are about the first case that was sent.
    """

    def __init__(self) -> None:
        self._current = ""
        self._last_marker = ""
        self._lines: dict[str, deque[str]] = {}
        self._partial = b""

    def expect(self, case: str) -> None:
        """Know the marker of `case` from now on; those of others are lines like any other."""
        self._current = self._current or case
        self._lines[case] = deque(maxlen=MAXIMUM_ERROR_LINES)

    def feed(self, data: bytes) -> None:
        """Take bytes as they came."""
        *complete, self._partial = (self._partial + data).split(b"\n")
        self._partial = self._partial[-MAXIMUM_ERROR_LINE_LENGTH:]
        for line in complete:
            self._take(line.decode(errors="replace").rstrip("\r"))

    def finish(self) -> None:
        """Take an unfinished line as a line: no more comes."""
        if self._partial:
            self.feed(b"\n")

    def has_marker(self, case: str) -> bool:
        """Return whether the last marker that came is that of `case`."""
        return self._last_marker == case

    def has_passed(self, case: str) -> bool:
        """Return whether the marker of a case after `case`, the first one kept, has come."""
        return self._current != case and self._current in self._lines

    def take(self, case: str) -> tuple[str, ...]:
        """Return the last lines about `case`, which is then forgotten."""
        return tuple(self._lines.pop(case, ()))

    def _take(self, line: str) -> None:
        name = line.removeprefix(MARKER).strip() if line.startswith(MARKER) else ""
        if name and name in self._lines:
            self._current = self._last_marker = name
        else:
            lines = self._lines.setdefault(self._current, deque(maxlen=MAXIMUM_ERROR_LINES))
            lines.append(line[:MAXIMUM_ERROR_LINE_LENGTH])


def last_error_line(errors: Sequence[str]) -> str:
    """Return the line of standard error that best says why a process died, shortened.

    It is a sanitizer's own summary, or the last line that is not indented, in which a traceback
    ends.
    """
    lines = [line for line in errors if line.strip() and not line[0].isspace()]
    summary = next((line for line in lines if line.startswith("SUMMARY:")), "")
    return (summary or (lines[-1] if lines else ""))[:MAXIMUM_REASON_LENGTH]
