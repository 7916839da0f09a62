"""The wheel holds the public face and the pure packages, and nothing of the service."""

from __future__ import annotations

import ast
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.version import VERSION
from tests.likeness.conftest import ROOT

PURE = ("common", "fingerprints", "log", "manifest", "sandbox", "verify", "watermark")
WHOLE = ("likeness", *(f"provenance/{name}" for name in PURE))
OF_DJANGO = {
    f"provenance/common/{name}.py"
    for name in (
        "advisory_lock",
        "clock",
        "keyset",
        "listing",
        "pages",
        "rate_limit",
        "readable_text",
        "request_text",
        "shared_cache",
        "uploads",
    )
}
OF_TORCH = {"provenance/watermark/torch_embedder.py"}
SINGLE = (
    "provenance/__init__.py",
    "provenance/command_output.py",
    "provenance/offline.py",
    "provenance/py.typed",
    "provenance/version.py",
)
# Of the service, and what only its workers, the training or the tests need.
FOREIGN = {
    "accounts", "celery", "config", "django", "generation", "ninja", "numba", "redis",
    "tests", "tools", "torch",
}  # fmt: skip


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if not name.startswith(f"likeness-{VERSION}.dist-info/")]


def imports_of(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def test_it_holds_these_files_and_no_other(names: list[str]) -> None:
    expected = {
        str(path.relative_to(ROOT))
        for folder in WHOLE
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(names) == (expected | set(SINGLE)) - OF_DJANGO - OF_TORCH


def test_it_is_typed(names: list[str]) -> None:
    assert {"likeness/py.typed", "provenance/py.typed"} <= set(names)


def test_nothing_in_it_imports_what_is_not_in_it_or_belongs_to_the_service(
    wheel: Path, names: list[str]
) -> None:
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names}
    with zipfile.ZipFile(wheel) as archive:
        wanted = {
            (name, found)
            for name in names
            if name.endswith(".py")
            for found in imports_of(archive.read(name).decode())
        }
    ours = {(name, found) for name, found in wanted if found.split(".")[0] in {"likeness", "provenance"}}
    assert {(name, found) for name, found in ours if found not in modules} == set()
    assert {(name, found) for name, found in wanted if found.split(".")[0] in FOREIGN} == set()


def test_it_is_described_by_the_version_in_the_one_place(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"likeness-{VERSION}.dist-info/METADATA").decode()
        scripts = archive.read(f"likeness-{VERSION}.dist-info/entry_points.txt").decode()
    assert f"\nVersion: {VERSION}\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert "likeness = likeness.commands.tree:main" in scripts
