"""The page about the API shows every call, with programs that can be run as they stand."""

from __future__ import annotations

import ast
import json
import shlex
from typing import Any

import pytest
from django.test import Client

from config.api import api
from config.openapi.reference import Operation, reference

SERVER = "https://your.host"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Operation]:
    return [one for _, group in reference(document, SERVER) for one in group]


def test_every_call_is_there(operations: list[Operation], document: dict[str, Any]) -> None:
    known = {(method.upper(), path) for path, calls in document["paths"].items() for method in calls}
    assert {(one.call.method, one.call.path) for one in operations} == known


def test_samples_and_portraits_come_first(document: dict[str, Any]) -> None:
    assert [name for name, _ in reference(document, SERVER)][:2] == ["samples", "portraits"]


def test_each_program_is_whole(operations: list[Operation]) -> None:
    for one in operations:
        address = f"{SERVER}{one.call.address}"
        assert "{" not in address, one.name
        words = shlex.split(one.snippets["curl"].replace("\\\n", ""))
        assert words[0] == "curl"
        assert words[-1] == address
        called = ast.parse(one.snippets["python"])
        assert any(isinstance(node, ast.Call) for node in ast.walk(called))
        for language in ("python", "typescript"):
            assert address in one.snippets[language], (one.name, language)
            assert ("LIKENESS_API_KEY" in one.snippets[language]) == one.call.needs_key


def test_a_body_is_the_documents_example(operations: list[Operation]) -> None:
    (create,) = [one for one in operations if one.name == "create_job"]
    assert json.loads(create.call.body_text)["controls"] == {"emotion": "happy"}
    assert "-d '" in create.snippets["curl"]


def test_a_file_is_sent_as_a_file(operations: list[Operation]) -> None:
    (upload,) = [one for one in operations if one.name == "create_portrait"]
    assert "-F file=@" in upload.snippets["curl"]
    assert "-F subject_id=SUBJECT_ID" in upload.snippets["curl"]


def test_a_search_finds_refusals_and_parameters(operations: list[Operation]) -> None:
    (create,) = [one for one in operations if one.name == "create_job"]
    for word in ("consent_missing", "dry_run", "submit", "post"):
        assert word in create.words


@pytest.mark.django_db
def test_the_page_shows_them_without_script(client: Client) -> None:
    page = client.get("/docs/api/").content.decode()
    assert page.count('class="operation"') == page.count('class="snippet snippet-typescript"') > 50
    assert 'id="in-python"' in page
