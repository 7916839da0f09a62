"""The subject's pages: answer, receipt, withdrawal."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.access.tokens import hash_token
from accounts.contact_errors import AskingStopped
from accounts.models import ConsentGrant, ConsentState, StaffRole
from accounts.services import consent
from tests.accounts.reading import found
from tests.factories import ask_consent, let_the_machine_pass, newest_mail, staff_member


@pytest.fixture
def asked(alice, portrait_a) -> tuple[ConsentGrant, str]:
    grant, token = ask_consent(portrait_a, alice)
    assert token is not None
    return grant, f"/consent/{token}/"


TINY_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00"


def recorded(browser: Client, address: str, *, is_live: str = "yes", video: bytes = TINY_VIDEO):
    """Press Yes and send a recording of the words that are asked for."""
    assert browser.post(address, {"answer": "grant"}).headers["Location"] == f"{address}live/"
    ticket = found(r'name="ticket" value="([^"]+)"', browser.get(f"{address}live/").content.decode())
    file = SimpleUploadedFile("recording.mp4", video, "video/mp4")
    return browser.post(f"{address}live/", {"ticket": ticket, "is_live": is_live, "file": file})


def code_for(browser: Client, address: str) -> str:
    """Record; the code that the subject finds in their mailbox."""
    assert recorded(browser, address).headers["Location"] == f"{address}code/"
    asked = ConsentGrant.objects.get(link_token_hash=hash_token(address.split("/")[2]))
    return found(r"Your code: (\d{6})", newest_mail(asked.subject.email))


def agreed(browser: Client, address: str) -> ConsentGrant:
    """Say yes with the code; the request, which waits for a reviewer."""
    answer = browser.post(f"{address}code/", {"code": code_for(browser, address)})
    assert answer.headers["Location"] == address
    return ConsentGrant.objects.get(link_token_hash=hash_token(address.split("/")[2]))


def granted(browser: Client, address: str) -> str:
    """Say yes, and have a reviewer see that it is the person; the address of the receipt."""
    waiting = agreed(browser, address)
    let_the_machine_pass(waiting.recordings)
    given = consent.confirm_recorded(
        grant_id=waiting.id, actor=actor_of(staff_member("Rex", StaffRole.REVIEWER))
    )
    return f"/receipt/{given.withdraw_token}/"


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


def test_whatever_the_browser_claims_and_the_machine_finds_a_reviewer_decides(vera, asked, settings):
    settings.LIKENESS_LIVE_CHECK_ACCEPTS_BELOW = 45  # what 0.5.0 could be told to accept
    grant, address = asked
    code = code_for(vera, address)  # a chosen file, sent with is_live=yes
    let_the_machine_pass(grant.recordings)

    answer = vera.post(f"{address}code/", {"code": code})

    assert answer.headers["Location"] == address
    grant.refresh_from_db()
    assert (grant.state, grant.live_check) == (ConsentState.RECORDED, "")


def test_a_video_that_cannot_be_one_is_said_on_the_page(vera, asked):
    _, address = asked

    answer = recorded(vera, address, video=b"not a video at all")

    assert (answer.status_code, b"This is not a video" in answer.content) == (422, True)


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
    assert not re.search(r"</time>\s+[.,]", page)
    assert vera.get(f"{receipt_address}withdraw/").url == receipt_address


@pytest.mark.parametrize("path", ["", "receipt.json", "withdraw/"])
def test_a_guessed_receipt_is_not_there(vera, db, path):
    assert vera.get(f"/receipt/guess/{path}").status_code == 404


def test_the_link_to_answer_opens_no_receipt(vera, asked):
    _, address = asked
    granted(vera, address)

    assert vera.get(address.replace("/consent/", "/receipt/")).status_code == 404


def test_yes_alone_is_no_consent(vera, asked):
    grant, address = asked
    assert vera.get(f"{address}code/").headers["Location"] == address

    recorded(vera, address)

    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED
    assert b"six digits" in vera.get(f"{address}code/").content


def test_a_code_without_a_recording_leads_to_where_one_is_made(vera, asked):
    _, link = asked
    vera.post(link, {"answer": "code"})
    code = found(r"Your code: (\d{6})", newest_mail(ConsentGrant.objects.get().subject.email))
    answer = vera.post(f"{link}code/", {"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{link}live/")


@pytest.mark.slow
def test_a_wrong_code_is_said_on_the_page_and_five_end_it(vera, asked):
    grant, address = asked
    code = code_for(vera, address)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    for _ in range(5):
        answer = vera.post(f"{address}code/", {"code": wrong})
        assert (answer.status_code, b"not the code" in answer.content) == (422, True)

    assert vera.post(f"{address}code/", {"code": code}).status_code == 410
    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED


def test_the_address_is_masked_on_the_pages(vera, asked):
    grant, address = asked
    recorded(vera, address)

    for page in (vera.get(address), vera.get(f"{address}code/")):
        assert grant.subject.email not in page.content.decode()
        assert "s•••@mail.example" in page.content.decode()


def test_it_says_when_another_organisation_has_the_same_name(vera, asked, partner_b):
    grant, address = asked
    assert b"has the same name" not in vera.get(address).content
    partner_b.name = grant.partner.name.upper()
    partner_b.save()

    page = vera.get(address).content.decode()

    assert "Another organisation has the same name" in page
    assert page.count(grant.partner.website) > 1


def test_no_can_also_stop_the_partner(vera, asked, alice, portrait_a):
    grant, address = asked

    assert b"cannot ask you again." in vera.post(address, {"answer": "decline_and_stop"}).content

    grant.refresh_from_db()
    assert grant.state == ConsentState.DECLINED
    with pytest.raises(AskingStopped):
        ask_consent(portrait_a, alice)


def test_a_mail_server_that_is_down_sends_no_code_and_takes_nothing_away(vera, asked, settings):
    grant, address = asked
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert recorded(vera, address).status_code == 503
    assert vera.get(address).status_code == 200

    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED


def test_a_mail_server_that_is_down_does_not_take_the_consent_away(
    vera, asked, settings, django_capture_on_commit_callbacks
):
    grant, address = asked
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    agreed(vera, address)
    let_the_machine_pass(grant.recordings)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    with django_capture_on_commit_callbacks(execute=True) as messages:
        given = consent.confirm_recorded(
            grant_id=grant.id, actor=actor_of(staff_member("Rex", StaffRole.REVIEWER))
        )

    assert messages
    assert vera.get(f"/receipt/{given.withdraw_token}/").status_code == 200
    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED
