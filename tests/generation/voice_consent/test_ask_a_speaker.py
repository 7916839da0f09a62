"""The speaker of a recording is asked at a contact of their own, and no video is made before they agree."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.access.tokens import hash_token
from accounts.contact_errors import (
    AskedTooOften,
    AskedTooSoon,
    AskingStopped,
    CodeWrong,
    ContactMissing,
    ContactOfPartner,
    RequestOpen,
)
from accounts.errors import (
    ConsentDeclined,
    ConsentMissing,
    ConsentWithdrawn,
    LinkAnswered,
    LinkExpired,
    LinkUnknown,
)
from accounts.models import Contact, Partner, RefusedRequest, Subject, User
from accounts.services import likeness
from generation.models import DrivingAudio, Job, Voice, VoiceConsent, VoiceState
from generation.services.erasure.due import Retention
from generation.services.likeness.erasing import erase_everything
from generation.services.likeness.export import export_everything
from generation.services.voice_consent import answering
from generation.services.voice_consent.asking import ask_speaker, send_unsent, send_voice_request
from provenance.common.clock import now_of_database
from provenance.models.journal import JournalEntry
from provenance.selectors.decisions import RowContradictsLog, state_findings
from tests.accounts.log_entries import newest_entry
from tests.accounts.reading import found
from tests.factories import SubjectFactory, newest_mail
from tests.generation.api.calls import problem, upload
from tests.generation.conftest import SPEECH_S, stored_audio
from tests.generation.intake.files import speech, wav

PURPOSE = "The words of welcome."
Ask = Callable[..., VoiceConsent]


@pytest.fixture
def speaker(partner_a: Partner) -> Subject:
    return SubjectFactory(partner=partner_a, email="speaker@mail.example")


@pytest.fixture
def spoken(partner_a: Partner, tmp_path) -> DrivingAudio:
    """A recording of somebody else's voice."""
    return stored_audio(partner_a, tmp_path, SPEECH_S + 0.2, voice=Voice.SPEAKER)


@pytest.fixture
def ask(alice: User, spoken: DrivingAudio, speaker: Subject) -> Ask:
    """Ask, and send, which the commit does elsewhere."""

    def send(**changes: Any) -> VoiceConsent:
        values: dict[str, Any] = {"driving_audio": spoken, "speaker": speaker, "purpose": PURPOSE, **changes}
        asked = ask_speaker(actor=actor_of(alice), **values)
        send_voice_request(asked.pk)
        asked.refresh_from_db()
        return asked

    return send


def link_of(asked: VoiceConsent) -> str:
    return found(r"/voice/([\w-]{43})/", newest_mail(asked.contact.address))


def agree(asked: VoiceConsent) -> VoiceConsent:
    token = link_of(asked)
    answering.send_voice_code(token)
    code = found(r"Your code: (\d{6})", newest_mail(asked.contact.address))
    return answering.agree_to_voice(token, code=code)


def test_the_link_goes_to_the_speaker_and_to_nobody_else(ask: Ask) -> None:
    asked = ask()

    assert [message.to for message in mail.outbox] == [["speaker@mail.example"]]
    assert PURPOSE in newest_mail("speaker@mail.example")
    assert newest_entry()["event"] == "voice.sent"
    assert not send_voice_request(asked.pk)


def test_a_job_waits_for_the_yes_and_runs_with_it(ask: Ask, submit: Callable[..., Job]) -> None:
    asked = ask()
    with pytest.raises(ConsentMissing):
        submit(driving_audio_id=asked.driving_audio_id)

    agree(asked)

    assert submit(driving_audio_id=asked.driving_audio_id).voice == "speaker"
    assert json.loads(VoiceConsent.objects.get().receipt)["purpose"] == PURPOSE


def test_the_link_alone_is_no_yes(ask: Ask) -> None:
    token = link_of(ask())
    answering.send_voice_code(token)

    with pytest.raises(CodeWrong):
        answering.agree_to_voice(token, code="000000")
    assert VoiceConsent.objects.get().state == VoiceState.REQUESTED


