"""The promises of a port, by which it is judged, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.promises import FreeUnknowns, Inconsistent, Pivoting

if TYPE_CHECKING:
    from harness.results.schema import PortRecord

PIVOTING: dict[str, str] = {
    Pivoting.PARTIAL: "partial pivoting",
    Pivoting.SCALED: "scaled partial pivoting",
    Pivoting.COMPLETE: "complete pivoting",
    Pivoting.FIRST_NONZERO: "the first non-zero pivot",
    Pivoting.NONE: "no row interchanges",
}


def describe_promises(port: PortRecord) -> str:
    """Return what a port promises, such as `promises partial pivoting, …`."""
    promises = port.promises
    parts = [PIVOTING.get(promises.pivoting, promises.pivoting)]
    if promises.zero_tolerance:
        parts.append(f"pivots up to {promises.zero_tolerance} count as 0")
    if promises.free_unknowns == FreeUnknowns.ZERO:
        parts.append("free unknowns are 0")
    if promises.inconsistent == Inconsistent.LEAST_SQUARES:
        parts.append("least-squares answers")
    return f"promises {', '.join(parts)}"
