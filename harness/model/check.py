"""The checks: the questions that are put to a port."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class Check(StrEnum):
    """The questions, in the order in which a port answers them."""

    ECHELON_FORM = "echelon.form"
    ECHELON_ROWS = "echelon.rows"
    ECHELON_PIVOTING = "echelon.pivoting"
    REDUCED_FORM = "reduced.form"
    REDUCED_ROWS = "reduced.rows"
    SOLUTION_VALUE = "solution.value"
    SINGULAR_NOTICE = "singular.notice"
    LU_PERMUTATION = "lu.permutation"
    LU_LOWER = "lu.lower"
    LU_UPPER = "lu.upper"
    LU_PRODUCT = "lu.product"
    FORWARD_VALUE = "forward.value"
    BACKWARD_VALUE = "backward.value"
    SOLVE_VALUE = "solve.value"
    INVERSE_VALUE = "inverse.value"
    DETERMINANT_VALUE = "determinant.value"
    RANK_VALUE = "rank.value"
    PUBLISHED_OUTPUT = "published.output"

    @property
    def question(self) -> str:
        """What the check asks, as a sentence for people."""
        return QUESTIONS[self]


QUESTIONS: dict[Check, str] = {
    Check.ECHELON_FORM: "Is the eliminated matrix in row echelon form?",
    Check.ECHELON_ROWS: "Is the eliminated matrix row-equivalent to the system?",
    Check.ECHELON_PIVOTING: "Was each pivot the largest of its column?",
    Check.REDUCED_FORM: "Is the reduced matrix in reduced row echelon form?",
    Check.REDUCED_ROWS: "Is the reduced matrix row-equivalent to what it was made from?",
    Check.SOLUTION_VALUE: "Does x solve the system?",
    Check.SINGULAR_NOTICE: "Is singularity noticed where it is there, and only there?",
    Check.LU_PERMUTATION: "Is P a permutation matrix?",
    Check.LU_LOWER: "Is L unit lower triangular, with no entry larger than 1?",
    Check.LU_UPPER: "Is U upper triangular?",
    Check.LU_PRODUCT: "Is P A = L U?",
    Check.FORWARD_VALUE: "Does Y solve L Y = P B, with its own L and P?",
    Check.BACKWARD_VALUE: "Does X solve U X = Y, with its own U and Y?",
    Check.SOLVE_VALUE: "Does each column of X solve the system with its right-hand side?",
    Check.INVERSE_VALUE: "Is it the inverse of A?",
    Check.DETERMINANT_VALUE: "Is it the determinant of A?",
    Check.RANK_VALUE: "Is it the rank of A?",
    Check.PUBLISHED_OUTPUT: "Does the listing's own main print the right numbers?",
}

CASE_CHECKS = tuple(check for check in Check if check is not Check.PUBLISHED_OUTPUT)
"""The checks of cases; `published.output` is asked once per port."""

ELIMINATION_CHECKS = CASE_CHECKS[: CASE_CHECKS.index(Check.SINGULAR_NOTICE) + 1]
"""The checks that are put to every port; the others only where it has the procedure."""