def test_a_no_refuses_jobs_and_may_stop_the_partner(
    ask: Ask, submit: Callable[..., Job], partner_a: Partner, tmp_path
) -> None:
    asked = ask()

    answering.decline_voice(link_of(asked), stop_asking=True)

    with pytest.raises(ConsentDeclined):
        submit(driving_audio_id=asked.driving_audio_id)
    with pytest.raises(AskingStopped):
        ask(driving_audio=stored_audio(partner_a, tmp_path, SPEECH_S + 0.3, voice=Voice.SPEAKER))
    with pytest.raises(LinkAnswered):
        answering.open_voice(link_of(asked))


def test_withdrawing_stops_what_runs_and_what_follows(ask: Ask, submit: Callable[..., Job]) -> None:
    asked = ask()
    agree(asked)
    job = submit(driving_audio_id=asked.driving_audio_id)
    token = found(r"/voice-receipt/([\w-]{43})/", _receipt_of(asked))

    answering.withdraw_voice(answering.voice_behind_receipt(token))

    job.refresh_from_db()
    assert job.state == "cancelled"
    with pytest.raises(ConsentWithdrawn):
        submit(driving_audio_id=asked.driving_audio_id)
    with pytest.raises(AskedTooSoon):
        ask()


def _receipt_of(asked: VoiceConsent) -> str:
    """The message that the commit sends, which a test never reaches."""
    found_row = VoiceConsent.objects.get(pk=asked.pk)
    token = "t" * 43
    VoiceConsent.objects.filter(pk=asked.pk).update(withdraw_token_hash=hash_token(token))
    answering._send_receipt(found_row, token)
    return newest_mail(asked.contact.address)


@pytest.mark.parametrize("change", [{"purpose": "Advertising."}, {"terms_salt": ""}])
def test_terms_that_were_edited_are_not_shown_and_take_no_yes(ask: Ask, change: dict[str, str]) -> None:
    asked = ask()
    VoiceConsent.objects.filter(pk=asked.pk).update(**change)

    with pytest.raises(RowContradictsLog):
        answering.open_voice(link_of(asked))
    assert answering.decline_voice(link_of(asked)).state == VoiceState.DECLINED


@pytest.mark.parametrize("change", [{"state": "granted"}, {"state": "granted", "receipt": "{}"}])
def test_an_edited_row_is_no_yes(ask: Ask, submit: Callable[..., Job], change: dict[str, str]) -> None:
    asked = ask()
    VoiceConsent.objects.filter(pk=asked.pk).update(**change)

    with pytest.raises(RowContradictsLog):
        submit(driving_audio_id=asked.driving_audio_id)


def test_a_link_ends(ask: Ask) -> None:
    token = link_of(ask())

    with time_machine.travel(timezone.now() + timedelta(days=15)), pytest.raises(LinkExpired):
        answering.open_voice(token)
    with pytest.raises(LinkUnknown):
        answering.open_voice("x" * 43)


def test_one_person_is_asked_once_for_a_recording(ask: Ask, partner_a: Partner) -> None:
    assert ask() == ask()
    with pytest.raises(RequestOpen):
        ask(speaker=SubjectFactory(partner=partner_a))


@pytest.mark.parametrize(
    ("address", "error"), [("", ContactMissing), ("somebody@partner.example", ContactOfPartner)]
)
def test_the_partner_does_not_answer_itself(ask: Ask, partner_a: Partner, address: str, error) -> None:
    with pytest.raises(error):
        ask(speaker=SubjectFactory(partner=partner_a, email=address))


def test_what_did_not_go_out_is_sent_later(ask: Ask) -> None:
    asked = ask()
    VoiceConsent.objects.filter(pk=asked.pk).update(link_sent_at=None)

    assert send_unsent(older_than=timedelta(0)) == 1
    assert len(mail.outbox) == 2


