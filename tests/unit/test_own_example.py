"""Judging what a listing's own main prints, in the formats of seven languages, at its precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.judging.number_blocks import find_number_blocks
from harness.judging.own_example import (
    build_example_case,
    half_unit,
    judge_published,
    parse_stages,
)
from harness.model.answer import Ending, ProgramOutput
from harness.model.case import Arithmetic, Kind
from harness.model.number import Number, Value
from harness.model.port import Port, Published
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.numerics.oracle import Expected, expect
from harness.protocol.parser import parse_value
from support.eliminations import Matrix, Program, make_case, make_elimination_port

Stages = dict[str, Matrix]
Vector = list[Value]

FIRST: Matrix = [[2, 3, 4, 6], [1, 2, 3, 4], [3, -4, 0, 10]]
SECOND: Matrix = [[3, 2, -4, 3], [2, 3, 3, 15], [5, -3, 1, 14]]


# Each language's output format: a function from the stages by label to text


def join_lines(rows: list[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def format_as_numpy(stages: Stages) -> str:
    def format_part(label: str) -> str:
        a = np.array(stages[label], dtype=float)
        return str(a.ravel() if label == "solution" else a)

    headings = {"input": "Original", "echelon": "Gaussian elimination"}
    headings |= {"solution": "Back subsitution", "reduced": "Gauss-Jordan"}
    return join_lines(
        [f"{heading}\n{format_part(label)} \n" for label, heading in headings.items()]
    )


def format_as_julia(stages: Stages) -> str:
    def format_part(label: str) -> str:
        between, rows = (" ", [[*map(float, row)] for row in stages[label]])
        if label == "solution":
            return f"[{', '.join(repr(row[0]) for row in rows)}]"
        return f"[{'; '.join(between.join(map(repr, row)) for row in rows)}]"

    return join_lines([format_part(label) for label in ("echelon", "reduced", "solution")])


def format_as_java(stages: Stages) -> str:
    def format_part(row: Vector) -> str:
        return f"[{', '.join(repr(float(value)).replace('e', 'E') for value in row)}]"

    text = join_lines(["Gaussian elimination:", *map(format_part, stages["echelon"])])
    text += join_lines(["", "Gauss-Jordan:", *map(format_part, stages["reduced"])])
    return text + join_lines(
        ["", "Solutions:", format_part([row[0] for row in stages["solution"]])]
    )


def format_as_c(stages: Stages) -> str:
    def format_part(row: Vector) -> str:
        return "[" + "".join(f"{float(value):f} " for value in row) + "]"

    text = join_lines(["Gaussian elimination:", *map(format_part, stages["echelon"])])
    text += join_lines(["", "Gauss-Jordan:", *map(format_part, stages["reduced"])])
    x = ",".join(f"{float(row[0]):f}" for row in stages["solution"])
    return text + join_lines(["", "Solutions are:", f"({x})"])


def format_as_javascript(stages: Stages) -> str:
    def format_part(row: Vector) -> str:
        return "".join(f" {float(value):#.8g}".replace("e-0", "e-") for value in row)

    text = join_lines(["Gaussian elimination:", *map(format_part, stages["echelon"])])
    text += join_lines(["", "Gauss-Jordan:", *map(format_part, stages["reduced"])])
    return text + join_lines(
        ["", "Solutions are:", format_part([row[0] for row in stages["solution"]])]
    )


def format_as_rust(stages: Stages) -> str:
    return f"Solution: [{', '.join(repr(float(row[0])) for row in stages['solution'])}]\n"


def format_as_haskell(stages: Stages) -> str:
    def format_part(value: Value) -> str:
        ratio = Fraction(value)
        numerator = f"({ratio.numerator})" if ratio < 0 else f"{ratio.numerator}"
        return f"{numerator} % {ratio.denominator}"

    headings = {"input": "Original Matrix:", "echelon": "Echelon form"}
    headings |= {"reduced": "Reduced echelon form"}
    headings |= {"solution": "Solution from back substitution"}
    tables = {
        label: join_lines(["\t".join(map(format_part, row)) for row in stages[label]])
        for label in headings
    }
    return join_lines([f"{heading}\n{tables[label]}" for label, heading in headings.items()])


@dataclass(frozen=True)
class Language:
    """The output format of a listing: its text, its stages and their precision."""

    text: Callable[[Stages], str]
    stages: tuple[str, ...] = ("echelon", "reduced", "solution")
    places: int | None = None
    digits: int | None = None
    arithmetic: Arithmetic = Arithmetic.BINARY64

    def port(self, system: Matrix, notices: tuple[str, ...] = ()) -> Port:
        numbers = tuple(
            tuple(Number.from_fraction(Fraction(value)) for value in row) for row in system
        )
        published = Published((), ("run",), numbers, self.stages, self.places, self.digits)
        return replace(make_elimination_port(self.arithmetic, notices=notices), published=published)


LANGUAGES = {
    "Python": Language(format_as_numpy, ("input", "echelon", "solution", "reduced"), places=8),
    "Julia": Language(format_as_julia),
    "Java": Language(format_as_java),
    "C": Language(format_as_c, places=6),
    "JavaScript": Language(format_as_javascript, digits=8),
    "Rust": Language(format_as_rust, ("solution",)),
    "Haskell": Language(
        format_as_haskell,
        ("input", "echelon", "reduced", "solution"),
        arithmetic=Arithmetic.RATIONAL64,
    ),
}

every_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
small_systems = st.integers(2, 5).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(-9, 9), min_size=n + 1, max_size=n + 1), min_size=n, max_size=n
    )
)


def compute_stages(system: Matrix, arithmetic: Arithmetic = Arithmetic.BINARY64) -> Stages:
    """Return what a correct listing prints for a system with one solution."""
    transcript = Program().make_transcript(make_case(system), arithmetic)
    stages = {label: [list(row) for row in s.rows] for label, s in transcript.stages.items()}
    return {"input": system, **stages}


def compute_expected(port: Port) -> Expected:
    return expect(build_example_case(port), port.arithmetic)


def judge_text(port: Port, text: str, ending: Ending = Ending.COMPLETED) -> Judgement:
    judgement = judge_published(
        port, compute_expected(port), ProgramOutput(text, (), ending, "exit status 1")
    )
    assert judgement.check == "published.output"
    return judgement


def judge_outcome(language: Language, stages: Stages, system: Matrix = SECOND) -> Outcome:
    return judge_text(language.port(system), language.text(stages)).outcome


# Right output


@every_language
@pytest.mark.parametrize("system", [FIRST, SECOND])
def test_the_examples_of_the_articles_are_right(language: Language, system: Matrix) -> None:
    stages = compute_stages(system, language.arithmetic)
    judgement = judge_text(language.port(system), language.text(stages))
    assert judgement.outcome is Outcome.RIGHT
    assert judgement.detail == f"right: {', '.join(language.stages)}"


@every_language
@given(system=small_systems)
def test_right_output_is_right_at_the_precision_printed(
    language: Language, system: list[list[int]]
) -> None:
    rows: Matrix = [[*row] for row in system]
    assume(rational.reduced_form(rational.from_rows(rows), len(rows)).rank == len(rows))
    assert judge_outcome(language, compute_stages(rows, language.arithmetic), rows) is Outcome.RIGHT


def test_rows_that_numpy_breaks_are_read_whole() -> None:
    n = 12
    system: Matrix = [[1 / (i + j + 1) + (i == j) for j in range(n + 1)] for i in range(n)]
    language = LANGUAGES["Python"]
    text = language.text(compute_stages(system))
    assert len(text.splitlines()) > 2 * 4 * n
    assert [len(block[0]) for block in find_number_blocks(text)] == [n + 1, n + 1, n, n + 1]
    assert judge_text(language.port(system), text).outcome is Outcome.RIGHT


# Wrong output


@pytest.mark.parametrize(
    ("name", "label"),
    [(name, label) for name, language in LANGUAGES.items() for label in language.stages],
)
def test_a_wrong_entry_is_wrong(name: str, label: str) -> None:
    stages = compute_stages(SECOND, LANGUAGES[name].arithmetic)
    stages[label] = [[*row[:-1], row[-1] + 1] for row in stages[label]]
    assert judge_outcome(LANGUAGES[name], stages) is Outcome.WRONG


@every_language
def test_output_for_another_system_is_wrong(language: Language) -> None:
    judgement = judge_text(
        language.port(FIRST), language.text(compute_stages(SECOND, language.arithmetic))
    )
    assert judgement.outcome is Outcome.WRONG
    if language.stages[0] == "input":
        assert judgement.detail.startswith("input: the system printed differs in row 1, column 1")


def test_a_matrix_that_is_not_in_form_is_wrong() -> None:
    stages = compute_stages(SECOND)
    stages["echelon"] = SECOND
    assert judge_outcome(LANGUAGES["Java"], stages) is Outcome.WRONG
    stages = compute_stages(SECOND)
    stages["reduced"] = stages["echelon"]
    assert judge_outcome(LANGUAGES["Java"], stages) is Outcome.WRONG


@given(system=small_systems, j=st.integers(0, 4), units=st.sampled_from([-2, 2]))
def test_two_units_of_the_last_place_are_shown_unless_explained(
    system: list[list[int]], j: int, units: int
) -> None:
    """%f: an x rounded in print has a residual of at most |A|h, h = 0.5e-6."""
    n, rows = len(system), [[Fraction(value) for value in row] for row in system]
    assume(j < n and rational.reduced_form(rational.from_rows(rows), n).rank == n)
    stages = compute_stages([[*row] for row in system])
    x = [Fraction(f"{float(row[0]):f}") for row in stages["solution"]]
    x[j] += Fraction(units, 10**6)
    stages["solution"] = [[value] for value in x]
    explained = [sum(map(abs, row[:-1])) / (2 * 10**6) for row in rows]
    residuals = [abs(sum(a * v for a, v in zip(row, x, strict=False)) - row[-1]) for row in rows]
    excess = max(r - e for r, e in zip(residuals, explained, strict=True))
    rounding = 30 * n * Fraction(1, 2**53) * (9 * n * max(map(abs, x)) + 9)
    assume(excess <= 0 or excess > rounding)
    outcome = judge_outcome(LANGUAGES["C"], stages, [[*row] for row in system])
    assert (outcome is Outcome.RIGHT) == (excess <= 0)


def test_two_units_show_in_every_entry_of_the_articles_example() -> None:
    for j in range(3):
        stages = compute_stages(SECOND)
        stages["solution"][j][0] += 2e-6
        assert judge_outcome(LANGUAGES["C"], stages) is not Outcome.RIGHT


# Unreadable and missing output


@every_language
def test_a_missing_block_is_unreadable(language: Language) -> None:
    text = language.text(compute_stages(SECOND, language.arithmetic))
    tokens = [number for block in find_number_blocks(text) for row in block for number in row]
    truncated = text[: text.index(tokens[0])] if len(language.stages) == 1 else text.rstrip()
    if len(language.stages) > 1:
        remaining_lines = truncated.splitlines()
        while len(find_number_blocks(join_lines(remaining_lines))) == len(language.stages):
            remaining_lines.pop()
        truncated = join_lines(remaining_lines)
    judgement = judge_text(language.port(SECOND), truncated)
    assert judgement.outcome is Outcome.UNREADABLE
    assert f"where {len(language.stages)} are due" in judgement.detail


def test_rows_of_different_length_are_unreadable() -> None:
    text = format_as_java(compute_stages(SECOND)).replace(
        "[5.0, -3.0, 1.0, 14.0]", "[5.0, -3.0, 1.0]"
    )
    judgement = judge_text(LANGUAGES["Java"].port(SECOND), text)
    assert (judgement.outcome, judgement.detail) == (
        *(Outcome.UNREADABLE, "the rows of echelon are not equally long"),
    )


def test_numbers_that_are_not_finite_are_wrong() -> None:
    for label in ("echelon", "reduced", "solution"):
        stages = compute_stages(SECOND)
        stages[label][1][-1] = float("nan")
        for language in (LANGUAGES["C"], LANGUAGES["Java"]):
            assert judge_outcome(language, stages) is Outcome.WRONG


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Ending.CRASHED, Outcome.CRASHED),
        (Ending.HUNG, Outcome.HUNG),
        (Ending.FLOODED, Outcome.UNREADABLE),
    ],
)
@every_language
def test_the_output_of_a_main_that_fails_is_not_read(
    language: Language, ending: Ending, expected: Outcome
) -> None:
    text = language.text(compute_stages(SECOND, language.arithmetic))
    judgement = judge_text(language.port(SECOND), text, ending)
    assert (judgement.outcome, judgement.detail) == (expected, "exit status 1")


# Numbers and blocks


@pytest.mark.parametrize(
    ("token", "places", "digits", "half"),
    [
        ("3.500000", 6, None, 0.5e-6),
        ("0.000000", 6, None, 0.5e-6),
        ("1.63636364", 8, None, 0.5e-8),
        ("1.63636364e-05", 8, None, 0.5e-13),
        ("0e999", 6, None, 0.5e-6),
        ("1e-400", 6, None, 0.5e-6),
        ("3.5000000", None, 8, 0.5e-7),
        ("-0.0012345678", None, 8, 0.5e-10),
        ("1.2345678e+21", None, 8, 0.5e14),
        ("0.0000000", None, 8, 0.0),
        ("1%3", None, 8, 0.5e-8),
        ("nan", None, 8, 0.0),
        ("3.5", None, None, 0.0),
    ],
)
def test_half_a_unit_of_the_last_place(
    token: str, places: int | None, digits: int | None, half: float
) -> None:
    published = Published((), (), (), (), places, digits)
    assert half_unit(token, published) == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("1 2\n3 4\n", [[["1", "2"], ["3", "4"]]]),
        ("1 2\n\n3 4\n", [[["1", "2"]], [["3", "4"]]]),
        ("[1 2; 3 4]\n[1; 2]\n[5, 6]\n", [[["1", "2"], ["3", "4"]], [["1"], ["2"]], [["5", "6"]]]),
        ("x: 1\ny: 2\n", [[["1"], ["2"]]]),
        ("Step 2\n1 2\n", [[["1", "2"]]]),
        ("(-3) % 4\t1 % 1\n", [[["-3%4", "1%1"]]]),
        ("[[1 2\n  3]\n [4 5\n  6]]\n", [[["1", "2", "3"], ["4", "5", "6"]]]),
        ("[1 2\nthe end\n3 4\n", [[["3", "4"]]]),
        ("no numbers at all\n", []),
    ],
)
def test_blocks_of_numbers(text: str, blocks: list[list[list[str]]]) -> None:
    assert find_number_blocks(text) == blocks


# The usual ways to print a matrix

ROWS_OF_TWO = [[["2", "3", "6"], ["4", "5", "9"]]]


@pytest.mark.parametrize(
    "text",
    [
        "[ 2 3 | 6 ]\n[ 4 5 | 9 ]\n",
        "| 2 3 | 6 |\n| 4 5 | 9 |\n",
        "2 3 | 6\n----+--\n4 5 | 9\n",
        "+---+---+---+\n| 2 | 3 | 6 |\n+---+---+---+\n| 4 | 5 | 9 |\n+---+---+---+\n",
        "┌ 2 3 │ 6 ┐\n└ 4 5 │ 9 ┘\n",
        "⎡2  3  6⎤\n⎢       ⎥\n⎣4  5  9⎦\n",
        "(2, 3, 6)\n(4, 5, 9)\n",
        "[2,3,6]\n[4,5,9]\n",
        "2,3,6\n4,5,9\n",
        "2; 3; 6\n4; 5; 9\n",
        "2 3 6;\n4 5 9;\n",
        "[2 3 6; 4 5 9]\n",
        "[2 3 6;\n 4 5 9];\n",
        "[[2, 3, 6], [4, 5, 9]]\n",
        "[[2, 3, 6],\n [4, 5, 9]]\n",
        "[\n  [ 2, 3, 6 ],\n  [ 4, 5, 9 ]\n]\n",
        "{{2, 3, 6}, {4, 5, 9}}\n",
        "     [,1] [,2] [,3]\n[1,]    2    3    6\n[2,]    4    5    9\n",
        "A =\n\n   2   3   6\n   4   5   9\n\n",
        "2×3 Matrix{Int64}:\n 2  3  6\n 4  5  9\n",
    ],
)
def test_a_matrix_may_be_printed_in_many_ways(text: str) -> None:
    assert find_number_blocks(text) == ROWS_OF_TWO


@pytest.mark.parametrize(
    "text",
    [
        "Matrix([[2, 3, 6], [4, 5, 9]])\n",
        "array([[2, 3, 6],\n       [4, 5, 9]])\n",
        "A = [2 3 6; 4 5 9]\n",
    ],
)
def test_a_matrix_may_have_a_name(text: str) -> None:
    assert find_number_blocks(text, with_names=True) == ROWS_OF_TWO


@pytest.mark.parametrize(
    "text", ["x1 = 1\nx2 = -2\n", "x[0] = 1\nx[1] = -2\n", "x₁ = 1\nx₂ = -2\n", "x = [1, -2]\n"]
)
def test_numbers_with_names_are_a_stage_only_where_it_is_due(text: str) -> None:
    published = Published((), (), (), ("echelon",), None, None)
    matrix = f"1 2\n3 4\n\n{text}"
    assert parse_stages(matrix, published)["echelon"].rows == ((1.0, 2.0), (3.0, 4.0))
    both = replace(published, stages=("echelon", "solution"))
    assert parse_stages(matrix, both)["solution"].rows == ((1.0,), (-2.0,))


def test_the_vector_of_r_follows_its_matrix() -> None:
    text = "     [,1] [,2]\n[1,]    1    2\n[2,]    3    4\n[1] 5 6\n[3] 7\n"
    assert find_number_blocks(text) == [[["1", "2"], ["3", "4"]], [["5", "6"], ["7"]]]


@pytest.mark.parametrize(
    "text", ["1 2\n---\n3 4\n", "1 2\n+--+\n+--+\n3 4\n", "[\n1 2\n]\n[\n3 4\n]\n"]
)
def test_a_line_between_two_matrices_is_no_border_between_rows(text: str) -> None:
    assert find_number_blocks(text) == [[["1", "2"]], [["3", "4"]]]


@pytest.mark.parametrize(
    "text",
    [
        "1,5 2,5",
        "1,5",
        "1,234 5",
        "1.234,5",
        "[1,5;2,5]",
        "(5) 3",
        "(5)",
        "1.5(2) 3",
        "1 ─2",
        "1 ,5",
    ],
)
def test_what_may_be_another_number_is_no_row(text: str) -> None:
    assert find_number_blocks(f"{text}\n") == []


def test_a_common_factor_of_the_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="scales the numbers below"):
        find_number_blocks("A =\n\n   1.0e+03 *\n\n    1.2   3.4\n")


def test_the_time_grows_with_the_length_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """An open bracket, and a number on each of many lines."""
    parsed: list[str] = []

    def parse(token: str) -> Value:
        parsed.append(token)
        return parse_value(token)

    monkeypatch.setattr("harness.judging.number_blocks.parse_value", parse)
    lines = 5_000
    assert find_number_blocks("[1\n" + "1\n" * lines) == [[["1"] * (lines + 1)]]
    assert len(parsed) <= 3 * lines


def test_a_ratio_beyond_the_range_of_doubles_is_unreadable() -> None:
    digits = "9" * 390
    judgement = judge_text(LANGUAGES["Rust"].port(SECOND), f"1\n{digits}/1\n3\n")
    assert judgement.outcome is Outcome.UNREADABLE
    assert judgement.detail.startswith("row 2 of solution: 9999")


def test_a_solution_is_a_column_however_it_is_laid_out() -> None:
    for text in ("1 2 3\n", "1\n2\n3\n"):
        stage = parse_stages(text, Published((), (), (), ("solution",), None, None))["solution"]
        assert stage.shape == (3,)
        assert stage.rows == ((1.0,), (2.0,), (3.0,))
        assert stage.half_units == ()


# The example itself


@pytest.mark.parametrize(
    ("system", "kind"),
    [
        ([[1, 2, 3], [2, 5, 6]], Kind.REGULAR),
        ([[1, 2, 3], [2, 4, 6]], Kind.SINGULAR),
        ([[1, 2, 3]], Kind.UNDERDETERMINED),
        ([[1, 2], [2, 4]], Kind.OVERDETERMINED),
    ],
)
def test_any_system_may_be_a_listings_example(system: Matrix, kind: Kind) -> None:
    port = LANGUAGES["Java"].port(system)
    assert build_example_case(port).kind is kind
    assert compute_expected(port).unknowns == len(system[0]) - 1


@pytest.mark.parametrize(
    ("x", "remark", "expected"),
    [
        ("[NaN, -Infinity]", "", Outcome.RIGHT),
        ("[1.0, 1.0]", "singular!\n", Outcome.RIGHT),
        ("[1.0, 1.0]", "", Outcome.RIGHT),
        ("[7.0, 8.0]", "singular!\n", Outcome.WRONG),
        ("[7.0, 8.0]", "", Outcome.SILENT),
    ],
)
def test_an_example_without_a_unique_solution(x: str, remark: str, expected: Outcome) -> None:
    port = LANGUAGES["Rust"].port([[1, 2, 3], [2, 4, 6]], notices=("singular!",))
    assert judge_text(port, f"{remark}Solution: {x}\n").outcome is expected


def test_a_unit_in_print_is_explained_where_columns_are_alike() -> None:
    """Six places cannot tell which of two nearly equal columns an error is in."""
    port = replace(LANGUAGES["C"], stages=("solution",)).port([[1, 1, 2], [1, 1.000001, 2]])
    assert judge_text(port, "(2.000000,0.000000)\n").outcome is Outcome.RIGHT
    assert judge_text(port, "(2.000001,0.000000)\n").outcome is Outcome.RIGHT
    assert judge_text(port, "(2.000002,0.000000)\n").outcome is not Outcome.RIGHT
