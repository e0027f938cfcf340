"""Read YAML files that people write, within limits, and record the position of every value.

This module is independent of cases and ports. Every scalar is returned as the text in the file
(`1e-20` stays `1e-20`, `no` stays `no`): the schema determines its type, not YAML.
"""

from __future__ import annotations

import errno
import re
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from harness.files import display_path, read_file
from harness.inputs.document import Document, Position, Route, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.errors import HarnessError

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 20
MAXIMUM_VALUES = 100_000

KEY_AND_VALUE = 2
"""The number of events up to the end of the first value of a mapping."""

# Where PyYAML was built with libyaml: the same events, several times faster.
YAML_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# YAML 1.1 counts U+0085, U+2028 and U+2029 as line ends, which would make line numbers wrong.
FORBIDDEN_CHARACTER_PATTERN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)

# Escapes in quotes can stand for these. No argument of a program and no name of a file can have
# them.
FORBIDDEN_IN_TEXT_PATTERN = re.compile("[\x00\ud800-\udfff]")


def load_document(
    path: Path, error: type[HarnessError], guide: str = "", folder: Path | None = None
) -> Document:
    """Return the YAML file at `path`.

    `guide` is the hint for mistakes without a better one ("docs/… describes the format."). With
    `folder`, a link that leads out of that folder is refused: messages quote what a file says.

    Raises `error`, with file, line and column, for a file that cannot be read, is no ordinary file,
    is empty, is larger than MAXIMUM_BYTES, or is not UTF-8 or not YAML. The same holds for what the
    harness does not support: anchors, aliases, tags, repeated keys, several documents in a file,
    nesting deeper than MAXIMUM_DEPTH, and more than MAXIMUM_VALUES values.
    """
    document = Document(display_path(path), error, guide)
    text = _decode(_read_bytes(path, document, folder), document)
    document = replace(document, lines=text.split("\n"))
    return replace(document, value=_DocumentReader(document, text).read())


def _read_bytes(path: Path, document: Document, folder: Path | None) -> bytes:
    name, error = document.name, document.error
    try:
        return read_file(path, MAXIMUM_BYTES, folder)
    except FileNotFoundError:
        raise error(f"{name}: there is no such file", "Check the path.") from None
    except OSError as problem:
        if problem.errno == errno.EFBIG:
            message = f"{name}: {problem.strerror}"
            raise error(message, "Split it into several files.") from None
        raise error(f"{name}: cannot be read: {problem.strerror}", "Check the path.") from None


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

    The scanner reads up to 1,024 characters ahead, and libyaml's has a limit for nesting. It may
    report an error before the events are yielded that lead there. If those are nested too deep,
    they come first.
    """
    count = depth = 0
    try:
        for event in yaml.parse(text, Loader=YAML_LOADER):
            yield event
            count, depth = count + 1, depth + _count_opened(event)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        if isinstance(problem, yaml.scanner.ScannerError):
            # That is the start of the token that is wrong, which may be long.
            mark = problem.context_mark or mark
        if mark is not None:
            yield from _find_deep_events(text[: mark.index], count, depth)
        raise


def _find_deep_events(text: str, count: int, depth: int) -> Sequence[Any]:
    """Return the events of a text after the first `count`, up to the value that is nested too deep;
    none if no value is. `depth` is the number of collections that are open at first."""
    events: list[Any] = []
    too_deep = 0
    with suppress(yaml.MarkedYAMLError):
        for event in islice(yaml.parse(text, Loader=YAML_LOADER), count, None):
            events.append(event)
            too_deep += depth > MAXIMUM_DEPTH
            if too_deep == KEY_AND_VALUE:
                break
            depth += _count_opened(event)
    return events if too_deep else ()


def _count_opened(event: Any) -> int:
    """Return how many collections an event opens: 1, 0, or -1 if it closes one."""
    is_start = isinstance(event, yaml.CollectionStartEvent)
    return is_start - isinstance(event, yaml.CollectionEndEvent)


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
        self._check_text(event)
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
        self._check_text(event)
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

    def _check_text(self, event: Any) -> None:
        if match := FORBIDDEN_IN_TEXT_PATTERN.search(event.value):
            message = f"the text has the character U+{ord(match[0]):04X}, which is not allowed"
            self._refuse(event, message, "Remove it.")

    def _refuse(self, event: Any, message: str, hint: str = "") -> NoReturn:
        raise self._document.make_error_at(_convert_mark(event.start_mark), message, hint)


def _measure_indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _convert_mark(mark: Any) -> Position:
    """Return a mark of PyYAML, which counts from 0, as a position."""
    return Position(mark.line + 1, mark.column + 1)
