"""Reads linear systems from standard input, has algebra.py work on them, prints what comes out.
docs/protocol.md describes both sides."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import algebra
import numpy as np

TOLERANCE = 1e-10
"""The relative residual at which conjugate gradients stop; port.yaml promises it."""


def main() -> None:
    for header in sys.stdin:
        _, name, rows, _, right_hand_sides = header.split()
        system = np.array([numbers(sys.stdin.readline()) for _ in range(int(rows))])
        print("case", name, file=sys.stderr, flush=True)
        print("case", name, flush=True)
        # A warning is given once for each line of code; this makes it once for each case.
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            answer(*np.hsplit(system, [-int(right_hand_sides)]))
        print("end", name, flush=True)


def numbers(line: str) -> list[float]:
    return [float(word) for word in line.split()]


def answer(matrix: np.ndarray, right: np.ndarray) -> None:
    rows, columns = matrix.shape
    if rows == columns:
        factor(matrix, right)
        solve(matrix, right)
        with attempt("inverse"):
            print_matrix("inverse", algebra.inverse(matrix))
        with attempt("determinant"):
            print_numbers("determinant", [algebra.determinant(matrix)])
        with attempt("log_determinant"):
            print_numbers("log_determinant", list(algebra.log_determinant(matrix)))
    with attempt("rank"):
        print_numbers("rank", [algebra.rank(matrix)])
    if rows == columns:
        solve_structured(matrix, right)
    with attempt("least_squares"):
        print_matrix("least_squares", algebra.least_squares(matrix, right))
    if rows == columns and right.shape[1] == 1 and np.array_equal(matrix, matrix.T):
        with attempt("conjugate_gradient"):
            x = algebra.conjugate_gradient(matrix, right[:, 0], TOLERANCE)
            print_numbers("conjugate_gradient", x.tolist())


def solve_structured(matrix: np.ndarray, right: np.ndarray) -> None:
    """Leaves out what the structure of the matrix does not permit."""
    if not (np.triu(matrix, 2).any() or np.tril(matrix, -2).any()):
        with attempt("tridiagonal"):
            print_matrix("tridiagonal", algebra.tridiagonal(matrix, right))
    if np.array_equal(matrix, matrix.T):
        half = np.where(np.tri(len(matrix), dtype=bool), matrix, np.nan)
        with attempt("cholesky"):
            print_matrix("cholesky", algebra.cholesky(half))
        print_matrix("input cholesky", half)


def factor(matrix: np.ndarray, right: np.ndarray) -> None:
    with attempt("lu"):
        permutation, lower, upper = algebra.lu(matrix)
        print_matrix("permutation", permutation)
        print_matrix("lower", lower)
        print_matrix("upper", upper)
        with attempt("forward_substitution"):
            forward = algebra.forward_substitution(lower, permutation @ right)
            print_matrix("forward", forward)
            with attempt("backward_substitution"):
                print_matrix("backward", algebra.backward_substitution(upper, forward))


def solve(matrix: np.ndarray, right: np.ndarray) -> None:
    with attempt("solve"):
        solutions, seconds = [], []
        start = perf_counter()
        for solution in algebra.solve(matrix, right):
            seconds.append(perf_counter() - start)
            solutions.append(solution)
            start = perf_counter()
        print_matrix("solve", np.column_stack(solutions))
        print_numbers("seconds", seconds)


@contextmanager
def attempt(procedure: str) -> Iterator[None]:
    """Prints `failed PROCEDURE ...` where the procedure raises an exception."""
    try:
        yield
    except Exception as error:
        print("failed", procedure, str(error).replace("\n", " "), flush=True)


def print_matrix(label: str, matrix: np.ndarray) -> None:
    rows, columns = matrix.shape
    lines = (" ".join(map(repr, row)) for row in matrix.tolist())
    print(f"{label} {rows} {columns}", *lines, sep="\n", flush=True)


def print_numbers(label: str, values: list[float]) -> None:
    print(f"{label} {len(values)}", *map(repr, values), sep="\n", flush=True)


if __name__ == "__main__":
    main()
