"""Files that arrive in pieces: they go on where they broke off, are used once, and are nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Partner, Scope
from generation import storage
from generation.models import ResumableUpload
from generation.services.erasure.strays import find_strays
from generation.services.resumable import uploading
from tests.generation.api.calls import api_without, problem
from tests.generation.intake.files import speech, wav
from tests.generation.motion_tracks.test_motion_tracks import REFERENCE, nodding

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = 20_000


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a few kilobytes, so that a second of speech has some."""
    monkeypatch.setattr(uploading, "LEAST_PIECE_BYTES", 1000)


def begin(client: Client, length: int, **headers: str) -> str:
    answer = client.post("/v1/uploads", headers={**TUS, "Upload-Length": str(length), **headers})
    assert answer.status_code == 201, answer.content
    assert answer.headers["Upload-Offset"] == "0"
    return answer.headers["Location"].rpartition("/v1")[2]


def send(client: Client, upload: str, offset: int, data: bytes, **headers: str) -> Any:
    return client.patch(
        f"/v1{upload}",
        data,
        content_type=headers.pop("content_type", "application/offset+octet-stream"),
        headers={**TUS, "Upload-Offset": str(offset), **headers},
    )


def offset_of(client: Client, upload: str) -> int:
    answer = client.head(f"/v1{upload}", headers=TUS)
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def stored(upload: str) -> list[str]:
    """What the storage holds of an upload; it is shared with other tests."""
    return [file.key for file in storage.walk(f"uploads/{upload.rpartition('/')[2]}")]


@pytest.mark.slow
def test_a_recording_arrives_in_pieces_and_is_used_once(api_a: Client) -> None:
    sound = wav(speech(1))
    upload = begin(api_a, len(sound), **{"Upload-Metadata": "filename c3BlZWNoLndhdg=="})
    for start in range(0, len(sound), PIECE):
        if start:  # as a client does that was cut off
            assert offset_of(api_a, upload) == start
        assert send(api_a, upload, start, sound[start : start + PIECE]).status_code == 204
    form = {"upload_id": upload.rpartition("/")[2], "voice": "synthetic"}

    answer = api_a.post("/v1/driving-audio", form)

    assert answer.status_code == 201, answer.content
    assert answer.json()["duration_s"] == pytest.approx(1, abs=0.05)
    assert not stored(upload)
    problem(api_a.post("/v1/driving-audio", form), 404, "not_found")


def test_a_motion_track_may_be_one(api_a: Client, recording: Any) -> None:
    take = nodding().csv_text().encode()
    upload = begin(api_a, len(take), **{"Upload-Metadata": "filename Li4="})  # ".." is no name
    send(api_a, upload, 0, take)
    form = {"upload_id": upload.rpartition("/")[2], "performer_consent": REFERENCE}
    assert api_a.post(f"/v1/driving-audio/{recording.id}/motion", form).status_code == 201


def test_what_does_not_fit_is_refused_and_changes_nothing(api_a: Client) -> None:
    upload = begin(api_a, 5000)
    assert send(api_a, upload, 0, bytes(2000)).status_code == 204

    problem(send(api_a, upload, 0, bytes(2000)), 409, "upload_offset_differs")
    problem(send(api_a, upload, 2000, bytes(3001)), 413, "upload_too_large")
    problem(send(api_a, upload, 2000, bytes(10)), 422, "upload_piece_too_small")
    problem(send(api_a, upload, 2000, b"{}", content_type="text/plain"), 415, "upload_media_unsupported")
    problem(send(api_a, upload, 2000, b"{}", **{"Tus-Resumable": "0.2"}), 412, "tus_version_unknown")
    problem(api_a.post("/v1/driving-audio", {"upload_id": upload[9:]}), 409, "upload_incomplete")
    problem(api_a.post("/v1/driving-audio", {}), 422, "invalid_request")
    too_long = {**TUS, "Upload-Length": str(10**9)}
    problem(api_a.post("/v1/uploads", headers=too_long), 413, "upload_too_large")
    unreadable = {**TUS, "Upload-Length": "5", "Upload-Metadata": "filename !"}
    problem(api_a.post("/v1/uploads", headers=unreadable), 422, "invalid_input")

    assert offset_of(api_a, upload) == 2000


def test_a_refused_file_stays_for_another_try(api_a: Client) -> None:
    upload = begin(api_a, 2000)
    send(api_a, upload, 0, b"only text " * 200)
    for _ in range(2):
        form = {"upload_id": upload.rpartition("/")[2]}
        assert api_a.post("/v1/driving-audio", form).json()["code"] == "file_type_unsupported"


def test_it_is_nobody_elses_and_needs_a_key_for_files(
    api_a: Client, api_b: Client, partner_a: Partner
) -> None:
    upload = begin(api_a, 5000)
    problem(send(api_b, upload, 0, bytes(5000)), 404, "not_found")
    assert api_b.head(f"/v1{upload}", headers=TUS).status_code == 404
    assert api_b.delete(f"/v1{upload}", headers=TUS).status_code == 404
    assert Client().post("/v1/uploads", headers={**TUS, "Upload-Length": "5"}).status_code == 401
    without_one = api_without(partner_a, Scope.AUDIO)  # portraits are files too
    assert without_one.head(f"/v1{upload}", headers=TUS).status_code == 204


def test_there_are_not_too_many_and_each_ends(api_a: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_OPEN", 2)
    first, second = begin(api_a, 2000), begin(api_a, 2000)
    send(api_a, first, 0, bytes(1500))
    send(api_a, second, 0, bytes(1500))
    headers = {**TUS, "Upload-Length": "5"}
    problem(api_a.post("/v1/uploads", headers=headers), 429, "too_many_uploads")
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    ours = tuple(f"uploads/{upload.rpartition('/')[2]}/" for upload in (first, second))
    assert not [stray for stray in find_strays(tomorrow) if stray.name.startswith(ours)]

    assert api_a.delete(f"/v1{first}", headers=TUS).status_code == 204
    assert uploading.drop_expired(tomorrow) == 1

    assert not ResumableUpload.objects.exists()
    assert not stored(first)
    assert not stored(second)


def test_one_that_was_given_up_makes_room(
    api_a: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(uploading, "MOST_OPEN", 2)
    first, second = begin(api_a, 2000), begin(api_a, 2000)
    send(api_a, first, 0, bytes(1500))
    an_hour = uploading.GIVEN_UP_AFTER + timedelta(seconds=1)
    ResumableUpload.objects.update(expires_at=timezone.now() + uploading.KEPT_FOR - an_hour)
    send(api_a, second, 0, bytes(1500))  # it goes on after an hour

    with django_capture_on_commit_callbacks(execute=True):
        third = begin(api_a, 2000)

    assert api_a.head(f"/v1{first}", headers=TUS).status_code == 404
    assert not stored(first)
    assert [offset_of(api_a, upload) for upload in (second, third)] == [1500, 0]
    problem(api_a.post("/v1/uploads", headers={**TUS, "Upload-Length": "5"}), 429, "too_many_uploads")


@pytest.mark.django_db
def test_it_says_what_it_offers(client: Client) -> None:
    answer = client.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,expiration,termination"
