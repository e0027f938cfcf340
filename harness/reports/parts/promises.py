"""The promises of a port, by which it is judged, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.promises import (
    FreeUnknowns,
    Inconsistent,
    Pivoting,
    RankDeficient,
    Triangle,
    UnitTriangle,
)

if TYPE_CHECKING:
    from harness.results.schema import PortRecord

PIVOTING: dict[str, str] = {
    Pivoting.PARTIAL: "partial pivoting",
    Pivoting.SCALED: "scaled partial pivoting",
    Pivoting.COMPLETE: "complete pivoting",
    Pivoting.FIRST_NONZERO: "the first non-zero pivot",
    Pivoting.NONE: "no row interchanges",
    Pivoting.ANY: "any pivot that is not 0",
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
    if promises.cholesky_reads != Triangle.BOTH:
        parts.append(f"Cholesky factorisation of the {promises.cholesky_reads} triangle")
    if promises.unit_triangle != UnitTriangle.LOWER:
        parts.append("ones on the diagonal of U")
    if promises.rank_deficient == RankDeficient.MINIMUM_NORM:
        parts.append("the shortest least-squares solution")
    if promises.residual_tolerance:
        parts.append(f"residuals up to {promises.residual_tolerance}")
    if promises.shapes:
        parts.append(f"systems of the shape {promises.shapes}")
    if promises.sizes:
        parts.append(f"{promises.sizes} unknowns")
    if promises.singular:
        parts.append(f"singular systems: {promises.singular}")
    return f"promises {', '.join(parts)}"
