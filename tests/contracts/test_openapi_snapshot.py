"""What the API promises is what was reviewed: docs/openapi.json. Who breaks a caller is told how."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ninja import Schema

from config.api import api
from tests.contracts.openapi_changes import Change, changes
from tests.contracts.write_openapi import main, reviewed, served

REVIEWED = reviewed()
RENDITION = "GET /v1/renditions/{rendition_id}, answer 200, field"


def test_nothing_breaks_a_caller() -> None:
    broken = [str(change) for change in changes(REVIEWED, served()) if change.is_breaking]
    assert not broken, "The API would break its callers:\n" + "\n".join(broken)


def test_the_snapshot_is_up_to_date() -> None:
    document = served()
    added = [str(change) for change in changes(REVIEWED, document) if not change.is_breaking]
    is_up_to_date = document == REVIEWED
    assert is_up_to_date, "\n".join(["Update the snapshot with `make openapi`:", *added])


def test_every_schema_has_a_name_of_its_own() -> None:
    # Two of one name overwrite each other in the document, and one of two answers is described wrongly.
    def all_of(kind: type[Schema]) -> Iterator[type[Schema]]:
        for inner in kind.__subclasses__():
            yield inner
            yield from all_of(inner)

    assert api.get_openapi_schema()
    ours = ("accounts.", "generation.", "provenance.", "config.")
    names = Counter(kind.__name__ for kind in set(all_of(Schema)) if kind.__module__.startswith(ours))
    assert [name for name, count in names.items() if count > 1] == []


Document = dict[str, Any]
Spoil = Callable[[Document], object]


def schema(document: Document, name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def rename(document: Document, name: str, old: str, new: str) -> None:
    properties = schema(document, name)["properties"]
    properties[new] = properties.pop(old)
    required = schema(document, name)["required"]
    required[required.index(old)] = new


def operation(document: Document, method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def changed(spoil: Spoil) -> list[Change]:
    document = copy.deepcopy(REVIEWED)
    spoil(document)
    return changes(REVIEWED, document)


BREAKING: dict[str, tuple[Spoil, str]] = {
    "a field is renamed": (
        lambda doc: rename(doc, "RenditionOut", "fps", "frames_per_second"),
        f"{RENDITION} fps: number -> gone",
    ),
    "a field is deleted": (
        lambda doc: schema(doc, "RenditionOut")["properties"].pop("height"),
        f"{RENDITION} height: integer -> gone",
    ),
    "a field changes its type": (
        lambda doc: schema(doc, "RenditionOut")["properties"]["width"].update(type="string"),
        f"{RENDITION} width: integer -> text",
    ),
    "a field inside a field is deleted": (
        lambda doc: schema(doc, "ErrorRateOut")["properties"].pop("false_match"),
        "POST /v1/verify, answer 200, field error_rate.false_match: number or null -> gone",
    ),
    "a field in a tree is deleted": (
        lambda doc: schema(doc, "ManifestNodeOut")["properties"].pop("signer"),
        "POST /v1/verify, answer 200, field credentials.tree.signer: text or null -> gone",
    ),
    "a field of a list's items changes its type": (
        lambda doc: schema(doc, "VerdictReasonOut")["properties"]["finding"].update(type="integer"),
        "POST /v1/verify, answer 200, field reasons[].finding: text -> integer",
    ),
    "a field may be missing now": (
        lambda doc: schema(doc, "VerdictOut")["required"].remove("headline"),
        "POST /v1/verify, answer 200, field headline: required -> optional",
    ),
    "a field may be null now": (
        lambda doc: schema(doc, "VerdictOut")["properties"].update(
            headline={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        "POST /v1/verify, answer 200, field headline: text -> text or null",
    ),
    "a value is dropped": (
        lambda doc: schema(doc, "VerdictOut")["properties"]["verdict"]["enum"].remove("ours_intact"),
        'POST /v1/verify, answer 200, field verdict, value "ours_intact": there -> gone',
    ),
    "a path is removed": (
        lambda doc: doc["paths"].pop("/v1/jobs/{job_id}"),
        "GET /v1/jobs/{job_id}: there -> gone",
    ),
    "a method is removed": (
        lambda doc: doc["paths"]["/v1/jobs"].pop("get"),
        "GET /v1/jobs: there -> gone",
    ),
    "a status is removed": (
        lambda doc: operation(doc, "post", "/v1/verify")["responses"].pop("202"),
        "POST /v1/verify, answer 202: there -> gone",
    ),
    "a call asks for a key now": (
        lambda doc: operation(doc, "post", "/v1/verify").update(security=[{"KeyAuth": []}]),
        "POST /v1/verify: open to everybody -> asks for a key",
    ),
    "a request needs one field more": (
        lambda doc: (
            schema(doc, "SoftBindingQuery")["properties"].update(region={"type": "string"}),
            schema(doc, "SoftBindingQuery")["required"].append("region"),
        ),
        "POST /v1/matches/byBinding, request, field region: not there -> text, required",
    ),
    "a request takes one field less": (
        lambda doc: schema(doc, "SoftBindingQuery")["properties"].pop("alg"),
        "POST /v1/matches/byBinding, request, field alg: text -> gone",
    ),
    "a parameter is required now": (
        lambda doc: operation(doc, "get", "/v1/log/entries")["parameters"][0].update(required=True),
        "GET /v1/log/entries, query parameter after: optional -> required",
    ),
    "a parameter is gone": (
        lambda doc: operation(doc, "get", "/v1/log/entries")["parameters"].pop(0),
        "GET /v1/log/entries, query parameter after: there -> gone",
    ),
    "a parameter takes less": (
        lambda doc: operation(doc, "get", "/v1/log/entries")["parameters"][1]["schema"].update(maximum=10),
        "GET /v1/log/entries, query parameter limit: maximum 1000 -> maximum 10",
    ),
    "another kind of body is asked for": (
        lambda doc: operation(doc, "post", "/v1/verify")["requestBody"]["content"].pop("multipart/form-data"),
        "POST /v1/verify, request, multipart/form-data: there -> gone",
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_it_says_what_would_break(name: str) -> None:
    spoil, words = BREAKING[name]
    assert words in [str(change) for change in changed(spoil) if change.is_breaking]


ADDITIONS: dict[str, tuple[Spoil, str]] = {
    "an answer says more": (
        lambda doc: schema(doc, "RenditionOut")["properties"].update(codec={"type": "string"}),
        f"{RENDITION} codec: not there -> text",
    ),
    "an answer has one value more": (
        lambda doc: schema(doc, "VerdictOut")["properties"]["verdict"]["enum"].append("new"),
        'POST /v1/verify, answer 200, field verdict, value "new": not there -> there',
    ),
    "a request may say more": (
        lambda doc: schema(doc, "SoftBindingQuery")["properties"].update(region={"type": "string"}),
        "POST /v1/matches/byBinding, request, field region: not there -> text",
    ),
    "a request need not say as much": (
        lambda doc: schema(doc, "SoftBindingQuery")["required"].remove("alg"),
        "POST /v1/matches/byBinding, request, field alg: required -> optional",
    ),
    "a parameter takes more": (
        lambda doc: operation(doc, "get", "/v1/log/entries")["parameters"][1]["schema"].update(maximum=5000),
        "GET /v1/log/entries, query parameter limit: maximum 1000 -> maximum 5000",
    ),
    "there is one path more": (
        lambda doc: doc["paths"].update({"/v1/new": {"get": {"responses": {}}}}),
        "GET /v1/new: not there -> there",
    ),
    "there is one status more": (
        lambda doc: operation(doc, "post", "/v1/verify")["responses"].update({"299": {}}),
        "POST /v1/verify, answer 299: not there -> there",
    ),
}


@pytest.mark.parametrize("name", ADDITIONS)
def test_it_says_what_was_added_and_breaks_nothing(name: str) -> None:
    spoil, words = ADDITIONS[name]
    found = changed(spoil)
    assert words in [str(change) for change in found]
    assert not any(change.is_breaking for change in found)


def test_other_words_and_other_names_of_schemas_change_nothing() -> None:
    def reword(document: Document) -> None:
        document["components"]["schemas"]["Judgement"] = document["components"]["schemas"].pop("VerdictOut")
        operation(document, "post", "/v1/verify")["summary"] = "In other words"
        for status in ("200", "202"):
            answer = operation(document, "post", "/v1/verify")["responses"][status]
            content = answer["content"]["application/json"]["schema"]
            content["$ref"] = content["$ref"].replace("VerdictOut", "Judgement")
        verdict = schema(document, "VerificationOut")["properties"]["verdict"]
        verdict["anyOf"][0]["$ref"] = "#/components/schemas/Judgement"

    assert changed(reword) == []


def test_what_breaks_callers_is_not_written_by_mistake(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr("tests.contracts.write_openapi.SNAPSHOT", tmp_path / "openapi.json")
    assert main([]) == 0
    document = copy.deepcopy(served())
    del document["paths"]["/v1/verify"]
    monkeypatch.setattr("tests.contracts.write_openapi.served", lambda: document)
    assert main([]) == 1
    assert "breaks: POST /v1/verify: there -> gone" in capsys.readouterr().out
    assert main(["--breaking"]) == 0
    assert main([]) == 0
