from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Partner, Scope
from accounts.services import consent as consents
from generation import storage
from generation.models import Job, Rendition
from tests.generation.api.calls import api_without, problem
from tests.generation.conftest import BROKEN_PIXELS, GOOD_PIXELS, put_into_state, seal


@pytest.fixture
def content(released: Rendition) -> bytes:
    with storage.open_file(released.file_key) as file:
        return file.read()


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def download(client: Client, rendition: Rendition, **headers: str):
    return client.get(f"/v1/renditions/{rendition.id}/file", headers=headers)


@pytest.mark.slow
def test_it_reads_a_rendition(api_a: Client, released: Rendition) -> None:
    body = api_a.get(f"/v1/renditions/{released.id}").json()
    assert (body["state"], body["sha256"], body["job_id"]) == ("released", released.sha256, released.job_id)


@pytest.mark.slow
def test_it_reads_the_pixel_report(api_a: Client, released: Rendition) -> None:
    body = api_a.get(f"/v1/renditions/{released.id}").json()
    assert body["pixel_report"] == GOOD_PIXELS
    assert body["warnings"] == []


def test_low_quality_is_a_warning(api_a: Client, job: Job, tmp_path: Path) -> None:
    rendition = seal(job, tmp_path, BROKEN_PIXELS)
    body = api_a.get(f"/v1/renditions/{rendition.id}").json()
    assert body["pixel_report"]["findings"] == ["lips_stay_open", "torn"]
    (warning,) = body["warnings"]
    assert warning["code"] == "quality_low"
    assert "lips do not close" in warning["message"]
    assert warning["hint"]


def test_a_rendition_from_before_there_were_reports_has_none(api_a: Client, released: Rendition) -> None:
    Rendition.objects.update(pixel_report=None)
    body = api_a.get(f"/v1/renditions/{released.id}").json()
    assert (body["pixel_report"], body["warnings"]) == (None, [])


@pytest.mark.slow
def test_it_downloads_a_released_video(api_a: Client, released: Rendition, content: bytes) -> None:
    response = download(api_a, released)
    assert response.status_code == 200
    assert body_of(response) == content
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["Content-Disposition"] == f'attachment; filename="{released.id}.mp4"'
    assert response.headers["ETag"] == f'"{released.sha256}"'
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.slow
def test_it_tells_the_length_without_the_video(api_a: Client, released: Rendition, content: bytes) -> None:
    response = api_a.head(f"/v1/renditions/{released.id}/file")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.content == b""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
        ("bytes=5000-999999", slice(5000, None)),
    ],
)
def test_it_gives_a_part(
    api_a: Client, released: Rendition, content: bytes, wanted: str, part: slice
) -> None:
    response = download(api_a, released, Range=wanted)
    start, end, _ = part.indices(len(content))
    assert response.status_code == 206
    assert body_of(response) == content[part]
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(content)}"


@pytest.mark.slow
@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=9-3", "bytes=-0"])
def test_it_says_when_there_is_no_such_part(
    api_a: Client, released: Rendition, content: bytes, wanted: str
) -> None:
    response = download(api_a, released, Range=wanted)
    assert (response.status_code, response.json()["code"]) == (416, "range_not_satisfiable")
    assert response.headers["Content-Range"] == f"bytes */{len(content)}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,5-6"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=-"},
        {"Range": "bytes=0-" + "9" * 5000},
    ],
)
def test_it_gives_the_whole_for_ranges_it_does_not_know(
    api_a: Client, released: Rendition, content: bytes, headers: dict[str, str]
) -> None:
    response = download(api_a, released, **headers)
    assert (response.status_code, body_of(response)) == (200, content)


@pytest.mark.slow
def test_a_part_of_another_version_is_the_whole(api_a: Client, released: Rendition, content: bytes) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert body_of(download(api_a, released, **headers)) == content
    headers["If-Range"] = f'"{released.sha256}"'
    assert body_of(download(api_a, released, **headers)) == content[:10]


@pytest.mark.slow
def test_it_does_not_give_away_what_waits_for_review(api_a: Client, waiting: Rendition) -> None:
    problem(download(api_a, waiting), 409, "not_released")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["rejected", "revoked"])
def test_it_does_not_give_away_what_was_taken_back(api_a: Client, released: Rendition, state: str) -> None:
    put_into_state(state, reason_code="misuse")
    problem(download(api_a, released), 409, "not_released")


@pytest.mark.slow
def test_withdrawal_ends_downloads(
    api_a: Client, released: Rendition, answer: consents.GrantedConsent
) -> None:
    consents.withdraw(answer.withdraw_token)
    problem(download(api_a, released), 409, "not_released")
    assert api_a.get(f"/v1/renditions/{released.id}").json()["failure"]["code"] == "consent_withdrawn"


@pytest.mark.slow
def test_another_partners_rendition_does_not_exist(api_b: Client, released: Rendition) -> None:
    problem(api_b.get(f"/v1/renditions/{released.id}"), 404, "not_found")
    problem(download(api_b, released), 404, "not_found")


@pytest.mark.slow
def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner, released: Rendition) -> None:
    without = api_without(partner_a, Scope.RENDITIONS)
    for address in (f"/v1/renditions/{released.id}", f"/v1/renditions/{released.id}/file"):
        problem(vera.get(address), 401, "key_missing")
        problem(without.get(address), 403, "scope_missing")