def test_my_likeness_shows_and_ends_it(ask: Ask, vera: Client) -> None:
    asked = ask()
    agree(asked)
    Subject.objects.filter(pk=asked.speaker_id).update(language="it")
    assert likeness.language_of(asked.contact) == "it"
    likeness.send_link(asked.contact)
    page = f"/likeness/{found(r'/likeness/([^/]{43})/', newest_mail(asked.contact.address))}/"
    assert PURPOSE in vera.get(page).content.decode()

    vera.post(f"{page}voices/{asked.pk}/withdraw/")

    asked.refresh_from_db()
    assert asked.state == VoiceState.WITHDRAWN


def test_everything_about_a_speaker_can_be_taken_along_and_erased(ask: Ask) -> None:
    asked = ask()
    agree(asked)
    contact = Contact.objects.get(pk=asked.contact_id)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(export_everything(contact))))
    assert b"likeness-voice-receipt/1" in archive.read("likeness.json")

    erase_everything(contact)

    asked.refresh_from_db()
    assert asked.state == VoiceState.WITHDRAWN
    assert DrivingAudio.objects.get(pk=asked.driving_audio_id).is_erased


def test_a_no_is_not_got_round_by_saying_that_the_voice_is_ones_own(api_a: Client, speaker: Subject) -> None:
    def send(**fields: str):
        return api_a.post("/v1/driving-audio", {"file": upload("a.wav", wav(speech(1))), **fields})

    send(voice="speaker", speaker_id=speaker.pk, purpose=PURPOSE)

    problem(send(voice="own"), 409, "voice_asked")
    assert send().json()["voice"] == "speaker"


def test_the_recording_goes_after_the_stated_days(ask: Ask, settings) -> None:
    settings.LIKENESS_KEEP_SOURCES_DAYS = 0
    asked = ask()
    agree(asked)
    day_later = now_of_database() + timedelta(days=1, minutes=1)
    DrivingAudio.objects.update(stored_at=timezone.now() - timedelta(minutes=1))

    answering.withdraw_voice(VoiceConsent.objects.get(pk=asked.pk))

    assert asked.driving_audio in Retention(day_later).driving_audio()


def test_fifteen_requests_of_all_partners_are_the_most(ask: Ask, partner_b: Partner, tmp_path) -> None:
    asked = ask()
    answering.decline_voice(link_of(asked))
    others = stored_audio(partner_b, tmp_path, SPEECH_S + 0.3, voice=Voice.SPEAKER)
    row = VoiceConsent.objects.get()
    for number in range(14):
        row.pk, row.link_token_hash, row.driving_audio = f"voc_{number}", None, others
        row.save(force_insert=True)
    VoiceConsent.objects.filter(pk=asked.pk).update(decided_at=timezone.now() - timedelta(days=31))

    with pytest.raises(AskedTooOften):
        ask()


def test_operators_see_that_a_request_was_refused(ask: Ask, api_a: Client, speaker: Subject) -> None:
    answering.decline_voice(link_of(ask()), stop_asking=True)
    sent = {"voice": "speaker", "speaker_id": speaker.pk, "purpose": PURPOSE}

    answer = api_a.post("/v1/driving-audio", {"file": upload("a.wav", wav(speech(1))), **sent})

    problem(answer, 409, "asking_stopped")
    assert [row.code for row in RefusedRequest.objects.all()] == ["asking_stopped"]


@pytest.mark.parametrize("column", ["state", "driving_audio_id", "receipt", "receipt_digest", "id"])
def test_an_edited_yes_is_named_and_opens_nothing(ask: Ask, submit, partner_a, tmp_path, column) -> None:
    asked = ask()
    if column != "state":
        agree(asked)
    another = stored_audio(partner_a, tmp_path, SPEECH_S - 0.2, voice=Voice.SPEAKER)
    value = {"state": "granted", "driving_audio_id": another.pk, "id": "voc_other"}.get(column, "0" * 64)
    assert list(state_findings()) == []

    VoiceConsent.objects.filter(pk=asked.pk).update(**{column: value})

    assert {row.kind for row in state_findings()} == {"voice consent"}
    with pytest.raises(RowContradictsLog):
        submit(driving_audio_id=another.pk if column == "driving_audio_id" else asked.driving_audio_id)


