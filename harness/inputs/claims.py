"""Read the claims of a port: the block `claims` of its manifest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from harness.inputs.document import Schema
from harness.model.number import parse_number
from harness.model.promises import (
    ForProcedures,
    FreeUnknowns,
    Inconsistent,
    Pivoting,
    Promises,
    RankDeficient,
    ResidualTolerance,
    Singular,
    Tolerance,
    Triangle,
    UnitTriangle,
    ZeroTolerance,
)
from harness.model.scope import Shape, Sizes
from harness.model.structure import Structure
from harness.procedures.fields import ProcedureField
from harness.procedures.registry import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.inputs.document import Document, Route
    from harness.model.case import Arithmetic

BLOCK = "claims"
"""The key of the block."""

SIZES_PATTERN = re.compile(r"(\d{1,6})(?:\.\.(\d{1,6}))?", re.ASCII)
SIZES_HINT = "Write a number of unknowns, or the smallest and the largest, as in `2..3`."

Line = Annotated[str, Field(min_length=1, max_length=200)]


def _wrap_tolerance(value: Any) -> Any:
    """Return a mapping, also where `value` is one number: an absolute tolerance."""
    return {"absolute": value} if isinstance(value, str) else value


def _wrap_common(value: Any) -> Any:
    """Return a mapping of procedures, also where `value` is about all of them."""
    return value if isinstance(value, dict) else {"": value}


class ToleranceEntry(Schema):
    absolute: str | None = None
    relative: str | None = None


ToleranceField = Annotated[ToleranceEntry, BeforeValidator(_wrap_tolerance)]
ToleranceType = TypeVar("ToleranceType", bound=Tolerance)
T = TypeVar("T")


ShapesField = Annotated[tuple[Shape, ...], Field(min_length=1)]
Texts = tuple[Line, ...]


class ClaimsEntry(Schema):
    """The block `claims` as it is written.

    A claim about all procedures is read as one about a procedure without a name.
    """

    pivoting: Pivoting | None = None
    zero_tolerance: ToleranceField | None = None
    shapes: Annotated[dict[str, ShapesField], BeforeValidator(_wrap_common)] = Field(
        default_factory=dict
    )
    sizes: Annotated[dict[str, str], BeforeValidator(_wrap_common)] = Field(default_factory=dict)
    singular: Annotated[dict[str, Singular], BeforeValidator(_wrap_common)] = Field(
        default_factory=dict
    )
    no_solution: Texts = ()
    many_solutions: Texts = ()
    free_unknowns: FreeUnknowns = FreeUnknowns.NONE
    inconsistent: Inconsistent = Inconsistent.NONE
    cholesky_reads: Triangle = Triangle.BOTH
    unit_triangle: UnitTriangle = UnitTriangle.LOWER
    rank_deficient: RankDeficient = RankDeficient.NONE
    residual_tolerance: ToleranceField | None = None
    leaves_input_unchanged: tuple[ProcedureField, ...] = ()


def read_promises(
    document: Document, claims: ClaimsEntry, arithmetic: Arithmetic, procedures: Sequence[str]
) -> Promises:
    """Return what a manifest claims of a port with this arithmetic and these procedures.

    In exact arithmetic, the size of a pivot does not matter, unless the manifest says so.

    Raises the document's error about a claim that contradicts itself or the procedures.
    """
    _check_procedures(document, "leaves_input_unchanged", claims.leaves_input_unchanged, procedures)
    for key in ("shapes", "sizes", "singular"):
        names = [name for name in getattr(claims, key) if name]
        _check_procedures(document, key, names, procedures)
    _check_shapes(document, claims.shapes)
    sizes = {
        name: _read_sizes(document, (BLOCK, "sizes", *filter(None, [name])), text)
        for name, text in claims.sizes.items()
    }
    return Promises(
        pivoting=claims.pivoting or (Pivoting.ANY if arithmetic.is_exact else Pivoting.PARTIAL),
        zero_tolerance=_read_tolerance(document, claims, "zero_tolerance", ZeroTolerance),
        free_unknowns=claims.free_unknowns,
        inconsistent=claims.inconsistent,
        cholesky_reads=claims.cholesky_reads,
        unit_triangle=claims.unit_triangle,
        rank_deficient=claims.rank_deficient,
        residual_tolerance=_read_tolerance(
            document, claims, "residual_tolerance", ResidualTolerance
        ),
        shapes=_collect(claims.shapes),
        sizes=_collect(sizes),
        singular=_collect(claims.singular),
        no_solution=claims.no_solution,
        many_solutions=claims.many_solutions,
    )


def _collect(values: Mapping[str, T]) -> ForProcedures[T]:
    """Return the values by procedure; that of all procedures has no name."""
    own = tuple((name, value) for name, value in values.items() if name)
    return ForProcedures(values.get(""), own)


def _check_procedures(
    document: Document, key: str, names: Sequence[str], procedures: Sequence[str]
) -> None:
    """Raise the document's error about a claim on a procedure that the port does not have."""
    for index, name in enumerate(names):
        if name not in procedures:
            step = index if key == "leaves_input_unchanged" else name
            message = f"`{name}` is not among the port's `procedures`"
            hint = f"They are {', '.join(procedures)}."
            raise document.make_error((BLOCK, key, step), message, hint)


def _check_shapes(document: Document, shapes: Mapping[str, tuple[Shape, ...]]) -> None:
    """Raise the document's error about a procedure that is claimed for a shape it cannot have."""
    for name, claimed in shapes.items():
        procedure = PROCEDURES.get(name)
        if procedure is None or procedure.structure is Structure.ANY:
            continue
        if procedure.other_shapes or procedure.own_shapes:
            continue
        if others := [shape for shape in claimed if shape is not Shape.SQUARE]:
            message = f"`{name}` takes square matrices only, not {others[0]} ones"
            hint = "Leave the procedure out, or write `[square]`."
            raise document.make_error((BLOCK, "shapes", name), message, hint)


def _read_sizes(document: Document, route: Route, text: str) -> Sizes:
    match = SIZES_PATTERN.fullmatch(text)
    if match is None:
        raise document.make_error(route, f"`{text}` is no range of sizes", SIZES_HINT)
    smallest, largest = int(match[1]), int(match[2] or match[1])
    if not 1 <= smallest <= largest:
        raise document.make_error(route, f"`{text}` holds no size", SIZES_HINT)
    return Sizes(smallest, largest)


def _read_tolerance(
    document: Document, claims: ClaimsEntry, name: str, kind: type[ToleranceType]
) -> ToleranceType | None:
    entry: ToleranceEntry | None = getattr(claims, name)
    if entry is None:
        return None
    hint = (
        f"Write a small number such as 1e-9, or {{relative: 1e-12}} for a multiple of {kind.whole}."
    )
    written = {key: text for key in ("absolute", "relative") if (text := getattr(entry, key))}
    if len(written) != 1:
        message = f"`{name}` should have one of `absolute` and `relative`"
        raise document.make_error((BLOCK, name), message, hint)
    ((key, text),) = written.items()
    try:
        size = parse_number(text).exact
    except ValueError as problem:
        raise document.make_error((BLOCK, name, key), str(problem), hint) from None
    if not 0 < size < 1:
        message = f"`{name}` should be above 0 and below 1, not {text}"
        raise document.make_error((BLOCK, name, key), message, hint)
    return kind(size, key == "relative")
