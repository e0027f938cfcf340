"""What is read at one go is what a `Reader` reads line by line; the rest is left to the Reader."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.answer import Stage
from harness.protocol.fast_parser import AnswerLayout, layout_of
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


def by_reader(lines: list[str]) -> AnswerParser:
    reader = AnswerParser("a", largest=1000)
    for line in lines:
        reader.feed(line)
    return reader


@pytest.fixture
def form() -> AnswerLayout:
    found = layout_of(by_reader(ANSWER.splitlines()).stages)
    assert found is not None
    return found


def read(form: AnswerLayout, lines: list[str], at: int = 0) -> dict[str, Stage] | None:
    return form.read("a", lines, at)


def test_the_next_answer_of_the_same_form_is_read_alike(form: AnswerLayout) -> None:
    lines = ANSWER.replace("9.5", "7").splitlines()
    assert read(form, lines) == by_reader(lines).stages
    assert read(form, ["before", *lines, "after"], at=1) == by_reader(lines).stages


def test_ratios_are_read_likewise(form: AnswerLayout) -> None:
    ratios = ANSWER.replace("6 -4 9.5", "6 % 1 (-4) % 3 9 % 2")
    for old, new in (("0 4.666666666666667 -5e-300", "0 % 1 2 % 4 1 % 9"), ("+1.", "7 % 5")):
        ratios = ratios.replace(old, new)
    ratios = ratios.replace("-0.0", "(-1) % 3")
    stages = read(form, ratios.splitlines())
    assert stages is not None
    assert stages == by_reader(ratios.splitlines()).stages
    assert type(stages["echelon"].rows[0][0]) is Fraction
    assert read(form, ratios.replace("% 5", "% 0").splitlines()) is None


SPOILT = [
    ("6 -4 9.5", "6 -4 0." + "1" * 400),
    ("6 -4 9.5", "6 -4 " + "0" * 400 + "1"),
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


@pytest.mark.parametrize(("old", "new"), SPOILT)
def test_what_is_not_of_the_form_is_left_to_the_reader(
    form: AnswerLayout, old: str, new: str
) -> None:
    spoilt = ANSWER.replace(old, new)
    assert spoilt != ANSWER
    assert read(form, spoilt.splitlines()) is None


NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers().map(str),
    st.fractions().map(lambda f: f"{f.numerator} % {f.denominator}"),
    st.text("0123456789+-.eE_ n%/()", min_size=1, max_size=12),
)


@given(st.lists(NUMBERS, min_size=8, max_size=8))
def test_it_never_reads_anything_else_than_the_reader(numbers: list[str]) -> None:
    form = layout_of(by_reader(ANSWER.splitlines()).stages)
    assert form is not None
    rows = [" ".join(numbers[:3]), " ".join(numbers[3:6])]
    lines = ["case a", "echelon 2 3", *rows, "solution 2", *numbers[6:], "end a"]
    if (stages := read(form, lines)) is not None:
        reader = by_reader(lines)
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
def test_an_answer_without_numbers_or_with_trouble_has_no_form(stages: dict[str, Stage]) -> None:
    assert layout_of(stages) is None
