"""Linear systems, read from case files: docs/writing-cases.md describes the format."""

from __future__ import annotations

import operator
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from harness.errors import CaseError
from harness.files import display_path
from harness.inputs.matrix_families import FAMILIES, Matrix, build
from harness.inputs.yaml import Document, Route, Schema, Word, load, suggest
from harness.model.case import PUBLISHED_CASE, Arithmetic, Case, Kind, Solutions, System
from harness.model.number import (
    Number,
    abridged,
    parse_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MAXIMUM_ENTRIES = 250_000
MAXIMUM_NAME = 60
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
WORD = re.compile(r"[^\s|]+|\|")

GUIDE = "docs/writing-cases.md describes the format."
NUMBER_HINT = "Numbers look like 3, -0.25, 1e-20 or 2/3, with blanks between them."
ROW_HINT = "One row a line, `|` before its right-hand sides: `1 2 3 | 6`."
BLOCK_HINT = "Write `system: |`, then one row a line."


def _for_each_arithmetic(value: Any) -> Any:
    """`none` in place of a mapping holds for every arithmetic."""
    return dict.fromkeys(Arithmetic, value) if isinstance(value, str) else value


class CaseEntry(Schema):
    """A case as a file has it."""

    name: str
    why: str
    kind: Kind | None = None
    solutions: Annotated[dict[Arithmetic, Solutions], BeforeValidator(_for_each_arithmetic)] = (
        Field(default_factory=dict)
    )
    system: str | None = None
    family: str | None = None
    n: int | None = None
    right_hand_side: str | None = None
    right_hand_sides: int | None = None


class CaseFile(Schema):
    """A case file."""

    kind: Kind | None = None
    cases: Annotated[list[CaseEntry], Field(min_length=1)]


def load_cases(paths: Sequence[Path]) -> tuple[Case, ...]:
    """Read the cases of files, and of the `*.yaml` files in folders, in order.

    Raises CaseError, with file, line and column, about anything malformed, and about a name that
    two cases bear.
    """
    cases: dict[str, Case] = {}
    for path in _files(paths):
        for case in _cases(load(path, CaseError, GUIDE)):
            if case.name in cases:
                message = f"{case.place}: `{case.name}` is the name of another case already"
                raise CaseError(f"{message}, at {cases[case.name].place}", "Rename one of the two.")
            cases[case.name] = case
    return tuple(cases.values())


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        files = [file for file in sorted(path.glob("*.yaml")) if not file.name.startswith(".")]
        if not files:
            raise CaseError(
                f"{display_path(path)}: no case file in here", "Their names end in .yaml."
            )
        yield from files


def _cases(document: Document) -> Iterator[Case]:
    file = document.check(CaseFile)
    for index, entry in enumerate(file.cases):
        yield _case(document, ("cases", index), entry, entry.kind or file.kind)


def _case(document: Document, route: Route, entry: CaseEntry, kind: Kind | None) -> Case:
    _check_name(document, (*route, "name"), entry.name)
    why = " ".join(entry.why.split())
    if not why:
        hint = "Say in one sentence which mistake this system exposes."
        raise document.mistake((*route, "why"), "`why` is empty", hint)
    if kind is None:
        hint = f"One of {', '.join(Kind)}; at the top of the file it holds for all its cases."
        raise document.mistake(route, f"`{entry.name}` has no `kind`", hint)
    system, right_hand_sides = _system(document, route, entry)
    _check_shape(document, route, kind, len(system), len(system[0]) - right_hand_sides)
    place = f"{document.name}:{document.position(route).line}"
    return Case(entry.name, kind, why, place, system, right_hand_sides, entry.solutions)


def _check_name(document: Document, route: Route, name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > MAXIMUM_NAME:
        message = f"`{abridged(name)}` cannot be the name of a case"
        hint = f"Small letters, digits and hyphens, at most {MAXIMUM_NAME}; no hyphen first."
        raise document.mistake(route, message, hint)
    if name == PUBLISHED_CASE:
        hint = "It stands for each listing's own example in the reports. Choose another."
        raise document.mistake(route, f"the name `{name}` is reserved", hint)


SHAPES: dict[Kind, tuple[Callable[[int, int], bool], str]] = {
    Kind.REGULAR: (operator.eq, "as many rows as unknowns"),
    Kind.SINGULAR: (operator.eq, "as many rows as unknowns"),
    Kind.UNDERDETERMINED: (operator.lt, "fewer rows than unknowns"),
    Kind.OVERDETERMINED: (operator.gt, "more rows than unknowns"),
}
"""How the rows of a system of each kind compare with its unknowns."""


def _check_shape(document: Document, route: Route, kind: Kind, rows: int, unknowns: int) -> None:
    compares, words = SHAPES[kind]
    if not compares(rows, unknowns):
        fitting = [other for other, (holds, _) in SHAPES.items() if holds(rows, unknowns)]
        message = (
            f"a system that is {kind} has {words}, this one has {rows} rows, {unknowns} unknowns"
        )
        raise document.mistake(route, message, f"Its kind is {' or '.join(fitting)}.")


def _system(document: Document, route: Route, entry: CaseEntry) -> tuple[System, int]:
    """The augmented matrix, and how many of its last columns are right-hand sides."""
    if (entry.system is None) == (entry.family is None):
        message = f"`{entry.name}` should have either `system` or `family`"
        raise document.mistake(
            route, message, "`system: |` and rows, or `family: hilbert`, `n: 8`."
        )
    if entry.system is not None:
        for key in ("n", "right_hand_side", "right_hand_sides"):
            if getattr(entry, key) is not None:
                raise document.mistake((*route, key), f"`{key}` goes with `family`", "Remove it.")
        return _written(document, (*route, "system"))
    return _named(document, route, entry)


def _written(document: Document, route: Route) -> tuple[System, int]:
    rows: list[tuple[list[Number], list[Number]]] = []
    for words in document.words(route, WORD):
        rows.append(_row(document, words))
        for side, numbers, first in zip(("before", "behind"), rows[-1], rows[0], strict=True):
            if len(numbers) != len(first):
                row, position = f"row {len(rows)}", words[0].position
                message = f"{row} has {_count(numbers)} {side} `|`, row 1 has {len(first)}"
                raise document.mistake_at(position, message, ROW_HINT)
        if len(rows) * sum(map(len, rows[0])) > MAXIMUM_ENTRIES:
            raise document.mistake(route, f"more than {MAXIMUM_ENTRIES:,} entries")
    if not rows:
        raise document.mistake(route, "the system has no rows", BLOCK_HINT)
    return tuple((*before, *behind) for before, behind in rows), len(rows[0][1])


def _row(document: Document, words: Sequence[Word]) -> tuple[list[Number], list[Number]]:
    """The numbers of one row before `|`, and those behind it."""
    bars = [index for index, word in enumerate(words) if word.text == "|"]
    if len(bars) != 1:
        amiss = words[bars[1] if bars else -1]
        message = f"a row should have one `|`, this one has {len(bars) or 'none'}"
        raise document.mistake_at(amiss.position, message, ROW_HINT)
    before, bar, behind = words[: bars[0]], words[bars[0]], words[bars[0] + 1 :]
    if not before or not behind:
        message = f"there is no number {'behind' if before else 'before'} this `|`"
        raise document.mistake_at(bar.position, message, ROW_HINT)
    return _numbers(document, before), _numbers(document, behind)


def _numbers(document: Document, words: Sequence[Word]) -> list[Number]:
    numbers = []
    for word in words:
        try:
            numbers.append(parse_number(word.text))
        except ValueError as problem:
            raise document.mistake_at(word.position, str(problem), NUMBER_HINT) from None
    return numbers


def _count(numbers: Sequence[Number]) -> str:
    return f"{len(numbers)} number{'s' * (len(numbers) != 1)}"


def _named(document: Document, route: Route, entry: CaseEntry) -> tuple[System, int]:
    family, n = str(entry.family), entry.n
    if family not in FAMILIES:
        message = f"there is no family `{abridged(family)}`"
        raise document.mistake((*route, "family"), message, suggest(family, list(FAMILIES)))
    if n is None:
        message = f"the family `{family}` needs its order `n`"
        raise document.mistake((*route, "family"), message, "Add a line such as `n: 4`.")
    try:
        matrix = build(family, n)
    except ValueError as problem:
        raise document.mistake((*route, "n"), str(problem)) from None
    if entry.right_hand_side is None:
        sides = _sides(document, (*route, "right_hand_sides"), matrix, entry.right_hand_sides)
    elif entry.right_hand_sides is not None:
        message = "`right_hand_side` gives one, `right_hand_sides` says how many are made"
        raise document.mistake((*route, "right_hand_sides"), message, "Keep one of the two.")
    else:
        sides = [_right_hand_side(document, (*route, "right_hand_side"), matrix)]
    rows = zip(matrix, *sides, strict=True)
    return tuple((*map(Number.of, row), *right) for row, *right in rows), len(sides)


def _sides(
    document: Document, route: Route, matrix: Matrix, count: int | None
) -> list[list[Number]]:
    """So many right-hand sides: in the solution of the j-th, every j-th unknown is 1, the others 0.

    That of the first is all ones, and its right-hand side the row sums.
    """
    if count is not None and not 1 <= count <= len(matrix):
        message = f"`right_hand_sides` is {count}; from 1 to {len(matrix)} can be made"
        raise document.mistake(route, message, "At most as many as the matrix has rows.")
    return [
        [Number.of(sum(row[step - 1 :: step], Fraction(0))) for row in matrix]
        for step in range(1, (count or 1) + 1)
    ]


def _right_hand_side(document: Document, route: Route, matrix: Matrix) -> list[Number]:
    """The numbers that the file gives."""
    right = _numbers(document, [word for line in document.words(route, WORD) for word in line])
    if len(right) != len(matrix):
        message = f"`right_hand_side` has {_count(right)}, the matrix has {len(matrix)} rows"
        raise document.mistake(route, message, NUMBER_HINT)
    return right
