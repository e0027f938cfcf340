"""Back substitutions with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.eliminations import quotient
from support.faulty_eliminations import Faulty

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.model.number import Value
    from support.eliminations import Matrix


class FaultySubstitution(Faulty):
    """A fault in back substitution."""

    faulty_procedure = "back_substitution"


class IncludesDiagonal(FaultySubstitution):
    """Its sum includes the unknown that is being computed, which is initialised to 1."""

    killed_by = ("one-by-one", "solution.value")

    def initial_unknowns(self, a: Matrix) -> list[Value]:
        return [1.0] * (len(a[0]) - 1)

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return row[i] * x[i] + super().inner_product(row, x, i)


class ForgetsNextUnknown(FaultySubstitution):
    """Its sum begins one too late."""

    killed_by = ("two-by-two", "solution.value")

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return super().inner_product(row, x, i + 1)


class ForgetsLastUnknown(FaultySubstitution):
    """Its sum ends one too soon."""

    killed_by = ("two-by-two", "solution.value")

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return super().inner_product(row[:-2], x[:-1], i)


class AddsSum(FaultySubstitution):
    """Adds the sum where it should be subtracted."""

    killed_by = ("two-by-two", "solution.value")

    def inner_product(self, row: Sequence[Value], x: Sequence[Value], i: int) -> Value:
        return -super().inner_product(row, x, i)


class ForgetsFirstUnknown(FaultySubstitution):
    """Its loop upwards ends one too soon, and the first unknown stays uninitialised."""

    killed_by = ("one-by-one", "solution.value")

    def initial_unknowns(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)

    def rows_bottom_up(self, a: Matrix) -> Iterable[int]:
        return reversed(range(1, min(len(a[0]) - 1, len(a))))


class BeginsOneTooHigh(FaultySubstitution):
    """Its loop upwards begins above the last unknown, which stays 0."""

    killed_by = ("one-by-one", "solution.value")

    def initial_unknowns(self, a: Matrix) -> list[Value]:
        return [0.0] * (len(a[0]) - 1)

    def rows_bottom_up(self, a: Matrix) -> Iterable[int]:
        return reversed(range(min(len(a[0]) - 2, len(a))))


class IteratesDownwards(FaultySubstitution):
    """Begins with the first row, before any unknown is computed."""

    killed_by = ("two-by-two", "solution.value")

    def initial_unknowns(self, a: Matrix) -> list[Value]:
        return [0.0] * (len(a[0]) - 1)

    def rows_bottom_up(self, a: Matrix) -> Iterable[int]:
        return range(min(len(a[0]) - 1, len(a)))


class TakesRowsForUnknowns(FaultySubstitution):
    """Begins in the last row, and writes beyond the unknowns."""

    killed_by = ("single-column", "solution.value")

    def rows_bottom_up(self, a: Matrix) -> Iterable[int]:
        return reversed(range(len(a)))


class AnswersForEveryRow(FaultySubstitution):
    """Returns as many numbers as there are rows."""

    killed_by = ("single-column", "solution.value")

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = super().back_substitution(a)
        return (x + [0.0] * len(a))[: len(a)]


class NeverDividesByDiagonal(FaultySubstitution):
    """Does not divide by the diagonal entry."""

    killed_by = ("one-by-one", "solution.value")

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.initial_unknowns(a)
        if self.refuses(a):
            return x
        for i in self.rows_bottom_up(a):
            x[i] = a[i][-1] - self.inner_product(a[i], x, i)
        return x


class DividesByFirstRow(FaultySubstitution):
    """Divides by the entry of the first row in the same column."""

    killed_by = ("two-by-two", "solution.value")

    def back_substitution(self, a: Matrix) -> list[Value]:
        x = self.initial_unknowns(a)
        if self.refuses(a):
            return x
        for i in self.rows_bottom_up(a):
            x[i] = quotient(a[i][-1] - self.inner_product(a[i], x, i), a[0][i])
        return x


class ForgetsRightHandSideOfSum(FaultySubstitution):
    """Solves for a right-hand side of 0."""

    killed_by = ("one-by-one", "solution.value")

    def back_substitution(self, a: Matrix) -> list[Value]:
        return super().back_substitution([[*row[:-1], row[-1] * 0] for row in a])


class ReturnsUninitialised(FaultySubstitution):
    """Returns uninitialised memory."""

    killed_by = ("one-by-one", "solution.value")

    def back_substitution(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)


class LeavesFreeUnset(FaultySubstitution):
    """Returns uninitialised memory for the unknowns that it does not compute."""

    killed_by = ("single-column-contradiction", "solution.value")

    def initial_unknowns(self, a: Matrix) -> list[Value]:
        return [6.9e-310] * (len(a[0]) - 1)


class TakesZeroForFree(FaultySubstitution):
    """Sets an unknown to 0 where its pivot is 0, silently, whatever the equation requires."""

    killed_by = ("single-row-late-pivot", "solution.value")

    def back_substitution(self, a: Matrix) -> list[Value]:
        x: list[Value] = [0.0] * (len(a[0]) - 1)
        for i in self.rows_bottom_up(a):
            x[i] = 0.0 if a[i][i] == 0 else (a[i][-1] - self.inner_product(a[i], x, i)) / a[i][i]
        return x


class IgnoresSpareRows(FaultySubstitution):
    """Ignores the rows beyond the number of unknowns."""

    killed_by = ("single-column-contradiction", "solution.value")

    def refuses(self, a: Matrix) -> bool:
        return False


class RefusesRegularSystem(FaultySubstitution):
    """Treats the last unknown's equation as one that should read 0 = 0."""

    killed_by = ("one-by-one", "solution.value")

    def refuses(self, a: Matrix) -> bool:
        return any(row[-1] != 0 for row in a[len(a[0]) - 2 :])


SUBSTITUTION_FAULTS: tuple[type[Faulty], ...] = (
    IncludesDiagonal,
    ForgetsNextUnknown,
    ForgetsLastUnknown,
    AddsSum,
    ForgetsFirstUnknown,
    BeginsOneTooHigh,
    IteratesDownwards,
    TakesRowsForUnknowns,
    AnswersForEveryRow,
    NeverDividesByDiagonal,
    DividesByFirstRow,
    ForgetsRightHandSideOfSum,
    ReturnsUninitialised,
    LeavesFreeUnset,
    TakesZeroForFree,
    IgnoresSpareRows,
    RefusesRegularSystem,
)
