"""Factorisations, substitutions, inverses, determinants and ranks with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from harness.model.check import Check
from support.eliminations import quotient
from support.factorisations import Factorisation, Matrix, copy_matrix, identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value


class FaultyFactorisation(Factorisation):
    """A factorisation with one fault; `killed_by` is a case and the only check that detects it."""

    killed_by: ClassVar[tuple[str, Check]]


# Factors


class TransposesPermutation(FaultyFactorisation):
    """Returns Pᵀ, as for A = P L U."""

    killed_by = ("three-cycle", "lu.product")

    def lu(self, a: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        p, lower, upper = super().lu(a)
        return [list(column) for column in zip(*p, strict=True)], lower, upper


class NeverPivots(FaultyFactorisation):
    """Takes the current row."""

    killed_by = ("negative-pivot-largest", "lu.lower")

    def pivot_row(self, work: Matrix, k: int) -> int:
        return k


class ForgetsMagnitude(FaultyFactorisation):
    """Takes the largest entry, not the largest magnitude."""

    killed_by = ("negative-pivot-largest", "lu.lower")

    def pivot_row(self, work: Matrix, k: int) -> int:
        return max(range(k, len(work)), key=lambda i: work[i][k])


class SearchesFirstColumn(FaultyFactorisation):
    """Searches for each pivot in the first column."""

    killed_by = ("multipliers-follow-swaps", "lu.lower")

    def pivot_row(self, work: Matrix, k: int) -> int:
        return max(range(k, len(work)), key=lambda i: abs(work[i][0]))


class LeavesMultipliersBehind(FaultyFactorisation):
    """Swaps the remaining part of the rows, and not the multipliers before it."""

    killed_by = ("multipliers-follow-swaps", "lu.product")

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        p[k], p[pivot] = p[pivot], p[k]
        work[k][k:], work[pivot][k:] = work[pivot][k:], work[k][k:]


class ForgetsToPermute(FaultyFactorisation):
    """Swaps the rows of A, and not those of P."""

    killed_by = ("zero-leading-pivot", "lu.product")

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        work[k], work[pivot] = work[pivot], work[k]


class OverwritesPermutation(FaultyFactorisation):
    """Copies a row of P where it should swap two."""

    killed_by = ("zero-leading-pivot", "lu.permutation")

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        p[k] = list(p[pivot])
        work[k], work[pivot] = work[pivot], work[k]


class NegatesMultipliers(FaultyFactorisation):
    """Stores the multipliers with the sign that they have in the elimination matrices."""

    killed_by = ("two-by-two", "lu.product")

    def lower(self, work: Matrix) -> Matrix:
        return [
            [-v if i != j else v for j, v in enumerate(row)]
            for i, row in enumerate(super().lower(work))
        ]


class KeepsPivotsInLower(FaultyFactorisation):
    """Stores U's diagonal in L."""

    killed_by = ("one-by-one", "lu.lower")

    def lower(self, work: Matrix) -> Matrix:
        n = len(work)
        return [[work[i][j] if j <= i else 0 for j in range(n)] for i in range(n)]


class LeavesMultipliersInUpper(FaultyFactorisation):
    """Returns L and U in one matrix in place of U."""

    killed_by = ("two-by-two", "lu.upper")

    def upper(self, work: Matrix) -> Matrix:
        return copy_matrix(work)


class StopsOneColumnEarly(FaultyFactorisation):
    """Does not eliminate in the last column but one."""

    killed_by = ("two-by-two", "lu.lower")

    def columns(self, n: int) -> range:
        return range(max(n - 2, 0))


class MissesLastRow(FaultyFactorisation):
    """Its loop over the rows ends one too soon."""

    killed_by = ("two-by-two", "lu.lower")

    def rows_below(self, k: int, n: int) -> range:
        return range(k + 1, n - 1)


class MissesLastColumn(FaultyFactorisation):
    """Its loop along a row ends one too soon."""

    killed_by = ("two-by-two", "lu.product")

    def updated_columns(self, k: int, n: int) -> range:
        return range(k + 1, n - 1)


