"""Pivot replay: which row became each pivot row, read back from a printed echelon matrix.

The elimination is done once more, a step for each printed row, with an enclosure (a centre and a
radius) of what every row not yet used can have become, in whatever order a program works. The row
that agrees with the printed one was taken, and is then known exactly: what is printed is what the
program went on with. A choice is legal where no other row is larger by more than its radius.
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
"""The smallest subnormal: what underflow may add to any operation's result."""

U = UNIT_ROUNDOFF

MAXIMUM_CHOICES = 5_000
"""So many choices are tried at most, where several rows agree with printed ones; see `replay`."""


def replay(
    printed: Sequence[Sequence[Value]],
    system: fmpq_mat,
    unknowns: int,
    exactly: bool = False,
) -> Replay:
    """Find out which row of a system became each pivot row of a printed echelon matrix.

    `printed` are m × (n + k) rows of finite numbers, printed in full, in row echelon form; `system`
    is the exact m × (n + k) matrix. With `exactly` all is done in fractions, without radii. An
    explanation in which every step is legal is looked for first. Where the search takes more than
    MOST_CHOICES, which it does where many rows cannot be told apart, it ends without a complaint.
    """
    target = PrintedMatrix.of(printed, unknowns, exactly)
    rows = UnusedRows.of(system, exactly)
    divided = [False, True] if target.has_unit_pivots else [False]
    nearest = Search(target)
    with np.errstate(all="ignore"):
        for legal_only in (True, False):
            for each in divided:
                search = Search(target, each, legal_only)
                try:
                    found = search.explain(rows)
                except TooManyChoicesError:
                    return Replay(())
                if found is not None:
                    return found
                nearest = max(nearest, search, key=lambda s: s.reached)
    return nearest.nearest


class TooManyChoicesError(Exception):
    """There are more choices than are worth trying."""


@dataclass(frozen=True)
class PrintedMatrix:
    """A printed echelon matrix: its rows, m × (n + k).

    `pivots` are the columns of its leading entries, over the coefficients.
    """

    rows: Numbers
    unknowns: int
    pivots: tuple[int, ...]

    @classmethod
    def of(cls, printed: Sequence[Sequence[Value]], unknowns: int, exactly: bool) -> PrintedMatrix:
        """The target that was printed."""
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
        """Whether every pivot is 1, as it is where rows were divided by their pivots."""
        return all(is_unit_pivot(self.rows[i, j]) for i, j in enumerate(self.pivots))


