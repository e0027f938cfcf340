"""Text for people: numbers, dates and foreign text, as a page shows them."""

from __future__ import annotations

import math
import re
import shlex
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_SENTENCE = 500

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Control characters, overrides of the writing direction, and what UTF-8 or HTML cannot hold."""

MINUS = "−"


def make_printable(text: str) -> str:
    """A text whose control characters show, as `␀` does for NUL, in place of acting."""
    # Nearly all text is: Python knows at once, the pattern looks at every character.
    return text if text.isprintable() else UNPRINTABLE.sub(symbol_of, text)


def symbol_of(match: re.Match[str]) -> str:
    """What stands for an unprintable character."""
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def clip(text: str, limit: int) -> str:
    """A text of at most about `limit` characters, which says how long it was where it was cut."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def shorten_sentence(text: str) -> str:
    """A sentence as a page shows it, of whatever length it was."""
    return clip(text, LONGEST_SENTENCE)


def excerpt(lines: Iterable[str], most: int, width: int) -> tuple[str, ...]:
    """At most `most` lines, each of at most `width` characters; equal neighbours are counted."""
    shown: list[tuple[str, int]] = []
    left_out = 0
    for line in lines:
        if shown and shown[-1][0] == line:
            shown[-1] = (line, shown[-1][1] + 1)
        elif len(shown) < most:
            shown.append((line, 1))
        else:
            left_out += 1
    texts = [
        clip(line, width) + (f" ({times} times)" if times > 1 else "") for line, times in shown
    ]
    return (*texts, f"… and {count_noun(left_out, 'more line')}") if left_out else tuple(texts)


def count_noun(number: int, noun: str) -> str:
    """`1 case`, `2,000 cases`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def join_words(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def format_figure(value: float) -> str:
    """A measured number to three significant figures."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    plain = value == 0 or 1e-3 <= abs(value) < 1e5
    text = f"{float(f'{value:.3g}'):g}" if plain else f"{value:.3g}"
    return text.replace("e+", "e").replace("e0", "e").replace("e-0", "e-").replace("-", MINUS)


def format_duration(seconds: float) -> str:
    """A length of time, to what matters of it."""
    if seconds < 60:
        return f"{format_figure(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def format_time(started: str) -> str:
    """An ISO 8601 time as people write it; left as it is where it is not one."""
    try:
        time = datetime.fromisoformat(started)
    except ValueError:
        return started
    return f"{time.day} {time:%B %Y, %H:%M} {time.tzname() or ''}".strip()


def format_rerun_command(pattern: str, port: str, case: str) -> str:
    """The command that puts one case to one port again, safe to paste into a shell."""
    names = {"{port}": port, "{case}": case}
    return re.sub(r"\{port\}|\{case\}", lambda match: shlex.quote(names[match[0]]), pattern)
