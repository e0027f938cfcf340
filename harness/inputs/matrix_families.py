"""Named test matrices of order n, in exact rational numbers. They are square unless it is said.

Rows and columns count from 1 in the formulas. Higham stands for N. J. Higham, Accuracy and
Stability of Numerical Algorithms, 2nd ed., SIAM 2002.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Matrix = tuple[tuple[Fraction, ...], ...]

MAXIMUM_ORDER = 256


def build_from_entries(n: int, entry: Callable[[int, int], Fraction | int]) -> Matrix:
    """Return the n × n matrix of `entry(i, j)`, with i and j from 1 to n."""
    indices = range(1, n + 1)
    return tuple(tuple(Fraction(entry(i, j)) for j in indices) for i in indices)


def hilbert(n: int) -> Matrix:
    """The Hilbert matrix: a_ij = 1/(i+j-1).

    The condition number is 5e5 at n = 5, 2e10 at n = 8 and above 1/u at n = 12. D. Hilbert, Acta
    Mathematica 18 (1894); Higham §28.1.
    """
    return build_from_entries(n, lambda i, j: Fraction(1, i + j - 1))


def inverse_hilbert(n: int) -> Matrix:
    """The inverse of the Hilbert matrix: integers of alternating sign. Higham §28.1.

    a_ij = (-1)^(i+j) (i+j-1) C(n+i-1, n-j) C(n+j-1, n-i) C(i+j-2, i-1)².
    """

    def entry(i: int, j: int) -> int:
        sign = -1 if (i + j) % 2 else 1
        chosen = comb(n + i - 1, n - j) * comb(n + j - 1, n - i) * comb(i + j - 2, i - 1) ** 2
        return sign * (i + j - 1) * chosen

    return build_from_entries(n, entry)


def vandermonde(n: int) -> Matrix:
    """The Vandermonde matrix of the points 1, 2, …, n: a_ij = i^(j-1). Higham, chapter 22."""
    return build_from_entries(n, lambda i, j: i ** (j - 1))


def pascal(n: int) -> Matrix:
    """The Pascal matrix, Pascal's triangle: a_ij = C(i+j-2, i-1). Determinant 1. Higham §28.4."""
    return build_from_entries(n, lambda i, j: comb(i + j - 2, i - 1))


def frank(n: int) -> Matrix:
    """The Frank matrix: a_ij = n+1-max(i,j) for j ≥ i-1, else 0. Upper Hessenberg, determinant 1.

    W. L. Frank, Journal of the SIAM 6 (1958), 378-392.
    """
    return build_from_entries(n, lambda i, j: n + 1 - max(i, j) if j >= i - 1 else 0)


def moler(n: int) -> Matrix:
    """The Moler matrix: a_ii = i, a_ij = min(i,j) - 2. Determinant 1, and one tiny eigenvalue.

    J. C. Nash, Compact Numerical Methods for Computers, 2nd ed., Adam Hilger 1990, appendix 1.
    """
    return build_from_entries(n, lambda i, j: i if i == j else min(i, j) - 2)


def kahan(n: int) -> Matrix:
    """The Kahan matrix, upper triangular: a_ii = s^(i-1), a_ij = -c·s^(i-1) for j > i.

    W. Kahan, Canadian Mathematical Bulletin 9 (1966), 757-801, uses the cosine c and the sine s of
    any angle. Here c = 3/5 and s = 4/5, so that both are rational.
    """
    c, s = Fraction(3, 5), Fraction(4, 5)

    def entry(i: int, j: int) -> Fraction:
        if j < i:
            return Fraction(0)
        return s ** (i - 1) * (1 if i == j else -c)

    return build_from_entries(n, entry)


def lotkin(n: int) -> Matrix:
    """The Lotkin matrix: the Hilbert matrix with a first row of ones. It is ill-conditioned.

    M. Lotkin, Mathematical Tables and Other Aids to Computation 9 (1955), 153-161.
    """
    return build_from_entries(n, lambda i, j: 1 if i == 1 else Fraction(1, i + j - 1))


def wilson(n: int) -> Matrix:
    """T. S. Wilson's 4 × 4 matrix: integers up to 10, determinant 1, condition number 3e3.

    J. Morris, Philosophical Magazine 37 (1946), 106-120.
    """
    rows = ((5, 7, 6, 5), (7, 10, 8, 7), (6, 8, 10, 9), (5, 7, 9, 10))
    return build_from_entries(n, lambda i, j: rows[i - 1][j - 1])


def wilkinson_growth(n: int) -> Matrix:
    """Wilkinson's matrix: a_ii = a_in = 1, a_ij = -1 below the diagonal, else 0.

    Its growth factor 2^(n-1) is the largest possible under partial pivoting. J. H. Wilkinson,
    Journal of the ACM 8 (1961), 281-330; Higham §9.4.
    """

    def entry(i: int, j: int) -> int:
        if i == j or j == n:
            return 1
        return -1 if j < i else 0

    return build_from_entries(n, entry)


