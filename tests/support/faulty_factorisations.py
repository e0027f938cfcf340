"""Factorisations, substitutions, inverses, determinants and ranks with one fault each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from harness.model.check import Check
from support.eliminations import quotient
from support.factorisations import Algebra, Matrix, copy, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.number import Value


class FaultyAlgebra(Algebra):
    """A fault that a case and a check are to find; it is `guilty` of that check alone."""

    killed_by: ClassVar[tuple[str, Check]]


# Factors


class TransposesPermutation(FaultyAlgebra):
    """Hands back Pᵀ, with A = P L U in mind."""

    killed_by = ("three-cycle", Check.LU_PRODUCT)

    def lu(self, a: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        p, lower, upper = super().lu(a)
        return [list(column) for column in zip(*p, strict=True)], lower, upper


class NeverPivots(FaultyAlgebra):
    """Takes the row that stands there."""

    killed_by = ("negative-pivot-largest", Check.LU_LOWER)

    def pivot_row(self, work: Matrix, k: int) -> int:
        return k


class ForgetsMagnitude(FaultyAlgebra):
    """Takes the largest entry, not the largest magnitude."""

    killed_by = ("negative-pivot-largest", Check.LU_LOWER)

    def pivot_row(self, work: Matrix, k: int) -> int:
        return max(range(k, len(work)), key=lambda i: work[i][k])


class SearchesFirstColumn(FaultyAlgebra):
    """Looks for each pivot in the first column."""

    killed_by = ("multipliers-follow-swaps", Check.LU_LOWER)

    def pivot_row(self, work: Matrix, k: int) -> int:
        return max(range(k, len(work)), key=lambda i: abs(work[i][0]))


class LeavesMultipliersBehind(FaultyAlgebra):
    """Swaps what is left of the rows, and not the multipliers before it."""

    killed_by = ("multipliers-follow-swaps", Check.LU_PRODUCT)

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        p[k], p[pivot] = p[pivot], p[k]
        work[k][k:], work[pivot][k:] = work[pivot][k:], work[k][k:]


class ForgetsToPermute(FaultyAlgebra):
    """Swaps the rows of A, and not those of P."""

    killed_by = ("zero-leading-pivot", Check.LU_PRODUCT)

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        work[k], work[pivot] = work[pivot], work[k]


class OverwritesPermutation(FaultyAlgebra):
    """Copies a row of P where it should swap two."""

    killed_by = ("zero-leading-pivot", Check.LU_PERMUTATION)

    def swap(self, p: Matrix, work: Matrix, k: int, pivot: int) -> None:
        p[k] = list(p[pivot])
        work[k], work[pivot] = work[pivot], work[k]


class NegatesMultipliers(FaultyAlgebra):
    """Keeps the multipliers with the sign that they have in the elimination matrices."""

    killed_by = ("two-by-two", Check.LU_PRODUCT)

    def lower(self, work: Matrix) -> Matrix:
        return [
            [-v if i != j else v for j, v in enumerate(row)]
            for i, row in enumerate(super().lower(work))
        ]


class KeepsPivotsInLower(FaultyAlgebra):
    """Leaves U's diagonal in L."""

    killed_by = ("one-by-one", Check.LU_LOWER)

    def lower(self, work: Matrix) -> Matrix:
        n = len(work)
        return [[work[i][j] if j <= i else 0 for j in range(n)] for i in range(n)]


class LeavesMultipliersInUpper(FaultyAlgebra):
    """Hands back L and U in one matrix for U."""

    killed_by = ("two-by-two", Check.LU_UPPER)

    def upper(self, work: Matrix) -> Matrix:
        return copy(work)


class StopsOneColumnEarly(FaultyAlgebra):
    """Does not eliminate in the last column but one."""

    killed_by = ("two-by-two", Check.LU_LOWER)

    def columns(self, n: int) -> range:
        return range(max(n - 2, 0))


class MissesLastRow(FaultyAlgebra):
    """Its loop over the rows ends one too soon."""

    killed_by = ("two-by-two", Check.LU_LOWER)

    def rows_below(self, k: int, n: int) -> range:
        return range(k + 1, n - 1)


class MissesLastColumn(FaultyAlgebra):
    """Its loop along a row ends one too soon."""

    killed_by = ("two-by-two", Check.LU_PRODUCT)

    def along(self, k: int, n: int) -> range:
        return range(k + 1, n - 1)


