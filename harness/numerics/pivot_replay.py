"""Pivot replay: find the pivot rows of an elimination from its printed echelon matrix.

The replay repeats the elimination, one step for each printed row. For every row not yet used, it
computes an enclosure (a centre and a radius) of all its possible values, in whatever order a
program computes them. The row whose enclosure contains the printed row is the pivot row. It is then
known exactly, because the program continued with the numbers that it printed. A choice is legal if
the promised rule of pivoting allows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from harness.model.pivot import Mismatch, PivotChoice, PivotEntry, Replay
from harness.model.promises import NO_PROMISES, Pivoting, Promises
from harness.numerics.pivoting_rules import NO_TOLERANCE, RULES, PivotingRule, Zero
from harness.numerics.precision import BINARY64, Precision
from harness.numerics.printed_matrix import PrintedMatrix, is_unit_pivot
from harness.numerics.reduced_replay import may_be_legal
from harness.numerics.row_readings import FRACTION_FREE_READINGS, Reading, list_readings
from harness.numerics.unused_rows import UnusedRows, as_double

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flint import fmpq_mat

    from harness.numerics.unused_rows import Flags, Numbers, Scalar

MAXIMUM_CHOICES = 5_000
"""The limit for the choices that are tried if several rows agree with a printed one."""


LEAST_CHANGE = 1000
"""A row is a multiple of another if it differs by more than the reciprocal of this number."""


LEAST_FAULT = 2**40
"""A row is another one with a wrong entry if it differs by more than the reciprocal of this."""


def replay(
    target: PrintedMatrix,
    system: fmpq_mat,
    precision: Precision | None = BINARY64,
    promises: Promises = NO_PROMISES,
) -> Replay:
    """Find the row of a system that became each pivot row of a printed echelon matrix.

    `target` has m × (n + k) finite numbers, printed in full. `system` is the exact m × (n + k)
    matrix. Without a precision the replay computes in fractions, without radii. The search looks
    first for an explanation in which every step is legal. If it takes more than MAXIMUM_CHOICES,
    because many rows are alike, the result is a replay without steps.
    """
    rows = UnusedRows.from_system(system, target.unknowns, precision)
    zero = Zero.of_matrix(promises.zero_tolerance, rows)
    nearest: Search | None = None
    rules = RULES[promises.pivoting]
    with np.errstate(all="ignore"):
        for search in list_searches(target, rules, zero):
            is_multiple = search.reading is Reading.MULTIPLES
            if is_multiple and not search.legal_only and nearest and nearest.has_right_pivot:
                continue
            try:
                explanation = search.explain(rows)
            except TooManyChoicesError:
                return Replay(())
            if explanation is not None and explanation.departure is None:
                return explanation
            if explanation is not None:
                is_reduced = may_be_legal(target, rows, rules, zero)
                return Replay((), is_reduced=True) if is_reduced else explanation
            if nearest is None or search.reached > nearest.reached:
                nearest = search
        is_own_fault = nearest is not None and nearest.is_clear_above
        if not is_own_fault and may_be_legal(target, rows, rules, zero):
            return Replay((), is_reduced=True)
    return nearest.nearest if nearest else Replay(())


def list_searches(
    target: PrintedMatrix, rules: Sequence[PivotingRule], zero: Zero
) -> Iterator[Search]:
    """Yield the searches for an explanation, the likeliest first.

    Rows that are multiplied by numbers of their own are tried last: such a number must not turn a
    forbidden choice among proportional rows into a legal one.
    """
    readings = list_readings(target)
    for legal_only in (True, False):
        for reading, rule in product(readings, rules):
            yield Search(target, rule, zero, reading, legal_only)
    if not target.has_unit_pivots:
        for legal_only, rule in product((True, False), rules):
            yield Search(target, rule, zero, Reading.MULTIPLES, legal_only)


class TooManyChoicesError(Exception):
    """The search takes more than MAXIMUM_CHOICES."""


def find_agreeing_rows(mismatches: Flags) -> list[int]:
    """Return the indices of the rows without a mismatch."""
    indices: list[int] = np.flatnonzero(~mismatches.any(axis=1)).tolist()
    return indices


def build_entry(rows: UnusedRows, index: int, column: int) -> PivotEntry:
    """Return the entry of the row at `index` in a column."""
    magnitude = as_double(abs(rows.centre[index, column]))
    return PivotEntry(rows.numbers[index], column, magnitude)


@dataclass
class Search:
    """The search for the rows that became a printed matrix, one printed row after the other.

    With `legal_only`, only steps that the rule allows are tried. `nearest` is the replay as far as
    the search came, and `reached` the printed row at which it ended. `is_clear_above` is true if
    all rows with its pivot have zeros above the later pivots already. `multiplied` are the printed
    rows that are multiples of what elimination leaves.
    """

    target: PrintedMatrix
    rule: PivotingRule
    zero: Zero = NO_TOLERANCE
    reading: Reading = Reading.PLAIN
    legal_only: bool = True
    reached: int = -1
    nearest: Replay = field(default=Replay(()))
    choices: int = 0
    is_clear_above: bool = False
    multiplied: frozenset[int] = frozenset()

    @property
    def has_right_pivot(self) -> bool:
        """True if the search ended at a printed row with the pivot of a legal choice."""
        return self.nearest.mismatch is not None and self.nearest.mismatch.has_right_pivot

    def explain(
        self,
        rows: UnusedRows,
        done: tuple[PivotChoice, ...] = (),
        at: int = 0,
        factor: Scalar = 1,
    ) -> Replay | None:
        """Return a replay with the steps `done` and steps that explain the printed rows from `at`.

        `factor` is that by which a fraction-free elimination has multiplied the unused rows. The
        result is None if no steps explain them. Raises TooManyChoicesError.
        """
        self.choices += 1
        if self.choices > MAXIMUM_CHOICES:
            raise TooManyChoicesError
        pivots = self.target.pivots
        column = pivots[at] if at < len(pivots) else self.target.unknowns
        skipped = self.list_skipped_columns(at, column)
        passed_over = self.find_passed_over(rows, skipped)
        if self.legal_only and not all(step.legal for step in passed_over):
            return None
        done = done + passed_over
        rows = rows.clear(skipped) if skipped else rows
        if at == len(pivots):
            return self.finish(rows, done, factor)
        printed = self.target.rows[at]
        mismatches = self.compare(rows, printed, column, factor)
        agreeing = self.select_distinct(rows, find_agreeing_rows(mismatches))
        if not self.legal_only:
            # A row that may have a 0 in this column agrees with anything, once it is divided.
            is_certain = not self.reading.is_divided
            agreeing = [i for i in agreeing if is_certain or rows.bounds(column)[0][i] > 0]
        if not agreeing:
            self.record_failure(rows, done, at, mismatches, factor)
        for index in agreeing:
            step = self.build_step(rows, index, column, printed, factor)
            if step.legal or not self.legal_only:
                remaining = rows.remove(index, self.rule.swaps).eliminate(printed, column)
                if self.zero.most > 0:
                    remaining = remaining.flush(as_double(self.zero.most))
                following = self.reading.find_next_factor(factor, printed[column])
                self.note_multiple(rows, index, printed, at)
                explanation = self.explain(remaining, (*done, step), at + 1, following)
                if explanation is not None:
                    return explanation
        return None

    def note_multiple(self, rows: UnusedRows, index: int, printed: Numbers, at: int) -> None:
        """Note whether the printed row `at` is another multiple of the row at `index`."""
        if self.reading is Reading.MULTIPLES:
            is_own = not rows.find_mismatches(printed)[index].any()
            self.multiplied = self.multiplied - {at} if is_own else self.multiplied | {at}

    def list_skipped_columns(self, at: int, column: int) -> list[int]:
        """Return the columns in which no pivot was chosen between two pivots.

        After column interchanges, these are the columns that are left when all pivots are chosen.
        """
        pivots = self.target.pivots
        if self.rule.pivoting is Pivoting.COMPLETE:
            columns = range(self.target.unknowns) if at == len(pivots) else range(0)
            return [j for j in columns if j not in pivots]
        return list(range(pivots[at - 1] + 1 if at else 0, column))

    def compare(self, rows: UnusedRows, printed: Numbers, column: int, factor: Scalar) -> Flags:
        """Return the entries, r × (n + k), that cannot have become those of a printed row."""
        compared = self.reading.apply(rows, column, factor)
        if self.reading is not Reading.MULTIPLES:
            return compared.find_mismatches(printed)
        mismatches = compared.find_mismatches(printed / printed[column])
        differences = np.abs(rows.centre - printed) - rows.radii
        is_near = (differences * LEAST_CHANGE <= np.abs(rows.centre)).astype(np.bool_)
        is_change = differences * LEAST_FAULT > np.abs(rows.centre)
        is_other = is_change.astype(np.bool_).any(axis=1) & ~mismatches.any(axis=1)
        if (is_near.all(axis=1) & is_other).any():
            mismatches[:, column] = True  # the printed row is that row, with a wrong entry
        return mismatches

    def find_passed_over(self, rows: UnusedRows, columns: Iterable[int]) -> tuple[PivotChoice, ...]:
        """Return a step for each column without a printed pivot in which a row is not 0."""
        steps = []
        for column in columns:
            lower, _ = rows.bounds(column)
            entries = lower if self.zero.most == 0 else np.abs(rows.centre[:, column])
            if (entries > 0).any():
                legal = bool(self.zero.may_be(lower).all())
                largest = None if legal else build_entry(rows, int(np.argmax(lower)), column)
                candidates = rows.list_candidates(column)
                steps.append(PivotChoice(column, None, candidates, legal, largest))
        return tuple(steps)

    def select_distinct(self, rows: UnusedRows, indices: Sequence[int]) -> list[int]:
        """Return those of the indices whose rows are distinct, the first of equal rows."""
        first_indices: dict[tuple[Scalar, ...], int] = {}
        for index in indices:
            first_indices.setdefault(tuple(rows.centre[index].tolist()), index)
        return list(first_indices.values())

    def build_step(
        self, rows: UnusedRows, index: int, column: int, printed: Numbers, factor: Scalar
    ) -> PivotChoice:
        """Return the step in which the row at `index` became the printed pivot row."""
        is_exact = not self.reading.is_divided and factor == 1
        known = rows.with_printed(index, printed) if is_exact else rows
        legal_rows = self.rule.find_legal_rows(known, column, self.zero)
        candidates = rows.list_candidates(column)
        if legal_rows[index]:
            return PivotChoice(column, rows.numbers[index], candidates, legal=True)
        due = self.find_due(rows, column, legal_rows)
        return PivotChoice(column, rows.numbers[index], candidates, legal=False, due=due)

    def find_due(self, rows: UnusedRows, column: int, legal_rows: Flags) -> PivotEntry | None:
        """Return an entry that the rule allows for a step, if there is any."""
        if self.rule.pivoting is Pivoting.COMPLETE:
            block = np.abs(rows.centre[:, : rows.unknowns])
            index, column = divmod(int(np.argmax(block)), rows.unknowns)
            return build_entry(rows, index, column)
        indices = np.flatnonzero(legal_rows)
        if not len(indices):
            return None
        largest = max(indices, key=lambda i: abs(rows.centre[i, column]))
        is_first = self.rule.pivoting is Pivoting.FIRST_NONZERO
        return build_entry(rows, int(indices[0] if is_first else largest), column)

    def record_failure(
        self,
        rows: UnusedRows,
        done: tuple[PivotChoice, ...],
        at: int,
        mismatches: Flags,
        factor: Scalar,
    ) -> None:
        """Store the steps, and where the nearest row differs from the printed row `at`.

        Of several failures, the first at the last row that was reached is stored. The nearest row
        is one with the right pivot, if there is one.
        """
        if at <= self.reached:
            return
        column, printed = self.target.pivots[at], self.target.rows[at]
        legal = self.rule.find_legal_rows(rows, column, self.zero)
        ranks = {
            i: (bool(flags[column]), not legal[i], int(flags.sum()))
            for i, flags in enumerate(mismatches)
            if flags.any()
        }
        if not ranks:
            self.reached, self.nearest = at, Replay(done, ((at, column),))
            return
        index = min(ranks, key=ranks.__getitem__)
        columns = [int(j) for j in np.flatnonzero(mismatches[index])]
        due = self.reading.apply(rows, column, factor).centre[index, columns[0]]
        if self.reading is Reading.MULTIPLES:
            due = due * printed[column]
        first = Mismatch(
            at,
            columns[0],
            as_double(printed[columns[0]]),
            as_double(due),
            rows.numbers[index],
            has_right_pivot=not any(ranks[index][:2]),
        )
        places = tuple((at, j) for j in columns)
        above = list(self.target.pivots[at + 1 :])
        sizes = np.abs(rows.centre[:, above]) + rows.radii[:, above]
        is_cleared = (sizes <= 0).astype(np.bool_).all(axis=1) | mismatches[:, column]
        has_pivot = not mismatches[:, column].all()
        self.is_clear_above = has_pivot and bool(is_cleared.all())
        self.reached, self.nearest = at, Replay(done, places, first)

    def finish(
        self, rows: UnusedRows, done: tuple[PivotChoice, ...], factor: Scalar
    ) -> Replay | None:
        """Return the whole replay if the printed rows without a pivot are explained, else None.

        They are explained if they are the unused rows in any order. They are also explained if
        elimination continued in the last column, with one pivot there and zeros below it.
        """
        n, first = self.target.unknowns, len(self.target.pivots)
        if rows.numbers and self.reading in FRACTION_FREE_READINGS:
            rows = rows.scale(factor)
        if (
            not rows.numbers
            or self.can_match_rows(rows, first)
            or self.is_last_column_eliminated(rows, first)
        ):
            is_multiplied = self.reading in FRACTION_FREE_READINGS
            return Replay(done, is_multiplied=is_multiplied)
        if first > self.reached:
            places = tuple((first, j) for j in range(n, self.target.rows.shape[1]))
            self.reached, self.nearest = (
                first,
                Replay(done, places, self.compare_sides(rows, first)),
            )
        return None

    def compare_sides(self, rows: UnusedRows, first: int) -> Mismatch | None:
        """Return the first right-hand side, from the printed row `first` on, that is left of no
        row."""
        for at in range(first, len(self.target.rows)):
            mismatches = rows.find_mismatches(self.target.rows[at])
            index = int(np.argmin(mismatches.sum(axis=1)))
            columns = np.flatnonzero(mismatches[index])
            if len(columns):
                column = int(columns[0])
                printed, due = self.target.rows[at][column], rows.centre[index, column]
                source = rows.numbers[index]
                return Mismatch(at, column, as_double(printed), as_double(due), source, True)
        return None

    def find_possible_rows(self, rows: UnusedRows, at: int) -> list[int]:
        """Return the indices of the rows that can have become the printed row `at`."""
        mismatches = rows.find_mismatches(self.target.rows[at])
        if self.multiplied:
            lower, upper = np.abs(rows.centre) - rows.radii, np.abs(rows.centre) + rows.radii
            is_zero = self.target.rows[at] == 0
            mismatches = np.where(is_zero, lower > 0, upper == 0).astype(np.bool_)
        return find_agreeing_rows(mismatches)

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
        if self.reading is Reading.DIVIDED:
            has_entry = bool((rows.bounds(-1)[1] > 0).any())
            return is_unit_pivot(sides[0, 0], rows.precision) and has_entry
        return bool(self.find_possible_rows(rows, first))
