"""Formatting of numbers, dates and foreign text for people."""

from __future__ import annotations

import math
import re
import shlex
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAXIMUM_SENTENCE_CHARACTERS = 500

UNPRINTABLE_CHARACTER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""A control character, a direction override, or a character that UTF-8 or HTML cannot hold."""

MINUS = "−"

AFTER_PART = re.compile(r"\[([^\[\]]*\{after\}[^\[\]]*)\]")


def make_printable(text: str) -> str:
    """Return `text` with visible symbols in place of unprintable characters, as `␀` for NUL."""
    # Most text is printable, and `isprintable` is faster than the pattern.
    return text if text.isprintable() else UNPRINTABLE_CHARACTER.sub(replacement_symbol, text)


def replacement_symbol(match: re.Match[str]) -> str:
    """Return the symbol that replaces an unprintable character."""
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def clip(text: str, limit: int) -> str:
    """Return `text`, or its first `limit` characters and its length if it is longer."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def shorten_sentence(text: str) -> str:
    """Return a sentence clipped to the length that a page shows."""
    return clip(text, MAXIMUM_SENTENCE_CHARACTERS)


def excerpt_lines(lines: Iterable[str], maximum_lines: int, maximum_width: int) -> tuple[str, ...]:
    """Return the first lines, each clipped to `maximum_width` characters.

    Equal adjacent lines become one line with their count. If more than `maximum_lines` remain, a
    last line gives the number of those that are left out.
    """
    counted: list[tuple[str, int]] = []
    omitted = 0
    for line in lines:
        if counted and counted[-1][0] == line:
            counted[-1] = (line, counted[-1][1] + 1)
        elif len(counted) < maximum_lines:
            counted.append((line, 1))
        else:
            omitted += 1
    excerpt = [
        clip(line, maximum_width) + (f" ({count} times)" if count > 1 else "")
        for line, count in counted
    ]
    return (*excerpt, f"… and {count_noun(omitted, 'more line')}") if omitted else tuple(excerpt)


def count_noun(number: int, noun: str) -> str:
    """Return a number with its noun: `1 case`, `2,000 cases`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def join_words(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: `a`, `a and b`, `a, b and c`."""
    *others, last = list(words) or [""]
    return f"{', '.join(others)} and {last}" if others else last


def format_figure(value: float) -> str:
    """Return a measured number with three significant digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    is_plain = value == 0 or 1e-3 <= abs(value) < 1e5
    text = f"{float(f'{value:.3g}'):g}" if is_plain else f"{value:.3g}"
    return text.replace("e+", "e").replace("e0", "e").replace("e-0", "e-").replace("-", MINUS)


def format_duration(seconds: float) -> str:
    """Return a duration in seconds, in minutes and seconds, or in hours and minutes."""
    if seconds < 60:
        return f"{format_figure(seconds)} s"
    minutes, remaining_seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {remaining_seconds} s"


def format_time(time: str) -> str:
    """Return an ISO 8601 time as `21 November 2026, 03:36 UTC`, or any other text unchanged."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    return f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or ''}".strip()


def format_rerun_command(pattern: str, port: str, case: str, after: Sequence[str] = ()) -> str:
    """Return the command that runs one case of one port again, quoted for a shell.

    `pattern` is the command with `{port}` and `{case}` in it. A part of it in square brackets with
    `{after}` in it is for the cases that are asked before that case, and is left out without them.
    """
    names = {"{port}": port, "{case}": case, "{after}": ",".join(after)}
    chosen = AFTER_PART.sub(r"\1" if after else "", pattern)
    return re.sub(r"\{(port|case|after)\}", lambda match: shlex.quote(names[match[0]]), chosen)
