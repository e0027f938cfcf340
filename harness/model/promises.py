"""What a port promises beyond the defaults: how it pivots, what it takes for 0, how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from fractions import Fraction

    from harness.model.scope import Shape, Sizes


class Pivoting(StrEnum):
    """The choice of pivot rows (Higham, Accuracy and Stability of Numerical Algorithms, §9.1).

    `partial`: the largest entry of the column. `scaled`: the largest relative to the largest entry
    of its row. `complete`: the largest entry of all remaining rows and columns. `first-nonzero`:
    the first entry of the column that is not 0. `none`: rows are never interchanged. `any`: an
    entry that is not 0.
    """

    PARTIAL = "partial"
    SCALED = "scaled"
    COMPLETE = "complete"
    FIRST_NONZERO = "first-nonzero"
    NONE = "none"
    ANY = "any"


class FreeUnknowns(StrEnum):
    """The answer to a consistent system with many solutions.

    `zero`: the solution whose free unknowns are 0. `none`: no promise.
    """

    ZERO = "zero"
    NONE = "none"


class Inconsistent(StrEnum):
    """The answer to a system without a solution.

    `least-squares`: an x with the smallest residual. `none`: no promise.
    """

    LEAST_SQUARES = "least-squares"
    NONE = "none"


class Triangle(StrEnum):
    """The part of a symmetric matrix that a procedure reads; the diagonal is in both triangles."""

    BOTH = "both"
    LOWER = "lower"
    UPPER = "upper"

    def contains(self, row: int, column: int) -> bool:
        """Return whether an entry is read."""
        return row == column or self in (
            Triangle.BOTH,
            Triangle.LOWER if row > column else Triangle.UPPER,
        )


class UnitTriangle(StrEnum):
    """The factor that has ones on its diagonal: L (Doolittle), or U (Crout)."""

    LOWER = "lower"
    UPPER = "upper"


class RankDeficient(StrEnum):
    """The answer to a least-squares problem that has many solutions.

    `minimum-norm`: the shortest x. `none`: no promise.
    """

    MINIMUM_NORM = "minimum-norm"
    NONE = "none"


class Singular(StrEnum):
    """What a procedure does where there is no unique solution, or A is singular.

    `refuses`: it gives no result, and says so. `continues`: it does not notice, and its numbers
    mean nothing.
    """

    REFUSES = "refuses"
    CONTINUES = "continues"


T = TypeVar("T")


@dataclass(frozen=True)
class ForProcedures(Generic[T]):
    """A promise about all procedures, or about some of them, by name."""

    common: T | None = None
    own: tuple[tuple[str, T], ...] = ()

    def get(self, procedure: str) -> T | None:
        """Return what is promised about a procedure; None if nothing is."""
        own = self.get_own(procedure)
        return self.common if own is None else own

    def get_own(self, procedure: str) -> T | None:
        """Return what is promised about a procedure by its name; None if nothing is."""
        return dict(self.own).get(procedure)


@dataclass(frozen=True)
class Tolerance:
    """A size up to which a number counts as 0. If it is `relative`, it is a multiple of `whole`."""

    size: Fraction
    is_relative: bool = False

    whole: ClassVar[str]

    def __str__(self) -> str:
        """Return the tolerance as a sentence has it: `1e-09`, or `1e-12 times the matrix`."""
        return f"{float(self.size):g}{f' times {self.whole}' if self.is_relative else ''}"


class ZeroTolerance(Tolerance):
    """The magnitude up to which a candidate for a pivot counts as 0."""

    whole = "the matrix"


class ResidualTolerance(Tolerance):
    """The size of the residual, ‖b − Ax‖₂, at which an iteration stops."""

    whole = "the right-hand side"


@dataclass(frozen=True)
class Promises:
    """The promises of a port about its answers, by which it is judged.

    `shapes` and `sizes` limit the systems that it takes. A refusal that holds one of the texts in
    `no_solution` says that a system has none, and one in `many_solutions` that it has infinitely
    many.
    """

    pivoting: Pivoting = Pivoting.PARTIAL
    zero_tolerance: ZeroTolerance | None = None
    free_unknowns: FreeUnknowns = FreeUnknowns.NONE
    inconsistent: Inconsistent = Inconsistent.NONE
    cholesky_reads: Triangle = Triangle.BOTH
    unit_triangle: UnitTriangle = UnitTriangle.LOWER
    rank_deficient: RankDeficient = RankDeficient.NONE
    residual_tolerance: ResidualTolerance | None = None
    shapes: ForProcedures[tuple[Shape, ...]] = ForProcedures()
    sizes: ForProcedures[Sizes] = ForProcedures()
    singular: ForProcedures[Singular] = ForProcedures()
    no_solution: tuple[str, ...] = ()
    many_solutions: tuple[str, ...] = ()


NO_PROMISES = Promises()
"""What a port promises whose manifest promises nothing: partial pivoting."""
