"""From the page with the words to the reviewer's decision; the file is encrypted, and erased with its key."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.errors import LinkAnswered, MediaErased
from accounts.live_errors import PhraseExpired, RecordingUnusable, TooManyRecordings
from accounts.models import ConsentGrant, ConsentState
from accounts.services import consent
from generation import storage
from generation.live_check.report import LiveWarning
from generation.models import LiveRecording
from generation.pages.review.recordings import SENTENCES
from generation.services.erasure.run import erase_what_is_due
from generation.services.live_check.checking import check_recording, unchecked
from generation.services.live_check.receiving import draw_phrase, receive_recording
from generation.services.live_check.sealed_files import unseal
from tests.accounts.reading import found
from tests.factories import LiveRecordingFactory, ask_subject, let_the_machine_pass, newest_mail
from tools.visitor import empty_recording


@pytest.fixture
def asked(alice, amara) -> tuple[ConsentGrant, str]:
    return ask_subject(amara, alice)


def sent(grant: ConsentGrant, data: bytes | None = None, ticket: str | None = None) -> LiveRecording:
    """A recording of a phrase that was drawn just now."""
    file = SimpleUploadedFile("recording.mp4", empty_recording() if data is None else data)
    return receive_recording(grant, ticket=ticket or draw_phrase(grant, "de").ticket, file=file, is_live=True)


def yes(grant: ConsentGrant, token: str) -> None:
    consent.send_code(token)
    consent.agree(token, code=found(r"Your code: (\d{6})", newest_mail(grant.subject.email)))


def test_it_is_stored_encrypted_and_can_be_read_with_its_key_only(asked):
    row = sent(asked[0])

    with storage.open_file(row.file_key) as file:
        assert b"ftyp" not in file.read()
    assert unseal(row) == empty_recording()
    assert (row.language, len(row.words), row.content_type) == ("de", 6, "video/mp4")


def test_a_phrase_is_good_for_one_recording_of_one_request_within_a_quarter_of_an_hour(
    asked, alice, partner_a
):
    from tests.factories import PortraitFactory

    grant, _ = asked
    ticket = draw_phrase(grant, "en").ticket
    sent(grant, ticket=ticket)
    other, _ = ask_subject(PortraitFactory(partner=partner_a), alice)

    with pytest.raises(PhraseExpired):
        sent(grant, ticket=ticket)
    with pytest.raises(PhraseExpired):
        sent(other, ticket=draw_phrase(grant, "en").ticket)
    with pytest.raises(PhraseExpired):
        sent(grant, ticket="made up")
    late = draw_phrase(grant, "en").ticket
    with time_machine.travel(timezone.now() + timedelta(minutes=16)), pytest.raises(PhraseExpired):
        sent(grant, ticket=late)


def test_a_form_that_is_sent_twice_is_taken_for_one(asked, client, mailoutbox):
    """A double tap: the second answer is the one that the browser shows."""
    grant, token = asked
    ticket, address = draw_phrase(grant, "en").ticket, f"/consent/{token}/live/"

    def send(data: bytes) -> Any:
        return client.post(address, {"ticket": ticket, "file": SimpleUploadedFile("recording.mp4", data)})

    first, again = send(empty_recording()), send(empty_recording())
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"] == f"/consent/{token}/code/"
    assert grant.recordings.count() == 1
    assert len([one for one in mailoutbox if "Your code" in one.body]) == 1
    assert send(empty_recording() + b"of another take").status_code == 410


@pytest.mark.parametrize("data", [b"", b"GIF89a and more of it"])
def test_what_is_no_video_is_refused(asked, data):
    with pytest.raises(RecordingUnusable):
        sent(asked[0], data)


def test_a_second_recording_takes_the_place_of_the_first_and_six_in_an_hour_are_enough(asked):
    grant, _ = asked
    first = sent(grant)
    for _ in range(5):
        sent(grant)

    with pytest.raises(MediaErased):
        unseal(LiveRecording.objects.get(pk=first.pk))
    assert not storage.is_stored(first.file_key)
    assert grant.recordings.filter(erasure_began_at=None).count() == 1
    with pytest.raises(TooManyRecordings):
        sent(grant)


def test_a_recording_that_arrives_after_the_yes_takes_the_place_of_none(asked):
    grant, token = asked
    row = sent(grant)
    late = draw_phrase(grant, "de").ticket
    yes(grant, token)
    stored = len(list(storage.walk("live-recordings")))

    with pytest.raises(LinkAnswered):  # its upload began before the yes
        sent(grant, ticket=late)

    assert [row.pk] == list(grant.recordings.filter(erasure_began_at=None).values_list("pk", flat=True))
    assert len(list(storage.walk("live-recordings"))) == stored


def test_a_reviewer_confirms_the_recording_that_the_page_has_shown_and_no_other(asked, rita_browser):
    grant, token = asked
    sent(grant)
    yes(grant, token)
    page = f"/review/recordings/{grant.id}/"
    let_the_machine_pass(LiveRecording.objects.all())
    form = rita_browser.get(page).content.decode()
    LiveRecordingFactory(consent=grant)  # put there meanwhile, by whoever can

    answer = rita_browser.post(
        f"{page}decide/",
        {"decision": "confirm", "recording": found(r'name="recording" value="([\w-]+)"', form)},
    )

    assert answer.status_code == 409
    grant.refresh_from_db()
    assert grant.state == ConsentState.RECORDED


@pytest.mark.slow
def test_the_machine_looks_at_it_once_and_its_warnings_reach_the_reviewer(asked, rita_browser):
    grant, token = asked
    first = sent(grant)
    row = sent(grant)  # the same bytes again
    yes(grant, token)
    page = f"/review/recordings/{grant.id}/"
    assert f'href="{page}"' in rita_browser.get("/review/consents/").content.decode()
    assert 'value="confirm"' not in rita_browser.get(page).content.decode()
    assert unchecked() == [row.pk]

    assert check_recording(row.pk)

    assert not check_recording(row.pk)
    assert not check_recording(first.pk)  # erased
    row.refresh_from_db()
    assert {"no_face", "silent", "phrase_not_heard", "seen_before"} <= set(row.warnings)
    shown = rita_browser.get(page).content.decode()
    for code in row.warnings:
        assert SENTENCES[LiveWarning(code)] in shown
    assert rita_browser.get(f"{page}video/").content == empty_recording()
    assert "no-store" in rita_browser.get(f"{page}video/").headers["Cache-Control"]


@pytest.mark.slow
def test_only_reviewers_of_others_see_it_and_only_until_it_is_decided(
    asked, rita_browser, alice_browser, vera
):
    grant, token = asked
    row = sent(grant)
    yes(grant, token)
    let_the_machine_pass(LiveRecording.objects.all())
    page = f"/review/recordings/{grant.id}/"
    for path in (page, f"{page}video/", f"{page}portrait/"):
        assert alice_browser.get(path).status_code == 403
        assert vera.get(path).status_code == 302

    answer = rita_browser.post(f"{page}decide/", {"decision": "confirm", "recording": row.pk})
    assert answer.url == "/review/consents/"

    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED
    assert json.loads(grant.receipt)["live_check"]["recording_sha256"] == row.sha256
    assert rita_browser.get(f"{page}video/").status_code == 404


@pytest.mark.slow
def test_it_is_erased_some_days_after_the_decision_and_its_digest_stays(asked, rita_browser):
    grant, token = asked
    row = sent(grant)
    yes(grant, token)
    let_the_machine_pass(LiveRecording.objects.all())
    rita_browser.post(
        f"/review/recordings/{grant.id}/decide/", {"decision": "refuse", "reason": "Somebody else."}
    )
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        erase_what_is_due()
    assert storage.is_stored(row.file_key)

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        erase_what_is_due()

    gone = LiveRecording.objects.get(pk=row.pk)
    assert (gone.sealed_key, gone.sha256) == ("", row.sha256)
    assert not storage.is_stored(row.file_key)


def test_a_recording_that_is_to_be_decided_on_is_kept(asked):
    grant, token = asked
    row = sent(grant)
    yes(grant, token)

    with time_machine.travel(timezone.now() + timedelta(days=20), tick=False):
        erase_what_is_due()

    assert storage.is_stored(row.file_key)
