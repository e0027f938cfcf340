"""Read linear systems from standard input, pass them to @{ listing }@, and print the results.

docs/protocol.md describes both sides. Only the lines with ADAPT depend on the program.
"""

import contextlib
import copy
import importlib.util
import io
import sys

import numpy as np


def load(file):
    """Return the module. While it is loaded, it reads nothing and prints on standard error."""
    spec = importlib.util.spec_from_file_location("program", file)
    module = sys.modules["program"] = importlib.util.module_from_spec(spec)
    kept, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        # A program may run its own example at the end. Its functions are there by then.
        print("while loading:", repr(error), file=sys.stderr)
    finally:
        sys.stdin = kept
    return module


program = load("@{ listing }@")

# The calls of the program. Matrices and vectors are NumPy arrays of their own, which the program
# may change; A.tolist() is a list of lists. A result may be an array or lists.
#
# Where it has no answer, the program may raise an exception or exit: the driver then prints `failed
# PROCEDURE MESSAGE`. Or it may return None, False, a text, an empty list, or one number such as -1
# in place of a vector: the driver then prints `refused PROCEDURE returned -1`. Where the program
# says so otherwise, raise Refused here:
#     if status != 0: raise Refused(f"returned {status}")


class Refused(Exception):
    """The program returned something that says that there is no answer."""
%% if gaussian_elimination


def gaussian_elimination(M, unknowns):
    # ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
    program.gaussian_elimination(M, unknowns)
    return M
%% endif
%% if gauss_jordan


def gauss_jordan(M, unknowns):
    # ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
    program.gauss_jordan(M, unknowns)
    return M
%% endif
%% if back_substitution


def back_substitution(M):
    # ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
    return program.back_substitution(M)
%% endif
%% if lu


def lu(A):
    # ADAPT: P, L, U with P A = L U; np.eye(n)[order] is P where the program returns an order of rows
    return program.lu(A)
%% endif
%% if forward_substitution


def forward_substitution(L, b):
    # ADAPT: the solution y of L y = b
    return program.forward_substitution(L, b)
%% endif
%% if backward_substitution


def backward_substitution(U, y):
    # ADAPT: the solution x of U x = y
    return program.backward_substitution(U, y)
%% endif
%% if solve


def solve(A, b):
    # ADAPT: the solution x of A x = b
    return program.solve(A, b)
%% endif
%% if inverse


def inverse(A):
    # ADAPT: the inverse of A
    return program.inverse(A)
%% endif
%% if determinant


def determinant(A):
    # ADAPT: the determinant of A
    return program.determinant(A)
%% endif
%% if log_determinant


def log_determinant(A):
    # ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
    return program.log_determinant(A)
%% endif
%% if rank


def rank(A):
    # ADAPT: the rank of A
    return program.rank(A)
%% endif
%% if tridiagonal


def tridiagonal(A, b):
    # ADAPT: the solution x of A x = b, from the diagonals of A
    below, diagonal, above = np.diagonal(A, -1), np.diagonal(A), np.diagonal(A, 1)
    return program.tridiagonal(below, diagonal, above, b)
%% endif
%% if cholesky


def cholesky(A):
    # ADAPT: L with A = L Lᵀ
    return program.cholesky(A)
%% endif
%% if least_squares


def least_squares(A, b):
    # ADAPT: the x with the smallest residual b - A x
    return program.least_squares(A, b)
%% endif
%% if conjugate_gradient


def conjugate_gradient(A, b):
    # ADAPT: the solution x of A x = b for a positive definite A
    return program.conjugate_gradient(A, b)
%% endif


# From here on, nothing depends on the program.


def main():
    for header in sys.stdin:
        _, name, rows, _, sides = header.split()
        system = np.array([read_row() for _ in range(int(rows))])
        print("case", name, file=sys.stderr, flush=True)
        print("case", name, flush=True)
        answer(system, system[:, : -int(sides)], system[:, -int(sides) :])
        print("end", name, flush=True)


def read_row():
    return [float(word) for word in sys.stdin.readline().split()]


def answer(system, A, B):
    rows, unknowns = A.shape
%% if gaussian_elimination
    echelon = attempt("gaussian_elimination", ["echelon"], gaussian_elimination, system, unknowns)
    if echelon is None:
        system = None
    else:
        (system,) = echelon
%% endif
%% if gauss_jordan
    if system is not None:
        reduced = attempt("gauss_jordan", ["reduced"], gauss_jordan, system, unknowns)
