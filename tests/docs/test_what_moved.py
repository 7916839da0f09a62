"""docs/what-moved.md tells where each module is now, and nothing that is not so."""

from __future__ import annotations

import re
from pathlib import Path

from generation.animation.face import landmarks, matting
from generation.animation.portrait import portrait_crop
from generation.animation.track import arkit

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/what-moved.md"


def moves() -> list[tuple[str, str]]:
    """Old and new name of every row of the tables of modules; one that became several has a pair for each."""
    modules = PAGE.read_text().split("## Modules")[1]
    rows = re.findall(r"^\| `([\w.]+)` \| (`.+`) \|$", modules, re.MULTILINE)
    return [(old, new) for old, now in rows for new in re.findall(r"`([\w.]+)`", now)]


def is_there(module: str) -> bool:
    place = ROOT / module.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def test_every_new_place_is_there():
    assert [new for _, new in moves() if not is_there(new)] == []


def test_every_old_place_is_gone_or_became_a_folder():
    left = [old for old, _ in moves() if (ROOT / f"{old.replace('.', '/')}.py").is_file()]
    assert left == []


def test_no_place_is_named_twice():
    news = [new for _, new in moves()]
    assert len(news) == len(set(news)) > 200


def test_measuring_scripts_find_what_they_use_where_the_page_says():
    text = PAGE.read_text()
    for module, name in (
        (landmarks, "detect_faces"),
        (matting, "person_matte"),
        (portrait_crop, "MARGIN, cut_frame"),
        (arkit, "ARKIT_ACTIONS"),
    ):
        assert f"from {module.__name__} import {name}" in text
        assert all(hasattr(module, part) for part in name.split(", "))
