"""Gaussian elimination and what is built on it, in plain Python.

A matrix is a list of rows, a row is a list of floats, and rows and columns are counted from 0. No
function here changes a matrix that it is handed.

An *augmented* matrix [A | B] is that of the equations A X = B. Its first columns are the
coefficients A, one for each unknown; the columns behind them are right-hand sides.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EPSILON = 2.0**-52
"""The distance from 1 to the next larger float."""

Row = list[float]
Column = list[float]
Matrix = list[Row]


class Unsolvable(ArithmeticError):
    """There is not exactly one solution."""


class NotPositiveDefinite(ArithmeticError):
    """A symmetric matrix has no Cholesky factor, or conjugate gradients do not fit it."""

    def __init__(self) -> None:
        super().__init__("The matrix is not positive definite.")


class NoConvergence(ArithmeticError):
    """An iteration does not reach its tolerance."""

    def __init__(self) -> None:
        super().__init__("The iteration does not converge.")


class ZeroPivot(ArithmeticError):
    """Elimination without row swaps meets a pivot 0."""

    def __init__(self) -> None:
        super().__init__("A pivot is 0, and rows are not swapped.")


class SingularMatrix(Unsolvable):
    """A pivot is missing: an unknown is left that no equation determines."""

    def __init__(self) -> None:
        super().__init__("The matrix is singular.")


# From a system to its solution


def gaussian_elimination(augmented: Matrix, unknowns: int) -> Matrix:
    """The row echelon form of a matrix: each row begins further right than the one above it.

    From left to right, each column hands one row its *pivot*, and multiples of that row are taken
    from all rows below, so that nothing is left under the pivot. A column where only zeros are
    left has no pivot, and the same row tries the next column. Right-hand sides come along, but no
    pivot is looked for in them.
    """
    echelon = copy_of(augmented)
    row = 0
    for column in range(unknowns):
        if row == len(echelon):
            break
        swap_up_largest(echelon, row, column)
        if echelon[row][column] == 0:
            continue
        for below in echelon[row + 1 :]:
            clear(below, echelon[row], column)
        row += 1
    return echelon


def swap_up_largest(matrix: Matrix, row: int, column: int) -> int:
    """Swap `row` with that row, from there on down, which has the largest entry in `column`.

    Returns which one that was. This is *partial pivoting*. It is needed where the entry on the
    diagonal is 0, and it is right everywhere else: the multipliers of `clear` are then at most 1
    in magnitude, so that the rows below, and the rounding errors in them, do not grow by much.
    """
    largest = max(range(row, len(matrix)), key=lambda candidate: abs(matrix[candidate][column]))
    matrix[row], matrix[largest] = matrix[largest], matrix[row]
    return largest


def clear(row: Row, pivot_row: Row, column: int) -> float:
    """Take that multiple of the pivot row from `row` which leaves 0 in `column`.

    Returns the multiplier. The 0 is stored: computed, it might come out as 1e-16, and whoever
    looks for the first entry of the row that is not 0 would take that for a pivot.
    """
    multiplier = row[column] / pivot_row[column]
    for j in range(column + 1, len(row)):
        row[j] -= multiplier * pivot_row[j]
    row[column] = 0.0
    return multiplier


def pivot_places(echelon: Matrix, unknowns: int) -> list[tuple[int, int]]:
    """The row and column of each pivot: the first entry of a row, among unknowns, that is not 0."""
    places = []
    for number, row in enumerate(echelon):
        column = next((j for j in range(unknowns) if row[j] != 0), None)
        if column is not None:
            places.append((number, column))
    return places


def gauss_jordan(echelon: Matrix, unknowns: int) -> Matrix:
    """The reduced row echelon form: each pivot is 1, and alone in its column.

    From the last pivot up, its row is divided by it, and is then taken from the rows above. In
    that order the row has nothing left in the columns of later pivots.
    """
    reduced = copy_of(echelon)
    for number, column in reversed(pivot_places(echelon, unknowns)):
        pivot_row = reduced[number]
        pivot = pivot_row[column]
        for j in range(column, len(pivot_row)):
            pivot_row[j] /= pivot
        for above in reduced[:number]:
            clear(above, pivot_row, column)
    return reduced


def back_substitution(echelon: Matrix) -> Column:
    """The solution of a system in row echelon form, with one right-hand side.

    Below the rows that determine the unknowns, only 0 = 0 may be left. Raises SingularMatrix where
    there are fewer pivots than unknowns, and Unsolvable where a row says 0 = 1.
    """
    unknowns = len(echelon[0]) - 1
    if len(pivot_places(echelon, unknowns)) < unknowns:
        raise SingularMatrix
    if any(row[-1] != 0 for row in echelon[unknowns:]):
        raise Unsolvable("The system has no solution.")
    upper = [row[:-1] for row in echelon[:unknowns]]
    return backward_substitution(upper, [row[-1] for row in echelon[:unknowns]])


# Factor once, solve many


@dataclass(frozen=True)
class Factors:
    """A square matrix A taken apart, so that P A = L U.

    `lower` is L: 1 on its diagonal, 0 above it, and below it the multipliers of the elimination.
    `upper` is U, what elimination makes of A. P puts the rows of A in the order in which they
    became pivot rows: row i of P A is row `order[i]` of A. `sign` is the determinant of P: each
    swap of two rows changes it from 1 to -1 or back.
    """

    order: list[int]
    lower: Matrix
    upper: Matrix
    sign: int


def lu(matrix: Matrix) -> Factors:
    """Factor a square matrix, with partial pivoting; a singular one has factors too.

    A multiplier belongs to its row, and moves with it when rows are swapped later. Where a column
    has no pivot nothing is taken from any row: the multipliers are 0, and so is that entry on the
    diagonal of U.
    """
    size = len(matrix)
    order, sign = list(range(size)), 1
    lower, upper = zeros(size, size), copy_of(matrix)
    for k in range(size):
        largest = swap_up_largest(upper, k, k)
        if largest != k:
            order[k], order[largest] = order[largest], order[k]
            lower[k], lower[largest] = lower[largest], lower[k]
            sign = -sign
        if upper[k][k] != 0:
            for i in range(k + 1, size):
                lower[i][k] = clear(upper[i], upper[k], k)
    for k in range(size):
        lower[k][k] = 1.0
    return Factors(order, lower, upper, sign)


def permutation_matrix(order: Sequence[int]) -> Matrix:
    """P as a matrix: its row i has a single 1, in column `order[i]`."""
    permutation = zeros(len(order), len(order))
    for i, origin in enumerate(order):
        permutation[i][origin] = 1.0
    return permutation


def permuted(order: Sequence[int], column: Column) -> Column:
    """P b: the entries of a column in the order of the pivot rows."""
    return [column[origin] for origin in order]


def forward_substitution(lower: Matrix, right: Column) -> Column:
    """The solution y of L y = b from the first entry on, where L has 1 on its diagonal."""
    y: Column = []
    for row, value in zip(lower, right):
        for multiplier, known in zip(row, y):
            value -= multiplier * known
        y.append(value)
    return y


def backward_substitution(upper: Matrix, right: Column) -> Column:
    """The solution x of U x = y from the last entry up. Raises SingularMatrix for a pivot 0."""
    size = len(upper)
    x = list(right)
    for i in reversed(range(size)):
        for j in range(i + 1, size):
            x[i] -= upper[i][j] * x[j]
        if upper[i][i] == 0:
            raise SingularMatrix
        x[i] /= upper[i][i]
    return x


def solve(matrix: Matrix, columns: Sequence[Column]) -> Iterator[Column]:
    """The solutions x of A x = b, for one right-hand side b after the other.

    A is factored when the first solution is asked for, which takes some n³/3 multiplications. Each
    solution then takes n² more: P A = L U turns A x = b into L y = P b and U x = y. Raises
    SingularMatrix where there is not exactly one solution.
    """
    factors = lu(matrix)
    for column in columns:
        y = forward_substitution(factors.lower, permuted(factors.order, column))
        yield backward_substitution(factors.upper, y)


# Inverse, determinant, rank


def inverse(matrix: Matrix) -> Matrix:
    """The inverse of a square matrix: what Gauss-Jordan elimination makes of I in [A | I].

    Column j of the inverse solves A x = e, with e column j of I. Raises SingularMatrix.
    """
    size = len(matrix)
    identity = permutation_matrix(range(size))
    augmented = [row + unit for row, unit in zip(matrix, identity)]
    echelon = gaussian_elimination(augmented, size)
    if len(pivot_places(echelon, size)) < size:
        raise SingularMatrix
    return [row[size:] for row in gauss_jordan(echelon, size)]


def determinant(matrix: Matrix) -> float:
    """The product of the pivots, with the sign of the swaps; 0 for a singular matrix.

    Each factor is split into a mantissa and a power of two, and these are multiplied apart: 1e200
    times 1e200 times 1e-300 is 1e100, although the first product is beyond the floats. A
    determinant that is itself beyond them is infinite.
    """
    factors = lu(matrix)
    mantissa, exponent = float(factors.sign), 0
    for k in range(len(matrix)):
        fraction, power = math.frexp(factors.upper[k][k])
        mantissa, carry = math.frexp(mantissa * fraction)
        exponent += power + carry
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def log_determinant(matrix: Matrix) -> tuple[float, float]:
    """The sign of the determinant and the natural logarithm of its magnitude; 0 and -inf for 0.

    The logarithm is a number where the determinant itself is beyond all floats.
    """
    factors = lu(matrix)
    sign, logarithm = float(factors.sign), 0.0
    for k in range(len(matrix)):
        pivot = factors.upper[k][k]
        if pivot == 0:
            return 0.0, -math.inf
        sign *= math.copysign(1.0, pivot)
        logarithm += math.log(abs(pivot))
    return sign, logarithm


def rank(matrix: Matrix) -> int:
    """How many pivots elimination finds.

    A pivot is what is not exactly 0. Rounding can leave 1e-16 where 0 is due: of a matrix that is
    singular, or all but singular, this may find the rank of one next to it.
    """
    columns = len(matrix[0])
    return len(pivot_places(gaussian_elimination(matrix, columns), columns))


# Matrices with a structure


def is_tridiagonal(matrix: Matrix) -> bool:
    return all(
        value == 0 for i, row in enumerate(matrix) for j, value in enumerate(row) if abs(i - j) > 1
    )


def is_symmetric(matrix: Matrix) -> bool:
    return matrix == transposed(matrix)


def tridiagonal(matrix: Matrix, columns: Sequence[Column]) -> list[Column]:
    """The solutions x of A x = b for a tridiagonal A, by the *Thomas algorithm*.

    It is elimination without row swaps, and each row has one entry below it to clear: all of it
    takes some 8n operations. Raises ZeroPivot where a swap of rows might have avoided one.
    """
    size = len(matrix)
    pivots, multipliers = [matrix[0][0]], [0.0]
    for i in range(1, size):
        if pivots[-1] == 0:
            raise ZeroPivot
        multipliers.append(matrix[i][i - 1] / pivots[-1])
        pivots.append(matrix[i][i] - multipliers[i] * matrix[i - 1][i])
    if pivots[-1] == 0:
        raise ZeroPivot
    solutions = []
    for column in columns:
        x = list(column)
        for i in range(1, size):
            x[i] -= multipliers[i] * x[i - 1]
        x[-1] /= pivots[-1]
        for i in reversed(range(size - 1)):
            x[i] = (x[i] - matrix[i][i + 1] * x[i + 1]) / pivots[i]
        solutions.append(x)
    return solutions


def cholesky(matrix: Matrix) -> Matrix:
    """L with A = L Lᵀ and a positive diagonal, for a symmetric, positive definite A.

    It takes half of the operations of elimination, needs no row swaps, and reads the entries on and
    below the diagonal of A only. Raises NotPositiveDefinite.
    """
    size = len(matrix)
    lower = zeros(size, size)
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j]
            for k in range(j):
                rest -= lower[i][k] * lower[j][k]
            if i != j:
                lower[i][j] = rest / lower[j][j]
            elif rest > 0:
                lower[i][i] = math.sqrt(rest)
            else:
                raise NotPositiveDefinite
    return lower


def conjugate_gradient(matrix: Matrix, right: Column, tolerance: float) -> Column:
    """The x whose residual r = b - A x is at most that multiple of b, for a positive definite A.

    Each step goes in a direction that is conjugate to the earlier ones, p·Aq = 0, to the point where
    the error is smallest. Without rounding the residual is 0 after n steps; with it, more may be
    needed. Raises NotPositiveDefinite, and NoConvergence after 10n steps.
    """
    scale = max(map(abs, right)) or 1.0  # the squares of large and small numbers leave the floats
    residual = [value / scale for value in right]
    x, direction, square = [0.0] * len(right), residual, dot(residual, residual)
    limit = tolerance**2 * square
    for _ in range(10 * len(right)):
        if square <= limit:
            return [scale * value for value in x]
        product = [dot(row, direction) for row in matrix]
        curvature = dot(direction, product)
        if not curvature > 0:
            raise NotPositiveDefinite
        step = square / curvature
        x = [value + step * d for value, d in zip(x, direction)]
        residual = [value - step * p for value, p in zip(residual, product)]
        square, before = dot(residual, residual), square
        direction = [r + square / before * d for r, d in zip(residual, direction)]
    if square <= limit:
        return [scale * value for value in x]
    raise NoConvergence


# Least squares


def least_squares(matrix: Matrix, columns: Sequence[Column]) -> list[Column]:
    """The x for each column b that makes b - A x as short as possible, by Householder reflections.

    Each reflection turns one column of A into a multiple of a unit vector, so that A = Q R. Then
    R x = Qᵀ b. Raises SingularMatrix where the columns of A depend on each other, but for rounding.
    """
    rows, unknowns = len(matrix), len(matrix[0])
    if rows < unknowns:
        raise SingularMatrix
    work = joined(matrix, columns)
    for k in range(unknowns):
        reflect(work, k)
    diagonal = [abs(work[k][k]) for k in range(unknowns)]
    if min(diagonal) <= rows * EPSILON * max(diagonal):
        raise SingularMatrix
    upper = [row[:unknowns] for row in work[:unknowns]]
    sides = transposed([row[unknowns:] for row in work[:unknowns]])
    return [backward_substitution(upper, side) for side in sides]


def reflect(matrix: Matrix, column: int) -> None:
    """Reflect the rows from `column` on, so that nothing is left below the diagonal in it."""
    rows = range(column, len(matrix))
    vector = [matrix[i][column] for i in rows]
    size = math.hypot(*vector)
    if size == 0:
        return
    # The sign that adds, so that no digits cancel.
    vector[0] += math.copysign(size, vector[0])
    square = dot(vector, vector)
    for j in range(column, len(matrix[0])):
        factor = 2 * sum(v * matrix[i][j] for v, i in zip(vector, rows)) / square
        for v, i in zip(vector, rows):
            matrix[i][j] -= factor * v


# Lists of lists


def dot(left: Column, right: Column) -> float:
    return sum(a * b for a, b in zip(left, right))


def joined(matrix: Matrix, columns: Sequence[Column]) -> Matrix:
    """[A | B] from A and the columns of B."""
    return [row + right for row, right in zip(matrix, transposed(columns))]


def copy_of(matrix: Matrix) -> Matrix:
    return [list(row) for row in matrix]


def zeros(rows: int, columns: int) -> Matrix:
    return [[0.0] * columns for _ in range(rows)]


def transposed(matrix: Sequence[Sequence[float]]) -> Matrix:
    """The columns of a matrix, as rows."""
    return [list(column) for column in zip(*matrix)]
