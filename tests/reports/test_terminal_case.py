"""Tests of the output for one case of one port on a terminal."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from harness.reports.terminal.case import print_case
from harness.results.results import Results
from support.run_results import (
    build_answer,
    build_case,
    build_expectation,
    build_explained_verdict,
    build_finding,
    build_pivot_choice,
    build_run_with_findings,
    build_stage,
    build_wrong_verdict,
    replace_fields,
)

SYSTEM = [["1", "1", "5"], ["3", "1", "7"]]
SOLVED = build_expectation(reduced=[["1", "0", "1"], ["0", "1", "4"]], solution=["1", "4"])
STAGES = {
    "echelon": build_stage(["1", "1", "5"], ["0", "-2", "-8"]),
    "reduced": build_stage(["1", "0", "1.001"], ["0", "1", "4"]),
    "solution": build_stage(["1"], ["4"]),
}


def print_one_case(*verdicts: Any, fixed: list[Any] | None = None, **answer: Any) -> str:
    """Return what is printed for a case, without colours, with each run of blanks as one blank."""
    value = build_run_with_findings(*verdicts, fixed=fixed, findings=[build_finding()])
    case = build_case("one", system=SYSTEM, expected={"binary64": SOLVED})
    given = {"stages": STAGES, **answer}
    results: Results = replace_fields(
        value, cases=[case], answers=[build_answer("c", "one", **given)]
    )
    console = Console(file=io.StringIO(), width=120)
    print_case(results, "c", "one", console)
    printed = console.file
    assert isinstance(printed, io.StringIO)
    return " ".join(printed.getvalue().split())


def test_the_system_and_what_is_true_of_it_come_first() -> None:
    text = print_one_case()
    assert "one (regular, cases/some.yaml:7) why one 1 1 │ 5 3 1 │ 7 solutions: unique" in text
    assert "x = (1, 4)" in text


def test_what_was_due_stands_beside_what_was_printed() -> None:
    assert "solution printed expected 1 1 4 4" in print_one_case()


def test_partial_pivoting_is_shown_beside_a_deviating_form() -> None:
    beside = "printed expected with the largest pivots 1 1 │ 5 3 1 │ 7 0 -2 │ -8 0 2/3 │ 8/3"
    assert f"echelon {beside}" in print_one_case(build_wrong_verdict(check="echelon.pivoting"))
    assert "with the largest pivots" not in print_one_case()


def test_a_deviating_entry_is_marked_with_its_correct_digits() -> None:
    text = print_one_case(build_wrong_verdict(check="reduced.rows", entries=[(0, 2)]))
    assert "1 0 │ → 1.001 (3.0) 1 0 │ 1" in text
    assert "in brackets: correct digits, out of 15" in text
    assert "in brackets" not in print_one_case()


def test_the_first_departure_from_the_largest_pivots_is_named() -> None:
    trace = [
        build_pivot_choice(0, 0, (1, 3.0), (0, 1.0), legal=False),
        build_pivot_choice(1, 1, (1, 2.0), legal=False),
    ]
    text = print_one_case(build_wrong_verdict(check="echelon.pivoting", trace=trace))
    assert text.count("not the largest") == 2
    assert "1 1 row 2 |3|, row 1 |1| row 1 not the largest ← first departure" in text
    assert text.count("first departure") == 1


def test_the_finding_and_what_its_patch_does_are_told() -> None:
    assert "off-by-one: The loop ends early (c.src:14) It stops." in print_one_case(
        build_explained_verdict()
    )
    assert "with the patches of all findings nothing deviates" in print_one_case(
        build_explained_verdict()
    )
    assert "nothing deviates" not in print_one_case(
        build_explained_verdict(), fixed=[build_wrong_verdict()]
    )


def test_what_the_port_said_and_how_it_ended_is_told() -> None:
    answer = {
        "remarks": ["singular?"],
        "errors": ["trouble"],
        "ending": "died",
        "reason": "SIGSEGV",
    }
    text = print_one_case(failures={"gauss_jordan": "no luck"}, **answer)
    for part in ("remarks singular?", "failed gauss_jordan: no luck", "standard error trouble"):
        assert part in text
    assert "ended died SIGSEGV" in text


def test_foreign_words_do_nothing_to_the_terminal() -> None:
    text = print_one_case(remarks=["\x1b[2J[bold]loud[/bold]"])
    assert "\x1b" not in text
    assert "[bold]loud[/bold]" in text
