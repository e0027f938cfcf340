"""Syntax highlighting of lines of code."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from harness.reports.html.markup import MAXIMUM_TEXT_CHARACTERS
from harness.text import clip, make_printable

if TYPE_CHECKING:
    from pygments.lexer import Lexer

FORMATTER = HtmlFormatter(nowrap=True, classprefix="p-")
PLAIN_SPAN = re.compile(r'<span class="p-(?:w|n|p|o|nv|na|err)">([^<]*)</span>')
"""The kinds of tokens without a style of their own: white space, names, punctuation."""


def highlight_line(line: str, listing: str) -> Markup:
    """Return one line of the file `listing` as HTML, plain if the language is not known."""
    text = make_printable(clip(line, MAXIMUM_TEXT_CHARACTERS))
    lexer = find_lexer(listing)
    if lexer is None:
        return escape(text)
    return Markup(PLAIN_SPAN.sub(r"\1", highlight(text, lexer, FORMATTER).rstrip("\n")))


@lru_cache
def find_lexer(listing: str) -> Lexer | None:
    """Return the lexer for a file by its name; None if the language is not known."""
    try:
        return get_lexer_for_filename(listing, stripnl=False, stripall=False)
    except ClassNotFound:
        return None
