"""The reference page of the HTTP API, from the OpenAPI description that the service itself gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HEADER = """# HTTP API

Made from the OpenAPI 3.1 description; a running service shows the same at `/docs/api/` and gives the
description at `/v1/openapi.json`. Partners send `Authorization: Bearer lk_...`; verification and the log need
no key. Every refusal is a problem document (RFC 9457) with one of the [codes](../errors.md).
"""


def http_page() -> str:
    """All operations by tag, then all schemas."""
    from config.api import api  # noqa: PLC0415  (needs Django)

    description: dict[str, Any] = api.get_openapi_schema()
    by_tag: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append("\n".join(_operation(method, path, operation)))
    parts = [HEADER]
    for tag, operations in sorted(by_tag.items()):
        parts += [f"## {tag.capitalize()}\n", *operations]
    parts.append("## Schemas\n")
    for name, schema in sorted(description["components"]["schemas"].items()):
        parts += list(_schema(name, schema))
    return "\n".join(parts)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### `{method.upper()} {path}`\n"
    yield f"{operation.get('summary', '')}. {'**Needs a key.**' if operation.get('security') else ''}\n"
    if operation.get("description"):
        yield f"{operation['description']}\n"
    if operation.get("parameters"):
        yield "| parameter | in | type | required |\n|---|---|---|---|"
        for parameter in operation["parameters"]:
            required = "yes" if parameter.get("required") else "no"
            kind = _kind(parameter["schema"])
            yield f"| `{parameter['name']}` | {parameter['in']} | {kind} | {required} |"
        yield ""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body: `{media_type}`, {_kind(content.get('schema', {}))}.\n"
    yield "| status | answer |\n|---|---|"
    for status, answer in operation["responses"].items():
        kinds = [_kind(content.get("schema", {})) for content in answer.get("content", {}).values()]
        yield f"| {status} | {', '.join(kinds) or answer.get('description', '')} |"
    yield ""


def _schema(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"(schema-{name.lower()})=\n### `{name}`\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    if schema.get("enum"):
        yield f"One of {', '.join(f'`{value}`' for value in schema['enum'])}.\n"
    if schema.get("properties"):
        required = set(schema.get("required", ()))
        yield "| field | type | always there | meaning |\n|---|---|---|---|"
        for field, value in schema["properties"].items():
            meaning = " ".join(value.get("description", "").split()).replace("|", "\\|")
            yield f"| `{field}` | {_kind(value)} | {'yes' if field in required else 'no'} | {meaning} |"
        yield ""


def _kind(schema: dict[str, Any]) -> str:
    """The type of a value in a few words, with a link where it is a schema of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[`{name}`](#schema-{name.lower()})"
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return " or ".join(_kind(part) for part in schema[choice])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("properties"):
        return "form with " + ", ".join(f"`{field}`" for field in schema["properties"])
    return str(schema.get("format") or schema.get("type") or "any value")
