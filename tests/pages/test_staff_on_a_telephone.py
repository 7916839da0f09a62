"""On a telephone the row of places slides sideways, however many there are: it does not widen the page. Nor
does what stands beside the name, in any language."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner
from provenance.services.misuse import report_misuse
from tests.append_only import use_sanctioned_reset
from tests.generation.conftest import stored_portrait

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDTH = 390
NARROW = 320
use_sanctioned_reset()


def test_a_reviewers_pages_are_as_wide_as_the_screen(
    rita_browser: Client, browser: Browser, live_server: LiveServer
) -> None:
    report_misuse(kind="deception", text="It is used to sell coins.")
    context = browser.new_context(base_url=live_server.url, viewport={"width": WIDTH, "height": 844})
    session = rita_browser.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/review/reports/")
    assert page.get_by_role("link", name="Reports 1 open").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
    context.close()


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
def test_a_partners_first_page_fits_the_narrowest_telephone(
    alice_browser: Client, browser: Browser, live_server: LiveServer, language: str
) -> None:
    context = browser.new_context(
        base_url=live_server.url, locale=language, viewport={"width": NARROW, "height": 640}
    )
    session = alice_browser.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/console/")
    assert page.locator(".session").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW
    context.close()


def test_forms_fit_a_telephone_with_text_of_twice_the_size(
    alice_browser: Client, partner_a: Partner, browser: Browser, live_server: LiveServer, tmp_path: Path
) -> None:
    portrait = stored_portrait(partner_a, tmp_path)
    context = browser.new_context(
        base_url=live_server.url, locale="fr", viewport={"width": WIDTH, "height": 844}
    )
    session = alice_browser.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    for path in ("/partner/webhooks/", "/account/email/", f"/partner/portraits/{portrait.id}/consent/"):
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTH, path
    context.close()
