"""The front page shows what the service makes, and comes quickly; passkeys work as installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.append_only import use_sanctioned_reset
from tests.factories import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST_BYTES = 200_000
SLOW_PHONE = (
    20  # times slower than this machine, so that the page is drawn while its parts are still arriving
)
SHIFTS = """() => new Promise((resolve) => new PerformanceObserver((list) => {
  resolve(list.getEntries().reduce((sum, entry) => sum + entry.value, 0));
}).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => resolve(0), 1500))"""
# As a page arrives: its last element goes, again and again, and nothing before it may move.
MOVED = """() => {
  const parts = [...document.querySelectorAll("header :is(a, img, span), main *")]
    .filter((part) => !part.closest("video"));
  const place = (part) => {
    const at = part.getBoundingClientRect();
    return [at.left, at.top, part.closest("main") ? at.width : 0].map(Math.round).join();
  };
  const stood = new Map(parts.map((part) => [part, place(part)]));
  const moved = new Set();
  while (parts.length) {
    const last = parts.pop();
    last.remove();
    for (const part of parts) if (place(part) !== stood.get(part)) moved.add(part.outerHTML.slice(0, 80));
  }
  return [...moved];
}"""
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
use_sanctioned_reset()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A fresh browser profile on this service, under the name that browsers take passkeys for."""
    context = browser.new_context(base_url=live_server.url.replace("127.0.0.1", "localhost"))
    yield context.new_page()
    context.close()


def test_the_front_page_is_light_and_stands_still_before_it_moves(page: Page) -> None:
    weights: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        if not answer.url.endswith(".mp4"):
            weights[answer.url] = len(answer.body())

    page.on("response", weigh)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
    page.goto("/", wait_until="load")
    moving = page.locator("video[data-moving]")
    expect(moving).to_be_visible()
    assert page.evaluate(SHIFTS) == 0
    assert sum(weights.values()) <= MOST_BYTES, weights
    page.wait_for_function("document.querySelector('video[data-moving]').currentTime > 0.1")
    assert moving.evaluate("(video) => video.muted")


@pytest.mark.parametrize("width", [390, 700, 900, 1280])
def test_nothing_on_the_front_page_waits_for_what_comes_after_it(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    assert page.evaluate(MOVED) == []


def test_the_front_page_stays_still_for_who_asks_for_stillness(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    still = context.new_page()
    still.goto("/", wait_until="load")
    still.wait_for_timeout(500)
    assert still.locator("video[data-moving]").evaluate("(video) => video.paused && video.currentTime === 0")
    context.close()


def test_a_passkey_is_added_and_signs_in(page: Page, alice: User) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    authenticator: Any = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto("/account/login/")
    page.fill("input[name=login]", alice.email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Console")).to_be_visible()
    page.goto("/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button").first.click()
    expect(page.get_by_role("heading", name="Add Security Key")).to_be_visible()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Security key added.")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Console")).to_be_visible()
    assert complaints == []


def test_the_reference_is_searched_and_a_call_is_tried(page: Page) -> None:
    page.goto("/docs/api/")
    page.get_by_label("Search").fill("checkpoint signed head")
    expect(page.locator("[data-found]")).to_have_text("2 calls")
    call = page.locator("#get_checkpoint")
    call.locator("summary").first.click()
    expect(call.locator(".snippet-curl")).to_be_visible()
    page.get_by_role("radio", name="Python").check()
    expect(call.locator(".snippet-python")).to_be_visible()
    expect(call.locator(".snippet-curl")).to_be_hidden()
    call.get_by_text("Try it").click()
    call.get_by_role("button", name="Send").click()
    expect(call.locator("[data-answer]")).to_have_text(re.compile(r"^\d{3} "))
