"""Read linear systems from standard input, pass them to elimination.py, and print the results.

docs/protocol.md describes both sides.
"""

import sys

import elimination
import numpy as np


def main():
    for header in sys.stdin:
        _, name, rows, _, _ = header.split()
        answer(name, np.array([read_row() for _ in range(int(rows))]))


def read_row():
    return [float(word) for word in sys.stdin.readline().split()]


def answer(name, system):
    print("case", name, file=sys.stderr, flush=True)
    print("case", name, flush=True)
    echelon = attempt("gaussian_elimination", echelon_form, system)
    if echelon is not None:
        print_matrix("echelon", echelon)
        reduced = attempt("gauss_jordan", reduced_form, echelon)
        if reduced is not None:
            print_matrix("reduced", reduced)
        x = attempt("back_substitution", solution, echelon)
        if x is not None:
            print_stage(f"solution {len(x)}", [[value] for value in x])
    print("end", name, flush=True)


def echelon_form(system):
    echelon = system.copy()
    elimination.gaussian_elimination(echelon)
    return echelon


def reduced_form(echelon):
    reduced = echelon.copy()
    elimination.gauss_jordan(reduced)
    return reduced


def solution(echelon):
    return elimination.back_substitution(echelon.copy())


def attempt(procedure, function, matrix):
    """Return the result of the function. Where it raises, print a `failed` line, return None."""
    try:
        return function(matrix)
    except Exception as error:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        print("failed", procedure, message, flush=True)
        return None


def print_matrix(label, matrix):
    rows, columns = matrix.shape
    print_stage(f"{label} {rows} {columns}", matrix)


def print_stage(header, rows):
    lines = [" ".join(repr(float(value)) for value in row) for row in rows]
    print(header, *lines, sep="\n", flush=True)


if __name__ == "__main__":
    main()
