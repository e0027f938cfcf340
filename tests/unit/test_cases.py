"""Case files become cases. A malformed file raises an error with its place and a hint."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import CaseError
from harness.inputs import cases
from harness.inputs.cases import load_cases
from harness.model.case import Arithmetic, Case, Kind, Solutions
from harness.model.number import Number, format_binary64, format_rational, parse_number

BINARY64, RATIONAL64 = Arithmetic.BINARY64, Arithmetic.RATIONAL64

Read = Callable[[str], tuple[Case, ...]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.chdir(tmp_path)

    def read(content: str) -> tuple[Case, ...]:
        path = tmp_path / "x.yaml"
        path.write_text(dedent(content), encoding="utf-8")
        return load_cases([path])

    return read


@pytest.fixture
def refuse(read: Read) -> Callable[[str], CaseError]:
    def refuse(content: str) -> CaseError:
        with pytest.raises(CaseError) as raised:
            read(content)
        return raised.value

    return refuse


Refuse = Callable[[str], CaseError]

ORDINARY = """\
kind: singular
cases:
  - name: rank-one
    why: The last row reduces
      to 0 = 1.
    solutions: none
    system: |
      1   2/3 | -6
      .5 -0.0 |  1e-2
"""


def test_a_case_has_what_the_file_says(read: Read) -> None:
    (case,) = read(ORDINARY)
    assert (case.name, case.kind, case.place) == ("rank-one", Kind.SINGULAR, "x.yaml:3")
    assert case.why == "The last row reduces to 0 = 1."
    assert (case.rows, case.columns, case.unknowns, case.right_hand_sides) == (2, 3, 2, 1)
    assert [[number.written for number in row] for row in case.system] == [
        ["1", "2/3", "-6"],
        [".5", "-0.0", "1e-2"],
    ]


def test_solutions_hold_for_both_arithmetics(read: Read) -> None:
    (case,) = read(ORDINARY)
    assert case.solutions == {BINARY64: Solutions.NONE, RATIONAL64: Solutions.NONE}


def test_solutions_may_differ_by_arithmetic_or_be_left_out(read: Read) -> None:
    (differing,) = read(ORDINARY.replace("none", "{binary64: unique, rational64: infinite}"))
    assert differing.solutions == {BINARY64: Solutions.UNIQUE, RATIONAL64: Solutions.INFINITE}
    (partial,) = read(ORDINARY.replace("none", "{binary64: unique}"))
    assert partial.solutions == {BINARY64: Solutions.UNIQUE}
    (silent,) = read(ORDINARY.replace("solutions: none", ""))
    assert silent.solutions == {}


def test_binary64_is_handed_the_nearest_doubles(read: Read) -> None:
    (case,) = read(ORDINARY)
    assert case.build_input_matrix(BINARY64) == (
        (Fraction(1), Fraction(2 / 3), Fraction(-6)),
        (Fraction(1, 2), Fraction(0), Fraction(0.01)),
    )
    assert case.format_request(BINARY64) == (
        b"case rank-one 2 3 1\n1 0.6666666666666666 -6\n0.5 -0.0 0.01\n"
    )


def test_rational64_is_handed_the_fractions(read: Read) -> None:
    (case,) = read(ORDINARY)
    assert case.build_input_matrix(RATIONAL64) == (
        (Fraction(1), Fraction(2, 3), Fraction(-6)),
        (Fraction(1, 2), Fraction(0), Fraction(1, 100)),
    )
    assert case.format_request(RATIONAL64) == b"case rank-one 2 3 1\n1 2/3 -6\n1/2 0 1/100\n"


@given(st.data())
def test_what_is_requested_is_exactly_what_is_handed(data: st.DataObject) -> None:
    columns = data.draw(st.integers(2, 4))
    doubles = st.floats(allow_nan=False, allow_infinity=False).map(format_binary64)
    ratios = st.fractions(max_denominator=10**9).map(format_rational)
    entries = st.one_of(doubles, ratios.filter(lambda text: len(text) < 300)).map(parse_number)
    row = st.lists(entries, min_size=columns, max_size=columns).map(tuple)
    system = tuple(data.draw(st.lists(row, min_size=1, max_size=4)))
    case = Case("any", Kind.REGULAR, "", "", system, 1, {})
    for arithmetic in Arithmetic:
        if arithmetic is Arithmetic.BINARY32 and not case.is_representable(arithmetic):
            continue  # it is not asked
        _, *lines = case.format_request(arithmetic).decode("ascii").splitlines()
        system_read = tuple(tuple(map(parse_number, line.split(" "))) for line in lines)
        case_read = Case("any", Kind.REGULAR, "", "", system_read, 1, {})
        assert case_read.build_input_matrix(arithmetic) == case.build_input_matrix(arithmetic)


def test_a_case_fits_rational64_when_every_number_does() -> None:
    def build_case(text: str) -> Case:
        row = (Number.from_fraction(Fraction(1)), parse_number(text))
        return Case("any", Kind.REGULAR, "", "", (row,), 1, {})

    assert build_case("9223372036854775807").is_representable(RATIONAL64)
    assert not build_case("9223372036854775808").is_representable(RATIONAL64)
    assert not build_case("1e-20").is_representable(RATIONAL64)
    assert build_case("1e-20").is_representable(BINARY64)


def test_columns_behind_the_bar_are_right_hand_sides(read: Read) -> None:
    (case,) = read(
        """\
        kind: regular
        cases:
          - {name: two, why: Two., system: "1 | 2 3 "}
        """
    )
    assert (case.unknowns, case.right_hand_sides) == (1, 2)
    assert case.format_request(BINARY64) == b"case two 1 3 2\n1 2 3\n"


def test_bars_need_no_blanks_and_empty_lines_do_not_count(read: Read) -> None:
    (case,) = read(
        """\
        kind: regular
        cases:
          - name: tight
            why: Blanks.
            system: |

              1 2|3

              4 5|6
        """
    )
    assert case.format_request(BINARY64) == b"case tight 2 3 1\n1 2 3\n4 5 6\n"


def test_a_family_is_a_matrix_with_its_row_sums_on_the_right(read: Read) -> None:
    (case,) = read(
        """\
        kind: regular
        cases:
          - {name: h, why: Hilbert., family: hilbert, n: 2}
        """
    )
    assert case.format_request(RATIONAL64) == b"case h 2 3 1\n1 1/2 3/2\n1/2 1/3 5/6\n"


def test_a_family_takes_a_right_hand_side_in_any_layout(read: Read) -> None:
    together, below = read(
        """\
        kind: regular
        cases:
          - {name: a, why: A., family: hilbert, n: 2, right_hand_side: 1 -0.5}
          - name: b
            why: B.
            family: hilbert
            n: 2
            right_hand_side: |
              1
              -0.5
        """
    )
    assert together.system == below.system
    assert [row[-1].written for row in together.system] == ["1", "-0.5"]


def test_a_case_may_have_a_kind_of_its_own(read: Read) -> None:
    first, second = read(
        """\
        kind: regular
        cases:
          - {name: a, why: A., system: 1 | 2}
          - {name: b, why: B., system: 1 1 | 2, kind: underdetermined}
        """
    )
    assert (first.kind, second.kind) == (Kind.REGULAR, Kind.UNDERDETERMINED)


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        (("2/3", "2/0"), "x.yaml:8:11: `2/0` has the denominator 0", "Numbers look like"),
        (("2/3", "2,3"), "x.yaml:8:11: `2,3` is not a number", "Separate them"),
        (("2/3", "1e999"), "x.yaml:8:11: `1e999` has the exponent 999; 400 either", "Numbers"),
        (("2/3", "1e309"), "x.yaml:8:11: `1e309` is beyond the largest double", "Numbers"),
        (("2/3", ""), "x.yaml:9:7: row 2 has 2 numbers before `|`, row 1 has 1", "one row"),
        (("-6", "-6 7"), "x.yaml:9:7: row 2 has 1 number after `|`, row 1 has 2", "one row"),
        (("1e-2", "| 1"), "x.yaml:9:18: a row should have one `|`, this one has 2", "one row"),
        (("|  1e-2", "1"), "x.yaml:9:15: a row should have one `|`, this one has none", "one row"),
        (("  1e-2", ""), "x.yaml:9:15: there is no number after this `|`", "one row"),
        (("1   2/3 |", "|"), "x.yaml:8:7: there is no number before this `|`", "one row"),
        (("system: |", "system: >"), "x.yaml:7:13: a row should have one `|`", "one row"),
        (("rank-one", "Rank_One"), "x.yaml:3:11: `Rank_One` cannot be the name", "lower-case"),
        (
            ("rank-one", "-x"),
            "x.yaml:3:11: `-x` cannot be the name of a case",
            "begins with no hyphen",
        ),
        (("rank-one", "x" * 61), "x.yaml:3:11: `xxxxxxxxxx", "at most 60"),
        (("rank-one", "published"), "x.yaml:3:11: the name `published` is reserved", "Choose"),
        (("none", "nil"), "x.yaml:6:16: `solutions` should be 'unique', 'none' or 'inf", "docs/"),
        (("none", "{binary16: none}"), "x.yaml:6:17: the key `binary16` should be 'bin", "docs/"),
        (("kind: singular", "kind: odd"), "x.yaml:1:7: `kind` should be 'regular', 's", "docs/"),
        (
            ("kind: singular", ""),
            "x.yaml:3:5: `rank-one` has no `kind`",
            "Use one of regular, singular",
        ),
        (
            ("kind: singular", "kind: overdetermined"),
            "x.yaml:3:5: a system that is overdetermined has more rows than unknowns, this one has "
            "2 rows and 2 unknowns",
            "Its kind is regular or singular.",
        ),
        (("solutions:", "solution:"), "x.yaml:6:5: `solution` is not known", "`solutions`?"),
        (("why:", "n: 3\n    why:"), "x.yaml:4:8: `n` is used only with `family`", "Remove it."),
        (
            ("why:", "family: hilbert\n    why:"),
            "x.yaml:3:5: `rank-one` should have either `system` or `family`",
            "`system: |` and rows",
        ),
        (("name: rank-one", "kind: singular"), "x.yaml:3:5: `name` is missing", "docs/"),
    ],
)
def test_a_mistake_is_told_with_place_and_remedy(
    refuse: Refuse, change: tuple[str, str], message: str, hint: str
) -> None:
    assert ORDINARY.count(change[0]) == 1
    error = refuse(ORDINARY.replace(*change))
    assert error.message.startswith(message)
    assert hint in error.hint


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ("why: A.", "`a` should have either `system` or `family`", "or `family: hilbert`"),
        ("why: A., family: hilbret, n: 2", "there is no family `hilbret`", "`hilbert`?"),
        ("why: A., family: hilbert", "the family `hilbert` needs its order `n`", "`n: 4`"),
        ("why: A., family: wilson, n: 5", "`wilson` has no order 5: n should be 4", "docs/"),
        ("why: A., family: wilson, n: -1", "`wilson` has no order -1", "docs/"),
        ("why: A., family: wilson, n: 4.5", "`n` should be a whole number, not '4.5'", "docs/"),
        (
            "why: A., family: hilbert, n: 3, right_hand_side: 1 2",
            "`right_hand_side` has 2 numbers, the matrix has 3 rows",
            "Numbers look like",
        ),
        (
            "why: A., family: hilbert, n: 2, right_hand_side: 1 | 2",
            "`|` is not a number",
            "Numbers look like",
        ),
        ("why: '', system: 1 | 2", "`why` is empty", "which mistake this system exposes"),
        ("why: A., system: ''", "the system has no rows", "Write `system: |`"),
        ("why: A., system: [1]", "`system` should be text", "docs/"),
        ("system: 1 | 2", "`why` is missing", "docs/"),
    ],
)
def test_an_incomplete_case_is_told_what_it_lacks(
    refuse: Refuse, entry: str, message: str, hint: str
) -> None:
    error = refuse(f"kind: regular\ncases:\n  - {{name: a, {entry}}}\n")
    assert error.message.startswith("x.yaml:3:")
    assert message in error.message
    assert hint in error.hint


def test_a_file_without_cases_is_an_error(refuse: Refuse) -> None:
    assert refuse("kind: regular\n").message == "x.yaml:1:1: `cases` is missing"
    assert refuse("cases: []\n").message == "x.yaml:1:8: `cases` should hold at least one"
    assert refuse("cases:\n").message.startswith("x.yaml:1:7: `cases` should be a list")


def test_a_system_has_so_many_entries_and_no_more(
    refuse: Refuse, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MAXIMUM_ENTRIES", 6)
    assert read(ORDINARY)
    monkeypatch.setattr(cases, "MAXIMUM_ENTRIES", 5)
    assert refuse(ORDINARY).message == "x.yaml:7:13: more than 5 entries"


def test_names_are_unique_over_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text(ORDINARY, encoding="utf-8")
    with pytest.raises(CaseError) as raised:
        load_cases([Path("one.yaml"), Path("two.yaml")])
    assert raised.value.message == (
        "two.yaml:3: `rank-one` is the name of another case already, at one.yaml:3"
    )


def test_a_folder_stands_for_its_yaml_files_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        content = ORDINARY.replace("rank-one", name)
        (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a case file")
    (tmp_path / ".#a.yaml").write_text("left by an editor")
    assert [case.name for case in load_cases([tmp_path])] == ["a", "b"]


@pytest.mark.parametrize("target", ["/etc/passwd", "../elsewhere.yaml", "/proc/kmsg"])
def test_a_link_out_of_the_folder_is_not_quoted(tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere.yaml").write_text("secret: [\n")
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "x.yaml").symlink_to(target)
    with pytest.raises(CaseError) as raised:
        load_cases([folder])
    message = raised.value.message
    assert message.endswith("x.yaml: cannot be read: it is a link that leads out of its folder")


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    for path in (tmp_path, tmp_path / "x.yaml", Path("/dev/stdin"), Path("/dev/zero")):
        with pytest.raises(CaseError, match="cannot be read: not an ordinary file"):
            load_cases([path])


def test_a_folder_without_case_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no case file in here"):
        load_cases([tmp_path])


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="there is no such file"):
        load_cases([tmp_path / "gone"])


def test_the_documentation_shows_a_message_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-cases.md").read_text(encoding="utf-8")
    blocks = [block.partition("\n")[2] for block in page.split("```")[1::2]]
    shown = next(index for index, block in enumerate(blocks) if "name: commas" in block)
    monkeypatch.chdir(tmp_path)
    Path("commas.yaml").write_text(blocks[shown], encoding="utf-8")
    with pytest.raises(CaseError) as raised:
        load_cases([Path("commas.yaml")])
    assert blocks[shown + 1] == f"{raised.value.message}\n{raised.value.hint}\n"