class BeginsAtDiagonal(FaultyAlgebra):
    """Its loop along a row begins at the pivot, and spoils the multiplier."""

    killed_by = ("two-by-two", Check.LU_LOWER)

    def along(self, k: int, n: int) -> range:
        return range(k, n)


class TurnsTheQuotient(FaultyAlgebra):
    """Divides the pivot by the entry."""

    killed_by = ("two-by-two", Check.LU_LOWER)

    def multiplier(self, value: Value, pivot: Value) -> Value:
        return quotient(pivot, value)


class RoundsToSingle(FaultyAlgebra):
    """Keeps multipliers in seven digits."""

    killed_by = ("archive-example-3-2-4", Check.LU_PRODUCT)

    def multiplier(self, value: Value, pivot: Value) -> Value:
        return float(f"{float(super().multiplier(value, pivot)):.7g}")


# Substitution


class ForwardMissesLast(FaultyAlgebra):
    """Its sum ends one too soon."""

    killed_by = ("two-by-two", Check.FORWARD_VALUE)

    def before(self, i: int) -> range:
        return range(i - 1)


class ForwardDoesNotPermute(FaultyAlgebra):
    """Takes the right-hand sides in the order in which they came."""

    killed_by = ("zero-leading-pivot", Check.FORWARD_VALUE)

    def permuted(self, p: Matrix, b: Matrix) -> Matrix:
        return b


class PermutesBackwards(FaultyAlgebra):
    """Permutes the right-hand sides by Pᵀ."""

    killed_by = ("three-cycle", Check.FORWARD_VALUE)

    def permuted(self, p: Matrix, b: Matrix) -> Matrix:
        return [b[column.index(1)] for column in map(list, zip(*p, strict=True))]


class ForwardTakesFirstSide(FaultyAlgebra):
    """Substitutes forward into the first right-hand side alone."""

    killed_by = ("sides-identity", Check.FORWARD_VALUE)

    def forward_sides(self, b: Matrix) -> range:
        return range(1)


class BackwardTakesFirstSide(FaultyAlgebra):
    """Substitutes backward into the first right-hand side alone."""

    killed_by = ("sides-of-a-three-cycle", Check.BACKWARD_VALUE)

    def backward_sides(self, b: Matrix) -> range:
        return range(1)


class SidesCountedByUnknowns(FaultyAlgebra):
    """Takes the number of unknowns for the number of right-hand sides."""

    killed_by = ("sides-more-than-unknowns", Check.BACKWARD_VALUE)

    def backward_sides(self, b: Matrix) -> range:
        return range(min(len(b), len(b[0])))


class BackwardMissesLast(FaultyAlgebra):
    """Its sum ends one too soon."""

    killed_by = ("two-by-two", Check.BACKWARD_VALUE)

    def behind(self, i: int, n: int) -> range:
        return range(i + 1, n - 1)


class BackwardGoesDown(FaultyAlgebra):
    """Goes through the rows from the first to the last."""

    killed_by = ("two-by-two", Check.BACKWARD_VALUE)

    def upwards(self, n: int) -> Sequence[int]:
        return range(n)


class BackwardMissesFirst(FaultyAlgebra):
    """Its loop upwards ends one too soon."""

    killed_by = ("one-by-one", Check.BACKWARD_VALUE)

    def upwards(self, n: int) -> Sequence[int]:
        return range(1, n)[::-1]


class TinyPivotsAreZero(FaultyAlgebra):
    """Refuses a pivot below an absolute tolerance."""

    killed_by = ("tiny-but-regular", Check.BACKWARD_VALUE)

    def refuse(self, pivot: Value) -> None:
        super().refuse(0 if abs(pivot) < 1e-12 else pivot)


class DividesByOneForZero(FaultyAlgebra):
    """Divides by 1 where the pivot is 0, and answers finite numbers."""

    killed_by = ("two-by-two-consistent", Check.BACKWARD_VALUE)

    def backward_substitution(self, upper: Matrix, y: Matrix) -> Matrix:
        regular = [
            [v if i != j or v != 0 else 1 for j, v in enumerate(row)] for i, row in enumerate(upper)
        ]
        return super().backward_substitution(regular, y)


class SolvesTransposed(FaultyAlgebra):
    """Solves Aᵀ x = b."""

    killed_by = ("two-by-two", Check.SOLVE_VALUE)

    def solve(self, a: Matrix, b: Matrix) -> Matrix:
        return super().solve([list(column) for column in zip(*a, strict=True)], b)


