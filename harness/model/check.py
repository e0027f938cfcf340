"""A check: one question that is put to a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.model.port_claim import PortClaim

NO_SUCH_PROCEDURE = "the listing has no such procedure"
NO_NOTICE = "the listing says nothing of singular matrices"

REASONS_OF_THE_PORT = frozenset({NO_SUCH_PROCEDURE, NO_NOTICE})
"""The reasons for which a check is absent from a port whatever the case."""


class Check(str):
    """The name of a check, such as `echelon.form`.

    `question` is the question as a sentence. `label` is that of the result whose entries the check
    marks, empty where it marks none. `claim` is the claim of a port that it tests, if it is about
    one alone. Two checks are equal where their names are.
    """

    question: str
    label: str
    claim: PortClaim | None

    def __new__(
        cls, name: str, question: str = "", label: str = "", claim: PortClaim | None = None
    ) -> Check:
        """Return the check of that name."""
        check = super().__new__(cls, name)
        check.question, check.label, check.claim = question, label, claim
        return check


CONTINUES = Check(
    "process.continues", "Does a process that has answered a case go on with the next one?"
)
"""The check of the process. It has an outcome only where a process fails between two cases."""

PUBLISHED_OUTPUT = Check("published.output", "Does the listing's own main print the right numbers?")
"""The check of a listing's own example, which is asked once for each port."""
