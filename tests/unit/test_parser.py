"""Parsing answers: the protocol's keywords, and the number formats of every language."""

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
    MAXIMUM_KEPT_REMARKS,
    MAXIMUM_REMARK_LENGTH,
    AnswerParser,
    parse_plain_numbers,
    parse_value,
)
from harness.protocol.printed_rows import is_border, split_numbers, split_rows

INTEGERS_OF_64_BITS = st.integers(-(2**63), 2**63 - 1)
RATIOS = st.builds(Fraction, INTEGERS_OF_64_BITS, st.integers(1, 2**63 - 1))
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5))


def parse_answer(*lines: str, case: str = "a", largest: int = 100) -> AnswerParser:
    """Return a parser that was fed an answer about `case`, up to the line at which it stops."""
    parser = AnswerParser(case, largest)
    for line in (f"case {case}", *lines, f"end {case}"):
        parser.feed(line)
        if parser.complete or parser.mismatch:
            break
    return parser


def format_haskell(ratio: Fraction) -> str:
    """Format a Ratio as Haskell's `show` does: only a negative numerator is enclosed."""
    numerator = f"({ratio.numerator})" if ratio < 0 else f"{ratio.numerator}"
    return f"{numerator} % {ratio.denominator}"


def format_julia(ratio: Fraction) -> str:
    return f"{ratio.numerator}//{ratio.denominator}"


def format_plain(ratio: Fraction) -> str:
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
    def test_nan_is_a_number(self, token: str) -> None:
        assert math.isnan(parse_value(token))

    @pytest.mark.parametrize("token", ["-0.0", "-0", "-0e5"])
    def test_a_negative_zero_stays_negative(self, token: str) -> None:
        assert math.copysign(1.0, parse_value(token)) == -1.0

    @given(st.floats(allow_nan=False))
    def test_a_double_in_full_is_that_double(self, value: float) -> None:
        parsed_value = parse_value(repr(value))
        assert parsed_value == value
        assert math.copysign(1.0, parsed_value) == math.copysign(1.0, value)

    @given(st.integers(-(10**300), 10**300))
    def test_an_integer_is_that_integer_however_large(self, value: int) -> None:
        assert Fraction(parse_value(str(value))) == value

    def test_a_number_of_thousands_of_digits_is_a_number(self) -> None:
        assert parse_value("9" * 600) == Fraction(10**600 - 1)
        assert parse_value("-" + "9" * 3_999) == Fraction(1 - 10**3_999)
        assert parse_value("9" * 4_000 + "/" + "7" * 4_000) == Fraction(9, 7)

    @given(RATIOS, st.sampled_from([format_haskell, format_julia, format_plain]))
    def test_a_ratio_is_that_ratio_in_all_three_notations(
        self, ratio: Fraction, notation: Callable[[Fraction], str]
    ) -> None:
        [token] = split_numbers(notation(ratio))
        assert parse_value(token) == ratio

    @given(st.lists(RATIOS, min_size=1, max_size=5))
    def test_blanks_around_a_percent_sign_do_not_end_a_number(self, row: list[Fraction]) -> None:
        tokens = split_numbers("  ".join(format_haskell(ratio) for ratio in row))
        assert [parse_value(token) for token in tokens] == row

    def test_a_ratio_may_have_a_sign_on_either_side(self) -> None:
        tokens = split_numbers("(-3) % 4\t3 % (-4) -3//4 3/-4")
        assert {parse_value(token) for token in tokens} == {Fraction(-3, 4)}

    @pytest.mark.parametrize(
        ("token", "reason"),
        [
            ("1e999999", "beyond the range of doubles"),
            ("-1e999999", "beyond the range of doubles"),
            ("9" * 310 + ".5", "beyond the range of doubles"),
            ("9" * 4_001 + "/7", "is too long"),
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
    def test_any_text_is_parsed_or_refused(self, text: str) -> None:
        for token in split_numbers(text):
            try:
                parse_value(token)
            except ValueError:
                continue

    @given(
        st.lists(
            st.floats().map(repr)
            | st.integers().map(str)
            | st.fractions().map(format_haskell)
            | st.fractions().map(format_plain)
            | st.text("0123456789+-.eE_ n%/()\t", max_size=12),
            max_size=5,
        )
    )
    def test_a_row_read_at_once_is_what_its_numbers_are(self, tokens: list[str]) -> None:
        if values := parse_plain_numbers(" ".join(tokens)):
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
        assert parse_plain_numbers(line) == values

    def test_a_row_of_any_length_is_read_at_once(self) -> None:
        assert parse_plain_numbers(" ".join(["-1.5"] * 1_000)) == (-1.5,) * 1_000

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "nan",
            "1 x",
            "1e999",
            f"{2**53}",
            "1 % 0",
            "1 % 2 3",
            f"2 0.{'1' * 4_000}",
            " " * 5_000,
        ],
    )
    def test_rows_that_are_not_read_at_once(self, line: str) -> None:
        assert parse_plain_numbers(line) == ()

    @pytest.mark.parametrize(
        "pattern", [" ", "% ", "(", "(1", "1 ", "//", "1 % 1 ", "[", "[1,", ",", "1,234,"]
    )
    def test_a_long_line_takes_no_time(self, pattern: str) -> None:
        start = time.process_time()
        split_rows(pattern * 100_000)
        is_border(pattern * 100_000)
        parse_plain_numbers(pattern * 100_000 + "x")
        assert time.process_time() - start < 5


