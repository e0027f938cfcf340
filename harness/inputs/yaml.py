"""Read YAML files that people write, within limits, and record the position of every value.

This module is independent of cases and ports. Every scalar is returned as the text in the file
(`1e-20` stays `1e-20`, `no` stays `no`): the schema determines its type, not YAML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from harness.files import display_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from harness.errors import HarnessError

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 20
MAXIMUM_MESSAGE_LENGTH = 500
MAXIMUM_SUGGESTIONS = 20
MAXIMUM_VALUES = 100_000

Route = tuple[str | int, ...]
"""The keys and indices that lead from the top of a file to a value: `("cases", 3, "name")`."""

# Where PyYAML was built with libyaml: the same events, several times faster.
YAML_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# YAML 1.1 counts U+0085, U+2028 and U+2029 as line ends, which would make line numbers wrong.
FORBIDDEN_CHARACTER_PATTERN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


class Schema(BaseModel):
    """The keys that a mapping in a file may have: the fields of the model, and no others.

    Scalars arrive as text: for `8`, a field of type `int` holds 8 and one of type `str` holds "8".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, value: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in value if isinstance(value, dict) else ():
            if key not in known:
                raise PydanticCustomError("unknown_key", "", {"key": key, "known": known})
        return value


SchemaT = TypeVar("SchemaT", bound=Schema)


@dataclass(frozen=True, order=True)
class Position:
    """A position in a file: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Text:
    """A scalar: its value, its start and end, and its style (`|`, `>`, a quote or "")."""

    value: str
    start: Position
    end: Position
    style: str


@dataclass(frozen=True)
class Word:
    """A part of a text, and the position where it starts."""

    text: str
    position: Position


@dataclass(frozen=True)
class Document:
    """One YAML file.

    `value` consists of dictionaries, lists and text. `name` is the file's path as people see it.
    `positions`, `keys` and `texts` hold, by route, the positions of values, the positions of keys,
    and the scalars. Mistakes are raised as `error`. Their hint is `guide`, which names the
    description of the format, where there is no better one.
    """

    name: str
    error: type[HarnessError]
    guide: str = ""
    lines: list[str] = field(default_factory=list)
    value: Any = None
    positions: dict[Route, Position] = field(default_factory=dict)
    keys: dict[Route, Position] = field(default_factory=dict)
    texts: dict[Route, Text] = field(default_factory=dict)

    def find_position(self, route: Route) -> Position:
        """Return where the value at `route` starts, or the nearest value that encloses it."""
        return self.positions.get(self._find_nearest(route), Position(1, 1))

    def format_position(self, route: Route) -> str:
        """Return `file:line:column` of the value at `route`, or of the nearest that encloses it."""
        return self._format_position(self.find_position(route))

    def find_words(self, route: Route, pattern: re.Pattern[str]) -> list[list[Word]]:
        """Return the matches of `pattern` in the text at `route`, one list per line with a match.

        Where YAML has joined lines (`>`, or a scalar over several lines), the positions inside the
        text are unknown, and every word has the position where the text starts.
        """
        text, word_lines = self.texts[route], []
        for number, line in enumerate(text.value.split("\n")):
            if matches := list(pattern.finditer(line)):
                locate = self._locate_characters(text, number, line)
                word_lines.append([Word(match[0], locate(match.start())) for match in matches])
        return word_lines

    def make_error(self, route: Route, message: str, hint: str = "") -> HarnessError:
        """Return the error to raise about the value at `route`."""
        return self.make_error_at(self.find_position(route), message, hint)

    def make_error_at(self, position: Position, message: str, hint: str = "") -> HarnessError:
        """Return the error to raise about `position`."""
        # A quotation from a file may have several lines; a message has one.
        line = " ".join(message.splitlines())
        shown = f"{line[:MAXIMUM_MESSAGE_LENGTH]}{'…' * (len(line) > MAXIMUM_MESSAGE_LENGTH)}"
        return self.error(f"{self._format_position(position)}: {shown}", hint or self.guide)

    def validate(self, model: type[SchemaT]) -> SchemaT:
        """Return the file as `model`. Raises the document's error for the first mistake in it."""
        try:
            return model.model_validate(self.value)
        except ValidationError as invalid:
            mistakes = (self._explain_error(error) for error in _list_independent_errors(invalid))
            position, message, hint = min(mistakes, key=lambda mistake: mistake[0])
            raise self.make_error_at(position, message, hint()) from None

    def _format_position(self, position: Position) -> str:
        return f"{self.name}:{position.line}:{position.column}"

    def _find_nearest(self, route: Route) -> Route:
        while route and route not in self.positions:
            route = route[:-1]
        return route

    def _locate_characters(self, text: Text, number: int, line: str) -> Callable[[int], Position]:
        """Return the function from a column to its position in the file, for one line of a text.

        `number` is the index of `line` in the text. Columns count from 0.
        """
        if text.style == "|":
            # A literal block loses its indentation and nothing else.
            row = text.start.line + 1 + number
            indentation = len(self.lines[row - 1]) - len(line)
            return lambda column: Position(row, indentation + column + 1)
        if text.style == ">" or text.start.line != text.end.line:
            return lambda column: text.start
        before = text.start.column + len(text.style)
        return lambda column: Position(text.start.line, before + column)

    def _explain_error(self, error: ErrorDetails) -> tuple[Position, str, Callable[[], str]]:
        """Return the position of an error of pydantic, its message, and a function for its hint."""
        route, context, message = error["loc"], error.get("ctx", {}), error["msg"]
        if error["type"] == "unknown_key":
            key, known = context["key"], context["known"]
            position = self.keys[(*route, key)]
            # Only the hint of one mistake is shown, and the search for a similar word is slow.
            return position, f"`{key}` is not known here", partial(suggest_name, key, known)
        if error["type"] == "missing":
            return self.find_position(route), f"`{route[-1]}` is missing", str
        message = PLAIN_MESSAGES.get(error["type"], message).removeprefix("Value error, ")
        message = message.replace("Input should", "should", 1)
        if route[-1:] == ("[key]",):
            *_, key, _ = route
            return (
                self.keys.get(route[:-1], self.find_position(route)),
                f"the key `{key}` {message}",
                str,
            )
        names = [step for step in self._find_nearest(route) if isinstance(step, str)]
        subject = f"`{names[-1]}`" if names else "the file"
        written_value = f", not {error['input']!r:.60}" if isinstance(error["input"], str) else ""
        return self.find_position(route), f"{subject} {message}{written_value}", str