def wright(n: int) -> Matrix:
    """Wright's matrix of multiple shooting for a two-point boundary value problem; n even.

    In 2 × 2 blocks: the identity on the diagonal and in the upper right corner, -E below the
    diagonal. S. J. Wright, SIAM Journal on Scientific Computing 14 (1993), 231-238, takes for E the
    exponential of a 2 × 2 matrix. Here E = [[24, 7], [7, 24]]/25. Its entries are below 1, so no
    row is swapped. Its larger eigenvalue is 31/25, so the last columns grow like (31/25)^(n/2).
    """
    step = ((Fraction(24, 25), Fraction(7, 25)), (Fraction(7, 25), Fraction(24, 25)))

    def entry(i: int, j: int) -> Fraction | int:
        (block_row, row), (block_column, column) = divmod(i - 1, 2), divmod(j - 1, 2)
        if block_row == block_column + 1:
            return -step[row][column]
        corner = block_row == 0 and block_column == n // 2 - 1
        return int(row == column and (block_row == block_column or corner))

    return build_from_entries(n, entry)


def foster(n: int) -> Matrix:
    """Foster's matrix of a Volterra integral equation by the trapezoidal rule; kh = 3/5, C = 1.

    Below the diagonal, the first column is -kh/2 and the other columns are -kh. The diagonal is
    1-kh/2, but 1 in the first row. -1/C is added to every entry of the last column. kh = 3/5 gives
    multipliers of -6/7: no row is swapped, no two candidates tie, and the last column grows like
    (13/7)^n. L. V. Foster, SIAM Journal on Matrix Analysis and Applications 15 (1994), 1354-1362.
    """
    kh = Fraction(3, 5)

    def entry(i: int, j: int) -> Fraction:
        value = Fraction(-1 if j == n else 0)
        if j == i:
            value += 1 if i == 1 else 1 - kh / 2
        elif j < i:
            value -= kh / 2 if j == 1 else kh
        return value

    return build_from_entries(n, entry)


def magic(n: int) -> Matrix:
    """The magic square of an order divisible by 4. It has rank 3, so it is singular.

    The classical construction writes the numbers 1 to n² row by row. Where row and column are both
    in the middle half of their group of four, or both outside it, k becomes n²+1-k.
    """

    def entry(i: int, j: int) -> int:
        number = n * (i - 1) + j
        return n * n + 1 - number if (i % 4 in (2, 3)) == (j % 4 in (2, 3)) else number

    return build_from_entries(n, entry)


def minij(n: int) -> Matrix:
    """The matrix a_ij = min(i,j). Its determinant is 1, and its inverse is tridiagonal.

    J. Todd, Basic Numerical Mathematics, vol. 2, Birkhäuser 1977.
    """
    return build_from_entries(n, min)


def tridiagonal(n: int) -> Matrix:
    """The second difference: 2 on the diagonal, -1 beside it. Determinant n+1. Higham §28.5."""
    return build_from_entries(n, lambda i, j: {0: 2, 1: -1}.get(abs(i - j), 0))


def laplacian(n: int) -> Matrix:
    """The second difference with free ends: `tridiagonal` with 1 in two corners. Rank n-1.

    It is the Laplacian of a path of n points: every row and every column sums to 0. F. R. K. Chung,
    Spectral Graph Theory, American Mathematical Society 1997, chapter 1.
    """

    def entry(i: int, j: int) -> int:
        if i == j:
            return 1 if i in (1, n) else 2
        return -1 if abs(i - j) == 1 else 0

    return build_from_entries(n, entry)


def mark(i: int, j: int, p: int = 7, q: int = 5) -> int:
    """Return -1, 0 or 1: (ij mod p + i² mod q) mod 3 - 1, which looks random."""
    return (i * j % p + i * i % q) % 3 - 1


def shuffle_rows(n: int) -> list[int]:
    """Return the numbers n, n-2, n-4, … and then n-1, n-3, …"""
    return [*range(n, 0, -2), *range(n - 1, 0, -2)]


def multiply(rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]]) -> Matrix:
    """Return the product of a matrix and a matrix that is given by its columns."""
    return tuple(tuple(Fraction(sum(map(mul, row, column))) for column in columns) for row in rows)


