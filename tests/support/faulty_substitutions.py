"""Back substitutions with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import Check
from support.eliminations import quotient
from support.faulty_eliminations import Faulty

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.model.number import Value
    from support.eliminations import Matrix


class FaultySubstitution(Faulty):
    """A fault in back substitution."""

    guilty = "back_substitution"


class IncludesDiagonal(FaultySubstitution):
    """Its sum takes in the unknown that is being computed, which held 1 before."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def unset(self, a: Matrix) -> list[Value]:
        return [1.0] * (len(a[0]) - 1)

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return row[i] * x[i] + super().inner(row, x, i)


class ForgetsNextUnknown(FaultySubstitution):
    """Its sum begins one too late."""

    killed_by = ("two-by-two", Check.SOLUTION_VALUE)

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return super().inner(row, x, i + 1)


class ForgetsLastUnknown(FaultySubstitution):
    """Its sum ends one too soon."""

    killed_by = ("two-by-two", Check.SOLUTION_VALUE)

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return super().inner(row[:-2], x[:-1], i)


class SumsUpwards(FaultySubstitution):
    """Adds the sum where it should be subtracted."""

    killed_by = ("two-by-two", Check.SOLUTION_VALUE)

    def inner(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return -super().inner(row, x, i)


class ForgetsFirstUnknown(FaultySubstitution):
    """Its loop upwards ends one too soon, and returns what was in memory."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def unset(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)

    def rows_upwards(self, a: Matrix) -> Iterable[int]:
        return reversed(range(1, min(len(a[0]) - 1, len(a))))


class BeginsOneTooHigh(FaultySubstitution):
    """Its loop upwards begins above the last unknown, and takes that for 0."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def unset(self, a: Matrix) -> list[Value]:
        return [0.0] * (len(a[0]) - 1)

    def rows_upwards(self, a: Matrix) -> Iterable[int]:
        return reversed(range(min(len(a[0]) - 2, len(a))))


class WalksDownwards(FaultySubstitution):
    """Begins with the first row, where nothing is known yet."""

    killed_by = ("single-row", Check.SOLUTION_VALUE)

    def unset(self, a: Matrix) -> list[Value]:
        return [0.0] * (len(a[0]) - 1)

    def rows_upwards(self, a: Matrix) -> Iterable[int]:
        return range(min(len(a[0]) - 1, len(a)))


class TakesRowsForUnknowns(FaultySubstitution):
    """Begins in the last row, and writes where there is no unknown."""

    killed_by = ("single-column", Check.SOLUTION_VALUE)

    def rows_upwards(self, a: Matrix) -> Iterable[int]:
        return reversed(range(len(a)))


class AnswersForEveryRow(FaultySubstitution):
    """Returns as many numbers as there are rows."""

    killed_by = ("single-column", Check.SOLUTION_VALUE)

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = super().back_substitution(a)
        return (x + [0.0] * len(a))[: len(a)]


class NeverDividesBySelf(FaultySubstitution):
    """Leaves the division by the diagonal out."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.unset(a)
        if self.refuses(a):
            return x
        for i in self.rows_upwards(a):
            x[i] = a[i][-1] - self.inner(a[i], x, i)
        return x


class DividesByFirstRow(FaultySubstitution):
    """Divides by the entry above the diagonal that stands in the first row."""

    killed_by = ("two-by-two", Check.SOLUTION_VALUE)

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.unset(a)
        if self.refuses(a):
            return x
        for i in self.rows_upwards(a):
            x[i] = quotient(a[i][-1] - self.inner(a[i], x, i), a[0][i])
        return x


class ForgetsRightHandSideOfSum(FaultySubstitution):
    """Solves for a right-hand side of 0."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def back_substitution(self, a: Matrix) -> list[Value]:
        return super().back_substitution([[*row[:-1], row[-1] * 0] for row in a])


class ReturnsGarbage(FaultySubstitution):
    """Returns what was in memory."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def back_substitution(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)


class LeavesFreeUnset(FaultySubstitution):
    """Returns what was in memory for the unknowns beyond the last row."""

    killed_by = ("single-row", Check.SOLUTION_VALUE)

    def unset(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)


class TakesZeroForFree(FaultySubstitution):
    """Sets an unknown to 0 where its pivot is 0, without a word, whatever the equation says."""

    killed_by = ("single-row", Check.SOLUTION_VALUE)

    def back_substitution(self, a: Matrix) -> list[Value]:
        x: list[Value] = [0.0] * (len(a[0]) - 1)
        for i in self.rows_upwards(a):
            x[i] = 0.0 if a[i][i] == 0 else (a[i][-1] - self.inner(a[i], x, i)) / a[i][i]
        return x


class IgnoresSpareRows(FaultySubstitution):
    """Does not look at the rows below as many as there are unknowns."""

    killed_by = ("single-column-contradiction", Check.SOLUTION_VALUE)

    def refuses(self, a: Matrix) -> bool:
        return False


class RefusesTooMuch(FaultySubstitution):
    """Takes the last unknown's equation for one that should read 0 = 0."""

    killed_by = ("one-by-one", Check.SOLUTION_VALUE)

    def refuses(self, a: Matrix) -> bool:
        return any(row[-1] != 0 for row in a[len(a[0]) - 2 :])


SUBSTITUTION_FAULTS: tuple[type[Faulty], ...] = (
    IncludesDiagonal,
    ForgetsNextUnknown,
    ForgetsLastUnknown,
    SumsUpwards,
    ForgetsFirstUnknown,
    BeginsOneTooHigh,
    WalksDownwards,
    TakesRowsForUnknowns,
    AnswersForEveryRow,
    NeverDividesBySelf,
    DividesByFirstRow,
    ForgetsRightHandSideOfSum,
    ReturnsGarbage,
    LeavesFreeUnset,
    TakesZeroForFree,
    IgnoresSpareRows,
    RefusesTooMuch,
)
