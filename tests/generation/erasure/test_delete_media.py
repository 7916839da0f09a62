"""DELETE of a partner's portraits, recordings and videos, by API and page."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import ConsentState
from generation.models import Job, Portrait, Rendition
from provenance.models import Record
from tests.factories import ask_subject
from tests.generation.conftest import put_into_state
from tests.generation.erasure.conftest import stored

pytestmark = pytest.mark.django_db


def places(portrait, recording) -> tuple[tuple[str, str], ...]:
    return (
        (f"/v1/portraits/{portrait.pk}", portrait.image_key),
        (f"/v1/driving-audio/{recording.pk}", recording.audio_key),
    )


def test_it_is_erased_at_once_and_a_second_time_changes_nothing(api_a: Client, amara, recording):
    for address, key in places(amara, recording):
        assert api_a.delete(address).status_code == 204
        assert key not in stored()
        assert api_a.delete(address).status_code == 204
        gone = api_a.get(address)
        assert (gone.status_code, gone.json()["code"]) == (410, "media_erased")
    assert api_a.get("/v1/portraits").json()["count"] == 0
    assert api_a.get("/v1/driving-audio").json()["count"] == 0


@pytest.mark.slow
def test_it_is_refused_while_a_job_uses_it(api_a: Client, amara, recording, waiting):
    for state in ("queued", "in_review"):
        put_into_state(state)
        for address, key in places(amara, recording):
            answer = api_a.delete(address)
            assert (answer.status_code, answer.json()["code"]) == (409, "media_in_use")
            assert key in stored()


@pytest.mark.slow
def test_after_the_job_it_goes_and_the_video_stays(api_a: Client, amara, recording, released):
    for address, _ in places(amara, recording):
        assert api_a.delete(address).status_code == 204
    assert stored() == {released.file_key}
    assert api_a.get(f"/v1/renditions/{released.pk}/file").status_code == 200


@pytest.mark.slow
def test_a_video_is_revoked_and_its_file_erased(api_a: Client, released):
    address = f"/v1/renditions/{released.pk}"
    assert api_a.delete(address).status_code == 204
    assert api_a.delete(address).status_code == 204

    answer = api_a.get(address).json()
    assert (answer["state"], answer["failure"]["code"]) == ("revoked", "partner_request")
    assert answer["erased_at"]
    gone = api_a.get(f"{address}/file")
    assert (gone.status_code, gone.json()["code"]) == (410, "media_erased")
    assert released.file_key not in stored()
    assert Record.objects.get(pk=released.pk).state == "withdrawn"


@pytest.mark.slow
def test_a_video_in_review_can_be_deleted_too(api_a: Client, waiting):
    assert api_a.delete(f"/v1/renditions/{waiting.pk}").status_code == 204
    assert Job.objects.get().state == "revoked"


@pytest.mark.slow
def test_what_is_not_theirs_is_not_there(api_b: Client, amara, recording, released):
    for kind, row in (("portraits", amara), ("driving-audio", recording), ("renditions", released)):
        assert api_b.delete(f"/v1/{kind}/{row.pk}").status_code == 404
    assert len(stored()) == 3


def test_it_takes_a_key_with_the_scope(client: Client, amara):
    assert client.delete(f"/v1/portraits/{amara.pk}").status_code == 401


def test_open_requests_end_with_the_portrait(api_a: Client, vera: Client, alice, amara):
    asked, token = ask_subject(amara, alice)
    assert api_a.delete(f"/v1/portraits/{amara.pk}").status_code == 204
    asked.refresh_from_db()
    assert asked.state == ConsentState.EXPIRED
    assert vera.get(f"/consent/{token}/").status_code == 404


def test_nothing_new_is_made_from_what_was_deleted(api_a: Client, amara, recording, grant):
    api_a.delete(f"/v1/driving-audio/{recording.pk}")
    order = {"portrait_id": amara.pk, "driving_audio_id": recording.pk}
    for address in ("/v1/jobs", "/v1/jobs?dry_run=true"):
        answer = api_a.post(address, order, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (410, "media_erased")
    assert api_a.post("/v1/preflight", {"driving_audio_id": recording.pk}).status_code == 410


def test_a_deleted_portrait_cannot_be_asked_about(api_a: Client, amara):
    api_a.delete(f"/v1/portraits/{amara.pk}")
    request = {
        "portrait_id": amara.pk,
        "basis": "other_person",
        "purpose": "x",
        "valid_until": "2100-01-01T00:00:00Z",
        "max_videos": 1,
    }
    answer = api_a.post("/v1/consents", request, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (410, "media_erased")


@pytest.mark.slow
def test_the_pages_ask_once_more_and_then_delete(alice_browser: Client, amara, recording, released):
    pages = (
        f"/console/portraits/{amara.pk}/delete/",
        f"/console/driving-audio/{recording.pk}/delete/",
        f"/console/renditions/{released.pk}/delete/",
    )
    console = alice_browser.get("/console/").content.decode()
    assert pages[0] in console
    assert pages[1] in console
    assert pages[2] in alice_browser.get(f"/console/jobs/{released.job_id}/").content.decode()
    for page in pages:
        assert "Yes, delete" in alice_browser.get(page).content.decode()
        assert alice_browser.post(page).status_code == 302
    assert stored() == set()
    text = alice_browser.get(f"/console/jobs/{released.job_id}/").content.decode()
    assert "was erased on" in text
    assert "<video" not in text
    assert all(row.erased_at for model in (Portrait, Rendition) for row in model.objects.all())


@pytest.mark.slow
def test_somebody_elses_page_is_not_there(charlie_browser: Client, amara, released):
    assert charlie_browser.post(f"/console/portraits/{amara.pk}/delete/").status_code == 404
    assert charlie_browser.post(f"/console/renditions/{released.pk}/delete/").status_code == 404
    assert len(stored()) == 3
