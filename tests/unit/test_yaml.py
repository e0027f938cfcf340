"""YAML files are read within limits, and every mistake has a position."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field
from yaml import SafeLoader
from yaml.scanner import ScannerError
from yaml.tokens import Token

from harness.errors import CaseError, HarnessError
from harness.files import display_path
from harness.inputs import yaml
from harness.inputs.document import Schema, suggest_name
from harness.inputs.yaml import load_document

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes) -> Path:
        path = tmp_path / "x.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def catch_error(path: Path) -> HarnessError:
    with pytest.raises(CaseError) as raised:
        load_document(path, CaseError, "See the guide.")
    return raised.value


def test_every_scalar_is_the_text_that_was_written(write: Write) -> None:
    document = load_document(
        write("a: 1e-20\nb: [no, 0x10, 007, null, 'q', 2001-01-01]\nc:\n"), CaseError
    )
    assert document.value == {
        "a": "1e-20",
        "b": ["no", "0x10", "007", "null", "q", "2001-01-01"],
        "c": "",
    }


def test_every_value_has_its_place(write: Write) -> None:
    document = load_document(write("a: 1\nb:\n  - c: 2\n    d: 3\n"), CaseError)
    assert document.format_position(("a",)) == "x.yaml:1:4"
    assert document.format_position(("b", 0)) == "x.yaml:3:5"
    assert document.format_position(("b", 0, "d")) == "x.yaml:4:8"


def test_a_place_that_is_not_there_is_the_nearest_around_it(write: Write) -> None:
    document = load_document(write("a: 1\nb:\n  - c: 2\n"), CaseError)
    assert document.format_position(("b", 0, "missing", "deeper")) == "x.yaml:3:5"
    assert document.format_position(("b", 7)) == "x.yaml:3:3"


@pytest.mark.parametrize(
    ("content", "places"),
    [
        ("t: |\n  one two\n\n    three\n", ["2:3", "2:7", "4:5"]),
        ("t: |2\n    one two\n  three\n", ["2:5", "2:9", "3:3"]),
        ("t: |-\n  one\n  two three", ["2:3", "3:3", "3:7"]),
        ("t: one  two three\n", ["1:4", "1:9", "1:13"]),
        ("t: 'one two' # three\n", ["1:5", "1:9"]),
        ("t: >\n  one\n  two\n", ["1:4", "1:4"]),
        ("t: one\n  two\n", ["1:4", "1:4"]),
    ],
)
def test_the_words_of_a_text_have_places(write: Write, content: str, places: list[str]) -> None:
    document = load_document(write(content), CaseError)
    words = [word for line in document.find_words(("t",), re.compile(r"\S+")) for word in line]
    assert [f"{word.position.line}:{word.position.column}" for word in words] == places
    assert [word.text for word in words] == ["one", "two", "three"][: len(places)]


def test_a_byte_order_mark_and_foreign_line_ends_are_taken(write: Write) -> None:
    document = load_document(write(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x y\r\n"), CaseError)
    assert document.value == {"a": "1", "b": "x y\n"}
    assert document.format_position(("a",)) == "x.yaml:1:4"
    assert document.find_words(("b",), re.compile("y"))[0][0].position.column == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.yaml: empty"),
        ("# only a comment\n", "x.yaml: empty"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document starts here"),
        ("a: &x 1\n", "x.yaml:1:4: anchors and aliases are not supported"),
        ("a: 1\nb: *x\n", "x.yaml:2:4: anchors and aliases are not supported"),
        ("a: !!python/object:os.system {}\n", "x.yaml:1:4: the tag `tag:yaml.org,2002:python/"),
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3:1: the key `a` is repeated (first in line 1)"),
        ("? [a]\n: 1\n", "x.yaml:1:3: a key should be text"),
        ("a: [1\n", "x.yaml:2:1: not YAML: "),
        ("a: b\u2028c\n", "x.yaml:1:5: the character U+2028 is not allowed in a YAML file"),
        ("a: \x07\n", "x.yaml:1:4: the character U+0007 is not allowed in a YAML file"),
        (b"a: 1\nb: \xff\n", "x.yaml:2:4: byte 0xff is not UTF-8"),
        (b"\xff\xfea\x00", "x.yaml:1:1: byte 0xff is not UTF-8"),
        ("[" * 30 + "]" * 30, "x.yaml:1:22: nested more than 20 deep"),
        ("a: " + "[" * 30_000, "x.yaml:1:24: nested more than 20 deep"),
        ("- " * 30_000, "x.yaml:1:43: nested more than 20 deep"),
        ('"' + "[" * 900, "x.yaml:1:902: not YAML: "),
    ],
)
def test_a_malformed_file_is_named_with_line_and_column(
    write: Write,
    content: str | bytes,
    message: str,
) -> None:
    error = catch_error(write(content))
    assert error.message.startswith(message)
    assert error.hint


class LimitedLoader(SafeLoader):
    """A loader with a limit for nesting, as libyaml has from 0.2.6. Reads ahead as libyaml does."""

    limit = 30

    def fetch_flow_collection_start(self, token_class: type[Token]) -> None:
        self.check_limit(self.flow_level)
        super().fetch_flow_collection_start(token_class)

    def add_indent(self, column: int) -> bool:
        self.check_limit(len(self.indents))
        return super().add_indent(column)

    def check_limit(self, level: int) -> None:
        if level >= self.limit:
            message = "exceeded maximum nesting depth"
            raise ScannerError("while increasing a level", None, message, self.get_mark())


class LowerLimitLoader(LimitedLoader):
    """The lowest limit that leaves room for the nesting that the harness allows."""

    limit = yaml.MAXIMUM_DEPTH + 2


LOADERS = [yaml.YAML_LOADER, SafeLoader, LimitedLoader, LowerLimitLoader]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("content", "position"),
    [
        ("[" * 23, "1:22"),
        pytest.param("[" * 10_000, "1:22", id="lists"),
        ("a: " + "[" * 10_000, "1:24"),
        ("{a: " * 10_000, "1:85"),
        ("[{a: " * 10_000, "1:52"),
        ("- " * 10_000, "1:43"),
        ("- " * 15 + "[" * 10_000, "1:37"),
        ("- " * 15 + "[" * 10_000 + "]" * 10_000, "1:37"),
        ("a: {b: 1}\n" + "\n".join(" " * n + "c:" for n in range(100)), "23:22"),
        ("['[[[[', \"]]\", " * 40, "1:302"),
        ("[" * 25 + "@", "1:22"),
        ("[" * 25 + '"x', "1:22"),
        ("[" * 21 + "x, @", "1:22"),
        ("a: 1 # " + "[" * 2_000 + "\nb: " + "[" * 25 + "%", "2:24"),
    ],
)
def test_nesting_is_refused_in_the_same_terms_whatever_reads_it(
    write: Write, monkeypatch: pytest.MonkeyPatch, loader: type, content: str, position: str
) -> None:
    monkeypatch.setattr(yaml, "YAML_LOADER", loader)
    error = catch_error(write(content))
    assert (error.message, error.hint) == (
        f"x.yaml:{position}: nested more than 20 deep",
        "See the guide.",
    )


@pytest.mark.parametrize("loader", LOADERS)
def test_what_may_be_nested_is_read_whatever_reads_it(
    write: Write, monkeypatch: pytest.MonkeyPatch, loader: type
) -> None:
    monkeypatch.setattr(yaml, "YAML_LOADER", loader)
    value = load_document(write("[" * 20 + "x" + "]" * 20), CaseError).value
    for _ in range(20):
        (value,) = value
    assert value == "x"


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: &x [*x]\n", "x.yaml:1:4: anchors and aliases are not supported"),
        ("a: " + "[&x " * 40, "x.yaml:1:5: anchors and aliases are not supported"),
        ("a: !!int 1\n", "x.yaml:1:4: the tag `tag:yaml.org,2002:int` is not supported"),
        ("a: {b: 1, b: 2}\n", "x.yaml:1:11: the key `b` is repeated (first in line 1)"),
        ('a: "\\0"\n', "x.yaml:1:4: the text has the character U+0000, which is not allowed"),
        ('"a\\0": b\n', "x.yaml:1:1: the text has the character U+0000, which is not allowed"),
        ('a: ["x\\x00y"]\n', "x.yaml:1:5: the text has the character U+0000, which is not allowed"),
    ],
)
def test_other_refusals_do_not_depend_on_what_reads_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch, loader: type, content: str, message: str
) -> None:
    monkeypatch.setattr(yaml, "YAML_LOADER", loader)
    assert catch_error(write(content)).message == message


def test_a_half_of_a_surrogate_pair_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libyaml refuses the escape, PyYAML's own parser does not."""
    content = write('a: "\\ud800"\n')
    assert catch_error(content).message.startswith("x.yaml:1:")
    monkeypatch.setattr(yaml, "YAML_LOADER", SafeLoader)
    message = "x.yaml:1:4: the text has the character U+D800, which is not allowed"
    assert catch_error(content).message == message


