"""The driver of a port that has any subset of the procedures, as docs/protocol.md describes it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np

from harness.model.answer import Ending, Stage, Transcript
from harness.procedures.registry import PROCEDURES
from harness.procedures.unchanged_input import label_input
from support import structured_methods
from support.eliminations import NUMBERS, Program, make_matrix_stage, make_solution_stage
from support.factorisations import Factorisation, identity, make_stage
from support.structured_methods import run_method

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model.case import Arithmetic, Case
    from harness.model.number import Value

Matrix = list[list["Value"]]

METHODS = {
    "tridiagonal": structured_methods.thomas,
    "cholesky": structured_methods.cholesky_by_rows,
    "least_squares": structured_methods.by_singular_values,
    "conjugate_gradient": structured_methods.conjugate_gradient,
    "log_determinant": structured_methods.numpy_logarithm,
}
"""The procedures that do not eliminate, with a right program for each."""


Answer = Callable[[Collection[str], "Case", "Arithmetic"], Transcript]
"""The answer of a port with some procedures to a case."""


class SubsetDriver:
    """A driver that calls right programs, and prints what they return."""

    def __init__(
        self,
        procedures: Collection[str],
        case: Case,
        arithmetic: Arithmetic,
        factorisation: type[Factorisation] = Factorisation,
    ) -> None:
        number = NUMBERS[arithmetic]
        rows = [[number(value) for value in row] for row in case.build_input_matrix(arithmetic)]
        self.procedures, self.case, self.system = procedures, case, rows
        self.a = [row[: case.unknowns] for row in rows]
        self.b = [row[case.unknowns :] for row in rows]
        self.factorisation = factorisation()
        self.stages: dict[str, Stage] = {}
        self.failures: dict[str, str] = {}
        self.results: dict[str, Matrix] = {}

    def run(self) -> Transcript:
        """Return the answer to the case."""
        program = Program()
        with np.errstate(all="ignore"):
            self.eliminate(program)
            if self.case.rows == self.case.unknowns:
                self.factorise(self.factorisation)
            for procedure in PROCEDURES:
                if procedure in self.procedures and procedure in METHODS:
                    self.call_method(procedure)
        if "rank" in self.procedures:
            self.attempt("rank", lambda: {"rank": [[Factorisation().rank(self.copy(self.a))]]})
        remarks = tuple(program.remarks)
        return Transcript(
            self.case.name,
            Ending.COMPLETED,
            self.stages,
            self.failures,
            remarks,
            acknowledged=True,
        )

    def copy(self, rows: Matrix) -> Matrix:
        return [list(row) for row in rows]

    def attempt(self, procedure: str, work: Callable[[], dict[str, Matrix]]) -> None:
        """Print what a procedure of the port returns, or its failure."""
        if procedure not in self.procedures:
            return
        try:
            results = work()
        except (ArithmeticError, IndexError) as problem:
            self.failures[procedure] = str(problem) or type(problem).__name__
            return
        self.results |= results
        self.stages |= {label: make_stage(label, rows) for label, rows in results.items()}

    def eliminate(self, program: Program) -> None:
        """Print the results of the eliminations, each of the result before."""
        matrix = self.copy(self.system)
        program.remarks = []
        if "gaussian_elimination" in self.procedures:
            program.gaussian_elimination(matrix)
            self.stages["echelon"] = make_matrix_stage("echelon", matrix)
        if "gauss_jordan" in self.procedures:
            reduced = self.copy(matrix)
            if "gaussian_elimination" not in self.procedures:
                program.gaussian_elimination(reduced)
            program.gauss_jordan(reduced)
            self.stages["reduced"] = make_matrix_stage("reduced", reduced)
        if "back_substitution" in self.procedures and self.case.right_hand_sides == 1:
            if "gaussian_elimination" not in self.procedures:
                program.gaussian_elimination(matrix)
            try:
                x = program.back_substitution(self.copy(matrix))
                self.stages["solution"] = make_solution_stage(x)
            except (ZeroDivisionError, IndexError) as problem:
                self.failures["back_substitution"] = repr(problem)

    def factorise(self, program: Factorisation) -> None:
        """Print the results of the procedures for a square matrix.

        Without `lu`, the substitutions get triangles of A, and without forward substitution B.
        """
        names, a, b = ("permutation", "lower", "upper"), self.a, self.b
        if "lu" in self.procedures:
            self.attempt("lu", lambda: dict(zip(names, program.lu(self.copy(a)), strict=True)))
            p, lower, upper = (self.results[name] for name in names)
        else:
            p, lower, upper = identity(len(a)), take_lower(a), take_upper(a)
        self.attempt(
            "forward_substitution",
            lambda: {"forward": program.forward_substitution(lower, program.permute(p, b))},
        )
        side = self.results.get("forward", b)
        self.attempt(
            "backward_substitution",
            lambda: {"backward": program.backward_substitution(upper, side)},
        )
        self.attempt("solve", lambda: {"solve": program.solve(self.copy(a), self.copy(b))})
        self.attempt("inverse", lambda: {"inverse": program.inverse(self.copy(a))})
        self.attempt("determinant", lambda: {"determinant": [[program.determinant(a)]]})

    def call_method(self, procedure: str) -> None:
        """Print the result of a program in doubles, where the procedure is asked."""
        a, b = (np.array(rows, dtype=float) for rows in (self.a, self.b))
        if PROCEDURES[procedure].is_square and a.shape[0] != a.shape[1]:
            return
        transcript = run_method(procedure, METHODS[procedure], a, b)
        self.stages |= transcript.stages
        self.failures |= transcript.failures


def take_lower(a: Matrix) -> Matrix:
    """Return the triangle of A below its diagonal, with ones on it."""
    return [[v if j < i else int(i == j) for j, v in enumerate(row)] for i, row in enumerate(a)]


def take_upper(a: Matrix) -> Matrix:
    """Return the triangle of A from its diagonal on."""
    return [[v if j >= i else 0 for j, v in enumerate(row)] for i, row in enumerate(a)]


def answer_rightly(procedures: Collection[str], case: Case, arithmetic: Arithmetic) -> Transcript:
    """Return the answer of right programs."""
    return SubsetDriver(procedures, case, arithmetic).run()


def answer_nothing(procedures: Collection[str], case: Case, _: Arithmetic) -> Transcript:
    """Return an answer without any result."""
    return Transcript(case.name, Ending.COMPLETED, acknowledged=True)


def answer_garbage(procedures: Collection[str], case: Case, _: Arithmetic) -> Transcript:
    """Return an answer with the right shapes, and wrong numbers that are not all finite."""
    stages = {}
    for procedure in procedures:
        for result in PROCEDURES[procedure].results:
            shape = result.shape(case.rows, case.unknowns, case.right_hand_sides)
            stages[result.label] = Stage(result.label, shape, fill(shape))
        label = label_input(procedure)
        shape = PROCEDURES[procedure].input.shape(case.rows, case.unknowns, case.right_hand_sides)
        stages[label] = Stage(label, shape, fill(shape))
    return Transcript(case.name, Ending.COMPLETED, stages, acknowledged=True)


def fill(shape: Sequence[int]) -> tuple[tuple[Value, ...], ...]:
    """Return rows of numbers, of which one is NaN."""
    width = shape[1] if len(shape) == 2 else 1
    rows = [[float(7 * i + 3 * j + 2) for j in range(width)] for i in range(shape[0])]
    if rows and width:
        rows[-1][-1] = float("nan")
    return tuple(map(tuple, rows))


def answer_failures(procedures: Collection[str], case: Case, _: Arithmetic) -> Transcript:
    """Return an answer in which every procedure has failed."""
    failures = dict.fromkeys(procedures, "stack overflow")
    return Transcript(case.name, Ending.COMPLETED, {}, failures, acknowledged=True)


def answer_crash(procedures: Collection[str], case: Case, _: Arithmetic) -> Transcript:
    """Return the answer of a process that died before its first result."""
    return Transcript(case.name, Ending.CRASHED, reason="exit status 139", acknowledged=True)
