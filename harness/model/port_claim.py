"""The claims that a manifest can make about a port, by the names of its keys."""

from __future__ import annotations

from enum import StrEnum


class PortClaim(StrEnum):
    """A claim of a port, which its answers keep or do not keep, or which limits them."""

    NOTICES = "notices"
    PIVOTING = "pivoting"
    ZERO_TOLERANCE = "zero_tolerance"
    SHAPES = "shapes"
    SIZES = "sizes"
    SINGULAR = "singular"
    NO_SOLUTION = "no_solution"
    MANY_SOLUTIONS = "many_solutions"
    FREE_UNKNOWNS = "free_unknowns"
    INCONSISTENT = "inconsistent"
    CHOLESKY_READS = "cholesky_reads"
    UNIT_TRIANGLE = "unit_triangle"
    RANK_DEFICIENT = "rank_deficient"
    RESIDUAL_TOLERANCE = "residual_tolerance"
    LEAVES_INPUT_UNCHANGED = "leaves_input_unchanged"
