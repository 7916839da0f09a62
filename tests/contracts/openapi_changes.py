"""Compare two OpenAPI documents of the service: what changed, in words, and whether it breaks a caller.

Breaking is what a program that worked yesterday can trip over: an answer without a field, status or path that
it had, a field of another type, a request that needs more or takes less. Everything else is an addition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Document = Mapping[str, Any]
Schema = Mapping[str, Any]
Direction = Literal["request", "answer"]

GONE, NOT_THERE = "gone", "not there"
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# What narrows the values of a type, and in which direction it is the narrower.
_LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_FORMS = ("format", "pattern", "contentMediaType", "multipleOf", "uniqueItems")


@dataclass(frozen=True)
class Change:
    """What is at `place` before and after; either may be GONE or NOT_THERE."""

    place: str
    before: str
    after: str
    is_breaking: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.before} -> {self.after}"


def changes(before: Document, after: Document) -> list[Change]:
    """All changes from one document to the other, without repetitions."""
    return list(dict.fromkeys(_Comparison(before, after).of_paths()))


class _Comparison:
    def __init__(self, before: Document, after: Document) -> None:
        self._before, self._after = before, after
        self._open: set[tuple[str, str, Direction]] = set()  # schemas may hold themselves

    def of_paths(self) -> Iterator[Change]:
        old, new = _operations(self._before), _operations(self._after)
        for place in sorted(old.keys() - new.keys()):
            yield Change(place, "there", GONE, is_breaking=True)
        for place in sorted(new.keys() - old.keys()):
            yield Change(place, NOT_THERE, "there", is_breaking=False)
        for place in sorted(old.keys() & new.keys()):
            yield from self._of_operation(place, old[place], new[place])

    def _of_operation(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        if bool(old.get("security")) != bool(new.get("security")):
            words = ("open to everybody", "asks for a key")
            needs = bool(new.get("security"))
            yield Change(place, words[not needs], words[needs], is_breaking=needs)
        yield from self._of_parameters(place, old, new)
        yield from self._of_body(f"{place}, request", old.get("requestBody"), new.get("requestBody"))
        answers_old, answers_new = old.get("responses", {}), new.get("responses", {})
        yield from _gone_and_new(f"{place}, answer", answers_old, answers_new)
        for status in sorted(answers_old.keys() & answers_new.keys()):
            there = f"{place}, answer {status}"
            yield from self._of_content(there, answers_old[status], answers_new[status], "answer")

    def _of_parameters(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        olds, news = _parameters(old), _parameters(new)
        yield from _gone_and_new(f"{place},", olds, {name: news[name] for name in news.keys() & olds.keys()})
        for name, parameter in news.items():
            there = f"{place}, {name}"
            was_required = olds.get(name, {}).get("required", False)
            if parameter.get("required") and not was_required:
                yield Change(there, "optional" if name in olds else NOT_THERE, "required", is_breaking=True)
            elif name not in olds:
                yield Change(there, NOT_THERE, "optional", is_breaking=False)
            if name in olds:
                yield from self._of_schemas(there, olds[name]["schema"], parameter["schema"], "request")

    def _of_body(self, place: str, old: Schema | None, new: Schema | None) -> Iterator[Change]:
        if old is None and new is None:
            return
        is_newly_required = bool(new and new.get("required")) and not (old and old.get("required"))
        if old is None or new is None or is_newly_required:
            is_breaking = new is None or is_newly_required
            yield Change(place, _need(old), _need(new), is_breaking=is_breaking)
        if old is not None and new is not None:
            yield from self._of_content(place, old, new, "request")

    def _of_content(self, place: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Change]:
        olds, news = old.get("content", {}), new.get("content", {})
        yield from _gone_and_new(f"{place},", olds, news)
        for kind in sorted(olds.keys() & news.keys()):
            yield from self._of_schemas(
                place, olds[kind].get("schema", {}), news[kind].get("schema", {}), direction
            )

    def _of_schemas(self, place: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Change]:
        pair = (str(old.get("$ref")), str(new.get("$ref")), direction)
        is_named = "$ref" in old or "$ref" in new
        if is_named and pair in self._open:
            return
        kind, other_kind = _kind(self._before, old), _kind(self._after, new)
        if kind != other_kind:
            yield Change(place, kind, other_kind, is_breaking=True)
            return
        old, new = _resolved(self._before, old), _resolved(self._after, new)
        if is_named:
            self._open.add(pair)
        try:
            yield from self._of_one_type(place, old, new, direction)
        finally:
            if is_named:
                self._open.discard(pair)

    def _of_one_type(self, place: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Change]:
        yield from _of_limits(place, old, new, direction)
        yield from _of_values(place, old, new, direction)
        if "properties" in old or "properties" in new:
            yield from self._of_fields(place, old, new, direction)
        for inner in ("items", "additionalProperties"):
            if isinstance(old.get(inner), dict) and isinstance(new.get(inner), dict):
                yield from self._of_schemas(f"{place}[]", old[inner], new[inner], direction)
        for one, other in zip(_members(old), _members(new), strict=False):
            yield from self._of_schemas(place, one, other, direction)

    def _of_fields(self, place: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Change]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        needed_old, needed_new = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(olds.keys() - news.keys()):
            yield Change(_field(place, name), _kind(self._before, olds[name]), GONE, is_breaking=True)
        for name in sorted(news.keys() - olds.keys()):
            is_needed = direction == "request" and name in needed_new
            kind = f"{_kind(self._after, news[name])}{', required' if is_needed else ''}"
            yield Change(_field(place, name), NOT_THERE, kind, is_breaking=is_needed)
        for name in sorted(olds.keys() & news.keys()):
            was, is_now = name in needed_old, name in needed_new
            if was != is_now:
                words = ("optional", "required")
                # A caller must send what is required, and may count on it in an answer.
                is_breaking = is_now if direction == "request" else was
                yield Change(_field(place, name), words[was], words[is_now], is_breaking=is_breaking)
            yield from self._of_schemas(_field(place, name), olds[name], news[name], direction)


def _of_limits(place: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Change]:
    for name in (*_LOWEST, *_HIGHEST, *_FORMS):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        is_narrower = after is not None
        if before is not None and after is not None and name not in _FORMS:
            is_narrower = after > before if name in _LOWEST else after < before
        # What is narrower refuses requests; what is wider gives answers that nobody expected.
        is_breaking = is_narrower if direction == "request" else name in _FORMS
        yield Change(place, _limit(name, before), _limit(name, after), is_breaking=is_breaking)


def _of_values(place: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Change]:
    before, after = _values(old), _values(new)
    if before is None or after is None:
        if before != after:
            is_breaking = (after is not None) == (direction == "request")
            yield Change(place, _choice(before), _choice(after), is_breaking=is_breaking)
        return
    for value in sorted(before - after):
        yield Change(f"{place}, value {value}", "there", GONE, is_breaking=True)
    for value in sorted(after - before):
        yield Change(f"{place}, value {value}", NOT_THERE, "there", is_breaking=False)


def _need(body: Schema | None) -> str:
    return "none" if body is None else "required" if body.get("required") else "optional"


def _limit(name: str, value: object) -> str:
    return f"no {name}" if value is None else f"{name} {value}"


def _choice(values: set[str] | None) -> str:
    return "any value" if values is None else f"one of {', '.join(sorted(values))}"


def _gone_and_new(place: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    for name in sorted(old.keys() - new.keys()):
        yield Change(f"{place} {name}", "there", GONE, is_breaking=True)
    for name in sorted(new.keys() - old.keys()):
        yield Change(f"{place} {name}", NOT_THERE, "there", is_breaking=False)


def _operations(document: Document) -> dict[str, Schema]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    }


def _parameters(operation: Schema) -> dict[str, Schema]:
    return {f"{one['in']} parameter {one['name']}": one for one in operation.get("parameters", [])}


def _field(place: str, name: str) -> str:
    return f"{place}.{name}" if ", field " in place else f"{place}, field {name}"


def _resolved(document: Document, schema: Schema) -> Schema:
    """The schema itself: references followed, and the one alternative of `allOf` or of "it or null" taken."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        elif len(members := _members(schema)) == 1:
            schema = members[0]
        else:
            return schema


def _members(schema: Schema) -> list[Schema]:
    """The alternatives of a schema that are not null."""
    members = schema.get("anyOf") or schema.get("oneOf") or []
    return [member for member in members if member.get("type") != "null"]


def _kind(document: Document, schema: Schema) -> str:
    """The type in words: `integer`, `text or null`, `list of object`."""
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return " or ".join(dict.fromkeys(_kind(document, member) for member in alternatives))
    resolved = _resolved(document, schema)
    if resolved is not schema:
        return _kind(document, resolved)
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_kind(document, schema.get('items', {}))}"
    if kind is None and (values := _values(schema)):
        kind = " or ".join(sorted({type(json.loads(value)).__name__ for value in values}))
    return {"string": "text", "str": "text", "int": "integer", None: "anything"}.get(kind, str(kind))


def _values(schema: Schema) -> set[str] | None:
    """The values that are allowed, as JSON; None when any is."""
    if "const" in schema:
        return {json.dumps(schema["const"])}
    return {json.dumps(value) for value in schema["enum"]} if "enum" in schema else None