class TestStages:
    def test_an_answer_with_all_its_stages_is_read(self) -> None:
        parser = parse_answer(
            "echelon 2 3",
            "2 4 7",
            "0 0 -0.5",
            "reduced 1 2",
            "1 % 2 (-3) % 4",
            "solution 2",
            "NaN",
            "1",
        )
        assert parser.complete
        assert not parser.mismatch
        assert parser.stages["echelon"] == Stage(
            "echelon", (2, 3), ((2.0, 4.0, 7.0), (0.0, 0.0, -0.5))
        )
        assert parser.stages["reduced"].rows == ((Fraction(1, 2), Fraction(-3, 4)),)
        assert parser.stages["solution"].shape == (2,)
        assert str(parser.stages["solution"].rows) == "((nan,), (1.0,))"

    @given(st.data(), SHAPES)
    def test_every_matrix_of_doubles_is_read_as_it_was_printed(
        self, data: st.DataObject, shape: tuple[int, int]
    ) -> None:
        doubles = st.floats(allow_nan=False)
        row = st.tuples(*[doubles] * shape[1])
        rows = data.draw(st.tuples(*[row] * shape[0]))
        parser = parse_answer(
            f"echelon {shape[0]} {shape[1]}", *(" ".join(map(repr, r)) for r in rows)
        )
        assert parser.stages["echelon"] == Stage("echelon", shape, rows)

    def test_an_input_that_is_handed_back_is_read(self) -> None:
        lines = ("input solve 1 2", "3 4", "input inverse 1 1", "3", "solve 1 1", "4")
        stages = parse_answer(*lines).stages
        assert {label: stage.rows for label, stage in stages.items()} == {
            "input solve": ((3.0, 4.0),),
            "input inverse": ((3.0,),),
            "solve": ((4.0,),),
        }

    def test_an_input_of_no_procedure_is_a_remark(self) -> None:
        parser = parse_answer("input matrix 1 1")
        assert (parser.stages, parser.remarks) == ({}, ["input matrix 1 1"])

    def test_carriage_returns_and_indentation_do_not_matter(self) -> None:
        parser = parse_answer("  echelon 1 2 \r", "\t1   2\r", "It is done\r")
        assert parser.stages["echelon"].rows == ((1.0, 2.0),)
        assert parser.remarks == ["It is done"]

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
        parser = parse_answer(*lines, "reduced 1 1", "5")
        assert trouble in parser.stages["echelon"].trouble
        assert parser.stages["reduced"] == Stage("reduced", (1, 1), ((5.0,),))
        assert parser.complete

    @pytest.mark.parametrize(
        "lines",
        [
            ["[ 2 3 | 6 ]", "[ 4 5 | 9 ]"],
            ["+---+---+---+", "| 2 | 3 | 6 |", "+---+---+---+", "| 4 | 5 | 9 |", "+---+---+---+"],
            ["[[2. 3. 6.]", " [4. 5. 9.]]"],
            ["[[2, 3, 6], [4, 5, 9]]"],
            ["2,3,6", "4,5,9"],
            ["2; 3; 6;", "4; 5; 9;"],
            ["     [,1] [,2] [,3]", "[1,]    2    3    6", "[2,]    4    5    9"],
            ["⎡2  3  6⎤", "⎣4  5  9⎦"],
        ],
    )
    def test_a_matrix_may_be_printed_in_many_ways(self, lines: list[str]) -> None:
        stage = parse_answer("echelon 2 3", *lines, "solution 1", "5").stages["echelon"]
        assert stage == Stage("echelon", (2, 3), ((2.0, 3.0, 6.0), (4.0, 5.0, 9.0)))

    @pytest.mark.parametrize("row", ["1,5 2", "1,234 5", "(5) 3", "1 ─2", "1.5(2) 3", "1 ,5"])
    def test_what_may_be_another_number_is_not_read(self, row: str) -> None:
        assert "is not a number" in parse_answer("inverse 1 2", row).stages["inverse"].trouble

    def test_one_text_is_two_numbers_where_two_are_due(self) -> None:
        assert parse_answer("inverse 1 2", "1,5").stages["inverse"].rows == ((1.0, 5.0),)
        assert "'1,5'" in parse_answer("solution 1", "1,5").stages["solution"].trouble

    def test_more_rows_on_a_line_than_are_due_are_not_read(self) -> None:
        stage = parse_answer("inverse 1 2", "[[1, 2], [3, 4]]").stages["inverse"]
        assert stage.trouble == "row 1 of inverse: 2 rows on one line"

    @pytest.mark.parametrize("shape", ["1 1", "3 0", "0 3"])
    def test_a_vector_has_one_size(self, shape: str) -> None:
        trouble = parse_answer(f"solution {shape}", "1").stages["solution"].trouble
        assert trouble == f"printed the shape `solution {shape}`, which no result of this case has"

    def test_the_rows_before_an_unreadable_one_are_kept(self) -> None:
        assert parse_answer("echelon 3 1", "1", "2", "three").stages["echelon"].rows == (
            (1.0,),
            (2.0,),
        )

    def test_a_stage_may_be_empty(self) -> None:
        parser = parse_answer("echelon 0 3", "solution 0", "Nothing to do")
        assert parser.stages["echelon"] == Stage("echelon", (0, 3))
        assert parser.stages["solution"] == Stage("solution", (0,))
        assert parser.remarks == ["Nothing to do"]

    def test_an_answer_cut_short_closes_its_stage_without_a_half_row(self) -> None:
        parser = AnswerParser("a", 100)
        for line in ("case a", "echelon 1 2"):
            parser.feed(line)
        parser.finish_incomplete("1 2")
        assert parser.stages["echelon"].rows == ()
        assert "0 rows" in parser.stages["echelon"].trouble
        assert not parser.complete

    @given(st.lists(st.text(max_size=20) | st.sampled_from(["echelon 1 2", "1 2", "failed x"])))
    def test_any_answer_is_complete_or_mismatched(self, lines: list[str]) -> None:
        parser = parse_answer(*lines)
        assert parser.complete or parser.mismatch
        for stage in parser.stages.values():
            assert stage.trouble or len(stage.rows) == stage.shape[0]


