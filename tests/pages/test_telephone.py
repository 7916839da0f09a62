"""Every page of the person in the portrait on a telephone 390 px wide: nothing lies beside the screen, axe
finds nothing, and everything that can be used is reached by keyboard.

Each page is looked at in one of the five languages, so that each language has four pages and more. With
LIKENESS_TELEPHONE_PICTURES=FOLDER each is looked at in all of them, and photographed there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.access.actors import actor_of
from accounts.models import Channel, Contact, MemberRole, Membership, User
from accounts.services import consent, likeness
from accounts.services.contacts.addresses import find_or_make_contact
from generation.choices.wanted_job import WantedJob
from generation.models import FaceRegistration, Voice
from generation.services.submit import submit_job
from generation.services.voice_consent import answering
from generation.services.voice_consent.asking import ask_speaker, send_voice_request
from tests.accounts.reading import found
from tests.append_only import use_sanctioned_reset
from tests.factories import (
    LiveRecordingFactory,
    PartnerFactory,
    PortraitFactory,
    SubjectFactory,
    agree,
    ask_subject,
    granted_consent,
    newest_mail,
    person,
)
from tests.generation.conftest import seal, stored_audio, stored_portrait
from tests.generation.kept import kept_session

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDTH, HEIGHT = 390, 844
PICTURES = os.environ.get("LIKENESS_TELEPHONE_PICTURES", "")
LANGUAGES = ("en", "de", "fr", "es", "it")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What can be used, but for what lies in a closed part of the page.
USABLE = """
() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, video, audio')]
  .filter(one => one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && one.type !== 'hidden')
  .length
