"""From a portrait to a withdrawn video, as four people see it in their browsers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from config.local_stack import LocalStack
from tools.mailbox import Mailbox
from tools.visitor import confirm_recording, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
RENDERING_MS = 150_000
INTAKE_MS = 60_000
RECORDED_MS = 2_000


def page_for_somebody(browser: Browser, stack: LocalStack, complaints: list[str]) -> Page:
    """A fresh browser profile; what its console complains about is collected."""
    page = browser.new_context(base_url=stack.base_url).new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def verdict_on(page: Page, video: Path) -> str | None:
    page.goto("/verify/")
    page.set_input_files("input[type=file]", video)
    expect(page.locator("[data-verdict]")).to_be_visible(timeout=60_000)
    return page.locator("[data-verdict]").get_attribute("data-verdict")


def test_a_portrait_speaks_with_consent_and_stops_being_shown_without_it(
    browser: Browser, stack: LocalStack, seed: dict[str, Any], tmp_path: Path
):
    complaints: list[str] = []
    owner = page_for_somebody(browser, stack, complaints)
    subject = page_for_somebody(browser, stack, complaints)
    stranger = page_for_somebody(browser, stack, complaints)

    # The owner signs in, takes a portrait and a recording with the browser's own devices, and asks.
    olivia = next(person for person in seed["people"] if person["role"] == "owner")
    owner.goto("/account/login/")
    owner.fill("input[name=login]", olivia["email"])
    owner.fill("input[name=password]", olivia["password"])
    owner.get_by_role("button", name="Sign in", exact=True).click()
    expect(owner.get_by_role("heading", name="Console")).to_be_visible()
    owner.goto("/console/portraits/new/")
    owner.fill("input[name=display_name]", "Maya")
    owner.fill("input[name=email]", "maya@mail.example")
    owner.get_by_role("button", name="Use the camera").click()
    owner.get_by_role("button", name="Take the picture").click()
    expect(owner.get_by_label("The picture that was taken")).to_be_visible()
    owner.get_by_role("button", name="Upload and check").click()
    expect(owner.get_by_alt_text("Maya at rest")).to_be_visible(timeout=INTAKE_MS)
    owner.goto("/console/driving-audio/new/")
    owner.get_by_role("button", name="Record here").click()
    owner.wait_for_timeout(RECORDED_MS)
    owner.get_by_role("button", name="Stop").click()
    expect(owner.get_by_label("What was recorded")).to_be_visible()
    owner.check("input[name=voice][value=synthetic]")
    owner.get_by_role("button", name="Upload and check").click()
    expect(owner.get_by_role("heading", name="New video")).to_be_visible(timeout=INTAKE_MS)
    owner.goto("/console/")
    owner.get_by_role("link", name="Ask for consent").click()
    owner.select_option("select[name=basis]", "other_person")
    owner.fill("[name=purpose]", "A greeting")
    owner.fill("[name=valid_until]", (datetime.now(UTC) + timedelta(days=20)).date().isoformat())
    owner.get_by_role("button", name="Ask").click()
    expect(owner.get_by_role("heading", name="Maya is asked")).to_be_visible()
    assert "/consent/" not in owner.content().replace(urlsplit(owner.url).path, "")

    # The subject, who has no account, reads and agrees.
    mailbox = Mailbox(stack.data_dir / "mail", "maya@mail.example")
    subject.goto(mailbox.consent_link())
    expect(subject.get_by_text("A greeting")).to_be_visible()
    subject.get_by_role("button", name="Yes, I allow it").click()
    subject.get_by_role("button", name="Record", exact=True).click()
    subject.wait_for_timeout(RECORDED_MS)
    subject.get_by_role("button", name="Stop").click()
    expect(subject.get_by_label("What was recorded")).to_be_visible()
    subject.get_by_role("button", name="Send it and go on").click()
    subject.get_by_label("Code").fill(mailbox.code())
    subject.get_by_role("button", name="Yes, I allow it").click()
    expect(subject.get_by_text("Your yes and your recording have arrived")).to_be_visible()

    # A reviewer is warned: before this browser's camera is a picture that does not move. Only they can go on.
    rita = sign_in(stack, next(person for person in seed["people"] if person["role"] == "reviewer"))
    confirm_recording(rita)
    receipt = mailbox.receipt_link()
    subject.goto(receipt)
    expect(subject.get_by_text("Keep the address of this page")).to_be_visible()

    # The owner makes the video and watches the progress become a player.
    owner.goto("/console/jobs/new/")
    owner.get_by_role("radio", name="Maya", exact=True).check()
    owner.get_by_role("button", name="Make the video").click()
    expect(owner.locator("video")).to_be_visible(timeout=RENDERING_MS)
    with owner.expect_download() as download:
        owner.get_by_role("link", name="Download").click()
    video = tmp_path / "video.mp4"
    download.value.save_as(video)

    # Anybody checks it; then the subject changes their mind.
    assert verdict_on(stranger, video) == "ours_intact"
    subject.goto(receipt)
    subject.get_by_role("link", name="My likeness").first.click()
    subject.get_by_label("Your e-mail address").fill("maya@mail.example")
    subject.get_by_role("button", name="Send me the link").click()
    subject.goto(mailbox.likeness_link())
    expect(subject.locator("video")).to_have_count(1)
    subject.get_by_role("link", name="Withdraw everything").click()
    subject.get_by_role("button", name="Yes, withdraw everything").click()
    expect(subject.get_by_role("link", name="Withdraw everything")).to_have_count(0)
    assert verdict_on(stranger, video) == "ours_withdrawn"
    owner.reload()
    expect(owner.locator("video")).to_have_count(0)

    assert complaints == []
