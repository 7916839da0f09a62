from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import ConsentGrant, User
from generation.models import LiveSession, Portrait
from generation.services.live.starting import claim_session, start_session
from tests.conftest import browser_of
from tests.generation.live.conftest import Open


def test_the_page_offers_portraits_that_may_speak_live(
    alice_browser: Client, live_grant: ConsentGrant, portrait_a: Portrait
) -> None:
    page = alice_browser.get("/console/live/")
    assert live_grant.portrait_id in page.content.decode()
    assert portrait_a.pk not in page.content.decode()
    assert "ws://localhost" in page.headers["Content-Security-Policy"]
    assert "microphone=(self)" in page.headers["Permissions-Policy"].replace('"self"', "self")


def test_webrtc_is_offered_where_its_gateway_has_an_address(
    alice_browser: Client, live_grant: ConsentGrant, settings: Any
) -> None:
    assert "data-webrtc" not in alice_browser.get("/console/live/").content.decode()
    settings.LIKENESS_WEBRTC_URL = "https://rtc.example/live/webrtc"
    page = alice_browser.get("/console/live/")
    assert 'data-webrtc="https://rtc.example/live/webrtc"' in page.content.decode()
    assert "https://rtc.example" in page.headers["Content-Security-Policy"]


def test_the_page_says_why_a_partner_that_is_reviewed_has_none(
    alice_browser: Client, grant: ConsentGrant
) -> None:
    assert "nobody can review a live picture" in alice_browser.get("/console/live/").content.decode()


def test_a_member_opens_a_session_and_is_told_refusals(
    alice_browser: Client, live_grant: ConsentGrant
) -> None:
    wish = {"portrait": live_grant.portrait_id, "size": "256", "voice": "own"}
    opened = alice_browser.post("/console/live/open/", wish)
    assert opened.status_code == 201
    assert claim_session(opened.json()["token"]).pk == opened.json()["id"]
    refused = alice_browser.post("/console/live/open/", wish | {"size": "77"})
    assert refused.status_code == 422
    assert refused.json()["hint"]


@pytest.mark.slow
def test_a_reviewer_stops_a_session_on_the_page(
    rita: User, alice_browser: Client, open_live: Open, live_grant: ConsentGrant
) -> None:
    claimed = claim_session(open_live().token)
    start_session(claimed.pk)
    browser = browser_of(rita)
    assert claimed.pk in browser.get("/review/live/").content.decode()
    browser.post(f"/review/live/{claimed.pk}/stop/")
    assert LiveSession.objects.get().reason_code == "taken_down"
    assert alice_browser.get("/review/live/").status_code == 403
