"""Requests made up from the OpenAPI description, right and wrong ones, and what is wrong with an answer.

Everything is drawn from one `random.Random`, so that a seed tells which requests there were. Values of a
parameter are now and then what it asks for (ids that exist, ids of somebody else, numbers in range), and else
what breaks readers: NUL, lone surrogates, huge numbers, other digits, other types, text that never ends.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

Document = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "propfind")
HOSTILE_TEXT = (
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\ufeff", "\u202eabc", "\r\nX-Injected: 1", "%",
    "%00", "../../etc/passwd", "..%2f..", "' OR 1=1 --", "<script>", "{}", "[]", "null", "true", "0", "-1",
    "+1",
    " 1", "1_000", "1.0", "1e400", "NaN", "٣", "９", str(2**31), str(2**63), str(-(2**63) - 1), "9" * 5000,
    "x" * 300, "x" * 70_000, "é" * 1000, "\U0001f642" * 50, "urn:c2pa:nothing", "//", "?", "#", ";", "=",
)  # fmt: skip
HOSTILE_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, [], {}, [[]], {"": None},
    [1] * 500, {"a": {"b": {"c": {}}}},
)  # fmt: skip
HOSTILE_BODIES = (
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 3000, b"NaN",
    b'{"a": Infinity}', b'{"a": 1e999999}', b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b"{}" * 2, b"\x00",
    b"9" * 10_000, b'{"a": 1, "a": 2}', b"a=1&a=%00&=", b"--x\r\n", b"\x1f\x8b" + bytes(40),
)  # fmt: skip
MEDIA_TYPES = (
    "application/json", "application/json; charset=utf-16", "application/json; charset=nothing", "text/plain",
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "",
    "video/mp4", "image/png", "x", "application/\x80", "multipart/form-data; boundary=" + "x" * 300,
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A call that the description has."""

    method: str
    path: str
    description: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True)
class Request:
    """What is sent. `call` is None where the description has no such call."""

    call: Call | None
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    media_type: str


