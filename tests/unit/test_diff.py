"""Tests of the comparison of two runs: what is compared, what got worse, and what is printed."""

from __future__ import annotations

import io
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from harness.model.verdict import Outcome, Standing, Variant
from harness.procedures.registry import CASE_CHECKS
from harness.reports.terminal.diff import print_comparison
from harness.results.diff import Change, Comparison, Unshared, compare_runs
from harness.results.results import Results
from support.run_results import (
    build_case,
    build_port,
    build_right_verdicts,
    build_run_with_findings,
    build_small_run,
    build_verdict,
    build_wrong_verdict,
    dump_results,
    make_results,
    replace_fields,
)

OUTCOMES = st.sampled_from(list(Outcome))
NOTHING = Unshared((), (), ())
BEST_FIRST = [Standing.CONFORMING, Standing.NEITHER, Standing.DEVIATING]


def echelon_verdict(outcome: Outcome, case: str = "one", **changes: Any) -> dict[str, Any]:
    return build_verdict("c", case, "echelon.form", outcome, **changes)


def compare_outcomes(old: Outcome, new: Outcome) -> Comparison:
    """Return the comparison of two runs that differ only in one check of `c`."""
    return compare_runs(
        build_small_run(echelon_verdict(old)), build_small_run(echelon_verdict(new))
    )


def remove_verdicts(value: Results, **names: str) -> Results:
    """Return the results without the verdicts on a port, a case or a check."""
    remaining = [
        v for v in value.verdicts if not any(getattr(v, key) == n for key, n in names.items())
    ]
    return replace_fields(value, verdicts=[verdict.model_dump() for verdict in remaining])


def format_comparison(comparison: Comparison) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_comparison(comparison, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# Comparison


@given(st.dictionaries(st.sampled_from(["one", "two"]), OUTCOMES))
def test_a_run_is_no_different_from_itself(given_outcomes: dict[str, Outcome]) -> None:
    verdicts = (echelon_verdict(outcome, case) for case, outcome in given_outcomes.items())
    run = build_small_run(*verdicts, cases=("one", "two"))
    comparison = compare_runs(run, run)
    assert comparison.changes == ()
    assert not comparison.is_worse
    assert (comparison.only_new, comparison.only_old, comparison.unmatched) == (NOTHING, NOTHING, 0)
    assert comparison.compared == 2 * 2 * len(CASE_CHECKS)


def test_what_only_one_run_has_is_named_and_not_compared() -> None:
    old = build_small_run(build_wrong_verdict("one"), cases=("one", "old"))
    value = dump_results(build_small_run(cases=("one", "new")))
    value["ports"] = [build_port("c"), build_port("e")]
    value["verdicts"] = [v for v in value["verdicts"] if v["port"] == "c"]
    value["verdicts"] += [*build_right_verdicts("e", "one"), *build_right_verdicts("e", "new")]
    comparison = compare_runs(old, make_results(value))
    assert comparison.only_new == Unshared(("e",), ("new",), ())
    assert comparison.only_old == Unshared(("d",), ("old",), ())
    assert comparison.compared == len(CASE_CHECKS)
    assert [change.case for change in comparison.changes] == ["one"]
    assert comparison.unmatched == 0


def test_a_check_that_one_run_did_not_ask_is_named() -> None:
    old = remove_verdicts(build_small_run(), check="echelon.pivoting")
    comparison = compare_runs(old, build_small_run())
    assert comparison.only_new == Unshared((), (), ("echelon.pivoting",))
    assert compare_runs(build_small_run(), old).only_old == comparison.only_new


def test_what_an_interrupted_run_did_not_come_to_is_counted() -> None:
    whole = build_small_run(cases=("one", "two"))
    rest = [v.model_dump() for v in whole.verdicts if (v.port, v.case) != ("d", "two")]
    comparison = compare_runs(whole, replace_fields(whole, verdicts=rest))
    assert (comparison.unmatched, comparison.is_worse) == (len(CASE_CHECKS), False)
    assert f"Only one run has a verdict on {len(CASE_CHECKS)} further checks." in format_comparison(
        comparison
    )


def test_a_name_that_stands_for_another_system_is_another_case() -> None:
    new = build_small_run(
        build_wrong_verdict("one"), build_wrong_verdict("two"), cases=("one", "two")
    )
    old = replace_fields(
        build_small_run(cases=("one", "two")),
        cases=[build_case("one", system=[["9", "1", "3"], ["1", "3", "5"]]), build_case("two")],
    )
    comparison = compare_runs(old, new)
    assert comparison.altered == ("one",)
    assert [change.case for change in comparison.changes] == ["two"]


def test_a_change_of_kind_or_reason_makes_no_other_case_of_it() -> None:
    old = replace_fields(
        build_small_run(), cases=[build_case("one", kind="singular", why="for another reason")]
    )
    assert compare_runs(old, build_small_run(build_wrong_verdict())).altered == ()


def test_the_fixed_port_is_compared_with_the_fixed_port() -> None:
    old, new = (
        build_run_with_findings(build_wrong_verdict()),
        build_run_with_findings(build_wrong_verdict(), fixed=[build_wrong_verdict()]),
    )
    [change] = compare_runs(old, new).changes
    assert (change.variant, change.old, change.new) == (Variant.FIXED, Outcome.RIGHT, Outcome.WRONG)


def test_a_fixed_port_is_named_where_only_one_run_has_it() -> None:
    comparison = compare_runs(build_small_run(), build_run_with_findings())
    assert (comparison.only_new, comparison.unmatched) == (Unshared(("c fixed",), (), ()), 0)
    comparison = compare_runs(
        remove_verdicts(build_run_with_findings(), port="c"), build_run_with_findings()
    )
    assert (comparison.only_new, comparison.unmatched) == (Unshared(("c",), (), ()), 0)


def with_trouble(missing: bool) -> Results:
    """Return the results of a run in which `c` could not be run."""
    troubled = build_port("c", trouble="no javac", missing_toolchain=missing)
    value = build_small_run(
        *(build_verdict("c", "one", check, Outcome.GIVEN_UP) for check in CASE_CHECKS)
    )
    return replace_fields(value, ports=[troubled, build_port("d")])


def test_a_port_that_can_no_longer_be_built_got_worse() -> None:
    comparison = compare_runs(build_small_run(), with_trouble(missing=False))
    assert len(comparison.no_longer_judged) == len(CASE_CHECKS)
    assert comparison.is_worse


def test_a_port_whose_toolchain_is_missing_is_not_compared() -> None:
    comparison = compare_runs(build_small_run(build_wrong_verdict()), with_trouble(missing=True))
    assert (comparison.changes, comparison.is_worse) == ((), False)
    assert comparison.only_old == Unshared(("c",), (), ())


# Changes for the worse


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Outcome.RIGHT, Outcome.WRONG),
        (Outcome.DECLINED, Outcome.SILENT),
        (Outcome.BLOCKED, Outcome.INACCURATE),
        (Outcome.ABSENT, Outcome.WRONG),
        (Outcome.RIGHT, Outcome.BLOCKED),
        (Outcome.DEFENSIBLE, Outcome.GIVEN_UP),
        (Outcome.INACCURATE, Outcome.WRONG),
        (Outcome.WRONG, Outcome.CRASHED),
    ],
)
def test_what_got_worse_and_the_other_way_round_did_not(old: Outcome, new: Outcome) -> None:
    assert compare_outcomes(old, new).is_worse
    assert not compare_outcomes(new, old).is_worse


@pytest.mark.parametrize(
    "pair",
    [
        (Outcome.RIGHT, Outcome.DEFENSIBLE),
        (Outcome.RIGHT, Outcome.DECLINED),
        (Outcome.BLOCKED, Outcome.ABSENT),
    ],
)
def test_what_is_another_and_no_worse_either_way(pair: tuple[Outcome, Outcome]) -> None:
    assert not compare_outcomes(*pair).is_worse
    assert not compare_outcomes(*reversed(pair)).is_worse


@pytest.mark.parametrize(("old", "new"), list(product(Outcome, Outcome)))
def test_every_change_is_told_once_and_as_what_it_is(old: Outcome, new: Outcome) -> None:
    comparison = compare_outcomes(old, new)
    before, after = old.standing, new.standing
    deviating, conforming = Standing.DEVIATING, Standing.CONFORMING
    changes_by_kind = {
        "became deviating": comparison.became_deviating,
        "no longer judged": comparison.no_longer_judged,
        "deviates otherwise": comparison.deviates_otherwise,
        "became conforming": comparison.became_conforming,
        "otherwise changed": comparison.changed_otherwise,
    }
    [kind] = [kind for kind, changes in changes_by_kind.items() if changes] or ["not at all"]
    if old is new:
        assert kind == "not at all"
    elif after is deviating:
        assert kind == ("deviates otherwise" if before is deviating else "became deviating")
    elif before is deviating and after is conforming:
        assert kind == "became conforming"
    else:
        lost = (before, after) == (conforming, Standing.NEITHER)
        assert kind == ("no longer judged" if lost else "otherwise changed")


@given(OUTCOMES, OUTCOMES, OUTCOMES)
def test_worse_is_an_order(one: Outcome, two: Outcome, three: Outcome) -> None:
    def worse(old: Outcome, new: Outcome) -> bool:
        return Change("c", Variant.PUBLISHED, "one", "echelon.form", old, new, "", None).is_worse

    assert not worse(one, one)
    assert not (worse(one, two) and worse(two, one))
    if worse(one, two) and worse(two, three):
        assert worse(one, three)
    if BEST_FIRST.index(one.standing) < BEST_FIRST.index(two.standing):
        assert worse(one, two)


# Output


def test_what_became_worse_comes_first_with_what_is_new() -> None:
    cases = ("a", "b", "x", "y", "z")
    old = build_run_with_findings(build_wrong_verdict("a"), cases=cases)
    new = build_run_with_findings(
        *(
            build_wrong_verdict(case, "reduced.form", detail=f"because of {case}")
            for case in cases[1:]
        ),
        cases=cases,
    )
    text = format_comparison(compare_runs(old, new))
    assert "✗ 4 checks: became deviating" in text
    assert "  c  reduced.form  right → wrong  b, x, y and 1 more\n      because of b\n" in text
    assert "✓ 1 check: became conforming\n  c  echelon.form  wrong → right  a\n" in text
    assert text.index("became deviating") < text.index("became conforming")
    assert text.endswith("Something got worse.\n")


def test_a_deviation_that_is_known_says_so() -> None:
    new = build_run_with_findings(build_wrong_verdict(finding="off-by-one", detail="row 2"))
    assert "row 2 (explained by off-by-one)" in format_comparison(
        compare_runs(build_run_with_findings(), new)
    )


def test_what_is_not_shared_is_told() -> None:
    text = format_comparison(
        compare_runs(build_small_run(), build_small_run(cases=("one", "two", "three")))
    )
    assert f"Compared what both runs share: {2 * len(CASE_CHECKS)} checks." in text
    assert "Only in the new run: 2 cases: two and three" in text
    assert text.endswith("Nothing changed.\n")


def test_foreign_words_neither_act_nor_run_on() -> None:
    detail = "\x1b[2J[red]x[/red][/nonsense]\n::error::y" + "z" * 10_000
    text = format_comparison(
        compare_runs(build_small_run(), build_small_run(build_wrong_verdict(detail=detail)))
    )
    assert "␛[2J[red]x[/red][/nonsense] ::error::y" in text
    assert "\x1b" not in text
    assert len(text) < 1_000
