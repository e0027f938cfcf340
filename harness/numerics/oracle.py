"""The expected result of a case: Case → Expected.

Exact arithmetic (python-flint) gives the reduced form, the rank and the class of solutions. NumPy
gives the condition, the growth factor and another solution for comparison. All are those of the
numbers that the port receives: doubles or fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import CaseError
from harness.model.case import Arithmetic, Kind, Solutions
from harness.model.scope import SystemForm
from harness.numerics import definiteness, exact_cost, rational
from harness.numerics.growth import growth_and_pivots, growth_factor
from harness.numerics.least_squares import shortest_solution
from harness.numerics.magnitudes import STRATEGIES, compute_magnitudes, uncancelled_inverse
from harness.numerics.precision import BINARY64, PRECISIONS
from harness.numerics.structure import find_structures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flint import fmpq, fmpq_mat
    from numpy.typing import NDArray

    from harness.model.case import Case
    from harness.model.structure import Structure
    from harness.numerics.magnitudes import Magnitudes, Strategy
    from harness.numerics.precision import Precision

LARGE_ORDER = 30
"""Above this order, the inverse of a matrix of doubles is not computed exactly."""

RATIO_LIMIT = 30.0
"""The ratio from which LAPACK's own tests fail a routine (Reference-LAPACK, TESTING/dtest.in)."""


NUMBERS = {
    Arithmetic.BINARY64: "nearest doubles",
    Arithmetic.BINARY32: "nearest binary32 numbers",
    Arithmetic.RATIONAL64: "fractions as written",
    Arithmetic.RATIONAL: "fractions as written",
}
"""The numbers that a port of each arithmetic receives."""