class TestOtherLines:
    def test_remarks_between_stages_are_kept_in_order(self) -> None:
        parser = parse_answer(
            "The matrix is singular.",
            "echelon 1 1",
            "0",
            "",
            "Going on",
            "solution 1",
            "NaN",
            "Done",
        )
        assert parser.remarks == ["The matrix is singular.", "Going on", "Done"]
        assert parser.stages["solution"].trouble == ""

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
    def test_a_remark_may_begin_with_a_keyword_of_the_protocol(self, remark: str) -> None:
        parser = parse_answer(remark, "solution 1", "5")
        assert parser.remarks == [remark]
        assert parser.stages["solution"].rows == ((5.0,),)
        assert parser.complete
        assert not parser.mismatch

    def test_a_failure_keeps_its_message(self) -> None:
        parser = parse_answer(
            "failed gaussian_elimination ZeroDivisionError:  by zero ",
            "failed back_substitution",
        )
        assert parser.failures == {
            "gaussian_elimination": "ZeroDivisionError:  by zero",
            "back_substitution": "",
        }
        assert parser.remarks == []

    def test_a_failure_ends_the_stage_that_was_begun(self) -> None:
        parser = parse_answer("echelon 2 1", "1", "failed gaussian_elimination overflow", "1")
        assert parser.stages["echelon"].trouble == "printed `echelon 2 1` and then 1 rows"
        assert parser.failures == {"gaussian_elimination": "overflow"}

    def test_remarks_are_bounded_in_number_and_length(self) -> None:
        parser = parse_answer(*["x" * 10_000] * 1_000, f"failed gauss_jordan {'y' * 10_000}")
        assert len(parser.remarks) == MAXIMUM_KEPT_REMARKS
        assert max(map(len, (*parser.remarks, *parser.failures.values()))) == MAXIMUM_REMARK_LENGTH

    def test_output_before_an_answer_does_not_belong_to_it(self) -> None:
        parser = AnswerParser("b", 100)
        for line in ("The matrix is singular", "echelon 1 1", "end b", "case b", "Hello", "end b"):
            parser.feed(line)
        assert parser.remarks == ["Hello"]
        assert parser.stages == {}
        assert parser.complete

    def test_output_without_an_answer_is_kept(self) -> None:
        parser = AnswerParser("b", 100)
        parser.feed("No licence found")
        assert not parser.acknowledged
        assert parser.remarks == ["No licence found"]


class TestStep:
    @pytest.mark.parametrize(
        ("lines", "mismatch"),
        [
            (["case b"], "printed `case b` where an answer to a was due"),
            (["case a"], "printed `case a` where an answer to a was due"),
            (["end b"], "printed `end b` where `end a` was due"),
            ([f"end {'b' * 1000}"], f"printed `end {'b' * 80}` where `end a` was due"),
        ],
    )
    def test_an_answer_to_something_else_is_out_of_step(
        self, lines: list[str], mismatch: str
    ) -> None:
        parser = parse_answer(*lines)
        assert parser.mismatch == mismatch
        assert parser.acknowledged

    def test_the_name_of_another_case_acknowledges_nothing(self) -> None:
        parser = AnswerParser("a", 100)
        parser.feed("case b")
        assert parser.mismatch
        assert not parser.acknowledged
