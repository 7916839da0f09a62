"""What the verify page's script does with the file that the browser still has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = shutil.which("chromium")
# An answer of several sections, which htmx announces one by one.
PAGE = """<!doctype html><title>answer</title><input type="file" id="file"><div id="result">
<section></section>
<section><div data-frame="0.2"><svg viewBox="0 0 9 9"></svg></div>
  <button type="button" data-seek="0.5" hidden>Show</button></section>
<section data-as-made="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='40' height='10'/>"
  data-count="2" hidden>
  <canvas data-place="0"></canvas><canvas data-place="1"></canvas>
  <canvas data-second="0.1"></canvas><canvas data-second="0.6"></canvas></section></div>"""
ANNOUNCE = """() => { for (const section of document.querySelectorAll("#result > section"))
  section.dispatchEvent(new Event("htmx:load", {bubbles: true})); }"""


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_the_file_is_shown_once_under_its_regions_and_beside_what_we_made() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content(PAGE)
        page.add_script_tag(path=ROOT / "static/verify.js")
        page.set_input_files("#file", ROOT / "tests/vectors/unmarked_and_unsigned.mp4")
        page.evaluate(ANNOUNCE)
        expect(page.locator("video")).to_have_count(1)
        expect(page.get_by_role("button", name="Show")).to_be_visible()
        section = page.locator("[data-as-made]")
        expect(section).to_be_visible(timeout=20_000)
        expect(section).to_have_attribute("data-left", "0", timeout=20_000)
        assert page.evaluate("document.querySelector('[data-place]').width") == 20
        assert page.evaluate("document.querySelector('[data-second]').width") == 240
        browser.close()
