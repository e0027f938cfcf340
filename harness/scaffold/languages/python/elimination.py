"""Linear equations by elimination with partial pivoting: the program under test.

Put your own program in place of this one. Where its functions have other names or arguments,
change the calls in driver.py.

A matrix is an array of floats. An augmented one has the right-hand sides in its last columns.
"""

import numpy as np
%% if gaussian_elimination


def gaussian_elimination(a, unknowns):
    """Turn the matrix into row echelon form, in place. The other columns are right-hand sides."""
    if eliminate(a, unknowns) < min(len(a), unknowns):
        print("The matrix is singular.")
%% endif
%% if gaussian_elimination or gauss_jordan or rank


def eliminate(a, unknowns):
    """Clear the first columns below their pivots, in place. Return the number of pivots."""
    rows, row = len(a), 0
    for column in range(unknowns):
        if row == rows:
            break
        pivot = row + np.argmax(np.abs(a[row:, column]))
        if a[pivot, column] == 0:
            continue
        a[[row, pivot]] = a[[pivot, row]]
        for i in range(row + 1, rows):
            factor = a[i, column] / a[row, column]
            a[i, column] = 0
            a[i, column + 1 :] -= factor * a[row, column + 1 :]
        row += 1
    return row
%% endif
%% if gauss_jordan


def gauss_jordan(a, unknowns):
%% if gaussian_elimination
    """Turn a matrix in row echelon form into reduced row echelon form, in place."""
%% else
    """Turn the matrix into reduced row echelon form, in place."""
    eliminate(a, unknowns)
%% endif
    for row in reversed(range(len(a))):
        leading = np.flatnonzero(a[row, :unknowns])
        if len(leading) == 0:
            continue
        column = leading[0]
        a[row] /= a[row, column]
        for i in range(row):
            factor = a[i, column]
            a[i, column] = 0
            a[i, column + 1 :] -= factor * a[row, column + 1 :]
%% endif
%% if back_substitution


def back_substitution(a):
    """Solve a system in row echelon form, with one right-hand side.

    Raises ValueError where there is not exactly one solution.
    """
    rows, unknowns = a.shape[0], a.shape[1] - 1
    if rows < unknowns or not np.all(np.diagonal(a)[:unknowns]) or np.any(a[unknowns:, -1]):
        raise ValueError("there is not exactly one solution")
    x = np.zeros(unknowns)
    for i in reversed(range(unknowns)):
        x[i] = (a[i, -1] - a[i, i + 1 : -1] @ x[i + 1 :]) / a[i, i]
    return x
%% endif
%% if lu or solve or inverse or determinant or log_determinant


def lu(a):
    """Return P, L and U with P A = L U, by partial pivoting."""
    n = len(a)
    order, lower, upper = np.arange(n), np.eye(n), a.copy()
    for k in range(n):
        pivot = k + np.argmax(np.abs(upper[k:, k]))
        upper[[k, pivot]] = upper[[pivot, k]]
        order[[k, pivot]] = order[[pivot, k]]
        lower[[k, pivot], :k] = lower[[pivot, k], :k]
        for i in range(k + 1, n):
            if upper[k, k] != 0:
                lower[i, k] = upper[i, k] / upper[k, k]
                upper[i, k] = 0
                upper[i, k + 1 :] -= lower[i, k] * upper[k, k + 1 :]
    return np.eye(n)[order], lower, upper
%% endif
%% if forward_substitution or solve or inverse


def forward_substitution(lower, b):
    """Return the solution y of L y = b, where L has 1 on its diagonal."""
    y = b.copy()
    for i in range(len(y)):
        y[i] -= lower[i, :i] @ y[:i]
    return y
%% endif
%% if backward_substitution or solve or inverse or least_squares


def backward_substitution(upper, y):
    """Return the solution x of U x = y. Raises ValueError for a singular U."""
    if not np.all(np.diagonal(upper)):
        raise ValueError("the matrix is singular")
    x = y.copy()
    for i in reversed(range(len(x))):
        x[i] = (x[i] - upper[i, i + 1 :] @ x[i + 1 :]) / upper[i, i]
    return x
%% endif
%% if solve


def solve(a, b):
    """Return the solution x of A x = b. Raises ValueError for a singular A."""
    permutation, lower, upper = lu(a)
    return backward_substitution(upper, forward_substitution(lower, permutation @ b))
%% endif
%% if inverse


def inverse(a):
    """Return the inverse of A. Raises ValueError for a singular A."""
    permutation, lower, upper = lu(a)
    columns = [forward_substitution(lower, column) for column in permutation.T]
    return np.column_stack([backward_substitution(upper, column) for column in columns])
