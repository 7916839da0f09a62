"""Every refusal of every route of the API is a problem document (RFC 9457) with code, sentence and hint."""

from __future__ import annotations

import pytest
from django.test import Client

from config.api import api

pytestmark = pytest.mark.django_db


def operations() -> list[tuple[str, str]]:
    schema = api.get_openapi_schema()
    return [(method, path) for path, methods in schema["paths"].items() for method in methods]


def needs_key(method: str, path: str) -> bool:
    return bool(api.get_openapi_schema()["paths"][path][method].get("security"))


@pytest.mark.parametrize(("method", "path"), operations())
def test_it_answers_a_stranger_with_a_problem_document(method, path):
    url = path
    for name in ("id", "index", "level"):
        url = url.replace("{" + f"{name}" + "}", "0")
    import re

    url = re.sub(r"\{[^}]+\}", "nothing_here", url)
    answer = getattr(Client(), method)(url)
    if answer.status_code < 400:
        assert not needs_key(method, path)
        return
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:likeness:problem:{problem['code']}"
    assert problem["title"].endswith((".", "?"))
    assert problem["hint"]
    if needs_key(method, path):
        assert (answer.status_code, problem["code"]) == (401, "key_missing")


def test_it_describes_itself_in_openapi_3_1():
    schema = api.get_openapi_schema()
    assert schema["openapi"].startswith("3.1")
    from openapi_spec_validator import validate

    validate(schema)
