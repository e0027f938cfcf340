"""All procedures, in the order in which a driver prints their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.check import CONTINUES, PUBLISHED_OUTPUT
from harness.procedures import (
    back_substitution,
    backward_substitution,
    cholesky,
    conjugate_gradient,
    determinant,
    forward_substitution,
    gauss_jordan,
    gaussian_elimination,
    inverse,
    least_squares,
    log_determinant,
    lu,
    rank,
    singular_notice,
    solve,
    tridiagonal,
    unchanged_input,
)

if TYPE_CHECKING:
    from harness.model.contract import Contract
    from harness.procedures.declaration import Result
    from harness.procedures.procedure import Procedure

REGISTRY: tuple[Procedure, ...] = (
    gaussian_elimination.PROCEDURE,
    gauss_jordan.PROCEDURE,
    back_substitution.PROCEDURE,
    singular_notice.PROCEDURE,
    lu.PROCEDURE,
    forward_substitution.PROCEDURE,
    backward_substitution.PROCEDURE,
    solve.PROCEDURE,
    inverse.PROCEDURE,
    determinant.PROCEDURE,
    log_determinant.PROCEDURE,
    rank.PROCEDURE,
    tridiagonal.PROCEDURE,
    cholesky.PROCEDURE,
    least_squares.PROCEDURE,
    conjugate_gradient.PROCEDURE,
    unchanged_input.PROCEDURE,
)

PROCEDURES = {procedure.name: procedure for procedure in REGISTRY if procedure.results}
"""The procedures that a manifest can name, by name."""

PUBLISHED_PROCEDURES = tuple(name for name, each in PROCEDURES.items() if each.always_asked)
"""The names of the procedures that every port is asked for: those of the published listings."""

RESULTS: dict[str, Result] = {
    **{result.label: result for procedure in REGISTRY for result in procedure.results},
    **unchanged_input.declare_inputs(PROCEDURES),
}
"""The results by their labels, in the order in which a driver prints them; then the inputs."""

JUDGED_LABELS = tuple(label for label, result in RESULTS.items() if result.judged)

CASE_CHECKS = (*(check for procedure in REGISTRY for check in procedure.checks), CONTINUES)
"""The checks of cases; `published.output` is asked once for each port."""

ELIMINATION_CHECKS = tuple(
    check for procedure in REGISTRY if procedure.always_asked for check in procedure.checks
)
"""The checks that are put to every port; the others only where it has the procedure."""

CHECKS = {str(check): check for check in (*CASE_CHECKS, PUBLISHED_OUTPUT)}
"""All checks by name, in the order in which a port answers them."""

CHECK_ORDER = {check: number for number, check in enumerate(CHECKS.values())}


def judged_procedures(contract: Contract) -> tuple[Procedure, ...]:
    """Return the procedures by which a port is judged: those always asked, and its own."""
    return tuple(each for each in REGISTRY if each.is_judged(contract))
