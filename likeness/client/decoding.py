"""From JSON values to frozen dataclasses by their annotations; fields that are not known are passed over.

So a client keeps working when a later service says more, and notices when one says less.
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from likeness.errors import AnswerUnreadable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Info = TypeVar("Info", bound="DataclassInstance")


def decode(kind: type[Info], values: Any) -> Info:
    """`values` as the dataclass `kind`. Raises `AnswerUnreadable` for a missing field or a wrong type."""
    if not isinstance(values, dict):
        raise AnswerUnreadable(f"The answer is no {kind.__name__}.")
    hints = typing.get_type_hints(kind)
    found = {}
    for field in fields(kind):
        if field.name not in values:
            if field.default is not MISSING:
                continue  # a service of an earlier version does not have it
            raise AnswerUnreadable(f"The answer lacks the field {field.name}.")
        try:
            found[field.name] = _value(hints[field.name], values[field.name])
        except (TypeError, ValueError) as error:
            raise AnswerUnreadable(f"The field {field.name} of the answer holds something else.") from error
    return kind(**found)


def _value(kind: Any, value: Any) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _value(next(one for one in inner if one is not type(None)), value)
    if origin is tuple:
        return tuple(_value(inner[0], item) for item in value)
    if origin is dict:
        return dict(value)
    if is_dataclass(kind):
        return decode(typing.cast("type[Any]", kind), value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(kind)
    return value
