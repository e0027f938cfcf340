"""What is true of a case: Case → Expected.

Exact arithmetic (python-flint) says what the reduced form, the rank and the class of solutions
are; NumPy says how hard the case is (condition, growth) and gives a second opinion of x. The
numbers judged are those that the port was handed: the doubles, or the fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import CaseError
from harness.model.case import Arithmetic, Kind, Solutions
from harness.numerics import rational

if TYPE_CHECKING:
    from flint import fmpq, fmpq_mat
    from numpy.typing import NDArray

    from harness.model.case import Case

UNIT_ROUNDOFF = 2.0**-53
"""u of IEEE binary64, round to nearest."""

LARGEST_DOUBLE, SMALLEST_NORMAL_DOUBLE = (
    float(np.finfo(np.float64).max),
    float(np.finfo(np.float64).tiny),
)
"""The range of normal doubles."""

LARGE_ORDER = 30
"""From this order on an inverse that is judged with a tolerance is not worked out exactly."""

RATIO_LIMIT = 30.0
"""LAPACK's own tests fail a routine from this ratio on (Reference-LAPACK, TESTING/dtest.in)."""


@dataclass(frozen=True)
class Expected:
    """What is true of a system, for ports of one arithmetic.

    `system` is the exact augmented matrix, m × (n + k); `reduced` its reduced row echelon form.
    `solution` is the exact x, n × k, where it is unique. `numpy_solution` is what numpy.linalg.solve
    makes of a square system (None where it refuses). `condition` is σ₁/σₙ, infinite where the
    smaller is 0; `growth` the growth factor ρ of elimination with partial pivoting, run here; the
    larger one, where candidates tie and either the first of them may be taken or the last.
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
    def rows(self) -> int:
        """How many equations the system has, m."""
        return self.system.nrows()

    @property
    def right_hand_sides(self) -> int:
        """How many right-hand sides the system has, k."""
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
    def norm(self) -> fmpq:
        """‖A‖∞ of the coefficients, exactly."""
        return rational.row_norm(self.coefficients)

    @cached_property
    def inverse_norm(self) -> fmpq:
        """‖A⁻¹‖∞ of regular coefficients, exactly."""
        return rational.row_norm(self.inverse)

    @cached_property
    def largest_entry(self) -> fmpq:
        """The largest magnitude among the entries of [A | B], exactly."""
        return rational.largest_entry(self.system)

    @cached_property
    def inverse(self) -> fmpq_mat:
        """The inverse of regular coefficients, n × n: exact, but for large matrices of doubles."""
        if self.arithmetic is Arithmetic.BINARY64 and self.unknowns > LARGE_ORDER:
            return rational.approximate_inverse(self.coefficients)
        return self.coefficients.inv()

    @cached_property
    def determinant(self) -> fmpq:
        """The exact determinant of square coefficients."""
        return self.coefficients.det()

    @cached_property
    def products_leave_range(self) -> bool:
        """Whether a product of some of the pivots overflows, or underflows, on the way.

        The pivots that elimination with partial pivoting finds, multiplied from the first on.
        """
        _, pivots = growth_and_pivots(np.array(rational.to_floats(self.coefficients)))
        with np.errstate(all="ignore"):
            partial = np.cumprod(pivots)
        return bool(np.any((partial > LARGEST_DOUBLE) | (partial < SMALLEST_NORMAL_DOUBLE)))

    @property
    def condition(self) -> float:
        """κ₂ = σ₁/σₙ of the coefficients; infinite where the smallest singular value is 0."""
        largest, smallest = self.singular_values[0], self.singular_values[-1]
        return largest / smallest if smallest > 0 else float("inf")

    @property
    def rank_condition(self) -> float:
        """σ₁/σᵣ, r the exact rank: κ₂ of what of the matrix is not zero (1 for a zero matrix)."""
        rank = self.reduced.rank
        smallest = self.singular_values[rank - 1] if rank else 0.0
        if not rank:
            return 1.0
        return self.singular_values[0] / smallest if smallest > 0 else float("inf")

    @property
    def threshold(self) -> float:
        """T, the ratio below which a result is right: max(30, ρ), or 0 for exact arithmetic.

        The backward error of partial pivoting is bounded by n²γ₃ₙρ‖A‖∞ (Higham, Accuracy and
        Stability of Numerical Algorithms, Theorem 9.5), and that bound is attained.
        """
        if self.arithmetic is Arithmetic.RATIONAL64:
            return 0.0
        return max(RATIO_LIMIT, self.growth)

    @property
    def rounding(self) -> float:
        """n·u·T: the relative size of what elimination's own rounding can make of a zero."""
        return self.scaled_roundoff(self.threshold)

    def scaled_roundoff(self, ratio: float) -> float:
        """n·u times a ratio, n the larger dimension of the matrix."""
        return max(self.rows, self.unknowns) * UNIT_ROUNDOFF * ratio

    @property
    def rank_is_doubtful(self) -> bool:
        """Whether a matrix of lower rank lies within rounding of this one (σᵣ/σ₁ ≤ n·u·T)."""
        smallest = self.singular_values[self.reduced.rank - 1] if self.reduced.rank else 0.0
        return smallest <= self.rounding * self.singular_values[0]


