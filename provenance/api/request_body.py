"""JSON bodies of API calls: no fields that the call does not have, and values of the types that it names."""

from __future__ import annotations

from typing import Any, get_args

from ninja import Schema
from pydantic import ConfigDict, ValidationInfo, field_validator


class RequestBody(Schema):
    """A JSON body, or an object in one.

    `"7"` and `true` are no numbers, and `1` is no truth value; `25.0` is the whole number 25 (JSON Schema).
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_type(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[str(info.field_name)].annotation
        kinds = {annotation, *get_args(annotation)}
        if kinds & {int, float} and isinstance(value, bool | str):
            raise ValueError("it must be a number")
        if bool in kinds and not isinstance(value, bool | None):
            raise ValueError("it must be true or false")
        return value
