"""Workflows, forms and hooks are well formed, and call what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def name_of(path: Path) -> str:
    return path.name


def read(path: Path) -> dict[str, Any]:
    values = yaml.safe_load(path.read_text())
    assert isinstance(values, dict)
    return values


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_runs_make_targets_and_nothing_else(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = [step["run"].split() for step in steps if "run" in step]
    assert commands
    assert {command[0] for command in commands} == {"make"}
    assert {command[1] for command in commands} <= make_targets()
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in steps if "uses" in step)


def test_the_checks_cover_style_types_tests_package_and_documentation() -> None:
    jobs = read(ROOT / ".github/workflows/checks.yml")["jobs"]
    called = {step["run"].split()[1] for job in jobs.values() for step in job["steps"] if "run" in step}
    assert called == {"lint", "types", "test", "package", "docs"}


def test_the_tests_run_on_every_python_that_the_package_names() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    versions = [name.rpartition(" ")[2] for name in named if re.search(r":: Python :: 3\.", name)]
    jobs = read(ROOT / ".github/workflows/checks.yml")["jobs"]
    assert all(jobs[job]["strategy"]["matrix"]["python"] == versions for job in ("test", "package"))
    makefile = (ROOT / "Makefile").read_text()
    assert all(f"(3, {version.removeprefix('3.')})" in makefile for version in versions)


@pytest.mark.parametrize("path", FORMS, ids=name_of)
def test_a_form_asks_something_under_names_of_its_own(path: Path) -> None:
    form = read(path)
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    names = [field["id"] for field in fields]
    assert len(set(names)) == len(names) >= 1
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_the_hooks_are_the_project_s_own_and_fetch_nothing() -> None:
    config = read(ROOT / ".pre-commit-config.yaml")
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)
