"""A small set of generated requests; the large ones are a command (benchmarks.load.generated_requests)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Partner
from benchmarks.load.generated_requests import a_partner_at_work, send_next
from generation.models import Portrait
from tests.contracts.generated_requests import Call, Judge, Request, Requests
from tests.contracts.write_openapi import served
from tests.generation.conftest import _the_same_file_is_examined_once, stored_audio  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_every_generated_request_gets_an_answer_that_is_described(tmp_path: Path) -> None:
    document = served()
    requests = Requests(document, seed=0, **a_partner_at_work(tmp_path))
    judge, client = Judge(document), Client(raise_request_exception=False)
    answers = [send_next(client, requests, judge) for _ in range(250)]
    assert [complaint for _, complaint in answers if complaint] == []
    assert {200, 400, 401, 403, 404, 405, 422} <= {status for status, _ in answers}


def test_what_is_said_of_erased_inputs_is_described(
    api_a: Client, portrait_a: Portrait, partner_a: Partner, tmp_path: Path
) -> None:
    sound = stored_audio(partner_a, tmp_path)
    for path in (f"/v1/portraits/{portrait_a.id}", f"/v1/driving-audio/{sound.id}"):
        assert api_a.delete(path).status_code == 204
    portrait, audio = {"portrait_id": portrait_a.id}, {"driving_audio_id": sound.id}
    asked = {"basis": "other_person", "purpose": "To try it.", "max_videos": 1}
    asked |= {"valid_until": (timezone.now() + timedelta(days=9)).isoformat()}
    kind = "application/json"
    answers = {
        ("/v1/portraits/{portrait_id}", "get"): api_a.get(f"/v1/portraits/{portrait_a.id}"),
        ("/v1/driving-audio/{driving_audio_id}", "get"): api_a.get(f"/v1/driving-audio/{sound.id}"),
        ("/v1/preflight", "post"): api_a.post("/v1/preflight", audio),
        ("/v1/jobs", "post"): api_a.post("/v1/jobs", portrait | audio, content_type=kind),
        ("/v1/consents", "post"): api_a.post("/v1/consents", portrait | asked, content_type=kind),
    }
    assert {call: answer.status_code for call, answer in answers.items()} == dict.fromkeys(answers, 410)
    paths = served()["paths"]
    assert [call for call in answers if "410" not in paths[call[0]][call[1]]["responses"]] == []


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
