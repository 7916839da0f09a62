"""Dataclasses to plain JSON values and back, strictly: what crosses a border or is stored has one form.

`to_plain` writes; `from_plain` reads what may have been written by somebody else, and raises ValueError for
everything that `to_plain` would not have written: a missing key, an unknown one, a value of another type.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
T = TypeVar("T")

_INT_LIMIT = 2**63  # longer numbers are no measure of anything, and overflow where they are calculated with


def to_plain(value: object) -> Json:
    """`value` as what JSON knows: bytes in Base64, paths as text, tuples as lists, dataclasses as objects.

    A class with a `to_json` of its own is asked. Raises TypeError for what has no such form.
    """
    own = getattr(value, "to_json", None)
    if own is not None:
        return cast("Json", own())
    if isinstance(value, Enum):
        return to_plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def from_plain(kind: type[T], value: object) -> T:
    """What `to_plain` made of something of type `kind`. Raises ValueError, naming the place.

    `kind` is a dataclass, or what may be a field of one: text, numbers (finite ones), truth values, bytes,
    paths, enumerations, literals, unions, `tuple`, `list` and `dict[str, ...]` of these; `object` stands for
    any JSON value. A class with a `from_json` of its own is asked.
    """
    return cast("T", _read(kind, value, kind.__name__ if isinstance(kind, type) else str(kind)))


def parse(kind: type[T], text: bytes | str) -> T:
    """`from_plain` of JSON text. Raises ValueError for anything else."""
    try:
        return from_plain(kind, json.loads(text))
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None


def _read(kind: Any, value: object, place: str) -> object:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _read_union(get_args(kind), value, place)
    if origin is Literal:
        return _require(value in get_args(kind) and not isinstance(value, bool), value, place)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, place)
    if origin is list and isinstance(value, list):
        return [_read(get_args(kind)[0], item, f"{place}[]") for item in value]
    if origin is dict and isinstance(value, dict):
        return {key: _read(get_args(kind)[1], item, f"{place}.{key}") for key, item in value.items()}
    if origin is None:
        return _read_class(kind, value, place)
    raise _wrong(place)


def _read_class(kind: Any, value: object, place: str) -> object:
    own = getattr(kind, "from_json", None)
    if own is not None:
        return own(value)
    if is_dataclass(kind):
        return _read_object(kind, value, place)
    if kind in _PLAIN:
        return _PLAIN[kind](value, place)
    if issubclass(kind, Enum) and isinstance(value, str):
        return kind(value)
    raise _wrong(place)


def _read_object(kind: Any, value: object, place: str) -> object:
    hints = _hints(kind)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise _wrong(place)
    return kind(**{name: _read(hint, value[name], f"{place}.{name}") for name, hint in hints.items()})


def _read_union(kinds: tuple[Any, ...], value: object, place: str) -> object:
    if value is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    if len(others) == 1:
        return _read(others[0], value, place)
    for kind in others:
        try:
            return _read(kind, value, place)
        except ValueError:
            continue
    raise _wrong(place)


def _read_tuple(kinds: tuple[Any, ...], value: object, place: str) -> object:
    if not isinstance(value, list):
        raise _wrong(place)
    if len(kinds) == 2 and kinds[1] is ...:
        return tuple(_read(kinds[0], item, f"{place}[]") for item in value)
    if len(value) != len(kinds):
        raise _wrong(place)
    return tuple(_read(kind, item, f"{place}[]") for kind, item in zip(kinds, value, strict=True))


def _read_float(value: object, place: str) -> float:
    is_number = isinstance(value, float) and math.isfinite(value)
    if not is_number and (type(value) is not int or abs(value) >= _INT_LIMIT):
        raise _wrong(place)
    return float(cast("float", value))


def _read_bytes(value: object, place: str) -> bytes:
    try:
        return base64.b64decode(cast("str", _require(isinstance(value, str), value, place)), validate=True)
    except binascii.Error:
        raise _wrong(place) from None


def _require(is_right: bool, value: object, place: str) -> object:
    if not is_right:
        raise _wrong(place)
    return value


def _wrong(place: str) -> ValueError:
    # Without the value: it may be long, and it may be a secret.
    return ValueError(f"{place} has not the form that was agreed on.")


_PLAIN: dict[object, Callable[[object, str], object]] = {
    object: lambda value, _: value,
    str: lambda value, place: _require(isinstance(value, str), value, place),
    bool: lambda value, place: _require(isinstance(value, bool), value, place),
    int: lambda value, place: _require(type(value) is int and abs(value) < _INT_LIMIT, value, place),
    float: _read_float,
    bytes: _read_bytes,
    Path: lambda value, place: Path(cast("str", _require(isinstance(value, str), value, place))),
}


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
