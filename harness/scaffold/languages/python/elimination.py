"""Gaussian elimination with partial pivoting: the program under test.

Put your own program in place of this one. Where its functions have other names or arguments,
change the calls in driver.py.

A matrix is an array of floats and augmented: its last column is the right-hand side.
"""

import numpy as np


def gaussian_elimination(a):
    """Turn the matrix into row echelon form, in place."""
    rows, unknowns = a.shape[0], a.shape[1] - 1
    row = 0
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
    if row < min(rows, unknowns):
        print("The matrix is singular.")


def gauss_jordan(a):
    """Turn a matrix in row echelon form into reduced row echelon form, in place."""
    for row in reversed(range(len(a))):
        leading = np.flatnonzero(a[row, :-1])
        if len(leading) == 0:
            continue
        column = leading[0]
        a[row] /= a[row, column]
        for i in range(row):
            factor = a[i, column]
            a[i, column] = 0
            a[i, column + 1 :] -= factor * a[row, column + 1 :]


def back_substitution(a):
    """Solve a system in row echelon form.

    Raises ValueError where there is not exactly one solution.
    """
    rows, unknowns = a.shape[0], a.shape[1] - 1
    if rows < unknowns or not np.all(np.diagonal(a)[:unknowns]) or np.any(a[unknowns:, -1]):
        raise ValueError("there is not exactly one solution")
    x = np.zeros(unknowns)
    for i in reversed(range(unknowns)):
        x[i] = (a[i, -1] - a[i, i + 1 : -1] @ x[i + 1 :]) / a[i, i]
    return x