@dataclass(frozen=True)
class Expected:
    """The expected result of a system for ports of one arithmetic.

    `system` is the exact augmented matrix, m × (n + k), and `reduced` its reduced row echelon form.
    `solution` is the exact x, n × k, if it is unique. `numpy_solution` is the result of
    numpy.linalg.solve for a square system, or None if it refuses. `singular_values` are those of
    the coefficients, the largest first. `growth` is the growth factor ρ of elimination with partial
    pivoting in binary64. Equally large candidates permit different eliminations, so it is the
    larger ρ of two: one takes the first of such candidates, the other takes the last.
    """

    arithmetic: Arithmetic
    unknowns: int
    system: fmpq_mat
    reduced: rational.ReducedForm
    solutions: Solutions
    solution: tuple[tuple[Fraction, ...], ...] | None
    numpy_solution: tuple[tuple[float, ...], ...] | None
    singular_values: tuple[float, ...]
    growth: float

    @property
    def precision(self) -> Precision | None:
        """The precision of the arithmetic; exact arithmetic has none."""
        return PRECISIONS.get(self.arithmetic)

    @property
    def units(self) -> Precision:
        """The precision in whose units errors are measured: in exact arithmetic, binary64."""
        return self.precision or BINARY64

    @property
    def rows(self) -> int:
        """The number of equations, m."""
        return self.system.nrows()

    @property
    def right_hand_sides(self) -> int:
        """The number of right-hand sides, k."""
        return self.system.ncols() - self.unknowns

    @cached_property
    def coefficients(self) -> fmpq_mat:
        """The exact coefficients A, m × n."""
        return rational.columns(self.system, range(self.unknowns))

    @cached_property
    def sides(self) -> fmpq_mat:
        """The exact right-hand sides B, m × k."""
        return rational.columns(self.system, range(self.unknowns, self.system.ncols()))

    @cached_property
    def structures(self) -> frozenset[Structure]:
        """The structures of the coefficients."""
        return find_structures(self.coefficients)

    @cached_property
    def form(self) -> SystemForm:
        """The sizes of the system and the structures of its coefficients."""
        return SystemForm(self.rows, self.unknowns, self.right_hand_sides, self.structures)

    @cached_property
    def definiteness(self) -> definiteness.Definiteness:
        """Whether symmetric coefficients are positive definite."""
        return definiteness.classify(self.coefficients, self.precision, self.threshold)

    @cached_property
    def norm(self) -> fmpq:
        """The exact ‖A‖∞ of the coefficients."""
        return rational.row_norm(self.coefficients)

    @cached_property
    def inverse_norm(self) -> fmpq:
        """‖A⁻¹‖∞ of regular coefficients, as exact as `inverse`."""
        return rational.row_norm(self.inverse)

    @cached_property
    def largest_entry(self) -> fmpq:
        """The exact largest magnitude among the entries of [A | B]."""
        return rational.largest_entry(self.system)

    @cached_property
    def inverse(self) -> fmpq_mat:
        """The inverse of regular A, n × n, exact except for large matrices of doubles."""
        if self.precision and self.unknowns > LARGE_ORDER:
            return rational.approximate_inverse(self.coefficients)
        return self.coefficients.inv()

    @cached_property
    def inverse_magnitudes(self) -> fmpq_mat:
        """|A⁻¹| of regular A, n × n, each entry with at least 50 significant bits."""
        return rational.rounded_magnitudes(self.inverse)

    @cached_property
    def uncancelled_inverse(self) -> fmpq_mat:
        """The inverse of regular A, n × n, if no terms of it cancelled: at least |A⁻¹|."""
        return uncancelled_inverse(self.coefficients)

    @cached_property
    def determinant(self) -> fmpq:
        """The exact determinant of square coefficients."""
        return self.coefficients.det()

    @cached_property
    def least_squares(self) -> fmpq_mat | None:
        """The exact shortest X of the least-squares solutions, n × k; None for a large matrix."""
        if max(self.rows, self.unknowns) > LARGE_ORDER:
            return None
        return shortest_solution(self.coefficients, self.sides, self.reduced)

    @cached_property
    def products_leave_range(self) -> bool:
        """True if a partial product of the pivots overflows or underflows.

        The pivots are those of elimination with partial pivoting, multiplied from the first on.
        """
        _, pivots = growth_and_pivots(np.array(rational.to_floats(self.coefficients)))
        with np.errstate(all="ignore"):
            products = np.cumprod(pivots)
        return bool(
            np.any((products > self.units.largest) | (products < self.units.smallest_normal))
        )

    def has_pivots(self, in_any_columns: bool) -> bool:
        """Return whether elimination of A, m × n, finds min(m, n) pivots: in the first columns, or
        `in_any_columns`."""
        inner = min(self.rows, self.unknowns)
        pivots = self.reduced.pivots
        return len(pivots) == inner and (in_any_columns or pivots == tuple(range(inner)))

    def pivots_are_doubtful(self, in_any_columns: bool) -> bool:
        """Return whether rounding decides whether elimination finds these pivots."""
        if self.rank_is_doubtful or in_any_columns or self.threshold == 0:
            return self.rank_is_doubtful
        inner = min(self.rows, self.unknowns)
        block = np.array(rational.to_floats(rational.columns(self.coefficients, range(inner))))
        sizes = np.linalg.svd(block)[1] if np.isfinite(block).all() else np.zeros(1)
        return bool(sizes[-1] <= self.rounding * sizes[0])

    @property
    def condition(self) -> float:
        """κ₂ = σ₁/σₙ of the coefficients, infinite if the smallest singular value is 0."""
        largest, smallest = self.singular_values[0], self.singular_values[-1]
        return largest / smallest if smallest > 0 else float("inf")

    @property
    def rank_condition(self) -> float:
        """σ₁/σᵣ with r the exact rank: κ₂ on the row space of the matrix (1 for a zero matrix)."""
        rank = self.reduced.rank
        smallest = self.singular_values[rank - 1] if rank else 0.0
        if not rank:
            return 1.0
        return self.singular_values[0] / smallest if smallest > 0 else float("inf")

    @property
    def threshold(self) -> float:
        """T, the limit for the ratio of a right result: 30, or 0 for exact arithmetic."""
        return RATIO_LIMIT if self.precision else 0.0

    @property
    def rounding(self) -> float:
        """n·u·T, the relative size of a zero after rounding; n is the larger dimension."""
        return max(self.rows, self.unknowns) * self.units.unit_roundoff * self.threshold

    @property
    def rank_is_doubtful(self) -> bool:
        """True if rounding decides the rank.

        Either a matrix of lower rank lies within rounding of this one (σᵣ/σ₁ ≤ n·u·T), or partial
        pivoting meets a column whose entries are all within the rounding errors made so far.
        """
        if self.threshold == 0:
            return False
        smallest = self.singular_values[self.reduced.rank - 1] if self.reduced.rank else 0.0
        is_near = smallest <= self.rounding * self.singular_values[0]
        return is_near or not self._compute_magnitudes(STRATEGIES[0]).is_certain

    def magnitudes(self) -> Iterator[fmpq_mat]:
        """Yield |L||U| of the coefficients, m × n, for each strategy of pivoting when needed."""
        return (self._compute_magnitudes(strategy).sums for strategy in STRATEGIES)

    def _compute_magnitudes(self, strategy: Strategy) -> Magnitudes:
        if strategy not in self._magnitudes:
            bound = compute_magnitudes(self.coefficients, strategy, self.units)
            self._magnitudes[strategy] = bound
        return self._magnitudes[strategy]

    @cached_property
    def _magnitudes(self) -> dict[Strategy, Magnitudes]:
        """The magnitudes that were computed so far."""
        return {}


