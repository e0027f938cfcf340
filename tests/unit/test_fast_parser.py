"""`AnswerLayout` reads an answer at once as `AnswerParser` does, or leaves it to that."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.answer import Stage
from harness.protocol.fast_parser import AnswerLayout, build_layout
from harness.protocol.parser import AnswerParser

ANSWER = """\
case a
echelon 2 3
6 -4 9.5
0 4.666666666666667 -5e-300
solution 2
-0.0
+1.
end a"""


def parse_lines(lines: list[str]) -> AnswerParser:
    reader = AnswerParser("a", largest=1000)
    for line in lines:
        reader.feed(line)
    return reader


@pytest.fixture
def layout() -> AnswerLayout:
    answer_layout = build_layout(parse_lines(ANSWER.splitlines()).stages)
    assert answer_layout is not None
    return answer_layout


def read_with_layout(
    layout: AnswerLayout, lines: list[str], at: int = 0
) -> dict[str, Stage] | None:
    return layout.read("a", lines, at)


def test_the_next_answer_of_the_same_layout_is_read_alike(layout: AnswerLayout) -> None:
    lines = ANSWER.replace("9.5", "7").splitlines()
    assert read_with_layout(layout, lines) == parse_lines(lines).stages
    assert read_with_layout(layout, ["before", *lines, "after"], at=1) == parse_lines(lines).stages


def test_inputs_that_are_handed_back_are_read_likewise() -> None:
    lines = [*ANSWER.splitlines()[:-1], "input solve 1 2", "3 4", "end a"]
    with_input = build_layout(parse_lines(lines).stages)
    assert with_input is not None
    assert read_with_layout(with_input, lines) == parse_lines(lines).stages


def test_ratios_are_read_likewise(layout: AnswerLayout) -> None:
    ratios = ANSWER.replace("6 -4 9.5", "6 % 1 (-4) % 3 9 % 2")
    for old, new in (("0 4.666666666666667 -5e-300", "0 % 1 2 % 4 1 % 9"), ("+1.", "7 % 5")):
        ratios = ratios.replace(old, new)
    ratios = ratios.replace("-0.0", "(-1) % 3")
    stages = read_with_layout(layout, ratios.splitlines())
    assert stages is not None
    assert stages == parse_lines(ratios.splitlines()).stages
    assert type(stages["echelon"].rows[0][0]) is Fraction
    assert read_with_layout(layout, ratios.replace("% 5", "% 0").splitlines()) is None


CHANGES_OF_LAYOUT = [
    ("6 -4 9.5", "6 -4 0." + "1" * 4_000),
    ("6 -4 9.5", "6 -4 " + "0" * 4_000 + "1"),
    ("case a", "case b"),
    ("end a", "end b"),
    ("end a", "a remark"),
    ("echelon 2 3", "echelon 3 2"),
    ("echelon 2 3", "reduced 2 3"),
    ("6 -4 9.5", "6 -4"),
    ("6 -4 9.5", "6 -4 9.5 1"),
    ("6 -4 9.5\n", "6 -4 9.5 \n"),
    ("6 -4 9.5\n", "6 -4 9.5\n\n"),
    ("6 -4 9.5", "a remark"),
    ("6 -4 9.5", "6 -4 nan"),
    ("6 -4 9.5", "6 -4 1e999"),
    ("6 -4 9.5", "6 -4 1_0"),
    ("6 -4 9.5", "6 -4 ٣"),
    ("6 -4 9.5", "6 -4 1/3"),
    ("6 -4 9.5", "6 -4 9007199254740993"),
    ("solution 2", "solution 2\nremark"),
    ("+1.\nend a", "+1."),
]


@pytest.mark.parametrize(("old", "new"), CHANGES_OF_LAYOUT)
def test_text_of_another_layout_is_not_read(layout: AnswerLayout, old: str, new: str) -> None:
    changed = ANSWER.replace(old, new)
    assert changed != ANSWER
    assert read_with_layout(layout, changed.splitlines()) is None


NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers().map(str),
    st.fractions().map(lambda f: f"{f.numerator} % {f.denominator}"),
    st.text("0123456789+-.eE_ n%/()", min_size=1, max_size=12),
)


@given(st.lists(NUMBERS, min_size=8, max_size=8))
def test_it_reads_the_same_as_the_parser(numbers: list[str]) -> None:
    layout = build_layout(parse_lines(ANSWER.splitlines()).stages)
    assert layout is not None
    rows = [" ".join(numbers[:3]), " ".join(numbers[3:6])]
    lines = ["case a", "echelon 2 3", *rows, "solution 2", *numbers[6:], "end a"]
    if (stages := read_with_layout(layout, lines)) is not None:
        reader = parse_lines(lines)
        assert reader.complete
        assert (reader.mismatch, reader.remarks, reader.failures) == ("", [], {})
        assert stages == reader.stages


@pytest.mark.parametrize(
    "stages",
    [
        {},
        {"echelon": Stage("echelon", (0, 3))},
        {"echelon": Stage("echelon", (2, 0), ((), ()))},
        {"echelon": Stage("echelon", (1, 1), ((1.0,),), trouble="no number")},
    ],
)
def test_an_answer_without_numbers_or_with_trouble_has_no_layout(stages: dict[str, Stage]) -> None:
    assert build_layout(stages) is None