@dataclass(frozen=True)
class UnusedRows:
    """The rows not yet used, r × (n + k), and their numbers in the system, from 0.

    Each entry lies within `radius` of `centre`; in exact arithmetic there is no radius.
    """

    numbers: tuple[int, ...]
    centre: Numbers
    radius: Doubles | None = None

    @classmethod
    def of(cls, system: fmpq_mat, exactly: bool) -> UnusedRows:
        """The rows of an exact system, as a program is handed them."""
        numbers = tuple(range(system.nrows()))
        if not exactly:
            centre = np.array(rational.to_floats(system))
            return cls(numbers, centre, np.zeros(centre.shape))
        centre = np.empty((system.nrows(), system.ncols()), dtype=object)
        centre[:] = system.tolist()
        return cls(numbers, centre)

    def sizes(self, column: int) -> Numbers:
        """The magnitudes of the entries in a column."""
        return np.abs(self.centre[:, column])

    def spread(self, column: int) -> Numbers:
        """The radii of the entries in a column."""
        if self.radius is None:
            return np.zeros(len(self.numbers), self.centre.dtype)
        return self.radius[:, column]

    def candidates(self, column: int) -> tuple[Candidate, ...]:
        """The rows there are to choose from, the largest first."""
        each = zip(self.numbers, self.sizes(column), self.spread(column), strict=True)
        found = [Candidate(n, as_double(size), as_double(radius)) for n, size, radius in each]
        return tuple(sorted(found, key=lambda candidate: -candidate.magnitude))

    def misses(self, row: Numbers) -> Flags:
        """Where the rows cannot have become a printed one, r × (n + k)."""
        missed: Flags
        if self.radius is None:
            missed = self.centre != row
        else:
            missed = ~(np.abs(self.centre - row) <= self.radius)
        return missed

    def divided(self, column: int) -> UnusedRows:
        """The rows after division by their entries in a column; as they are where those are 0."""
        entries = self.centre[:, column, None]
        pivots = np.where(entries == 0, 1, entries)
        if self.radius is None:
            return UnusedRows(self.numbers, self.centre / pivots)
        spread = self.radius[:, column, None]
        left = np.abs(entries) - spread
        centre = self.centre / pivots
        moved = self.radius + np.abs(centre) * spread + TINY
        radius = moved / left + 4 * U * np.abs(centre) + TINY * (1 + np.abs(self.centre))
        # An entry that may be 0 may have become anything; one that is 0 was never a pivot.
        unknown = np.where(spread > 0, np.inf, 0.0)
        return build_enclosure(self.numbers, centre, np.where(left > 0, radius, unknown))

    def without(self, index: int) -> UnusedRows:
        """The rows but for one."""
        kept = [i for i in range(len(self.numbers)) if i != index]
        numbers = tuple(self.numbers[i] for i in kept)
        radius = None if self.radius is None else self.radius[kept]
        return UnusedRows(numbers, self.centre[kept], radius)

    def cleared(self, columns: Sequence[int]) -> UnusedRows:
        """The rows with zeros in columns that were done, or passed over."""
        centre = self.centre.copy()
        centre[:, columns] = 0
        if self.radius is None:
            return UnusedRows(self.numbers, centre)
        radius = self.radius.copy()
        radius[:, columns] = 0
        return UnusedRows(self.numbers, centre, radius)

    def eliminated(self, pivot_row: Numbers, column: int) -> UnusedRows:
        """The rows after multiples of a printed pivot row were taken from them.

        With w the entry to be cleared, p the pivot, l = w/p: the errors of l, of l times the row,
        and of the subtraction, each by a program and once more here; see docs/verdicts.md.
        """
        pivot = pivot_row[column]
        multipliers = self.centre[:, column, None] / pivot
        centre = self.centre - multipliers * pivot_row
        if self.radius is None:
            return UnusedRows(self.numbers, centre).cleared([column])
        size, row = np.abs(multipliers), np.abs(pivot_row)
        w, e = np.abs(self.centre[:, column, None]), self.radius[:, column, None]
        wrong = (e + 2 * U * w + TINY) / abs(pivot) + TINY
        radius = self.radius + wrong * row + 4 * U * (size * row + np.abs(centre)) + 4 * TINY
        return build_enclosure(self.numbers, centre, radius).cleared([column])


def build_enclosure(numbers: tuple[int, ...], centre: Doubles, radius: Doubles) -> UnusedRows:
    """Rows of which, where an operation went beyond the doubles, nothing is known."""
    unknown = ~(np.isfinite(centre) & np.isfinite(radius))
    return UnusedRows(numbers, np.where(unknown, 0.0, centre), np.where(unknown, np.inf, radius))


def is_unit_pivot(value: fmpq | float) -> bool:
    """Whether a number is 1, or what rounding makes of p·(1/p)."""
    return bool(abs(as_double(value) - 1) <= 2 * U)


def as_double(value: fmpq | float) -> float:
    """A number of either arithmetic as a double."""
    return float(value) if isinstance(value, (int, float)) else rational.to_float(value)


