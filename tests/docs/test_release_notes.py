"""The change log, the citation file and the release procedure agree."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHANGE_LOG = (ROOT / "CHANGELOG.md").read_text()


def releases() -> list[tuple[str, str]]:
    """Version and date of every release, newest first."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", CHANGE_LOG, re.MULTILINE)


def test_the_change_log_keeps_a_place_for_what_is_not_released():
    headings = re.findall(r"^## .*$", CHANGE_LOG, re.MULTILINE)
    assert headings[0] == "## [Unreleased]"
    assert len(headings) == len(releases()) + 1, "a release without a version or a date"


def test_releases_are_in_order():
    numbers = [tuple(map(int, version.split("."))) for version, _ in releases()]
    assert numbers == sorted(numbers, reverse=True)
    assert [date for _, date in releases()] == sorted((date for _, date in releases()), reverse=True)


def test_the_citation_names_the_newest_release():
    citation = (ROOT / "CITATION.cff").read_text()
    version, date = releases()[0]
    assert f"\nversion: {version}\n" in citation
    assert f"\ndate-released: {date}\n" in citation
