"""The reference covers what is promised to stay: every call, every command, every package that is there."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands

from config.api import api
from tools.docs.reference import PACKAGES, pages, write_reference
from tools.docs.reference_commands import APPS

pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_it_has_a_page_for_every_package_that_is_there():
    there = {f"{name.replace('.', '-')}.md" for name in PACKAGES if find_spec(name)}
    assert there <= set(pages())
    assert {"provenance-watermark.md", "provenance-log.md"} <= there


@pytest.mark.slow
def test_it_lists_every_call_of_the_api():
    page = pages()["http-api.md"]
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method in operations:
            assert f"### `{method.upper()} {path}`" in page


def test_it_lists_every_command():
    page = pages()["commands.md"]
    own = [name for name, app in get_commands().items() if app in APPS]
    assert "verify_video" in own
    assert all(f"## `{name}`" in page for name in own)


def test_it_leaves_unchanged_pages_alone_and_removes_old_ones(tmp_path: Path):
    write_reference(tmp_path)
    (tmp_path / "gone.md").write_text("a package that is no more")
    before = (tmp_path / "animation.md").stat().st_mtime_ns
    write_reference(tmp_path)
    assert (tmp_path / "animation.md").stat().st_mtime_ns == before
    assert not (tmp_path / "gone.md").exists()
