"""A small set of generated requests; the large ones are a command (benchmarks.load.generated_requests)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from benchmarks.load.generated_requests import a_partner_at_work, send_next
from tests.contracts.generated_requests import Call, Judge, Request, Requests
from tests.contracts.write_openapi import served

pytestmark = pytest.mark.django_db


def test_every_generated_request_gets_an_answer_that_is_described(tmp_path: Path) -> None:
    document = served()
    requests = Requests(document, seed=0, **a_partner_at_work(tmp_path))
    judge, client = Judge(document), Client(raise_request_exception=False)
    answers = [send_next(client, requests, judge) for _ in range(250)]
    assert [complaint for _, complaint in answers if complaint] == []
    assert {200, 400, 401, 403, 404, 405, 422} <= {status for status, _ in answers}


def test_what_is_not_described_is_named() -> None:
    content = {"application/json": {"schema": {"type": "object", "required": ["id"]}}}
    call = Call("get", "/v1/x", {"responses": {"200": {"content": content}}})
    request = Request(call, "get", "/v1/x", {}, b"", "")
    judge = Judge({"components": {}})

    def said(status: int, media_type: str, body: bytes) -> str | None:
        return judge.complaint(request, status=status, media_type=media_type, body=body)

    assert said(200, "application/json", b'{"id": 1}') is None
    assert said(200, "application/json; charset=utf-8", b"{}") == "200: $ 'id' is a required property"
    assert said(200, "text/html", b"x") == "200 as text/html, described is application/json"
    assert said(500, "application/json", b"{}") == "500"
    head = Request(call, "head", "/v1/x", {}, b"", "")
    assert judge.complaint(head, status=200, media_type="application/json", body=b"") is None
