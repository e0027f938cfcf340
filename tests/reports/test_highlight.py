"""Code is marked by kind where its language is known, and is never anything but text."""

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
def test_words_are_marked_by_kind(listing: str, line: str, marked: str) -> None:
    assert marked in highlight_line(line, listing)


def test_a_language_that_nobody_knows_is_plain() -> None:
    assert highlight_line("for <i>", "listing.unknown") == "for &lt;i&gt;"


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=60))
@pytest.mark.parametrize("listing", ["a.c", "a.hs", "a.py", "a.none"])
def test_whatever_a_line_holds_it_stays_what_it_is(listing: str, line: str) -> None:
    found = str(highlight_line(line, listing))
    assert unescape(re.sub(r"</?span[^>]*>", "", found)).rstrip() == make_printable(line).rstrip()