def test_a_speakers_mailbox_that_was_exchanged_gets_no_code(ask: Ask) -> None:
    asked = ask()
    token = link_of(asked)

    Contact.objects.filter(pk=asked.contact_id).update(address="eve@mail.example")

    with pytest.raises(RowContradictsLog):
        answering.send_voice_code(token)


def kept(asked: VoiceConsent, at: datetime) -> tuple[bool, bool]:
    """Whether name and address of a speaker are still kept at a moment."""
    retention = Retention(at)
    return asked.speaker not in retention.subjects(), asked.contact not in retention.contacts()


def test_a_speakers_address_goes_after_a_request_that_nobody_answered(ask: Ask) -> None:
    asked = ask()
    assert kept(asked, asked.link_expires_at - timedelta(minutes=1)) == (True, True)

    later = timezone.now() + timedelta(days=31)

    assert kept(asked, later)[0] is False
    Subject.objects.update(erased_at=later)
    assert kept(asked, later)[1] is False


def test_a_speakers_address_stays_as_long_as_the_recording_that_they_allowed(ask: Ask) -> None:
    asked = agree(ask())
    later = timezone.now() + timedelta(days=400)
    assert kept(asked, later) == (True, True)

    DrivingAudio.objects.update(erasure_began_at=later, erased_at=later)

    assert kept(asked, later)[0] is False


def test_a_restored_backup_brings_no_yes_back(ask: Ask) -> None:
    asked = ask()
    agree(asked)
    answering.withdraw_voice(VoiceConsent.objects.get(pk=asked.pk))
    VoiceConsent.objects.filter(pk=asked.pk).update(state=VoiceState.GRANTED)

    answering.withdraw_voice_again(JournalEntry.objects.get(about=asked.pk))

    asked.refresh_from_db()
    assert asked.state == VoiceState.WITHDRAWN


def test_the_api_asks_and_says_what_became_of_it(api_a: Client, speaker: Subject) -> None:
    form = {"file": upload("a.wav", wav(speech(1))), "voice": "speaker"}
    problem(api_a.post("/v1/driving-audio", form), 404, "not_found")
    form = {**form, "file": upload("a.wav", wav(speech(1))), "speaker_id": speaker.pk}
    problem(api_a.post("/v1/driving-audio", form), 422, "invalid_input")

    form = {**form, "file": upload("a.wav", wav(speech(1))), "purpose": PURPOSE}
    answer = api_a.post("/v1/driving-audio", form)

    assert (answer.status_code, answer.json()["speaker_consent"]) == (201, "requested")
    assert "token" not in answer.content.decode()


def test_the_console_asks_a_subject(alice_browser: Client, speaker: Subject) -> None:
    form = {"file": upload("a.wav", wav(speech(1)), "audio/wav"), "voice": "speaker"}
    assert b"Choose who is asked." in alice_browser.post("/console/driving-audio/new/", form).content

    form = {**form, "file": upload("a.wav", wav(speech(1)), "audio/wav"), "speaker": speaker.pk}
    alice_browser.post("/console/driving-audio/new/", {**form, "purpose": PURPOSE})

    assert VoiceConsent.objects.get().speaker == speaker


def test_the_pages_play_the_recording_and_take_the_answer(ask: Ask, vera: Client, alice_browser) -> None:
    asked = ask()
    page = f"/voice/{link_of(asked)}/"
    assert PURPOSE in vera.get(page).content.decode()
    assert vera.get(f"{page}sound/").headers["Content-Type"] == "audio/wav"

    assert b"six digits" in vera.post(page, {"answer": "grant"}).content
    assert vera.post(page, {"code": "000000"}).status_code == 422
    code = found(r"Your code: (\d{6})", newest_mail(asked.contact.address))
    assert b"You allowed it" in vera.post(page, {"code": code}).content

    receipt = f"/voice-receipt/{found(r'/voice-receipt/([^/]{43})/', _receipt_of(asked))}/"
    assert PURPOSE in vera.get(receipt).content.decode()
    vera.post(receipt)
    assert b"You took it back" in vera.get(receipt).content
