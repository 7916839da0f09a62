"""Every call that the API's description has, with bodies that are made up from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import product
from typing import Any

from django.utils import timezone

from config.api import api

METHODS = ("get", "post", "put", "patch", "delete", "head")
PARAMETER = re.compile(r"{(\w+)}")


def described_calls(known: Mapping[str, list[str]]) -> Iterator[tuple[str, str, Any]]:
    """Method, address and JSON body of every call, for every id in `known` that fits into the address."""
    document = api.get_openapi_schema()
    for path, calls in document["paths"].items():
        names = PARAMETER.findall(path)
        for values in product(*(known[name] for name in names)):
            address = path
            for name, value in zip(names, values, strict=True):
                address = address.replace(f"{{{name}}}", value)
            for method in METHODS:
                if method in calls:
                    yield method, address, body_of(document, calls[method], known)


def body_of(document: Mapping[str, Any], call: Mapping[str, Any], known: Mapping[str, list[str]]) -> Any:
    """A body as the description of a call asks for it; None where there is none."""
    content = call.get("requestBody", {}).get("content", {})
    schema = next((one["schema"] for one in content.values()), None)
    return None if schema is None else value_of(document, schema, "", known)


def value_of(
    document: Mapping[str, Any], schema: Mapping[str, Any], name: str, known: Mapping[str, list[str]]
) -> Any:
    """A value that fits a schema: "granted" where it may be that, ids that exist where ids are asked for."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for kind in ("anyOf", "oneOf", "allOf"):
        if kind in schema:
            return value_of(document, schema[kind][0], name, known)
    if "enum" in schema:
        return "granted" if "granted" in schema["enum"] else schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {
                key: value_of(document, one, key, known) for key, one in schema.get("properties", {}).items()
            }
        case "array":
            return [value_of(document, schema.get("items", {}), name, known)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    if schema.get("format") == "date-time":
        return (timezone.now() + timedelta(days=9)).isoformat()
    return known[name][0] if name in known else "A greeting."
