"""Everybody of the cast follows every link; each page is whole, named and usable."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.pages.conftest import Walked
from tests.pages.reading import read

REFUSALS = ["/nothing/here/", "/log/99999/", "/consent/not-a-token/", "/receipt/not-a-token/"]


def test_no_link_leads_nowhere(walked: Walked) -> None:
    assert {walk.who: walk.broken for walk in walked.walks if walk.broken} == {}


def test_the_walks_reach_the_pages_of_each_role(walked: Walked) -> None:
    town = walked.town
    public = {
        "/",
        "/verify/",
        "/verify/?lang=de",
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
