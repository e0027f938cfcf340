"""A YAML file that has been read: its value, its positions, and errors that name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from harness.errors import HarnessError

MAXIMUM_MESSAGE_LENGTH = 500
MAXIMUM_SUGGESTIONS = 20

Route = tuple[str | int, ...]
"""The keys and indices that lead from the top of a file to a value: `("cases", 3, "name")`."""


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


def _list_independent_errors(invalid: ValidationError) -> Iterator[ErrorDetails]:
    """Yield the errors, except for lists that are too short only because of errors in them."""
    errors = invalid.errors(include_url=False)
    enclosing = {error["loc"][:end] for error in errors for end in range(len(error["loc"]))}
    for error in errors:
        if not (error["type"] == "too_short" and error["loc"] in enclosing):
            yield error
