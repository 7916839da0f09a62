"""Everybody of the cast follows every link; each page is whole, named and usable."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from config.languages import is_translated
from tests.pages.conftest import Walked
from tests.pages.reading import read, words_of
from tools.translations.catalogue import catalogue_file, read_catalogue

pytestmark = pytest.mark.slow

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What pages show besides sentences: ids, addresses, names, codes, moments, what partners wrote.
DATA = re.compile(
    r"[\w.-]*[_@/=:][\w.@/-]*…?|[\w.]+\.[\w.]+|[a-z]+|[a-z]\*+.*|\d.*|[A-Z0-9+-]+"
    r"|hash \d+|Likeness( \(.*)?|Aurora Media|Boreal Films|Northern Lights|Subject \d+"
    r"|A greeting in the newsletter|Greetings in the company's newsletter|It is used to sell coins|Lessons"
    r"|Rendered from CC0 data; shows nobody|Reviewing"
    r"|(Alice|Bob|Rita|Con Tact|Signe)(, .*@.*)?|[a-z]+(, [a-z]+)+"
)
FAMILIAR = re.compile(r"\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*)\b")
# Names of languages in themselves, and what a video's label says in the video's language.
IN_OWN_LANGUAGE = {*dict(settings.LANGUAGES).values(), "AI-generated"}
REFUSALS = ["/nothing/here/", "/log/99999/", "/consent/not-a-token/", "/receipt/not-a-token/"]


def test_no_link_leads_nowhere(walked: Walked) -> None:
    assert {walk.who: walk.broken for walk in walked.walks if walk.broken} == {}


def test_the_walks_reach_the_pages_of_each_role(walked: Walked) -> None:
    town = walked.town
    public = {
        "/",
        "/verify/",
        "/log/",
        "/docs/api/",
        "/account/signup/",
        "/partners/apply/",
    }
    owners = {
        "/console/",
        "/partner/",
        "/console/jobs/new/",
        f"/console/jobs/{town.released.job_id}/",
        f"/partner/portraits/{town.portrait_id}/consent/",
    }
    reviewers = {
        "/review/",
        "/review/consents/",
        "/review/reports/",
        f"/review/renditions/{town.waiting.id}/",
    }
    assert public <= walked.reached_by("Vera")
    assert owners <= walked.reached_by("Alice")
    assert reviewers <= walked.reached_by("Rita")
    assert "/operator/partners/" in walked.reached_by("Otto")
    assert f"/receipt/{town.receipt}/withdraw/" in walked.reached_by("a subject")
    strangers = walked.reached_by("Vera") | walked.reached_by("Anouk")
    assert not any(address.startswith("/console/") for address in strangers)


def test_each_page_has_one_heading_a_title_and_a_description(walked: Walked) -> None:
    for page in walked.pages():
        assert len(page.headings) == 1, (page.address, page.headings)
        assert page.headings[0], page.address
        assert page.title.endswith("Likeness"), (page.address, page.title)
        assert not page.title.startswith("·"), page.address
        assert page.description, page.address


def test_each_field_has_a_label_and_each_button_and_link_a_name(walked: Walked) -> None:
    for page in walked.pages():
        assert page.unlabelled == [], page.address
        assert page.nameless == [], page.address
        assert page.pictures_without_text == [], page.address
        assert len(page.ids) == len(set(page.ids)), page.address


def test_nothing_is_inline(walked: Walked) -> None:
    assert {page.address: page.inline for page in walked.pages() if page.inline} == {}


@pytest.mark.parametrize("address", REFUSALS)
def test_what_is_not_there_is_said_on_a_page_of_ours(db: None, vera: Client, address: str) -> None:
    answer = vera.get(address)
    page = read(address, answer.content.decode())
    assert answer.status_code == 404
    assert len(page.headings) == 1
    assert "/verify/" in page.links


def test_what_is_not_open_is_said_on_a_page_of_ours(alice_browser: Client) -> None:
    answer = alice_browser.get("/operator/partners/")
    assert answer.status_code == 403
    assert len(read("/operator/partners/", answer.content.decode()).headings) == 1


def test_a_form_without_our_cookie_gets_a_page_of_ours(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a@mail.example"})
    page = read("/account/login/", answer.content.decode())
    assert answer.status_code == 403
    assert page.headings == ["The form could not be accepted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_of_a_public_page_are_the_same_in_every_language(walked: Walked, language: str) -> None:
    town = walked.town
    addresses = walked.reached_by("Vera") | walked.reached_by("a subject")
    addresses = {address for address in addresses if is_translated(address)}
    addresses -= {address for address in addresses if re.fullmatch(r"/log/\d+/|/log/\?.*", address)}
    addresses |= {"/log/3/", "/nothing/here/", "/verify/report/received/", "/partners/applied/"}
    addresses |= {f"/consent/{town.link}/no/", f"/consent/{town.link}/live/"}
    assert _words_in_both(Client(), addresses, language) == {}


@pytest.mark.parametrize("who", ["Alice", "Rita", "Otto", "Anouk"])
def test_no_words_of_a_workplace_are_in_english_for_who_asks_for_german(walked: Walked, who: str) -> None:
    (walk,) = (walk for walk in walked.walks if walk.who == who)
    addresses = walked.reached_by(who) - walked.reached_by("Vera")
    addresses = {address for address in addresses if is_translated(address)}
    assert _words_in_both(walk.browser, addresses, "de") == {}


def test_nobody_is_called_du_in_german(walked: Walked) -> None:
    said = {}
    for walk in walked.walks:
        for address in sorted(walked.reached_by(walk.who) if walk.who != "Vera" else ()):
            text = walk.browser.get(address, headers={"Accept-Language": "de"}).content.decode()
            said[address] = {words for words in words_of(text) if FAMILIAR.search(words)}
    assert {address: words for address, words in said.items() if words} == {}


def _words_in_both(browser: Client, addresses: set[str], language: str) -> dict[str, set[str]]:
    """What pages say in a language as in English, though it is no data and nobody translated it so."""
    catalogue = read_catalogue(catalogue_file(language)).entries
    left = {}
    for address in sorted(addresses):
        english, other = (
            words_of(browser.get(address, headers={"Accept-Language": code}).content.decode())
            for code in ("en", language)
        )
        left[address] = {
            words
            for words in {words.removesuffix(" · Likeness") for words in english & other - IN_OWN_LANGUAGE}
            if (
                words not in catalogue[words].translations
                if words in catalogue
                else not DATA.fullmatch(words)
            )
        }
    return {address: words for address, words in left.items() if words}
