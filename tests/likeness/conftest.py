"""What the tests of the package share: a golden shelf, a stub, the wheel, and environments with it alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from provenance.version import VERSION
from tests.likeness.client.stub_service import StubService, stub_service

ROOT = Path(__file__).resolve().parents[2]
SHELF = ROOT / "tests/golden" / "0.1.0"


@pytest.fixture
def stub() -> Iterator[StubService]:
    """A service that answers as it is told."""
    with stub_service() as running:
        yield running


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `pip install .` builds it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    assert built.name == f"likeness-{VERSION}-py3-none-any.whl"
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and what it asks for, and nothing else."""
    return environment_with(wheel, tmp_path_factory.mktemp("environment") / "venv")


@pytest.fixture(scope="session")
def environment_with_decoders(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the extra `watermark`, and invisible-watermark without what it asks for."""
    folder = environment_with(wheel, tmp_path_factory.mktemp("environment") / "venv", extra="watermark")
    install_again("invisible-watermark", packages_of(folder))
    return folder


def environment_with(wheel: Path, folder: Path, *, extra: str = "") -> Path:
    """Needs no network: the distributions are those that run the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = packages_of(folder)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    for name in asked_for(packages / f"likeness-{VERSION}.dist-info", extra):
        install_again(name, packages)
    return folder


def packages_of(environment: Path) -> Path:
    (packages,) = environment.glob("lib/python*/site-packages")
    return packages


def asked_for(dist_info: Path, extra: str) -> set[str]:
    """All distributions that the wheel asks for with this extra, and those that they ask for."""
    own = [
        line.removeprefix("Requires-Dist: ")
        for line in (dist_info / "METADATA").read_text().splitlines()
        if line.startswith("Requires-Dist: ")
    ]
    wanted = [(line, extra) for line in own]
    names: set[str] = set()
    while wanted:
        line, under = wanted.pop()
        requirement = Requirement(line)
        is_wanted = requirement.marker is None or requirement.marker.evaluate({"extra": under})
        if is_wanted and requirement.name not in names:
            names.add(requirement.name)
            wanted += [(below, "") for below in distribution(requirement.name).requires or []]
    return names


def install_again(name: str, packages: Path) -> None:
    """Put the files of an installed distribution into another `site-packages`."""
    found = distribution(name)
    for file in found.files or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = packages / str(file)
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(Path(str(found.locate_file(file))), target)


def link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # on another file system
        shutil.copy(source, target)
