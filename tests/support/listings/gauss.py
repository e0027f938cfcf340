"""Linear equations, as a script: it asks for a system, and has no guard around its main part."""

import sys


def gauss(a, b):
    """Return x, or None for a singular matrix."""
    n = len(b)
    m = [row + [value] for row, value in zip(a, b)]
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(m[i][k]))
        if abs(m[p][k]) < 1e-12:
            return None
        m[k], m[p] = m[p], m[k]
        for i in range(n):
            if i != k:
                f = m[i][k] / m[k][k]
                m[i] = [u - f * v for u, v in zip(m[i], m[k])]
    return [m[i][n] / m[i][i] for i in range(n)]


def invert(a):
    """Return the inverse, or an empty list."""
    n = len(a)
    columns = [gauss(a, [float(i == j) for i in range(n)]) for j in range(n)]
    return [] if None in columns else [list(row) for row in zip(*columns)]


def det(a):
    """Return the determinant. Ends the program for a singular matrix."""
    if len(a) == 1:
        return a[0][0]
    minors = ([row[:j] + row[j + 1 :] for row in a[1:]] for j in range(len(a)))
    value = sum((-1) ** j * a[0][j] * expand(minor) for j, minor in enumerate(minors))
    if value == 0:
        sys.exit("The matrix is singular!")
    return value


def expand(a):
    if len(a) == 1:
        return a[0][0]
    minors = ([row[:j] + row[j + 1 :] for row in a[1:]] for j in range(len(a)))
    return sum((-1) ** j * a[0][j] * expand(minor) for j, minor in enumerate(minors))


print("Linear equations")
size = int(input("How many unknowns? "))
print(gauss([[float(x) for x in input().split()] for _ in range(size)], [1.0] * size))
