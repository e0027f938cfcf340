"""Foreign text on its way into an HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup, escape

from harness.text import clip, make_printable

if TYPE_CHECKING:
    pass

MAXIMUM_TEXT_CHARACTERS = 12_000
"""No text on a page is longer than this, whoever wrote it."""
MAXIMUM_PROSE_CHARACTERS = 2_500

Value = TypeVar("Value")


def sanitize_value(value: Value) -> Value | str:
    """A value on its way into a page: text is bounded and made printable, all else is kept."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return make_printable(clip(value, MAXIMUM_TEXT_CHARACTERS))


def render_prose(text: str) -> Markup:
    """A paragraph by people who set off code with backticks, as HTML."""
    parts = make_printable(clip(text, MAXIMUM_PROSE_CHARACTERS)).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    code = Markup("<code>{}</code>")
    return Markup("").join(
        code.format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )
