"""Asks deviating cases again, and finds the deviations that do not recur.

A deviating case is asked again in a process that has answered no other case. If all deviations
recur, nothing more is asked. If one does not, the port keeps a state between cases, or it does not
compute the same result each time. Then all of its cases are asked twice more in their order, which
tells the one from the other, and earlier cases that suffice for the deviation are searched for.

Deviations that findings explain have a known cause. Those cases are asked again together, in
reverse order, so that a port with many of them needs one process more. Most of those that end their
process, so that each needs another, are not asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.model.check import CONTINUES
from harness.model.recurrence import Occurrence, Recurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from harness.model.check import Check
    from harness.runs.answer_store import StoredAnswer

MAXIMUM_ASKED_ALONE = 12
"""The number of cases that are asked in a process of their own while all deviations recur."""

MAXIMUM_ASKED_AFTER_DIFFERENCE = 100
"""The same once a deviation did not recur."""

MAXIMUM_EXPLAINED_FAILURES = 2
"""The number of explained cases that end their process, and are asked again all the same."""

FURTHER_PASSES = 2
"""The number of times that all cases are asked again once a deviation did not recur."""

MAXIMUM_SUFFICIENT_CASES = 3
MAXIMUM_SEARCHES = 8
"""The largest number of sufficient cases, and the number of searches for them, of one port."""


@dataclass(frozen=True)
class Repeated:
    """What is known of a case once it was asked again: the answer to judge it by, and the
    deviations in it that do not recur."""

    answer: StoredAnswer
    recurrences: Mapping[Check, Recurrence]


def repeat(
    first: Sequence[StoredAnswer],
    subjects: Collection[str],
    is_explained: Callable[[StoredAnswer], bool],
    ask: Callable[[Sequence[str]], Sequence[StoredAnswer]],
) -> dict[str, Repeated]:
    """Return what is known of the cases in which a deviation does not recur, by case.

    `first` are the answers of a run, in its order, and `subjects` the cases that are reported.
    `is_explained` tells whether findings explain all deviations of an answer. `ask` asks cases in
    the given order, in a process that has answered no other case. It returns fewer answers if the
    run was stopped.
    """
    return RepetitionRun(first, subjects, ask).run(is_explained)


class RepetitionRun:
    """The answers of one port to cases that are asked again."""

    def __init__(
        self,
        first: Sequence[StoredAnswer],
        subjects: Collection[str],
        ask: Callable[[Sequence[str]], Sequence[StoredAnswer]],
    ) -> None:
        self._first = {answer.case: answer for answer in first}
        self._subjects = subjects
        self._ask = ask
        self._alone: dict[str, list[StoredAnswer]] = {}
        self._in_order: list[dict[str, StoredAnswer]] = [self._first]
        self._sufficient: list[tuple[str, ...]] = []
        self._searches = 0

    def run(self, is_explained: Callable[[StoredAnswer], bool]) -> dict[str, Repeated]:
        """Ask again, as far as necessary. Return what `repeat` returns."""
        deviating = [case for case in self._subjects if self._first[case].deviating]
        explained = [case for case in deviating if is_explained(self._first[case])]
        unexplained = [case for case in deviating if case not in explained]
        failures = [case for case in explained if self._first[case].ended_process]
        left_out = {*failures[MAXIMUM_EXPLAINED_FAILURES:]}
        explained = [case for case in explained if case not in left_out]
        separate, together = unexplained[:MAXIMUM_ASKED_ALONE], unexplained[MAXIMUM_ASKED_ALONE:]
        doubtful = [case for case in separate if not self._recurs_alone(case)]
        doubtful += self._ask_together([*explained, *together])
        if not doubtful:
            return {}
        others = [case for case in deviating if case not in self._alone]
        for case in others[:MAXIMUM_ASKED_AFTER_DIFFERENCE]:
            self._recurs_alone(case)
        cases = self._list_cases_of_passes(doubtful)
        for _ in range(FURTHER_PASSES):
            answers = self._ask(cases)
            self._in_order.append({answer.case: answer for answer in answers})
        return dict(self._collect())

    def _list_cases_of_passes(self, doubtful: Sequence[str]) -> list[str]:
        """Return the cases to ask again in their order: all of them, or those up to the last that
        is doubtful where processes failed between cases, and nothing else is doubtful.

        Such a port may need a process for each case.
        """
        cases = list(self._first)
        if any(self._first[case].deviating != (CONTINUES,) for case in doubtful):
            return cases
        return cases[: max(map(cases.index, doubtful)) + 1]

    def _recurs_alone(self, case: str) -> bool:
        """Ask a case in a process of its own. Return whether the checks have the same outcomes."""
        answers = self._ask([case])
        self._alone.setdefault(case, []).extend(answers)
        return all(self._is_same(answer) for answer in answers)

    def _ask_together(self, cases: Sequence[str]) -> list[str]:
        """Ask cases in one process, the last first. Return those with another outcome."""
        answers = self._ask(cases[::-1]) if cases else ()
        return [answer.case for answer in answers if not self._is_same(answer)]

    def _is_same(self, answer: StoredAnswer) -> bool:
        first = self._first[answer.case]
        return not answer.was_given or answer.agrees(first, first.outcomes)

    def _collect(self) -> Iterator[tuple[str, Repeated]]:
        """Yield the cases that have a deviation that does not recur."""
        for case in self._subjects:
            in_order = [answers[case] for answers in self._in_order if case in answers]
            in_order = [answer for answer in in_order if answer.was_given]
            chosen = next((answer for answer in in_order if answer.deviating), None)
            if chosen is None:
                continue
            recurrences = self._find_recurrences(case, chosen, in_order)
            if recurrences:
                yield case, Repeated(chosen, recurrences)

    def _find_recurrences(
        self, case: str, chosen: StoredAnswer, in_order: Sequence[StoredAnswer]
    ) -> dict[Check, Recurrence]:
        """Return the deviations of the chosen answer that do not recur, by check."""
        alone = [answer for answer in self._alone.get(case, ()) if answer.was_given]
        checks = [
            check
            for check in chosen.deviating
            if any(not chosen.agrees(answer, [check]) for answer in (*in_order, *alone))
        ]
        if not checks:
            return {}
        occurrence = Occurrence.SOMETIMES
        after: tuple[str, ...] = ()
        history = self._list_history(case)
        if history and all(chosen.agrees(answer, checks) for answer in in_order):
            # One more answer, because the first may have differed by chance.
            self._recurs_alone(case)
            alone = [answer for answer in self._alone[case] if answer.was_given]
            if len({tuple(map(answer.outcome, checks)) for answer in alone}) == 1:
                occurrence = Occurrence.AFTER_OTHERS
                after = self._find_sufficient_cases(case, chosen, checks, history)
        answers = (*in_order, *alone)
        return {
            check: build_recurrence(occurrence, chosen, answers, check, after) for check in checks
        }

    def _list_history(self, case: str) -> list[str]:
        """Return the cases that a process had answered before a case, in their order."""
        history: list[str] = []
        for earlier, answer in self._first.items():
            if earlier == case:
                break
            if answer.has_discontinuity:
                history.clear()
            if answer.ended_process:
                history.clear()
            elif answer.was_given:
                history.append(earlier)
        return history

    def _find_sufficient_cases(
        self, case: str, chosen: StoredAnswer, checks: Sequence[Check], history: Sequence[str]
    ) -> tuple[str, ...]:
        """Return few earlier cases after which the deviations occur; none if it is not known."""

        def occurs_after(earlier: Sequence[str]) -> bool:
            *_, last = (None, *self._ask([*earlier, case]))
            return last is not None and last.case == case and last.agrees(chosen, checks)

        for known in self._sufficient:
            if {*known} <= {*history} and occurs_after(known):
                return known
        if self._searches == MAXIMUM_SEARCHES:
            return ()
        self._searches += 1
        sufficient = find_sufficient(history, occurs_after)
        if sufficient:
            self._sufficient.append(sufficient)
        return sufficient


def build_recurrence(
    occurrence: Occurrence,
    chosen: StoredAnswer,
    answers: Sequence[StoredAnswer],
    check: Check,
    after: tuple[str, ...],
) -> Recurrence:
    """Return how the deviation in a check of the chosen answer recurs in all answers."""
    outcomes = [answer.outcome(check) for answer in answers]
    others = [outcome for outcome in outcomes if outcome is not chosen.outcome(check)]
    return Recurrence(occurrence, others[0], len(outcomes) - len(others), len(outcomes), after)


def find_sufficient(
    history: Sequence[str], occurs_after: Callable[[Sequence[str]], bool]
) -> tuple[str, ...]:
    """Return few cases of a history after which a deviation occurs; none if there are too many.

    The deviation occurs after the whole history, and not without it. Each round finds, by
    bisection, the shortest end of the remaining history that suffices, together with the cases
    found so far. Its first case is necessary. The next round looks for the others after it.
    """
    needed: tuple[str, ...] = ()
    rest = list(history)
    while not needed or not occurs_after(needed):
        if len(needed) == MAXIMUM_SUFFICIENT_CASES or not rest:
            return ()
        sufficient, insufficient = 0, len(rest)
        while insufficient - sufficient > 1:
            middle = (sufficient + insufficient) // 2
            if occurs_after((*needed, *rest[middle:])):
                sufficient = middle
            else:
                insufficient = middle
        needed, rest = (*needed, rest[sufficient]), rest[sufficient + 1 :]
    return needed
