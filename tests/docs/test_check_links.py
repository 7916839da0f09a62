"""The check of the built site finds links that lead nowhere and pages that load from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs.check_links import faults


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/other.html").write_text('<h2 id="place">A place</h2>')
    (tmp_path / "style.css").write_text("body { background: url(paper.png) }")
    return tmp_path


def write_page(site: Path, body: str) -> None:
    (site / "index.html").write_text(f"<html><body>{body}</body></html>")


@pytest.mark.parametrize(
    "body",
    [
        '<a href="sub/other.html">page</a>',
        '<a href="sub/other.html#place">place</a>',
        '<b id="here"></b><a href="#here">here</a>',
        '<a href="https://example.org/anything">another site</a>',
        '<link rel="canonical" href="https://example.org/">',
    ],
)
def test_it_accepts_links_that_lead_somewhere(site: Path, body: str):
    write_page(site, body)
    assert faults(site) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="missing.html">page</a>', "there is no such file"),
        ('<img src="missing.png">', "there is no such file"),
        ('<a href="sub/other.html#nowhere">place</a>', "there is no such place"),
        ('<a href="#nowhere">place</a>', "there is no such place"),
        ('<script src="https://example.org/a.js"></script>', "from elsewhere"),
        ('<link rel="stylesheet" href="//example.org/font.css">', "from elsewhere"),
        ('<img src="https://example.org/badge.svg">', "from elsewhere"),
    ],
)
def test_it_names_what_is_wrong(site: Path, body: str, fault: str):
    write_page(site, body)
    assert [fault in line for line in faults(site)] == [True]


def test_it_finds_style_sheets_that_load_from_elsewhere(site: Path):
    (site / "style.css").write_text('@import "https://example.org/font.css";')
    assert len(faults(site)) == 1
