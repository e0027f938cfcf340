"""Read linear systems from case files. docs/writing-cases.md describes the format."""

from __future__ import annotations

import operator
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from harness.errors import CaseError
from harness.files import display_path
from harness.inputs.document import Document, Route, Schema, Word, suggest_name
from harness.inputs.matrix_families import FAMILIES, Matrix, build_matrix
from harness.inputs.yaml import load_document
from harness.model.case import (
    CASE_NAME_HINT,
    CASE_NAME_PATTERN,
    PUBLISHED_CASE,
    Arithmetic,
    Case,
    Kind,
    Solutions,
    System,
)
from harness.model.number import (
    Number,
    abridge,
    parse_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MAXIMUM_ENTRIES = 250_000
NUMBER_OR_BAR_PATTERN = re.compile(r"[^\s|]+|\|")

CASE_GUIDE = "docs/writing-cases.md describes the format."
NUMBER_HINT = "Numbers look like 3, -0.25, 1e-20 or 2/3. Separate them with blanks."
ROW_HINT = "Write one row per line, with `|` before its right-hand sides: `1 2 3 | 6`."
BLOCK_HINT = "Write `system: |`, then one row per line."


def _expand_arithmetics(value: Any) -> Any:
    """Return a mapping from doubles and fractions to `value` if `value` is text, else `value`.

    The numbers of binary32 often have another class, so that it is only declared by its name.
    """
    arithmetics = Arithmetic.BINARY64, Arithmetic.RATIONAL64
    return dict.fromkeys(arithmetics, value) if isinstance(value, str) else value


class CaseEntry(Schema):
    """A case as it is written in a file."""

    name: str
    why: str
    kind: Kind | None = None
    solutions: Annotated[dict[Arithmetic, Solutions], BeforeValidator(_expand_arithmetics)] = Field(
        default_factory=dict
    )
    system: str | None = None
    family: str | None = None
    n: int | None = None
    right_hand_side: str | None = None
    right_hand_sides: int | None = None


class CaseFile(Schema):
    """A case file as it is written."""

    kind: Kind | None = None
    cases: Annotated[list[CaseEntry], Field(min_length=1)]


def load_cases(paths: Sequence[Path]) -> tuple[Case, ...]:
    """Return the cases of the files, and of the `*.yaml` files in the folders, in order.

    Raises CaseError, with file, line and column, for malformed content, and for a name that two
    cases have.
    """
    cases: dict[str, Case] = {}
    for path, folder in _list_case_files(paths):
        for case in _read_cases(load_document(path, CaseError, CASE_GUIDE, folder)):
            if case.name in cases:
                message = f"{case.place}: `{case.name}` is the name of another case already"
                raise CaseError(f"{message}, at {cases[case.name].place}", "Rename one of the two.")
            cases[case.name] = case
    return tuple(cases.values())


def _list_case_files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Yield the paths of case files, each with the folder in which it was found, if any."""
    for path in paths:
        if not path.is_dir():
            yield path, None
            continue
        files = [
            file
            for file in sorted(_list_folder(path))
            if file.suffix == ".yaml" and not file.name.startswith(".")
        ]
        if not files:
            raise CaseError(
                f"{display_path(path)}: no case file in here",
                "The names of case files end in .yaml.",
            )
        yield from ((file, path) for file in files)


def _list_folder(path: Path) -> list[Path]:
    try:
        return list(path.iterdir())
    except OSError as problem:
        message = f"{display_path(path)}: cannot be read: {problem.strerror}"
        raise CaseError(message, "Check the permissions of the folder.") from None


def _read_cases(document: Document) -> Iterator[Case]:
    file = document.validate(CaseFile)
    for index, entry in enumerate(file.cases):
        yield _read_case(document, ("cases", index), entry, entry.kind or file.kind)


def _read_case(document: Document, route: Route, entry: CaseEntry, kind: Kind | None) -> Case:
    _check_name(document, (*route, "name"), entry.name)
    why = " ".join(entry.why.split())
    if not why:
        hint = "State in one sentence which mistake this system exposes."
        raise document.make_error((*route, "why"), "`why` is empty", hint)
    if kind is None:
        hint = f"Use one of {', '.join(Kind)}. At the top of the file, it applies to all cases."
        raise document.make_error(route, f"`{entry.name}` has no `kind`", hint)
    system, right_hand_sides = _read_system(document, route, entry)
    _check_shape(document, route, kind, len(system), len(system[0]) - right_hand_sides)
    place = f"{document.name}:{document.find_position(route).line}"
    return Case(entry.name, kind, why, place, system, right_hand_sides, entry.solutions)


def _check_name(document: Document, route: Route, name: str) -> None:
    if not CASE_NAME_PATTERN.fullmatch(name):
        message = f"`{abridge(name)}` cannot be the name of a case"
        raise document.make_error(route, message, CASE_NAME_HINT)
    if name == PUBLISHED_CASE:
        hint = "The reports use it for each listing's own example. Choose another name."
        raise document.make_error(route, f"the name `{name}` is reserved", hint)


SHAPE_CONDITIONS: dict[Kind, tuple[Callable[[int, int], bool], str]] = {
    Kind.REGULAR: (operator.eq, "as many rows as unknowns"),
    Kind.SINGULAR: (operator.eq, "as many rows as unknowns"),
    Kind.UNDERDETERMINED: (operator.lt, "fewer rows than unknowns"),
    Kind.OVERDETERMINED: (operator.gt, "more rows than unknowns"),
}
"""For each kind, the relation between the rows and the unknowns, and its description."""


def _check_shape(document: Document, route: Route, kind: Kind, rows: int, unknowns: int) -> None:
    is_satisfied, description = SHAPE_CONDITIONS[kind]
    if not is_satisfied(rows, unknowns):
        fitting_kinds = [
            other for other, (is_met, _) in SHAPE_CONDITIONS.items() if is_met(rows, unknowns)
        ]
        message = (
            f"a system that is {kind} has {description}, "
            f"this one has {rows} rows and {unknowns} unknowns"
        )
        raise document.make_error(route, message, f"Its kind is {' or '.join(fitting_kinds)}.")


def _read_system(document: Document, route: Route, entry: CaseEntry) -> tuple[System, int]:
    """Return the augmented matrix, and the number of its last columns that are right-hand sides."""
    if (entry.system is None) == (entry.family is None):
        message = f"`{entry.name}` should have either `system` or `family`"
        raise document.make_error(
            route, message, "Write `system: |` and rows, or `family: hilbert` and `n: 8`."
        )
    if entry.system is not None:
        for key in ("n", "right_hand_side", "right_hand_sides"):
            if getattr(entry, key) is not None:
                raise document.make_error(
                    (*route, key), f"`{key}` is used only with `family`", "Remove it."
                )
        return _read_rows(document, (*route, "system"))
    return _build_family_system(document, route, entry)


def _read_rows(document: Document, route: Route) -> tuple[System, int]:
    rows: list[tuple[list[Number], list[Number]]] = []
    for words in document.find_words(route, NUMBER_OR_BAR_PATTERN):
        rows.append(_read_row(document, words))
        for side, numbers, first_numbers in zip(
            ("before", "after"), rows[-1], rows[0], strict=True
        ):
            if len(numbers) != len(first_numbers):
                count = _format_number_count(numbers)
                message = f"row {len(rows)} has {count} {side} `|`, row 1 has {len(first_numbers)}"
                raise document.make_error_at(words[0].position, message, ROW_HINT)
        if len(rows) * sum(map(len, rows[0])) > MAXIMUM_ENTRIES:
            raise document.make_error(route, f"more than {MAXIMUM_ENTRIES:,} entries")
    if not rows:
        raise document.make_error(route, "the system has no rows", BLOCK_HINT)
    return tuple((*before, *after) for before, after in rows), len(rows[0][1])


def _read_row(document: Document, words: Sequence[Word]) -> tuple[list[Number], list[Number]]:
    """Return the numbers of one row before `|`, and those after it."""
    bars = [index for index, word in enumerate(words) if word.text == "|"]
    if len(bars) != 1:
        misplaced = words[bars[1] if bars else -1]
        message = f"a row should have one `|`, this one has {len(bars) or 'none'}"
        raise document.make_error_at(misplaced.position, message, ROW_HINT)
    before, bar, after = words[: bars[0]], words[bars[0]], words[bars[0] + 1 :]
    if not before or not after:
        message = f"there is no number {'after' if before else 'before'} this `|`"
        raise document.make_error_at(bar.position, message, ROW_HINT)
    return _read_numbers(document, before), _read_numbers(document, after)


def _read_numbers(document: Document, words: Sequence[Word]) -> list[Number]:
    numbers = []
    for word in words:
        try:
            numbers.append(parse_number(word.text))
        except ValueError as problem:
            raise document.make_error_at(word.position, str(problem), NUMBER_HINT) from None
    return numbers


def _format_number_count(numbers: Sequence[Number]) -> str:
    return f"{len(numbers)} number{'s' * (len(numbers) != 1)}"


def _build_family_system(document: Document, route: Route, entry: CaseEntry) -> tuple[System, int]:
    family, n = str(entry.family), entry.n
    if family not in FAMILIES:
        message = f"there is no family `{abridge(family)}`"
        raise document.make_error((*route, "family"), message, suggest_name(family, list(FAMILIES)))
    if n is None:
        message = f"the family `{family}` needs its order `n`"
        raise document.make_error((*route, "family"), message, "Add a line such as `n: 4`.")
    try:
        matrix = build_matrix(family, n)
    except ValueError as problem:
        raise document.make_error((*route, "n"), str(problem)) from None
    if entry.right_hand_side is None:
        sides = _build_right_hand_sides(
            document, (*route, "right_hand_sides"), matrix, entry.right_hand_sides
        )
    elif entry.right_hand_sides is not None:
        message = "`right_hand_side` and `right_hand_sides` exclude each other"
        raise document.make_error((*route, "right_hand_sides"), message, "Keep one of the two.")
    else:
        sides = [_read_right_hand_side(document, (*route, "right_hand_side"), matrix)]
    rows = zip(matrix, *sides, strict=True)
    return tuple((*map(Number.from_fraction, row), *numbers) for row, *numbers in rows), len(sides)


def _build_right_hand_sides(
    document: Document, route: Route, matrix: Matrix, count: int | None
) -> list[list[Number]]:
    """Return `count` right-hand sides, or one where `count` is None.

    In the solution for the j-th, every j-th unknown is 1 and the others are 0. So the first
    solution is all ones, and the first right-hand side holds the row sums.
    """
    if count is not None and not 1 <= count <= len(matrix):
        message = f"`right_hand_sides` is {count}, but should be from 1 to {len(matrix)}"
        raise document.make_error(
            route, message, "There are at most as many right-hand sides as rows."
        )
    return [
        [Number.from_fraction(sum(row[step - 1 :: step], Fraction(0))) for row in matrix]
        for step in range(1, (count or 1) + 1)
    ]


def _read_right_hand_side(document: Document, route: Route, matrix: Matrix) -> list[Number]:
    """Return the right-hand side that the file gives."""
    numbers = _read_numbers(
        document,
        [word for line in document.find_words(route, NUMBER_OR_BAR_PATTERN) for word in line],
    )
    if len(numbers) != len(matrix):
        count = _format_number_count(numbers)
        message = f"`right_hand_side` has {count}, the matrix has {len(matrix)} rows"
        raise document.make_error(route, message, NUMBER_HINT)
    return numbers
