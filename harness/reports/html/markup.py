"""Texts of ports and of people on their way into an HTML page."""

from __future__ import annotations

from typing import TypeVar

from markupsafe import Markup, escape

from harness.text import clip, make_printable

MAXIMUM_TEXT_CHARACTERS = 12_000
"""The length to which every text on a page is cut."""

MAXIMUM_PROSE_CHARACTERS = 2_500

Value = TypeVar("Value")


def sanitize_value(value: Value) -> Value | str:
    """Return a text bounded in length and made printable; markup and other values as they are."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return make_printable(clip(value, MAXIMUM_TEXT_CHARACTERS))


def render_prose(text: str) -> Markup:
    """Return a paragraph as HTML, with the parts between backticks as code."""
    parts = make_printable(clip(text, MAXIMUM_PROSE_CHARACTERS)).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    code = Markup("<code>{}</code>")
    return Markup("").join(
        code.format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )
