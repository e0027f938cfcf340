"""Printed stages beside the expected ones, with the correct digits of deviating entries."""

from __future__ import annotations

from typing import Any

import pytest

from harness.reports.parts.matrices import Matrix, count_correct_digits, typeset_matrix
from harness.reports.parts.stages import StageTable, build_stage_tables
from harness.results.schema import AnswerRecord, CaseRecord, VerdictRecord
from support.run_results import (
    build_answer,
    build_case,
    build_expectation,
    build_stage,
    build_wrong_verdict,
)

SYSTEM = [["1", "1", "5"], ["3", "1", "7"]]
SOLVED = build_expectation(reduced=[["1", "0", "1"], ["0", "1", "4"]], solution=["1", "4"])
NOT_THE_LARGEST = build_stage(["1", "1", "5"], ["0", "-2", "-8"])


def build_tables(
    printed: dict[str, Any], *verdicts: Any, with_reference: bool = True, **changes: Any
) -> tuple[StageTable, ...]:
    case = CaseRecord.model_validate(
        build_case("one", **{"system": SYSTEM, "expected": {"binary64": SOLVED}, **changes})
    )
    expected = next(iter(case.expected.values()))
    answer = AnswerRecord.model_validate(build_answer("c", "one", stages=printed))
    records = [VerdictRecord.model_validate(verdict) for verdict in verdicts]
    return build_stage_tables(answer, case, expected, records, expected if with_reference else None)


def texts(matrix: Matrix | None) -> list[list[str]]:
    assert matrix is not None
    return [[entry.text for entry in line.entries] for line in matrix.lines]


def digits(matrix: Matrix | None) -> list[str]:
    assert matrix is not None
    return [e.digits for line in matrix.lines for e in line.entries if e.is_marked]


def test_a_stage_equal_to_an_earlier_one_is_replaced_by_a_word() -> None:
    [stage] = build_tables({"reduced": build_stage(["1.0", "-0.0", "1"], ["0", "1", "4.0"])})
    assert (stage.printed, stage.expected, stage.same_as) == (None, None, "expected")


def test_a_stage_that_is_off_in_the_first_nine_digits_is_shown() -> None:
    [stage] = build_tables({"reduced": build_stage(["1", "0", "1.001"], ["0", "1", "4"])})
    assert texts(stage.printed)[0] == ["1", "0", "1.001"]
    assert stage.expected is None


def test_partial_pivoting_is_shown_beside_a_deviating_form() -> None:
    verdict = build_wrong_verdict(check="echelon.pivoting")
    [stage] = build_tables({"echelon": NOT_THE_LARGEST}, verdict)
    assert texts(stage.printed) == [["1", "1", "5"], ["0", "−2", "−8"]]
    assert texts(stage.expected) == [["3", "1", "7"], ["0", "2/3", "8/3"]]


def test_an_echelon_form_that_conforms_stands_alone() -> None:
    [stage] = build_tables({"echelon": NOT_THE_LARGEST}, with_reference=False)
    assert stage.expected is None


def test_the_echelon_form_is_of_the_doubles_given_to_the_port() -> None:
    singular_as_decimals = [["0.1", "0.7", "1"], ["0.3", "2.1", "3"]]
    verdict = build_wrong_verdict(check="echelon.form", entries=[(1, 0)])
    printed = {"echelon": build_stage(["0.3", "2.1", "3"], ["1", "0", "0"])}
    [binary64], [rational64] = (
        build_tables(printed, verdict, system=singular_as_decimals, expected={arithmetic: SOLVED})
        for arithmetic in ("binary64", "rational64")
    )
    assert texts(rational64.expected)[1] == ["0", "0", "0"]
    assert texts(binary64.expected)[1][1] != "0"


def test_no_echelon_form_of_a_large_system_or_of_non_numbers() -> None:
    verdict = build_wrong_verdict(check="echelon.form")
    for changes in ({"rows": 100}, {"unknowns": 100}, {"system": [["x", "1", "2"]]}):
        [stage] = build_tables({"echelon": NOT_THE_LARGEST}, verdict, **changes)
        assert stage.expected is None


def test_of_many_marked_rows_few_are_shown_and_the_others_counted() -> None:
    marked = [(i, 0) for i in range(256)]
    matrix = typeset_matrix("x", (("0",),) * 256, marked=marked)
    shown = [line.number for line in matrix.lines if line.number]
    assert shown == [*range(1, 12), 256]
    assert matrix.note == "rows 1–11 and 256 of 256; marked and not shown: 244"


def test_a_marked_entry_says_how_many_of_its_digits_are_correct() -> None:
    verdict = build_wrong_verdict(check="reduced.rows", entries=[(0, 2), (1, 2)])
    [stage] = build_tables(
        {"reduced": build_stage(["1", "0", "1.001"], ["0", "1", "NaN"])}, verdict
    )
    assert digits(stage.printed) == ["3.0", "0.0"]
    assert stage.printed is not None
    assert stage.printed.note == "small figures: number of correct digits, at most 15"
    assert digits(stage.expected) == ["", ""]


def test_a_residue_below_a_pivot_is_marked_without_digits() -> None:
    verdict = build_wrong_verdict(check="echelon.form", entries=[(1, 0)])
    [stage] = build_tables(
        {"echelon": build_stage(["3", "1", "7"], ["1e-12", "0.6", "2.6"])}, verdict
    )
    assert digits(stage.printed) == [""]


@pytest.mark.parametrize(
    ("printed", "expected", "digits"),
    [
        ("4", "4", "15.0"),
        ("4.04", "4", "2.0"),
        ("-4", "4", "0.0"),
        ("inf", "4", "0.0"),
        ("3 %", "4", "0.0"),
    ],
)
def test_correct_digits(printed: str, expected: str, digits: str) -> None:
    assert count_correct_digits(((printed,),), ((expected,),), [(0, 0)]) == {(0, 0): digits}


def test_an_entry_without_an_expected_value_has_no_digits() -> None:
    assert count_correct_digits((("1", "2"), ("3",)), (("1",),), [(0, 1), (1, 0), (5, 5)]) == {}


def test_digits_of_a_zero_are_relative_to_its_row() -> None:
    printed, due = (("1e-6", "1000"), ("1e-6", "0")), (("0", "1000"), ("0", "0"))
    assert count_correct_digits(printed, due, [(0, 0), (1, 0)]) == {(0, 0): "9.0", (1, 0): "9.0"}


def test_a_zero_that_must_be_exact_has_no_correct_digits() -> None:
    printed, due = (("22", "1"), ("1.8e-15", "0.3")), (("22", "1"), ("0", "0.3"))
    digits = count_correct_digits(printed, due, [(1, 0), (1, 1)], zeros_are_exact=True)
    assert digits == {(1, 1): "15.0"}
