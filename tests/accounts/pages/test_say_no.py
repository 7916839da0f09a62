"""The e-mail has a way to say no in one click, and a button of mail programs that does the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils.formats import date_format

from accounts.access.actors import actor_of
from accounts.models import AskingStop, ConsentState
from generation.models import Voice, VoiceConsent, VoiceState
from generation.services.voice_consent.asking import ask_speaker, send_voice_request
from provenance.models.log import LogEntry
from tests.accounts.reading import found
from tests.factories import SubjectFactory, ask_subject, newest_mail
from tests.generation.conftest import stored_audio

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(portrait_a, alice):
    grant, _ = ask_subject(portrait_a, alice)
    return grant, found(r"/consent/[\w-]{43}/no/", newest_mail(portrait_a.subject.email))


def test_one_click_on_the_page_says_no(vera: Client, asked):
    grant, address = asked
    page = vera.get(address).content.decode()
    assert grant.partner.name in page
    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED  # opening it changes nothing

    assert vera.post(address, {"answer": "decline"}).status_code == 200

    grant.refresh_from_db()
    assert grant.state == ConsentState.DECLINED
    assert not AskingStop.objects.exists()


def test_whoever_said_no_reads_that_they_did_wherever_they_come_back(vera: Client, asked):
    grant, address = asked
    vera.post(address, {"answer": "decline"})
    grant.refresh_from_db()
    said_at, entries = grant.decided_at, LogEntry.objects.count()

    for place in (address, address.removesuffix("no/")):
        page = vera.get(place)
        assert (page.status_code, b"You declined" in page.content) == (200, True)
    assert vera.post(address, {"answer": "decline"}).status_code == 200  # mail programs press twice

    day = date_format(said_at + timedelta(days=30))
    assert f"cannot ask you again before {day}" in vera.get(address).content.decode()
    with time_machine.travel(said_at + timedelta(days=31)):
        assert "ask you again" not in vera.get(address).content.decode()

    grant.refresh_from_db()
    assert (grant.state, grant.decided_at) == (ConsentState.DECLINED, said_at)
    assert LogEntry.objects.count() == entries
    assert vera.post(address.removesuffix("no/"), {"answer": "grant"}).status_code == 409


def test_a_second_no_may_be_for_good(vera: Client, asked):
    grant, address = asked
    vera.post(address, {"answer": "decline"})

    assert b"cannot ask you again." in vera.post(address, {"answer": "decline_and_stop"}).content

    assert AskingStop.objects.get().partner_id == grant.partner_id
    assert b"cannot ask you again." in vera.get(address).content

    AskingStop.objects.update(partner=None)  # as who stops everybody in My likeness
    assert b"cannot ask you again." in vera.get(address).content


def test_the_button_of_a_mail_program_says_no_for_good(asked):
    grant, address = asked
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe"].endswith(f"{address}>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    program = Client(enforce_csrf_checks=True)
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200

    grant.refresh_from_db()
    assert grant.state == ConsentState.DECLINED
    assert AskingStop.objects.get().partner_id == grant.partner_id


def test_a_yes_is_not_among_what_it_takes(asked):
    grant, address = asked
    Client(enforce_csrf_checks=True).post(address, {"answer": "grant"})
    grant.refresh_from_db()
    assert grant.state == ConsentState.DECLINED


@pytest.fixture
def asked_voice(alice, partner_a, tmp_path):
    asked = ask_speaker(
        actor=actor_of(alice),
        driving_audio=stored_audio(partner_a, tmp_path, 1.0, voice=Voice.SPEAKER),
        speaker=SubjectFactory(partner=partner_a, email="speaker@mail.example"),
        purpose="The words of welcome.",
    )
    send_voice_request(asked.pk)
    return asked, found(r"/voice/[\w-]{43}/no/", newest_mail("speaker@mail.example"))


def test_a_speaker_says_no_with_one_click(vera: Client, asked_voice, partner_a):
    asked, address = asked_voice
    page = vera.get(address).content.decode()
    assert partner_a.name in page
    assert "recording of your voice" in page
    asked.refresh_from_db()
    assert asked.state == VoiceState.REQUESTED

    assert vera.post(address, {"answer": "grant"}).status_code == 200

    asked.refresh_from_db()
    assert asked.state == VoiceState.DECLINED
    assert not AskingStop.objects.exists()
    for place in (address, address.removesuffix("no/")):
        answer = vera.get(place)
        assert (answer.status_code, b"You declined" in answer.content) == (200, True)
    assert vera.post(address, {"answer": "grant"}).status_code == 200
    assert VoiceConsent.objects.get().decided_at == asked.decided_at


def test_the_button_of_a_mail_program_says_no_to_a_voice_for_good(asked_voice):
    asked, address = asked_voice
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe"].endswith(f"{address}>")

    program = Client(enforce_csrf_checks=True)
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200

    asked.refresh_from_db()
    assert asked.state == VoiceState.DECLINED
    assert AskingStop.objects.exists()


def test_a_guessed_link_is_not_there(db, vera: Client):
    assert vera.get("/consent/guess/no/").status_code == 404
    assert vera.post("/consent/guess/no/").status_code == 404
