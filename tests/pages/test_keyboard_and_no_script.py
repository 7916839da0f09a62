"""With a keyboard only, and without script, a subject can answer and anybody can check a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FileChooser, FilePayload, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from pytest_django.live_server_helper import LiveServer

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, ConsentState, Contact, StaffRole, User
from accounts.services import consent, likeness
from generation.models import Portrait
from tests.accounts.reading import found
from tests.append_only import use_sanctioned_reset
from tests.factories import ask_subject, let_the_machine_pass, newest_mail, say_yes, staff_member
from tools.visitor import empty_recording

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FILE = Path(__file__).resolve().parents[1] / "vectors" / "text_called.mp4"
MOST_STOPS = 40
use_sanctioned_reset()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A fresh browser profile on this service."""
    context = browser.new_context(base_url=live_server.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The same without script."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def link(portrait_a: Portrait, alice: User) -> str:
    """The address that the subject was given."""
    return f"/consent/{ask_subject(portrait_a, alice)[1]}/"


def tab_to(page: Page, words: str) -> list[str]:
    """Press Tab until something with these words has the focus; what was passed on the way."""
    passed: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate("(e => (e.innerText || e.name || e.id || '').trim())(document.activeElement)")
        passed.append(here)
        if words in here:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{words!r} does not show that it has the focus"
            return passed
    raise AssertionError(f"The keyboard never came to {words!r}: {passed}")


def file_chooser_by_key(page: Page) -> FileChooser:
    """Press Space until the chooser opens: a busy browser may find the press too long ago to act on."""
    for last in (False, False, True):
        try:
            with page.expect_file_chooser(timeout=10_000) as chooser:
                page.keyboard.press("Space")
        except PlaywrightTimeoutError:
            if last:
                raise
        else:
            break
    return chooser.value


def receipt_of_confirmed(grant: ConsentGrant) -> str:
    """The address of the receipt, once the machine has looked and a reviewer has confirmed."""
    let_the_machine_pass(grant.recordings)
    reviewer = actor_of(staff_member("Rex", StaffRole.REVIEWER))
    return f"/receipt/{consent.confirm_recorded(grant_id=grant.id, actor=reviewer).withdraw_token}/"


def test_a_subject_grants_and_withdraws_with_the_keyboard(page: Page, link: str) -> None:
    page.goto(link)
    passed = tab_to(page, "Yes, I allow it")
    assert passed[0] == "Skip to content"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Show that it is you")).to_be_visible()
    tab_to(page, "file")
    video = FilePayload(name="recording.mp4", mimeType="video/mp4", buffer=empty_recording())
    page.set_input_files("input[type=file]", video)
    tab_to(page, "Send it and go on")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Type in your code")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(found(r"Your code: (\d{6})", newest_mail(ConsentGrant.objects.get().subject.email)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your yes and your recording have arrived")).to_be_visible()
    page.goto(receipt_of_confirmed(ConsentGrant.objects.get()))
    expect(page.get_by_text("Keep the address of this page")).to_be_visible()
    tab_to(page, "Withdraw my consent")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Withdraw your consent?")).to_be_visible()
    tab_to(page, "Yes, withdraw")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You withdrew your consent")).to_be_visible()
    assert ConsentGrant.objects.get().state == ConsentState.WITHDRAWN


def test_a_subject_has_everything_erased_with_the_keyboard(page: Page, link: str) -> None:
    say_yes(link.split("/")[2])
    grant = ConsentGrant.objects.get()
    likeness.send_link(Contact.objects.get())
    page.goto(found(r"/likeness/[\w-]{43}/", newest_mail(grant.subject.email)))
    tab_to(page, "Erase everything")
    page.keyboard.press("Enter")
    page.wait_for_url("**/erase/")
    tab_to(page, "sure")
    page.keyboard.press("Space")
    tab_to(page, "Yes, erase everything")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It is erased")).to_be_visible()
    assert Portrait.objects.get().erased_at is not None


def test_yes_comes_before_no_and_both_can_be_reached(page: Page, link: str) -> None:
    page.goto(link)
    assert "Yes, I allow it" in tab_to(page, "No, I decline")


def test_a_file_is_checked_with_the_keyboard(page: Page) -> None:
    page.goto("/verify/")
    tab_to(page, "file")
    file_chooser_by_key(page).set_files(FILE)
    expect(page.locator("[data-error]")).to_be_visible()


def test_a_subject_declines_without_script(plain_page: Page, link: str) -> None:
    plain_page.goto(link)
    plain_page.get_by_role("button", name="No, I decline").click()
    expect(plain_page.get_by_role("heading", name="You declined")).to_be_visible()
    assert ConsentGrant.objects.get().state == ConsentState.DECLINED


def test_a_file_is_checked_without_script(plain_page: Page) -> None:
    plain_page.goto("/verify/")
    plain_page.set_input_files("input[type=file]", FILE)
    plain_page.get_by_role("button", name="Check this file").click()
    expect(plain_page.locator("[data-error]")).to_be_visible()


def test_buttons_that_need_script_are_not_shown_without_it(plain_page: Page) -> None:
    plain_page.goto("/account/login/")
    expect(plain_page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(plain_page.get_by_text("passkey")).to_be_hidden()
