"""Reads linear systems from standard input, has elimination.py work on them, prints what comes out.
docs/protocol.md describes both sides."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import nan
from time import perf_counter

import elimination
from elimination import Column, Matrix, joined, transposed

TOLERANCE = 1e-10
"""The relative residual at which conjugate gradients stop; port.yaml promises it."""


def main() -> None:
    for header in sys.stdin:
        _, name, rows, _, right_hand_sides = header.split()
        augmented = [numbers(sys.stdin.readline()) for _ in range(int(rows))]
        print("case", name, file=sys.stderr, flush=True)
        print("case", name, flush=True)
        answer(augmented, len(augmented[0]) - int(right_hand_sides))
        print("end", name, flush=True)


def numbers(line: str) -> list[float]:
    return [float(word) for word in line.split()]


def answer(augmented: Matrix, unknowns: int) -> None:
    matrix = [row[:unknowns] for row in augmented]
    columns = transposed([row[unknowns:] for row in augmented])
    eliminate(augmented, unknowns, len(columns))
    if len(matrix) == unknowns:
        factor(matrix, columns)
        solve(matrix, columns)
        with attempt("inverse"):
            print_matrix("inverse", elimination.inverse(matrix))
        print_matrix("input inverse", matrix)
        with attempt("determinant"):
            print_stage("determinant 1", [[elimination.determinant(matrix)]])
        print_matrix("input determinant", matrix)
        with attempt("log_determinant"):
            print_stage("log_determinant 2", transposed([elimination.log_determinant(matrix)]))
        print_matrix("input log_determinant", matrix)
    with attempt("rank"):
        print_stage("rank 1", [[elimination.rank(matrix)]])
    print_matrix("input rank", matrix)
    if len(matrix) == unknowns and elimination.is_tridiagonal(matrix):
        with attempt("tridiagonal"):
            print_matrix("tridiagonal", transposed(elimination.tridiagonal(matrix, columns)))
        print_matrix("input tridiagonal", joined(matrix, columns))
    if len(matrix) == unknowns and elimination.is_symmetric(matrix):
        factor_symmetric(matrix)
    with attempt("least_squares"):
        print_matrix("least_squares", transposed(elimination.least_squares(matrix, columns)))
    print_matrix("input least_squares", joined(matrix, columns))
    if len(columns) == 1 and len(matrix) == unknowns and elimination.is_symmetric(matrix):
        with attempt("conjugate_gradient"):
            x = elimination.conjugate_gradient(matrix, columns[0], TOLERANCE)
            print_stage(f"conjugate_gradient {unknowns}", transposed([x]))
        print_matrix("input conjugate_gradient", joined(matrix, columns))


def factor_symmetric(matrix: Matrix) -> None:
    """Hands over a matrix with NaN above the diagonal, which must not be read."""
    half = [row[: i + 1] + [nan] * (len(row) - i - 1) for i, row in enumerate(matrix)]
    with attempt("cholesky"):
        print_matrix("cholesky", elimination.cholesky(half))
    print_matrix("input cholesky", half)


def eliminate(augmented: Matrix, unknowns: int, right_hand_sides: int) -> None:
    echelon = elimination.gaussian_elimination(augmented, unknowns)
    if len(elimination.pivot_places(echelon, unknowns)) < min(len(echelon), unknowns):
        print(elimination.SingularMatrix())
    print_matrix("input gaussian_elimination", augmented)
    print_matrix("echelon", echelon)
    print_matrix("reduced", elimination.gauss_jordan(echelon, unknowns))
    print_matrix("input gauss_jordan", echelon)
    if right_hand_sides == 1:
        with attempt("back_substitution"):
            solution = elimination.back_substitution(echelon)
            print_stage(f"solution {unknowns}", transposed([solution]))
        print_matrix("input back_substitution", echelon)


def factor(matrix: Matrix, columns: Sequence[Column]) -> None:
    factors = elimination.lu(matrix)
    print_matrix("input lu", matrix)
    print_matrix("permutation", elimination.permutation_matrix(factors.order))
    print_matrix("lower", factors.lower)
    print_matrix("upper", factors.upper)
    right = [elimination.permuted(factors.order, column) for column in columns]
    forward = [elimination.forward_substitution(factors.lower, column) for column in right]
    print_matrix("forward", transposed(forward))
    print_matrix("input forward_substitution", joined(factors.lower, right))
    with attempt("backward_substitution"):
        backward = [elimination.backward_substitution(factors.upper, y) for y in forward]
        print_matrix("backward", transposed(backward))
    print_matrix("input backward_substitution", joined(factors.upper, forward))


def solve(matrix: Matrix, columns: Sequence[Column]) -> None:
    with attempt("solve"):
        solutions, seconds = [], []
        start = perf_counter()
        for solution in elimination.solve(matrix, columns):
            end = perf_counter()
            solutions.append(solution)
            seconds.append([end - start])
            start = perf_counter()
        print_matrix("solve", transposed(solutions))
        print_stage(f"seconds {len(seconds)}", seconds)
    print_matrix("input solve", joined(matrix, columns))


@contextmanager
def attempt(procedure: str) -> Iterator[None]:
    """Prints `failed PROCEDURE ...` where the procedure cannot go on."""
    try:
        yield
    except ArithmeticError as error:
        print("failed", procedure, error, flush=True)


def print_matrix(label: str, matrix: Matrix) -> None:
    print_stage(f"{label} {len(matrix)} {len(matrix[0])}", matrix)


def print_stage(header: str, rows: Sequence[Sequence[float]]) -> None:
    print(header, *(" ".join(map(repr, row)) for row in rows), sep="\n", flush=True)


if __name__ == "__main__":
    main()
