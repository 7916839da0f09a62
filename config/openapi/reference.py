"""The reference of the API as a page shows it: calls by subject, what they take, answer and refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.openapi.snippets import Call, call_of, snippets

_ORDER: Final = (
    "samples",
    "portraits",
    "driving audio",
    "consents",
    "jobs",
    "renditions",
    "webhooks",
    "verify",
)


@dataclass(frozen=True)
class Parameter:
    """One parameter or field that a call takes."""

    name: str
    place: str
    is_required: bool
    kind: str
    description: str


@dataclass(frozen=True)
class DescribedAnswer:
    """One answer of a call; `code` is the refusal that stands as its example."""

    status: int
    description: str
    code: str


@dataclass(frozen=True)
class Operation:
    """One call, ready to be shown."""

    name: str
    summary: str
    description: str
    call: Call
    parameters: tuple[Parameter, ...]
    answers: tuple[DescribedAnswer, ...]
    snippets: Mapping[str, str]

    @property
    def words(self) -> str:
        """What a search looks through, in small letters."""
        names = " ".join(one.name for one in self.parameters)
        codes = " ".join(one.code for one in self.answers)
        parts = (self.name, self.call.method, self.call.path, self.summary, self.description, names, codes)
        return " ".join(parts).lower()


def reference(document: Mapping[str, Any], server: str) -> list[tuple[str, list[Operation]]]:
    """The calls of an OpenAPI document by their subject, in the order in which a partner meets them."""
    schemas = document["components"]["schemas"]
    groups: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            shown = _operation(path, method, operation, schemas, server)
            groups.setdefault(operation.get("tags", ["others"])[0], []).append(shown)
    rank = {name: place for place, name in enumerate(_ORDER)}
    return sorted(groups.items(), key=lambda group: (rank.get(group[0], len(rank)), group[0]))


def _operation(
    path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any], server: str
) -> Operation:
    call = call_of(path, method, operation, schemas)
    taken = [_parameter(one, schemas) for one in operation.get("parameters", [])]
    return Operation(
        name=operation["operationId"],
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        call=call,
        parameters=(*taken, *_fields(operation, schemas)),
        answers=tuple(_answer(status, answer) for status, answer in operation["responses"].items()),
        snippets=snippets(call, server),
    )


def _parameter(parameter: Mapping[str, Any], schemas: Mapping[str, Any]) -> Parameter:
    schema = parameter.get("schema", {})
    return Parameter(
        parameter["name"],
        parameter["in"],
        bool(parameter.get("required")),
        _kind(schema, schemas),
        parameter.get("description", schema.get("description", "")),
    )


def _fields(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Parameter]:
    found = []
    for content_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content.get("schema", {})
        schema = schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
        place = "form" if content_type == "multipart/form-data" else "body"
        for name, field in schema.get("properties", {}).items():
            is_required = name in schema.get("required", [])
            kind, description = _kind(field, schemas), field.get("description", "")
            found.append(Parameter(name, place, is_required, kind, description))
    return found


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """The type of a value in a few words."""
    if "$ref" in schema:
        target = schemas.get(str(schema["$ref"]).rpartition("/")[2], {})
        return _kind(target, schemas) if "enum" in target else str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " or ".join(_kind(one, schemas) for one in schema["anyOf"] if one.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), schemas)}"
    return str(schema.get("format") or schema.get("type", ""))


def _answer(status: str, answer: Mapping[str, Any]) -> DescribedAnswer:
    example = answer.get("content", {}).get("application/problem+json", {}).get("example", {})
    return DescribedAnswer(int(status), answer.get("description", ""), example.get("code", ""))
