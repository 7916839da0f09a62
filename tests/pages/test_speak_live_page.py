"""In a real browser the live page is ready to start, and says in its own words why it could not."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner, User
from tests.append_only import use_sanctioned_reset
from tests.conftest import browser_of
from tests.factories import granted_consent
from tests.generation.conftest import let_out_without_review, stored_portrait

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
use_sanctioned_reset()


def test_it_says_that_no_server_has_room(
    browser: Browser, live_server: LiveServer, alice: User, partner_a: Partner, tmp_path: Path
) -> None:
    granted_consent(stored_portrait(partner_a, tmp_path), alice, allows_live=True)
    let_out_without_review(partner_a)
    context = browser.new_context(base_url=live_server.url)
    session = browser_of(alice).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/console/live/")
    expect(page.get_by_text("Not started.")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("No server can keep the pace of another live session now.")).to_be_visible()
    assert page.get_by_label("Emotion").locator("option").first.get_attribute("value") == "neutral"
    context.close()
    assert complaints == []
