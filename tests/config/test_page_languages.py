"""A page is in the language that its reader chose, or whose browser asks for it."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User

HEADINGS = {
    "en": "Where does this video come from?",
    "de": "Woher kommt dieses Video?",
    "fr": "D'où vient cette vidéo\u00a0?",
    "es": "¿De dónde viene este vídeo?",
    "it": "Da dove viene questo video?",
}
pytestmark = pytest.mark.django_db


def asking_for(languages: str) -> Client:
    return Client(headers={"Accept-Language": languages})


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.5", "fr"),
        ("pt-BR,es;q=0.8,en;q=0.5", "es"),
        ("it", "it"),
        ("de-AT", "de"),
        ("fi", "en"),
        ("*", "en"),
        ("no language; at all", "en"),
    ],
)
def test_the_browser_chooses(languages: str, expected: str) -> None:
    answer = asking_for(languages).get("/verify/")
    text = answer.content.decode()
    assert HEADINGS[expected] in text
    assert f'<html lang="{expected}">' in text
    assert answer.headers["Content-Language"] == expected
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_a_choice_holds_for_the_pages_after_it() -> None:
    browser = asking_for("de")
    chosen = browser.get("/verify/?lang=it")
    assert HEADINGS["it"] in chosen.content.decode()
    cookie = chosen.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("it", True, "Lax")
    assert '<html lang="it">' in browser.get("/log/").content.decode()
    assert '<html lang="it">' in browser.get("/nothing/here/").content.decode()
    browser.get("/log/?lang=de")
    assert HEADINGS["de"] in browser.get("/verify/").content.decode()


def test_what_is_no_language_of_ours_chooses_nothing() -> None:
    for wanted in ("xx", "", "../de", "de\n"):
        answer = asking_for("fr").get("/verify/", {"lang": wanted})
        assert answer.headers["Content-Language"] == "fr"
        assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize("address", ["/", "/verify/", "/log/?event=consent.granted", "/likeness/"])
def test_caches_keep_the_languages_apart(address: str) -> None:
    varies = {name.strip() for name in Client().get(address).headers["Vary"].split(",")}
    assert {"Accept-Language", "Cookie"} <= varies


def test_the_same_page_in_each_language_is_linked_without_script() -> None:
    text = Client().get("/log/?event=consent.granted&lang=fr").content.decode()
    links = dict(re.findall(r'<a href="([^"]+)" lang="\w+" hreflang="(\w+)"', text))
    assert sorted(links.values()) == sorted(code for code, _ in settings.LANGUAGES)
    for address, code in links.items():
        page = Client().get(address.replace("&amp;", "&")).content.decode()
        assert f'<html lang="{code}">' in page
        assert re.search(r'<option value="consent.granted" selected', page)
    alternates = re.findall(r'rel="alternate" hreflang="(\w+)" href="(http://testserver/log/[^"]+)"', text)
    assert sorted(code for code, _ in alternates) == sorted(code for code, _ in settings.LANGUAGES)


def test_the_address_of_a_secret_page_stands_in_no_list_of_alternates() -> None:
    text = Client().get("/consent/not-a-token/").content.decode()
    assert 'rel="alternate"' not in text
    assert 'hreflang="fr"' in text


def test_workplaces_are_in_the_language_of_who_works_there(alice_browser: Client, alice: User) -> None:
    alice_browser.get("/?lang=fr")
    for address in ("/console/", "/partner/", "/account/2fa/"):
        answer = alice_browser.get(address)
        assert '<html lang="fr">' in answer.content.decode()
        assert answer.headers["Content-Language"] == "fr"


def test_what_is_for_programs_is_in_english(alice_browser: Client, api_a: Client, alice: User) -> None:
    alice_browser.get("/?lang=fr")
    answer = alice_browser.get("/docs/api/")
    assert '<html lang="en">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "en"
    problem = api_a.get("/v1/portraits/prt_nothing", headers={"Accept-Language": "fr"})
    assert problem.json()["title"].startswith("There is ")


def test_refusals_and_what_forms_miss_are_in_the_language_of_the_page() -> None:
    browser = asking_for("es")
    assert "Este enlace no lleva a ninguna parte." in browser.get("/receipt/nothing/").content.decode()
    assert "Aquí no hay nada" in browser.get("/nothing/here/").content.decode()
    assert "Este campo es obligatorio." in browser.post("/partners/apply/", {}).content.decode()
    hidden = browser.post("/partners/apply/", {"name": "Au\u202erora"}).content.decode()
    assert "El carácter U+202E no se ve." in hidden
