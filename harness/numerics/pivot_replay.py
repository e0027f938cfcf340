"""Pivot replay: find the pivot rows of an elimination from its printed echelon matrix.

The replay repeats the elimination, one step for each printed row. For every row not yet used, it
computes an enclosure (a centre and a radius) of all its possible values, in whatever order a
program computes them. The row whose enclosure contains the printed row is the pivot row. It is then
known exactly, because the program continued with the numbers that it printed. A choice is legal if
no other row's entry is larger by more than its radius.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.model.pivot import Candidate, PivotChoice, Replay
from harness.numerics import rational
from harness.numerics.error_measures import format_number
from harness.numerics.oracle import UNIT_ROUNDOFF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flint import fmpq, fmpq_mat
    from numpy.typing import NDArray

    from harness.model.number import Value

    Numbers = NDArray[Any]
    """Doubles or, in exact arithmetic, `fmpq` objects."""

    Doubles = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TINY = 2.0**-1074
"""The smallest subnormal, an upper bound for the error of an operation by underflow."""

U = UNIT_ROUNDOFF

MAXIMUM_CHOICES = 5_000
"""The limit for the choices that are tried if several rows agree with a printed one."""


def replay(
    printed: Sequence[Sequence[Value]],
    system: fmpq_mat,
    unknowns: int,
    exactly: bool = False,
) -> Replay:
    """Find the row of a system that became each pivot row of a printed echelon matrix.

    `printed` are m × (n + k) rows of finite numbers, printed in full, in row echelon form. `system`
    is the exact m × (n + k) matrix. With `exactly` the replay computes in fractions, without radii.
    The search looks first for an explanation in which every step is legal. If it takes more than
    MAXIMUM_CHOICES, because many rows are alike, the result is a replay without steps.
    """
    target = PrintedMatrix.from_rows(printed, unknowns, exactly)
    rows = UnusedRows.from_system(system, exactly)
    nearest = Search(target)
    with np.errstate(all="ignore"):
        for legal_only in (True, False):
            for is_divided in (False, True) if target.has_unit_pivots else (False,):
                search = Search(target, is_divided, legal_only)
                try:
                    explanation = search.explain(rows)
                except TooManyChoicesError:
                    return Replay(())
                if explanation is not None:
                    return explanation
                nearest = max(nearest, search, key=lambda s: s.reached)
    return nearest.nearest


class TooManyChoicesError(Exception):
    """The search takes more than MAXIMUM_CHOICES."""


@dataclass(frozen=True)
class PrintedMatrix:
    """A printed echelon matrix: its rows, m × (n + k).

    `pivots` are the columns of its leading entries among the coefficients, from 0.
    """

    rows: Numbers
    unknowns: int
    pivots: tuple[int, ...]

    @classmethod
    def from_rows(
        cls, printed: Sequence[Sequence[Value]], unknowns: int, exactly: bool
    ) -> PrintedMatrix:
        """Return the matrix with these printed rows, as exact numbers or as doubles."""
        if exactly:
            rows = np.empty((len(printed), len(printed[0])), dtype=object)
            rows[:] = [[rational.from_number(value) for value in row] for row in printed]
        else:
            rows = np.array([[rational.nearest_double(value) for value in row] for row in printed])
        leading = (next((j for j in range(unknowns) if row[j] != 0), None) for row in rows)
        pivots = tuple(column for column in leading if column is not None)
        return cls(rows, unknowns, pivots)

    @property
    def has_unit_pivots(self) -> bool:
        """True if every pivot is 1, as in rows that were divided by their pivots."""
        return all(is_unit_pivot(self.rows[i, j]) for i, j in enumerate(self.pivots))


@dataclass(frozen=True)
class UnusedRows:
    """The rows not yet used, r × (n + k), and their numbers in the system, from 0.

    Each entry lies within `radius` of `centre`. In exact arithmetic there is no radius.
    """

    numbers: tuple[int, ...]
    centre: Numbers
    radius: Doubles | None = None

    @classmethod
    def from_system(cls, system: fmpq_mat, exactly: bool) -> UnusedRows:
        """Return the rows of an exact system as a program receives them."""
        numbers = tuple(range(system.nrows()))
        if not exactly:
            centre = np.array(rational.to_floats(system))
            return cls(numbers, centre, np.zeros(centre.shape))
        centre = np.empty((system.nrows(), system.ncols()), dtype=object)
        centre[:] = system.tolist()
        return cls(numbers, centre)

    def magnitudes(self, column: int) -> Numbers:
        """Return the magnitudes of the centres in a column."""
        return np.abs(self.centre[:, column])

    def radii(self, column: int) -> Numbers:
        """Return the radii of the entries in a column."""
        if self.radius is None:
            return np.zeros(len(self.numbers), self.centre.dtype)
        return self.radius[:, column]

    def list_candidates(self, column: int) -> tuple[Candidate, ...]:
        """Return the rows as candidates for a pivot in a column, the largest first."""
        entries = zip(self.numbers, self.magnitudes(column), self.radii(column), strict=True)
        candidates = [
            Candidate(number, as_double(magnitude), as_double(radius))
            for number, magnitude, radius in entries
        ]
        return tuple(sorted(candidates, key=lambda candidate: -candidate.magnitude))

    def find_mismatches(self, row: Numbers) -> Flags:
        """Return the entries, r × (n + k), that cannot have become those of a printed row."""
        mismatches: Flags
        if self.radius is None:
            mismatches = self.centre != row
        else:
            mismatches = ~(np.abs(self.centre - row) <= self.radius)
        return mismatches

    def divide(self, column: int) -> UnusedRows:
        """Return the rows divided by their entries in a column, or unchanged if these are 0."""
        entries = self.centre[:, column, None]
        pivots = np.where(entries == 0, 1, entries)
        if self.radius is None:
            return UnusedRows(self.numbers, self.centre / pivots)
        pivot_radii = self.radius[:, column, None]
        smallest_pivots = np.abs(entries) - pivot_radii
        centre = self.centre / pivots
        changes = self.radius + np.abs(centre) * pivot_radii + TINY
        quotient_changes = changes / smallest_pivots
        radius = quotient_changes + 4 * U * np.abs(centre) + TINY * (1 + np.abs(self.centre))
        # The quotient by an entry that may be 0 is unknown. An entry that is 0 was never a pivot.
        unknown = np.where(pivot_radii > 0, np.inf, 0.0)
        return build_enclosure(self.numbers, centre, np.where(smallest_pivots > 0, radius, unknown))

    def remove(self, index: int) -> UnusedRows:
        """Return the rows without the one at `index`."""
        others = [i for i in range(len(self.numbers)) if i != index]
        numbers = tuple(self.numbers[i] for i in others)
        radius = None if self.radius is None else self.radius[others]
        return UnusedRows(numbers, self.centre[others], radius)

    def clear(self, columns: Sequence[int]) -> UnusedRows:
        """Return the rows with zeros in columns that are eliminated, or have no pivot."""
        centre = self.centre.copy()
        centre[:, columns] = 0
        if self.radius is None:
            return UnusedRows(self.numbers, centre)
        radius = self.radius.copy()
        radius[:, columns] = 0
        return UnusedRows(self.numbers, centre, radius)

    def eliminate(self, pivot_row: Numbers, column: int) -> UnusedRows:
        """Return the rows after the subtraction of multiples of a printed pivot row.

        Let w be the entry to be cleared, p the pivot and l = w/p. The radius covers the errors of
        l, of l times the row, and of the subtraction, each once by the program and once by this
        replay. See docs/verdicts.md.
        """
        pivot = pivot_row[column]
        multipliers = self.centre[:, column, None] / pivot
        centre = self.centre - multipliers * pivot_row
        if self.radius is None:
            return UnusedRows(self.numbers, centre).clear([column])
        size, row = np.abs(multipliers), np.abs(pivot_row)
        w, w_radius = np.abs(self.centre[:, column, None]), self.radius[:, column, None]
        multiplier_error = (w_radius + 2 * U * w + TINY) / abs(pivot) + TINY
        changes = self.radius + multiplier_error * row
        radius = changes + 4 * U * (size * row + np.abs(centre)) + 4 * TINY
        return build_enclosure(self.numbers, centre, radius).clear([column])


def build_enclosure(numbers: tuple[int, ...], centre: Doubles, radius: Doubles) -> UnusedRows:
    """Return rows with an infinite radius where an operation exceeded the doubles."""
    unknown = ~(np.isfinite(centre) & np.isfinite(radius))
    return UnusedRows(numbers, np.where(unknown, 0.0, centre), np.where(unknown, np.inf, radius))


def find_agreeing_rows(mismatches: Flags) -> list[int]:
    """Return the indices of the rows without a mismatch."""
    indices: list[int] = np.flatnonzero(~mismatches.any(axis=1)).tolist()
    return indices


def is_unit_pivot(value: fmpq | float) -> bool:
    """Return whether a number is 1, or a rounded product p·(1/p)."""
    return bool(abs(as_double(value) - 1) <= 2 * U)


def as_double(value: fmpq | float) -> float:
    """Return a number of either arithmetic as a double."""
    return float(value) if isinstance(value, (int, float)) else rational.to_float(value)


@dataclass
class Search:
    """The search for the rows that became a printed matrix, one printed row after the other.

    With `is_divided`, each pivot row was divided by its pivot before it was printed. With
    `legal_only`, only steps with the largest pivot are tried. `nearest` is the replay as far as the
    search came, and `reached` the printed row at which it ended.
    """

    target: PrintedMatrix
    is_divided: bool = False
    legal_only: bool = True
    reached: int = -1
    nearest: Replay = field(default=Replay(()))
    choices: int = 0

    def explain(
        self, rows: UnusedRows, done: tuple[PivotChoice, ...] = (), at: int = 0
    ) -> Replay | None:
        """Return a replay with the steps `done` and steps that explain the printed rows from `at`.

        It is None if no steps explain them. Raises TooManyChoicesError.
        """
        self.choices += 1
        if self.choices > MAXIMUM_CHOICES:
            raise TooManyChoicesError
        pivots = self.target.pivots
        last = pivots[at - 1] if at else -1
        column = pivots[at] if at < len(pivots) else self.target.unknowns
        passed_over = self.find_passed_over(rows, range(last + 1, column))
        if passed_over and self.legal_only:
            return None
        done = done + passed_over
        rows = rows.clear(range(last + 1, column)) if column > last + 1 else rows
        if at == len(pivots):
            return self.finish(rows, done)
        printed = self.target.rows[at]
        compared = rows.divide(column) if self.is_divided else rows
        mismatches = compared.find_mismatches(printed)
        agreeing = find_agreeing_rows(mismatches)
        if not agreeing:
            self.record_failure(done, at, mismatches)
        for index in self.select_distinct(rows, agreeing):
            step = self.build_step(rows, index, column, printed)
            if step.legal or not self.legal_only:
                remaining = rows.remove(index).eliminate(printed, column)
                explanation = self.explain(remaining, (*done, step), at + 1)
                if explanation is not None:
                    return explanation
        return None

    def find_passed_over(self, rows: UnusedRows, columns: Iterable[int]) -> tuple[PivotChoice, ...]:
        """Return a step for each column without a printed pivot in which a row is not 0."""
        return tuple(
            PivotChoice(column, None, rows.list_candidates(column), legal=False)
            for column in columns
            if (rows.magnitudes(column) > rows.radii(column)).any()
        )

    def select_distinct(self, rows: UnusedRows, indices: Sequence[int]) -> list[int]:
        """Return those of the indices whose rows are distinct, the first of equal rows."""
        first_indices: dict[tuple[fmpq | float, ...], int] = {}
        for index in indices:
            first_indices.setdefault(tuple(rows.centre[index].tolist()), index)
        return list(first_indices.values())

    def build_step(
        self, rows: UnusedRows, index: int, column: int, printed: Numbers
    ) -> PivotChoice:
        """Return the step in which the row at `index` became the printed pivot row."""
        magnitudes, radii = rows.magnitudes(column), rows.radii(column)
        size = magnitudes[index] + radii[index] if self.is_divided else abs(printed[column])
        legal = bool((magnitudes - radii <= size).all())
        return PivotChoice(column, rows.numbers[index], rows.list_candidates(column), legal)

    def record_failure(self, done: tuple[PivotChoice, ...], at: int, mismatches: Flags) -> None:
        """Store the steps, and where the nearest row differs from the printed row `at`.

        Of several failures, the first at the last row that was reached is stored.
        """
        if at > self.reached:
            counts = mismatches.sum(axis=1)
            nearest = mismatches[int(np.argmin(counts))]
            places = tuple((at, int(j)) for j in np.flatnonzero(nearest))
            self.reached, self.nearest = at, Replay(done, places)

    def finish(self, rows: UnusedRows, done: tuple[PivotChoice, ...]) -> Replay | None:
        """Return the whole replay if the printed rows without a pivot are explained, else None.

        They are explained if they are the unused rows in any order. They are also explained if
        elimination continued in the last column, with one pivot there and zeros below it.
        """
        n, first = self.target.unknowns, len(self.target.pivots)
        if (
            not rows.numbers
            or self.can_match_rows(rows, first)
            or self.is_last_column_eliminated(rows, first)
        ):
            return Replay(done)
        if first > self.reached:
            places = ((first, j) for j in range(n, self.target.rows.shape[1]))
            self.reached, self.nearest = first, Replay(done, tuple(places))
        return None

    def find_possible_rows(self, rows: UnusedRows, at: int) -> list[int]:
        """Return the indices of the rows that can have become the printed row `at`."""
        return find_agreeing_rows(rows.find_mismatches(self.target.rows[at]))

    def can_match_rows(self, rows: UnusedRows, first: int) -> bool:
        """Return whether the printed rows from `first` on can be the unused rows in some order."""
        owners: dict[int, int] = {}
        possible_rows = {
            at: self.find_possible_rows(rows, at) for at in range(first, len(self.target.rows))
        }

        def assign(at: int, tried: set[int]) -> bool:
            for index in possible_rows[at]:
                if index not in tried:
                    tried.add(index)
                    if index not in owners or assign(owners[index], tried):
                        owners[index] = at
                        return True
            return False

        return all(assign(at, set()) for at in possible_rows)

    def is_last_column_eliminated(self, rows: UnusedRows, first: int) -> bool:
        """Return whether elimination continued in the last column."""
        sides = self.target.rows[first:, self.target.unknowns :]
        if sides[0, 0] == 0 or (sides[1:] != 0).any():
            return False
        if self.is_divided:
            has_entry = bool((rows.magnitudes(-1) + rows.radii(-1) > 0).any())
            return is_unit_pivot(sides[0, 0]) and has_entry
        return bool(self.find_possible_rows(rows, first))


def describe_departure(replayed: Replay) -> str:
    """Return the first departure of a replay as a sentence, rows and columns from 1.

    The replay has a departure. An example: `step 1, column 1: took row 1 (|1|); row 3 has |3|`.
    """
    number, step = next((n, s) for n, s in enumerate(replayed.steps, 1) if not s.legal)
    sizes = {candidate.row: format_number(candidate.magnitude) for candidate in step.candidates}
    largest = next(c.row for c in step.candidates if c.row != step.taken)
    taken = "no row" if step.taken is None else f"row {step.taken + 1} (|{sizes[step.taken]}|)"
    place = f"step {number}, column {step.column + 1}"
    return f"{place}: took {taken}; row {largest + 1} has |{sizes[largest]}|"


def describe_unexplained_row(replayed: Replay) -> str:
    """Return a sentence about the printed row that no choice of pivots explains; there is one."""
    row = replayed.unexplained[0][0]
    return f"row {row + 1} is nothing that elimination can have left of a row of the system"
