"""Two runs compared: what deviates now and did not before is worse, and only that."""

from __future__ import annotations

from typing import Any

import pytest
from results_by_hand import port, results, verdict

from harness.comparison import Comparison, compare, lines_of
from harness.results import FixedRun, Verdict
from harness.verdict import Check, Outcome, Variant

RIGHT, WRONG, CRASHED = Outcome.RIGHT, Outcome.WRONG, Outcome.CRASHED
BLOCKED, GIVEN_UP = Outcome.BLOCKED, Outcome.GIVEN_UP


def one(outcome: Outcome, finding: str | None = None, **changes: Any) -> Verdict:
    return verdict(outcome, finding).model_copy(update=changes)


def compared(before: Verdict, after: Verdict) -> Comparison:
    return compare(results(verdicts=[before]), results(verdicts=[after]))


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (one(RIGHT), one(RIGHT), None),
        (one(RIGHT), one(WRONG), "worse"),
        (one(BLOCKED), one(WRONG), "worse"),
        (one(RIGHT), one(WRONG, "f"), "worse"),
        (one(WRONG, "f"), one(WRONG), "worse"),
        (one(RIGHT), one(GIVEN_UP), "worse"),
        (one(WRONG), one(GIVEN_UP), "worse"),
        (one(WRONG), one(RIGHT), "better"),
        (one(WRONG, "f"), one(Outcome.DEFENSIBLE), "better"),
        (one(WRONG), one(BLOCKED), "better"),
        (one(WRONG), one(WRONG), None),
        (one(WRONG, "f"), one(WRONG, "f"), None),
        (one(WRONG), one(WRONG, "f"), "other"),
        (one(WRONG), one(CRASHED), "other"),
        (one(RIGHT), one(Outcome.DEFENSIBLE), "other"),
        (one(RIGHT), one(BLOCKED), "other"),
    ],
)
def test_a_change_is_worse_or_better_or_neither(
    before: Verdict, after: Verdict, word: str | None
) -> None:
    found = compared(before, after)
    changed = {"worse": found.worse, "better": found.better, "other": found.other}
    assert {name for name, changes in changed.items() if changes} == ({word} if word else set())
    assert found.exit_status == int(word == "worse")


def test_what_only_one_run_has_is_named_and_makes_nothing_worse() -> None:
    old = [one(RIGHT), one(RIGHT, case="gone")]
    new = [one(RIGHT), one(WRONG, case="new"), one(WRONG, port="d")]
    new += [one(WRONG, check=Check.ECHELON_FORM), one(WRONG, variant=Variant.FIXED)]
    found = compare(results(verdicts=old), results(verdicts=new))
    assert found.exit_status == 0
    assert found.shared == 1
    assert found.gone.cases == ("gone",)
    assert found.new.cases == ("new",)
    assert found.new.ports == ("d", "c fixed")
    assert found.new.checks == ("echelon.form",)
    lines = list(lines_of(found))
    assert lines[0] == "0 worse, 0 better, 0 otherwise, of 1 checks that both runs have"
    assert "only in the old run: cases gone" in lines
    assert "only in the new: ports d, c fixed" in lines


def test_the_variants_are_compared_with_their_own_kind() -> None:
    before = [one(WRONG, "f"), one(RIGHT, variant=Variant.FIXED)]
    after = [one(WRONG, "f"), one(WRONG, variant=Variant.FIXED)]
    [change] = compare(results(verdicts=before), results(verdicts=after)).worse
    assert change.after.variant is Variant.FIXED


def test_a_port_that_cannot_be_run_any_more_is_worse() -> None:
    broken = port(trouble="its build failed")
    found = compare(results([port()]), results([broken]))
    assert (found.broken, found.exit_status) == (("c",), 1)
    assert next(lines_of(found)) == "worse: c could be run before, and cannot now"
    assert compare(results([broken]), results([broken])).exit_status == 0
    fixed = port().model_copy(update={"fixed": FixedRun(seconds=1.0)})
    failing = fixed.model_copy(update={"fixed": FixedRun(seconds=1.0, trouble="no")})
    assert compare(results([fixed]), results([failing])).broken == ("c fixed",)


def test_a_change_is_told_in_one_line() -> None:
    after = one(WRONG, detail="x is not finite")
    assert next(lines_of(compared(one(RIGHT), after))) == (
        "worse: c a solution.value right → wrong (x is not finite)"
    )
    lost = compared(one(WRONG, "f"), one(WRONG))
    assert next(lines_of(lost)) == "worse: c a solution.value wrong, not explained by f any more"
