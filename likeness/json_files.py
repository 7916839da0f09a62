"""JSON that is given as a file or as the values themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from likeness.errors import FileUnreadable

# The path of a JSON file with one object, or the object.
JsonObject = str | PathLike[str] | Mapping[str, Any]


def json_object(source: JsonObject) -> dict[str, Any]:
    """The object itself, or the one in the file at that path. Raises `FileUnreadable`."""
    if isinstance(source, Mapping):
        return dict(source)
    path = Path(source)
    try:
        values = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise FileUnreadable(f"{path} is no JSON file.") from error
    if not isinstance(values, dict):
        raise FileUnreadable(f"{path} holds no JSON object.")
    return values


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises `FileUnreadable`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}.") from error