%% if not gaussian_elimination
        system = reduced and reduced[0]
%% endif
%% endif
%% if back_substitution
    if system is not None and B.shape[1] == 1:
        attempt("back_substitution", ["solution"], back_substitution, system)
%% endif
%% if lu
    factors = rows == unknowns and attempt("lu", ["permutation", "lower", "upper"], lu, A)
%% elif forward_substitution or backward_substitution
    # Without a factorisation, the triangles are those of A.
    factors = rows == unknowns and (np.eye(rows), np.tril(A, -1) + np.eye(rows), np.triu(A))
%% endif
%% if forward_substitution or backward_substitution
    if factors:
        P, L, U = factors
        Y = B
%% if forward_substitution
        forward = attempt("forward_substitution", ["forward"], each(forward_substitution), L, P @ B)
        Y = forward and forward[0]
%% endif
%% if backward_substitution
        if Y is not None:
            attempt("backward_substitution", ["backward"], each(backward_substitution), U, Y)
%% endif
%% endif
%% if solve
    # Where the program takes other shapes, claim them in port.yaml and leave out the condition.
    if rows == unknowns:
        attempt("solve", ["solve"], each(solve), A, B)
%% endif
%% if inverse
    if rows == unknowns:
        attempt("inverse", ["inverse"], inverse, A)
%% endif
%% if determinant
    if rows == unknowns:
        attempt("determinant", ["determinant"], determinant, A)
%% endif
%% if log_determinant
    if rows == unknowns:
        attempt("log_determinant", ["log_determinant"], log_determinant, A)
%% endif
%% if rank
    attempt("rank", ["rank"], rank, A)
%% endif
%% if tridiagonal
    if rows == unknowns and not np.triu(A, 2).any() and not np.tril(A, -2).any():
        attempt("tridiagonal", ["tridiagonal"], each(tridiagonal), A, B)
%% endif
%% if cholesky
    if np.array_equal(A, A.T):
        attempt("cholesky", ["cholesky"], cholesky, A)
%% endif
%% if least_squares
    attempt("least_squares", ["least_squares"], each(least_squares), A, B)
%% endif
%% if conjugate_gradient
    if np.array_equal(A, A.T) and B.shape[1] == 1:
        attempt("conjugate_gradient", ["conjugate_gradient"], conjugate_gradient, A, B[:, 0])
%% endif


DIMENSIONS = {
    **dict.fromkeys(["solution", "log_determinant", "conjugate_gradient"], 1),
    **dict.fromkeys(["determinant", "rank"], 0),
}
"""The number of dimensions of a result; a result that is not named is a matrix."""


def attempt(procedure, labels, function, *arguments):
    """Print the results of the function, and return them. Where it refuses, print that, and return
    None."""
    try:
        values = function(*map(copy.copy, arguments))
        values = [values] if len(labels) == 1 else answered(values)
        pairs = zip(labels, values, strict=True)
        results = [to_array(value, DIMENSIONS.get(label, 2)) for label, value in pairs]
    except Refused as refusal:
        print("refused", procedure, " ".join(str(refusal).split()), flush=True)
        return None
    except (Exception, SystemExit) as error:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        print("failed", procedure, message, flush=True)
        return None
    for label, result in zip(labels, results):
        print(label, *(result.shape or [1]))
        for row in result if result.ndim == 2 else result.reshape(-1, 1):
            print(*map(repr, row.tolist()))
        sys.stdout.flush()
    return results


def each(function):
    """Return the function that applies another one to a matrix and each right-hand side."""

    def apply(A, B):
        columns = [to_array(function(A.copy(), b.copy()), 1) for b in B.T]
        return np.column_stack(columns)

    return apply


def answered(value):
    """Return a result. Raise Refused where it says that there is none."""
    if value is None or isinstance(value, (bool, str)) or np.size(value) == 0:
        raise Refused(f"returned {value!r}")
    return value


def to_array(value, dimensions):
    """Return a result as an array of so many dimensions."""
    array = np.array(answered(value), dtype=float)
    if dimensions == 1 and array.ndim == 2 and 1 in array.shape:
        array = array.ravel()
    if dimensions == 0 and array.size == 1:
        array = array.reshape(())
    if array.ndim == 0 and dimensions > 0:
        raise Refused(f"returned {value!r}")
    if array.ndim != dimensions:
        raise ValueError(f"the program returned {value!r}")
    return array


if __name__ == "__main__":
    main()
