from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Partner, User
from generation.models import Job, Rendition
from tests.factories import join
from tests.generation.conftest import BROKEN_PIXELS, seal


@pytest.mark.slow
def test_the_queue_shows_what_waits(rita_browser: Client, waiting: Rendition) -> None:
    page = rita_browser.get("/review/").content.decode()
    assert f"/review/renditions/{waiting.id}/" in page
    assert "Aurora Media" in page


@pytest.mark.slow
def test_the_reviewer_sees_video_and_evidence(rita_browser: Client, waiting: Rendition) -> None:
    page = rita_browser.get(f"/review/renditions/{waiting.id}/").content.decode()
    assert f'src="/review/renditions/{waiting.id}/video/"' in page
    assert waiting.job.consent.receipt_digest in page
    assert waiting.job.consent.purpose in page
    assert rita_browser.get(f"/review/renditions/{waiting.id}/video/").status_code == 200
    assert rita_browser.get(f"/review/renditions/{waiting.id}/picture/").status_code == 200


@pytest.mark.slow
def test_the_reviewer_sees_what_is_wrong_with_the_pixels(
    rita_browser: Client, alice_browser: Client, job: Job, tmp_path: Path
) -> None:
    rendition = seal(job, tmp_path, BROKEN_PIXELS)
    for page in (
        rita_browser.get(f"/review/renditions/{rendition.id}/"),
        alice_browser.get(f"/console/jobs/{job.id}/"),
    ):
        assert "quality_low" in page.content.decode()
        assert "The skin is torn" in page.content.decode()
    assert "low quality" in rita_browser.get("/review/").content.decode()


@pytest.mark.slow
def test_a_good_video_has_no_warning(rita_browser: Client, waiting: Rendition) -> None:
    page = rita_browser.get(f"/review/renditions/{waiting.id}/").content.decode()
    assert "quality_low" not in page
    assert "5 of 5" in page
    assert "low quality" not in rita_browser.get("/review/").content.decode()


@pytest.mark.slow
def test_approving_releases(rita_browser: Client, waiting: Rendition) -> None:
    response = rita_browser.post(f"/review/renditions/{waiting.id}/approve/", {"approve-note": "Good."})
    assert response.headers["Location"] == "/review/"
    assert Job.objects.get().state == "released"
    assert Rendition.objects.get().note == "Good."


@pytest.mark.slow
def test_refusing_tells_the_partner_why(
    rita_browser: Client, alice_browser: Client, waiting: Rendition
) -> None:
    form = {"refuse-reason_code": "misleading", "refuse-note": "He never said so."}
    rita_browser.post(f"/review/renditions/{waiting.id}/refuse/", form)
    assert Job.objects.get().state == "rejected"
    page = alice_browser.get(f"/console/jobs/{waiting.job_id}/").content.decode()
    assert "would mislead people" in page
    assert "He never said so." in page


@pytest.mark.slow
def test_a_refused_video_has_no_player(rita_browser: Client, waiting: Rendition) -> None:
    form = {"refuse-reason_code": "misleading", "refuse-note": "He never said so."}
    rita_browser.post(f"/review/renditions/{waiting.id}/refuse/", form)
    page = rita_browser.get(f"/review/renditions/{waiting.id}/").content.decode()
    assert "<video" not in page
    assert "closed for good" in page


@pytest.mark.slow
def test_refusing_needs_a_reason(rita_browser: Client, waiting: Rendition) -> None:
    response = rita_browser.post(f"/review/renditions/{waiting.id}/refuse/", {"refuse-note": "No."})
    assert response.status_code == 422
    assert Job.objects.get().state == "in_review"


@pytest.mark.slow
def test_revoking_a_released_video(rita_browser: Client, released: Rendition) -> None:
    form = {"revoke-reason_code": "misuse", "revoke-note": ""}
    rita_browser.post(f"/review/renditions/{released.id}/revoke/", form)
    assert Job.objects.get().state == "revoked"
    assert rita_browser.get(f"/review/renditions/{released.id}/video/").status_code == 409


@pytest.mark.slow
def test_a_decision_made_meanwhile_is_said(rita_browser: Client, released: Rendition) -> None:
    form = {"refuse-reason_code": "misleading", "refuse-note": ""}
    assert rita_browser.post(f"/review/renditions/{released.id}/refuse/", form).status_code == 409


@pytest.mark.parametrize("who", ["alice_browser", "otto_browser"])
def test_others_do_not_review(request: pytest.FixtureRequest, who: str, waiting: Rendition) -> None:
    client = request.getfixturevalue(who)
    for address in (
        "/review/",
        f"/review/renditions/{waiting.id}/",
        f"/review/renditions/{waiting.id}/video/",
    ):
        assert client.get(address).status_code == 403
    assert client.post(f"/review/renditions/{waiting.id}/approve/").status_code == 403
    assert Job.objects.get().state == "in_review"


def test_a_reviewer_does_not_see_their_own_partners_videos(
    rita_browser: Client, rita: User, partner_a: Partner, waiting: Rendition
) -> None:
    join(partner_a, rita)
    assert waiting.id not in rita_browser.get("/review/").content.decode()
    assert rita_browser.get(f"/review/renditions/{waiting.id}/").status_code == 404
    assert rita_browser.post(f"/review/renditions/{waiting.id}/approve/").status_code == 403
