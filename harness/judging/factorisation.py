"""The judgements on factors and on what is done with them: LU, substitutions, solve, inverse.

Each is judged against what it was itself handed. Where the factors are wrong, and a later result is
right for them, that is blocked and says which check it follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.judging import factorisation_checks
from harness.judging.evidence import Evidence
from harness.model.check import Check
from harness.model.procedure import LISTED, judged_procedures
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.model.answer import Stage


@dataclass(frozen=True)
class FactorisationJudge(Evidence):
    """The judgements on one port's transcript of one case, each of which may hang on others."""

    def judgements(self) -> Iterator[Judgement]:
        """One judgement for each check of the procedures that the port has, in their order."""
        for procedure in judged_procedures(self.port.procedures):
            if procedure.name == "lu":
                yield from self.lu
            elif procedure.name not in LISTED:
                yield getattr(self, procedure.name)

    # P A = L U

    @cached_property
    def lu(self) -> tuple[Judgement, ...]:
        """Are P, L and U what their names say, and is P A = L U?"""
        if (missing := self.missing("lu")) is not None:
            later = (Check.LU_LOWER, Check.LU_UPPER, Check.LU_PRODUCT)
            others = [self.missing_for(check, "lu") for check in later]
            return (missing, *(other for other in others if other))
        stages = self.transcript.stages
        forms = (
            factorisation_checks.permutation(stages["permutation"], self.expected),
            factorisation_checks.lower(stages["lower"], self.expected),
            factorisation_checks.upper(stages["upper"], self.expected),
        )
        amiss = [form for form in forms if form.outcome.deviates]
        told = [
            replace(form, outcome=Outcome.BLOCKED, follows=amiss[0].check)
            if form in amiss[1:]
            else form
            for form in forms
        ]
        return (*told, self.product(forms))

    def product(self, forms: tuple[Judgement, ...]) -> Judgement:
        """Is P A = L U? Not asked of what are no such matrices."""
        if self.factors is None:
            culprit = next((form for form in forms if form.outcome.deviates), forms[0])
            detail = "there are no finite factors to multiply"
            return Judgement(Check.LU_PRODUCT, Outcome.BLOCKED, detail, follows=culprit.check)
        own = factorisation_checks.product(self.factors, self.expected)
        amiss = [form for form in forms if form.outcome.deviates]
        if amiss and own.outcome.deviates:
            return replace(own, outcome=Outcome.BLOCKED, follows=amiss[0].check)
        return own

    @cached_property
    def factors(self) -> tuple[Any, Any, Any] | None:
        """P, L and U as they were printed, exactly; None where one is not finite, or not n × n."""
        size, stages = self.expected.unknowns, self.transcript.stages
        if self.stage("lu") is None:
            return None
        printed = [stages[label] for label in ("permutation", "lower", "upper")]
        if any(factorisation_checks.misshapen(stage, size, size) for stage in printed):
            return None
        permutation, lower, upper = (rational.from_rows(stage.rows) for stage in printed)
        return permutation, lower, upper

    @property
    def fault(self) -> Judgement | None:
        """The judgement that speaks against the factors, if one does."""
        if "lu" not in self.port.procedures:
            return None
        return next((judgement for judgement in self.lu if judgement.outcome.deviates), None)

    @cached_property
    def product_of_factors(self) -> Any:
        """Pᵀ L U, which stands for A wherever the factors are used; None where there is none."""
        if self.factors is None or self.lu[0].outcome is not Outcome.RIGHT:
            return None
        permutation, lower, upper = self.factors
        return permutation.transpose() * lower * upper

    def blamed(self, own: Judgement, is_right_for: Callable[[Any], bool]) -> Judgement:
        """Lay a wrong result to the factors, where they are wrong and it is right for them."""
        fault = self.fault
        if fault is None or not own.outcome.deviates:
            return own
        stand_in = self.product_of_factors
        if stand_in is None or is_right_for(stand_in):
            return replace(own, outcome=Outcome.BLOCKED, follows=fault.check)
        return own

    # Substitution

    @cached_property
    def forward_substitution(self) -> Judgement:
        """Does Y solve L Y = P B, with the port's own L and P?"""
        if (missing := self.missing("forward_substitution")) is not None:
            return missing
        stage = self.transcript.stages["forward"]
        if self.factors is None:
            return self.without_a_triangle(Check.FORWARD_VALUE)
        permutation, lower, _ = self.factors
        right = permutation * self.expected.sides
        return self.substituted(Check.FORWARD_VALUE, lower, right, stage)

    @cached_property
    def backward_substitution(self) -> Judgement:
        """Does X solve U X = Y, with the port's own U and Y?"""
        check, size = Check.BACKWARD_VALUE, self.expected.unknowns
        message = self.transcript.failures.get("backward_substitution", "")
        if (missing := self.missing("backward_substitution")) is not None:
            if message and self.zero_on_the_diagonal and missing.outcome.deviates:
                return Judgement(check, Outcome.DECLINED, f"refused: {message}; U is singular")
            return missing
        stage, given = self.transcript.stages["backward"], self.transcript.stages["forward"]
        if self.factors is None or factorisation_checks.misshapen(
            given, size, self.expected.right_hand_sides
        ):
            return self.without_a_triangle(check)
        if not self.zero_on_the_diagonal:
            return self.substituted(check, self.factors[2], rational.from_rows(given.rows), stage)
        if not rational.all_finite(stage.rows):
            return Judgement(check, Outcome.DECLINED, "X is not finite; U is singular")
        return Judgement(check, Outcome.SILENT, "finite numbers without a word; U is singular")

    @property
    def zero_on_the_diagonal(self) -> bool:
        """Whether the port's own U is singular."""
        upper = self.factors[2].tolist() if self.factors else []
        return any(row[i] == 0 for i, row in enumerate(upper))

    def substituted(self, check: Check, triangle: Any, right: Any, stage: Stage) -> Judgement:
        """The judgement on a substitution; what is no triangle is none that it could solve."""
        own = factorisation_checks.triangular(check, triangle, right, stage, self.expected)
        fault = self.fault
        if not own.outcome.deviates or not fault or fault.check is Check.LU_PRODUCT:
            return own
        return replace(own, outcome=Outcome.BLOCKED, follows=fault.check)

    def without_a_triangle(self, check: Check) -> Judgement:
        """The judgement on a substitution that was handed nothing to judge it by."""
        follows = self.fault.check if self.fault else None
        if follows is None and check is Check.BACKWARD_VALUE:
            follows = Check.FORWARD_VALUE
        detail = "there is no finite triangle to judge it by"
        return Judgement(check, Outcome.BLOCKED, detail, follows=follows)

    # What is made of A itself

    @cached_property
    def solve(self) -> Judgement:
        """Does each column of X solve the system with its right-hand side?"""
        if (missing := self.refused("solve", Check.SOLVE_VALUE)) is not None:
            return self.as_substituted(missing)
        stage = self.transcript.stages["solve"]
        own = factorisation_checks.solved(stage, self.expected.coefficients, self.expected)
        if not rational.all_finite(stage.rows):
            own = self.not_finite(own, "X")
        elif not self.regular:
            own = self.finite_though_singular(own, not own.outcome.deviates)
        own = self.as_substituted(own)
        return self.blamed(
            own, lambda a: not factorisation_checks.solved(stage, a, self.expected).outcome.deviates
        )

    def as_substituted(self, own: Judgement) -> Judgement:
        """Lay what deviates to the step that does too, where substitution came out the same."""
        stages, failures = self.transcript.stages, self.transcript.failures
        substituted = {"forward_substitution", "backward_substitution"} & {*self.asked_for}
        if not own.outcome.deviates or len(substituted) < 2:
            return own
        steps = (*self.lu, self.forward_substitution, self.backward_substitution)
        fault = next((judgement for judgement in steps if judgement.outcome.deviates), None)
        mine, theirs = stages.get("solve"), stages.get("backward")
        same = mine.rows == theirs.rows if mine and theirs else not (mine or theirs)
        if fault is None or not same or set(failures) == {"solve"}:
            return own
        return replace(own, outcome=Outcome.BLOCKED, follows=fault.check)

    @cached_property
    def inverse(self) -> Judgement:
        """Is it the inverse of A?"""
        check = Check.INVERSE_VALUE
        if (missing := self.refused("inverse", check)) is not None:
            return missing
        stage = self.transcript.stages["inverse"]
        if self.regular:
            own = factorisation_checks.inverse(stage, self.expected.coefficients, self.expected)
        elif not rational.all_finite(stage.rows):
            own = self.not_finite(Judgement(check, Outcome.WRONG), "it")
        else:
            nearly = factorisation_checks.nearly_inverse(stage, self.expected)
            own = self.finite_though_singular(Judgement(check, Outcome.WRONG), nearly)
        return self.blamed(own, lambda a: factorisation_checks.is_inverse(stage, a, self.expected))

    @cached_property
    def determinant(self) -> Judgement:
        """Is it the determinant of A?"""
        if (missing := self.missing("determinant")) is not None:
            return missing
        stage = self.transcript.stages["determinant"]
        own = factorisation_checks.determinant(stage, self.expected)
        return self.blamed(
            own, lambda a: factorisation_checks.is_determinant(stage, a, self.expected)
        )

    @cached_property
    def rank(self) -> Judgement:
        """Is it the rank of A?"""
        if (missing := self.missing("rank")) is not None:
            return missing
        return factorisation_checks.rank(self.transcript.stages["rank"], self.expected)

    @property
    def regular(self) -> bool:
        """Whether the coefficients, n × n, are regular."""
        return self.expected.reduced.rank == self.expected.unknowns

    def refused(self, procedure: str, check: Check) -> Judgement | None:
        """Why a result is missing, if it is: refusing a singular matrix is right."""
        missing = self.missing(procedure)
        message = self.transcript.failures.get(procedure, "")
        if missing is None or not message or not missing.outcome.deviates:
            return missing
        if not self.regular:
            return Judgement(check, Outcome.DECLINED, f"refused: {message}; A is singular")
        if self.expected.rank_is_doubtful:
            detail = f"refused: {message}; a singular matrix lies within rounding"
            return Judgement(check, Outcome.DEFENSIBLE, detail)
        if self.fault and (procedure == "solve") and self.zero_on_the_diagonal:
            return replace(missing, outcome=Outcome.BLOCKED, follows=self.fault.check)
        return missing

    def not_finite(self, own: Judgement, what: str) -> Judgement:
        """The judgement on infinities and NaN: right where A is singular, or nearly."""
        if not self.regular:
            return Judgement(own.check, Outcome.DECLINED, f"{what} is not finite; A is singular")
        if self.expected.rank_is_doubtful:
            detail = f"{what} is not finite; a singular matrix lies within rounding"
            return Judgement(own.check, Outcome.DEFENSIBLE, detail)
        return own

    def finite_though_singular(self, own: Judgement, right_nearby: bool) -> Judgement:
        """The judgement on finite numbers for a singular A: defensible where rounding alone made
        its pivots, and they are right for a matrix within rounding of it."""
        if word := self.noticed((*self.transcript.remarks, *self.transcript.errors)):
            return Judgement(own.check, Outcome.DECLINED, f"said: {word}")
        if right_nearby and factorisation_checks.rounds(self.expected):
            detail = "right for a regular matrix within rounding of this one"
            return Judgement(own.check, Outcome.DEFENSIBLE, detail, measures=own.measures)
        detail = "finite numbers without a word; A is singular"
        return Judgement(own.check, Outcome.SILENT, detail)