"""
WATCH_WHAT_IS_REACHED = """
() => {
  window.reached = new Set();
  document.addEventListener('focusin', (event) => window.reached.add(event.target), true);
}
"""
REACHED = "window.reached.size"
# How wide the page is for people who read text of twice the usual size.
TWICE_AS_LARGE = """
() => {
  document.documentElement.style.fontSize = '200%';
  const width = document.documentElement.scrollWidth;
  document.documentElement.style.fontSize = '';
  return width;
}
"""
LONG_PURPOSE = "A greeting for https://aurora.example/" + "a-page-without-a-space/" * 9
use_sanctioned_reset()


@dataclass(frozen=True)
class Links:
    """What the person was sent, by request, receipt, voice and contact."""

    asked: str
    recorded: str
    receipt: str
    voice: str
    voice_receipt: str
    likeness: str
    consent: str
    another_asked: str
    registered: str
    looked_at: str
    refused: str


@pytest.fixture
def links(tmp_path: Path) -> Links:
    """One person who is asked for portraits and their voice, and has answered some."""
    partner = PartnerFactory(name="Aurora Media")
    owner = person("Alice", partner=partner, role=MemberRole.OWNER)
    receipt = granted_consent(stored_portrait(partner, tmp_path), owner, allows_live=True)
    _, recorded = ask_subject(PortraitFactory(partner=partner), owner)
    agree(recorded)
    _, asked = ask_subject(PortraitFactory(partner=partner), owner, purpose=LONG_PURPOSE)
    LiveRecordingFactory(consent=consent.send_code(asked))
    assert receipt.grant.contact is not None
    kept_session(receipt.grant, tmp_path)
    made = submit_job(
        actor=actor_of(owner),
        wanted=WantedJob(
            portrait_id=receipt.grant.portrait_id, driving_audio_id=stored_audio(partner, tmp_path).pk, seed=7
        ),
    )
    seal(made, tmp_path)
    likeness.set_asking(receipt.grant.contact, partner_id=partner.pk, may_ask=False)
    namesake = PartnerFactory(name=partner.name, website="https://aurora.example")
    other_owner = person("Charlie", partner=namesake, role=MemberRole.OWNER)
    _, another = ask_subject(PortraitFactory(partner=namesake), other_owner, allows_live=True)
    return Links(
        asked,
        recorded,
        receipt.withdraw_token,
        voice_link(owner, tmp_path, 1.0),
        answered_voice(owner, tmp_path),
        own_page(receipt.grant.contact),
        receipt.grant.pk,
        another,
        own_page(registered_face("vera@mail.example", registered_at=timezone.now())),
        own_page(registered_face("anna@mail.example", checked_at=None)),
        own_page(registered_face("nora@mail.example", warnings=["silent", "not_turned"])),
    )


def own_page(contact: Contact) -> str:
    """The token of a fresh link to My likeness."""
    likeness.send_link(contact)
    return found(r"/likeness/([\w-]{43})/", newest_mail(contact.address))


def registered_face(address: str, **state: Any) -> Contact:
    """The contact of somebody who recorded their face, with what became of the recording."""
    contact = find_or_make_contact(Channel.EMAIL, address)
    values = {"phrase_nonce": address, "is_live": True, "size_bytes": 1, "checked_at": timezone.now()}
    FaceRegistration.objects.create(contact=contact, **{**values, **state})
    return contact


def voice_link(owner: User, folder: Path, seconds: float) -> str:
    """The link of a speaker who is asked about a recording."""
    partner = Membership.objects.get(user=owner).partner
    asked = ask_speaker(
        actor=actor_of(owner),
        driving_audio=stored_audio(partner, folder, seconds, voice=Voice.SPEAKER),
        speaker=SubjectFactory(partner=partner, email=f"speaker{seconds}@mail.example"),
        purpose="The words of welcome.",
    )
    send_voice_request(asked.pk)
    return found(r"/voice/([\w-]{43})/", newest_mail(asked.contact.address))


def answered_voice(owner: User, folder: Path) -> str:
    """The receipt of a speaker who said yes."""
    link = voice_link(owner, folder, 1.2)
    contact = answering.send_voice_code(link).contact
    answering.agree_to_voice(link, code=found(r"Your code: (\d{6})", newest_mail(contact.address)))
    return found(r"/voice-receipt/([\w-]{43})/", newest_mail(contact.address))


def visits(links: Links) -> list[tuple[str, str]]:
    """Addresses, and what is filled in (`WHERE => TEXT`) and pressed there, if anything is."""
    asked, own = f"/consent/{links.asked}/", f"/likeness/{links.likeness}/"
    return [
        (asked, ""),
        (f"{asked}live/", ""),
        (f"{asked}code/", ""),
        (f"{asked}code/", "#code => 000000, button"),
        (f"{asked}draft/", ""),
        (f"{asked}draft/", "button"),
        (f"{asked}no/", ""),
        (f"/consent/{links.another_asked}/", ""),
        (f"/consent/{links.another_asked}/", "button[value=decline_and_stop]"),
        (f"/consent/{links.recorded}/", ""),
        (f"/receipt/{links.receipt}/", ""),
        (f"/receipt/{links.receipt}/withdraw/", ""),
        (f"/voice/{links.voice}/", ""),
        (f"/voice/{links.voice}/", "button[value=grant]"),
        (f"/voice/{links.voice}/no/", ""),
        (f"/voice-receipt/{links.voice_receipt}/", ""),
        ("/likeness/", ""),
        ("/likeness/", "#address => nobody, button"),
        ("/likeness/", "#address => nobody@mail.example, button"),
        (own, ""),
        (f"{own}consents/{links.consent}/withdraw/", ""),
        (f"{own}withdraw/", ""),
        (f"{own}erase/", ""),
        ("/likeness/never-my-face/", ""),
        ("/likeness/never-my-face/", "#address => lea@mail.example, button"),
        (f"/likeness/{links.registered}/", ""),
        (f"/likeness/{links.looked_at}/", ""),
        (f"/likeness/{links.refused}/", ""),
        (f"{own}never-my-face/", ""),
        (f"{own}never-my-face/end/", ""),
        ("/consent/not-a-token/", ""),
        (f"/voice-receipt/{links.voice_receipt}/", "button"),
        (f"/voice/{links.voice}/", "button[value=decline]"),
        (asked, "button[value=decline]"),
        (asked, ""),
        (f"/receipt/{links.receipt}/withdraw/", "button"),
        (f"{own}erase/", "input[type=checkbox], button"),
    ]


@pytest.mark.parametrize("turn", range(len(LANGUAGES) if PICTURES else 1))
def test_every_page_of_the_person_works_on_a_telephone(
    links: Links, browser: Browser, live_server: LiveServer, turn: int
) -> None:
    complaints: list[str] = []
    contexts = {
        language: browser.new_context(
            base_url=live_server.url,
            locale=language,
            viewport={"width": WIDTH, "height": HEIGHT},
            is_mobile=True,
            has_touch=True,
        )
        for language in LANGUAGES
    }
    pages = {language: context.new_page() for language, context in contexts.items()}
    for number, (address, button) in enumerate(visits(links)):
        language = LANGUAGES[(number + turn) % len(LANGUAGES)]
        page = pages[language]
        page.goto(address)
        if button:
            for one in button.split(", "):
                what, _, text = one.partition(" => ")
                where = page.locator(f"main {what}").first
                where.fill(text) if text else where.click()
            page.wait_for_load_state("load")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{number:02}-{language}.png", full_page=True)
        complaints += [f"{language} {address} {button}: {said}" for said in wrong_with(page, language)]
    for context in contexts.values():
        context.close()
    assert complaints == []


def wrong_with(page: Page, language: str) -> list[str]:
    """What speaks against a page: its width, its language, what axe finds, what no keyboard comes to."""
    found_by_axe = Axe().run(page, options=RULES).response["violations"]
    said = [f"{one['id']} at {one['nodes'][0]['target']}" for one in found_by_axe]
    width = page.evaluate("document.documentElement.scrollWidth")
    said += [f"{width} px wide"] * (width > WIDTH)
    width = page.evaluate(TWICE_AS_LARGE)
    said += [f"{width} px wide with text of twice the size"] * (width > WIDTH)
    shown = page.evaluate("document.documentElement.lang")
    said += [f"is in {shown}"] * (shown != language)
    usable = page.evaluate(USABLE)
    page.evaluate(WATCH_WHAT_IS_REACHED)
    reached, pressed = 0, 0
    while reached < usable and pressed < 2 * usable + 5:
        # As often as it takes at least: to ask the browser costs twice as much as to press a key.
        for _ in range(usable - reached):
            page.keyboard.press("Tab")
        pressed += usable - reached
        reached = page.evaluate(REACHED)
    return said + [f"{reached} of {usable} reached by keyboard"] * (reached < usable)
