"""The failures of the harness itself in the tests of findings, once all ports were run."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.results.findings import FindingProblemRecord
from harness.runs.trouble import describe_trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.port import Port


@dataclass(frozen=True)
class Failures:
    """The first exception that was raised in the tests of each port's findings, by the port's name.

    The findings of such a port are not tested. Those of the other ports are.
    """

    errors: dict[str, Exception] = field(default_factory=dict)

    @contextmanager
    def keep(self, *ports: str) -> Iterator[None]:
        """Keep an exception in the block as that of these ports. It ends the block."""
        try:
            yield
        except Exception as error:
            for port in ports:
                self.errors.setdefault(port, error)

    def list_problems(self, port: Port) -> Iterator[FindingProblemRecord]:
        """Yield a problem for each finding of a port in whose tests the harness failed."""
        if error := self.errors.get(port.name):
            sentence = f"it is not tested whether it holds: {describe_trouble(error)}"
            for finding in port.findings:
                yield FindingProblemRecord(
                    port=port.name, finding=finding.id, sentence=sentence, not_tested=True
                )