@dataclass
class Search:
    """Looks for the rows that became a printed matrix, one printed row after the other.

    `divided` says that each pivot row was divided by its pivot before it was printed, `legal_only`
    that only the largest is taken. `nearest` is how far the search got at most, to printed row
    `reached`.
    """

    target: PrintedMatrix
    divided: bool = False
    legal_only: bool = True
    reached: int = -1
    nearest: Replay = field(default=Replay(()))
    choices: int = 0

    def explain(
        self, rows: UnusedRows, done: tuple[PivotChoice, ...] = (), at: int = 0
    ) -> Replay | None:
        """The steps `done` and those that explain the printed rows from `at` on, if any do."""
        self.choices += 1
        if self.choices > MAXIMUM_CHOICES:
            raise TooManyChoicesError
        pivots = self.target.pivots
        last = pivots[at - 1] if at else -1
        column = pivots[at] if at < len(pivots) else self.target.unknowns
        passed = self.passed_over(rows, range(last + 1, column))
        if passed and self.legal_only:
            return None
        done = done + passed
        rows = rows.cleared(range(last + 1, column)) if column > last + 1 else rows
        if at == len(pivots):
            return self.finish(rows, done)
        printed = self.target.rows[at]
        compared = rows.divided(column) if self.divided else rows
        misses = compared.misses(printed)
        agreeing = np.flatnonzero(~misses.any(axis=1)).tolist()
        if not agreeing:
            self.note(done, at, misses)
        for index in self.distinct(rows, agreeing):
            step = self.step(rows, index, column, printed)
            if step.legal or not self.legal_only:
                left = rows.without(index).eliminated(printed, column)
                found = self.explain(left, (*done, step), at + 1)
                if found is not None:
                    return found
        return None

    def passed_over(self, rows: UnusedRows, columns: Iterable[int]) -> tuple[PivotChoice, ...]:
        """The columns without a printed pivot in which some row has an entry all the same."""
        return tuple(
            PivotChoice(column, None, rows.candidates(column), legal=False)
            for column in columns
            if (rows.sizes(column) > rows.spread(column)).any()
        )

    def distinct(self, rows: UnusedRows, indices: Sequence[int]) -> list[int]:
        """The rows at `indices`, but of equal ones the first alone."""
        kept: dict[tuple[fmpq | float, ...], int] = {}
        for index in indices:
            kept.setdefault(tuple(rows.centre[index].tolist()), index)
        return list(kept.values())

    def step(self, rows: UnusedRows, index: int, column: int, printed: Numbers) -> PivotChoice:
        """The step at which the row at `index` became the pivot row that was printed."""
        size = abs(printed[column])
        if self.divided:
            size = rows.sizes(column)[index] + rows.spread(column)[index]
        legal = bool((rows.sizes(column) - rows.spread(column) <= size).all())
        return PivotChoice(column, rows.numbers[index], rows.candidates(column), legal)

    def note(self, done: tuple[PivotChoice, ...], at: int, misses: Flags) -> None:
        """Keep how far the search got, and where the nearest row differs from the printed one."""
        if at > self.reached:
            counts = misses.sum(axis=1)
            nearest = misses[int(np.argmin(counts))]
            places = tuple((at, int(j)) for j in np.flatnonzero(nearest))
            self.reached, self.nearest = at, Replay(done, places)

    def finish(self, rows: UnusedRows, done: tuple[PivotChoice, ...]) -> Replay | None:
        """The whole replay, if the right-hand sides that are left over are those of the rows left.

        They may stand in any order; or elimination went on into the last column, where there is
        then one pivot, and zeros below it.
        """
        n, first = self.target.unknowns, len(self.target.pivots)
        if not rows.numbers or self.matched(rows, first) or self.went_on(rows, first):
            return Replay(done)
        if first > self.reached:
            places = ((first, j) for j in range(n, self.target.rows.shape[1]))
            self.reached, self.nearest = first, Replay(done, tuple(places))
        return None

    def agreement(self, rows: UnusedRows, at: int) -> list[int]:
        """The rows that can have become the printed row `at`."""
        misses = rows.misses(self.target.rows[at])
        indices: list[int] = np.flatnonzero(~misses.any(axis=1)).tolist()
        return indices

    def matched(self, rows: UnusedRows, first: int) -> bool:
        """Whether each printed row from `first` on can be a row of its own."""
        owners: dict[int, int] = {}
        wanted = {at: self.agreement(rows, at) for at in range(first, len(self.target.rows))}

        def place(at: int, tried: set[int]) -> bool:
            for index in wanted[at]:
                if index not in tried:
                    tried.add(index)
                    if index not in owners or place(owners[index], tried):
                        owners[index] = at
                        return True
            return False

        return all(place(at, set()) for at in wanted)

    def went_on(self, rows: UnusedRows, first: int) -> bool:
        """Whether elimination went on into the last column."""
        rest = self.target.rows[first:, self.target.unknowns :]
        if rest[0, 0] == 0 or (rest[1:] != 0).any():
            return False
        if self.divided:
            return is_unit_pivot(rest[0, 0]) and bool((rows.sizes(-1) + rows.spread(-1) > 0).any())
        return bool(self.agreement(rows, first))


def describe_departure(replayed: Replay) -> str:
    """The first departure of a replay as a sentence, rows and columns from 1; there is one.

    `step 1, column 1: took row 1 (|1|); row 3 has |3|`
    """
    number, step = next((n, s) for n, s in enumerate(replayed.steps, 1) if not s.legal)
    sizes = {candidate.row: format_number(candidate.magnitude) for candidate in step.candidates}
    largest = next(c.row for c in step.candidates if c.row != step.taken)
    taken = "no row" if step.taken is None else f"row {step.taken + 1} (|{sizes[step.taken]}|)"
    place = f"step {number}, column {step.column + 1}"
    return f"{place}: took {taken}; row {largest + 1} has |{sizes[largest]}|"


def describe_unexplained_row(replayed: Replay) -> str:
    """Which printed row no choice of pivots accounts for, as a sentence; there is one."""
    row = replayed.unexplained[0][0]
    return f"row {row + 1} is nothing that elimination can have left of a row of the system"