# What is made of A itself


class InverseOfTranspose(FaultyAlgebra):
    """Inverts Aᵀ."""

    killed_by = ("two-by-two", Check.INVERSE_VALUE)

    def inverse(self, a: Matrix) -> Matrix:
        return super().inverse([list(column) for column in zip(*a, strict=True)])


class InverseClearsBelowOnly(FaultyAlgebra):
    """Clears the columns below the pivots, and not above them."""

    killed_by = ("two-by-two", Check.INVERSE_VALUE)

    def cleared(self, k: int, n: int) -> list[int]:
        return list(range(k + 1, n))


class InverseBesideOnes(FaultyAlgebra):
    """Begins with ones all over where the identity should stand."""

    killed_by = ("two-by-two", Check.INVERSE_VALUE)

    def right(self, n: int) -> Matrix:
        return [[1.0] * n for _ in range(n)]


class InverseForgetsSwaps(FaultyAlgebra):
    """Takes the columns of the inverse in the order of the swapped rows."""

    killed_by = ("zero-leading-pivot", Check.INVERSE_VALUE)

    def inverse(self, a: Matrix) -> Matrix:
        _, lower, upper = self.lu(a)
        return self.backward_substitution(upper, self.forward_substitution(lower, unit(len(a))))


class InverseOfSingularIsZero(FaultyAlgebra):
    """Answers a matrix of zeros where there is no inverse."""

    killed_by = ("zero-matrix", Check.INVERSE_VALUE)

    def inverse(self, a: Matrix) -> Matrix:
        try:
            return super().inverse(a)
        except ArithmeticError:
            return [[0.0] * len(a) for _ in a]


class ForgetsSign(FaultyAlgebra):
    """Multiplies the pivots, and does not count the swaps."""

    killed_by = ("zero-leading-pivot", Check.DETERMINANT_VALUE)

    def sign(self, p: Matrix) -> int:
        return 1


class CountsMovedRows(FaultyAlgebra):
    """Takes the number of rows that moved for the number of swaps."""

    killed_by = ("three-cycle", Check.DETERMINANT_VALUE)

    def sign(self, p: Matrix) -> int:
        return -1 if sum(row[i] == 0 for i, row in enumerate(p)) % 2 else 1


class MissesLastPivot(FaultyAlgebra):
    """Leaves the last pivot out of the product."""

    killed_by = ("one-by-one", Check.DETERMINANT_VALUE)

    def diagonal(self, upper: Matrix) -> list[Value]:
        return super().diagonal(upper)[:-1]


class DeterminantIsNeverZero(FaultyAlgebra):
    """Leaves zero pivots out of the product."""

    killed_by = ("two-by-two-consistent", Check.DETERMINANT_VALUE)

    def diagonal(self, upper: Matrix) -> list[Value]:
        return [value for value in super().diagonal(upper) if value != 0]


class RankCountsRows(FaultyAlgebra):
    """Answers the number of rows."""

    killed_by = ("zero-matrix", Check.RANK_VALUE)

    def rank(self, a: Matrix) -> int:
        return len(a)


class RankSkipsRow(FaultyAlgebra):
    """Goes to the next row where a column has no pivot."""

    killed_by = ("zero-first-column", Check.RANK_VALUE)

    def after_zero(self, row: int) -> int:
        return row + 1


class RankWithTolerance(FaultyAlgebra):
    """Takes a pivot below an absolute tolerance for 0."""

    killed_by = ("tiny-but-regular", Check.RANK_VALUE)

    def is_zero(self, value: Value) -> bool:
        return abs(value) < 1e-12


class RankOfDiagonal(FaultyAlgebra):
    """Counts what is not 0 on U's diagonal."""

    killed_by = ("zero-row-first", Check.RANK_VALUE)

    def rank(self, a: Matrix) -> int:
        if len(a) != len(a[0]):
            return super().rank(a)
        return sum(value != 0 for value in self.diagonal(self.lu(a)[2]))


def subclasses(kind: type[FaultyAlgebra]) -> list[type[FaultyAlgebra]]:
    return [each for child in kind.__subclasses__() for each in (child, *subclasses(child))]


FACTOR_FAULTS = tuple(subclasses(FaultyAlgebra))
