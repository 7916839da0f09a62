"""Every page of the app works under the strict content policy: no inline script, no inline style."""

from __future__ import annotations

import re

import pytest

from accounts.models import Basis
from accounts.services import consent
from tests.factories import PortraitFactory, ask_consent, granted_consent

INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\b(?:src=|type=\"application/json\"))", re.I
)


@pytest.fixture
def pages(  # noqa: PLR0917
    alice, portrait_a, vera, alice_browser, rita_browser, otto_browser, partner_a
) -> dict[str, str]:
    _, token = ask_consent(PortraitFactory(partner=partner_a), alice)
    consent.send_code(token or "")
    receipt = granted_consent(portrait_a, alice).withdraw_token
    attested, _ = ask_consent(portrait_a, alice, basis=Basis.NONEXISTENT_PERSON)
    visits = [
        (vera, "/partners/apply/"),
        (vera, "/partners/applied/"),
        (vera, "/account/login/"),
        (vera, "/account/signup/"),
        (vera, f"/consent/{token}/"),
        (vera, f"/consent/{token}/code/"),
        (vera, "/likeness/"),
        (vera, f"/receipt/{receipt}/"),
        (vera, f"/receipt/{receipt}/withdraw/"),
        (alice_browser, "/partner/"),
        (alice_browser, f"/partner/portraits/{portrait_a.id}/consent/"),
        (alice_browser, "/account/2fa/"),
        (otto_browser, "/operator/partners/"),
        (otto_browser, f"/operator/partners/{partner_a.id}/"),
        (rita_browser, "/review/consents/"),
        (rita_browser, f"/review/consents/{attested.id}/"),
    ]
    found = {}
    for browser, address in visits:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        found[address] = answer.content.decode()
    return found


@pytest.mark.slow
def test_nothing_is_inline(pages):
    assert {address: INLINE.findall(page) for address, page in pages.items() if INLINE.search(page)} == {}


@pytest.mark.slow
def test_every_field_has_a_label_and_every_picture_a_text(pages):
    for address, page in pages.items():
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
            if 'type="hidden"' in field or 'type="submit"' in field:
                continue
            identifier = re.search(r'\bid="([^"]+)"', field)
            assert identifier, (address, field)
            assert f'for="{identifier.group(1)}"' in page, (address, field)
        for picture in re.findall(r"<img\b[^>]*>", page):
            assert "alt=" in picture, (address, picture)


@pytest.mark.slow
def test_every_form_that_changes_something_carries_its_token(pages):
    for address, page in pages.items():
        for form in re.findall(r'<form\b[^>]*method="post".*?</form>', page, re.S):
            assert "csrfmiddlewaretoken" in form, address
