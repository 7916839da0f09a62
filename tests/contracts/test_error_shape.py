"""Every refusal of every route of the API is a problem document (RFC 9457) with code, sentence and hint."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from openapi_spec_validator import validate

from config.api import api
from tests.contracts.write_openapi import reviewed

pytestmark = pytest.mark.django_db


def operations() -> list[tuple[str, str]]:
    """Of the reviewed description; test_openapi_snapshot.py shows that it is the one of the code."""
    return [(method, path) for path, methods in reviewed()["paths"].items() for method in methods]


def needs_key(method: str, path: str) -> bool:
    return bool(api.get_openapi_schema()["paths"][path][method].get("security"))


@pytest.mark.parametrize(("method", "path"), operations())
def test_it_answers_a_stranger_with_a_problem_document(method, path):
    url = re.sub(r"\{[^}]+\}", "nothing_here", path)
    answer = getattr(Client(), method)(url)
    if answer.status_code < 400:
        assert not needs_key(method, path)
        return
    assert answer["Content-Type"] == "application/problem+json"
    if method == "head":  # an answer to it has no body
        assert (answer.status_code, answer.content) == (401, b"")
        return
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:likeness:problem:{problem['code']}"
    assert problem["title"].endswith((".", "?"))
    assert problem["hint"]
    if needs_key(method, path):
        assert (answer.status_code, problem["code"]) == (401, "key_missing")


@pytest.mark.slow
def test_it_describes_itself_in_openapi_3_1():
    schema = api.get_openapi_schema()
    assert schema["openapi"].startswith("3.1")
    validate(json.loads(json.dumps(schema, default=str)))


def test_it_answers_a_wrong_method_with_a_problem_document():
    answer = Client().delete("/v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer["Allow"]


def test_it_answers_an_unknown_path_with_a_problem_document():
    answer = Client().get("/v1/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_it_leaves_pages_as_pages():
    assert Client().get("/nothing/here")["Content-Type"].startswith("text/html")