%% endif
%% if determinant or log_determinant


def sign_of(permutation):
    """Return the determinant of a permutation matrix: 1 or -1."""
    order, sign = permutation.argmax(axis=1).tolist(), 1.0
    for i in range(len(order)):
        while order[i] != i:
            j = order[i]
            order[i], order[j] = order[j], order[i]
            sign = -sign
    return sign
%% endif
%% if determinant


def determinant(a):
    """Return the determinant of A. Mantissas and powers of two are multiplied apart, because a
    product of some of the pivots may be too large or too small for a float."""
    permutation, _, upper = lu(a)
    mantissa, exponent = sign_of(permutation), 0
    for pivot in np.diagonal(upper):
        fraction, power = np.frexp(pivot)
        mantissa, carry = np.frexp(mantissa * fraction)
        exponent += int(power) + int(carry)
    return np.ldexp(mantissa, exponent)
%% endif
%% if log_determinant


def log_determinant(a):
    """Return the sign of the determinant of A and the logarithm of its magnitude; 0 and -inf where
    it is 0."""
    permutation, _, upper = lu(a)
    pivots = np.diagonal(upper)
    if not np.all(pivots):
        return 0.0, -np.inf
    return sign_of(permutation) * np.prod(np.sign(pivots)), np.sum(np.log(np.abs(pivots)))
%% endif
%% if rank


def rank(a):
    """Return the number of pivots that elimination finds."""
    return eliminate(a.copy(), a.shape[1])
%% endif
%% if tridiagonal


def tridiagonal(below, diagonal, above, b):
    """Return the solution of a tridiagonal system by the Thomas algorithm, without row swaps.

    Raises ZeroDivisionError for a pivot 0.
    """
    pivots, x = diagonal.copy(), b.copy()
    for i in range(1, len(x)):
        if pivots[i - 1] == 0:
            raise ZeroDivisionError("a pivot is 0")
        factor = below[i - 1] / pivots[i - 1]
        pivots[i] -= factor * above[i - 1]
        x[i] -= factor * x[i - 1]
    if pivots[-1] == 0:
        raise ZeroDivisionError("a pivot is 0")
    x[-1] /= pivots[-1]
    for i in reversed(range(len(x) - 1)):
        x[i] = (x[i] - above[i] * x[i + 1]) / pivots[i]
    return x
%% endif
%% if cholesky


def cholesky(a):
    """Return L with A = L Lᵀ. Raises ValueError where A is not positive definite."""
    lower = np.zeros_like(a)
    for i in range(len(a)):
        for j in range(i):
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
        square = a[i, i] - lower[i, :i] @ lower[i, :i]
        if not square > 0:
            raise ValueError("the matrix is not positive definite")
        lower[i, i] = np.sqrt(square)
    return lower
%% endif
%% if least_squares


def least_squares(a, b):
    """Return the x with the smallest residual b - A x, by Householder reflections.

    Raises ValueError where the columns of A depend on each other, but for rounding.
    """
    rows, unknowns = a.shape
    if rows < unknowns:
        raise ValueError("there are fewer equations than unknowns")
    work = np.column_stack([a, b])
    for k in range(unknowns):
        vector = work[k:, k].copy()
        vector[0] += np.copysign(np.hypot.reduce(vector), vector[0])
        if np.any(vector):
            vector /= np.max(np.abs(vector))
            work[k:, k:] -= np.outer(2 * vector / (vector @ vector), vector @ work[k:, k:])
    pivots = np.abs(np.diagonal(work)[:unknowns])
    if np.min(pivots) <= rows * np.finfo(float).eps * np.max(pivots):
        raise ValueError("the columns depend on each other")
    return backward_substitution(work[:unknowns, :unknowns], work[:unknowns, -1])
%% endif
%% if conjugate_gradient


def conjugate_gradient(a, b, tolerance=1e-10):
    """Return an x whose residual is at most that multiple of b, for a positive definite A.

    Raises ValueError where A is not positive definite, or after 10n steps.
    """
    scale = np.max(np.abs(b)) or 1.0
    residual = b / scale  # the squares of large and small numbers are no floats
    x, direction, square = np.zeros_like(b), residual, residual @ residual
    limit = tolerance**2 * square
    for _ in range(10 * len(b)):
        if square <= limit:
            break
        product = a @ direction
        curvature = direction @ product
        if not curvature > 0:
            raise ValueError("the matrix is not positive definite")
        x = x + square / curvature * direction
        residual = residual - square / curvature * product
        square, before = residual @ residual, square
        direction = residual + square / before * direction
    if not square <= limit:
        raise ValueError("the iteration does not converge")
    return scale * x
%% endif
