"""One call of the API as a command and as programs, from its OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

KEY: Final = "LIKENESS_API_KEY"
_JSON: Final = "application/json"
_FORM: Final = "multipart/form-data"
# What stands for a value that only the caller knows.
_EXAMPLES: Final = {
    "alg": "org.likeness.watermark.lines.2",
    "file": "video.mp4",
    "first": "1",
    "index": "5",
    "name": "maya",
    "path": "0/000",
    "purpose": "A greeting",
    "second": "2",
    "tree_size": "8",
    "value": "AAAA",
    "voice": "synthetic",
}


@dataclass(frozen=True)
class Call:
    """One call with example values: what snippets and the try-it form are made of."""

    method: str
    path: str
    needs_key: bool
    in_path: dict[str, str]
    query: dict[str, str]
    body: object
    fields: dict[str, str]
    files: dict[str, str]
    content_type: str

    @property
    def address(self) -> str:
        """The path with its example values, and what the query must have."""
        filled = self.path
        for name, value in self.in_path.items():
            filled = filled.replace(f"{{{name}}}", value)
        needed = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{filled}?{needed}" if needed else filled

    @property
    def body_text(self) -> str:
        """The example of a JSON body, for people."""
        return json.dumps(self.body, indent=2, ensure_ascii=False) if self.body is not None else ""


def call_of(path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Call:
    """The call of an operation of an OpenAPI document."""
    parameters = operation.get("parameters", [])
    content = operation.get("requestBody", {}).get("content", {})
    form = _resolved(content.get(_FORM, {}).get("schema", {}), schemas)
    fields = form.get("properties", {})
    needed = [name for name in fields if name in form.get("required", [])]
    # A file may be left out where it was sent before, in pieces; whoever reads an example sends it.
    files = {name: f"{name}.bin" for name in fields if _is_file(fields[name], schemas)}
    files |= {name: _EXAMPLES[name] for name in files if name in _EXAMPLES}
    return Call(
        method=method.upper(),
        path=path,
        needs_key=bool(operation.get("security")),
        in_path={one["name"]: _example(one["name"]) for one in parameters if one["in"] == "path"},
        query={
            one["name"]: _example(one["name"])
            for one in parameters
            if one["in"] == "query" and one.get("required")
        },
        body=_body(content, schemas),
        fields={name: _example(name) for name in needed if name not in files},
        files=files,
        content_type=next(iter(content), ""),
    )


def snippets(call: Call, server: str) -> dict[str, str]:
    """The call in curl, Python and TypeScript; `server` is the address without a path."""
    return {
        "curl": _curl(call, server),
        "python": _python(call, server),
        "typescript": _typescript(call, server),
    }


def _body(content: Mapping[str, Any], schemas: Mapping[str, Any]) -> object:
    if _JSON not in content:
        return None
    schema = _resolved(content[_JSON].get("schema", {}), schemas)
    examples = schema.get("examples", [])
    return examples[0] if examples else {}


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return schemas[name] if name else schema


def _is_file(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> bool:
    options = [schema, *schema.get("anyOf", [])]
    return any(_resolved(one, schemas).get("format") == "binary" for one in options)


def _example(name: str) -> str:
    return _EXAMPLES.get(name, name.upper())


def _curl(call: Call, server: str) -> str:
    parts = ["curl"]
    if call.method not in {"GET", "POST"} or (call.method == "POST" and not (call.fields or call.files)):
        parts.append(f"-X {call.method}")
    if call.needs_key:
        parts.append(f'-H "Authorization: Bearer ${KEY}"')
    if call.body is not None:
        parts += [f'-H "Content-Type: {_JSON}"', f"-d '{json.dumps(call.body, ensure_ascii=False)}'"]
    parts += [f"-F {name}={value}" for name, value in call.fields.items()]
    parts += [f"-F {name}=@{value}" for name, value in call.files.items()]
    return " \\\n  ".join([*parts, f"'{server}{call.address}'"])


def _python(call: Call, server: str) -> str:
    lines = ["import os", "", "import requests", ""] if call.needs_key else ["import requests", ""]
    arguments = [f'    "{call.method}",', f'    "{server}{call.address}",']
    if call.needs_key:
        arguments.append(f'    headers={{"Authorization": f"Bearer {{os.environ[\'{KEY}\']}}"}},')
    if call.body is not None:
        arguments.append(f"    json={call.body!r},")
    if call.fields:
        arguments.append(f"    data={call.fields!r},")
    if call.files:
        opened = ", ".join(f'"{name}": open("{value}", "rb")' for name, value in call.files.items())
        arguments.append(f"    files={{{opened}}},")
    lines += ["answer = requests.request(", *arguments, "    timeout=90,", ")", "answer.raise_for_status()"]
    return "\n".join(lines)


def _typescript(call: Call, server: str) -> str:
    lines, options = [], [f'  method: "{call.method}",']
    headers = []
    if call.needs_key:
        headers.append(f"Authorization: `Bearer ${{process.env.{KEY}}}`")
    if call.body is not None:
        headers.append(f'"Content-Type": "{_JSON}"')
    if headers:
        options.append(f"  headers: {{ {', '.join(headers)} }},")
    if call.fields or call.files:
        if call.files:
            lines.append('import { openAsBlob } from "node:fs";\n')
        lines.append("const form = new FormData();")
        lines += [f'form.append("{name}", "{value}");' for name, value in call.fields.items()]
        for name, value in call.files.items():
            lines.append(f'form.append("{name}", await openAsBlob("{value}"), "{value}");')
        options.append("  body: form,")
    elif call.body is not None:
        options.append(f"  body: JSON.stringify({json.dumps(call.body, ensure_ascii=False)}),")
    lines += [f'const answer = await fetch("{server}{call.address}", {{', *options, "});"]
    return "\n".join([*lines, "if (!answer.ok) throw new Error((await answer.json()).code);"])
