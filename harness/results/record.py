"""A record: an immutable value that is one line of JSON, and the types of its fields."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticSerializationError, to_json

MAXIMUM_NAMES = 1_000
"""The largest number of keys in one object."""

SURROGATE = re.compile("[\ud800-\udfff]")


def limit_keys(value: Any) -> Any:
    """Return the value.

    Raises ValueError for a mapping of more than MAXIMUM_NAMES keys, before its values are
    validated.
    """
    if isinstance(value, dict) and len(value) > MAXIMUM_NAMES:
        raise ValueError(f"more than {MAXIMUM_NAMES:,} keys")
    return value


T = TypeVar("T")
# Validation stops at the first mistake in a list: to describe all mistakes of a large file takes
# gigabytes of memory.
FailFastTuple = Annotated[tuple[T, ...], Field(fail_fast=True)]
BoundedDict = Annotated[dict[str, T], BeforeValidator(limit_keys)]
Rows = FailFastTuple[FailFastTuple[str]]
Seconds = Annotated[float, Field(ge=0, le=1e9)]
Count = Annotated[int, Field(ge=0, le=999_999_999)]
"""A number of rows or columns, of lines or of answers, or the position of one, from 0."""

Shape = Annotated[FailFastTuple[Count], Field(max_length=3)]


class Record(BaseModel):
    """An immutable value that can be written as JSON. Infinities are written as strings.

    Fields that are `EXCLUDED` are not written, nor those that have their defaults if
    `OMITS_DEFAULTS`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    EXCLUDED: ClassVar[Any] = None
    OMITS_DEFAULTS: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _few(cls, value: Any) -> Any:
        return limit_keys(value)

    def to_line(self) -> bytes:
        """Return the record as a line of JSON."""
        options: dict[str, Any] = {
            "exclude": self.EXCLUDED,
            "exclude_defaults": self.OMITS_DEFAULTS,
        }
        try:
            text = self.model_dump_json(**options)
        except PydanticSerializationError:
            # A lone surrogate, which UTF-8 cannot hold.
            fields = replace_surrogates(self.model_dump(**options))
            text = to_json(fields, inf_nan_mode="strings").decode()
        return f"{text}\n".encode()


def replace_surrogates(value: Any) -> Any:
    """Return a value with a replacement character for each lone surrogate in its texts."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {replace_surrogates(key): replace_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_surrogates(item) for item in value]
    return value
