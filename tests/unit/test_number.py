"""The notation of numbers in case files and in requests."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.number import (
    LARGEST_64_BIT,
    Number,
    format_binary64,
    format_rational,
    is_rational64,
    parse_number,
)

finite_doubles = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("3", Fraction(3)),
        ("+3", Fraction(3)),
        ("-3", Fraction(-3)),
        ("007", Fraction(7)),
        ("-0.25", Fraction(-1, 4)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("0.1", Fraction(1, 10)),
        ("1e-20", Fraction(1, 10**20)),
        ("2.5E+3", Fraction(2500)),
        ("2/3", Fraction(2, 3)),
        ("-4/6", Fraction(-2, 3)),
        ("9007199254740993", Fraction(2**53 + 1)),
    ],
)
def test_a_number_is_kept_exactly_as_written(text: str, exact: Fraction) -> None:
    assert parse_number(text) == Number(text, exact)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", ".", "e5", "1e", "1/", "/2", "1/-2", "1.5/2", "--1", "1_000", "1,5", "0x10"),
        *("nan", "inf", "1 2", " 1", "1\n", "−3", "٣", "1e5.0", "1 /2"),
    ],
)
def test_anything_else_is_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1/0", "`1/0` has the denominator 0"),
        ("1e401", "`1e401` has the exponent 401; 400 either way is allowed"),
        ("1e-401", "`1e-401` has the exponent -401; 400 either way is allowed"),
        ("1e" + "9" * 390, "has the exponent 999"),
        ("1" * 4_001, "has 4001 characters; 4000 are allowed"),
        ("1e309", "`1e309` is beyond the largest double, 1.797…e308"),
        ("-" + "9" * 320, "is beyond the largest double"),
    ],
)
def test_what_would_explode_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 (the message is what is tested)
        parse_number(text)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("text", ["-0", "-0.0", "-.0", "-0e5", "-0/1"])
def test_a_negative_zero_is_remembered(text: str) -> None:
    number = parse_number(text)
    assert number.exact == 0
    assert math.copysign(1, number.binary64) == -1
    assert format_binary64(number.binary64) == "-0.0"


@pytest.mark.parametrize("text", ["0", "+0", "0.0", "0/7"])
def test_a_zero_without_sign_is_positive(text: str) -> None:
    assert math.copysign(1, parse_number(text).binary64) == 1


def test_the_double_is_the_nearest_with_ties_to_even() -> None:
    assert parse_number("9007199254740993").binary64 == 2.0**53
    assert parse_number("9007199254740995").binary64 == 2.0**53 + 4
    assert parse_number("1/3").binary64 == 1 / 3
    assert parse_number("4e-324").binary64 == 5e-324
    assert parse_number("2e-324").binary64 == 0


@given(finite_doubles)
def test_every_double_comes_back_from_its_text(x: float) -> None:
    y = parse_number(format_binary64(x)).binary64
    assert (y, math.copysign(1, y)) == (x, math.copysign(1, x))


@given(
    st.integers(-(10**25), 10**25),
    st.integers(0, 10**25),
    st.integers(-280, 280),
)
def test_decimals_are_rounded_as_python_rounds_them(whole: int, part: int, exponent: int) -> None:
    text = f"{whole}.{part}e{exponent}"
    assert parse_number(text).binary64 == float(text)


@given(st.fractions(min_value=-(10**30), max_value=10**30, max_denominator=10**30))
def test_every_fraction_comes_back_from_its_text(f: Fraction) -> None:
    assert parse_number(format_rational(f)).exact == f


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (3.0, "3"),
        (-3.0, "-3"),
        (0.0, "0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e-20, "1e-20"),
        (1e-5, "1e-5"),
        (1e16, "1e16"),
        (2.0**53, "9007199254740992"),
        (1.5e300, "1.5e300"),
        (5e-324, "5e-324"),
    ],
)
def test_a_double_is_handed_over_as_its_shortest_decimal(x: float, text: str) -> None:
    assert format_binary64(x) == text


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_has_no_decimal(x: float) -> None:
    with pytest.raises(ValueError, match="has no decimal"):
        format_binary64(x)


def test_a_ratio_is_handed_over_in_lowest_terms() -> None:
    assert format_rational(Fraction(6, 2)) == "3"
    assert format_rational(Fraction(6, -8)) == "-3/4"


def test_a_ratio_fits_when_both_parts_are_64_bit_integers() -> None:
    assert is_rational64(Fraction(LARGEST_64_BIT, 2))
    assert is_rational64(Fraction(-LARGEST_64_BIT))
    assert is_rational64(Fraction(1, LARGEST_64_BIT))
    assert not is_rational64(Fraction(LARGEST_64_BIT + 1))
    assert not is_rational64(Fraction(-LARGEST_64_BIT - 1))
    assert not is_rational64(Fraction(1, LARGEST_64_BIT + 1))