PLAIN_MESSAGES = {
    "model_type": "should be a mapping (lines of `key: value`)",
    "dict_type": "should be a mapping (lines of `key: value`)",
    "list_type": "should be a list",
    "tuple_type": "should be a list",
    "string_type": "should be text",
    "int_parsing": "should be a whole number",
    "too_short": "should hold at least one",
}
"""Plainer messages for some errors of pydantic, by their type."""


def suggest_name(word: str, known: Sequence[str]) -> str:
    """Return a hint with the known word nearest to `word`, or else with the first known words."""
    matches = get_close_matches(word, known, n=1)
    if matches:
        return f"Did you mean `{matches[0]}`?"
    remaining = len(known) - MAXIMUM_SUGGESTIONS
    suffix = f" and {remaining} more" if remaining > 0 else ""
    return (
        "Known here: "
        + ", ".join(f"`{name}`" for name in known[:MAXIMUM_SUGGESTIONS])
        + suffix
        + "."
    )


def load_document(path: Path, error: type[HarnessError], guide: str = "") -> Document:
    """Return the YAML file at `path`.

    `guide` is the hint for mistakes without a better one ("docs/… describes the format."). Raises
    `error`, with file, line and column, for a file that cannot be read, is empty, is larger than
    MAXIMUM_BYTES, or is not UTF-8 or not YAML. The same holds for what the harness does not
    support: anchors, aliases, tags, repeated keys, several documents in a file, nesting deeper than
    MAXIMUM_DEPTH, and more than MAXIMUM_VALUES values.
    """
    document = Document(display_path(path), error, guide)
    text = _decode(_read_bytes(path, document), document)
    document = replace(document, lines=text.split("\n"))
    return replace(document, value=_DocumentReader(document, text).read())


def _read_bytes(path: Path, document: Document) -> bytes:
    name, error = document.name, document.error
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        raise error(f"{name}: there is no such file", "Check the path.") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise error(f"{name}: cannot be read: {reason}", "Check the path.") from None
    if len(data) > MAXIMUM_BYTES:
        raise error(f"{name}: larger than {MAXIMUM_BYTES:,} bytes", "Split it into several files.")
    return data


def _decode(data: bytes, document: Document) -> str:
    """Return the file's text without a byte order mark, and with line feeds as line ends."""
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        position = _find_end_position(data[: problem.start].decode())
        byte = data[problem.start]
        message, hint = f"byte 0x{byte:02x} is not UTF-8", "Save the file as UTF-8."
        raise document.make_error_at(position, message, hint) from None
    if match := FORBIDDEN_CHARACTER_PATTERN.search(text):
        message = f"the character U+{ord(match[0]):04X} is not allowed in a YAML file"
        raise document.make_error_at(
            _find_end_position(text[: match.start()]), message, "Remove it."
        )
    return text