def shuffled(n: int) -> Matrix:
    """The rows n, n-2, n-4, … and then n-1, n-3, … of a product L·U: integers, determinant ±2ⁿ.

    m_ij = (ij mod 7 + i² mod 5) mod 3 - 1 is -1, 0 or 1 and looks random. L is unit lower
    triangular with l_ij = m_ij/2. U is upper triangular with u_ii = 2, and u_ij = 2m_ij where j is
    in a later quarter of the columns than i, else 0. So every pivot is 2 and the only largest
    candidate at its step (the others are 0 or ±1), and elimination is exact both in doubles and in
    ratios of small integers. The quarters of U keep the entries of its inverse small.
    """

    def twice_lower(i: int, k: int) -> int:
        return 2 if i == k else mark(i, k) * (k < i)

    def half_upper(k: int, j: int) -> int:
        later = 4 * (k - 1) // n < 4 * (j - 1) // n
        return 1 if k == j else mark(k, j) * later

    indices = range(1, n + 1)
    rows = [[twice_lower(i, k) for k in indices] for i in shuffle_rows(n)]
    return multiply(rows, [[half_upper(k, j) for k in indices] for j in indices])


def multiply_shuffled(rows: int, columns: int, rank: int) -> Matrix:
    """Return the rows m, m-2, m-4, … and then m-1, m-3, … of a product L·U, m × n: integers.

    m_ij = (ij mod 11 + i² mod 13) mod 3 - 1. L has l_ii = 1, and l_ij = m_ij/2 below and 0 above
    the diagonal. The rows of U begin with 2, equally far apart in the first five eighths of the
    columns, and have 2m_ij in later pivot columns and in the last columns; all others are 0. So
    every pivot is 2 and the only largest candidate at its step, and elimination is exact both in
    doubles and in ratios of small integers.
    """
    steps, spacing = range(1, rank + 1), max(1, 5 * columns // (8 * rank))
    last_pivot = spacing * (rank - 1) + 1

    def twice_lower(i: int, k: int) -> int:
        return 2 if i == k else mark(i, k, 11, 13) * (k < i)

    def half_upper(k: int, j: int) -> int:
        first = spacing * (k - 1) + 1
        is_empty = j <= first or (j < last_pivot and (j - 1) % spacing > 0)
        return int(j == first) or (0 if is_empty else mark(k, j, 11, 13))

    lower = [[twice_lower(i, k) for k in steps] for i in shuffle_rows(rows)]
    return multiply(lower, [[half_upper(k, j) for k in steps] for j in range(1, columns + 1)])


def tall(n: int) -> Matrix:
    """An n × 12 matrix of rank 12: see `multiply_shuffled`."""
    return multiply_shuffled(n, 12, rank=12)


def wide(n: int) -> Matrix:
    """A 12 × n matrix of rank 12 whose pivots are far apart: see `multiply_shuffled`."""
    return multiply_shuffled(12, n, rank=12)


FAMILIES: dict[str, Callable[[int], Matrix]] = {
    "foster": foster,
    "frank": frank,
    "hilbert": hilbert,
    "inverse-hilbert": inverse_hilbert,
    "kahan": kahan,
    "laplacian": laplacian,
    "lotkin": lotkin,
    "magic": magic,
    "minij": minij,
    "moler": moler,
    "pascal": pascal,
    "shuffled": shuffled,
    "tall": tall,
    "tridiagonal": tridiagonal,
    "vandermonde": vandermonde,
    "wide": wide,
    "wilkinson-growth": wilkinson_growth,
    "wilson": wilson,
    "wright": wright,
}
"""The function that builds each family. `build_matrix` checks the order first."""

RESTRICTED_ORDERS: dict[str, range] = {
    "foster": range(2, MAXIMUM_ORDER + 1),
    "laplacian": range(2, MAXIMUM_ORDER + 1),
    "inverse-hilbert": range(1, 201),
    "magic": range(4, MAXIMUM_ORDER + 1, 4),
    "tall": range(13, MAXIMUM_ORDER + 1),
    "vandermonde": range(1, 141),
    "wide": range(13, MAXIMUM_ORDER + 1),
    "wilson": range(4, 5),
    "wright": range(4, MAXIMUM_ORDER + 1, 2),
}
"""The orders of the families that do not exist, or leave the range of doubles, at some order from 1
to MAXIMUM_ORDER."""


def build_matrix(name: str, n: int) -> Matrix:
    """Return the matrix of the family `name` and the order n, n × n unless it is tall or wide.

    Raises KeyError for a name that is not in FAMILIES. Raises ValueError, with a message for
    people, for an order that the family does not have.
    """
    builder = FAMILIES[name]
    orders = RESTRICTED_ORDERS.get(name, range(1, MAXIMUM_ORDER + 1))
    if n not in orders:
        raise ValueError(f"`{name}` has no order {n}: n should be {_format_orders(orders)}")
    return builder(n)


def _format_orders(orders: range) -> str:
    if len(orders) == 1:
        return str(orders[0])
    step = f" in steps of {orders.step}" if orders.step > 1 else ""
    return f"{orders[0]} to {orders[-1]}{step}"