def expect(case: Case, arithmetic: Arithmetic) -> Expected:
    """Work out what is true of `case` for ports of that arithmetic.

    Raises CaseError where the case declares a class of solutions, or a kind, that is not so.
    """
    handed = case.build_input_matrix(arithmetic)
    system = rational.from_rows(handed)
    reduced = rational.reduced_form(system, case.unknowns)
    solutions = classify(reduced, case.unknowns)
    declared = case.solutions.get(arithmetic)
    if declared is not None and declared is not solutions:
        raise build_contradiction_error(case, arithmetic, declared, solutions)
    check_kind(case)
    doubles = np.array([[float(value) for value in row] for row in handed])
    coefficients, right = doubles[:, : case.unknowns], doubles[:, case.unknowns :]
    return Expected(
        arithmetic=arithmetic,
        unknowns=case.unknowns,
        system=system,
        reduced=reduced,
        solutions=solutions,
        solution=unique_solution(reduced, case) if solutions is Solutions.UNIQUE else None,
        numpy_solution=solve_with_numpy(coefficients, right),
        singular_values=singular_values(coefficients),
        growth=max(growth_factor(coefficients, last) for last in (False, True)),
    )


def classify(reduced: rational.ReducedForm, unknowns: int) -> Solutions:
    """How many solutions a system has, by its ranks (the Rouché–Capelli theorem)."""
    if reduced.augmented_rank > reduced.rank:
        return Solutions.NONE
    return Solutions.UNIQUE if reduced.rank == unknowns else Solutions.INFINITE


def build_contradiction_error(
    case: Case, arithmetic: Arithmetic, declared: Solutions, found: Solutions
) -> CaseError:
    """The error for a case whose declared solutions are not what exact arithmetic finds."""
    numbers = "nearest doubles" if arithmetic is Arithmetic.BINARY64 else "fractions as written"
    return CaseError(
        f"{case.place}: case {case.name} declares `solutions: {declared}`, "
        f"but with the {numbers} it is {found}",
        "Correct the system or the declaration. Where the two arithmetics differ, write "
        "`solutions: {binary64: …, rational64: …}`.",
    )


def check_kind(case: Case) -> None:
    """Raise CaseError where a case filed as regular or singular is, as written, the other."""
    if case.kind not in (Kind.REGULAR, Kind.SINGULAR):
        return
    written = rational.from_rows(case.build_input_matrix(Arithmetic.RATIONAL64))
    full = rational.reduced_form(written, case.unknowns).rank == case.unknowns
    if full != (case.kind is Kind.REGULAR):
        actual = Kind.REGULAR if full else Kind.SINGULAR
        raise CaseError(
            f"{case.place}: case {case.name} is filed as {case.kind}, but its matrix is {actual}",
            f"Give it `kind: {actual}` or move it to the file of that kind.",
        )


def unique_solution(reduced: rational.ReducedForm, case: Case) -> tuple[tuple[Fraction, ...], ...]:
    """The exact x, n × k, read off the reduced form."""
    table = reduced.matrix.tolist()
    return tuple(
        tuple(rational.to_fraction(value) for value in table[row][case.unknowns :])
        for row in range(case.unknowns)
    )


def solve_with_numpy(
    coefficients: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[tuple[float, ...], ...] | None:
    """What numpy.linalg.solve answers, n × k; None where it refuses or the system is not square."""
    if coefficients.shape[0] != coefficients.shape[1]:
        return None
    try:
        solved = np.linalg.solve(coefficients, right)
    except np.linalg.LinAlgError:
        return None
    return tuple(tuple(float(value) for value in row) for row in solved)


def singular_values(coefficients: NDArray[np.float64]) -> tuple[float, ...]:
    """The singular values of the coefficients, largest first."""
    return tuple(float(value) for value in np.linalg.svd(coefficients, compute_uv=False))


def growth_factor(coefficients: NDArray[np.float64], last: bool = False) -> float:
    """ρ: the largest entry met while eliminating with partial pivoting, over the largest given.

    Wilkinson's definition (Higham, Accuracy and Stability of Numerical Algorithms, §9.3), over
    the coefficients, m × n. Of candidates that tie the first is taken, or the `last`. At least 1.
    """
    return growth_and_pivots(coefficients, last)[0]


def growth_and_pivots(
    coefficients: NDArray[np.float64], last: bool = False
) -> tuple[float, tuple[float, ...]]:
    """The growth factor ρ, and the magnitudes of the pivots, of elimination in binary64."""
    work = coefficients.copy()
    scale = float(np.max(np.abs(work), initial=0.0))
    if scale == 0:
        return 1.0, ()
    work /= scale
    largest, pivots = 1.0, []
    row = 0
    with np.errstate(all="ignore"):
        for column in range(work.shape[1]):
            if row == work.shape[0]:
                break
            sizes = np.abs(work[row:, column])
            pivot = row + int(np.argmax(sizes))
            if last:
                pivot = work.shape[0] - 1 - int(np.argmax(sizes[::-1]))
            if work[pivot, column] == 0:
                continue
            work[[row, pivot]] = work[[pivot, row]]
            multipliers = work[row + 1 :, column] / work[row, column]
            work[row + 1 :] -= np.outer(multipliers, work[row])
            work[row + 1 :, column] = 0
            largest = max(largest, float(np.max(np.abs(work[row:]))))
            pivots.append(abs(float(work[row, column])) * scale)
            row += 1
    return largest, tuple(pivots)
