"""The records of findings, of the proofs of their claims, and of the problems with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from harness.model.finding import Place
from harness.model.verdict import Outcome
from harness.procedures.fields import CheckField
from harness.results.record import Count, FailFastTuple, Record

if TYPE_CHECKING:
    from collections.abc import Sequence


class ClaimRecord(Record):
    """The deviations that a finding explains; see `findings.Claim`."""

    check: CheckField
    cases: FailFastTuple[str]
    outcome: Outcome | None = None
    why: str = ""


class FindingRecord(Record):
    """A known fault of a port; see `findings.Finding`.

    `place` is `listing`, `driver` or `number type`. `lines` are ranges of lines of its listing,
    each with the first and the last line, counted from 1. `patch` is the text of its correction.
    """

    id: str
    port: str
    title: str
    place: Place = Place.LISTING
    procedure: str = ""
    lines: Annotated[FailFastTuple[tuple[Count, Count]], Field(max_length=1_000)] = ()
    explanation: str = ""
    claims: FailFastTuple[ClaimRecord] = ()
    patch: str = ""


class ProofRecord(Record):
    """The proof of the claim of a finding on one deviation of a published port; see `proof.Proof`.

    The port was run on the case again with subsets of its patches. `necessary` names the findings
    without whose patch the deviation remains, `alone` says whether the finding's own patch suffices
    to cure it, `moves` that without this patch another check of the same result deviates.
    """

    port: str
    finding: str
    case: str
    check: CheckField
    necessary: FailFastTuple[str]
    alone: bool
    moves: bool = False

    @property
    def holds(self) -> bool:
        """True if the claim stands; see `does_hold`."""
        return does_hold(self.finding, self.necessary, self.alone)


def does_hold(finding: str, necessary: Sequence[str], alone: bool) -> bool:
    """Return whether a claim stands: the patch of its finding is necessary, or it is one of several
    of which each cures the deviation alone."""
    return finding in necessary or (not necessary and alone)


class FindingProblemRecord(Record):
    """A sentence on why a finding does not hold: for example, that it explains nothing any more.

    `not_tested` is true where the harness or the engine failed, so that it is not known whether the
    finding holds.
    """

    port: str
    finding: str
    sentence: str
    not_tested: bool = False

    @property
    def state(self) -> str:
        """The end of a sentence that begins with the finding."""
        return "is not tested" if self.not_tested else "does not hold"
