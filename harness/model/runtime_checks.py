"""Compiler options that add checks at run time, such as those of AddressSanitizer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RUNTIME_CHECK = re.compile(
    r"-fsanitize=.+|-fcheck=.+|-fbounds-check|-race|-D_GLIBCXX_(?:ASSERTIONS|DEBUG)(?:=.*)?"
    r"|-D_FORTIFY_SOURCE=.+|(?:-Z)?sanitizer=.+|(?:-C)?(?:overflow-checks|debug-assertions)=(?:on|yes)"
)
"""An option of a C, C++, Fortran, Go or Rust compiler with which a program ends where it would
otherwise go on, for example outside of an array."""


def find_runtime_checks(commands: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the options of some build commands that add checks at run time, each once.

    An option of rustc keeps the flag before it: `-C overflow-checks=on`.
    """
    return tuple(dict.fromkeys(option for words in commands for option in list_options(words)))


def list_options(words: Sequence[str]) -> Iterator[str]:
    """Yield the options of one command that add checks at run time."""
    for before, word in zip(("", *words), words, strict=False):
        if RUNTIME_CHECK.fullmatch(word):
            yield f"{before} {word}" if before in ("-C", "-Z") else word