@pytest.mark.parametrize("target", ["../secret.yaml", "/etc/passwd"])
def test_a_link_out_of_its_folder_is_not_quoted(tmp_path: Path, write: Write, target: str) -> None:
    (tmp_path / "secret.yaml").write_text("password: [1\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x.yaml").symlink_to(target)
    with pytest.raises(CaseError) as raised:
        load_document(folder / "x.yaml", CaseError, "", folder)
    reason = "cannot be read: it is a link that leads out of its folder"
    assert raised.value.message == f"{display_path(folder / 'x.yaml')}: {reason}"


def test_a_tab_in_the_indentation_is_explained(write: Write) -> None:
    error = catch_error(write("a:\n\tb: 1\n"))
    assert error.message.startswith("x.yaml:2:1: not YAML: ")
    assert error.hint == "Indent with spaces: YAML does not allow tabs there."


def test_a_text_whose_first_line_is_too_deep_is_explained(write: Write) -> None:
    error = catch_error(write("a: |\n   1\n  -5\n"))
    assert error.message.startswith("x.yaml:3:3: not YAML: ")
    assert error.hint == "In a text below `|` no line may start further left than the first."


def test_a_file_may_have_so_many_bytes_and_values_and_no_more(
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yaml, "MAXIMUM_BYTES", 20)
    assert load_document(write("a: " + "1" * 17), CaseError).value == {"a": "1" * 17}
    assert catch_error(write("a: " + "1" * 18)).message == "x.yaml: larger than 20 bytes"
    monkeypatch.setattr(yaml, "MAXIMUM_VALUES", 4)
    assert load_document(write("[1, 2, 3]"), CaseError).value == ["1", "2", "3"]
    assert catch_error(write("[1, 2, 3, 4]")).message == "x.yaml:1:11: more than 4 values"


