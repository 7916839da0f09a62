"""While the log stands still nothing new is accepted, and each refusal has the code of the log."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.keys.log_mark import log_mark_file
from provenance.services.log import LogStandsStill
from tests.factories import ask_subject, png, say_yes

pytestmark = pytest.mark.django_db


def lose_the_mark() -> None:
    log_mark_file().unlink()


def test_a_job_is_not_accepted(api_a: Client, amara, recording, grant):
    lose_the_mark()
    order = {"portrait_id": amara.id, "driving_audio_id": recording.id}
    answer = api_a.post("/v1/jobs", order, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "log_damaged")


def test_an_upload_is_not_accepted(api_a: Client, portrait_a):
    lose_the_mark()
    file = SimpleUploadedFile("a.png", png(), "image/png")
    answer = api_a.post("/v1/portraits", {"subject_id": portrait_a.subject_id, "file": file})
    assert (answer.status_code, answer.json()["code"]) == (503, "log_damaged")


def test_an_answer_to_a_consent_request_is_not_accepted(vera: Client, portrait_a, alice):
    consent, token = ask_subject(portrait_a, alice)
    lose_the_mark()
    assert vera.post(f"/consent/{token}/", {"answer": "decline"}).status_code == 503
    with pytest.raises(LogStandsStill):
        say_yes(token)
    consent.refresh_from_db()
    assert consent.state == "requested"
