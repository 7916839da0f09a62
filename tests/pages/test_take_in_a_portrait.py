"""A real browser uploads a picture of two people, chooses one and sees the still before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import ConsentGrant, User
from generation.models import Portrait
from tests.append_only import use_sanctioned_reset
from tests.conftest import browser_of
from tests.generation.intake.files import saved, two_people
from tests.pages.test_keyboard_and_no_script import tab_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
INTAKE_MS = 60_000
use_sanctioned_reset()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, alice: User) -> Iterator[Page]:
    """Alice's browser."""
    context = browser.new_context(base_url=live_server.url)
    session = browser_of(alice).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A picture of two people."""
    file = tmp_path / "pair.jpg"
    file.write_bytes(saved(two_people(), "JPEG", quality=92))
    return file


def upload(page: Page, file: Path) -> None:
    page.goto("/console/portraits/new/")
    page.fill("input[name=display_name]", "Kenji")
    page.set_input_files("input[name=file]", file)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("[data-faces]")).to_be_visible(timeout=INTAKE_MS)


def test_a_face_is_chosen_by_its_box_and_the_still_is_seen_before_anything_is_asked(
    page: Page, pair: Path
) -> None:
    upload(page, pair)
    expect(page.get_by_role("alert")).to_contain_text("several faces")
    page.locator("[data-chooses=face-2]").click()
    expect(page.get_by_label("Face 2")).to_be_checked()
    # With the keyboard the same choice is changed and changed back.
    page.get_by_label("Face 2").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Face 1")).to_be_checked()
    page.keyboard.press("ArrowRight")
    tab_to(page, "Upload and check")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Portrait of Kenji")).to_be_visible(timeout=INTAKE_MS)
    still = page.get_by_alt_text("at rest")
    expect(still).to_have_js_property("naturalWidth", 512)
    expect(still).to_have_js_property("naturalHeight", 512)
    expect(page.locator("video")).to_have_count(0)
    assert Portrait.objects.get().width < 700
    assert not ConsentGrant.objects.exists()
    page.get_by_role("link", name="Ask for consent").click()
    expect(page.get_by_role("heading", name="Ask for consent")).to_be_visible()