COMMENTS = "# [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
VALUES = "".join(f"k{number}: v\n" for number in range(9_000))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(COMMENTS * 5_000 + "a: 1\n]", id="comments"),
        pytest.param(VALUES + "z: 1 # " + "[" * 30 + "\n]", id="comment"),
        pytest.param(VALUES + "z: 1\n" + COMMENTS * 2_000 + "]", id="values and comments"),
        pytest.param(VALUES + "z: " + "[" * 1_000, id="deep after values"),
        pytest.param(VALUES + "z: " + "[" * 30 + "@", id="deep before a mistake"),
        pytest.param(VALUES + "z: '" + "[" * 90_000, id="in quotes"),
        pytest.param("a: [" + "1, " * 9_000 + "[" * 19 + "@", id="a list"),
        pytest.param("[" * 190_000, id="lists"),
        pytest.param("{" * 190_000, id="mappings"),
    ],
)
def test_a_mistake_takes_little_longer_than_a_valid_file(write: Write, content: str) -> None:
    """Processor time, as other programs may run. It took up to eight times as long."""

    def measure(path: Path) -> float:
        started = time.process_time()
        with suppress(CaseError):
            load_document(path, CaseError)
        return time.process_time() - started

    valid = min(measure(write(VALUES)) for _ in range(2))
    assert min(measure(write(content)) for _ in range(3)) < 4 * valid


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, write: Write) -> None:
    assert catch_error(tmp_path / "gone.yaml").message == "gone.yaml: there is no such file"
    assert catch_error(tmp_path).message == ".: cannot be read: Is a directory"
    assert catch_error(Path("a\0b")).message.endswith(
        "its name is not allowed: it has a null character, or one that is not UTF-8"
    )


