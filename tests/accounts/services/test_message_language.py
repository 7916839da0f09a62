"""Messages to a subject are in the language that was named for them, where they are translated."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Contact, Partner, User
from accounts.services import consent, likeness, subjects
from provenance.common.errors import InvalidInput
from tests.accounts.reading import found
from tests.factories import LiveRecordingFactory, PortraitFactory, ask_subject, newest_mail

pytestmark = pytest.mark.django_db


def test_the_whole_exchange_is_in_german(alice: User, partner_a: Partner) -> None:
    sam = subjects.name_subject(
        actor=actor_of(alice), display_name="Sam", email="sam@mail.example", language="de"
    )
    _, token = ask_subject(PortraitFactory(partner=partner_a, subject=sam), alice)
    assert mail.outbox[-1].subject == "Aurora Media möchte Ihr Bildnis verwenden"
    assert re.search(r"Bis: +\d+\. \w+ 20\d\d", newest_mail(sam.email))

    consent.send_code(token)
    LiveRecordingFactory(consent=ConsentGrant.objects.get())
    consent.agree(token, code=found(r"Ihr Code: (\d{6})", newest_mail(sam.email)))
    likeness.send_link(Contact.objects.get())

    assert "Er gilt eine Stunde" in newest_mail(sam.email)
    assert mail.outbox[-1].subject == "Ihr Bildnis"


def test_a_message_without_a_translation_is_in_english(alice: User, partner_a: Partner, settings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("fi", "Suomi")]
    sam = subjects.name_subject(
        actor=actor_of(alice), display_name="Sam", email="sam@mail.example", language="fi"
    )
    ask_subject(PortraitFactory(partner=partner_a, subject=sam), alice)
    assert mail.outbox[-1].subject == "Aurora Media asks to use your likeness"


def test_a_language_that_nobody_offers_is_refused(alice: User, api_a: Client, db: None) -> None:
    with pytest.raises(InvalidInput, match="language"):
        subjects.name_subject(actor=actor_of(alice), display_name="Sam", language="xx")
    answer = api_a.post(
        "/v1/subjects", {"display_name": "Sam", "language": "de"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["language"]) == (201, "de")


@pytest.mark.parametrize(
    ("language", "subject", "day", "live"),
    [
        ("fr", "Aurora Media demande à utiliser votre image", r"Jusqu'au\s: +\d+ \w+ 20\d\d", "En direct"),
        ("es", "Aurora Media pide usar su imagen", r"Hasta: +\d+ de \w+ de 20\d\d", "En directo:"),
        ("it", "Aurora Media chiede di usare la Sua immagine", r"Fino al: +\d+ \w+ 20\d\d", "Dal vivo:"),
    ],
)
def test_the_request_is_in_the_language_of_the_subject(  # noqa: PLR0917 - parameters
    alice: User, partner_a: Partner, language: str, subject: str, day: str, live: str
) -> None:
    sam = subjects.name_subject(
        actor=actor_of(alice), display_name="Sam", email="sam@mail.example", language=language
    )
    ask_subject(PortraitFactory(partner=partner_a, subject=sam), alice)
    assert mail.outbox[-1].subject == subject
    assert re.search(day, newest_mail(sam.email))
    assert not re.search(live, newest_mail(sam.email))

    other = subjects.name_subject(
        actor=actor_of(alice), display_name="Sam", email="sam.else@mail.example", language=language
    )
    ask_subject(PortraitFactory(partner=partner_a, subject=other), alice, allows_live=True)
    assert re.search(live, newest_mail(other.email))
