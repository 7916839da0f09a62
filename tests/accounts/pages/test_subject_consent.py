"""The subject's pages: answer, receipt, withdrawal."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ConsentGrant, ConsentState
from tests.factories import ask_consent


@pytest.fixture
def asked(alice, portrait_a) -> tuple[ConsentGrant, str]:
    grant, token = ask_consent(portrait_a, alice)
    assert token is not None
    return grant, f"/consent/{token}/"


def granted(browser: Client, address: str) -> str:
    """Say yes; the address of the receipt."""
    answer = browser.post(address, {"answer": "grant"})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_it_shows_who_asks_for_what_until_when_and_how_often(vera, asked, portrait_a):
    grant, address = asked

    page = vera.get(address)

    text = page.content.decode()
    for said in (
        grant.partner.name,
        grant.partner.website,
        grant.purpose,
        f"up to {grant.max_videos}",
        grant.subject.display_name,
        f"{address}portrait/",
    ):
        assert said in text
    assert str(grant.valid_until.year) in text
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_it_shows_the_portrait_only_with_the_link(vera, asked):
    _, address = asked

    picture = vera.get(f"{address}portrait/")

    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    assert "no-store" in picture.headers["Cache-Control"]
    assert vera.get("/consent/guess/portrait/").status_code == 404


def test_opening_the_link_changes_nothing(vera, asked):
    grant, address = asked
    for method in (vera.get, vera.head):
        method(address)

    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED
    assert vera.put(address).status_code == 405


def test_yes_leads_to_a_receipt_that_can_be_downloaded_and_checked(vera, asked):
    grant, address = asked

    receipt_address = granted(vera, address)
    page = vera.get(receipt_address).content.decode()
    file = vera.get(f"{receipt_address}receipt.json")

    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED
    assert grant.receipt_digest in page
    assert f"{receipt_address}withdraw/" in page
    assert hashlib.sha256(file.content).hexdigest() == grant.receipt_digest
    assert file.headers["Content-Disposition"] == f'attachment; filename="consent-{grant.id}.json"'


def test_no_is_kept(vera, asked):
    grant, address = asked

    assert b"You declined" in vera.post(address, {"answer": "decline"}).content

    grant.refresh_from_db()
    assert grant.state == ConsentState.DECLINED


@pytest.mark.parametrize("answer", ["", "yes", "granted"])
def test_anything_else_is_no_answer(vera, asked, answer):
    grant, address = asked

    assert vera.post(address, {"answer": answer}).status_code == 422
    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED


def test_a_second_answer_is_refused(vera, asked):
    _, address = asked
    granted(vera, address)

    for answer in ("grant", "decline"):
        assert vera.post(address, {"answer": answer}).status_code == 409
    assert vera.get(address).status_code == 409
    assert vera.get(f"{address}portrait/").status_code == 409


def test_an_old_link_says_that_nothing_was_agreed(vera, asked):
    _, address = asked

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        page = vera.get(address)
        assert page.status_code == 410
        assert b"Nothing was agreed to" in page.content
        assert vera.post(address, {"answer": "grant"}).status_code == 410


def test_a_form_from_elsewhere_cannot_answer(asked):
    _, address = asked

    assert Client(enforce_csrf_checks=True).post(address, {"answer": "grant"}).status_code == 403


def test_withdrawal_asks_first_and_then_takes_the_consent_back(vera, asked):
    grant, address = asked
    receipt_address = granted(vera, address)
    assert b"Yes, withdraw" in vera.get(f"{receipt_address}withdraw/").content
    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED

    assert vera.post(f"{receipt_address}withdraw/").url == receipt_address

    grant.refresh_from_db()
    assert grant.state == ConsentState.WITHDRAWN
    page = vera.get(receipt_address).content.decode()
    assert "You withdrew your consent" in page
    assert not re.search(r"/withdraw/", page)
    assert vera.get(f"{receipt_address}withdraw/").url == receipt_address


@pytest.mark.parametrize("path", ["", "receipt.json", "withdraw/"])
def test_a_guessed_receipt_is_not_there(vera, db, path):
    assert vera.get(f"/receipt/guess/{path}").status_code == 404


def test_the_link_to_answer_opens_no_receipt(vera, asked):
    _, address = asked
    granted(vera, address)

    assert vera.get(address.replace("/consent/", "/receipt/")).status_code == 404


def test_a_mail_server_that_is_down_takes_neither_the_answer_nor_the_receipt_away(
    vera, asked, settings, django_capture_on_commit_callbacks
):
    grant, address = asked
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with django_capture_on_commit_callbacks(execute=True) as letters:
        receipt = granted(vera, address)

    assert letters
    assert vera.get(receipt).status_code == 200
    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED
