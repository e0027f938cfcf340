"""The procedures that a port may have, and the words of the protocol for what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.check import Check

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Procedure:
    """A procedure, and under which `labels` its results are printed.

    The first of its checks, `check`, is answered where there is no result; `handed_by` is the
    procedure whose result it works on, where that is not the system itself. Some are asked of
    square matrices only, and some with a single right-hand side only.
    """

    name: str
    labels: tuple[str, ...]
    check: Check
    handed_by: str = ""
    square: bool = False
    single: bool = False


ALL_PROCEDURES = (
    Procedure("gaussian_elimination", ("echelon",), Check.ECHELON_FORM),
    Procedure("gauss_jordan", ("reduced",), Check.REDUCED_FORM, "gaussian_elimination"),
    Procedure(
        "back_substitution",
        ("solution",),
        Check.SOLUTION_VALUE,
        "gaussian_elimination",
        single=True,
    ),
    Procedure("lu", ("permutation", "lower", "upper"), Check.LU_PERMUTATION, square=True),
    Procedure("forward_substitution", ("forward",), Check.FORWARD_VALUE, "lu", square=True),
    Procedure(
        "backward_substitution",
        ("backward",),
        Check.BACKWARD_VALUE,
        "forward_substitution",
        square=True,
    ),
    Procedure("solve", ("solve",), Check.SOLVE_VALUE, square=True),
    Procedure("inverse", ("inverse",), Check.INVERSE_VALUE, square=True),
    Procedure("determinant", ("determinant",), Check.DETERMINANT_VALUE, square=True),
    Procedure("rank", ("rank",), Check.RANK_VALUE),
)
"""In the order in which a driver prints their results."""

PROCEDURES = {procedure.name: procedure for procedure in ALL_PROCEDURES}

SECONDS = "seconds"
"""The label of what `solve` took: one number for each right-hand side, never judged."""

VECTORS = frozenset({"solution", "determinant", "rank", SECONDS})
"""The labels with one size behind them, a length; the others have rows and columns."""

LABELS = (*(label for procedure in ALL_PROCEDURES for label in procedure.labels), SECONDS)

LISTED = ("gaussian_elimination", "gauss_jordan", "back_substitution")
"""The procedures of the published listings: every port is asked for them."""


def judged_procedures(procedures: Sequence[str]) -> tuple[Procedure, ...]:
    """The procedures that a port with these is judged by: those listed, and its own."""
    return tuple(p for p in ALL_PROCEDURES if p.name in LISTED or p.name in procedures)


def label_of(check: Check) -> str:
    """The label of the stage whose entries a check points at; nothing where there is none."""
    family, _, part = check.value.partition(".")
    label = part if family == "lu" else family
    return label if label in LABELS else ""
