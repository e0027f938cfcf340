"""Foreign text on its way into an HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup, escape

from harness.text import clip, make_printable

if TYPE_CHECKING:
    pass

LONGEST_TEXT = 12_000
"""No text on a page is longer than this, whoever wrote it."""
LONGEST_PROSE = 2_500

Value = TypeVar("Value")


def tidied(value: Value) -> Value | str:
    """A value on its way into a page: text is bounded and made printable, all else is kept."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return make_printable(clip(value, LONGEST_TEXT))


def prose(text: str) -> Markup:
    """A paragraph by people who set off code with backticks, as HTML."""
    parts = make_printable(clip(text, LONGEST_PROSE)).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    code = Markup("<code>{}</code>")
    return Markup("").join(
        code.format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )
