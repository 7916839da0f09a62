"""A portrait speaks live in a browser with a microphone, and by the client; what was received verifies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
import requests
from playwright.sync_api import Browser, expect

from config.local_stack import LocalStack
from tests.e2e.test_the_whole_way import page_for_somebody, verdict_on
from tests.running_service import RunningService
from tools.visitor import confirm_attestation, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
STARTING_MS = 120_000
SEALED_S = 60


@pytest.fixture(scope="module")
def speaker(stack: LocalStack, seed: dict[str, Any]) -> str:
    """The id of a portrait of nobody, with a confirmed consent that names live use."""
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {seed['api_key']}"
    url = f"{stack.base_url}/v1"
    subject = api.post(f"{url}/subjects", json={"display_name": "Tomas"}, timeout=60).json()
    with (ROOT / "samples/portraits/tomas.jpg").open("rb") as file:
        picture = {"file": ("tomas.jpg", file, "image/jpeg")}
        sent = {"subject_id": subject["id"]}
        portrait = api.post(f"{url}/portraits", data=sent, files=picture, timeout=120).json()
    assert "id" in portrait, portrait
    asked = {
        "portrait_id": portrait["id"],
        "basis": "nonexistent_person",
        "purpose": "A conversation",
        "statement": "One of the bundled samples: nobody is shown.",
        "valid_until": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        "max_videos": 3,
        "allows_live": True,
    }
    consent = api.post(f"{url}/consents", json=asked, timeout=60).json()
    reviewer = next(person for person in seed["people"] if person["role"] == "reviewer")
    confirm_attestation(sign_in(stack, reviewer), f"/review/consents/{consent['id']}/")
    return str(portrait["id"])


@pytest.mark.usefixtures("speaker")
def test_a_portrait_speaks_live_and_what_was_received_verifies(
    browser: Browser, stack: LocalStack, seed: dict[str, Any], tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = page_for_somebody(browser, stack, complaints)
    olivia = next(person for person in seed["people"] if person["role"] == "owner")
    page.goto("/account/login/")
    page.fill("input[name=login]", olivia["email"])
    page.fill("input[name=password]", olivia["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Console")).to_be_visible()
    page.get_by_role("link", name="Speak live").click()
    page.select_option("#size", "256")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Verified live", exact=True)).to_be_visible(timeout=STARTING_MS)
    assert float(page.evaluate("document.querySelector('[data-picture]').currentTime")) > 0
    page.get_by_label("Gaze to the side").fill("12")
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("The session was ended.")).to_be_visible()
    expect(page.get_by_text("Verified live", exact=True)).to_be_hidden()
    session_id = page.locator("[data-id]").inner_text()
    recording = tmp_path / "recording.mp4"
    with page.expect_download() as download:
        page.get_by_text("Download what was received").click()
    download.value.save_as(recording)

    wait_until_sealed(stack, seed, session_id)
    assert verdict_on(page, recording) == "ours_recorded"
    said = page.get_by_role("paragraph").filter(has_text="It comes from a live session")
    expect(said).to_be_visible()
    expect(page.locator("#verdict-json")).to_contain_text(session_id)
    assert complaints == []


def wait_until_sealed(stack: LocalStack, seed: dict[str, Any], session_id: str) -> None:
    """Return when the record of a session is sealed, which takes as long as signing does."""
    deadline = datetime.now(UTC) + timedelta(seconds=SEALED_S)
    headers = {"Authorization": f"Bearer {seed['api_key']}"}
    while datetime.now(UTC) < deadline:
        answer = requests.get(f"{stack.base_url}/v1/live/{session_id}", headers=headers, timeout=60).json()
        if answer["sealed_at"]:
            return
        time.sleep(0.2)
    pytest.fail("The session's record was not sealed in time.")


def test_twenty_lines_of_python_speak_live(
    stack: LocalStack, seed: dict[str, Any], speaker: str, service: RunningService, tmp_path: Path
) -> None:
    video = tmp_path / "face.mp4"
    access = {"LIKENESS_SERVER": stack.base_url, "LIKENESS_API_KEY": seed["api_key"]}
    done = subprocess.run(
        [sys.executable, "-m", "examples.speak_live", speaker, str(service.speech), str(video)],
        cwd=ROOT,
        env={**os.environ, **access},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("each as it left the service\n")
    with av.open(str(video)) as received:
        assert received.streams.video[0].width == received.streams.video[0].height
        assert sum(1 for _ in received.decode(video=0)) > 25