def test_the_hint_is_the_guide_where_nothing_better_is_known(write: Write) -> None:
    assert catch_error(write("")).hint == "See the guide."


class Inner(Schema):
    name: str
    n: int | None = None


class Outer(Schema):
    kind: str = ""
    items: list[Inner]
    pairs: Annotated[tuple[Inner, ...], Field(min_length=1)] = (Inner(name="a"),)


def catch_schema_error(path: Path) -> HarnessError:
    document = load_document(path, CaseError, "See the guide.")
    with pytest.raises(CaseError) as raised:
        document.validate(Outer)
    return raised.value


def test_a_file_that_fits_its_schema_becomes_the_model(write: Write) -> None:
    document = load_document(write("items:\n  - {name: 8, n: 8}\n  - name: no\n"), CaseError)
    assert document.validate(Outer) == Outer(items=[Inner(name="8", n=8), Inner(name="no")])


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("kind: a\n", "x.yaml:1:1: `items` is missing", "See the guide."),
        ("items:\n  - n: 1\n", "x.yaml:2:5: `name` is missing", "See the guide."),
        (
            "items:\n  - name: a\n    nmae: b\n",
            "x.yaml:3:5: `nmae` is not known here",
            "Did you mean `name`?",
        ),
        (
            "items: []\nzzz: 1\n",
            "x.yaml:2:1: `zzz` is not known here",
            "Known here: `kind`, `items`, `pairs`.",
        ),
        (
            "items:\n  - name: a\n    n: many\n",
            "x.yaml:3:8: `n` should be a whole number, not 'many'",
            "See the guide.",
        ),
        ("items: 5\n", "x.yaml:1:8: `items` should be a list, not '5'", "See the guide."),
        (
            "items: [a]\n",
            "x.yaml:1:9: `items` should be a mapping (lines of `key: value`), not 'a'",
            "See the guide.",
        ),
        (
            "just text\n",
            "x.yaml:1:1: the file should be a mapping (lines of `key: value`), not 'just text'",
            "See the guide.",
        ),
        (
            "items: []\npairs: []\n",
            "x.yaml:2:8: `pairs` should hold at least one",
            "See the guide.",
        ),
        (
            "items: []\npairs:\n  - n: 1\n",
            "x.yaml:3:5: `name` is missing",
            "See the guide.",
        ),
        ("items:\n  - name: [a]\n", "x.yaml:2:11: `name` should be text", "See the guide."),
    ],
)
def test_what_does_not_fit_the_schema_is_named_with_its_place(
    write: Write,
    content: str,
    message: str,
    hint: str,
) -> None:
    error = catch_schema_error(write(content))
    assert (error.message, error.hint) == (message, hint)


def test_of_several_mistakes_the_first_in_the_file_is_told(write: Write) -> None:
    error = catch_schema_error(write("zzz: 1\nitems:\n  - name: [a]\n  - n: x\n"))
    assert error.message == "x.yaml:1:1: `zzz` is not known here"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.one_of(st.binary(max_size=60), st.text("ab:-|>[]{}&*!?#'\"%@ \n\t1\x85\u2028", max_size=40))
)
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        document = load_document(path, CaseError, "See the guide.")
    except CaseError as refused:
        error = refused
    else:
        words = [document.find_words(route, re.compile(r"\S+")) for route in document.texts]
        positions = [word.position for text in words for line in text for word in line]
        assert all(position.line <= len(document.lines) for position in positions)
        return
    assert error.message.startswith(f"{path}:")
    assert error.hint


def test_of_many_names_a_hint_shows_the_first() -> None:
    hint = suggest_name("zzz", [f"case-{n:03}" for n in range(89)])
    assert hint.endswith("`case-019` and 69 more.")
