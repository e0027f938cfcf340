"""Reads linear systems from standard input, has gaussian_elimination.py work on them, prints what
comes out. docs/protocol.md describes both sides."""

import sys
import warnings

import gaussian_elimination as listing
import numpy as np


def main():
    for header in sys.stdin:
        _, name, rows, _, _ = header.split()
        system = np.array([numbers(sys.stdin.readline()) for _ in range(int(rows))])
        # NumPy gives a warning once for each line of code; this makes it once for each case.
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            answer(name, system)


def numbers(line):
    return [float(word) for word in line.split()]


def answer(name, system):
    print("case", name, file=sys.stderr, flush=True)
    print("case", name, flush=True)
    echelon = attempt("gaussian_elimination", echelon_form, system)
    if echelon is not None:
        print_matrix("echelon", echelon)
        reduced = attempt("gauss_jordan", reduced_echelon_form, echelon)
        if reduced is not None:
            print_matrix("reduced", reduced)
        solution = attempt("back_substitution", listing.back_substitution, echelon.copy())
        if solution is not None:
            print_stage(f"solution {len(solution)}", solution.reshape(-1, 1))
    print("end", name, flush=True)


def echelon_form(system):
    echelon = system.copy()
    listing.gaussian_elimination(echelon)
    return echelon


def reduced_echelon_form(echelon):
    reduced = echelon.copy()
    listing.gauss_jordan_elimination(reduced)
    return reduced


def attempt(procedure, function, matrix):
    """What the function returns; where it raises, None, and `failed PROCEDURE ...` is printed."""
    try:
        return function(matrix)
    except Exception as error:
        message = f"{type(error).__name__}: {error}".replace("\n", " ")
        print("failed", procedure, message, flush=True)
        return None


def print_matrix(label, matrix):
    rows, columns = matrix.shape
    print_stage(f"{label} {rows} {columns}", matrix)


def print_stage(header, rows):
    lines = [" ".join(map(repr, row)) for row in rows.tolist()]
    sys.stdout.write("\n".join([header, *lines, ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
