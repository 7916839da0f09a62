"""A whole Likeness on loopback and a real browser."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from config.local_stack import LocalStack
from tests.running_service import RunningService

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=20_000)  # A busy machine shows a page late; that is no fault of the page.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def stack(service: RunningService) -> LocalStack:
    """Web server, workers and Redis with a database of their own."""
    return service.stack


@pytest.fixture(scope="session")
def seed(service: RunningService) -> dict[str, Any]:
    """The demonstration's people and key."""
    return service.seed


@pytest.fixture(scope="module")
def browser(service: RunningService, camera_picture: Path) -> Iterator[Browser]:
    """Debian's Chromium, with a camera before Maya and a microphone that hears speech."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    devices = [
        "--use-fake-ui-for-media-stream",  # presses "Allow"
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera_picture}",
        f"--use-file-for-fake-audio-capture={service.speech}",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *devices])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def camera_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of motion JPEG of a sample portrait, 960 x 720 as cameras give it."""
    path = tmp_path_factory.mktemp("camera") / "maya.mjpeg"
    with Image.open(ROOT / "samples/portraits/maya.jpg") as portrait:
        frame = portrait.resize((960, 960)).crop((0, 60, 960, 780))
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=92)
    path.write_bytes(buffer.getvalue() * 30)
    return path
