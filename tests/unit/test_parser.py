"""The protocol's words, and every language's way to print a number."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.answer import Stage
from harness.protocol.parser import (
    LONGEST_REMARK,
    MOST_REMARKS,
    AnswerParser,
    parse_value,
    plain_numbers,
    split_numbers,
)

SIXTY_FOUR_BITS = st.integers(-(2**63), 2**63 - 1)
RATIOS = st.builds(Fraction, SIXTY_FOUR_BITS, st.integers(1, 2**63 - 1))
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5))


def read(*lines: str, case: str = "a", largest: int = 100) -> AnswerParser:
    """A reader that has been fed an answer about `case`, up to where no more lines are taken."""
    reader = AnswerParser(case, largest)
    for line in (f"case {case}", *lines, f"end {case}"):
        reader.feed(line)
        if reader.complete or reader.mismatch:
            break
    return reader


def haskell(ratio: Fraction) -> str:
    """As `show` prints a Ratio: only a negative numerator is enclosed."""
    numerator = f"({ratio.numerator})" if ratio < 0 else f"{ratio.numerator}"
    return f"{numerator} % {ratio.denominator}"


def julia(ratio: Fraction) -> str:
    return f"{ratio.numerator}//{ratio.denominator}"


def plain(ratio: Fraction) -> str:
    return f"{ratio.numerator}/{ratio.denominator}"


class TestNumbers:
    @pytest.mark.parametrize(
        ("token", "value"),
        [
            ("1", 1.0),
            ("+1", 1.0),
            ("-7", -7.0),
            ("007", 7.0),
            ("1.5e-3", 0.0015),
            ("1.5E+3", 1500.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-.5e1", -5.0),
            ("1e308", 1e308),
            ("5e-324", 5e-324),
            ("1e-400", 0.0),
            ("Infinity", math.inf),
            ("-Infinity", -math.inf),
            ("inf", math.inf),
            ("+Inf", math.inf),
            ("-INF", -math.inf),
        ],
    )
    def test_a_notation_of_the_protocol_has_its_exact_value(self, token: str, value: float) -> None:
        assert parse_value(token) == value

    @pytest.mark.parametrize("token", ["NaN", "nan", "-nan", "+NAN"])
    def test_not_a_number_is_a_number_here(self, token: str) -> None:
        assert math.isnan(parse_value(token))

    @pytest.mark.parametrize("token", ["-0.0", "-0", "-0e5"])
    def test_a_negative_zero_stays_negative(self, token: str) -> None:
        assert math.copysign(1.0, parse_value(token)) == -1.0

    @given(st.floats(allow_nan=False))
    def test_a_double_in_full_is_that_double(self, value: float) -> None:
        parsed = parse_value(repr(value))
        assert parsed == value
        assert math.copysign(1.0, parsed) == math.copysign(1.0, value)

    @given(st.integers(-(10**300), 10**300))
    def test_an_integer_is_that_integer_however_large(self, value: int) -> None:
        assert Fraction(parse_value(str(value))) == value

    @given(RATIOS, st.sampled_from([haskell, julia, plain]))
    def test_a_ratio_is_that_ratio_in_all_three_notations(
        self, ratio: Fraction, notation: Callable[[Fraction], str]
    ) -> None:
        [token] = split_numbers(notation(ratio))
        assert parse_value(token) == ratio

    @given(st.lists(RATIOS, min_size=1, max_size=5))
    def test_blanks_around_a_percent_sign_do_not_end_a_number(self, row: list[Fraction]) -> None:
        tokens = split_numbers("  ".join(haskell(ratio) for ratio in row))
        assert [parse_value(token) for token in tokens] == row

    def test_a_ratio_may_have_a_sign_on_either_side(self) -> None:
        tokens = split_numbers("(-3) % 4\t3 % (-4) -3//4 3/-4")
        assert {parse_value(token) for token in tokens} == {Fraction(-3, 4)}

    @pytest.mark.parametrize(
        ("token", "reason"),
        [
            ("1e999999", "beyond the range of doubles"),
            ("-1e999999", "beyond the range of doubles"),
            ("9" * 310, "beyond the range of doubles"),
            ("1" * 10_000, "(10000 characters) is too long"),
            ("1//0", "denominator 0"),
            ("١٢", "not a number"),
            ("１", "not a number"),
            ("1\u0660", "not a number"),
            ("½", "not a number"),
            ("1_000", "not a number"),
            ("1,5", "not a number"),
            ("0x10", "not a number"),
            ("1\x00", "not a number"),
            ("--inf", "not a number"),
            ("-+nan", "not a number"),
            ("infinit", "not a number"),
            ("nan(0x1)", "not a number"),
            ("1.5/2", "not a number"),
            ("1/2/3", "not a number"),
            ("1e", "not a number"),
            (".", "not a number"),
            ("", "not a number"),
        ],
    )
    def test_anything_else_is_refused_with_a_reason(self, token: str, reason: str) -> None:
        with pytest.raises(ValueError, match=r".") as caught:
            parse_value(token)
        assert reason in str(caught.value)
        assert len(str(caught.value)) < 500

    @given(st.text(max_size=30))
    def test_no_text_is_worse_than_a_refusal(self, text: str) -> None:
        for token in split_numbers(text):
            try:
                parse_value(token)
            except ValueError:
                continue

    @given(
        st.lists(
            st.floats().map(repr)
            | st.integers().map(str)
            | st.fractions().map(haskell)
            | st.fractions().map(plain)
            | st.text("0123456789+-.eE_ n%/()\t", max_size=12),
            max_size=5,
        )
    )
    def test_a_row_read_at_once_is_what_its_numbers_are(self, tokens: list[str]) -> None:
        if values := plain_numbers(" ".join(tokens)):
            expected = tuple(map(parse_value, split_numbers(" ".join(tokens))))
            assert [(type(v), v) for v in values] == [(type(v), v) for v in expected]
            assert [math.copysign(1, v) for v in values] == [math.copysign(1, v) for v in expected]

    @pytest.mark.parametrize(
        ("line", "values"),
        [
            ("1 -2.5 3e4 -0.0", (1.0, -2.5, 3e4, -0.0)),
            ("1 % 2 (-3) % 4", (Fraction(1, 2), Fraction(-3, 4))),
        ],
    )
    def test_rows_that_are_read_at_once(self, line: str, values: tuple[object, ...]) -> None:
        assert plain_numbers(line) == values

    @pytest.mark.parametrize("line", ["", "nan", "1 x", "1e999", f"{2**53}", "1 % 0", "1 % 2 3"])
    def test_rows_that_are_not(self, line: str) -> None:
        assert plain_numbers(line) == ()

    @pytest.mark.parametrize("pattern", [" ", "% ", "(", "(1", "1 ", "//", "1 % 1 "])
    def test_a_long_line_takes_no_time(self, pattern: str) -> None:
        began = time.process_time()
        split_numbers(pattern * 100_000)
        plain_numbers(pattern * 100_000 + "x")
        assert time.process_time() - began < 5


class TestStages:
    def test_an_answer_with_all_its_stages_is_read(self) -> None:
        reader = read(
            "echelon 2 3",
            "2 4 7",
            "0 0 -0.5",
            "reduced 1 2",
            "1 % 2 (-3) % 4",
            "solution 2",
            "NaN",
            "1",
        )
        assert reader.complete
        assert not reader.mismatch
        assert reader.stages["echelon"] == Stage(
            "echelon", (2, 3), ((2.0, 4.0, 7.0), (0.0, 0.0, -0.5))
        )
        assert reader.stages["reduced"].rows == ((Fraction(1, 2), Fraction(-3, 4)),)
        assert reader.stages["solution"].shape == (2,)
        assert str(reader.stages["solution"].rows) == "((nan,), (1.0,))"

    @given(st.data(), SHAPES)
    def test_every_matrix_of_doubles_is_read_as_it_was_printed(
        self, data: st.DataObject, shape: tuple[int, int]
    ) -> None:
        doubles = st.floats(allow_nan=False)
        row = st.tuples(*[doubles] * shape[1])
        rows = data.draw(st.tuples(*[row] * shape[0]))
        reader = read(f"echelon {shape[0]} {shape[1]}", *(" ".join(map(repr, r)) for r in rows))
        assert reader.stages["echelon"] == Stage("echelon", shape, rows)

    def test_carriage_returns_and_indentation_do_not_matter(self) -> None:
        reader = read("  echelon 1 2 \r", "\t1   2\r", "It is done\r")
        assert reader.stages["echelon"].rows == ((1.0, 2.0),)
        assert reader.remarks == ["It is done"]

    @pytest.mark.parametrize(
        ("lines", "trouble"),
        [
            (["echelon 2 2", "1 2"], "printed `echelon 2 2` and then 1 rows"),
            (["echelon 2 2"], "printed `echelon 2 2` and then 0 rows"),
            (["echelon 1 2", "1"], "row 1 of echelon: 1 numbers where 2 were due"),
            (["echelon 1 2", "1 2 3"], "row 1 of echelon: 3 numbers where 2 were due"),
            (["echelon 1 2", ""], "row 1 of echelon: 0 numbers where 2 were due"),
            (["echelon 2 2", "1 2", "1 x"], "row 2 of echelon: 'x' is not a number"),
            (["echelon 1 1", "1\x00"], "row 1 of echelon: '1\\x00' is not a number"),
            (["echelon 1 1", "٣"], "row 1 of echelon: '٣' is not a number"),
            (["echelon 99999999 99999999"], "which no result of this case has"),
            (["echelon 999999999 0 999999999 1"], "which no result of this case has"),
            (["echelon 1 1 1", "1"], "which no result of this case has"),
            (["echelon 1", "1"], "which no result of this case has"),
            (["echelon 1 1", "1", "echelon 1 1", "1"], "printed `echelon` twice"),
        ],
    )
    def test_what_cannot_be_read_is_kept_as_trouble(self, lines: list[str], trouble: str) -> None:
        reader = read(*lines, "reduced 1 1", "5")
        assert trouble in reader.stages["echelon"].trouble
        assert reader.stages["reduced"] == Stage("reduced", (1, 1), ((5.0,),))
        assert reader.complete

    @pytest.mark.parametrize("shape", ["1 1", "3 0", "0 3"])
    def test_a_vector_has_one_size(self, shape: str) -> None:
        trouble = read(f"solution {shape}", "1").stages["solution"].trouble
        assert trouble == f"printed the shape `solution {shape}`, which no result of this case has"

    def test_the_rows_before_an_unreadable_one_are_kept(self) -> None:
        assert read("echelon 3 1", "1", "2", "three").stages["echelon"].rows == ((1.0,), (2.0,))

    def test_a_stage_may_be_empty(self) -> None:
        reader = read("echelon 0 3", "solution 0", "Nothing to do")
        assert reader.stages["echelon"] == Stage("echelon", (0, 3))
        assert reader.stages["solution"] == Stage("solution", (0,))
        assert reader.remarks == ["Nothing to do"]

    def test_an_answer_cut_short_closes_its_stage_without_a_half_row(self) -> None:
        reader = AnswerParser("a", 100)
        for line in ("case a", "echelon 1 2"):
            reader.feed(line)
        reader.cut_short("1 2")
        assert reader.stages["echelon"].rows == ()
        assert "0 rows" in reader.stages["echelon"].trouble
        assert not reader.complete

    @given(st.lists(st.text(max_size=20) | st.sampled_from(["echelon 1 2", "1 2", "failed x"])))
    def test_no_answer_is_worse_than_trouble(self, lines: list[str]) -> None:
        reader = read(*lines)
        assert reader.complete or reader.mismatch
        for stage in reader.stages.values():
            assert stage.trouble or len(stage.rows) == stage.shape[0]


class TestOtherLines:
    def test_remarks_between_stages_are_kept_in_order(self) -> None:
        reader = read(
            "The matrix is singular.",
            "echelon 1 1",
            "0",
            "",
            "Going on",
            "solution 1",
            "NaN",
            "Done",
        )
        assert reader.remarks == ["The matrix is singular.", "Going on", "Done"]
        assert reader.stages["solution"].trouble == ""

    @pytest.mark.parametrize(
        "remark",
        [
            "solution is not unique",
            "echelon",
            "echelon form reached",
            "echelon 3 x",
            "echelon -1 3",
            "echelon 1234567890 1",
            "echelon ٣ 3",
            "failed to find a pivot",
            "failed",
            "end of elimination",
            "case of a singular matrix",
            "end",
            "case",
            "Echelon 1 1",
        ],
    )
    def test_a_remark_may_begin_with_a_word_of_the_protocol(self, remark: str) -> None:
        reader = read(remark, "solution 1", "5")
        assert reader.remarks == [remark]
        assert reader.stages["solution"].rows == ((5.0,),)
        assert reader.complete
        assert not reader.mismatch

    def test_a_failure_keeps_its_message(self) -> None:
        reader = read(
            "failed gaussian_elimination ZeroDivisionError:  by zero ",
            "failed back_substitution",
        )
        assert reader.failures == {
            "gaussian_elimination": "ZeroDivisionError:  by zero",
            "back_substitution": "",
        }
        assert reader.remarks == []

    def test_a_failure_ends_the_stage_that_was_begun(self) -> None:
        reader = read("echelon 2 1", "1", "failed gaussian_elimination overflow", "1")
        assert reader.stages["echelon"].trouble == "printed `echelon 2 1` and then 1 rows"
        assert reader.failures == {"gaussian_elimination": "overflow"}

    def test_remarks_are_bounded_in_number_and_length(self) -> None:
        reader = read(*["x" * 10_000] * 1_000, f"failed gauss_jordan {'y' * 10_000}")
        assert len(reader.remarks) == MOST_REMARKS
        assert max(map(len, (*reader.remarks, *reader.failures.values()))) == LONGEST_REMARK

    def test_what_comes_before_an_answer_does_not_speak_for_it(self) -> None:
        reader = AnswerParser("b", 100)
        for line in ("The matrix is singular", "echelon 1 1", "end b", "case b", "Hello", "end b"):
            reader.feed(line)
        assert reader.remarks == ["Hello"]
        assert reader.stages == {}
        assert reader.complete

    def test_output_without_an_answer_is_kept(self) -> None:
        reader = AnswerParser("b", 100)
        reader.feed("No licence found")
        assert not reader.acknowledged
        assert reader.remarks == ["No licence found"]


class TestStep:
    @pytest.mark.parametrize(
        ("lines", "astray"),
        [
            (["case b"], "printed `case b` where an answer to a was due"),
            (["case a"], "printed `case a` where an answer to a was due"),
            (["end b"], "printed `end b` where `end a` was due"),
            ([f"end {'b' * 1000}"], f"printed `end {'b' * 80}` where `end a` was due"),
        ],
    )
    def test_an_answer_to_something_else_is_out_of_step(
        self, lines: list[str], astray: str
    ) -> None:
        reader = read(*lines)
        assert reader.mismatch == astray
        assert reader.acknowledged

    def test_the_name_of_another_case_acknowledges_nothing(self) -> None:
        reader = AnswerParser("a", 100)
        reader.feed("case b")
        assert reader.mismatch
        assert not reader.acknowledged
