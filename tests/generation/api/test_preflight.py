from __future__ import annotations

import pytest
from django.test import Client
from PIL import Image

from accounts.models import Partner, Scope
from generation.models import DrivingAudio, Portrait
from tests.generation.api.calls import api_without, problem, upload
from tests.generation.intake.files import PORTRAIT, marked, portrait, saved, speech, wav


@pytest.mark.slow
def test_it_says_that_both_inputs_would_be_taken(api_a: Client) -> None:
    files = {
        "portrait": upload("a.jpg", PORTRAIT.read_bytes()),
        "driving_audio": upload("a.wav", wav(speech(1))),
    }
    body = api_a.post("/v1/preflight", files).json()
    assert body["ok"] is True
    assert body["portrait"] == {"ok": True, "problem": None, "warnings": [], "found": "JPEG"}
    assert body["driving_audio"]["ok"] is True
    assert body["driving_audio"]["found"] == "WAV (pcm_s16le)"
    assert not Portrait.objects.exists()
    assert not DrivingAudio.objects.exists()


@pytest.mark.slow
def test_it_says_what_is_wrong_with_each(api_a: Client) -> None:
    files = {
        "portrait": upload("a.png", saved(Image.new("RGB", (400, 400)), "PNG")),
        "driving_audio": upload("a.wav", wav(speech(0.3))),
    }
    body = api_a.post("/v1/preflight", files).json()
    assert body["ok"] is False
    assert body["portrait"]["problem"]["code"] == "no_face"
    assert body["driving_audio"]["problem"]["code"] == "audio_too_short"
    assert body["driving_audio"]["problem"]["hint"]


def test_it_takes_ids(api_a: Client, amara: Portrait, recording: DrivingAudio) -> None:
    body = api_a.post("/v1/preflight", {"portrait_id": amara.id, "driving_audio_id": recording.id}).json()
    assert body["ok"] is True


@pytest.mark.slow
def test_it_says_that_the_manifest_will_call_the_portrait_generated(api_a: Client, amara: Portrait) -> None:
    file = upload("a.png", saved(marked(portrait(512), "FLUX"), "PNG"))
    body = api_a.post("/v1/preflight", {"portrait": file}).json()
    assert body["portrait"]["ok"] is True
    assert [item["code"] for item in body["portrait"]["warnings"]] == ["portrait_generated"]


def test_it_goes_on_saying_so_of_a_stored_portrait_that_was_made_smaller(
    api_a: Client, amara: Portrait
) -> None:
    amara.warnings = [{"code": "portrait_generated", "message": "The picture carries a mark."}]
    amara.save()
    body = api_a.post("/v1/preflight", {"portrait_id": amara.id}).json()
    (warning,) = body["portrait"]["warnings"]
    assert (warning["code"], warning["message"]) == ("portrait_generated", "The picture carries a mark.")


def test_it_takes_one_input(api_a: Client) -> None:
    body = api_a.post("/v1/preflight", {"driving_audio": upload("a.wav", wav(speech(1)))}).json()
    assert body["portrait"] is None
    assert body["ok"] is True


def test_another_partners_inputs_do_not_exist(
    api_b: Client, amara: Portrait, recording: DrivingAudio
) -> None:
    problem(api_b.post("/v1/preflight", {"portrait_id": amara.id}), 404, "not_found")
    problem(api_b.post("/v1/preflight", {"driving_audio_id": recording.id}), 404, "not_found")


def test_it_needs_something_to_look_at(api_a: Client, amara: Portrait) -> None:
    problem(api_a.post("/v1/preflight"), 422, "invalid_input")
    both = {"portrait": upload("a.jpg", b"x"), "portrait_id": amara.id}
    problem(api_a.post("/v1/preflight", both), 422, "invalid_input")


def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner) -> None:
    problem(vera.post("/v1/preflight"), 401, "key_missing")
    problem(api_without(partner_a, Scope.JOBS).post("/v1/preflight"), 403, "scope_missing")
