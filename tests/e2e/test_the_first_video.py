"""A new partner's first video, by the console alone and by ten lines of Python."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from config.local_stack import LocalStack
from tools.camera import CUT_BUTTONS

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
RENDERING_MS = 150_000
INTAKE_MS = 60_000
MOST_CLICKS = 12
MOST_LINES = 10
ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "first-video.md"


def test_the_console_alone_makes_it_in_few_clicks(
    browser: Browser, stack: LocalStack, seed: dict[str, Any]
) -> None:
    page = browser.new_context(base_url=stack.base_url).new_page()
    clicks: list[str] = []

    def click(name: str) -> None:
        clicks.append(name)
        page.get_by_role("button", name=name, exact=True).click()

    olivia = next(person for person in seed["people"] if person["role"] == "owner")
    page.goto("/console/")
    page.fill("input[name=login]", olivia["email"])
    page.fill("input[name=password]", olivia["password"])
    click("Sign in")
    open_samples(page, clicks)
    click("Begin with Maya")
    expect(page.get_by_role("heading", name="New video")).to_be_visible(timeout=INTAKE_MS)
    click("Make the video")
    expect(page.locator("video")).to_be_visible(timeout=RENDERING_MS)
    expect(page.get_by_role("link", name="Download the video")).to_be_visible()
    assert len(clicks) <= MOST_CLICKS, clicks
    page.context.close()


def open_samples(page: Page, clicks: list[str]) -> None:
    """The samples stand open in a new partner's console; another test may have made a video before."""
    expect(page.get_by_role("heading", name="Console")).to_be_visible()
    folded = page.locator("summary", has_text="Sample people")
    if folded.count():
        clicks.append("Sample people")
        folded.click()
    assert page.evaluate(CUT_BUTTONS) == []


def test_the_documents_lines_of_python_make_it(
    stack: LocalStack, seed: dict[str, Any], tmp_path: Path
) -> None:
    program = re.search(r"```python\n(.+?)```", DOCUMENT.read_text(), re.DOTALL)
    assert program is not None
    lines = [line for line in program[1].splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES
    ast.parse(program[1])
    written = program[1].replace("https://your.host", stack.base_url).replace("lk_...", seed["api_key"])
    package = {**os.environ, "PYTHONPATH": str(ROOT)}  # as if it were installed
    subprocess.run([sys.executable, "-c", written], cwd=tmp_path, env=package, check=True, timeout=240)
    assert (tmp_path / "first.mp4").read_bytes()[4:8] == b"ftyp"
