"""Every call with a key is described to the end: its refusals, and examples that fit their schemas."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from config.api import api
from config.openapi.description import examples

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
SCHEMAS = DOCUMENT["components"]["schemas"]
CALLS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]


def names(path: str, method: str) -> set[str]:
    """The schemas of the JSON that a call takes and gives."""
    operation = DOCUMENT["paths"][path][method]
    contents = [operation.get("requestBody", {}), *operation["responses"].values()]
    places = [content for one in contents for content in one.get("content", {}).values()]
    return {
        place["schema"]["$ref"].rpartition("/")[2] for place in places if "$ref" in place.get("schema", {})
    }


@pytest.mark.parametrize(("path", "method"), CALLS)
def test_its_refusals_are_problem_documents(path: str, method: str) -> None:
    responses = DOCUMENT["paths"][path][method]["responses"]
    # C2PA's own API knows no 422: what cannot be used is answered with 400 there.
    refused = {"400"} if path.startswith(("/v1/matches/", "/v1/manifests/")) else {"400", "422"}
    assert refused | {"429", "503"} <= responses.keys()
    for status, response in responses.items():
        if int(status) < 400 or "content" not in response:
            continue
        (kind,) = response["content"]
        assert kind == "application/problem+json", status
        example = response["content"][kind]["example"]
        jsonschema.validate(example, SCHEMAS["Problem"])
        assert example["status"] == int(status)


@pytest.mark.parametrize(("path", "method"), CALLS)
def test_what_partners_send_and_get_has_examples(path: str, method: str) -> None:
    if DOCUMENT["paths"][path][method].get("security"):
        assert [name for name in names(path, method) if not SCHEMAS[name].get("examples")] == []


# What is read on by an index instead (the log), and what a partner has at most five of.
OTHER_LISTS = {"/v1/log/entries", "/v1/webhooks"}


@pytest.mark.parametrize("path", [path for path, method in CALLS if method == "get"])
def test_a_list_is_read_by_cursor_in_either_order_and_of_any_time(path: str) -> None:
    lists = [name for name in names(path, "get") if "array" in str(SCHEMAS[name]["properties"].get("items"))]
    if lists and path not in OTHER_LISTS:
        assert all("next_cursor" in SCHEMAS[name]["properties"] for name in lists)
        taken = {each["name"] for each in DOCUMENT["paths"][path]["get"]["parameters"]}
        assert {"cursor", "order", "created_after", "created_before"} <= taken


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_fits_its_schema(name: str) -> None:
    whole = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole).validate(SCHEMAS[name]["examples"][0])
    assert set(SCHEMAS[name].get("required", [])) <= set(SCHEMAS[name]["examples"][0])


def test_calls_are_named_once_and_shortly() -> None:
    ids = [DOCUMENT["paths"][path][method]["operationId"] for path, method in CALLS]
    assert len(ids) == len(set(ids))
    assert "create_job" in ids
    assert "cancel_job" in ids