class Requests:
    """Makes requests without end. `ids` and `keys` hold what exists: ids of any kind, and API keys."""

    def __init__(
        self,
        document: Document,
        *,
        seed: int,
        ids: Sequence[str],
        keys: Sequence[str],
        files: Sequence[bytes] = (),
    ) -> None:
        self._document = document
        self._random = random.Random(seed)
        self.ids, self._keys, self._files = list(ids), list(keys), list(files)
        self.calls = calls_of(document)
        self._known = {(call.method, call.path) for call in self.calls}

    def next(self) -> Request:
        """One more request."""
        call = self._random.choice(self.calls)
        method = call.method
        if self._one_in(25):
            method = self._random.choice(METHODS)
        parameters = list(call.description.get("parameters", []))
        path = call.path
        for parameter in parameters:
            if parameter["in"] == "path":
                text = self._text(parameter["name"], parameter["schema"])
                path = path.replace(
                    f"{{{parameter['name']}}}", _quoted(text, safe="/:" if "path" in text else "")
                )
        query = [
            f"{_quoted(parameter['name'])}={_quoted(self._text(parameter['name'], parameter['schema']))}"
            for parameter in parameters
            if parameter["in"] == "query" and not self._one_in(2)
        ]
        if self._one_in(12):
            query.append(f"{_quoted(self._hostile_text()[:200])}={_quoted(self._hostile_text())}")
        if query and self._one_in(20):
            query.append(query[0])
        target = path + ("?" + "&".join(query) if query else "")
        body, media_type = self._body(call)
        known = call if method == call.method else None
        return Request(known, method, target, self._headers(call), body, media_type)

    def _one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {}
        if call.description.get("security"):
            draw = self._random.random()
            if draw < 0.9:
                headers["Authorization"] = f"Bearer {self._random.choice(self._keys)}"
            elif draw < 0.97:
                headers["Authorization"] = _header(f"Bearer {self._hostile_text()}")
        for name, values in (
            ("Idempotency-Key", ("a", "b", "", "x" * 255, "x" * 256, "\u00e9", " ")),
            (
                "Range",
                ("bytes=0-", "bytes=5-2", "bytes=-1", "bytes=99999999999-", "bytes=a", "x", "bytes=0-1,2-3"),
            ),
            ("If-None-Match", ("*", '"x"', "x")),
            ("If-Modified-Since", ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 9999999 00:00:00 GMT")),
            ("Accept", ("*/*", "text/html", "x", "application/json;q=2")),
            ("Accept-Language", ("de", "xx-YY", "*;q=z", "x" * 3000)),
            ("Accept-Encoding", ("gzip", "br;q=0", "x")),
            ("Origin", ("null", "https://elsewhere.example")),
            ("Prefer", ("respond-async",)),
            ("Content-Range", ("bytes 0-1/2",)),
            ("X-Forwarded-For", ("x", "::1, 1.2.3.4")),
            ("Cookie", ("sessionid=x", "=;=;", "a" * 5000)),
        ):
            if self._one_in(12):
                headers[name] = _header(self._random.choice(values))
        return headers

    def _body(self, call: Call) -> tuple[bytes, str]:
        content = call.description.get("requestBody", {}).get("content", {})
        if not content:
            return (
                (self._random.choice(HOSTILE_BODIES), "application/json") if self._one_in(20) else (b"", "")
            )
        if self._one_in(6):
            return self._random.choice(HOSTILE_BODIES), self._random.choice(MEDIA_TYPES)
        media_type, described = self._random.choice(list(content.items()))
        schema = described.get("schema", {})
        if media_type == "application/json":
            value = self._value("", schema)
            text = json.dumps(value, ensure_ascii=self._one_in(2))
            return text.encode("utf-8", errors="surrogatepass"), media_type
        if media_type == "multipart/form-data":
            return self._form(self._resolved(schema))
        return self._file(), media_type.replace("*", self._random.choice(("mp4", "png", "x")))

    def _form(self, schema: Mapping[str, Any]) -> tuple[bytes, str]:
        """A form with the described fields, some of them missing, twice or of the other kind."""
        lines: list[bytes] = []
        for name, described in schema.get("properties", {}).items():
            needed = name in schema.get("required", [])
            if self._one_in(10 if needed else 2):
                continue
            is_file = "binary" in json.dumps(described)
            if self._one_in(15):
                is_file = not is_file
            for _ in range(2 if self._one_in(20) else 1):
                head = f'Content-Disposition: form-data; name="{name}"'
                if is_file:
                    head += f'; filename="{self._random.choice(("a.png", "b.wav", "", "../x", "é.mp4"))}"'
                value = self._file() if is_file else _utf8(self._text(name, described))
                lines += [b"--x", head.encode(), b"", value]
        end = b"--x--" if not self._one_in(15) else b""
        return b"\r\n".join([*lines, end, b""]), "multipart/form-data; boundary=x"

    def _file(self) -> bytes:
        if self._files and self._one_in(12):
            file = self._random.choice(self._files)
            return file if self._one_in(3) else file[: self._random.randrange(1, 400)]
        return self._random.choice(
            (b"", b"x", b"RIFF", b"\x89PNG\r\n\x1a\n", b"GIF89a", bytes(200), b"%PDF-1.7")
        )

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if len(schema.get("allOf", ())) == 1:
            return self._resolved(schema["allOf"][0])
        return schema

    def _text(self, name: str, schema: Mapping[str, Any]) -> str:
        """A value for a path, query or form, as text."""
        if self._one_in(4):
            return self._hostile_text()
        value = self._value(name, schema)
        return value if isinstance(value, str) else json.dumps(value)

    def _value(self, name: str, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """A JSON value for a schema, which now and then does not fit it."""
        schema = self._resolved(schema)
        if depth and self._one_in(12):
            return self._random.choice((*HOSTILE_VALUES, self._hostile_text()))
        if "anyOf" in schema:
            return self._value(name, self._random.choice(schema["anyOf"]), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        makers: dict[str, Callable[[], Any]] = {
            "object": lambda: self._object(schema, depth),
            "array": lambda: [
                self._value(name, schema.get("items", {}), depth + 1)
                for _ in range(self._random.randrange(4))
            ],
            "integer": lambda: self._number(schema),
            "number": lambda: self._number(schema) + self._random.choice((0, 0.5, 1e-9)),
            "boolean": lambda: self._one_in(2),
            "null": lambda: None,
        }
        return makers.get(schema.get("type", ""), lambda: self._string(name, schema))()

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        found = {
            name: self._value(name, inner, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if not self._one_in(30 if name in required else 2)
        }
        if self._one_in(25):
            found[self._hostile_text()[:100]] = self._hostile_text()
        return found

    def _number(self, schema: Mapping[str, Any]) -> int:
        low = int(schema.get("minimum", schema.get("exclusiveMinimum", 0)))
        high = int(schema.get("maximum", schema.get("exclusiveMaximum", low + 100)))
        return self._random.choice((low, high, low - 1, high + 1, self._random.randint(low, max(low, high))))

    def _string(self, name: str, schema: Mapping[str, Any]) -> str:
        if schema.get("format") == "date-time":
            return self._random.choice(
                (
                    "2030-01-01T00:00:00Z",
                    "2030-01-01",
                    "9999-12-31T23:59:59+14:00",
                    "0001-01-01T00:00:00Z",
                    "x",
                )
            )
        if name.endswith("_id") or name in {"subject", "actor", "manifestId", "cursor", "value"}:
            return self._random.choice(self.ids) if not self._one_in(6) else self._hostile_text()
        if name == "path":
            return self._random.choice(
                ("0/000", "entries/000.p/3", "0/000.p/3", "1/x001/234", "0/" + "x001/" * 9)
            )
        return self._random.choice(
            ("A greeting.", "maya@mail.example", "+4915112345678", "https://partner.example/hook", "#ffffff",
             "10,10,200,200", self._hostile_text())
        )  # fmt: skip

    def _hostile_text(self) -> str:
        return self._random.choice(HOSTILE_TEXT)


def calls_of(document: Document) -> list[Call]:
    """All calls of a description."""
    return [
        Call(method, path, description)
        for path, methods in document["paths"].items()
        for method, description in methods.items()
    ]


class Judge:
    """Says what is wrong with an answer, by the description. A 500, which it has, is always wrong."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._validator = cache(self._new_validator)

    def complaint(self, request: Request, *, status: int, media_type: str, body: bytes) -> str | None:
        """What is wrong, or None: an unknown error, or a status, type or body that is not described."""
        described = request.call.description["responses"] if request.call else {}
        if request.call is None:
            return None if status < 500 else f"{status} to a call that is not described"
        if status == 500:
            return "500"
        if str(status) not in described:
            return f"{status} is not described"
        content = described[str(status)].get("content", {})
        media_type = media_type.partition(";")[0]
        if content and body and media_type not in content:
            return f"{status} as {media_type}, described is {', '.join(content)}"
        schema = content.get(media_type, {}).get("schema")
        if schema is None or not media_type.endswith("json") or request.method == "head":
            return None
        error = next(self._validator(json.dumps(schema)).iter_errors(json.loads(body)), None)
        return f"{status}: {error.json_path} {error.message[:120]}" if error else None

    def _new_validator(self, schema: str) -> Draft202012Validator:
        return Draft202012Validator({**json.loads(schema), "components": self._document["components"]})


def _quoted(text: str, safe: str = "") -> str:
    return quote(_utf8(text), safe=safe)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")


def _header(text: str) -> str:
    """What a server lets through as the value of a header."""
    return "".join(c for c in text.encode("utf-8", "surrogatepass").decode("latin-1") if c >= " ")[:7000]
