"""Names of checks and procedures as fields of the files that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from harness.model.check import Check
from harness.procedures.registry import CHECKS, PROCEDURES, PUBLISHED_PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Collection


def parse_check(value: object) -> Check:
    """Return the check of that name. Raises PydanticCustomError where there is none."""
    return CHECKS[require_member(value, CHECKS)]


def parse_procedure(value: object) -> str:
    """Return the name of a procedure. Raises PydanticCustomError where there is none."""
    return require_member(value, PROCEDURES)


def parse_published_procedure(value: object) -> str:
    """Return the name of a procedure of the published listings. Raises PydanticCustomError."""
    return require_member(value, PUBLISHED_PROCEDURES)


def require_member(value: object, names: Collection[str]) -> str:
    """Return a value that is one of some names. Raises PydanticCustomError about any other."""
    if isinstance(value, str) and value in names:
        return value
    *first, last = (f"'{name}'" for name in names)
    expected = f"{', '.join(first)} or {last}"
    raise PydanticCustomError("enum", "Input should be {expected}", {"expected": expected})


CheckField = Annotated[Check, PlainValidator(parse_check)]
ProcedureField = Annotated[str, PlainValidator(parse_procedure)]
PublishedProcedureField = Annotated[str, PlainValidator(parse_published_procedure)]
