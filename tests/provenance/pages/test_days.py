"""Days are written as each language does: the first of a month is an ordinal in French and Italian."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation
from playwright.sync_api import sync_playwright

from provenance.pages.days import written_day
from provenance.pages.in_language import in_language

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = shutil.which("chromium")
FIRST = {
    "en": "1 December 2026",
    "de": "1. Dezember 2026",
    "fr": "1er décembre 2026",
    "es": "1 de diciembre de 2026",
    "it": "1º dicembre 2026",
}
ELEVENTH = {
    "en": "11 December 2026",
    "de": "11. Dezember 2026",
    "fr": "11 décembre 2026",
    "es": "11 de diciembre de 2026",
    "it": "11 dicembre 2026",
}
PAGE = """<!doctype html><html lang="{}"><body>
<time data-local="day" datetime="2026-12-{:02}T12:00:00Z">?</time>"""


@pytest.mark.parametrize(("day", "written"), [(1, FIRST), (11, ELEVENTH)])
@pytest.mark.parametrize("language", FIRST)
def test_a_day_of_a_page_a_message_and_a_sentence(language: str, day: int, written: dict[str, str]) -> None:
    moment = datetime(2026, 12, day, 14, 30, tzinfo=UTC)
    template = Template('{{ at|date }}|{{ at|date:"DATETIME_FORMAT" }}|{{ at|date:"Y-m-d j" }}')
    with translation.override(language):
        page = template.render(Context({"at": moment}))
        sentence = in_language(f"2026-12-{day:02}")
        short = written_day(moment, "MONTH_DAY_FORMAT")
    assert page.split("|")[:2] == [written[language], f"{written[language]}, 14:30"]
    assert page.split("|")[2].startswith(f"2026-12-{day:02} ")
    assert sentence == written[language]
    assert written[language].startswith(short)


def test_what_is_no_day_is_written_as_django_does() -> None:
    template = Template('{{ none|date }}{{ text|date }}|{{ at|date:"c" }}|{{ at|date:"H:i" }}')
    with translation.override("fr"):
        at = datetime(2026, 12, 1, 9, 5, tzinfo=UTC)
        page = template.render(Context({"none": None, "text": "soon", "at": at}))
    assert page == "|2026-12-01T09:05:00+00:00|09:05"


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_the_script_that_writes_days_in_the_readers_clock_writes_them_so_too() -> None:
    said = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(timezone_id="UTC")
        for day in (1, 11):
            for language in FIRST:
                page.set_content(PAGE.format(language, day))
                page.add_script_tag(path=ROOT / "static/app.js")
                said[language, day] = page.locator("time").inner_text()
        browser.close()
    assert said == {(language, 1): text for language, text in FIRST.items()} | {
        (language, 11): text for language, text in ELEVENTH.items()
    }
