"""Judging solvers for matrices with a structure, least squares, and the logarithm of a determinant:
correct programs conform, and each faulty one deviates on a small system."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from harness.judging.judge import judge
from harness.model.answer import Ending, Stage, Transcript
from harness.model.case import Arithmetic
from harness.model.contract import Contract
from harness.model.promises import (
    NO_PROMISES,
    Promises,
    RankDeficient,
    ResidualTolerance,
    Triangle,
)
from harness.model.verdict import Outcome
from harness.numerics.definiteness import Definiteness
from harness.numerics.oracle import Expected, expect
from support import structured_methods as methods
from support.eliminations import make_case
from support.structured_methods import Method, run_method

Doubles = NDArray[np.float64]

TOLERANCE = Promises(residual_tolerance=ResidualTolerance(Fraction(1, 10**10), is_relative=True))
SHORTEST = Promises(rank_deficient=RankDeficient.MINIMUM_NORM)
PROMISES = {"conjugate_gradient": TOLERANCE}

TRIDIAGONAL = np.array([[4.0, 1, 0], [2, 5, -1], [0, 3, 6]])
DEFINITE = np.array([[4.0, 2, -2], [2, 10, 5], [-2, 5, 6]])
INDEFINITE = np.array([[1.0, 2, 0], [2, 1, 0], [0, 0, 3]])
LINE = np.array([[1.0, -1], [1, 0], [1, 1], [1, 3]])
DEPENDENT = np.array([[1.0, 2], [2, 4], [3, 6]])
HUGE = np.diag([-1e200, 2e200, 5e200])


def expect_system(a: Doubles, b: Doubles, arithmetic: Arithmetic = Arithmetic.BINARY64) -> Expected:
    """Return the expected result of A X = B, for A, m × n, and B, m × k."""
    case = make_case(np.hstack([a, b]).tolist())
    return expect(replace(case, right_hand_sides=b.shape[1]), arithmetic)


def judge_method(
    procedure: str, method: Method, a: Doubles, b: Doubles, promises: Promises | None = None
) -> dict[str, tuple[Outcome, str]]:
    """Return the outcomes and details of the checks of a procedure, by the names of the checks."""
    transcript = run_method(procedure, method, a, b)
    contract = Contract(
        Arithmetic.BINARY64,
        (procedure,),
        promises=promises or PROMISES.get(procedure, NO_PROMISES),
    )
    return {
        str(judgement.check): (judgement.outcome, judgement.detail)
        for judgement in judge(contract, expect_system(a, b), transcript)
        if judgement.check.startswith(f"{procedure}.")
    }


def outcomes(
    procedure: str, method: Method, a: Doubles, b: Doubles, promises: Promises | None = None
) -> list[Outcome]:
    """Return the outcomes of the checks of a procedure, in their order."""
    judged = judge_method(procedure, method, a, b, promises)
    return [outcome for outcome, _ in judged.values()]


def column(*values: float) -> Doubles:
    return np.array(values, dtype=float)[:, None]


def scale_rows(random: Generator, a: Doubles) -> Doubles:
    return a * 10.0 ** random.integers(-12, 13, len(a))[:, None]


def draw_tridiagonal(random: Generator) -> Doubles:
    """Draw a tridiagonal matrix, half of the time a diagonally dominant one, of any scale."""
    size = int(random.integers(1, 9))
    entries = random.choice(
        [random.standard_normal((size, size)), random.integers(-3, 4, (size, size))]
    )
    a = np.triu(np.tril(entries.astype(float), 1), -1)
    if random.random() < 0.5:
        a[np.diag_indices(size)] = np.abs(a).sum(axis=1) * random.choice([-1, 1], size)
    return scale_rows(random, a) if random.random() < 0.3 else a


def draw_symmetric(random: Generator) -> Doubles:
    """Draw a symmetric matrix: definite or not, ill-conditioned, of any scale."""
    size = int(random.integers(1, 9))
    normal = random.standard_normal((size, size))
    integers = random.integers(-3, 4, (size, max(1, size - 1))).astype(float)
    orthogonal = np.linalg.qr(normal)[0]
    index = np.arange(size)
    kinds = (
        normal @ normal.T,
        normal + normal.T,
        integers @ integers.T,
        (orthogonal * 10.0 ** random.uniform(-14, 2, size)) @ orthogonal.T,
        1 / (index[:, None] + index + 1.0),
        2 * np.eye(size) - np.eye(size, k=1) - np.eye(size, k=-1),
    )
    a = kinds[random.integers(len(kinds))]
    if random.random() < 0.3:
        scale = 10.0 ** random.integers(-8, 9, size)
        a = a * np.outer(scale, scale)
    symmetric: Doubles = (a + a.T) / 2
    return symmetric


def draw_any(random: Generator, square: bool = False) -> Doubles:
    """Draw a matrix of any shape and rank."""
    m, n = (int(random.integers(1, 9)) for _ in range(2))
    m = n if square else m
    rank = int(random.integers(1, min(m, n) + 1))
    product = random.integers(-3, 4, (m, rank)) @ random.integers(-3, 4, (rank, n))
    kinds = (
        random.standard_normal((m, n)),
        random.integers(-5, 6, (m, n)).astype(float),
        np.vander(np.linspace(0, 1, m), n, increasing=True),
        product.astype(float),
        random.standard_normal((m, n)) * 10.0 ** random.uniform(-6, 6, n),
    )
    return kinds[random.integers(len(kinds))]


def draw_square(random: Generator) -> Doubles:
    return draw_any(random, square=True)


DRAWS = {
    "tridiagonal": (draw_tridiagonal, methods.CORRECT_TRIDIAGONAL),
    "cholesky": (draw_symmetric, methods.CORRECT_CHOLESKY),
    "least_squares": (draw_any, methods.CORRECT_LEAST_SQUARES),
    "conjugate_gradient": (draw_symmetric, methods.CORRECT_CONJUGATE_GRADIENT),
    "log_determinant": (draw_square, methods.CORRECT_LOG_DETERMINANT),
}


@pytest.mark.parametrize("procedure", DRAWS)
def test_no_correct_program_deviates(procedure: str) -> None:
    draw, programs = DRAWS[procedure]
    random = np.random.default_rng([*procedure.encode()])
    for _ in range(60):
        a = draw(random)
        b = a @ random.integers(-3, 4, (a.shape[1], 1)) + random.choice([0, 1]) * random.random(
            (len(a), 1)
        )
        for program in programs:
            judged = judge_method(procedure, program, a, b)
            bad = {check: each for check, each in judged.items() if each[0].deviates}
            assert not bad, (program.__name__, a.tolist(), b.tolist())


@pytest.mark.parametrize("program", methods.SHORTEST)
def test_the_shortest_solution_keeps_its_promise(program: Method) -> None:
    random = np.random.default_rng(4)
    for _ in range(100):
        a = draw_any(random)
        judged = outcomes("least_squares", program, a, random.random((len(a), 2)), SHORTEST)
        assert not any(outcome.deviates for outcome in judged)


FAULTS = [
    *(("tridiagonal", program, TRIDIAGONAL) for program in methods.FAULTY_TRIDIAGONAL),
    *(("cholesky", program, DEFINITE) for program in methods.FAULTY_CHOLESKY[:-1]),
    ("cholesky", methods.takes_magnitudes, INDEFINITE),
    *(("least_squares", program, LINE) for program in methods.FAULTY_LEAST_SQUARES),
    *(
        ("conjugate_gradient", program, np.diag([1.0, 2, 3, 4, 5]) + 0.1)
        for program in methods.FAULTY_CONJUGATE_GRADIENT
    ),
    *(("log_determinant", program, HUGE) for program in methods.FAULTY_LOG_DETERMINANT),
]


@pytest.mark.parametrize(("procedure", "program", "a"), FAULTS)
def test_a_faulty_program_deviates(procedure: str, program: Method, a: Doubles) -> None:
    b = column(*range(1, len(a) + 1)) ** 2
    assert any(outcome.deviates for outcome in outcomes(procedure, program, a, b))


class TestTridiagonal:
    def test_a_pivot_of_zero_is_no_fault(self) -> None:
        """Elimination without interchanges cannot solve it; with them it is easy."""
        a = np.array([[0.0, 1], [1, 0]])
        for program in (methods.thomas, methods.refusing_thomas):
            [(outcome, detail)] = judge_method("tridiagonal", program, a, column(1, 2)).values()
            assert outcome is Outcome.DEFENSIBLE
            assert detail.endswith("A may need row interchanges, which are not promised")
        assert outcomes("tridiagonal", methods.solve_with_pivoting, a, column(1, 2)) == [
            Outcome.RIGHT
        ]

    def test_a_tiny_pivot_is_no_fault(self) -> None:
        a = np.array([[1e-20, 1], [1, 1]])
        assert outcomes("tridiagonal", methods.thomas, a, column(1, 2)) == [Outcome.DEFENSIBLE]

    def test_it_is_asked_of_tridiagonal_matrices_only(self) -> None:
        [(outcome, detail)] = judge_method(
            "tridiagonal", methods.thomas, DEFINITE, column(1, 2, 3)
        ).values()
        assert (outcome, detail) == (Outcome.ABSENT, "asked of tridiagonal matrices only")

    def test_a_singular_matrix_may_be_refused(self) -> None:
        a = np.array([[1.0, -1], [-1, 1]])
        judged = outcomes("tridiagonal", methods.refusing_thomas, a, column(1, 2))
        assert judged == [Outcome.REFUSED]


class TestCholesky:
    def test_an_indefinite_matrix_must_be_refused(self) -> None:
        b = column(1, 2, 3)
        refused = judge_method("cholesky", methods.cholesky_by_rows, INDEFINITE, b)
        assert refused["cholesky.lower"] == (
            Outcome.REFUSED,
            "refused: the matrix is not positive definite; A is not positive definite",
        )
        silent = judge_method("cholesky", methods.takes_magnitudes, INDEFINITE, b)
        assert silent["cholesky.product"][0] is Outcome.SILENT

    def test_a_definite_matrix_must_not_be_refused(self) -> None:
        def refuse(a: Doubles, _: Doubles) -> Doubles:
            raise methods.RefusedError("negative pivot")

        first, product, _ = outcomes("cholesky", refuse, DEFINITE, column(1, 2, 3))
        assert (first, product) == (Outcome.WRONG, Outcome.BLOCKED)

    @pytest.mark.parametrize("program", methods.CORRECT_CHOLESKY)
    def test_a_semidefinite_matrix_may_be_refused(self, program: Method) -> None:
        a = np.array([[1.0, 1], [1, 1]])
        assert not any(each.deviates for each in outcomes("cholesky", program, a, column(1, 1)))

    def test_rounding_decides_for_a_hilbert_matrix_of_order_14(self) -> None:
        index = np.arange(14)
        a = 1 / (index[:, None] + index + 1.0)
        assert expect_system(a, a[:, :1]).definiteness is Definiteness.DOUBTFUL

    @pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
    def test_definiteness_does_not_depend_on_the_scale(self, scale: float) -> None:
        factors = np.array([1.0, scale, 1 / scale])
        a = DEFINITE * np.outer(factors, factors)
        assert expect_system(a, a[:, :1]).definiteness is Definiteness.POSITIVE

    @pytest.mark.parametrize("reads", [Triangle.LOWER, Triangle.UPPER])
    def test_the_other_triangle_is_not_read(self, reads: Triangle) -> None:
        lower = np.linalg.cholesky(DEFINITE)
        given = np.where(np.tri(3) == 1, DEFINITE, math.nan)
        given = given if reads is Triangle.LOWER else given.T
        assert self.judge_triangle(reads, lower, given) == [Outcome.RIGHT] * 3
        spoilt = np.where(np.tri(3) == 1, math.nan, 0.0)
        judged = self.judge_triangle(reads, spoilt, given)
        assert judged == [Outcome.BLOCKED, Outcome.BLOCKED, Outcome.WRONG]

    def test_the_driver_must_hand_over_nan(self) -> None:
        lower = np.linalg.cholesky(DEFINITE)
        judged = self.judge_triangle(Triangle.LOWER, lower, DEFINITE)
        assert judged == [Outcome.RIGHT, Outcome.RIGHT, Outcome.UNREADABLE]

    @staticmethod
    def judge_triangle(reads: Triangle, lower: Doubles, given: Doubles) -> list[Outcome]:
        """Judge L of DEFINITE, where a driver handed over `given`."""
        stages = {
            label: Stage(label, (3, 3), tuple(map(tuple, rows.tolist())))
            for label, rows in (("cholesky", lower), ("input cholesky", given))
        }
        transcript = Transcript("case", Ending.COMPLETED, stages, acknowledged=True)
        promises = Promises(cholesky_reads=reads)
        contract = Contract(Arithmetic.BINARY64, ("cholesky",), promises=promises)
        judged = judge(contract, expect_system(DEFINITE, column(1, 2, 3)), transcript)
        return [each.outcome for each in judged if each.check.startswith("cholesky")]


class TestLeastSquares:
    def test_a_contradiction_has_a_solution(self) -> None:
        for program in methods.CORRECT_LEAST_SQUARES:
            judged = outcomes("least_squares", program, LINE, column(1, 3, 2, 5))
            assert judged == [Outcome.RIGHT, Outcome.ABSENT]

    def test_normal_equations_lose_digits_and_conform(self) -> None:
        a, b = np.vander(np.linspace(0, 1, 12), 8), column(*range(12)) ** 3 % 7
        expected = expect_system(a, b)
        digits = {}
        for program in (methods.by_householder, methods.by_normal_equations):
            transcript = run_method("least_squares", program, a, b)
            contract = Contract(Arithmetic.BINARY64, ("least_squares",))
            [residual, *_] = [
                each
                for each in judge(contract, expected, transcript)
                if each.check.startswith("least_squares")
            ]
            assert residual.outcome is Outcome.RIGHT
            digits[program] = residual.measures["digits"]
        assert digits[methods.by_householder] > digits[methods.by_normal_equations] + 2

    def test_a_refusal_where_only_the_squares_are_singular_is_defensible(self) -> None:
        a = np.vstack([np.ones((1, 2)), 1e-9 * np.eye(2)])
        judged = outcomes("least_squares", methods.by_normal_equations, a, column(1, 2, 3))
        assert judged[0] is Outcome.DEFENSIBLE

    def test_dependent_columns_may_be_refused(self) -> None:
        def refuse(a: Doubles, _: Doubles) -> Doubles:
            raise methods.RefusedError("the columns are linearly dependent")

        assert outcomes("least_squares", refuse, DEPENDENT, column(1, 2, 4))[0] is Outcome.REFUSED
        assert outcomes("least_squares", refuse, LINE, column(1, 2, 4, 3))[0] is Outcome.WRONG

    def test_a_longer_solution_breaks_the_promise(self) -> None:
        def basic(a: Doubles, b: Doubles) -> Doubles:
            x = np.zeros((2, 1))
            x[0] = a[:, 0] @ b[:, 0] / (a[:, 0] @ a[:, 0])
            return x

        judged = outcomes("least_squares", basic, DEPENDENT, column(1, 2, 4), SHORTEST)
        assert judged == [Outcome.RIGHT, Outcome.WRONG]


class TestConjugateGradient:
    def test_an_indefinite_matrix_must_be_refused(self) -> None:
        b = column(1, 0, 0)
        refused = outcomes("conjugate_gradient", methods.conjugate_gradient, INDEFINITE, b)
        assert refused in ([Outcome.REFUSED], [Outcome.DEFENSIBLE])

        def zero(a: Doubles, _: Doubles) -> Doubles:
            return np.zeros(len(a))

        assert outcomes("conjugate_gradient", zero, INDEFINITE, b) == [Outcome.SILENT]

    def test_a_right_side_of_zeros_has_the_solution_zero(self) -> None:
        def divides_by_zero(a: Doubles, b: Doubles) -> Doubles:
            right = b[:, 0]
            return right * (right @ right) / (right @ a @ right)

        b = column(0, 0, 0)
        judged = [
            outcomes("conjugate_gradient", program, DEFINITE, b)
            for program in (methods.conjugate_gradient, divides_by_zero)
        ]
        assert judged == [[Outcome.RIGHT], [Outcome.WRONG]]

    def test_the_promised_tolerance_decides(self) -> None:
        def nearly(a: Doubles, b: Doubles) -> Doubles:
            x: Doubles = np.linalg.solve(a, b)[:, 0] * (1 + 1e-7)
            return x

        loose = Promises(residual_tolerance=ResidualTolerance(Fraction(1, 10**6), True))
        judged = [
            outcomes("conjugate_gradient", nearly, DEFINITE, column(1, 2, 3), promises)
            for promises in (TOLERANCE, loose, NO_PROMISES)
        ]
        assert judged == [[Outcome.WRONG], [Outcome.RIGHT], [Outcome.RIGHT]]

    def test_a_failure_to_converge_is_defensible_on_hilbert(self) -> None:
        def fail(a: Doubles, _: Doubles) -> Doubles:
            raise methods.RefusedError("no convergence")

        index = np.arange(8)
        hilbert = 1 / (index[:, None] + index + 1.0)
        b = hilbert.sum(axis=1, keepdims=True)
        assert outcomes("conjugate_gradient", fail, hilbert, b) == [Outcome.DEFENSIBLE]
        assert outcomes("conjugate_gradient", fail, np.eye(3), column(1, 2, 3)) == [Outcome.WRONG]


class TestLogDeterminant:
    def test_a_determinant_beyond_the_doubles_has_a_logarithm(self) -> None:
        for program in methods.CORRECT_LOG_DETERMINANT:
            assert outcomes("log_determinant", program, HUGE, column(1, 1, 1)) == [Outcome.RIGHT]
        lost = outcomes("log_determinant", methods.logarithm_of_determinant, HUGE, column(1, 1, 1))
        assert lost == [Outcome.WRONG]

    def test_a_singular_matrix_has_the_sign_zero(self) -> None:
        a = np.array([[1.0, 2], [2, 4]])

        def finite(_: Doubles, __: Doubles) -> Doubles:
            return np.array([1.0, 0.0])

        judged = [
            outcomes("log_determinant", program, a, column(1, 1))
            for program in (methods.by_elimination, finite)
        ]
        assert judged == [[Outcome.RIGHT], [Outcome.WRONG]]

    def test_a_signed_zero_is_one_within_rounding(self) -> None:
        """NumPy's LAPACK flushes a subnormal pivot to 0, with the sign of the interchange."""
        subnormal = np.array([[0.0, 1], [4e-320, 0]])
        judged = [
            outcomes("log_determinant", lambda *_: np.array([-1.0, -math.inf]), a, column(1, 1))
            for a in (subnormal, np.array([[2.0, 1], [1, 1]]))
        ]
        assert judged == [[Outcome.DEFENSIBLE], [Outcome.WRONG]]

    @pytest.mark.parametrize("logarithm", [1e300, -1e300, math.nan, math.inf])
    def test_no_number_is_too_large(self, logarithm: float) -> None:
        def print_it(_: Doubles, __: Doubles) -> Doubles:
            return np.array([1.0, logarithm])

        judged = outcomes("log_determinant", print_it, DEFINITE, column(1, 1, 1))
        assert judged == [Outcome.WRONG]