class BeginsAtDiagonal(FaultyFactorisation):
    """Its loop along a row begins at the pivot, and overwrites the multiplier."""

    killed_by = ("two-by-two", "lu.lower")

    def updated_columns(self, k: int, n: int) -> range:
        return range(k, n)


class InvertsMultiplier(FaultyFactorisation):
    """Divides the pivot by the entry."""

    killed_by = ("two-by-two", "lu.lower")

    def multiplier(self, value: Value, pivot: Value) -> Value:
        return quotient(pivot, value)


class RoundsToSingle(FaultyFactorisation):
    """Rounds multipliers to seven digits."""

    killed_by = ("archive-example-3-2-4", "lu.product")

    def multiplier(self, value: Value, pivot: Value) -> Value:
        return float(f"{float(super().multiplier(value, pivot)):.7g}")


# Substitution


class ForwardMissesLast(FaultyFactorisation):
    """Its sum ends one too soon."""

    killed_by = ("two-by-two", "forward.value")

    def columns_before(self, i: int) -> range:
        return range(i - 1)


class ForwardDoesNotPermute(FaultyFactorisation):
    """Does not permute the right-hand sides."""

    killed_by = ("zero-leading-pivot", "forward.value")

    def permute(self, p: Matrix, b: Matrix) -> Matrix:
        return b


class PermutesBackwards(FaultyFactorisation):
    """Permutes the right-hand sides by Pᵀ."""

    killed_by = ("three-cycle", "forward.value")

    def permute(self, p: Matrix, b: Matrix) -> Matrix:
        return [b[column.index(1)] for column in map(list, zip(*p, strict=True))]


class ForwardTakesFirstSide(FaultyFactorisation):
    """Substitutes forward into the first right-hand side only."""

    killed_by = ("sides-identity", "forward.value")

    def forward_sides(self, b: Matrix) -> range:
        return range(1)


class BackwardTakesFirstSide(FaultyFactorisation):
    """Substitutes backward into the first right-hand side only."""

    killed_by = ("sides-of-a-three-cycle", "backward.value")

    def backward_sides(self, b: Matrix) -> range:
        return range(1)


class SidesCountedByUnknowns(FaultyFactorisation):
    """Takes the number of unknowns for the number of right-hand sides."""

    killed_by = ("sides-more-than-unknowns", "backward.value")

    def backward_sides(self, b: Matrix) -> range:
        return range(min(len(b), len(b[0])))


class BackwardMissesLast(FaultyFactorisation):
    """Its sum ends one too soon."""

    killed_by = ("two-by-two", "backward.value")

    def columns_after(self, i: int, n: int) -> range:
        return range(i + 1, n - 1)


class BackwardGoesDown(FaultyFactorisation):
    """Processes the rows from the first to the last."""

    killed_by = ("two-by-two", "backward.value")

    def rows_bottom_up(self, n: int) -> Sequence[int]:
        return range(n)


class BackwardMissesFirst(FaultyFactorisation):
    """Its loop upwards ends one too soon."""

    killed_by = ("one-by-one", "backward.value")

    def rows_bottom_up(self, n: int) -> Sequence[int]:
        return range(1, n)[::-1]


class TinyPivotsAreZero(FaultyFactorisation):
    """Refuses a pivot below an absolute tolerance."""

    killed_by = ("tiny-but-regular", "backward.value")

    def refuse_zero_pivot(self, pivot: Value) -> None:
        super().refuse_zero_pivot(0 if abs(pivot) < 1e-12 else pivot)


class DividesByOneForZero(FaultyFactorisation):
    """Divides by 1 where the pivot is 0, and returns finite numbers."""

    killed_by = ("two-by-two-consistent", "backward.value")

    def backward_substitution(self, upper: Matrix, y: Matrix) -> Matrix:
        regular = [
            [v if i != j or v != 0 else 1 for j, v in enumerate(row)] for i, row in enumerate(upper)
        ]
        return super().backward_substitution(regular, y)


class SolvesTransposed(FaultyFactorisation):
    """Solves Aᵀ x = b."""

    killed_by = ("two-by-two", "solve.value")

    def solve(self, a: Matrix, b: Matrix) -> Matrix:
        return super().solve([list(column) for column in zip(*a, strict=True)], b)


