from __future__ import annotations

import pytest

from accounts.models import Basis, ConsentGrant, ConsentState, StaffRole
from accounts.services import people, staff
from tests.conftest import browser_of
from tests.factories import ask_consent, join

QUEUE = "/review/consents/"


@pytest.fixture
def attested(alice, portrait_a) -> ConsentGrant:
    return ask_consent(portrait_a, alice, basis=Basis.PUBLIC_DOMAIN_ARTWORK)[0]


@pytest.fixture
def alices_review(alice):
    """Alice, who owns partner A, has become a reviewer."""
    staff.grant_role(user=alice, role=StaffRole.REVIEWER)
    people.enrol_totp(user=alice)
    return browser_of(alice)


def test_a_reviewer_sees_the_portrait_and_the_statement(rita_browser, attested):
    assert attested.subject.display_name in rita_browser.get(QUEUE).content.decode()

    page = rita_browser.get(f"{QUEUE}{attested.id}/").content.decode()
    picture = rita_browser.get(f"{QUEUE}{attested.id}/portrait/")

    assert attested.statement in page
    assert picture.headers["Content-Type"] == "image/png"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    assert "no-store" in picture.headers["Cache-Control"]


def test_a_reviewer_confirms(rita_browser, attested):
    answer = rita_browser.post(f"{QUEUE}{attested.id}/decide/", {"decision": "confirm"})

    assert answer.url == QUEUE
    attested.refresh_from_db()
    assert attested.state == ConsentState.GRANTED
    assert attested.subject.display_name not in rita_browser.get(QUEUE).content.decode()


def test_a_reviewer_refuses_with_a_reason_that_the_partner_reads(rita_browser, alice_browser, attested):
    address = f"{QUEUE}{attested.id}/decide/"
    assert rita_browser.post(address, {"decision": "refuse"}).status_code == 422

    rita_browser.post(address, {"decision": "refuse", "reason": "The painter died in 1980."})

    assert b"The painter died in 1980." in alice_browser.get("/partner/").content


def test_a_reviewer_takes_a_confirmation_back(rita_browser, attested):
    address = f"{QUEUE}{attested.id}/decide/"
    rita_browser.post(address, {"decision": "confirm"})
    assert b"Revoke the confirmation" in rita_browser.get(f"{QUEUE}{attested.id}/").content

    rita_browser.post(address, {"decision": "withdraw", "reason": "It is a photograph."})

    attested.refresh_from_db()
    assert attested.state == ConsentState.WITHDRAWN


def test_an_unknown_decision_is_not_found(rita_browser, attested):
    address = f"{QUEUE}{attested.id}/decide/"

    assert rita_browser.post(address, {"decision": "maybe"}).status_code == 404
    assert rita_browser.get(address).status_code == 405


def test_four_eyes_keep_members_from_their_own(alices_review, attested):
    assert attested.subject.display_name not in alices_review.get(QUEUE).content.decode()
    for path in ("", "portrait/"):
        assert alices_review.get(f"{QUEUE}{attested.id}/{path}").status_code == 403
    assert alices_review.post(f"{QUEUE}{attested.id}/decide/", {"decision": "confirm"}).status_code == 403
    attested.refresh_from_db()
    assert attested.state == ConsentState.ATTESTED


def test_a_reviewer_who_belongs_to_another_partner_may_look(rita, rita_browser, attested, partner_b):
    join(partner_b, rita)

    assert rita_browser.get(f"{QUEUE}{attested.id}/").status_code == 200


def test_requests_to_living_people_are_not_here(rita_browser, alice, portrait_a):
    asked, _ = ask_consent(portrait_a, alice)

    assert asked.subject.display_name not in rita_browser.get(QUEUE).content.decode()
    for path in ("", "portrait/"):
        assert rita_browser.get(f"{QUEUE}{asked.id}/{path}").status_code == 404


def test_others_are_refused(vera, alice_browser, otto_browser, attested):
    for path in (QUEUE, f"{QUEUE}{attested.id}/", f"{QUEUE}{attested.id}/portrait/"):
        assert vera.get(path).url.startswith("/account/login/")
        assert alice_browser.get(path).status_code == 403
        assert otto_browser.get(path).status_code == 403
