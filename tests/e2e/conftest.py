"""A whole Likeness on loopback and a real browser."""

from __future__ import annotations

import json
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from config.local_stack import LocalStack

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Web server, workers and Redis with a database of their own; small pictures keep it quick."""
    data_dir = tmp_path_factory.mktemp("stack")
    with LocalStack(data_dir, port=0, environment={"LIKENESS_VIDEO_SIZE": "256"}) as running:
        yield running


@pytest.fixture(scope="session")
def seed(stack: LocalStack) -> dict[str, Any]:
    """The demonstration's people and key."""
    people: dict[str, Any] = json.loads(stack.manage("seed_demo"))
    return people


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def short_speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two seconds of a sample."""
    path = tmp_path_factory.mktemp("speech") / "hello.wav"
    with (
        wave.open(str(ROOT / "samples/speech/sample1_female_calm.wav")) as sample,
        wave.open(str(path), "wb") as cut,
    ):
        cut.setparams(sample.getparams())
        cut.writeframes(sample.readframes(2 * sample.getframerate()))
    return path
