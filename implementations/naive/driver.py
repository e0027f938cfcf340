"""Reads linear systems from standard input, has naive_elimination.py work on them, prints what comes
out. docs/protocol.md describes both sides.

The listing is a loop without a function around it: `A` is the augmented matrix, a NumPy array, and
`n` says how many rows it has.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

LISTING = Path(__file__).with_name("naive_elimination.py")
LOOP = compile(LISTING.read_text(), LISTING.name, "exec")
LARGEST_INTEGER = 2**63 - 1


def main():
    for header in sys.stdin:
        _, name, rows, columns, right_hand_sides = header.split()
        system = as_entered([sys.stdin.readline().split() for _ in range(int(rows))])
        print("case", name, file=sys.stderr, flush=True)
        print("case", name, flush=True)
        # NumPy gives a warning once for each line of code; this makes it once for each case.
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            answer(system, int(columns) - int(right_hand_sides))
        print("end", name, flush=True)


def as_entered(rows):
    """The array that np.array makes of these numbers, had they been typed into a program.

    Of integers alone it makes an array of 64-bit integers, unless one of them is too large.
    """
    words = [word for row in rows for word in row]
    integers = all(is_integer(word) and abs(int(word)) <= LARGEST_INTEGER for word in words)
    number = int if integers else float
    return np.array([[number(word) for word in row] for row in rows])


def is_integer(word):
    return word.removeprefix("-").isdigit() and word != "-0"


def answer(system, unknowns):
    # The loop as published has no use for `unknowns`, but its patches have.
    names = {"A": system, "n": len(system), "unknowns": unknowns}
    try:
        exec(LOOP, names)
    except Exception as error:
        message = f"{type(error).__name__}: {error}".replace("\n", " ")
        print("failed gaussian_elimination", message, flush=True)
    else:
        print_matrix("echelon", names["A"])


def print_matrix(label, matrix):
    rows, columns = matrix.shape
    lines = (" ".join(map(repr, row)) for row in matrix.tolist())
    print(f"{label} {rows} {columns}", *lines, sep="\n", flush=True)


if __name__ == "__main__":
    main()