# Inverse, determinant and rank


class InverseOfTranspose(FaultyFactorisation):
    """Inverts Aᵀ."""

    killed_by = ("two-by-two", "inverse.value")

    def inverse(self, a: Matrix) -> Matrix:
        return super().inverse([list(column) for column in zip(*a, strict=True)])


class InverseClearsBelowOnly(FaultyFactorisation):
    """Clears the columns below the pivots, and not above them."""

    killed_by = ("two-by-two", "inverse.value")

    def cleared_rows(self, k: int, n: int) -> list[int]:
        return list(range(k + 1, n))


class InverseBesideOnes(FaultyFactorisation):
    """Begins with a matrix of ones in place of the identity."""

    killed_by = ("two-by-two", "inverse.value")

    def inverse_right_side(self, n: int) -> Matrix:
        return [[1.0] * n for _ in range(n)]


class InverseForgetsSwaps(FaultyFactorisation):
    """Takes the columns of the inverse in the order of the swapped rows."""

    killed_by = ("zero-leading-pivot", "inverse.value")

    def inverse(self, a: Matrix) -> Matrix:
        _, lower, upper = self.lu(a)
        return self.backward_substitution(upper, self.forward_substitution(lower, identity(len(a))))


class InverseOfSingularIsZero(FaultyFactorisation):
    """Returns a matrix of zeros where there is no inverse."""

    killed_by = ("zero-matrix", "inverse.value")

    def inverse(self, a: Matrix) -> Matrix:
        try:
            return super().inverse(a)
        except ArithmeticError:
            return [[0.0] * len(a) for _ in a]


class ForgetsSign(FaultyFactorisation):
    """Multiplies the pivots, and does not count the swaps."""

    killed_by = ("zero-leading-pivot", "determinant.value")

    def sign(self, p: Matrix) -> int:
        return 1


class CountsMovedRows(FaultyFactorisation):
    """Takes the number of rows that moved for the number of swaps."""

    killed_by = ("three-cycle", "determinant.value")

    def sign(self, p: Matrix) -> int:
        return -1 if sum(row[i] == 0 for i, row in enumerate(p)) % 2 else 1


class MissesLastPivot(FaultyFactorisation):
    """Leaves the last pivot out of the product."""

    killed_by = ("one-by-one", "determinant.value")

    def diagonal(self, upper: Matrix) -> list[Value]:
        return super().diagonal(upper)[:-1]


class DeterminantIsNeverZero(FaultyFactorisation):
    """Leaves zero pivots out of the product."""

    killed_by = ("two-by-two-consistent", "determinant.value")

    def diagonal(self, upper: Matrix) -> list[Value]:
        return [value for value in super().diagonal(upper) if value != 0]


class RankCountsRows(FaultyFactorisation):
    """Returns the number of rows."""

    killed_by = ("zero-matrix", "rank.value")

    def rank(self, a: Matrix) -> int:
        return len(a)


class RankSkipsRow(FaultyFactorisation):
    """Advances to the next row where a column has no pivot."""

    killed_by = ("zero-first-column", "rank.value")

    def row_after_zero_column(self, row: int) -> int:
        return row + 1


class RankWithTolerance(FaultyFactorisation):
    """Takes a pivot below an absolute tolerance for 0."""

    killed_by = ("tiny-but-regular", "rank.value")

    def is_zero(self, value: Value) -> bool:
        return abs(value) < 1e-12


class RankOfDiagonal(FaultyFactorisation):
    """Counts the nonzero entries of U's diagonal."""

    killed_by = ("zero-row-first", "rank.value")

    def rank(self, a: Matrix) -> int:
        if len(a) != len(a[0]):
            return super().rank(a)
        return sum(value != 0 for value in self.diagonal(self.lu(a)[2]))


def collect_subclasses(kind: type[FaultyFactorisation]) -> list[type[FaultyFactorisation]]:
    return [
        descendant
        for child in kind.__subclasses__()
        for descendant in (child, *collect_subclasses(child))
    ]


FACTORISATION_FAULTS = tuple(collect_subclasses(FaultyFactorisation))
