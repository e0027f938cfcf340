"""Rows of numbers as programs print them: with brackets, bars, commas, semicolons and borders.

A sign between numbers counts as a separator only where no number can be written with it. `1,5` may
be one number, in the notation of many countries, and `(5)` may be -5, as accountants write it. Such
a text stays one token, which is not a number.
"""

from __future__ import annotations

import re

SPACED_RATIO = re.compile(r" ?(%|//) ?")
ENCLOSED = re.compile(
    r"\(([+-][0-9]+)\)|\(([0-9]+)\)(?=[%/])|(?<=[%/])\(([0-9]+)\)",
    re.ASCII,
)
"""An integer in parentheses that is part of a ratio, or has a sign: `(-3)%4`."""

VERTICALS = "|¦│┃║┆┇┊┋╎╏┌┐└┘╭╮╰╯╔╗╚╝⎡⎢⎣⎤⎥⎦⎛⎜⎝⎞⎟⎠⎧⎨⎩⎪⎫⎬⎭"
BLANK_VERTICALS = str.maketrans(dict.fromkeys(VERTICALS + ";", " "))
"""Bars, and the corners and parts of tall brackets. A horizontal bar may be a minus, and stays."""

OPENING = re.compile(r"(?<![\w.%/])[\[({]")
CLOSING = re.compile(r"[\])}](?![\w.])")
IN_PARENTHESES = re.compile(r"\( ?[0-9.]+(?:[eE][+-]?[0-9]+)? ?\)")
"""A single number without a sign: accountants write negative numbers in this way."""

LIST = re.compile(r"(?<![\w.])[\[({]([^\s\[\](){}|;]*,[^\s\[\](){}|;]*)[\])}]")
"""A list without blanks, in brackets of its own: `[1,2,3]`."""

INNERMOST = re.compile(r"[\[({][^\[\](){}]*[\])}]")
NESTED = re.compile(r"[\[({]\s*[\[({].*[\])}]\s*[\])}]")

GROUPED = re.compile(
    r"[+-]?(?:[0-9]+,[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.?[0-9]*|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*)"
    r"(?:[eE][+-]?[0-9]+)?"
)
"""A text with commas that may be one number: `1,5`, `1,234,567`, `1.234,5`."""

ROW_LABEL = re.compile(r"^\s*\[[0-9]+,\](?=\s)")
COLUMN_LABELS = re.compile(r"\s*(?:\[,[0-9]+\]\s*)+")
"""The labels that R prints beside a matrix, `[2,]`, and above it, `[,1] [,2]`."""

BORDER = re.compile(r"[\s\[\](){}|+\-=_,;\u2500-\u257f\u239b-\u23ad]*")
BORDER_SIGN = re.compile(r"[\[\](){}|\u2500-\u257f\u239b-\u23ad]|[-=_]{3}")

BORDER_OF_TABLE = {"|", "+", *map(chr, range(0x2500, 0x2580)), *map(chr, range(0x239B, 0x23AE))}


def is_inside_table(border: str) -> bool:
    """Return whether a border may be one between the rows of a table, such as `---+---`."""
    return not BORDER_OF_TABLE.isdisjoint(border)


def is_border(line: str) -> bool:
    """Return whether a line holds only brackets or a border, such as `+---+`, or labels of R."""
    is_drawn = BORDER.fullmatch(line) is not None and BORDER_SIGN.search(line) is not None
    return is_drawn or COLUMN_LABELS.fullmatch(line) is not None


def join_ratios(line: str) -> str:
    """Return a line with single blanks, and each ratio (`(-3) % 4`) without any (`-3%4`)."""
    # Single spaces keep the patterns fast on a line of a million blanks.
    return ENCLOSED.sub(r"\1\2\3", SPACED_RATIO.sub(r"\1", " ".join(line.split())))


def split_numbers(line: str, width: int = 1) -> list[str]:
    """Return the tokens of a line of numbers, with each ratio (`(-3) % 4`) as one (`-3%4`).

    Brackets and separators are left out. A token that may be several numbers or one is split where
    several are due, `width`, and it is the only token.
    """
    spaced = join_ratios(ROW_LABEL.sub("", line))
    if not IN_PARENTHESES.search(spaced):
        spaced = LIST.sub(lambda match: f" {match[1].replace(',', ', ')} ", spaced)
        spaced = CLOSING.sub(" ", OPENING.sub(" ", spaced))
    tokens: list[str] = []
    for token in spaced.translate(BLANK_VERTICALS).split():
        parts = token.removesuffix(",").split(",")
        is_list = len(parts) > 1 and all(parts) and not GROUPED.fullmatch(token.removesuffix(","))
        tokens += parts if is_list else [token.removesuffix(",")]
    tokens = [token for token in tokens if token]
    if width > 1 and len(tokens) == 1 and tokens[0].count(",") == width - 1:
        return tokens[0].split(",")
    return tokens


def split_rows(line: str, width: int = 1) -> list[list[str]]:
    """Return the rows of numbers in a line: several in `[[1, 2], [3, 4]]`, else one."""
    joined = join_ratios(line).removesuffix(",").removesuffix(";")
    if NESTED.fullmatch(joined):
        groups = INNERMOST.findall(joined)
        if len(groups) > 1 and not any(map(IN_PARENTHESES.fullmatch, groups)):
            return [split_numbers(group, width) for group in groups]
    return [split_numbers(line, width)]
