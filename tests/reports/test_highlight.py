"""Code of a known language is highlighted, and the text of a line never changes."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reports.html.highlight import highlight_line
from harness.text import make_printable


@pytest.mark.parametrize(
    ("listing", "line", "marked"),
    [
        ("Elimination.java", "for (int i = 0;", '<span class="p-k">for</span>'),
        ("elimination.py", "    while col < 3:", '<span class="p-k">while</span>'),
        ("elimination.jl", "    # swap", '<span class="p-c"># swap</span>'),
        ("elimination.hs", "  where", '<span class="p-kr">where</span>'),
    ],
)
def test_tokens_are_marked_by_kind(listing: str, line: str, marked: str) -> None:
    assert marked in highlight_line(line, listing)


def test_code_of_an_unknown_language_is_plain() -> None:
    assert highlight_line("for <i>", "listing.unknown") == "for &lt;i&gt;"


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=60))
@pytest.mark.parametrize("listing", ["a.c", "a.hs", "a.py", "a.none"])
def test_the_text_of_a_line_does_not_change(listing: str, line: str) -> None:
    html = str(highlight_line(line, listing))
    assert unescape(re.sub(r"</?span[^>]*>", "", html)).rstrip() == make_printable(line).rstrip()
