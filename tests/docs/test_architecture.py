"""docs/architecture.md draws every room, and the reference lists what each imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.docs.reference_rooms import dotted, imported_rooms, rooms, rooms_page

# Rooms inside of training, of a service and of verification, drawn as one with what is around them.
NOT_DRAWN = {"consent", "examples", "procedural_animator", "synthesisers"}
PAGE = Path(__file__).resolve().parents[2] / "docs/architecture.md"


def test_it_names_every_room():
    words = set(re.findall(r"\w+", PAGE.read_text()))
    assert {folder.name for folder in rooms()} - words - NOT_DRAWN == set()


@pytest.mark.slow
def test_every_room_states_its_purpose():
    assert "|  |" not in rooms_page()


def test_it_tells_a_room_from_a_module_of_the_room_around_it():
    folders = {dotted(folder): folder for folder in rooms()}
    found = imported_rooms(folders["generation.animation.portrait"], set(folders))
    assert "generation.animation.face" in found
    assert "generation.animation" not in found
