"""The README's Python quick start is short, and does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def quick_start() -> str:
    """The one block of Python in the README."""
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    return str(block)


def test_it_has_at_most_ten_lines():
    assert len(quick_start().strip().splitlines()) <= 10


@pytest.mark.slow
def test_it_draws_two_seconds_of_a_person_who_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    exec(compile(quick_start(), str(README), "exec"), {})  # noqa: S102 - the README is ours
    with Image.open(tmp_path / "speaking.webp") as picture:
        assert picture.size == (512, 512)
        assert 40 < getattr(picture, "n_frames", 1) <= 50, "frames that are alike become one"


def test_it_names_the_two_commands():
    assert re.search(r"```sh\nmake demo .*\nmake test ", README.read_text())


def test_its_picture_moves_and_is_small():
    (name,) = re.findall(r"!\[.*?\]\((docs/images/\S+)\)", README.read_text())
    assert (ROOT / name).stat().st_size <= 2_000_000
    with Image.open(ROOT / name) as picture:
        assert getattr(picture, "n_frames", 1) > 1
