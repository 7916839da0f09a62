from __future__ import annotations

import numpy as np
import pytest
from django.test import Client

from accounts.models import Partner, Scope
from generation.models import DrivingAudio
from tests.generation.api.calls import api_without, problem, upload
from tests.generation.intake.files import encoded, speech, tone, wav


def post(client: Client, name: str, data: bytes, content_type: str = "application/octet-stream"):
    return client.post("/v1/driving-audio", {"file": upload(name, data, content_type)})


@pytest.mark.slow
def test_it_takes_speech(api_a: Client) -> None:
    response = post(api_a, "speech.mp3", encoded(speech(2), "mp3", "libmp3lame"), "audio/mpeg")
    assert response.status_code == 201
    body = response.json()
    assert body["id"].startswith("aud_")
    assert body["sample_rate"] == 48_000
    assert body["duration_s"] == pytest.approx(2, abs=0.1)


@pytest.mark.slow
def test_the_same_sound_again_is_the_same_driving_audio(api_a: Client) -> None:
    first, second = (post(api_a, "a.wav", wav(speech(1))) for _ in range(2))
    assert first.json() == second.json()
    assert DrivingAudio.objects.count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.wav", b"", "file_empty"),
        ("a.wav", b"only text\n" * 20, "file_type_mismatch"),
        ("a.wav", wav(speech(1))[:9000], "audio_damaged"),
        ("a.wav", wav(speech(0.4)), "audio_too_short"),
        ("a.wav", wav(np.zeros(24_000)), "audio_silent"),
        ("a.wav", wav(tone()), "audio_without_speech"),
    ],
    ids=["empty", "text", "truncated", "too short", "silent", "a tone"],
)
def test_it_refuses_garbage(api_a: Client, name: str, data: bytes, code: str) -> None:
    problem(post(api_a, name, data), 422, code)
    assert not DrivingAudio.objects.exists()


def test_it_lists_and_reads(api_a: Client, recording: DrivingAudio) -> None:
    assert api_a.get("/v1/driving-audio").json()["items"][0]["id"] == recording.id
    assert api_a.get(f"/v1/driving-audio/{recording.id}").json()["sha256"] == recording.sha256


def test_another_partners_audio_does_not_exist(api_b: Client, recording: DrivingAudio) -> None:
    problem(api_b.get(f"/v1/driving-audio/{recording.id}"), 404, "not_found")
    assert api_b.get("/v1/driving-audio").json() == {"items": [], "count": 0, "next_cursor": None}


def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner, recording: DrivingAudio) -> None:
    without = api_without(partner_a, Scope.AUDIO)
    for address in ("/v1/driving-audio", f"/v1/driving-audio/{recording.id}"):
        problem(vera.get(address), 401, "key_missing")
        problem(without.get(address), 403, "scope_missing")
    problem(post(vera, "a.wav", b"x"), 401, "key_missing")
    problem(post(without, "a.wav", b"x"), 403, "scope_missing")
