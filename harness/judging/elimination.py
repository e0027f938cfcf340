"""Expected + Transcript → outcomes: one judgement for each check of a case.

Each procedure is judged against what it was itself handed. What it was handed wrongly by an
earlier one is that one's fault: the later check is then `blocked` and says which check it follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.judging import elimination_checks
from harness.judging.evidence import NO_NOTICE, Evidence
from harness.judging.factorisation import FactorisationJudge
from harness.model.case import Solutions
from harness.model.check import Check
from harness.model.verdict import Judgement, Outcome
from harness.numerics import error_measures, rational
from harness.numerics.oracle import classify

if TYPE_CHECKING:
    from harness.model.answer import Stage, Transcript
    from harness.model.pivot import Replay
    from harness.model.port import Port
    from harness.numerics.oracle import Expected


def judge(port: Port, expected: Expected, transcript: Transcript) -> tuple[Judgement, ...]:
    """One judgement for each check that is put to a port, in the order of the checks."""
    hearing = EliminationJudge(port, expected, transcript)
    echelon = hearing.echelon_form, hearing.echelon_rows, hearing.echelon_pivoting
    reduced = hearing.reduced_form, hearing.reduced_rows
    elimination = (*echelon, *reduced, hearing.solution_value, hearing.singular_notice)
    return (*elimination, *FactorisationJudge(port, expected, transcript).judgements())


@dataclass(frozen=True)
class EliminationJudge(Evidence):
    """The judgements on one port's transcript of one case, each of which may hang on others."""

    # What the later procedures were handed

    @cached_property
    def handed(self) -> Any:
        """The exact echelon matrix that the later procedures were handed, or None."""
        stage = self.stage("gaussian_elimination")
        if stage is None or elimination_checks.malformed(stage, self.expected):
            return None
        return rational.from_rows(stage.rows)

    @cached_property
    def handed_form(self) -> rational.ReducedForm | None:
        """The reduced form of that matrix, or None."""
        return (
            None
            if self.handed is None
            else rational.reduced_form(self.handed, self.expected.unknowns)
        )

    @cached_property
    def carried(self) -> error_measures.Sensitivity:
        """How far rounding is carried while that matrix is reduced."""
        if self.handed_form is None or self.echelon_form.outcome is not Outcome.RIGHT:
            return error_measures.Sensitivity(self.expected.rank_condition)
        return error_measures.sensitivity(self.handed, self.handed_form.pivots)

    @property
    def handed_unique(self) -> bool:
        """Whether there was exactly one solution left in what the later procedures were handed."""
        form = self.handed_form
        return form is not None and classify(form, self.expected.unknowns) is Solutions.UNIQUE

    @property
    def decided_by_rounding(self) -> bool:
        """Whether rounding alone made a unique solution, or took it away."""
        doubtful = self.echelon_rows.outcome is Outcome.DEFENSIBLE
        return doubtful and self.handed_unique != self.unique

    # Gaussian elimination

    @cached_property
    def echelon_form(self) -> Judgement:
        """Is the eliminated matrix in row echelon form?"""
        if (missing := self.missing("gaussian_elimination")) is not None:
            return missing
        ruling = elimination_checks.echelon_form(self.transcript.stages["echelon"], self.expected)
        stop = self.stop("gaussian_elimination") if ruling.outcome.deviates else None
        return stop or ruling

    @property
    def stopped(self) -> Judgement | None:
        """The judgement on an elimination that rightly stopped half-way: nothing is due then."""
        form = self.echelon_form
        return form if form.outcome in (Outcome.DECLINED, Outcome.DEFENSIBLE) else None

    @cached_property
    def echelon_rows(self) -> Judgement:
        """Is the eliminated matrix row-equivalent to the system?

        Where it is not, but another check of it says why, that one deviates and this is blocked.
        """
        check = Check.ECHELON_ROWS
        if (missing := self.missing_for(check, "gaussian_elimination")) is not None:
            return missing
        if self.equivalence is None:
            malformed = elimination_checks.malformed(
                self.transcript.stages["echelon"], self.expected
            )
            return Judgement(check, Outcome.BLOCKED, malformed, follows=Check.ECHELON_FORM)
        own = self.equivalence
        if own.outcome.deviates and self.echelon_form.outcome.deviates:
            return replace(own, outcome=Outcome.BLOCKED, follows=Check.ECHELON_FORM)
        if own.outcome.deviates and self.took_smaller_pivots:
            return replace(own, outcome=Outcome.BLOCKED, follows=Check.ECHELON_PIVOTING)
        return own

    @cached_property
    def equivalence(self) -> Judgement | None:
        """Whether the echelon matrix is row-equivalent to the system; None where it has none."""
        stage = self.stage("gaussian_elimination")
        if stage is None or elimination_checks.malformed(stage, self.expected):
            return None
        return elimination_checks.row_equivalence(stage, self.expected)

    @cached_property
    def replay(self) -> Replay | None:
        """How the echelon matrix came about; None where it is not in echelon form."""
        if self.handed is None or self.echelon_form.outcome is not Outcome.RIGHT:
            return None
        return elimination_checks.replayed(self.transcript.stages["echelon"], self.expected)

    @property
    def took_smaller_pivots(self) -> bool:
        """Whether the echelon matrix is what elimination makes of the system with wrong pivots."""
        replay = self.replay
        return replay is not None and replay.departure is not None and not replay.unexplained

    @cached_property
    def echelon_pivoting(self) -> Judgement:
        """Was each pivot the largest of its column?"""
        check = Check.ECHELON_PIVOTING
        if (missing := self.missing_for(check, "gaussian_elimination")) is not None:
            return missing
        if self.stopped is not None:
            return replace(self.stopped, check=check)
        if self.replay is None:
            detail = "the matrix is not in echelon form, so its pivots cannot be told"
            return Judgement(check, Outcome.BLOCKED, detail, follows=Check.ECHELON_FORM)
        own = elimination_checks.pivoting(self.replay)
        if not own.outcome.deviates or (self.took_smaller_pivots and not self.lost_by_rounding):
            return own
        rows = self.echelon_rows
        if rows.outcome.deviates:
            return replace(own, outcome=Outcome.BLOCKED, follows=rows.check)
        if rows.outcome is Outcome.DEFENSIBLE:
            return replace(own, outcome=Outcome.DEFENSIBLE, follows=rows.check)
        return own

    @property
    def lost_by_rounding(self) -> bool:
        """Whether a column was passed over that is, within rounding, without a pivot."""
        step = self.replay.departure if self.replay else None
        doubtful = self.echelon_rows.outcome is Outcome.DEFENSIBLE
        return step is not None and step.taken is None and doubtful

    @property
    def elimination_fault(self) -> Judgement | None:
        """The judgement that speaks against the echelon matrix, if one does."""
        all_three = (self.echelon_form, self.echelon_rows, self.echelon_pivoting)
        return next((judgement for judgement in all_three if judgement.outcome.deviates), None)

    @property
    def handed_wrongly(self) -> bool:
        """Whether the echelon matrix is not row-equivalent to the system, whyever."""
        return self.equivalence is not None and self.equivalence.outcome.deviates

    # Gauss–Jordan elimination

    @cached_property
    def reduced_form(self) -> Judgement:
        """Is the reduced matrix in reduced row echelon form?"""
        if (missing := self.missing("gauss_jordan")) is not None:
            return self.blamed(missing) if missing.outcome.deviates else missing
        if self.stopped is not None:
            return replace(self.stopped, check=Check.REDUCED_FORM)
        stage = self.transcript.stages["reduced"]
        own = elimination_checks.reduced_form(stage, self.handed_form, self.carried, self.expected)
        return self.blamed(own, stage)

    @cached_property
    def reduced_rows(self) -> Judgement:
        """Is the reduced matrix row-equivalent to the echelon matrix it was made from?"""
        check = Check.REDUCED_ROWS
        if (missing := self.missing_for(check, "gauss_jordan")) is not None:
            return missing
        if self.stopped is not None:
            return replace(self.stopped, check=check)
        stage = self.transcript.stages["reduced"]
        true = self.handed_form
        if true is None or elimination_checks.malformed(stage, self.expected):
            culprit = self.elimination_fault or self.reduced_form
            follows = culprit.check if culprit.outcome.deviates else None
            detail = "there is no finite matrix to compare"
            return Judgement(check, Outcome.BLOCKED, detail, follows=follows)
        if self.reduced_form.outcome.deviates:
            detail = "not in reduced form, so its columns cannot be told apart"
            return Judgement(check, Outcome.BLOCKED, detail, follows=Check.REDUCED_FORM)
        own = elimination_checks.reduced_rows(stage, true, self.carried, self.expected)
        return self.blamed(own, stage)

    def blamed(self, own: Judgement, stage: Stage | None = None) -> Judgement:
        """Lay what follows from a wrong echelon matrix to the elimination that made it.

        `own` is the judgement of a later procedure against what it was handed. It is blocked
        where that was no echelon matrix, or was one of another system.
        """
        fault = self.elimination_fault
        if fault is None:
            return self.doubted(own)
        judged_on_valid_input = own.outcome.deviates and fault is not self.echelon_form
        right_all_the_same = not own.outcome.deviates and not self.handed_wrongly
        if judged_on_valid_input or right_all_the_same:
            return self.doubted(own)
        detail = "right for the echelon matrix it was handed, but that is wrong"
        if own.outcome.deviates:
            shown = elimination_checks.largest_entry(stage) if stage else ""
            detail = f"it was handed a matrix that is not in echelon form{shown}"
        return Judgement(
            own.check, Outcome.BLOCKED, detail, own.entries, own.measures, follows=fault.check
        )

    def doubted(self, own: Judgement) -> Judgement:
        """Right for an echelon matrix that is only defensible is defensible too."""
        doubtful = self.echelon_rows.outcome is Outcome.DEFENSIBLE
        if not doubtful or own.outcome is not Outcome.RIGHT:
            return own
        detail = "right for the echelon matrix it was handed"
        return replace(own, outcome=Outcome.DEFENSIBLE, detail=detail, follows=Check.ECHELON_ROWS)

    # Back substitution

    @cached_property
    def solution_value(self) -> Judgement:
        """Does x solve the system?"""
        if (missing := self.missing("back_substitution")) is not None:
            message = self.transcript.failures.get("back_substitution")
            if message is not None and missing.outcome is Outcome.CRASHED:
                return self.refusal(f"refused: {message}", missing)
            return self.blamed(missing) if missing.outcome.deviates else missing
        if self.stopped is not None:
            return replace(self.stopped, check=Check.SOLUTION_VALUE)
        stage = self.transcript.stages["solution"]
        if not any(stage.rows) or not rational.all_finite(stage.rows):
            words = "x is not finite" if any(stage.rows) else "no numbers"
            return self.refusal(words, elimination_checks.solution(stage, self.expected))
        return self.judged_unique(stage) if self.unique else self.judged_other(stage)

    def refusal(self, words: str, own: Judgement) -> Judgement:
        """The verdict where there is no finite x; `own` is what it is worth where there should be.

        A refusal is right where there is no unique solution, or where what was handed has none.
        """
        fault = self.elimination_fault
        if not self.unique:
            detail = f"{words}; there is {self.what_there_is}"
            return Judgement(own.check, Outcome.DECLINED, detail)
        if self.decided_by_rounding:
            detail = f"{words}; by rounding, no unique solution was left"
            follows = Check.ECHELON_ROWS
            return Judgement(own.check, Outcome.DEFENSIBLE, detail, follows=follows)
        excused = fault is not None and (fault is self.echelon_form or not self.handed_unique)
        return self.following(own, fault) if fault and excused and own.outcome.deviates else own

    @property
    def what_there_is(self) -> str:
        """In place of a unique solution."""
        none = self.expected.solutions is Solutions.NONE
        return "no solution" if none else "no unique solution"

    def following(self, own: Judgement, fault: Judgement) -> Judgement:
        """A wrong x, or notice, that hangs on a fault of the elimination."""
        return replace(own, outcome=Outcome.BLOCKED, follows=fault.check)

    def judged_unique(self, stage: Stage) -> Judgement:
        """The verdict on a finite x where there is exactly one."""
        fault = self.elimination_fault
        own = elimination_checks.solution(stage, self.expected)
        if fault is None or not own.outcome.deviates:
            return own
        if fault is self.echelon_form or self.solves_what_it_was_handed(stage):
            return self.following(own, fault)
        return own

    def solves_what_it_was_handed(self, stage: Stage) -> bool:
        """Whether x is right for the triangle that back substitution got, and that is regular."""
        unknowns = self.expected.unknowns
        if self.handed is None or elimination_checks.not_a_vector(stage, self.expected):
            return False
        triangle = rational.upper_triangle(self.handed, unknowns)
        if triangle is None:
            return False
        ratio = error_measures.backward_ratio(triangle, unknowns, rational.from_rows(stage.rows))
        return elimination_checks.grade(ratio, self.expected.threshold) is Outcome.RIGHT

    def judged_other(self, stage: Stage) -> Judgement:
        """The verdict on a finite x where there is none, or more than one."""
        check, there = Check.SOLUTION_VALUE, self.what_there_is
        if self.notice:
            return Judgement(check, Outcome.DECLINED, f"said: {self.notice}")
        if self.solves_what_it_was_handed(stage):
            fault = self.elimination_fault
            if self.decided_by_rounding:
                detail = "solves a system within rounding of this one"
                return Judgement(check, Outcome.DEFENSIBLE, detail, follows=Check.ECHELON_ROWS)
            if fault is not None:
                detail = f"right for the echelon matrix it was handed; there is {there}"
                return Judgement(check, Outcome.BLOCKED, detail, follows=fault.check)
        return Judgement(check, Outcome.SILENT, f"finite numbers without a word; there is {there}")

    # The notice

    @cached_property
    def singular_notice(self) -> Judgement:
        """Is the notice given where the matrix is singular, and only where it is true?

        What an elimination that is at fault anyway says, or does not, hangs on that fault.
        """
        own, fault = self.own_notice, self.elimination_fault
        if fault is None or not own.outcome.deviates:
            return own
        return self.following(own, fault)

    @property
    def own_notice(self) -> Judgement:
        """The judgement on the notice, whatever else the elimination does.

        It is due where elimination must meet a column without a pivot before its rows run out
        (rank below min(m, n)), and false where there is exactly one solution. Between the two,
        as for a wide system of full row rank, a port may say it or not.
        """
        check, expected = Check.SINGULAR_NOTICE, self.expected
        missing = self.missing("gaussian_elimination")
        if not self.port.notices:
            return Judgement(check, Outcome.ABSENT, NO_NOTICE)
        if missing is not None and not missing.outcome.deviates:
            return replace(missing, check=check)
        rank = expected.reduced.rank
        if self.notice:
            return self.judged_notice()
        if missing is not None:
            detail = "gaussian_elimination did not get that far"
            return Judgement(check, Outcome.BLOCKED, detail, follows=missing.check)
        most = min(expected.rows, expected.unknowns)
        if rank >= most:
            return Judgement(check, Outcome.RIGHT)
        found = self.handed_form.rank if self.handed_form else 0
        if self.echelon_rows.outcome is Outcome.DEFENSIBLE and found >= most:
            detail = "its pivots are all non-zero, by rounding"
            return Judgement(check, Outcome.DEFENSIBLE, detail, follows=Check.ECHELON_ROWS)
        return Judgement(check, Outcome.WRONG, f"no notice, although the matrix has rank {rank}")

    def judged_notice(self) -> Judgement:
        """The verdict on a notice that was given."""
        check = Check.SINGULAR_NOTICE
        if not self.unique:
            return Judgement(check, Outcome.RIGHT, f"said: {self.notice}")
        if self.expected.rank_is_doubtful or self.decided_by_rounding:
            detail = f"said: {self.notice} (a singular system lies within rounding)"
            return Judgement(check, Outcome.DEFENSIBLE, detail)
        return Judgement(check, Outcome.WRONG, f"said: {self.notice}; there is a unique solution")