def _find_end_position(text: str) -> Position:
    """Return the position just after `text`."""
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _parse_events(text: str) -> Iterator[Any]:
    """Yield the events of a YAML text. Raises MarkedYAMLError where it is not YAML.

    libyaml reads up to 1,024 characters ahead and has its own limit for nesting. It may report that
    limit before it yields the events that lead there. PyYAML's parser in Python has no such limit,
    so it reads the text again where many brackets open just before an error.
    """
    events: Iterator[Any] = yaml.parse(text, Loader=YAML_LOADER)
    count = end = 0
    try:
        for event in events:
            yield event
            count, end = count + 1, event.end_mark.index
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        ahead = text[end : mark.index] if mark else ""
        if ahead.count("[") + ahead.count("{") <= MAXIMUM_DEPTH:
            raise
        yield from islice(yaml.parse(text, Loader=yaml.SafeLoader), count, None)


class _DocumentReader:
    """Builds a document's value from the events of YAML, and records the positions."""

    def __init__(self, document: Document, text: str) -> None:
        self._document = document
        self._events = self._parse_document(text)

    def read(self) -> Any:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise self._document.error(f"{self._document.name}: empty", self._document.guide)
        value = self._read_value(next(self._events), ())
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(after, "a second document starts here", "Keep one document to a file.")
        return value

    def _parse_document(self, text: str) -> Iterator[Any]:
        try:
            yield from _parse_events(text)
        except yaml.MarkedYAMLError as problem:
            position = _convert_mark(problem.problem_mark or problem.context_mark)
            message = ", ".join(filter(None, (problem.context, problem.problem)))
            hint = self._suggest_correction(position.line)
            raise self._document.make_error_at(position, f"not YAML: {message}", hint) from None

    def _suggest_correction(self, number: int) -> str:
        """Return a hint on the likely mistake in line `number`, where YAML stopped."""
        *before, line = self._document.lines[:number]
        if "\t" in line:
            return "Indent with spaces: YAML does not allow tabs there."
        outer = (
            above
            for above in reversed(before)
            if above.strip() and _measure_indentation(above) < _measure_indentation(line)
        )
        if next(outer, "").rstrip().endswith("|"):
            return "In a text below `|` no line may start further left than the first."
        return ""

    def _read_value(self, event: Any, route: Route) -> Any:
        self._check_event(event, route)
        start = self._document.positions[route] = _convert_mark(event.start_mark)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._read_sequence(route)
        if isinstance(event, yaml.MappingStartEvent):
            return self._read_mapping(route)
        style = event.style if event.style in ("|", ">", "'", '"') else ""
        text = Text(event.value, start, _convert_mark(event.end_mark), style)
        self._document.texts[route] = text
        return text.value

    def _read_sequence(self, route: Route) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._read_value(event, (*route, len(values))))
        return values

    def _read_mapping(self, route: Route) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read_key(event, route)
            values[key] = self._read_value(next(self._events), (*route, key))
        return values

    def _read_key(self, event: Any, route: Route) -> str:
        self._check_event(event, route)
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(event, "a key should be text")
        keys, key = self._document.keys, str(event.value)
        if (first := keys.get((*route, key))) is not None:
            message = f"the key `{key}` is repeated (first in line {first.line})"
            self._refuse(event, message, "Keep one of the two.")
        keys[(*route, key)] = _convert_mark(event.start_mark)
        return key

    def _check_event(self, event: Any, route: Route) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self._refuse(event, "anchors and aliases are not supported", "Write the value out.")
        if event.tag:
            self._refuse(event, f"the tag `{event.tag}` is not supported", "Leave the tag out.")
        if len(route) > MAXIMUM_DEPTH:
            self._refuse(event, f"nested more than {MAXIMUM_DEPTH} deep")
        if len(self._document.positions) >= MAXIMUM_VALUES:
            self._refuse(event, f"more than {MAXIMUM_VALUES:,} values", "Split the file.")

    def _refuse(self, event: Any, message: str, hint: str = "") -> NoReturn:
        raise self._document.make_error_at(_convert_mark(event.start_mark), message, hint)


def _list_independent_errors(invalid: ValidationError) -> Iterator[ErrorDetails]:
    """Yield the errors, except for lists that are too short only because of errors in them."""
    errors = invalid.errors(include_url=False)
    enclosing = {error["loc"][:end] for error in errors for end in range(len(error["loc"]))}
    for error in errors:
        if not (error["type"] == "too_short" and error["loc"] in enclosing):
            yield error


def _measure_indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _convert_mark(mark: Any) -> Position:
    """Return a mark of PyYAML, which counts from 0, as a position."""
    return Position(mark.line + 1, mark.column + 1)
