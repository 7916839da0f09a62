"""docs/extending.md shows the modules that the tests run, word for word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generation.animation.motion.emotions import EMOTION_TABLE, Emotion
from generation.animation.registry import MOTION_SOURCES, RENDERERS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/extending.md").read_text()
BLOCKS = re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("module", ["painted_renderer", "jaw_motion"])
def test_it_shows_the_module_as_it_is(module: str) -> None:
    assert (ROOT / f"tests/generation/extending/{module}.py").read_text() in BLOCKS


def test_it_names_the_groups_of_the_registries() -> None:
    for group in (RENDERERS.group, MOTION_SOURCES.group):
        assert f'[project.entry-points."{group}"]' in PAGE


def test_its_emotion_is_a_row_that_the_table_takes() -> None:
    (row,) = (block for block in BLOCKS if "Emotion(" in block)
    rows = eval(f"{{{row}}}", {"Emotion": Emotion})  # noqa: S307 - our own page
    assert not set(rows) & set(EMOTION_TABLE)


def test_the_receiver_that_it_shows_can_be_connected() -> None:
    (code,) = (block for block in BLOCKS if "@receiver" in block)
    from generation.events import job_state_changed

    before = len(job_state_changed.receivers)
    scope: dict[str, Any] = {}
    exec(compile(code, "docs/extending.md", "exec"), scope)  # noqa: S102 - our own page
    assert len(job_state_changed.receivers) == before + 1
    assert job_state_changed.disconnect(scope["tell_somebody"])
