"""An installed package that adds a renderer and a motion source."""

from __future__ import annotations

from pathlib import Path

import pytest

ENTRY_POINTS = """
[likeness.renderers]
painted = tests.generation.extending.painted_renderer:load
face_rig = tests.generation.extending.painted_renderer:load

[likeness.motion_sources]
jaw = tests.generation.extending.jaw_motion:load
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's metadata on the path, as pip installs it. It tries to replace a bundled renderer too."""
    metadata = tmp_path / "painted-3.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: painted\nVersion: 3.1\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