def expect(case: Case, arithmetic: Arithmetic) -> Expected:
    """Return the expected result of `case` for ports of that arithmetic.

    Raises CaseError if the case declares another class of solutions, or another kind, than it has,
    and if its exact results would take too long.
    """
    input_rows = case.build_input_matrix(arithmetic)
    for rows in (input_rows, case.build_input_matrix(Arithmetic.RATIONAL64)):
        check_cost(case, rows)
    system = rational.from_rows(input_rows)
    reduced = rational.reduced_form(system, case.unknowns)
    solutions = classify(reduced, case.unknowns)
    same = Arithmetic.RATIONAL64 if arithmetic.is_exact else arithmetic
    declared = case.solutions.get(arithmetic, case.solutions.get(same))
    if declared is not None and declared is not solutions:
        raise build_contradiction_error(case, arithmetic, declared, solutions)
    check_kind(case)
    doubles = np.array([[float(value) for value in row] for row in input_rows])
    coefficients, right = doubles[:, : case.unknowns], doubles[:, case.unknowns :]
    return Expected(
        arithmetic=arithmetic,
        unknowns=case.unknowns,
        system=system,
        reduced=reduced,
        solutions=solutions,
        solution=unique_solution(reduced, case.unknowns) if solutions is Solutions.UNIQUE else None,
        numpy_solution=solve_with_numpy(coefficients, right),
        singular_values=singular_values(coefficients),
        growth=max(growth_factor(coefficients, last) for last in (False, True)),
    )


def classify(reduced: rational.ReducedForm, unknowns: int) -> Solutions:
    """Return the class of solutions of a system, by its ranks (the Rouché–Capelli theorem)."""
    if reduced.augmented_rank > reduced.rank:
        return Solutions.NONE
    return Solutions.UNIQUE if reduced.rank == unknowns else Solutions.INFINITE


def build_contradiction_error(
    case: Case, arithmetic: Arithmetic, declared: Solutions, actual: Solutions
) -> CaseError:
    """Return the error for a case whose declared class of solutions is not the actual one."""
    return CaseError(
        f"{case.place}: case {case.name} declares `solutions: {declared}`, "
        f"but with the {NUMBERS[arithmetic]} it is {actual}",
        "Correct the system or the declaration. Where the arithmetics differ, write "
        "`solutions: {binary64: …, rational64: …}`.",
    )


def check_cost(case: Case, rows: Sequence[Sequence[Fraction]]) -> None:
    """Raise CaseError if the exact results of a case, with these numbers, would take too long."""
    if not exact_cost.is_affordable(rows):
        raise CaseError(
            f"{case.place}: the exact solution of case {case.name} may have "
            f"{exact_cost.count_digits(rows):,} digits, too many to compute",
            exact_cost.SHORTER,
        )


def check_kind(case: Case) -> None:
    """Raise CaseError if a case is filed as regular but, as written, is singular, or vice versa."""
    if case.kind not in (Kind.REGULAR, Kind.SINGULAR):
        return
    written = rational.from_rows(case.build_input_matrix(Arithmetic.RATIONAL64))
    is_regular = rational.reduced_form(written, case.unknowns).rank == case.unknowns
    if is_regular != (case.kind is Kind.REGULAR):
        actual = Kind.REGULAR if is_regular else Kind.SINGULAR
        raise CaseError(
            f"{case.place}: case {case.name} is filed as {case.kind}, but its matrix is {actual}",
            f"Give it `kind: {actual}` or move it to the file of that kind.",
        )


def select_side(expected: Expected, side: int) -> Expected:
    """Return the expected result of a system with one of its right-hand sides alone, from 0."""
    if expected.right_hand_sides == 1:
        return expected
    unknowns = expected.unknowns
    system = rational.augment(expected.coefficients, rational.columns(expected.sides, [side]))
    reduced = rational.reduced_form(system, unknowns)
    solutions = classify(reduced, unknowns)
    return replace(
        expected,
        system=system,
        reduced=reduced,
        solutions=solutions,
        solution=unique_solution(reduced, unknowns) if solutions is Solutions.UNIQUE else None,
        numpy_solution=None,
    )


def unique_solution(
    reduced: rational.ReducedForm, unknowns: int
) -> tuple[tuple[Fraction, ...], ...]:
    """Return the exact x, n × k, of a reduced form."""
    table = reduced.matrix.tolist()
    return tuple(
        tuple(rational.to_fraction(value) for value in table[row][unknowns:])
        for row in range(unknowns)
    )


def solve_with_numpy(
    coefficients: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[tuple[float, ...], ...] | None:
    """Return the x of numpy.linalg.solve, n × k; None if it refuses or the system is not square."""
    if coefficients.shape[0] != coefficients.shape[1]:
        return None
    try:
        solution = np.linalg.solve(coefficients, right)
    except np.linalg.LinAlgError:
        return None
    return tuple(tuple(float(value) for value in row) for row in solution)


def singular_values(coefficients: NDArray[np.float64]) -> tuple[float, ...]:
    """Return the singular values of the coefficients, the largest first."""
    return tuple(float(value) for value in np.linalg.svd(coefficients, compute_uv=False))
