from __future__ import annotations

import pytest
from django.test import Client
from PIL import Image

from accounts.models import ConsentGrant, Subject, User
from accounts.services import consent
from generation.models import DrivingAudio, Job, Portrait, Rendition
from generation.services.advance import claim, renew
from tests.factories import agree, ask_subject
from tests.generation.api.calls import upload
from tests.generation.intake.files import PORTRAIT, saved, speech, two_people, wav


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_it_shows_portraits_with_the_state_of_their_consent(
    alice_browser: Client, amara: Portrait, portrait_a: Portrait, grant: ConsentGrant, recording: DrivingAudio
) -> None:
    page = text_of(alice_browser, "/console/")
    assert "Consent granted" in page
    assert "No consent asked" in page
    assert f"/console/jobs/new/?portrait={amara.id}" in page
    assert f"/partner/portraits/{portrait_a.id}/consent/" in page
    assert recording.id in page


def test_who_said_yes_and_waits_for_a_reviewer_is_not_asked_again(
    alice_browser: Client, alice: User, portrait_a: Portrait
) -> None:
    agree(ask_subject(portrait_a, alice)[1])
    for page in ("/console/", f"/console/portraits/{portrait_a.id}/"):
        shown = text_of(alice_browser, page)
        assert "waiting for a reviewer" in shown
        assert f"/partner/portraits/{portrait_a.id}/consent/" not in shown


@pytest.mark.slow
def test_it_shows_nothing_of_another_partner(
    charlie_browser: Client, amara: Portrait, recording: DrivingAudio, released: Rendition
) -> None:
    page = text_of(charlie_browser, "/console/")
    for row in (amara, recording, released, released.job):
        assert row.id not in page
    for address in (
        f"/console/portraits/{amara.id}/picture/",
        f"/console/driving-audio/{recording.id}/sound/",
        f"/console/jobs/{released.job_id}/",
        f"/console/jobs/{released.job_id}/progress/",
        f"/console/renditions/{released.id}/video/",
    ):
        text_of(charlie_browser, address, status=404)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/console/", "/console/jobs/", "/console/jobs/new/", "/review/"])
def test_strangers_are_sent_to_sign_in(vera: Client, address: str) -> None:
    response = vera.get(address)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/account/login/")


@pytest.mark.slow
def test_a_portrait_of_somebody_new_is_uploaded(alice_browser: Client) -> None:
    form = {
        "subject": "new",
        "display_name": "Amara",
        "file": upload("a.jpg", PORTRAIT.read_bytes(), "image/jpeg"),
    }
    response = alice_browser.post("/console/portraits/new/", form)
    portrait = Portrait.objects.get()
    assert portrait.subject.display_name == "Amara"
    assert response.headers["Location"] == f"/console/portraits/{portrait.id}/"


@pytest.mark.parametrize("told", [{"display_name": "Ben"}, {"email": "ben@mail.example"}])
def test_a_portrait_of_somebody_new_is_never_filed_under_somebody_known(
    alice_browser: Client, portrait_a: Portrait, told: dict[str, str]
) -> None:
    form = {
        "subject": portrait_a.subject_id,
        **told,
        "file": upload("a.jpg", PORTRAIT.read_bytes(), "image/jpeg"),
    }
    response = alice_browser.post("/console/portraits/new/", form)
    assert "You chose a known subject and described a new one." in response.content.decode()
    assert list(Portrait.objects.all()) == [portrait_a]


def test_unless_one_chooses_a_portrait_is_of_somebody_new(
    alice_browser: Client, portrait_a: Portrait
) -> None:
    page = text_of(alice_browser, "/console/portraits/new/")
    assert page.index("Somebody new") < page.index(portrait_a.subject.display_name)


@pytest.mark.slow
def test_a_refused_picture_says_why_and_leaves_nothing_behind(alice_browser: Client) -> None:
    grey = upload("a.png", saved(Image.new("RGB", (400, 400)), "PNG"), "image/png")
    form = {"subject": "new", "display_name": "Nobody", "file": grey}
    response = alice_browser.post("/console/portraits/new/", form)
    assert response.status_code == 422
    assert "No face was found" in response.content.decode()
    assert not Subject.objects.exists()


@pytest.mark.slow
def test_a_recording_is_uploaded(alice_browser: Client) -> None:
    form = {"file": upload("a.wav", wav(speech(1)), "audio/wav"), "voice": "own"}
    assert alice_browser.post("/console/driving-audio/new/", form).status_code == 302
    assert DrivingAudio.objects.count() == 1


@pytest.mark.slow
def test_a_job_is_submitted(bob_browser: Client, amara: Portrait, recording: DrivingAudio, grant) -> None:
    page = text_of(bob_browser, "/console/jobs/new/")
    assert amara.id in page
    form = {
        "portrait": amara.id,
        "driving_audio": recording.id,
        "emotion": "happy",
        "gaze_yaw": "-4.5",
        "gaze_pitch": "0",
        "head_distance": "1",
        "emotion_intensity": "0.5",
        "style": "calm",
        "valence": "0.5",
        "arousal": "0.8",
        "expressiveness": "1",
        "head_motion": "1",
        "blinks_per_minute": "16",
        "listening": "on",
        "aspect": "9:16",
        "size": "360",
        "fps": "30",
        "fill": "colour",
        "fill_colour": "#123456",
        "label_preset": "korea",
        "label_language": "preset",
        "label_place": "bottom_left",
    }
    response = bob_browser.post("/console/jobs/new/", form)
    job = Job.objects.get()
    assert response.headers["Location"] == f"/console/jobs/{job.id}/"
    assert (job.controls["emotion"], job.controls["gaze_yaw"]) == ("happy", -4.5)
    assert (job.controls["style"], job.controls["arousal"]) == ("calm", 0.8)
    assert job.controls["listening"] == 1
    assert job.video == {"aspect": "9:16", "size": 360, "fps": 30, "fill": "#123456"}
    assert (job.disclosure["preset"], job.disclosure["language"]) == ("korea", "ko")
    assert job.disclosure["place"] == "bottom_left"
    assert "Tall (9:16)" in text_of(bob_browser, f"/console/jobs/{job.id}/")
    assert "another&#x27;s voice" in text_of(bob_browser, f"/console/jobs/{job.id}/")


