"""In a real browser, a portrait follows the controls, and keyframes are set, moved, copied and taken back."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner, User
from generation.models import Job
from generation.services.studio import drafting
from generation.studio.studio_order import StudioOrder
from generation.studio.studio_pool import StudioPool
from tests.append_only import use_sanctioned_reset
from tests.conftest import browser_of
from tests.factories import granted_consent
from tests.generation.conftest import stored_audio, stored_portrait

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DURATION_S = 0.6
CURVES = (
    "head_yaw",
    "head_pitch",
    "head_roll",
    "distance",
    "gaze_yaw",
    "gaze_pitch",
    "brows",
    "lids",
    "smile",
)
TIMELINE = {
    "duration_s": DURATION_S,
    "fps": 25,
    "peaks_per_s": 50,
    "peaks": [0.5] * 30,
    "phones": [[0.1, 0.3, "M", "PP"]],
}
use_sanctioned_reset()


class Painted(StudioPool):
    """Answers at once: a grey picture, and the timeline of a recording in which little happens."""

    def __init__(self) -> None:
        super().__init__(1)
        self.orders: list[StudioOrder] = []

    def make(self, order: StudioOrder, **files: object) -> bytes:
        self.orders.append(order)
        if order.kind == "timeline":
            return json.dumps(TIMELINE).encode()
        if order.kind == "curves":
            return json.dumps({"first": 0, "curves": dict.fromkeys(CURVES, [0.0] * 15)}).encode()
        picture = io.BytesIO()
        Image.new("RGB", (16, 16), (120, 120, 120)).save(picture, "JPEG")
        return picture.getvalue()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Painted:
    painted = Painted()
    monkeypatch.setattr(drafting, "_pool", lambda process_id: painted)
    return painted


@pytest.fixture
def _inputs(alice: User, partner_a: Partner, tmp_path: Path) -> None:
    """A portrait with consent, and a recording."""
    granted_consent(stored_portrait(partner_a, tmp_path), alice)
    stored_audio(partner_a, tmp_path, DURATION_S)


@pytest.fixture
def page(
    browser: Browser, live_server: LiveServer, alice: User, pool: Painted, _inputs: None
) -> Iterator[Page]:
    """Alice's browser in the studio, whose first still is there."""
    context = browser.new_context(base_url=live_server.url)
    session = browser_of(alice).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto("/console/studio/")
    expect(page.get_by_alt_text("Draft at")).to_be_visible()
    yield page
    context.close()
    assert complaints == []


def directed(page: Page) -> dict[str, Any]:
    text = page.locator("#id_direction").input_value()
    return json.loads(text) if text else {}


def keyframe(page: Page, words: str) -> Any:
    return page.get_by_role("button", name=words)


def test_the_studio_fits_a_telephone_with_text_of_twice_the_size(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for language in ("en", "de", "fr", "es", "it"):
        page.goto(f"/console/studio/?lang={language}")
        expect(page.locator("[data-names]").get_by_role("button").first).to_be_attached()
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, language


def test_a_slider_moves_the_portrait_and_a_keyframe_keeps_it(page: Page, pool: Painted) -> None:
    page.get_by_label("Gaze, left to right").fill("12")
    expect(page.locator("[data-studio]")).not_to_have_attribute("data-stills", "1")
    page.get_by_role("button", name="Add a keyframe at the cursor: Gaze").click()
    expect(keyframe(page, "gaze yaw 12")).to_be_focused()

    (row,) = directed(page)["keyframes"]
    assert (row["gaze_yaw"], row["gaze_pitch"]) == (12, 0)
    expect(page.locator("[data-studio]")).not_to_have_attribute("data-stills", "2")
    page.get_by_role("button", name="Make the video").click()
    page.wait_for_url("**/console/jobs/job_*/")
    assert Job.objects.get().direction["keyframes"] == [row]
    assert any(order.direction and order.kind == "still" for order in pool.orders)


def test_keyframes_are_moved_copied_deleted_and_taken_back_by_keyboard(page: Page) -> None:
    cursor = page.get_by_role("slider", name="Cursor")
    cursor.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Add a keyframe at the cursor: Head").focus()
    page.keyboard.press("Enter")
    expect(keyframe(page, "Head at 0.40 s: yaw 0")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(keyframe(page, "Head at 0.36 s: yaw 0")).to_be_focused()
    page.keyboard.press("Control+c")
    cursor.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Control+v")
    expect(keyframe(page, "Head at 0.00 s: yaw 0")).to_be_focused()
    assert [row["time_s"] for row in directed(page)["layer"]] == [0, 0.36]

    page.keyboard.press("Delete")
    expect(keyframe(page, "Head at 0.00 s")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(keyframe(page, "Head at 0.00 s")).to_have_count(1)
    page.get_by_role("button", name="Redo").click()
    assert [row["time_s"] for row in directed(page)["layer"]] == [0.36]


def test_a_keyframe_is_dragged_and_takes_are_compared(page: Page) -> None:
    page.get_by_label("Add at the cursor", exact=True).select_option("Nod")
    page.get_by_role("button", name="Add", exact=True).click()
    assert len(directed(page)["layer"]) == 3
    last = keyframe(page, "Head at").last
    before = directed(page)["layer"][-1]["time_s"]
    box, sheet = last.bounding_box(), page.locator("[data-sheet]").bounding_box()
    assert box is not None
    assert sheet is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(sheet["x"] + sheet["width"] * 0.8, box["y"] + 5, steps=4)
    page.mouse.up()
    assert directed(page)["layer"][-1]["time_s"] != before

    first = int(page.locator("#id_seed").input_value())
    with page.expect_request(
        lambda call: call.url.endswith("/still/") and f'"seed":{first},' not in (call.post_data or "")
    ):
        page.get_by_role("button", name="New take").click()
    expect(page.get_by_role("button", name="Take B")).to_have_attribute("aria-pressed", "true")
    other = int(page.locator("#id_seed").input_value())
    page.get_by_role("button", name="Take A").click()
    assert int(page.locator("#id_seed").input_value()) == first != other
    expect(page.locator("[data-note]")).to_be_hidden()


def test_numbers_are_written_as_the_language_of_the_page_does(page: Page) -> None:
    page.goto("/console/studio/?lang=de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("[data-studio]")).to_have_attribute("data-stills", re.compile(r"\d"))
    page.locator("[data-sheet] input[type=range]").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-clock]")).to_have_text("0,40 s")
    page.locator("#id_valence").fill("0.25")
    expect(page.locator("#id_valence + output")).to_have_text("0,25")
    page.locator(".lane-add").nth(1).click()
    expect(page.locator(".keyframe")).to_have_attribute("aria-label", re.compile(r"0,40 s: .* 0,25"))
    assert directed(page)["keyframes"][0]["valence"] == 0.25
