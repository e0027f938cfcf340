"""The names in a results file.

They stand in commands that reports offer, so they have the characters of the names that people can
give to ports, cases and findings, and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.case import CASE_NAME_HINT, CASE_NAME_PATTERN, PUBLISHED_CASE
from harness.model.finding import FINDING_NAME_PATTERN
from harness.model.port import PORT_NAME_HINT, PORT_NAME_PATTERN

if TYPE_CHECKING:
    import re


class ForbiddenNameError(ValueError):
    """A name that nobody can give. `hint` says which names there are."""

    def __init__(self, name: str, subject: str, hint: str) -> None:
        super().__init__(f"{name!a:.100} cannot be the name of {subject}")
        self.hint = f"{hint} The file was changed, or another program wrote it."


def require_port_name(name: str) -> None:
    """Raise ForbiddenNameError if no port can have this name."""
    _require(name, PORT_NAME_PATTERN, "a port", PORT_NAME_HINT)


def require_case_name(name: str) -> None:
    """Raise ForbiddenNameError if no case can have this name."""
    if name == PUBLISHED_CASE:
        raise ForbiddenNameError(name, "a case", "It stands for a listing's own example.")
    _require(name, CASE_NAME_PATTERN, "a case", CASE_NAME_HINT)


def require_finding_name(name: str) -> None:
    """Raise ForbiddenNameError if no finding can have this name."""
    _require(name, FINDING_NAME_PATTERN, "a finding", CASE_NAME_HINT)


def _require(name: str, pattern: re.Pattern[str], subject: str, hint: str) -> None:
    if not pattern.fullmatch(name):
        raise ForbiddenNameError(name, subject, hint)