def test_a_portrait_without_consent_is_not_offered(
    alice_browser: Client, portrait_a: Portrait, recording: DrivingAudio
) -> None:
    assert portrait_a.id not in text_of(alice_browser, "/console/jobs/new/")
    form = {"portrait": portrait_a.id, "driving_audio": recording.id, "emotion": "neutral"}
    assert alice_browser.post("/console/jobs/new/", form).status_code == 422
    assert not Job.objects.exists()


@pytest.mark.slow
def test_the_job_page_asks_for_progress_until_the_job_ends(
    alice_browser: Client, job: Job, alice, grant: ConsentGrant
) -> None:
    lease = claim(job_id=job.id)
    assert lease is not None
    renew(lease=lease, frames_done=6)
    page = text_of(alice_browser, f"/console/jobs/{job.id}/")
    assert f'hx-get="/console/jobs/{job.id}/progress/"' in page
    assert "http-equiv" in page  # also without script
    part = text_of(alice_browser, f"/console/jobs/{job.id}/progress/")
    assert "6 of 15 frames" in part
    assert "<html" not in part
    alice_browser.post(f"/console/jobs/{job.id}/cancel/")
    response = alice_browser.get(f"/console/jobs/{job.id}/progress/")
    assert response.headers["HX-Refresh"] == "true"
    page = text_of(alice_browser, f"/console/jobs/{job.id}/")
    assert "hx-get" not in page
    assert "The job was cancelled." in page


@pytest.mark.slow
def test_a_released_video_plays_and_downloads(alice_browser: Client, released: Rendition) -> None:
    page = text_of(alice_browser, f"/console/jobs/{released.job_id}/")
    address = f"/console/renditions/{released.id}/video/"
    assert f'src="{address}"' in page
    played = alice_browser.get(address, headers={"Range": "bytes=0-9"})
    assert played.status_code == 206
    assert played.headers["Content-Disposition"].startswith("inline")
    kept = alice_browser.get(address + "?download")
    assert kept.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.slow
def test_a_video_in_review_cannot_be_watched_by_the_partner(
    alice_browser: Client, waiting: Rendition
) -> None:
    assert "<video" not in text_of(alice_browser, f"/console/jobs/{waiting.job_id}/")
    text_of(alice_browser, f"/console/renditions/{waiting.id}/video/", status=409)


@pytest.mark.slow
def test_the_partner_revokes_a_video(alice_browser: Client, released: Rendition) -> None:
    alice_browser.post(f"/console/renditions/{released.id}/revoke/")
    assert Job.objects.get().state == "revoked"
    assert "revoked the video" in text_of(alice_browser, f"/console/jobs/{released.job_id}/")


@pytest.mark.parametrize("address", ["cancel", "progress"])
def test_changes_are_made_by_post_only(alice_browser: Client, job: Job, address: str) -> None:
    wrong = alice_browser.get if address == "cancel" else alice_browser.post
    assert wrong(f"/console/jobs/{job.id}/{address}/").status_code == 405


@pytest.mark.slow
def test_a_refused_picture_is_shown_with_the_place_marked(alice_browser: Client) -> None:
    form = {
        "subject": "new",
        "display_name": "One of them",
        "file": upload("pair.png", saved(two_people(), "PNG"), "image/png"),
    }
    whole = alice_browser.post("/console/portraits/new/", form).content.decode()
    assert 'href="data:image/jpeg;base64,' in whole
    assert whole.count('name="face_box"') == 2
    assert "Choose the file once more" in whole
    assert not Subject.objects.exists()


def test_the_places_of_warnings_are_drawn_on_the_portraits_page(
    alice_browser: Client, amara: Portrait
) -> None:
    place = {"what": "mouth", "box": [10, 20.5, 30, 40], "polygon": [[10, 20.5], [40, 60.5]]}
    details = {"picture": {}, "places": [place]}
    words = {"code": "teeth_showing", "message": "The teeth can be seen.", "hint": "Close it."}
    amara.warnings = [{**words, "details": details}, {"code": "beard", "message": "From before."}]
    amara.save()
    page = text_of(alice_browser, f"/console/portraits/{amara.id}/")
    assert 'points="10.0,20.5 40.0,60.5"' in page
    assert "Close it." in page
    assert "From before." in page
    assert "Taken in before there were stills" in page


def test_what_was_withdrawn_is_said_where_the_portrait_and_its_job_are(
    alice_browser: Client, job: Job, answer: consent.GrantedConsent
) -> None:
    again = f"?again={job.id}"
    job_page, portrait_page = f"/console/jobs/{job.id}/", f"/console/portraits/{job.portrait_id}/"
    consent.withdraw(answer.withdraw_token)

    assert again not in alice_browser.get(job_page).content.decode()
    text = alice_browser.get(portrait_page).content.decode()
    assert "Consent withdrawn" in text
    assert "Ask for consent" in text
